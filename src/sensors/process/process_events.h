// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "events/descriptor.h"

namespace outrider {

// exec, exit, fork.
std::span<const EventDescriptor> process_kinds();

}  // namespace outrider
