// SPDX-License-Identifier: Apache-2.0
#include "cli/command_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "streams/trace_request.h"

namespace outrider {

namespace {

template <const ServedCommand& command>
ExitCode serve(const std::vector<std::string>& words, bool use_agent) {
  return run_served(command, words, use_agent);
}

template <const ServedCommand& command>
std::shared_ptr<const CommandLine> describe_served() {
  return command.describe();
}

template <const ServedStream& stream>
std::shared_ptr<const CommandLine> describe_stream() {
  return stream.describe();
}

template <ExitCode (*run)(const std::vector<std::string>& words)>
ExitCode alone(const std::vector<std::string>& words, bool) {
  return run(words);
}

// One row per command.
constexpr CommandRow kCommands[] = {
    {"trace", "trace KIND...", "events as they happen; without a KIND, lists them", run_trace,
     describe<TraceRequest>},
    {"record", "record KIND... -o FILE", "events into a file, with all that is known of them",
     alone<run_record>, describe_record},
    {"replay", "replay FILE [KIND...]",
     "a recording as trace shows it: other filters, groups, JSON", alone<run_replay>,
     describe_replay},
    {"fields", "fields [PATTERN]", "what is known of events; for --where, --fields and --by",
     serve<kFieldsCommand>, describe_served<kFieldsCommand>},
    {"snapshot", "snapshot KIND", "what there is now: process, container, file, socket, mount, ...",
     serve<kSnapshotCommand>, describe_served<kSnapshotCommand>},
    {"syscalls", "syscalls [-- COMMAND...]",
     "which system calls a command, a container or all make, how often, how long", run_syscalls,
     describe_stream<kSyscallsStream>},
    {"top", "top WHAT", "what uses most now: process, file, block, container, syscall", run_top,
     describe_stream<kTopStream>},
    {"rules", "rules WHAT FILE...", "detection rules: check, list, show, explain or run them",
     alone<run_rules>, describe_rules},
    {"doctor", "doctor", "what is missing or wrong on this machine, and what to do",
     serve<kDoctorCommand>, describe_served<kDoctorCommand>},
    {"agent", "agent", "runs in the background and serves the other commands, an API and metrics",
     alone<run_agent_command>, describe_agent},
    {"status", "status", "what this kernel can do, what is attached and what it costs",
     serve<kStatusCommand>, describe_served<kStatusCommand>},
    {"bugreport", "bugreport", "an archive for those who look into a problem, with nothing secret",
     alone<run_bugreport>, describe_bugreport},
    {"completion", "completion SHELL", "a script that completes words in bash, zsh or fish",
     alone<run_completion>, describe_completion},
    {"complete", "complete -- WORD...", "", alone<run_complete>, describe_complete},
    {"document", "document WHAT", "", alone<run_document>, describe_document},
};

}  // namespace

std::span<const CommandRow> all_commands() { return kCommands; }

const CommandRow* find_command(std::string_view name) {
  const auto found = std::ranges::find(kCommands, name, &CommandRow::name);
  return found != std::end(kCommands) ? found : nullptr;
}

std::string usage_text() {
  std::string text =
      "Outrider sees what happens on a Linux machine: processes, files, sockets.\n\n"
      "Usage: outrider COMMAND [OPTIONS]\n\nCommands:\n";
  const auto add = [&](std::string_view usage, std::string_view doc) {
    text += fmt::format("  {:<28}{}\n", usage, doc);
  };
  for (const CommandRow& command : kCommands) {
    if (!command.doc.empty()) add(command.usage, command.doc);
  }
  add("--no-agent", "with a command: run it in this process, even if an agent runs");
  add("--version", "the version");
  add("--help", "this text");
  return text + "\n'outrider COMMAND --help' says more about one.\n";
}

}  // namespace outrider
