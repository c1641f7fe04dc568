// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "streams/aggregation.h"
#include "streams/command_line.h"
#include "streams/condition_options.h"
#include "streams/sink.h"

namespace outrider {

// What `outrider trace` is asked for: its options, as they were given.
struct TraceRequest {
  static constexpr std::string_view kName = "trace";
  static constexpr std::string_view kDoc =
      "Shows events as they happen, until Ctrl-C or one of the limits.";

  std::vector<std::string> kinds = {};
  Format format = Format::kColumns;
  std::vector<std::string> fields = {};
  ConditionOptions condition = {};
  Aggregation::Options aggregation = {};
  std::vector<std::string> stacks = {};
  std::uint64_t max_events = 0;  // 0: no end
  double timeout = 0;            // seconds; 0: none
  double max_cpu = 0;            // per cent of a CPU; 0: no limit
  bool no_header = false;
  bool show_secrets = false;
  bool explain = false;
  bool environment = false;  // of programs, also if no field of it is asked for

  // Adds them to a command, whose values then come here. It must outlive the command line.
  void add_to(CommandLine& line);

  // Some of them, for commands that have no use for the others.
  void add_kinds_to(CLI::App& app);
  void add_columns_to(CommandLine& line);  // -o, --fields, --no-header
  void add_groups_to(CLI::App& app);
  void add_stacks_to(CLI::App& app);
  void add_limits_to(CLI::App& app);  // --max-events, --timeout
  void add_budget_to(CLI::App& app);
  void add_secrets_to(CLI::App& app);
};

}  // namespace outrider
