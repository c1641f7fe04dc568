// SPDX-License-Identifier: Apache-2.0
#include "workloads/proc_reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "events/redact.h"
#include "events/wire.h"
#include "workloads/proc_files.h"
#include "workloads/proc_text.h"
#include "workloads/process_facts.h"

namespace outrider {

namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
// A process may be in 65536 groups, each with ten digits.
constexpr std::size_t kStatusMax = 1 << 20;
// include/linux/sched.h
constexpr std::uint64_t kKernelThread = 0x00200000;
constexpr std::uint64_t kExiting = 0x4;  // PF_EXITING

// As the kernel has it cached: a file system of somebody else's may never answer.
bool read_inode(int directory, const char* name, struct statx& inode) {
  return ::statx(directory, name, AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &inode) == 0;
}

// ---- namespaces, executable

struct NamespaceRow {
  const char* link;
  std::string_view prefix;
};

// By enum wire_namespace.
constexpr NamespaceRow kNamespaces[] = {
    {"ns/pid", "pid:["}, {"ns/user", "user:["}, {"ns/net", "net:["},
    {"ns/uts", "uts:["}, {"ns/ipc", "ipc:["},   {"ns/cgroup", "cgroup:["},
};
static_assert(std::size(kNamespaces) == WIRE_NAMESPACES_COUNT);

std::uint32_t namespace_of(int directory, const NamespaceRow& row) {
  return namespace_inode(read_proc_link(directory, row.link).text, row.prefix);
}

std::int64_t nanoseconds_of(const statx_timestamp& time) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.tv_sec) * kNsPerSecond +
                                   time.tv_nsec);
}

// Files of memfd_create() are all in one file system, in which there is nothing else to be run.
std::optional<std::uint64_t> memfd_device() {
  static const std::optional<std::uint64_t> device = []() -> std::optional<std::uint64_t> {
    const FileDescriptor memory(::memfd_create("outrider", MFD_CLOEXEC));
    struct stat inode{};
    if (!memory.valid() || ::fstat(memory.get(), &inode) != 0) return std::nullopt;
    return inode.st_dev;
  }();
  return device;
}

// In which layer of an overlay it is, and whether its file system is read-only, cannot be seen
// from here without asking that file system, which may be anybody's.
std::optional<Executable> executable_of(int directory, const ProcessStatus& status,
                                        const ProcessContext& context) {
  struct statx inode{};
  if (!read_inode(directory, "exe", inode)) return std::nullopt;
  Executable result;
  result.inode = inode.stx_ino;
  result.change_time = nanoseconds_of(inode.stx_ctime);
  result.modify_time = nanoseconds_of(inode.stx_mtime);
  if (const auto memory = memfd_device()) {
    result.from_memfd = *memory == makedev(inode.stx_dev_major, inode.stx_dev_minor);
    result.deleted = inode.stx_nlink == 0 && !*result.from_memfd;
  }
  if (!status.uid || !status.gid) return result;
  const wire_executable file{
      .change_time = result.change_time,
      .modify_time = result.modify_time,
      .uid = inode.stx_uid,
      .gid = inode.stx_gid,
      .mode = inode.stx_mode,
      .flags = static_cast<wire_u16>(
          (inode.stx_attributes & STATX_ATTR_IMMUTABLE) != 0 ? WIRE_EXECUTABLE_UNCHANGEABLE : 0),
      .reserved = 0};
  result.writable =
      may_write(file, {.uid = status.uid->effective,
                       .gid = status.gid->effective,
                       .capabilities = status.capabilities[WIRE_CAPABILITIES_EFFECTIVE],
                       .user_namespace = context.namespaces[WIRE_NAMESPACE_USER]});
  return result;
}

ProcessContext context_of(int directory, const ProcessStat& stat, const ProcessStatus& status) {
  ProcessContext context;
  // One that ends has let go of its terminal, and of more, before it is gone.
  if (!status.uid || !stat.session_id || (stat.flags & kExiting) != 0) return context;
  context.time = boot_time();
  context.uid = status.uid->real;
  context.session_id = *stat.session_id;
  if (std::ranges::all_of(status.capabilities, &std::optional<std::uint64_t>::has_value)) {
    context.capabilities.emplace();
    for (std::size_t i = 0; i < WIRE_CAPABILITIES_COUNT; ++i) {
      (*context.capabilities)[i] = *status.capabilities[i];
    }
  }
  for (std::size_t i = 0; i < WIRE_NAMESPACES_COUNT; ++i) {
    context.namespaces[i] = namespace_of(directory, kNamespaces[i]);
  }
  if (stat.terminal) context.terminal = static_cast<std::uint32_t>(*stat.terminal);
  context.group_id = stat.group_id;
  context.vgroup_id = status.vgroup_id;
  context.vsession_id = status.vsession_id;
  return context;
}

}  // namespace

ProcReader::ProcReader(std::string proc, bool show_secrets, bool environment)
    : proc_(std::move(proc)),
      show_secrets_(show_secrets),
      environment_(environment),
      ns_per_tick_(kNsPerSecond / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK))) {}

void ProcReader::each(const std::function<void(std::uint32_t pid)>& call) const {
  std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(proc_.c_str()), ::closedir);
  if (!directory) return;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (const auto pid = parsed<std::uint32_t>(entry->d_name)) call(*pid);
  }
}

FileDescriptor ProcReader::open(std::uint32_t pid, std::uint64_t start_time) const {
  FileDescriptor directory = open_proc_folder(proc_, pid);
  if (!directory.valid()) return directory;
  const std::string text = read_small_file(directory.get(), "stat", 4096);
  const auto stat = parse_process_stat(text);
  const bool same = stat && stat->start_ticks == start_time / ns_per_tick_;
  return same ? std::move(directory) : FileDescriptor();
}

// Texts, a NUL after each, as they may be shown.
std::string ProcReader::masked(std::string texts) const {
  if (show_secrets_) return texts;
  auto redacted = redact_arguments(texts);
  return redacted ? std::move(*redacted) : texts;
}

bool ProcReader::fill(Process& process, std::uint64_t start_time) const {
  const FileDescriptor directory = open_proc_folder(proc_, process.pid);
  if (!directory.valid()) return false;
  const std::string text = read_small_file(directory.get(), "stat", 4096);
  const auto parsed_stat = parse_process_stat(text);
  if (!parsed_stat) return false;
  const ProcessStat& stat = *parsed_stat;
  if (start_time != 0 && stat.start_ticks != start_time / ns_per_tick_) return false;
  process.name = {std::string(stat.name), true};
  process.parent_pid = stat.parent;
  process.kernel_thread = (stat.flags & kKernelThread) != 0;
  process.exact = start_time != 0;
  process.start_time = start_time != 0 ? start_time : stat.start_ticks * ns_per_tick_;
  const ProcessStatus status =
      parse_process_status(read_small_file(directory.get(), "status", kStatusMax));
  process.vpid = status.vpid.value_or(0);
  process.context = context_of(directory.get(), stat, status);
  if (!process.kernel_thread) {
    process.exe = read_proc_link(directory.get(), "exe");
    process.executable = executable_of(directory.get(), status, process.context);
    bool cut = false;
    const std::string arguments =
        read_small_file(directory.get(), "cmdline", WIRE_ARGUMENTS_MAX, &cut);
    const std::string shown = masked(arguments);
    Arguments given{.text = shown, .known = true, .cut = cut};
    if (!cut) {
      const auto ends = static_cast<std::size_t>(std::ranges::count(arguments, '\0'));
      // Its owner may have written over the last one's end.
      const bool open = !arguments.empty() && arguments.back() != '\0';
      given.count = static_cast<std::uint32_t>(ends + (open ? 1 : 0));
      given.length = arguments.size() - ends;
    }
    set_arguments(process, given);
    if (environment_) {
      bool more = false;
      std::string variables =
          read_small_file(directory.get(), "environ", WIRE_ARGUMENTS_MAX, &more);
      // Empty is also what cannot be read.
      const bool known = !variables.empty();
      set_environment(process, masked(std::move(variables)), known, more);
    }
  }
  process.interpreter = {};
  process.cwd = read_proc_link(directory.get(), "cwd");
  struct statx cwd{};
  process.cwd_inode = read_inode(directory.get(), "cwd", cwd) ? cwd.stx_ino : 0;
  return true;
}

void ProcReader::fill_context(Process& process) const {
  process.context = {};
  const FileDescriptor directory = open(process.pid, process.start_time);
  if (!directory.valid()) return;
  const std::string text = read_small_file(directory.get(), "stat", 4096);
  const auto stat = parse_process_stat(text);
  if (!stat) return;
  const ProcessStatus status =
      parse_process_status(read_small_file(directory.get(), "status", kStatusMax));
  process.context = context_of(directory.get(), *stat, status);
}

KnownText ProcReader::cwd_of(std::uint32_t pid, std::uint64_t inode) const {
  const FileDescriptor directory = open_proc_folder(proc_, pid);
  struct statx cwd{};
  if (!directory.valid()) return {};
  KnownText link = read_proc_link(directory.get(), "cwd");
  return read_inode(directory.get(), "cwd", cwd) && cwd.stx_ino == inode ? link : KnownText();
}

}  // namespace outrider
