// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "agent/configuration.h"
#include "base/result.h"
#include "streams/served_command.h"

namespace outrider {

struct AgentOptions {
  Configuration configuration;
  std::string configuration_path;  // for SIGHUP; empty: none
  // What it may run for others, besides trace.
  std::span<const ServedCommand* const> commands;
  std::span<const ServedStream* const> streams;
};

// Names of what lies in the run directory.
inline constexpr std::string_view kObserveSocket = "observe.sock";
inline constexpr std::string_view kAdminSocket = "admin.sock";
inline constexpr std::string_view kLockFile = "agent.lock";

// In the environment of commands: the run directory of an agent that was told another one.
inline constexpr char kRunDirectoryVariable[] = "OUTRIDER_RUN_DIRECTORY";
// That, or the default.
std::string run_directory();

// Runs the agent until SIGTERM or SIGINT. Needs root, or the capabilities that the engine needs.
Result<void> run_agent(const AgentOptions& options);

// Whether an agent holds the lock of this directory.
bool is_agent_running(const std::string& run_directory);

}  // namespace outrider
