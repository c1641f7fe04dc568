// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace outrider {

// Puts the calling thread before others that want a CPU (setpriority(2), as Linux has it: of one
// thread): for short work that somebody's events wait for. Without CAP_SYS_NICE nothing changes.
void run_ahead_of_others();

}  // namespace outrider
