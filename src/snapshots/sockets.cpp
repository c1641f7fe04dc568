// SPDX-License-Identifier: Apache-2.0
//
// Sockets: the lists of /proc/PID/net for each network namespace that a process is in, and who has
// which open. What no process has (connections that are ending, the kernel's own) comes last.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "snapshots/kinds.h"
#include "workloads/open_files.h"
#include "workloads/proc_files.h"
#include "workloads/process.h"
#include "workloads/process_table.h"
#include "workloads/socket_lists.h"

namespace outrider {

namespace {

struct Socket : ListedSocket {
  std::optional<std::uint32_t> number = {};  // of the descriptor
  std::uint32_t network = 0;                 // inode of its namespace

  [[nodiscard]] std::string name() const {
    if (local && remote) return endpoints_text(*local, *remote);
    return path;
  }
};

constexpr std::size_t kListMax = 64 << 20;

using Sockets = std::multimap<std::uint64_t, Socket>;  // by inode

void read_namespace(const Event& process, std::uint32_t network, Sockets& sockets) {
  const FileDescriptor folder =
      process.processes->proc().open(process.header->pid, process.header->start_time);
  if (!folder.valid()) return;
  for (const SocketList& list : socket_lists()) {
    const std::string text =
        read_small_file(folder.get(), std::string(list.file).c_str(), kListMax);
    each_listed_socket(list, text, {}, [&](ListedSocket&& socket) {
      const std::uint64_t inode = *socket.inode;
      sockets.emplace(inode, Socket{std::move(socket), {}, network});
    });
  }
}

// The path of a Unix socket may hold whole lines: where one of them claims the inode of another
// socket, nobody knows which of the two is the kernel's. (Connections of MPTCP share theirs.)
void forget_contradictions(Sockets& sockets) {
  for (auto each = sockets.begin(); each != sockets.end();) {
    const std::uint64_t inode = each->first;
    const auto [first, last] = sockets.equal_range(inode);
    each = last;
    const bool is_claimed =
        std::any_of(first, last, [](const auto& entry) { return entry.second.type == "unix"; });
    if (inode == 0 || !is_claimed || std::next(first) == last) continue;
    Socket unknown{};
    unknown.inode = inode;
    sockets.erase(first, last);
    sockets.emplace(inode, std::move(unknown));
  }
}

void list(const EachProcess& processes, const Visit& visit) {
  Sockets sockets;
  std::set<std::uint32_t> networks;
  processes([&](const Event& process) {
    const std::uint32_t network = process.process->context.namespaces[WIRE_NAMESPACE_NET];
    if (networks.insert(network).second) read_namespace(process, network, sockets);
  });
  forget_contradictions(sockets);
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

template <std::optional<std::uint64_t> ListedSocket::* member>
Value number(const Event&, const Socket& socket) {
  const auto& value = socket.*member;
  return value ? Value::of_unsigned(*value) : Value::missing();
}

template <std::optional<Endpoint> ListedSocket::* end>
Value address(const Event& event, const Socket& socket) {
  const auto& value = socket.*end;
  return value ? Value::of_text(event.arena->copy(value->address)) : Value::missing();
}

template <std::optional<Endpoint> ListedSocket::* end>
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
