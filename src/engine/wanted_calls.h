// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/bpf_object.h"
#include "engine/consumer_state.h"

namespace outrider {

// Tells the kernel programs which system calls and requests they are to look at, and what they are
// to read of each: from the kinds, the calls and the conditions of all consumers. Returns whether
// one of them does not return, so that it has to be seen as it begins.
bool tell_wanted_calls(BpfObject& object, const ConsumerStates& consumers, const WantedKinds& kinds,
                       bool show_secrets);

}  // namespace outrider
