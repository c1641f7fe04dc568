// SPDX-License-Identifier: Apache-2.0
#include "support/c_header.h"

#include <charconv>
#include <fstream>
#include <sstream>

namespace outrider::test {

namespace {

// 0 and an octal digit, 0x, or neither, as in C.
std::optional<std::int64_t> parse_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.front() == '0') {
    base = 8;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::map<std::string, std::int64_t>> numbers_in_header(std::string_view header) {
  // Debian keeps what differs by architecture in a folder of its own.
  for (const std::string_view folder : {"/usr/include/", "/usr/include/x86_64-linux-gnu/"}) {
    std::ifstream file(std::string(folder) + std::string(header));
    if (!file) continue;
    std::map<std::string, std::int64_t> numbers;
    std::string line;
    while (std::getline(file, line)) {
      std::istringstream words(line);
      std::string define;
      std::string name;
      std::string value;
      if (!(words >> define >> name >> value) || define != "#define") continue;
      if (const auto number = parse_number(value)) numbers[name] = *number;
    }
    return numbers;
  }
  return std::nullopt;
}

}  // namespace outrider::test
