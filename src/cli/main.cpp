// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "cli/command_table.h"
#include "cli/commands.h"

namespace outrider {

namespace {

// Takes --no-agent out of the words; what stands behind "--" is another command's.
bool take_no_agent(std::vector<std::string>& words) {
  const auto end = std::ranges::find(words, "--");
  const auto found = std::find(words.begin(), end, "--no-agent");
  if (found == end) return false;
  words.erase(found);
  return true;
}

ExitCode run(std::vector<std::string> words) {
  const bool use_agent = !take_no_agent(words);
  if (words.empty()) {
    fmt::print(stderr, "{}", usage_text());
    return ExitCode::kBadInput;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    fmt::print("{}", usage_text());
    return ExitCode::kDone;
  }
  if (words[0] == "--version") {
    fmt::print("outrider {}\n", OUTRIDER_VERSION);
    return ExitCode::kDone;
  }
  if (const CommandRow* command = find_command(words[0])) {
    return command->run({words.begin() + 1, words.end()}, use_agent);
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
