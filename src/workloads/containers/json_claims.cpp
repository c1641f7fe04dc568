// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/json_claims.h"

#include <chrono>

namespace outrider {

namespace {

// No file of a runtime has more than ten levels; one with a thousand containers some 20,000 values.
constexpr std::size_t kDepthMax = 64;
constexpr std::size_t kValuesMax = 500'000;

// Counts brackets and commas that are not in strings, which the parser only sees when it has
// made values of them.
bool is_bounded(std::string_view text) {
  std::size_t depth = 0;
  std::size_t values = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    switch (c) {
      case '"':
        quoted = true;
        break;
      case '[':
      case '{':
        if (++depth > kDepthMax) return false;
        [[fallthrough]];
      case ',':
        if (++values > kValuesMax) return false;
        break;
      case ']':
      case '}':
        if (depth == 0) return false;
        --depth;
        break;
      default:
        break;
    }
  }
  return true;
}

// The number of these digits, -1 if they are none.
std::int64_t number_of(std::string_view digits) {
  std::int64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return digits.empty() ? -1 : number;
}

}  // namespace

Json parse_claims(std::string_view text) {
  if (!is_bounded(text)) return {};
  Json parsed = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return {};
  return parsed;
}

const Json* find_member(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string_view text_of(const Json* value, std::size_t size_max) {
  if (value == nullptr) return {};
  const auto* text = value->get_ptr<const std::string*>();
  if (text == nullptr || text->size() > size_max || text->find('\0') != std::string::npos) {
    return {};
  }
  return *text;
}

std::optional<bool> flag_of(const Json* value) {
  if (value == nullptr || !value->is_boolean()) return std::nullopt;
  return value->get<bool>();
}

std::vector<std::pair<std::string, std::string>> texts_of(const Json* object) {
  std::vector<std::pair<std::string, std::string>> texts;
  if (object == nullptr || !object->is_object()) return texts;
  for (const auto& [key, value] : object->items()) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr || text->find('\0') != std::string::npos ||
        key.find('\0') != std::string::npos) {
      continue;
    }
    texts.emplace_back(key, *text);
  }
  return texts;
}

std::int64_t time_of(std::string_view text) {
  using namespace std::chrono;
  // 2026-11-21T18:00:58
  if (text.size() < 20 || text.size() > 64) return 0;
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':') {
    return 0;
  }
  const std::int64_t parts[] = {number_of(text.substr(0, 4)),  number_of(text.substr(5, 2)),
                                number_of(text.substr(8, 2)),  number_of(text.substr(11, 2)),
                                number_of(text.substr(14, 2)), number_of(text.substr(17, 2))};
  for (const std::int64_t part : parts) {
    if (part < 0) return 0;
  }
  const year_month_day date{year(static_cast<int>(parts[0])),
                            month(static_cast<unsigned>(parts[1])),
                            day(static_cast<unsigned>(parts[2]))};
  // In nanoseconds 64 bits last until 2262.
  if (!date.ok() || parts[0] < 1970 || parts[0] > 2200 || parts[3] > 23 || parts[4] > 59 ||
      parts[5] > 60) {
    return 0;
  }
  std::int64_t seconds_of = sys_days(date).time_since_epoch().count() * std::int64_t{86'400} +
                            parts[3] * 3600 + parts[4] * 60 + parts[5];
  text.remove_prefix(19);
  std::int64_t fraction = 0;
  if (text.front() == '.') {
    text.remove_prefix(1);
    std::int64_t unit = 100'000'000;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      fraction += (text.front() - '0') * unit;
      unit /= 10;
      text.remove_prefix(1);
    }
  }
  if (text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':') {
    const std::int64_t hours_off = number_of(text.substr(1, 2));
    const std::int64_t minutes_off = number_of(text.substr(4, 2));
    if (hours_off < 0 || minutes_off < 0) return 0;
    const std::int64_t offset = hours_off * 3600 + minutes_off * 60;
    seconds_of += text[0] == '+' ? -offset : offset;
  } else if (text != "Z") {
    return 0;
  }
  return seconds_of * 1'000'000'000 + fraction;
}

}  // namespace outrider
