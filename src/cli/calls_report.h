// SPDX-License-Identifier: Apache-2.0
//
// The summary of system calls as a table or as JSON.
//
//   % TIME    TOTAL     CALLS  ERRORS     P50     P99     MAX CALL
//    91.20     1.2s      1203       0   1.0ms   1.2ms   4.1ms nanosleep (1 unfinished)
//     8.80  115.8ms     40032   12011   2.1us  15.2us   1.1ms openat
//   100.00     1.3s     41235   12011       -       -   4.1ms total
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/call_summary.h"
#include "syscalls/call_sums.h"

namespace outrider {

struct CallsReportOptions {
  bool json = false;    // one object for a report
  bool pretty = false;  // with line breaks
  bool by_container = false;
  bool by_process = false;
  bool by_thread = false;
  bool errors = false;  // how often which
  bool header = true;
  CallOrder order = CallOrder::kTotal;
  std::size_t terminal_width = 0;  // 0: not a terminal
  bool color = false;
};

// What a report says besides its rows.
struct CallsReportNotes {
  std::int64_t time = 0;       // ns since 1970: end of the interval
  std::uint64_t interval = 0;  // ns
  bool timed = false;          // one of several: the table says of when it is
  // At the end; else nothing of it is said.
  std::optional<CallAccount> account = {};
  std::uint64_t filtered = 0;  // calls of other containers, which the kernel could not know
  std::uint64_t unjudged = 0;  // calls of cgroups that nobody could name
  std::uint64_t running = 0;   // threads of the command that have not ended
};

// Never empty; ends with a line break.
std::string calls_report(const CallSums& sums, const CallsReportOptions& options,
                         const CallsReportNotes& notes);

}  // namespace outrider
