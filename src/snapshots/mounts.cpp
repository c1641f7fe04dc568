// SPDX-License-Identifier: Apache-2.0
//
// Mounts, of each mount namespace that a process is in: its /proc/PID/mountinfo.
#include <set>
#include <string>
#include <string_view>

#include "snapshots/kinds.h"
#include "workloads/proc_files.h"
#include "workloads/proc_text.h"
#include "workloads/process_table.h"

namespace outrider {

namespace {

constexpr std::size_t kFileMax = 16 << 20;

void list(const EachProcess& processes, const Visit& visit) {
  std::set<std::uint32_t> seen;
  processes([&](const Event& process) {
    const std::uint32_t space = process.header->mount_namespace;
    // Threads of the kernel and who is about to end are in none.
    if (space == 0 || !seen.insert(space).second) return;
    const FileDescriptor folder =
        process.processes->proc().open(process.header->pid, process.header->start_time);
    const std::string lines =
        folder.valid() ? read_small_file(folder.get(), "mountinfo", kFileMax) : std::string();
    // Another process of it may still tell.
    if (lines.empty()) seen.erase(space);
    std::string_view text = lines;
    while (!text.empty()) {
      if (const auto mount = parse_mount_line(next_line(text))) {
        visit_row(process, kMountSnapshot.descriptor, &*mount, visit);
      }
    }
  });
}

template <std::string_view MountLine::* member>
Value word(const Event&, const MountLine& mount) {
  return Value::of_text(mount.*member);
}
template <std::string MountLine::* member>
Value path(const Event&, const MountLine& mount) {
  return Value::of_text(mount.*member);
}
template <std::string_view MountLine::* member>
Value number(const Event&, const MountLine& mount) {
  const auto value = parsed<std::uint64_t>(mount.*member);
  return value ? Value::of_unsigned(*value) : Value::unknown();
}

// clang-format off: a table
constexpr FieldDescriptor kFieldRows[] = {
    {"mount.id", FieldType::kUnsigned, "", "number of the mount", "MOUNT", 6, of_row<MountLine, number<&MountLine::id>>},
    {"mount.parent", FieldType::kUnsigned, "", "number of the mount that it is on", "ON", 6,
     of_row<MountLine, number<&MountLine::parent>>},
    {"mount.device", FieldType::kText, "", "major and minor number of its device", "DEVICE", 7,
     of_row<MountLine, word<&MountLine::device>>},
    {"mount.type", FieldType::kText, "", "file system", "TYPE", 9, of_row<MountLine, word<&MountLine::type>>},
    {"mount.source", FieldType::kPath, "", "what is mounted", "SOURCE", 20, of_row<MountLine, path<&MountLine::source>>},
    {"mount.root", FieldType::kPath, "", "which directory of that", "ROOT", 12, of_row<MountLine, path<&MountLine::root>>},
    {"mount.point", FieldType::kPath, "", "where, as seen from the root of the process", "POINT", 28,
     of_row<MountLine, path<&MountLine::point>>},
    {"mount.options", FieldType::kText, "", "options of the mount", "OPTIONS", 20,
     of_row<MountLine, word<&MountLine::options>>},
    {"mount.fs_options", FieldType::kText, "", "options of the file system", "FSOPTIONS", 20,
     of_row<MountLine, word<&MountLine::file_system_options>>},
    {"mount.propagation", FieldType::kText, "", "shared and master of which group; missing: private", "PROPAGATION",
     11, of_row<MountLine, [](const Event&, const MountLine& mount) {
       return mount.propagation.empty() ? Value::missing() : Value::of_text(mount.propagation);
     }>},
    {"mount.namespace", FieldType::kUnsigned, "", "inode of the mount namespace", "MNTNS", 10,
     [](const Event& event) { return Value::of_unsigned(event.header->mount_namespace); }},
};
// clang-format on

constexpr auto kFields = pointers_to(kFieldRows);
constexpr std::string_view kColumns[] = {"mount.namespace", "container.name", "mount.type",
                                         "mount.source",    "mount.point",    "mount.options"};

}  // namespace

constexpr SnapshotKind kMountSnapshot{
    .descriptor = {.kind = WIRE_FORK,
                   .name = "mount",
                   .doc = "mounts of all mount namespaces",
                   .columns = kColumns,
                   .fields = kFields,
                   .info = of_row<MountLine, path<&MountLine::point>>},
    .of_processes = true,
    .list = list};

}  // namespace outrider
