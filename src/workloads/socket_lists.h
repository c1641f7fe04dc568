// SPDX-License-Identifier: Apache-2.0
//
// The lists of sockets of /proc/PID/net, as texts: proc_pid_net(5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "workloads/open_files.h"

namespace outrider {

// A line of one of the lists. What it does not say, or not so that it can be read, is empty.
struct ListedSocket {
  std::string_view type;      // ipv4, ipv6, unix, netlink, packet
  std::string_view protocol;  // tcp, udp, raw, icmp; of Unix sockets stream, dgram, ...
  std::string_view state;     // ESTABLISHED, LISTEN, ...
  std::optional<Endpoint> local = {};
  std::optional<Endpoint> remote = {};
  std::string path = {};  // of a Unix socket; the first character of an abstract one is '@'
  std::optional<std::uint64_t> uid = {};
  std::optional<std::uint64_t> receiving = {};  // bytes
  std::optional<std::uint64_t> sending = {};
  // 0: no process can have it open. Of a Unix socket it may be a claim: its path may hold line
  // breaks, and so lines of its owner's making.
  std::optional<std::uint64_t> inode = {};
};

struct SocketList {
  std::string_view file;  // in the folder of a process
  std::string_view type;
  std::string_view protocol;
  std::size_t inode_at;  // which word of a line it is
  // `words` are the first of the line; `rest` is what follows the seventh, without the blank
  // before it.
  void (*read)(std::span<const std::string_view> words, std::string_view rest,
               ListedSocket& socket);
};

std::span<const SocketList> socket_lists();

// Calls for each line of a list that has an inode; only for that one if it is given.
void each_listed_socket(const SocketList& list, std::string_view text,
                        std::optional<std::uint64_t> inode,
                        const std::function<void(ListedSocket&&)>& call);

}  // namespace outrider
