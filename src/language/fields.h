// SPDX-License-Identifier: Apache-2.0
//
// Which fields an expression may name, and how they are read for each kind of event.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "events/descriptor.h"
#include "events/value.h"
#include "events/wire.h"
#include "language/kernel_value.h"

namespace outrider {

// What may stand in brackets behind a field.
enum class ArgumentUse : std::uint8_t {
  kNone,
  kOptionalIndex,  // proc.aname[2]; proc.aname is a list of which any item may match
  kOptionalText,   // proc.env[PATH], or proc.env.PATH; proc.env is a list as above
  kRequiredText,   // container.label[app], or container.label.app
  kNameOrPlace,    // evt.arg[path], evt.arg.path or evt.arg[1]
};

struct FieldArgument {
  bool given = false;
  std::uint64_t index = 0;  // of kOptionalIndex, and of kNameOrPlace if there is no text
  std::string text = {};    // of the others
};

// What a descriptor does not say.
struct FieldExtras {
  // The text is a set of names joined by '|', such as O_WRONLY|O_CREAT; "0" is none.
  bool flags = false;
  ArgumentUse argument = ArgumentUse::kNone;
  // Reads a field with an argument, instead of its descriptor; needed if it may have one. A list
  // if the index is left out, whatever type the descriptor has: numbers as decimal texts.
  Value (*read)(const Event&, const FieldArgument&) = nullptr;
  // With its argument, too, it is a list of which any item may match.
  bool always_list = false;
  // Of kNameOrPlace: the names that there are; others are refused. Static.
  std::span<const std::string_view> argument_names = {};
  // All names that its values have; others are refused. Empty: nobody knows. Static.
  std::span<const NamedValue> values = {};
};

// A field of which an event has many values: which one is meant stands in brackets behind the name.
// Its descriptor's `read` is only for a column of all of them, and nullptr if there is none.
struct FieldWithArgument {
  FieldDescriptor descriptor;
  FieldExtras extras;
  // Readers of the first indexes, for columns of their own; none: only conditions can name it.
  std::span<Value (*const)(const Event&)> by_index = {};
};

// A field in all the kinds that have it.
struct Field {
  std::string_view name;
  FieldType type = FieldType::kText;
  FieldExtras extras;
  // Those of all kinds together; empty if of one of them nobody knows.
  std::vector<NamedValue> values;
  // By enum wire_kind; nullptr where a kind does not have it: missing there.
  std::array<const FieldDescriptor*, WIRE_KIND_LIMIT> by_kind{};
  // By enum wire_kind: how the kernel knows it; nullptr where it does not.
  std::array<const KernelValue*, WIRE_KIND_LIMIT> in_kernel{};
};

// The fields of the kinds that an expression is for. Filled once, then only read, by any thread;
// outlives what was checked with it, as descriptors do.
class FieldCatalog {
 public:
  // A field of a kind. False, and nothing is added, if another kind has a field of this name
  // whose values cannot be compared alike.
  bool add(std::uint16_t wire_kind, const FieldDescriptor& descriptor,
           const FieldExtras& extras = {});

  // Says how the kernel knows a field of a kind that has been added. Static.
  void set_in_kernel(std::uint16_t wire_kind, std::string_view name, const KernelValue& value);

  // nullptr if no kind has it.
  const Field* find(std::string_view name) const;

  // In the order in which they were added.
  std::span<const std::string_view> names() const { return names_; }

 private:
  std::deque<Field> fields_;
  std::unordered_map<std::string_view, Field*> by_name_;
  std::vector<std::string_view> names_;
};

// How the values of a type are compared.
enum class ValueClass : std::uint8_t { kNumber, kText, kFlags, kList, kAddress };
ValueClass class_of(FieldType type);

// Whether its values are lists of which any item may be meant: `!=` holds if it does for all.
bool is_any_of(FieldType type);

// For people: "duration", "a number".
std::string_view word_of(FieldType type);
std::string_view phrase_of(ValueClass value_class);

}  // namespace outrider
