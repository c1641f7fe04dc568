// SPDX-License-Identifier: Apache-2.0
//
// Descriptors that go from one process to another: how many, their numbers, what they stand for,
// and who is at the other end.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "events/descriptor.h"
#include "events/event.h"

namespace outrider {

// What the kernel tells of them, checked. `bytes` is a string of a record: struct wire_passed, and
// behind it the paths of its objects. Nothing if it is not that.
struct Passed {
  wire_passed told;
  std::string_view paths;  // one behind the other, as long as told.objects says
};
std::optional<Passed> read_passed(std::string_view bytes);

// What the descriptor at this place stands for: "/etc/passwd", "socket:[1234]", "memfd:name".
// Unknown of those that the kernel program has not looked at. Memory from the arena.
Value passed_name(const Passed& passed, std::size_t place, Arena& arena);

// Of sockets, and of what they pass.
extern const FieldDescriptor* const kPassedFields[9];

// "sent 2: 5 /etc/passwd, 6 socket:[1234]"
Value passed_info(const Event& event);

}  // namespace outrider
