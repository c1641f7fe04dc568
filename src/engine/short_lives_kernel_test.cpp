// SPDX-License-Identifier: Apache-2.0
//
// Many processes that live for a moment: each is counted, each event has the names of its own
// process, also when pids are used again at once.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "bpf/features.h"
#include "engine/engine.h"
#include "sensors/registry.h"
#include "support/guest.h"
#include "support/temporary_directory.h"

namespace outrider {
namespace {

// Two sorts of children, so that a stranger's name is another name.
constexpr const char* kNames[] = {"short-left", "short-right"};

struct Seen {
  std::string kind;
  std::uint64_t pid = 0;
  std::uint64_t ppid = 0;
  std::uint64_t status = 0;
  std::string key;
  std::string name;
  std::string command_line;
  std::string file;
};

class ShortLives : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    wait_ = FileDescriptor(ends[0]);
    go_ = FileDescriptor(ends[1]);
  }

  void TearDown() override {
    for (const pid_t worker : running_) {
      ::kill(worker, SIGKILL);
      ::waitpid(worker, nullptr, 0);
    }
  }

  // Lets the workers go, and takes events of their children.
  void start(std::initializer_list<std::string_view> kinds) {
    EngineOptions options;
    for (const std::string_view name : kinds) options.kinds.push_back(find_kind(name));
    auto engine = Engine::start(options);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
    auto added = engine_->add({.kinds = options.kinds, .deliver = [this](const Event& event) {
                                 if (workers_.contains(static_cast<pid_t>(event.header->ppid))) {
                                   take(event);
                                 }
                                 return Outcome::kDelivered;
                               }});
    ASSERT_TRUE(added) << added.error().message;
    consumer_ = *added;
    go_ = {};
  }

  // Forks `count` children, one after the other; to be called before start(), since an address
  // space with rings in it is slow to copy.
  void start_worker(int count, const std::function<void(int)>& live) {
    const pid_t worker = ::fork();
    ASSERT_GE(worker, 0);
    if (worker > 0) {
      workers_.insert(worker);
      running_.insert(worker);
      return;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    go_ = {};
    char byte = 0;
    (void)::read(wait_.get(), &byte, 1);
    for (int i = 0; i < count; ++i) {
      const pid_t child = ::fork();
      if (child < 0) ::_exit(1);
      if (child == 0) {
        live(i);
        ::_exit(127);
      }
      ::waitpid(child, nullptr, 0);
    }
    ::_exit(0);
  }

  // Reads until all workers have ended and what they did is there.
  Account finish() {
    for (const pid_t worker : workers_) {
      int status = 0;
      while (::waitpid(worker, &status, WNOHANG) == 0) {
        engine_->drain();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      EXPECT_EQ(status, 0);
      running_.erase(worker);
    }
    engine_->finish();
    return engine_->account(consumer_);
  }

  static void expect_nothing_lost(const Account& account) {
    for (const KindAccount& kind : account.kinds) EXPECT_EQ(kind.lost_total(), 0U) << kind.kind;
    EXPECT_EQ(account.tables_lost, 0U);
  }

  // While one task is preempted in a program, the kernel skips it for others on that CPU, and
  // counts it (from 7.0 on): what is not here was missed, and what is not known for that is '?'.
  static std::uint64_t missed(const Account& account) {
    std::uint64_t sum = 0;
    for (const KindAccount& kind : account.kinds) sum += kind.missed;
    return tracepoints_may_be_preempted(KernelTypes()) ? sum : 0;
  }

  [[nodiscard]] const std::vector<Seen>& seen() const { return seen_; }

 private:
  Value read(const Event& event, std::string_view name) {
    auto [place, is_new] = fields_.try_emplace({event.descriptor, name});
    if (is_new) place->second = find_field(*event.descriptor, name);
    return place->second->read(event);
  }
  std::string text(const Event& event, std::string_view name) {
    const Value value = read(event, name);
    return value.kind == Value::Kind::kText ? std::string(value.text) : "?";
  }

  void take(const Event& event) {
    Seen& seen = seen_.emplace_back();
    seen.kind = event.descriptor->name;
    seen.pid = event.header->pid;
    seen.ppid = event.header->ppid;
    seen.key = text(event, "proc.key");
    seen.name = text(event, "proc.name");
    seen.command_line = text(event, "proc.cmdline");
    if (seen.kind == "open") seen.file = text(event, "fd.name");
    if (seen.kind == "exit") {
      seen.status = read(event, "evt.arg.status").unsigned_value;
    }
  }

  std::unique_ptr<Engine> engine_;
  ConsumerId consumer_ = 0;
  FileDescriptor wait_;
  FileDescriptor go_;  // closed: go
  std::set<pid_t> workers_;
  std::set<pid_t> running_;
  std::map<std::pair<const EventDescriptor*, std::string_view>, const FieldDescriptor*> fields_;
  std::vector<Seen> seen_;
};

// Of the calling process, as /proc has it.
std::string own_command_line() {
  std::ifstream in("/proc/self/cmdline");
  std::string line{std::istreambuf_iterator<char>(in), {}};
  if (!line.empty()) line.pop_back();
  std::ranges::replace(line, '\0', ' ');
  return line;
}

TEST_F(ShortLives, ForksWithoutExecAreAllThere) {
  // More than the table has room for, unless it forgets those that have ended.
  const int count = test::in_guest() ? 300 : 100'000;
  const std::string command_line = own_command_line();
  for (const int sort : {0, 1}) {
    start_worker(count / 2, [sort](int) {
      ::prctl(PR_SET_NAME, kNames[sort]);
      ::_exit(sort);
    });
  }
  ASSERT_NO_FATAL_FAILURE(start({"fork", "exit"}));
  const Account account = finish();
  expect_nothing_lost(account);
  EXPECT_EQ(account.processes_evicted, 0U);
  std::map<std::string, int> counts;
  std::set<std::string> keys;
  int wrong = 0;
  for (const Seen& event : seen()) {
    ++counts[event.kind];
    keys.insert(event.key);
    const bool right = (event.command_line == command_line ||
                        (missed(account) != 0 && event.command_line == "?")) &&
                       (event.kind == "fork" || event.name == kNames[event.status & 1]);
    wrong += right ? 0 : 1;
    if (!right && wrong <= 10) {
      ADD_FAILURE() << event.kind << " of " << event.key << ": " << event.name << ", "
                    << event.command_line;
    }
  }
  EXPECT_EQ(wrong, 0);
  for (const char* kind : {"fork", "exit"}) {
    EXPECT_LE(counts[kind], count);
    EXPECT_GE(static_cast<std::uint64_t>(counts[kind]) + missed(account),
              static_cast<std::uint64_t>(count))
        << kind;
  }
  EXPECT_LE(keys.size(), static_cast<std::size_t>(count));
}

// /proc/sys/kernel/pid_max, until the end of its life.
class FewPids {
 public:
  explicit FewPids(int limit) {
    std::ifstream(kPath) >> before_;
    write(limit);
  }
  ~FewPids() { write(before_); }
  FewPids(const FewPids&) = delete;
  FewPids& operator=(const FewPids&) = delete;

 private:
  static constexpr const char* kPath = "/proc/sys/kernel/pid_max";
  static void write(int limit) {
    std::ofstream out(kPath);
    out << limit << std::flush;
    EXPECT_TRUE(out) << kPath;
  }
  int before_ = 0;
};

// Every fourth child runs a program, under one of two names; the others only take a name. What
// they open tells who they are.
TEST_F(ShortLives, PidsUsedAgainBringNoStrangersNames) {
  if (!test::in_guest()) GTEST_SKIP() << "sets pid_max of the whole machine: in guests only";
  constexpr int kCount = 200;  // of each of two workers
  const test::TemporaryDirectory directory;
  for (const char* name : kNames) {
    std::filesystem::create_symlink("/bin/sh", directory / name);
  }
  const std::string command_line = own_command_line();
  // The kernel begins again at 300: some 50 pids, each used again before its last process is
  // forgotten.
  const FewPids few(350);
  for (const int sort : {0, 1}) {
    start_worker(kCount, [&, sort](int i) {
      const std::string file =
          fmt::format("/nonexistent/{}-{}-{}-{}-{}", kNames[sort], i % 4 == 0 ? "exec" : "fork",
                      ::getpid(), ::getppid(), i);
      if (i % 4 == 0) {
        const std::string program = directory / kNames[sort];
        ::execl(program.c_str(), kNames[sort], "-c", (": <" + file).c_str(), nullptr);
      } else {
        ::prctl(PR_SET_NAME, kNames[sort]);
        ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        ::_exit(0);
      }
    });
  }
  ASSERT_NO_FATAL_FAILURE(start({"fork", "exec", "open", "exit"}));
  const Account account = finish();
  expect_nothing_lost(account);
  const bool some_missed = missed(account) != 0;

  std::map<std::string, std::vector<const Seen*>> processes;  // by key
  std::set<std::uint64_t> pids;
  for (const Seen& event : seen()) {
    processes[event.key].push_back(&event);
    pids.insert(event.pid);
  }
  EXPECT_LE(processes.size(), 2U * kCount);
  EXPECT_GE(processes.size() + missed(account), 2U * kCount);
  EXPECT_LT(pids.size(), 400U) << "else none is used again";
  int wrong = 0;
  for (const auto& [key, events] : processes) {
    const auto own = std::ranges::find_if(
        events, [](const Seen* event) { return event->file.starts_with("/nonexistent/short-"); });
    const std::string file = own == events.end() ? "" : (*own)->file;
    const bool runs = file.find("-exec-") != std::string::npos;
    const std::string_view name = kNames[file.starts_with("/nonexistent/short-right") ? 1 : 0];
    const std::string line = runs ? fmt::format("{} -c : <{}", name, file) : command_line;
    if (file.empty() && some_missed) continue;
    std::string complaint = file.empty() ? "no file of its own" : "";
    std::map<std::string, int> kinds;
    for (const Seen* event : events) {
      ++kinds[event->kind];
      if (file.find(fmt::format("-{}-{}-", event->pid, event->ppid)) == std::string::npos) {
        complaint = "pid or parent of another";
      }
      // Until then it is what its parent is.
      if (event->kind == "fork") {
        if (event->command_line != command_line) complaint = "fork: " + event->command_line;
      } else if (some_missed && event->command_line == "?") {
        continue;
      } else if (event->name != name || event->command_line != line) {
        complaint = event->kind + ": " + event->name + ", " + event->command_line;
      }
    }
    const bool whole = kinds["fork"] == 1 && kinds["exit"] == 1 && kinds["exec"] == (runs ? 1 : 0);
    if (!whole && !some_missed) {
      complaint += " not one fork, exec and exit";
    }
    wrong += complaint.empty() ? 0 : 1;
    if (!complaint.empty() && wrong <= 10) ADD_FAILURE() << key << " " << file << ": " << complaint;
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace outrider
