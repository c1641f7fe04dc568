// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a list of arguments to mask the secrets of.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "events/redact.h"
#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outrider;
  // '\n' for NUL as well: dictionaries and people type it more easily. Scripts lose their lines.
  std::string arguments(reinterpret_cast<const char*>(data), size);
  if (size > 0 && data[0] % 2 == 0) std::ranges::replace(arguments, '\n', '\0');

  const auto redacted = redact_arguments(arguments);
  if (!redacted) return 0;
  require(*redacted != arguments, "a result is not the input");
  require(redacted->size() <= 3 * arguments.size(), "at most three times as long");
  require(std::ranges::count(*redacted, '\0') == std::ranges::count(arguments, '\0'),
          "as many arguments as before");
  require(!redact_arguments(*redacted), "a second time changes nothing");
  return 0;
}
