// SPDX-License-Identifier: Apache-2.0
#include "syscalls/call_variants.h"

#include <fcntl.h>
#include <sys/prctl.h>

#include "syscalls/call_table.h"

namespace outrider {

namespace {

using namespace call_table;  // NOLINT(google-build-using-namespace)

constexpr Argument kCommand = named("cmd", names::kFcntl);
constexpr Argument kOption = named("option", names::kPrctl);

constexpr CallArguments with_argument(const Argument& argument) {
  return {{fd(), kCommand, argument}};
}
constexpr CallArguments kAlone = {{fd(), kCommand}};
constexpr CallArguments kLock = with_argument(structure("arg", structures::kFlock));
constexpr CallArguments kLongLock = with_argument(structure("arg", structures::kFlock64));

constexpr CallArguments with_option(const Argument& argument) { return {{kOption, argument}}; }
constexpr CallArguments kNothing = {{kOption}};

}  // namespace

// include/uapi/linux/fcntl.h and asm-generic/fcntl.h; numbers where older headers lack the name.
// clang-format off: tables
const CallVariant kFcntlVariants[26] = {
    {F_DUPFD, with_argument(integer("arg"))},
    {F_GETFD, kAlone},
    {F_SETFD, with_argument(named("arg", names::kDescriptorFlags))},
    {F_GETFL, kAlone},
    {F_SETFL, with_argument({kOpenFlags, "arg"})},
    {F_GETLK, kLock},
    {F_SETLK, kLock},
    {F_SETLKW, kLock},
    {8 /* F_SETOWN */, with_argument(process("arg"))},
    {9 /* F_GETOWN */, kAlone},
    {10 /* F_SETSIG */, with_argument(signal_number("arg"))},
    {11 /* F_GETSIG */, kAlone},
    {12 /* F_GETLK64 */, kLongLock},
    {13 /* F_SETLK64 */, kLongLock},
    {14 /* F_SETLKW64 */, kLongLock},
    {36 /* F_OFD_GETLK */, kLongLock},
    {37 /* F_OFD_SETLK */, kLongLock},
    {38 /* F_OFD_SETLKW */, kLongLock},
    {1024 /* F_SETLEASE */, with_argument(named("arg", names::kLease))},
    {1025 /* F_GETLEASE */, kAlone},
    {1026 /* F_NOTIFY */, with_argument(named("arg", names::kNotify))},
    {1030 /* F_DUPFD_CLOEXEC */, with_argument(integer("arg"))},
    {1031 /* F_SETPIPE_SZ */, with_argument(integer("arg"))},
    {1032 /* F_GETPIPE_SZ */, kAlone},
    {1033 /* F_ADD_SEALS */, with_argument(named("arg", names::kSeals))},
    {1034 /* F_GET_SEALS */, kAlone},
};

// include/uapi/linux/prctl.h
const CallVariant kPrctlVariants[22] = {
    {PR_SET_PDEATHSIG, with_option(signal_number("arg2"))},
    {PR_GET_DUMPABLE, kNothing},
    {PR_SET_DUMPABLE, with_option(word("arg2"))},
    {PR_GET_KEEPCAPS, kNothing},
    {PR_SET_KEEPCAPS, with_option(word("arg2"))},
    {PR_SET_NAME, with_option(text("arg2"))},
    {PR_GET_NAME, with_option(text("arg2"))},
    {PR_GET_SECCOMP, kNothing},
    {PR_SET_SECCOMP, {{kOption, word("arg2"), address("arg3")}}},
    {PR_CAPBSET_READ, with_option(named("arg2", names::kCapability))},
    {PR_CAPBSET_DROP, with_option(named("arg2", names::kCapability))},
    {PR_GET_SECUREBITS, kNothing},
    {PR_SET_TIMERSLACK, with_option(word("arg2"))},
    {PR_GET_TIMERSLACK, kNothing},
    {PR_SET_CHILD_SUBREAPER, with_option(word("arg2"))},
    {PR_SET_NO_NEW_PRIVS, with_option(word("arg2"))},
    {PR_GET_NO_NEW_PRIVS, kNothing},
    {PR_SET_THP_DISABLE, with_option(word("arg2"))},
    {PR_CAP_AMBIENT,
     {{kOption, named("arg2", names::kAmbient), named("arg3", names::kCapability)}}},
    {PR_GET_SPECULATION_CTRL, with_option(named("arg2", names::kSpeculation))},
    {PR_SET_SPECULATION_CTRL,
     {{kOption, named("arg2", names::kSpeculation), address("arg3")}}},
    {PR_SET_PTRACER, with_option(process("arg2"))},
};
// clang-format on

// What there may be is read before anybody knows the command.
const CallArguments kFcntlCaptured = kLongLock;
const CallArguments kPrctlCaptured = with_option(text("arg2"));

}  // namespace outrider
