// SPDX-License-Identifier: Apache-2.0
#include "syscalls/structures.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "syscalls/names.h"

namespace outrider {

namespace {

using enum MemberType;

std::uint64_t number_at(std::string_view bytes, const Place& place, bool is_signed) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data() + place.offset, place.size);  // little-endian
  if (is_signed && place.size < 8 && number >> (8 * place.size - 1) != 0) {
    number |= ~std::uint64_t{0} << (8 * place.size);
  }
  return number;
}

template <typename Number>
Number network_order_at(std::string_view bytes, std::size_t offset) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    number = static_cast<Number>(number << 8 | static_cast<unsigned char>(bytes[offset + i]));
  }
  return number;
}

template <typename Number>
Number host_order_at(std::string_view bytes, std::size_t offset) {
  Number number = 0;
  std::memcpy(&number, bytes.data() + offset, sizeof(number));
  return number;
}

using Text = fmt::memory_buffer;

template <typename... Arguments>
void add(Text& text, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Arguments>(arguments)...);
}

std::string_view keep(const Text& text, Arena& arena) {
  return arena.copy({text.data(), text.size()});
}

void add_signals(Text& text, std::uint64_t set, Arena& arena) {
  text.push_back('[');
  std::string_view between;
  for (int number = 1; number <= 64; ++number) {
    if ((set >> (number - 1) & 1) == 0) continue;
    add(text, "{}{}", between, signal_name(number, arena));
    between = " ";
  }
  text.push_back(']');
}

void add_member(Text& text, const Member& member, std::string_view bytes, const Place& place,
                Arena& arena) {
  const std::uint64_t number = number_at(bytes, place, member.type == kSigned);
  switch (member.type) {
    case kSigned:
      add(text, "{}", static_cast<std::int64_t>(number));
      return;
    case kUnsigned:
      add(text, "{}", number);
      return;
    case kHexadecimal:
      add(text, "{:#x}", number);
      return;
    case kLimit:
      if (number == ~std::uint64_t{0} >> (64 - 8 * place.size)) {
        text.append(std::string_view("RLIM_INFINITY"));
      } else {
        add(text, "{}", number);
      }
      return;
    case kOctal:
      add(text, "{:04o}", number);
      return;
    case kNamed:
      add(text, "{}", number_text(*member.names, number, arena));
      return;
    case kSignal:
      add(text, "{}", signal_name(static_cast<int>(number), arena));
      return;
    case kSignalSet:
      add_signals(text, number, arena);
      return;
  }
}

void add_structure(Text& text, const Structure& structure, wire_abi abi, std::string_view bytes,
                   Arena& arena) {
  // What is one number is shown as that, and what has no names in brackets.
  const bool is_number = structure.members.size() == 1 && structure.members[0].name.empty();
  const bool is_array = !is_number && structure.members[0].name.empty();
  if (!is_number) text.push_back(is_array ? '[' : '{');
  std::string_view between;
  for (const Member& member : structure.members) {
    const Place& place = member.places[abi];
    if (place.size == 0) continue;
    if (std::size_t{place.offset} + place.size > bytes.size()) {
      add(text, "{}...", between);
      break;
    }
    text.append(between);
    if (!member.name.empty()) add(text, "{}=", member.name);
    add_member(text, member, bytes, place, arena);
    between = ", ";
  }
  if (!is_number) text.push_back(is_array ? ']' : '}');
}

void add_quoted(Text& text, std::string_view bytes) {
  text.push_back('"');
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        text.append(std::string_view("\\\""));
        break;
      case '\\':
        text.append(std::string_view("\\\\"));
        break;
      case '\n':
        text.append(std::string_view("\\n"));
        break;
      case '\t':
        text.append(std::string_view("\\t"));
        break;
      case '\r':
        text.append(std::string_view("\\r"));
        break;
      default:
        // Beyond ASCII it may be UTF-8: who writes it knows what to do with the rest.
        if (byte < 0x20 || byte == 0x7f) {
          add(text, "\\x{:02x}", byte);
        } else {
          text.push_back(c);
        }
    }
  }
  text.push_back('"');
}

void add_address(Text& text, int family, std::string_view address) {
  char out[INET6_ADDRSTRLEN];
  text.append(std::string_view(::inet_ntop(family, address.data(), out, sizeof(out))));
}

// include/uapi/linux/un.h: a path, or a name that begins with a NUL.
void add_unix(Text& text, std::string_view name) {
  if (name.empty()) return;
  add(text, ", sun_path=");
  if (name.front() == '\0') {
    text.push_back('@');
    add_quoted(text, name.substr(1));
  } else {
    add_quoted(text, name.substr(0, name.find('\0')));
  }
}

// By family: how long its address is at least, and what is in it.
struct Family {
  int family;
  std::size_t size;
  void (*add)(Text& text, std::string_view bytes, Arena& arena);
};

// clang-format off: a table
constexpr Family kFamilies[] = {
    {AF_UNIX, 2, [](Text& text, std::string_view bytes, Arena&) { add_unix(text, bytes.substr(2)); }},
    {AF_INET, 8, [](Text& text, std::string_view bytes, Arena&) {
      add(text, ", sin_port={}, sin_addr=", network_order_at<std::uint16_t>(bytes, 2));
      add_address(text, AF_INET, bytes.substr(4));
    }},
    {AF_INET6, 24, [](Text& text, std::string_view bytes, Arena&) {
      add(text, ", sin6_port={}, sin6_addr=", network_order_at<std::uint16_t>(bytes, 2));
      add_address(text, AF_INET6, bytes.substr(8));
      if (bytes.size() >= 28) {
        const auto scope = host_order_at<std::uint32_t>(bytes, 24);
        if (scope != 0) add(text, ", sin6_scope_id={}", scope);
      }
    }},
    // include/uapi/linux/netlink.h, if_packet.h, vm_sockets.h
    {AF_NETLINK, 12, [](Text& text, std::string_view bytes, Arena&) {
      add(text, ", nl_pid={}, nl_groups={:#x}", host_order_at<std::uint32_t>(bytes, 4),
          host_order_at<std::uint32_t>(bytes, 8));
    }},
    {AF_PACKET, 12, [](Text& text, std::string_view bytes, Arena&) {
      add(text, ", sll_protocol={:#06x}, sll_ifindex={}", network_order_at<std::uint16_t>(bytes, 2),
          host_order_at<std::int32_t>(bytes, 4));
    }},
    {AF_VSOCK, 12, [](Text& text, std::string_view bytes, Arena&) {
      add(text, ", svm_cid={}, svm_port={}", host_order_at<std::uint32_t>(bytes, 8),
          host_order_at<std::uint32_t>(bytes, 4));
    }},
};
// clang-format on

}  // namespace

std::string_view structure_text(const Structure& structure, wire_abi abi, std::string_view bytes,
                                Arena& arena) {
  Text text;
  add_structure(text, structure, abi, bytes, arena);
  return keep(text, arena);
}

std::string_view structures_text(const Structure& structure, wire_abi abi, std::string_view bytes,
                                 bool cut, Arena& arena) {
  Text text;
  text.push_back('[');
  std::string_view between;
  const std::size_t size = structure.sizes[abi];
  while (bytes.size() >= size) {
    text.append(between);
    add_structure(text, structure, abi, bytes.substr(0, size), arena);
    bytes.remove_prefix(size);
    between = ", ";
  }
  if (cut) add(text, "{}...", between);
  text.push_back(']');
  return keep(text, arena);
}

std::string_view socket_address_text(std::string_view bytes, Arena& arena) {
  Text text;
  if (bytes.size() < 2) {
    text.append(std::string_view("{}"));
    return keep(text, arena);
  }
  const auto number = host_order_at<std::uint16_t>(bytes, 0);
  add(text, "{{sa_family={}", number_text(names::kFamily, number, arena));
  const auto* const family = std::ranges::find(kFamilies, number, &Family::family);
  if (family != std::end(kFamilies)) {
    if (bytes.size() >= family->size) {
      family->add(text, bytes, arena);
    } else {
      text.append(std::string_view(", ..."));
    }
  }
  text.push_back('}');
  return keep(text, arena);
}

std::string_view quoted_text(std::string_view bytes, bool cut, Arena& arena) {
  Text text;
  add_quoted(text, bytes);
  if (cut) text.append(std::string_view("..."));
  return keep(text, arena);
}

// ---- tables

namespace {

// The same in 64-bit and in 32-bit processes.
constexpr Member fixed(std::string_view name, MemberType type, std::uint16_t offset,
                       std::uint8_t size, const NumberNames* names = nullptr) {
  return {name, type, {{{offset, size}, {offset, size}}}, names};
}

// A long or a pointer.
constexpr Member word(std::string_view name, MemberType type, std::uint16_t offset_64,
                      std::uint16_t offset_32, const NumberNames* names = nullptr) {
  return {name, type, {{{offset_64, 8}, {offset_32, 4}}}, names};
}

// An int or the like that is not in the same place.
constexpr Member moved(std::string_view name, MemberType type, std::uint8_t size,
                       std::uint16_t offset_64, std::uint16_t offset_32,
                       const NumberNames* names = nullptr) {
  return {name, type, {{{offset_64, size}, {offset_32, size}}}, names};
}

// clang-format off: tables
// include/uapi/linux/time.h, time_types.h
constexpr Member kTimespecMembers[] = {
    word("tv_sec", kSigned, 0, 0), word("tv_nsec", kSigned, 8, 4)};
constexpr Member kTimespec64Members[] = {
    fixed("tv_sec", kSigned, 0, 8), fixed("tv_nsec", kSigned, 8, 8)};
constexpr Member kTimespecPairMembers[] = {
    word("atime.tv_sec", kSigned, 0, 0), word("atime.tv_nsec", kSigned, 8, 4),
    word("mtime.tv_sec", kSigned, 16, 8), word("mtime.tv_nsec", kSigned, 24, 12)};
constexpr Member kTimespecPair64Members[] = {
    fixed("atime.tv_sec", kSigned, 0, 8), fixed("atime.tv_nsec", kSigned, 8, 8),
    fixed("mtime.tv_sec", kSigned, 16, 8), fixed("mtime.tv_nsec", kSigned, 24, 8)};
constexpr Member kTimevalMembers[] = {
    word("tv_sec", kSigned, 0, 0), word("tv_usec", kSigned, 8, 4)};
constexpr Member kTimevalPairMembers[] = {
    word("atime.tv_sec", kSigned, 0, 0), word("atime.tv_usec", kSigned, 8, 4),
    word("mtime.tv_sec", kSigned, 16, 8), word("mtime.tv_usec", kSigned, 24, 12)};
constexpr Member kItimerspecMembers[] = {
    word("it_interval.tv_sec", kSigned, 0, 0), word("it_interval.tv_nsec", kSigned, 8, 4),
    word("it_value.tv_sec", kSigned, 16, 8), word("it_value.tv_nsec", kSigned, 24, 12)};
constexpr Member kItimerspec64Members[] = {
    fixed("it_interval.tv_sec", kSigned, 0, 8), fixed("it_interval.tv_nsec", kSigned, 8, 8),
    fixed("it_value.tv_sec", kSigned, 16, 8), fixed("it_value.tv_nsec", kSigned, 24, 8)};
constexpr Member kItimervalMembers[] = {
    word("it_interval.tv_sec", kSigned, 0, 0), word("it_interval.tv_usec", kSigned, 8, 4),
    word("it_value.tv_sec", kSigned, 16, 8), word("it_value.tv_usec", kSigned, 24, 12)};
constexpr Member kUtimbufMembers[] = {
    word("actime", kSigned, 0, 0), word("modtime", kSigned, 8, 4)};

// include/uapi/linux/resource.h
constexpr Member kRlimitMembers[] = {word("rlim_cur", kLimit, 0, 0), word("rlim_max", kLimit, 8, 4)};
constexpr Member kRlimit64Members[] = {
    fixed("rlim_cur", kLimit, 0, 8), fixed("rlim_max", kLimit, 8, 8)};

// include/uapi/linux/uio.h
constexpr Member kIovecMembers[] = {
    word("iov_base", kHexadecimal, 0, 0), word("iov_len", kUnsigned, 8, 4)};
// include/uapi/asm-generic/poll.h
constexpr Member kPollfdMembers[] = {
    fixed("fd", kSigned, 0, 4), fixed("events", kNamed, 4, 2, &names::kPoll),
    fixed("revents", kNamed, 6, 2, &names::kPoll)};
// include/uapi/linux/eventpoll.h: packed on x86-64 only.
#if defined(__x86_64__)
constexpr std::uint16_t kEpollData = 4, kEpollSize = 12;
#else
constexpr std::uint16_t kEpollData = 8, kEpollSize = 16;
#endif
constexpr Member kEpollMembers[] = {
    fixed("events", kNamed, 0, 4, &names::kEpollEvents), fixed("data", kHexadecimal, kEpollData, 8)};

// arch/x86/include/uapi/asm/signal.h, include/linux/signal_types.h
constexpr Member kSigactionMembers[] = {
    word("sa_handler", kHexadecimal, 0, 0), word("sa_flags", kNamed, 8, 4, &names::kSigaction),
    {"sa_mask", kSignalSet, {{{24, 8}, {12, 8}}}}, word("sa_restorer", kHexadecimal, 16, 8)};
// Of sigaction(2) before real-time signals: i386 only.
constexpr Member kOldSigactionMembers[] = {
    fixed("sa_handler", kHexadecimal, 0, 4), fixed("sa_mask", kSignalSet, 4, 4),
    fixed("sa_flags", kNamed, 8, 4, &names::kSigaction), fixed("sa_restorer", kHexadecimal, 12, 4)};
constexpr Member kSigsetMembers[] = {fixed("", kSignalSet, 0, 8)};
constexpr Member kOldSigsetMembers[] = {fixed("", kSignalSet, 0, 4)};
constexpr Member kStackMembers[] = {
    word("ss_sp", kHexadecimal, 0, 0), moved("ss_flags", kNamed, 4, 8, 4, &names::kSigaltstack),
    word("ss_size", kUnsigned, 16, 8)};
constexpr Member kSigeventMembers[] = {
    word("sigev_value", kHexadecimal, 0, 0), moved("sigev_signo", kSignal, 4, 8, 4),
    moved("sigev_notify", kNamed, 4, 12, 8, &names::kSigevent)};

// include/uapi/linux/sched.h, sched/types.h
constexpr Member kCloneArgsMembers[] = {
    fixed("flags", kNamed, 0, 8, &names::kClone), fixed("pidfd", kHexadecimal, 8, 8),
    fixed("child_tid", kHexadecimal, 16, 8), fixed("parent_tid", kHexadecimal, 24, 8),
    fixed("exit_signal", kSignal, 32, 8), fixed("stack", kHexadecimal, 40, 8),
    fixed("stack_size", kUnsigned, 48, 8), fixed("tls", kHexadecimal, 56, 8)};
constexpr Member kSchedAttrMembers[] = {
    fixed("size", kUnsigned, 0, 4), fixed("sched_policy", kNamed, 4, 4, &names::kPolicy),
    fixed("sched_flags", kNamed, 8, 8, &names::kSchedAttribute), fixed("sched_nice", kSigned, 16, 4),
    fixed("sched_priority", kUnsigned, 20, 4), fixed("sched_runtime", kUnsigned, 24, 8),
    fixed("sched_deadline", kUnsigned, 32, 8), fixed("sched_period", kUnsigned, 40, 8)};
constexpr Member kSchedParamMembers[] = {fixed("sched_priority", kSigned, 0, 4)};

// include/uapi/linux/openat2.h. The flags are those of open(2).
constexpr Member kOpenHowMembers[] = {
    fixed("flags", kNamed, 0, 8, &names::kOpen), fixed("mode", kOctal, 8, 8),
    fixed("resolve", kNamed, 16, 8, &names::kResolve)};
// include/uapi/linux/bpf.h: what its first words mean depends on the command.
constexpr Member kBpfAttrMembers[] = {
    fixed("", kHexadecimal, 0, 4), fixed("", kHexadecimal, 4, 4), fixed("", kHexadecimal, 8, 4),
    fixed("", kHexadecimal, 12, 4)};
constexpr Member kDescriptorPairMembers[] = {fixed("", kSigned, 0, 4), fixed("", kSigned, 4, 4)};
// include/linux/socket.h: struct user_msghdr, struct mmsghdr
constexpr Member kMessageHeaderMembers[] = {
    word("msg_name", kHexadecimal, 0, 0), moved("msg_namelen", kUnsigned, 4, 8, 4),
    word("msg_iov", kHexadecimal, 16, 8), word("msg_iovlen", kUnsigned, 24, 12),
    word("msg_control", kHexadecimal, 32, 16), word("msg_controllen", kUnsigned, 40, 20),
    moved("msg_flags", kNamed, 4, 48, 24, &names::kMessage)};
constexpr Member kMultipleHeaderMembers[] = {
    word("msg_name", kHexadecimal, 0, 0), moved("msg_namelen", kUnsigned, 4, 8, 4),
    word("msg_iov", kHexadecimal, 16, 8), word("msg_iovlen", kUnsigned, 24, 12),
    word("msg_controllen", kUnsigned, 40, 20), moved("msg_len", kUnsigned, 4, 56, 28)};
// include/uapi/linux/sem.h
constexpr NamedValue kSembufBits[] = {{"IPC_NOWAIT", 04000}, {"SEM_UNDO", 0x1000}};
constexpr NumberNames kSembufFlags{.flags = kSembufBits};
constexpr Member kSembufMembers[] = {
    fixed("sem_num", kUnsigned, 0, 2), fixed("sem_op", kSigned, 2, 2),
    fixed("sem_flg", kNamed, 4, 2, &kSembufFlags)};
// include/uapi/linux/mount.h
constexpr Member kMountAttrMembers[] = {
    fixed("attr_set", kNamed, 0, 8, &names::kMountAttribute),
    fixed("attr_clr", kNamed, 8, 8, &names::kMountAttribute),
    fixed("propagation", kNamed, 16, 8, &names::kMount), fixed("userns_fd", kUnsigned, 24, 8)};
constexpr Member kMountIdRequestMembers[] = {
    fixed("size", kUnsigned, 0, 4), fixed("mnt_id", kHexadecimal, 8, 8),
    fixed("param", kHexadecimal, 16, 8)};
// include/uapi/linux/capability.h
constexpr Member kCapabilityHeaderMembers[] = {
    fixed("version", kHexadecimal, 0, 4), fixed("pid", kSigned, 4, 4)};
constexpr Member kCapabilityDataMembers[] = {
    fixed("effective", kHexadecimal, 0, 4), fixed("permitted", kHexadecimal, 4, 4),
    fixed("inheritable", kHexadecimal, 8, 4)};
// include/uapi/linux/fs.h
constexpr Member kFileHandleMembers[] = {
    fixed("handle_bytes", kUnsigned, 0, 4), fixed("handle_type", kSigned, 4, 4)};
constexpr Member kXattrArgsMembers[] = {
    fixed("value", kHexadecimal, 0, 8), fixed("size", kUnsigned, 8, 4),
    fixed("flags", kNamed, 12, 4, &names::kXattr)};
// include/uapi/linux/perf_event.h
constexpr Member kPerfMembers[] = {
    fixed("type", kUnsigned, 0, 4), fixed("size", kUnsigned, 4, 4),
    fixed("config", kHexadecimal, 8, 8), fixed("sample_period", kUnsigned, 16, 8)};
// include/uapi/linux/futex.h
constexpr Member kFutexWaitvMembers[] = {
    fixed("val", kUnsigned, 0, 8), fixed("uaddr", kHexadecimal, 8, 8),
    fixed("flags", kNamed, 16, 4, &names::kFutex2)};
// include/uapi/linux/mqueue.h
constexpr Member kMqAttrMembers[] = {
    word("mq_flags", kHexadecimal, 0, 0), word("mq_maxmsg", kSigned, 8, 4),
    word("mq_msgsize", kSigned, 16, 8), word("mq_curmsgs", kSigned, 24, 12)};
// include/uapi/linux/landlock.h
constexpr Member kLandlockMembers[] = {fixed("handled_access_fs", kHexadecimal, 0, 8)};
// include/uapi/linux/io_uring.h
constexpr Member kUringParamsMembers[] = {
    fixed("sq_entries", kUnsigned, 0, 4), fixed("cq_entries", kUnsigned, 4, 4),
    fixed("flags", kHexadecimal, 8, 4), fixed("features", kHexadecimal, 20, 4)};
// arch/x86/include/uapi/asm/ldt.h
constexpr Member kUserDescMembers[] = {
    fixed("entry_number", kSigned, 0, 4), fixed("base_addr", kHexadecimal, 4, 4),
    fixed("limit", kHexadecimal, 8, 4)};
// include/uapi/asm-generic/fcntl.h: struct flock and flock64, of 32-bit processes
// include/linux/compat.h
constexpr Member kFlockMembers[] = {
    fixed("l_type", kNamed, 0, 2, &names::kLease), fixed("l_whence", kNamed, 2, 2, &names::kSeek),
    word("l_start", kSigned, 8, 4), word("l_len", kSigned, 16, 8),
    moved("l_pid", kSigned, 4, 24, 12)};
constexpr Member kFlock64Members[] = {
    fixed("l_type", kNamed, 0, 2, &names::kLease), fixed("l_whence", kNamed, 2, 2, &names::kSeek),
    moved("l_start", kSigned, 8, 8, 4), moved("l_len", kSigned, 8, 16, 12),
    moved("l_pid", kSigned, 4, 24, 20)};
// Numbers.
constexpr Member kIdMembers[] = {fixed("", kUnsigned, 0, 4)};
constexpr Member kId16Members[] = {fixed("", kUnsigned, 0, 2)};
constexpr Member kIntMembers[] = {fixed("", kSigned, 0, 4)};
constexpr Member kOffsetMembers[] = {fixed("", kSigned, 0, 8)};
constexpr Member kWordMembers[] = {word("", kHexadecimal, 0, 0)};
// clang-format on

}  // namespace

namespace structures {

const Structure kTimespec{{16, 8}, kTimespecMembers};
const Structure kTimespec64{{16, 16}, kTimespec64Members};
const Structure kTimespecPair{{32, 16}, kTimespecPairMembers};
const Structure kTimespecPair64{{32, 32}, kTimespecPair64Members};
const Structure kTimeval{{16, 8}, kTimevalMembers};
const Structure kTimevalPair{{32, 16}, kTimevalPairMembers};
const Structure kItimerspec{{32, 16}, kItimerspecMembers};
const Structure kItimerspec64{{32, 32}, kItimerspec64Members};
const Structure kItimerval{{32, 16}, kItimervalMembers};
const Structure kUtimbuf{{16, 8}, kUtimbufMembers};
const Structure kRlimit{{16, 8}, kRlimitMembers};
const Structure kRlimit64{{16, 16}, kRlimit64Members};
const Structure kIovec{{16, 8}, kIovecMembers};
const Structure kPollfd{{8, 8}, kPollfdMembers};
const Structure kEpollEvent{{kEpollSize, kEpollSize}, kEpollMembers};
const Structure kSigaction{{32, 20}, kSigactionMembers};
const Structure kOldSigaction{{16, 16}, kOldSigactionMembers};
const Structure kSigset{{8, 8}, kSigsetMembers};
const Structure kOldSigset{{4, 4}, kOldSigsetMembers};
const Structure kStack{{24, 12}, kStackMembers};
const Structure kSigevent{{16, 12}, kSigeventMembers};
const Structure kCloneArgs{{64, 64}, kCloneArgsMembers};
const Structure kSchedAttr{{48, 48}, kSchedAttrMembers};
const Structure kSchedParam{{4, 4}, kSchedParamMembers};
const Structure kOpenHow{{24, 24}, kOpenHowMembers};
const Structure kBpfAttr{{16, 16}, kBpfAttrMembers};
const Structure kDescriptorPair{{8, 8}, kDescriptorPairMembers};
const Structure kMessageHeader{{56, 28}, kMessageHeaderMembers};
const Structure kMultipleHeader{{64, 32}, kMultipleHeaderMembers};
const Structure kSembuf{{6, 6}, kSembufMembers};
const Structure kMountAttr{{32, 32}, kMountAttrMembers};
const Structure kMountIdRequest{{24, 24}, kMountIdRequestMembers};
const Structure kCapabilityHeader{{8, 8}, kCapabilityHeaderMembers};
const Structure kCapabilityData{{12, 12}, kCapabilityDataMembers};
const Structure kFileHandle{{8, 8}, kFileHandleMembers};
const Structure kXattrArgs{{16, 16}, kXattrArgsMembers};
const Structure kPerfEventAttr{{24, 24}, kPerfMembers};
const Structure kFutexWaitv{{24, 24}, kFutexWaitvMembers};
const Structure kMqAttr{{32, 16}, kMqAttrMembers};
const Structure kLandlockRuleset{{8, 8}, kLandlockMembers};
const Structure kUringParams{{24, 24}, kUringParamsMembers};
const Structure kUserDesc{{12, 12}, kUserDescMembers};
const Structure kFlock{{32, 16}, kFlockMembers};
const Structure kFlock64{{32, 24}, kFlock64Members};
const Structure kIds{{4, 4}, kIdMembers};
const Structure kIds16{{2, 2}, kId16Members};
const Structure kInt{{4, 4}, kIntMembers};
const Structure kOffset{{8, 8}, kOffsetMembers};
const Structure kWord{{8, 4}, kWordMembers};

}  // namespace structures

}  // namespace outrider
