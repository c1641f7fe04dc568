// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "events/filter_wire.h"

namespace outrider {

// A text that a field has for some values of a number.
struct NamedRange {
  std::string_view name;
  std::uint64_t first = 0;  // both as the kernel orders them: see decide__signed()
  std::uint64_t last = 0;
};

// A flag that a call has if (flags & mask) == value.
struct NamedFlag {
  std::string_view name;
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  bool equal = true;  // false: if it is not
};

// Where the kernel knows the value of a field of some kind. It must be the very value that the
// field has in the agent, or be unknown or missing there exactly if it is so here, or unknown.
struct KernelValue {
  enum class How : std::uint8_t {
    kNumber,
    kSignedNumber,
    kNamedNumber,  // a text that stands for a number
    kText,
    kPath,       // a text that is absolute and has no components but names
    kDirectory,  // what is before the last slash of such a path: "/" if nothing is
    kFileName,   // what is behind it
    kFlags,
    kTruth,  // "true" only if all of `flags` hold, "false" otherwise; exactly so if it is only one
    kDescriptor,  // the number is this, or -1 for all that are less than 0; or it is missing
    kConstant,    // a text that all events of the kind have
    // The agent knows it, and tells the kernel of each process as soon as it has seen it.
    kProcess,    // it changes with an exec only
    kAncestors,  // a list of those that the process has: they may become fewer
    kWorkload,   // the same of each workload: of a cgroup it does not change once it is known
  };
  How how = How::kNumber;
  std::uint8_t dimension = 0;  // enum filter_number or filter_text
  // Of kNamedNumber. Values that are in none of them may have any name.
  std::span<const NamedRange> names = {};
  // Of kFlags and kTruth.
  std::span<const NamedFlag> flags = {};
  // Of kConstant.
  std::string_view constant = {};
  // For people: where the kernel has it from.
  std::string_view from = {};
};

}  // namespace outrider
