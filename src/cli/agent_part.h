// SPDX-License-Identifier: Apache-2.0
//
// What `outrider status` says of the agent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace outrider {

// What the agent says of itself, one JSON object (GET /v1/agent); nothing if none answers.
std::optional<std::string> agent_document();

// For people: lines, shortened to `width` columns (0: not). `document` is anybody's bytes.
std::string agent_columns(std::string_view document, std::size_t width);

}  // namespace outrider
