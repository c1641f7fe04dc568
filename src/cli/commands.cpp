// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include <fmt/format.h>

#include <cstdio>

namespace outrider {

ExitCode report(const Error& error) {
  fmt::print(stderr, "outrider: {}\n", error.message);
  return error.code;
}

}  // namespace outrider
