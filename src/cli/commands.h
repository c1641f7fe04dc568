// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "streams/served_command.h"

namespace outrider {

// Each command takes the words behind its name and returns the exit code; errors have
// been printed by then.

// trace KIND...: events as they happen; by the agent if there is one and it may (`use_agent`).
ExitCode run_trace(const std::vector<std::string>& words, bool use_agent);

// record KIND... -o FILE: events into a file.
ExitCode run_record(const std::vector<std::string>& words);
std::shared_ptr<const CommandLine> describe_record();

// replay FILE: events out of it.
ExitCode run_replay(const std::vector<std::string>& words);
std::shared_ptr<const CommandLine> describe_replay();

// fields [PATTERN]: all fields of all kinds.
extern const ServedCommand kFieldsCommand;

// snapshot KIND: what there is now.
extern const ServedCommand kSnapshotCommand;

// syscalls [-- COMMAND]: how often which system call was made, and how long it took.
ExitCode run_syscalls(const std::vector<std::string>& words, bool use_agent);
extern const ServedStream kSyscallsStream;

// top WHAT: what uses most, interval by interval.
ExitCode run_top(const std::vector<std::string>& words, bool use_agent);
extern const ServedStream kTopStream;

// rules WHAT FILE...: checks detection rules, shows them, judges by them.
ExitCode run_rules(const std::vector<std::string>& words);
std::shared_ptr<const CommandLine> describe_rules();

// status: what this kernel can do, what is attached, what it costs.
extern const ServedCommand kStatusCommand;

// doctor: what is missing or wrong on this machine, and what to do.
extern const ServedCommand kDoctorCommand;

// bugreport: an archive for those who look into a problem.
ExitCode run_bugreport(const std::vector<std::string>& words);
std::shared_ptr<const CommandLine> describe_bugreport();

// agent: the daemon.
ExitCode run_agent_command(const std::vector<std::string>& words);
std::shared_ptr<const CommandLine> describe_agent();

// completion SHELL: a script that completes words.
ExitCode run_completion(const std::vector<std::string>& words);
std::shared_ptr<const CommandLine> describe_completion();

// complete -- WORD...: what that script asks.
ExitCode run_complete(const std::vector<std::string>& words);
std::shared_ptr<const CommandLine> describe_complete();

// document WHAT: manual pages and the reference, for packages and docs/.
ExitCode run_document(const std::vector<std::string>& words);
std::shared_ptr<const CommandLine> describe_document();

// All commands that the agent may run for others, besides trace.
std::span<const ServedCommand* const> served_commands();

// And those that go on until they are asked to end.
std::span<const ServedStream* const> served_streams();

// Runs one in the agent if there is one and it may (`use_agent`), else here.
ExitCode run_served(const ServedCommand& command, const std::vector<std::string>& words,
                    bool use_agent);

// Prints "outrider: MESSAGE" on standard error and returns the code that goes with it.
ExitCode report(const Error& error);

}  // namespace outrider
