// SPDX-License-Identifier: Apache-2.0
//
// Descriptors that are passed, on the real kernel: by each call that can, by control messages that
// lie, and those that pass nothing.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include "support/call_events.h"
#include "support/recorder.h"

namespace outrider {
namespace {

class PassedDescriptorEvents : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

// A message of one byte and control messages.
struct Message {
  char byte = 'x';
  iovec part{&byte, 1};
  alignas(cmsghdr) char control[4096] = {};
  msghdr head{};

  Message() {
    head.msg_iov = &part;
    head.msg_iovlen = 1;
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  // Behind those that are there already.
  void add(int level, int type, const void* data, std::size_t size) {
    auto* control_head = reinterpret_cast<cmsghdr*>(control + head.msg_controllen);
    control_head->cmsg_level = level;
    control_head->cmsg_type = type;
    control_head->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(control_head), data, size);
    head.msg_control = control;
    head.msg_controllen += CMSG_SPACE(size);
  }
  void add_descriptors(const std::vector<int>& descriptors) {
    add(SOL_SOCKET, SCM_RIGHTS, descriptors.data(), descriptors.size() * sizeof(int));
  }
  void make_room(std::size_t size) {
    head.msg_control = control;
    head.msg_controllen = size;
  }
};

TEST_F(PassedDescriptorEvents, EveryField) {
  Recorder recorder({"fd_pass"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    int pair[2], ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || ::pipe(ends) != 0) return 1;
    ::dup2(pair[0], 60);
    ::dup2(pair[1], 61);
    ::dup2(::open("/etc/passwd", O_RDONLY), 62);
    ::dup2(ends[0], 63);
    ::dup2(static_cast<int>(::syscall(SYS_memfd_create, "outrider", 0)), 64);
    Message out;
    out.add_descriptors({62, 63});
    out.add_descriptors({64, 60});
    if (::sendmsg(60, &out.head, 0) != 1) return 2;
    Message in;
    in.make_room(1000);
    if (::recvmsg(61, &in.head, MSG_CMSG_CLOEXEC) != 1) return 3;
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 2U);
  const Recorded& sent = events[0];
  EXPECT_EQ(at(sent, "evt.kind"), "fd_pass");
  EXPECT_EQ(at(sent, "evt.type"), "sendmsg");
  EXPECT_EQ(at(sent, "evt.category"), "io");
  EXPECT_EQ(at(sent, "evt.res"), "SUCCESS");
  EXPECT_EQ(at(sent, "evt.rawres"), "1");
  EXPECT_EQ(at(sent, "evt.arg.direction"), "sent");
  EXPECT_EQ(at(sent, "evt.arg.count"), "4");
  EXPECT_EQ(at(sent, "evt.arg.fds"), "62|63|64|60");
  const std::string names = at(sent, "evt.arg.names");
  EXPECT_TRUE(names.starts_with("/etc/passwd|pipe:[")) << names;
  EXPECT_NE(names.find("]|memfd:outrider|socket:["), std::string::npos) << names;
  EXPECT_FALSE(sent.contains("cut"));
  EXPECT_EQ(at(sent, "fd.num"), "60");
  EXPECT_EQ(at(sent, "fd.type"), "unix");
  EXPECT_EQ(at(sent, "evt.arg.peer.pid"), at(sent, "proc.pid"));
  EXPECT_EQ(at(sent, "evt.arg.peer.name"), at(sent, "proc.name"));
  EXPECT_TRUE(at(sent, "evt.info").starts_with("sent 4: 62 /etc/passwd, 63 pipe:["))
      << at(sent, "evt.info");

  const Recorded& received = events[1];
  EXPECT_EQ(at(received, "evt.type"), "recvmsg");
  EXPECT_EQ(at(received, "evt.arg.direction"), "received");
  EXPECT_EQ(at(received, "evt.arg.count"), "4");
  EXPECT_EQ(at(received, "evt.arg.names"), names);
  EXPECT_NE(at(received, "evt.arg.fds"), "62|63|64|60");
  EXPECT_EQ(at(received, "fd.num"), "61");
  expect_whole(recorder);
}

TEST_F(PassedDescriptorEvents, OfManyMessages) {
  Recorder recorder({"fd_pass"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0) return 1;
    Message out[3], in[3];
    out[0].add_descriptors({0});
    out[2].add_descriptors({1, 2});
    mmsghdr heads[3] = {}, rooms[3] = {};
    for (int i = 0; i < 3; ++i) {
      heads[i].msg_hdr = out[i].head;
      in[i].make_room(200);
      rooms[i].msg_hdr = in[i].head;
    }
    if (::sendmmsg(pair[0], heads, 3, 0) != 3) return 2;
    if (::recvmmsg(pair[1], rooms, 3, 0, nullptr) != 3) return 3;
    // Not sent, so not told of: the message before it fails.
    heads[0].msg_hdr.msg_name = &heads;
    heads[0].msg_hdr.msg_namelen = 1;
    heads[0].msg_hdr.msg_controllen = 0;
    return ::sendmmsg(pair[0], heads, 3, 0) < 0 ? 0 : 4;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(at(events[0], "evt.type"), "sendmmsg");
  EXPECT_EQ(at(events[0], "evt.rawres"), "3");
  EXPECT_EQ(at(events[0], "evt.arg.count"), "3");
  EXPECT_EQ(at(events[0], "evt.arg.fds"), "0|1|2");
  EXPECT_EQ(at(events[1], "evt.type"), "recvmmsg");
  EXPECT_EQ(at(events[1], "evt.arg.count"), "3");
  EXPECT_EQ(at(events[1], "evt.arg.direction"), "received");
  expect_whole(recorder);
}

// What passes nothing is no event, and what says something else than it does shows nothing else.
TEST_F(PassedDescriptorEvents, OnlyOfMessagesThatHaveSome) {
  Recorder recorder({"fd_pass"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0) return 1;
    Message plain;
    ::sendmsg(pair[0], &plain.head, 0);
    Message room;
    room.make_room(100);
    std::ignore = ::recvmsg(pair[1], &room.head, 0);
    Message credentials;
    const ucred own{::getpid(), ::getuid(), ::getgid()};
    credentials.add(SOL_SOCKET, SCM_CREDENTIALS, &own, sizeof(own));
    ::sendmsg(pair[0], &credentials.head, 0);
    // Of a protocol that has another meaning for it.
    const int internet = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in self{};
    self.sin_family = AF_INET;
    self.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    self.sin_port = ::htons(9);
    Message other;
    other.add_descriptors({0});
    other.head.msg_name = &self;
    other.head.msg_namelen = sizeof(self);
    ::sendmsg(internet, &other.head, 0);
    // Heads that are nowhere, or that lie about their length.
    ::sendmsg(pair[0], nullptr, 0);
    Message liar;
    liar.add_descriptors({0});
    reinterpret_cast<cmsghdr*>(liar.control)->cmsg_len = 5000;
    ::sendmsg(pair[0], &liar.head, 0);
    reinterpret_cast<cmsghdr*>(liar.control)->cmsg_len = 3;
    ::sendmsg(pair[0], &liar.head, 0);
    std::ignore = ::recvmsg(-1, &room.head, 0);
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  EXPECT_TRUE(recorder.events(child).empty());
  expect_whole(recorder);
}

TEST_F(PassedDescriptorEvents, WhatFailsIsAnEvent) {
  Recorder recorder({"fd_pass"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0) return 1;
    Message none;
    none.add_descriptors({0, 999});
    ::sendmsg(pair[0], &none.head, 0);
    ::sendmsg(-1, &none.head, 0);
    Message many;
    many.add_descriptors(std::vector<int>(254, 0));
    ::sendmsg(pair[0], &many.head, 0);
    return 0;
  });
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(at(events[0], "evt.res"), "EBADF");
  EXPECT_EQ(at(events[0], "evt.arg.fds"), "0|999");
  EXPECT_TRUE(at(events[0], "evt.arg.names").ends_with("|?")) << at(events[0], "evt.arg.names");
  EXPECT_EQ(at(events[1], "evt.res"), "EBADF");
  EXPECT_EQ(at(events[1], "fd.type"), "");
  EXPECT_EQ(at(events[1], "evt.arg.peer.pid"), "?");
  EXPECT_EQ(at(events[2], "evt.res"), "EINVAL");
  EXPECT_EQ(at(events[2], "evt.arg.count"), "254");
  EXPECT_TRUE(events[2].contains("cut"));
  expect_whole(recorder);
}

// Ever so much before the descriptors: they are found, or the event says that there may be some.
TEST_F(PassedDescriptorEvents, CannotBeHiddenBehindOthers) {
  Recorder recorder({"fd_pass"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0) return 1;
    Message message;
    // Not of SOL_SOCKET: the kernel goes on to the next.
    for (int i = 0; i < 100; ++i) message.add(IPPROTO_TCP, 1, "", 0);
    message.add_descriptors({0});
    return ::sendmsg(pair[0], &message.head, 0) == 1 ? 0 : 2;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 1U);
  const bool found = at(events[0], "evt.arg.count") == "1" && at(events[0], "evt.arg.fds") == "0";
  const bool told = at(events[0], "evt.arg.count") == "?" && events[0].contains("cut");
  EXPECT_TRUE(found || told) << at(events[0], "evt.arg.count");
  expect_whole(recorder);
}

TEST_F(PassedDescriptorEvents, TakenFromAnotherProcess) {
  Recorder recorder({"fd_pass"});
  ASSERT_EQ(recorder.failed(), "");
  auto* other = share<pid_t>();
  const pid_t child = recorder.run([other] {
    const int file = ::open("/etc/passwd", O_RDONLY);
    const pid_t target = ::fork();
    if (target == 0) {
      ::pause();
      ::_exit(0);
    }
    *other = target;
    ::close(file);
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, target, 0));
    const long taken = ::syscall(SYS_pidfd_getfd, pidfd, file, 0);
    ::syscall(SYS_pidfd_getfd, pidfd, 999, 0);
    ::kill(target, SIGKILL);
    ::waitpid(target, nullptr, 0);
    return taken >= 0 ? 0 : 1;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(at(events[0], "evt.type"), "pidfd_getfd");
  EXPECT_EQ(at(events[0], "evt.arg.direction"), "taken");
  EXPECT_EQ(at(events[0], "evt.arg.count"), "1");
  EXPECT_EQ(at(events[0], "evt.arg.fds"), at(events[0], "evt.rawres"));
  EXPECT_EQ(at(events[0], "evt.arg.names"), "/etc/passwd");
  EXPECT_EQ(at(events[0], "evt.arg.peer.pid"), std::to_string(*other));
  EXPECT_EQ(at(events[0], "evt.arg.peer.name"), at(events[0], "proc.name"));
  EXPECT_EQ(at(events[1], "evt.res"), "EBADF");
  EXPECT_EQ(at(events[1], "evt.arg.count"), "0");
  EXPECT_EQ(at(events[1], "evt.arg.peer.pid"), "?");
  expect_whole(recorder);
}

#if defined(__x86_64__)

// Heads of 32-bit processes, by the call and by socketcall.
TEST_F(PassedDescriptorEvents, Of32BitProcesses) {
  Recorder recorder({"fd_pass"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    constexpr long kSocketcall = 102, kSendmsg = 370;
    constexpr int kCallSendmsg = 16, kCallRecvmsg = 17;
    if (call_of_32_bits(20 /* getpid */, 0, 0, 0) != ::getpid()) return 77;
    struct Memory {
      std::uint32_t words[3];
      std::uint32_t head[7];  // name, its length, parts, their number, control, its length, flags
      std::uint32_t part[2];
      std::uint32_t control[16];
      char byte;
    };
    void* low = ::mmap(nullptr, sizeof(Memory), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low == MAP_FAILED) return 1;
    auto* memory = static_cast<Memory*>(low);
    const auto place = [](const void* at) {
      return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(at));
    };
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return 2;
    memory->part[0] = place(&memory->byte);
    memory->part[1] = 1;
    memory->head[2] = place(memory->part);
    memory->head[3] = 1;
    memory->head[4] = place(memory->control);
    // Two control messages: 12 bytes of head, and one and two descriptors.
    memory->head[5] = 16 + 20;
    const std::uint32_t control[] = {16,         SOL_SOCKET, SCM_RIGHTS, 0, 20,
                                     SOL_SOCKET, SCM_RIGHTS, 1,          2};
    std::memcpy(memory->control, control, sizeof(control));
    if (call_of_32_bits(kSendmsg, pair[0], place(memory->head), 0) != 1) return 3;
    memory->words[0] = static_cast<std::uint32_t>(pair[0]);
    memory->words[1] = place(memory->head);
    if (call_of_32_bits(kSocketcall, kCallSendmsg, place(memory->words), 0) != 1) return 4;
    memory->words[0] = static_cast<std::uint32_t>(pair[1]);
    memory->head[5] = sizeof(memory->control);
    if (call_of_32_bits(kSocketcall, kCallRecvmsg, place(memory->words), 0) != 1) return 5;
    return 0;
  });
  if (WEXITSTATUS(recorder.status()) == 77) GTEST_SKIP() << "this kernel has no 32-bit calls";
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 3U);
  for (const Recorded& event : events) {
    EXPECT_EQ(at(event, "evt.abi"), "32");
    EXPECT_EQ(at(event, "evt.arg.count"), "3");
    EXPECT_EQ(at(event, "fd.type"), "unix");
  }
  EXPECT_EQ(at(events[0], "evt.arg.fds"), "0|1|2");
  EXPECT_EQ(at(events[1], "evt.arg.fds"), "0|1|2");
  EXPECT_EQ(at(events[2], "evt.type"), "recvmsg");
  EXPECT_EQ(at(events[2], "evt.arg.direction"), "received");
  expect_whole(recorder);
}

#endif

// As a call it is shown as ever, and of others nothing is looked for.
TEST_F(PassedDescriptorEvents, BesideTheKindSyscall) {
  Recorder recorder({"fd_pass", "syscall:sendmsg"}, {}, "evt.type = sendmsg");
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return 1;
    Message out, in;
    out.add_descriptors({0});
    if (::sendmsg(pair[0], &out.head, 0) != 1) return 2;
    in.make_room(100);
    return ::recvmsg(pair[1], &in.head, 0) == 1 ? 0 : 3;
  });
  ASSERT_EQ(recorder.status(), 0);
  EXPECT_EQ(recorder.events(child).size(), 2U);
  ASSERT_EQ(recorder.events(child, "fd_pass").size(), 1U);
  const auto calls = recorder.events(child, "syscall");
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_NE(at(calls[0], "evt.info").find("msg_iovlen=1"), std::string::npos);
  expect_whole(recorder);
}

}  // namespace
}  // namespace outrider
