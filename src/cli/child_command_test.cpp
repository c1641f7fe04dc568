// SPDX-License-Identifier: Apache-2.0
#include "cli/child_command.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "support/subprocess.h"
#include "support/temporary_directory.h"

namespace outrider {
namespace {

using Words = std::vector<std::string>;

int wait_for(ChildCommand& command) {
  pollfd ended{command.descriptor(), POLLIN, 0};
  ::poll(&ended, 1, -1);
  return command.ending().value_or(-1);
}

// Runs it; its exit code.
int run(const Words& words) {
  auto command = ChildCommand::prepare(words);
  if (!command) return -1;
  ::signal(SIGPIPE, SIG_IGN);
  if (!command->run()) return -2;
  return wait_for(*command);
}

// The error that comes instead of a command.
Error refusal(const Words& words) {
  auto command = ChildCommand::prepare(words);
  if (!command) return command.error();
  auto ran = command->run();
  return ran ? Error{"ran", ExitCode::kDone} : ran.error();
}

TEST(ChildCommand, ItsExitCodeIsItsOwn) {
  EXPECT_EQ(run({"true"}), 0);
  EXPECT_EQ(run({"sh", "-c", "exit 7"}), 7);
  EXPECT_EQ(run({"/bin/sh", "-c", "exit 255"}), 255);
}

TEST(ChildCommand, OfASignalItIs128More) {
  EXPECT_EQ(run({"sh", "-c", "kill -TERM $$"}), 128 + SIGTERM);
}

TEST(ChildCommand, SignalsAreHandedOn) {
  auto command = ChildCommand::prepare({"sleep", "1000"});
  ASSERT_TRUE(command);
  EXPECT_EQ(command->ending(), std::nullopt);
  ASSERT_TRUE(command->run());
  command->send(SIGINT);
  EXPECT_EQ(wait_for(*command), 128 + SIGINT);
  command->send(SIGINT);  // to nobody
}

TEST(ChildCommand, WhatIsNeverRunEndsByItself) {
  pid_t pid = -1;
  {
    auto command = ChildCommand::prepare({"sleep", "1000"});
    ASSERT_TRUE(command);
    pid = command->pid();
  }
  EXPECT_TRUE(test::eventually([&] { return ::waitpid(pid, nullptr, WNOHANG) == pid; },
                               std::chrono::seconds(30)));
}

TEST(ChildCommand, WhatCannotBeRunIsBadInput) {
  test::TemporaryDirectory directory;
  const std::string text = directory / "text";
  std::ofstream(text) << "no program\n";
  EXPECT_EQ(refusal({"no-such-command-anywhere"}).code, ExitCode::kBadInput);
  EXPECT_EQ(refusal({"no-such-command-anywhere"}).message,
            "there is no command 'no-such-command-anywhere' in PATH");
  EXPECT_EQ(refusal({""}).code, ExitCode::kBadInput);
  EXPECT_TRUE(refusal({"/no/such"}).message.ends_with("No such file or directory"));
  EXPECT_TRUE(refusal({directory.path()}).message.ends_with("Is a directory"));
  EXPECT_TRUE(refusal({text}).message.ends_with("Permission denied"));
  ASSERT_EQ(::chmod(text.c_str(), 0755), 0);
  EXPECT_TRUE(refusal({text}).message.ends_with("Exec format error"));
  EXPECT_EQ(refusal({text}).code, ExitCode::kBadInput);
}

TEST(ChildCommand, IsLookedForInPathInItsOrder) {
  test::TemporaryDirectory directory;
  for (const std::string name : {"first", "second"}) {
    ASSERT_EQ(::mkdir((directory / name).c_str(), 0755), 0);
    std::ofstream(directory / (name + "/tool")) << "#!/bin/sh\nexit " << name.size() << "\n";
    ASSERT_EQ(::chmod((directory / (name + "/tool")).c_str(), 0755), 0);
  }
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", ("/no/such:" + (directory / "first") + ":" + (directory / "second")).c_str(), 1);
  const int found = run({"tool"});
  // One that may not be executed is passed over, as by a shell.
  ::chmod((directory / "first/tool").c_str(), 0644);
  const int other = run({"tool"});
  ::chmod((directory / "second/tool").c_str(), 0644);
  const Error none = refusal({"tool"});
  ::setenv("PATH", before.c_str(), 1);
  EXPECT_EQ(found, 5);
  EXPECT_EQ(other, 6);
  EXPECT_TRUE(none.message.ends_with("first/tool': Permission denied")) << none.message;
}

}  // namespace
}  // namespace outrider
