// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "events/descriptor.h"
#include "syscalls/calls.h"

namespace outrider {

// What a stream is of.
struct Selection {
  std::vector<const EventDescriptor*> kinds;
  // Of the kind syscall only these; empty: all.
  std::vector<const Call*> calls;
};

// From words as people give them to trace: kinds with commas between them, and names of calls
// behind "syscall:". Fails with the nearest name if there is none such.
Result<Selection> select(std::span<const std::string> words);

// The same the other way round: "open, syscall:mount,umount2".
std::string words_of(const Selection& selection);

}  // namespace outrider
