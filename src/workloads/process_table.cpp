// SPDX-License-Identifier: Apache-2.0
#include "workloads/process_table.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/arena.h"
#include "events/decode.h"
#include "workloads/process_facts.h"

namespace outrider {

namespace {

// How long a process is kept that has ended: longer than any event of it is under way.
constexpr std::uint64_t kKeepEnded = 2'000'000'000;  // ns

// Of more news than these, who keeps a copy is told everything.
constexpr std::size_t kNewsMax = 20'000;

KnownText comm_of(const wire_header& header) {
  return {std::string(header.comm, ::strnlen(header.comm, sizeof(header.comm))), true};
}

KnownText known(const Value& value) {
  return {std::string(value.text), value.kind == Value::Kind::kText, value.cut};
}

// Whether the process does no longer act as what was told last: it has become another user, or
// leads a session of its own. Threads of it may be other users than it is.
bool has_changed(const Process& process, const wire_header& header) {
  const ProcessContext& context = process.context;
  if (context.time == 0 || header.time < context.time || header.tid != header.pid) return false;
  return context.uid != header.uid || context.session_id != header.session_id;
}

// /proc may have been read after what a record tells of.
const ProcessContext& later(const ProcessContext& told, const ProcessContext& record) {
  return told.time > record.time ? told : record;
}

}  // namespace

ProcessTable::ProcessTable() : ProcessTable(Options{}) {}

ProcessTable::ProcessTable(Options options)
    : options_(std::move(options)),
      proc_(options_.proc, options_.show_secrets, options_.environment) {}

bool ProcessTable::same(const Process& process, std::uint64_t start_time) const {
  if (process.exact) return process.start_time == start_time;
  return process.start_time / proc_.ns_per_tick() == start_time / proc_.ns_per_tick();
}

// ---- entries

ProcessTable::Entry* ProcessTable::find_entry(std::uint32_t pid, std::uint64_t start_time) const {
  const auto found = by_pid_.find(pid);
  if (found == by_pid_.end()) return nullptr;
  for (Entry* entry = found->second; entry != nullptr; entry = entry->older) {
    if (same(entry->process, start_time)) return entry;
  }
  return nullptr;
}

ProcessTable::Entry* ProcessTable::find_exactly(std::uint32_t pid, std::uint64_t start_time) const {
  const auto found = by_pid_.find(pid);
  Entry* entry = found != by_pid_.end() ? found->second : nullptr;
  while (entry != nullptr && entry->process.start_time != start_time) entry = entry->older;
  return entry;
}

// It is not, or will not be, as a copy has it.
void ProcessTable::note(const Process& process) {
  if (!is_copied_ || all_is_news_) return;
  const Name name{process.pid, process.start_time};
  if (!news_.empty() && news_.back() == name) return;
  news_.push_back(name);
  all_is_news_ = news_.size() > kNewsMax;
}

// What every record says of its process.
void ProcessTable::identify(Process& process, const wire_header& header) {
  const bool kernel_thread = (header.flags & WIRE_KERNEL_THREAD) != 0;
  if (process.exact && process.start_time == header.start_time && process.vpid == header.vpid &&
      process.parent_pid == header.ppid && process.kernel_thread == kernel_thread &&
      process.parent_start_time == header.parent_start_time) {
    return;
  }
  note(process);  // who started at that time is no more
  process.start_time = header.start_time;
  process.exact = true;
  process.vpid = header.vpid;
  process.parent_pid = header.ppid;
  process.parent_start_time = header.parent_start_time;
  process.kernel_thread = kernel_thread;
  note(process);
}

// One that is not known yet.
ProcessTable::Entry& ProcessTable::add(std::uint32_t pid, std::uint64_t start_time,
                                       std::uint64_t now) {
  Entry& entry = living_.emplace_front();
  entry.place = living_.begin();
  entry.process.pid = pid;
  entry.process.start_time = start_time;
  // One has the pid at a time: of several, all but the last have ended.
  Entry** place = &by_pid_[pid];
  while (*place != nullptr && (*place)->process.start_time > start_time) place = &(*place)->older;
  entry.older = *place;
  if (place != &by_pid_[pid]) end(entry, now);
  *place = &entry;
  if (entry.older != nullptr) end(*entry.older, now);
  note(entry.process);
  make_room(entry);
  return entry;
}

void ProcessTable::end(Entry& entry, std::uint64_t time) {
  if (entry.end != 0) return;
  note(entry.process);
  entry.end = std::max<std::uint64_t>(time, 1);
  ended_.splice(ended_.end(), living_, entry.place);
}

void ProcessTable::forget(Entry& entry) {
  if (last_ == &entry) last_ = nullptr;
  note(entry.process);
  const auto found = by_pid_.find(entry.process.pid);
  Entry** place = &found->second;
  while (*place != &entry) place = &(*place)->older;
  *place = entry.older;
  if (found->second == nullptr) by_pid_.erase(found);
  (entry.end == 0 ? living_ : ended_).erase(entry.place);
}

void ProcessTable::make_room(const Entry& newest) {
  while (size() > std::max<std::size_t>(options_.processes_max, 1)) {
    const bool has_ended = !ended_.empty() && &ended_.front() != &newest;
    forget(has_ended ? ended_.front() : living_.back());
    ++evicted_;
  }
}

// ---- looking up

void ProcessTable::forget_all() {
  last_ = nullptr;
  by_pid_.clear();
  living_.clear();
  ended_.clear();
  all_is_news_ = true;
}

std::size_t ProcessTable::read_proc() {
  forget_all();
  std::size_t count = 0;
  proc_.each([&](std::uint32_t pid) {
    // A directory that grows while it is read may show a name twice.
    if (by_pid_.contains(pid)) return;
    Process process;
    process.pid = pid;
    if (!proc_.fill(process, 0)) return;
    add(pid, process.start_time, 0).process = std::move(process);
    ++count;
  });
  return count;
}

const Process* ProcessTable::find(std::uint32_t pid, std::uint64_t start_time) const {
  const Entry* entry = find_entry(pid, start_time);
  return entry != nullptr ? &entry->process : nullptr;
}

const Process* ProcessTable::find_parent(std::uint32_t pid, std::uint64_t start_time,
                                         std::uint64_t child_start_time) const {
  if (start_time != 0) return find(pid, start_time);
  // A parent that /proc told us, which does not say when it started. It was there before its
  // child; whoever got its id after it was not.
  const auto found = by_pid_.find(pid);
  if (found == by_pid_.end()) return nullptr;
  const std::uint64_t tick = child_start_time / proc_.ns_per_tick();
  for (const Entry* entry = found->second; entry != nullptr; entry = entry->older) {
    if (entry->process.start_time / proc_.ns_per_tick() <= tick) return &entry->process;
  }
  return nullptr;
}

// The entry of a record's process, made if need be; when it is new, from /proc.
ProcessTable::Entry& ProcessTable::entry_of(const wire_header& header) {
  Entry* entry = last_;
  if (entry == nullptr || entry->process.pid != header.pid || !entry->process.exact ||
      entry->process.start_time != header.start_time) {
    entry = find_entry(header.pid, header.start_time);
    if (entry == nullptr) {
      entry = &add(header.pid, header.start_time, header.time);
      proc_.fill(entry->process, header.start_time);
    } else if (entry->end == 0) {
      living_.splice(living_.begin(), living_, entry->place);
    }
    last_ = entry;
  }
  Process& process = entry->process;
  identify(process, header);
  if (process.exec_id == kNoExec) {
    process.exec_id = header.exec_id;
    note(process);
  }
  if (process.exec_id < header.exec_id) {
    // Its exec was lost: what it is now only /proc may still know.
    process.name = {};
    process.exe = {};
    process.executable = std::nullopt;
    process.interpreter = {};
    process.environment = {};
    process.context = {};
    set_arguments(process, {});
    proc_.fill(process, header.start_time);
    identify(process, header);
    process.exec_id = header.exec_id;
    note(process);
  } else if (has_changed(process, header)) {
    proc_.fill_context(process);
    note(process);
  }
  return *entry;
}

void ProcessTable::add_listed(const wire_fork& process) {
  Entry& entry = entry_of(process.header);
  // What /proc has told of it a moment later may lack something.
  entry.process.context = context_of(process.header, process.context);
  entry.process.pid_namespace_start = process.context.pid_namespace_start;
  note(entry.process);
}

const Process* ProcessTable::process_of(const wire_header& header) {
  Entry& entry = entry_of(header);
  Process& process = entry.process;
  // The record knows which directory it was in; what we have may be stale after a loss.
  if (process.cwd.known && process.cwd_inode != header.cwd_inode && header.cwd_inode != 0 &&
      entry.end == 0) {
    process.cwd = proc_.cwd_of(header.pid, header.cwd_inode);
    process.cwd_inode = header.cwd_inode;
    note(process);
  }
  return &process;
}

// ---- records

void ProcessTable::apply_fork(const wire_fork& fork) {
  const wire_header& header = fork.header;
  Entry* told = find_entry(header.pid, header.start_time);
  // It came late: the child has run another program since.
  if (told != nullptr && told->process.exec_id != kNoExec &&
      told->process.exec_id > header.exec_id) {
    return;
  }
  const Process* parent = find(header.ppid, header.parent_start_time);
  if (parent != nullptr && parent->exec_id != header.exec_id) {
    // Its exec was lost, or somebody else has forked in its name (CLONE_PARENT). Or /proc has told
    // of it, perhaps only after an exec that came after the fork: then what /proc has told of the
    // child is better, if it has.
    if (parent->exec_id != kNoExec || told != nullptr) parent = nullptr;
  }
  ProcessContext context = context_of(header, fork.context);
  if (told != nullptr) context = later(told->process.context, context);
  Process inherited;
  if (parent != nullptr) inherited = *parent;
  Entry& entry = told != nullptr ? *told : add(header.pid, header.start_time, header.time);
  Process& child = entry.process;
  note(child);
  if (parent != nullptr) {
    inherited.pid = child.pid;
    inherited.exited = child.exited;
    child = std::move(inherited);
  } else if (told == nullptr) {
    proc_.fill(child, header.start_time);
  }
  identify(child, header);
  child.name = comm_of(header);
  child.exec_id = header.exec_id;
  child.context = context;
  child.pid_namespace_start = fork.context.pid_namespace_start;
  note(child);
}

void ProcessTable::apply_exec(const wire_exec& exec, std::string_view arguments, bool known_texts,
                              bool cut) {
  const wire_header& header = exec.header;
  Entry* told = find_entry(header.pid, header.start_time);
  // It came late: the process has run yet another program since.
  if (told != nullptr && told->process.exec_id != kNoExec &&
      told->process.exec_id > header.exec_id) {
    return;
  }
  Entry& entry = told != nullptr ? *told : add(header.pid, header.start_time, header.time);
  Process& process = entry.process;
  identify(process, header);
  process.exec_id = header.exec_id;
  process.name = comm_of(header);
  const std::uint64_t ends = std::min(exec.argument_count, exec.arguments_size);
  set_arguments(process, {.text = arguments,
                          .known = known_texts,
                          .cut = cut,
                          .count = exec.argument_count,
                          .length = exec.arguments_size - ends});

  Arena arena;
  process.exe = known(path_of(exec, WIRE_EXEC_EXE, arena));
  process.executable = executable_of(exec);
  process.interpreter = known(text_of(exec, WIRE_EXEC_INTERPRETER));
  // Missing is what is not there to be known.
  if (exec.strings[WIRE_EXEC_INTERPRETER].state == WIRE_STRING_MISSING) {
    process.interpreter.known = true;
  }
  // Not what /proc may have told since: that may be of a process about to end, with no terminal.
  process.context = context_of(header, exec.context);
  process.pid_namespace_start = exec.context.pid_namespace_start;
  process.cwd = known(path_of(exec, WIRE_EXEC_CWD, arena));
  process.cwd_inode = header.cwd_inode;
  note(process);
}

void ProcessTable::set_environment(const wire_header& header, std::string_view environment,
                                   bool known_texts, bool cut) {
  Entry* entry = find_entry(header.pid, header.start_time);
  if (entry == nullptr || entry->process.exec_id != header.exec_id) return;
  outrider::set_environment(entry->process, environment, known_texts, cut);
  note(entry->process);
}

bool ProcessTable::apply_exit(const wire_exit& exit) {
  Entry& entry = entry_of(exit.header);
  if (entry.process.exited) return false;
  entry.process.exited = true;
  note(entry.process);
  end(entry, exit.header.time);
  return true;
}

void ProcessTable::apply_working_directory(const wire_file& change) {
  Process& process = entry_of(change.header).process;
  Arena arena;
  process.cwd = known(path_of(change, WIRE_FILE_OBJECT, arena));
  process.cwd_inode = change.header.cwd_inode;
  note(process);
}

void ProcessTable::sweep(std::uint64_t now) {
  while (!ended_.empty() && ended_.front().end + kKeepEnded < now) forget(ended_.front());
}

// ---- copies

void ProcessTable::update(Copy& copy) {
  is_copied_ = true;
  if (all_is_news_) {
    copy.forget_all();
    for (const std::list<Entry>* entries : {&ended_, &living_}) {
      for (const Entry& entry : *entries) copy.put(entry.process, entry.end);
    }
  } else {
    std::ranges::sort(news_, {},
                      [](const Name& name) { return std::pair(name.pid, name.start_time); });
    const auto twice = std::ranges::unique(news_);
    news_.erase(twice.begin(), twice.end());
    for (const Name& name : news_) {
      const Entry* entry = find_exactly(name.pid, name.start_time);
      if (entry != nullptr) {
        copy.put(entry->process, entry->end);
      } else {
        copy.forget(name.pid, name.start_time);
      }
    }
  }
  all_is_news_ = false;
  news_.clear();
}

void ProcessTable::put(const Process& process, std::uint64_t end) {
  Entry* entry = find_exactly(process.pid, process.start_time);
  if (entry == nullptr) entry = &add(process.pid, process.start_time, end);
  entry->process = process;
  if (end != 0) this->end(*entry, end);
  // It may have been taken for one that has ended, as another had its pid.
  if (entry->end != 0 && end == 0) living_.splice(living_.begin(), ended_, entry->place);
  entry->end = end;
}

void ProcessTable::forget(std::uint32_t pid, std::uint64_t start_time) {
  if (Entry* entry = find_exactly(pid, start_time)) forget(*entry);
}

}  // namespace outrider
