// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "aggregates/aggregate.h"
#include "aggregates/report.h"
#include "base/result.h"
#include "events/descriptor.h"
#include "language/fields.h"
#include "streams/output.h"
#include "streams/sink.h"

namespace outrider {

// Adds events up and writes the groups at the end of each interval: trace --by, --count, --sum and
// --hist. Not thread-safe.
class Aggregation : public Sink {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    Format format = Format::kColumns;
    std::vector<std::string> by = {};
    bool count = false;
    std::optional<std::string> sum = {};
    std::optional<std::string> histogram = {};
    std::optional<std::uint64_t> top = {};
    std::optional<double> interval = {};  // seconds; 0: only at the end
    bool header = true;
    std::size_t terminal_width = 0;  // 0: not a terminal
    bool color = false;
  };

  // Whether any of them asks for groups rather than for events.
  static bool is_wanted(const Options& options);
  // What is wrong with the options if they do not.
  static Result<void> check_unwanted(const Options& options);

  // Fails when the options contradict each other or name what cannot be added up. The catalog
  // must outlive it.
  static Result<std::unique_ptr<Aggregation>> create(std::span<const EventDescriptor* const> kinds,
                                                     const FieldCatalog& catalog,
                                                     const Options& options, Output& output);

  bool write(const Event& event) override;
  // Writes what there is of the output; groups only come by report().
  bool flush() override;
  [[nodiscard]] const std::vector<std::uint64_t>& unwritten() const override { return unwritten_; }

  // What the kernel has added up.
  void add(const Event& event, const Portion& portion) { aggregate_.add(event, portion); }

  // The first interval begins: events come from now on.
  void begin(Clock::time_point now) { begun_ = now; }
  // When the next report is due; nothing if only at the end.
  [[nodiscard]] std::optional<Clock::time_point> due() const;
  // Writes the groups and begins the next interval; `wall_time` is now as people have it, ns since
  // 1970. False as write().
  bool report(Clock::time_point now, std::uint64_t wall_time);

  [[nodiscard]] const AggregateRequest& request() const { return aggregate_.request(); }

 private:
  Aggregation(const AggregateRequest& request, const ReportWriter::Options& options,
              std::chrono::nanoseconds interval, Output& output)
      : aggregate_(request), writer_(request, options), interval_(interval), output_(output) {}

  Aggregate aggregate_;
  ReportWriter writer_;
  std::chrono::nanoseconds interval_;
  Clock::time_point begun_ = Clock::now();
  Output& output_;
  std::vector<std::uint64_t> unwritten_ = std::vector<std::uint64_t>(WIRE_KIND_LIMIT);
};

// Whether the kernel can add the events of these kinds up, all or some of them: it can do so for
// system calls that need no program of their own, and for kinds that are about how long something
// took.
bool can_be_added_up(std::span<const EventDescriptor* const> kinds);

}  // namespace outrider
