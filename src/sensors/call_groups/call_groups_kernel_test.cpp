// SPDX-License-Identifier: Apache-2.0
//
// Every kind that is a group of calls: made for real, and what it shows.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <string>
#include <tuple>
#include <vector>

#include "support/call_events.h"
#include "support/recorder.h"

namespace outrider {
namespace {

class CallGroupKinds : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

const Recorded& only(const std::vector<Recorded>& events, std::string_view kind,
                     std::string_view call) {
  static const Recorded kNone;
  const Recorded* found = nullptr;
  for (const Recorded& event : events) {
    if (event.at("evt.kind") != kind || event.at("evt.type") != call) continue;
    EXPECT_EQ(found, nullptr) << kind << " has two of " << call;
    found = &event;
  }
  EXPECT_NE(found, nullptr) << kind << " has no " << call;
  return found != nullptr ? *found : kNone;
}

TEST_F(CallGroupKinds, OfSecurityAndMounts) {
  Recorder recorder({"mount", "module", "bpf", "setns", "unshare", "memfd", "setuid", "setgid",
                     "capset", "keyctl", "prctl", "seccomp", "dup", "pipe", "clock"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    ::mount("none", "/no/such/place", "tmpfs", MS_NODEV, "");
    ::umount2("/no/such/place", MNT_DETACH);
    ::syscall(SYS_fsopen, "no-such-fs", 0);
    ::syscall(SYS_delete_module, "outrider_none", O_NONBLOCK);
    ::syscall(SYS_bpf, BPF_MAP_FREEZE, nullptr, 0);
    ::setns(-1, CLONE_NEWNET);
    ::unshare(CLONE_NEWUTS);
    ::close(::memfd_create("outrider", MFD_CLOEXEC));
    ::syscall(SYS_setuid, 0);
    ::syscall(SYS_setresgid, 0, -1, 0);
    const gid_t groups[] = {0, 12};
    ::syscall(SYS_setgroups, 2, groups);
    ::syscall(SYS_capset, nullptr, nullptr);
    ::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0);
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, ~0U, nullptr);
    ::dup3(0, 77, O_CLOEXEC);
    // Of all its commands only these two make a descriptor.
    for (const int command : {F_GETFD, F_GETFL, F_SETFD, F_GETLEASE, F_GETPIPE_SZ}) {
      ::fcntl(77, command, 0);
    }
    ::fcntl(77, F_DUPFD, 80);
    ::fcntl(77, F_DUPFD_CLOEXEC, 90);
    ::fcntl(-1, F_DUPFD, 0);
    int ends[2];
    if (::pipe2(ends, O_NONBLOCK) != 0) return 1;
    const timespec now{};
    ::clock_settime(CLOCK_MONOTONIC, &now);
    return 0;
  });
  EXPECT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  struct Row {
    std::string_view kind, group, call, result, info;
  };
  const Row rows[] = {
      {"mount", "file", "mount", "ENOENT",
       R"(mount(source="none", target="/no/such/place", filesystemtype="tmpfs", mountflags=MS_NODEV)"},
      {"mount", "file", "umount2", "ENOENT",
       R"(umount2(target="/no/such/place", flags=MNT_DETACH)"},
      {"mount", "file", "fsopen", "ENODEV", R"(fsopen(fsname="no-such-fs", flags=0)"},
      {"module", "security", "delete_module", "",  // not every kernel has modules
       R"(delete_module(name="outrider_none", flags=O_NONBLOCK))"},
      {"bpf", "security", "bpf", "", "bpf(cmd=BPF_MAP_FREEZE"},
      {"setns", "security", "setns", "EBADF", "setns(fd=-1, nstype=CLONE_NEWNET) = EBADF"},
      {"unshare", "security", "unshare", "SUCCESS", "unshare(flags=CLONE_NEWUTS) = 0"},
      {"memfd", "security", "memfd_create", "SUCCESS",
       R"(memfd_create(name="outrider", flags=MFD_CLOEXEC) = )"},
      {"setuid", "security", "setuid", "SUCCESS", "setuid(uid=0) = 0"},
      {"setgid", "security", "setresgid", "SUCCESS", "setresgid(rgid=0, egid=-1, sgid=0) = 0"},
      {"setgid", "security", "setgroups", "SUCCESS", "setgroups(size=2, list=["},
      {"capset", "security", "capset", "EFAULT", "capset("},
      {"keyctl", "security", "keyctl", "", "keyctl("},
      {"prctl", "security", "prctl", "SUCCESS", "prctl(option=PR_SET_DUMPABLE, arg2="},
      {"seccomp", "security", "seccomp", "EINVAL", "seccomp("},
      {"dup", "io", "dup3", "SUCCESS", "dup3(oldfd=0, newfd=77, flags=O_CLOEXEC) = 77"},
      {"pipe", "io", "pipe2", "SUCCESS", "pipe2(pipefd=["},
      {"clock", "kernel", "clock_settime", "EINVAL", "clock_settime(clockid=CLOCK_MONOTONIC"},
  };
  const auto duplicates = recorder.events(child, "dup");
  ASSERT_EQ(duplicates.size(), 4U);
  EXPECT_EQ(at(duplicates[1], "evt.info"), "fcntl(fd=77, cmd=F_DUPFD, arg=80) = 80");
  EXPECT_EQ(at(duplicates[2], "evt.info"), "fcntl(fd=77, cmd=F_DUPFD_CLOEXEC, arg=90) = 90");
  EXPECT_EQ(at(duplicates[2], "evt.type"), "fcntl");
  EXPECT_EQ(at(duplicates[3], "evt.res"), "EBADF");
  for (const Row& row : rows) {
    const Recorded& event = only(events, row.kind, row.call);
    EXPECT_TRUE(at(event, "evt.info").starts_with(row.info)) << at(event, "evt.info");
    EXPECT_EQ(at(event, "evt.category"), row.group) << row.call;
    if (!row.result.empty()) {
      EXPECT_EQ(at(event, "evt.res"), row.result) << row.call;
    }
  }
  expect_whole(recorder);
}

TEST_F(CallGroupKinds, OfAnotherProcess) {
  Recorder recorder({"ptrace", "rlimit"});
  ASSERT_EQ(recorder.failed(), "");
  auto* target = share<pid_t>();
  const pid_t child = recorder.run([target] {
    const pid_t other = ::fork();
    if (other == 0) {
      ::prctl(PR_SET_NAME, "looked-into", 0, 0, 0);
      ::pause();
      ::_exit(0);
    }
    *target = other;
    ::usleep(50'000);
    ::ptrace(PTRACE_SEIZE, other, nullptr, nullptr);
    rlimit limit{};
    ::syscall(SYS_prlimit64, other, RLIMIT_CORE, nullptr, &limit);
    ::kill(other, SIGKILL);
    ::waitpid(other, nullptr, 0);
    return 0;
  });
  const auto events = recorder.events(child);
  const std::string pid = std::to_string(*target);
  for (const auto& [kind, call] :
       {std::pair{"ptrace", "ptrace"}, std::pair{"rlimit", "prlimit64"}}) {
    const Recorded& event = only(events, kind, call);
    EXPECT_EQ(at(event, "evt.res"), "SUCCESS");
    EXPECT_EQ(at(event, "target.pid"), pid);
    EXPECT_EQ(at(event, "target.exepath"), at(event, "proc.exepath"));
    EXPECT_FALSE(at(event, "target.name").empty());
  }
  EXPECT_TRUE(at(only(events, "ptrace", "ptrace"), "evt.info")
                  .starts_with("ptrace(request=PTRACE_SEIZE, pid=" + pid));
  expect_whole(recorder);
}

struct Ports {
  int server, client;
};

// Over the loopback, from one end to the other in one process.
template <typename Address>
int talk(int family, Address address, in_port_t Address::* port, Ports* ports) {
  const int server = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  socklen_t size = sizeof(address);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(server, any, size) != 0 || ::listen(server, 3) != 0) return 1;
  ::getsockname(server, any, &size);
  ports->server = ntohs(address.*port);
  const int client = ::socket(family, SOCK_STREAM, 0);
  if (::connect(client, any, size) != 0) return 2;
  const int accepted = ::accept4(server, any, &size, SOCK_CLOEXEC);
  ports->client = ntohs(address.*port);
  return accepted < 0 ? 3 : 0;
}

void expect_talk(const std::vector<Recorded>& events, const Ports& ports, std::string_view address,
                 std::string_view shown, std::string_view type) {
  const std::string server = fmt::format("{}:{}", shown, ports.server);
  const std::string both = fmt::format("{}:{}->{}", shown, ports.client, server);
  const Recorded& bind = only(events, "bind", "bind");
  EXPECT_EQ(at(bind, "fd.name"), server);
  EXPECT_EQ(at(bind, "fd.type"), type);
  EXPECT_EQ(at(bind, "fd.l4proto"), "tcp");
  EXPECT_EQ(at(bind, "fd.lip"), address);
  EXPECT_EQ(at(bind, "fd.sport"), std::to_string(ports.server));
  EXPECT_EQ(at(bind, "fd.is_server"), "true");

  const Recorded& listen = only(events, "listen", "listen");
  EXPECT_EQ(at(listen, "fd.name"), server);
  EXPECT_EQ(at(listen, "evt.info"), "tcp " + server);
  EXPECT_EQ(at(listen, "fd.connected"), "false");
  EXPECT_EQ(at(listen, "fd.name_changed"), "false");
  EXPECT_EQ(at(listen, "fd.ip"), address);

  const Recorded& connect = only(events, "connect", "connect");
  EXPECT_EQ(at(connect, "evt.res"), "SUCCESS");
  EXPECT_EQ(at(connect, "fd.name"), both);
  EXPECT_EQ(at(connect, "fd.lport"), std::to_string(ports.client));
  EXPECT_EQ(at(connect, "fd.rip"), address);
  EXPECT_EQ(at(connect, "fd.rport"), std::to_string(ports.server));
  EXPECT_EQ(at(connect, "fd.cport"), std::to_string(ports.client));
  EXPECT_EQ(at(connect, "fd.is_server"), "false");
  EXPECT_EQ(at(connect, "fd.connected"), "true");
  EXPECT_EQ(at(connect, "fd.name_changed"), "true");
  EXPECT_EQ(at(connect, "fd.ip"), fmt::format("{0}|{0}", address));
  EXPECT_EQ(at(connect, "fd.port"), fmt::format("{}|{}", ports.client, ports.server));
  EXPECT_EQ(at(connect, "fd.snet"), address);
  EXPECT_EQ(at(connect, "fd.rnet"), address);
  EXPECT_EQ(at(connect, "evt.arg.tuple"), both);
  EXPECT_EQ(at(connect, "fd.sip.name"), "?");

  const Recorded& accept = only(events, "accept", "accept4");
  EXPECT_EQ(at(accept, "fd.name"), both);
  EXPECT_EQ(at(accept, "fd.lport"), std::to_string(ports.server));
  EXPECT_EQ(at(accept, "fd.rport"), std::to_string(ports.client));
  EXPECT_EQ(at(accept, "fd.num"), at(accept, "evt.rawres"));
  EXPECT_EQ(at(accept, "fd.sockfamily"), "ip");
  EXPECT_EQ(at(accept, "fd.connected"), "true");
  EXPECT_EQ(at(accept, "fd.cnet"), address);
  EXPECT_LT(std::stoul(at(bind, "evt.num")), std::stoul(at(accept, "evt.num")));
}

TEST_F(CallGroupKinds, OfConnectionsByIpv4) {
  Recorder recorder({"socket", "bind", "listen", "connect", "accept"});
  ASSERT_EQ(recorder.failed(), "");
  auto* ports = share<Ports>();
  const pid_t child = recorder.run([ports] {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    return talk(AF_INET, address, &sockaddr_in::sin_port, ports);
  });
  ASSERT_EQ(recorder.status(), 0);
  expect_talk(recorder.events(child), *ports, "127.0.0.1", "127.0.0.1", "ipv4");
  EXPECT_EQ(recorder.events(child, "socket").size(), 2U);
  expect_whole(recorder);
}

TEST_F(CallGroupKinds, OfConnectionsByIpv6) {
  Recorder recorder({"socket", "bind", "listen", "connect", "accept"});
  ASSERT_EQ(recorder.failed(), "");
  auto* ports = share<Ports>();
  const pid_t child = recorder.run([ports] {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    return talk(AF_INET6, address, &sockaddr_in6::sin6_port, ports);
  });
  if (recorder.status() != 0) GTEST_SKIP() << "no IPv6 here";
  expect_talk(recorder.events(child), *ports, "::1", "[::1]", "ipv6");
  expect_whole(recorder);
}

// What a reverse shell does: the connection becomes its standard input.
TEST_F(CallGroupKinds, OfSocketsThatGetOtherNumbers) {
  Recorder recorder({"connect", "dup"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    address.sin_port = ::htons(9);
    const int client = ::socket(AF_INET, SOCK_DGRAM, 0);
    if (::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return 1;
    int pipe[2];
    if (::dup2(client, 40) != 40 || ::pipe(pipe) != 0) return 2;
    return ::dup2(pipe[0], 41) == 41 ? 0 : 3;
  });
  ASSERT_EQ(recorder.status(), 0);
  EXPECT_EQ(at(only(recorder.events(child), "connect", "connect"), "fd.connected"), "true");
  const auto dups = recorder.events(child, "dup");
  ASSERT_EQ(dups.size(), 2U);
  EXPECT_EQ(at(dups[0], "evt.rawres"), "40");
  EXPECT_EQ(at(dups[0], "fd.type"), "ipv4");
  EXPECT_EQ(at(dups[0], "fd.l4proto"), "udp");
  EXPECT_EQ(at(dups[0], "fd.rip"), "127.0.0.1");
  EXPECT_EQ(at(dups[0], "fd.sport"), "9");
  EXPECT_EQ(at(dups[0], "fd.connected"), "true");
  EXPECT_EQ(at(dups[0], "fd.name_changed"), "false");
  EXPECT_EQ(at(dups[1], "fd.type"), "");
  EXPECT_EQ(at(dups[1], "fd.connected"), "");
  expect_whole(recorder);
}

TEST_F(CallGroupKinds, OfOtherSockets) {
  Recorder recorder({"socket", "bind", "connect"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    std::memcpy(name.sun_path, "\0outrider test", 14);
    const int unnamed = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    std::ignore =
        ::bind(unnamed, reinterpret_cast<sockaddr*>(&name), offsetof(sockaddr_un, sun_path) + 14);
    std::strcpy(name.sun_path, "/no/such.sock");
    std::ignore = ::connect(unnamed, reinterpret_cast<sockaddr*>(&name), sizeof(name));
    sockaddr_nl netlink{};
    netlink.nl_family = AF_NETLINK;
    const int kernel = ::socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    std::ignore = ::bind(kernel, reinterpret_cast<sockaddr*>(&netlink), sizeof(netlink));
    sockaddr_in nobody{};
    nobody.sin_family = AF_INET;
    nobody.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    nobody.sin_port = ::htons(1);
    std::ignore = ::connect(::socket(AF_INET, SOCK_STREAM, 0), reinterpret_cast<sockaddr*>(&nobody),
                            sizeof(nobody));
    ::socket(AF_VSOCK, SOCK_STREAM, 0);
    std::ignore = ::bind(-1, reinterpret_cast<sockaddr*>(&nobody), sizeof(nobody));
    ::socket(77, SOCK_STREAM, 0);
    return 0;
  });
  const auto binds = recorder.events(child, "bind");
  ASSERT_EQ(binds.size(), 3U);
  EXPECT_EQ(at(binds[0], "fd.type"), "unix");
  EXPECT_EQ(at(binds[0], "fd.name"), "@outrider test");
  EXPECT_EQ(at(binds[0], "evt.info"), "unix @outrider test");
  EXPECT_EQ(at(binds[0], "fd.typechar"), "u");
  EXPECT_EQ(at(binds[1], "fd.type"), "netlink");
  // Not a descriptor of a socket: what it was given.
  EXPECT_EQ(at(binds[2], "evt.res"), "EBADF");
  EXPECT_EQ(at(binds[2], "fd.name"), "127.0.0.1:1");

  const auto connects = recorder.events(child, "connect");
  ASSERT_EQ(connects.size(), 2U);
  EXPECT_EQ(at(connects[0], "fd.name"), "/no/such.sock");
  EXPECT_EQ(at(connects[0], "evt.res"), "ENOENT");
  EXPECT_EQ(at(connects[1], "evt.res"), "ECONNREFUSED");
  EXPECT_EQ(at(connects[1], "fd.connected"), "false");
  EXPECT_EQ(at(connects[1], "fd.name_changed"), "false");
  EXPECT_EQ(at(connects[1], "fd.rip"), "127.0.0.1");
  EXPECT_EQ(at(connects[1], "fd.rport"), "1");

  const auto sockets = recorder.events(child, "socket");
  ASSERT_EQ(sockets.size(), 5U);
  EXPECT_EQ(at(sockets[0], "evt.info"),
            "socket(domain=AF_UNIX, type=SOCK_DGRAM, protocol=0) = " + at(sockets[0], "fd.num"));
  EXPECT_NE(at(sockets[4], "evt.res"), "SUCCESS");
  expect_whole(recorder);
}

#if defined(__x86_64__)

// By i386's socketcall and by the calls themselves: the same events.
TEST_F(CallGroupKinds, Of32BitProcesses) {
  Recorder recorder({"socket", "bind", "connect", "syscall:socketcall"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    constexpr long kSocketcall = 102, kSocket = 359, kConnect = 362;
    constexpr int kCallSocket = 1, kCallBind = 2, kCallConnect = 3;
    if (call_of_32_bits(20 /* getpid */, 0, 0, 0) != ::getpid()) return 77;
    struct Memory {
      std::uint32_t words[6];
      sockaddr_in address;
    };
    void* low = ::mmap(nullptr, sizeof(Memory), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low == MAP_FAILED) return 1;
    auto* memory = static_cast<Memory*>(low);
    const auto place = [](const void* at) {
      return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(at));
    };
    memory->address.sin_family = AF_INET;
    memory->address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    const auto by_socketcall = [&](int call, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
      memory->words[0] = a;
      memory->words[1] = b;
      memory->words[2] = c;
      memory->words[3] = memory->words[4] = memory->words[5] = 0xffffffff;
      return call_of_32_bits(kSocketcall, call, place(memory->words), 0);
    };
    const auto address = place(&memory->address);
    const auto descriptor =
        static_cast<std::uint32_t>(by_socketcall(kCallSocket, AF_INET, SOCK_STREAM, 0));
    by_socketcall(kCallBind, descriptor, address, sizeof(sockaddr_in));
    memory->address.sin_port = ::htons(1);
    by_socketcall(kCallConnect, descriptor, address, sizeof(sockaddr_in));
    by_socketcall(99, 1, 2, 3);
    const long other = call_of_32_bits(kSocket, AF_INET, SOCK_STREAM, 0);
    call_of_32_bits(kConnect, other, address, sizeof(sockaddr_in));
    return 0;
  });
  if (WEXITSTATUS(recorder.status()) == 77) GTEST_SKIP() << "this kernel has no 32-bit calls";
  ASSERT_EQ(recorder.status(), 0);
  const auto sockets = recorder.events(child, "socket");
  const auto connects = recorder.events(child, "connect");
  ASSERT_EQ(sockets.size(), 2U);
  ASSERT_EQ(connects.size(), 2U);
  for (const Recorded& socket : sockets) {
    EXPECT_EQ(at(socket, "evt.type"), "socket");
    EXPECT_EQ(at(socket, "evt.abi"), "32");
    EXPECT_TRUE(at(socket, "evt.info")
                    .starts_with("socket(domain=AF_INET, type=SOCK_STREAM, protocol=0) = "))
        << at(socket, "evt.info");
  }
  for (const Recorded& connect : connects) {
    EXPECT_EQ(at(connect, "evt.type"), "connect");
    EXPECT_EQ(at(connect, "evt.res"), "ECONNREFUSED");
    EXPECT_EQ(at(connect, "fd.rip"), "127.0.0.1");
    EXPECT_EQ(at(connect, "fd.rport"), "1");
  }
  EXPECT_EQ(recorder.events(child, "bind").size(), 1U);
  // As they were made: all four, also that which stands for nothing.
  EXPECT_EQ(recorder.events(child, "syscall").size(), 4U);
  expect_whole(recorder);
}

// By both of i386's numbers for fcntl.
TEST_F(CallGroupKinds, OfDuplicatesIn32Bits) {
  Recorder recorder({"dup"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    constexpr long kFcntl = 55, kFcntl64 = 221;
    if (call_of_32_bits(20 /* getpid */, 0, 0, 0) != ::getpid()) return 77;
    call_of_32_bits(kFcntl, 0, F_GETFD, 0);
    call_of_32_bits(kFcntl, 0, F_DUPFD, 80);
    call_of_32_bits(kFcntl64, 0, F_SETFD, 0);
    call_of_32_bits(kFcntl64, 0, F_DUPFD_CLOEXEC, 90);
    return 0;
  });
  if (WEXITSTATUS(recorder.status()) == 77) GTEST_SKIP() << "this kernel has no 32-bit calls";
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(at(events[0], "evt.info"), "fcntl(fd=0, cmd=F_DUPFD, arg=80) = 80");
  EXPECT_EQ(at(events[1], "evt.info"), "fcntl64(fd=0, cmd=F_DUPFD_CLOEXEC, arg=90) = 90");
  EXPECT_EQ(at(events[1], "evt.abi"), "32");
  expect_whole(recorder);
}

#endif

// Both kinds at once, of one call: each has its record.
TEST_F(CallGroupKinds, BesideTheKindSyscall) {
  Recorder recorder({"syscall:unshare,getuid", "unshare"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    ::unshare(CLONE_NEWUTS);
    return static_cast<int>(::syscall(SYS_getuid));
  });
  EXPECT_EQ(recorder.events(child, "unshare").size(), 1U);
  const auto calls = recorder.events(child, "syscall");
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(at(calls[0], "evt.type"), "unshare");
  EXPECT_EQ(at(calls[1], "evt.type"), "getuid");
  expect_whole(recorder);
}

TEST_F(CallGroupKinds, AreFilteredInTheKernel) {
  Recorder recorder({"connect", "mount"}, {}, "evt.res = EBADF or proc.name = nobody");
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    sockaddr_in nobody{};
    nobody.sin_family = AF_INET;
    for (int i = 0; i < 5; ++i) ::umount2("/no/such/place", 0);
    std::ignore = ::connect(-1, reinterpret_cast<sockaddr*>(&nobody), sizeof(nobody));
    return 0;
  });
  ASSERT_EQ(recorder.events(child).size(), 1U);
  const Account account = recorder.finish();
  for (const KindAccount& kind : account.kinds) {
    if (kind.kind == "mount") {
      EXPECT_GE(kind.filtered_kernel, 5U);
    }
    EXPECT_EQ(kind.difference(), 0);
  }
}

}  // namespace
}  // namespace outrider
