// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cstring>

#include "events/event.h"
#include "sensors/oom/oom_wire.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

constexpr std::uint64_t kKilobyte = 1024;

const wire_oom& oom_of(const Event& event) { return event.as<wire_oom>(); }

std::uint64_t kilobytes_of(std::uint64_t pages) {
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return pages * page / kKilobyte;
}

template <wire_oom_pages which>
Value pages_of(const Event& event) {
  const wire_u64 pages = oom_of(event).pages[which];
  if (pages == WIRE_OOM_UNKNOWN) return Value::unknown();
  return Value::of_unsigned(static_cast<wire_s64>(pages) > 0 ? kilobytes_of(pages) : 0);
}

// clang-format off: a table
constexpr FieldDescriptor kTotal{
    "evt.arg.total_vm", FieldType::kUnsigned, "kB", "address space of the victim", "TOTALVM", 9,
    [](const Event& event) {
      const wire_oom& oom = oom_of(event);
      if (oom.total_vm == WIRE_OOM_UNKNOWN) return Value::unknown();
      return Value::of_unsigned(kilobytes_of(oom.total_vm));
    }};
constexpr FieldDescriptor kAnon{
    "evt.arg.anon_rss", FieldType::kUnsigned, "kB", "memory that it had for itself", "ANON", 9,
    pages_of<WIRE_OOM_ANON>};
constexpr FieldDescriptor kFile{
    "evt.arg.file_rss", FieldType::kUnsigned, "kB", "memory that it had of files", "FILE", 9,
    pages_of<WIRE_OOM_FILE>};
constexpr FieldDescriptor kShared{
    "evt.arg.shmem_rss", FieldType::kUnsigned, "kB", "memory that it had of tmpfs and the like",
    "SHMEM", 9, pages_of<WIRE_OOM_SHMEM>};
constexpr FieldDescriptor kSwap{
    "evt.arg.swap", FieldType::kUnsigned, "kB", "memory of it that was swapped out", "SWAP", 9,
    pages_of<WIRE_OOM_SWAP>};
constexpr FieldDescriptor kTables{
    "evt.arg.pgtables", FieldType::kUnsigned, "kB", "memory that its page tables take", "TABLES", 7,
    [](const Event& event) {
      const wire_oom& oom = oom_of(event);
      if (oom.page_tables == WIRE_OOM_UNKNOWN) return Value::unknown();
      return Value::of_unsigned(oom.page_tables / kKilobyte);
    }};
constexpr FieldDescriptor kScore{
    "evt.arg.oom_score_adj", FieldType::kSigned, "",
    "its wish to be spared (-1000) or chosen (1000)", "ADJ", 5, [](const Event& event) {
      return Value::of_signed(static_cast<std::int32_t>(oom_of(event).oom_score_adj));
    }};
constexpr FieldDescriptor kAskerPid{
    "evt.arg.asker.pid", FieldType::kUnsigned, "", "the process that asked for the memory", "ASKER",
    7, [](const Event& event) { return Value::of_unsigned(oom_of(event).asker_pid); }};
constexpr FieldDescriptor kAskerName{
    "evt.arg.asker.name", FieldType::kText, "", "its comm", "OF", 15,
    [](const Event& event) {
      const auto& comm = oom_of(event).asker_comm;
      return Value::of_text({comm, ::strnlen(comm, sizeof(comm))});
    }};
// clang-format on

Value info(const Event& event) {
  const wire_oom& oom = oom_of(event);
  const std::string_view asker(oom.asker_comm, ::strnlen(oom.asker_comm, sizeof(oom.asker_comm)));
  const Value anon = pages_of<WIRE_OOM_ANON>(event);
  const std::string memory =
      anon.kind == Value::Kind::kUnknown ? "" : fmt::format(" with {} kB", anon.unsigned_value);
  return Value::of_text(event.arena->copy(
      fmt::format("killed{}, as {} ({}) asked for memory", memory, asker, oom.asker_pid)));
}

constexpr const FieldDescriptor* kFields[] = {&kTotal,  &kAnon,  &kFile,     &kShared,   &kSwap,
                                              &kTables, &kScore, &kAskerPid, &kAskerName};
constexpr std::string_view kColumns[] = {
    "evt.time",          "proc.pid",          "proc.name",        "user.uid",
    "evt.arg.anon_rss",  "evt.arg.shmem_rss", "evt.arg.pgtables", "evt.arg.oom_score_adj",
    "evt.arg.asker.pid", "evt.arg.asker.name"};
constexpr std::string_view kPrograms[] = {"oom__victim"};

constexpr EventDescriptor kKinds[] = {
    {WIRE_OOM, "oom", "memory", "a process is killed for want of memory", kColumns, kFields, info,
     kPrograms, shape_of<wire_oom>()},
};

}  // namespace

std::span<const EventDescriptor> oom_kinds() { return kKinds; }

}  // namespace outrider
