// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics.h"

#include <gtest/gtest.h>

namespace outrider {
namespace {

TEST(Metrics, FamiliesAndSamples) {
  MetricsText text;
  text.family("a_total", "counter", "What it is.");
  text.sample(1, {{"kind", "exec"}, {"reason", "x"}});
  text.sample(2.5);
  EXPECT_EQ(text.text(),
            "# HELP a_total What it is.\n"
            "# TYPE a_total counter\n"
            "a_total{kind=\"exec\",reason=\"x\"} 1\n"
            "a_total 2.5\n");
}

TEST(Metrics, LabelsAreEscaped) {
  MetricsText text;
  text.family("a", "gauge", "A.");
  text.sample(1, {{"l", "\\ \" \n"}});
  EXPECT_TRUE(text.text().ends_with("a{l=\"\\\\ \\\" \\n\"} 1\n"));
}

TEST(Metrics, TheAccountByKindAndReason) {
  AgentMetrics metrics;
  KindAccount kind{.kind = "exec", .seen = 10, .filtered_agent = 2, .delivered = 5};
  kind.lost[static_cast<std::size_t>(Loss::kRingFull)] = 3;
  metrics.account.kinds.push_back(kind);
  const std::string text = metrics_text(metrics);
  for (const std::string_view line :
       {"outrider_events_seen_total{kind=\"exec\"} 10\n",
        "outrider_events_delivered_total{kind=\"exec\"} 5\n",
        "outrider_events_filtered_total{kind=\"exec\"} 2\n",
        "outrider_events_lost_total{kind=\"exec\",reason=\"ring_full\"} 3\n",
        "outrider_events_lost_total{kind=\"exec\",reason=\"unwritten\"} 0\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

TEST(Metrics, CostsOfStreamsAndCommands) {
  AgentMetrics metrics;
  metrics.stream_costs = {
      .delivered = 5, .lost = 2, .bytes = 700, .waiting = 30, .cpu = 1'500'000'000};
  metrics.stream_costs.add(
      {.delivered = 1, .lost = 1, .bytes = 1, .waiting = 1, .cpu = 500'000'000});
  metrics.commands = {{.name = "snapshot", .runs = 3, .cpu = 250'000'000}};
  metrics.memory = {.rings = 8192, .maps = 4096};
  const std::string text = metrics_text(metrics);
  for (const std::string_view line : {
           "outrider_stream_events_delivered_total 6\n",
           "outrider_stream_events_lost_total 3\n",
           "outrider_stream_bytes_total 701\n",
           "outrider_stream_waiting_bytes 31\n",
           "outrider_stream_cpu_seconds_total 2\n",
           "outrider_commands_total{command=\"snapshot\"} 3\n",
           "outrider_command_cpu_seconds_total{command=\"snapshot\"} 0.25\n",
           "outrider_ring_bytes 8192\n",
           "outrider_map_bytes 4096\n",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

}  // namespace
}  // namespace outrider
