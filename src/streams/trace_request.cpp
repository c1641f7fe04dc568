// SPDX-License-Identifier: Apache-2.0
#include "streams/trace_request.h"

#include "streams/option_checks.h"

namespace outrider {

void TraceRequest::add_to(CommandLine& line) {
  CLI::App& app = line.options();
  add_kinds_to(app);
  add_columns_to(line);
  condition.add_to(app);
  app.add_flag("--explain", explain,
               "say what of it the kernel decides, and what that costs; traces nothing");
  add_groups_to(app);
  add_stacks_to(app);
  add_limits_to(app);
  add_budget_to(app);
  add_secrets_to(app);
}

void TraceRequest::add_kinds_to(CLI::App& app) {
  app.add_option("KIND", kinds,
                 "kinds of events; 'outrider trace' lists them; syscall:NAME,... for system calls");
}

void TraceRequest::add_columns_to(CommandLine& line) {
  line.add_format(format, "one object per line");
  line.options()
      .add_option("--fields", fields, "fields to show, in this order")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,...");
  line.options().add_flag("--no-header", no_header, "no line with the names of the columns");
}

void TraceRequest::add_groups_to(CLI::App& app) {
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
}

void TraceRequest::add_stacks_to(CLI::App& app) {
  app.add_option("--stack", stacks,
                 "user or kernel, or both: where the program, or the kernel, was when it happened "
                 "(exec, file events and system calls)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"user", "kernel"}))
      ->type_name("WHICH");
}

void TraceRequest::add_limits_to(CLI::App& app) {
  app.add_option("--max-events", max_events, "stop after so many events")
      ->check(is_count())
      ->type_name("N");
  app.add_option("--timeout", timeout, "stop after so many seconds")
      ->transform(as_seconds())
      ->type_name("SECONDS");
}

void TraceRequest::add_budget_to(CLI::App& app) {
  app.add_option(
         "--max-cpu", max_cpu,
         "per cent of one CPU that all of it may cost: else only some events are sent, then "
         "kinds are left out; which, is told")
      ->transform(as_percent())
      ->type_name("PERCENT");
}

void TraceRequest::add_secrets_to(CLI::App& app) {
  app.add_flag("--show-secrets", show_secrets,
               "do not mask arguments that look like passwords or tokens");
}

}  // namespace outrider
