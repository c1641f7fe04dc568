// SPDX-License-Identifier: Apache-2.0
#include "streams/option_checks.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

namespace outrider {

CLI::Validator is_count() {
  const auto check = [](const std::string& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    const bool decimal = whole && (text.size() == 1 || text[0] != '0');
    return decimal ? std::string() : fmt::format("{}: give a whole number in decimal", text);
  };
  return {check, ""};
}

namespace {

// A number that may have its unit behind it, which is taken away; at least 0.
CLI::Validator as_number(char unit, bool zero, std::string_view give) {
  const auto check = [=](std::string& text) {
    std::string digits = text;
    if (digits.size() > 1 && digits.ends_with(unit)) digits.pop_back();
    double number = -1;
    const char* last = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), last, number);
    const bool fits = error == std::errc() && end == last && std::isfinite(number) &&
                      (number > 0 || (zero && number == 0));
    if (!fits) return fmt::format("{}: {}", text, give);
    text = digits;
    return std::string();
  };
  return {check, ""};
}

}  // namespace

CLI::Validator as_seconds() { return as_number('s', true, "give seconds, 0 or more"); }

CLI::Validator as_percent() { return as_number('%', false, "give per cent, more than 0"); }

}  // namespace outrider
