// SPDX-License-Identifier: Apache-2.0
//
// What a real Podman says of a container, over its socket. Its storage is a directory of the test's
// own, and the container is never started.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/subprocess.h"
#include "support/temporary_directory.h"
#include "workloads/containers/http_source.h"

namespace outrider {
namespace {

using std::chrono::seconds;
using test::Subprocess;

class PodmanTest : public testing::Test {
 protected:
  // What it writes, without the end of the last line; nothing if it fails.
  std::string podman(const std::vector<std::string>& arguments) {
    Subprocess run(command(arguments));
    const auto ending = run.wait(seconds(60));
    errors_ = run.errors();
    if (!ending || ending->code != 0) return {};
    const auto lines = test::lines_of(run.output());
    return lines.empty() ? std::string() : lines.back();
  }
  std::vector<std::string> command(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all = {"podman",
                                    "--root",
                                    directory_ / "storage",
                                    "--runroot",
                                    directory_ / "state",
                                    "--storage-driver",
                                    "vfs",
                                    "--cgroup-manager=cgroupfs",
                                    "--events-backend",
                                    "none",
                                    "--tmpdir",
                                    directory_ / "tmp"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  }

  test::TemporaryDirectory directory_;
  std::string errors_;
};

TEST_F(PodmanTest, SaysWhatItsContainerIsCalled) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  if (podman({"--version"}).empty()) GTEST_SKIP() << "there is no podman: " << errors_;
  std::ofstream(directory_ / "file") << "x";
  Subprocess tar({"tar", "-C", directory_.path(), "-cf", directory_ / "image.tar", "file"});
  ASSERT_TRUE(tar.wait(seconds(10)));
  if (podman({"import", directory_ / "image.tar", "local/named:1"}).empty()) {
    GTEST_SKIP() << "podman cannot make an image here: " << errors_;
  }
  const std::string id = podman({"create", "--network=none", "--name", "named", "--label",
                                 "role=test", "local/named:1", "/file"});
  ASSERT_EQ(id.size(), 64u) << errors_;

  const std::string socket = directory_ / "run/podman/podman.sock";
  std::filesystem::create_directories(directory_ / "run/podman");
  Subprocess service(command({"system", "service", "--time=0", "unix://" + socket}));
  ASSERT_TRUE(test::eventually([&] { return std::filesystem::exists(socket); }, seconds(20)))
      << service.errors();
  const auto source = make_podman_source(directory_.path());
  std::optional<Container> container;
  ASSERT_TRUE(test::eventually(
      [&] {
        container = source->describe(id, std::chrono::steady_clock::now() + seconds(5));
        return container.has_value();
      },
      seconds(20)))
      << service.errors();
  EXPECT_EQ(container->runtime, Runtime::kPodman);
  EXPECT_EQ(container->name.text, "named");
  EXPECT_EQ(container->image.text, "localhost/local/named:1");
  EXPECT_EQ(container->image_id.text.size(), 7u + 64u) << container->image_id.text;
  EXPECT_GT(container->created, 0);
  EXPECT_EQ(container->privileged, false);
  const std::pair<std::string, std::string> label{"role", "test"};
  EXPECT_NE(std::ranges::find(container->labels, label), container->labels.end());

  // By its name it can be found, too, but that is not its id.
  const auto deadline = std::chrono::steady_clock::now() + seconds(5);
  EXPECT_FALSE(source->describe("named", deadline));
  EXPECT_FALSE(source->describe(id.substr(0, 12), deadline));
  EXPECT_FALSE(source->describe(std::string(64, 'a'), deadline));
}

}  // namespace
}  // namespace outrider
