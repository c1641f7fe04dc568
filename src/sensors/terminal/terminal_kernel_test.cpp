// SPDX-License-Identifier: Apache-2.0
//
// What is typed and shown at a terminal of our own, and what is done to it, on the real kernel.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "support/call_events.h"
#include "support/recorder.h"

namespace outrider {
namespace {

class TerminalEvents : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

// Both sides of a terminal that changes nothing of what goes through it.
struct Terminal {
  int emulator = -1;
  int program = -1;
  char name[64] = {};

  bool open() {
    if (::openpty(&emulator, &program, name, nullptr, nullptr) != 0) return false;
    termios mode{};
    ::tcgetattr(program, &mode);
    ::cfmakeraw(&mode);
    return ::tcsetattr(program, TCSANOW, &mode) == 0;
  }
  [[nodiscard]] bool type(const char* text) const {
    return ::write(emulator, text, std::strlen(text)) == static_cast<ssize_t>(std::strlen(text));
  }
};

struct Name {
  char text[64];
};

// Everything that this process does with terminals, between its own other events.
void expect_event(const Recorded& event, std::string_view type, std::string_view direction,
                  std::string_view bytes, std::string_view data) {
  EXPECT_EQ(at(event, "evt.kind"), "tty");
  EXPECT_EQ(at(event, "evt.category"), "io");
  EXPECT_EQ(at(event, "evt.type"), type);
  EXPECT_EQ(at(event, "evt.arg.direction"), direction) << type;
  EXPECT_EQ(at(event, "evt.arg.bytes"), bytes) << type;
  EXPECT_EQ(at(event, "evt.arg.data"), data) << type;
}

int use_terminal(Name* name) {
  Terminal terminal;
  if (!terminal.open()) return 1;
  std::strcpy(name->text, terminal.name);
  char bytes[100] = {};
  if (!terminal.type("secret\n") || ::read(terminal.program, bytes, 100) != 7) return 2;
  if (::write(terminal.program, "shown", 5) != 5) return 3;
  iovec parts[] = {{const_cast<char*>("ab"), 2}, {const_cast<char*>("cde"), 3}};
  if (::writev(terminal.program, parts, 2) != 5) return 4;
  iovec rooms[] = {{bytes, 1}, {bytes + 50, 40}};
  if (!terminal.type("xyz") || ::readv(terminal.program, rooms, 2) != 3) return 5;
  const int file = static_cast<int>(::syscall(SYS_memfd_create, "outrider", 0));
  if (::write(file, "from a file", 11) != 11 || ::lseek(file, 0, SEEK_SET) != 0) return 6;
  if (::sendfile(terminal.program, file, nullptr, 11) != 11) return 7;
  // None of these is about a terminal, or does anything to one.
  winsize size{};
  ::ioctl(terminal.program, TIOCGWINSZ, &size);
  const int null = ::open("/dev/null", O_RDWR);
  if (::write(null, "x", 1) != 1 || ::read(null, bytes, 1) != 0) return 8;
  const int zero = ::open("/dev/zero", O_RDONLY);
  if (::read(zero, bytes, 1) != 1) return 9;
  ::ioctl(null, TIOCSTI, bytes);
  // What fails is an event, too.
  ::fcntl(terminal.program, F_SETFL, O_NONBLOCK);
  return ::read(terminal.program, bytes, 1) < 0 && errno == EAGAIN ? 0 : 10;
}

TEST_F(TerminalEvents, WhatIsTypedAndShownIsMasked) {
  Recorder recorder({"tty"});
  ASSERT_EQ(recorder.failed(), "");
  auto* name = share<Name>();
  const pid_t child = recorder.run([name] { return use_terminal(name); });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 6U);
  expect_event(events[0], "read", "typed", "7", "<7 bytes>");
  expect_event(events[1], "write", "shown", "5", "<5 bytes>");
  expect_event(events[2], "writev", "shown", "5", "<5 bytes>");
  expect_event(events[3], "readv", "typed", "3", "<3 bytes>");
  expect_event(events[4], "sendfile", "shown", "11", "<11 bytes>");
  expect_event(events[5], "read", "typed", "0", "");
  for (const Recorded& event : events) {
    EXPECT_EQ("/dev/" + at(event, "evt.arg.tty"), name->text);
    EXPECT_EQ(event.at("fd.num"), events[0].at("fd.num"));
    for (const auto& [field, value] : event) {
      EXPECT_EQ(value.find("secret"), std::string::npos) << field;
      EXPECT_EQ(value.find("cde"), std::string::npos) << field;
    }
  }
  EXPECT_EQ(at(events[0], "evt.res"), "SUCCESS");
  EXPECT_EQ(at(events[0], "evt.rawres"), "7");
  EXPECT_EQ("typed 7 bytes at " + at(events[0], "evt.arg.tty"), at(events[0], "evt.info"));
  EXPECT_EQ(at(events[5], "evt.res"), "EAGAIN");
  EXPECT_TRUE(at(events[5], "evt.info").ends_with(": EAGAIN"));
  expect_whole(recorder);
}

TEST_F(TerminalEvents, OrShownIfItIsAskedFor) {
  Recorder recorder({"tty"}, {.kinds = {}, .show_secrets = true, .aggregation = {}});
  ASSERT_EQ(recorder.failed(), "");
  auto* name = share<Name>();
  const pid_t child = recorder.run([name] { return use_terminal(name); });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 6U);
  expect_event(events[0], "read", "typed", "7", "secret\n");
  expect_event(events[1], "write", "shown", "5", "shown");
  expect_event(events[2], "writev", "shown", "5", "abcde");
  expect_event(events[3], "readv", "typed", "3", "xyz");
  // Not the caller's memory.
  expect_event(events[4], "sendfile", "shown", "11", "<11 bytes>");
  expect_whole(recorder);
}

TEST_F(TerminalEvents, OfMuchTheBeginning) {
  Recorder recorder({"tty"}, {.kinds = {}, .show_secrets = true, .aggregation = {}});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    Terminal terminal;
    if (!terminal.open()) return 1;
    const std::string much(3000, 'a');
    iovec parts[12];
    for (iovec& part : parts) part = {const_cast<char*>("b"), 1};
    if (::write(terminal.program, much.data(), much.size()) < 1) return 2;
    char drained[4096];
    if (::read(terminal.emulator, drained, sizeof(drained)) < 1) return 3;
    return ::writev(terminal.program, parts, 12) == 12 ? 0 : 4;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 2U);
  const auto bytes = static_cast<std::size_t>(std::stoi(at(events[0], "evt.arg.bytes")));
  EXPECT_EQ(at(events[0], "evt.arg.data"), std::string(bytes, 'a'));
  // Of more buffers than the kernel program looks at.
  EXPECT_EQ(at(events[1], "evt.arg.data"), std::string(8, 'b'));
  EXPECT_TRUE(events[1].contains("cut"));
  expect_whole(recorder);
}

// Input that nobody has typed, and who takes a terminal or hangs it up.
TEST_F(TerminalEvents, WhatIsDoneToIt) {
  Recorder recorder({"tty"}, {.kinds = {}, .show_secrets = true, .aggregation = {}});
  ASSERT_EQ(recorder.failed(), "");
  auto* name = share<Name>();
  const pid_t child = recorder.run([name] {
    Terminal terminal;
    if (!terminal.open()) return 1;
    std::strcpy(name->text, terminal.name);
    ::setsid();
    if (::ioctl(terminal.program, TIOCSCTTY, 0) != 0) return 2;
    ::ioctl(terminal.program, TIOCSTI, "!");
    ::signal(SIGHUP, SIG_IGN);
    if (::syscall(SYS_vhangup) != 0) return 3;
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 3U);
  const std::string terminal = std::string(name->text).substr(sizeof("/dev/") - 1);
  expect_event(events[0], "ioctl", "control", "", "");
  EXPECT_EQ(at(events[0], "evt.arg.tty"), terminal);
  EXPECT_TRUE(
      at(events[0], "evt.info").ends_with(", request=TIOCSCTTY, arg=0x0) = 0 at " + terminal))
      << at(events[0], "evt.info");
  // From 6.2 on it may be switched off (dev.tty.legacy_tiocsti).
  const bool injected = at(events[1], "evt.res") == "SUCCESS";
  expect_event(events[1], "ioctl", "injected", injected ? "1" : "0", injected ? "!" : "");
  EXPECT_EQ(at(events[1], "evt.arg.tty"), terminal);
  expect_event(events[2], "vhangup", "control", "", "");
  EXPECT_FALSE(events[2].contains("fd.num"));
  expect_whole(recorder);
}

// By its other name it is the same terminal.
TEST_F(TerminalEvents, OfTheControllingOne) {
  Recorder recorder({"tty"});
  ASSERT_EQ(recorder.failed(), "");
  auto* name = share<Name>();
  const pid_t child = recorder.run([name] {
    Terminal terminal;
    if (!terminal.open()) return 1;
    std::strcpy(name->text, terminal.name);
    ::setsid();
    if (::ioctl(terminal.program, TIOCSCTTY, 0) != 0) return 2;
    const int own = ::open("/dev/tty", O_RDWR);
    return ::write(own, "x", 1) == 1 ? 0 : 3;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ("/dev/" + at(events[1], "evt.arg.tty"), name->text);
  EXPECT_EQ(at(events[1], "evt.arg.direction"), "shown");
  expect_whole(recorder);
}

#if defined(__x86_64__)

TEST_F(TerminalEvents, Of32BitProcesses) {
  Recorder recorder({"tty"}, {.kinds = {}, .show_secrets = true, .aggregation = {}});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    constexpr long kWrite = 4, kWritev = 146;
    if (call_of_32_bits(20 /* getpid */, 0, 0, 0) != ::getpid()) return 77;
    struct Memory {
      std::uint32_t parts[4];
      char text[8];
    };
    void* low = ::mmap(nullptr, sizeof(Memory), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    Terminal terminal;
    if (low == MAP_FAILED || !terminal.open()) return 1;
    auto* memory = static_cast<Memory*>(low);
    const auto place = [](const void* address) {
      return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(address));
    };
    std::memcpy(memory->text, "abcdefg", 8);
    if (call_of_32_bits(kWrite, terminal.program, place(memory->text), 3) != 3) return 2;
    memory->parts[0] = place(memory->text + 3);
    memory->parts[1] = 1;
    memory->parts[2] = place(memory->text + 5);
    memory->parts[3] = 2;
    return call_of_32_bits(kWritev, terminal.program, place(memory->parts), 2) == 3 ? 0 : 3;
  });
  if (WEXITSTATUS(recorder.status()) == 77) GTEST_SKIP() << "this kernel has no 32-bit calls";
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 2U);
  expect_event(events[0], "write", "shown", "3", "abc");
  expect_event(events[1], "writev", "shown", "3", "dfg");
  EXPECT_EQ(at(events[1], "evt.abi"), "32");
  expect_whole(recorder);
}

#endif

}  // namespace
}  // namespace outrider
