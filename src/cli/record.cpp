// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "base/file_descriptor.h"
#include "cli/commands.h"
#include "cli/running_stream.h"
#include "cli/signals.h"
#include "engine/budget_keeper.h"
#include "engine/engine.h"
#include "engine/engine_loop.h"
#include "sensors/probe/probe_target.h"
#include "streams/recording_sink.h"
#include "streams/trace_stream.h"

namespace outrider {

namespace {

using Clock = TraceStream::Clock;

// What was recorded goes out so often at least: no more is lost if we are killed.
constexpr std::chrono::seconds kFrameInterval{1};

struct RecordOptions {
  static constexpr std::string_view kName = "record";
  static constexpr std::string_view kDoc =
      "Records events into a file, until Ctrl-C or one of the limits, for 'outrider replay': in "
      "their order, with the names of processes, containers and users, and with the account of "
      "what "
      "was lost. The file has command lines, of all processes; only its owner may read it. Secrets "
      "in arguments are masked as 'trace' does it, but the arguments of syscall:execve are as they "
      "were.";

  TraceRequest request = {};
  std::string file = {};
  bool force = false;

  void add_to(CommandLine& line) {
    CLI::App& app = line.options();
    request.add_kinds_to(app);
    app.add_option("-o,--output", file, "the file; '-': standard output")
        ->required()
        ->type_name("FILE");
    app.add_flag("--force", force, "overwrite a file that is there");
    request.condition.add_to(app);
    request.add_stacks_to(app);
    app.add_flag("--environment", request.environment,
                 "record the environment of programs, too (proc.env)");
    request.add_limits_to(app);
    request.add_budget_to(app);
    request.add_secrets_to(app);
  }
};

// Of a regular file, bytes; nullopt if it is something else.
std::optional<off_t> size_of(const FileDescriptor& file) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return status.st_size;
}

// What is in it stays until there is something to be written. Nobody else may read it: it has what
// processes were called with.
Result<FileDescriptor> open_file(const RecordOptions& options) {
  if (options.file == "-") {
    if (::isatty(STDOUT_FILENO) != 0) {
      return fail("-o -: a recording is not for a terminal; name a file, or pipe it somewhere",
                  ExitCode::kBadInput);
    }
    return FileDescriptor(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
  }
  const int how = options.force ? 0 : O_EXCL;
  FileDescriptor file(
      ::open(options.file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | how, 0600));
  if (!file.valid() && errno == EEXIST) {
    return fail(
        fmt::format("{} is there already: name another file, or say --force to overwrite it",
                    options.file),
        ExitCode::kBadInput);
  }
  if (!file.valid()) return fail_errno(fmt::format("create {}", options.file), errno);
  // One that was there may have been for others to read.
  if (size_of(file) && ::fchmod(file.get(), 0600) != 0) {
    return fail_errno(fmt::format("keep others from reading {}", options.file), errno);
  }
  return file;
}

// One that we have made for nothing.
void remove_if_empty(const FileDescriptor& file, const RecordOptions& options) {
  if (options.file != "-" && size_of(file) == 0) ::unlink(options.file.c_str());
}

Result<void> check(const TraceRequest& request) {
  if (request.kinds.empty()) {
    return fail("which events? Name a KIND, or several; 'outrider trace' lists them",
                ExitCode::kBadInput);
  }
  const auto probe = std::ranges::find_if(request.kinds, is_probe_target);
  if (probe == request.kinds.end()) return {};
  return fail(fmt::format("{}: probes are not recorded, since another program would not know what "
                          "they are; 'outrider trace {} -o json' writes their events",
                          *probe, *probe),
              ExitCode::kBadInput);
}

// How far it is, on one line of a terminal.
class Progress {
 public:
  ~Progress() {
    if (shown_) fmt::print(stderr, "\n");
  }

  void show(const RecordingSink& sink) {
    if (!is_terminal_) return;
    fmt::print(stderr, "\r\033[Koutrider: {} events, {} kB", sink.events(), sink.bytes() / 1000);
    shown_ = true;
  }

 private:
  bool is_terminal_ = ::isatty(STDERR_FILENO) != 0;
  bool shown_ = false;
};

// Records until it is to end. Then all is in the file that ever will be.
Result<void> record(const RecordOptions& options, const FileDescriptor& file, TraceStream& stream,
                    RecordingSink& sink, Output& output) {
  auto signal_descriptor = take_signals();
  if (!signal_descriptor) return std::unexpected(signal_descriptor.error());
  auto engine = Engine::start(stream.engine_options());
  if (!engine) return std::unexpected(engine.error());
  if (const std::string& refused = (*engine)->refused(); !refused.empty()) {
    fmt::print(stderr, "outrider: this kernel refuses {}\n", refused);
  }
  for (const std::string& unseen : (*engine)->unseen()) {
    fmt::print(stderr, "outrider: {}\n", unseen);
  }
  RecordingHeader header = recording_header(stream.kinds());
  header.words = stream.words();
  header.condition = options.request.condition.where.value_or("");
  header.show_secrets = stream.engine_options().show_secrets;
  if (auto started = stream.start(**engine); !started) return started;
  if (options.file != "-" && size_of(file) && ::ftruncate(file.get(), 0) != 0) {
    return fail_errno(fmt::format("empty {}", options.file), errno);
  }
  sink.begin(header, **engine);
  fmt::print(stderr, "outrider: recording {}; Ctrl-C to stop\n", stream.words());

  std::unique_ptr<BudgetKeeper> budget;
  if (options.request.max_cpu > 0) {
    auto made = BudgetKeeper::create(
        options.request.max_cpu, [&] { return stream.engine_options().kinds; }, **engine);
    if (!made) return std::unexpected(made.error());
    budget = std::move(*made);
  }

  Progress progress;
  bool goes_on = true;
  auto next_frame = Clock::now() + kFrameInterval;
  const auto look = [&] {
    const std::string news = budget ? budget->look() : "";
    if (!news.empty()) fmt::print(stderr, "outrider: {}\n", news);
    if (Clock::now() >= next_frame) {
      sink.end_frame(stream.account());
      progress.show(sink);
      next_frame = Clock::now() + kFrameInterval;
    }
    return goes_on && stream.look();
  };
  const auto next_look = [&] {
    const auto next = std::min(next_frame, stream.next_look());
    return budget ? std::min(next, budget->next_look()) : next;
  };
  run_engine(**engine,
             {.look = look,
              .next_look = next_look,
              .descriptor = signal_descriptor->get(),
              .readable = [&] { goes_on = handle_signals(signal_descriptor->get(), stream); }});
  auto finished = stream.finish();
  sink.finish(stream.account());
  progress.show(sink);
  if (output.error() != 0) {
    return fail(
        fmt::format("write the recording: {}; it ends with the last frame that was written "
                    "whole, {} events in {} bytes",
                    std::strerror(output.error()), sink.events(), sink.bytes()));
  }
  return finished;
}

}  // namespace

std::shared_ptr<const CommandLine> describe_record() { return describe<RecordOptions>(); }

ExitCode run_record(const std::vector<std::string>& words) {
  Command<RecordOptions> command;
  auto& [options, line] = command;
  if (auto parsed = line.parse(words); !parsed) return report(parsed.error());
  if (line.wants_help()) {
    fmt::print("{}", line.help());
    return ExitCode::kDone;
  }
  if (auto checked = check(options.request); !checked) return report(checked.error());
  auto file = open_file(options);
  if (!file) return report(file.error());
  FileOutput output(file->get());
  auto owned = std::make_unique<RecordingSink>(output);
  RecordingSink& sink = *owned;
  auto stream =
      TraceStream::create_for(options.request, EngineOwner::kStream, output, std::move(owned));
  if (!stream) {
    remove_if_empty(*file, options);
    return report(stream.error());
  }
  const auto recorded = record(options, *file, **stream, sink, output);
  if (sink.bytes() == 0) {
    remove_if_empty(*file, options);
    return recorded ? ExitCode::kDone : report(recorded.error());
  }
  // What was written of another frame is of no use; of a pipe it cannot be taken back.
  if (output.error() != 0) std::ignore = ::ftruncate(file->get(), static_cast<off_t>(sink.bytes()));
  print_account(**stream);
  if (recorded) {
    fmt::print(stderr, "outrider: {} events in {} bytes: {}\n", sink.events(), sink.bytes(),
               options.file);
  }
  return recorded ? ExitCode::kDone : report(recorded.error());
}

}  // namespace outrider
