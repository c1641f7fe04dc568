// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/consumer_state.h"
#include "events/event.h"

namespace outrider {

// Gives a consumer an event of a kind that it wants, if it is one of the calls that it has named,
// slow enough for it, and its condition holds. Its account has what became of it.
void hand_on(ConsumerState& state, const Event& event);

}  // namespace outrider
