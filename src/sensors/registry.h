// SPDX-License-Identifier: Apache-2.0
//
// Every kind of event there is. A new sensor is its folder and one line in
// src/events/sensors.def; docs/adding-a-sensor.md.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "events/decode.h"
#include "events/descriptor.h"
#include "language/fields.h"

namespace outrider {

// What each sensor defines: process_kinds(), file_kinds() and so on; static.
#define SENSOR(folder, ...) std::span<const EventDescriptor> folder##_kinds();
#include "events/sensors.def"
#undef SENSOR

// In the order of the help; static.
std::span<const EventDescriptor* const> all_kinds();

// The groups that kinds are listed in, in that order.
std::span<const std::string_view> kind_groups();

// nullptr if there is none.
const EventDescriptor* find_kind(std::string_view name);
const EventDescriptor* find_kind(std::uint16_t wire_kind);

// For decode(); static.
const RecordShapes& record_shapes();

// The fields of a kind: those that all kinds have, then its own.
std::vector<const FieldDescriptor*> fields_of(const EventDescriptor& kind);

// Further fields of a kind, which follow from those: only for who asks for them by name.
std::vector<const FieldDescriptor*> derived_fields_of(const EventDescriptor& kind);

// And those that take an argument: proc.aname[1].
std::vector<const FieldWithArgument*> fields_with_argument_of(const EventDescriptor& kind);

// The fields of several kinds together, each name once; without the derived ones.
std::vector<std::string_view> field_names_of(std::span<const EventDescriptor* const> kinds);

// The same for conditions: what --where may name.
FieldCatalog catalog_of(std::span<const EventDescriptor* const> kinds);

// Also a derived one, or an argument by its name (evt.arg.request), which fields_of() and its like
// do not list; nullptr if the kind has no such field.
const FieldDescriptor* find_field(const EventDescriptor& kind, std::string_view name);

}  // namespace outrider
