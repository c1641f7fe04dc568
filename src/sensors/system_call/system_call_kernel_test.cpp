// SPDX-License-Identifier: Apache-2.0
//
// System calls that succeed, with real structures; those that do not return; and what a stream of
// some of them leaves alone. Every other call is in every_call_kernel_test.cpp.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "support/call_events.h"
#include "support/guest.h"
#include "support/recorder.h"

namespace outrider {
namespace {

class SystemCalls : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

std::vector<std::string> infos(const std::vector<Recorded>& events) {
  std::vector<std::string> all;
  for (const Recorded& event : events) all.push_back(event.at("evt.info"));
  return all;
}

TEST_F(SystemCalls, OnlyThoseThatAreNamed) {
  Recorder recorder({"syscall:getppid,umask"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    ::syscall(SYS_getppid);
    ::syscall(SYS_getpid);
    ::umask(027);
    ::open("/", O_RDONLY);
    return 0;
  });
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].at("evt.type"), "getppid");
  EXPECT_EQ(events[0].at("evt.kind"), "syscall");
  EXPECT_EQ(events[0].at("evt.info"), fmt::format("getppid() = {}", ::getpid()));
  EXPECT_EQ(events[0].at("evt.rawres"), std::to_string(::getpid()));
  EXPECT_EQ(events[0].at("evt.category"), "other");
  EXPECT_EQ(events[0].at("evt.args"), "");
  EXPECT_TRUE(events[1].at("evt.info").starts_with("umask(mask=0027) = "));
  EXPECT_EQ(events[1].at("evt.args"), "mask=0027");
  EXPECT_EQ(events[1].at("syscall.type"), "umask");

  // Nobody else's calls were even looked at.
  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].kind, "syscall");
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_LT(account.kinds[0].seen, 1000u);
}

// A condition on evt.type does what naming the calls does.
TEST_F(SystemCalls, OnlyThoseThatAConditionNames) {
  Recorder recorder({"syscall"}, {}, "evt.type in (getppid, getpgid) and evt.res = SUCCESS");
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    for (int i = 0; i < 50; ++i) ::syscall(SYS_getpid);
    ::syscall(SYS_getppid);
    ::syscall(SYS_getpgid, 4194400);
    return 0;
  });
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("evt.type"), "getppid");
  const Account account = recorder.finish();
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_LT(account.kinds[0].seen, 1000u);
}

TEST_F(SystemCalls, ACallIsOfItsOwnKindToo) {
  Recorder recorder({"open", "exec", "syscall:openat,openat2,execve,chdir"}, {},
                    "proc.name in (own-kinds, true)");
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    ::prctl(PR_SET_NAME, "own-kinds", 0, 0, 0);
    ::syscall(SYS_openat, AT_FDCWD, "/etc/nonexistent", O_RDWR | O_CREAT | O_EXCL, 0600);
    struct {
      std::uint64_t flags = O_RDONLY | O_CLOEXEC, mode = 0, resolve = 8;
    } how;
    ::syscall(SYS_openat2, AT_FDCWD, "usr", &how, sizeof(how));
    if (::chdir("/usr") != 0) return 1;
    const char* const arguments[] = {"one", "--password=two", nullptr};
    ::syscall(SYS_execve, "/nonexistent", arguments, nullptr);
    ::syscall(SYS_execve, "/bin/true", arguments, nullptr);
    return 1;
  });
  ::unlink("/etc/nonexistent");
  const auto calls = recorder.events(child, "syscall");
  const auto shown = infos(calls);
  ASSERT_GE(calls.size(), 5u);
  const auto begins = [&](std::size_t i, std::string_view text) {
    EXPECT_TRUE(shown[i].starts_with(text)) << shown[i];
  };
  begins(0,
         "openat(dirfd=AT_FDCWD, path=\"/etc/nonexistent\", flags=O_RDWR|O_CREAT|O_EXCL, "
         "mode=0600) = ");
  begins(1,
         "openat2(dirfd=AT_FDCWD, path=\"usr\", how={flags=O_RDONLY|O_CLOEXEC, mode=0000, "
         "resolve=RESOLVE_BENEATH}, size=24) = ");
  begins(2, "chdir(path=\"/usr\") = 0");
  begins(3, "execve(path=\"/nonexistent\", argv=[\"one\", \"--password=***\"], envp=0x0) = ENOENT");
  // What it was given is gone with the old program; the kind exec has it.
  begins(4, "execve(path=?, argv=?, envp=?) = 0");
  EXPECT_EQ(calls[4].at("evt.res"), "SUCCESS");
  EXPECT_EQ(calls[0].at("evt.arg.flags"), "O_RDWR|O_CREAT|O_EXCL");
  EXPECT_EQ(calls[0].at("evt.arg.mode"), "0600");

  const auto opens = recorder.events(child, "open");
  ASSERT_GE(opens.size(), 2u);
  EXPECT_EQ(opens[0].at("fd.name"), "/etc/nonexistent");
  EXPECT_EQ(recorder.events(child, "exec").size(), 2u);
  expect_whole(recorder);
}

TEST_F(SystemCalls, ThoseThatDoNotReturn) {
  Recorder recorder({"syscall:exit_group,exit,rt_sigreturn"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    ::signal(SIGUSR1, [](int) {});
    ::raise(SIGUSR1);
    const pid_t other = ::fork();
    if (other == 0) ::syscall(SYS_exit, 3);
    ::waitpid(other, nullptr, 0);
    return 7;
  });
  const auto events = recorder.events(child);
  EXPECT_EQ(infos(events),
            (std::vector<std::string>{"rt_sigreturn() = ?", "exit_group(status=7) = ?"}));
  EXPECT_EQ(events[0].at("evt.res"), "?");
  EXPECT_EQ(std::ranges::count(infos(recorder.events()), "exit(status=3) = ?"), 1);
  expect_whole(recorder);
}

TEST_F(SystemCalls, ThatWaitForASignal) {
  Recorder recorder({"syscall:pause,rt_sigsuspend"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    ::signal(SIGALRM, [](int) {});
    for (const long number : {long{SYS_pause}, long{SYS_rt_sigsuspend}}) {
      // Blocked until the call unblocks it, so that it cannot come before.
      const std::uint64_t none = 0;
      ::ualarm(20'000, 20'000);
      ::syscall(number, &none, sizeof(none));
      ::ualarm(0, 0);
    }
    return 0;
  });
  const auto shown = infos(recorder.events(child));
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[0], "pause() = ERESTARTNOHAND");
  EXPECT_EQ(shown[1], "rt_sigsuspend(mask=[], sigsetsize=8) = ERESTARTNOHAND");
}

TEST_F(SystemCalls, NewProcesses) {
  Recorder recorder({"syscall:clone,clone3,vfork,fork,wait4"});
  ASSERT_EQ(recorder.failed(), "");
  auto* pids = share<std::array<pid_t, 4>>();
  const pid_t child = recorder.run([&] {
    const auto wait = [&](std::size_t i, long pid) {
      if (pid == 0) ::_exit(5);
      (*pids)[i] = static_cast<pid_t>(pid);
      ::syscall(SYS_wait4, pid, &(*pids)[3], 0, nullptr);
    };
    wait(0, ::syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
    wait(1, ::syscall(SYS_fork));
    clone_args arguments{};
    arguments.flags = CLONE_NEWIPC;
    arguments.exit_signal = SIGCHLD;
    wait(2, ::syscall(SYS_clone3, &arguments, sizeof(arguments)));
    return 0;
  });
  auto shown = infos(recorder.events(child));
  // It begins with its own return from the fork that the C library has made of it.
  std::erase_if(shown, [](const std::string& info) { return info.ends_with(" = 0"); });
  ASSERT_EQ(shown.size(), 6u);
  EXPECT_EQ(shown[0], fmt::format("clone(flags=SIGCHLD|CLONE_NEWUTS, stack=0x0, parent_tid=0x0, "
                                  "child_tid=0x0, tls=0x0) = {}",
                                  (*pids)[0]));
  EXPECT_EQ(shown[1],
            fmt::format("wait4(pid={0}, wstatus=1280, options=0, rusage=0x0) = {0}", (*pids)[0]));
  EXPECT_EQ(shown[2], fmt::format("fork() = {}", (*pids)[1]));
  EXPECT_EQ(shown[4],
            fmt::format("clone3(cl_args={{flags=CLONE_NEWIPC, pidfd=0x0, child_tid=0x0, "
                        "parent_tid=0x0, exit_signal=SIGCHLD, stack=0x0, stack_size=0, tls=0x0}}, "
                        "size=88) = {}",
                        (*pids)[2]));
  // The child comes back from it, too.
  EXPECT_EQ(infos(recorder.events((*pids)[1])), (std::vector<std::string>{"fork() = 0"}));
}

TEST_F(SystemCalls, Sockets) {
  Recorder recorder(
      {"syscall:socket,bind,listen,getsockname,connect,accept4,sendto,recvfrom,"
       "sendmsg,recvmsg,socketpair,setsockopt,shutdown"});
  ASSERT_EQ(recorder.failed(), "");
  auto* port = share<int>();
  const pid_t child = recorder.run([&] {
    const int server = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof(address);
    if (::bind(server, generic, length) != 0) return 1;
    ::getsockname(server, generic, &length);
    *port = ntohs(address.sin_port);
    const int client = ::socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    ::sendto(client, "secret", 6, MSG_NOSIGNAL, generic, length);
    char buffer[64];
    ::recvfrom(server, buffer, sizeof(buffer), MSG_DONTWAIT, nullptr, nullptr);
    iovec parts[] = {{buffer, 3}, {buffer + 3, 4}};
    msghdr message{};
    message.msg_name = generic;
    message.msg_namelen = length;
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    ::sendmsg(client, &message, 0);

    const int stream = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    std::strcpy(local.sun_path, "/nonexistent/socket");
    // Whether somebody listens there does not matter.
    [[maybe_unused]] int result =
        ::connect(stream, reinterpret_cast<sockaddr*>(&local), sizeof(local));
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(7);
    v6.sin6_addr = in6addr_loopback;
    result = ::connect(stream, reinterpret_cast<sockaddr*>(&v6), sizeof(v6));
    int pair[2];
    ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair);
    const int one = 1;
    ::setsockopt(stream, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one));
    ::shutdown(pair[0], SHUT_RDWR);
    return 0;
  });
  const auto events = recorder.events(child);
  const auto shown = infos(events);
  ASSERT_EQ(shown.size(), 13u);
  const int server = std::stoi(events[0].at("evt.rawres"));
  const int client = std::stoi(events[3].at("evt.rawres"));
  const int stream = std::stoi(events[7].at("evt.rawres"));
  const std::string address =
      fmt::format("{{sa_family=AF_INET, sin_port={}, sin_addr=127.0.0.1}}", *port);
  EXPECT_EQ(
      shown[0],
      fmt::format("socket(domain=AF_INET, type=SOCK_DGRAM|SOCK_CLOEXEC, protocol=0) = {}", server));
  EXPECT_EQ(shown[1], fmt::format("bind(sockfd={}, addr={{sa_family=AF_INET, sin_port=0, "
                                  "sin_addr=127.0.0.1}}, addrlen=16) = 0",
                                  server));
  EXPECT_EQ(shown[2],
            fmt::format("getsockname(sockfd={}, addr={}, addrlen=16) = 0", server, address));
  EXPECT_EQ(
      shown[3],
      fmt::format("socket(domain=AF_INET, type=SOCK_DGRAM, protocol=IPPROTO_UDP) = {}", client));
  EXPECT_EQ(shown[4], fmt::format("sendto(sockfd={}, buf=<6 bytes>, len=6, flags=MSG_NOSIGNAL, "
                                  "dest_addr={}, addrlen=16) = 6",
                                  client, address));
  EXPECT_EQ(shown[5], fmt::format("recvfrom(sockfd={}, buf=<6 bytes>, len=64, flags=MSG_DONTWAIT, "
                                  "src_addr=NULL, addrlen=NULL) = 6",
                                  server));
  EXPECT_TRUE(shown[6].starts_with(
      fmt::format("sendmsg(sockfd={}, msg={{msg_name={}, msg_namelen=16, msg_iov=[{{iov_base=0x",
                  client, address)))
      << shown[6];
  EXPECT_NE(shown[6].find(", iov_len=3}, {iov_base=0x"), std::string::npos) << shown[6];
  EXPECT_TRUE(
      shown[6].ends_with(", iov_len=4}], msg_iovlen=2, msg_control=0x0, msg_controllen=0, "
                         "msg_flags=0}, flags=0) = 7"))
      << shown[6];
  EXPECT_EQ(shown[8], fmt::format("connect(sockfd={}, addr={{sa_family=AF_UNIX, "
                                  "sun_path=\"/nonexistent/socket\"}}, addrlen=110) = ENOENT",
                                  stream));
  EXPECT_EQ(shown[9], fmt::format("connect(sockfd={}, addr={{sa_family=AF_INET6, sin6_port=7, "
                                  "sin6_addr=::1}}, addrlen=28) = EINVAL",
                                  stream));
  EXPECT_EQ(shown[10],
            fmt::format("socketpair(domain=AF_UNIX, type=SOCK_SEQPACKET|SOCK_NONBLOCK, protocol=0, "
                        "sv=[{}, {}]) = 0",
                        stream + 1, stream + 2));
  EXPECT_EQ(shown[11], fmt::format("setsockopt(sockfd={}, level=SOL_SOCKET, optname=SO_PASSCRED, "
                                   "optval=1, optlen=4) = 0",
                                   stream));
  EXPECT_EQ(shown[12], fmt::format("shutdown(sockfd={}, how=SHUT_RDWR) = 0", stream + 1));
  EXPECT_EQ(events[4].at("evt.args"),
            fmt::format("sockfd={} buf=<6 bytes> len=6 flags=MSG_NOSIGNAL dest_addr={} addrlen=16",
                        client, address));
}

TEST_F(SystemCalls, PayloadOnlyForWhoAsksForIt) {
  for (const bool show : {false, true}) {
    EngineOptions options;
    options.show_secrets = show;
    Recorder recorder({"syscall:write,read"}, options);
    ASSERT_EQ(recorder.failed(), "");
    const pid_t child = recorder.run([] {
      int ends[2];
      char buffer[16];
      if (::pipe(ends) != 0) return 1;
      if (::write(ends[1], "token\n", 6) != 6) return 2;
      return ::read(ends[0], buffer, sizeof(buffer)) == 6 ? 0 : 3;
    });
    ASSERT_EQ(recorder.status(), 0);
    const auto shown = infos(recorder.events(child));
    ASSERT_EQ(shown.size(), 2u);
    const std::string_view payload = show ? "\"token\\n\"" : "<6 bytes>";
    EXPECT_NE(shown[0].find(fmt::format("buf={}, count=6) = 6", payload)), std::string::npos)
        << shown[0];
    EXPECT_NE(shown[1].find(fmt::format("buf={}, count=16) = 6", payload)), std::string::npos)
        << shown[1];
  }
}

TEST_F(SystemCalls, DescriptorsAndWaiting) {
  Recorder recorder({"syscall:pipe2,writev,poll,epoll_create1,epoll_ctl,epoll_wait,fcntl,dup3"});
  ASSERT_EQ(recorder.failed(), "");
  auto* ends = share<std::array<int, 4>>();
  const pid_t child = recorder.run([&] {
    int* pair = ends->data();
    if (::pipe2(pair, O_CLOEXEC | O_NONBLOCK) != 0) return 1;
    iovec parts[] = {{const_cast<char*>("ab"), 2}, {const_cast<char*>("c"), 1}};
    ::writev(pair[1], parts, 2);
    pollfd fds[] = {{pair[0], POLLIN, 0}, {-1, POLLOUT, 0}};
    ::poll(fds, 2, 0);
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    pair[2] = epoll;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLONESHOT;
    event.data.u64 = 0xabcdef;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], &event);
    ::epoll_wait(epoll, &event, 1, 0);
    ::fcntl(pair[0], F_SETFL, O_RDONLY);
    return 0;
  });
  const auto shown = infos(recorder.events(child));
  const auto& [in, out, epoll, unused] = *ends;
  ASSERT_EQ(shown.size(), 7u);
  EXPECT_EQ(shown[0],
            fmt::format("pipe2(pipefd=[{}, {}], flags=O_NONBLOCK|O_CLOEXEC) = 0", in, out));
  EXPECT_TRUE(shown[1].starts_with(fmt::format("writev(fd={}, iov=[{{iov_base=0x", out)));
  EXPECT_TRUE(shown[1].ends_with(", iov_len=1}], iovcnt=2) = 3")) << shown[1];
  EXPECT_EQ(shown[2], fmt::format("poll(fds=[{{fd={}, events=POLLIN, revents=POLLIN}}, {{fd=-1, "
                                  "events=POLLOUT, revents=0}}], nfds=2, timeout=0) = 1",
                                  in));
  EXPECT_EQ(shown[3], fmt::format("epoll_create1(flags=EPOLL_CLOEXEC) = {}", epoll));
  EXPECT_EQ(shown[4], fmt::format("epoll_ctl(epfd={}, op=EPOLL_CTL_ADD, fd={}, "
                                  "event={{events=EPOLLIN|EPOLLONESHOT, data=0xabcdef}}) = 0",
                                  epoll, in));
  EXPECT_EQ(shown[5], fmt::format("epoll_wait(epfd={}, events=[{{events=EPOLLIN, data=0xabcdef}}], "
                                  "maxevents=1, timeout=0) = 1",
                                  epoll));
  EXPECT_EQ(shown[6], fmt::format("fcntl(fd={}, cmd=F_SETFL, arg=O_RDONLY) = 0", in));
}

TEST_F(SystemCalls, ProcessesSignalsAndTime) {
  Recorder recorder(
      {"syscall:nanosleep,clock_nanosleep,futex,prctl,setrlimit,prlimit64,"
       "rt_sigaction,rt_sigprocmask,kill,mmap,mprotect,munmap,sched_setscheduler,"
       "setpriority,capget,personality,clock_gettime"});
  ASSERT_EQ(recorder.failed(), "");
  auto* address = share<std::uint64_t>();
  const pid_t child = recorder.run([&] {
    const timespec time{0, 1000};
    ::syscall(SYS_nanosleep, &time, nullptr);
    ::syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
    int word = 5;
    // The last is an unsigned int: the kernel takes its lower half.
    ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 4, &time, nullptr, 0x7ffc00000003);
    ::syscall(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit limit{7, 9};
    ::syscall(SYS_setrlimit, RLIMIT_CORE, &limit);
    rlimit old{};
    ::syscall(SYS_prlimit64, 0, RLIMIT_CORE, nullptr, &old);
    struct {
      std::uint64_t handler = 1, flags = SA_RESTART, restorer = 0, mask = 1 << (SIGINT - 1);
    } action;
    ::syscall(SYS_rt_sigaction, SIGUSR2, &action, nullptr, 8);
    const std::uint64_t set = 1 << (SIGHUP - 1) | 1 << (SIGUSR2 - 1);
    ::syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, nullptr, 8);
    ::syscall(SYS_kill, ::getpid(), 0);
    const long page =
        ::syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
    *address = static_cast<std::uint64_t>(page);
    ::syscall(SYS_mprotect, page, 4096, PROT_NONE);
    ::syscall(SYS_munmap, page, 4096);
    const sched_param parameter{0};
    ::syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &parameter);
    ::syscall(SYS_setpriority, PRIO_PROCESS, 0, 5);
    ::syscall(SYS_personality, 0x0040000);
    return 0;
  });
  const auto events = recorder.events(child);
  const auto shown = infos(events);
  const std::vector<std::string> expected = {
      "nanosleep(rqtp={tv_sec=0, tv_nsec=1000}, rmtp=0x0) = 0",
      ("clock_nanosleep(clockid=CLOCK_MONOTONIC, flags=TIMER_ABSTIME, rqtp={tv_sec=0, "
       "tv_nsec=1000}, rmtp=0x0) = 0"),
      "futex(uaddr=" + (shown.size() > 2 ? shown[2].substr(12, shown[2].find(',') - 12) : "") +
          ", futex_op=FUTEX_WAIT|FUTEX_PRIVATE_FLAG, val=4, timeout={tv_sec=0, tv_nsec=1000}, "
          "uaddr2=0x0, val3=0x3) = EAGAIN",
      "prctl(option=PR_SET_DUMPABLE, arg2=0) = 0",
      "setrlimit(resource=RLIMIT_CORE, rlim={rlim_cur=7, rlim_max=9}) = 0",
      ("prlimit64(pid=0, resource=RLIMIT_CORE, new_limit=NULL, "
       "old_limit={rlim_cur=7, rlim_max=9}) = 0"),
      ("rt_sigaction(signum=SIGUSR2, act={sa_handler=0x1, sa_flags=SA_RESTART, "
       "sa_mask=[SIGINT], sa_restorer=0x0}, oldact=NULL, sigsetsize=8) = 0"),
      "rt_sigprocmask(how=SIG_BLOCK, set=[SIGHUP SIGUSR2], oldset=NULL, sigsetsize=8) = 0",
      fmt::format("kill(pid={}, sig=0) = 0", child),
      fmt::format("mmap(addr=0x0, length=4096, prot=PROT_READ|PROT_WRITE, "
                  "flags=MAP_PRIVATE|MAP_ANONYMOUS, fd=-1, offset=0x0) = {:#x}",
                  *address),
      fmt::format("mprotect(addr={:#x}, len=4096, prot=PROT_NONE) = 0", *address),
      fmt::format("munmap(addr={:#x}, length=4096) = 0", *address),
      "sched_setscheduler(pid=0, policy=SCHED_BATCH, param={sched_priority=0}) = 0",
      "setpriority(which=PRIO_PROCESS, who=0, prio=5) = 0",
      "personality(persona=PER_LINUX|ADDR_NO_RANDOMIZE) = 0",
  };
  // The C library may have calls of its own among them.
  std::size_t next = 0;
  for (const std::string& info : shown) {
    if (next < expected.size() && info == expected[next]) ++next;
  }
  std::string all;
  for (const std::string& info : shown) all += info + "\n";
  EXPECT_EQ(next, expected.size()) << "not found: " << expected[next] << "\nin\n" << all;
}

TEST_F(SystemCalls, PtraceAndMounts) {
  Recorder recorder({"syscall:ptrace,mount,umount2,unshare"});
  ASSERT_EQ(recorder.failed(), "");
  auto* pid = share<pid_t>();
  const pid_t child = recorder.run([&] {
    const pid_t traced = ::fork();
    if (traced == 0) {
      ::pause();
      ::_exit(0);
    }
    *pid = traced;
    ::ptrace(PTRACE_ATTACH, traced, nullptr, nullptr);
    ::waitpid(traced, nullptr, __WALL);
    ::kill(traced, SIGKILL);
    ::waitpid(traced, nullptr, __WALL);
    if (::unshare(CLONE_NEWNS) != 0) return 1;
    ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    ::mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV, "size=4096");
    ::umount2("/mnt", MNT_DETACH);
    return 0;
  });
  const auto events = recorder.events(child);
  const auto shown = infos(events);
  ASSERT_EQ(shown.size(), 5u);
  EXPECT_EQ(shown[0],
            fmt::format("ptrace(request=PTRACE_ATTACH, pid={}, addr=0x0, data=0x0) = 0", *pid));
  EXPECT_EQ(shown[1], "unshare(flags=CLONE_NEWNS) = 0");
  EXPECT_EQ(
      shown[2],
      "mount(source=\"none\", target=\"/\", filesystemtype=NULL, mountflags=MS_REC|MS_PRIVATE, "
      "data=0x0) = 0");
  EXPECT_TRUE(
      shown[3].starts_with("mount(source=\"tmpfs\", target=\"/mnt\", "
                           "filesystemtype=\"tmpfs\", mountflags=MS_NOSUID|MS_NODEV, "
                           "data=0x"))
      << shown[3];
  EXPECT_EQ(shown[4], "umount2(target=\"/mnt\", flags=MNT_DETACH) = 0");
  EXPECT_EQ(events[4].at("evt.arg.target"), "/mnt");
}

// Memory that is not there is unknown, and a null pointer is none.
TEST_F(SystemCalls, MemoryThatIsNotThere) {
  Recorder recorder({"syscall:umount2,nanosleep"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    ::syscall(SYS_umount2, 0x10, 0);
    ::syscall(SYS_umount2, nullptr, 0);
    ::syscall(SYS_nanosleep, 0x10, nullptr);
    return 0;
  });
  EXPECT_EQ(infos(recorder.events(child)),
            (std::vector<std::string>{"umount2(target=?, flags=0) = EFAULT",
                                      "umount2(target=NULL, flags=0) = EFAULT",
                                      "nanosleep(rqtp=?, rmtp=0x0) = EFAULT"}));
}

// Arguments in conditions, by name and by place.
TEST_F(SystemCalls, ArgumentsInConditions) {
  std::vector<std::string_view> conditions = {"evt.arg.sig = SIGURG", "evt.rawarg.sig = 23"};
  // The agent decides in the same way on every kernel, and guests are slow.
  if (!test::in_guest()) {
    conditions.insert(conditions.end(), {"evt.arg[1] = SIGURG", "evt.args contains 'sig=SIGURG'",
                                         "evt.arg.sig startswith SIGU and evt.rawarg[0] > 0"});
  }
  for (const std::string_view where : conditions) {
    Recorder recorder({"syscall:kill"}, {}, where);
    ASSERT_EQ(recorder.failed(), "") << where;
    const pid_t child = recorder.run([] {
      ::kill(::getpid(), 0);
      ::kill(::getpid(), SIGURG);
      return 0;
    });
    const auto events = recorder.events(child);
    ASSERT_EQ(events.size(), 1u) << where;
    EXPECT_EQ(events[0].at("evt.info"), fmt::format("kill(pid={}, sig=SIGURG) = 0", child));
    expect_whole(recorder);
  }
}

}  // namespace
}  // namespace outrider
