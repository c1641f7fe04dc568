// SPDX-License-Identifier: Apache-2.0
//
// Mounts, of each mount namespace that a process is in: its /proc/PID/mountinfo.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "snapshots/kinds.h"
#include "workloads/proc_files.h"
#include "workloads/process_table.h"

namespace outrider {

namespace {

struct Mount {
  std::string_view id;
  std::string_view parent;
  std::string_view device;  // MAJOR:MINOR
  std::string root;         // within its file system
  std::string point;
  std::string_view options;
  std::string_view propagation;  // "shared:1 master:2"; empty: private
  std::string_view type;
  std::string source;
  std::string_view file_system_options;
};

constexpr std::size_t kFileMax = 16 << 20;

// proc(5): "36 35 98:0 / /mnt/point options shared:1 - type source options". False if it is none.
bool parse_mount(std::string_view line, Mount& mount) {
  const std::size_t dash = line.find(" - ");
  if (dash == std::string_view::npos) return false;
  std::string_view rest = line.substr(dash + 3);
  line = line.substr(0, dash);
  mount.id = next_word(line);
  mount.parent = next_word(line);
  mount.device = next_word(line);
  mount.root = unescape_octal(next_word(line));
  mount.point = unescape_octal(next_word(line));
  mount.options = next_word(line);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  mount.propagation = line;
  mount.type = next_word(rest);
  mount.source = unescape_octal(next_word(rest));
  mount.file_system_options = next_word(rest);
  return !mount.point.empty();
}

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
      Mount mount;
      if (parse_mount(next_line(text), mount)) {
        visit_row(process, kMountSnapshot.descriptor, &mount, visit);
      }
    }
  });
}

template <std::string_view Mount::* member>
Value word(const Event&, const Mount& mount) {
  return Value::of_text(mount.*member);
}
template <std::string Mount::* member>
Value path(const Event&, const Mount& mount) {
  return Value::of_text(mount.*member);
}
template <std::string_view Mount::* member>
Value number(const Event&, const Mount& mount) {
  const auto value = parsed<std::uint64_t>(mount.*member);
  return value ? Value::of_unsigned(*value) : Value::unknown();
}

// clang-format off: a table
constexpr FieldDescriptor kFieldRows[] = {
    {"mount.id", FieldType::kUnsigned, "", "number of the mount", "MOUNT", 6, of_row<Mount, number<&Mount::id>>},
    {"mount.parent", FieldType::kUnsigned, "", "number of the mount that it is on", "ON", 6,
     of_row<Mount, number<&Mount::parent>>},
    {"mount.device", FieldType::kText, "", "major and minor number of its device", "DEVICE", 7,
     of_row<Mount, word<&Mount::device>>},
    {"mount.type", FieldType::kText, "", "file system", "TYPE", 9, of_row<Mount, word<&Mount::type>>},
    {"mount.source", FieldType::kPath, "", "what is mounted", "SOURCE", 20, of_row<Mount, path<&Mount::source>>},
    {"mount.root", FieldType::kPath, "", "which directory of that", "ROOT", 12, of_row<Mount, path<&Mount::root>>},
    {"mount.point", FieldType::kPath, "", "where, as seen from the root of the process", "POINT", 28,
     of_row<Mount, path<&Mount::point>>},
    {"mount.options", FieldType::kText, "", "options of the mount", "OPTIONS", 20,
     of_row<Mount, word<&Mount::options>>},
    {"mount.fs_options", FieldType::kText, "", "options of the file system", "FSOPTIONS", 20,
     of_row<Mount, word<&Mount::file_system_options>>},
    {"mount.propagation", FieldType::kText, "", "shared and master of which group; missing: private", "PROPAGATION",
     11, of_row<Mount, [](const Event&, const Mount& mount) {
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

constexpr SnapshotKind kMountSnapshot{.descriptor = {.kind = WIRE_FORK,
                                                     .name = "mount",
                                                     .doc = "mounts of all mount namespaces",
                                                     .columns = kColumns,
                                                     .fields = kFields,
                                                     .info = of_row<Mount, path<&Mount::point>>},
                                      .of_processes = true,
                                      .list = list};

}  // namespace outrider
