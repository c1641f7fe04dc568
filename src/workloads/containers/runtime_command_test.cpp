// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/runtime_command.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace outrider {
namespace {

// Words, separated by blanks, as arguments.
std::optional<RuntimeCommand> parsed(std::string_view words, std::string_view cwd = "/cwd",
                                     std::string_view program = "") {
  std::string arguments(words);
  for (char& c : arguments) {
    if (c == ' ') c = '\0';
  }
  arguments += '\0';
  if (program.empty()) program = words.substr(0, words.find(' '));
  return parse_runtime_command(program, arguments, cwd);
}

struct Case {
  std::string_view words;
  RuntimeCommand command;
};

const Case kCases[] = {
    {"runc run web", {Runtime::kRunc, "web", "/cwd", ""}},
    {"/usr/sbin/runc create --bundle /b web", {Runtime::kRunc, "web", "/b", ""}},
    {"docker-runc create -b b/c web", {Runtime::kRunc, "web", "/cwd/b/c", ""}},
    // As containerd's shim runs it.
    {"runc --root /run/containerd/runc/k8s.io --log /b/log.json --log-format json "
     "--systemd-cgroup create --bundle /b --pid-file /b/init.pid --console-socket /tmp/s 2640",
     {Runtime::kRunc, "2640", "/b", "/run/containerd/runc/k8s.io"}},
    // As conmon does.
    {"/usr/bin/crun --log-format=json --log=/l --systemd-cgroup --root=/run/crun create "
     "--bundle /b --pid-file /p --no-pivot 2640",
     {Runtime::kCrun, "2640", "/b", "/run/crun"}},
    {"crun --cgroup-manager cgroupfs --debug run -d --preserve-fds 3 -b /b a.b_c",
     {Runtime::kCrun, "a.b_c", "/b", ""}},
    {"crun run web --bundle /b", {Runtime::kCrun, "web", "/b", ""}},
    {"runc --rootless true --criu /c run --bundle=/b -detach web",
     {Runtime::kRunc, "web", "/b", ""}},
    {"runc run -- web", {Runtime::kRunc, "web", "/cwd", ""}},
    {"runc restore --image-path /i --work-path /w --lazy-pages -d --bundle /b/../c web",
     {Runtime::kRunc, "web", "/c", ""}},
    {"runc run web second", {Runtime::kRunc, "web", "/cwd", ""}},
};

TEST(RuntimeCommand, IsReadFromArguments) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.words);
    const auto command = parsed(c.words);
    ASSERT_TRUE(command);
    EXPECT_EQ(command->runtime, c.command.runtime);
    EXPECT_EQ(command->id, c.command.id);
    EXPECT_EQ(command->bundle, c.command.bundle);
    EXPECT_EQ(command->root, c.command.root);
  }
}

TEST(RuntimeCommand, OthersAreNone) {
  for (const std::string_view words : {"runc",
                                       "runc run",
                                       "runc exec web sh",
                                       "runc start web",
                                       "runc init",
                                       "runc kill web",
                                       "runc delete web",
                                       "runc state run",
                                       "runc --root run",
                                       "runc --version",
                                       "crun list",
                                       "runc create --bundle",
                                       "runc run ..",
                                       "runc run a/b",
                                       "runc run \x01",
                                       "sh run web",
                                       "/opt/runc/sh run web",
                                       "runc:[2:INIT] run web",
                                       "containerd-shim-runc-v2 run web",
                                       "runc run --",
                                       "runc -- --"}) {
    EXPECT_FALSE(parsed(words)) << words;
  }
  EXPECT_FALSE(parsed("runc run " + std::string(300, 'x')));
}

TEST(RuntimeCommand, KnowsTheProgramNotWhatItCallsItself) {
  EXPECT_TRUE(parsed("anything run web", "/cwd", "/usr/sbin/runc"));
  EXPECT_FALSE(parsed("runc run web", "/cwd", "/bin/sh"));
}

TEST(RuntimeCommand, ABundleMayBeUnknown) {
  const auto relative = parsed("runc --root r run -b b web", "");
  ASSERT_TRUE(relative);
  EXPECT_EQ(relative->bundle, "");
  EXPECT_EQ(relative->root, "");
  const auto absolute = parsed("runc run -b /b web", "");
  ASSERT_TRUE(absolute);
  EXPECT_EQ(absolute->bundle, "/b");
}

TEST(RuntimeCommand, AnyBytesDoNoHarm) {
  using namespace std::string_view_literals;
  for (const std::string_view arguments :
       {""sv, "\0"sv, "\0\0\0"sv, "runc\0run\0\xff"sv, "runc\0run"sv, "runc\0-\0--\0-=\0--=x\0"sv,
        "runc\0--bundle=\0run\0a\0"sv, "runc\0run\0-b"sv}) {
    parse_runtime_command("runc", arguments, "/");
    parse_runtime_command("/", arguments, "");
    parse_runtime_command("", arguments, "");
  }
  EXPECT_TRUE(parse_runtime_command("runc", "runc\0run\0\xff"sv, "/"));
}

TEST(RuntimeCommand, AnIdIsTheNameOfADirectory) {
  EXPECT_TRUE(is_container_id("web"));
  EXPECT_TRUE(is_container_id("..."));
  EXPECT_TRUE(is_container_id(std::string(255, 'x')));
  for (const std::string_view none : {"", ".", "..", "a/b", "/", "a\n", "\x7f"}) {
    EXPECT_FALSE(is_container_id(none)) << none;
  }
  EXPECT_FALSE(is_container_id(std::string(256, 'x')));
  EXPECT_FALSE(is_container_id(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace outrider
