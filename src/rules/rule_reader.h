// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/diagnostics.h"
#include "rules/rule_definitions.h"

namespace outrider {

// The engine of Falco whose rules mean here what they mean there: what required_engine_version is
// compared with. Numbers of before it had three parts, such as 26, are its middle one.
inline constexpr std::string_view kFalcoEngineVersion = "0.60.0";

// Adds what a file defines to `definitions`; `number` is the file's place among all of them.
// Stops at its first error, as Falco does. False then.
bool read_rules(std::uint32_t number, std::string_view text, RuleDefinitions& definitions,
                std::vector<Diagnostic>& diagnostics);

}  // namespace outrider
