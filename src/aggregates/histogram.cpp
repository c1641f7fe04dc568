// SPDX-License-Identifier: Apache-2.0
#include "aggregates/histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <vector>

#include "base/text.h"

namespace outrider {

namespace {

constexpr std::size_t kNegative = 0;
constexpr std::size_t kZero = 1;
constexpr std::size_t kFirstPower = 2;

// Columns of a line: the label (more if it needs them), the count, and what is between them, the
// bar and the end.
constexpr std::size_t kLabelWidth = 16;
constexpr std::size_t kCountWidth = 10;
constexpr std::size_t kFrame = 4;
constexpr std::size_t kNarrowest = 50;

// Powers of two are whole multiples of the largest of these that is not larger.
void append_binary(std::string& out, std::uint64_t number, std::string_view bytes_suffix) {
  constexpr std::string_view kPrefixes = " KMGTPE";
  std::size_t prefix = 0;
  while (number >= 1024 && prefix + 1 < kPrefixes.size()) {
    number /= 1024;
    ++prefix;
  }
  fmt::format_to(std::back_inserter(out), "{}", number);
  if (prefix > 0) out += kPrefixes[prefix];
  if (bytes_suffix.empty()) return;
  if (prefix > 0) out += 'i';
  out += bytes_suffix;
}

void append_bound(std::string& out, std::uint64_t number, Scale scale) {
  if (scale == Scale::kDuration) return append_duration(out, number);
  append_binary(out, number, scale == Scale::kBytes ? "B" : "");
}

std::string label_of(std::size_t slot, Scale scale) {
  if (slot == kNegative) return "(..., 0)";
  std::string label = "[";
  append_bound(label, first_of(slot), scale);
  // There is one number in the slots of 0 and 1.
  if (slot > kFirstPower) {
    label += ", ";
    if (slot + 1 < WIRE_HISTOGRAM_SLOTS) {
      append_bound(label, first_of(slot + 1), scale);
    } else {
      label += "...";
    }
  }
  label += slot > kFirstPower ? ')' : ']';
  return label;
}

struct Slots {
  std::size_t first;
  std::size_t end;
};

Slots slots_in_use(const Histogram& histogram) {
  const auto used = [](std::uint64_t count) { return count != 0; };
  const auto first = std::ranges::find_if(histogram, used);
  const auto last = std::find_if(histogram.rbegin(), histogram.rend(), used);
  return {.first = static_cast<std::size_t>(first - histogram.begin()),
          .end = static_cast<std::size_t>(histogram.rend() - last)};
}

}  // namespace

std::size_t slot_of(std::uint64_t number) {
  return kZero + static_cast<std::size_t>(std::bit_width(number));
}

std::size_t slot_of(std::int64_t number) {
  return number < 0 ? kNegative : slot_of(static_cast<std::uint64_t>(number));
}

std::uint64_t first_of(std::size_t slot) {
  return slot < kFirstPower ? 0 : std::uint64_t{1} << (slot - kFirstPower);
}

Scale scale_of(const FieldDescriptor& field) {
  if (field.type == FieldType::kDuration || field.unit == "ns") return Scale::kDuration;
  return field.unit == "bytes" ? Scale::kBytes : Scale::kNumber;
}

void append_histogram(std::string& out, const Histogram& histogram, Scale scale,
                      std::size_t width) {
  const auto [first, end] = slots_in_use(histogram);
  if (first >= end) return;
  std::vector<std::string> labels;
  std::size_t label_width = kLabelWidth;
  for (std::size_t slot = first; slot < end; ++slot) {
    labels.push_back(label_of(slot, scale));
    label_width = std::max(label_width, labels.back().size());
  }
  const std::size_t bar = std::max(width, kNarrowest) - label_width - kCountWidth - kFrame;
  const std::uint64_t most = *std::ranges::max_element(histogram);
  for (std::size_t slot = first; slot < end; ++slot) {
    // Counts may be large, and a product of theirs would not fit.
    const double share = static_cast<double>(histogram[slot]) / static_cast<double>(most);
    const auto marks = std::min(bar, static_cast<std::size_t>(share * static_cast<double>(bar)));
    fmt::format_to(std::back_inserter(out), "{:<{}} {:>{}} |{:@<{}}{:{}}|\n", labels[slot - first],
                   label_width, histogram[slot], kCountWidth, "", marks, "", bar - marks);
  }
}

void append_histogram_json(std::string& out, const Histogram& histogram) {
  const auto [first, end] = slots_in_use(histogram);
  auto to = std::back_inserter(out);
  out += '[';
  for (std::size_t slot = first; slot < end; ++slot) {
    if (slot > first) out += ',';
    out += '{';
    if (slot != kNegative) fmt::format_to(to, "\"from\":{},", first_of(slot));
    if (slot == kNegative) out += "\"below\":0,";
    if (slot == kZero) out += "\"below\":1,";
    if (slot >= kFirstPower && slot + 1 < WIRE_HISTOGRAM_SLOTS) {
      fmt::format_to(to, "\"below\":{},", first_of(slot + 1));
    }
    fmt::format_to(to, "\"count\":{}}}", histogram[slot]);
  }
  out += ']';
}

}  // namespace outrider
