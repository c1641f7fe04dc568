// SPDX-License-Identifier: Apache-2.0
#include "events/columns_writer.h"

#include <fmt/compile.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <limits>

#include "base/text.h"

namespace outrider {
namespace {

constexpr std::size_t kGap = 1;
constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

// Columns of text are first narrowed to the first of these, and only if that does not do to the
// second.
constexpr std::size_t kMinimumWidths[] = {8, 1};

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kEllipsis = "\u2026";

// How the values of a type stand in their column.
struct TypeStyle {
  bool is_text;  // may be shortened and widened
  bool is_right_aligned;
};

TypeStyle style_of(FieldType type) {
  switch (type) {
    case FieldType::kText:
    case FieldType::kPath:
    case FieldType::kFlags:
    case FieldType::kTextList:
    case FieldType::kAddress:
    case FieldType::kAnyAddress:
    case FieldType::kAnyNumber:
      return {.is_text = true, .is_right_aligned = false};
    case FieldType::kTime:
      return {.is_text = false, .is_right_aligned = false};
    case FieldType::kUnsigned:
    case FieldType::kSigned:
    case FieldType::kDuration:
    case FieldType::kOctal:
    case FieldType::kHex:
      return {.is_text = false, .is_right_aligned = true};
  }
  return {.is_text = true, .is_right_aligned = false};
}

// The magnitude of a number, also of the smallest.
std::uint64_t magnitude(std::int64_t number) {
  return number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
}

// A beginning of at most `size` bytes that does not end within a character.
std::string_view beginning(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace

ColumnsWriter::ColumnsWriter(std::vector<const FieldDescriptor*> fields, Options options)
    : options_(options), cached_second_(std::numeric_limits<std::int64_t>::min()) {
  for (const FieldDescriptor* field : fields) {
    columns_.push_back({.descriptor = field,
                        .start = 0,
                        .width = std::max<std::size_t>(field->width, display_width(field->column)),
                        .is_result = field->name == "evt.res"});
  }
  lay_out();
}

void ColumnsWriter::lay_out() {
  std::vector<Column*> texts;
  std::size_t total = 0;
  for (Column& column : columns_) {
    if (total > 0) total += kGap;
    total += column.width;
    if (style_of(column.descriptor->type).is_text) texts.push_back(&column);
  }
  if (options_.terminal_width > 0 && !texts.empty()) {
    for (std::size_t minimum : kMinimumWidths) {
      while (total > options_.terminal_width) {
        Column* widest = *std::ranges::max_element(texts, {}, &Column::width);
        if (widest->width <= minimum) break;
        widest->width -= 1;
        total -= 1;
      }
    }
    if (total < options_.terminal_width) texts.back()->width += options_.terminal_width - total;
  }
  std::size_t start = 0;
  for (Column& column : columns_) {
    column.start = start;
    start += column.width + kGap;
  }
}

void ColumnsWriter::append_header(std::string& out) const {
  Line line{.out = out};
  for (const Column& column : columns_) {
    if (room_for(line, column) == 0) break;
    put(line, column, column.descriptor->column, shorten_end, options_.color ? kBold : "");
  }
  out += '\n';
}

void ColumnsWriter::append(std::string& out, const Event& event) {
  append_line(out, [&](std::size_t i) { return columns_[i].descriptor->read(event); });
}

void ColumnsWriter::append_row(std::string& out, std::span<const Value> values) {
  append_line(out, [&](std::size_t i) { return values[i]; });
}

template <typename Read>
void ColumnsWriter::append_line(std::string& out, const Read& read) {
  Line line{.out = out};
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    const std::size_t room = room_for(line, column);
    if (room == 0) break;
    const Value value = read(i);
    const bool failed =
        column.is_result && value.kind == Value::Kind::kText && value.text != "SUCCESS";
    make_cell(column, value, room);
    const bool is_path = column.descriptor->type == FieldType::kPath;
    put(line, column, cell_, is_path ? shorten_middle : shorten_end,
        options_.color && failed ? kRed : "");
  }
  out += '\n';
}

// Where a cell may begin: at its column, or later if those before it took more than theirs.
std::size_t ColumnsWriter::begin_of(const Line& line, const Column& column) const {
  if (column.start == 0) return 0;
  return std::max(column.start, line.position + kGap);
}

// How many columns of the terminal a cell may take; 0: the line is full.
std::size_t ColumnsWriter::room_for(const Line& line, const Column& column) const {
  if (options_.terminal_width == 0) return kUnlimited;
  const std::size_t begin = begin_of(line, column);
  if (begin >= options_.terminal_width) return 0;
  const std::size_t left = options_.terminal_width - begin;
  if (!style_of(column.descriptor->type).is_text) return left;
  const std::size_t end = column.start + column.width;
  return std::min(left, end > begin ? end - begin : 1);
}

void ColumnsWriter::put(Line& line, const Column& column, std::string_view text, Shortener shorten,
                        std::string_view style) const {
  std::string shortened;
  std::size_t width = display_width(text);
  const std::size_t room = room_for(line, column);
  if (width > room) {
    shortened = shorten(text, room);
    text = shortened;
    width = display_width(text);
  }
  // Spaces are written when something follows them, so that there are none at the end.
  if (text.empty()) return;
  std::size_t begin = begin_of(line, column);
  if (style_of(column.descriptor->type).is_right_aligned) {
    std::size_t end = column.start + column.width;
    if (options_.terminal_width > 0) end = std::min(end, options_.terminal_width);
    if (begin + width < end) begin = end - width;
  }
  line.out.append(begin - line.position, ' ');
  line.out += style;
  line.out += text;
  if (!style.empty()) line.out += kPlain;
  line.position = begin + width;
}

void ColumnsWriter::make_cell(const Column& column, const Value& value, std::size_t room) {
  cell_.clear();
  const FieldType type = column.descriptor->type;
  auto to = std::back_inserter(cell_);
  switch (value.kind) {
    case Value::Kind::kMissing:
      cell_ = '-';
      return;
    case Value::Kind::kUnknown:
      cell_ = '?';
      return;
    case Value::Kind::kText:
    case Value::Kind::kTextList:
      make_text(column, value, room);
      return;
    case Value::Kind::kUnsigned:
      if (type == FieldType::kTime) {
        make_time(static_cast<std::int64_t>(value.unsigned_value));
      } else if (type == FieldType::kDuration) {
        append_duration(cell_, value.unsigned_value);
      } else if (type == FieldType::kOctal) {
        fmt::format_to(to, FMT_COMPILE("0{:03o}"), value.unsigned_value);
      } else if (type == FieldType::kHex) {
        fmt::format_to(to, FMT_COMPILE("0x{:x}"), value.unsigned_value);
      } else {
        fmt::format_to(to, FMT_COMPILE("{}"), value.unsigned_value);
      }
      return;
    case Value::Kind::kSigned:
      if (type == FieldType::kTime) {
        make_time(value.signed_value);
      } else if (type == FieldType::kDuration) {
        if (value.signed_value < 0) cell_ = '-';
        append_duration(cell_, magnitude(value.signed_value));
      } else if (type == FieldType::kOctal) {
        fmt::format_to(to, FMT_COMPILE("0{:03o}"), static_cast<std::uint64_t>(value.signed_value));
      } else {
        fmt::format_to(to, FMT_COMPILE("{}"), value.signed_value);
      }
      return;
  }
}

void ColumnsWriter::make_text(const Column& column, const Value& value, std::size_t room) {
  const bool is_path = column.descriptor->type == FieldType::kPath;
  std::string_view text = value.text;
  bool cut = value.cut;
  // Of a long text only the beginning will be seen: not all of it need be made fit for that. The
  // factor allows for long and for combining characters.
  constexpr std::size_t kBytesPerColumn = 16;
  if (!is_path && room < text.size() / kBytesPerColumn) {
    text = beginning(text, room * kBytesPerColumn);
    cut = true;
  }
  if (value.kind == Value::Kind::kTextList) {
    make_text_list(text);
  } else if (text.empty() && !cut) {
    cell_ = "\"\"";
  } else {
    append_terminal_text(cell_, text);
  }
  if (!cut) return;
  // A path that was walked upwards lacks its beginning, all other texts their end.
  if (is_path && !text.starts_with('/')) {
    cell_.insert(0, kEllipsis);
  } else {
    cell_ += kEllipsis;
  }
}

void ColumnsWriter::make_text_list(std::string_view items) {
  for (std::size_t start = 0; start < items.size();) {
    // The last item of a list that was cut has no NUL.
    const std::size_t end = std::min(items.find('\0', start), items.size());
    if (start > 0) cell_ += ' ';
    if (start == end) {
      cell_ += "\"\"";
    } else {
      append_terminal_text(cell_, items.substr(start, end - start));
    }
    start = end + 1;
  }
}

void ColumnsWriter::make_time(std::int64_t nanoseconds) {
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  std::int64_t second = nanoseconds / kPerSecond;
  std::int64_t rest = nanoseconds % kPerSecond;
  if (rest < 0) {
    second -= 1;
    rest += kPerSecond;
  }
  if (second != cached_second_) {
    const std::time_t time = second;
    std::tm local{};
    localtime_r(&time, &local);
    cached_time_.clear();
    fmt::format_to(std::back_inserter(cached_time_), FMT_COMPILE("{:02}:{:02}:{:02}"),
                   local.tm_hour, local.tm_min, local.tm_sec);
    cached_second_ = second;
  }
  cell_ = cached_time_;
  fmt::format_to(std::back_inserter(cell_), FMT_COMPILE(".{:03}"), rest / 1'000'000);
}

}  // namespace outrider
