// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/descriptor.h"
#include "syscalls/calls.h"

namespace outrider {

// A field, and the kinds that have it. One name may be several fields, if what it means
// differs by kind.
struct FieldRow {
  std::string name;  // with what may stand in brackets
  const FieldDescriptor* field = nullptr;
  bool derived = false;    // shown only if it is asked for by name
  bool condition = false;  // not even then: only for --where
  std::vector<std::string_view> kinds = {};
};

// All that can be named of a kind, in the order in which it is shown.
std::vector<FieldRow> field_rows(const EventDescriptor& kind);

// What it is, with its unit behind it.
std::string with_unit(const FieldDescriptor& field);

// The fields of a kind and its columns: 'outrider trace KIND --help'. Lines.
std::string fields_text(const EventDescriptor& kind);

// System calls with the names of their arguments: all, or these with the names that their numbers
// have. Lines.
std::string calls_text(std::span<const Call* const> calls);

// Whether a field's name or doc line has the pattern in it, ignoring case; a pattern with
// '*' or '?' must match the whole name, as the shell's do. An empty one matches all.
bool field_matches(const FieldDescriptor& field, std::string_view pattern);

}  // namespace outrider
