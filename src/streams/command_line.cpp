// SPDX-License-Identifier: Apache-2.0
#include "streams/command_line.h"

#include <fmt/format.h>

namespace outrider {

CommandLine::CommandLine(std::string_view name, std::string_view doc)
    : app_(std::string(doc), fmt::format("outrider {}", name)), name_(name) {
  app_.set_help_flag();
  app_.add_flag("-h,--help", wants_help_, "this text");
}

void CommandLine::add_format(Format& format, std::string_view of) {
  app_.add_option_function<std::string>(
          "-o,--output",
          [&format](const std::string& name) {
            format = name == "json" ? Format::kJson : Format::kColumns;
          },
          fmt::format("columns or json ({})", of))
      ->check(CLI::IsMember({"columns", "json"}))
      ->type_name("FORMAT");
}

Result<void> CommandLine::parse(const std::vector<std::string>& words) {
  try {
    // CLI11 takes the words in reverse.
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app_.parse(reversed);
  } catch (const CLI::ParseError& error) {
    // Who asks what is required need not have it.
    if (wants_help_ && error.get_name() == "RequiredError") return {};
    return fail(fmt::format("{}; see 'outrider {} --help'", error.what(), name_),
                ExitCode::kBadInput);
  }
  return {};
}

ExitCode write_help(const CommandLine& line, Output& output) {
  output.buffer() += line.help();
  output.flush();
  return ExitCode::kDone;
}

}  // namespace outrider
