// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "events/value.h"

namespace outrider {

// The directory of an absolute path: "/etc" of "/etc/hosts", "/" of "/etc". Missing of what is no
// path (memfd:x), unknown where the part that is lacking may be its end.
Value directory_of(const Value& path);

// What follows the last '/'.
Value file_name_of(const Value& path);

}  // namespace outrider
