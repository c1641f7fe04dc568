// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/agent_client.h"
#include "cli/commands.h"
#include "cli/fields.h"
#include "cli/running_stream.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "engine/budget_keeper.h"
#include "engine/engine.h"
#include "engine/engine_loop.h"
#include "sensors/probe/probe_target.h"
#include "sensors/registry.h"
#include "sensors/selection.h"
#include "streams/trace_stream.h"

namespace outrider {

namespace {

void list_kinds() {
  fmt::print("Kinds of events:\n");
  std::size_t width = 0;
  for (const EventDescriptor* kind : all_kinds()) width = std::max(width, kind->name.size());
  for (const std::string_view group : kind_groups()) {
    std::string_view heading = group;
    for (const EventDescriptor* kind : all_kinds()) {
      if (kind->group != group) continue;
      fmt::print("  {:<9} {:<{}} {}\n", heading, kind->name, width, kind->doc);
      heading = "";
    }
  }
  fmt::print("\nProbes, wherever you say:\n{}", probe_forms());
  fmt::print(
      "\n'outrider trace KIND...' shows them as they happen, 'outrider trace KIND --help' lists "
      "the\nfields of one, 'outrider fields' all fields, 'outrider trace --help' the options.\n");
}

ExitCode print_kinds(const std::vector<std::string>& words) {
  // "tp:sched" is the beginning of many.
  if (words.size() == 1 && is_probe_target(words[0])) {
    if (const auto list = list_probes(words[0])) {
      fmt::print("{}", *list);
      return ExitCode::kDone;
    }
  }
  const auto selection = select(words);
  if (!selection) return report(selection.error());
  for (const EventDescriptor* kind : selection->kinds) {
    fmt::print("{}", fields_text(*kind));
    if (kind->kind == WIRE_SYSTEM_CALL) fmt::print("{}", calls_text(selection->calls));
  }
  return ExitCode::kDone;
}

// With an engine of its own.
ExitCode run_stream(TraceStream& stream, double max_cpu, Output& output) {
  auto signal_descriptor = take_signals();
  if (!signal_descriptor) return report(signal_descriptor.error());
  auto engine = Engine::start(stream.engine_options());
  if (!engine) return report(engine.error());
  if (const std::string& refused = (*engine)->refused(); !refused.empty()) {
    fmt::print(stderr, "outrider: this kernel refuses {}\n", refused);
  }
  for (const std::string& unseen : (*engine)->unseen()) {
    fmt::print(stderr, "outrider: {}\n", unseen);
  }
  if (!stream.adder().empty()) {
    fmt::print(stderr, "outrider: events are added up in {}\n", stream.adder());
  }
  if (auto started = stream.start(**engine); !started) return report(started.error());
  fmt::print(stderr, "outrider: tracing {}; Ctrl-C to stop\n", stream.words());
  output.flush();

  std::unique_ptr<BudgetKeeper> budget;
  if (max_cpu > 0) {
    auto made =
        BudgetKeeper::create(max_cpu, [&] { return stream.engine_options().kinds; }, **engine);
    if (!made) return report(made.error());
    budget = std::move(*made);
  }

  bool goes_on = true;
  const auto look = [&] {
    const std::string news = budget ? budget->look() : "";
    if (!news.empty()) fmt::print(stderr, "outrider: {}\n", news);
    return goes_on && stream.look();
  };
  const auto next_look = [&] {
    return budget ? std::min(budget->next_look(), stream.next_look()) : stream.next_look();
  };
  run_engine(**engine,
             {.look = look,
              .next_look = next_look,
              .descriptor = signal_descriptor->get(),
              .readable = [&] { goes_on = handle_signals(signal_descriptor->get(), stream); }});
  const auto finished = stream.finish();
  print_account(stream);
  if (!finished) return report(finished.error());
  return end_of(output);
}

}  // namespace

ExitCode run_trace(const std::vector<std::string>& words, bool use_agent) {
  Command<TraceRequest> command;
  auto& [request, line] = command;
  if (auto parsed = line.parse(words); !parsed) return report(parsed.error());
  if (line.wants_help()) {
    if (!request.kinds.empty()) return print_kinds(request.kinds);
    fmt::print("{}", line.help());
    return ExitCode::kDone;
  }
  if (words.empty()) {
    list_kinds();
    return ExitCode::kDone;
  }
  if (request.kinds.empty()) {
    return report({"which events? Name a KIND, or several; 'outrider trace' lists them",
                   ExitCode::kBadInput});
  }
  const Screen screen{.width = terminal_width(), .color = wants_color()};
  // The agent attaches no probes.
  const bool has_probes = std::ranges::any_of(request.kinds, is_probe_target);
  if (use_agent && !request.explain && !has_probes) {
    if (const auto code = run_in_agent(TraceRequest::kName, words, screen)) return *code;
  }
  FileOutput output(STDOUT_FILENO);
  auto stream = TraceStream::create(request, EngineOwner::kStream, screen, output);
  if (!stream) return report(stream.error());
  if (request.explain) {
    fmt::print("{}", (*stream)->explanation());
    return ExitCode::kDone;
  }
  return run_stream(**stream, request.max_cpu, output);
}

}  // namespace outrider
