// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/container_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/host_directory.h"

namespace outrider {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::string_view kId = "2640478a996b50d951b36a426781a4b50ed7ef101a3dc125c7b04c79562f2550";
const std::string kDocker = fmt::format("/docker/{}", kId);
const std::string kBundle =
    fmt::format("/run/containerd/io.containerd.runtime.v2.task/moby/{}/config.json", kId);
const std::string kStored = fmt::format("/var/lib/docker/containers/{}/config.v2.json", kId);

// Answers of one question until the last.
std::vector<ContainerAnswer> answers_of(ContainerReader& reader, seconds patience = seconds(10)) {
  std::vector<ContainerAnswer> answers;
  const auto until = steady_clock::now() + patience;
  while (steady_clock::now() < until) {
    pollfd ready{.fd = reader.descriptor(), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 100) <= 0) continue;
    for (ContainerAnswer& answer : reader.take()) {
      const bool last = answer.last;
      answers.push_back(std::move(answer));
      if (last) return answers;
    }
  }
  ADD_FAILURE() << "no last answer";
  return answers;
}

void write_docker(const test::HostDirectory& host) {
  host.write(kBundle, fmt::format(R"({{"linux": {{"cgroupsPath": "{}"}}}})", kDocker));
  host.write(kStored, fmt::format(R"({{"ID": "{}", "Name": "/web"}})", kId));
}

// A socket that says what it is told to, when it is.
class ScriptedSource : public ContainerSource {
 public:
  explicit ScriptedSource(std::optional<Container> says, std::shared_ptr<std::latch> first = {})
      : says_(std::move(says)), first_(std::move(first)) {}

  std::optional<Container> describe(const std::string& id,
                                    steady_clock::time_point deadline) override {
    asked.fetch_add(1);
    EXPECT_EQ(id, kId);
    EXPECT_NE(deadline, steady_clock::time_point());
    if (first_) first_->wait();
    return says_;
  }

  std::atomic<int> asked = 0;

 private:
  std::optional<Container> says_;
  std::shared_ptr<std::latch> first_;
};

Container says(std::string_view name, std::string_view image) {
  Container container;
  container.name = {std::string(name), NameSource::kDocker};
  container.image = {std::string(image), NameSource::kDocker};
  return container;
}

TEST(ContainerReader, AnswersAtOnceThatThereIsNone) {
  const test::HostDirectory host;
  ContainerReader reader({.root = host.path()});
  EXPECT_TRUE(reader.take().empty());
  reader.ask({.cgroup_id = 7, .cgroup_path = "/system.slice/nginx.service", .command = {}});
  const auto answers = answers_of(reader);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers.front().cgroup_id, 7u);
  EXPECT_FALSE(answers.front().container);
  EXPECT_TRUE(answers.front().last);
  pollfd ready{.fd = reader.descriptor(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&ready, 1, 0), 0) << "all was taken";
}

TEST(ContainerReader, AnswersFromFiles) {
  const test::HostDirectory host;
  write_docker(host);
  ContainerReader reader({.root = host.path()});
  reader.ask({.cgroup_id = 7, .cgroup_path = kDocker, .command = {}});
  const auto answers = answers_of(reader);
  ASSERT_EQ(answers.size(), 1u);
  ASSERT_TRUE(answers.front().container);
  EXPECT_EQ(answers.front().container->name.text, "web");
  EXPECT_FALSE(reader.sources().empty());
}

TEST(ContainerReader, TriesAgainWhatIsNotThereYet) {
  const test::HostDirectory host;
  ContainerReader reader({.root = host.path()});
  reader.ask({.cgroup_id = 7, .cgroup_path = kDocker, .command = {}});
  std::this_thread::sleep_for(milliseconds(10));
  write_docker(host);
  const auto answers = answers_of(reader);
  ASSERT_TRUE(answers.back().container);
  EXPECT_EQ(answers.back().container->name.text, "web");
}

TEST(ContainerReader, GivesUpWhatNeverComes) {
  const test::HostDirectory host;
  ContainerReader reader({.root = host.path()});
  const auto begin = steady_clock::now();
  reader.ask({.cgroup_id = 7, .cgroup_path = kDocker, .command = {}});
  const auto answers = answers_of(reader);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(187));
  ASSERT_EQ(answers.size(), 1u) << "an id without a name is only said at the end";
  ASSERT_TRUE(answers.front().container);
  EXPECT_EQ(answers.front().container->id.text, kId);
  EXPECT_FALSE(answers.front().container->name.known());
}

TEST(ContainerReader, ReadsABundleBeforeItsCgroupComes) {
  const test::HostDirectory host;
  host.write("/b/config.json", R"({"annotations": {"k": "v"}})");
  const RuntimeCommand command{
      .runtime = Runtime::kRunc, .id = "short", .bundle = "/b", .root = {}};
  ContainerReader reader({.root = host.path()});
  reader.expect(command);
  // It is in memory when this says so.
  while (!reader.sources().front().starts_with("bundles: 1 read")) std::this_thread::yield();
  std::this_thread::sleep_for(milliseconds(20));
  host.remove("/b");
  reader.ask({.cgroup_id = 7, .cgroup_path = "/short", .command = command});
  const auto answers = answers_of(reader);
  ASSERT_TRUE(answers.back().container);
  EXPECT_EQ(answers.back().container->name.text, "short");
  EXPECT_EQ(answers.back().container->labels.size(), 1u);
}

TEST(ContainerReader, ASocketAddsWhatFilesDoNotSay) {
  const test::HostDirectory host;
  write_docker(host);
  ContainerReader reader({.root = host.path()});
  const auto silent = std::make_shared<ScriptedSource>(std::nullopt);
  const auto other = std::make_shared<ScriptedSource>(says("x", "x"));
  const auto socket = std::make_shared<ScriptedSource>(says("second", "nginx"));
  const auto late = std::make_shared<ScriptedSource>(says("third", "other"));
  reader.add_source("silent", silent);
  reader.add_source("podman", other, {Runtime::kPodman});
  reader.add_source("docker", socket, {Runtime::kDocker});
  reader.add_source("late", late);
  reader.ask({.cgroup_id = 7, .cgroup_path = kDocker, .command = {}});
  const auto answers = answers_of(reader);
  // Files; the socket; the last, which says no more.
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers.at(0).container->name.text, "web");
  EXPECT_FALSE(answers.at(0).container->image.known());
  EXPECT_EQ(answers.at(1).container->name.text, "web");
  EXPECT_EQ(answers.at(1).container->image, (SourcedText{"nginx", NameSource::kDocker}));
  EXPECT_EQ(answers.at(2).container, answers.at(1).container);
  EXPECT_EQ(silent->asked, 1);
  EXPECT_EQ(other->asked, 0);
  EXPECT_EQ(late->asked, 1);
  const auto lines = reader.sources();
  EXPECT_EQ(lines.back(), "late: 1 answers, 0 times none");
}

// A user's own Podman knows that user's containers, and is not asked about others'.
TEST(ContainerReader, AUsersSocketIsAskedAboutThatUsersContainers) {
  const test::HostDirectory host;
  ContainerReader reader({.root = host.path()});
  auto source = std::make_shared<ScriptedSource>(says("mine", "image-of-user"));
  std::mutex mutex;
  std::vector<std::uint32_t> users;
  reader.add_user_source("users", [&](std::uint32_t user) {
    const std::scoped_lock lock(mutex);
    users.push_back(user);
    return source;
  });
  const std::string scope = fmt::format("libpod-{}.scope", kId);
  reader.ask({.cgroup_id = 1,
              .cgroup_path = "/user.slice/user-1000.slice/user@1000.service/user.slice/" + scope,
              .command = {}});
  const auto own = answers_of(reader);
  ASSERT_FALSE(own.empty());
  EXPECT_EQ(own.back().container->image.text, "image-of-user");
  EXPECT_EQ(users, std::vector<std::uint32_t>{1000});
  reader.ask({.cgroup_id = 2, .cgroup_path = "/machine.slice/" + scope, .command = {}});
  const auto others = answers_of(reader);
  ASSERT_FALSE(others.empty());
  EXPECT_FALSE(others.back().container->image.known());
  EXPECT_EQ(users.size(), 1u);
}

TEST(ContainerReader, WithoutSocketsNoneIsAsked) {
  const test::HostDirectory host;
  write_docker(host);
  ContainerReader reader({.root = host.path(), .patience = seconds(2), .sockets = false});
  const auto socket = std::make_shared<ScriptedSource>(says("second", "nginx"));
  reader.add_source("docker", socket);
  reader.ask({.cgroup_id = 7, .cgroup_path = kDocker, .command = {}});
  EXPECT_EQ(answers_of(reader).size(), 1u);
  EXPECT_EQ(socket->asked, 0);
}

TEST(ContainerReader, ASocketThatHangsIsLeftAlone) {
  const test::HostDirectory host;
  write_docker(host);
  const auto let_go = std::make_shared<std::latch>(1);
  const auto begin = steady_clock::now();
  {
    ContainerReader reader({.root = host.path(), .patience = milliseconds(50)});
    reader.add_source("hangs", std::make_shared<ScriptedSource>(says("late", "late"), let_go));
    // More than there are threads.
    constexpr std::size_t kQuestions = 40;
    for (std::size_t i = 0; i < kQuestions; ++i) {
      reader.ask({.cgroup_id = i, .cgroup_path = kDocker, .command = {}});
    }
    std::map<std::uint64_t, int> last;
    while (last.size() < kQuestions && steady_clock::now() - begin < seconds(10)) {
      for (const ContainerAnswer& answer : reader.take()) {
        ASSERT_TRUE(answer.container);
        EXPECT_EQ(answer.container->id.text, kId);
        if (answer.last) ++last[answer.cgroup_id];
      }
      std::this_thread::sleep_for(milliseconds(1));
    }
    EXPECT_EQ(last.size(), kQuestions);
    for (const auto& [id, times] : last) EXPECT_EQ(times, 1) << id;
  }
  EXPECT_LT(steady_clock::now() - begin, seconds(10)) << "nobody waits for it";
  let_go->count_down();
}

TEST(ContainerReader, ManyAtOnce) {
  const test::HostDirectory host;
  write_docker(host);
  ContainerReader reader({.root = host.path()});
  reader.add_source("docker", std::make_shared<ScriptedSource>(says("second", "nginx")));
  constexpr std::uint64_t kQuestions = 500;
  for (std::uint64_t i = 0; i < kQuestions; ++i) {
    reader.ask({.cgroup_id = i,
                .cgroup_path = i % 2 == 0 ? kDocker : fmt::format("/system.slice/{}.service", i),
                .command = {}});
  }
  std::uint64_t last = 0;
  std::uint64_t named = 0;
  const auto until = steady_clock::now() + seconds(20);
  while (last < kQuestions && steady_clock::now() < until) {
    pollfd ready{.fd = reader.descriptor(), .events = POLLIN, .revents = 0};
    ::poll(&ready, 1, 100);
    for (const ContainerAnswer& answer : reader.take()) {
      if (!answer.last) continue;
      ++last;
      if (answer.container && answer.container->name.text == "web") ++named;
      EXPECT_EQ(answer.container.has_value(), answer.cgroup_id % 2 == 0);
    }
  }
  EXPECT_EQ(last, kQuestions);
  EXPECT_EQ(named, kQuestions / 2);
}

// Cgroups with names of containers that are not there are made more quickly than looked for.
TEST(ContainerReader, NotAllAreTriedAgain) {
  const test::HostDirectory host;
  ContainerReader reader({.root = host.path()});
  constexpr std::uint64_t kQuestions = 300;
  const auto begin = steady_clock::now();
  for (std::uint64_t i = 0; i < kQuestions; ++i) {
    reader.ask({.cgroup_id = i, .cgroup_path = kDocker, .command = {}});
  }
  std::vector<std::uint64_t> ended;
  while (ended.size() < kQuestions && steady_clock::now() - begin < seconds(10)) {
    for (const ContainerAnswer& answer : reader.take()) {
      EXPECT_EQ(answer.container->id.text, kId);
      if (answer.last) ended.push_back(answer.cgroup_id);
    }
    std::this_thread::sleep_for(milliseconds(1));
  }
  ASSERT_EQ(ended.size(), kQuestions);
  EXPECT_GT(ended.front(), 100u) << "those before it are still being tried";
  EXPECT_GE(steady_clock::now() - begin, milliseconds(187));
  // Afterwards there is room again.
  const auto again = steady_clock::now();
  reader.ask({.cgroup_id = 1, .cgroup_path = kDocker, .command = {}});
  answers_of(reader);
  EXPECT_GE(steady_clock::now() - again, milliseconds(187));
}

TEST(ContainerReader, MoreThanItTakesAreAnsweredFromTheirPaths) {
  const test::HostDirectory host;
  write_docker(host);
  const auto let_go = std::make_shared<std::latch>(1);
  ContainerReader reader(
      {.root = host.path(), .patience = seconds(2), .sockets = true, .questions_max = 3});
  reader.add_source("waits", std::make_shared<ScriptedSource>(std::nullopt, let_go));
  for (std::uint64_t i = 0; i < 5; ++i) {
    reader.ask({.cgroup_id = i, .cgroup_path = kDocker, .command = {}});
  }
  std::map<std::uint64_t, std::string> last;
  const auto until = steady_clock::now() + seconds(10);
  const auto take = [&] {
    for (const ContainerAnswer& answer : reader.take()) {
      if (answer.last) last[answer.cgroup_id] = answer.container->name.text;
    }
  };
  take();
  EXPECT_EQ(last, (std::map<std::uint64_t, std::string>{{3, ""}, {4, ""}}));
  let_go->count_down();
  while (last.size() < 5 && steady_clock::now() < until) take();
  EXPECT_EQ(last.at(0), "web");
  EXPECT_EQ(last.at(2), "web");
}

TEST(ContainerReader, GoesWithQuestionsOpen) {
  const test::HostDirectory host;
  for (int i = 0; i < 20; ++i) {
    ContainerReader reader({.root = host.path()});
    for (std::uint64_t each = 0; each < 10; ++each) {
      reader.ask({.cgroup_id = each, .cgroup_path = kDocker, .command = {}});
    }
  }
}

}  // namespace
}  // namespace outrider
