// SPDX-License-Identifier: Apache-2.0
#include <linux/capability.h>

#include "base/capability.h"
#include "cli/commands.h"
#include "cli/status_report.h"

namespace outrider {

namespace {

struct StatusOptions {
  static constexpr std::string_view kName = "status";
  static constexpr std::string_view kDoc =
      "Shows what this kernel can do, what is attached, for whom, and what it costs.";

  Format format = Format::kColumns;
  bool no_measure = false;

  void add_to(CommandLine& line) {
    line.add_format(format, "one object");
    line.options().add_flag("--no-measure", no_measure,
                            "do not watch for a second what attached programs cost");
  }
};

Result<ExitCode> run(const std::vector<std::string>& words, const Screen& screen, Output& output) {
  Command<StatusOptions> command;
  if (auto parsed = command.line.parse(words); !parsed) return std::unexpected(parsed.error());
  if (command.line.wants_help()) return write_help(command.line, output);
  if (!has_capability(CAP_SYS_ADMIN) && !(has_capability(CAP_BPF) && has_capability(CAP_PERFMON))) {
    return fail(
        "trying the kernel needs the capabilities CAP_BPF and CAP_PERFMON (or "
        "CAP_SYS_ADMIN): run as root");
  }
  const StatusReport status = make_status_report(!command.options.no_measure);
  output.buffer() += command.options.format == Format::kJson ? status_json(status)
                                                             : status_columns(status, screen.width);
  output.flush();
  if (const auto missing = missing_feature(status)) return std::unexpected(*missing);
  return ExitCode::kDone;
}

}  // namespace

const ServedCommand kStatusCommand{StatusOptions::kName, run, describe<StatusOptions>};

}  // namespace outrider
