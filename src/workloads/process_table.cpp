// SPDX-License-Identifier: Apache-2.0
#include "workloads/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

#include "base/arena.h"
#include "base/file_descriptor.h"
#include "events/decode.h"
#include "events/redact.h"

namespace outrider {

namespace {

KnownText comm_of(const wire_header& header) {
  return {std::string(header.comm, ::strnlen(header.comm, sizeof(header.comm))), true};
}

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
// How long an exited process is kept: longer than any event of it is under way.
constexpr std::uint64_t kKeepExited = 2 * kNsPerSecond;
// A path that readlink gives back is at most this long (PATH_MAX).
constexpr std::size_t kPathMax = 4096;

// The whole of a small file of /proc, at most `limit` bytes. Empty if it cannot be read.
std::string read_small(int directory, const char* name, std::size_t limit, bool* cut = nullptr) {
  FileDescriptor file(::openat(directory, name, O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!file.valid()) return text;
  std::size_t used = 0;
  text.resize(std::min<std::size_t>(limit, 4096));
  while (true) {
    const ssize_t got = ::read(file.get(), text.data() + used, text.size() - used);
    if (got <= 0) break;
    used += static_cast<std::size_t>(got);
    if (used < text.size()) continue;
    if (used >= limit) {
      // As long as the limit is not longer than it.
      char more = 0;
      if (cut != nullptr) *cut = ::read(file.get(), &more, 1) == 1;
      break;
    }
    text.resize(std::min(limit, text.size() * 2));
  }
  text.resize(used);
  return text;
}

KnownText read_link(int directory, const char* name) {
  std::array<char, kPathMax> buffer;
  const ssize_t length = ::readlinkat(directory, name, buffer.data(), buffer.size());
  if (length < 0) return {};
  return {std::string(buffer.data(), static_cast<std::size_t>(length)), true,
          static_cast<std::size_t>(length) == buffer.size()};
}

struct Stat {
  std::string_view name;
  std::uint32_t parent = 0;
  std::uint64_t start_ticks = 0;
  std::uint64_t flags = 0;
};

// proc(5): the command, in parentheses, may hold anything, so count from the last ')'.
bool parse_stat(std::string_view text, Stat& stat) {
  const std::size_t end = text.rfind(')');
  if (end == std::string_view::npos) return false;
  const std::size_t start = text.find('(');
  if (start < end) stat.name = text.substr(start + 1, end - start - 1);
  std::size_t at = end + 1;
  for (int field = 3; at < text.size(); ++field) {
    at = text.find_first_not_of(' ', at);
    if (at == std::string_view::npos) return false;
    const std::size_t stop = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, stop - at);
    const auto number = [&](auto& out) {
      return std::from_chars(word.data(), word.data() + word.size(), out).ec == std::errc();
    };
    if (field == 4 && !number(stat.parent)) return false;
    if (field == 9 && !number(stat.flags)) return false;
    if (field == 22) return number(stat.start_ticks);
    at = stop;
  }
  return false;
}

// include/linux/sched.h
constexpr std::uint64_t kKernelThread = 0x00200000;

}  // namespace

ProcessTable::ProcessTable() : ProcessTable(Options{}) {}

ProcessTable::ProcessTable(Options options)
    : options_(std::move(options)),
      ns_per_tick_(kNsPerSecond / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK))) {}

bool ProcessTable::same(const Process& process, std::uint64_t start_time) const {
  if (process.exact) return process.start_time == start_time;
  return process.start_time / ns_per_tick_ == start_time / ns_per_tick_;
}

Process& ProcessTable::insert(std::uint32_t pid) {
  auto& slot = by_pid_[pid];
  if (slot && last_ == slot.get()) last_ = nullptr;
  slot = std::make_unique<Process>();
  slot->pid = pid;
  if (by_pid_.size() > options_.living_max) {
    // Forget some other process; it is read from /proc again if it lives.
    for (auto it = by_pid_.begin(); it != by_pid_.end(); ++it) {
      if (it->first == pid) continue;
      if (last_ == it->second.get()) last_ = nullptr;
      by_pid_.erase(it);
      ++evicted_;
      break;
    }
  }
  return *by_pid_[pid];
}

void ProcessTable::set_arguments(Process& process, std::string_view arguments, bool known,
                                 bool cut) {
  if (!arguments.empty() && arguments.back() == '\0') arguments.remove_suffix(1);
  process.command_line.known = known;
  process.command_line.cut = cut;
  process.command_line.text = arguments;
  process.program_size = std::min(arguments.find('\0'), arguments.size());
  std::replace(process.command_line.text.begin(), process.command_line.text.end(), '\0', ' ');
}

// Fills in what /proc says of a process, if it is still the one that started then
// (0: whichever has the pid now).
bool ProcessTable::fill_from_proc(Process& process, std::uint64_t start_time) {
  FileDescriptor directory(::open(fmt::format("{}/{}", options_.proc, process.pid).c_str(),
                                  O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Stat stat;
  if (!directory.valid()) return false;
  const std::string text = read_small(directory.get(), "stat", 4096);
  if (!parse_stat(text, stat)) return false;
  if (start_time != 0 && stat.start_ticks != start_time / ns_per_tick_) return false;
  process.name = {std::string(stat.name), true};
  process.parent_pid = stat.parent;
  process.kernel_thread = (stat.flags & kKernelThread) != 0;
  process.exact = start_time != 0;
  process.start_time = start_time != 0 ? start_time : stat.start_ticks * ns_per_tick_;
  if (!process.kernel_thread) {
    process.exe = read_link(directory.get(), "exe");
    bool cut = false;
    const std::string arguments = read_small(directory.get(), "cmdline", WIRE_ARGUMENTS_MAX, &cut);
    auto redacted = options_.show_secrets ? std::nullopt : redact_arguments(arguments);
    set_arguments(process, redacted ? *redacted : arguments, true, cut);
  }
  process.cwd = read_link(directory.get(), "cwd");
  struct stat cwd{};
  process.cwd_inode = ::fstatat(directory.get(), "cwd", &cwd, 0) == 0 ? cwd.st_ino : 0;
  return true;
}

std::size_t ProcessTable::read_proc() {
  std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(options_.proc.c_str()), ::closedir);
  if (!directory) return 0;
  std::size_t count = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    std::uint32_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) continue;
    if (by_pid_.contains(pid)) continue;
    Process process;
    process.pid = pid;
    if (!fill_from_proc(process, 0)) continue;
    insert(pid) = std::move(process);
    ++count;
  }
  return count;
}

const Process* ProcessTable::find(std::uint32_t pid, std::uint64_t start_time) const {
  const auto found = by_pid_.find(pid);
  if (found == by_pid_.end() || !same(*found->second, start_time)) return nullptr;
  return found->second.get();
}

const Process* ProcessTable::find_parent(std::uint32_t pid, std::uint64_t start_time,
                                         std::uint64_t child_start_time) const {
  if (start_time != 0) return find(pid, start_time);
  // A parent that /proc told us, which does not say when it started. It was there before its
  // child; whoever got its id after it was not.
  const auto found = by_pid_.find(pid);
  if (found == by_pid_.end()) return nullptr;
  const Process& parent = *found->second;
  return parent.start_time / ns_per_tick_ <= child_start_time / ns_per_tick_ ? &parent : nullptr;
}

// The entry of a record's process, made if need be; when it is new, from /proc.
Process& ProcessTable::living(const wire_header& header) {
  Process* process = nullptr;
  if (last_ != nullptr && last_->pid == header.pid && last_->exact &&
      last_->start_time == header.start_time) {
    process = last_;
  } else {
    const auto found = by_pid_.find(header.pid);
    if (found != by_pid_.end() && same(*found->second, header.start_time)) {
      process = found->second.get();
    } else {
      process = &insert(header.pid);
      fill_from_proc(*process, header.start_time);
    }
    process->start_time = header.start_time;
    process->exact = true;
  }
  if (process->exec_id == kNoExec) process->exec_id = header.exec_id;
  if (process->exec_id < header.exec_id) {
    // Its exec was lost: what it is now only /proc may still know.
    process->name = {};
    process->exe = {};
    process->command_line = {};
    fill_from_proc(*process, header.start_time);
    process->exec_id = header.exec_id;
  }
  process->parent_pid = header.ppid;
  process->parent_start_time = header.parent_start_time;
  process->kernel_thread = (header.flags & WIRE_KERNEL_THREAD) != 0;
  last_ = process;
  return *process;
}

const Process* ProcessTable::process_of(const wire_header& header) {
  Process& process = living(header);
  // The record knows which directory it was in; what we have may be stale after a loss.
  if (process.cwd.known && process.cwd_inode != header.cwd_inode && header.cwd_inode != 0 &&
      !process.exited) {
    process.cwd = {};
    process.cwd_inode = header.cwd_inode;
    const std::string path = fmt::format("{}/{}", options_.proc, header.pid);
    FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat cwd{};
    if (directory.valid()) {
      KnownText link = read_link(directory.get(), "cwd");
      if (::fstatat(directory.get(), "cwd", &cwd, 0) == 0 && cwd.st_ino == header.cwd_inode) {
        process.cwd = std::move(link);
      }
    }
  }
  return &process;
}

void ProcessTable::apply_fork(const wire_fork& fork) {
  const wire_header& header = fork.header;
  const Process* parent = find(header.ppid, header.parent_start_time);
  // Its exec was lost, or somebody else has forked in its name (CLONE_PARENT).
  if (parent != nullptr && parent->exec_id != kNoExec && parent->exec_id != header.exec_id) {
    parent = nullptr;
  }
  Process inherited;
  if (parent != nullptr) inherited = *parent;
  Process& child = insert(header.pid);
  if (parent != nullptr) child = std::move(inherited);
  child.pid = header.pid;
  child.exited = false;
  if (parent == nullptr) fill_from_proc(child, header.start_time);
  child.name = comm_of(header);
  child.start_time = header.start_time;
  child.exact = true;
  child.exec_id = header.exec_id;
  child.parent_pid = header.ppid;
  child.parent_start_time = header.parent_start_time;
  child.kernel_thread = (header.flags & WIRE_KERNEL_THREAD) != 0;
}

void ProcessTable::apply_exec(const wire_exec& exec, std::string_view arguments, bool known,
                              bool cut) {
  const auto found = by_pid_.find(exec.header.pid);
  Process& process = found != by_pid_.end() && same(*found->second, exec.header.start_time)
                         ? *found->second
                         : insert(exec.header.pid);
  process.start_time = exec.header.start_time;
  process.exact = true;
  process.exec_id = exec.header.exec_id;
  process.parent_pid = exec.header.ppid;
  process.parent_start_time = exec.header.parent_start_time;
  process.kernel_thread = false;
  process.name = comm_of(exec.header);
  process.argument_count = exec.argument_count;
  set_arguments(process, arguments, known, cut);

  Arena arena;
  const Value exe = path_of(exec, WIRE_EXEC_EXE, arena);
  process.exe = {std::string(exe.text), exe.kind == Value::Kind::kText, exe.cut};
  const Value cwd = path_of(exec, WIRE_EXEC_CWD, arena);
  process.cwd = {std::string(cwd.text), cwd.kind == Value::Kind::kText, cwd.cut};
  process.cwd_inode = exec.header.cwd_inode;
}

bool ProcessTable::apply_exit(const wire_exit& exit) {
  Process& process = living(exit.header);
  if (process.exited) return false;
  process.exited = true;
  exited_.push_back({exit.header.time, process.pid, process.start_time});
  return true;
}

void ProcessTable::apply_working_directory(const wire_file& change) {
  Process& process = living(change.header);
  Arena arena;
  const Value cwd = path_of(change, WIRE_FILE_OBJECT, arena);
  process.cwd = {std::string(cwd.text), cwd.kind == Value::Kind::kText, cwd.cut};
  process.cwd_inode = change.header.cwd_inode;
}

void ProcessTable::sweep(std::uint64_t now) {
  while (!exited_.empty() && exited_.front().time + kKeepExited < now) {
    const Exited& gone = exited_.front();
    const auto found = by_pid_.find(gone.pid);
    if (found != by_pid_.end() && found->second->exited &&
        found->second->start_time == gone.start_time) {
      if (last_ == found->second.get()) last_ = nullptr;
      by_pid_.erase(found);
    }
    exited_.pop_front();
  }
}

}  // namespace outrider
