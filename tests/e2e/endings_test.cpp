// SPDX-License-Identifier: Apache-2.0
//
// However `trace` ends: the exit code, the last words, and nothing left in the kernel.
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/program.h"

namespace outrider::test {
namespace {

using Ending = Subprocess::Ending;

constexpr uid_t kNobody = 65534;

class Endings : public ProgramTest {
 protected:
  // Opens that this process makes from time to time, until it holds.
  bool make_events_until(const std::function<bool()>& holds) {
    return eventually(
        [&] {
          open_missing(directory_ / "missing", 10);
          return holds();
        },
        kPatience);
  }

  static void expect_nothing_left(const Trace& trace) {
    EXPECT_FALSE(trace.objects().programs.empty());
    EXPECT_FALSE(trace.objects().maps.empty());
    EXPECT_FALSE(trace.objects().links.empty());
    EXPECT_EQ(remains_of(trace.objects()), "");
  }

  void end_by_signal(int signal, const Ending& expected) {
    Trace trace(own_events({"open", "-o", "json"}));
    ASSERT_TRUE(trace.ready()) << trace.errors();
    ASSERT_TRUE(make_events_until([&] { return !trace.output().empty(); }));
    trace.send(signal);
    EXPECT_EQ(trace.wait(kPatience), expected);
    if (expected.signal == 0) {
      const auto account = account_in(trace.errors());
      expect_equation(account);
      EXPECT_EQ(account["account"]["open"]["delivered"], parse_lines(trace.output()).size());
    }
    expect_nothing_left(trace);
  }
};

TEST_F(Endings, Interrupt) { end_by_signal(SIGINT, {.code = 0}); }
TEST_F(Endings, Terminate) { end_by_signal(SIGTERM, {.code = 0}); }
TEST_F(Endings, Hangup) { end_by_signal(SIGHUP, {.code = 0}); }
TEST_F(Endings, Kill) { end_by_signal(SIGKILL, {.signal = SIGKILL}); }

TEST_F(Endings, EveryKindAtOnce) {
  Trace trace({"exec,exit,fork,open,mkdir,rmdir,unlink,rename,link,symlink,chmod,chown,truncate",
               "-o", "json", "--comm", "no-such-name"});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
  const auto account = account_in(trace.errors());
  EXPECT_EQ(account["account"].size(), 13U);
  expect_equation(account);
  expect_nothing_left(trace);
}

// | head -n 3
TEST_F(Endings, ReaderThatHasSeenEnough) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  Trace trace(own_events({"open", "--no-header"}), {.output = writer.get()});
  writer.reset();
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_missing(directory_ / "missing", 100);
  std::string text;
  char buffer[256];
  while (std::count(text.begin(), text.end(), '\n') < 3) {
    const ssize_t count = ::read(reader.get(), buffer, sizeof(buffer));
    ASSERT_GT(count, 0);
    text.append(buffer, static_cast<std::size_t>(count));
  }
  reader.reset();
  ASSERT_TRUE(make_events_until([&] { return trace.ended(); }));
  EXPECT_EQ(trace.wait(kPatience), Ending{.code = 0}) << trace.errors();
  expect_nothing_left(trace);
}

TEST_F(Endings, OutputThatIsAlwaysFull) {
  FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.valid());
  Trace trace(own_events({"open", "-o", "json"}), {.output = full.get()});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  ASSERT_TRUE(make_events_until([&] { return trace.ended(); }));
  EXPECT_EQ(trace.wait(kPatience), Ending{.code = 1});
  EXPECT_NE(trace.errors().find("No space left on device"), std::string::npos) << trace.errors();
  const auto account = account_in(trace.errors());
  expect_equation(account);
  EXPECT_EQ(account["account"]["open"]["delivered"], 0);
  EXPECT_GT(account["account"]["open"]["lost"]["unwritten"], 0);
  expect_nothing_left(trace);
}

TEST_F(Endings, DiskThatFillsUp) {
  const std::string disk = directory_ / "disk";
  ASSERT_EQ(::mkdir(disk.c_str(), 0755), 0);
  const std::string file = disk + "/events";
  const auto prepare = [&] {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k") != 0) {
      return false;
    }
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    return descriptor >= 0 && ::dup2(descriptor, STDOUT_FILENO) >= 0;
  };
  Trace trace(own_events({"open", "-o", "json"}), {.prepare = prepare});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  // The file goes with the namespace, unless somebody has it open.
  std::ifstream events(fmt::format("/proc/{}/root{}", trace.pid(), file));
  ASSERT_TRUE(events.is_open());
  ASSERT_TRUE(make_events_until([&] { return trace.ended(); }));
  EXPECT_EQ(trace.wait(kPatience), Ending{.code = 1});
  EXPECT_NE(trace.errors().find("No space left on device"), std::string::npos) << trace.errors();

  const std::string written(std::istreambuf_iterator<char>(events), {});
  const auto account = account_in(trace.errors());
  expect_equation(account);
  EXPECT_EQ(account["account"]["open"]["delivered"], parse_lines(written).size());
  EXPECT_GT(account["account"]["open"]["lost"]["unwritten"], 0);
  expect_nothing_left(trace);
}

TEST_F(Endings, Timeout) {
  const auto start = std::chrono::steady_clock::now();
  Trace trace(own_events({"open", "--timeout", "1"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  EXPECT_EQ(trace.wait(kPatience), Ending{.code = 0});
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  expect_nothing_left(trace);
}

TEST_F(Endings, EnoughEvents) {
  Trace trace(own_events({"open", "--max-events", "5", "-o", "json"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_missing(directory_ / "missing", 1000);
  EXPECT_EQ(trace.wait(kPatience), Ending{.code = 0});
  EXPECT_EQ(parse_lines(trace.output()).size(), 5U);
  const auto account = account_in(trace.errors());
  expect_equation(account);
  EXPECT_EQ(account["account"]["open"]["delivered"], 5);
  expect_nothing_left(trace);
}

TEST_F(Endings, NotRoot) {
  // The build directory may be closed to others.
  const std::string copy = directory_ / "outrider";
  std::error_code error;
  std::filesystem::copy_file(program(), copy, error);
  if (error) GTEST_SKIP() << "cannot copy " << program() << ": " << error.message();
  ASSERT_EQ(::chmod(copy.c_str(), 0755), 0);
  Subprocess trace({copy, "trace", "open"}, {.prepare = [] {
                     return ::setgroups(0, nullptr) == 0 &&
                            ::setresgid(kNobody, kNobody, kNobody) == 0 &&
                            ::setresuid(kNobody, kNobody, kNobody) == 0;
                   }});
  EXPECT_EQ(trace.wait(kPatience), Ending{.code = 1});
  EXPECT_EQ(trace.output(), "");
  EXPECT_EQ(lines_of(trace.errors()).size(), 1U) << trace.errors();
  EXPECT_NE(trace.errors().find("CAP_BPF"), std::string::npos) << trace.errors();
}

TEST_F(Endings, OneOfTwo) {
  Trace first(own_events({"open", "--no-header"}));
  Trace second(own_events({"open", "--no-header"}));
  ASSERT_TRUE(first.ready()) << first.errors();
  ASSERT_TRUE(second.ready()) << second.errors();
  ASSERT_TRUE(
      make_events_until([&] { return !first.output().empty() && !second.output().empty(); }));
  EXPECT_EQ(first.interrupt(), Ending{.code = 0});
  expect_nothing_left(first);
  const std::string marker = directory_ / "after-the-first";
  open_missing(marker);
  EXPECT_TRUE(
      eventually([&] { return second.output().find(marker) != std::string::npos; }, kPatience));
  EXPECT_EQ(second.interrupt(), Ending{.code = 0});
  expect_nothing_left(second);
}

TEST_F(Endings, WithoutBpffsTracefsAndDebugfs) {
  const auto prepare = [] {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      return false;
    }
    for (const char* place :
         {"/sys/fs/bpf", "/sys/kernel/debug/tracing", "/sys/kernel/debug", "/sys/kernel/tracing"}) {
      // Several may lie upon each other; in the end there is nothing to unmount (EINVAL).
      while (::umount2(place, MNT_DETACH) == 0) {
      }
    }
    return ::access("/sys/kernel/tracing/events", F_OK) != 0;
  };
  Trace trace(own_events({"open,exec,exit,fork", "--no-header"}), {.prepare = prepare});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  EXPECT_TRUE(make_events_until([&] { return !trace.output().empty(); }));
  EXPECT_EQ(trace.interrupt(), Ending{.code = 0});
  expect_nothing_left(trace);
}

}  // namespace
}  // namespace outrider::test
