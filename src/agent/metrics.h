// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
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

// What the agent says of itself.
struct AgentMetrics {
  Account account;                      // of what it counts for its metrics
  std::uint64_t streams = 0;            // there are now
  std::uint64_t streams_total = 0;      // there have been
  std::uint64_t stream_lost_total = 0;  // events that streams have lost
  std::uint64_t stream_delivered_total = 0;
  // Of the limit for CPU, if there is one. In CPUs.
  struct Budget {
    double limit = 0;
    double used = 0;
    double keep = 1;  // the part of the events that is sent
    std::vector<std::string_view> unwatched = {};
  };
  std::optional<Budget> budget = {};
  EngineMemory memory;
  double started = 0;  // seconds since 1970
};

std::string metrics_text(const AgentMetrics& metrics);

}  // namespace outrider
