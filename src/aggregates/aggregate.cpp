// SPDX-License-Identifier: Apache-2.0
#include "aggregates/aggregate.h"

#include <algorithm>
#include <compare>
#include <cstring>
#include <limits>
#include <utility>

namespace outrider {

namespace {

constexpr std::size_t kNumberSize = sizeof(std::uint64_t);

bool is_text(Value::Kind kind) {
  return kind == Value::Kind::kText || kind == Value::Kind::kTextList;
}

// A value as bytes: what it is, whether it is cut, and its number or the size of its text and the
// text. Equal bytes are equal values.
void append_value(std::string& out, const Value& value) {
  out += static_cast<char>(value.kind);
  out += static_cast<char>(value.cut);
  const std::uint64_t number = is_text(value.kind) ? value.text.size() : value.unsigned_value;
  char bytes[kNumberSize];
  std::memcpy(bytes, &number, sizeof(bytes));
  out.append(bytes, sizeof(bytes));
  if (is_text(value.kind)) out += value.text;
}

// The first value of `bytes`, which then are those behind it.
Value take_value(std::string_view& bytes) {
  Value value;
  value.kind = static_cast<Value::Kind>(bytes[0]);
  value.cut = bytes[1] != 0;
  std::memcpy(&value.unsigned_value, bytes.data() + 2, kNumberSize);
  bytes.remove_prefix(2 + kNumberSize);
  if (is_text(value.kind)) {
    value.text = bytes.substr(0, value.unsigned_value);
    bytes.remove_prefix(value.text.size());
  }
  return value;
}

std::strong_ordering compare(const Value& a, const Value& b) {
  if (a.kind != b.kind) return a.kind <=> b.kind;
  if (a.kind == Value::Kind::kSigned) return a.signed_value <=> b.signed_value;
  if (!is_text(a.kind)) return a.unsigned_value <=> b.unsigned_value;
  const auto order = a.text <=> b.text;
  return order != 0 ? order : a.cut <=> b.cut;
}

std::int64_t clamp_to_signed(std::uint64_t number) {
  constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(number, static_cast<std::uint64_t>(kLargest)));
}

std::int64_t add_saturating(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? std::numeric_limits<std::int64_t>::min()
               : std::numeric_limits<std::int64_t>::max();
}

Value read(const Field& field, const Event& event) {
  const FieldDescriptor* descriptor = field.by_kind[event.header->kind];
  return descriptor != nullptr ? descriptor->read(event) : Value::missing();
}

}  // namespace

bool is_summable(FieldType type) {
  return type == FieldType::kUnsigned || type == FieldType::kSigned || type == FieldType::kDuration;
}

Aggregate::Aggregate(AggregateRequest request, Limits limits)
    : request_(std::move(request)), limits_(limits) {
  clear();
}

void Aggregate::clear() {
  rows_.clear();
  groups_.clear();
  key_bytes_ = 0;
  others_ = {};
  events_ = {};
  if (request_.by.empty()) make_histogram(groups_[""]);
}

void Aggregate::make_histogram(Group& group) const {
  if (request_.measure == WIRE_MEASURE_HISTOGRAM && !group.histogram) {
    group.histogram = std::make_unique<Histogram>();
  }
}

void Aggregate::write_key(const Event& event) {
  key_.clear();
  for (const Field* field : request_.by) append_value(key_, read(*field, event));
}

Group& Aggregate::group_of(const Event& event) {
  write_key(event);
  const auto known = groups_.find(std::string_view(key_));
  if (known != groups_.end()) return known->second;
  if (groups_.size() >= limits_.groups || key_bytes_ + key_.size() > limits_.key_bytes) {
    make_histogram(others_);
    return others_;
  }
  key_bytes_ += key_.size();
  Group& group = groups_[key_];
  make_histogram(group);
  return group;
}

void Aggregate::add(const Event& event) {
  Portion portion{.count = 1};
  if (request_.value == nullptr) return add(event, portion);
  const Value value = read(*request_.value, event);
  if (value.kind == Value::Kind::kUnsigned) {
    portion.sum = clamp_to_signed(value.unsigned_value);
    portion.slot = slot_of(value.unsigned_value);
  } else if (value.kind == Value::Kind::kSigned) {
    portion.sum = value.signed_value;
    portion.slot = slot_of(value.signed_value);
  } else {
    Group& group = group_of(event);
    ++group.count;
    ++group.without;
    ++events_[event.header->kind];
    return;
  }
  add(event, portion);
}

void Aggregate::add(const Event& event, const Portion& portion) {
  Group& group = group_of(event);
  group.count += portion.count;
  group.sum = add_saturating(group.sum, portion.sum);
  if (group.histogram && portion.slot < group.histogram->size()) {
    (*group.histogram)[portion.slot] += portion.count;
  }
  events_[event.header->kind] += portion.count;
}

std::span<const Aggregate::Row> Aggregate::rows() {
  rows_.clear();
  values_.resize(groups_.size() * request_.by.size());
  std::size_t next = 0;
  for (const auto& [key, group] : groups_) {
    const std::size_t first = next;
    for (std::string_view bytes = key; !bytes.empty();) values_[next++] = take_value(bytes);
    rows_.push_back({std::span(values_).subspan(first, next - first), &group, false});
  }
  const bool by_sum = request_.measure == WIRE_MEASURE_SUM;
  std::ranges::sort(rows_, [by_sum](const Row& a, const Row& b) {
    if (by_sum && a.group->sum != b.group->sum) return a.group->sum > b.group->sum;
    if (!by_sum && a.group->count != b.group->count) return a.group->count > b.group->count;
    for (std::size_t i = 0; i < a.key.size(); ++i) {
      if (const auto order = compare(a.key[i], b.key[i]); order != 0) return order < 0;
    }
    return false;
  });
  if (others_.count > 0) rows_.push_back({{}, &others_, true});
  return rows_;
}

}  // namespace outrider
