// SPDX-License-Identifier: Apache-2.0
//
// Arguments of the call that an event is about, as the table of calls describes them. Of events
// that are no calls there are none: missing.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "events/event.h"
#include "syscalls/calls.h"

namespace outrider {

// All names that the table gives to arguments, and Falco's where they differ, each once.
std::span<const std::string_view> argument_names();

// What the registers in the record are; nullptr if it has none.
const CallArguments* arguments_of(const Event& event);

// The argument at a place, 0 is the first: a path or flags as text, ids, sizes and descriptors as
// signed numbers, modes as unsigned ones. Missing if the call does not look at it.
Value argument_at(const Event& event, std::size_t place);

// The first argument of one of these types.
Value argument_of(const Event& event, std::initializer_list<ArgumentType> types);

// As a text: numbers in decimal, modes in octal, AT_FDCWD by name.
Value argument_text_at(const Event& event, std::size_t place);

// Of flags and of what is a number anyway; missing of a path.
Value argument_number_at(const Event& event, std::size_t place);

// What the first argument that is a buffer holds. Missing if there is none, unknown if it was not
// read.
Value argument_bytes(const Event& event);

// The place of the argument of this name, or of that for which it is Falco's; -1 if there is none.
int place_of(const Event& event, std::string_view name);

// Whether a call has an argument of this name, whatever its command.
bool has_argument(const Call& call, std::string_view name);

// "dirfd=AT_FDCWD path=/etc/hosts flags=O_RDONLY", without those that the call did not look at.
Value arguments_text(const Event& event);

// "ptrace(request=PTRACE_ATTACH, pid=123, addr=0x0, data=0x0) = 0": texts in quotation marks, an
// error by its name.
std::string_view call_text(const Event& event);

}  // namespace outrider
