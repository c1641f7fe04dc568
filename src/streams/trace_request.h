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

  // Adds them to a command, whose values then come here. It must outlive the command line.
  void add_to(CommandLine& line);
};

}  // namespace outrider
