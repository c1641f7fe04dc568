// SPDX-License-Identifier: Apache-2.0
#include "cli/top_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <compare>
#include <numeric>
#include <utility>

#include "events/columns_writer.h"
#include "events/json_writer.h"

namespace outrider {

namespace {

bool is_known(const Value& value) {
  return value.kind != Value::Kind::kMissing && value.kind != Value::Kind::kUnknown;
}

bool is_text(const Value& value) {
  return value.kind == Value::Kind::kText || value.kind == Value::Kind::kTextList;
}

std::strong_ordering compare(const Value& left, const Value& right) {
  if (is_text(left) || is_text(right)) return left.text <=> right.text;
  if (left.kind == Value::Kind::kSigned && right.kind == Value::Kind::kSigned) {
    return left.signed_value <=> right.signed_value;
  }
  return left.unsigned_value <=> right.unsigned_value;
}

bool is_shown(const TopColumn& column) { return column.show != TopShow::kHidden; }

// A number as people read it; at the right of its column as any number.
Value shown_value(const TopColumn& column, const Value& value, std::uint64_t interval,
                  Arena& arena) {
  if (value.kind != Value::Kind::kUnsigned) return value;
  if (column.show == TopShow::kBytes) {
    return Value::of_text(arena.copy(short_bytes(value.unsigned_value)));
  }
  if (column.show == TopShow::kShare) {
    const double share = interval == 0 ? 0
                                       : 100.0 * static_cast<double>(value.unsigned_value) /
                                             static_cast<double>(interval);
    return Value::of_text(arena.copy(fmt::format("{:.1f}", share)));
  }
  return value;
}

}  // namespace

std::optional<std::size_t> find_column(std::span<const TopColumn> columns, std::string_view name) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const FieldDescriptor& descriptor = columns[i].descriptor;
    if (descriptor.name == name || (is_shown(columns[i]) && descriptor.column == name)) return i;
  }
  return std::nullopt;
}

void sort_rows(std::span<const TopColumn> columns, TopOrder order, TopRows& rows) {
  if (order.column >= columns.size()) return;
  const auto is_before = [&](const Value& left, const Value& right) {
    if (is_known(left) != is_known(right)) return is_known(left);
    if (!is_known(left)) return false;
    const bool ascending = is_text(left) != order.reversed;
    return ascending ? compare(left, right) < 0 : compare(left, right) > 0;
  };
  // Rows that are alike in this column stay in their order. (clang 19 warns of GCC 12's
  // stable_sort.)
  std::vector<std::size_t> places(rows.rows.size());
  std::iota(places.begin(), places.end(), 0);
  std::ranges::sort(places, [&](std::size_t left, std::size_t right) {
    const Value& left_value = rows.rows[left][order.column];
    const Value& right_value = rows.rows[right][order.column];
    if (is_before(left_value, right_value)) return true;
    return !is_before(right_value, left_value) && left < right;
  });
  std::vector<std::vector<Value>> sorted;
  sorted.reserve(places.size());
  for (const std::size_t place : places) sorted.push_back(std::move(rows.rows[place]));
  rows.rows = std::move(sorted);
}

std::optional<TopOrder> order_after_key(std::span<const TopColumn> columns, TopOrder order,
                                        char key) {
  if (key == 'r') return TopOrder{order.column, !order.reversed};
  if (key == '<' || key == '>') {
    // To the next that is shown, round the end.
    const std::size_t step = key == '>' ? 1 : columns.size() - 1;
    std::size_t column = order.column;
    do {
      column = (column + step) % columns.size();
    } while (!is_shown(columns[column]) && column != order.column);
    return TopOrder{column, false};
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (key != 0 && columns[i].key == key) return TopOrder{i, false};
  }
  return std::nullopt;
}

std::string top_columns(std::span<const TopColumn> columns, const TopRows& rows,
                        const TopLayout& layout) {
  std::vector<const FieldDescriptor*> shown;
  for (const TopColumn& column : columns) {
    if (is_shown(column)) shown.push_back(&column.descriptor);
  }
  ColumnsWriter writer(shown, {.terminal_width = layout.width, .color = layout.color});
  std::string out;
  if (layout.header) writer.append_header(out);
  Arena arena;
  std::size_t written = 0;
  for (const auto& row : rows.rows) {
    if (layout.rows_max != 0 && written++ == layout.rows_max) break;
    arena.reset();
    std::vector<Value> values;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!is_shown(columns[i])) continue;
      values.push_back(shown_value(columns[i], row[i], rows.interval, arena));
    }
    writer.append_row(out, values);
  }
  return out;
}

std::string top_json(std::span<const TopColumn> columns, const TopRows& rows,
                     std::size_t rows_max) {
  static constexpr FieldDescriptor kTime{
      "time", FieldType::kTime, "ns", "end of the interval", "TIME", 12, nullptr};
  static constexpr FieldDescriptor kInterval{
      "interval", FieldType::kDuration, "ns", "that the row is of", "INTERVAL", 8, nullptr};
  std::vector<const FieldDescriptor*> fields = {&kTime, &kInterval};
  for (const TopColumn& column : columns) fields.push_back(&column.descriptor);
  const JsonWriter writer(fields);
  std::string out;
  std::size_t written = 0;
  for (const auto& row : rows.rows) {
    if (rows_max != 0 && written++ == rows_max) break;
    std::vector<Value> values = {Value::of_unsigned(static_cast<std::uint64_t>(rows.time)),
                                 Value::of_unsigned(rows.interval)};
    values.insert(values.end(), row.begin(), row.end());
    writer.append_row(out, values);
  }
  return out;
}

std::string short_bytes(std::uint64_t bytes) {
  constexpr std::array kUnits = {'K', 'M', 'G', 'T', 'P', 'E'};
  constexpr double kStep = 1024;
  if (bytes < 1000) return fmt::format("{}", bytes);
  auto number = static_cast<double>(bytes) / kStep;
  std::size_t unit = 0;
  // So that it is not rounded to four digits.
  while (number >= 999.5 && unit + 1 < kUnits.size()) {
    number /= kStep;
    ++unit;
  }
  return number < 9.95 ? fmt::format("{:.1f}{}", number, kUnits[unit])
                       : fmt::format("{:.0f}{}", number, kUnits[unit]);
}

}  // namespace outrider
