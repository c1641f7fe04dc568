// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "events/descriptor.h"
#include "sensors/probe/probe_kind.h"
#include "syscalls/calls.h"

namespace outrider {

// What a stream is of.
struct Selection {
  std::vector<const EventDescriptor*> kinds;
  // Of the kind syscall only these; empty: all.
  std::vector<const Call*> calls;
  // Those of the kinds that are probes, which it owns.
  std::vector<std::shared_ptr<ProbeKind>> probes;
};

// From words as people give them to trace: kinds with commas between them, names of calls behind
// "syscall:", and targets of probes, each a word. Fails with the nearest name if there is none
// such. Attaches nothing.
Result<Selection> select(std::span<const std::string> words);

// The same the other way round: "open, syscall:mount,umount2".
std::string words_of(const Selection& selection);

}  // namespace outrider
