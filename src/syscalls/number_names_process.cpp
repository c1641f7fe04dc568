// SPDX-License-Identifier: Apache-2.0
//
// Numbers of the calls about processes, threads, signals and time.
#if defined(__x86_64__)
#include <asm/prctl.h>
#endif
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <linux/membarrier.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <ctime>

#include "syscalls/number_name_tables.h"

namespace outrider::names {

namespace {

// clang-format off: tables
// include/uapi/linux/sched.h. In the lowest byte is the signal that the parent gets.
constexpr NamedValue kExitSignals[] = {
    {"SIGHUP", 1}, {"SIGKILL", 9}, {"SIGUSR1", 10}, {"SIGUSR2", 12}, {"SIGTERM", 15},
    {"SIGCHLD", 17}};
constexpr NamedValue kCloneBits[] = {
    NAMED(CLONE_VM), NAMED(CLONE_FS), NAMED(CLONE_FILES), NAMED(CLONE_SIGHAND),
    NAMED(CLONE_PIDFD), NAMED(CLONE_PTRACE), NAMED(CLONE_VFORK), NAMED(CLONE_PARENT),
    NAMED(CLONE_THREAD), NAMED(CLONE_NEWNS), NAMED(CLONE_SYSVSEM), NAMED(CLONE_SETTLS),
    NAMED(CLONE_PARENT_SETTID), NAMED(CLONE_CHILD_CLEARTID), NAMED(CLONE_DETACHED),
    NAMED(CLONE_UNTRACED), NAMED(CLONE_CHILD_SETTID), NAMED(CLONE_NEWCGROUP), NAMED(CLONE_NEWUTS),
    NAMED(CLONE_NEWIPC), NAMED(CLONE_NEWUSER), NAMED(CLONE_NEWPID), NAMED(CLONE_NEWNET),
    NAMED(CLONE_IO), NAMED(CLONE_CLEAR_SIGHAND), NAMED(CLONE_INTO_CGROUP)};
constexpr NamedValue kUnshareBits[] = {
    NAMED(CLONE_NEWTIME), NAMED(CLONE_FS), NAMED(CLONE_FILES), NAMED(CLONE_NEWNS),
    NAMED(CLONE_SYSVSEM), NAMED(CLONE_NEWCGROUP), NAMED(CLONE_NEWUTS), NAMED(CLONE_NEWIPC),
    NAMED(CLONE_NEWUSER), NAMED(CLONE_NEWPID), NAMED(CLONE_NEWNET), NAMED(CLONE_VM),
    NAMED(CLONE_SIGHAND), NAMED(CLONE_THREAD)};
constexpr NamedValue kWaitBits[] = {
    NAMED(WNOHANG), {"WUNTRACED", 2}, NAMED(WEXITED), NAMED(WCONTINUED), NAMED(WNOWAIT),
    {"__WNOTHREAD", 0x20000000}, {"__WALL", 0x40000000}, {"__WCLONE", 0x80000000}};
constexpr NamedValue kWaitIds[] = {{"P_ALL", 0}, {"P_PID", 1}, {"P_PGID", 2}, {"P_PIDFD", 3}};

// include/uapi/linux/ptrace.h, arch/x86/include/uapi/asm/ptrace-abi.h
constexpr NamedValue kPtraceRequests[] = {
    {"PTRACE_TRACEME", 0}, {"PTRACE_PEEKTEXT", 1}, {"PTRACE_PEEKDATA", 2}, {"PTRACE_PEEKUSER", 3},
    {"PTRACE_POKETEXT", 4}, {"PTRACE_POKEDATA", 5}, {"PTRACE_POKEUSER", 6}, {"PTRACE_CONT", 7},
    {"PTRACE_KILL", 8}, {"PTRACE_SINGLESTEP", 9},
#if defined(__x86_64__)
    {"PTRACE_GETREGS", 12}, {"PTRACE_SETREGS", 13}, {"PTRACE_GETFPREGS", 14},
    {"PTRACE_SETFPREGS", 15}, {"PTRACE_GETFPXREGS", 18}, {"PTRACE_SETFPXREGS", 19},
    {"PTRACE_OLDSETOPTIONS", 21}, {"PTRACE_GET_THREAD_AREA", 25}, {"PTRACE_SET_THREAD_AREA", 26},
    {"PTRACE_ARCH_PRCTL", 30}, {"PTRACE_SYSEMU", 31}, {"PTRACE_SYSEMU_SINGLESTEP", 32},
    {"PTRACE_SINGLEBLOCK", 33},
#endif
    {"PTRACE_ATTACH", 16}, {"PTRACE_DETACH", 17}, {"PTRACE_SYSCALL", 24},
    {"PTRACE_SETOPTIONS", 0x4200}, {"PTRACE_GETEVENTMSG", 0x4201}, {"PTRACE_GETSIGINFO", 0x4202},
    {"PTRACE_SETSIGINFO", 0x4203}, {"PTRACE_GETREGSET", 0x4204}, {"PTRACE_SETREGSET", 0x4205},
    {"PTRACE_SEIZE", 0x4206}, {"PTRACE_INTERRUPT", 0x4207}, {"PTRACE_LISTEN", 0x4208},
    {"PTRACE_PEEKSIGINFO", 0x4209}, {"PTRACE_GETSIGMASK", 0x420a}, {"PTRACE_SETSIGMASK", 0x420b},
    {"PTRACE_SECCOMP_GET_FILTER", 0x420c}, {"PTRACE_SECCOMP_GET_METADATA", 0x420d},
    {"PTRACE_GET_SYSCALL_INFO", 0x420e}, {"PTRACE_GET_RSEQ_CONFIGURATION", 0x420f},
    {"PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG", 0x4210},
    {"PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG", 0x4211}, {"PTRACE_SET_SYSCALL_INFO", 0x4212}};

constexpr NamedValue kPrctlOptions[] = {
    NAMED(PR_SET_PDEATHSIG), NAMED(PR_GET_PDEATHSIG), NAMED(PR_GET_DUMPABLE),
    NAMED(PR_SET_DUMPABLE), NAMED(PR_GET_UNALIGN), NAMED(PR_SET_UNALIGN), NAMED(PR_GET_KEEPCAPS),
    NAMED(PR_SET_KEEPCAPS), NAMED(PR_GET_FPEMU), NAMED(PR_SET_FPEMU), NAMED(PR_GET_FPEXC),
    NAMED(PR_SET_FPEXC), NAMED(PR_GET_TIMING), NAMED(PR_SET_TIMING), NAMED(PR_SET_NAME),
    NAMED(PR_GET_NAME), NAMED(PR_GET_ENDIAN), NAMED(PR_SET_ENDIAN), NAMED(PR_GET_SECCOMP),
    NAMED(PR_SET_SECCOMP), NAMED(PR_CAPBSET_READ), NAMED(PR_CAPBSET_DROP), NAMED(PR_GET_TSC),
    NAMED(PR_SET_TSC), NAMED(PR_GET_SECUREBITS), NAMED(PR_SET_SECUREBITS),
    NAMED(PR_SET_TIMERSLACK), NAMED(PR_GET_TIMERSLACK), NAMED(PR_TASK_PERF_EVENTS_DISABLE),
    NAMED(PR_TASK_PERF_EVENTS_ENABLE), NAMED(PR_MCE_KILL), NAMED(PR_MCE_KILL_GET),
    NAMED(PR_SET_MM), NAMED(PR_SET_CHILD_SUBREAPER), NAMED(PR_GET_CHILD_SUBREAPER),
    NAMED(PR_SET_NO_NEW_PRIVS), NAMED(PR_GET_NO_NEW_PRIVS), NAMED(PR_GET_TID_ADDRESS),
    NAMED(PR_SET_THP_DISABLE), NAMED(PR_GET_THP_DISABLE), NAMED(PR_MPX_ENABLE_MANAGEMENT),
    NAMED(PR_MPX_DISABLE_MANAGEMENT), NAMED(PR_SET_FP_MODE), NAMED(PR_GET_FP_MODE),
    NAMED(PR_CAP_AMBIENT), NAMED(PR_SVE_SET_VL), NAMED(PR_SVE_GET_VL),
    NAMED(PR_GET_SPECULATION_CTRL), NAMED(PR_SET_SPECULATION_CTRL), NAMED(PR_PAC_RESET_KEYS),
    NAMED(PR_SET_TAGGED_ADDR_CTRL), NAMED(PR_GET_TAGGED_ADDR_CTRL), NAMED(PR_SET_IO_FLUSHER),
    NAMED(PR_GET_IO_FLUSHER), NAMED(PR_SET_SYSCALL_USER_DISPATCH), NAMED(PR_PAC_SET_ENABLED_KEYS),
    NAMED(PR_PAC_GET_ENABLED_KEYS), NAMED(PR_SCHED_CORE), NAMED(PR_SME_SET_VL),
    NAMED(PR_SME_GET_VL), NAMED(PR_SET_VMA), NAMED(PR_SET_PTRACER),
    // include/uapi/linux/prctl.h of 6.18
    {"PR_SET_MDWE", 65}, {"PR_GET_MDWE", 66}, {"PR_SET_MEMORY_MERGE", 67},
    {"PR_GET_MEMORY_MERGE", 68}, {"PR_RISCV_V_SET_CONTROL", 69}, {"PR_RISCV_V_GET_CONTROL", 70},
    {"PR_RISCV_SET_ICACHE_FLUSH_CTX", 71}, {"PR_PPC_GET_DEXCR", 72}, {"PR_PPC_SET_DEXCR", 73},
    {"PR_GET_SHADOW_STACK_STATUS", 74}, {"PR_SET_SHADOW_STACK_STATUS", 75},
    {"PR_LOCK_SHADOW_STACK_STATUS", 76}, {"PR_TIMER_CREATE_RESTORE_IDS", 77},
    {"PR_FUTEX_HASH", 78}, {"PR_GET_AUXV", 0x41555856}};
constexpr NamedValue kSpeculations[] = {
    {"PR_SPEC_STORE_BYPASS", 0}, {"PR_SPEC_INDIRECT_BRANCH", 1}, {"PR_SPEC_L1D_FLUSH", 2}};
constexpr NamedValue kAmbientCommands[] = {
    {"PR_CAP_AMBIENT_IS_SET", 1}, {"PR_CAP_AMBIENT_RAISE", 2}, {"PR_CAP_AMBIENT_LOWER", 3},
    {"PR_CAP_AMBIENT_CLEAR_ALL", 4}};
// arch/x86/include/uapi/asm/prctl.h; other architectures do not have the call.
constexpr NamedValue kArchPrctlCodes[] = {
    {"ARCH_SET_GS", 0x1001}, {"ARCH_SET_FS", 0x1002}, {"ARCH_GET_FS", 0x1003},
    {"ARCH_GET_GS", 0x1004}, {"ARCH_GET_CPUID", 0x1011}, {"ARCH_SET_CPUID", 0x1012},
    {"ARCH_GET_XCOMP_SUPP", 0x1021}, {"ARCH_GET_XCOMP_PERM", 0x1022},
    {"ARCH_REQ_XCOMP_PERM", 0x1023}, {"ARCH_GET_XCOMP_GUEST_PERM", 0x1024},
    {"ARCH_REQ_XCOMP_GUEST_PERM", 0x1025}, {"ARCH_MAP_VDSO_X32", 0x2001},
    {"ARCH_MAP_VDSO_32", 0x2002}, {"ARCH_MAP_VDSO_64", 0x2003}, {"ARCH_GET_UNTAG_MASK", 0x4001},
    {"ARCH_ENABLE_TAGGED_ADDR", 0x4002}, {"ARCH_GET_MAX_TAG_BITS", 0x4003},
    {"ARCH_FORCE_TAGGED_SVA", 0x4004}, {"ARCH_SHSTK_ENABLE", 0x5001},
    {"ARCH_SHSTK_DISABLE", 0x5002}, {"ARCH_SHSTK_LOCK", 0x5003}, {"ARCH_SHSTK_UNLOCK", 0x5004},
    {"ARCH_SHSTK_STATUS", 0x5005}};

constexpr NamedValue kSeccompOperations[] = {
    NAMED(SECCOMP_SET_MODE_STRICT), NAMED(SECCOMP_SET_MODE_FILTER),
    NAMED(SECCOMP_GET_ACTION_AVAIL), NAMED(SECCOMP_GET_NOTIF_SIZES)};
constexpr NamedValue kSeccompBits[] = {
    NAMED(SECCOMP_FILTER_FLAG_TSYNC), NAMED(SECCOMP_FILTER_FLAG_LOG),
    NAMED(SECCOMP_FILTER_FLAG_SPEC_ALLOW), NAMED(SECCOMP_FILTER_FLAG_NEW_LISTENER),
    NAMED(SECCOMP_FILTER_FLAG_TSYNC_ESRCH), {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 0x20}};

constexpr NamedValue kSigmaskHows[] = {NAMED(SIG_BLOCK), NAMED(SIG_UNBLOCK), NAMED(SIG_SETMASK)};
// include/uapi/asm-generic/signal-defs.h, arch/x86/include/uapi/asm/signal.h
constexpr NamedValue kSigactionBits[] = {
    {"SA_NOCLDSTOP", 1}, {"SA_NOCLDWAIT", 2}, {"SA_SIGINFO", 4}, {"SA_UNSUPPORTED", 0x400},
    {"SA_EXPOSE_TAGBITS", 0x800}, {"SA_RESTORER", 0x04000000}, {"SA_ONSTACK", 0x08000000},
    {"SA_RESTART", 0x10000000}, {"SA_NODEFER", 0x40000000}, {"SA_RESETHAND", 0x80000000}};
constexpr NamedValue kSigeventKinds[] = {
    {"SIGEV_SIGNAL", 0}, {"SIGEV_NONE", 1}, {"SIGEV_THREAD", 2}, {"SIGEV_THREAD_ID", 4}};
constexpr NamedValue kSigaltstackBits[] = {
    {"SS_ONSTACK", 1}, {"SS_DISABLE", 2}, {"SS_AUTODISARM", 0x80000000}};

// include/uapi/asm-generic/resource.h
constexpr NamedValue kResources[] = {
    {"RLIMIT_CPU", 0}, {"RLIMIT_FSIZE", 1}, {"RLIMIT_DATA", 2}, {"RLIMIT_STACK", 3},
    {"RLIMIT_CORE", 4}, {"RLIMIT_RSS", 5}, {"RLIMIT_NPROC", 6}, {"RLIMIT_NOFILE", 7},
    {"RLIMIT_MEMLOCK", 8}, {"RLIMIT_AS", 9}, {"RLIMIT_LOCKS", 10}, {"RLIMIT_SIGPENDING", 11},
    {"RLIMIT_MSGQUEUE", 12}, {"RLIMIT_NICE", 13}, {"RLIMIT_RTPRIO", 14}, {"RLIMIT_RTTIME", 15}};
constexpr NamedValue kRusages[] = {
    {"RUSAGE_SELF", 0}, {"RUSAGE_CHILDREN", negative(-1)}, {"RUSAGE_THREAD", 1}};
constexpr NamedValue kPriorityWhos[] = {
    {"PRIO_PROCESS", 0}, {"PRIO_PGRP", 1}, {"PRIO_USER", 2}};
// include/uapi/linux/sched.h
constexpr NamedValue kPolicies[] = {
    {"SCHED_OTHER", 0}, {"SCHED_FIFO", 1}, {"SCHED_RR", 2}, {"SCHED_BATCH", 3}, {"SCHED_IDLE", 5},
    {"SCHED_DEADLINE", 6}, {"SCHED_EXT", 7}};
constexpr NamedValue kPolicyBits[] = {{"SCHED_RESET_ON_FORK", 0x40000000}};
constexpr NamedValue kSchedAttributeBits[] = {
    {"SCHED_FLAG_RESET_ON_FORK", 1}, {"SCHED_FLAG_RECLAIM", 2}, {"SCHED_FLAG_DL_OVERRUN", 4},
    {"SCHED_FLAG_KEEP_POLICY", 8}, {"SCHED_FLAG_KEEP_PARAMS", 0x10},
    {"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20}, {"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40}};

constexpr NamedValue kFutexOperations[] = {
    NAMED(FUTEX_WAIT), NAMED(FUTEX_WAKE), NAMED(FUTEX_FD), NAMED(FUTEX_REQUEUE),
    NAMED(FUTEX_CMP_REQUEUE), NAMED(FUTEX_WAKE_OP), NAMED(FUTEX_LOCK_PI), NAMED(FUTEX_UNLOCK_PI),
    NAMED(FUTEX_TRYLOCK_PI), NAMED(FUTEX_WAIT_BITSET), NAMED(FUTEX_WAKE_BITSET),
    NAMED(FUTEX_WAIT_REQUEUE_PI), NAMED(FUTEX_CMP_REQUEUE_PI), NAMED(FUTEX_LOCK_PI2)};
constexpr NamedValue kFutexBits[] = {NAMED(FUTEX_PRIVATE_FLAG), NAMED(FUTEX_CLOCK_REALTIME)};
// include/uapi/linux/futex.h of 6.7
constexpr NamedValue kFutex2Sizes[] = {
    {"FUTEX2_SIZE_U8", 0}, {"FUTEX2_SIZE_U16", 1}, {"FUTEX2_SIZE_U32", 2}, {"FUTEX2_SIZE_U64", 3}};
constexpr NamedValue kFutex2Bits[] = {
    {"FUTEX2_NUMA", 4}, {"FUTEX2_MPOL", 8}, {"FUTEX2_PRIVATE", 0x80}};

// include/uapi/linux/time.h
constexpr NamedValue kClocks[] = {
    {"CLOCK_REALTIME", 0}, {"CLOCK_MONOTONIC", 1}, {"CLOCK_PROCESS_CPUTIME_ID", 2},
    {"CLOCK_THREAD_CPUTIME_ID", 3}, {"CLOCK_MONOTONIC_RAW", 4}, {"CLOCK_REALTIME_COARSE", 5},
    {"CLOCK_MONOTONIC_COARSE", 6}, {"CLOCK_BOOTTIME", 7}, {"CLOCK_REALTIME_ALARM", 8},
    {"CLOCK_BOOTTIME_ALARM", 9}, {"CLOCK_TAI", 11}};
constexpr NamedValue kTimerBits[] = {{"TIMER_ABSTIME", 1}};
constexpr NamedValue kIntervals[] = {
    {"ITIMER_REAL", 0}, {"ITIMER_VIRTUAL", 1}, {"ITIMER_PROF", 2}};
constexpr NamedValue kKcmpTypes[] = {
    NAMED(KCMP_FILE), NAMED(KCMP_VM), NAMED(KCMP_FILES), NAMED(KCMP_FS), NAMED(KCMP_SIGHAND),
    NAMED(KCMP_IO), NAMED(KCMP_SYSVSEM), NAMED(KCMP_EPOLL_TFD)};
// include/uapi/linux/pidfd.h
constexpr NamedValue kPidfdBits[] = {{"PIDFD_NONBLOCK", 04000}, {"PIDFD_THREAD", 0200}};
constexpr NamedValue kPidfdSignalBits[] = {
    {"PIDFD_SIGNAL_THREAD", 1}, {"PIDFD_SIGNAL_THREAD_GROUP", 2},
    {"PIDFD_SIGNAL_PROCESS_GROUP", 4}};
// include/uapi/linux/personality.h
constexpr NamedValue kPersonalities[] = {
    {"PER_LINUX", 0}, {"PER_LINUX32", 8}, {"PER_QUERY", 0xff}};
constexpr NamedValue kPersonalityBits[] = {
    {"UNAME26", 0x0020000}, {"ADDR_NO_RANDOMIZE", 0x0040000}, {"FDPIC_FUNCPTRS", 0x0080000},
    {"MMAP_PAGE_ZERO", 0x0100000}, {"ADDR_COMPAT_LAYOUT", 0x0200000},
    {"READ_IMPLIES_EXEC", 0x0400000}, {"ADDR_LIMIT_32BIT", 0x0800000},
    {"SHORT_INODE", 0x1000000}, {"WHOLE_SECONDS", 0x2000000}, {"STICKY_TIMEOUTS", 0x4000000},
    {"ADDR_LIMIT_3GB", 0x8000000}};
constexpr NamedValue kMembarrierCommands[] = {
    NAMED(MEMBARRIER_CMD_QUERY), NAMED(MEMBARRIER_CMD_GLOBAL),
    NAMED(MEMBARRIER_CMD_GLOBAL_EXPEDITED), NAMED(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED),
    NAMED(MEMBARRIER_CMD_PRIVATE_EXPEDITED), NAMED(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED),
    NAMED(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE),
    NAMED(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE),
    NAMED(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ),
    NAMED(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ),
    {"MEMBARRIER_CMD_GET_REGISTRATIONS", 0x200}};
constexpr NamedValue kRseqBits[] = {{"RSEQ_FLAG_UNREGISTER", 1}};
// arch/x86/kernel/ldt.c
constexpr NamedValue kModifyLdtFunctions[] = {
    {"read", 0}, {"write_old", 1}, {"read_default", 2}, {"write", 0x11}};
// include/uapi/linux/userfaultfd.h
constexpr NamedValue kUserfaultfdBits[] = {
    {"UFFD_USER_MODE_ONLY", 1}, {"O_NONBLOCK", 04000}, {"O_CLOEXEC", 02000000}};
// clang-format on

}  // namespace

const NumberNames kClone{0xff, kExitSignals, kCloneBits};
const NumberNames kUnshare{.flags = kUnshareBits};
const NumberNames kWait{.flags = kWaitBits};
const NumberNames kWaitId{kWhole, kWaitIds};
const NumberNames kPtrace{kWhole, kPtraceRequests};
const NumberNames kPrctl{kWhole, kPrctlOptions};
const NumberNames kSpeculation{kWhole, kSpeculations};
const NumberNames kAmbient{kWhole, kAmbientCommands};
const NumberNames kArchPrctl{kWhole, kArchPrctlCodes};
const NumberNames kSeccomp{kWhole, kSeccompOperations};
const NumberNames kSeccompFlags{.flags = kSeccompBits};
const NumberNames kSigmaskHow{kWhole, kSigmaskHows};
const NumberNames kSigaction{.flags = kSigactionBits};
const NumberNames kSigevent{kWhole, kSigeventKinds};
const NumberNames kSigaltstack{.flags = kSigaltstackBits};
const NumberNames kResource{kWhole, kResources};
const NumberNames kRusage{kWhole, kRusages};
const NumberNames kPriorityWho{kWhole, kPriorityWhos};
const NumberNames kPolicy{0x3fffffff, kPolicies, kPolicyBits};
const NumberNames kSchedAttribute{.flags = kSchedAttributeBits};
const NumberNames kFutex{0x7f, kFutexOperations, kFutexBits};
const NumberNames kFutex2{3, kFutex2Sizes, kFutex2Bits};
const NumberNames kClock{kWhole, kClocks};
const NumberNames kClockNanosleep{.flags = kTimerBits};
const NumberNames kTimer{.flags = kTimerBits};
const NumberNames kInterval{kWhole, kIntervals};
const NumberNames kKcmp{kWhole, kKcmpTypes};
const NumberNames kPidfd{.flags = kPidfdBits};
const NumberNames kPidfdSignal{.flags = kPidfdSignalBits};
const NumberNames kPersonality{0xff, kPersonalities, kPersonalityBits};
const NumberNames kMembarrier{kWhole, kMembarrierCommands};
const NumberNames kRseq{.flags = kRseqBits};
const NumberNames kModifyLdt{kWhole, kModifyLdtFunctions};
const NumberNames kUserfaultfd{.flags = kUserfaultfdBits};

}  // namespace outrider::names
