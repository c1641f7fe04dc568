// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace outrider {

// A whole number in decimal: CLI11 itself takes -5 for a very large number, and 010 for 8.
CLI::Validator is_count();

// Seconds, 0 or more: "1", "0.5" or "1s"; for transform(), which takes the unit away.
CLI::Validator as_seconds();

// Per cent, more than 0: "2", "0.5" or "2%"; for transform(), which takes the sign away.
CLI::Validator as_percent();

}  // namespace outrider
