// SPDX-License-Identifier: Apache-2.0
//
// Fields of exec, exit and fork, read from records that are made by hand. That the kernel program
// writes such records is what process_kernel_test.cpp looks at.
#include <gtest/gtest.h>

#include <csignal>
#include <limits>

#include "support/hand_made_event.h"

namespace outrider {
namespace {

using namespace std::string_view_literals;
using test::HandMadeEvent;

constexpr auto kMissing = WIRE_STRING_MISSING;
constexpr auto kWhole = WIRE_STRING_WHOLE;
constexpr auto kCut = WIRE_STRING_CUT;
constexpr auto kFaulted = WIRE_STRING_FAULTED;

TEST(ProcessEvents, AnExecIsShownAsItWas) {
  HandMadeEvent event("exec");
  auto& exec = event.as<wire_exec>();
  exec.exe_inode = 77;
  exec.argument_count = 3;
  exec.arguments_size = 15;
  event.set_string(WIRE_EXEC_FILENAME, "./run.sh");
  event.set_string(WIRE_EXEC_INTERPRETER, "/bin/sh");
  event.set_walked(WIRE_EXEC_EXE, "/usr/bin/dash");
  event.set_walked(WIRE_EXEC_CWD, "/srv");
  event.set_string(WIRE_EXEC_ARGUMENTS, kWhole);
  event.event.arguments = "run.sh\0-v\0\0"sv;
  event.expect({{"evt.type", "execve"},
                {"evt.res", "SUCCESS"},
                {"evt.rawres", "0"},
                {"evt.abi", "64"},
                {"evt.arg.filename", "./run.sh"},
                {"fd.name", "/srv/run.sh"},
                {"fd.realpath", "/usr/bin/dash"},
                {"evt.arg.interpreter", "/bin/sh"},
                {"evt.arg.args", "run.sh|-v|"},
                {"evt.arg.argc", "3"},
                {"evt.arg.args_size", "15"},
                {"evt.arg.flags", "-"},
                {"proc.exe_ino", "77"},
                {"evt.torn", "-"},
                {"evt.info", "run.sh -v "}});
  event.event.arguments_cut = true;
  event.expect({{"evt.arg.args", "run.sh|-v|..."}, {"evt.info", "run.sh -v ..."}});
}

TEST(ProcessEvents, PartsOfTheName) {
  HandMadeEvent event("exec");
  event.set_string(WIRE_EXEC_FILENAME, "/usr/bin/env");
  event.expect({{"fd.directory", "/usr/bin"},
                {"fd.filename", "env"},
                {"evt.category", "process"},
                {"evt.failed", "false"}});
  HandMadeEvent exit("exit");
  exit.expect({{"evt.category", "process"}, {"evt.failed", "false"}, {"syscall.type", "-"}});
}

TEST(ProcessEvents, AFailedExecIsACall) {
  HandMadeEvent event("exec");
  auto& exec = event.as<wire_exec>();
  exec.result = -13;
#if defined(__x86_64__)
  exec.call = 322;
#else
  exec.call = 281;
#endif
  exec.flags = 0x1100;
  event.set_string(WIRE_EXEC_FILENAME, "../tool");
  event.set_walked(WIRE_EXEC_BASE, "/opt/bin");
  event.set_walked(WIRE_EXEC_CWD, "/elsewhere");
  event.expect({{"evt.type", "execveat"},
                {"evt.res", "EACCES"},
                {"evt.rawres", "-13"},
                {"fd.name", "/opt/tool"},
                {"fd.realpath", "-"},
                {"proc.exe_ino", "-"},
                {"evt.arg.flags", "AT_SYMLINK_NOFOLLOW|AT_EMPTY_PATH"}});
#if defined(__x86_64__)
  event.header().flags |= WIRE_COMPAT;
  exec.call = 11;
  event.expect({{"evt.type", "execve"}, {"evt.abi", "32"}});
#endif
}

TEST(ProcessEvents, NamesOfWhatIsRunAreMadeAbsolute) {
  struct Case {
    std::string_view given;
    wire_string_state given_state;
    std::string_view base;
    wire_string_state base_state;
    std::string_view name;
  };
  const Case kCases[] = {
      {"/usr//bin/../bin/ls", kWhole, "", kMissing, "/usr/bin/ls"},
      {"ls", kWhole, "/usr/bin", kWhole, "/usr/bin/ls"},
      {"../ls", kWhole, "/", kWhole, "/ls"},
      {"ls", kWhole, "bin", kCut, "?"},
      {"ls", kWhole, "", kFaulted, "?"},
      {"", kFaulted, "/usr/bin", kWhole, "?"},
      {"/a/very/long", kCut, "/", kWhole, "/a/very/long..."},
      {"", kMissing, "/", kWhole, "-"},
  };
  // Of a failed exec it is relative to BASE, of a successful one to CWD.
  for (const wire_exec_string where : {WIRE_EXEC_BASE, WIRE_EXEC_CWD}) {
    for (const Case& c : kCases) {
      SCOPED_TRACE(c.given);
      HandMadeEvent event("exec");
      event.set_string(WIRE_EXEC_FILENAME, c.given, c.given_state);
      event.set_walked(where, c.base, c.base_state);
      event.expect({{"fd.name", c.name}});
    }
  }
}

// Lost or unreadable arguments are not the same as none.
TEST(ProcessEvents, ArgumentsThatCouldNotBeReadAreUnknown) {
  HandMadeEvent event("exec");
  event.set_string(WIRE_EXEC_FILENAME, "/bin/ls");
  event.set_string(WIRE_EXEC_ARGUMENTS, kFaulted);
  event.expect({{"evt.arg.args", "?"}, {"evt.info", "/bin/ls"}});
  event.set_string(WIRE_EXEC_ARGUMENTS, kWhole);
  event.expect({{"evt.arg.args", ""}, {"evt.info", ""}});
}

TEST(ProcessEvents, APathOfAnExecThatWasRenamedMeanwhileMarksTheEvent) {
  for (const wire_exec_string path : {WIRE_EXEC_BASE, WIRE_EXEC_EXE, WIRE_EXEC_CWD}) {
    HandMadeEvent event("exec");
    event.set_walked(path, "/x");
    event.expect({{"evt.torn", "-"}});
    event.set_walked(path, "/x", kWhole, WIRE_PATH_TORN);
    event.expect({{"evt.torn", "1"}});
  }
}

TEST(ProcessEvents, AnExitHasAStatusOrASignal) {
  struct Case {
    std::uint32_t code;  // as wait(2) has it
    std::string_view status;
    std::string_view signal;
    std::string_view core;
    std::string_view info;
  };
  const Case kCases[] = {
      {0, "0", "-", "-", "status 0 after 1.5 ms"},
      {1 << 8, "1", "-", "-", "status 1 after 1.5 ms"},
      {255 << 8, "255", "-", "-", "status 255 after 1.5 ms"},
      {SIGKILL, "-", "SIGKILL", "-", "SIGKILL after 1.5 ms"},
      {SIGSEGV | 0x80, "-", "SIGSEGV", "1", "SIGSEGV after 1.5 ms"},
      {34, "-", "SIGRTMIN+0", "-", "SIGRTMIN+0 after 1.5 ms"},
      {64, "-", "SIGRTMIN+30", "-", "SIGRTMIN+30 after 1.5 ms"},
      // glibc keeps these two for itself and has no names for them.
      {32, "-", "32", "-", "32 after 1.5 ms"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.code);
    HandMadeEvent event("exit");
    event.header().start_time = 1'000'000'000;
    event.header().time = 1'001'540'000;
    event.as<wire_exit>().exit_code = c.code;
    event.expect({{"evt.arg.status", c.status},
                  {"evt.arg.signal", c.signal},
                  {"evt.arg.core", c.core},
                  {"proc.duration", "1540000"},
                  {"evt.info", c.info},
                  // An exit is no call.
                  {"evt.res", "-"},
                  {"evt.rawres", "-"},
                  {"evt.abi", "-"},
                  {"evt.torn", "-"},
                  {"evt.type", "exit"}});
  }
}

TEST(ProcessEvents, AForkIsTheChilds) {
  HandMadeEvent event("fork");
  event.header().pid = 12;
  event.header().ppid = 11;
  event.expect({{"proc.pid", "12"}, {"evt.info", "child of 11"}, {"evt.res", "-"}});
}

}  // namespace
}  // namespace outrider
