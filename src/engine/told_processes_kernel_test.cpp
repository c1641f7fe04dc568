// SPDX-License-Identifier: Apache-2.0
//
// What only the agent knows of a process, and tells the kernel: who has been told of decides like
// the agent, across forks and execs, and nothing that holds is left out.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/file_descriptor.h"
#include "engine/engine.h"
#include "language/checker.h"
#include "sensors/registry.h"

namespace outrider {
namespace {

constexpr int kOpens = 400;
constexpr const char* kCat = "/bin/cat";
// What cat opens besides: its libraries, its locale.
constexpr std::uint64_t kOthers = 60;

class Pipe {
 public:
  Pipe() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read_ = FileDescriptor(ends[0]);
    write_ = FileDescriptor(ends[1]);
  }
  void wait() const {
    char byte = 0;
    (void)::read(read_.get(), &byte, 1);
  }
  void tell() const { (void)::write(write_.get(), "x", 1); }

 private:
  FileDescriptor read_;
  FileDescriptor write_;
};

void open_some(int count) {
  for (int i = 0; i < count; ++i) ::close(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

class ToldProcesses : public ::testing::Test {
 protected:
  struct Seen {
    std::uint64_t delivered = 0;
    std::uint64_t filtered_kernel = 0;
  };

  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    EngineOptions options;
    options.kinds = {find_kind("open"), find_kind("mkdir"), find_kind("fork")};
    catalog_ = std::make_unique<FieldCatalog>(catalog_of({options.kinds.data(), 1}));
    auto engine = Engine::start(options);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }

  // Runs `act` in a child whose opens are asked for, with this condition. The child goes on from
  // each `turn` when what it did before has been read.
  Seen run(const std::string& condition, const std::function<void(const Pipe& turn)>& act) {
    Pipe turn;
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      turn.wait();
      act(turn);
      ::_exit(0);
    }
    // Children of the child are in its session.
    auto loaded =
        load(fmt::format("({}) and (proc.pid = {} or proc.ppid = {})", condition, child, child),
             *catalog_);
    EXPECT_TRUE(loaded) << condition << "\n" << loaded.error().message;
    Seen seen;
    if (!loaded) return seen;
    auto id = engine_->add(
        {.kinds = {find_kind("open")}, .condition = &*loaded, .deliver = [&](const Event&) {
           ++seen.delivered;
           return Outcome::kDelivered;
         }});
    EXPECT_TRUE(id) << id.error().message;
    if (!id) return seen;
    while (::waitpid(child, nullptr, WNOHANG) == 0) {
      turn.tell();
      const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
      while (std::chrono::steady_clock::now() < until) {
        engine_->drain();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
    const Account account = engine_->remove(*id);
    for (const KindAccount& kind : account.kinds) {
      seen.filtered_kernel += kind.filtered_kernel;
      EXPECT_EQ(kind.lost_total(), 0U);
    }
    return seen;
  }

  std::unique_ptr<FieldCatalog> catalog_;
  std::unique_ptr<Engine> engine_;
};

// The first open tells the agent of the process, and the agent the kernel.
void open_before_and_after(const Pipe& turn) {
  open_some(1);
  turn.wait();
  open_some(kOpens);
}

TEST_F(ToldProcesses, WhatDoesNotHoldIsFilteredInTheKernel) {
  for (const char* condition : {"proc.exepath = /bin/none", "proc.exepath regex /bin/n.*",
                                "tolower(proc.exe) = none", "proc.cmdline contains 'none at all'",
                                "not proc.exepath endswith tests", "proc.apid = 4194303"}) {
    const Seen seen = run(condition, open_before_and_after);
    EXPECT_EQ(seen.delivered, 0U) << condition;
    EXPECT_GE(seen.filtered_kernel, static_cast<std::uint64_t>(kOpens)) << condition;
  }
}

TEST_F(ToldProcesses, WhatHoldsIsDelivered) {
  for (const std::string& condition :
       {std::string("proc.exepath endswith tests"), std::string("not proc.exepath = /bin/none"),
        fmt::format("proc.apid = {}", ::getpid()), std::string("proc.apid[1] exists"),
        std::string("not proc.apid = 4194303")}) {
    const Seen seen = run(condition, open_before_and_after);
    EXPECT_EQ(seen.delivered, static_cast<std::uint64_t>(kOpens) + 1) << condition;
  }
}

// After an exec the process is another: what was told of it before says nothing.
void exec_cat(const Pipe& turn) {
  open_before_and_after(turn);
  turn.wait();
  std::vector<std::string> texts(kOpens + 1, "/dev/null");
  texts[0] = kCat;
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  ::execv(kCat, arguments.data());
}

TEST_F(ToldProcesses, AnExecMakesAnotherOfIt) {
  const Seen cat = run("proc.exe = /bin/cat", exec_cat);
  EXPECT_GE(cat.delivered, static_cast<std::uint64_t>(kOpens));
  EXPECT_LE(cat.delivered, static_cast<std::uint64_t>(kOpens) + kOthers);
  EXPECT_GE(cat.filtered_kernel, static_cast<std::uint64_t>(kOpens));

  const Seen other = run("not proc.exe = /bin/cat", exec_cat);
  EXPECT_EQ(other.delivered, static_cast<std::uint64_t>(kOpens) + 1);
}

// A child is not told of because its parent was, and it may exec.
TEST_F(ToldProcesses, AChildIsAProcessOfItsOwn) {
  const auto act = [](const Pipe& turn) {
    open_before_and_after(turn);
    const pid_t child = ::fork();
    if (child == 0) exec_cat(turn);
    ::waitpid(child, nullptr, 0);
  };
  const Seen cat = run("proc.exe = /bin/cat", act);
  EXPECT_GE(cat.delivered, static_cast<std::uint64_t>(kOpens));
  EXPECT_LE(cat.delivered, static_cast<std::uint64_t>(kOpens) + kOthers);
}

// What others want is nothing that a condition for opens could be judged by.
TEST_F(ToldProcesses, EventsOfOtherKindsSayNothing) {
  const EventDescriptor* others[] = {find_kind("mkdir"), find_kind("fork")};
  const FieldCatalog catalog = catalog_of(others);
  const auto condition = load("proc.exepath endswith tests", catalog);
  ASSERT_TRUE(condition) << condition.error().message;
  std::uint64_t of_others = 0;
  const auto id = engine_->add({.kinds = {others[0], others[1]},
                                .condition = &*condition,
                                .deliver = [&of_others](const Event&) {
                                  ++of_others;
                                  return Outcome::kDelivered;
                                }});
  ASSERT_TRUE(id) << id.error().message;
  const Seen seen = run("proc.exepath endswith tests", [](const Pipe& turn) {
    ::mkdir("/dev/null/none", 0700);
    turn.wait();
    open_some(kOpens);
  });
  EXPECT_EQ(seen.delivered, static_cast<std::uint64_t>(kOpens));
  EXPECT_GE(of_others, 1U);
}

// Other consumers' tables: what was told under those before is not held against these.
TEST_F(ToldProcesses, NewTablesAreToldAnew) {
  for (int i = 0; i < 3; ++i) {
    const Seen none = run("proc.exepath = /bin/none", open_before_and_after);
    EXPECT_EQ(none.delivered, 0U);
    const Seen all = run("proc.exepath exists", open_before_and_after);
    EXPECT_EQ(all.delivered, static_cast<std::uint64_t>(kOpens) + 1);
  }
}

}  // namespace
}  // namespace outrider
