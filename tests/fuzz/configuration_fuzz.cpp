// SPDX-License-Identifier: Apache-2.0
//
// The agent's configuration: whatever the file says, it is read or refused with a place.
#include <cstdint>
#include <string>

#include "agent/configuration.h"
#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto read = outrider::parse_configuration(text, "f");
  if (!read) outrider::require(read.error().message.starts_with("f:"), "an error without a place");
  return 0;
}
