// SPDX-License-Identifier: Apache-2.0
//
// Processes that were there before the agent.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "support/program.h"

namespace outrider::test {
namespace {

constexpr int kMany = 1000;
constexpr char kMarker[] = "/nonexistent/there-before-";

// Shells that wait for an end of file and then open what cannot be opened, each something else.
class Shells {
 public:
  Shells() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    const FileDescriptor reader(ends[0]);
    writer_ = FileDescriptor(ends[1]);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, reader.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    // Of sessions of their own: who leads that of this test, or its group, may have ended.
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    for (int i = 0; i < kMany; ++i) {
      std::string words[] = {"sh", "-c", fmt::format("read line; : <{}{}", kMarker, i)};
      char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
      pid_t child = 0;
      if (::posix_spawn(&child, "/bin/sh", &files, &attributes, arguments, environ) == 0) {
        children_.push_back(child);
      }
    }
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
  }
  ~Shells() { go(); }
  Shells(const Shells&) = delete;
  Shells& operator=(const Shells&) = delete;

  [[nodiscard]] std::size_t count() const { return children_.size(); }
  // Until all have ended.
  void go() {
    writer_.reset();
    for (const pid_t child : children_) ::waitpid(child, nullptr, 0);
    children_.clear();
  }

 private:
  FileDescriptor writer_;
  std::vector<pid_t> children_;
};

using ThereBefore = ProgramTest;

TEST_F(ThereBefore, AThousandCarryAllNamesFromTheirFirstEvent) {
  const std::vector<std::string> fields = {"evt.kind",
                                           "fd.name",
                                           "proc.pid",
                                           "proc.name",
                                           "proc.exepath",
                                           "proc.exe",
                                           "proc.cmdline",
                                           "proc.args",
                                           "proc.cwd",
                                           "proc.pname",
                                           "proc.pexepath",
                                           "proc.pcmdline",
                                           "proc.aname[2]",
                                           "proc.sname",
                                           "proc.pgid.name",
                                           "user.name",
                                           "group.name",
                                           "user.loginuid",
                                           "proc.tty",
                                           "thread.cap_effective",
                                           "proc.ns.pid",
                                           "proc.exe_ino",
                                           "proc.is_exe_writable",
                                           "container.id",
                                           "container.name",
                                           "cgroup.path",
                                           "proc.pidns_init_start_ts",
                                           "proc.vpgid"};
  Shells shells;
  ASSERT_EQ(shells.count(), static_cast<std::size_t>(kMany));
  Trace trace({"open", "-o", "json", "--fields", fmt::format("{}", fmt::join(fields, ",")),
               "--where", fmt::format("fd.name startswith {}", kMarker)});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  shells.go();
  trace.interrupt();

  std::map<std::string, nlohmann::json> events;
  for (nlohmann::json& event : parse_lines(trace.output())) {
    events.emplace(event.value("fd.name", ""), std::move(event));
  }
  EXPECT_EQ(events.size(), static_cast<std::size_t>(kMany)) << trace.errors();
  const std::string exe = std::filesystem::canonical("/bin/sh");
  const std::string cwd = std::filesystem::current_path();
  for (const auto& [name, event] : events) {
    SCOPED_TRACE(event.dump());
    EXPECT_FALSE(event.contains("evt.unknown"));
    EXPECT_EQ(event.value("proc.name", ""), "sh");
    EXPECT_EQ(event.value("proc.exepath", ""), exe);
    EXPECT_EQ(event.value("proc.cmdline", ""), fmt::format("sh -c read line; : <{}", name));
    EXPECT_EQ(event.value("proc.cwd", ""), cwd);
    EXPECT_EQ(event.value("proc.sname", ""), "sh");
    EXPECT_EQ(event.value("proc.pgid.name", ""), "sh");
    EXPECT_EQ(event.value("user.name", ""), "root");
    EXPECT_EQ(event.value("group.name", ""), "root");
    EXPECT_EQ(event.value("container.id", ""), "host");
    EXPECT_TRUE(event.value("proc.pname", "").starts_with("outrider_e2e"));
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace outrider::test
