// SPDX-License-Identifier: Apache-2.0
#include "aggregates/report.h"

#include <fmt/format.h>

#include <algorithm>

namespace outrider {

namespace {

// Columns of a histogram where there is no terminal, or a wide one.
constexpr std::size_t kHistogramWidth = 80;

// Nobody reads them from events: their values are put into lines.
Value no_value(const Event&) { return Value::missing(); }

// clang-format off: a table
constexpr FieldDescriptor kTime{
    "time", FieldType::kTime, "ns", "end of the interval", "TIME", 12, no_value};
constexpr FieldDescriptor kInterval{
    "interval", FieldType::kUnsigned, "ns", "how long it was", "INTERVAL", 8, no_value};
constexpr FieldDescriptor kCount{
    "count", FieldType::kUnsigned, "", "events of the group", "COUNT", 10, no_value};
constexpr FieldDescriptor kSum{
    "sum", FieldType::kSigned, "", "sum of their values", "SUM", 12, no_value};
constexpr FieldDescriptor kWithout{
    "without", FieldType::kUnsigned, "", "of them, without a value", "WITHOUT", 7, no_value};
constexpr FieldDescriptor kOthers{
    "others", FieldType::kUnsigned, "", "1: all groups that found no room", "OTHERS", 6, no_value};
constexpr FieldDescriptor kMore{
    "more", FieldType::kUnsigned, "", "so many groups beyond the top", "MORE", 6, no_value};
// clang-format on

// The layout is that of the first kind which has the field.
const FieldDescriptor& layout_of(const Field& field) {
  return **std::ranges::find_if(field.by_kind, [](const auto* kind) { return kind != nullptr; });
}

Value unless_zero(std::uint64_t number) {
  return number == 0 ? Value::missing() : Value::of_unsigned(number);
}

void merge(Group& all, const Group& group) {
  all.count += group.count;
  all.without += group.without;
  if (__builtin_add_overflow(all.sum, group.sum, &all.sum)) {
    all.sum = group.sum < 0 ? INT64_MIN : INT64_MAX;
  }
  if (!group.histogram) return;
  if (!all.histogram) all.histogram = std::make_unique<Histogram>();
  for (std::size_t i = 0; i < all.histogram->size(); ++i) {
    (*all.histogram)[i] += (*group.histogram)[i];
  }
}

}  // namespace

ReportWriter::ReportWriter(const AggregateRequest& request, const Options& options)
    : options_(options), request_(request) {
  const bool sum = request.measure == WIRE_MEASURE_SUM;
  const auto add_key = [&] {
    for (const Field* field : request.by) fields_.push_back(layout_of(*field));
  };
  fields_.push_back(kTime);
  if (options.json) {
    fields_.push_back(kInterval);
    add_key();
    fields_.push_back(kCount);
    if (sum) fields_.push_back(kSum);
    for (const FieldDescriptor& field : {kWithout, kOthers, kMore}) fields_.push_back(field);
  } else {
    if (sum) fields_.push_back(kSum);
    fields_.push_back(kCount);
    if (request.value != nullptr) fields_.push_back(kWithout);
    add_key();
  }
  std::vector<const FieldDescriptor*> fields;
  for (const FieldDescriptor& field : fields_) fields.push_back(&field);
  if (options.json) {
    json_ = std::make_unique<JsonWriter>(fields);
  } else {
    columns_ = std::make_unique<ColumnsWriter>(
        fields, ColumnsWriter::Options{options.terminal_width, options.color});
  }
}

void ReportWriter::append_header(std::string& out) const {
  if (columns_) columns_->append_header(out);
}

void ReportWriter::append(std::string& out, Aggregate& aggregate, std::uint64_t time,
                          std::uint64_t interval) {
  time_ = Value::of_unsigned(time);
  interval_ = Value::of_unsigned(interval);
  Group beyond;
  std::size_t shown = 0;
  std::size_t more = 0;
  const Aggregate::Row* others = nullptr;
  for (const Aggregate::Row& row : aggregate.rows()) {
    if (row.others) {
      others = &row;
    } else if (options_.top != 0 && shown == options_.top) {
      merge(beyond, *row.group);
      ++more;
    } else {
      append_line(out, row.key, *row.group, {});
      ++shown;
    }
  }
  if (more > 0) append_line(out, {}, beyond, {.more = more});
  if (others != nullptr) append_line(out, {}, *others->group, {.others = true});
}

void ReportWriter::put_key(std::span<const Value> key, std::string_view name) {
  for (std::size_t i = 0; i < request_.by.size(); ++i) {
    const Value rest = i == 0 && !name.empty() ? Value::of_text(name) : Value::missing();
    line_.push_back(i < key.size() ? key[i] : rest);
  }
}

void ReportWriter::append_line(std::string& out, std::span<const Value> key, const Group& group,
                               Rest rest) {
  const bool sum = request_.measure == WIRE_MEASURE_SUM;
  line_.clear();
  line_.push_back(time_);
  if (json_) {
    line_.push_back(interval_);
    put_key(key, "");
    line_.push_back(Value::of_unsigned(group.count));
    if (sum) line_.push_back(Value::of_signed(group.sum));
    line_.push_back(unless_zero(group.without));
    line_.push_back(unless_zero(rest.others ? 1 : 0));
    line_.push_back(unless_zero(rest.more));
    json_->append_row(out, line_);
    if (!group.histogram) return;
    out.resize(out.size() - 2);  // "}\n"
    out += ",\"histogram\":";
    append_histogram_json(out, *group.histogram);
    out += "}\n";
    return;
  }
  std::string name = rest.others ? "(others)" : "";
  if (rest.more > 0) name = fmt::format("({} more)", rest.more);
  if (sum) line_.push_back(Value::of_signed(group.sum));
  line_.push_back(Value::of_unsigned(group.count));
  if (request_.value != nullptr) line_.push_back(unless_zero(group.without));
  put_key(key, name);
  columns_->append_row(out, line_);
  if (!group.histogram) return;
  std::size_t width = kHistogramWidth;
  if (options_.terminal_width > 0) width = std::min(width, options_.terminal_width);
  append_histogram(out, *group.histogram, scale_of(layout_of(*request_.value)), width);
}

}  // namespace outrider
