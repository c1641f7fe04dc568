// SPDX-License-Identifier: Apache-2.0
//
// What execs and forks tell besides names, on the real kernel: each is compared with what the
// process itself says, or with what was done to it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "support/call_events.h"
#include "support/recorder.h"
#include "support/temporary_directory.h"

namespace outrider {

namespace {

class ProcessFacts : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

int execute(const std::string& file, std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(file.c_str(), arguments.data());
  return 127;
}

// An exec of this program, or the last event of the process.
Recorded exec_of(const Recorder& recorder, pid_t pid) {
  const auto events = recorder.events(pid, "exec");
  return events.empty() ? Recorded() : events.back();
}

std::uint64_t number(const Recorded& event, const char* field) {
  const auto found = event.find(field);
  return found == event.end() || found->second == "?" ? 0 : std::stoull(found->second);
}

std::uint64_t inode_of(const char* path) {
  struct stat status{};
  return ::stat(path, &status) == 0 ? status.st_ino : 0;
}

// A copy of /bin/true; to be run by that name, since it may be busybox.
std::string copy_of_true(const std::string& to, std::filesystem::perms mode) {
  std::filesystem::copy_file("/bin/true", to, std::filesystem::copy_options::overwrite_existing);
  std::filesystem::permissions(to, mode);
  return to;
}

constexpr auto kProgram = static_cast<std::filesystem::perms>(0755);

// With these capabilities, effective, permitted and inheritable.
int set_capabilities(std::uint64_t effective, std::uint64_t permitted, std::uint64_t inheritable) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[2];
  for (int i = 0; i < 2; ++i) {
    data[i].effective = static_cast<std::uint32_t>(effective >> (32 * i));
    data[i].permitted = static_cast<std::uint32_t>(permitted >> (32 * i));
    data[i].inheritable = static_cast<std::uint32_t>(inheritable >> (32 * i));
  }
  return static_cast<int>(::syscall(SYS_capset, &header, data));
}

TEST_F(ProcessFacts, OfAnOrdinaryProcess) {
  Recorder recorder({"exec", "fork", "exit"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] { return execute("/bin/true", {"/bin/true", "a", "bc"}); });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 3u);
  for (const Recorded& event : events) {
    SCOPED_TRACE(event.at("evt.kind"));
    EXPECT_EQ(number(event, "proc.pgid"), static_cast<std::uint64_t>(::getpgid(0)));
    EXPECT_EQ(number(event, "proc.ns.pid"), inode_of("/proc/self/ns/pid"));
    EXPECT_EQ(number(event, "proc.ns.user"), inode_of("/proc/self/ns/user"));
    EXPECT_EQ(number(event, "proc.ns.net"), inode_of("/proc/self/ns/net"));
    EXPECT_EQ(number(event, "proc.ns.mnt"), inode_of("/proc/self/ns/mnt"));
    EXPECT_EQ(number(event, "proc.ns.uts"), inode_of("/proc/self/ns/uts"));
    EXPECT_EQ(number(event, "proc.ns.ipc"), inode_of("/proc/self/ns/ipc"));
    EXPECT_EQ(number(event, "proc.ns.cgroup"), inode_of("/proc/self/ns/cgroup"));
    EXPECT_EQ(at(event, "proc.is_pgid_leader"), "false");
    EXPECT_NE(at(event, "proc.vpgid"), "?");
    EXPECT_NE(at(event, "proc.vsid"), "?");
    EXPECT_NE(at(event, "thread.cap_effective"), "?");
  }
  // The fork is this test's image, the rest that of /bin/true.
  const Recorded& exec = events[1];
  struct stat file{};
  ASSERT_EQ(::stat("/bin/true", &file), 0);
  for (const Recorded& event : {events[1], events[2]}) {
    EXPECT_EQ(number(event, "proc.exe_ino"), file.st_ino);
    EXPECT_EQ(
        number(event, "proc.exe_ino.ctime"),
        static_cast<std::uint64_t>(file.st_ctim.tv_sec * 1'000'000'000 + file.st_ctim.tv_nsec));
    EXPECT_EQ(
        number(event, "proc.exe_ino.mtime"),
        static_cast<std::uint64_t>(file.st_mtim.tv_sec * 1'000'000'000 + file.st_mtim.tv_nsec));
    EXPECT_EQ(at(event, "proc.is_exe_from_memfd"), "false");
    EXPECT_EQ(at(event, "proc.is_exe_deleted"), "false");
    EXPECT_EQ(at(event, "proc.is_exe_writable"), "true") << "by root, its owner";
    EXPECT_EQ(at(event, "proc.cmdnargs"), "2");
    EXPECT_EQ(at(event, "proc.cmdlenargs"), "3");
    EXPECT_FALSE(event.contains("proc.interpreter"));
  }
  EXPECT_EQ(number(events[0], "proc.exe_ino"), inode_of("/proc/self/exe"));
  const std::uint64_t now = read_clock(CLOCK_REALTIME);
  EXPECT_LT(now - number(exec, "proc.pid.ts"), 60'000'000'000u);
  EXPECT_LE(number(exec, "proc.ppid.ts"), number(exec, "proc.pid.ts"));
  EXPECT_GT(number(exec, "proc.duration"), 0u);
  EXPECT_GE(number(exec, "proc.ppid.duration"), number(exec, "proc.duration"));
}

// A process of its own session and user, with the capabilities that it was given.
TEST_F(ProcessFacts, AnotherUserWithSomeCapabilities) {
  const test::TemporaryDirectory folder;
  const std::string program = copy_of_true(folder / "program", kProgram);
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  constexpr std::uint64_t kKept = 1u << CAP_NET_RAW | 1u << CAP_KILL;
  const pid_t child = recorder.run([&] {
    ::setsid();
    ::prctl(PR_SET_KEEPCAPS, 1);
    if (::setresgid(4711, 4711, 4711) != 0 || ::setresuid(4711, 4711, 4711) != 0) return 1;
    if (set_capabilities(kKept, kKept, kKept) != 0) return 2;
    // Only what is ambient survives the exec of a file without capabilities.
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0) != 0) return 3;
    return execute(program, {"true"});
  });
  ASSERT_EQ(recorder.status(), 0);
  const Recorded exec = exec_of(recorder, child);
  EXPECT_EQ(at(exec, "user.uid"), "4711");
  EXPECT_EQ(at(exec, "thread.cap_effective"), "CAP_NET_RAW");
  EXPECT_EQ(at(exec, "thread.cap_permitted"), "CAP_NET_RAW");
  EXPECT_EQ(at(exec, "thread.cap_inheritable"), "CAP_KILL CAP_NET_RAW");
  EXPECT_EQ(number(exec, "proc.pgid"), static_cast<std::uint64_t>(child));
  EXPECT_EQ(at(exec, "proc.is_pgid_leader"), "true");
  EXPECT_EQ(at(exec, "proc.tty"), "0") << "a new session has none";
  EXPECT_EQ(at(exec, "proc.is_exe_writable"), "false");
}

// Root's rights are gone with root's name, though no exec and no fork tells.
TEST_F(ProcessFacts, AUserWhoIsChangedLater) {
  Recorder recorder({"open"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    ::close(::open("/dev/null", O_RDONLY));
    ::usleep(100'000);
    if (::setresuid(4711, 4711, 4711) != 0) return 1;
    ::close(::open("/dev/zero", O_RDONLY));
    ::usleep(200'000);
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child, "open");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_NE(at(events[0], "thread.cap_effective").find("CAP_CHOWN"), std::string::npos);
  EXPECT_EQ(at(events[1], "user.uid"), "4711");
  EXPECT_EQ(at(events[1], "thread.cap_effective"), "") << "read from /proc";
}

TEST_F(ProcessFacts, GroupsAndTheTerminal) {
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    // A session with a terminal, and a group in it that is led by another process.
    ::setsid();
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) return 77;
    const int slave = ::open(::ptsname(terminal), O_RDWR);
    if (slave < 0 || ::ioctl(slave, TIOCSCTTY, 0) != 0) return 78;
    const pid_t leader = ::fork();
    if (leader == 0) {
      ::setpgid(0, 0);
      ::usleep(300'000);
      ::_exit(0);
    }
    ::setpgid(leader, leader);
    const pid_t member = ::fork();
    if (member == 0) {
      ::setpgid(0, leader);
      ::_exit(execute("/bin/true", {"/bin/true", std::to_string(leader)}));
    }
    ::waitpid(member, nullptr, 0);
    ::waitpid(leader, nullptr, 0);
    struct stat status{};
    ::fstat(slave, &status);
    return static_cast<int>(status.st_rdev >> 8) == 136 ? 0 : 79;
  });
  if (recorder.status() != 0) GTEST_SKIP() << "no terminals here: " << recorder.status();
  bool found = false;
  for (const Recorded& event : recorder.events()) {
    if (number(event, "proc.sid") != static_cast<std::uint64_t>(child)) continue;
    found = true;
    const std::string leader = at(event, "evt.arg.args").substr(sizeof("/bin/true"));
    EXPECT_EQ(at(event, "proc.pgid"), leader);
    EXPECT_EQ(at(event, "proc.is_pgid_leader"), "false");
    EXPECT_EQ(at(event, "proc.pgid.name"), "outrider_kernel");
    EXPECT_EQ(number(event, "proc.tty") & 0xff00, 136u << 8) << "pts";
  }
  EXPECT_TRUE(found);
}

TEST_F(ProcessFacts, OfANamespaceOfItsOwn) {
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([] {
    if (::unshare(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP) !=
        0) {
      return 77;
    }
    const pid_t inner = ::fork();
    if (inner == 0) {
      // In the group and session of one outside.
      const pid_t child = ::fork();
      if (child == 0) ::_exit(execute("/bin/true", {"/bin/true", "outer-group"}));
      ::waitpid(child, nullptr, 0);
      ::setsid();
      ::_exit(execute("/bin/true", {"/bin/true", "own-group"}));
    }
    ::waitpid(inner, nullptr, 0);
    return 0;
  });
  if (recorder.status() != 0) GTEST_SKIP() << "no namespaces here";
  int found = 0;
  for (const Recorded& event : recorder.events()) {
    const std::string words = at(event, "evt.arg.args");
    const bool own = words == "/bin/true|own-group";
    if (!own && words != "/bin/true|outer-group") continue;
    ++found;
    for (const char* name : {"pid", "net", "uts", "ipc", "cgroup"}) {
      const std::uint64_t inode = number(event, fmt::format("proc.ns.{}", name).c_str());
      EXPECT_NE(inode, 0u) << name;
      EXPECT_NE(inode, inode_of(fmt::format("/proc/self/ns/{}", name).c_str())) << name;
    }
    EXPECT_EQ(number(event, "proc.ns.user"), inode_of("/proc/self/ns/user"));
    EXPECT_EQ(at(event, "proc.vpid"), own ? "1" : "2");
    EXPECT_EQ(at(event, "proc.vpgid"), own ? "1" : "0");
    EXPECT_EQ(at(event, "proc.vsid"), own ? "1" : "0");
    EXPECT_EQ(number(event, "proc.pgid"),
              own ? number(event, "proc.pid") : static_cast<std::uint64_t>(::getpgid(0)));
    EXPECT_EQ(at(event, "proc.is_vpgid_leader"), own ? "true" : "false");
    if (!own) {
      EXPECT_EQ(at(event, "proc.pvpid"), "1");
    }
  }
  EXPECT_EQ(found, 2);
}

// Whoever comes into a namespace later, its first process started when it did.
TEST_F(ProcessFacts, TheStartOfAPidNamespace) {
  Recorder recorder({"exec", "fork"});
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([] {
    if (::unshare(CLONE_NEWPID) != 0) return 77;
    const pid_t first = ::fork();
    if (first == 0) {
      ::usleep(300'000);
      ::_exit(0);
    }
    ::usleep(100'000);
    const pid_t second = ::fork();
    if (second == 0) ::_exit(execute("/bin/true", {"/bin/true", "second"}));
    ::waitpid(second, nullptr, 0);
    ::waitpid(first, nullptr, 0);
    return 0;
  });
  if (recorder.status() != 0) GTEST_SKIP() << "no namespaces here";
  std::uint64_t started = 0;
  bool found = false;
  for (const Recorded& event : recorder.events()) {
    if (at(event, "evt.kind") == "fork" && at(event, "proc.vpid") == "1") {
      started = number(event, "proc.pid.ts");
    }
    if (at(event, "evt.arg.args") != "/bin/true|second") continue;
    found = true;
    EXPECT_EQ(number(event, "proc.pidns_init_start_ts"), started);
    EXPECT_LT(started + 50'000'000, number(event, "proc.pid.ts"));
    EXPECT_LT(number(event, "proc.exe_ino.ctime_duration_pidns_start"),
              number(event, "proc.exe_ino.ctime_duration_proc_start"));
  }
  EXPECT_TRUE(found);
}

TEST_F(ProcessFacts, TheEnvironment) {
  const std::string long_value(20'000, 'v');
  const auto run_with_it = [&] {
    ::setenv("OUTRIDER_MARK", "first", 1);
    ::setenv("OUTRIDER_LONG", long_value.c_str(), 1);
    ::setenv("OUTRIDER_LAST", "end", 1);
    return execute("/bin/true", {"/bin/true", "with", "arguments"});
  };
  struct Case {
    std::string condition;
    std::size_t events;
  };
  // More than the record itself has room for.
  const Case kCases[] = {
      {"proc.env[OUTRIDER_MARK] = first", 1},
      {"proc.env contains 'OUTRIDER_LAST=end' and proc.cmdline = '/bin/true with arguments'", 1},
      {"proc.env.OUTRIDER_LONG = " + long_value, 1},
      {"proc.env[arguments] exists or proc.env[OUTRIDER_MARK] = second", 0},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.condition.substr(0, 100));
    EngineOptions options;
    options.environment = true;
    Recorder recorder({"exec"}, options, c.condition);
    ASSERT_EQ(recorder.failed(), "");
    const pid_t child = recorder.run(run_with_it);
    ASSERT_EQ(recorder.status(), 0);
    EXPECT_EQ(recorder.events(child, "exec").size(), c.events);
  }
}

TEST_F(ProcessFacts, TheEnvironmentOfAncestors) {
  EngineOptions options;
  options.environment = true;
  Recorder recorder({"exec"}, options,
                    "proc.aenv[1] contains 'OUTRIDER_MARK=first' and proc.aenv[OUTRIDER_MARK] = "
                    "first and not proc.env[OUTRIDER_MARK] exists");
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([] {
    ::setenv("OUTRIDER_MARK", "first", 1);
    return execute("/bin/sh", {"sh", "-c", "unset OUTRIDER_MARK; /bin/true; exit 0"});
  });
  ASSERT_EQ(recorder.status(), 0);
  ASSERT_EQ(recorder.events().size(), 1u);
  EXPECT_EQ(at(recorder.events()[0], "evt.arg.args"), "/bin/true");
}

// What /proc says while the process is still there.
TEST_F(ProcessFacts, WhatIsSoNow) {
  Recorder recorder({"open"}, {}, "fd.name = /dev/zero");
  ASSERT_EQ(recorder.failed(), "");
  recorder.record_now();
  const pid_t child = recorder.run([] {
    const rlimit limit{.rlim_cur = 64, .rlim_max = 64};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    int ends[2];
    if (::pipe(ends) != 0 || ::dup2(ends[0], 0) != 0) return 1;
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0) return 2;
    if (::listen(listener, 1) != 0) return 3;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(client, reinterpret_cast<sockaddr*>(&address), length) != 0) return 4;
    if (::dup2(client, 1) != 1) return 5;
    const int pair = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (::dup2(pair, 2) != 2) return 6;
    // Else the connection would be reset.
    if (::dup2(listener, 3) != 3) return 7;
    ::close_range(4, ~0U, 0);
    const int zero = ::open("/dev/zero", O_RDONLY);
    ::usleep(300'000);
    return zero == 4 ? 0 : 8;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child, "open");
  ASSERT_EQ(events.size(), 1u);
  const Recorded& event = events[0];
  EXPECT_EQ(at(event, "proc.stdin.type"), "pipe");
  EXPECT_TRUE(at(event, "proc.stdin.name").starts_with("pipe:["));
  EXPECT_EQ(at(event, "proc.stdout.type"), "ipv4");
  EXPECT_TRUE(at(event, "proc.stdout.name").starts_with("127.0.0.1:"));
  EXPECT_NE(at(event, "proc.stdout.name").find("->127.0.0.1:"), std::string::npos);
  EXPECT_EQ(at(event, "proc.stderr.type"), "unix");
  EXPECT_EQ(at(event, "proc.fdopencount"), "5");
  EXPECT_EQ(at(event, "proc.fdlimit"), "64");
  EXPECT_EQ(at(event, "proc.fdusage"), "7");
  EXPECT_EQ(at(event, "proc.nthreads"), "1");
  EXPECT_EQ(at(event, "proc.nchilds"), "0");
  EXPECT_GT(number(event, "proc.vmsize"), number(event, "proc.vmrss"));
  EXPECT_GT(number(event, "proc.vmrss"), 100u);
  EXPECT_EQ(at(event, "thread.vmrss"), at(event, "proc.vmrss"));
  EXPECT_EQ(at(event, "thread.vtid"), at(event, "proc.vpid"));
  EXPECT_GT(number(event, "thread.pfminor"), 0u);
  EXPECT_NE(at(event, "thread.cgroups").find("=/"), std::string::npos);
}

TEST_F(ProcessFacts, AThreadInANamespace) {
  Recorder recorder({"open"}, {}, "fd.name = /dev/zero");
  ASSERT_EQ(recorder.failed(), "");
  recorder.record_now();
  recorder.run([] {
    if (::unshare(CLONE_NEWPID) != 0) return 77;
    const pid_t inner = ::fork();
    if (inner == 0) {
      std::thread([] {
        ::close(::open("/dev/zero", O_RDONLY));
        ::usleep(300'000);
      }).join();
      ::_exit(0);
    }
    ::waitpid(inner, nullptr, 0);
    return 0;
  });
  if (recorder.status() != 0) GTEST_SKIP() << "no namespaces here";
  ASSERT_EQ(recorder.events().size(), 1u);
  const Recorded& event = recorder.events()[0];
  EXPECT_EQ(at(event, "proc.vpid"), "1");
  EXPECT_EQ(at(event, "thread.vtid"), "2");
  EXPECT_EQ(at(event, "proc.nthreads"), "2");
  EXPECT_EQ(at(event, "proc.nchilds"), "1");
  EXPECT_EQ(at(event, "thread.vmrss"), "0");
}

TEST_F(ProcessFacts, AnExecutableInMemory) {
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    const int memory = ::memfd_create("nothing-on-disk", MFD_CLOEXEC);
    const int file = ::open("/bin/true", O_RDONLY);
    struct stat status{};
    ::fstat(file, &status);
    std::vector<char> bytes(static_cast<std::size_t>(status.st_size));
    if (::read(file, bytes.data(), bytes.size()) != status.st_size) return 1;
    if (::write(memory, bytes.data(), bytes.size()) != status.st_size) return 2;
    char name[] = "true";
    char* arguments[] = {name, nullptr};
    char* environment[] = {nullptr};
    ::fexecve(memory, arguments, environment);
    return 127;
  });
  ASSERT_EQ(recorder.status(), 0);
  const Recorded exec = exec_of(recorder, child);
  EXPECT_EQ(at(exec, "proc.exepath"), "memfd:nothing-on-disk");
  EXPECT_EQ(at(exec, "proc.is_exe_from_memfd"), "true");
  EXPECT_EQ(at(exec, "proc.is_exe_deleted"), "false");
}

TEST_F(ProcessFacts, AnExecutableThatIsDeleted) {
  const test::TemporaryDirectory folder;
  const std::string program = copy_of_true(folder / "memfd:program", kProgram);
  const timespec times[2] = {{.tv_sec = 1'000'000'000, .tv_nsec = 1},
                             {.tv_sec = 1'000'000'000, .tv_nsec = 500'000'000}};
  ASSERT_EQ(::utimensat(AT_FDCWD, program.c_str(), times, 0), 0);
  const std::uint64_t before = read_clock(CLOCK_REALTIME);
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    const int file = ::open(program.c_str(), O_RDONLY | O_CLOEXEC);
    if (::unlink(program.c_str()) != 0) return 1;
    char name[] = "true";
    char* arguments[] = {name, nullptr};
    char* environment[] = {nullptr};
    ::fexecve(file, arguments, environment);
    return 127;
  });
  ASSERT_EQ(recorder.status(), 0);
  const Recorded exec = exec_of(recorder, child);
  EXPECT_EQ(at(exec, "proc.exepath"), program + " (deleted)");
  EXPECT_EQ(at(exec, "proc.is_exe_deleted"), "true");
  EXPECT_EQ(at(exec, "proc.is_exe_from_memfd"), "false") << "whatever it was called";
  // It was changed by being deleted, after the process had started; the clock of inodes is coarse.
  EXPECT_GT(number(exec, "proc.exe_ino.ctime") + 20'000'000, before);
  EXPECT_LT(number(exec, "proc.exe_ino.ctime"), before + 60'000'000'000);
  EXPECT_EQ(number(exec, "proc.exe_ino.mtime"), 1'000'000'000'500'000'000u);
}

TEST_F(ProcessFacts, WhoMayWriteToIt) {
  const test::TemporaryDirectory folder;
  struct Case {
    const char* name;
    int mode;
    uid_t owner;
    const char* writable;
  };
  const Case kCases[] = {
      {"nobody", 0755, 0, "false"},   {"owner", 0555, 4711, "true"}, {"others", 0757, 0, "?"},
      {"everybody", 0777, 0, "true"}, {"a-group", 0775, 0, "?"},
  };
  for (const Case& c : kCases) {
    const std::string program =
        copy_of_true(folder / c.name, static_cast<std::filesystem::perms>(c.mode));
    ASSERT_EQ(::chown(program.c_str(), c.owner, 0), 0);
  }
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([&] {
    if (::setresgid(4711, 4711, 4711) != 0 || ::setresuid(4711, 4711, 4711) != 0) return 1;
    for (const Case& c : kCases) {
      const pid_t child = ::fork();
      if (child == 0) ::_exit(execute(folder / c.name, {"true"}));
      ::waitpid(child, nullptr, 0);
    }
    return 0;
  });
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    int found = 0;
    for (const Recorded& event : recorder.events()) {
      if (at(event, "proc.exepath") != folder / c.name) continue;
      ++found;
      EXPECT_EQ(at(event, "proc.is_exe_writable"), c.writable);
    }
    EXPECT_EQ(found, 1);
  }
}

// In a mount namespace of its own, so that nothing is left of it.
TEST_F(ProcessFacts, LayersOfAnOverlay) {
  const test::TemporaryDirectory folder;
  for (const char* name : {"base", "base/lower", "base/upper", "base/work", "base/merged"}) {
    std::filesystem::create_directory(folder / name);
  }
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([&] {
    if (::unshare(CLONE_NEWNS) != 0) return 77;
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 78;
    // Not every file system may be the upper layer of one.
    const std::string base = folder / "base";
    if (::mount("tmpfs", base.c_str(), "tmpfs", 0, nullptr) != 0) return 79;
    for (const char* name : {"lower", "upper", "work", "merged"}) {
      std::filesystem::create_directory(base + "/" + name);
    }
    copy_of_true(base + "/lower/image", kProgram);
    copy_of_true(base + "/lower/changed", kProgram);
    const std::string options =
        fmt::format("lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work", base);
    const std::string merged = base + "/merged";
    if (::mount("overlay", merged.c_str(), "overlay", 0, options.c_str()) != 0) return 80;
    copy_of_true(merged + "/dropped", kProgram);
    std::filesystem::permissions(merged + "/changed", static_cast<std::filesystem::perms>(0700));
    for (const char* name : {"image", "changed", "dropped"}) {
      const pid_t child = ::fork();
      if (child == 0) ::_exit(execute(merged + "/" + name, {"true"}));
      ::waitpid(child, nullptr, 0);
    }
    return 0;
  });
  if (recorder.status() != 0) GTEST_SKIP() << "no overlays here: " << recorder.status();
  struct Case {
    const char* name;
    const char* upper;
    const char* lower;
  };
  for (const Case& c : {Case{"image", "false", "true"}, Case{"changed", "true", "false"},
                        Case{"dropped", "true", "false"}}) {
    SCOPED_TRACE(c.name);
    int found = 0;
    for (const Recorded& event : recorder.events()) {
      if (at(event, "proc.exepath") != folder / fmt::format("base/merged/{}", c.name)) continue;
      ++found;
      EXPECT_EQ(at(event, "proc.is_exe_upper_layer"), c.upper);
      EXPECT_EQ(at(event, "proc.is_exe_lower_layer"), c.lower);
    }
    EXPECT_EQ(found, 1);
  }
}

TEST_F(ProcessFacts, AScriptHasAnInterpreter) {
  const test::TemporaryDirectory folder;
  const std::string script = folder / "script";
  const int file = ::open(script.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
  ASSERT_EQ(::write(file, "#!/bin/sh\n/bin/true; exit 0\n", 28), 28);
  ::close(file);
  Recorder recorder({"exec", "exit"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] { return execute(script, {"script"}); });
  ASSERT_EQ(recorder.status(), 0);
  for (const Recorded& event : recorder.events(child)) {
    EXPECT_EQ(at(event, "proc.interpreter"), "/bin/sh") << event.at("evt.kind");
  }
  EXPECT_EQ(recorder.events(child).size(), 2u);
}

// An exec that failed has changed nothing.
TEST_F(ProcessFacts, OfAFailedExecTheyAreThoseOfBefore) {
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] { return execute("/no/such/program", {"x", "y"}); });
  const Recorded exec = exec_of(recorder, child);
  EXPECT_EQ(at(exec, "evt.res"), "ENOENT");
  EXPECT_FALSE(exec.contains("proc.exe_ino"));
  EXPECT_EQ(number(exec, "proc.ns.net"), inode_of("/proc/self/ns/net"));
  EXPECT_NE(at(exec, "thread.cap_effective"), "");
}

}  // namespace

}  // namespace outrider
