// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/bpf_object.h"
#include "events/wire.h"

namespace outrider {

// The program that list_processes() needs.
inline constexpr std::string_view kListProgram = "process__listed";

// All processes that there are now, as if they had just been forked: every one that was there all
// the time, once. Attaches nothing that stays. Fails if this kernel has no iterators of tasks
// (5.8).
Result<std::vector<wire_fork>> list_processes(const BpfObject& object);

}  // namespace outrider
