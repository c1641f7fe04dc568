// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a list of arguments to mask the secrets of.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "events/redact.h"

namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // '\n' for NUL as well: dictionaries and people type it more easily. Scripts lose their lines.
  std::string arguments(reinterpret_cast<const char*>(data), size);
  if (size > 0 && data[0] % 2 == 0) std::ranges::replace(arguments, '\n', '\0');

  const auto redacted = outrider::redact_arguments(arguments);
  if (!redacted) return 0;
  require(*redacted != arguments, "a result is not the input");
  require(redacted->size() <= 3 * arguments.size(), "at most three times as long");
  require(std::ranges::count(*redacted, '\0') == std::ranges::count(arguments, '\0'),
          "as many arguments as before");
  require(!outrider::redact_arguments(*redacted), "a second time changes nothing");
  return 0;
}
