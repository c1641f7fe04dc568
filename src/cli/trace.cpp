// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <tuple>

#include "aggregates/kernel_plan.h"
#include "base/file_descriptor.h"
#include "base/nearest.h"
#include "cli/aggregation.h"
#include "cli/commands.h"
#include "cli/condition_options.h"
#include "cli/explain.h"
#include "cli/fields.h"
#include "cli/stream.h"
#include "cli/terminal.h"
#include "engine/engine.h"
#include "language/filter_tables.h"
#include "sensors/registry.h"
#include "syscalls/event_fields.h"

namespace outrider {

namespace {

using Clock = std::chrono::steady_clock;

struct TraceOptions {
  std::vector<std::string> kinds;
  std::string format = "columns";
  std::vector<std::string> fields;
  ConditionOptions condition;
  Aggregation::Options aggregation;
  std::vector<std::string> stacks;
  std::uint64_t max_events = 0;  // 0: no end
  double timeout = 0;            // seconds; 0: none
  bool no_header = false;
  bool show_secrets = false;
  bool explain = false;
  bool help = false;
};

void list_kinds() {
  fmt::print("Kinds of events:\n");
  for (const EventDescriptor* kind : all_kinds()) fmt::print("  {:<10}{}\n", kind->name, kind->doc);
  fmt::print(
      "\n'outrider trace KIND...' shows them as they happen, 'outrider trace KIND --help' lists "
      "the\nfields of one, 'outrider fields' all fields, 'outrider trace --help' the options.\n");
}

Result<std::vector<const EventDescriptor*>> find_kinds(const std::vector<std::string>& names) {
  std::vector<const EventDescriptor*> kinds;
  for (const std::string& name : names) {
    const EventDescriptor* kind = find_kind(name);
    if (kind == nullptr) {
      std::vector<std::string_view> known;
      for (const EventDescriptor* each : all_kinds()) known.push_back(each->name);
      return fail(unknown_name("no kind of events is called", name, known, "outrider trace"),
                  ExitCode::kBadInput);
    }
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  }
  return kinds;
}

struct StackChoice {
  std::string_view name;  // of --stack
  wire_stack stack;
  std::string_view field;
};
// In the order in which they are shown: each goes on where the one before it ended.
constexpr StackChoice kStacks[] = {{"kernel", WIRE_STACK_KERNEL, "evt.stack.kernel"},
                                   {"user", WIRE_STACK_USER, "evt.stack.user"}};

bool is_named(const StackChoice& choice, const TraceOptions& options) {
  return std::ranges::find(options.stacks, choice.name) != options.stacks.end();
}

// The stacks that are asked for, if only by their fields' names.
std::uint32_t wanted_stacks(const TraceOptions& options, const Condition* condition) {
  const std::vector<std::string>& by = options.aggregation.by;
  std::uint32_t wanted = 0;
  for (const StackChoice& choice : kStacks) {
    bool asked = is_named(choice, options) ||
                 std::ranges::find(options.fields, choice.field) != options.fields.end() ||
                 std::ranges::find(by, choice.field) != by.end();
    if (condition != nullptr) {
      asked = asked || std::ranges::any_of(condition->terms, [&](const Term& term) {
                return term.field != nullptr && term.field->name == choice.field;
              });
    }
    if (asked) wanted |= 1U << choice.stack;
  }
  return wanted;
}

// The signals that end or question a stream, as a descriptor.
Result<FileDescriptor> signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) ::sigaddset(&set, number);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return fail_errno("sigprocmask", errno);
  ::signal(SIGPIPE, SIG_IGN);
  FileDescriptor descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor.valid()) return fail_errno("signalfd", errno);
  return descriptor;
}

void print_account(const Account& account, Format format) {
  const std::string text = format == Format::kJson ? account_json(account) : account_table(account);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

// One run of trace: the engine, the stream, and the loop between them.
class Trace {
 public:
  Trace(Engine& engine, Sink& sink, Output& output, const TraceOptions& options, Format format)
      : engine_(engine), sink_(sink), output_(output), options_(options), format_(format) {}

  Result<void> start(std::vector<const EventDescriptor*> kinds, const Condition* condition) {
    auto added = engine_.add({.kinds = std::move(kinds),
                              .condition = condition,
                              .deliver = [this](const Event& event) { return deliver(event); }});
    if (!added) return std::unexpected(added.error());
    consumer_ = *added;
    return {};
  }
  // The sink, if it makes reports.
  void set_aggregation(Aggregation* aggregation) { aggregation_ = aggregation; }

  ExitCode run(int signal_descriptor) {
    const auto start = Clock::now();
    auto busy_until = start;
    if (aggregation_ != nullptr) aggregation_->begin();
    while (!stopped_) {
      const auto now = Clock::now();
      if (options_.timeout > 0 && now >= start + std::chrono::duration<double>(options_.timeout)) {
        break;
      }
      if (engine_.drain() > 0) busy_until = Clock::now() + kIdleAfter;
      if (!sink_.flush()) break;
      if (stopped_) break;
      if (aggregation_ != nullptr && !look_at_groups(now)) break;

      const bool sleep = now > busy_until && engine_.idle() && engine_.fall_asleep();
      // From drain to drain, not from the end of one to the next: under a flood there is
      // no pause at all.
      auto wait = std::max(std::chrono::milliseconds(0),
                           std::chrono::duration_cast<std::chrono::milliseconds>(
                               now + kDrainInterval - Clock::now()));
      if (sleep) {
        wait = kLongest;
        if (options_.timeout > 0) {
          const auto left = start + std::chrono::duration<double>(options_.timeout) - Clock::now();
          wait = std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(left),
                            std::chrono::milliseconds(0), kLongest);
        }
        if (aggregation_ != nullptr) wait = std::min(wait, until_next_look());
      }
      pollfd descriptors[] = {{signal_descriptor, POLLIN, 0}, {engine_.descriptor(), POLLIN, 0}};
      ::poll(descriptors, sleep ? 2 : 1, static_cast<int>(wait.count()));
      if (sleep) {
        engine_.wake_up();
        if (descriptors[1].revents != 0) busy_until = Clock::now() + kIdleAfter;
      }
      if (descriptors[0].revents != 0) handle_signals(signal_descriptor);
    }
    engine_.finish();
    Result<void> collected;
    if (aggregation_ != nullptr) {
      collected = collect_groups();
      aggregation_->report();
    }
    sink_.flush();
    print_account(account(), format_);
    if (!collected) return report(collected.error());
    return ending();
  }

 private:
  static constexpr std::chrono::milliseconds kIdleAfter{50};
  static constexpr std::chrono::milliseconds kLongest{60'000};

  // The kernel's groups are fetched so often, however long the interval is: else the pids of the
  // dead would fill them.
  static constexpr std::chrono::seconds kCollectInterval{1};

  // False once the output cannot be written any more.
  bool look_at_groups(Clock::time_point now) {
    const auto due = aggregation_->due();
    const bool is_due = due && now >= *due;
    if (is_due || now >= collected_ + kCollectInterval) std::ignore = collect_groups();
    return !is_due || aggregation_->report();
  }

  // Only at the end it is an error if groups are left in the kernel.
  Result<void> collect_groups() {
    collected_ = Clock::now();
    return engine_.collect(
        [this](const Event& event, const Portion& portion) { aggregation_->add(event, portion); });
  }

  std::chrono::milliseconds until_next_look() const {
    auto next = collected_ + kCollectInterval;
    if (const auto due = aggregation_->due()) next = std::min(next, *due);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    return std::max(left, std::chrono::milliseconds(0));
  }

  Outcome deliver(const Event& event) {
    if (stopped_ && options_.max_events != 0 && count_ >= options_.max_events) {
      return Outcome::kUnwanted;
    }
    if (output_.error() != 0) return Outcome::kUnwritten;
    sink_.write(event);
    if (options_.max_events != 0 && ++count_ >= options_.max_events) stopped_ = true;
    return Outcome::kDelivered;
  }

  void handle_signals(int descriptor) {
    signalfd_siginfo information{};
    while (::read(descriptor, &information, sizeof(information)) == sizeof(information)) {
      if (information.ssi_signo == SIGUSR1) {
        print_account(account(), format_);
      } else {
        stopped_ = true;
      }
    }
  }

  // What was in the buffer when the output failed was counted as delivered too early.
  Account account() const {
    Account account = engine_.account(consumer_);
    for (KindAccount& kind : account.kinds) {
      const EventDescriptor* descriptor = find_kind(kind.kind);
      const std::uint64_t unwritten = sink_.unwritten()[descriptor->kind];
      kind.delivered -= unwritten;
      kind.lost[static_cast<std::size_t>(Loss::kUnwritten)] += unwritten;
    }
    return account;
  }

  ExitCode ending() const {
    if (output_.error() == 0) return ExitCode::kDone;
    // `| head` has seen enough: that is no error.
    if (output_.error() == EPIPE) return ExitCode::kDone;
    return report({fmt::format("write the events: {}", std::strerror(output_.error()))});
  }

  Engine& engine_;
  Sink& sink_;
  Output& output_;
  const TraceOptions& options_;
  Format format_;
  ConsumerId consumer_ = 0;
  Aggregation* aggregation_ = nullptr;
  Clock::time_point collected_ = Clock::now();
  std::uint64_t count_ = 0;
  bool stopped_ = false;
};

Result<std::unique_ptr<Stream>> make_stream(const std::vector<const EventDescriptor*>& kinds,
                                            const TraceOptions& options, Format format,
                                            Output& output) {
  if (auto checked = Aggregation::check_unwanted(options.aggregation); !checked) {
    return std::unexpected(checked.error());
  }
  Stream::Options stream;
  stream.format = format;
  stream.fields = options.fields;
  stream.header = !options.no_header;
  stream.terminal_width = terminal_width();
  stream.color = wants_color();
  for (const StackChoice& choice : kStacks) {
    if (is_named(choice, options)) stream.stacks.push_back(choice.field);
  }
  return Stream::create(kinds, stream, output);
}

Result<std::unique_ptr<Aggregation>> make_aggregation(
    const std::vector<const EventDescriptor*>& kinds, const FieldCatalog& catalog,
    const TraceOptions& options, Format format, Output& output) {
  if (!options.fields.empty()) {
    return fail("--fields: groups have the fields of --by; leave one of the two out",
                ExitCode::kBadInput);
  }
  if (!options.stacks.empty()) {
    return fail("--stack: groups have no stacks; leave it out, or --by and its like",
                ExitCode::kBadInput);
  }
  Aggregation::Options aggregation = options.aggregation;
  aggregation.format = format;
  aggregation.header = !options.no_header;
  aggregation.terminal_width = terminal_width();
  aggregation.color = wants_color();
  return Aggregation::create(kinds, catalog, aggregation, output);
}

// Whether the kernel knows at the exit of a call, before it has read any path, if the condition
// holds.
bool is_decided_at_once(const Condition& condition,
                        const std::vector<const EventDescriptor*>& kinds) {
  std::vector<std::uint16_t> wire_kinds;
  for (const EventDescriptor* kind : kinds) {
    // The others come as records in any case.
    if (has_plain_calls(std::span(&kind, 1)))
      wire_kinds.push_back(static_cast<std::uint16_t>(kind->kind));
  }
  const PushedCondition pushed = push_down(condition, wire_kinds);
  const PushedCondition* one[] = {&pushed};
  return pushed.certain && !make_filter_tables(one).widened &&
         std::ranges::all_of(pushed.clauses.clauses(), [](const Clause& clause) {
           return std::ranges::all_of(clause.constraints, [](const Constraint& constraint) {
             return constraint.dimension.kind == DimensionKind::kNumber ||
                    constraint.dimension == Dimension{DimensionKind::kPrefix, FILTER_COMM};
           });
         });
}

// How the kernel can add the events up, or why it cannot.
std::expected<wire_aggregation, std::string> plan(const AggregateRequest& request,
                                                  const std::vector<const EventDescriptor*>& kinds,
                                                  const TraceOptions& options,
                                                  const Condition* condition) {
  struct Reason {
    bool holds;
    std::string_view text;
  };
  const Reason reasons[] = {
      {!has_plain_calls(kinds), "these kinds of events always come as records"},
      {condition != nullptr && !is_decided_at_once(*condition, kinds),
       "the condition needs more than numbers and comm"},
      {options.max_events != 0, "--max-events counts there"},
  };
  for (const Reason& reason : reasons) {
    if (reason.holds) return std::unexpected(std::string(reason.text));
  }
  return in_kernel(request);
}

ExitCode trace(const TraceOptions& options) {
  auto kinds = find_kinds(options.kinds);
  if (!kinds) return report(kinds.error());
  if (options.help) {
    for (const EventDescriptor* kind : *kinds) print_fields(*kind);
    return ExitCode::kDone;
  }
  if (!options.stacks.empty() &&
      std::ranges::none_of(*kinds, [](const EventDescriptor* kind) { return has_stacks(*kind); })) {
    return report(
        {fmt::format("--stack: {}: no stacks there; exec and the kinds of file events have them",
                     fmt::join(options.kinds, ", ")),
         ExitCode::kBadInput});
  }

  Output output(STDOUT_FILENO);
  const FieldCatalog catalog = catalog_of(*kinds);
  auto condition = options.condition.condition(catalog);
  if (!condition) return report(condition.error());
  const Condition* wanted = *condition ? &**condition : nullptr;

  const Format format = options.format == "json" ? Format::kJson : Format::kColumns;
  std::unique_ptr<Sink> sink;
  Aggregation* aggregation = nullptr;
  if (Aggregation::is_wanted(options.aggregation)) {
    auto made = make_aggregation(*kinds, catalog, options, format, output);
    if (!made) return report(made.error());
    aggregation = made->get();
    sink = std::move(*made);
  } else {
    auto made = make_stream(*kinds, options, format, output);
    if (!made) return report(made.error());
    sink = std::move(*made);
  }

  EngineOptions engine_options;
  engine_options.kinds = *kinds;
  engine_options.filter = wanted != nullptr;
  engine_options.show_secrets = options.show_secrets;
  engine_options.stacks = wanted_stacks(options, wanted);
  std::string where_added;
  if (aggregation != nullptr) {
    const auto adding = plan(aggregation->request(), *kinds, options, wanted);
    where_added = adding ? "the kernel" : fmt::format("the agent: {}", adding.error());
    if (adding) engine_options.aggregation = *adding;
  }
  if (options.explain) {
    fmt::print("{}", explain(wanted, *kinds));
    if (!where_added.empty()) fmt::print("added up in       {}\n", where_added);
    return ExitCode::kDone;
  }
  auto signal_descriptor = signals();
  if (!signal_descriptor) return report(signal_descriptor.error());
  auto engine = Engine::start(engine_options);
  if (!engine) return report(engine.error());

  if (const std::string& refused = (*engine)->refused(); !refused.empty()) {
    fmt::print(stderr, "outrider: this kernel refuses {}\n", refused);
  }
  if (!where_added.empty())
    fmt::print(stderr, "outrider: events are added up in {}\n", where_added);
  Trace trace(**engine, *sink, output, options, format);
  trace.set_aggregation(aggregation);
  if (auto started = trace.start(*kinds, wanted); !started) return report(started.error());
  fmt::print(stderr, "outrider: tracing {}; Ctrl-C to stop\n", fmt::join(options.kinds, ", "));
  sink->flush();
  return trace.run(signal_descriptor->get());
}

// CLI11 itself takes -5 for a very large number, and 010 for 8.
CLI::Validator is_count() {
  const auto check = [](const std::string& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    const bool decimal = whole && (text.size() == 1 || text[0] != '0');
    return decimal ? std::string() : fmt::format("{}: give a whole number in decimal", text);
  };
  return {check, ""};
}

CLI::Validator is_duration() {
  const auto check = [](const std::string& text) {
    double number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    const bool fits = whole && std::isfinite(number) && number >= 0;
    return fits ? std::string() : fmt::format("{}: give seconds, 0 or more", text);
  };
  return {check, ""};
}

}  // namespace

ExitCode run_trace(const std::vector<std::string>& words) {
  TraceOptions options;
  CLI::App app("Shows events as they happen, until Ctrl-C or one of the limits.", "outrider trace");
  app.set_help_flag();
  app.add_option("KIND", options.kinds, "kinds of events; 'outrider trace' lists them")
      ->delimiter(',');
  app.add_option("-o,--output", options.format, "columns or json (one object per line)")
      ->check(CLI::IsMember({"columns", "json"}))
      ->type_name("FORMAT");
  app.add_option("--fields", options.fields, "fields to show, in this order")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,...");
  options.condition.add_to(app);
  app.add_flag("--explain", options.explain,
               "say what of it the kernel decides, and what that costs; traces nothing");
  app.add_option("--by", options.aggregation.by,
                 "group events that are alike in these fields; counts them, or else")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,...");
  app.add_flag("--count", options.aggregation.count, "how many events each group has, or all");
  app.add_option("--sum", options.aggregation.sum, "the sum of a field in each group, or in all")
      ->type_name("FIELD");
  app.add_option("--hist", options.aggregation.histogram,
                 "how often the values of a field are of which size, in powers of two")
      ->type_name("FIELD");
  app.add_option("--top", options.aggregation.top, "only the N largest groups")
      ->check(is_count())
      ->type_name("N");
  app.add_option("--interval", options.aggregation.interval,
                 "seconds between two reports of groups (1); 0: only one, at the end")
      ->type_name("SECONDS");
  app.add_option("--stack", options.stacks,
                 "user or kernel, or both: where the program, or the kernel, was when it happened "
                 "(exec and file events)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"user", "kernel"}))
      ->type_name("WHICH");
  app.add_option("--max-events", options.max_events, "stop after so many events")
      ->check(is_count())
      ->type_name("N");
  app.add_option("--timeout", options.timeout, "stop after so many seconds")
      ->check(is_duration())
      ->type_name("SECONDS");
  app.add_flag("--no-header", options.no_header, "no line with the names of the columns");
  app.add_flag("--show-secrets", options.show_secrets,
               "do not mask arguments that look like passwords or tokens");
  app.add_flag("-h,--help", options.help, "this text; with a KIND, its fields");
  try {
    // CLI11 takes the words in reverse.
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return report(
        {fmt::format("{}; see 'outrider trace --help'", error.what()), ExitCode::kBadInput});
  }
  if (options.kinds.empty() && options.help) {
    fmt::print("{}", app.help());
    return ExitCode::kDone;
  }
  if (words.empty()) {
    list_kinds();
    return ExitCode::kDone;
  }
  if (options.kinds.empty()) {
    return report({"which events? Name a KIND, or several; 'outrider trace' lists them",
                   ExitCode::kBadInput});
  }
  return trace(options);
}

}  // namespace outrider
