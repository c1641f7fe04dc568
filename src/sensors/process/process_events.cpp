// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/wait.h>

#include <cstring>

#include "base/path.h"
#include "events/decode.h"
#include "events/event.h"
#include "sensors/registry.h"
#include "syscalls/names.h"
#include "syscalls/path_parts.h"
#include "workloads/process.h"

namespace outrider {

namespace {

const wire_exec& exec_of(const Event& event) { return event.as<wire_exec>(); }

template <typename... Values>
Value format_value(const Event& event, fmt::format_string<Values...> format, Values&&... values) {
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), format, std::forward<Values>(values)...);
  return Value::of_text(event.arena->copy({text.data(), text.size()}));
}

// ---- exec

Value arguments_of(const Event& event) {
  const wire_exec& exec = exec_of(event);
  if (exec.strings[WIRE_EXEC_ARGUMENTS].state == WIRE_STRING_FAULTED) return Value::unknown();
  Value value = Value::of_text(event.arguments, event.arguments_cut);
  value.kind = Value::Kind::kTextList;
  return value;
}

Value exec_info(const Event& event) {
  if (exec_of(event).strings[WIRE_EXEC_ARGUMENTS].state == WIRE_STRING_FAULTED) {
    return text_of(exec_of(event), WIRE_EXEC_FILENAME);
  }
  std::string_view text = event.arguments;
  if (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  char* out = event.arena->allocate(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) out[i] = text[i] == '\0' ? ' ' : text[i];
  return Value::of_text({out, text.size()}, event.arguments_cut);
}

// clang-format off: a table
constexpr FieldDescriptor kFilename{
    "evt.arg.filename", FieldType::kPath, "", "what was to be run, as given", "FILENAME", 24,
    [](const Event& event) { return text_of(exec_of(event), WIRE_EXEC_FILENAME); }};
constexpr FieldDescriptor kExecName{
    "fd.name", FieldType::kPath, "", "what was to be run, made absolute without following links",
    "PATH", 30, [](const Event& event) {
      const wire_exec& exec = exec_of(event);
      const Value name = text_of(exec, WIRE_EXEC_FILENAME);
      if (name.kind != Value::Kind::kText || name.cut) return name;
      if (name.text.starts_with('/')) {
        return Value::of_text(join_lexically("", name.text, *event.arena));
      }
      // Of a successful exec only the new image's directory is there; it is the same.
      const bool failed = exec.strings[WIRE_EXEC_BASE].state != WIRE_STRING_MISSING;
      const Value base =
          path_of(exec, failed ? WIRE_EXEC_BASE : WIRE_EXEC_CWD, *event.arena);
      if (base.kind != Value::Kind::kText || base.cut) return Value::unknown();
      return Value::of_text(join_lexically(base.text, name.text, *event.arena));
    }};
constexpr FieldDescriptor kExecRealPath{
    "fd.realpath", FieldType::kPath, "", "the executable as the kernel has it, if it was run",
    "REALPATH", 30,
    [](const Event& event) { return path_of(exec_of(event), WIRE_EXEC_EXE, *event.arena); }};
constexpr FieldDescriptor kInterpreter{
    "evt.arg.interpreter", FieldType::kPath, "",
    "what the kernel ran for it: differs from filename for scripts", "INTERPRETER", 20,
    [](const Event& event) {
      const wire_exec& exec = exec_of(event);
      const bool same = exec.result == 0 &&
                        exec.strings[WIRE_EXEC_INTERPRETER].state == WIRE_STRING_MISSING;
      return text_of(exec, same ? WIRE_EXEC_FILENAME : WIRE_EXEC_INTERPRETER);
    }};
constexpr FieldDescriptor kArguments{
    "evt.arg.args", FieldType::kTextList, "", "arguments given, secrets masked", "ARGS", 40,
    arguments_of};
constexpr FieldDescriptor kArgumentCount{
    "evt.arg.argc", FieldType::kUnsigned, "", "number of arguments", "ARGC", 5,
    [](const Event& event) { return Value::of_unsigned(exec_of(event).argument_count); }};
constexpr FieldDescriptor kArgumentsSize{
    "evt.arg.args_size", FieldType::kUnsigned, "bytes", "size of all arguments, also of a cut list",
    "ARGSIZE", 7, [](const Event& event) {
      return Value::of_unsigned(exec_of(event).arguments_size);
    }};
constexpr FieldDescriptor kExecFlags{
    "evt.arg.flags", FieldType::kFlags, "", "flags of execveat", "FLAGS", 14,
    [](const Event& event) {
      if (exec_of(event).flags == 0) return Value::missing();
      return Value::of_text(at_flag_names(exec_of(event).flags, *event.arena));
    },
    at_flag_values};
constexpr FieldDescriptor kExeInode{
    "proc.exe_ino", FieldType::kUnsigned, "", "inode of the executable", "INODE", 8,
    [](const Event& event) {
      if (exec_of(event).exe_inode == 0) return Value::missing();
      return Value::of_unsigned(exec_of(event).exe_inode);
    }};

// Not of every event's JSON.
constexpr FieldDescriptor kDirectory{
    "fd.directory", FieldType::kPath, "", "the directory of fd.name", "DIRECTORY", 24,
    [](const Event& event) { return directory_of(kExecName.read(event)); }};
constexpr FieldDescriptor kFileName{
    "fd.filename", FieldType::kText, "", "the last part of fd.name", "FILENAME", 20,
    [](const Event& event) { return file_name_of(kExecName.read(event)); }};
// clang-format on

constexpr const FieldDescriptor* kDerivedOfExec[] = {&kDirectory, &kFileName};
constexpr const FieldDescriptor* kExecFields[] = {&kFilename,      &kExecName,  &kExecRealPath,
                                                  &kInterpreter,   &kArguments, &kArgumentCount,
                                                  &kArgumentsSize, &kExecFlags, &kExeInode};
constexpr std::string_view kExecColumns[] = {"evt.time",  "proc.pid", "proc.ppid", "user.uid",
                                             "proc.name", "evt.res",  "evt.info"};

// ---- exit

const wire_exit& exit_of(const Event& event) { return event.as<wire_exit>(); }

// clang-format off: a table
constexpr FieldDescriptor kStatus{
    "evt.arg.status", FieldType::kUnsigned, "", "exit code, if the process ended by itself",
    "STATUS", 6, [](const Event& event) {
      const int code = static_cast<int>(exit_of(event).exit_code);
      if (!WIFEXITED(code)) return Value::missing();
      return Value::of_unsigned(static_cast<std::uint64_t>(WEXITSTATUS(code)));
    }};
constexpr FieldDescriptor kSignal{
    "evt.arg.signal", FieldType::kText, "", "the signal that ended the process", "SIGNAL", 9,
    [](const Event& event) {
      const int code = static_cast<int>(exit_of(event).exit_code);
      if (!WIFSIGNALED(code)) return Value::missing();
      return Value::of_text(signal_name(WTERMSIG(code), *event.arena));
    },
    signal_names};
constexpr FieldDescriptor kCore{
    "evt.arg.core", FieldType::kUnsigned, "", "1 if the kernel dumped core", "CORE", 4,
    [](const Event& event) {
      const int code = static_cast<int>(exit_of(event).exit_code);
      return WCOREDUMP(code) ? Value::of_unsigned(1) : Value::missing();
    }};
constexpr FieldDescriptor kDuration{
    "proc.duration", FieldType::kDuration, "ns", "how long the process has lived", "LIVED", 8,
    [](const Event& event) {
      return Value::of_unsigned(event.header->time - event.header->start_time);
    }};
// clang-format on

Value exit_info(const Event& event) {
  const Value signal = kSignal.read(event);
  const double lived = static_cast<double>(event.header->time - event.header->start_time) / 1e6;
  if (signal.kind == Value::Kind::kText) {
    return format_value(event, "{} after {:.1f} ms", signal.text, lived);
  }
  return format_value(event, "status {} after {:.1f} ms",
                      WEXITSTATUS(static_cast<int>(exit_of(event).exit_code)), lived);
}

constexpr const FieldDescriptor* kExitFields[] = {&kStatus, &kSignal, &kCore, &kDuration};
constexpr std::string_view kExitColumns[] = {"evt.time",      "proc.pid",       "proc.ppid",
                                             "proc.name",     "evt.arg.status", "evt.arg.signal",
                                             "proc.duration", "proc.cmdline"};

// ---- fork

Value fork_info(const Event& event) {
  return format_value(event, "child of {}", event.header->ppid);
}

constexpr std::string_view kForkColumns[] = {"evt.time", "proc.pid",  "proc.ppid",
                                             "user.uid", "proc.name", "proc.cmdline"};

// An exec that failed is seen as a call only.
constexpr std::string_view kExecPrograms[] = {"process__exec", "syscalls__exit"};
constexpr std::string_view kExitPrograms[] = {"process__exit"};
constexpr std::string_view kForkPrograms[] = {"process__fork"};

// clang-format off: a table
constexpr EventDescriptor kKinds[] = {
    {WIRE_EXEC, "exec", "process", "a process starts to run another program, or fails to", kExecColumns,
     kExecFields, exec_info, kExecPrograms, shape_of<wire_exec>(), kDerivedOfExec,
     "execs that succeed"},
    {WIRE_EXIT, "exit", "process", "a process ends", kExitColumns, kExitFields, exit_info, kExitPrograms,
     shape_of<wire_exit>(), {}, "exit"},
    {WIRE_FORK, "fork", "process", "a process is made; the event is the child's", kForkColumns, {},
     fork_info, kForkPrograms, shape_of<wire_fork>(), {}, "fork"},
};
// clang-format on

}  // namespace

std::span<const EventDescriptor> process_kinds() { return kKinds; }

}  // namespace outrider
