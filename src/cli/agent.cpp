// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <fmt/format.h>

#include "agent/configuration.h"
#include "cli/commands.h"
#include "streams/command_line.h"

namespace outrider {

namespace {

struct AgentCommandOptions {
  static constexpr std::string_view kName = "agent";
  static constexpr std::string_view kDoc =
      "Runs in the background and serves all commands of this machine, and whoever asks its API.";

  std::string configuration = std::string(kConfigurationPath);
  CLI::Option* named = nullptr;
  bool check = false;
  bool print = false;

  void add_to(CommandLine& line) {
    CLI::App& app = line.options();
    named = app.add_option("--config", configuration, "what to read its configuration from")
                ->capture_default_str()
                ->type_name("FILE");
    app.add_flag("--check-config", check, "say what is wrong with the configuration, and end");
    app.add_flag("--print-config", print, "write all keys with their defaults, and end");
  }
};

}  // namespace

std::shared_ptr<const CommandLine> describe_agent() { return describe<AgentCommandOptions>(); }

ExitCode run_agent_command(const std::vector<std::string>& words) {
  Command<AgentCommandOptions> command;
  const AgentCommandOptions& options = command.options;
  if (auto parsed = command.line.parse(words); !parsed) return report(parsed.error());
  if (command.line.wants_help()) {
    fmt::print("{}", command.line.help());
    return ExitCode::kDone;
  }
  if (options.print) {
    fmt::print("{}", configuration_reference());
    return ExitCode::kDone;
  }
  const bool is_named = options.named->count() > 0;
  const auto configuration = read_configuration(options.configuration, is_named || options.check);
  if (!configuration) {
    // One line for each error, which says where itself.
    fmt::print(stderr, "{}\n", configuration.error().message);
    return configuration.error().code;
  }
  if (options.check) {
    fmt::print("{}: in order\n", options.configuration);
    return ExitCode::kDone;
  }
  const auto ran = run_agent({.configuration = *configuration,
                              .configuration_path = options.configuration,
                              .commands = served_commands(),
                              .streams = served_streams()});
  return ran ? ExitCode::kDone : report(ran.error());
}

}  // namespace outrider
