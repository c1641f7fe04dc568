// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/server.h"
#include "streams/served_command.h"

namespace outrider {

// What a request says of where its lines are shown: `width` and `color`.
Screen screen_of(const Parameters& parameters);

// Runs a command for whoever asks, as the request says, and makes its output the reply. Secrets are
// shown to root only.
ApiReply run_command(const ServedCommand& command, const ApiRequest& request);

}  // namespace outrider
