// SPDX-License-Identifier: Apache-2.0
#include "recording/replay.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/commands.h"
#include "cli/input_file.h"
#include "cli/running_stream.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "streams/trace_stream.h"

namespace outrider {

namespace {

using Clock = TraceStream::Clock;
using std::chrono::milliseconds;

constexpr milliseconds kNap{5};

struct ReplayOptions {
  static constexpr std::string_view kName = "replay";
  static constexpr std::string_view kDoc =
      "Shows the events of a recording of 'outrider record' as 'outrider trace' would have shown "
      "them, or others of them, or groups. Needs no privilege. What a recording cannot have, such "
      "as "
      "memory that a process uses now, is unknown ('?').";

  std::string file = {};
  TraceRequest request = {};
  std::string speed = "max";
  bool information = false;

  void add_to(CommandLine& line) {
    CLI::App& app = line.options();
    app.add_option("FILE", file, "the recording; '-': standard input")->required();
    request.add_kinds_to(app);
    request.add_columns_to(line);
    request.condition.add_to(app);
    request.add_groups_to(app);
    request.add_stacks_to(app);
    request.add_limits_to(app);
    app.add_option("--speed", speed,
                   "how quickly: '1x' as it happened, '10x', or 'max'; intervals and --timeout are "
                   "in the recording's time (max)")
        ->type_name("SPEED");
    app.add_flag("--info", information, "say what the recording is, and its account, instead");
  }
};

// How much quicker than it happened; 0: as quickly as can be.
Result<double> speed_of(std::string_view text) {
  if (text == "max") return 0;
  std::string_view number = text;
  if (number.ends_with('x')) number.remove_suffix(1);
  double speed = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), speed);
  constexpr double kSlowest = 0.001;
  constexpr double kQuickest = 1e6;
  if (error == std::errc() && end == number.data() + number.size() && speed >= kSlowest &&
      speed <= kQuickest) {
    return speed;
  }
  return fail(fmt::format("--speed {}: give 'max', '1x', '0.5x' or the like", text),
              ExitCode::kBadInput);
}

// The time up to which events are due, at a speed.
class Pace {
 public:
  Pace(double speed, Clock::time_point first) : speed_(speed), first_(first) {}

  [[nodiscard]] Clock::time_point due() const {
    if (speed_ == 0) return Clock::time_point::max();
    const std::chrono::duration<double> gone = (Clock::now() - begun_) * speed_;
    return first_ + std::chrono::duration_cast<Clock::duration>(gone);
  }

 private:
  double speed_;
  Clock::time_point first_;  // of the recording
  Clock::time_point begun_ = Clock::now();
};

Result<void> play(Replay& replay, TraceStream& stream, double speed) {
  auto signals = take_signals();
  if (!signals) return std::unexpected(signals.error());
  if (auto started = stream.start(replay); !started) return started;
  const Pace pace(speed, replay.now());
  bool waits = false;
  while (stream.look()) {
    pollfd readable{.fd = signals->get(), .events = POLLIN, .revents = 0};
    ::poll(&readable, 1, waits ? static_cast<int>(kNap.count()) : 0);
    if (readable.revents != 0 && !handle_signals(signals->get(), stream)) break;
    const auto due = pace.due();
    const auto next_look = stream.next_look();
    const auto step = replay.advance(std::min(due, next_look));
    if (!step) return std::unexpected(step.error());
    if (*step == Replay::Step::kEnd) break;
    waits = *step == Replay::Step::kReached && due < next_look;
  }
  return stream.finish();
}

// ---- what it is

ExitCode show_information(Replay& replay, const std::string& file) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  const auto deliver = [&](const Event& event) {
    if (first == 0) first = event.header->time;
    last = std::max<std::uint64_t>(last, event.header->time);
    return Outcome::kDelivered;
  };
  Consumer all{.kinds = {replay.kinds().begin(), replay.kinds().end()}, .deliver = deliver};
  const auto consumer = replay.add(std::move(all));
  if (!consumer) return report(consumer.error());
  for (;;) {
    const auto step = replay.advance(Clock::time_point::max());
    if (!step) return report(step.error());
    if (*step == Replay::Step::kEnd) break;
  }
  const RecordingHeader& header = replay.header();
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const auto began = static_cast<std::time_t>(header.wall_time / kSecond);
  fmt::print("recording  {}\n", file);
  fmt::print("of         {}{}\n", header.words,
             header.condition.empty() ? "" : fmt::format(", where {}", header.condition));
  fmt::print("began      {:%Y-%m-%dT%H:%M:%SZ}\n", fmt::gmtime(began));
  fmt::print("events     {} in {:.3f} s\n", replay.events(),
             static_cast<double>(last - std::min(first, last)) / kSecond);
  fmt::print("size       {} bytes\n", replay.bytes());
  fmt::print("made by    outrider {}, Linux {}, {}\n", header.program_version, header.kernel,
             header.machine);
  fmt::print("secrets    {}\n", header.show_secrets ? "shown" : "masked");
  fmt::print("end        {}\n\n", replay.damage().empty() ? "complete" : "it " + replay.damage());
  fmt::print("{}", account_table(replay.account(*consumer)));
  return replay.damage().empty() ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace

std::shared_ptr<const CommandLine> describe_replay() { return describe<ReplayOptions>(); }

ExitCode run_replay(const std::vector<std::string>& words) {
  Command<ReplayOptions> command;
  auto& [options, line] = command;
  if (auto parsed = line.parse(words); !parsed) return report(parsed.error());
  if (line.wants_help()) {
    fmt::print("{}", line.help());
    return ExitCode::kDone;
  }
  const auto speed = speed_of(options.speed);
  if (!speed) return report(speed.error());
  const auto file = open_input(options.file);
  if (!file) return report(file.error());
  auto replay = Replay::open(read_from(file->get()));
  if (!replay) {
    return report(
        {fmt::format("{}: {}", options.file, replay.error().message), replay.error().code});
  }
  if (options.information) return show_information(**replay, options.file);

  if (options.request.kinds.empty()) {
    for (const EventDescriptor* kind : (*replay)->kinds()) {
      options.request.kinds.emplace_back(kind->name);
    }
  }
  const Screen screen{.width = terminal_width(), .color = wants_color()};
  FileOutput output(STDOUT_FILENO);
  auto stream = TraceStream::create(options.request, EngineOwner::kNobody, screen, output);
  if (!stream) return report(stream.error());
  if ((*replay)->header().show_secrets) {
    fmt::print(stderr, "outrider: {} was recorded with --show-secrets: nothing is masked\n",
               options.file);
  }
  const auto played = play(**replay, **stream, *speed);
  if (!played) return report(played.error());
  print_account(**stream);
  if (!(*replay)->damage().empty()) {
    return report({fmt::format("{}: it {}", options.file, (*replay)->damage())});
  }
  return end_of(output);
}

}  // namespace outrider
