// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/status_report.h"

namespace outrider {

// What there is to say of one thing that we rely on.
struct Finding {
  enum class Level : std::uint8_t {
    kGood,
    kWarning,  // something is not seen, has no name, or costs more
    kProblem,  // nothing works without it
  };
  Level level = Level::kGood;
  std::string_view subject;
  std::string found;
  std::string advice;  // empty if all is well
};

// What the checks look at.
struct Machine {
  const StatusReport& status;
  std::function<bool(unsigned)> has_capability;
  std::filesystem::path proc = "/proc";
  std::filesystem::path sys = "/sys";
};

// All of them, in the order in which they are shown.
std::vector<Finding> examine(const Machine& machine);

// For people, wrapped to `width` columns (0: not); with a last line that sums up.
std::string doctor_columns(const std::vector<Finding>& findings, std::size_t width);
// One JSON object.
std::string doctor_json(const std::vector<Finding>& findings);

}  // namespace outrider
