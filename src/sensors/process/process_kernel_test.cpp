// SPDX-License-Identifier: Apache-2.0
//
// fork, exec and exit on the real kernel: every field asserted.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support/guest.h"
#include "support/recorder.h"

namespace outrider {

namespace {

class Processes : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

int execute(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  return 127;
}

TEST_F(Processes, ForkExecExit) {
  Recorder recorder({"fork", "exec", "exit"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    if (::chdir("/usr") != 0) return 1;
    return execute({"/bin/sh", "-c", "exit 3"});
  });
  ASSERT_EQ(WEXITSTATUS(recorder.status()), 3);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 3u);
  const Recorded& fork = events[0];
  const Recorded& exec = events[1];
  const Recorded& exit = events[2];

  EXPECT_EQ(fork.at("evt.kind"), "fork");
  EXPECT_EQ(fork.at("proc.ppid"), std::to_string(::getpid()));
  EXPECT_EQ(fork.at("proc.name"), "outrider_kernel");
  EXPECT_EQ(fork.at("proc.pname"), "outrider_kernel");
  EXPECT_TRUE(fork.at("cgroup.path").starts_with('/'));
  EXPECT_NE(fork.at("proc.exepath"), "?");

  char* shell = ::realpath("/bin/sh", nullptr);
  EXPECT_EQ(exec.at("evt.kind"), "exec");
  EXPECT_EQ(exec.at("evt.res"), "SUCCESS");
  EXPECT_EQ(exec.at("proc.name"), "sh");
  EXPECT_EQ(exec.at("evt.arg.filename"), "/bin/sh");
  EXPECT_EQ(exec.at("fd.name"), "/bin/sh");
  EXPECT_EQ(exec.at("fd.realpath"), shell);
  EXPECT_EQ(exec.at("proc.exepath"), shell);
  EXPECT_EQ(exec.at("evt.arg.args"), "/bin/sh|-c|exit 3");
  EXPECT_EQ(exec.at("evt.arg.argc"), "3");
  EXPECT_EQ(exec.at("proc.cmdline"), "/bin/sh -c exit 3");
  EXPECT_EQ(exec.at("proc.args"), "-c exit 3");
  EXPECT_EQ(exec.at("proc.cwd"), "/usr");
  EXPECT_EQ(exec.at("proc.key"), fork.at("proc.key"));
  EXPECT_EQ(exec.at("proc.pkey"), fork.at("proc.pkey"));
  struct stat file{};
  ASSERT_EQ(::stat(shell, &file), 0);
  EXPECT_EQ(exec.at("proc.exe_ino"), std::to_string(file.st_ino));
  std::free(shell);

  EXPECT_EQ(exit.at("evt.kind"), "exit");
  EXPECT_EQ(exit.at("evt.arg.status"), "3");
  EXPECT_EQ(exit.count("evt.arg.signal"), 0u);
  EXPECT_EQ(exit.at("proc.cmdline"), "/bin/sh -c exit 3");
  EXPECT_EQ(exit.at("proc.cwd"), "/usr");
  EXPECT_EQ(exit.at("proc.key"), fork.at("proc.key"));
  EXPECT_GT(std::stoull(exit.at("proc.duration")), 0u);
}

TEST_F(Processes, EndBySignal) {
  Recorder recorder({"exit"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] { return ::kill(::getpid(), SIGKILL); });
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("evt.arg.signal"), "SIGKILL");
  EXPECT_EQ(events[0].count("evt.arg.status"), 0u);
}

// The process ends when its last thread does, once, with the leader's status.
TEST_F(Processes, ThreadsAreNotProcesses) {
  Recorder recorder({"fork", "exit"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([]() -> int {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([] { ::usleep(1000); });
    for (std::thread& thread : threads) thread.join();
    ::syscall(SYS_exit_group, 5);
    return 0;
  });
  EXPECT_EQ(recorder.events(child, "fork").size(), 1u);
  const auto exits = recorder.events(child, "exit");
  ASSERT_EQ(exits.size(), 1u);
  EXPECT_EQ(exits[0].at("evt.arg.status"), "5");
  const Account account = recorder.finish();
  for (const KindAccount& kind : account.kinds) EXPECT_EQ(kind.difference(), 0);
}

struct FailedExec {
  const char* name;
  std::vector<std::string> words;
  const char* result;
};

TEST_F(Processes, FailedExecs) {
  char script[] = "/tmp/outrider-noexec-XXXXXX";
  const int file = ::mkstemp(script);
  ASSERT_GE(file, 0);
  ::fchmod(file, 0600);
  ::close(file);
  const FailedExec cases[] = {
      {"not there", {"/no/such/program", "a", "", "b c"}, "ENOENT"},
      {"not allowed", {script, "x"}, "EACCES"},
      {"a directory", {"/usr"}, "EACCES"},
      {"relative", {"no-such"}, "ENOENT"},
  };
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    if (::chdir("/usr") != 0) return 1;
    for (const FailedExec& each : cases) execute(each.words);
    char* none[] = {nullptr};
    ::syscall(SYS_execveat, AT_FDCWD, "lib/no", none, none, AT_SYMLINK_NOFOLLOW);
    return 0;
  });
  ::unlink(script);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), std::size(cases) + 1);
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    SCOPED_TRACE(cases[i].name);
    std::string arguments;
    for (const std::string& word : cases[i].words) arguments += word + "|";
    arguments.pop_back();
    EXPECT_EQ(events[i].at("evt.res"), cases[i].result);
    EXPECT_EQ(events[i].at("evt.type"), "execve");
    EXPECT_EQ(events[i].at("evt.arg.filename"), cases[i].words[0]);
    EXPECT_EQ(events[i].at("evt.arg.args"), arguments);
    // Who tried is still the old program.
    EXPECT_EQ(events[i].at("proc.name"), "outrider_kernel");
  }
  EXPECT_EQ(events[3].at("fd.name"), "/usr/no-such");
  const Recorded& last = events.back();
  EXPECT_EQ(last.at("evt.type"), "execveat");
  EXPECT_EQ(last.at("fd.name"), "/usr/lib/no");
  EXPECT_EQ(last.at("evt.arg.flags"), "AT_SYMLINK_NOFOLLOW");
  EXPECT_EQ(last.at("evt.arg.args"), "");
}

TEST_F(Processes, ScriptHasAnInterpreter) {
  char script[] = "/tmp/outrider-script-XXXXXX";
  const int file = ::mkstemp(script);
  ASSERT_GE(file, 0);
  ASSERT_EQ(::write(file, "#!/bin/sh\nexit 0\n", 17), 17);
  ::fchmod(file, 0700);
  ::close(file);
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] { return execute({script, "one"}); });
  ::unlink(script);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("evt.arg.filename"), script);
  EXPECT_EQ(events[0].at("evt.arg.interpreter"), "/bin/sh");
  EXPECT_EQ(events[0].at("evt.arg.args"), std::string("/bin/sh|") + script + "|one");
}

// Arguments of any size up to 128 KiB whole, above that cut and marked.
TEST_F(Processes, LongArguments) {
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  for (const std::size_t size : {100u, 8000u, 8192u, 8193u, 30'000u, 131'000u, 200'000u}) {
    SCOPED_TRACE(size);
    // One argument may have 128 KiB at most (MAX_ARG_STRLEN), so give two.
    const std::string first(size / 2, 'x');
    const std::string second(size - size / 2, 'y');
    const pid_t child = recorder.run([&] { return execute({"/bin/true", first, second}); });
    const auto events = recorder.events(child);
    ASSERT_EQ(events.size(), 1u);
    const std::string whole = fmt::format("/bin/true|{}|{}", first, second);
    const std::string& got = events[0].at("evt.arg.args");
    EXPECT_EQ(events[0].at("evt.arg.args_size"), std::to_string(whole.size() + 1));
    if (whole.size() + 1 <= 128 * 1024) {
      EXPECT_EQ(got, whole);
      EXPECT_EQ(events[0].count("cut"), 0u);
    } else {
      EXPECT_EQ(got, whole.substr(0, 128 * 1024));
      EXPECT_NE(events[0].at("cut").find("evt.arg.args"), std::string::npos);
    }
  }
}

TEST_F(Processes, WorkingDirectoryIsFollowed) {
  Recorder recorder({"open"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    const int usr = ::open("/usr", O_RDONLY | O_DIRECTORY);
    if (::chdir("/etc") != 0) return 1;
    ::close(::open("hostname", O_RDONLY));
    if (::fchdir(usr) != 0) return 1;
    ::close(::open("lib", O_RDONLY));
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1].at("proc.cwd"), "/etc");
  EXPECT_EQ(events[1].at("fd.name"), "/etc/hostname");
  EXPECT_EQ(events[2].at("proc.cwd"), "/usr");
  EXPECT_EQ(events[2].at("fd.name"), "/usr/lib");
}

TEST_F(Processes, OwnPidNamespace) {
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([] {
    if (::unshare(CLONE_NEWPID) != 0) return 77;
    const pid_t inner = ::fork();
    if (inner == 0) ::_exit(execute({"/bin/true", "in-a-namespace"}));
    ::waitpid(inner, nullptr, 0);
    return 0;
  });
  if (recorder.status() != 0) GTEST_SKIP() << "no pid namespaces here";
  bool found = false;
  for (const Recorded& event : recorder.events()) {
    if (event.at("evt.arg.args") != "/bin/true|in-a-namespace") continue;
    found = true;
    EXPECT_EQ(event.at("proc.vpid"), "1");
    EXPECT_NE(event.at("proc.pid"), "1");
  }
  EXPECT_TRUE(found);
}

TEST_F(Processes, SecretsAreMasked) {
  Recorder recorder({"exec"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] { return execute({"/bin/true", "--password=hunter2"}); });
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("evt.arg.args").find("hunter2"), std::string::npos);
  EXPECT_EQ(events[0].at("proc.cmdline").find("hunter2"), std::string::npos);
}

TEST_F(Processes, NoneIsLostInAThousand) {
  Recorder recorder({"exec", "exit", "fork"});
  ASSERT_EQ(recorder.failed(), "");
  const int kProcesses = test::in_guest() ? 300 : 1000;
  recorder.run([&] {
    for (int i = 0; i < kProcesses; ++i) {
      const pid_t child = ::vfork();  // NOLINT(bugprone-unsafe-functions): what is tested
      if (child == 0) {
        ::execl("/bin/true", "/bin/true", "one-of-a-thousand", nullptr);
        ::_exit(127);
      }
      ::waitpid(child, nullptr, 0);
    }
    return 0;
  });
  int execs = 0;
  int exits = 0;
  for (const Recorded& event : recorder.events()) {
    // Kernel threads, which come and go meanwhile, have none.
    const auto command_line = event.find("proc.cmdline");
    if (command_line == event.end() || command_line->second != "/bin/true one-of-a-thousand")
      continue;
    execs += event.at("evt.kind") == "exec" ? 1 : 0;
    exits += event.at("evt.kind") == "exit" ? 1 : 0;
  }
  EXPECT_EQ(execs, kProcesses);
  EXPECT_EQ(exits, kProcesses);
  const Account account = recorder.finish();
  for (const KindAccount& kind : account.kinds) {
    EXPECT_EQ(kind.difference(), 0) << kind.kind;
    EXPECT_EQ(kind.lost_total(), 0u) << kind.kind;
  }
}

}  // namespace

}  // namespace outrider
