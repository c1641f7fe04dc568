// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "events/descriptor.h"
#include "language/condition.h"

namespace outrider {

// What of a condition the kernel decides for these kinds, what it does not and why, and what that
// costs; lines for a terminal. `condition` may be nullptr: all events.
std::string explain(const Condition* condition, std::span<const EventDescriptor* const> kinds);

}  // namespace outrider
