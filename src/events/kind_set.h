// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>

#include "events/wire.h"

namespace outrider {

// A set of kinds of events: a bit for each enum wire_kind.
using KindSet = std::bitset<WIRE_EVENT_LIMIT>;

inline KindSet set_of(wire_kind kind) { return KindSet().set(kind); }

}  // namespace outrider
