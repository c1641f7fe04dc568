// SPDX-License-Identifier: Apache-2.0
//
// Events in groups: those that are alike in some fields, and what each group adds up to.
//
// Missing and unknown values are groups of their own. Memory is bounded: what comes when there is
// no room for another group goes to one that is called (others).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aggregates/histogram.h"
#include "events/event.h"
#include "events/value.h"
#include "language/fields.h"

namespace outrider {

struct AggregateRequest {
  std::vector<const Field*> by;  // of a catalog that outlives it; none: one group, the total
  wire_measure measure = WIRE_MEASURE_COUNT;
  const Field* value = nullptr;  // of sums and histograms: a number, see is_summable()
};

// Whether sums and histograms of a field make sense.
bool is_summable(FieldType type);

// Events that somebody has added up already: all alike in every field of the request.
struct Portion {
  std::uint64_t count = 0;
  std::int64_t sum = 0;
  std::size_t slot = 0;  // of the histogram
};

struct Group {
  std::uint64_t count = 0;    // events
  std::uint64_t without = 0;  // of them: the value to sum or to sort into slots was not there
  std::int64_t sum = 0;       // stays at the largest or smallest number rather than turn round
  std::unique_ptr<Histogram> histogram;  // of that measure only
};

// Not thread-safe.
class Aggregate {
 public:
  struct Limits {
    std::size_t groups = WIRE_GROUPS_MAX;
    std::size_t key_bytes = 8 << 20;  // of all groups together
  };

  explicit Aggregate(AggregateRequest request) : Aggregate(std::move(request), Limits{}) {}
  Aggregate(AggregateRequest request, Limits limits);

  void add(const Event& event);
  void add(const Event& event, const Portion& portion);
  // Forgets all groups and counts.
  void clear();

  struct Row {
    std::span<const Value> key;  // a value for each field of the request
    const Group* group;
    bool others;  // the rest, which found no room; it has no key, and stands last
  };
  // All groups, the largest first: by sum if sums were asked for, else by count; equal ones by
  // key. Without fields to group by there is always one. Valid until anything is added.
  std::span<const Row> rows();

  const AggregateRequest& request() const { return request_; }
  // Events that were added, by kind.
  const std::array<std::uint64_t, WIRE_KIND_LIMIT>& events() const { return events_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  Group& group_of(const Event& event);
  void write_key(const Event& event);
  void make_histogram(Group& group) const;

  AggregateRequest request_;
  Limits limits_;
  // Keys are the values of an event, written one behind the other.
  std::unordered_map<std::string, Group, Hash, std::equal_to<>> groups_;
  std::size_t key_bytes_ = 0;
  Group others_;
  std::array<std::uint64_t, WIRE_KIND_LIMIT> events_{};
  std::string key_;  // of the event being added
  std::vector<Row> rows_;
  std::vector<Value> values_;  // of the keys of rows_
};

}  // namespace outrider
