// SPDX-License-Identifier: Apache-2.0
#include "syscalls/structures.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <csignal>
#include <cstring>
#include <ctime>
#include <string>

#include "syscalls/calls.h"

namespace outrider {
namespace {

template <typename Wire>
std::string_view bytes_of(const Wire& wire) {
  return {reinterpret_cast<const char*>(&wire), sizeof(wire)};
}

std::string shown(const Structure& structure, std::string_view bytes, wire_abi abi = WIRE_ABI_64) {
  Arena arena;
  return std::string(structure_text(structure, abi, bytes, arena));
}

TEST(Structures, OfThisArchitecture) {
  EXPECT_EQ(shown(structures::kTimespec, bytes_of(timespec{1, 500})), "{tv_sec=1, tv_nsec=500}");
  EXPECT_EQ(shown(structures::kRlimit64, bytes_of(rlimit{1024, RLIM_INFINITY})),
            "{rlim_cur=1024, rlim_max=RLIM_INFINITY}");
  EXPECT_EQ(shown(structures::kIovec, bytes_of(iovec{reinterpret_cast<void*>(0x1000), 12})),
            "{iov_base=0x1000, iov_len=12}");
  EXPECT_EQ(shown(structures::kPollfd, bytes_of(pollfd{3, POLLIN | POLLPRI, POLLHUP})),
            "{fd=3, events=POLLIN|POLLPRI, revents=POLLHUP}");
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = 7;
  EXPECT_EQ(sizeof(event), structures::kEpollEvent.sizes[WIRE_ABI_64]);
  EXPECT_EQ(shown(structures::kEpollEvent, bytes_of(event)), "{events=EPOLLIN|EPOLLET, data=0x7}");
  const std::uint64_t set = 1 << (SIGINT - 1) | 1 << (SIGTERM - 1);
  EXPECT_EQ(shown(structures::kSigset, bytes_of(set)), "[SIGINT SIGTERM]");
  const int pair[] = {3, 4};
  EXPECT_EQ(shown(structures::kDescriptorPair, bytes_of(pair)), "[3, 4]");
  const int number = -5;
  EXPECT_EQ(shown(structures::kInt, bytes_of(number)), "-5");
}

TEST(Structures, Of32BitProcesses) {
  const std::uint32_t words[] = {1, 2, 3, 4, 5, 6, 0xffffffff};
  const std::string_view bytes = bytes_of(words);
  EXPECT_EQ(shown(structures::kTimespec, bytes, WIRE_ABI_32), "{tv_sec=1, tv_nsec=2}");
  EXPECT_EQ(shown(structures::kTimespec64, bytes, WIRE_ABI_32),
            "{tv_sec=8589934593, tv_nsec=17179869187}");
  EXPECT_EQ(shown(structures::kIovec, bytes, WIRE_ABI_32), "{iov_base=0x1, iov_len=2}");
  EXPECT_EQ(shown(structures::kRlimit, bytes.substr(20), WIRE_ABI_32),
            "{rlim_cur=6, rlim_max=RLIM_INFINITY}");
  const std::string header = shown(structures::kMessageHeader, bytes, WIRE_ABI_32);
  EXPECT_TRUE(
      header.starts_with("{msg_name=0x1, msg_namelen=2, msg_iov=0x3, msg_iovlen=4, "
                         "msg_control=0x5, msg_controllen=6, msg_flags=MSG_OOB|"))
      << header;
}

// A structure that ends before its members do: a page that is not there, an older program.
TEST(Structures, WhatIsThereOfThem) {
  const timespec time{1, 500};
  EXPECT_EQ(shown(structures::kTimespec, bytes_of(time).substr(0, 8)), "{tv_sec=1, ...}");
  EXPECT_EQ(shown(structures::kTimespec, ""), "{...}");
  for (const Call& call : all_calls()) {
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      for (const Argument& argument : registers_of(call, abi)) {
        if (argument.structure == nullptr) continue;
        const std::string bytes(argument.structure->sizes[abi], '\xa5');
        for (std::size_t size = 0; size <= bytes.size(); ++size) {
          Arena arena;
          // Not one byte more than the view, for who watches memory.
          const std::string exact(bytes.substr(0, size));
          const std::string_view text = structure_text(*argument.structure, abi, exact, arena);
          EXPECT_TRUE(size != bytes.size() || text.find("...") == std::string_view::npos) << text;
        }
        // Every member is within the size.
        for (const Member& member : argument.structure->members) {
          EXPECT_LE(member.places[abi].offset + member.places[abi].size, bytes.size())
              << call.name << " " << member.name;
        }
      }
    }
  }
}

TEST(Structures, Arrays) {
  Arena arena;
  const pollfd fds[] = {{3, POLLIN, 0}, {4, POLLOUT, 0}};
  EXPECT_EQ(structures_text(structures::kPollfd, WIRE_ABI_64, bytes_of(fds), false, arena),
            "[{fd=3, events=POLLIN, revents=0}, {fd=4, events=POLLOUT, revents=0}]");
  EXPECT_EQ(
      structures_text(structures::kPollfd, WIRE_ABI_64, bytes_of(fds).substr(0, 8), true, arena),
      "[{fd=3, events=POLLIN, revents=0}, ...]");
  EXPECT_EQ(structures_text(structures::kPollfd, WIRE_ABI_64, "", false, arena), "[]");
  const std::uint32_t ids[] = {1, 2};
  EXPECT_EQ(structures_text(structures::kIds, WIRE_ABI_64, bytes_of(ids), false, arena), "[1, 2]");
}

std::string address(std::string_view bytes) {
  Arena arena;
  return std::string(socket_address_text(bytes, arena));
}

TEST(SocketAddress, OfEachFamily) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(80);
  v4.sin_addr.s_addr = htonl(0x7f000001);
  EXPECT_EQ(address(bytes_of(v4)), "{sa_family=AF_INET, sin_port=80, sin_addr=127.0.0.1}");

  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(443);
  v6.sin6_addr = in6addr_loopback;
  EXPECT_EQ(address(bytes_of(v6)), "{sa_family=AF_INET6, sin6_port=443, sin6_addr=::1}");
  v6.sin6_scope_id = 2;
  EXPECT_EQ(address(bytes_of(v6)),
            "{sa_family=AF_INET6, sin6_port=443, sin6_addr=::1, sin6_scope_id=2}");

  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  std::strcpy(local.sun_path, "/run/x");
  EXPECT_EQ(address(bytes_of(local)), "{sa_family=AF_UNIX, sun_path=\"/run/x\"}");
  EXPECT_EQ(address(bytes_of(local).substr(0, 2)), "{sa_family=AF_UNIX}");
  std::memcpy(local.sun_path, "\0name", 5);
  EXPECT_EQ(address(bytes_of(local).substr(0, 7)), "{sa_family=AF_UNIX, sun_path=@\"name\"}");

  sockaddr_nl netlink{};
  netlink.nl_family = AF_NETLINK;
  netlink.nl_pid = 12;
  netlink.nl_groups = 3;
  EXPECT_EQ(address(bytes_of(netlink)), "{sa_family=AF_NETLINK, nl_pid=12, nl_groups=0x3}");

  sockaddr_ll packet{};
  packet.sll_family = AF_PACKET;
  packet.sll_protocol = htons(0x0800);
  packet.sll_ifindex = 2;
  EXPECT_EQ(address(bytes_of(packet)), "{sa_family=AF_PACKET, sll_protocol=0x0800, sll_ifindex=2}");

  sockaddr_vm machine{};
  machine.svm_family = AF_VSOCK;
  machine.svm_cid = 3;
  machine.svm_port = 1024;
  EXPECT_EQ(address(bytes_of(machine)), "{sa_family=AF_VSOCK, svm_cid=3, svm_port=1024}");
}

TEST(SocketAddress, ThatIsTooShortOrOfNobody) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  EXPECT_EQ(address(bytes_of(v4).substr(0, 4)), "{sa_family=AF_INET, ...}");
  EXPECT_EQ(address(""), "{}");
  EXPECT_EQ(address("x"), "{}");
  EXPECT_EQ(address(std::string_view("\xff\xff\x01", 3)), "{sa_family=65535}");
  for (int family = 0; family < 64; ++family) {
    for (std::size_t size = 0; size < 130; ++size) {
      std::string bytes(size, '\xa5');
      if (size >= 2) {
        bytes[0] = static_cast<char>(family);
        bytes[1] = 0;
      }
      EXPECT_TRUE(address(bytes).ends_with('}'));
    }
  }
}

TEST(QuotedText, AsInC) {
  Arena arena;
  EXPECT_EQ(quoted_text("/etc", false, arena), "\"/etc\"");
  EXPECT_EQ(quoted_text("a\"b\\c\n\x01", false, arena), "\"a\\\"b\\\\c\\n\\x01\"");
  EXPECT_EQ(quoted_text("/long", true, arena), "\"/long\"...");
}

}  // namespace
}  // namespace outrider
