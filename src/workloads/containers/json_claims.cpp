// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/json_claims.h"

#include <algorithm>
#include <chrono>

namespace outrider {

namespace {

// No file of a runtime has more than ten levels; one with a thousand containers some 20,000 values.
constexpr std::size_t kDepthMax = 64;
constexpr std::size_t kValuesMax = 500'000;

// Makes values of what the parser tells, one after the other, until there are too many.
class Builder {
 public:
  explicit Builder(std::span<const std::string_view> skipped) : skipped_(skipped) {}

  // What nlohmann::json_sax wants; false ends it.
  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(Json::number_integer_t value) { return add(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return add(value); }
  bool number_float(Json::number_float_t value, const std::string&) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(Json::value_t::object); }
  bool start_array(std::size_t) { return open(Json::value_t::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    if (skipping_ == 0) key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) {
    return false;
  }

  Json take() { return std::move(root_); }

 private:
  // The new value, or nullptr.
  template <typename Value>
  Json* place(Value&& value) {
    if (++values_ > kValuesMax) return nullptr;
    if (open_.empty()) {
      root_ = Json(std::forward<Value>(value));
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) return &parent.emplace_back(std::forward<Value>(value));
    // As Go does it: the last of two with one key counts.
    Json& member = parent[key_];
    member = Json(std::forward<Value>(value));
    return &member;
  }
  template <typename Value>
  bool add(Value&& value) {
    return skipping_ != 0 ? ++values_ <= kValuesMax : place(std::forward<Value>(value)) != nullptr;
  }
  bool open(Json::value_t type) {
    if (++depth_ > kDepthMax) return false;
    if (skipping_ != 0) {
      ++skipping_;
      return ++values_ <= kValuesMax;
    }
    if (!open_.empty() && open_.back()->is_object() &&
        std::ranges::find(skipped_, key_) != skipped_.end()) {
      skipping_ = 1;
      return place(true) != nullptr;
    }
    Json* value = place(type);
    // What is open does not move: only its last element is added to.
    if (value != nullptr) open_.push_back(value);
    return value != nullptr;
  }
  bool close() {
    --depth_;
    if (skipping_ != 0) {
      --skipping_;
    } else {
      open_.pop_back();
    }
    return true;
  }

  const std::span<const std::string_view> skipped_;
  Json root_;
  std::vector<Json*> open_;
  std::string key_;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  std::size_t skipping_ = 0;  // how deep in what is skipped
};

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

Json parse_claims(std::string_view text, std::span<const std::string_view> skipped) {
  Builder builder(skipped);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return {};
  return builder.take();
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
