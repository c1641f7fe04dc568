// SPDX-License-Identifier: Apache-2.0
#include "syscalls/argument_fields.h"

#include <algorithm>
#include <vector>

#include "events/event.h"
#include "syscalls/arguments.h"
#include "syscalls/names.h"

namespace outrider {

namespace {

// The argument that a call has by this name, as text and as a number.
constexpr char kFlagsName[] = "flags";
constexpr char kModeName[] = "mode";
constexpr char kUserName[] = "uid";
constexpr char kGroupName[] = "gid";
constexpr char kLengthName[] = "length";
constexpr char kTargetName[] = "target";

template <const char* name>
Value text_named(const Event& event) {
  const int place = place_of(event, name);
  return place < 0 ? Value::missing() : argument_text_at(event, static_cast<std::size_t>(place));
}

template <const char* name>
Value number_named(const Event& event) {
  const int place = place_of(event, name);
  return place < 0 ? Value::missing() : argument_number_at(event, static_cast<std::size_t>(place));
}

template <const char* name>
Value octal_named(const Event& event) {
  const Value value = number_named<name>(event);
  if (value.kind != Value::Kind::kSigned) return value;
  return Value::of_unsigned(static_cast<std::uint64_t>(value.signed_value));
}

// Every name that flags of any call have.
std::span<const NamedValue> flag_values() {
  static const std::vector<NamedValue> values = [] {
    std::vector<NamedValue> all;
    const auto add = [&all](std::span<const NamedValue> names) {
      for (const NamedValue& name : names) {
        if (std::ranges::find(all, name.name, &NamedValue::name) == all.end()) all.push_back(name);
      }
    };
    add(open_flag_values());
    add(at_flag_values());
    add(rename_flag_values());
    add(names::kUringRequest.flags);
    for (const Call& call : all_calls()) {
      for (const Argument& argument : call.arguments) {
        if (argument.name != kFlagsName || argument.names == nullptr) continue;
        add(argument.names->numbers);
        add(argument.names->flags);
      }
    }
    return all;
  }();
  return values;
}

// Arguments that are fields of other kinds are fields here, too: in a stream of several kinds they
// mean the same. All others are read as evt.arg.NAME.
// clang-format off: a table
constexpr FieldDescriptor kFlags{
    "evt.arg.flags", FieldType::kFlags, "", "flags of the call, by name", "FLAGS", 20,
    text_named<kFlagsName>, flag_values};
constexpr FieldDescriptor kMode{
    "evt.arg.mode", FieldType::kOctal, "", "permissions asked for", "MODE", 5,
    octal_named<kModeName>};
constexpr FieldDescriptor kUser{
    "evt.arg.uid", FieldType::kSigned, "", "the user that the call is given", "OWNER", 6,
    number_named<kUserName>};
constexpr FieldDescriptor kGroup{
    "evt.arg.gid", FieldType::kSigned, "", "the group that the call is given", "GROUP", 6,
    number_named<kGroupName>};
constexpr FieldDescriptor kLength{
    "evt.arg.length", FieldType::kSigned, "bytes", "the size that the call is given", "LENGTH", 10,
    number_named<kLengthName>};
constexpr FieldDescriptor kTarget{
    "evt.arg.target", FieldType::kPath, "", "the path or text of this name", "TARGET", 24,
    text_named<kTargetName>};
// clang-format on

}  // namespace

const FieldDescriptor* const kCommonArgumentFields[6] = {&kFlags, &kMode,   &kUser,
                                                         &kGroup, &kLength, &kTarget};

}  // namespace outrider
