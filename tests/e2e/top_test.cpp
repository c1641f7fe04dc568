// SPDX-License-Identifier: Apache-2.0
//
// `outrider top`, as a user runs it.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "support/program.h"

namespace outrider::test {
namespace {

class Top : public ProgramTest {};

// The program on a terminal of its own, 24 lines of 80.
class OnTerminal {
 public:
  explicit OnTerminal(std::vector<std::string> words) {
    words.insert(words.begin(), program());
    winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    int terminal = -1;
    int slave = -1;
    if (::openpty(&terminal, &slave, nullptr, nullptr, &size) != 0) return;
    terminal_ = FileDescriptor(terminal);
    // Held open, so that it can be asked after the program's end.
    slave_ = FileDescriptor(slave);
    ::tcgetattr(slave, &before_);
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::login_tty(slave);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ~OnTerminal() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  // Reads until it has written this (behind what was waited for before); false if it does not.
  bool wait_for(std::string_view text) {
    const bool found = eventually(
        [&] {
          read();
          const std::size_t at = output_.find(text, position_);
          if (at == std::string::npos) return false;
          position_ = at + text.size();
          return true;
        },
        kPatience);
    return found;
  }
  void press(std::string_view keys) {
    [[maybe_unused]] const ssize_t written = ::write(terminal_.get(), keys.data(), keys.size());
  }
  void resize(unsigned short width, unsigned short height) {
    winsize size{.ws_row = height, .ws_col = width, .ws_xpixel = 0, .ws_ypixel = 0};
    ::ioctl(terminal_.get(), TIOCSWINSZ, &size);
  }
  void send(int signal) const { ::kill(pid_, signal); }
  // Its exit code, or 128 + the signal that ended it; -1 if it does not end.
  int wait() {
    int status = 0;
    const bool ended = eventually(
        [&] {
          read();
          return ::waitpid(pid_, &status, WNOHANG) == pid_;
        },
        kPatience);
    if (!ended) return -1;
    pid_ = -1;
    read();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  // The terminal is as it was.
  [[nodiscard]] bool restored() const {
    termios now{};
    ::tcgetattr(slave_.get(), &now);
    return now.c_lflag == before_.c_lflag && output_.ends_with("\x1b[?25h\x1b[?1049l");
  }
  [[nodiscard]] const std::string& output() const { return output_; }

 private:
  void read() {
    char bytes[4096];
    pollfd waiting{terminal_.get(), POLLIN, 0};
    while (::poll(&waiting, 1, 20) > 0 && (waiting.revents & POLLIN) != 0) {
      const ssize_t got = ::read(terminal_.get(), bytes, sizeof(bytes));
      if (got <= 0) return;
      output_.append(bytes, static_cast<std::size_t>(got));
    }
  }

  FileDescriptor terminal_;
  FileDescriptor slave_;
  termios before_{};
  pid_t pid_ = -1;
  std::string output_;
  std::size_t position_ = 0;
};

TEST_F(Top, OnAScreenUntilQ) {
  OnTerminal top({"top", "process", "--interval", "0.2"});
  ASSERT_TRUE(top.wait_for("\x1b[?1049h")) << top.output();
  ASSERT_TRUE(top.wait_for("rows by CPU%")) << top.output();
  ASSERT_TRUE(top.wait_for("q quit"));
  top.press("m");
  ASSERT_TRUE(top.wait_for("rows by RSS"));
  top.press("r");
  ASSERT_TRUE(top.wait_for("rows by RSS reversed"));
  top.resize(40, 6);
  // Two rows: there are six lines, and no line break behind the last.
  ASSERT_TRUE(top.wait_for("\x1b[J\x1b[H"));
  ASSERT_TRUE(top.wait_for("\x1b[J"));
  top.press("q");
  EXPECT_EQ(top.wait(), 0);
  EXPECT_TRUE(top.restored());
}

TEST_F(Top, TheTerminalIsRestoredWhateverEndsIt) {
  struct Case {
    int signal;
    int code;
  };
  for (const Case each :
       {Case{SIGINT, 0}, Case{SIGTERM, 0}, Case{SIGHUP, 0}, Case{SIGSEGV, 128 + SIGSEGV}}) {
    OnTerminal top({"top", "syscall", "--interval", "0.2"});
    ASSERT_TRUE(top.wait_for("rows by TOTAL")) << top.output();
    top.send(each.signal);
    EXPECT_EQ(top.wait(), each.code) << each.signal;
    EXPECT_TRUE(top.restored()) << each.signal;
  }
}

TEST_F(Top, NoColoursIfNobodyWantsThem) {
  ::setenv("NO_COLOR", "1", 1);
  OnTerminal top({"top", "syscall", "--interval", "0.2"});
  ::unsetenv("NO_COLOR");
  ASSERT_TRUE(top.wait_for("CALLS"));
  top.press("q");
  EXPECT_EQ(top.wait(), 0);
  EXPECT_EQ(top.output().find("\x1b[1m"), std::string::npos);
}

// Sums of all intervals against what was written.
TEST_F(Top, FilesAreExact) {
  constexpr int kWrites = 5000;
  constexpr int kReads = 700;
  const std::string path = directory_ / "known";
  WaitingChild generator([&path] {
    const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT, 0600));
    char bytes[100] = {};
    for (int i = 0; i < kWrites; ++i) {
      if (::write(file.get(), bytes, sizeof(bytes)) != sizeof(bytes)) ::_exit(1);
      // Over more than an interval.
      if (i % 500 == 0) ::usleep(100'000);
    }
    for (int i = 0; i < kReads; ++i) {
      if (::pread(file.get(), bytes, 30, i) != 30) ::_exit(1);
    }
  });
  Subprocess top({program(), "top", "file", "-o", "json", "--interval", "0.5", "--pid",
                  std::to_string(generator.pid())});
  ASSERT_TRUE(top.wait_for_errors("Ctrl-C to stop", kPatience)) << top.errors();
  generator.begin();
  generator.wait();
  std::uint64_t writes = 0, written = 0, reads = 0, read = 0;
  const auto add_up = [&] {
    writes = written = reads = read = 0;
    for (const nlohmann::json& row : parse_lines(top.output())) {
      if (row.value("fd.realpath", "") != path) continue;
      EXPECT_EQ(row.at("proc.pid"), generator.pid());
      writes += row.at("writes").get<std::uint64_t>();
      written += row.at("written_bytes").get<std::uint64_t>();
      reads += row.at("reads").get<std::uint64_t>();
      read += row.at("read_bytes").get<std::uint64_t>();
    }
    return reads >= kReads;
  };
  eventually(add_up, kPatience);
  EXPECT_EQ(writes, std::uint64_t{kWrites});
  EXPECT_EQ(written, std::uint64_t{kWrites} * 100);
  EXPECT_EQ(reads, std::uint64_t{kReads});
  EXPECT_EQ(read, std::uint64_t{kReads} * 30);
  top.send(SIGINT);
  EXPECT_EQ(top.wait(kPatience), (Subprocess::Ending{.code = 0}));
}

// What lives shorter than an interval is a row of it.
TEST_F(Top, ProcessesThatHaveGone) {
  Subprocess top(
      {program(), "top", "process", "-o", "json", "--interval", "1", "--comm", "top-generator"});
  ASSERT_TRUE(top.wait_for_errors("Ctrl-C to stop", kPatience)) << top.errors();
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_NAME, "top-generator");
    timespec now{};
    do {
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    } while (now.tv_sec == 0 && now.tv_nsec < 20'000'000);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  std::uint64_t cpu = 0;
  bool ended = false;
  ASSERT_TRUE(eventually(
      [&] {
        cpu = 0;
        for (const nlohmann::json& row : parse_lines(top.output())) {
          if (row.at("proc.pid") != child) continue;
          cpu += row.at("cpu").get<std::uint64_t>();
          ended |= row.at("threads") == 0;
        }
        return ended;
      },
      kPatience))
      << top.output();
  EXPECT_GE(cpu, 20'000'000u);
  top.send(SIGINT);
  EXPECT_EQ(top.wait(kPatience), (Subprocess::Ending{.code = 0}));
}

TEST_F(Top, WhatIsWrongWithTheCommandLine) {
  struct Case {
    std::vector<std::string> words;
    std::string_view error;
  };
  const Case cases[] = {
      {{"top"}, "say of what: process, file, block, container, syscall"},
      {{"top", "nothing"}, "WHAT"},
      {{"top", "process", "--sort", "no"}, "there is no such column; there are: proc.pid"},
      {{"top", "process", "--all"}, "--all: of files only"},
      {{"top", "process", "--interval", "0"}, "--interval: 0.1 seconds at least"},
      {{"top", "syscall", "--comm", "sh"}, "--pid, -c, -n, -p and --host only"},
      {{"top", "file", "--where", "no.field = 1"}, "no.field"},
  };
  for (const Case& each : cases) {
    const Finished finished = run_program(each.words);
    EXPECT_EQ(finished.ending, (Subprocess::Ending{.code = 2})) << each.error;
    EXPECT_NE(finished.errors.find(each.error), std::string::npos) << finished.errors;
  }
}

}  // namespace
}  // namespace outrider::test
