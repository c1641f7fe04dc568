// SPDX-License-Identifier: Apache-2.0
//
// Sockets: the lists of /proc/PID/net for each network namespace that a process is in, and who has
// which open. What no process has (connections that are ending, the kernel's own) comes last.
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "snapshots/kinds.h"
#include "workloads/open_files.h"
#include "workloads/proc_files.h"
#include "workloads/process.h"
#include "workloads/process_table.h"

namespace outrider {

namespace {

struct Socket {
  std::string_view type;      // ipv4, ipv6, unix, netlink, packet; empty: not known
  std::string_view protocol;  // tcp, udp, raw, stream, ...; empty: none
  std::string_view state;     // empty: not known
  std::optional<Endpoint> local;
  std::optional<Endpoint> remote;
  std::string path;  // of a Unix socket; the first character of an abstract one is '@'
  std::optional<std::uint64_t> uid;
  std::optional<std::uint64_t> receiving;  // bytes
  std::optional<std::uint64_t> sending;
  std::optional<std::uint64_t> inode;   // 0: no process can have it open
  std::optional<std::uint32_t> number;  // of the descriptor
  std::uint32_t network = 0;            // inode of its namespace

  [[nodiscard]] std::string name() const {
    if (local && remote) return endpoints_text(*local, *remote);
    return path;
  }
};

constexpr std::size_t kListMax = 64 << 20;
constexpr std::size_t kWords = 13;
using Words = std::array<std::string_view, kWords>;

// include/net/tcp_states.h, by number.
constexpr std::string_view kStates[] = {
    "",      "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",   "TIME_WAIT",
    "CLOSE", "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",   "NEW_SYN_RECV"};

// net/ipv4/tcp_ipv4.c and its like: "sl: local remote st tx:rx tr:when retrnsmt uid timeout inode".
void read_internet(const Words& words, std::string_view, Socket& socket) {
  socket.local = parse_endpoint(words[1]);
  socket.remote = parse_endpoint(words[2]);
  const auto state = parsed<std::uint32_t>(words[3], 16);
  if (state && socket.protocol != "tcp") {
    socket.state = *state == 1 ? "ESTABLISHED" : "UNCONNECTED";
  } else if (state && *state < std::size(kStates)) {
    socket.state = kStates[*state];
  }
  const std::size_t colon = words[4].find(':');
  if (colon != std::string_view::npos) {
    socket.sending = parsed<std::uint64_t>(words[4].substr(0, colon), 16);
    socket.receiving = parsed<std::uint64_t>(words[4].substr(colon + 1), 16);
  }
  socket.uid = parsed<std::uint64_t>(words[7]);
  socket.inode = parsed<std::uint64_t>(words[9]);
}

// net/unix/af_unix.c: "num: references protocol flags type state inode path".
void read_unix(const Words& words, std::string_view rest, Socket& socket) {
  constexpr std::string_view kTypes[] = {"", "stream", "dgram", "raw", "rdm", "seqpacket"};
  constexpr std::uint32_t kAccepts = 1 << 16;  // __SO_ACCEPTCON
  // include/uapi/linux/net.h, socket_state
  constexpr std::string_view kUnixStates[] = {"FREE", "UNCONNECTED", "CONNECTING", "ESTABLISHED",
                                              "DISCONNECTING"};
  const auto flags = parsed<std::uint32_t>(words[3], 16);
  const auto type = parsed<std::uint32_t>(words[4], 16);
  const auto state = parsed<std::uint32_t>(words[5], 16);
  if (type && *type < std::size(kTypes)) socket.protocol = kTypes[*type];
  if (state && *state < std::size(kUnixStates)) socket.state = kUnixStates[*state];
  if (flags && (*flags & kAccepts) != 0) socket.state = "LISTEN";
  socket.inode = parsed<std::uint64_t>(words[6]);
  socket.path = rest;
}

// net/netlink/af_netlink.c: "sk family portid groups rmem wmem dump locks drops inode".
void read_netlink(const Words& words, std::string_view, Socket& socket) {
  socket.receiving = parsed<std::uint64_t>(words[4]);
  socket.sending = parsed<std::uint64_t>(words[5]);
  socket.inode = parsed<std::uint64_t>(words[9]);
}

// net/packet/af_packet.c: "sk references type protocol interface running rmem user inode".
void read_packet(const Words& words, std::string_view, Socket& socket) {
  socket.receiving = parsed<std::uint64_t>(words[6]);
  socket.uid = parsed<std::uint64_t>(words[7]);
  socket.inode = parsed<std::uint64_t>(words[8]);
}

struct List {
  const char* file;
  std::string_view type;
  std::string_view protocol;
  // `rest` is what follows the first seven words, without the blank before it.
  void (*read)(const Words& words, std::string_view rest, Socket& socket);
};
constexpr List kLists[] = {
    {"net/tcp", "ipv4", "tcp", read_internet},     {"net/tcp6", "ipv6", "tcp", read_internet},
    {"net/udp", "ipv4", "udp", read_internet},     {"net/udp6", "ipv6", "udp", read_internet},
    {"net/udplite", "ipv4", "udp", read_internet}, {"net/udplite6", "ipv6", "udp", read_internet},
    {"net/raw", "ipv4", "raw", read_internet},     {"net/raw6", "ipv6", "raw", read_internet},
    {"net/icmp", "ipv4", "icmp", read_internet},   {"net/icmp6", "ipv6", "icmp", read_internet},
    {"net/unix", "unix", "", read_unix},           {"net/netlink", "netlink", "", read_netlink},
    {"net/packet", "packet", "", read_packet},
};

using Sockets = std::multimap<std::uint64_t, Socket>;  // by inode

void read_list(const List& list, std::string_view text, std::uint32_t network, Sockets& sockets) {
  next_line(text);  // the heading
  while (!text.empty()) {
    std::string_view line = next_line(text);
    Words words;
    std::string_view rest;
    for (std::size_t i = 0; i < words.size(); ++i) {
      words[i] = next_word(line);
      constexpr std::size_t kBeforeRest = 6;
      if (i == kBeforeRest) rest = line.empty() ? line : line.substr(1);
    }
    Socket socket{};
    socket.type = list.type;
    socket.protocol = list.protocol;
    socket.network = network;
    list.read(words, rest, socket);
    if (socket.inode) sockets.emplace(*socket.inode, std::move(socket));
  }
}

void read_namespace(const Event& process, std::uint32_t network, Sockets& sockets) {
  const FileDescriptor folder =
      process.processes->proc().open(process.header->pid, process.header->start_time);
  if (!folder.valid()) return;
  for (const List& list : kLists) {
    read_list(list, read_small_file(folder.get(), list.file, kListMax), network, sockets);
  }
}

void list(const EachProcess& processes, const Visit& visit) {
  Sockets sockets;
  std::set<std::uint32_t> networks;
  processes([&](const Event& process) {
    const std::uint32_t network = process.process->context.namespaces[WIRE_NAMESPACE_NET];
    if (networks.insert(network).second) read_namespace(process, network, sockets);
  });
  std::set<std::uint64_t> held;
  processes([&](const Event& process) {
    const FileDescriptor folder =
        process.processes->proc().open(process.header->pid, process.header->start_time);
    if (!folder.valid()) return;
    each_descriptor(folder.get(), [&](std::uint32_t number) {
      const KnownText link = read_proc_link(folder.get(), fmt::format("fd/{}", number).c_str());
      const auto inode = parsed<std::uint64_t>(socket_inode(link.text));
      if (!inode) return;
      const auto found = sockets.find(*inode);
      // In no list of its namespace, or made since.
      Socket socket = found != sockets.end() ? found->second : Socket{};
      socket.inode = inode;
      socket.number = number;
      held.insert(*inode);
      visit_row(process, kSocketSnapshot.descriptor, &socket, visit);
    });
  });
  for (const auto& [inode, socket] : sockets) {
    if (held.contains(inode)) continue;
    const auto uid = static_cast<std::uint32_t>(socket.uid.value_or(0));
    visit_row(kSocketSnapshot.descriptor, &socket, visit, uid);
  }
}

Value text_or_unknown(std::string_view text) {
  return text.empty() ? Value::unknown() : Value::of_text(text);
}

template <std::optional<std::uint64_t> Socket::* member>
Value number(const Event&, const Socket& socket) {
  const auto& value = socket.*member;
  return value ? Value::of_unsigned(*value) : Value::missing();
}

template <std::optional<Endpoint> Socket::* end>
Value address(const Event& event, const Socket& socket) {
  const auto& value = socket.*end;
  return value ? Value::of_text(event.arena->copy(value->address)) : Value::missing();
}

template <std::optional<Endpoint> Socket::* end>
Value port(const Event&, const Socket& socket) {
  const auto& value = socket.*end;
  return value ? Value::of_unsigned(value->port) : Value::missing();
}

Value name(const Event& event, const Socket& socket) {
  if (socket.type.empty()) return Value::unknown();
  const std::string text = socket.name();
  return text.empty() ? Value::missing() : Value::of_text(event.arena->copy(text));
}

// clang-format off: a table
constexpr FieldDescriptor kFieldRows[] = {
    {"fd.num", FieldType::kUnsigned, "", "number of the descriptor; missing: no process has it open", "FD", 4,
     of_row<Socket, [](const Event&, const Socket& socket) {
       return socket.number ? Value::of_unsigned(*socket.number) : Value::missing();
     }>},
    {"fd.type", FieldType::kText, "", "ipv4, ipv6, unix, netlink or packet", "TYPE", 7,
     of_row<Socket, [](const Event&, const Socket& socket) { return text_or_unknown(socket.type); }>},
    {"fd.l4proto", FieldType::kText, "", "tcp, udp, raw, icmp; of Unix sockets stream, dgram, seqpacket", "PROTO", 9,
     of_row<Socket, [](const Event&, const Socket& socket) {
       if (socket.type.empty()) return Value::unknown();
       return socket.protocol.empty() ? Value::missing() : Value::of_text(socket.protocol);
     }>},
    {"socket.state", FieldType::kText, "", "LISTEN, ESTABLISHED, TIME_WAIT and the like", "STATE", 11,
     of_row<Socket, [](const Event&, const Socket& socket) {
       if (socket.type.empty()) return Value::unknown();
       return socket.state.empty() ? Value::missing() : Value::of_text(socket.state);
     }>},
    {"fd.name", FieldType::kPath, "", "LOCAL->REMOTE, or the path", "NAME", 44, of_row<Socket, name>},
    {"fd.lip", FieldType::kText, "", "address of this end", "LOCAL", 15, of_row<Socket, address<&Socket::local>>},
    {"fd.lport", FieldType::kUnsigned, "", "port of this end", "LPORT", 5, of_row<Socket, port<&Socket::local>>},
    {"fd.rip", FieldType::kText, "", "address of the other end", "REMOTE", 15,
     of_row<Socket, address<&Socket::remote>>},
    {"fd.rport", FieldType::kUnsigned, "", "port of the other end", "RPORT", 5, of_row<Socket, port<&Socket::remote>>},
    {"socket.rx_queue", FieldType::kUnsigned, "bytes", "received and not read yet; of who listens, connections",
     "RXQUEUE", 7, of_row<Socket, number<&Socket::receiving>>},
    {"socket.tx_queue", FieldType::kUnsigned, "bytes", "sent and not acknowledged yet", "TXQUEUE", 7,
     of_row<Socket, number<&Socket::sending>>},
    {"socket.uid", FieldType::kUnsigned, "", "user that has made it", "UID", 6, of_row<Socket, number<&Socket::uid>>},
    {"socket.ino", FieldType::kUnsigned, "", "inode", "INODE", 9, of_row<Socket, number<&Socket::inode>>},
    {"socket.netns", FieldType::kUnsigned, "", "inode of its network namespace", "NETNS", 10,
     of_row<Socket, [](const Event&, const Socket& socket) {
       return socket.network != 0 ? Value::of_unsigned(socket.network) : Value::unknown();
     }>},
};
// clang-format on

constexpr auto kFields = pointers_to(kFieldRows);
constexpr std::string_view kColumns[] = {"proc.pid", "proc.name",  "container.name", "fd.num",
                                         "fd.type",  "fd.l4proto", "socket.state",   "fd.name"};

}  // namespace

constexpr SnapshotKind kSocketSnapshot{.descriptor = {.kind = WIRE_FORK,
                                                      .name = "socket",
                                                      .doc = "sockets, and who has them open",
                                                      .columns = kColumns,
                                                      .fields = kFields,
                                                      .info = of_row<Socket, name>},
                                       .of_processes = true,
                                       .list = list};

}  // namespace outrider
