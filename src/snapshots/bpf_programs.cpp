// SPDX-License-Identifier: Apache-2.0
//
// BPF programs that the kernel holds, whoever has loaded them.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>

#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "snapshots/kinds.h"
#include "workloads/open_files.h"
#include "workloads/proc_files.h"
#include "workloads/proc_text.h"
#include "workloads/process_table.h"

namespace outrider {

namespace {

struct Program {
  bpf_prog_info info = {};
  std::vector<std::uint32_t> holders;  // pids
  std::string attached_to;             // kinds of its links, and of tracepoints the name
};
using Programs = std::map<std::uint32_t, Program>;  // by id

Programs loaded_programs() {
  Programs programs;
  std::uint32_t id = 0;
  while (bpf_prog_get_next_id(id, &id) == 0) {
    const FileDescriptor program(bpf_prog_get_fd_by_id(id));
    bpf_prog_info info{};
    std::uint32_t length = sizeof(info);
    if (!program.valid() || bpf_obj_get_info_by_fd(program.get(), &info, &length) != 0) continue;
    programs[id].info = info;
  }
  return programs;
}

void find_links(Programs& programs) {
  std::uint32_t id = 0;
  while (bpf_link_get_next_id(id, &id) == 0) {
    const FileDescriptor link(bpf_link_get_fd_by_id(id));
    std::array<char, 128> name{};
    bpf_link_info info{};
    std::uint32_t length = sizeof(info);
    if (!link.valid() || bpf_obj_get_info_by_fd(link.get(), &info, &length) != 0) continue;
    const auto program = programs.find(info.prog_id);
    if (program == programs.end()) continue;
    std::string& text = program->second.attached_to;
    if (!text.empty()) text += ' ';
    const char* type = libbpf_bpf_link_type_str(static_cast<bpf_link_type>(info.type));
    if (info.type == BPF_LINK_TYPE_RAW_TRACEPOINT) {
      // The name has to be asked for with a place to put it.
      info = {};
      info.raw_tracepoint.tp_name = reinterpret_cast<std::uint64_t>(name.data());
      info.raw_tracepoint.tp_name_len = name.size();
      length = sizeof(info);
      if (bpf_obj_get_info_by_fd(link.get(), &info, &length) == 0) type = name.data();
    }
    text += type != nullptr ? type : "?";
  }
}

void find_holders(const EachProcess& processes, Programs& programs) {
  constexpr std::size_t kInfoMax = 4096;
  processes([&](const Event& process) {
    const FileDescriptor folder =
        process.processes->proc().open(process.header->pid, process.header->start_time);
    if (!folder.valid()) return;
    each_descriptor(folder.get(), [&](std::uint32_t number) {
      const KnownText link = read_proc_link(folder.get(), fmt::format("fd/{}", number).c_str());
      if (type_of_link(link.text) != "bpf") return;
      const std::string info =
          read_small_file(folder.get(), fmt::format("fdinfo/{}", number).c_str(), kInfoMax);
      const auto found =
          programs.find(static_cast<std::uint32_t>(number_in(info, "prog_id").value_or(0)));
      if (found == programs.end()) return;
      std::vector<std::uint32_t>& holders = found->second.holders;
      if (holders.empty() || holders.back() != process.header->pid) {
        holders.push_back(process.header->pid);
      }
    });
  });
}

void list(const EachProcess& processes, const Visit& visit) {
  Programs programs = loaded_programs();
  find_links(programs);
  find_holders(processes, programs);
  for (const auto& [id, program] : programs) {
    visit_row(kBpfSnapshot.descriptor, &program, visit);
  }
}

Value name(const Event&, const Program& program) {
  const char* name = program.info.name;
  return Value::of_text({name, ::strnlen(name, sizeof(program.info.name))});
}

Value tag(const Event& event, const Program& program) {
  std::string text;
  for (const std::uint8_t byte : program.info.tag) text += fmt::format("{:02x}", byte);
  return Value::of_text(event.arena->copy(text));
}

Value type(const Event&, const Program& program) {
  const char* type = libbpf_bpf_prog_type_str(static_cast<bpf_prog_type>(program.info.type));
  return type != nullptr ? Value::of_text(type) : Value::unknown();
}

Value holders(const Event& event, const Program& program) {
  std::string items;
  for (const std::uint32_t pid : program.holders) items += std::to_string(pid) + '\0';
  Value value = Value::of_text(event.arena->copy(items));
  value.kind = Value::Kind::kTextList;
  return value;
}

template <auto member>
Value number(const Event&, const Program& program) {
  return Value::of_unsigned(program.info.*member);
}

// clang-format off: a table
constexpr FieldDescriptor kFieldRows[] = {
    {"bpf.id", FieldType::kUnsigned, "", "number of the program", "ID", 6, of_row<Program, number<&bpf_prog_info::id>>},
    {"bpf.type", FieldType::kText, "", "what it may be attached to", "TYPE", 14, of_row<Program, type>},
    {"bpf.name", FieldType::kText, "", "at most 15 bytes of its name", "NAME", 15, of_row<Program, name>},
    {"bpf.tag", FieldType::kText, "", "hash of its instructions", "TAG", 16, of_row<Program, tag>},
    {"bpf.uid", FieldType::kUnsigned, "", "user that has loaded it", "UID", 6,
     of_row<Program, number<&bpf_prog_info::created_by_uid>>},
    {"bpf.loaded", FieldType::kTime, "ns", "when it was loaded", "LOADED", 12,
     of_row<Program, [](const Event& event, const Program& program) {
       return Value::of_unsigned(program.info.load_time + static_cast<std::uint64_t>(event.wall_offset));
     }>},
    {"bpf.jited_size", FieldType::kUnsigned, "bytes", "size of its machine code", "JITED", 7,
     of_row<Program, number<&bpf_prog_info::jited_prog_len>>},
    {"bpf.maps", FieldType::kUnsigned, "", "how many maps it uses", "MAPS", 5,
     of_row<Program, number<&bpf_prog_info::nr_map_ids>>},
    {"bpf.runs", FieldType::kUnsigned, "", "how often it ran while somebody measured (kernel.bpf_stats_enabled)",
     "RUNS", 9, of_row<Program, number<&bpf_prog_info::run_cnt>>},
    {"bpf.run_time", FieldType::kDuration, "ns", "and how long in all", "RUNTIME", 8,
     of_row<Program, number<&bpf_prog_info::run_time_ns>>},
    {"bpf.attached", FieldType::kText, "", "tracepoint, or kind of its link; missing: by no link", "ATTACHED", 18,
     of_row<Program, [](const Event&, const Program& program) {
       return program.attached_to.empty() ? Value::missing() : Value::of_text(program.attached_to);
     }>},
    {"bpf.pids", FieldType::kTextList, "", "processes that hold it open", "PIDS", 12, of_row<Program, holders>},
};
// clang-format on

constexpr auto kFields = pointers_to(kFieldRows);
constexpr std::string_view kColumns[] = {"bpf.id",  "bpf.type",   "bpf.name", "bpf.attached",
                                         "bpf.uid", "bpf.loaded", "bpf.pids"};

}  // namespace

constexpr SnapshotKind kBpfSnapshot{.descriptor = {.kind = WIRE_FORK,
                                                   .name = "bpf",
                                                   .doc = "BPF programs, whoever has loaded them",
                                                   .columns = kColumns,
                                                   .fields = kFields,
                                                   .info = of_row<Program, name>},
                                    .of_processes = false,
                                    .list = list};

}  // namespace outrider
