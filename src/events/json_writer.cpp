// SPDX-License-Identifier: Apache-2.0
#include "events/json_writer.h"

#include <fmt/compile.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "base/text.h"

namespace outrider {
namespace {

// 64 bits are 20 decimal or 22 octal digits, or with a time 32 characters and quotes.
constexpr std::size_t kNumberRoom = 40;

char* write(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

template <typename Integer>
char* write_number(char* to, Integer number) {
  return fmt::format_to(to, FMT_COMPILE("{}"), number);
}

// `number`, which has at most `width` decimal digits, with zeros before it.
template <std::size_t width>
char* write_padded(char* to, std::uint32_t number) {
  for (std::size_t i = width; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
  return to + width;
}

// At least three digits after the zero that says "octal": "0644", "04755", "0000".
char* write_octal(char* to, std::uint64_t number) {
  to = write(to, "\"0");
  if (number < 0100) *to++ = '0';
  if (number < 010) *to++ = '0';
  to = fmt::format_to(to, FMT_COMPILE("{:o}"), number);
  *to++ = '"';
  return to;
}

struct Date {
  std::int64_t year;
  std::uint32_t month;
  std::uint32_t day;
};

// The Gregorian date of a day counted from 1970-01-01. Years are taken to begin in March, so that
// the leap day is the last of its year; eras are the 400 years after which the calendar repeats.
Date date_of(std::int64_t days) {
  constexpr std::int64_t kDaysToMarchOfYearZero = 719468;
  constexpr std::int64_t kDaysOfEra = 146097;
  days += kDaysToMarchOfYearZero;
  const std::int64_t era = (days >= 0 ? days : days - (kDaysOfEra - 1)) / kDaysOfEra;
  const auto day_of_era = static_cast<std::uint32_t>(days - era * kDaysOfEra);
  const std::uint32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::uint32_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint32_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::uint32_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {.year = era * 400 + year_of_era + (month <= 2 ? 1 : 0),
          .month = month,
          .day = day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

constexpr std::string_view kUnknownKey = ",\"evt.unknown\":[";
constexpr std::string_view kEscapedKey = ",\"evt.escaped\":[";
constexpr std::string_view kCutKey = ",\"evt.cut\":[";

char* write_names(char* to, std::string_view key, std::string_view names) {
  if (names.empty()) return to;
  to = write(to, key);
  to = write(to, names.substr(1));  // without the first comma
  *to++ = ']';
  return to;
}

// How much write_text_list() may need: an item is at least the NUL that ends it.
std::size_t list_room(std::size_t size) { return json_text_room(size) + 3 * size + 8; }

// What the bytes of a value may need.
std::size_t text_room(const Value& value) {
  if (value.kind == Value::Kind::kText) return json_text_room(value.text.size());
  return value.kind == Value::Kind::kTextList ? list_room(value.text.size()) : 0;
}

char* write_text_list(char* to, std::string_view items, bool& valid) {
  *to++ = '[';
  for (std::size_t start = 0; start < items.size();) {
    // The last item of a list that was cut has no NUL.
    const std::size_t end = std::min(items.find('\0', start), items.size());
    if (start > 0) *to++ = ',';
    *to++ = '"';
    to = write_json_text(to, items.substr(start, end - start), valid);
    *to++ = '"';
    start = end + 1;
  }
  *to++ = ']';
  return to;
}

}  // namespace

JsonWriter::JsonWriter(std::vector<const FieldDescriptor*> fields)
    : values_(fields.size()), cached_second_(std::numeric_limits<std::int64_t>::min()) {
  room_ = kUnknownKey.size() + kEscapedKey.size() + kCutKey.size() + kKeyBlock + 8;
  for (const FieldDescriptor* descriptor : fields) {
    std::string quoted = ",\"";
    append_json_text(quoted, descriptor->name);
    quoted += '"';
    std::string key = quoted + ':';
    const std::size_t key_size = key.size();
    key.resize((key_size + kKeyBlock - 1) / kKeyBlock * kKeyBlock);
    room_ += key.size() + kNumberRoom + 3 * quoted.size();
    fields_.push_back({.descriptor = descriptor,
                       .quoted = std::move(quoted),
                       .key = std::move(key),
                       .key_size = key_size});
  }
}

void JsonWriter::append(std::string& out, const Event& event) const {
  // All values first: then the room is known, and the rest needs no bounds.
  std::size_t room = room_;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    // In place: copying what has just been written in smaller pieces stalls, 5 ns each time.
    const Value& value = *::new (&values_[i]) Value(fields_[i].descriptor->read(event));
    room += text_room(value);
  }
  append_line(out, room);
}

void JsonWriter::append_row(std::string& out, std::span<const Value> values) const {
  std::size_t room = room_;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    values_[i] = values[i];
    room += text_room(values[i]);
  }
  append_line(out, room);
}

void JsonWriter::append_line(std::string& out, std::size_t room) const {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + room, [&](char* data, std::size_t) {
    return static_cast<std::size_t>(write_fields(data + before) - data);
  });
}

char* JsonWriter::write_fields(char* to) const {
  unknown_.clear();
  escaped_.clear();
  cut_.clear();
  char* const start = to;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    const Value& value = values_[i];
    if (value.kind == Value::Kind::kMissing) continue;
    if (value.kind == Value::Kind::kUnknown) {
      unknown_ += field.quoted;
      continue;
    }
    for (std::size_t block = 0; block < field.key_size; block += kKeyBlock) {
      std::memcpy(to + block, field.key.data() + block, kKeyBlock);
    }
    to = write_value(to + field.key_size, field, value);
    if (value.cut) cut_ += field.quoted;
  }
  to = write_names(to, kUnknownKey, unknown_);
  to = write_names(to, kEscapedKey, escaped_);
  to = write_names(to, kCutKey, cut_);
  // Every member began with a comma: the first of them is where the brace belongs.
  if (to == start) ++to;
  *start = '{';
  return write(to, "}\n");
}

char* JsonWriter::write_value(char* to, const Field& field, const Value& value) const {
  const FieldType type = field.descriptor->type;
  bool valid = true;
  switch (value.kind) {
    case Value::Kind::kMissing:
    case Value::Kind::kUnknown:
      break;
    case Value::Kind::kText:
      *to++ = '"';
      to = write_json_text(to, value.text, valid);
      *to++ = '"';
      break;
    case Value::Kind::kTextList:
      to = write_text_list(to, value.text, valid);
      break;
    case Value::Kind::kUnsigned:
      if (type == FieldType::kOctal) return write_octal(to, value.unsigned_value);
      if (type == FieldType::kHex) {
        return fmt::format_to(to, FMT_COMPILE("\"0x{:x}\""), value.unsigned_value);
      }
      if (type != FieldType::kTime) return write_number(to, value.unsigned_value);
      return write_time(to, static_cast<std::int64_t>(value.unsigned_value / kNanosecondsPerSecond),
                        static_cast<std::uint32_t>(value.unsigned_value % kNanosecondsPerSecond));
    case Value::Kind::kSigned: {
      if (type == FieldType::kOctal) {
        return write_octal(to, static_cast<std::uint64_t>(value.signed_value));
      }
      if (type != FieldType::kTime) return write_number(to, value.signed_value);
      std::int64_t seconds = value.signed_value / kNanosecondsPerSecond;
      std::int64_t nanoseconds = value.signed_value % kNanosecondsPerSecond;
      if (nanoseconds < 0) {
        seconds -= 1;
        nanoseconds += kNanosecondsPerSecond;
      }
      return write_time(to, seconds, static_cast<std::uint32_t>(nanoseconds));
    }
  }
  if (!valid) escaped_ += field.quoted;
  return to;
}

char* JsonWriter::write_time(char* to, std::int64_t seconds, std::uint32_t nanoseconds) const {
  if (seconds != cached_second_) {
    std::int64_t days = seconds / kSecondsPerDay;
    std::int64_t second_of_day = seconds % kSecondsPerDay;
    if (second_of_day < 0) {
      days -= 1;
      second_of_day += kSecondsPerDay;
    }
    const Date date = date_of(days);
    const auto time = static_cast<std::uint32_t>(second_of_day);
    char* cached = cached_time_.data();
    *cached++ = '"';
    // 64 bits of nanoseconds are the years 1677 to 2554.
    cached = write_padded<4>(cached, static_cast<std::uint32_t>(date.year));
    *cached++ = '-';
    cached = write_padded<2>(cached, date.month);
    *cached++ = '-';
    cached = write_padded<2>(cached, date.day);
    *cached++ = 'T';
    cached = write_padded<2>(cached, time / 3600);
    *cached++ = ':';
    cached = write_padded<2>(cached, time / 60 % 60);
    *cached++ = ':';
    cached = write_padded<2>(cached, time % 60);
    *cached++ = '.';
    cached_second_ = seconds;
  }
  std::memcpy(to, cached_time_.data(), cached_time_.size());
  to = write_padded<9>(to + cached_time_.size(), nanoseconds);
  return write(to, "Z\"");
}

}  // namespace outrider
