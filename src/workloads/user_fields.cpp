// SPDX-License-Identifier: Apache-2.0
#include "workloads/user_fields.h"

#include "events/event.h"
#include "workloads/user_names.h"

namespace outrider {

namespace {

constexpr std::uint32_t kNoLoginUser = 0xffffffff;

using Part = std::string_view UserNames::Name::*;

// The table may forget the file for the next field's sake.
Value value_of(const UserNames::Name& name, Part part, Arena& arena) {
  switch (name.answer) {
    case UserNames::Answer::kUnknown:
      return Value::unknown();
    case UserNames::Answer::kNone:
      return Value::missing();
    case UserNames::Answer::kFound:
      return Value::of_text(arena.copy(name.*part));
  }
  return Value::unknown();
}

template <Part part>
Value user(const Event& event) {
  if (event.users == nullptr) return Value::unknown();
  return value_of(event.users->user(*event.header), part, *event.arena);
}

Value group(const Event& event) {
  if (event.users == nullptr) return Value::unknown();
  return value_of(event.users->group(*event.header), &UserNames::Name::name, *event.arena);
}

Value login_user(const Event& event) {
  if (event.header->login_uid == kNoLoginUser) return Value::missing();
  if (event.users == nullptr) return Value::unknown();
  return value_of(event.users->host_user(event.header->login_uid), &UserNames::Name::name,
                  *event.arena);
}

// clang-format off: a table
constexpr FieldDescriptor kName{
    "user.name", FieldType::kText, "", "name of the user, by the passwd beneath the process's root",
    "USER", 10, user<&UserNames::Name::name>};
constexpr FieldDescriptor kHome{
    "user.homedir", FieldType::kPath, "", "home directory of the user, by the same", "HOME", 16,
    user<&UserNames::Name::home>};
constexpr FieldDescriptor kShell{
    "user.shell", FieldType::kPath, "", "shell of the user, by the same", "SHELL", 13,
    user<&UserNames::Name::shell>};
constexpr FieldDescriptor kLoginName{
    "user.loginname", FieldType::kText, "", "name of who has logged in, by the host's passwd",
    "LOGIN", 10, login_user};
constexpr FieldDescriptor kGroupName{
    "group.name", FieldType::kText, "", "name of the group, by the group file beneath the root",
    "GROUP", 10, group};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {&kName, &kHome, &kShell, &kLoginName, &kGroupName};

}  // namespace

std::span<const FieldDescriptor* const> user_fields() { return kFields; }

}  // namespace outrider
