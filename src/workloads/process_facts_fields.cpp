// SPDX-License-Identifier: Apache-2.0
//
// Fields of what is known of a process beyond its names: rights, groups, namespaces, times, and
// the file that it runs.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "events/event.h"
#include "syscalls/names.h"
#include "workloads/process_fields.h"
#include "workloads/process_table.h"

namespace outrider {

namespace {

template <typename Number>
Value number_or_unknown(const std::optional<Number>& number) {
  return number ? Value::of_unsigned(*number) : Value::unknown();
}

Value truth_or_unknown(const std::optional<bool>& truth) {
  return truth ? Value::of_truth(*truth) : Value::unknown();
}

// ---- Groups and the terminal

// A session's leader also leads its process group, and can be in no other.
bool leads_session(const wire_header& header) {
  return header.session_id != 0 && header.session_id == header.pid;
}

using Number = std::optional<std::uint32_t>;

// What only holds within the session that it was told of.
Number of_session(const Event& event, Number ProcessContext::* member) {
  const ProcessContext& context = event.process->context;
  if (context.time == 0 || context.session_id != event.header->session_id) return std::nullopt;
  return context.*member;
}

Number known_vpid(const wire_header& header) {
  return header.vpid != 0 ? Number(header.vpid) : std::nullopt;
}

Number vsession_of(const Event& event) {
  if (leads_session(*event.header)) return known_vpid(*event.header);
  return of_session(event, &ProcessContext::vsession_id);
}

// ---- Capabilities

// Falco's: names with a space between. Those that have none yet are left out.
template <wire_capabilities which>
Value capabilities_of(const Event& event) {
  const ProcessContext& context = event.process->context;
  // Another user's may be others: of a thread, or since a change of which nobody has told.
  if (!context.capabilities || context.uid != event.header->uid) return Value::unknown();
  const std::uint64_t set = (*context.capabilities)[which];
  std::size_t room = 0;
  for (const NamedValue& capability : capability_names()) room += capability.name.size() + 1;
  char* out = event.arena->allocate(room);
  char* end = out;
  for (const NamedValue& capability : capability_names()) {
    if ((set >> capability.value & 1) == 0) continue;
    if (end != out) *end++ = ' ';
    end = std::ranges::copy(capability.name, end).out;
  }
  return Value::of_text({out, static_cast<std::size_t>(end - out)});
}

// ---- Namespaces

Value inode_of(std::uint32_t number) {
  return number != 0 ? Value::of_unsigned(number) : Value::unknown();
}

template <wire_namespace which>
Value namespace_of(const Event& event) {
  return inode_of(event.process->context.namespaces[which]);
}

// ---- Times

// Boot time as wall clock.
Value wall_time(const Event& event, std::uint64_t boot_time) {
  return Value::of_unsigned(boot_time + static_cast<std::uint64_t>(event.wall_offset));
}

Value since(const Event& event, std::uint64_t start_time) {
  const std::uint64_t now = event.header->time;
  return Value::of_unsigned(now - std::min(now, start_time));
}

template <Value (*read)(const Event&, std::uint64_t)>
Value of_parent_start(const Event& event) {
  if (event.header->ppid == 0) return Value::missing();
  const std::uint64_t start_time = event.header->parent_start_time;
  return start_time != 0 ? read(event, start_time) : Value::unknown();
}

// ---- The executable

using ReadExecutable = Value (*)(const Event&, const Executable&);

template <ReadExecutable read>
Value of_executable(const Event& event) {
  if (event.process->kernel_thread) return Value::missing();
  const auto& executable = event.process->executable;
  return executable ? read(event, *executable) : Value::unknown();
}

template <std::optional<bool> Executable::* member>
Value truth_of(const Event&, const Executable& executable) {
  return truth_or_unknown(executable.*member);
}

template <Executable::Layer layer>
Value is_layer(const Event&, const Executable& executable) {
  if (executable.layer == Executable::Layer::kUnknown) return Value::unknown();
  return Value::of_truth(executable.layer == layer);
}

template <std::int64_t Executable::* member>
Value time_of(const Event&, const Executable& executable) {
  // Before 1970 there is nothing that it could be shown as.
  if (executable.*member < 0) return Value::unknown();
  return Value::of_unsigned(static_cast<std::uint64_t>(executable.*member));
}

// How old the executable was then (boot time, ns; 0: unknown); missing if it is younger.
Value age_at(const Event& event, const Executable& executable, std::uint64_t time) {
  const std::int64_t start =
      static_cast<std::int64_t>(time + static_cast<std::uint64_t>(event.wall_offset));
  if (executable.change_time < 0 || time == 0) return Value::unknown();
  if (executable.change_time > start) return Value::missing();
  return Value::of_unsigned(static_cast<std::uint64_t>(start - executable.change_time));
}

// clang-format off: a table
constexpr FieldDescriptor kGroup{
    "proc.pgid", FieldType::kUnsigned, "", "id of the process group, as the host numbers it",
    "PGID", 7, [](const Event& event) { return number_or_unknown(group_of(event)); }};
constexpr FieldDescriptor kVgroup{
    "proc.vpgid", FieldType::kUnsigned, "",
    "the same in its own pid namespace, 0 if the leader is not in there", "VPGID", 7,
    [](const Event& event) { return number_or_unknown(vgroup_of(event)); }};
constexpr FieldDescriptor kVsession{
    "proc.vsid", FieldType::kUnsigned, "",
    "id of the session in its own pid namespace, 0 if the leader is not in there", "VSID", 7,
    [](const Event& event) { return number_or_unknown(vsession_of(event)); }};
constexpr FieldDescriptor kIsGroupLeader{
    "proc.is_pgid_leader", FieldType::kText, "", "whether it is the process group's leader",
    "PGLEADER", 8, [](const Event& event) {
      const Number group = group_of(event);
      return group ? Value::of_truth(*group == event.header->pid) : Value::unknown();
    },
    truth_names};
constexpr FieldDescriptor kIsVgroupLeader{
    "proc.is_vpgid_leader", FieldType::kText, "", "the same in its own pid namespace",
    "VPGLEADER", 9, [](const Event& event) {
      const Number group = vgroup_of(event);
      const Number vpid = known_vpid(*event.header);
      return group && vpid ? Value::of_truth(*group == *vpid) : Value::unknown();
    },
    truth_names};
constexpr FieldDescriptor kTerminal{
    "proc.tty", FieldType::kUnsigned, "", "device of the terminal that controls it, 0 if none does",
    "TTY", 6, [](const Event& event) {
      return number_or_unknown(of_session(event, &ProcessContext::terminal));
    }};
constexpr FieldDescriptor kParentVpid{
    "proc.pvpid", FieldType::kUnsigned, "", "id of the parent process in the parent's pid namespace",
    "PVPID", 7, [](const Event& event) {
      const wire_header& header = *event.header;
      if (header.ppid == 0) return Value::missing();
      const Process* parent =
          event.processes->find_parent(header.ppid, header.parent_start_time, header.start_time);
      return inode_of(parent != nullptr ? parent->vpid : 0);
    }};

constexpr FieldDescriptor kEffective{
    "thread.cap_effective", FieldType::kText, "",
    "capabilities that hold for it, as of its last exec or fork", "CAPEFF", 24,
    capabilities_of<WIRE_CAPABILITIES_EFFECTIVE>};
constexpr FieldDescriptor kPermitted{
    "thread.cap_permitted", FieldType::kText, "", "capabilities that it may give itself", "CAPPRM",
    24, capabilities_of<WIRE_CAPABILITIES_PERMITTED>};
constexpr FieldDescriptor kInheritable{
    "thread.cap_inheritable", FieldType::kText, "", "capabilities that it may hand on to a program",
    "CAPINH", 24, capabilities_of<WIRE_CAPABILITIES_INHERITABLE>};

constexpr FieldDescriptor kPidNamespace{
    "proc.ns.pid", FieldType::kUnsigned, "",
    "inode of its pid namespace; this and the next, as of its last exec or fork", "PIDNS", 10,
    namespace_of<WIRE_NAMESPACE_PID>};
constexpr FieldDescriptor kUserNamespace{
    "proc.ns.user", FieldType::kUnsigned, "", "inode of its user namespace", "USERNS", 10,
    namespace_of<WIRE_NAMESPACE_USER>};
constexpr FieldDescriptor kNetNamespace{
    "proc.ns.net", FieldType::kUnsigned, "", "inode of its network namespace", "NETNS", 10,
    namespace_of<WIRE_NAMESPACE_NET>};
constexpr FieldDescriptor kUtsNamespace{
    "proc.ns.uts", FieldType::kUnsigned, "", "inode of its namespace of host names", "UTSNS", 10,
    namespace_of<WIRE_NAMESPACE_UTS>};
constexpr FieldDescriptor kIpcNamespace{
    "proc.ns.ipc", FieldType::kUnsigned, "", "inode of its namespace of System V IPC", "IPCNS", 10,
    namespace_of<WIRE_NAMESPACE_IPC>};
constexpr FieldDescriptor kCgroupNamespace{
    "proc.ns.cgroup", FieldType::kUnsigned, "", "inode of its cgroup namespace", "CGROUPNS", 10,
    namespace_of<WIRE_NAMESPACE_CGROUP>};
constexpr FieldDescriptor kMountNamespace{
    "proc.ns.mnt", FieldType::kUnsigned, "", "inode of its mount namespace, at the event", "MNTNS",
    10, [](const Event& event) { return inode_of(event.header->mount_namespace); }};

constexpr FieldDescriptor kStart{
    "proc.pid.ts", FieldType::kTime, "ns", "when the process started", "STARTED", 12,
    [](const Event& event) { return wall_time(event, event.header->start_time); }};
constexpr FieldDescriptor kParentStart{
    "proc.ppid.ts", FieldType::kTime, "ns", "when the parent process started", "PSTARTED", 12,
    of_parent_start<wall_time>};
constexpr FieldDescriptor kDuration{
    "proc.duration", FieldType::kDuration, "ns", "how long the process had lived by then", "LIVED",
    8, [](const Event& event) { return since(event, event.header->start_time); }};
constexpr FieldDescriptor kParentDuration{
    "proc.ppid.duration", FieldType::kDuration, "ns", "how long the parent had lived by then",
    "PLIVED", 8, of_parent_start<since>};

constexpr FieldDescriptor kArgumentCount{
    "proc.cmdnargs", FieldType::kUnsigned, "", "number of arguments without the program's own name",
    "NARGS", 5, [](const Event& event) {
      if (event.process->kernel_thread) return Value::missing();
      const auto& count = event.process->argument_count;
      if (!count) return Value::unknown();
      return Value::of_unsigned(*count - std::min(*count, 1u));
    }};
constexpr FieldDescriptor kArgumentsLength{
    "proc.cmdlenargs", FieldType::kUnsigned, "bytes", "size of those, without what is between them",
    "LENARGS", 7, [](const Event& event) {
      if (event.process->kernel_thread) return Value::missing();
      return number_or_unknown(event.process->arguments_length);
    }};
constexpr FieldDescriptor kInterpreter{
    "proc.interpreter", FieldType::kPath, "", "what was run for the script that it is",
    "INTERPRETER", 20, [](const Event& event) {
      const KnownText& interpreter = event.process->interpreter;
      const bool none = interpreter.known && interpreter.text.empty();
      return event.process->kernel_thread || none ? Value::missing() : interpreter.value();
    }};

constexpr FieldDescriptor kExeInode{
    "proc.exe_ino", FieldType::kUnsigned, "", "inode of the process's executable", "INODE", 8,
    of_executable<[](const Event&, const Executable& executable) {
      return Value::of_unsigned(executable.inode);
    }>};
constexpr FieldDescriptor kExeChanged{
    "proc.exe_ino.ctime", FieldType::kTime, "ns", "when the executable's inode was last changed",
    "EXECTIME", 12, of_executable<time_of<&Executable::change_time>>};
constexpr FieldDescriptor kExeModified{
    "proc.exe_ino.mtime", FieldType::kTime, "ns", "when the executable was last written to",
    "EXEMTIME", 12, of_executable<time_of<&Executable::modify_time>>};
constexpr FieldDescriptor kExeAge{
    "proc.exe_ino.ctime_duration_proc_start", FieldType::kDuration, "ns",
    "how long before the process started the executable's inode was last changed", "EXEAGE", 8,
    of_executable<[](const Event& event, const Executable& executable) {
      return age_at(event, executable, event.header->start_time);
    }>};
constexpr FieldDescriptor kExeAgeInNamespace{
    "proc.exe_ino.ctime_duration_pidns_start", FieldType::kDuration, "ns",
    "how long before its pid namespace started the executable's inode was last changed", "EXENSAGE",
    8, of_executable<[](const Event& event, const Executable& executable) {
      return age_at(event, executable, event.process->pid_namespace_start);
    }>};
constexpr FieldDescriptor kNamespaceStart{
    "proc.pidns_init_start_ts", FieldType::kTime, "ns",
    "when the first process of its pid namespace started", "NSSTARTED", 12, [](const Event& event) {
      const std::uint64_t start = event.process->pid_namespace_start;
      return start != 0 ? wall_time(event, start) : Value::unknown();
    }};
constexpr FieldDescriptor kIsMemfd{
    "proc.is_exe_from_memfd", FieldType::kText, "",
    "whether the executable was only in memory (memfd_create)", "MEMFD", 5,
    of_executable<truth_of<&Executable::from_memfd>>, truth_names};
constexpr FieldDescriptor kIsDeleted{
    "proc.is_exe_deleted", FieldType::kText, "",
    "whether the executable had been deleted when it was run", "EXEDEL", 6,
    of_executable<truth_of<&Executable::deleted>>, truth_names};
constexpr FieldDescriptor kIsWritable{
    "proc.is_exe_writable", FieldType::kText, "",
    "whether who ran the executable may write to it, or owns it", "EXEWR", 5,
    of_executable<truth_of<&Executable::writable>>, truth_names};
constexpr FieldDescriptor kIsUpper{
    "proc.is_exe_upper_layer", FieldType::kText, "",
    "whether the executable is in the upper layer of an overlay: not of the image", "EXEUPPER", 8,
    of_executable<is_layer<Executable::Layer::kUpper>>, truth_names};
constexpr FieldDescriptor kIsLower{
    "proc.is_exe_lower_layer", FieldType::kText, "",
    "whether the executable is in a lower layer of an overlay: of the image", "EXELOWER", 8,
    of_executable<is_layer<Executable::Layer::kLower>>, truth_names};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {
    &kGroup,           &kVgroup,         &kVsession,        &kIsGroupLeader,     &kIsVgroupLeader,
    &kTerminal,        &kParentVpid,     &kEffective,       &kPermitted,         &kInheritable,
    &kPidNamespace,    &kUserNamespace,  &kNetNamespace,    &kUtsNamespace,      &kIpcNamespace,
    &kCgroupNamespace, &kMountNamespace, &kStart,           &kParentStart,       &kDuration,
    &kParentDuration,  &kArgumentCount,  &kArgumentsLength, &kInterpreter,       &kExeInode,
    &kExeChanged,      &kExeModified,    &kExeAge,          &kIsMemfd,           &kIsDeleted,
    &kIsWritable,      &kIsUpper,        &kIsLower,         &kExeAgeInNamespace, &kNamespaceStart};

}  // namespace

std::optional<std::uint32_t> group_of(const Event& event) {
  if (leads_session(*event.header)) return event.header->pid;
  return of_session(event, &ProcessContext::group_id);
}

std::optional<std::uint32_t> vgroup_of(const Event& event) {
  if (leads_session(*event.header)) return known_vpid(*event.header);
  return of_session(event, &ProcessContext::vgroup_id);
}

std::span<const FieldDescriptor* const> process_fact_fields() { return kFields; }

}  // namespace outrider
