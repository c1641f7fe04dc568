// SPDX-License-Identifier: Apache-2.0
//
// Fields that no record tells and that change all the time: /proc is asked when they are read,
// which is up to the watermark after the event. Of a process that has gone by then they are
// unknown.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "events/event.h"
#include "workloads/open_files.h"
#include "workloads/proc_files.h"
#include "workloads/proc_text.h"
#include "workloads/process.h"
#include "workloads/process_fields.h"
#include "workloads/process_table.h"
#include "workloads/socket_lists.h"

namespace outrider {

namespace {

// Of status, where a process may be in 65536 groups, and of lists of sockets.
constexpr std::size_t kFileMax = 4 << 20;

// The event's process, if it still is.
FileDescriptor folder_of(const Event& event) {
  return event.processes->proc().open(event.header->pid, event.header->start_time);
}

std::string read_file(const Event& event, const char* name) {
  const FileDescriptor folder = folder_of(event);
  return folder.valid() ? read_small_file(folder.get(), name, kFileMax) : std::string();
}

// A file of the thread's own.
std::string read_thread_file(const Event& event, std::string_view name) {
  return read_file(event, fmt::format("task/{}/{}", event.header->tid, name).c_str());
}

Value number_or_unknown(std::optional<std::uint64_t> number) {
  return number ? Value::of_unsigned(*number) : Value::unknown();
}

// ---- Memory and threads: lines of status

std::optional<std::uint64_t> number_of_status(const Event& event, std::string_view key) {
  const std::string status = read_file(event, "status");
  std::string_view line = line_of(status, key);
  return parsed<std::uint64_t>(next_word(line));
}

enum class StatusNumber : std::uint8_t { kSize, kResident, kSwapped };
constexpr std::string_view kStatusKeys[] = {"VmSize", "VmRSS", "VmSwap"};

template <StatusNumber which>
Value memory(const Event& event) {
  if (event.process->kernel_thread) return Value::missing();
  return number_or_unknown(number_of_status(event, kStatusKeys[static_cast<std::size_t>(which)]));
}

// Falco's: the memory is the first thread's.
template <StatusNumber which>
Value memory_of_thread(const Event& event) {
  if (event.header->tid != event.header->pid) return Value::of_unsigned(0);
  return memory<which>(event);
}

Value threads(const Event& event) { return number_or_unknown(number_of_status(event, "Threads")); }

// Falco's: those besides the first.
Value other_threads(const Event& event) {
  const auto all = number_of_status(event, "Threads");
  return all ? Value::of_unsigned(*all - std::min<std::uint64_t>(*all, 1)) : Value::unknown();
}

// ---- Descriptors

std::optional<std::uint64_t> open_descriptors(const Event& event) {
  const FileDescriptor folder = folder_of(event);
  std::uint64_t count = 0;
  const bool known = folder.valid() && each_descriptor(folder.get(), [&](auto) { ++count; });
  return known ? std::optional(count) : std::nullopt;
}

// Above it none is opened; nullopt also if there is no limit.
std::optional<std::uint64_t> descriptor_limit(const Event& event) {
  return limit_in(read_file(event, "limits"), "Max open files");
}

Value descriptor_usage(const Event& event) {
  const auto open = open_descriptors(event);
  const auto limit = descriptor_limit(event);
  if (!open || !limit || *limit == 0) return Value::unknown();
  return Value::of_unsigned(*open * 100 / *limit);
}

// ---- Standard input, output and error

// What the kernel calls the protocol of a socket (struct proto in net/*), Falco's name for its
// family, and where the ends of such sockets are listed.
struct ProtocolType {
  std::string_view protocol;
  std::string_view type;
  const char* list = nullptr;
};
constexpr ProtocolType kProtocols[] = {
    {"TCP", "ipv4", "net/tcp"}, {"TCPv6", "ipv6", "net/tcp6"},
    {"UDP", "ipv4", "net/udp"}, {"UDPv6", "ipv6", "net/udp6"},
    {"MPTCP", "ipv4"},          {"MPTCPv6", "ipv6"},
    {"RAW", "ipv4", "net/raw"}, {"RAWv6", "ipv6", "net/raw6"},
    {"PING", "ipv4"},           {"PINGv6", "ipv6"},
    {"UNIX", "unix"},           {"UNIX-STREAM", "unix"},
    {"NETLINK", "netlink"},     {"PACKET", "packet"},
    {"AF_VSOCK", "vsock"},
};

// The protocol of a socket; nullptr if it is not known. No reference to the socket is taken that
// would have to be given back.
const ProtocolType* protocol_of(const Event& event, int number) {
  const FileDescriptor folder = folder_of(event);
  if (!folder.valid()) return nullptr;
  const FileDescriptor path(
      ::openat(folder.get(), fmt::format("fd/{}", number).c_str(), O_PATH | O_CLOEXEC));
  // It may be another one by now: a file system of somebody's own could keep us waiting.
  const std::string self = fmt::format("/proc/self/fd/{}", path.get());
  if (!path.valid() || socket_inode(read_proc_link(AT_FDCWD, self.c_str()).text).empty()) {
    return nullptr;
  }
  std::array<char, 64> name{};
  const ssize_t length =
      ::getxattr(self.c_str(), "system.sockprotoname", name.data(), name.size() - 1);
  if (length <= 0) return nullptr;
  const auto* row =
      std::ranges::find(kProtocols, std::string_view(name.data()), &ProtocolType::protocol);
  return row != std::end(kProtocols) ? row : nullptr;
}

// Both ends of a socket; empty if it is not in the list.
std::string endpoints(const Event& event, std::string_view file, std::string_view inode) {
  const auto wanted = parsed<std::uint64_t>(inode);
  const auto lists = socket_lists();
  const auto list = std::ranges::find(lists, file, &SocketList::file);
  if (!wanted || list == lists.end()) return {};
  std::string ends;
  const std::string lines = read_file(event, std::string(file).c_str());
  each_listed_socket(*list, lines, wanted, [&](const ListedSocket& socket) {
    if (socket.local && socket.remote) ends = endpoints_text(*socket.local, *socket.remote);
  });
  return ends;
}

KnownText link_of(const Event& event, int number) {
  const FileDescriptor folder = folder_of(event);
  return folder.valid() ? read_proc_link(folder.get(), fmt::format("fd/{}", number).c_str())
                        : KnownText();
}

// Whether it is known that there is no such descriptor, or that the process has gone.
Value without_link(const Event& event) {
  if (event.process->kernel_thread) return Value::missing();
  return folder_of(event).valid() ? Value::missing() : Value::unknown();
}

Value type_of_descriptor(const Event& event, int number) {
  const KnownText link = link_of(event, number);
  if (!link.known) return without_link(event);
  if (!socket_inode(link.text).empty()) {
    const ProtocolType* protocol = protocol_of(event, number);
    return protocol != nullptr ? Value::of_text(protocol->type) : Value::unknown();
  }
  const std::string_view type = type_of_link(link.text);
  return type.empty() ? Value::unknown() : Value::of_text(type);
}

template <int number>
Value descriptor_type(const Event& event) {
  return type_of_descriptor(event, number);
}

// Falco's: of all descriptors, each type once; or of one.
Value descriptor_types(const Event& event, const FieldArgument& argument) {
  if (argument.given) {
    if (argument.index > INT_MAX) return Value::missing();
    return type_of_descriptor(event, static_cast<int>(argument.index));
  }
  const FileDescriptor folder = folder_of(event);
  std::set<std::string_view> types;  // static texts
  const bool known = folder.valid() && each_descriptor(folder.get(), [&](std::uint32_t number) {
                       const Value type = type_of_descriptor(event, static_cast<int>(number));
                       if (type.kind == Value::Kind::kText) types.insert(type.text);
                     });
  if (!known) return Value::unknown();
  std::string items;
  for (const std::string_view type : types) items.append(type).append(1, '\0');
  Value value = Value::of_text(event.arena->copy(items));
  value.kind = Value::Kind::kTextList;
  return value;
}

template <int number>
Value descriptor_name(const Event& event) {
  const KnownText link = link_of(event, number);
  if (!link.known) return without_link(event);
  if (const std::string_view inode = socket_inode(link.text); !inode.empty()) {
    const ProtocolType* protocol = protocol_of(event, number);
    if (protocol != nullptr && protocol->list != nullptr) {
      const std::string ends = endpoints(event, protocol->list, inode);
      if (!ends.empty()) return Value::of_text(event.arena->copy(ends));
    }
  }
  return Value::of_text(event.arena->copy(link.text), link.cut);
}

// ---- The thread

Value virtual_tid(const Event& event) {
  const wire_header& header = *event.header;
  if (header.vpid == 0) return Value::unknown();
  if (header.tid == header.pid) return Value::of_unsigned(header.vpid);
  return number_or_unknown(parse_process_status(read_thread_file(event, "status")).vpid);
}

// proc(5): the place of a number in stat.
enum StatPlace : std::uint8_t { kMinorFaults = 10, kMajorFaults = 12 };

template <StatPlace place>
Value number_of_stat(const Event& event) {
  const std::string stat = read_thread_file(event, "stat");
  std::string_view fields = fields_of_stat(stat);
  std::string_view word;
  for (int i = 3; i <= place; ++i) word = next_word(fields);
  return number_or_unknown(parsed<std::uint64_t>(word));
}

// On a CPU, in ns: the first number of schedstat (Documentation/scheduler/sched-stats.rst).
Value processor_time(const Event& event) {
  const std::string text = read_thread_file(event, "schedstat");
  std::string_view line = text;
  return number_or_unknown(parsed<std::uint64_t>(next_word(line)));
}

Value name_and_id(const Event& event) {
  const char* comm = event.header->comm;
  return Value::of_text(event.arena->copy(
      fmt::format("{}{}", std::string_view(comm, ::strnlen(comm, sizeof(event.header->comm))),
                  event.header->tid)));
}

Value cgroups(const Event& event) {
  const std::string text = read_thread_file(event, "cgroup");
  if (text.empty()) return Value::unknown();
  std::string items;
  each_cgroup_line(text, [&](std::string_view controller, std::string_view path) {
    fmt::format_to(std::back_inserter(items), "{}={}", controller, path);
    items += '\0';
  });
  Value value = Value::of_text(event.arena->copy(items));
  value.kind = Value::Kind::kTextList;
  return value;
}

Value cgroup(const Event& event, const FieldArgument& argument) {
  const std::string text = read_thread_file(event, "cgroup");
  if (text.empty()) return Value::unknown();
  Value value = Value::missing();
  each_cgroup_line(text, [&](std::string_view controller, std::string_view path) {
    if (controller == argument.text) value = Value::of_text(event.arena->copy(path));
  });
  return value;
}

// clang-format off: a table
constexpr FieldDescriptor kFields[] = {
    {"proc.vmsize", FieldType::kUnsigned, "kB", "address space of the process, as /proc has it now", "VMSIZE", 10,
     memory<StatusNumber::kSize>},
    {"proc.vmrss", FieldType::kUnsigned, "kB", "memory that it has in use now", "RSS", 9,
     memory<StatusNumber::kResident>},
    {"proc.vmswap", FieldType::kUnsigned, "kB", "memory of it that is swapped out now", "SWAP", 9,
     memory<StatusNumber::kSwapped>},
    {"proc.nthreads", FieldType::kUnsigned, "", "threads that the process has now", "THREADS", 7, threads},
    {"proc.nchilds", FieldType::kUnsigned, "", "the same without the first", "NCHILDS", 7, other_threads},
    {"proc.fdopencount", FieldType::kUnsigned, "", "descriptors that the process has open now", "FDS", 6,
     [](const Event& event) { return number_or_unknown(open_descriptors(event)); }},
    {"proc.fdlimit", FieldType::kUnsigned, "", "how many it may have open", "FDLIMIT", 8,
     [](const Event& event) { return number_or_unknown(descriptor_limit(event)); }},
    {"proc.fdusage", FieldType::kUnsigned, "%", "how much of that it uses now", "FDUSE", 5, descriptor_usage},
    {"proc.stdin.type", FieldType::kText, "", "what its standard input is now: file, pipe, ipv4, unix and the like", "STDIN",
     7, descriptor_type<0>},
    {"proc.stdin.name", FieldType::kPath, "", "its path, or both ends of it", "STDINNAME", 20, descriptor_name<0>},
    {"proc.stdout.type", FieldType::kText, "", "the same of its standard output", "STDOUT", 7, descriptor_type<1>},
    {"proc.stdout.name", FieldType::kPath, "", "the same of its standard output", "STDOUTNAME", 20,
     descriptor_name<1>},
    {"proc.stderr.type", FieldType::kText, "", "the same of its standard error", "STDERR", 7, descriptor_type<2>},
    {"proc.stderr.name", FieldType::kPath, "", "the same of its standard error", "STDERRNAME", 20,
     descriptor_name<2>},
    {"thread.vtid", FieldType::kUnsigned, "", "id of the thread in its own pid namespace", "VTID", 7, virtual_tid},
    {"thread.nametid", FieldType::kText, "", "comm and id of the thread, together", "NAMETID", 22, name_and_id},
    {"thread.pfminor", FieldType::kUnsigned, "", "page faults of the thread that needed no disk, until now",
     "PFMINOR", 8, number_of_stat<kMinorFaults>},
    {"thread.pfmajor", FieldType::kUnsigned, "", "page faults of the thread that needed one, until now", "PFMAJOR",
     8, number_of_stat<kMajorFaults>},
    {"thread.totexectime", FieldType::kDuration, "ns", "how long the thread was on a CPU, until now", "CPUTIME", 8,
     processor_time},
    {"thread.vmsize", FieldType::kUnsigned, "kB", "proc.vmsize; 0 if it is not the first thread", "TVMSIZE", 10,
     memory_of_thread<StatusNumber::kSize>},
    {"thread.vmrss", FieldType::kUnsigned, "kB", "proc.vmrss; 0 if it is not the first thread", "TRSS", 9,
     memory_of_thread<StatusNumber::kResident>},
    {"thread.cgroups", FieldType::kTextList, "", "its cgroups now: controller=path of each; = that of the unified one",
     "CGROUPS", 40, cgroups},
};
constexpr FieldWithArgument kFieldsWithArgument[] = {
    {{"thread.cgroup", FieldType::kPath, "", "its cgroup now of a controller of version 1: thread.cgroup[cpu]",
      "CGROUP", 20, nullptr},
     {.argument = ArgumentUse::kRequiredText, .read = cgroup}},
    {{"fd.types", FieldType::kText, "", "what its descriptors are now, each type once; of one: fd.types[0]", "FDTYPES",
      20, nullptr},
     {.argument = ArgumentUse::kOptionalIndex, .read = descriptor_types}},
};
// clang-format on

}  // namespace

std::span<const FieldDescriptor* const> process_now_fields() {
  static constexpr auto kPointers = pointers_to(kFields);
  return kPointers;
}

std::span<const FieldWithArgument> process_now_fields_with_argument() {
  return kFieldsWithArgument;
}

}  // namespace outrider
