// SPDX-License-Identifier: Apache-2.0
//
// Probes at functions of the kernel, with the types that its BTF has.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sensors/probe/function_types.h"
#include "sensors/probe/probe_kind.h"

struct btf;

namespace outrider {

// The target without its "fn:". Whether this kernel lets anybody watch it, attaching shows.
Result<ProbeDescription> find_kernel_function(std::string_view target);

// The types of a function that has this number in BTF.
FunctionTypes types_in_btf(const btf* types, std::uint32_t function);

}  // namespace outrider
