// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/capability.h"
#include "cli/commands.h"
#include "cli/doctor_report.h"

namespace outrider {

namespace {

struct DoctorOptions {
  static constexpr std::string_view kName = "doctor";
  static constexpr std::string_view kDoc =
      "Looks for what is missing or wrong on this machine, and says what to do. Changes nothing. "
      "The exit code is 1 if something does not work at all.";

  Format format = Format::kColumns;

  void add_to(CommandLine& line) { line.add_format(format, "one object"); }
};

Result<ExitCode> run(const std::vector<std::string>& words, const Screen& screen, Output& output) {
  Command<DoctorOptions> command;
  if (auto parsed = command.line.parse(words); !parsed) return std::unexpected(parsed.error());
  if (command.line.wants_help()) return write_help(command.line, output);
  const StatusReport status = make_status_report(/*measure=*/false);
  const auto findings = examine({.status = status, .has_capability = has_capability});
  output.buffer() += command.options.format == Format::kJson
                         ? doctor_json(findings)
                         : doctor_columns(findings, screen.width);
  output.flush();
  const bool problem = std::ranges::any_of(
      findings, [](const Finding& finding) { return finding.level == Finding::Level::kProblem; });
  return problem ? ExitCode::kFailed : ExitCode::kDone;
}

}  // namespace

const ServedCommand kDoctorCommand{DoctorOptions::kName, run, describe<DoctorOptions>};

}  // namespace outrider
