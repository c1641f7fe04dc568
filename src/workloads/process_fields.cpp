// SPDX-License-Identifier: Apache-2.0
#include "workloads/process_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "events/event.h"
#include "workloads/process_table.h"

namespace outrider {

namespace {

constexpr std::uint32_t kNoLoginUser = 0xffffffff;

std::string_view comm_of(const wire_header& header) {
  return {header.comm, ::strnlen(header.comm, sizeof(header.comm))};
}

// "pid:start", which no other process of this boot has.
Value key_of(std::uint32_t pid, std::uint64_t start_time, Arena& arena) {
  char* out = arena.allocate(40);
  char* end = out;
  const fmt::format_int first(pid);
  std::memcpy(end, first.data(), first.size());
  end += first.size();
  *end++ = ':';
  const fmt::format_int second(start_time);
  std::memcpy(end, second.data(), second.size());
  end += second.size();
  return Value::of_text({out, static_cast<std::size_t>(end - out)});
}

// clang-format off: a table
constexpr FieldDescriptor kPid{
    "proc.pid", FieldType::kUnsigned, "", "id of the process, as the host numbers it", "PID", 7,
    [](const Event& event) { return Value::of_unsigned(event.header->pid); }};
constexpr FieldDescriptor kVpid{
    "proc.vpid", FieldType::kUnsigned, "", "id of the process in its own pid namespace", "VPID",
    7, [](const Event& event) { return Value::of_unsigned(event.header->vpid); }};
constexpr FieldDescriptor kTid{
    "thread.tid", FieldType::kUnsigned, "", "id of the thread, as the host numbers it", "TID", 7,
    [](const Event& event) { return Value::of_unsigned(event.header->tid); }};
constexpr FieldDescriptor kPpid{
    "proc.ppid", FieldType::kUnsigned, "", "id of the parent process", "PPID", 7,
    [](const Event& event) { return Value::of_unsigned(event.header->ppid); }};
constexpr FieldDescriptor kKey{
    "proc.key", FieldType::kText, "", "pid and start time: one process for good", "KEY", 22,
    [](const Event& event) {
      return key_of(event.header->pid, event.header->start_time, *event.arena);
    }};
constexpr FieldDescriptor kParentKey{
    "proc.pkey", FieldType::kText, "", "the same of the parent process", "PKEY", 22,
    [](const Event& event) {
      return key_of(event.header->ppid, event.header->parent_start_time, *event.arena);
    }};
constexpr FieldDescriptor kSession{
    "proc.sid", FieldType::kUnsigned, "", "id of the session", "SID", 7,
    [](const Event& event) { return Value::of_unsigned(event.header->session_id); }};
constexpr FieldDescriptor kName{
    "proc.name", FieldType::kText, "", "comm of the thread, at most 15 bytes", "COMM", 15,
    [](const Event& event) { return Value::of_text(comm_of(*event.header)); }};
constexpr FieldDescriptor kParentName{
    "proc.pname", FieldType::kText, "", "comm of the parent process", "PCOMM", 15,
    [](const Event& event) {
      const Process* parent =
          event.processes->find(event.header->ppid, event.header->parent_start_time);
      return parent != nullptr ? parent->name.value() : Value::unknown();
    }};
constexpr FieldDescriptor kExe{
    "proc.exepath", FieldType::kPath, "", "executable, as seen from the root of the process",
    "EXE", 24, [](const Event& event) {
      if (event.process->kernel_thread) return Value::missing();
      return event.process->exe.value();
    }};
constexpr FieldDescriptor kCommandLine{
    "proc.cmdline", FieldType::kText, "", "arguments with the program's own name, secrets masked",
    "CMDLINE", 40, [](const Event& event) {
      if (event.process->kernel_thread) return Value::missing();
      return event.process->command_line.value();
    }};
constexpr FieldDescriptor kArguments{
    "proc.args", FieldType::kText, "", "arguments without the program's own name", "ARGS", 40,
    [](const Event& event) {
      if (event.process->kernel_thread) return Value::missing();
      Value value = event.process->command_line.value();
      if (value.kind == Value::Kind::kText) {
        value.text.remove_prefix(std::min<std::size_t>(event.process->first_argument,
                                                       value.text.size()));
      }
      return value;
    }};
constexpr FieldDescriptor kCwd{
    "proc.cwd", FieldType::kPath, "", "working directory, as seen from the root of the process",
    "CWD", 20, [](const Event& event) { return event.process->cwd.value(); }};
constexpr FieldDescriptor kUser{
    "user.uid", FieldType::kUnsigned, "", "user id (real)", "UID", 6,
    [](const Event& event) { return Value::of_unsigned(event.header->uid); }};
constexpr FieldDescriptor kGroup{
    "group.gid", FieldType::kUnsigned, "", "group id (real)", "GID", 6,
    [](const Event& event) { return Value::of_unsigned(event.header->gid); }};
constexpr FieldDescriptor kLoginUser{
    "user.loginuid", FieldType::kSigned, "", "user id of the login (auid), -1 if there was none",
    "AUID", 6, [](const Event& event) {
      const std::uint32_t user = event.header->login_uid;
      return Value::of_signed(user == kNoLoginUser ? -1 : std::int64_t{user});
    }};
constexpr FieldDescriptor kCgroupId{
    "cgroup.id", FieldType::kUnsigned, "", "id of the cgroup in the unified hierarchy",
    "CGROUPID", 8, [](const Event& event) { return Value::of_unsigned(event.header->cgroup_id); }};
constexpr FieldDescriptor kCgroupPath{
    "cgroup.path", FieldType::kPath, "", "path of the cgroup in the unified hierarchy", "CGROUP",
    20, [](const Event& event) {
      if (event.cgroup_path.data() == nullptr) return Value::unknown();
      return Value::of_text(event.cgroup_path);
    }};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {
    &kPid,     &kVpid, &kTid,        &kPpid,      &kKey,         &kParentKey,
    &kSession, &kName, &kParentName, &kExe,       &kCommandLine, &kArguments,
    &kCwd,     &kUser, &kGroup,      &kLoginUser, &kCgroupId,    &kCgroupPath};

}  // namespace

std::span<const FieldDescriptor* const> process_fields() { return kFields; }

}  // namespace outrider
