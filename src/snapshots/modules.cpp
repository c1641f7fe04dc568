// SPDX-License-Identifier: Apache-2.0
//
// Modules of the kernel: /proc/modules. Without that file the kernel has no modules.
#include <fcntl.h>

#include <string>
#include <string_view>

#include "snapshots/kinds.h"
#include "workloads/proc_files.h"
#include "workloads/proc_text.h"

namespace outrider {

namespace {

constexpr std::size_t kFileMax = 4 << 20;

void list(const EachProcess&, const Visit& visit) {
  const std::string modules = read_small_file(AT_FDCWD, "/proc/modules", kFileMax);
  std::string_view text = modules;
  while (!text.empty()) {
    if (const auto module = parse_module_line(next_line(text))) {
      visit_row(kModuleSnapshot.descriptor, &*module, visit);
    }
  }
}

Value number(std::string_view word) {
  const auto value = parsed<std::uint64_t>(word);
  return value ? Value::of_unsigned(*value) : Value::unknown();
}

Value name(const Event&, const ModuleLine& module) { return Value::of_text(module.name); }

// clang-format off: a table
constexpr FieldDescriptor kName{
    "module.name", FieldType::kText, "", "name of the module", "MODULE", 24, of_row<ModuleLine, name>};
constexpr FieldDescriptor kSize{
    "module.size", FieldType::kUnsigned, "bytes", "memory that it takes", "SIZE", 9,
    of_row<ModuleLine, [](const Event&, const ModuleLine& module) { return number(module.size); }>};
constexpr FieldDescriptor kUses{
    "module.uses", FieldType::kUnsigned, "", "how often it is in use", "USES", 5,
    of_row<ModuleLine, [](const Event&, const ModuleLine& module) { return number(module.uses); }>};
constexpr FieldDescriptor kUsers{
    "module.users", FieldType::kTextList, "", "modules that use it", "USERS", 30,
    of_row<ModuleLine, [](const Event& event, const ModuleLine& module) {
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
    of_row<ModuleLine, [](const Event&, const ModuleLine& module) { return Value::of_text(module.state); }>};
constexpr FieldDescriptor kTaints{
    "module.taints", FieldType::kText, "", "why it taints the kernel: O out of tree, E unsigned, P proprietary",
    "TAINTS", 6, of_row<ModuleLine, [](const Event&, const ModuleLine& module) {
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
                                                      .info = of_row<ModuleLine, name>},
                                       .of_processes = false,
                                       .list = list};

}  // namespace outrider
