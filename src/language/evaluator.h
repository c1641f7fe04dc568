// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "events/event.h"
#include "language/condition.h"

namespace outrider {

// Whether the condition holds for the event. A comparison with what is missing or unknown is
// false, and so is one that a text which was cut cannot decide.
//
// Allocates nothing but what transformers and the readers of fields take from the event's arena.
bool evaluate(const Condition& condition, const Event& event);

// What a single atom makes of the event; nothing if it reads what is unknown, or not known whole.
std::optional<bool> judge_atom(const Condition& condition, const Atom& atom, const Event& event);

// Whether an atom that compares with literals would hold if its left side, which is of this type,
// had this value.
bool judge_value(const Atom& atom, FieldType type, const Value& value);

// What GivenValues call the field that a term reads.
std::string given_name(const Term& term);

// What a term of the condition is in the event; in the event's arena, as what readers make.
Value read_term(const Condition& condition, std::uint32_t term, const Event& event);

}  // namespace outrider
