// SPDX-License-Identifier: Apache-2.0
//
// Open files: /proc/PID/fd and fdinfo of each process.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "snapshots/kinds.h"
#include "syscalls/names.h"
#include "workloads/open_files.h"
#include "workloads/proc_files.h"
#include "workloads/proc_text.h"
#include "workloads/process_table.h"

namespace outrider {

namespace {

struct OpenFile {
  std::uint32_t number = 0;
  KnownText link;
  std::optional<std::uint64_t> offset;
  std::optional<std::uint64_t> flags;
  std::optional<std::uint64_t> inode;
};

constexpr std::size_t kInfoMax = 64 * 1024;

Value number_or_unknown(std::optional<std::uint64_t> number) {
  return number ? Value::of_unsigned(*number) : Value::unknown();
}

void list(const EachProcess& processes, const Visit& visit) {
  processes([&](const Event& process) {
    const FileDescriptor folder =
        process.processes->proc().open(process.header->pid, process.header->start_time);
    if (!folder.valid()) return;
    each_descriptor(folder.get(), [&](std::uint32_t number) {
      OpenFile file{.number = number, .link = {}, .offset = {}, .flags = {}, .inode = {}};
      file.link = read_proc_link(folder.get(), fmt::format("fd/{}", number).c_str());
      if (!file.link.known) return;  // closed meanwhile
      const std::string info =
          read_small_file(folder.get(), fmt::format("fdinfo/{}", number).c_str(), kInfoMax);
      file.offset = number_in(info, "pos");
      file.flags = number_in(info, "flags", 8);
      file.inode = number_in(info, "ino");  // 5.14
      visit_row(process, kFileSnapshot.descriptor, &file, visit);
    });
  });
}

Value name(const Event&, const OpenFile& file) { return file.link.value(); }

// clang-format off: a table
constexpr FieldDescriptor kNumber{
    "fd.num", FieldType::kUnsigned, "", "number of the descriptor", "FD", 4,
    of_row<OpenFile, [](const Event&, const OpenFile& file) { return Value::of_unsigned(file.number); }>};
constexpr FieldDescriptor kType{
    "fd.type", FieldType::kText, "", "file, pipe, socket, event, eventpoll, inotify and the like", "TYPE", 9,
    of_row<OpenFile, [](const Event&, const OpenFile& file) {
      const std::string_view type = type_of_link(file.link.text);
      return type.empty() ? Value::unknown() : Value::of_text(type);
    }>};
constexpr FieldDescriptor kFlags{
    "fd.flags", FieldType::kFlags, "", "how it was opened", "FLAGS", 24,
    of_row<OpenFile, [](const Event& event, const OpenFile& file) {
      return file.flags ? Value::of_text(open_flag_names(*file.flags, *event.arena)) : Value::unknown();
    }>};
constexpr FieldDescriptor kOffset{
    "fd.offset", FieldType::kUnsigned, "bytes", "where it is read or written next", "OFFSET", 9,
    of_row<OpenFile, [](const Event&, const OpenFile& file) { return number_or_unknown(file.offset); }>};
constexpr FieldDescriptor kInode{
    "fd.ino", FieldType::kUnsigned, "", "inode; unknown before Linux 5.14", "INODE", 9,
    of_row<OpenFile, [](const Event&, const OpenFile& file) { return number_or_unknown(file.inode); }>};
constexpr FieldDescriptor kName{
    "fd.name", FieldType::kPath, "", "path, as seen from the machine's root, or what it is", "NAME", 40,
    of_row<OpenFile, name>};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {&kNumber, &kType, &kFlags, &kOffset, &kInode, &kName};
constexpr std::string_view kColumns[] = {"proc.pid", "proc.name", "container.name", "fd.num",
                                         "fd.type",  "fd.flags",  "fd.name"};

}  // namespace

constexpr SnapshotKind kFileSnapshot{.descriptor = {.kind = WIRE_FORK,
                                                    .name = "file",
                                                    .doc = "open files of all processes",
                                                    .columns = kColumns,
                                                    .fields = kFields,
                                                    .info = of_row<OpenFile, name>},
                                     .of_processes = true,
                                     .list = list};

}  // namespace outrider
