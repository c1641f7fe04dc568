// SPDX-License-Identifier: Apache-2.0
//
// Every kind of event there is. A new sensor is its folder and one line in
// registry.cpp.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "events/descriptor.h"

namespace outrider {

// In the order of the help; static.
std::span<const EventDescriptor* const> all_kinds();

// nullptr if there is none.
const EventDescriptor* find_kind(std::string_view name);
const EventDescriptor* find_kind(std::uint16_t wire_kind);

// The fields of a kind: those that all kinds have, then its own.
std::vector<const FieldDescriptor*> fields_of(const EventDescriptor& kind);

// The fields of several kinds together, each name once.
std::vector<std::string_view> field_names_of(std::span<const EventDescriptor* const> kinds);

// nullptr if the kind has no such field.
const FieldDescriptor* find_field(const EventDescriptor& kind, std::string_view name);

}  // namespace outrider
