// SPDX-License-Identifier: Apache-2.0
#include "cli/bugreport_parts.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "agent/agent.h"
#include "agent/configuration.h"
#include "base/capability.h"
#include "base/file_descriptor.h"
#include "base/result.h"
#include "cli/agent_client.h"
#include "cli/doctor_report.h"
#include "cli/status_report.h"

namespace outrider {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileMax = 256 << 10;  // bytes of a file, from its end

// Of a file that cannot keep us waiting: of the kernel's, or a regular one.
Result<std::string> text_of(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) return fail_errno(path, errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno(path, errno);
  if (!S_ISREG(status.st_mode)) return fail(fmt::format("{}: no file", path));
  if (status.st_size > static_cast<off_t>(kFileMax)) {
    ::lseek(file.get(), -static_cast<off_t>(kFileMax), SEEK_END);
  }
  std::string text;
  char buffer[16 * 1024];
  while (text.size() < kFileMax) {
    const ssize_t count = ::read(file.get(), buffer, sizeof(buffer));
    if (count < 0) return fail_errno(path, errno);
    if (count == 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

// Its first line, or why there is none in brackets.
std::string line_of(const std::string& path) {
  const auto text = text_of(path);
  return text ? text->substr(0, text->find('\n')) : fmt::format("({})", text.error().message);
}

template <typename Keep>
std::string lines_that(const std::string& text, const Keep& keep) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    if (keep(line)) kept += fmt::format("{}\n", line);
    at = end + 1;
  }
  return kept;
}

// ---- the machine

// uname(2) but for the machine's name.
std::string release() {
  utsname names{};
  return ::uname(&names) == 0 ? names.release : "";
}

Result<std::string> version_text(const ReportSources& sources) {
  utsname names{};
  ::uname(&names);
  std::string text = fmt::format("outrider {}\n{} {} {} {}\n", OUTRIDER_VERSION, names.sysname,
                                 names.release, names.version, names.machine);
  if (const auto distribution = text_of("/etc/os-release")) text += *distribution;
  text += fmt::format("cpus {}\npage size {}\n", ::sysconf(_SC_NPROCESSORS_ONLN),
                      ::sysconf(_SC_PAGESIZE));
  text += line_of(sources.proc + "/meminfo") + "\n";
  return text + fmt::format("user id {}\n", ::geteuid());
}

// What decides which programs the kernel takes, and what they can see.
constexpr std::string_view kConfigurationPrefixes[] = {
    "BPF",
    "CGROUP",
    "DEBUG_INFO",
    "DYNAMIC_FTRACE",
    "FTRACE",
    "FUNCTION_ERROR",
    "HZ",
    "IO_URING",
    "KALLSYMS",
    "KPROBE",
    "LSM",
    "MODULES",
    "NAMESPACES",
    "PAHOLE",
    "PERF_EVENTS",
    "PREEMPT",
    "SECURITY_LOCKDOWN",
    "SECCOMP",
    "SMP",
    "TRACE",
    "UPROBE",
    "USER_NS",
    "X86_KERNEL_IBT",
};

bool matters(std::string_view line) {
  if (line.starts_with("# ")) line.remove_prefix(2);
  if (!line.starts_with("CONFIG_")) return false;
  line.remove_prefix(std::size("CONFIG_") - 1);
  return std::ranges::any_of(kConfigurationPrefixes,
                             [&](std::string_view prefix) { return line.starts_with(prefix); });
}

Result<std::string> kernel_configuration(const ReportSources& sources) {
  const std::string places[] = {sources.proc + "/config.gz",
                                fmt::format("{}/config-{}", sources.boot, release())};
  for (const std::string& place : places) {
    // Reads plain files as well.
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(::gzopen(place.c_str(), "rbe"),
                                                          ::gzclose);
    if (file == nullptr) continue;
    std::string text;
    char buffer[16 * 1024];
    constexpr std::size_t kMost = 4 << 20;
    int count = 0;
    while (text.size() < kMost && (count = ::gzread(file.get(), buffer, sizeof(buffer))) > 0) {
      text.append(buffer, static_cast<std::size_t>(count));
    }
    return fmt::format("# {}\n{}", place, lines_that(text, matters));
  }
  return fail(fmt::format("neither {} nor {} can be read", places[0], places[1]));
}

constexpr std::string_view kSettings[] = {
    "fs/file-max",
    "fs/nr_open",
    "kernel/bpf_stats_enabled",
    "kernel/dmesg_restrict",
    "kernel/ftrace_enabled",
    "kernel/io_uring_disabled",
    "kernel/kptr_restrict",
    "kernel/perf_event_max_sample_rate",
    "kernel/perf_event_mlock_kb",
    "kernel/perf_event_paranoid",
    "kernel/pid_max",
    "kernel/tainted",
    "kernel/threads-max",
    "kernel/unprivileged_bpf_disabled",
    "kernel/yama/ptrace_scope",
    "net/core/bpf_jit_enable",
    "net/core/bpf_jit_harden",
    "net/core/bpf_jit_kallsyms",
    "net/core/bpf_jit_limit",
    "user/max_user_namespaces",
    "vm/max_map_count",
};

Result<std::string> settings(const ReportSources& sources) {
  std::string text;
  for (const std::string_view setting : kSettings) {
    std::string name(setting);
    std::ranges::replace(name, '/', '.');
    text +=
        fmt::format("{} = {}\n", name, line_of(fmt::format("{}/sys/{}", sources.proc, setting)));
  }
  for (const std::string_view file : {"kernel/security/lsm", "kernel/security/lockdown"}) {
    text += fmt::format("{} = {}\n", file, line_of(fmt::format("{}/{}", sources.sys, file)));
  }
  return text;
}

// Where the kernel shows itself, and cgroups.
Result<std::string> mounts(const ReportSources& sources) {
  const auto text = text_of(sources.proc + "/self/mountinfo");
  if (!text) return std::unexpected(text.error());
  return lines_that(*text, [](std::string_view line) {
    // Behind " - ": type, source, options: proc_pid_mountinfo(5).
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) return false;
    std::string_view type = line.substr(dash + 3);
    type = type.substr(0, type.find(' '));
    constexpr std::string_view kTypes[] = {"bpf",  "cgroup",     "cgroup2", "debugfs",
                                           "proc", "securityfs", "sysfs",   "tracefs"};
    return std::ranges::find(kTypes, type) != std::end(kTypes);
  });
}

// Limits and rights of a process.
Result<std::string> process_text(const ReportSources& sources, const std::string& process) {
  const std::string directory = fmt::format("{}/{}", sources.proc, process);
  const auto limits = text_of(directory + "/limits");
  if (!limits) return std::unexpected(limits.error());
  const auto status = text_of(directory + "/status");
  std::string text = *limits + "\n" + (status ? *status : status.error().message + "\n");
  for (const char* name : {"pid", "mnt", "net", "user", "cgroup"}) {
    std::error_code error;
    const fs::path target = fs::read_symlink(fmt::format("{}/ns/{}", directory, name), error);
    text += fmt::format("namespace {}\n", error ? error.message() : target.string());
  }
  const auto cgroup = text_of(directory + "/cgroup");
  return text + (cgroup ? *cgroup : cgroup.error().message + "\n");
}

Result<std::string> own_process(const ReportSources& sources) {
  return process_text(sources, "self");
}

// ---- the agent

// Whoever holds the lock; nothing if nobody does.
std::optional<std::string> agent_pid(const ReportSources& sources) {
  if (!is_agent_running(sources.run_directory)) return std::nullopt;
  const std::string line = line_of(fmt::format("{}/{}", sources.run_directory, kLockFile));
  const bool is_number = !line.empty() && std::ranges::all_of(line, [](char each) {
    return each >= '0' && each <= '9';
  });
  return is_number ? std::optional(line) : std::nullopt;
}

std::unexpected<Error> no_agent() { return fail("no agent runs, or it may not be looked at"); }

Result<std::string> agent_process(const ReportSources& sources) {
  const auto pid = agent_pid(sources);
  return pid ? process_text(sources, *pid) : no_agent();
}

// Where each of its threads is: what is needed of one that hangs.
Result<std::string> agent_threads(const ReportSources& sources) {
  const auto pid = agent_pid(sources);
  if (!pid) return no_agent();
  std::string text;
  std::error_code error;
  for (const auto& thread :
       fs::directory_iterator(fmt::format("{}/{}/task", sources.proc, *pid), error)) {
    const std::string directory = thread.path();
    text += fmt::format("thread {}: {}, in {}\n", thread.path().filename().string(),
                        line_of(directory + "/comm"), line_of(directory + "/wchan"));
    const auto stack = text_of(directory + "/stack");
    text += stack ? *stack : stack.error().message + "\n";
  }
  return text;
}

// The one that it was started with.
std::string agent_configuration_path(const ReportSources& sources) {
  const auto pid = agent_pid(sources);
  const auto words = pid ? text_of(fmt::format("{}/{}/cmdline", sources.proc, *pid)) : no_agent();
  constexpr std::string_view kOption = "--config";
  if (words) {
    for (std::size_t at = 0; at < words->size();) {
      const std::string word = words->substr(at, words->find('\0', at) - at);
      at += word.size() + 1;
      if (word == kOption) return words->substr(at, words->find('\0', at) - at);
      if (word.starts_with(kOption) && word[kOption.size()] == '=') {
        return word.substr(kOption.size() + 1);
      }
    }
  }
  return std::string(kConfigurationPath);
}

Result<std::string> agent_configuration(const ReportSources& sources) {
  const std::string path = agent_configuration_path(sources);
  auto text = text_of(path);
  if (!text) return text;
  const auto parsed = read_configuration(path, /*required=*/true);
  return fmt::format("# {}: {}\n{}", path, parsed ? "in order" : parsed.error().message, *text);
}

// What systemd has kept of it.
Result<std::string> journal() {
  if (::access("/run/systemd/system", F_OK) != 0) {
    return fail("it is written to standard error, and systemd does not run");
  }
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
      ::popen("timeout 10 journalctl --unit=outrider --lines=2000 --no-pager --quiet "
              "--output=short-iso 2>&1",
              "re"),
      ::pclose);
  if (pipe == nullptr) return fail_errno("run journalctl", errno);
  std::string text;
  char buffer[16 * 1024];
  std::size_t count = 0;
  while ((count = std::fread(buffer, 1, sizeof(buffer), pipe.get())) > 0) {
    text.append(buffer, count);
  }
  if (text.size() > kFileMax) text.erase(0, text.size() - kFileMax);
  return text;
}

Result<std::string> agent_log(const ReportSources& sources) {
  const auto configuration =
      read_configuration(agent_configuration_path(sources), /*required=*/false);
  if (configuration && !configuration->log_file.empty()) return text_of(configuration->log_file);
  return journal();
}

Result<std::string> from_agent(const ReportSources& sources, std::string_view target) {
  return ask_agent(fmt::format("{}/{}", sources.run_directory, kObserveSocket), target);
}
Result<std::string> agent_metrics(const ReportSources& sources) {
  return from_agent(sources, "/metrics");
}
Result<std::string> agent_streams(const ReportSources& sources) {
  return from_agent(sources, "/v1/streams");
}
Result<std::string> agent_health(const ReportSources& sources) {
  return from_agent(sources, "/healthz");
}

// ---- all of it

// Parts that are made of the same look at the machine.
void add_status(std::vector<ReportPart>& parts, const ReportSources& sources) {
  sources.on_part("status");
  const StatusReport status = make_status_report(/*measure=*/true);
  sources.on_part("doctor");
  const auto findings = examine({.status = status,
                                 .has_capability = has_capability,
                                 .proc = sources.proc,
                                 .sys = sources.sys});
  parts.push_back({"status.txt", "outrider status", status_columns(status, 0), ""});
  parts.push_back({"status.json", "the same, with all that is known", status_json(status), ""});
  parts.push_back({"doctor.txt", "outrider doctor", doctor_columns(findings, 0), ""});
}

struct Row {
  std::string_view name;
  std::string_view what;
  Result<std::string> (*make)(const ReportSources& sources);
};
constexpr Row kRows[] = {
    {"version.txt", "outrider's version, kernel, distribution, size of the machine", version_text},
    {"kernel-configuration.txt", "what of the kernel's configuration matters",
     kernel_configuration},
    {"settings.txt", "sysctls that matter, and security modules", settings},
    {"mounts.txt", "where proc, sysfs, cgroups, bpf and tracefs are mounted", mounts},
    {"process.txt", "limits, rights, namespaces and cgroups of this command", own_process},
    {"agent/process.txt", "the same of the agent", agent_process},
    {"agent/threads.txt", "where the agent's threads are", agent_threads},
    {"agent/health.txt", "whether the agent says that it is well", agent_health},
    {"agent/metrics.txt", "the agent's metrics: its account, memory, streams", agent_metrics},
    {"agent/streams.json", "what the agent's readers have asked for, with their accounts",
     agent_streams},
    {"agent/configuration.yaml", "the agent's configuration", agent_configuration},
    {"agent/log.txt", "the end of the agent's log", agent_log},
};

}  // namespace

std::vector<ReportPart> gather_report(const ReportSources& sources) {
  std::vector<ReportPart> parts;
  add_status(parts, sources);
  for (const Row& row : kRows) {
    sources.on_part(row.name);
    auto made = row.make(sources);
    parts.push_back({row.name, row.what, made ? std::move(*made) : "",
                     made ? "" : std::move(made.error().message)});
  }
  return parts;
}

}  // namespace outrider
