// SPDX-License-Identifier: Apache-2.0
//
// Numbers of the calls about the machine as a whole.
#include "syscalls/number_name_tables.h"

namespace outrider::names {

namespace {

// clang-format off: tables
// include/uapi/linux/bpf.h
constexpr NamedValue kBpfCommands[] = {
    {"BPF_MAP_CREATE", 0}, {"BPF_MAP_LOOKUP_ELEM", 1}, {"BPF_MAP_UPDATE_ELEM", 2},
    {"BPF_MAP_DELETE_ELEM", 3}, {"BPF_MAP_GET_NEXT_KEY", 4}, {"BPF_PROG_LOAD", 5},
    {"BPF_OBJ_PIN", 6}, {"BPF_OBJ_GET", 7}, {"BPF_PROG_ATTACH", 8}, {"BPF_PROG_DETACH", 9},
    {"BPF_PROG_TEST_RUN", 10}, {"BPF_PROG_GET_NEXT_ID", 11}, {"BPF_MAP_GET_NEXT_ID", 12},
    {"BPF_PROG_GET_FD_BY_ID", 13}, {"BPF_MAP_GET_FD_BY_ID", 14},
    {"BPF_OBJ_GET_INFO_BY_FD", 15}, {"BPF_PROG_QUERY", 16}, {"BPF_RAW_TRACEPOINT_OPEN", 17},
    {"BPF_BTF_LOAD", 18}, {"BPF_BTF_GET_FD_BY_ID", 19}, {"BPF_TASK_FD_QUERY", 20},
    {"BPF_MAP_LOOKUP_AND_DELETE_ELEM", 21}, {"BPF_MAP_FREEZE", 22}, {"BPF_BTF_GET_NEXT_ID", 23},
    {"BPF_MAP_LOOKUP_BATCH", 24}, {"BPF_MAP_LOOKUP_AND_DELETE_BATCH", 25},
    {"BPF_MAP_UPDATE_BATCH", 26}, {"BPF_MAP_DELETE_BATCH", 27}, {"BPF_LINK_CREATE", 28},
    {"BPF_LINK_UPDATE", 29}, {"BPF_LINK_GET_FD_BY_ID", 30}, {"BPF_LINK_GET_NEXT_ID", 31},
    {"BPF_ENABLE_STATS", 32}, {"BPF_ITER_CREATE", 33}, {"BPF_LINK_DETACH", 34},
    {"BPF_PROG_BIND_MAP", 35}, {"BPF_TOKEN_CREATE", 36}, {"BPF_PROG_STREAM_READ_BY_FD", 37}};
// include/uapi/linux/keyctl.h
constexpr NamedValue kKeyctlOperations[] = {
    {"KEYCTL_GET_KEYRING_ID", 0}, {"KEYCTL_JOIN_SESSION_KEYRING", 1}, {"KEYCTL_UPDATE", 2},
    {"KEYCTL_REVOKE", 3}, {"KEYCTL_CHOWN", 4}, {"KEYCTL_SETPERM", 5}, {"KEYCTL_DESCRIBE", 6},
    {"KEYCTL_CLEAR", 7}, {"KEYCTL_LINK", 8}, {"KEYCTL_UNLINK", 9}, {"KEYCTL_SEARCH", 10},
    {"KEYCTL_READ", 11}, {"KEYCTL_INSTANTIATE", 12}, {"KEYCTL_NEGATE", 13},
    {"KEYCTL_SET_REQKEY_KEYRING", 14}, {"KEYCTL_SET_TIMEOUT", 15},
    {"KEYCTL_ASSUME_AUTHORITY", 16}, {"KEYCTL_GET_SECURITY", 17},
    {"KEYCTL_SESSION_TO_PARENT", 18}, {"KEYCTL_REJECT", 19}, {"KEYCTL_INSTANTIATE_IOV", 20},
    {"KEYCTL_INVALIDATE", 21}, {"KEYCTL_GET_PERSISTENT", 22}, {"KEYCTL_DH_COMPUTE", 23},
    {"KEYCTL_PKEY_QUERY", 24}, {"KEYCTL_PKEY_ENCRYPT", 25}, {"KEYCTL_PKEY_DECRYPT", 26},
    {"KEYCTL_PKEY_SIGN", 27}, {"KEYCTL_PKEY_VERIFY", 28}, {"KEYCTL_RESTRICT_KEYRING", 29},
    {"KEYCTL_MOVE", 30}, {"KEYCTL_CAPABILITIES", 31}, {"KEYCTL_WATCH_KEY", 32}};
constexpr NamedValue kKeyrings[] = {
    {"KEY_SPEC_THREAD_KEYRING", negative(-1)}, {"KEY_SPEC_PROCESS_KEYRING", negative(-2)},
    {"KEY_SPEC_SESSION_KEYRING", negative(-3)}, {"KEY_SPEC_USER_KEYRING", negative(-4)},
    {"KEY_SPEC_USER_SESSION_KEYRING", negative(-5)}, {"KEY_SPEC_GROUP_KEYRING", negative(-6)},
    {"KEY_SPEC_REQKEY_AUTH_KEY", negative(-7)}, {"KEY_SPEC_REQUESTOR_KEYRING", negative(-8)}};
// include/uapi/linux/landlock.h
constexpr NamedValue kLandlockRules[] = {
    {"LANDLOCK_RULE_PATH_BENEATH", 1}, {"LANDLOCK_RULE_NET_PORT", 2}};
constexpr NamedValue kLandlockCreateBits[] = {
    {"LANDLOCK_CREATE_RULESET_VERSION", 1}, {"LANDLOCK_CREATE_RULESET_ERRATA", 2}};
constexpr NamedValue kLandlockRestrictBits[] = {
    {"LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF", 1},
    {"LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON", 2},
    {"LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF", 4}};
// include/uapi/linux/reboot.h
constexpr NamedValue kRebootMagics[] = {
    {"LINUX_REBOOT_MAGIC1", 0xfee1dead}, {"LINUX_REBOOT_MAGIC2", 672274793},
    {"LINUX_REBOOT_MAGIC2A", 85072278}, {"LINUX_REBOOT_MAGIC2B", 369367448},
    {"LINUX_REBOOT_MAGIC2C", 537993216}};
constexpr NamedValue kRebootCommands[] = {
    {"LINUX_REBOOT_CMD_CAD_OFF", 0}, {"LINUX_REBOOT_CMD_CAD_ON", 0x89abcdef},
    {"LINUX_REBOOT_CMD_HALT", 0xcdef0123}, {"LINUX_REBOOT_CMD_KEXEC", 0x45584543},
    {"LINUX_REBOOT_CMD_POWER_OFF", 0x4321fedc}, {"LINUX_REBOOT_CMD_RESTART", 0x01234567},
    {"LINUX_REBOOT_CMD_RESTART2", 0xa1b2c3d4}, {"LINUX_REBOOT_CMD_SW_SUSPEND", 0xd000fce2}};
// include/uapi/linux/kexec.h
constexpr NamedValue kKexecMachines[] = {
    {"KEXEC_ARCH_386", 3U << 16}, {"KEXEC_ARCH_X86_64", 62U << 16},
    {"KEXEC_ARCH_AARCH64", 183U << 16}};
constexpr NamedValue kKexecBits[] = {
    {"KEXEC_ON_CRASH", 1}, {"KEXEC_PRESERVE_CONTEXT", 2}, {"KEXEC_UPDATE_ELFCOREHDR", 4},
    {"KEXEC_CRASH_HOTPLUG_SUPPORT", 8}};
constexpr NamedValue kKexecFileBits[] = {
    {"KEXEC_FILE_UNLOAD", 1}, {"KEXEC_FILE_ON_CRASH", 2}, {"KEXEC_FILE_NO_INITRAMFS", 4},
    {"KEXEC_FILE_DEBUG", 8}};
// include/uapi/linux/module.h
constexpr NamedValue kModuleInitBits[] = {
    {"MODULE_INIT_IGNORE_MODVERSIONS", 1}, {"MODULE_INIT_IGNORE_VERMAGIC", 2},
    {"MODULE_INIT_COMPRESSED_FILE", 4}};
// delete_module(2)
constexpr NamedValue kModuleDeleteBits[] = {{"O_NONBLOCK", 04000}, {"O_TRUNC", 01000}};
// include/linux/syslog.h
constexpr NamedValue kSyslogActions[] = {
    {"SYSLOG_ACTION_CLOSE", 0}, {"SYSLOG_ACTION_OPEN", 1}, {"SYSLOG_ACTION_READ", 2},
    {"SYSLOG_ACTION_READ_ALL", 3}, {"SYSLOG_ACTION_READ_CLEAR", 4}, {"SYSLOG_ACTION_CLEAR", 5},
    {"SYSLOG_ACTION_CONSOLE_OFF", 6}, {"SYSLOG_ACTION_CONSOLE_ON", 7},
    {"SYSLOG_ACTION_CONSOLE_LEVEL", 8}, {"SYSLOG_ACTION_SIZE_UNREAD", 9},
    {"SYSLOG_ACTION_SIZE_BUFFER", 10}};
// include/uapi/linux/perf_event.h
constexpr NamedValue kPerfBits[] = {
    {"PERF_FLAG_FD_NO_GROUP", 1}, {"PERF_FLAG_FD_OUTPUT", 2}, {"PERF_FLAG_PID_CGROUP", 4},
    {"PERF_FLAG_FD_CLOEXEC", 8}};
// include/uapi/linux/random.h
constexpr NamedValue kRandomBits[] = {
    {"GRND_NONBLOCK", 1}, {"GRND_RANDOM", 2}, {"GRND_INSECURE", 4}};
// include/uapi/linux/lsm.h
constexpr NamedValue kLsmAttributes[] = {
    {"LSM_ATTR_UNDEF", 0}, {"LSM_ATTR_CURRENT", 100}, {"LSM_ATTR_EXEC", 101},
    {"LSM_ATTR_FSCREATE", 102}, {"LSM_ATTR_KEYCREATE", 103}, {"LSM_ATTR_PREV", 104},
    {"LSM_ATTR_SOCKCREATE", 105}};
// clang-format on

}  // namespace

const NumberNames kBpf{kWhole, kBpfCommands};
const NumberNames kKeyctl{kWhole, kKeyctlOperations};
const NumberNames kKeyring{kWhole, kKeyrings};
const NumberNames kLandlockRule{kWhole, kLandlockRules};
const NumberNames kLandlockCreate{.flags = kLandlockCreateBits};
const NumberNames kLandlockRestrict{.flags = kLandlockRestrictBits};
const NumberNames kReboot{kWhole, kRebootCommands};
const NumberNames kRebootMagic{kWhole, kRebootMagics};
const NumberNames kKexec{0xffff0000, kKexecMachines, kKexecBits};
const NumberNames kKexecFile{.flags = kKexecFileBits};
const NumberNames kModuleInit{.flags = kModuleInitBits};
const NumberNames kModuleDelete{.flags = kModuleDeleteBits};
const NumberNames kSyslog{kWhole, kSyslogActions};
const NumberNames kPerfOpen{.flags = kPerfBits};
const NumberNames kRandom{.flags = kRandomBits};
const NumberNames kLsmAttribute{kWhole, kLsmAttributes};

}  // namespace outrider::names
