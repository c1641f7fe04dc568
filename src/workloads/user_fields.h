// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "events/descriptor.h"

namespace outrider {

// Names of users and groups, which all kinds have: derived, since files are read for them.
std::span<const FieldDescriptor* const> user_fields();

}  // namespace outrider
