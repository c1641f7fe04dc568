// SPDX-License-Identifier: Apache-2.0
#include "language/fields.h"

namespace outrider {

ValueClass class_of(FieldType type) {
  switch (type) {
    case FieldType::kUnsigned:
    case FieldType::kSigned:
    case FieldType::kTime:
    case FieldType::kDuration:
    case FieldType::kOctal:
      return ValueClass::kNumber;
    case FieldType::kText:
    case FieldType::kPath:
      return ValueClass::kText;
    case FieldType::kFlags:
      return ValueClass::kFlags;
    case FieldType::kTextList:
      return ValueClass::kList;
  }
  return ValueClass::kText;
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
    return true;
  }
  Field& field = fields_.emplace_back();
  field.name = descriptor.name;
  field.type = descriptor.type;
  field.extras = extras;
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
