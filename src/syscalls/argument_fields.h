// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "events/descriptor.h"

namespace outrider {

// Arguments of any call that are fields of the kinds of file events, too: in a stream of several
// kinds they mean the same. All others are read as evt.arg.NAME.
extern const FieldDescriptor* const kCommonArgumentFields[6];

}  // namespace outrider
