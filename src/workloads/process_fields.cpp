// SPDX-License-Identifier: Apache-2.0
#include "workloads/process_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

#include "events/event.h"
#include "workloads/cgroups.h"
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

// ---- What is read of a process, whether it is the event's own or another.

Value name_of(const Process& process) { return process.name.value(); }

Value path_of(const Process& process) {
  return process.kernel_thread ? Value::missing() : process.exe.value();
}

Value command_line_of(const Process& process) {
  return process.kernel_thread ? Value::missing() : process.command_line.value();
}

Value arguments_of(const Process& process) {
  Value value = command_line_of(process);
  if (value.kind == Value::Kind::kText) value.text.remove_prefix(process.first_argument());
  return value;
}

// A NUL after each variable.
Value environment_of(const Process& process) {
  if (process.kernel_thread) return Value::missing();
  if (process.environment == nullptr) return Value::unknown();
  Value value = Value::of_text(*process.environment, process.environment_cut);
  value.kind = Value::Kind::kTextList;
  return value;
}

// What the process was called by who ran it: its first argument, whatever the executable is.
Value program_of(const Process& process) {
  Value value = command_line_of(process);
  if (value.kind != Value::Kind::kText) return value;
  value.cut = value.cut && process.program_size >= value.text.size();
  value.text = value.text.substr(0, process.program_size);
  return value;
}

using ReadProcess = Value (*)(const Process&);

template <ReadProcess read>
Value own(const Event& event) {
  return read(*event.process);
}

// Its first thread's name; a table entry may be older than the event.
Value own_name(const Event& event) {
  if (event.header->pid == event.header->tid) return Value::of_text(comm_of(*event.header));
  return name_of(*event.process);
}

// ---- Ancestors

// Deeper ones are not looked for: a process may have as many as the system has processes.
constexpr std::uint64_t kDeepestAncestor = 64;
// All ancestors of one event together; command lines alone could be megabytes.
constexpr std::size_t kLongestList = 64 * 1024;

// Goes up from a process, which is generation 0.
class Ancestry {
 public:
  explicit Ancestry(const Event& event)
      : table_(event.processes),
        pid_(event.header->ppid),
        start_time_(event.header->parent_start_time),
        child_start_time_(event.header->start_time) {}

  // Of the next ancestor; 0: there is none, that was the oldest.
  [[nodiscard]] std::uint32_t pid() const { return pid_; }

  // The next ancestor. nullptr if it is not known, and then nothing beyond it is.
  const Process* next() {
    const Process* process = table_->find_parent(pid_, start_time_, child_start_time_);
    if (process == nullptr) return nullptr;
    pid_ = process->parent_pid;
    start_time_ = process->parent_start_time;
    child_start_time_ = process->start_time;
    return process;
  }

 private:
  const ProcessTable* table_;
  std::uint32_t pid_;
  std::uint64_t start_time_;
  std::uint64_t child_start_time_;
};

// Calls for each item of a list, and says whether that is all of it.
template <typename Call>
void each_item(const Value& list, Call call) {
  std::string_view rest = list.text;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    call(item, list.cut && rest.empty());
  }
}

// Puts texts into a list, each followed by a NUL, as long as there is room for them.
class TextList {
 public:
  explicit TextList(Arena& arena) : arena_(arena) {}

  void add(const Value& value) {
    if (value.kind == Value::Kind::kMissing) return;
    if (value.kind != Value::Kind::kText || value.cut ||
        bytes_ + value.text.size() + 1 > kLongestList) {
      incomplete();
      return;
    }
    texts_.push_back(value.text);
    bytes_ += value.text.size() + 1;
  }
  // Those of another list.
  void add_items(const Value& list) {
    if (list.kind == Value::Kind::kMissing) return;
    if (list.kind != Value::Kind::kTextList) return incomplete();
    each_item(list, [&](std::string_view item, bool cut) { add(Value::of_text(item, cut)); });
  }
  // There are others, of which nothing is known.
  void incomplete() { cut_ = true; }

  [[nodiscard]] Value value() const {
    if (texts_.empty() && cut_) return Value::unknown();
    char* out = arena_.allocate(bytes_ + 1);
    char* end = out;
    for (const std::string_view text : texts_) {
      end = std::ranges::copy(text, end).out;
      *end++ = '\0';
    }
    // Of a list that is cut, the last item is what is not wholly known: here, nothing of it is.
    if (cut_) *end++ = '\0';
    Value list = Value::of_text({out, static_cast<std::size_t>(end - out)}, cut_);
    list.kind = Value::Kind::kTextList;
    return list;
  }

 private:
  Arena& arena_;
  std::vector<std::string_view> texts_;
  std::size_t bytes_ = 0;
  bool cut_ = false;
};

// Calls for each that is known; the list is incomplete if others are not.
template <typename Call>
void each_ancestor(const Event& event, TextList& list, Call call) {
  Ancestry ancestry(event);
  for (std::uint64_t generation = 1; ancestry.pid() != 0; ++generation) {
    const Process* process = generation <= kDeepestAncestor ? ancestry.next() : nullptr;
    if (process == nullptr) {
      list.incomplete();
      return;
    }
    call(*process);
  }
}

template <ReadProcess read>
Value all_ancestors(const Event& event) {
  TextList list(*event.arena);
  each_ancestor(event, list, [&](const Process& process) { list.add(read(process)); });
  return list.value();
}

// The ancestor of a generation; nullptr if it is not known, or if there is none (`exists`).
const Process* find_ancestor(const Event& event, std::uint64_t generation, bool& exists) {
  Ancestry ancestry(event);
  const Process* process = nullptr;
  for (std::uint64_t i = 0; i < generation; ++i) {
    exists = ancestry.pid() != 0;
    if (!exists || i == kDeepestAncestor) return nullptr;
    process = ancestry.next();
    if (process == nullptr) return nullptr;
  }
  return process;
}

template <ReadProcess read>
Value nth_ancestor(const Event& event, std::uint64_t generation) {
  bool exists = false;
  const Process* process = find_ancestor(event, generation, exists);
  if (process != nullptr) return read(*process);
  return exists ? Value::unknown() : Value::missing();
}

template <ReadProcess read>
Value parent(const Event& event) {
  return nth_ancestor<read>(event, 1);
}

template <ReadProcess read, Value (*read_own)(const Event&)>
Value ancestor(const Event& event, const FieldArgument& argument) {
  if (!argument.given) return all_ancestors<read>(event);
  return argument.index == 0 ? read_own(event) : nth_ancestor<read>(event, argument.index);
}

// An ancestor's id is known of its child, also where the ancestor itself is not.
Value ancestor_id(const Event& event, const FieldArgument& argument) {
  Ancestry ancestry(event);
  if (argument.given) {
    if (argument.index == 0) return Value::of_unsigned(event.header->pid);
    for (std::uint64_t i = 1; i < argument.index && ancestry.pid() != 0; ++i) {
      if (i > kDeepestAncestor || ancestry.next() == nullptr) return Value::unknown();
    }
    return ancestry.pid() == 0 ? Value::missing() : Value::of_unsigned(ancestry.pid());
  }
  TextList list(*event.arena);
  for (std::uint64_t generation = 1; ancestry.pid() != 0; ++generation) {
    const fmt::format_int id(ancestry.pid());
    list.add(Value::of_text(event.arena->copy({id.data(), id.size()})));
    if (generation > kDeepestAncestor || ancestry.next() == nullptr) {
      list.incomplete();
      break;
    }
  }
  return list.value();
}

// ---- The environment

// The value of a variable; missing if it has no such, unknown if it may have.
Value variable_of(const Process& process, std::string_view name) {
  const Value environment = environment_of(process);
  if (environment.kind != Value::Kind::kTextList) return environment;
  Value value = environment.cut ? Value::unknown() : Value::missing();
  each_item(environment, [&](std::string_view item, bool cut) {
    // Of two of a name, getenv(3) has the first.
    if (value.kind != Value::Kind::kText && item.size() > name.size() && item.starts_with(name) &&
        item[name.size()] == '=') {
      value = Value::of_text(item.substr(name.size() + 1), cut);
    }
  });
  return value;
}

Value environment(const Event& event, const FieldArgument& argument) {
  return argument.given ? variable_of(*event.process, argument.text)
                        : environment_of(*event.process);
}

// Falco's: of one ancestor, or the variable of all of them.
Value ancestor_environment(const Event& event, const FieldArgument& argument) {
  std::uint64_t generation = 0;
  const char* end = argument.text.data() + argument.text.size();
  const auto number = std::from_chars(argument.text.data(), end, generation);
  if (argument.given && number.ec == std::errc() && number.ptr == end) {
    return generation == 0 ? environment_of(*event.process)
                           : nth_ancestor<environment_of>(event, generation);
  }
  TextList list(*event.arena);
  each_ancestor(event, list, [&](const Process& process) {
    if (argument.given) {
      list.add(variable_of(process, argument.text));
    } else {
      list.add_items(environment_of(process));
    }
  });
  return list.value();
}

using ReadArgument = Value (*)(const Event&, const FieldArgument&);

template <ReadArgument read, std::size_t index>
Value at_index(const Event& event) {
  return read(event, {.given = true, .index = index});
}

template <ReadArgument read, std::size_t... indexes>
constexpr auto readers(std::index_sequence<indexes...>) {
  return std::array{&at_index<read, indexes>...};
}

// Columns of further ancestors would not fit a line.
constexpr std::size_t kColumns = 16;
template <ReadArgument read>
constexpr auto kByIndex = readers<read>(std::make_index_sequence<kColumns>());

// The process that the session has its id from. No other gets this id while the session lasts.
template <ReadProcess read>
Value session_leader(const Event& event) {
  const wire_header& header = *event.header;
  if (header.session_id == 0) return Value::missing();
  if (header.session_id == header.pid) return read(*event.process);
  const Process* leader = event.processes->find_parent(header.session_id, 0, header.start_time);
  return leader != nullptr ? read(*leader) : Value::unknown();
}

// The same of the process group, but a leader may be younger than who is in its group.
template <ReadProcess read>
Value group_leader(const Event& event) {
  const wire_header& header = *event.header;
  const auto group = group_of(event);
  if (!group) return Value::unknown();
  if (*group == 0) return Value::missing();
  if (*group == header.pid) return read(*event.process);
  const Process* leader = event.processes->find_parent(*group, 0, header.time);
  return leader != nullptr ? read(*leader) : Value::unknown();
}

// The same as the process group's own namespace numbers it: a leader outside is none there.
template <ReadProcess read>
Value vgroup_leader(const Event& event) {
  const auto group = vgroup_of(event);
  if (!group) return Value::unknown();
  return *group == 0 ? Value::missing() : group_leader<read>(event);
}

// Falco's: the oldest shell among the process and its ancestors. A shell is what ends in "sh".
Value login_shell(const Event& event) {
  const auto is_shell = [](const Value& name) { return name.text.ends_with("sh"); };
  std::uint32_t oldest = is_shell(own_name(event)) ? event.header->pid : 0;
  Ancestry ancestry(event);
  for (std::uint64_t generation = 1; ancestry.pid() != 0; ++generation) {
    const std::uint32_t pid = ancestry.pid();
    const Process* process = generation <= kDeepestAncestor ? ancestry.next() : nullptr;
    // An older one may be where nothing is known.
    if (process == nullptr || !process->name.known) return Value::unknown();
    if (is_shell(name_of(*process))) oldest = pid;
  }
  return oldest != 0 ? Value::of_unsigned(oldest) : Value::missing();
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
    parent<name_of>};
constexpr FieldDescriptor kExe{
    "proc.exepath", FieldType::kPath, "", "executable, as seen from the root of the process",
    "EXE", 24, own<path_of>};
constexpr FieldDescriptor kCommandLine{
    "proc.cmdline", FieldType::kText, "", "arguments with the program's own name, secrets masked",
    "CMDLINE", 40, own<command_line_of>};
constexpr FieldDescriptor kArguments{
    "proc.args", FieldType::kText, "", "arguments without the program's own name", "ARGS", 40,
    own<arguments_of>};
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
    "cgroup.id", FieldType::kUnsigned, "", "id of the cgroup", "CGROUPID", 8,
    [](const Event& event) { return Value::of_unsigned(cgroup_number(event.header->cgroup_id)); }};
constexpr FieldDescriptor kCgroupPath{
    "cgroup.path", FieldType::kPath, "", "path of the cgroup in its hierarchy", "CGROUP",
    20, [](const Event& event) {
      if (event.cgroup_path.data() == nullptr) return Value::unknown();
      return Value::of_text(event.cgroup_path);
    }};

// Not of every event's JSON.
constexpr FieldDescriptor kProgram{
    "proc.exe", FieldType::kText, "", "the program's own name, as it was run (argv[0])", "ARGV0",
    15, own<program_of>};
constexpr FieldDescriptor kExeLine{
    "proc.exeline", FieldType::kText, "", "the same as proc.cmdline", "EXELINE", 40,
    own<command_line_of>};
constexpr FieldDescriptor kParentProgram{
    "proc.pexe", FieldType::kText, "", "the parent's own name, as it was run", "PARGV0", 15,
    parent<program_of>};
constexpr FieldDescriptor kParentExe{
    "proc.pexepath", FieldType::kPath, "", "executable of the parent process", "PEXE", 24,
    parent<path_of>};
constexpr FieldDescriptor kParentCommandLine{
    "proc.pcmdline", FieldType::kText, "", "arguments of the parent process, secrets masked",
    "PCMDLINE", 40, parent<command_line_of>};
constexpr FieldDescriptor kLeaderName{
    "proc.sname", FieldType::kText, "", "comm of the session's leader", "SCOMM", 15,
    session_leader<name_of>};
constexpr FieldDescriptor kLeaderProgram{
    "proc.sid.exe", FieldType::kText, "", "the session leader's own name, as it was run", "SARGV0",
    15, session_leader<program_of>};
constexpr FieldDescriptor kLeaderExe{
    "proc.sid.exepath", FieldType::kPath, "", "executable of the session's leader", "SEXE", 24,
    session_leader<path_of>};
constexpr FieldDescriptor kGroupName{
    "proc.pgid.name", FieldType::kText, "", "comm of the process group's leader", "PGCOMM", 15,
    group_leader<name_of>};
constexpr FieldDescriptor kGroupProgram{
    "proc.pgid.exe", FieldType::kText, "", "the group leader's own name, as it was run", "PGARGV0",
    15, group_leader<program_of>};
constexpr FieldDescriptor kGroupExe{
    "proc.pgid.exepath", FieldType::kPath, "", "executable of the process group's leader", "PGEXE",
    24, group_leader<path_of>};
constexpr FieldDescriptor kVgroupName{
    "proc.vpgid.name", FieldType::kText, "",
    "proc.pgid.name, if the leader is in the same pid namespace", "VPGCOMM", 15,
    vgroup_leader<name_of>};
constexpr FieldDescriptor kVgroupProgram{
    "proc.vpgid.exe", FieldType::kText, "", "the same of proc.pgid.exe", "VPGARGV0", 15,
    vgroup_leader<program_of>};
constexpr FieldDescriptor kVgroupExe{
    "proc.vpgid.exepath", FieldType::kPath, "", "the same of proc.pgid.exepath", "VPGEXE", 24,
    vgroup_leader<path_of>};
constexpr FieldDescriptor kLoginShell{
    "proc.loginshellid", FieldType::kUnsigned, "",
    "id of the oldest shell among the process and its ancestors", "SHELLPID", 8, login_shell};
constexpr FieldDescriptor kIsLeader{
    "proc.is_sid_leader", FieldType::kText, "", "whether it is the session's leader", "LEADER", 6,
    [](const Event& event) { return Value::of_truth(event.header->session_id == event.header->pid); },
    truth_names};
constexpr FieldDescriptor kIsMainThread{
    "thread.ismain", FieldType::kText, "", "whether it is the first thread of its process", "MAIN",
    5, [](const Event& event) { return Value::of_truth(event.header->tid == event.header->pid); },
    truth_names};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {
    &kPid,     &kVpid,  &kTid,        &kPpid,     &kKey,         &kParentKey,
    &kSession, &kName,  &kParentName, &kExe,      &kCommandLine, &kCwd,
    &kUser,    &kGroup, &kLoginUser,  &kCgroupId, &kCgroupPath};

constexpr const FieldDescriptor* kDerivedFields[] = {
    &kArguments,         &kProgram,       &kExeLine,       &kParentProgram, &kParentExe,
    &kParentCommandLine, &kLeaderName,    &kLeaderProgram, &kLeaderExe,     &kIsLeader,
    &kIsMainThread,      &kGroupName,     &kGroupProgram,  &kGroupExe,      &kLoginShell,
    &kVgroupName,        &kVgroupProgram, &kVgroupExe};

template <ReadArgument read>
constexpr FieldWithArgument by_generation(const FieldDescriptor& descriptor) {
  return {descriptor, {.argument = ArgumentUse::kOptionalIndex, .read = read}, kByIndex<read>};
}

// clang-format off: a table
constexpr FieldWithArgument kAncestorFields[] = {
    by_generation<ancestor<name_of, own_name>>(
        {"proc.aname", FieldType::kText, "", "comm of an ancestor, [1] is the parent", "ACOMM", 15,
         nullptr}),
    by_generation<ancestor<program_of, own<program_of>>>(
        {"proc.aexe", FieldType::kText, "", "an ancestor's own name, as it was run", "AARGV0", 15,
         nullptr}),
    by_generation<ancestor<path_of, own<path_of>>>(
        {"proc.aexepath", FieldType::kPath, "", "executable of an ancestor", "AEXE", 24, nullptr}),
    by_generation<ancestor<command_line_of, own<command_line_of>>>(
        {"proc.acmdline", FieldType::kText, "", "arguments of an ancestor, secrets masked",
         "ACMDLINE", 40, nullptr}),
    by_generation<ancestor<arguments_of, own<arguments_of>>>(
        {"proc.aargs", FieldType::kText, "", "the same without the program's own name", "AARGS", 40,
         nullptr}),
    by_generation<ancestor_id>(
        {"proc.apid", FieldType::kUnsigned, "", "id of an ancestor", "APID", 7, nullptr}),
    {{"proc.env", FieldType::kText, "", "its environment; [PATH] is the value of PATH", "ENV", 40,
      own<environment_of>},
     {.argument = ArgumentUse::kOptionalText, .read = environment}},
    {{"proc.aenv", FieldType::kText, "",
      "that of ancestors; [1] is the parent's, [PATH] the PATH of each", "AENV", 40, nullptr},
     {.argument = ArgumentUse::kOptionalText, .read = ancestor_environment, .always_list = true}},
};
// clang-format on

}  // namespace

std::span<const FieldDescriptor* const> process_fields() { return kFields; }

std::span<const FieldDescriptor* const> derived_process_fields() { return kDerivedFields; }

std::span<const FieldWithArgument> ancestor_fields() { return kAncestorFields; }

}  // namespace outrider
