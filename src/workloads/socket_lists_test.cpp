// SPDX-License-Identifier: Apache-2.0
//
// Lines of /proc/PID/net as kernels write them, and as nobody does.
#include "workloads/socket_lists.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace outrider {
namespace {

std::vector<ListedSocket> read(std::string_view file, std::string_view lines,
                               std::optional<std::uint64_t> inode = {}) {
  const auto lists = socket_lists();
  const auto list = std::ranges::find(lists, file, &SocketList::file);
  EXPECT_NE(list, lists.end()) << file;
  std::vector<ListedSocket> sockets;
  each_listed_socket(*list, "the heading\n" + std::string(lines), inode,
                     [&](ListedSocket&& socket) { sockets.push_back(std::move(socket)); });
  return sockets;
}

std::string end_text(const std::optional<Endpoint>& end) { return end ? end->text() : "none"; }

TEST(SocketLists, TheInternet) {
  struct Case {
    std::string_view file;
    std::string_view line;
    std::string_view type;
    std::string_view protocol;
    std::string_view state;
    std::string_view local;
    std::string_view remote;
    std::uint64_t uid;
    std::uint64_t sending;
    std::uint64_t receiving;
    std::uint64_t inode;
  };
  // clang-format off: a table
  const Case kCases[] = {
      {"net/tcp", "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000002 00:00000000 00000000  1000        0 21234 1 0000000000000000 100 0 0 10 0\n",
       "ipv4", "tcp", "LISTEN", "127.0.0.1:8080", "0.0.0.0:0", 1000, 0, 2, 21234},
      {"net/tcp6", "   1: 00000000000000000000000001000000:0016 0000000000000000FFFF00000100007F:C350 01 00000010:00000000 02:000A 00000000     0        0 77 2 0000000000000000\n",
       "ipv6", "tcp", "ESTABLISHED", "::1:22", "::ffff:127.0.0.1:50000", 0, 16, 0, 77},
      {"net/udp", "  93: 0100007F:0035 0100007F:9000 01 00000000:00000300 00:00000000 00000000   101        0 555 2 0000000000000000 0\n",
       "ipv4", "udp", "ESTABLISHED", "127.0.0.1:53", "127.0.0.1:36864", 101, 0, 768, 555},
      {"net/raw", "   1: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 9 2 0000000000000000 0\n",
       "ipv4", "raw", "UNCONNECTED", "0.0.0.0:1", "0.0.0.0:0", 0, 0, 0, 9},
  };
  // clang-format on
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.line);
    const auto sockets = read(c.file, c.line);
    ASSERT_EQ(sockets.size(), 1u);
    const ListedSocket& socket = sockets[0];
    EXPECT_EQ(socket.type, c.type);
    EXPECT_EQ(socket.protocol, c.protocol);
    EXPECT_EQ(socket.state, c.state);
    EXPECT_EQ(end_text(socket.local), c.local);
    EXPECT_EQ(end_text(socket.remote), c.remote);
    EXPECT_EQ(socket.uid, c.uid);
    EXPECT_EQ(socket.sending, c.sending);
    EXPECT_EQ(socket.receiving, c.receiving);
    EXPECT_EQ(socket.inode, c.inode);
  }
}

TEST(SocketLists, UnixWithPathsOfAllSorts) {
  const auto sockets = read("net/unix",
                            "0000000000000000: 00000002 00000000 00010000 0001 01 111 /run/a b\n"
                            "0000000000000000: 00000003 00000000 00000000 0005 03 112 @abstract@\n"
                            "0000000000000000: 00000003 00000000 00000000 0002 01 113\n"
                            "0000000000000000: 00000003 00000000 00000000 0009 09 114  two\n");
  ASSERT_EQ(sockets.size(), 4u);
  EXPECT_EQ(sockets[0].protocol, "stream");
  EXPECT_EQ(sockets[0].state, "LISTEN");
  EXPECT_EQ(sockets[0].path, "/run/a b");
  EXPECT_EQ(sockets[1].protocol, "seqpacket");
  EXPECT_EQ(sockets[1].state, "ESTABLISHED");
  EXPECT_EQ(sockets[1].path, "@abstract@");
  EXPECT_EQ(sockets[2].path, "");
  EXPECT_EQ(sockets[2].state, "UNCONNECTED");
  EXPECT_EQ(sockets[3].protocol, "") << "there is no such type";
  EXPECT_EQ(sockets[3].state, "");
  EXPECT_EQ(sockets[3].path, " two") << "blanks of its own stay";
}

TEST(SocketLists, NetlinkAndPacket) {
  const auto netlink = read("net/netlink",
                            "0000000000000000 0   1 000405d5 4 8 0 2 0 9001\n"
                            "0000000000000000 15  0 ffffffff 0 0 0 2 0 9002\n");
  ASSERT_EQ(netlink.size(), 2u);
  EXPECT_EQ(netlink[0].receiving, 4u);
  EXPECT_EQ(netlink[0].sending, 8u);
  EXPECT_EQ(netlink[1].inode, 9002u);
  const auto packet = read("net/packet", "0000000000000000 3 3 0003 2 1 640 1000 9003\n");
  ASSERT_EQ(packet.size(), 1u);
  EXPECT_EQ(packet[0].receiving, 640u);
  EXPECT_EQ(packet[0].uid, 1000u);
  EXPECT_EQ(packet[0].inode, 9003u);
}

// Whatever does not parse is not there; without an inode nobody can have it.
TEST(SocketLists, LinesThatAreNone) {
  for (const SocketList& list : socket_lists()) {
    for (const std::string_view lines :
         {"", "\n\n\n", "   \n", ":::::::::::::\n", "0: 1 2 3 4 5 6\n", "a b c d e f g h i j k l\n",
          "0: 1 2 3 4 5 -1 -1 -1 -1\n", "0: 1 2 3 4 5 99999999999999999999 1 x 1x\n"}) {
      std::size_t count = 0;
      each_listed_socket(list, "heading\n" + std::string(lines), {},
                         [&](const ListedSocket& socket) { count += *socket.inode > 6; });
      EXPECT_EQ(count, 0u) << list.file << lines;
    }
  }
  const auto odd = read("net/tcp", "0: 0100007F 0100007F:xyz FF 1 00: 0 x 0 5 1\n");
  ASSERT_EQ(odd.size(), 1u);
  EXPECT_FALSE(odd[0].local || odd[0].remote || odd[0].uid || odd[0].sending || odd[0].receiving);
  EXPECT_EQ(odd[0].state, "");
}

TEST(SocketLists, OneOfThem) {
  const std::string_view lines =
      "0: 0100007F:0001 00000000:0000 0A 0:0 0:0 0 0 0 11 1\n"
      "1: 0100007F:0002 00000000:0000 0A 0:0 0:0 0 0 0 12 1\n";
  const auto found = read("net/tcp", lines, 12);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(end_text(found[0].local), "127.0.0.1:2");
  EXPECT_TRUE(read("net/tcp", lines, 13).empty());
}

}  // namespace
}  // namespace outrider
