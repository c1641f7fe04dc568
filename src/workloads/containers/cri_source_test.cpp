// SPDX-License-Identifier: Apache-2.0
//
// Those who listen in a runtime's place; what runtimes answer is in cri/cri_grpc_test.cpp.
#include "workloads/containers/cri_source.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>

#include "support/subprocess.h"
#include "support/temporary_directory.h"
#include "support/unix_server.h"

namespace outrider {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::UnixServer;

const std::string kId(64, 'a');

std::size_t open_files() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

class CriSourceTest : public testing::Test {
 protected:
  std::optional<Container> ask(milliseconds patience = milliseconds(400)) {
    const auto source = make_cri_source(root_.path(), cri_sockets().front(), ::geteuid());
    const auto begin = steady_clock::now();
    auto container = source->describe(kId, begin + patience);
    took_ = steady_clock::now() - begin;
    return container;
  }
  std::string path() const { return root_.path() + std::string(cri_sockets().front().path); }

  test::TemporaryDirectory root_;
  steady_clock::duration took_{};
};

TEST_F(CriSourceTest, NobodyThere) {
  EXPECT_FALSE(ask());
  EXPECT_LT(took_, milliseconds(300));
}

TEST_F(CriSourceTest, WhoeverHangsIsWaitedForUntilTheDeadline) {
  {
    // Loads the module, which takes its time once.
    const UnixServer server(path(), [](int) {});
    EXPECT_FALSE(ask(milliseconds(5000)));
  }
  if (cri_module_status() != "loaded") GTEST_SKIP() << cri_module_status();
  const std::size_t before = open_files();
  std::atomic<bool> done = false;
  const std::string_view answers[] = {
      "",                                               // nothing
      "HTTP/1.1 200 OK\r\n\r\n",                        // another protocol
      std::string_view("\0\0\0\4\0\0\0\0\0", 9),        // empty settings, and then nothing
      std::string_view("\xff\xff\xff\4\0\0\0\0\0", 9),  // settings of 16 MB
  };
  for (const std::string_view answer : answers) {
    for (const bool more : {false, true}) {
      done = false;
      const UnixServer server(path(), [&](int connection) {
        while (!done && test::send_text(connection, answer)) {
          if (!more) {
            char byte = 0;
            while (!done && ::recv(connection, &byte, 1, MSG_DONTWAIT) != 0) {
              std::this_thread::sleep_for(milliseconds(1));
            }
            break;
          }
          std::this_thread::sleep_for(milliseconds(answer.empty() ? 10 : 0));
        }
      });
      EXPECT_FALSE(ask());
      EXPECT_LT(took_, milliseconds(1500)) << answer.size() << more;
      done = true;
    }
  }
  // gRPC closes them in a thread of its own.
  EXPECT_TRUE(test::eventually([&] { return open_files() <= before + 1; }, std::chrono::seconds(5)))
      << open_files() - before;
}

TEST_F(CriSourceTest, AnotherUserIsNotAsked) {
  std::atomic<int> bytes = 0;
  const UnixServer server(path(), [&](int connection) {
    char byte = 0;
    while (::recv(connection, &byte, 1, 0) == 1) ++bytes;
  });
  const auto source = make_cri_source(root_.path(), cri_sockets().front(), ::geteuid() + 1);
  EXPECT_FALSE(source->describe(kId, steady_clock::now() + milliseconds(400)));
  EXPECT_EQ(bytes, 0);
}

TEST_F(CriSourceTest, NothingIsNoContainer) {
  const auto source = make_cri_source(root_.path(), cri_sockets().front(), ::geteuid());
  EXPECT_FALSE(source->describe("", steady_clock::now() + milliseconds(400)));
  EXPECT_FALSE(source->describe(kId, steady_clock::now() - milliseconds(400)));
}

}  // namespace
}  // namespace outrider
