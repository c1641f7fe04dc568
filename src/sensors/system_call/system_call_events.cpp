// SPDX-License-Identifier: Apache-2.0
#include "events/event.h"
#include "sensors/registry.h"
#include "syscalls/argument_fields.h"
#include "syscalls/arguments.h"
#include "syscalls/event_fields.h"

namespace outrider {

namespace {

constexpr std::string_view kColumns[] = {"evt.time", "proc.pid", "proc.name", "evt.info"};
// The first goes on with calls__traced.
constexpr std::string_view kPrograms[] = {"syscalls__exit", "calls__entered"};

constexpr EventDescriptor kKinds[] = {
    {WIRE_SYSTEM_CALL,
     "syscall",
     "kernel",
     "any system call, by its name: syscall:ptrace,bpf",
     kColumns,
     {},
     [](const Event& event) { return Value::of_text(call_text(event)); },
     kPrograms,
     shape_of<wire_file>(),
     kCommonArgumentFields},
};

}  // namespace

std::span<const EventDescriptor> system_call_kinds() { return kKinds; }

}  // namespace outrider
