// SPDX-License-Identifier: Apache-2.0
//
// Calls about the machine as a whole. Numbers and names are those of the kernel's tables:
// arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, scripts/syscall.tbl.
#include "syscalls/call_table.h"

namespace outrider {

namespace {

using namespace call_table;  // NOLINT(google-build-using-namespace)

constexpr Call kCalls[] = {
    call("bpf", 321, 357, 280,
         {{named("cmd", names::kBpf), structure("attr", structures::kBpfAttr), number("size")}}),
    call("perf_event_open", 298, 336, 241,
         {{structure("attr", structures::kPerfEventAttr), process(), integer("cpu"), fd("group_fd"),
           named_word("flags", names::kPerfOpen)}}),
    call("seccomp", 317, 354, 277,
         {{named("operation", names::kSeccomp), named("flags", names::kSeccompFlags),
           address("args")}}),
    call("landlock_create_ruleset", 444, 444, 444,
         {{structure("attr", structures::kLandlockRuleset), size("size"),
           named("flags", names::kLandlockCreate)}}),
    call("landlock_add_rule", 445, 445, 445,
         {{fd("ruleset_fd"), named("rule_type", names::kLandlockRule), address("rule_attr"),
           number("flags")}}),
    call("landlock_restrict_self", 446, 446, 446,
         {{fd("ruleset_fd"), named("flags", names::kLandlockRestrict)}}),
    call("lsm_get_self_attr", 459, 459, 459,
         {{named("attr", names::kLsmAttribute), address("ctx"), address("size"), number("flags")}}),
    call("lsm_set_self_attr", 460, 460, 460,
         {{named("attr", names::kLsmAttribute), address("ctx"), size("size"), number("flags")}}),
    call("lsm_list_modules", 461, 461, 461, {{address("ids"), address("size"), number("flags")}}),
    call("add_key", 248, 286, 217,
         {{text("type"), text("description"), bytes("payload", 3), size("plen"),
           named("keyring", names::kKeyring)}}),
    call("request_key", 249, 287, 218,
         {{text("type"), text("description"), text("callout_info"),
           named("dest_keyring", names::kKeyring)}}),
    call("keyctl", 250, 288, 219,
         {{named("operation", names::kKeyctl), address("arg2"), address("arg3"), address("arg4"),
           address("arg5")}}),
    call("init_module", 175, 128, 105,
         {{address("module_image"), size("len"), text("param_values")}}),
    call("finit_module", 313, 350, 273,
         {{fd(), text("param_values"), named("flags", names::kModuleInit)}}),
    call("delete_module", 176, 129, 106, {{text("name"), named("flags", names::kModuleDelete)}}),
    call("create_module", 174, 127, kNo, {{text("name"), size("size")}}),
    call("query_module", 178, 167, kNo,
         {{text("name"), integer("which"), address("buf"), size("bufsize"), address("ret")}}),
    call("get_kernel_syms", 177, 130, kNo, {{address("table")}}),
    call("kexec_load", 246, 283, 104,
         {{address("entry"), word("nr_segments"), address("segments"),
           named_word("flags", names::kKexec)}}),
    call("kexec_file_load", 320, kNo, 294,
         {{fd("kernel_fd"), fd("initrd_fd"), word("cmdline_len"), bytes("cmdline", 2),
           named_word("flags", names::kKexecFile)}}),
    call("reboot", 169, 88, 142,
         {{named("magic", names::kRebootMagic), named("magic2", names::kRebootMagic),
           named("cmd", names::kReboot), address("arg")}}),
    call("sethostname", 170, 74, 161, {{bytes("name", 1), size("len")}}),
    call("setdomainname", 171, 121, 162, {{bytes("name", 1), size("len")}}),
    call("uname", 63, 122, 160, {{address("buf")}}),
    call("olduname", kNo, 109, kNo, {{address("buf")}}),
    call("oldolduname", kNo, 59, kNo, {{address("buf")}}),
    call("sysinfo", 99, 116, 179, {{address("info")}}),
    call("syslog", 103, 103, 116,
         {{named("type", names::kSyslog), bytes_out("buf"), integer("len")}}),
    call("_sysctl", 156, 149, kNo, {{address("args")}}),
    call("sysfs", 139, 135, kNo, {{integer("option"), address("arg1"), address("arg2")}}),
    call("getrandom", 318, 355, 278,
         {{bytes_out("buf"), size("buflen"), named("flags", names::kRandom)}}),
    call("ioperm", 173, 101, kNo, {{word("from"), word("num"), integer("turn_on")}}),
    call("iopl", 172, 110, kNo, {{integer("level")}}),
    only(WIRE_WHEN_HUNG_UP, call("vhangup", 153, 111, 58)),
    call("vm86", kNo, 166, kNo, {{word("fn"), address("v86")}}),
    call("vm86old", kNo, 113, kNo, {{address("info")}}),
    call("uselib", 134, 86, kNo, {{path("library")}}),
    call("bdflush", kNo, 134, kNo, {{integer("func"), address("data")}}),
    call("nfsservctl", 180, 169, 42, {{integer("cmd"), address("argp"), address("resp")}}),
    call("vserver", 236, 273, kNo),

    // Numbers that no kernel of ours does anything for.
    call("afs_syscall", 183, 137, kNo),
    call("break", kNo, 17, kNo),
    call("getpmsg", 181, 188, kNo),
    call("gtty", kNo, 32, kNo),
    call("idle", kNo, 112, kNo),
    call("lock", kNo, 53, kNo),
    call("mpx", kNo, 56, kNo),
    call("prof", kNo, 44, kNo),
    call("profil", kNo, 98, kNo),
    call("putpmsg", 182, 189, kNo),
    call("security", 185, kNo, kNo),
    call("stty", kNo, 31, kNo),
    call("tuxcall", 184, kNo, kNo),
    call("ulimit", kNo, 58, kNo),
};

}  // namespace

std::span<const Call> calls_of_system() { return kCalls; }

}  // namespace outrider
