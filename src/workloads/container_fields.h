// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "events/descriptor.h"
#include "language/fields.h"

namespace outrider {

// Fields that say in which container and pod it was, which all kinds have.
std::span<const FieldDescriptor* const> container_fields();

// More of them, only for who names them.
std::span<const FieldDescriptor* const> derived_container_fields();

// Labels: container.label[app].
std::span<const FieldWithArgument> container_fields_with_argument();

}  // namespace outrider
