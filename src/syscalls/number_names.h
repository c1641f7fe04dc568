// SPDX-License-Identifier: Apache-2.0
//
// Names of the numbers that arguments of system calls have: commands, options, flags.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "events/descriptor.h"

namespace outrider {

struct NumberNames {
  // These bits together are one number, which has one of these names. ~0: all of them. 0: there are
  // only flags, and what has none of them is called by the first name.
  std::uint64_t mask = 0;
  std::span<const NamedValue> numbers = {};
  // The other bits are flags. One that contains the bits of others goes before them.
  std::span<const NamedValue> flags = {};
};

// "MAP_PRIVATE|MAP_ANONYMOUS|0x1000000"; what has no name is a number. Memory: static or the arena.
std::string_view number_text(const NumberNames& names, std::uint64_t number, Arena& arena);

// Names of the bits that are set, with '|' between them, behind `first` if it is not empty.
std::string_view join_flags(std::string_view first, std::uint64_t bits,
                            std::span<const NamedValue> table, Arena& arena);

// By what they are of; in files named after the families of calls.
namespace names {

// names.cpp
extern const NumberNames kOpen, kAt, kRename, kCapability;

// number_names_file.cpp
extern const NumberNames kAccess, kAccessAt, kFcntl, kLock, kSeek, kMknod, kFallocate, kAdvise,
    kSyncRange, kSplice, kReadWrite, kXattr, kStatx, kStatxMask, kInotifyInit, kInotifyMask,
    kFanotifyInit, kFanotifyMark, kFanotifyMask, kMount, kUmount, kFsopen, kFsmount,
    kMountAttribute, kFspick, kFsconfig, kMoveMount, kOpenTree, kMountSetattr, kEpollCreate,
    kEpollCommand, kEpollEvents, kEventfd, kSignalfd, kTimerfd, kTimerfdSet, kPipe, kDup,
    kCloseRange, kMemfd, kPoll, kIoctl, kSwap, kQuota, kResolve, kNameToHandle, kUringEnter,
    kUringRegister, kUringOperation, kUringRequest, kDescriptorFlags, kSeals, kLease, kNotify,
    kIoPriorityWho;

// number_names_process.cpp
extern const NumberNames kClone, kUnshare, kWait, kWaitId, kPtrace, kPrctl, kSpeculation, kAmbient,
    kArchPrctl, kSeccomp, kSeccompFlags, kSigmaskHow, kSigaction, kResource, kRusage, kPriorityWho,
    kPolicy, kSchedAttribute, kFutex, kFutex2, kClock, kClockNanosleep, kTimer, kInterval, kKcmp,
    kPidfd, kPersonality, kMembarrier, kRseq, kUserfaultfd, kSigevent, kSigaltstack, kModifyLdt,
    kPidfdSignal;

// number_names_memory.cpp
extern const NumberNames kProtection, kMap, kRemap, kMadvise, kMsync, kMlock2, kMlockAll,
    kMempolicy, kMempolicyGet, kMbind, kMovePages, kPkeyAccess, kIpcGet, kShmat, kShmget, kSemctl,
    kMsgctl, kShmctl, kMessageFlags;

// number_names_network.cpp
extern const NumberNames kFamily, kSocketType, kProtocol, kLevel, kSocketOption, kAcceptFlags,
    kMessage, kShutdown, kSocketcall, kIpcCall;

// number_names_system.cpp
extern const NumberNames kBpf, kKeyctl, kKeyring, kLandlockRule, kLandlockCreate, kLandlockRestrict,
    kReboot, kRebootMagic, kKexec, kKexecFile, kModuleInit, kModuleDelete, kSyslog, kPerfOpen,
    kRandom, kLsmAttribute;

}  // namespace names

}  // namespace outrider
