// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/trace_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <optional>

namespace outrider {

namespace {

constexpr std::string_view kCommonPrefix = "common_";
// include/linux/trace_events.h: what perf copies is no longer.
constexpr std::size_t kDataMax = 8192;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "offset:8" with the key "offset:".
std::optional<std::uint16_t> value_of(std::string_view part, std::string_view key) {
  if (!part.starts_with(key)) return std::nullopt;
  const auto number = number_of(part.substr(key.size()));
  if (!number || *number > kDataMax) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

struct KnownSize {
  std::string_view type;
  std::uint16_t size;
};
// Elements of arrays whose length is in the data, or a name.
constexpr KnownSize kSizes[] = {
    {"char", 1},
    {"unsigned char", 1},
    {"signed char", 1},
    {"u8", 1},
    {"__u8", 1},
    {"uint8_t", 1},
    {"s8", 1},
    {"__s8", 1},
    {"bool", 1},
    {"u16", 2},
    {"__u16", 2},
    {"uint16_t", 2},
    {"__be16", 2},
    {"s16", 2},
    {"short", 2},
    {"unsigned short", 2},
    {"u32", 4},
    {"__u32", 4},
    {"uint32_t", 4},
    {"__be32", 4},
    {"s32", 4},
    {"__s32", 4},
    {"int", 4},
    {"unsigned int", 4},
    {"u64", 8},
    {"__u64", 8},
    {"uint64_t", 8},
    {"s64", 8},
    {"long", sizeof(long)},
    {"unsigned long", sizeof(long)},
};

std::uint16_t size_of(std::string_view type) {
  if (type.ends_with('*')) return sizeof(void*);
  const auto* row = std::ranges::find(kSizes, type, &KnownSize::type);
  return row != std::end(kSizes) ? row->size : std::uint16_t{0};
}

// "char prev_comm[16]", "__data_loc char[] name", "const struct sock * skaddr".
bool parse_declaration(std::string_view text, TraceField& field) {
  for (const auto& [word, where] :
       {std::pair(std::string_view("__data_loc "), TraceField::Where::kLocated),
        std::pair(std::string_view("__rel_loc "), TraceField::Where::kRelative)}) {
    if (!text.starts_with(word)) continue;
    field.where = where;
    text.remove_prefix(word.size());
  }
  std::string_view length;
  if (const std::size_t bracket = text.find('['); bracket != std::string_view::npos) {
    const std::size_t close = text.find(']', bracket);
    if (close == std::string_view::npos) return false;
    field.is_array = true;
    length = trimmed(text.substr(bracket + 1, close - bracket - 1));
    // Of a located one the name is behind it.
    const std::string_view behind = trimmed(text.substr(close + 1));
    if (!behind.empty()) {
      field.type = trimmed(text.substr(0, bracket));
      field.name = behind;
      field.element_size = size_of(field.type);
      return true;
    }
    text = text.substr(0, bracket);
  }
  text = trimmed(text);
  const std::size_t end = text.find_last_of(" *");
  if (end == std::string_view::npos) return false;
  field.type = trimmed(text.substr(0, end + 1));
  field.name = text.substr(end + 1);
  if (field.name.empty() || field.type.empty()) return false;
  if (!field.is_array) return true;
  const auto count = number_of(length);
  const bool divides = count && *count != 0 && field.size % *count == 0;
  field.element_size =
      divides ? static_cast<std::uint16_t>(field.size / *count) : size_of(field.type);
  return true;
}

// "field:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;"
std::optional<TraceField> parse_field(std::string_view line) {
  std::vector<std::string_view> parts;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(';'), line.size());
    if (const auto part = trimmed(line.substr(0, end)); !part.empty()) parts.push_back(part);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  if (parts.size() < 3) return std::nullopt;
  const auto offset = value_of(parts[1], "offset:");
  const auto size = value_of(parts[2], "size:");
  if (!offset || !size || *offset + *size > kDataMax) return std::nullopt;
  TraceField field;
  field.offset = *offset;
  field.size = *size;
  field.is_signed = parts.size() > 3 && value_of(parts[3], "signed:").value_or(0) != 0;
  if (!parse_declaration(parts[0], field)) return std::nullopt;
  // The word that says where it is.
  if (field.where != TraceField::Where::kFixed && field.size != sizeof(std::uint32_t)) {
    return std::nullopt;
  }
  return field;
}

}  // namespace

Result<TraceFormat> parse_trace_format(std::string_view text) {
  constexpr std::string_view kId = "ID:";
  constexpr std::string_view kField = "field:";
  constexpr std::string_view kPrint = "print fmt:";
  TraceFormat format;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(kPrint)) break;
    if (line.starts_with(kId)) {
      const auto id = number_of(trimmed(line.substr(kId.size())));
      if (!id) return fail(fmt::format("no number of a tracepoint: '{}'", line));
      format.id = *id;
      continue;
    }
    if (!line.starts_with(kField)) continue;
    auto field = parse_field(line.substr(kField.size()));
    if (!field) return fail(fmt::format("no field of a tracepoint: '{}'", line));
    if (!field->name.starts_with(kCommonPrefix)) format.fields.push_back(std::move(*field));
  }
  if (format.id == 0) return fail("the tracepoint has no number");
  return format;
}

}  // namespace outrider
