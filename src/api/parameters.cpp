// SPDX-License-Identifier: Apache-2.0
#include "api/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/nearest.h"

namespace outrider {

namespace {

// The value of a hexadecimal digit; -1 if it is none.
int digit_of(char character) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto place =
      kDigits.find(static_cast<char>(std::tolower(static_cast<unsigned char>(character))));
  return place == std::string_view::npos ? -1 : static_cast<int>(place);
}

Result<std::string> decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char character = text[i];
    if (character == '+') {
      character = ' ';
    } else if (character == '%') {
      const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return fail("a '%' in the query stands before two hexadecimal digits: %25 is '%' itself",
                    ExitCode::kBadInput);
      }
      character = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (character == '\0') return fail("a NUL in the query", ExitCode::kBadInput);
    result += character;
  }
  return result;
}

bool is_flag(const CLI::Option& option) { return option.get_expected_max() == 0; }

// Parameters that say how it is to be shown, not what.
bool is_of_screen(std::string_view name) { return name == "width" || name == "color"; }

}  // namespace

Result<Target> parse_target(std::string_view target) {
  const bool printable = std::ranges::all_of(
      target, [](char each) { return each > ' ' && static_cast<unsigned char>(each) < 0x7f; });
  if (!target.starts_with('/') || !printable) {
    return fail("a request's target begins with '/' and has no blanks; a blank in a query is %20",
                ExitCode::kBadInput);
  }
  Target result;
  const std::size_t question = target.find('?');
  result.path = target.substr(0, question);
  if (question == std::string_view::npos) return result;
  std::string_view rest = target.substr(question + 1);
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    auto name = decoded(part.substr(0, equals));
    if (!name) return std::unexpected(name.error());
    auto value = decoded(equals == std::string_view::npos ? "" : part.substr(equals + 1));
    if (!value) return std::unexpected(value.error());
    result.parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return result;
}

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char each : text) {
    // The unreserved characters: RFC 3986 section 2.3.
    const auto byte = static_cast<unsigned char>(each);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(each) != std::string_view::npos) {
      result += each;
    } else {
      result += fmt::format("%{:02X}", byte);
    }
  }
  return result;
}

std::string parameter_name(const CLI::Option& option) {
  std::string name = option.get_lnames().empty() ? option.get_name() : option.get_lnames().front();
  std::ranges::transform(name, name.begin(), [](unsigned char each) { return std::tolower(each); });
  return name;
}

Result<std::vector<std::string>> words_from(const Parameters& parameters, const CommandLine& line) {
  std::vector<std::string> words;
  std::vector<std::string> places;
  for (const auto& [name, value] : parameters) {
    if (is_of_screen(name)) continue;
    if (name == "word") {
      words.push_back(value);
      continue;
    }
    const auto options = line.options().get_options();
    const auto found = std::ranges::find_if(
        options, [&](const CLI::Option* option) { return parameter_name(*option) == name; });
    if (found == options.end()) {
      std::vector<std::string> names;
      for (const CLI::Option* option : options) names.push_back(parameter_name(*option));
      const std::vector<std::string_view> known(names.begin(), names.end());
      return fail(unknown_name("no parameter", name, known, "GET /v1/openapi.json"),
                  ExitCode::kBadInput);
    }
    if ((*found)->get_positional()) {
      places.push_back(value);
    } else if (!is_flag(**found)) {
      words.push_back(fmt::format("--{}={}", name, value));
    } else if (value == "true" || value.empty()) {
      words.push_back(fmt::format("--{}", name));
    } else if (value != "false") {
      return fail(fmt::format("{}={}: give true or false", name, value), ExitCode::kBadInput);
    }
  }
  // Behind "--" nothing is an option.
  if (!places.empty()) words.emplace_back("--");
  words.insert(words.end(), places.begin(), places.end());
  return words;
}

}  // namespace outrider
