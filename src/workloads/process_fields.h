// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "events/descriptor.h"

namespace outrider {

// Fields that say who did it, which all kinds have: process, user, cgroup.
std::span<const FieldDescriptor* const> process_fields();

}  // namespace outrider
