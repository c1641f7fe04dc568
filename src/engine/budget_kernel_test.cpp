// SPDX-License-Identifier: Apache-2.0
//
// A limit for CPU on the real kernel: what is left out is counted, and what names hang on is not.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "engine/budget_keeper.h"
#include "engine/engine.h"
#include "sensors/registry.h"
#include "support/subprocess.h"

namespace outrider {
namespace {

using test::Child;

class Rationed : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    EngineOptions options;
    options.kinds = {find_kind("open"), find_kind("exec"), find_kind("exit"), find_kind("fork")};
    auto engine = Engine::start(options);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
    auto consumer = engine_->add(
        {.kinds = options.kinds, .deliver = [](const Event&) { return Outcome::kDelivered; }});
    ASSERT_TRUE(consumer) << consumer.error().message;
    consumer_ = *consumer;
  }

  // What the account says of a kind after this many opens, and as many processes.
  static void make(int opens, int processes) {
    Child child([=] {
      for (int i = 0; i < opens; ++i) ::open("/nonexistent-budget", O_RDONLY | O_CLOEXEC);
      for (int i = 0; i < processes; ++i) {
        const pid_t pid = ::fork();
        if (pid == 0) ::_exit(0);
        ::waitpid(pid, nullptr, 0);
      }
      return 0;
    });
    EXPECT_EQ(child.wait(), 0);
  }
  KindAccount account(std::string_view name) const {
    for (const KindAccount& kind : engine_->account(consumer_).kinds) {
      if (kind.kind == name) return kind;
    }
    return {};
  }
  static std::uint64_t sampled(const KindAccount& kind) {
    return kind.lost[static_cast<std::size_t>(Loss::kSampled)];
  }

  std::unique_ptr<Engine> engine_;
  ConsumerId consumer_ = 0;
};

TEST_F(Rationed, APartIsLeftOutAndCounted) {
  ASSERT_TRUE(engine_->ration(0.25, {}));
  make(10'000, 100);
  engine_->finish();
  const KindAccount open = account("open");
  EXPECT_GE(open.seen, 10'000u);
  EXPECT_EQ(open.difference(), 0);
  const double kept = 1 - static_cast<double>(sampled(open)) / static_cast<double>(open.seen);
  EXPECT_NEAR(kept, 0.25, 0.05);
  for (const std::string_view name : {"exit", "fork"}) {
    EXPECT_GE(account(name).delivered, 100u) << name;
    EXPECT_EQ(sampled(account(name)), 0u) << name;
  }
}

TEST_F(Rationed, NothingIsLeftOutWithoutALimit) {
  make(1000, 1);
  engine_->finish();
  EXPECT_EQ(sampled(account("open")), 0u);
  EXPECT_EQ(account("open").unwatched, 0u);
}

// It is not seen at all meanwhile, and comes back.
TEST_F(Rationed, AKindIsNotWatched) {
  const EventDescriptor* unwatched[] = {find_kind("open")};
  const std::uint64_t before = account("open").seen;
  ASSERT_TRUE(engine_->ration(1, unwatched));
  make(10'000, 10);
  engine_->drain();
  // Others of the machine may have been under way.
  EXPECT_LT(account("open").seen - before, 1000u);
  EXPECT_GE(account("fork").seen, 10u);
  const std::uint64_t meanwhile = account("open").unwatched;
  EXPECT_GT(meanwhile, 0u);
  ASSERT_TRUE(engine_->ration(1, {}));
  make(10'000, 10);
  engine_->finish();
  EXPECT_GE(account("open").seen, 10'000u);
  EXPECT_GE(account("open").unwatched, meanwhile);
  EXPECT_EQ(account("open").difference(), 0);
}

TEST_F(Rationed, TheKeeperMeasuresAndRations) {
  // Less than anything costs.
  std::vector<const EventDescriptor*> kinds = {find_kind("open"), find_kind("exec")};
  auto keeper = BudgetKeeper::create(0.0001, [&] { return kinds; }, *engine_);
  ASSERT_TRUE(keeper) << keeper.error().message;
  std::string news;
  EXPECT_TRUE(test::eventually(
      [&] {
        make(1000, 1);
        engine_->drain();
        news += (*keeper)->look();
        return news.find("not watching open") != std::string::npos;
      },
      std::chrono::seconds(30)));
  EXPECT_GT((*keeper)->used(), 0);
  EXPECT_NE(news.find("sending 1 of "), std::string::npos) << news;
  EXPECT_NE(news.find("not watching open"), std::string::npos) << news;
  ASSERT_EQ((*keeper)->unwatched().size(), 1u);
  EXPECT_EQ((*keeper)->unwatched()[0]->name, "open");
}

}  // namespace
}  // namespace outrider
