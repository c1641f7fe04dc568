// SPDX-License-Identifier: Apache-2.0
#include "streams/trace_request.h"

#include "streams/option_checks.h"

namespace outrider {

void TraceRequest::add_to(CommandLine& line) {
  CLI::App& app = line.options();
  app.add_option("KIND", kinds,
                 "kinds of events; 'outrider trace' lists them; syscall:NAME,... for system calls");
  line.add_format(format, "one object per line");
  app.add_option("--fields", fields, "fields to show, in this order")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,...");
  condition.add_to(app);
  app.add_flag("--explain", explain,
               "say what of it the kernel decides, and what that costs; traces nothing");
  app.add_option("--by", aggregation.by,
                 "group events that are alike in these fields; counts them, or else")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,...");
  app.add_flag("--count", aggregation.count, "how many events each group has, or all");
  app.add_option("--sum", aggregation.sum, "the sum of a field in each group, or in all")
      ->type_name("FIELD");
  app.add_option("--hist", aggregation.histogram,
                 "how often the values of a field are of which size, in powers of two")
      ->type_name("FIELD");
  app.add_option("--top", aggregation.top, "only the N largest groups")
      ->check(is_count())
      ->type_name("N");
  app.add_option("--interval", aggregation.interval,
                 "seconds between two reports of groups (1); 0: only one, at the end")
      ->type_name("SECONDS");
  app.add_option("--stack", stacks,
                 "user or kernel, or both: where the program, or the kernel, was when it happened "
                 "(exec, file events and system calls)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"user", "kernel"}))
      ->type_name("WHICH");
  app.add_option("--max-events", max_events, "stop after so many events")
      ->check(is_count())
      ->type_name("N");
  app.add_option("--timeout", timeout, "stop after so many seconds")
      ->transform(as_seconds())
      ->type_name("SECONDS");
  app.add_option(
         "--max-cpu", max_cpu,
         "per cent of one CPU that all of it may cost: else only some events are sent, then "
         "kinds are left out; which, is told")
      ->transform(as_percent())
      ->type_name("PERCENT");
  app.add_flag("--no-header", no_header, "no line with the names of the columns");
  app.add_flag("--show-secrets", show_secrets,
               "do not mask arguments that look like passwords or tokens");
}

}  // namespace outrider
