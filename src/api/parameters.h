// SPDX-License-Identifier: Apache-2.0
//
// What stands behind the '?' of a request, and how it becomes the words of a command.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "streams/command_line.h"

namespace outrider {

// In the order of the request; a name may be there several times.
using Parameters = std::vector<std::pair<std::string, std::string>>;

// A request's target in its parts (RFC 3986 section 3; RFC 9112 section 3.2.1).
struct Target {
  std::string path;
  Parameters parameters = {};
};

// "/v1/trace?kind=exec&where=proc.name%3Dsh": '+' stands for a blank. Fails for what is no path,
// for a wrong percent sign, and for control characters.
Result<Target> parse_target(std::string_view target);

// As it stands in a query.
std::string percent_encoded(std::string_view text);

// The words of a command from parameters with the names of its options: "kind=exec" is its place
// KIND, "max-events=5" the option --max-events, "no-header=true" the flag --no-header. "word=..."
// is one of the words itself, as a command line has it. Fails for a name that the command has not.
Result<std::vector<std::string>> words_from(const Parameters& parameters, const CommandLine& line);

// A place's or an option's name in a request: "kind", "max-events".
std::string parameter_name(const CLI::Option& option);

}  // namespace outrider
