// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "events/descriptor.h"

namespace outrider {

// Prints the fields of a kind and its columns: 'outrider trace KIND --help'.
void print_fields(const EventDescriptor& kind);

// Whether a field's name or doc line has the pattern in it, ignoring case; a pattern with
// '*' or '?' must match the whole name, as the shell's do. An empty one matches all.
bool field_matches(const FieldDescriptor& field, std::string_view pattern);

}  // namespace outrider
