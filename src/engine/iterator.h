// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "engine/bpf_object.h"

namespace outrider {

// Runs a program of the object that is an iterator, and hands on what it writes: records of this
// many bytes, aligned for any type. Attaches nothing that stays. Fails if the program is not
// loaded, or if this kernel has no such iterator (5.8).
Result<void> run_iterator(const BpfObject& object, std::string_view program, std::size_t size,
                          const std::function<void(std::span<const std::byte>)>& visit);

}  // namespace outrider
