// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "streams/served_command.h"

namespace outrider {

// The API as an OpenAPI 3.0 document, one JSON object: parameters are the options of the commands.
std::string openapi_document(std::span<const ServedCommand* const> commands,
                             std::span<const ServedStream* const> streams);

}  // namespace outrider
