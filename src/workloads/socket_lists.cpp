// SPDX-License-Identifier: Apache-2.0
#include "workloads/socket_lists.h"

#include <array>
#include <iterator>
#include <utility>

#include "workloads/proc_files.h"

namespace outrider {

namespace {

constexpr std::size_t kWords = 10;
using Words = std::span<const std::string_view>;

// include/net/tcp_states.h, by number.
constexpr std::string_view kStates[] = {
    "",      "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",   "TIME_WAIT",
    "CLOSE", "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",   "NEW_SYN_RECV"};

// net/ipv4/tcp_ipv4.c and its like: "sl: local remote st tx:rx tr:when retrnsmt uid timeout inode".
void read_internet(Words words, std::string_view, ListedSocket& socket) {
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
}

// net/unix/af_unix.c: "num: references protocol flags type state inode path".
void read_unix(Words words, std::string_view rest, ListedSocket& socket) {
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
  socket.path = rest;
}

// net/netlink/af_netlink.c: "sk family portid groups rmem wmem dump locks drops inode".
void read_netlink(Words words, std::string_view, ListedSocket& socket) {
  socket.receiving = parsed<std::uint64_t>(words[4]);
  socket.sending = parsed<std::uint64_t>(words[5]);
}

// net/packet/af_packet.c: "sk references type protocol interface running rmem user inode".
void read_packet(Words words, std::string_view, ListedSocket& socket) {
  socket.receiving = parsed<std::uint64_t>(words[6]);
  socket.uid = parsed<std::uint64_t>(words[7]);
}

// clang-format off: a table
constexpr SocketList kLists[] = {
    {"net/tcp", "ipv4", "tcp", 9, read_internet},
    {"net/tcp6", "ipv6", "tcp", 9, read_internet},
    {"net/udp", "ipv4", "udp", 9, read_internet},
    {"net/udp6", "ipv6", "udp", 9, read_internet},
    {"net/udplite", "ipv4", "udp", 9, read_internet},
    {"net/udplite6", "ipv6", "udp", 9, read_internet},
    {"net/raw", "ipv4", "raw", 9, read_internet},
    {"net/raw6", "ipv6", "raw", 9, read_internet},
    {"net/icmp", "ipv4", "icmp", 9, read_internet},
    {"net/icmp6", "ipv6", "icmp", 9, read_internet},
    {"net/unix", "unix", "", 6, read_unix},
    {"net/netlink", "netlink", "", 9, read_netlink},
    {"net/packet", "packet", "", 8, read_packet},
};
// clang-format on

}  // namespace

std::span<const SocketList> socket_lists() { return kLists; }

void each_listed_socket(const SocketList& list, std::string_view text,
                        std::optional<std::uint64_t> inode,
                        const std::function<void(ListedSocket&&)>& call) {
  next_line(text);  // the heading
  while (!text.empty()) {
    std::string_view line = next_line(text);
    std::array<std::string_view, kWords> words;
    std::string_view rest;
    for (std::size_t i = 0; i < words.size(); ++i) {
      words[i] = next_word(line);
      constexpr std::size_t kBeforeRest = 6;
      if (i == kBeforeRest) rest = line.empty() ? line : line.substr(1);
    }
    ListedSocket socket{.type = list.type, .protocol = list.protocol, .state = {}};
    socket.inode = parsed<std::uint64_t>(words[list.inode_at]);
    if (!socket.inode || (inode && socket.inode != inode)) continue;
    list.read(words, rest, socket);
    call(std::move(socket));
  }
}

}  // namespace outrider
