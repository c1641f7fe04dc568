// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace outrider {

// Each command takes the words behind its name and returns the exit code; errors have
// been printed by then.

// trace KIND...: events as they happen.
ExitCode run_trace(const std::vector<std::string>& words);

// fields [PATTERN]: all fields of all kinds.
ExitCode run_fields(const std::vector<std::string>& words);

// snapshot process|container: what runs now.
ExitCode run_snapshot(const std::vector<std::string>& words);

// status: what this kernel can do, what is attached, what it costs.
ExitCode run_status(const std::vector<std::string>& words);

// Prints "outrider: MESSAGE" on standard error and returns the code that goes with it.
ExitCode report(const Error& error);

}  // namespace outrider
