// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/status_report.h"
#include "cli/terminal.h"

namespace outrider {

namespace {

// Whether our effective set has it; capabilities(7).
bool has_capability(unsigned number) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  return (sets[CAP_TO_INDEX(number)].effective & CAP_TO_MASK(number)) != 0;
}

}  // namespace

ExitCode run_status(const std::vector<std::string>& words) {
  std::string format = "columns";
  bool no_measure = false, help = false;
  CLI::App app("Shows what this kernel can do, what is attached, for whom, and what it costs.",
               "outrider status");
  app.set_help_flag();
  app.add_option("-o,--output", format, "columns or json (one object)")
      ->check(CLI::IsMember({"columns", "json"}))
      ->type_name("FORMAT");
  app.add_flag("--no-measure", no_measure, "do not watch for a second what attached programs cost");
  app.add_flag("-h,--help", help, "this text");
  try {
    // CLI11 takes the words in reverse.
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return report(
        {fmt::format("{}; see 'outrider status --help'", error.what()), ExitCode::kBadInput});
  }
  if (help) {
    fmt::print("{}", app.help());
    return ExitCode::kDone;
  }
  if (!has_capability(CAP_SYS_ADMIN) && !(has_capability(CAP_BPF) && has_capability(CAP_PERFMON))) {
    return report(
        {"trying the kernel needs the capabilities CAP_BPF and CAP_PERFMON (or "
         "CAP_SYS_ADMIN): run as root"});
  }

  ::signal(SIGPIPE, SIG_IGN);
  const StatusReport status = make_status_report(!no_measure);
  Output output(STDOUT_FILENO);
  output.buffer() =
      format == "json" ? status_json(status) : status_columns(status, terminal_width());
  // `| head` has seen enough: that is no error.
  if (!output.flush() && output.error() != EPIPE) {
    return report({fmt::format("write the status: {}", std::strerror(output.error()))});
  }
  if (const auto missing = missing_feature(status)) return report(*missing);
  return ExitCode::kDone;
}

}  // namespace outrider
