// SPDX-License-Identifier: Apache-2.0
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "base/text.h"
#include "cli/agent_client.h"
#include "cli/commands.h"
#include "cli/full_screen.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "cli/top_sources.h"
#include "cli/top_table.h"
#include "streams/condition_options.h"
#include "streams/option_checks.h"
#include "streams/output.h"

namespace outrider {

namespace {

using Clock = std::chrono::steady_clock;

// What the kernel adds up is fetched so often at least.
constexpr std::chrono::seconds kCollectInterval{1};
constexpr double kShortestInterval = 0.1;  // seconds

std::string doc_of_kinds() {
  std::string text = "What uses most, on a screen that is drawn anew each interval:\n";
  for (const TopKind& kind : top_kinds()) {
    text += fmt::format("  {:<11}{}\n", kind.name, kind.doc);
  }
  return text;
}

std::vector<std::string> names_of_kinds() {
  std::vector<std::string> names;
  for (const TopKind& kind : top_kinds()) names.emplace_back(kind.name);
  return names;
}

struct TopOptions {
  static constexpr std::string_view kName = "top";
  static constexpr std::string_view kDoc =
      "What uses most, on a screen that is drawn anew each interval.";

  std::string what;
  ConditionOptions condition;
  double interval = 1;  // seconds
  std::uint64_t count = 0;
  std::uint64_t max_rows = 0;
  std::string sort;
  std::string format = "columns";
  bool all = false;
  bool no_header = false;
  bool show_secrets = false;

  void add_to(CommandLine& line);
};

// The signals of a terminal: its size, Ctrl-Z and what ends that. Besides take_signals().
Result<FileDescriptor> take_terminal_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGWINCH, SIGTSTP, SIGCONT}) ::sigaddset(&set, number);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return fail_errno("sigprocmask", errno);
  FileDescriptor descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor.valid()) return fail_errno("signalfd", errno);
  return descriptor;
}

// One run: where the rows come from, and the loop that shows them.
class Top {
 public:
  Top(const TopOptions& options, const TopKind& kind, TopOrder order, Output& output, Asker& asker)
      : options_(options), kind_(kind), order_(order), output_(output), asker_(asker) {
    interval_ = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(options.interval));
  }

  // `source` has been started.
  Result<void> start(std::unique_ptr<TopSource> source, bool on_screen) {
    source_ = std::move(source);
    if (!on_screen) {
      asker_.tell(fmt::format("top {}; Ctrl-C to stop", kind_.name));
      return {};
    }
    auto terminal = take_terminal_signals();
    if (!terminal) return std::unexpected(terminal.error());
    terminal_signals_ = std::move(*terminal);
    // Keys come from a terminal only: `outrider top process < /dev/null` has none.
    has_keys_ = ::isatty(STDIN_FILENO) != 0;
    screen_ = std::make_unique<FullScreen>(has_keys_ ? STDIN_FILENO : STDOUT_FILENO, STDOUT_FILENO);
    return {};
  }

  Result<ExitCode> run() {
    Clock::time_point begun = Clock::now();
    Clock::time_point next_collect = begun + kCollectInterval;
    std::uint64_t shown = 0;
    std::optional<Error> failed;
    show();
    while (!stopped_) {
      wait(std::min(begun + interval_, next_collect));
      const auto now = Clock::now();
      if (now >= next_collect) {
        source_->collect();
        next_collect = now + kCollectInterval;
      }
      if (now < begun + interval_ || stopped_) continue;
      auto taken = take(now - begun);
      begun = now;
      if (!taken) {
        failed = taken.error();
        break;
      }
      show();
      if (++shown == options_.count) break;
    }
    // What it began to count is not to be missing in what is added up later.
    if (stopped_ && !screen_ && output_.error() == 0 && take(Clock::now() - begun)) show();
    screen_.reset();
    for (const std::string& note : source_->notes()) asker_.tell(note);
    if (failed) return std::unexpected(*failed);
    // `| head` has seen enough: that is no error.
    if (output_.error() != 0 && output_.error() != EPIPE) {
      return fail_errno("write the table", output_.error());
    }
    return ExitCode::kDone;
  }

 private:
  Result<void> take(Clock::duration interval) {
    rows_ = std::make_unique<TopRows>();
    rows_->time = static_cast<std::int64_t>(read_clock(CLOCK_REALTIME));
    rows_->interval = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(interval).count());
    return source_->take(*rows_);
  }

  // Until that time, or until something has to be done before.
  void wait(Clock::time_point until) {
    Engine* engine = source_->engine();
    while (!stopped_ && Clock::now() < until) {
      std::vector<pollfd> descriptors{{asker_.descriptor(), POLLIN, 0}};
      if (screen_) descriptors.push_back({terminal_signals_.get(), POLLIN, 0});
      if (screen_ && has_keys_) descriptors.push_back({STDIN_FILENO, POLLIN, 0});
      auto next = until;
      bool asleep = false;
      if (engine != nullptr) {
        engine->drain();
        asleep = engine->idle() && engine->fall_asleep();
        if (!asleep) next = std::min(next, Clock::now() + kDrainInterval);
        if (asleep) descriptors.push_back({engine->descriptor(), POLLIN, 0});
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
      const auto patience = std::max(left, std::chrono::milliseconds(0)).count();
      ::poll(descriptors.data(), descriptors.size(), static_cast<int>(patience));
      if (asleep) engine->wake_up();
      if (descriptors[0].revents != 0 && asker_.next() == Asker::Wish::kEnd) stopped_ = true;
      if (!screen_) continue;
      if (descriptors[1].revents != 0) handle_terminal_signals();
      if (!has_keys_ || descriptors[2].revents == 0) continue;
      // A terminal that has gone is readable for ever.
      if ((descriptors[2].revents & (POLLHUP | POLLERR)) != 0) stopped_ = true;
      handle_keys();
    }
  }

  void handle_terminal_signals() {
    signalfd_siginfo information{};
    while (::read(terminal_signals_.get(), &information, sizeof(information)) ==
           sizeof(information)) {
      if (information.ssi_signo == SIGTSTP) {
        screen_->leave();
        ::raise(SIGSTOP);
        screen_->enter();
      }
    }
    show();
  }

  void handle_keys() {
    while (const char key = screen_->key()) {
      constexpr char kInterrupt = 3;  // Ctrl-C, where the terminal makes no signal of it
      if (key == 'q' || key == 'Q' || key == kInterrupt) {
        stopped_ = true;
        return;
      }
      if (const auto order = order_after_key(kind_.columns, order_, key)) order_ = *order;
    }
    show();
  }

  void show() {
    if (rows_) sort_rows(kind_.columns, order_, *rows_);
    if (screen_) {
      if (!screen_->draw(screen_lines())) stopped_ = true;
      return;
    }
    if (!rows_) return;
    if (options_.format == "json") {
      output_.buffer() += top_json(kind_.columns, *rows_, options_.max_rows);
    } else {
      output_.buffer() += fmt::format("{}\n", time_of_day());
      output_.buffer() += top_columns(
          kind_.columns, *rows_, {.header = !options_.no_header, .rows_max = options_.max_rows});
    }
    if (!output_.flush()) stopped_ = true;
  }

  std::string time_of_day() const {
    constexpr std::int64_t kSecond = 1'000'000'000;  // ns
    const std::time_t second =
        (rows_ ? rows_->time : static_cast<std::int64_t>(read_clock(CLOCK_REALTIME))) / kSecond;
    std::tm local{};
    ::localtime_r(&second, &local);
    return fmt::format("{:%H:%M:%S}", local);
  }

  std::string screen_lines() {
    const ScreenSize size = screen_->size();
    const TopColumn& sorted = kind_.columns[order_.column];
    const std::string_view heading =
        sorted.descriptor.column.empty() ? sorted.descriptor.name : sorted.descriptor.column;
    std::string out = shorten_end(
        fmt::format("outrider top {}  {}  {} rows by {}{}", kind_.name, time_of_day(),
                    rows_ ? rows_->rows.size() : 0, heading, order_.reversed ? " reversed" : ""),
        size.width);
    out += '\n';
    constexpr std::size_t kOtherLines = 3;  // the first, the heading, the last
    std::size_t room = size.height > kOtherLines ? size.height - kOtherLines : 0;
    if (options_.max_rows != 0) room = std::min<std::size_t>(room, options_.max_rows);
    if (rows_ && room != 0) {
      out += top_columns(kind_.columns, *rows_,
                         {.width = size.width,
                          .color = wants_color(),
                          .header = !options_.no_header,
                          .rows_max = room});
    } else {
      out += "...\n";
    }
    if (has_keys_) out += shorten_end(key_help(), size.width);
    return out;
  }

  std::string key_help() const {
    std::string text = "q quit  r reverse  < >";
    for (const TopColumn& column : kind_.columns) {
      if (column.key == 0 || column.show == TopShow::kHidden) continue;
      text += fmt::format("  {} {}", column.key, column.descriptor.column);
    }
    return text;
  }

  const TopOptions& options_;
  const TopKind& kind_;
  TopOrder order_;
  Clock::duration interval_{};
  Output& output_;
  Asker& asker_;
  std::unique_ptr<TopSource> source_;
  FileDescriptor terminal_signals_;
  std::unique_ptr<FullScreen> screen_;
  bool has_keys_ = false;
  std::unique_ptr<TopRows> rows_;  // that are shown; nullptr before the first interval's end
  bool stopped_ = false;
};

Result<std::vector<std::uint32_t>> numbers_of(const std::vector<std::string>& texts) {
  std::vector<std::uint32_t> numbers;
  for (const std::string& text : texts) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
      return fail(fmt::format("--pid {}: give the number of a process", text), ExitCode::kBadInput);
    }
    numbers.push_back(number);
  }
  return numbers;
}

std::string names_of(std::span<const TopColumn> columns) {
  std::vector<std::string_view> names;
  for (const TopColumn& column : columns) names.push_back(column.descriptor.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

// What is asked for, once it has been found to be right.
struct Prepared {
  Command<TopOptions> command;
  const TopKind* kind = nullptr;
  TopOrder order;
  FieldCatalog catalog;
  std::optional<Condition> condition;
  TopNeeds needs;
};

Result<void> prepare_needs(Prepared& prepared) {
  TopOptions& options = prepared.command.options;
  const TopKind& kind = *prepared.kind;
  TopNeeds& needs = prepared.needs;
  needs.all = options.all;
  needs.show_secrets = options.show_secrets;
  if (kind.workloads_only) {
    Sugar& sugar = options.condition.sugar;
    if (options.condition.where || !sugar.comms.empty() || !sugar.uids.empty()) {
      return fail(fmt::format("top {}: by --pid, -c, -n, -p and --host only; 'outrider syscalls "
                              "--by process' tells processes apart",
                              kind.name),
                  ExitCode::kBadInput);
    }
    auto pids = numbers_of(std::exchange(sugar.pids, {}));
    if (!pids) return std::unexpected(pids.error());
    needs.pids = std::move(*pids);
  }
  prepared.catalog = kind.catalog();
  auto condition = options.condition.condition(prepared.catalog);
  if (!condition) return std::unexpected(condition.error());
  prepared.condition = std::move(*condition);
  if (prepared.condition) needs.condition = &*prepared.condition;
  return {};
}

Result<std::unique_ptr<Prepared>> prepare(const std::vector<std::string>& words) {
  auto prepared = std::make_unique<Prepared>();
  auto& [options, line] = prepared->command;
  if (auto parsed = line.parse(words); !parsed) return std::unexpected(parsed.error());
  if (line.wants_help()) return prepared;
  if (options.what.empty()) {
    return fail(fmt::format("say of what: {}", fmt::join(names_of_kinds(), ", ")),
                ExitCode::kBadInput);
  }
  const TopKind& kind = *find_top_kind(options.what);
  prepared->kind = &kind;
  if (options.interval < kShortestInterval) {
    return fail(fmt::format("--interval: {} seconds at least", kShortestInterval),
                ExitCode::kBadInput);
  }
  if (options.all && kind.name != "file") {
    return fail("--all: of files only", ExitCode::kBadInput);
  }
  const auto column = find_column(kind.columns, options.sort.empty() ? kind.sort : options.sort);
  if (!column) {
    return fail(fmt::format("--sort {}: there is no such column; there are: {}", options.sort,
                            names_of(kind.columns)),
                ExitCode::kBadInput);
  }
  prepared->order = {*column, false};
  if (auto done = prepare_needs(*prepared); !done) return std::unexpected(done.error());
  return prepared;
}

Result<ExitCode> show(const Prepared& prepared, bool on_screen, Output& output, Asker& asker) {
  auto source = prepared.kind->make();
  if (auto started = source->start(prepared.needs); !started) {
    return std::unexpected(started.error());
  }
  Top run(prepared.command.options, *prepared.kind, prepared.order, output, asker);
  if (auto started = run.start(std::move(source), on_screen); !started) {
    return std::unexpected(started.error());
  }
  return run.run();
}

Result<ExitCode> serve(const std::vector<std::string>& words, const Screen&, Output& output,
                       Asker& asker) {
  const auto prepared = prepare(words);
  if (!prepared) return std::unexpected(prepared.error());
  const CommandLine& line = (*prepared)->command.line;
  if (line.wants_help()) return write_help(line, output);
  return show(**prepared, /*on_screen=*/false, output, asker);
}

void TopOptions::add_to(CommandLine& line) {
  CLI::App& app = line.options();
  app.description(doc_of_kinds());
  const std::vector<std::string> names = names_of_kinds();
  app.add_option("WHAT", what, fmt::format("of: {}", fmt::join(names, ", ")))
      ->check(CLI::IsMember(names))
      ->type_name("");
  condition.add_to(app);
  app.add_option("--interval", interval, "seconds that each table is of")
      ->transform(as_seconds())
      ->type_name("SECONDS");
  app.add_option("--count", count, "end after so many intervals")
      ->check(is_count())
      ->type_name("N");
  app.add_option("--max-rows", max_rows,
                 "so many rows at most; else what the screen has room for, and all of them where "
                 "there is none")
      ->check(is_count())
      ->type_name("N");
  app.add_option("--sort", sort, "the column to sort by, as JSON or the heading has it")
      ->type_name("COLUMN");
  app.add_option("-o,--output", format,
                 "columns (a screen if it is a terminal, else a table each interval) or json (one "
                 "object per row)")
      ->check(CLI::IsMember({"columns", "json"}))
      ->type_name("FORMAT");
  app.add_flag("--all", all, "of files: also pipes, sockets, terminals and the like");
  app.add_flag("--no-header", no_header, "no line with the names of the columns");
  app.add_flag("--show-secrets", show_secrets,
               "do not mask arguments that look like passwords or tokens");
}

}  // namespace

const ServedStream kTopStream{TopOptions::kName, serve, describe<TopOptions>};

ExitCode run_top(const std::vector<std::string>& words, bool use_agent) {
  const auto prepared = prepare(words);
  if (!prepared) return report(prepared.error());
  const auto& [options, line] = (*prepared)->command;
  if (line.wants_help()) {
    fmt::print("{}", line.help());
    return ExitCode::kDone;
  }
  const bool on_screen = options.format == "columns" && ::isatty(STDOUT_FILENO) != 0;
  if (use_agent && !on_screen) {
    if (const auto code = run_in_agent(TopOptions::kName, words, Screen{})) return *code;
  }
  auto signals = take_signals();
  if (!signals) return report(signals.error());
  AskerAtTerminal asker(std::move(*signals));
  FileOutput output(STDOUT_FILENO);
  const auto code = show(**prepared, on_screen, output, asker);
  return code ? *code : report(code.error());
}

}  // namespace outrider
