// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_report.h"

#include <fmt/format.h>
#include <linux/capability.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "base/text.h"

namespace outrider {

namespace {

namespace fs = std::filesystem;
using Level = Finding::Level;

// The first line of a file of the kernel's; nullopt if it cannot be read.
std::optional<std::string> line_of(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

// ---- who we are

struct CapabilityRow {
  unsigned number, instead;  // either will do
  std::string_view name;
  Level level;  // without it
  std::string_view lost;
};
constexpr CapabilityRow kCapabilities[] = {
    {CAP_BPF, CAP_SYS_ADMIN, "CAP_BPF", Level::kProblem, "no program can be loaded"},
    {CAP_PERFMON, CAP_SYS_ADMIN, "CAP_PERFMON", Level::kProblem, "no program can be attached"},
    {CAP_SYS_PTRACE, CAP_SYS_PTRACE, "CAP_SYS_PTRACE", Level::kWarning,
     "executables and directories of processes that were there before are not known"},
    {CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE, "CAP_DAC_READ_SEARCH", Level::kWarning,
     "bundles of containers, and their users' names, cannot be read"},
    {CAP_SYS_ADMIN, CAP_SYS_ADMIN, "CAP_SYS_ADMIN", Level::kWarning,
     "status cannot say what is attached and what it costs"},
};

void look_at_capabilities(const Machine& machine, std::vector<Finding>& findings) {
  bool all = true;
  for (const CapabilityRow& row : kCapabilities) {
    if (machine.has_capability(row.number) || machine.has_capability(row.instead)) continue;
    all = false;
    findings.push_back({row.level, "capability", fmt::format("without {}: {}", row.name, row.lost),
                        "run it as root, or give it that capability (AmbientCapabilities= of its "
                        "systemd unit, securityContext of its pod)"});
  }
  if (all) findings.push_back({Level::kGood, "capability", "all that are needed", ""});
}

// PROC_PID_INIT_INO of include/linux/proc_ns.h: the host's.
constexpr std::string_view kHostPidNamespace = "pid:[4026531836]";

void look_at_proc(const Machine& machine, std::vector<Finding>& findings) {
  std::error_code error;
  const fs::path namespace_of_pids = fs::read_symlink(machine.proc / "self/ns/pid", error);
  if (error) {
    findings.push_back({Level::kProblem, "proc",
                        fmt::format("{} is not there", machine.proc.native()),
                        fmt::format("mount -t proc proc {}", machine.proc.native())});
    return;
  }
  if (namespace_of_pids != kHostPidNamespace) {
    findings.push_back({Level::kWarning, "pid namespace",
                        "not the host's: /proc has other numbers than events have, and most names "
                        "of processes that were there before are not known",
                        "run it in the host's pid namespace (hostPID: true, --pid=host)"});
  } else {
    findings.push_back({Level::kGood, "pid namespace", "the host's", ""});
  }
  if (!line_of(machine.proc / "1/stat")) {
    findings.push_back({Level::kWarning, "proc", "hides processes of others",
                        "mount it again without hidepid: mount -o remount,hidepid=0 /proc"});
  }
}

// ---- the kernel

constexpr int kOldest[] = {5, 10};

// "6.1.0-18-amd64" is {6, 1}.
std::optional<std::pair<int, int>> version_of(std::string_view release) {
  std::pair<int, int> version;
  const char* end = release.data() + release.size();
  const auto major = std::from_chars(release.data(), end, version.first);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return std::nullopt;
  if (std::from_chars(major.ptr + 1, end, version.second).ec != std::errc()) return std::nullopt;
  return version;
}

void look_at_kernel(const Machine& machine, std::vector<Finding>& findings) {
  const auto version = version_of(machine.status.kernel);
  if (version && *version < std::pair(kOldest[0], kOldest[1])) {
    findings.push_back({Level::kProblem, "kernel",
                        fmt::format("Linux {} is too old", machine.status.kernel),
                        fmt::format("Linux {}.{} or newer", kOldest[0], kOldest[1])});
  } else {
    findings.push_back(
        {Level::kGood, "kernel", fmt::format("Linux {}", machine.status.kernel), ""});
  }
  const auto lockdown = line_of(machine.sys / "kernel/security/lockdown");
  if (lockdown && lockdown->find("[confidentiality]") != std::string::npos) {
    findings.push_back({Level::kProblem, "lockdown",
                        "the kernel is locked down (confidentiality): programs may not read it",
                        "boot without lockdown=confidentiality; integrity is no hindrance"});
  }
}

struct FeatureAdvice {
  std::string_view name;  // of all_features()
  std::string_view lost;
  std::string_view advice;
};
// Those that we can do without, and what is then missing. Of those that we cannot do without the
// trial's own reason is shown.
constexpr FeatureAdvice kFeatureAdvice[] = {
    {"cgroup2", "containers are told apart by the controllers of version 1 only",
     "mount -t cgroup2 none /sys/fs/cgroup/unified"},
    {"cgroup_mkdir", "containers that live for a moment may have no name", "Linux 4.19 or newer"},
    {"rdonly_cast", "each event costs some hundred ns more", "Linux 6.2 or newer"},
    {"number_iterator", "the start takes longer, and paths cost more", "Linux 6.4 or newer"},
    {"io_uring_submit", "requests of an io_uring are not seen",
     "Linux 6.0 or newer, with io_uring"},
    {"io_uring_complete", "how requests of an io_uring end is not seen",
     "Linux 5.5 or newer, with io_uring"},
    {"run_time_stats", "status cannot say what programs cost", "Linux 5.8 or newer"},
    {"recursion_misses", "events that the kernel skips are not counted", "Linux 5.12 or newer"},
    {"resolve_cached", "a path on a file system that hangs can keep an event waiting",
     "Linux 5.12 or newer"},
};

void look_at_features(const Machine& machine, std::vector<Finding>& findings) {
  const auto may = [&machine](unsigned number) {
    return machine.has_capability(number) || machine.has_capability(CAP_SYS_ADMIN);
  };
  if (!may(CAP_BPF) || !may(CAP_PERFMON)) {
    findings.push_back({Level::kWarning, "features", "could not be tried without CAP_BPF", ""});
    return;
  }
  const auto features = all_features();
  std::size_t lacking = 0;
  for (std::size_t i = 0; i < features.size() && i < machine.status.features.size(); ++i) {
    const FeatureResult& result = machine.status.features[i];
    if (result.state == FeatureState::kWorks) continue;
    const auto* const row =
        std::ranges::find(kFeatureAdvice, features[i].name, &FeatureAdvice::name);
    if (!features[i].needed && row == std::end(kFeatureAdvice)) continue;
    ++lacking;
    const std::string why = result.reason.empty() ? "" : fmt::format(" ({})", result.reason);
    if (features[i].needed) {
      findings.push_back(
          {Level::kProblem, features[i].name,
           fmt::format("{}: {}{}", feature_state_name(result.state), features[i].purpose, why),
           fmt::format("Linux {} or newer with it", features[i].since)});
    } else {
      findings.push_back({Level::kWarning, features[i].name,
                          fmt::format("{}: {}{}", feature_state_name(result.state), row->lost, why),
                          std::string(row->advice)});
    }
  }
  if (lacking == 0) findings.push_back({Level::kGood, "features", "all that are used work", ""});
}

// ---- how it is set up

struct Setting {
  std::string_view path;  // beneath /proc/sys
  std::string_view bad;   // its value
  std::string_view found;
  std::string_view good;
};
constexpr Setting kSettings[] = {
    {"net/core/bpf_jit_enable", "0",
     "the kernel interprets programs: each costs many times as much", "1"},
    {"net/core/bpf_jit_harden", "2", "programs are hardened against their own authors, and slower",
     "1"},
    {"kernel/bpf_stats_enabled", "1",
     "somebody has the run time of programs measured: each run costs some 40 ns more", "0"},
};

void look_at_settings(const Machine& machine, std::vector<Finding>& findings) {
  bool all = true;
  for (const Setting& setting : kSettings) {
    if (line_of(machine.proc / "sys" / setting.path) != setting.bad) continue;
    all = false;
    std::string name(setting.path);
    std::ranges::replace(name, '/', '.');
    findings.push_back({Level::kWarning, "setting",
                        fmt::format("{} is {}: {}", name, setting.bad, setting.found),
                        fmt::format("sysctl {}={}", name, setting.good)});
  }
  if (all) findings.push_back({Level::kGood, "setting", "none is in the way", ""});
}

constexpr void (*kChecks[])(const Machine&, std::vector<Finding>&) = {
    look_at_kernel, look_at_capabilities, look_at_proc, look_at_features, look_at_settings};

std::string_view level_name(Level level) {
  switch (level) {
    case Level::kGood:
      return "good";
    case Level::kWarning:
      return "warning";
    case Level::kProblem:
      break;
  }
  return "problem";
}

std::size_t count(const std::vector<Finding>& findings, Level level) {
  return static_cast<std::size_t>(std::ranges::count(findings, level, &Finding::level));
}

}  // namespace

std::vector<Finding> examine(const Machine& machine) {
  std::vector<Finding> findings;
  for (const auto& check : kChecks) check(machine, findings);
  return findings;
}

std::string doctor_columns(const std::vector<Finding>& findings, std::size_t width) {
  constexpr std::size_t kIndent = 8 + 18;
  std::string out;
  for (const Finding& finding : findings) {
    out += fmt::format("{:<8}{:<18}", level_name(finding.level), finding.subject);
    std::string text;
    append_terminal_text(text, finding.found);
    append_wrapped(out, text, kIndent, width);
    if (finding.advice.empty()) continue;
    out.append(kIndent, ' ');
    text.clear();
    append_terminal_text(text, fmt::format("do: {}", finding.advice));
    append_wrapped(out, text, kIndent, width);
  }
  const std::size_t problems = count(findings, Level::kProblem);
  const std::size_t warnings = count(findings, Level::kWarning);
  out += problems + warnings == 0
             ? "\nNothing is missing.\n"
             : fmt::format("\n{} {}, {} {}\n", problems, problems == 1 ? "problem" : "problems",
                           warnings, warnings == 1 ? "warning" : "warnings");
  return out;
}

std::string doctor_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json json;
  json["problems"] = count(findings, Level::kProblem);
  json["warnings"] = count(findings, Level::kWarning);
  json["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    nlohmann::ordered_json one;
    one["level"] = level_name(finding.level);
    one["subject"] = finding.subject;
    one["found"] = finding.found;
    if (!finding.advice.empty()) one["advice"] = finding.advice;
    json["findings"].push_back(std::move(one));
  }
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace outrider
