// SPDX-License-Identifier: Apache-2.0
#include "cli/status_report.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/text.h"
#include "cli/agent_part.h"
#include "engine/bpf_object.h"
#include "events/redact.h"
#include "workloads/containers/cri_source.h"
#include "workloads/workload_table.h"

namespace outrider {

namespace {

constexpr std::chrono::seconds kMeasureFor{1};

std::string kernel_release() {
  utsname names{};
  return ::uname(&names) == 0 ? names.release : "";
}

// Arguments in one line, secrets masked; not yet fit for a terminal.
std::string command_line(const ProgramHolder& holder) {
  std::string line = redact_arguments(holder.arguments).value_or(holder.arguments);
  while (!line.empty() && line.back() == '\0') line.pop_back();
  std::replace(line.begin(), line.end(), '\0', ' ');
  return line;
}

// ---- columns

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  if (bytes < 1024 * 1024) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1024);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / (1024 * 1024));
}

template <typename T>
std::string known(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "?";
}

void append_features(std::string& out, const StatusReport& report, std::size_t width) {
  constexpr std::size_t kIndent = 18 + 8 + 5 + 3;
  out += fmt::format("{:<18} {:<8} {:<5} {}\n", "FEATURE", "STATE", "SINCE", "USED FOR");
  const auto features = all_features();
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Feature& feature = features[i];
    const FeatureResult& result = report.features[i];
    out += fmt::format("{:<18} {:<8} {:<5} ", feature.name, feature_state_name(result.state),
                       feature.since);
    append_wrapped(out, feature.purpose, kIndent, width);
    if (result.reason.empty()) continue;
    out.append(kIndent, ' ');
    std::string reason;
    append_terminal_text(reason, fmt::format("({})", result.reason));
    append_wrapped(out, reason, kIndent, width);
  }
}

void append_programs(std::string& out, const StatusReport& report, std::size_t width) {
  if (!report.loaded_unknown.empty()) {
    out += fmt::format("\nWhat is attached is not known: {}\n", report.loaded_unknown);
    return;
  }
  if (report.loaded.programs.empty()) {
    out += "\nNothing of ours is attached.\n";
    return;
  }
  out += fmt::format("\n{:<15} {:>7} {:>7} {:>6} {:>6} {:>6} {:>6} {}\n", "PROGRAM", "PID",
                     "RUNS/S", "NS/RUN", "MISSED", "INSNS", "JITED", "AT");
  for (const LoadedProgram& program : report.loaded.programs) {
    std::string rate = "?", cost = "?";
    if (program.measured && report.measured_seconds > 0) {
      const auto runs = static_cast<double>(program.measured->runs);
      rate = fmt::format("{:.0f}", runs / report.measured_seconds);
      cost = program.measured->runs == 0
                 ? "-"
                 : fmt::format("{:.0f}", static_cast<double>(program.measured->time) / runs);
    }
    out += fmt::format("{:<15} {:>7} {:>7} {:>6} {:>6} {:>6} {:>6} ", program.name,
                       program.holders.front(), rate, cost, known(program.recursion_misses),
                       known(program.verified_instructions), program.jited_size);
    std::string place;
    append_terminal_text(place, program.attached_to.empty() ? "-" : program.attached_to);
    constexpr std::size_t kPlace = 15 + 7 * 2 + 6 * 4 + 7;
    out += width > kPlace ? shorten_end(place, width - kPlace) : place;
    out += '\n';
  }

  out +=
      fmt::format("\n{:>7} {:>10} {:>10} {:>10}  {}\n", "PID", "PRIVATE", "RINGS", "MAPS", "FOR");
  for (const ProgramHolder& holder : report.loaded.holders) {
    out += fmt::format("{:>7} {:>10} {:>10} {:>10}  ", holder.pid,
                       holder.private_memory ? size_text(*holder.private_memory) : "?",
                       size_text(holder.memory.rings), size_text(holder.memory.maps));
    std::string command;
    append_terminal_text(command, command_line(holder));
    constexpr std::size_t kCommand = 7 + 10 * 3 + 5;
    out += width > kCommand ? shorten_end(command, width - kCommand) : command;
    out += '\n';
  }
}

void append_containers(std::string& out, const StatusReport& report) {
  out += fmt::format("\nContainers: {}; names come from\n", report.containers.size());
  for (const std::string& source : report.container_sources) {
    out += "  ";
    append_terminal_text(out, source);
    out += '\n';
  }
  for (const auto& container : report.containers) {
    std::string line;
    append_terminal_text(line, container.name.empty() ? container.id : container.name);
    out += fmt::format("  {:<24} {}\n", line,
                       container.source.empty() ? "not found out" : "by its " + container.source);
  }
}

// ---- JSON

// Writes members and elements with the commas between them.
class Json {
 public:
  void open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void key(std::string_view name) {
    text(name);
    out_ += ':';
    first_ = true;  // its value wants no comma
  }
  void text(std::string_view bytes) {
    separate();
    out_ += '"';
    append_json_text(out_, bytes);
    out_ += '"';
  }
  template <typename T>
  void value(const T& plain) {
    separate();
    out_ += fmt::format("{}", plain);
  }
  template <typename T>
  void member(std::string_view name, const std::optional<T>& number) {
    key(name);
    if (number) {
      value(*number);
    } else {
      value("null");
    }
  }
  // Texts of which an empty one means that there is none.
  void text_member(std::string_view name, std::string_view bytes) {
    key(name);
    if (bytes.empty()) {
      value("null");
    } else {
      text(bytes);
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string out_;
  bool first_ = true;
};

void append_features(Json& json, const StatusReport& report) {
  json.key("features");
  json.open('[');
  const auto features = all_features();
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Feature& feature = features[i];
    const FeatureResult& result = report.features[i];
    json.open('{');
    json.text_member("name", feature.name);
    json.text_member("state", feature_state_name(result.state));
    json.text_member("errno", result.error_number != 0 ? errno_name(result.error_number) : "");
    json.text_member("reason", result.reason);
    json.member("needed", std::optional(feature.needed));
    json.text_member("purpose", feature.purpose);
    json.text_member("trial", feature.trial);
    json.text_member("since", feature.since);
    json.text_member("commit", feature.commit);
    json.text_member("title", feature.title);
    json.close('}');
  }
  json.close(']');
}

void append_programs(Json& json, const StatusReport& report) {
  json.text_member("programs_unknown", report.loaded_unknown);
  json.member("measured_seconds",
              report.measured_seconds > 0 ? std::optional(report.measured_seconds) : std::nullopt);
  json.key("programs");
  json.open('[');
  for (const LoadedProgram& program : report.loaded.programs) {
    json.open('{');
    json.member("id", std::optional(program.id));
    json.text_member("name", program.name);
    json.text_member("attached_to", program.attached_to);
    json.key("pids");
    json.open('[');
    for (const pid_t pid : program.holders) json.value(pid);
    json.close(']');
    std::optional<std::uint64_t> runs, time;
    if (program.measured) {
      runs = program.measured->runs;
      time = program.measured->time;
    }
    json.member("runs", runs);
    json.member("run_time_ns", time);
    json.member("ns_per_run", runs.value_or(0) > 0 ? std::optional(*time / *runs) : std::nullopt);
    json.member("recursion_misses", program.recursion_misses);
    json.member("verified_instructions", program.verified_instructions);
    json.member("jited_bytes", std::optional(program.jited_size));
    json.close('}');
  }
  json.close(']');
  json.key("processes");
  json.open('[');
  for (const ProgramHolder& holder : report.loaded.holders) {
    json.open('{');
    json.member("pid", std::optional(holder.pid));
    json.text_member("command", command_line(holder));
    json.member("private_bytes", holder.private_memory);
    json.member("ring_bytes", std::optional(holder.memory.rings));
    json.member("map_bytes", std::optional(holder.memory.maps));
    json.close('}');
  }
  json.close(']');
}

void append_containers(Json& json, const StatusReport& report) {
  json.key("container_sources");
  json.open('[');
  for (const std::string& source : report.container_sources) json.text(source);
  json.close(']');
  json.key("containers");
  json.open('[');
  for (const auto& container : report.containers) {
    json.open('{');
    json.text_member("id", container.id);
    json.text_member("name", container.name);
    json.text_member("name_from", container.source);
    json.close('}');
  }
  json.close(']');
}

// Asks as a stream does at its start.
void find_containers(StatusReport& report) {
  constexpr auto kPatience = std::chrono::milliseconds(1000);
  WorkloadTable workloads;
  workloads.read_cgroups();
  workloads.settle(kPatience);
  for (const Workload* workload : workloads.containers()) {
    const Container& container = workload->container;
    report.containers.push_back({.id = container.id.text,
                                 .name = container.name.text,
                                 .source = std::string(source_name(container.name.source))});
  }
  report.container_sources = workloads.reader().sources();
  report.container_sources.push_back(fmt::format("module for cri: {}", cri_module_status()));
}

}  // namespace

std::vector<std::string> own_program_names() {
  std::vector<std::string> names;
  const BpfObject object(outrider_bpf::open());
  if (!object) return names;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object->obj) {
    names.emplace_back(bpf_program__name(program));
  }
  return names;
}

StatusReport make_status_report(bool measure) {
  StatusReport report;
  report.kernel = kernel_release();
  report.features = try_features();
  find_containers(report);
  report.agent = agent_document();
  auto loaded = find_programs(own_program_names());
  if (!loaded) {
    report.loaded_unknown = loaded.error().message;
    return report;
  }
  report.loaded = std::move(*loaded);
  if (measure && !report.loaded.programs.empty()) {
    // Where the kernel does not count, the row of that feature says why.
    if (const auto took = measure_programs(report.loaded.programs, kMeasureFor)) {
      report.measured_seconds = std::chrono::duration<double>(*took).count();
    }
  }
  return report;
}

std::optional<Error> missing_feature(const StatusReport& report) {
  const auto features = all_features();
  for (std::size_t i = 0; i < features.size(); ++i) {
    const FeatureResult& result = report.features[i];
    if (!features[i].needed || result.state == FeatureState::kWorks) continue;
    return Error{fmt::format("this kernel cannot run outrider: {} {}: {}", features[i].name,
                             result.state == FeatureState::kAbsent ? "is absent" : "was refused",
                             result.reason)};
  }
  return std::nullopt;
}

std::string status_columns(const StatusReport& report, std::size_t width) {
  std::string out;
  out += fmt::format("outrider {}, Linux ", OUTRIDER_VERSION);
  append_terminal_text(out, report.kernel);
  out += "\n\n";
  append_features(out, report, width);
  append_programs(out, report, width);
  out += report.agent ? agent_columns(*report.agent, width) : "\nNo agent runs.\n";
  append_containers(out, report);
  return out;
}

std::string status_json(const StatusReport& report) {
  Json json;
  json.open('{');
  json.text_member("kernel", report.kernel);
  json.text_member("version", OUTRIDER_VERSION);
  append_features(json, report);
  append_programs(json, report);
  append_containers(json, report);
  json.key("agent");
  const auto agent = report.agent ? nlohmann::ordered_json::parse(*report.agent, nullptr, false)
                                  : nlohmann::ordered_json();
  json.value(agent.is_object()
                 ? agent.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                 : "null");
  json.close('}');
  return json.take() + '\n';
}

}  // namespace outrider
