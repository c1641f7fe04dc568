// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

namespace outrider {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

struct Stopped {
  explicit Stopped(Workers::Options options) : workers(Workers::make(options)) {}
  ~Stopped() { workers->stop(); }
  std::shared_ptr<Workers> workers;
};

TEST(Workers, DoTheirWork) {
  const Stopped pool({});
  const auto done = std::make_shared<std::counting_semaphore<>>(0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(pool.workers->run([done] { done->release(); }));
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(done->try_acquire_for(seconds(10)));
  EXPECT_LE(pool.workers->threads(), 16u);
}

TEST(Workers, WhatHangsDoesNotStopTheOthers) {
  const Stopped pool({.usual = 2, .most = 6, .patience = milliseconds(1)});
  const auto let_go = std::make_shared<std::latch>(1);
  const auto ended = std::make_shared<std::counting_semaphore<>>(0);
  const auto done = std::make_shared<std::counting_semaphore<>>(0);
  for (int i = 0; i < 5; ++i) {
    pool.workers->run([let_go, ended] {
      let_go->wait();
      ended->release();
    });
  }
  pool.workers->run([done] { done->release(); });
  EXPECT_TRUE(done->try_acquire_for(seconds(10)));
  // Also what comes later, one at a time.
  for (int i = 0; i < 10; ++i) {
    pool.workers->run([done] { done->release(); });
    EXPECT_TRUE(done->try_acquire_for(seconds(10)));
  }
  EXPECT_EQ(pool.workers->threads(), 6u);
  let_go->count_down();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(ended->try_acquire_for(seconds(10)));
  const auto until = steady_clock::now() + seconds(10);
  while (pool.workers->threads() > 2 && steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_LE(pool.workers->threads(), 2u) << "those that were needed no more have gone";
}

TEST(Workers, TimersComeInTheirOrderWhateverHangs) {
  const Stopped pool({.usual = 1, .most = 1, .patience = milliseconds(1)});
  const auto let_go = std::make_shared<std::latch>(1);
  pool.workers->run([let_go] { let_go->wait(); });
  pool.workers->run([] {});
  struct Seen {
    std::vector<int> order;
    std::counting_semaphore<> done{0};
  };
  const auto seen = std::make_shared<Seen>();
  const auto begin = steady_clock::now();
  for (const int delay : {30, 10, 20, 0}) {
    pool.workers->run_after(milliseconds(delay), [seen, delay] {
      seen->order.push_back(delay);
      seen->done.release();
    });
  }
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(seen->done.try_acquire_for(seconds(10)));
  EXPECT_EQ(seen->order, (std::vector<int>{0, 10, 20, 30}));
  EXPECT_GE(steady_clock::now() - begin, milliseconds(30));
  let_go->count_down();
}

TEST(Workers, NobodyWaitsForTheirEnd) {
  const auto let_go = std::make_shared<std::latch>(1);
  const auto kept = std::make_shared<int>(0);
  const auto begin = steady_clock::now();
  {
    const Stopped pool({.usual = 1, .most = 1, .patience = milliseconds(1)});
    pool.workers->run([let_go] { let_go->wait(); });
    pool.workers->run([kept] {});
    pool.workers->run_after(seconds(100), [kept] {});
    pool.workers->stop();
    EXPECT_EQ(kept.use_count(), 1) << "what has not begun is forgotten";
    EXPECT_FALSE(pool.workers->run([] {}));
    EXPECT_FALSE(pool.workers->run_after(milliseconds(0), [] {}));
  }
  EXPECT_LT(steady_clock::now() - begin, seconds(5));
  let_go->count_down();
}

}  // namespace
}  // namespace outrider
