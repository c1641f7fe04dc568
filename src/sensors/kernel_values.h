// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "events/descriptor.h"
#include "language/kernel_value.h"

namespace outrider {

// How the kernel programs know a field of a kind before they have built its record; nullptr if
// they do not. Static.
const KernelValue* kernel_value_of(const EventDescriptor& kind, std::string_view field);

}  // namespace outrider
