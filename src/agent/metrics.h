// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bpf/programs.h"
#include "events/account.h"

namespace outrider {

// Lines in Prometheus' text format, version 0.0.4. A family's samples come one after another.
class MetricsText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // `type`: counter or gauge. Names and units: https://prometheus.io/docs/practices/naming/.
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(double value, const Labels& labels = {});

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

// What a stream has been given, and what it has cost.
struct StreamCosts {
  std::uint64_t delivered = 0;  // events
  std::uint64_t lost = 0;
  std::uint64_t bytes = 0;    // that its reader has taken
  std::uint64_t waiting = 0;  // bytes that wait for its reader now
  std::uint64_t cpu = 0;      // ns: judging, writing and sending its events
  void add(const StreamCosts& other);
};

// What the agent says of itself.
struct AgentMetrics {
  Account account;                  // of what it counts for its metrics
  std::uint64_t streams = 0;        // there are now
  std::uint64_t streams_total = 0;  // there have been
  StreamCosts stream_costs = {};    // of all that there have been
  // What it has run for others and has ended, by command.
  struct Command {
    std::string_view name;
    std::uint64_t runs = 0;
    std::uint64_t cpu = 0;  // ns
  };
  std::vector<Command> commands = {};
  // Of the limit for CPU, if there is one. In CPUs.
  struct Budget {
    double limit = 0;
    double used = 0;
    double keep = 1;  // the part of the events that is sent
    std::vector<std::string_view> unwatched = {};
  };
  std::optional<Budget> budget = {};
  MapMemory memory;
  double started = 0;  // seconds since 1970
};

std::string metrics_text(const AgentMetrics& metrics);

}  // namespace outrider
