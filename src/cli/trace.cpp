// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/file_descriptor.h"
#include "base/nearest.h"
#include "cli/commands.h"
#include "cli/explain.h"
#include "cli/fields.h"
#include "cli/stream.h"
#include "cli/sugar.h"
#include "engine/engine.h"
#include "language/checker.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

using Clock = std::chrono::steady_clock;

struct TraceOptions {
  std::vector<std::string> kinds;
  std::string format = "columns";
  std::vector<std::string> fields;
  Sugar sugar;
  std::optional<std::string> where;
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

std::size_t terminal_width() {
  if (::isatty(STDOUT_FILENO) == 0) return 0;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

// https://no-color.org: any value but an empty one.
bool wants_color() {
  const char* no_color = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
}

Result<std::vector<const EventDescriptor*>> find_kinds(const std::vector<std::string>& names) {
  std::vector<const EventDescriptor*> kinds;
  for (const std::string& name : names) {
    const EventDescriptor* kind = find_kind(name);
    if (kind == nullptr) {
      std::vector<std::string_view> known;
      for (const EventDescriptor* each : all_kinds()) known.push_back(each->name);
      std::string message = fmt::format("no kind of events is called '{}'", name);
      if (const auto near = nearest(name, known); !near.empty()) {
        message += fmt::format("; did you mean '{}'?", near);
      }
      return fail(message + " 'outrider trace' lists them", ExitCode::kBadInput);
    }
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  }
  return kinds;
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
  Trace(Engine& engine, Stream& stream, Output& output, const TraceOptions& options, Format format)
      : engine_(engine), stream_(stream), output_(output), options_(options), format_(format) {}

  Result<void> start(std::vector<const EventDescriptor*> kinds, const Condition* condition) {
    auto added = engine_.add({.kinds = std::move(kinds),
                              .condition = condition,
                              .deliver = [this](const Event& event) { return deliver(event); }});
    if (!added) return std::unexpected(added.error());
    consumer_ = *added;
    return {};
  }

  ExitCode run(int signal_descriptor) {
    const auto start = Clock::now();
    auto busy_until = start;
    while (!stopped_) {
      const auto now = Clock::now();
      if (options_.timeout > 0 && now >= start + std::chrono::duration<double>(options_.timeout)) {
        break;
      }
      if (engine_.drain() > 0) busy_until = Clock::now() + kIdleAfter;
      if (!stream_.flush()) break;
      if (stopped_) break;

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
    stream_.flush();
    print_account(account(), format_);
    return ending();
  }

 private:
  static constexpr std::chrono::milliseconds kIdleAfter{50};
  static constexpr std::chrono::milliseconds kLongest{60'000};

  Outcome deliver(const Event& event) {
    if (stopped_ && options_.max_events != 0 && count_ >= options_.max_events) {
      return Outcome::kUnwanted;
    }
    if (output_.error() != 0) return Outcome::kUnwritten;
    stream_.write(event);
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
      const std::uint64_t unwritten = stream_.unwritten()[descriptor->kind];
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
  Stream& stream_;
  Output& output_;
  const TraceOptions& options_;
  Format format_;
  ConsumerId consumer_ = 0;
  std::uint64_t count_ = 0;
  bool stopped_ = false;
};

// What the stream is to show; nullopt if everything.
Result<std::optional<Condition>> condition_of(const TraceOptions& options,
                                              const FieldCatalog& catalog) {
  // By itself first, so that what is wrong with it is shown where it stands.
  if (options.where) {
    const auto loaded = load(*options.where, catalog, "--where");
    if (!loaded) return fail(loaded.error().message, ExitCode::kBadInput);
  }
  const auto sugar = condition_of(options.sugar, catalog);
  if (!sugar) return std::unexpected(sugar.error());
  const std::string text = both(options.where.value_or(""), *sugar);
  if (text.empty()) return std::optional<Condition>();
  auto loaded = load(text, catalog, "--where");
  if (!loaded) return fail(loaded.error().message, ExitCode::kBadInput);
  return std::optional<Condition>(std::move(*loaded));
}

ExitCode trace(const TraceOptions& options) {
  auto kinds = find_kinds(options.kinds);
  if (!kinds) return report(kinds.error());
  if (options.help) {
    for (const EventDescriptor* kind : *kinds) print_fields(*kind);
    return ExitCode::kDone;
  }
  Output output(STDOUT_FILENO);
  Stream::Options stream_options;
  stream_options.format = options.format == "json" ? Format::kJson : Format::kColumns;
  stream_options.fields = options.fields;
  stream_options.header = !options.no_header;
  stream_options.terminal_width = terminal_width();
  stream_options.color = wants_color();
  auto stream = Stream::create(*kinds, stream_options, output);
  if (!stream) return report(stream.error());

  const FieldCatalog catalog = catalog_of(*kinds);
  auto condition = condition_of(options, catalog);
  if (!condition) return report(condition.error());
  const Condition* wanted = *condition ? &**condition : nullptr;

  if (options.explain) {
    fmt::print("{}", explain(wanted, *kinds));
    return ExitCode::kDone;
  }

  auto signal_descriptor = signals();
  if (!signal_descriptor) return report(signal_descriptor.error());
  EngineOptions engine_options;
  engine_options.kinds = *kinds;
  engine_options.show_secrets = options.show_secrets;
  auto engine = Engine::start(engine_options);
  if (!engine) return report(engine.error());

  if (const std::string& refused = (*engine)->refused(); !refused.empty()) {
    fmt::print(stderr, "outrider: this kernel refuses {}\n", refused);
  }
  Trace trace(**engine, **stream, output, options, stream_options.format);
  if (auto started = trace.start(*kinds, wanted); !started) {
    return report(started.error());
  }
  fmt::print(stderr, "outrider: tracing {}; Ctrl-C to stop\n", fmt::join(options.kinds, ", "));
  (*stream)->flush();
  return trace.run(signal_descriptor->get());
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
      ->type_name("A,B,...");
  const auto add_sugar = [&app](const char* names, std::vector<std::string>& values,
                                const char* value, const char* text) {
    app.add_option(names, values, text)->delimiter(',')->type_name(value);
  };
  add_sugar("--pid", options.sugar.pids, "PID", "only these processes (ids of the host)");
  add_sugar("--comm", options.sugar.comms, "NAME", "only threads with these names");
  add_sugar("--uid", options.sugar.uids, "UID", "only processes of these users");
  add_sugar("-c,--container", options.sugar.containers, "NAME", "only these containers");
  add_sugar("-n,--namespace", options.sugar.namespaces, "NAME", "only these namespaces");
  add_sugar("-p,--pod", options.sugar.pods, "NAME", "only these pods");
  app.add_flag("--host", options.sugar.host, "only what is in no container");
  app.footer(
      "What begins with '!' is left out: --comm '!sshd'. All of --pid, --comm, --uid, --host,\n"
      "--container, --namespace, --pod and --where must hold.");
  app.add_option("--where", options.where,
                 "only events for which this holds, as in Falco's rules; 'outrider fields' lists "
                 "what it may name")
      ->type_name("CONDITION");
  app.add_flag("--explain", options.explain,
               "say what of it the kernel decides, and what that costs; traces nothing");
  app.add_option("--max-events", options.max_events, "stop after so many events")->type_name("N");
  app.add_option("--timeout", options.timeout, "stop after so many seconds")
      ->check(CLI::NonNegativeNumber)
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
  if (options.kinds.empty()) {
    list_kinds();
    return ExitCode::kDone;
  }
  return trace(options);
}

}  // namespace outrider
