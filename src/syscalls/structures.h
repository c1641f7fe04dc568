// SPDX-License-Identifier: Apache-2.0
//
// Structures in the memory of processes, which arguments of system calls point to: tables of what
// they are made of, and how their bytes become text.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "events/wire.h"
#include "syscalls/number_names.h"

namespace outrider {

// How a number in memory is shown.
enum class MemberType : std::uint8_t {
  kSigned,
  kUnsigned,
  kHexadecimal,
  kOctal,
  kNamed,
  kSignal,
  kSignalSet,  // a bit for each signal
  kLimit,      // all bits: RLIM_INFINITY
};

// Where something is in 64-bit and in 32-bit processes, bytes. No size: it is not there.
struct Place {
  std::uint16_t offset;
  std::uint8_t size;
};

struct Member {
  std::string_view name;
  MemberType type;
  std::array<Place, WIRE_ABI_COUNT> places;
  const NumberNames* names = nullptr;
};

struct Structure {
  std::array<std::uint16_t, WIRE_ABI_COUNT> sizes;
  // Without names: shown as [a, b].
  std::span<const Member> members;
};

// "{tv_sec=1, tv_nsec=0}". Of bytes that end before it does, the members that are there and "...".
std::string_view structure_text(const Structure& structure, wire_abi abi, std::string_view bytes,
                                Arena& arena);

// "[{fd=3, events=POLLIN}, {fd=4, events=POLLOUT}]"; with "..." at the end if `cut`.
std::string_view structures_text(const Structure& structure, wire_abi abi, std::string_view bytes,
                                 bool cut, Arena& arena);

// "{sa_family=AF_INET, sin_port=80, sin_addr=127.0.0.1}"
std::string_view socket_address_text(std::string_view bytes, Arena& arena);

// A text as in C, in quotation marks.
std::string_view quoted_text(std::string_view bytes, bool cut, Arena& arena);

// By what they are called in the kernel's headers.
namespace structures {

extern const Structure kTimespec, kTimespec64, kTimespecPair, kTimespecPair64, kTimeval,
    kTimevalPair, kItimerspec, kItimerspec64, kItimerval, kUtimbuf, kRlimit, kRlimit64, kIovec,
    kPollfd, kEpollEvent, kSigaction, kOldSigaction, kSigset, kOldSigset, kStack, kSigevent,
    kCloneArgs, kSchedAttr, kSchedParam, kOpenHow, kBpfAttr, kDescriptorPair, kMessageHeader,
    kMultipleHeader, kSembuf, kMountAttr, kMountIdRequest, kCapabilityHeader, kCapabilityData,
    kFileHandle, kXattrArgs, kPerfEventAttr, kFutexWaitv, kMqAttr, kLandlockRuleset, kUringParams,
    kUserDesc, kFlock, kFlock64, kIds, kIds16, kInt, kOffset, kWord;

}  // namespace structures

}  // namespace outrider
