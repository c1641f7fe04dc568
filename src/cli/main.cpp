// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"

namespace outrider {

namespace {

struct Command {
  std::string_view name;
  std::string_view usage;
  std::string_view doc;
  ExitCode (*run)(const std::vector<std::string>& words);
};

// One line per command.
constexpr Command kCommands[] = {
    {"trace", "trace KIND...", "events as they happen; without a KIND, lists them", run_trace},
    {"fields", "fields [PATTERN]", "what is known of events; for --where, --fields and --by",
     run_fields},
    {"snapshot", "snapshot process|container", "what runs now: a tree of processes, the containers",
     run_snapshot},
    {"status", "status", "what this kernel can do, what is attached and what it costs", run_status},
};

void print_usage(std::FILE* file) {
  fmt::print(file,
             "Outrider sees what happens on a Linux machine: processes, files.\n\n"
             "Usage: outrider COMMAND [OPTIONS]\n\nCommands:\n");
  for (const Command& command : kCommands) {
    fmt::print(file, "  {:<28}{}\n", command.usage, command.doc);
  }
  fmt::print(file, "  {:<28}{}\n  {:<28}{}\n\n", "--version", "the version", "--help", "this text");
  fmt::print(file, "'outrider COMMAND --help' says more about one.\n");
}

ExitCode run(const std::vector<std::string>& words) {
  if (words.empty()) {
    print_usage(stderr);
    return ExitCode::kBadInput;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_usage(stdout);
    return ExitCode::kDone;
  }
  if (words[0] == "--version") {
    fmt::print("outrider {}\n", OUTRIDER_VERSION);
    return ExitCode::kDone;
  }
  for (const Command& command : kCommands) {
    if (words[0] == command.name) return command.run({words.begin() + 1, words.end()});
  }
  return report({fmt::format("there is no command '{}'; 'outrider --help' lists them", words[0]),
                 ExitCode::kBadInput});
}

}  // namespace

}  // namespace outrider

// fmt::print() throws if it cannot write; what it could only put into the buffer shows here.
int main(int argc, char** argv) {
  using outrider::ExitCode;
  ExitCode code = ExitCode::kFailed;
  try {
    code = outrider::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    code = outrider::report({error.what()});
  }
  if (std::fflush(stdout) != 0 && errno != EPIPE && code == ExitCode::kDone) {
    code = outrider::report({fmt::format("write the output: {}", std::strerror(errno))});
  }
  return static_cast<int>(code);
}
