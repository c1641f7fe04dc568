// SPDX-License-Identifier: Apache-2.0
#include "base/thread.h"

#include <sys/resource.h>

#include <tuple>

namespace outrider {

void run_ahead_of_others() {
  constexpr int kNice = -10;
  std::ignore = ::setpriority(PRIO_PROCESS, 0, kNice);
}

}  // namespace outrider
