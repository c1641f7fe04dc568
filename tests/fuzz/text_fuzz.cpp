// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as JSON text, as a JSON line, on a terminal, in columns, and shortened.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "events/columns_writer.h"
#include "events/json_writer.h"
#include "fuzz/require.h"

namespace outrider {
namespace {

// The library refuses what is not UTF-8; control characters in strings, too, but that is not asked.
bool is_utf8(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return nlohmann::json::accept(quoted + '"');
}

bool is_fit_for_terminal(std::string_view text) {
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return false;
  }
  return is_utf8(text);
}

Value the_value;
Value read_value(const Event&) { return the_value; }

constexpr FieldDescriptor field_of(std::string_view name, FieldType type) {
  return {.name = name,
          .type = type,
          .unit = "",
          .doc = "",
          .column = "F",
          .width = 6,
          .read = read_value};
}
constexpr FieldDescriptor kText = field_of("text", FieldType::kText);
constexpr FieldDescriptor kPath = field_of("path", FieldType::kPath);
constexpr FieldDescriptor kList = field_of("list", FieldType::kTextList);
constexpr FieldDescriptor kNumber = field_of("number", FieldType::kUnsigned);

void check_texts(std::string_view bytes) {
  std::string text = "\"";
  const bool valid = append_json_text(text, bytes);
  text += '"';
  const auto parsed = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  require(parsed.is_string(), "JSON text parses");
  require(valid == is_utf8(bytes), "JSON text says what is not UTF-8");
  if (valid) require(parsed.get<std::string>() == bytes, "valid text comes back the same");

  std::string terminal;
  append_terminal_text(terminal, bytes);
  require(is_fit_for_terminal(terminal), "terminal text is fit for a terminal");
}

void check_shortened(std::string_view bytes, std::size_t width) {
  require(display_width(shorten_end(bytes, width)) <= width, "cut at the end, it fits");
  require(display_width(shorten_middle(bytes, width)) <= width, "cut in the middle, it fits");
  std::string terminal;
  append_terminal_text(terminal, bytes);
  require(is_fit_for_terminal(shorten_end(terminal, width)), "cut at the end, it is UTF-8");
  require(is_fit_for_terminal(shorten_middle(terminal, width)), "cut in the middle, it is UTF-8");
}

void check_lines(const Value& value, std::size_t width) {
  the_value = value;
  const std::vector<const FieldDescriptor*> fields = {&kNumber, &kText, &kPath, &kList};
  std::string line;
  JsonWriter(fields).append(line, Event{});
  require(line.find('\n') == line.size() - 1, "one line of JSON");
  require(nlohmann::json::accept(line), "the line of JSON parses");

  for (std::size_t terminal_width : {std::size_t{0}, width + 1}) {
    ColumnsWriter writer(fields, {.terminal_width = terminal_width});
    std::string row;
    writer.append(row, Event{});
    require(row.ends_with('\n'), "a row ends its line");
    row.pop_back();
    require(is_fit_for_terminal(row), "a row is fit for a terminal");
    require(terminal_width == 0 || display_width(row) <= terminal_width, "a row fits");
  }
}

}  // namespace
}  // namespace outrider

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outrider;
  if (size == 0) return 0;
  const std::size_t width = data[0] % 100;
  const bool cut = data[0] >= 200;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_texts(bytes);
  check_shortened(bytes, width);
  Value value = Value::of_text(bytes, cut);
  check_lines(value, width);
  value.kind = Value::Kind::kTextList;
  check_lines(value, width);
  return 0;
}
