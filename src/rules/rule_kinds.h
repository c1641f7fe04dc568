// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "events/descriptor.h"
#include "language/condition.h"
#include "syscalls/calls.h"

namespace outrider {

// What a rule may be about: of which kinds of events, and of the kind syscall which calls.
struct RuleKinds {
  std::vector<const EventDescriptor*> kinds;
  std::vector<const Call*> calls;  // only if `kinds` has the kind syscall
};

// Kinds whose events rules judge. An event of a call is judged once: as its own kind if it has one,
// as syscall otherwise. Static.
std::span<const EventDescriptor* const> judged_kinds();

// The kind of an event of this type, as it is judged; nullptr if there is none.
const EventDescriptor* kind_of_type(std::string_view type);

// What evt.type is of most events of a kind.
std::string_view usual_type_of(const EventDescriptor& kind);

// The kinds for which the condition may hold.
RuleKinds kinds_of(const Condition& condition);

}  // namespace outrider
