// SPDX-License-Identifier: Apache-2.0
#include "rules/alert.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <iterator>

#include "base/text.h"

namespace outrider {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::uint64_t wall_time_of(const Event& event) {
  return event.header->time + static_cast<std::uint64_t>(event.wall_offset);
}

// Time of day, priority, and what the rule says.
void append_line(std::string& out, const Rule& rule, const Event& event) {
  append_value(out, FieldType::kTime, Value::of_unsigned(wall_time_of(event)));
  fmt::format_to(std::back_inserter(out), ": {} ", name_of(rule.priority));
  rule.output.append_text(out, event);
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  fmt::format_to(std::back_inserter(out), "\"{}\":\"", name);
  append_json_text(out, text);
  out += "\",";
}

}  // namespace

AlertWriter::AlertWriter(AlertFormat format) : format_(format), host_name_(host_name()) {}

void AlertWriter::append(std::string& out, const Rule& rule, const Event& event) const {
  if (format_ == AlertFormat::kText) {
    append_line(out, rule, event);
    out += '\n';
    return;
  }
  std::string line;
  append_line(line, rule, event);
  const std::uint64_t time = wall_time_of(event);
  out += '{';
  append_member(out, "hostname", host_name_);
  append_member(out, "output", line);
  out += "\"output_fields\":{";
  rule.output.append_json_fields(out, event);
  fmt::format_to(std::back_inserter(out), "\"evt.time\":{}}},", time);
  append_member(out, "priority", name_of(rule.priority));
  append_member(out, "rule", rule.name);
  append_member(out, "source", rule.source);
  out += "\"tags\":[";
  bool first = true;
  for (const std::string& tag : rule.tags) {
    out += first ? "\"" : ",\"";
    first = false;
    append_json_text(out, tag);
    out += '"';
  }
  const auto seconds = static_cast<std::time_t>(time / kSecond);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  fmt::format_to(std::back_inserter(out), "],\"time\":\"{:%FT%T}.{:09}Z\"}}\n", utc,
                 time % kSecond);
}

}  // namespace outrider
