// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "cli/agent_client.h"
#include "cli/calls_report.h"
#include "cli/child_command.h"
#include "cli/commands.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "engine/call_summary.h"
#include "engine/container_scope.h"
#include "streams/condition_options.h"
#include "streams/option_checks.h"
#include "streams/output.h"
#include "syscalls/call_sums.h"

namespace outrider {

namespace {

using Clock = std::chrono::steady_clock;

// The kernel's sums are fetched so often, or they would fill with the pids of the dead.
constexpr std::chrono::seconds kCollectInterval{1};
// At the end, somebody waits for the names of containers.
constexpr std::chrono::milliseconds kNamesPatience{500};
// Sums of containers that are not known yet.
constexpr std::size_t kPendingMax = 1 << 17;

struct SyscallsOptions {
  static constexpr std::string_view kName = "syscalls";
  static constexpr std::string_view kDoc =
      "Counts system calls as `strace -c` does, in the kernel: how often which call was made, "
      "with\n"
      "how many errors, and how long it took. Of a command and what it starts\n"
      "(outrider syscalls [OPTIONS] -- COMMAND...), of processes, of containers, or of everything\n"
      "but itself.";

  std::vector<std::string> command;
  ConditionOptions condition;
  std::vector<pid_t> pids;
  bool follow = false;
  std::vector<std::string> by;
  bool errors = false;
  std::string order = "total";
  std::string format = "columns";
  std::optional<std::string> file;
  double interval = 0;  // seconds; 0: one report, at the end
  double timeout = 0;   // seconds; 0: none
  bool no_header = false;

  [[nodiscard]] bool is_by(std::string_view name) const {
    return std::ranges::find(by, name) != by.end();
  }

  void add_to(CommandLine& line) {
    CLI::App& app = line.options();
    condition.add_workloads_to(app);
    app.add_flag("-f,--follow", follow,
                 "with --pid: also what these start from now on; a command is always followed");
    app.add_option("--by", by, "split rows by process, thread or container, or several")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"process", "thread", "container"}))
        ->type_name("WHAT");
    app.add_flag("--errors", errors, "which errors, and how often, below each call");
    app.add_option("--sort", order, "total (time), calls, errors or p99")
        ->check(CLI::IsMember({"total", "calls", "errors", "p99"}))
        ->type_name("BY");
    app.add_option("-o,--output", format, "columns, json (one object) or jsonpretty")
        ->check(CLI::IsMember({"columns", "json", "jsonpretty"}))
        ->type_name("FORMAT");
    app.add_option("-O,--file", file,
                   "write the table there; else it goes to standard output, with a command to "
                   "standard error")
        ->type_name("FILE");
    app.add_option("--interval", interval, "a table of each so many seconds")
        ->transform(as_seconds())
        ->type_name("SECONDS");
    app.add_option("--timeout", timeout, "stop after so many seconds")
        ->transform(as_seconds())
        ->type_name("SECONDS");
    app.add_flag("--no-header", no_header, "no line with the names of the columns");
    app.footer(
        "-p with a number is --pid, as in strace. P50 and P99 are within an eighth of the exact "
        "time.\n"
        "With a COMMAND the exit code is the command's, or 128 + the signal that ended it; 2 if "
        "it\n"
        "cannot be run. Ends otherwise with Ctrl-C, --timeout, or the processes of --pid; SIGUSR1\n"
        "shows the table so far.");
  }
};

std::chrono::nanoseconds seconds(double number) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(number));
}

// A thread's name as the kernel has it: with zeros behind it, but for the longest.
std::string text_of(const std::uint64_t (&words)[2]) {
  char bytes[sizeof(words)];
  std::memcpy(bytes, words, sizeof(words));
  return {bytes, ::strnlen(bytes, sizeof(bytes))};
}

// One run: the kernel's summary, whose calls it is about, and the loop that reports it.
class Syscalls {
 public:
  Syscalls(const SyscallsOptions& options, const CallsReportOptions& report, Output& output,
           Asker& asker)
      : options_(options), report_(report), output_(output), asker_(asker) {}

  // Everything is counted from its return on. `child` is nullptr where there is no command.
  Result<void> start(ChildCommand* child, const Condition* condition) {
    child_ = child;
    of_containers_ = condition != nullptr;
    if (of_containers_ || report_.by_container) {
      auto scope = ContainerScope::start(condition);
      if (!scope) return std::unexpected(scope.error());
      scope_ = std::move(*scope);
    }
    wire_call_summary summary{};
    summary.by_process = report_.by_process && !report_.by_thread ? 1 : 0;
    summary.by_thread = report_.by_thread ? 1 : 0;
    summary.by_cgroup = scope_ ? 1 : 0;
    summary.errors = options_.errors ? 1 : 0;
    summary.of_threads = child != nullptr || !options_.pids.empty() ? 1 : 0;
    summary.of_cgroups = of_containers_ ? 1 : 0;
    summary.follow = child != nullptr || options_.follow ? 1 : 0;
    auto loaded =
        CallSummary::load(summary, scope_ ? scope_->engine().workloads().cgroups().hierarchies()
                                          : find_cgroup_hierarchies());
    if (!loaded) return std::unexpected(loaded.error());
    summary_ = std::move(*loaded);
    if (const std::string& refused = summary_->refused(); !refused.empty()) {
      asker_.tell(fmt::format("this kernel refuses {}", refused));
    }
    look_at_containers();
    if (child != nullptr) {
      auto added = summary_->add_thread(child->pid(), child->pid(), WIRE_CALL_WAITS);
      if (!added) return added;
    }
    if (auto attached = summary_->attach(); !attached) return attached;
    for (const pid_t pid : options_.pids) {
      if (auto added = summary_->add_process(pid); !added) return added;
      // Linux 5.3.
      ended_.emplace_back(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    }
    return {};
  }

  Result<ExitCode> run() {
    begun_ = Clock::now();
    const auto start = begun_;
    auto next_collect = start + kCollectInterval;
    while (!stopped_) {
      const auto now = Clock::now();
      if (options_.timeout > 0 && now >= start + seconds(options_.timeout)) break;
      look_at_containers();
      if (now >= next_collect) {
        collect();
        next_collect = now + kCollectInterval;
      }
      auto next = next_collect;
      if (options_.timeout > 0) next = std::min(next, start + seconds(options_.timeout));
      if (options_.interval > 0) {
        if (now >= begun_ + seconds(options_.interval)) {
          collect();
          if (!report(/*at_end=*/false)) break;
          begin_interval();
        }
        next = std::min(next, begun_ + seconds(options_.interval));
      }
      wait(next);
    }
    finish();
    return ending();
  }

 private:
  // Until a wish, the end of what is watched, news of containers, or that time.
  void wait(Clock::time_point until) {
    std::vector<pollfd> descriptors{{asker_.descriptor(), POLLIN, 0}};
    if (child_ != nullptr) descriptors.push_back({child_->descriptor(), POLLIN, 0});
    for (const FileDescriptor& process : ended_) descriptors.push_back({process.get(), POLLIN, 0});
    bool asleep = false;
    if (scope_) {
      asleep = scope_->engine().idle() && scope_->engine().fall_asleep();
      if (!asleep) until = std::min(until, Clock::now() + kDrainInterval);
      if (asleep) descriptors.push_back({scope_->engine().descriptor(), POLLIN, 0});
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    const auto patience = std::max(left, std::chrono::milliseconds(0)).count();
    ::poll(descriptors.data(), descriptors.size(), static_cast<int>(patience));
    if (asleep) scope_->engine().wake_up();
    if (descriptors[0].revents != 0) handle_wish();
    if (child_ != nullptr && child_->ending()) stopped_ = true;
    if (ended_.empty()) return;
    std::erase_if(ended_, [&](const FileDescriptor& process) {
      // There was none: it had ended before.
      if (!process.valid()) return true;
      pollfd ended{process.get(), POLLIN, 0};
      return ::poll(&ended, 1, 0) != 0;
    });
    if (ended_.empty()) stopped_ = true;
  }

  void handle_wish() {
    switch (asker_.next()) {
      case Asker::Wish::kNothing:
        break;
      case Asker::Wish::kReport:
        collect();
        if (!report(/*at_end=*/false)) stopped_ = true;
        break;
      case Asker::Wish::kEnd:
        stopped_ = true;
        break;
    }
  }

  // ---- what the kernel has added up

  void look_at_containers() {
    if (!scope_) return;
    scope_->engine().drain();
    scope_->update([this](std::uint64_t cgroup, bool wanted) {
      if (of_containers_) summary_->tell_cgroup(cgroup, wanted);
    });
  }

  CallKey key_of(const wire_call_key& key) const {
    CallKey row{.call = key.call, .abi = key.abi == WIRE_ABI_32 ? WIRE_ABI_32 : WIRE_ABI_64};
    if (report_.by_container) row.container = scope_->label(key.cgroup);
    if (report_.by_process) {
      row.pid = key.pid;
      row.tid = key.tid;
      row.comm = text_of(key.comm);
    }
    return row;
  }

  // Nothing while nobody knows.
  std::optional<bool> is_wanted(const wire_call_key& key) const {
    return scope_ ? scope_->is_wanted(key.cgroup) : std::optional(true);
  }

  void add(const wire_call_key& key, const wire_call_sum& sum) {
    const auto wanted = is_wanted(key);
    if (!wanted && pending_.size() < kPendingMax) {
      pending_.emplace_back(key, sum);
    } else if (!wanted) {
      unjudged_ += sum.count;
    } else if (*wanted) {
      sums_.add(key_of(key), key, sum, options_.errors);
    } else {
      filtered_ += sum.count;
    }
  }

  void judge_pending() {
    for (const auto& [key, sum] : std::exchange(pending_, {})) add(key, sum);
  }

  void collect() {
    judge_pending();
    summary_->take([this](const auto& key, const auto& sum) { add(key, sum); });
  }

  void finish() {
    summary_->finish([this](const auto& key, const auto& sum) { add(key, sum); });
    if (scope_) {
      scope_->engine().drain();
      scope_->engine().workloads().settle(kNamesPatience);
      look_at_containers();
      judge_pending();
      for (const auto& [key, sum] : pending_) {
        if (of_containers_) {
          unjudged_ += sum.count;
        } else {
          sums_.add(key_of(key), key, sum, options_.errors);
        }
      }
    }
    summary_->for_each_unfinished([this](const wire_call_key& key) {
      if (is_wanted(key).value_or(!of_containers_)) sums_.add_unfinished(key_of(key));
    });
    report(/*at_end=*/true);
  }

  // ---- reports

  void begin_interval() {
    sums_.clear();
    begun_ = Clock::now();
  }

  // False once the output cannot be written any more.
  bool report(bool at_end) {
    CallsReportNotes notes;
    notes.time = static_cast<std::int64_t>(read_clock(CLOCK_REALTIME));
    notes.interval = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begun_).count());
    notes.timed = options_.interval > 0;
    if (at_end) {
      notes.account = summary_->account();
      notes.filtered = filtered_;
      notes.unjudged = unjudged_;
      if (child_ != nullptr) notes.running = summary_->threads();
    }
    output_.buffer() += calls_report(sums_, report_, notes);
    return output_.flush();
  }

  Result<ExitCode> ending() const {
    // `| head` has seen enough: that is no error.
    if (output_.error() != 0 && output_.error() != EPIPE) {
      return fail_errno("write the table", output_.error());
    }
    if (child_ == nullptr) return ExitCode::kDone;
    return static_cast<ExitCode>(child_->ending().value_or(0));
  }

  const SyscallsOptions& options_;
  const CallsReportOptions& report_;
  Output& output_;
  Asker& asker_;
  ChildCommand* child_ = nullptr;
  bool of_containers_ = false;
  std::unique_ptr<ContainerScope> scope_;
  std::unique_ptr<CallSummary> summary_;
  std::vector<FileDescriptor> ended_;  // of the processes that are watched: readable at their end
  CallSums sums_;
  std::vector<std::pair<wire_call_key, wire_call_sum>> pending_;
  std::uint64_t filtered_ = 0;
  std::uint64_t unjudged_ = 0;
  Clock::time_point begun_ = Clock::now();
  bool stopped_ = false;
};

// Of a command, which decides itself what a signal means: ours are handed on, but for those of the
// terminal, which it has got as well.
class AskerWithChild : public AskerAtTerminal {
 public:
  AskerWithChild(FileDescriptor signals, const ChildCommand& child)
      : AskerAtTerminal(std::move(signals)), child_(child) {}

  Wish next() override {
    signalfd_siginfo information{};
    if (::read(descriptor(), &information, sizeof(information)) != sizeof(information)) {
      return Wish::kNothing;
    }
    if (information.ssi_signo == SIGUSR1) return Wish::kReport;
    if (information.ssi_code != SI_KERNEL) child_.send(static_cast<int>(information.ssi_signo));
    return Wish::kNothing;
  }

 private:
  const ChildCommand& child_;
};

std::optional<pid_t> parse_pid(std::string_view text) {
  pid_t pid = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), pid);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  return whole && pid > 0 ? std::optional(pid) : std::nullopt;
}

// Processes are told apart from what conditions are about; -p NUMBER is one, as in strace.
Result<void> take_pids(SyscallsOptions& options) {
  Sugar& sugar = options.condition.sugar;
  for (const std::string& text : std::exchange(sugar.pids, {})) {
    const auto pid = parse_pid(text);
    if (!pid) {
      return fail(fmt::format("--pid {}: give the number of a process", text), ExitCode::kBadInput);
    }
    options.pids.push_back(*pid);
  }
  std::erase_if(sugar.pods, [&](const std::string& text) {
    const auto pid = parse_pid(text);
    if (pid) options.pids.push_back(*pid);
    return pid.has_value();
  });
  return {};
}

Result<void> check(const SyscallsOptions& options) {
  struct Rule {
    bool broken;
    std::string_view text;
  };
  const bool command = !options.command.empty();
  const bool has_condition = !options.condition.sugar.containers.empty() ||
                             !options.condition.sugar.namespaces.empty() ||
                             !options.condition.sugar.pods.empty() || options.condition.sugar.host;
  const Rule rules[] = {
      {command && !options.pids.empty(), "--pid: a command behind '--' is a process of its own"},
      {command && has_condition, "containers and pods: a command behind '--' is in none of them"},
      {command && options.timeout > 0,
       "--timeout: a command runs until its end; 'outrider syscalls -- timeout 5 COMMAND...' "
       "ends it"},
      {!command && options.follow && options.pids.empty(),
       "-f: say whose children, by --pid; a command behind '--' is always followed"},
      {options.interval > 0 && options.interval < 0.01, "--interval: 0.01 seconds at least"},
  };
  for (const Rule& rule : rules) {
    if (rule.broken) return fail(std::string(rule.text), ExitCode::kBadInput);
  }
  return {};
}

// What is asked for, once it has been found to be right.
struct Prepared {
  Command<SyscallsOptions> command;
  FieldCatalog catalog = ContainerScope::catalog();
  std::optional<Condition> condition;
};

Result<std::unique_ptr<Prepared>> prepare(const std::vector<std::string>& words) {
  auto prepared = std::make_unique<Prepared>();
  auto& [options, line] = prepared->command;
  const auto dashes = std::ranges::find(words, "--");
  if (dashes != words.end()) options.command.assign(dashes + 1, words.end());
  if (auto parsed = line.parse({words.begin(), dashes}); !parsed) {
    return fail(parsed.error().message + " (a command goes behind '--')", ExitCode::kBadInput);
  }
  if (line.wants_help()) return prepared;
  if (dashes != words.end() && options.command.empty()) {
    return fail("'--': a command is missing behind it", ExitCode::kBadInput);
  }
  if (auto taken = take_pids(options); !taken) return std::unexpected(taken.error());
  if (auto checked = check(options); !checked) return std::unexpected(checked.error());
  auto condition = options.condition.condition(prepared->catalog);
  if (!condition) return std::unexpected(condition.error());
  prepared->condition = std::move(*condition);
  return prepared;
}

CallsReportOptions report_options_of(const SyscallsOptions& options, const Screen& screen) {
  CallsReportOptions report;
  report.json = options.format != "columns";
  report.pretty = options.format == "jsonpretty";
  report.by_container = options.is_by("container");
  report.by_thread = options.is_by("thread");
  report.by_process = options.is_by("process") || report.by_thread;
  report.errors = options.errors;
  report.header = !options.no_header;
  report.order = parse_call_order(options.order).value_or(CallOrder::kTotal);
  report.terminal_width = screen.width;
  report.color = screen.color;
  return report;
}

// Of everything, of processes, or of containers.
Result<ExitCode> count(const Prepared& prepared, const Screen& screen, Output& output,
                       Asker& asker) {
  const SyscallsOptions& options = prepared.command.options;
  const CallsReportOptions report_options = report_options_of(options, screen);
  Syscalls run(options, report_options, output, asker);
  auto started = run.start(nullptr, prepared.condition ? &*prepared.condition : nullptr);
  if (!started) return std::unexpected(started.error());
  asker.tell("counting system calls; Ctrl-C to stop");
  return run.run();
}

// Of a command and what it starts.
Result<ExitCode> count_command(const Prepared& prepared, const Screen& screen, Output& output) {
  const SyscallsOptions& options = prepared.command.options;
  // A copy of this process as it is now: no threads yet, no signals blocked.
  auto child = ChildCommand::prepare(options.command);
  if (!child) return std::unexpected(child.error());
  // It has got it from the terminal as well, and we have a table to write.
  ::signal(SIGQUIT, SIG_IGN);
  auto signals = take_signals();
  if (!signals) return std::unexpected(signals.error());
  AskerWithChild asker(std::move(*signals), *child);
  const CallsReportOptions report_options = report_options_of(options, screen);
  Syscalls run(options, report_options, output, asker);
  if (auto started = run.start(&*child, nullptr); !started) {
    return std::unexpected(started.error());
  }
  if (auto ran = child->run(); !ran) return std::unexpected(ran.error());
  return run.run();
}

Result<ExitCode> serve(const std::vector<std::string>& words, const Screen& screen, Output& output,
                       Asker& asker) {
  const auto prepared = prepare(words);
  if (!prepared) return std::unexpected(prepared.error());
  const auto& [options, line] = (*prepared)->command;
  if (line.wants_help()) return write_help(line, output);
  if (!options.command.empty()) {
    return fail("a command runs where it is typed, not in the agent", ExitCode::kBadInput);
  }
  return count(**prepared, screen, output, asker);
}

}  // namespace

const ServedStream kSyscallsStream{SyscallsOptions::kName, serve, describe<SyscallsOptions>};

ExitCode run_syscalls(const std::vector<std::string>& words, bool use_agent) {
  const auto prepared = prepare(words);
  if (!prepared) return report(prepared.error());
  const auto& [options, line] = (*prepared)->command;
  if (line.wants_help()) {
    fmt::print("{}", line.help());
    return ExitCode::kDone;
  }
  FileDescriptor file;
  int descriptor = options.command.empty() ? STDOUT_FILENO : STDERR_FILENO;
  if (options.file) {
    constexpr mode_t kMode = 0666;
    file = FileDescriptor(
        ::open(options.file->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode));
    if (!file.valid()) {
      return report(
          {fmt::format("-O {}: {}", *options.file, std::strerror(errno)), ExitCode::kBadInput});
    }
    descriptor = file.get();
  }
  const Screen screen{.width = terminal_width(descriptor), .color = wants_color(descriptor)};
  FileOutput output(descriptor);
  if (!options.command.empty()) {
    const auto code = count_command(**prepared, screen, output);
    return code ? *code : report(code.error());
  }
  if (use_agent) {
    const auto code = run_in_agent(SyscallsOptions::kName, words, screen, descriptor);
    if (code) return *code;
  }
  auto signals = take_signals();
  if (!signals) return report(signals.error());
  AskerAtTerminal asker(std::move(*signals));
  const auto code = count(**prepared, screen, output, asker);
  return code ? *code : report(code.error());
}

}  // namespace outrider
