// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "streams/output.h"
#include "streams/sink.h"

namespace outrider {

// The words behind a command's name: what they may be, and what they are. Options are added to
// options(); their values go where these were told. Not thread-safe.
class CommandLine {
 public:
  // `name` as the user types it, without the program's.
  CommandLine(std::string_view name, std::string_view doc);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  [[nodiscard]] CLI::App& options() { return app_; }
  [[nodiscard]] const CLI::App& options() const { return app_; }

  // -o columns|json; `of` says what JSON is: "one object per line".
  void add_format(Format& format, std::string_view of);

  // Fails with what is wrong, and where help is.
  Result<void> parse(const std::vector<std::string>& words);

  // Whether -h was among the words.
  [[nodiscard]] bool wants_help() const { return wants_help_; }
  [[nodiscard]] std::string help() const { return app_.help(); }

 private:
  CLI::App app_;
  std::string name_;
  bool wants_help_ = false;
};

// Writes the help of a command.
ExitCode write_help(const CommandLine& line, Output& output);

// A command: its options, which know its name and doc, and the line that they are read from.
template <typename Options>
struct Command {
  Options options;
  CommandLine line{Options::kName, Options::kDoc};

  Command() { options.add_to(line); }
};

// What the words of a command may be, for help, completion and the API.
template <typename Options>
std::shared_ptr<const CommandLine> describe() {
  auto made = std::make_shared<Command<Options>>();
  return {made, &made->line};
}

}  // namespace outrider
