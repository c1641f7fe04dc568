// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "api/server.h"
#include "streams/served_command.h"

namespace outrider {

// What a request says of where its lines are shown: `width` and `color`.
Screen screen_of(const Parameters& parameters);

// The words of a command as a request has them, or the reply that refuses them. Secrets are shown
// to root only.
std::expected<std::vector<std::string>, ApiReply> allowed_words(const CommandLine& line,
                                                                const ApiRequest& request);

// Runs a command for whoever asks, as the request says, and makes its output the reply.
ApiReply run_command(const ServedCommand& command, const ApiRequest& request);

}  // namespace outrider
