// SPDX-License-Identifier: Apache-2.0
//
// A request's target as anybody may send it: what is taken becomes words that the command's own
// parser judges, and values never become options.
#include <cstdint>
#include <string_view>

#include "api/client.h"
#include "api/parameters.h"
#include "fuzz/require.h"
#include "streams/trace_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outrider;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  FrameReader frames;
  (void)frames.add(text, [](Channel, std::string_view) {});
  const auto target = parse_target(text);
  if (!target) return 0;
  for (const auto& [name, value] : target->parameters) {
    const auto again = parse_target("/?" + percent_encoded(name) + "=" + percent_encoded(value));
    require(again && again->parameters.size() == 1 && again->parameters[0].second == value,
            "what was encoded is not read again");
  }
  Command<TraceRequest> command;
  const auto words = words_from(target->parameters, command.line);
  if (!words || !command.line.parse(*words)) return 0;
  bool asks = false;
  for (const auto& [name, value] : target->parameters) {
    asks |= name == "show-secrets" || name == "word";
  }
  require(asks || !command.options.show_secrets, "a value became an option");
  return 0;
}
