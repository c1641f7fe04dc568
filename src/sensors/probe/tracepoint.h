// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"
#include "sensors/probe/probe_kind.h"
#include "sensors/probe/trace_format.h"

namespace outrider {

// The tracepoint of a target "tp:CATEGORY:NAME", without its "tp:".
Result<ProbeDescription> find_tracepoint(std::string_view target);

// Of a format alone: what is captured of its data, and as what it is shown.
Result<ProbeDescription> describe_tracepoint(std::string_view name, const TraceFormat& format);

}  // namespace outrider
