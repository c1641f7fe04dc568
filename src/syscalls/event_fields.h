// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "events/descriptor.h"
#include "language/fields.h"
#include "syscalls/calls.h"

namespace outrider {

// Fields of the event itself, which all kinds have: time, kind, call, result.
std::span<const FieldDescriptor* const> event_fields();

// More of them, that follow from those or cost more: only for who names them.
std::span<const FieldDescriptor* const> derived_event_fields();

// Arguments of the call by name or place: evt.arg[path], evt.rawarg[0].
std::span<const FieldWithArgument> argument_fields();

// An argument as a field of its own, for columns and groups: evt.arg.request, evt.rawarg.count.
// nullptr if no call has one of this name. Static.
const FieldDescriptor* argument_field(std::string_view name);

// The same as a number, under the name that it has as a text.
const FieldDescriptor* number_argument_field(std::string_view name);

// Whether records of a kind have the registers of a call, and so arguments.
bool has_arguments(const EventDescriptor& kind);

// Whether events of a kind come with stacks if somebody wants them.
bool has_stacks(const EventDescriptor& kind);

// What the call returned; 0 for events that are not calls.
std::int64_t result_of(const Event& event);

// The row of the call that made a file or exec record, or nullptr.
const Call* call_of(const Event& event);

}  // namespace outrider
