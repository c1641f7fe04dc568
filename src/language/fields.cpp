// SPDX-License-Identifier: Apache-2.0
#include "language/fields.h"

#include <algorithm>
#include <iterator>

namespace outrider {

namespace {

struct TypeRow {
  FieldType type;
  ValueClass value_class;
  std::string_view word;
};
constexpr TypeRow kTypes[] = {
    {FieldType::kUnsigned, ValueClass::kNumber, "number"},
    {FieldType::kSigned, ValueClass::kNumber, "number"},
    {FieldType::kText, ValueClass::kText, "text"},
    {FieldType::kPath, ValueClass::kText, "path"},
    {FieldType::kFlags, ValueClass::kFlags, "flags"},
    {FieldType::kTextList, ValueClass::kList, "list"},
    {FieldType::kTime, ValueClass::kNumber, "time"},
    {FieldType::kDuration, ValueClass::kNumber, "duration"},
    {FieldType::kOctal, ValueClass::kNumber, "octal"},
    {FieldType::kHex, ValueClass::kNumber, "hex"},
    {FieldType::kAddress, ValueClass::kAddress, "address"},
    {FieldType::kAnyAddress, ValueClass::kAddress, "addresses"},
    {FieldType::kAnyNumber, ValueClass::kNumber, "numbers"},
};

const TypeRow& row_of(FieldType type) {
  const auto* row = std::ranges::find(kTypes, type, &TypeRow::type);
  return row != std::end(kTypes) ? *row : kTypes[0];
}

}  // namespace

ValueClass class_of(FieldType type) { return row_of(type).value_class; }

bool is_any_of(FieldType type) {
  return type == FieldType::kAnyAddress || type == FieldType::kAnyNumber;
}

std::string_view word_of(FieldType type) { return row_of(type).word; }

std::string_view phrase_of(ValueClass value_class) {
  constexpr std::string_view kPhrases[] = {"a number", "a text", "a set of flags", "a list",
                                           "an IP address"};
  return kPhrases[static_cast<std::size_t>(value_class)];
}

bool FieldCatalog::add(std::uint16_t wire_kind, const FieldDescriptor& descriptor,
                       const FieldExtras& extras) {
  if (wire_kind >= WIRE_KIND_LIMIT) return false;
  const auto known = by_name_.find(descriptor.name);
  if (known != by_name_.end()) {
    Field& field = *known->second;
    if (class_of(field.type) != class_of(descriptor.type) || field.extras.flags != extras.flags ||
        field.extras.argument != extras.argument) {
      return false;
    }
    field.by_kind[wire_kind] = &descriptor;
    if (extras.values.empty()) field.values.clear();
    if (field.values.empty()) return true;
    for (const NamedValue& value : extras.values) {
      if (std::ranges::find(field.values, value.name, &NamedValue::name) == field.values.end()) {
        field.values.push_back(value);
      }
    }
    return true;
  }
  Field& field = fields_.emplace_back();
  field.name = descriptor.name;
  field.type = descriptor.type;
  field.extras = extras;
  field.values.assign(extras.values.begin(), extras.values.end());
  field.by_kind[wire_kind] = &descriptor;
  by_name_.emplace(field.name, &field);
  names_.push_back(field.name);
  return true;
}

void FieldCatalog::set_in_kernel(std::uint16_t wire_kind, std::string_view name,
                                 const KernelValue& value) {
  const auto known = by_name_.find(name);
  if (known == by_name_.end() || wire_kind >= WIRE_KIND_LIMIT) return;
  if (known->second->by_kind[wire_kind] != nullptr) known->second->in_kernel[wire_kind] = &value;
}

const Field* FieldCatalog::find(std::string_view name) const {
  const auto known = by_name_.find(name);
  return known == by_name_.end() ? nullptr : known->second;
}

}  // namespace outrider
