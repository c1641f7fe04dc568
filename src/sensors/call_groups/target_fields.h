// SPDX-License-Identifier: Apache-2.0
//
// The process that a call is about, where it is not the caller's own: whom ptrace looks into, whose
// limit is set.
#pragma once

#include "events/descriptor.h"

namespace outrider {

extern const FieldDescriptor* const kTargetFields[4];

}  // namespace outrider
