// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace outrider {

namespace {

// Backslash, quote and newline are escaped in the value of a label.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char each : text) {
    if (each == '\\' || each == '"') result += '\\';
    if (each == '\n') {
      result += "\\n";
    } else {
      result += each;
    }
  }
  return result;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The second number of /proc/self/statm: proc_pid_statm(5).
double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
  double count = 0;
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count - 3;  // ".", "..", and the directory itself
}

void append_account(MetricsText& text, const Account& account) {
  struct Family {
    std::string_view name;
    std::string_view help;
    std::uint64_t (*value)(const KindAccount&);
  };
  constexpr Family kFamilies[] = {
      {"outrider_events_seen_total", "Runs of the kernel programs for a kind of events.",
       [](const KindAccount& kind) { return kind.seen; }},
      {"outrider_events_delivered_total", "Events that were counted.",
       [](const KindAccount& kind) { return kind.delivered; }},
      {"outrider_events_filtered_total", "Events that were seen and not wanted.",
       [](const KindAccount& kind) { return kind.filtered_kernel + kind.filtered_agent; }},
      {"outrider_events_missed_total", "Runs that the kernel itself has skipped.",
       [](const KindAccount& kind) { return kind.missed; }},
  };
  for (const Family& family : kFamilies) {
    text.family(family.name, "counter", family.help);
    for (const KindAccount& kind : account.kinds) {
      text.sample(static_cast<double>(family.value(kind)), {{"kind", kind.kind}});
    }
  }
  text.family("outrider_events_lost_total", "counter", "Events that were seen and lost.");
  for (const KindAccount& kind : account.kinds) {
    for (std::size_t reason = 0; reason < kLossReasonCount; ++reason) {
      text.sample(static_cast<double>(kind.lost[reason]),
                  {{"kind", kind.kind}, {"reason", kLossReasons[reason].name}});
    }
  }
  text.family("outrider_events_late_total", "counter", "Events that came out of order.");
  text.sample(static_cast<double>(account.late));
  text.family("outrider_table_records_lost_total", "counter",
              "Records that only feed the tables of names and were lost.");
  text.sample(static_cast<double>(account.tables_lost));
  text.family("outrider_processes_evicted_total", "counter",
              "Processes that were forgotten to make room for others.");
  text.sample(static_cast<double>(account.processes_evicted));
}

void append_commands(MetricsText& text, const std::vector<AgentMetrics::Command>& commands) {
  text.family("outrider_commands_total", "counter", "Commands that were run for others.");
  for (const auto& command : commands) {
    text.sample(static_cast<double>(command.runs), {{"command", command.name}});
  }
  text.family("outrider_command_cpu_seconds_total", "counter", "CPU time for them.");
  for (const auto& command : commands) {
    text.sample(static_cast<double>(command.cpu) / 1e9, {{"command", command.name}});
  }
}

void append_budget(MetricsText& text, const AgentMetrics::Budget& budget) {
  text.family("outrider_budget_limit_cpus", "gauge", "CPUs that agent and programs may use.");
  text.sample(budget.limit);
  text.family("outrider_budget_used_cpus", "gauge", "CPUs that they have used in the last second.");
  text.sample(budget.used);
  text.family("outrider_budget_kept_ratio", "gauge", "The part of the events that is sent.");
  text.sample(budget.keep);
  text.family("outrider_budget_unwatched", "gauge", "Kinds that are not watched now: 1 for each.");
  for (const std::string_view kind : budget.unwatched) text.sample(1, {{"kind", kind}});
}

}  // namespace

void StreamCosts::add(const StreamCosts& other) {
  delivered += other.delivered;
  lost += other.lost;
  bytes += other.bytes;
  waiting += other.waiting;
  cpu += other.cpu;
}

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void MetricsText::sample(double value, const Labels& labels) {
  text_ += name_;
  char before = '{';
  for (const auto& [label, text] : labels) {
    fmt::format_to(std::back_inserter(text_), "{}{}=\"{}\"", before, label, escaped(text));
    before = ',';
  }
  if (labels.size() > 0) text_ += '}';
  fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

std::string metrics_text(const AgentMetrics& metrics) {
  MetricsText text;
  text.family("outrider_build_info", "gauge", "The version; the value is always 1.");
  text.sample(1, {{"version", OUTRIDER_VERSION}});
  append_account(text, metrics.account);
  const StreamCosts& costs = metrics.stream_costs;
  struct Row {
    std::string_view name;
    std::string_view type;
    std::string_view help;
    double value;
  };
  const Row rows[] = {
      {"outrider_streams", "gauge", "Streams that are read now.",
       static_cast<double>(metrics.streams)},
      {"outrider_streams_opened_total", "counter", "Streams that have been asked for.",
       static_cast<double>(metrics.streams_total)},
      {"outrider_stream_events_delivered_total", "counter", "Events written to streams.",
       static_cast<double>(costs.delivered)},
      {"outrider_stream_events_lost_total", "counter",
       "Events that streams have lost, mostly since their readers were slow.",
       static_cast<double>(costs.lost)},
      {"outrider_stream_bytes_total", "counter", "Bytes that the readers of streams have taken.",
       static_cast<double>(costs.bytes)},
      {"outrider_stream_waiting_bytes", "gauge", "Bytes that wait for readers of streams.",
       static_cast<double>(costs.waiting)},
      {"outrider_stream_cpu_seconds_total", "counter",
       "CPU time for streams: judging, writing and sending their events.",
       static_cast<double>(costs.cpu) / 1e9},
      {"outrider_ring_bytes", "gauge", "Memory of the rings between kernel and agent.",
       static_cast<double>(metrics.memory.rings)},
      {"outrider_map_bytes", "gauge", "Memory of the other maps of the kernel programs.",
       static_cast<double>(metrics.memory.maps)},
      {"process_cpu_seconds_total", "counter", "CPU time of the agent, in seconds.", cpu_seconds()},
      {"process_resident_memory_bytes", "gauge", "Resident memory of the agent.", resident_bytes()},
      {"process_open_fds", "gauge", "Open file descriptors of the agent.", open_descriptors()},
      {"process_start_time_seconds", "gauge", "When the agent was started, since 1970.",
       metrics.started},
  };
  for (const Row& row : rows) {
    text.family(row.name, row.type, row.help);
    text.sample(row.value);
  }
  append_commands(text, metrics.commands);
  if (metrics.budget) append_budget(text, *metrics.budget);
  return text.text();
}

}  // namespace outrider
