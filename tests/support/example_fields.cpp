// SPDX-License-Identifier: Apache-2.0
#include "support/example_fields.h"

#include <cstdlib>
#include <limits>

namespace outrider::test {

namespace {

using namespace std::string_view_literals;

Value list_of(std::string_view items, bool cut = false) {
  Value value = Value::of_text(items, cut);
  value.kind = Value::Kind::kTextList;
  return value;
}

constexpr NamedValue kFlagNames[] = {{"O_RDONLY"}, {"O_WRONLY"}, {"O_RDWR"},   {"O_CREAT"},
                                     {"O_TRUNC"},  {"O_EXCL"},   {"O_CLOEXEC"}};
constexpr NamedValue kResultNames[] = {{"SUCCESS"}, {"ENOENT"}, {"EACCES"}};
constexpr NamedValue kErrorNames[] = {{"ENOENT", static_cast<std::uint64_t>(-2)},
                                      {"EACCES", static_cast<std::uint64_t>(-13)}};

Value ancestor(const Event&, const FieldArgument& argument) {
  constexpr std::string_view kNames[] = {"nginx", "bash", "sshd", "systemd"};
  if (!argument.given) return list_of("bash\0sshd\0systemd\0"sv);
  return argument.index < std::size(kNames) ? Value::of_text(kNames[argument.index])
                                            : Value::missing();
}

Value ancestor_id(const Event&, const FieldArgument& argument) {
  if (!argument.given)
    return list_of(
        "7\0"
        "1\0"sv);
  return argument.index == 1 ? Value::of_unsigned(7) : Value::missing();
}

// A shell, and somebody who is not known.
Value some_ancestors(const Event&, const FieldArgument& argument) {
  return argument.given ? Value::missing() : list_of("bash\0\0"sv, true);
}
Value some_ancestor_ids(const Event&, const FieldArgument& argument) {
  return argument.given ? Value::missing() : list_of("7\0\0"sv, true);
}

Value environment(const Event&, const FieldArgument& argument) {
  return argument.text == "PATH" ? Value::of_text("/usr/bin:/bin") : Value::missing();
}

struct Row {
  FieldDescriptor descriptor;
  FieldExtras extras = {};
};

constexpr FieldDescriptor field(std::string_view name, FieldType type,
                                Value (*read)(const Event&)) {
  return {
      .name = name, .type = type, .unit = "", .doc = "", .column = "F", .width = 8, .read = read};
}

#define READS(...) [](const Event&) { return __VA_ARGS__; }
// clang-format off: a table
const Row kRows[] = {
    {field("proc.name", FieldType::kText, READS(Value::of_text("nginx")))},
    {field("proc.pname", FieldType::kText, READS(Value::of_text("bash")))},
    {field("proc.title", FieldType::kText, READS(Value::of_text("NginX: Worker")))},
    {field("proc.empty", FieldType::kText, READS(Value::of_text("")))},
    {field("proc.pid", FieldType::kUnsigned, READS(Value::of_unsigned(42)))},
    {field("proc.ppid", FieldType::kUnsigned, READS(Value::of_unsigned(7)))},
    {field("user.uid", FieldType::kUnsigned, READS(Value::of_unsigned(0)))},
    {field("user.loginuid", FieldType::kSigned, READS(Value::of_signed(-1)))},
    {field("evt.rawres", FieldType::kSigned, READS(Value::of_signed(-2))),
     {.values = kErrorNames}},
    {field("evt.res", FieldType::kText, READS(Value::of_text("ENOENT"))),
     {.values = kResultNames}},
    {field("evt.num", FieldType::kUnsigned,
           READS(Value::of_unsigned(std::numeric_limits<std::uint64_t>::max())))},
    {field("evt.time", FieldType::kTime, READS(Value::of_unsigned(1795233012123456789)))},
    {field("evt.latency", FieldType::kDuration, READS(Value::of_unsigned(1'500'000)))},
    {field("evt.arg.mode", FieldType::kOctal, READS(Value::of_unsigned(04755)))},
    {field("evt.arg.flags", FieldType::kText, READS(Value::of_text("O_WRONLY|O_CREAT|O_TRUNC"))),
     {.flags = true, .values = kFlagNames}},
    {field("evt.arg.noflags", FieldType::kText, READS(Value::of_text("0"))), {.flags = true}},
    {field("fd.name", FieldType::kPath, READS(Value::of_text("/etc/nginx/nginx.conf")))},
    {field("fd.directory", FieldType::kPath, READS(Value::of_text("/etc/nginx")))},
    {field("fd.bytes", FieldType::kText, READS(Value::of_text("\x7f" "ELF\0\xff secret"sv)))},
    {field("fd.b64", FieldType::kText, READS(Value::of_text("L2V0Yy9wYXNzd2Q=")))},
    {field("evt.args", FieldType::kTextList, READS(list_of("ls\0-l\0/tmp\0"sv)))},
    {field("evt.options", FieldType::kTextList, READS(list_of("-nt\0value\0file\0"sv)))},
    {field("evt.noargs", FieldType::kTextList, READS(list_of("")))},
    {field("cut.text", FieldType::kText, READS(Value::of_text("/usr/li", true)))},
    {field("cut.path", FieldType::kPath, READS(Value::of_text("/usr/li", true)))},
    {field("cut.start", FieldType::kPath, READS(Value::of_text("lib/libc.so", true)))},
    {field("cut.list", FieldType::kTextList, READS(list_of("ls\0-l\0/tm\0"sv, true)))},
    {field("fd.sip", FieldType::kAddress, READS(Value::of_text("10.1.2.3")))},
    {field("fd.cip", FieldType::kAddress, READS(Value::of_text("fe80::1")))},
    {field("fd.mapped", FieldType::kAddress, READS(Value::of_text("::ffff:10.1.2.3")))},
    {field("fd.ip", FieldType::kAnyAddress, READS(list_of("10.1.2.3\0" "192.168.0.9\0"sv)))},
    {field("fd.port", FieldType::kAnyNumber, READS(list_of("40000\0" "443\0"sv)))},
    {field("fd.sport", FieldType::kUnsigned, READS(Value::of_unsigned(443)))},
    {field("missing.address", FieldType::kAddress, READS(Value::missing()))},
    {field("unknown.address", FieldType::kAnyAddress, READS(Value::unknown()))},
    {field("missing.text", FieldType::kText, READS(Value::missing()))},
    {field("missing.number", FieldType::kUnsigned, READS(Value::missing()))},
    {field("missing.list", FieldType::kTextList, READS(Value::missing()))},
    {field("unknown.text", FieldType::kText, READS(Value::unknown()))},
    {field("unknown.number", FieldType::kUnsigned, READS(Value::unknown()))},
    {field("unknown.list", FieldType::kTextList, READS(Value::unknown()))},
    {field("proc.aname", FieldType::kText, READS(Value::missing())),
     {.argument = ArgumentUse::kOptionalIndex, .read = ancestor}},
    {field("proc.apid", FieldType::kUnsigned, READS(Value::missing())),
     {.argument = ArgumentUse::kOptionalIndex, .read = ancestor_id}},
    {field("cut.aname", FieldType::kText, READS(Value::missing())),
     {.argument = ArgumentUse::kOptionalIndex, .read = some_ancestors}},
    {field("cut.apid", FieldType::kUnsigned, READS(Value::missing())),
     {.argument = ArgumentUse::kOptionalIndex, .read = some_ancestor_ids}},
    {field("proc.orphan", FieldType::kText, READS(Value::missing())),
     {.argument = ArgumentUse::kOptionalIndex,
      .read = [](const Event&, const FieldArgument&) { return list_of(""); }}},
    {field("proc.env", FieldType::kText, READS(Value::missing())),
     {.argument = ArgumentUse::kRequiredText, .read = environment}},
};
const FieldDescriptor kExecOnly =
    field("exec.only", FieldType::kText, READS(Value::of_text("exec")));
const FieldDescriptor kExecName =
    field("proc.name", FieldType::kText, READS(Value::of_text("bash")));
// clang-format on
#undef READS

}  // namespace

const FieldCatalog& example_catalog() {
  static const FieldCatalog catalog = [] {
    FieldCatalog made;
    for (const Row& row : kRows) {
      if (!made.add(WIRE_OPEN, row.descriptor, row.extras)) std::abort();
    }
    if (!made.add(WIRE_EXEC, kExecOnly) || !made.add(WIRE_EXEC, kExecName)) std::abort();
    return made;
  }();
  return catalog;
}

}  // namespace outrider::test
