// SPDX-License-Identifier: Apache-2.0
#include "rules/output_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>

#include "base/text.h"
#include "language/checker.h"
#include "language/evaluator.h"
#include "language/transformers.h"
#include "rules/placed_text.h"

namespace outrider {

namespace {

constexpr std::string_view kMissing = "<NA>";
constexpr std::size_t kWidest = 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.';
}

// The end of what stands in brackets or parentheses from `at`; `at` if they are not closed.
std::size_t end_of_brackets(std::string_view text, std::size_t at, char open, char close) {
  int depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    if (text[i] == open) ++depth;
    if (text[i] == close && --depth == 0) return i + 1;
  }
  return at;
}

// The end of a field or transformer that begins at `at`.
std::size_t end_of_field(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_name(text[end])) ++end;
  const bool calls = end < text.size() && text[end] == '(' &&
                     find_transformer(text.substr(at, end - at)) != nullptr;
  if (calls) return end_of_brackets(text, end, '(', ')');
  // "by %proc.name." ends with a full stop.
  while (end > at && text[end - 1] == '.') --end;
  if (end < text.size() && text[end] == '[') return end_of_brackets(text, end, '[', ']');
  return end;
}

std::unexpected<Error> fail_in(std::size_t at, std::string_view sentence) {
  return fail(fmt::format(":1:{}: {}", at + 1, sentence), ExitCode::kBadInput);
}

void append_time_of_day(std::string& out, std::uint64_t nanoseconds) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const auto seconds = static_cast<std::time_t>(nanoseconds / kSecond);
  std::tm local{};
  localtime_r(&seconds, &local);
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}.{:09}", local.tm_hour, local.tm_min,
                 local.tm_sec, nanoseconds % kSecond);
}

void append_list(std::string& out, std::string_view items) {
  std::string_view item;
  bool first = true;
  out += '(';
  while (next_item(items, item)) {
    if (!first) out += ',';
    first = false;
    append_terminal_text(out, item);
  }
  out += ')';
}

void append_json_list(std::string& out, std::string_view items) {
  std::string_view item;
  bool first = true;
  out += '[';
  while (next_item(items, item)) {
    if (!first) out += ',';
    first = false;
    out += '"';
    append_json_text(out, item);
    out += '"';
  }
  out += ']';
}

void append_json_value(std::string& out, FieldType type, const Value& value) {
  switch (value.kind) {
    case Value::Kind::kMissing:
    case Value::Kind::kUnknown:
      out += "null";
      return;
    case Value::Kind::kText:
      if (value.text == "true" || value.text == "false") {
        out += value.text;
        return;
      }
      out += '"';
      append_json_text(out, value.text);
      out += '"';
      return;
    case Value::Kind::kTextList:
      append_json_list(out, value.text);
      return;
    case Value::Kind::kUnsigned:
    case Value::Kind::kSigned:
      break;
  }
  if (type == FieldType::kOctal || type == FieldType::kHex) {
    out += '"';
    append_value(out, type, value);
    out += '"';
  } else if (value.kind == Value::Kind::kUnsigned) {
    fmt::format_to(std::back_inserter(out), "{}", value.unsigned_value);
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value.signed_value);
  }
}

}  // namespace

void append_value(std::string& out, FieldType type, const Value& value) {
  auto to = std::back_inserter(out);
  switch (value.kind) {
    case Value::Kind::kMissing:
    case Value::Kind::kUnknown:
      out += kMissing;
      return;
    case Value::Kind::kText:
      append_terminal_text(out, value.text);
      return;
    case Value::Kind::kTextList:
      append_list(out, value.text);
      return;
    case Value::Kind::kSigned:
      fmt::format_to(to, "{}", value.signed_value);
      return;
    case Value::Kind::kUnsigned:
      break;
  }
  switch (type) {
    case FieldType::kTime:
      append_time_of_day(out, value.unsigned_value);
      return;
    case FieldType::kOctal:
      fmt::format_to(to, "0{:o}", value.unsigned_value);
      return;
    case FieldType::kHex:
      fmt::format_to(to, "{:#x}", value.unsigned_value);
      return;
    default:
      fmt::format_to(to, "{}", value.unsigned_value);
  }
}

Result<OutputFormat> OutputFormat::parse(std::string_view text, const FieldCatalog& catalog) {
  OutputFormat format;
  Piece piece;
  for (std::size_t at = text.starts_with('*') ? 1 : 0; at < text.size();) {
    if (text[at] != '%') {
      piece.text += text[at++];
      continue;
    }
    const std::size_t percent = at++;
    while (at < text.size() && is_digit(text[at])) {
      piece.width =
          std::min(piece.width * 10 + static_cast<std::size_t>(text[at++] - '0'), kWidest);
    }
    const std::size_t end = end_of_field(text, at);
    if (end == at) return fail_in(percent, "a field is expected behind '%'");
    const std::string_view name = text.substr(at, end - at);
    at = end;
    const auto known = std::ranges::find(format.fields_, name, &Field::name);
    piece.field = static_cast<std::uint32_t>(known - format.fields_.begin());
    if (known == format.fields_.end()) {
      auto condition = load(fmt::format("{} exists", name), catalog, "");
      if (!condition) {
        return fail_in(percent + 1, split_message(condition.error().message).sentence);
      }
      const std::uint32_t term = condition->atoms.front().left;
      format.fields_.push_back(
          {.name = std::string(name), .condition = *std::move(condition), .term = term});
    }
    format.pieces_.push_back(std::move(piece));
    piece = {};
  }
  if (!piece.text.empty()) format.pieces_.push_back(std::move(piece));
  return format;
}

void OutputFormat::append_text(std::string& out, const Event& event) const {
  for (const Piece& piece : pieces_) {
    out += piece.text;
    if (piece.field == kNoIndex) continue;
    const Field& field = fields_[piece.field];
    const std::size_t start = out.size();
    append_value(out, field.condition.terms[field.term].type,
                 read_term(field.condition, field.term, event));
    if (piece.width != 0) out.resize(start + piece.width, ' ');
  }
}

void OutputFormat::append_json_fields(std::string& out, const Event& event) const {
  for (const Field& field : fields_) {
    out += '"';
    append_json_text(out, field.name);
    out += "\":";
    append_json_value(out, field.condition.terms[field.term].type,
                      read_term(field.condition, field.term, event));
    out += ',';
  }
}

}  // namespace outrider
