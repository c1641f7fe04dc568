// SPDX-License-Identifier: Apache-2.0
//
// Modules of the kernel: /proc/modules. Without that file the kernel has no modules.
#include <fcntl.h>

#include <string>
#include <string_view>

#include "snapshots/kinds.h"
#include "workloads/proc_files.h"

namespace outrider {

namespace {

struct Module {
  std::string_view name;
  std::string_view size;   // bytes
  std::string_view uses;   // "-" where they are not counted
  std::string_view users;  // names, a comma after each; "-": none
  std::string_view state;
  std::string_view taints;  // "(OE)"; empty: none
};

constexpr std::size_t kFileMax = 4 << 20;

// proc(5); kernel/module/procfs.c.
Module parse_module(std::string_view line) {
  Module module;
  module.name = next_word(line);
  module.size = next_word(line);
  module.uses = next_word(line);
  module.users = next_word(line);
  module.state = next_word(line);
  next_word(line);  // where it is
  module.taints = next_word(line);
  return module;
}

void list(const EachProcess&, const Visit& visit) {
  const std::string modules = read_small_file(AT_FDCWD, "/proc/modules", kFileMax);
  std::string_view text = modules;
  while (!text.empty()) {
    const Module module = parse_module(next_line(text));
    if (!module.state.empty()) visit_row(kModuleSnapshot.descriptor, &module, visit);
  }
}

Value number(std::string_view word) {
  const auto value = parsed<std::uint64_t>(word);
  return value ? Value::of_unsigned(*value) : Value::unknown();
}

Value name(const Event&, const Module& module) { return Value::of_text(module.name); }

// clang-format off: a table
constexpr FieldDescriptor kName{
    "module.name", FieldType::kText, "", "name of the module", "MODULE", 24, of_row<Module, name>};
constexpr FieldDescriptor kSize{
    "module.size", FieldType::kUnsigned, "bytes", "memory that it takes", "SIZE", 9,
    of_row<Module, [](const Event&, const Module& module) { return number(module.size); }>};
constexpr FieldDescriptor kUses{
    "module.uses", FieldType::kUnsigned, "", "how often it is in use", "USES", 5,
    of_row<Module, [](const Event&, const Module& module) { return number(module.uses); }>};
constexpr FieldDescriptor kUsers{
    "module.users", FieldType::kTextList, "", "modules that use it", "USERS", 30,
    of_row<Module, [](const Event& event, const Module& module) {
      std::string items(module.users == "-" ? std::string_view() : module.users);
      for (char& c : items) {
        if (c == ',') c = '\0';
      }
      Value value = Value::of_text(event.arena->copy(items));
      value.kind = Value::Kind::kTextList;
      return value;
    }>};
constexpr FieldDescriptor kState{
    "module.state", FieldType::kText, "", "Live, Loading or Unloading", "STATE", 9,
    of_row<Module, [](const Event&, const Module& module) { return Value::of_text(module.state); }>};
constexpr FieldDescriptor kTaints{
    "module.taints", FieldType::kText, "", "why it taints the kernel: O out of tree, E unsigned, P proprietary",
    "TAINTS", 6, of_row<Module, [](const Event&, const Module& module) {
      return module.taints.empty() ? Value::missing() : Value::of_text(module.taints);
    }>};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {&kName, &kSize, &kUses, &kUsers, &kState, &kTaints};
constexpr std::string_view kColumns[] = {"module.name",  "module.size",   "module.uses",
                                         "module.state", "module.taints", "module.users"};

}  // namespace

constexpr SnapshotKind kModuleSnapshot{.descriptor = {.kind = WIRE_FORK,
                                                      .name = "module",
                                                      .doc = "modules of the kernel",
                                                      .columns = kColumns,
                                                      .fields = kFields,
                                                      .info = of_row<Module, name>},
                                       .of_processes = false,
                                       .list = list};

}  // namespace outrider
