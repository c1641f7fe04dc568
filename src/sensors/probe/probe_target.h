// SPDX-License-Identifier: Apache-2.0
//
// What people name as a probe: tp:sched:sched_switch, uprobe:/lib/x.so:symbol.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sensors/probe/probe_kind.h"

namespace outrider {

// Whether a word is a target of a probe, if only by how it begins.
bool is_probe_target(std::string_view word);

// The ways to name one, for help: a line each, "  tp:CATEGORY:NAME   a tracepoint of the kernel".
std::string probe_forms();

// Looks for it: in tracefs, in the program's file. Nothing is attached. Fails if there is no such
// thing, with the nearest name.
Result<std::shared_ptr<ProbeKind>> find_probe(std::string_view target, wire_kind number);

// What an unfinished target could go on with, a line each: "tp:" has categories, "tp:sched:" or
// "tp:sched" tracepoints. Fails for what is finished, or nothing.
Result<std::string> list_probes(std::string_view target);

}  // namespace outrider
