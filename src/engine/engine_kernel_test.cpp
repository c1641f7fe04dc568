// SPDX-License-Identifier: Apache-2.0
//
// Several consumers at once, coming and going under load.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "base/cpu_timer.h"
#include "engine/engine.h"
#include "language/checker.h"
#include "sensors/registry.h"

namespace outrider {
namespace {

// How many calls of each sort a child has made, for both of us to see.
struct Counters {
  std::atomic<int> made{0};
  std::atomic<bool> stop{false};
  std::atomic<bool> pause{false};
};

class Consumers : public ::testing::Test {
 protected:
  void SetUp() override {
    void* memory = ::mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    counters_ = new (memory) Counters;
    EngineOptions options;
    options.kinds = {find_kind("open"), find_kind("mkdir")};
    catalog_ = std::make_unique<FieldCatalog>(catalog_of(options.kinds));
    auto engine = Engine::start(options);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }

  void TearDown() override {
    if (child_ > 0) {
      counters_->stop = true;
      ::waitpid(child_, nullptr, 0);
    }
    engine_.reset();
    ::munmap(counters_, sizeof(Counters));
  }

  // Opens /nonexistent/a-N and /nonexistent/b-N, for N from 0 on.
  void start_load() {
    child_ = ::fork();
    if (child_ != 0) return;
    for (int number = 0; !counters_->stop; ++number) {
      for (const char sort : {'a', 'b'}) {
        (void)::open(fmt::format("/nonexistent/{}-{}", sort, number).c_str(), O_RDONLY);
      }
      counters_->made = number + 1;
      while (counters_->pause && !counters_->stop) {
      }
      ::usleep(20);
    }
    ::_exit(0);
  }

  struct Reader {
    std::unique_ptr<Condition> condition;
    ConsumerId id = 0;
    std::vector<int> numbers;
    std::size_t others = 0;
  };

  // A consumer of the opens of one sort.
  std::unique_ptr<Reader> add(char sort) {
    auto reader = std::make_unique<Reader>();
    const std::string prefix = fmt::format("/nonexistent/{}-", sort);
    auto loaded = load("fd.name startswith " + prefix, *catalog_);
    EXPECT_TRUE(loaded) << loaded.error().message;
    reader->condition = std::make_unique<Condition>(std::move(*loaded));
    const FieldDescriptor* name = find_field(*find_kind("open"), "fd.name");
    auto added = engine_->add(
        {.kinds = {find_kind("open")},
         .condition = reader->condition.get(),
         .deliver = [reader = reader.get(), prefix, name](const Event& event) {
           const std::string_view text = name->read(event).text;
           int number = -1;
           if (text.starts_with(prefix)) {
             std::from_chars(text.data() + prefix.size(), text.data() + text.size(), number);
             reader->numbers.push_back(number);
           } else {
             ++reader->others;
           }
           return Outcome::kDelivered;
         }});
    EXPECT_TRUE(added) << added.error().message;
    reader->id = added.value_or(0);
    return reader;
  }

  void drain_for(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
      engine_->drain();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  // Each number once, in order, from at most `first` to at least `last`.
  static void expect_all(const std::vector<int>& numbers, int first, int last) {
    ASSERT_FALSE(numbers.empty());
    EXPECT_LE(numbers.front(), first);
    EXPECT_GE(numbers.back(), last);
    for (std::size_t i = 1; i < numbers.size(); ++i) {
      ASSERT_EQ(numbers[i], numbers[i - 1] + 1) << "at " << i;
    }
  }

  std::unique_ptr<FieldCatalog> catalog_;
  std::unique_ptr<Engine> engine_;
  Counters* counters_ = nullptr;
  pid_t child_ = -1;
};

TEST_F(Consumers, NoneMissesAnEventOfItsOwn) {
  const auto first = add('a');
  start_load();
  drain_for(std::chrono::milliseconds(20));
  for (int i = 0; i < 10; ++i) {
    const auto second = add('b');
    const int from = counters_->made + 1;
    drain_for(std::chrono::milliseconds(30));
    const int to = counters_->made - 1;
    const Account account = engine_->remove(second->id);
    expect_all(second->numbers, from, to);
    EXPECT_EQ(second->others, 0U);
    ASSERT_EQ(account.kinds.size(), 1U);
    EXPECT_EQ(account.kinds[0].delivered, second->numbers.size());
    EXPECT_EQ(account.kinds[0].lost_total(), 0U);
    EXPECT_EQ(account.kinds[0].difference(), 0);
    drain_for(std::chrono::milliseconds(5));
  }
  counters_->stop = true;
  ::waitpid(child_, nullptr, 0);
  child_ = -1;
  engine_->finish();
  expect_all(first->numbers, 0, counters_->made - 1);
  const Account account = engine_->account(first->id);
  EXPECT_EQ(account.kinds[0].delivered, static_cast<std::uint64_t>(counters_->made));
  EXPECT_EQ(account.kinds[0].difference(), 0);
}

// What the last consumer leaves behind costs nothing: all is detached, and comes back.
// The load waits while programs come and go: emulated CPUs do not bear it that the kernel changes
// its code under them.
TEST_F(Consumers, NothingIsAttachedWithoutAny) {
  counters_->pause = true;
  start_load();
  for (int i = 0; i < 3; ++i) {
    const auto reader = add('a');
    const int from = counters_->made + 1;
    counters_->pause = false;
    drain_for(std::chrono::milliseconds(20));
    counters_->pause = true;
    drain_for(std::chrono::milliseconds(5));
    const int to = counters_->made - 1;
    engine_->remove(reader->id);
    expect_all(reader->numbers, from, to);
    EXPECT_FALSE(engine_->filter().active);
    EXPECT_EQ(engine_->drain(), 0U);
  }
}

TEST_F(Consumers, OneWithoutConditionGetsAllOfItsKinds) {
  const auto reader = add('a');
  std::size_t opens = 0;
  std::size_t others = 0;
  auto everything = engine_->add(
      {.kinds = {find_kind("open")}, .condition = nullptr, .deliver = [&](const Event& event) {
         ++(event.header->kind == WIRE_OPEN ? opens : others);
         return Outcome::kDelivered;
       }});
  ASSERT_TRUE(everything);
  start_load();
  drain_for(std::chrono::milliseconds(50));
  counters_->stop = true;
  ::waitpid(child_, nullptr, 0);
  child_ = -1;
  engine_->finish();
  expect_all(reader->numbers, 0, counters_->made - 1);
  EXPECT_EQ(reader->others, 0U);
  EXPECT_GE(opens, static_cast<std::size_t>(2 * counters_->made));
  EXPECT_EQ(others, 0U);
}

TEST_F(Consumers, AKindThatWasNotLoadedIsRefused) {
  auto added = engine_->add({.kinds = {find_kind("unlink")},
                             .condition = nullptr,
                             .deliver = [](const Event&) { return Outcome::kDelivered; }});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, "the programs for unlink were not loaded at start");
}

// Estimated from some events; of one that does nothing it is little.
TEST_F(Consumers, WhatEachCostsIsMeasured) {
  EngineOptions options;
  options.kinds = {find_kind("open")};
  auto engine = Engine::start(options);
  ASSERT_TRUE(engine) << engine.error().message;
  engine_ = std::move(*engine);
  engine_->measure_consumers();
  // Much more than anything else that may come between, for one event in some 60 is measured.
  constexpr std::uint64_t kBurnt = 1'000'000;  // ns of each event
  std::uint64_t burnt = 0, events = 0;
  const auto quick = engine_->add(
      {.kinds = options.kinds, .deliver = [](const Event&) { return Outcome::kDelivered; }});
  const auto slow = engine_->add({.kinds = options.kinds, .deliver = [&](const Event&) {
                                    const std::uint64_t begun = thread_cpu_time();
                                    std::uint64_t now = begun;
                                    while (now < begun + kBurnt) now = thread_cpu_time();
                                    burnt += now - begun;
                                    ++events;
                                    return Outcome::kDelivered;
                                  }});
  ASSERT_TRUE(quick && slow);
  start_load();
  while (events < 1'200) engine_->drain();
  const std::uint64_t of_slow = engine_->cpu_of(*slow), of_quick = engine_->cpu_of(*quick);
  EXPECT_GT(of_slow, burnt / 2);
  EXPECT_LT(of_slow, burnt * 2);
  EXPECT_LT(of_quick, of_slow / 4);
  EXPECT_EQ(engine_->cpu_of(12345), 0u);
}

}  // namespace
}  // namespace outrider
