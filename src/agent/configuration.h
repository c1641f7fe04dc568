// SPDX-License-Identifier: Apache-2.0
//
// What the agent is told by a file: /etc/outrider/agent.yaml.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace outrider {

struct Configuration {
  std::string run_directory = "/run/outrider";
  std::string observe_group = "outrider";
  std::string metrics_listen = "127.0.0.1:9321";  // empty: nowhere but on the Unix sockets
  std::vector<std::string> metrics_kinds = {};    // besides exec and exit
  std::vector<std::string> kinds = {};            // that streams may ask for; empty: all
  bool environment = false;
  std::uint64_t most_streams = 100;
  std::uint64_t most_commands = 8;
  std::uint64_t stream_buffer = 8192;   // KiB for each stream that wait for its reader
  std::uint64_t stream_memory = 64;     // MiB for all of them together
  double max_cpu = 0;                   // per cent of a CPU, agent and kernel programs; 0: no limit
  std::vector<std::string> rules = {};  // files and directories; empty: nothing is judged
  std::string rule_matching = "first";
  std::string alert_format = "json";
  std::string alert_file = {};         // empty: standard output
  std::uint64_t alert_file_size = 10;  // MiB, then it is put aside
  std::uint64_t alert_files = 5;       // those put aside that are kept
  bool alert_syslog = false;
  std::string log_level = "info";
  std::string log_file = {};         // empty: standard error
  std::uint64_t log_file_size = 10;  // MiB, then it is put aside
  std::uint64_t log_files = 5;       // those put aside that are kept

  friend bool operator==(const Configuration&, const Configuration&) = default;
};

inline constexpr std::string_view kConfigurationPath = "/etc/outrider/agent.yaml";

// From the text of a file, which messages call `name`. Fails with a line for each error, each with
// file, line and column, what is wrong, and what could have been meant.
Result<Configuration> parse_configuration(const std::string& text, std::string_view name);

// Of a file. One that is not there is an error only if `required`; else the defaults hold.
Result<Configuration> read_configuration(const std::string& path, bool required);

// All keys with their defaults and what they mean: a file that says what holds without it.
std::string configuration_reference();

}  // namespace outrider
