// SPDX-License-Identifier: Apache-2.0
#include "sensors/registry.h"

#include <algorithm>
#include <array>
#include <string>

#include "sensors/kernel_values.h"
#include "sensors/probe/probe_kind.h"
#include "syscalls/argument_fields.h"
#include "syscalls/arguments.h"
#include "syscalls/event_fields.h"
#include "workloads/container_fields.h"
#include "workloads/process_fields.h"
#include "workloads/user_fields.h"

namespace outrider {

namespace {

constexpr std::span<const EventDescriptor> (*kSensors[])() = {
#define SENSOR(folder, ...) folder##_kinds,
#include "events/sensors.def"
#undef SENSOR
};

// Names of kinds are only known here.
std::span<const NamedValue> kind_names() {
  static const std::vector<NamedValue> names = [] {
    std::vector<NamedValue> all;
    for (const EventDescriptor* kind : all_kinds()) all.push_back({kind->name});
    return all;
  }();
  return names;
}

// evt.type: calls, and the kinds that are none; and what Falco's rules ask for that is neither. It
// tells of a container by an event of its own; here the first process of each says the same.
constexpr std::string_view kFalcoTypes[] = {"container"};

std::span<const NamedValue> type_names() {
  static const std::vector<NamedValue> names = [] {
    const auto kinds = kind_names();
    std::vector<NamedValue> all(kinds.begin(), kinds.end());
    for (const Call& call : all_calls()) all.push_back({call.name});
    for (const std::string_view type : kFalcoTypes) all.push_back({type});
    return all;
  }();
  return names;
}

struct ValuesRow {
  std::string_view field;
  std::span<const NamedValue> (*values)();
};
constexpr ValuesRow kValues[] = {
    {"evt.kind", kind_names}, {"evt.type", type_names}, {"syscall.type", type_names}};

std::span<const NamedValue> values_of(const FieldDescriptor& field) {
  if (field.values != nullptr) return field.values();
  const auto* row = std::ranges::find(kValues, field.name, &ValuesRow::field);
  return row != std::end(kValues) ? row->values() : std::span<const NamedValue>();
}

// Whether a kind has a field of this name for its own.
bool has_own(const EventDescriptor& kind, const FieldDescriptor& field) {
  const auto is_in = [&field](const auto& fields) {
    return std::ranges::find(fields, field.name, &FieldDescriptor::name) != fields.end();
  };
  return is_in(kind.fields) || is_in(kind.derived);
}

// Whether a call makes events of a kind.
bool is_of_kind(const Call& call, const EventDescriptor& kind) {
  return kind.kind == WIRE_SYSTEM_CALL || call.kind == kind.kind || call.other_kind == kind.kind ||
         std::ranges::find(kind.calls, call.name) != kind.calls.end();
}

// What a field of one kind is called may be an argument of another kind's calls: evt.arg.name is
// the name of an interrupt, and that of a file that is opened.
void add_arguments(FieldCatalog& catalog, const EventDescriptor& kind) {
  if (!has_arguments(kind)) return;
  for (const std::string_view argument : argument_names()) {
    const Field* field = catalog.find(std::string("evt.arg.").append(argument));
    if (field == nullptr || field->by_kind[kind.kind] != nullptr) continue;
    if (std::ranges::none_of(all_calls(), [&](const Call& call) {
          return is_of_kind(call, kind) && has_argument(call, argument);
        })) {
      continue;
    }
    const auto common =
        std::ranges::find(kCommonArgumentFields, field->name, &FieldDescriptor::name);
    if (common != std::end(kCommonArgumentFields)) {
      catalog.add(kind.kind, **common, {.values = values_of(**common)});
      continue;
    }
    const bool is_number = class_of(field->type) == ValueClass::kNumber;
    catalog.add(kind.kind,
                *(is_number ? number_argument_field(field->name) : argument_field(field->name)));
  }
}

}  // namespace

std::span<const EventDescriptor* const> all_kinds() {
  static const std::vector<const EventDescriptor*> kinds = [] {
    std::vector<const EventDescriptor*> all;
    for (const auto& sensor : kSensors) {
      for (const EventDescriptor& kind : sensor()) all.push_back(&kind);
    }
    return all;
  }();
  return kinds;
}

std::span<const std::string_view> kind_groups() {
  static constexpr std::string_view kGroups[] = {"process", "file",  "net",    "security",
                                                 "io",      "sched", "memory", "kernel"};
  return kGroups;
}

const EventDescriptor* find_kind(std::string_view name) {
  for (const EventDescriptor* kind : all_kinds()) {
    if (kind->name == name) return kind;
  }
  return nullptr;
}

const EventDescriptor* find_kind(std::uint16_t wire_kind) {
  static const auto by_kind = [] {
    std::array<const EventDescriptor*, WIRE_KIND_LIMIT> table{};
    for (const EventDescriptor* kind : all_kinds()) table[kind->kind] = kind;
    return table;
  }();
  return wire_kind < by_kind.size() ? by_kind[wire_kind] : nullptr;
}

const RecordShapes& record_shapes() {
  static const RecordShapes shapes = [] {
    RecordShapes table{};
    for (const EventDescriptor* kind : all_kinds()) table[kind->kind] = kind->record;
    for (std::size_t probe = WIRE_PROBE; probe < WIRE_PROBE_LIMIT; ++probe) {
      table[probe] = shape_of<wire_probe>();
    }
    return table;
  }();
  return shapes;
}

std::vector<const FieldDescriptor*> fields_of(const EventDescriptor& kind) {
  std::vector<const FieldDescriptor*> fields;
  for (const auto& group : {event_fields(), process_fields(), container_fields()}) {
    for (const FieldDescriptor* field : group) {
      // What a probe's function returns is of any type.
      if (as_probe(kind) == nullptr || !has_own(kind, *field)) fields.push_back(field);
    }
  }
  fields.insert(fields.end(), kind.fields.begin(), kind.fields.end());
  return fields;
}

std::vector<const FieldDescriptor*> derived_fields_of(const EventDescriptor& kind) {
  std::vector<const FieldDescriptor*> fields;
  for (const auto& group : {derived_event_fields(), derived_process_fields(), process_fact_fields(),
                            process_now_fields(), user_fields(), derived_container_fields()}) {
    for (const FieldDescriptor* field : group) {
      // A kind may have it for its own, in every event's JSON.
      if (!has_own(kind, *field)) fields.push_back(field);
    }
  }
  fields.insert(fields.end(), kind.derived.begin(), kind.derived.end());
  return fields;
}

std::vector<const FieldWithArgument*> fields_with_argument_of(const EventDescriptor& kind) {
  std::vector<const FieldWithArgument*> fields;
  const auto of_calls =
      as_probe(kind) == nullptr ? argument_fields() : std::span<const FieldWithArgument>();
  for (const auto& group : {ancestor_fields(), process_now_fields_with_argument(),
                            container_fields_with_argument(), of_calls}) {
    for (const FieldWithArgument& field : group) fields.push_back(&field);
  }
  return fields;
}

std::vector<std::string_view> field_names_of(std::span<const EventDescriptor* const> kinds) {
  std::vector<std::string_view> names;
  for (const EventDescriptor* kind : kinds) {
    for (const FieldDescriptor* field : fields_of(*kind)) {
      if (std::find(names.begin(), names.end(), field->name) == names.end()) {
        names.push_back(field->name);
      }
    }
  }
  return names;
}

FieldCatalog catalog_of(std::span<const EventDescriptor* const> kinds) {
  FieldCatalog catalog;
  for (const EventDescriptor* kind : kinds) {
    for (const auto& fields : {fields_of(*kind), derived_fields_of(*kind)}) {
      for (const FieldDescriptor* field : fields) {
        catalog.add(kind->kind, *field, {.values = values_of(*field)});
        if (const KernelValue* value = kernel_value_of(*kind, field->name)) {
          catalog.set_in_kernel(kind->kind, field->name, *value);
        }
      }
    }
    if (const ProbeKind* probe = as_probe(*kind)) {
      for (const FieldDescriptor* field : probe->places()) {
        catalog.add(kind->kind, *field, {.values = values_of(*field)});
      }
    }
    for (const FieldWithArgument* field : fields_with_argument_of(*kind)) {
      catalog.add(kind->kind, field->descriptor, field->extras);
      if (const KernelValue* value = kernel_value_of(*kind, field->descriptor.name)) {
        catalog.set_in_kernel(kind->kind, field->descriptor.name, *value);
      }
    }
  }
  for (const EventDescriptor* kind : kinds) add_arguments(catalog, *kind);
  return catalog;
}

const FieldDescriptor* find_field(const EventDescriptor& kind, std::string_view name) {
  for (const auto& fields : {fields_of(kind), derived_fields_of(kind)}) {
    const auto found = std::ranges::find(fields, name, &FieldDescriptor::name);
    if (found != fields.end()) return *found;
  }
  if (const ProbeKind* probe = as_probe(kind)) return probe->find_alias(name);
  return has_arguments(kind) ? argument_field(name) : nullptr;
}

}  // namespace outrider
