// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace outrider {

ExitCode run_status(const std::vector<std::string>&) {
  return report({"status is not there yet"});
}

}  // namespace outrider
