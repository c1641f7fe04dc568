// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/http_source.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "support/temporary_directory.h"
#include "support/unix_server.h"
#include "workloads/containers/http_get.h"

namespace outrider {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::read_request;
using test::send_text;
using test::UnixServer;

constexpr std::string_view kId = "c6fba1f11877085b4cc8aa5604f22cf5578aea947b62c3270aa6dec16268bb82";

// The answers of Docker and Podman, less what nobody asks for.
std::string docker_json(std::string_view id) {
  return fmt::format(
      R"({{"Id":"{}","Created":"2026-11-21T18:29:31.173499489Z","Path":"sleep",
      "Image":"sha256:{}","Name":"/web","HostConfig":{{"Privileged":true,"UsernsMode":""}},
      "ImageManifestDescriptor":{{"digest":"sha256:3f66"}},
      "Mounts":[{{"Type":"bind","Source":"/srv","Destination":"/data","RW":false}},
                {{"Type":"volume","Name":"v","Source":"/v","Destination":"/v","RW":true}}],
      "Config":{{"Hostname":"c6","Image":"nginx:1.25","Labels":{{"role":"test","a":"b"}}}}}})",
      id, std::string(64, 'a'));
}
std::string podman_json(std::string_view id) {
  return fmt::format(
      R"({{"Id":"{}","Created":"2026-11-21T18:29:31.173499489Z","Image":"{}",
      "ImageDigest":"sha256:3f66","ImageName":"localhost/local/busy:latest","Name":"one",
      "OCIConfigPath":"/var/lib/containers/storage/overlay-containers/c6/userdata/config.json",
      "Mounts":[],"IsInfra":true,"HostConfig":{{"Privileged":false}},
      "Config":{{"Labels":{{"role":"test"}},
                 "Annotations":{{"io.container.manager":"libpod"}}}}}})",
      id, std::string(64, 'a'));
}

std::string http(std::string_view body, std::string_view headers = "") {
  return fmt::format("HTTP/1.0 200 OK\r\n{}\r\n{}", headers, body);
}

TEST(HttpSource, ReadsWhatDockerSays) {
  const auto container = read_docker_answer(docker_json(kId), kId);
  ASSERT_TRUE(container);
  EXPECT_EQ(container->runtime, Runtime::kDocker);
  EXPECT_EQ(container->id, (SourcedText{std::string(kId), NameSource::kDocker}));
  EXPECT_EQ(container->name, (SourcedText{"web", NameSource::kDocker}));
  EXPECT_EQ(container->image.text, "nginx:1.25");
  EXPECT_EQ(container->image_id.text, "sha256:" + std::string(64, 'a'));
  EXPECT_EQ(container->image_digest.text, "sha256:3f66");
  EXPECT_EQ(container->created, 1795285771173499489);
  EXPECT_EQ(container->privileged, true);
  EXPECT_EQ(container->labels,
            (std::vector<std::pair<std::string, std::string>>{{"a", "b"}, {"role", "test"}}));
  ASSERT_TRUE(container->mounts);
  ASSERT_EQ(container->mounts->size(), 2u);
  EXPECT_EQ(container->mounts->front(),
            (ContainerMount{
                .source = "/srv", .destination = "/data", .type = "bind", .writable = false}));
  EXPECT_TRUE(container->mounts->back().writable);
  EXPECT_FALSE(container->sandbox);
}

TEST(HttpSource, ReadsWhatPodmanSays) {
  const auto container = read_podman_answer(podman_json(kId), kId);
  ASSERT_TRUE(container);
  EXPECT_EQ(container->runtime, Runtime::kPodman);
  EXPECT_EQ(container->name, (SourcedText{"one", NameSource::kPodman}));
  EXPECT_EQ(container->image.text, "localhost/local/busy:latest");
  EXPECT_EQ(container->image_id.text, "sha256:" + std::string(64, 'a'));
  EXPECT_EQ(container->image_digest.text, "sha256:3f66");
  EXPECT_EQ(container->bundle.text, "/var/lib/containers/storage/overlay-containers/c6/userdata");
  EXPECT_EQ(container->privileged, false);
  EXPECT_TRUE(container->sandbox);
  ASSERT_TRUE(container->mounts);
  EXPECT_TRUE(container->mounts->empty());
  EXPECT_EQ(container->labels.size(), 2u);
}

TEST(HttpSource, NothingIsBelievedOfAnother) {
  const std::string other(64, 'b');
  EXPECT_FALSE(read_docker_answer(docker_json(other), kId));
  EXPECT_FALSE(read_podman_answer(podman_json(other), kId));
  EXPECT_FALSE(read_docker_answer(docker_json(kId.substr(0, 12)), kId));
  EXPECT_FALSE(read_docker_answer(docker_json(""), ""));
}

TEST(HttpSource, NonsenseSaysNothing) {
  const std::string deep(100'000, '[');
  for (const std::string_view json :
       {std::string_view(""), std::string_view("{}"), std::string_view("[]"),
        std::string_view("null"), std::string_view("{\"Id\":7}"), std::string_view("\xff\xfe"),
        std::string_view(deep)}) {
    EXPECT_FALSE(read_docker_answer(json, kId)) << json.substr(0, 20);
    EXPECT_FALSE(read_podman_answer(json, kId)) << json.substr(0, 20);
  }
  // Of the right id, with everything else of the wrong type.
  const std::string wrong = fmt::format(
      R"({{"Id":"{}","Created":7,"Image":[],"Name":{{}},"Mounts":{{"a":1}},"Config":"x",
          "HostConfig":[],"IsInfra":"yes","ImageName":null,"OCIConfigPath":3}})",
      kId);
  const auto container = read_podman_answer(wrong, kId);
  ASSERT_TRUE(container);
  EXPECT_FALSE(container->name.known());
  EXPECT_FALSE(container->sandbox);
  EXPECT_FALSE(container->mounts);
}

TEST(HttpGet, AnswersFollowTheTable) {
  struct Case {
    std::string_view text;
    int status;  // 0: refused
    std::string_view body;
  };
  constexpr Case kCases[] = {
      {"HTTP/1.0 200 OK\r\n\r\nbody", 200, "body"},
      {"HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n", 404, ""},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nbody", 200, "bo"},
      {"HTTP/1.1 200 OK\r\ncontent-LENGTH:  4 \r\n\r\nbody", 200, "body"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody", 0, ""},
      {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nbody", 0, ""},
      {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nbody", 0, ""},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", 0, ""},
      {"HTTP/1.1 200 OK\r\n", 0, ""},
      {"HTTP/1.1 2x0 OK\r\n\r\n", 0, ""},
      {"HTTP/2.0 200 OK\r\n\r\n", 0, ""},
      {"\r\n\r\n", 0, ""},
      {"", 0, ""},
  };
  for (const Case& c : kCases) {
    const auto answer = parse_http(c.text);
    EXPECT_EQ(answer ? answer->status : 0, c.status) << c.text;
    if (answer) {
      EXPECT_EQ(answer->body, c.body) << c.text;
    }
  }
}

class HttpSourceSocketTest : public testing::Test {
 protected:
  std::string path() const { return root_ / "run/podman/podman.sock"; }
  std::optional<Container> ask(milliseconds patience = milliseconds(3000)) {
    const auto source = make_podman_source(root_.path(), ::geteuid());
    const auto begin = steady_clock::now();
    auto container = source->describe(std::string(kId), begin + patience);
    took_ = steady_clock::now() - begin;
    return container;
  }

  test::TemporaryDirectory root_;
  steady_clock::duration took_{};
};

TEST_F(HttpSourceSocketTest, AsksForTheContainer) {
  std::string asked;
  const UnixServer server(path(), [&](int connection) {
    asked = read_request(connection);
    send_text(connection, http(podman_json(kId)));
  });
  const auto container = ask();
  ASSERT_TRUE(container);
  EXPECT_EQ(container->name.text, "one");
  EXPECT_TRUE(
      asked.starts_with(fmt::format("GET /v4.0.0/libpod/containers/{}/json HTTP/1.0\r\n", kId)))
      << asked;
}

TEST_F(HttpSourceSocketTest, DockersIsFoundBehindTheLinkOfRun) {
  std::filesystem::create_directories(root_ / "var");
  ASSERT_EQ(::symlink("/run", (root_ / "var/run").c_str()), 0);
  const UnixServer server(root_ / "run/docker.sock", [&](int connection) {
    read_request(connection);
    send_text(connection, http(docker_json(kId)));
  });
  const auto source = make_docker_source(root_.path(), ::geteuid());
  const auto container =
      source->describe(std::string(kId), steady_clock::now() + std::chrono::seconds(3));
  ASSERT_TRUE(container);
  EXPECT_EQ(container->name.text, "web");
}

TEST_F(HttpSourceSocketTest, AConnectionThatStaysOpenIsNotWaitedFor) {
  const std::string body = podman_json(kId);
  std::atomic<bool> done = false;
  const UnixServer server(path(), [&](int connection) {
    read_request(connection);
    send_text(connection, http(body, fmt::format("Content-Length: {}\r\n", body.size())));
    while (!done) std::this_thread::sleep_for(milliseconds(1));
  });
  EXPECT_TRUE(ask(std::chrono::seconds(30)));
  done = true;
  EXPECT_LT(took_, std::chrono::seconds(10));
}

TEST_F(HttpSourceSocketTest, WhoeverHangsIsWaitedForUntilTheDeadline) {
  std::atomic<bool> done = false;
  const auto hang = [&](std::string_view first, std::string_view then, milliseconds pause) {
    return [&done, first, then, pause](int connection) {
      read_request(connection);
      send_text(connection, first);
      while (!done && send_text(connection, then)) std::this_thread::sleep_for(pause);
    };
  };
  const std::function<void(int)> cases[] = {
      // Nothing, a byte at a time of the headers or the body, more and more of both.
      hang("", "", milliseconds(1)),
      hang("HTTP/1.0 200 OK\r\nX: ", "a", milliseconds(20)),
      hang("HTTP/1.0 200 OK\r\n\r\n", " ", milliseconds(20)),
      hang("HTTP/1.0 200 OK\r\n", std::string_view("X: aaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"),
           milliseconds(0)),
      hang("HTTP/1.0 200 OK\r\n\r\n{", std::string_view("          "), milliseconds(0)),
  };
  for (const auto& serve : cases) {
    done = false;
    {
      const UnixServer server(path(), serve);
      EXPECT_FALSE(ask(milliseconds(300)));
      EXPECT_LT(took_, milliseconds(1500));
      done = true;
    }
  }
}

TEST_F(HttpSourceSocketTest, AnEndlessAnswerIsNotKept) {
  const std::string much(1 << 20, ' ');
  std::atomic<int> sent = 0;
  const UnixServer server(path(), [&](int connection) {
    read_request(connection);
    send_text(connection, "HTTP/1.0 200 OK\r\n\r\n");
    while (sent < 1000 && send_text(connection, much)) ++sent;
  });
  EXPECT_FALSE(ask(std::chrono::seconds(60)));
  EXPECT_LT(sent, 6);
}

TEST_F(HttpSourceSocketTest, LiesAndErrorsSayNothing) {
  const std::string texts[] = {
      http(podman_json(std::string(64, 'b'))),
      "HTTP/1.0 404 Not Found\r\n\r\n" + podman_json(kId),
      "HTTP/1.0 500 Oh\r\n\r\n",
      "nonsense",
      "",
  };
  for (const std::string& text : texts) {
    const UnixServer server(path(), [&](int connection) {
      read_request(connection);
      send_text(connection, text);
    });
    EXPECT_FALSE(ask()) << text;
    EXPECT_LT(took_, milliseconds(2900));
  }
}

TEST_F(HttpSourceSocketTest, NobodyAndTheWrongOneAreNotAsked) {
  EXPECT_FALSE(ask()) << "no socket";
  {
    const UnixServer full(path(), nullptr);
    const auto first = make_podman_source(root_.path(), ::geteuid());
    EXPECT_FALSE(first->describe(std::string(kId), steady_clock::now() + milliseconds(100)));
    EXPECT_FALSE(ask(milliseconds(300))) << "nobody accepts";
    EXPECT_LT(took_, milliseconds(1500));
  }
  const UnixServer server(path(), [&](int connection) {
    read_request(connection);
    send_text(connection, http(podman_json(kId)));
  });
  const auto deadline = steady_clock::now() + std::chrono::seconds(3);
  const auto others = make_podman_source(root_.path(), ::geteuid() + 1);
  EXPECT_FALSE(others->describe(std::string(kId), deadline)) << "another user listens";
  // A link of theirs to what is another's, and a file in the socket's place.
  ASSERT_EQ(::mkdir((root_ / "run/user").c_str(), 0755), 0);
  const auto rootless = make_rootless_podman_source(root_.path(), ::geteuid() + 1);
  std::filesystem::create_directories(root_ / fmt::format("run/user/{}/podman", ::geteuid() + 1));
  ASSERT_EQ(
      ::symlink("/run/podman/podman.sock",
                (root_ / fmt::format("run/user/{}/podman/podman.sock", ::geteuid() + 1)).c_str()),
      0);
  EXPECT_FALSE(rootless->describe(std::string(kId), deadline));
  const auto own = make_podman_source(root_.path(), ::geteuid());
  for (const std::string id : {"", ".", "..", "../x", "a/b", "a b", "a\r\nX: y", "a?b", "a%2fb"}) {
    EXPECT_FALSE(own->describe(id, deadline)) << id;
  }
  EXPECT_TRUE(own->describe(std::string(kId), deadline));
}

}  // namespace
}  // namespace outrider
