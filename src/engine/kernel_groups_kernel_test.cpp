// SPDX-License-Identifier: Apache-2.0
//
// Groups against the generator's own counts: made by the kernel, and the same made by the agent
// from records (SEMANTICS 14 and 16).
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <map>
#include <optional>
#include <thread>
#include <tuple>

#include "aggregates/kernel_plan.h"
#include "bpf/features.h"
#include "engine/engine.h"
#include "engine/kernel_groups.h"
#include "language/checker.h"
#include "sensors/registry.h"
#include "support/guest.h"
#include "support/hand_made_event.h"
#include "support/subprocess.h"

namespace outrider {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

// What generators tell the test.
struct Shared {
  pid_t thread = 0;
  long descriptor = 0;  // that good opens have got
};

Shared& shared() {
  static auto* memory = static_cast<Shared*>(
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  return *memory;
}

using Generator = test::WaitingChild;

// What groups there are of what a process does.
struct Gathered {
  Counts counts;  // by the values of the key, separated by spaces
  std::map<std::string, std::int64_t> sums;
  std::map<std::string, Histogram> histograms;
  Account account;
  std::uint64_t records = 0;  // that the agent has read for it
};

class Groups : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    shared() = {};  // made before the generators, which share it
  }

  AggregateRequest request(const std::vector<std::string_view>& by,
                           wire_measure measure = WIRE_MEASURE_COUNT, std::string_view value = {}) {
    AggregateRequest made{.by = {}, .measure = measure, .value = nullptr};
    for (const std::string_view name : by) made.by.push_back(catalog_.find(name));
    if (!value.empty()) made.value = catalog_.find(value);
    return made;
  }

  // Runs the generators and gathers what they do; looks at the kernel's groups all the time, or
  // only at the end.
  Gathered gather(std::deque<Generator>& generators, const AggregateRequest& wanted, bool in_kernel,
                  bool often = false) {
    Gathered gathered;
    EngineOptions options;
    options.kinds = {find_kind("open"), find_kind("mkdir")};
    std::vector<pid_t> pids;
    for (const Generator& generator : generators) pids.push_back(generator.pid());
    const auto condition = load(fmt::format("proc.pid in ({})", fmt::join(pids, ", ")), catalog_);
    EXPECT_TRUE(condition) << condition.error().message;
    if (in_kernel) {
      const auto plan = outrider::in_kernel(wanted);
      EXPECT_TRUE(plan.has_value());
      options.aggregation = *plan;
    }
    auto engine = Engine::start(options);
    EXPECT_TRUE(engine.has_value()) << engine.error().message;
    if (!engine) return gathered;

    Aggregate aggregate(wanted, {.groups = 100'000, .key_bytes = 100 << 20});
    const auto added = (*engine)->add(
        {.kinds = options.kinds, .condition = &*condition, .deliver = [&](const Event& event) {
           aggregate.add(event);
           ++gathered.records;
           return Outcome::kDelivered;
         }});
    EXPECT_TRUE(added) << added.error().message;
    const auto collect = [&](const Event& event, const Portion& portion) {
      aggregate.add(event, portion);
    };
    for (Generator& generator : generators) generator.begin();
    std::atomic<bool> done = false;
    std::thread waiter([&] {
      for (Generator& generator : generators) generator.wait();
      done = true;
    });
    while (!done) {
      (*engine)->drain();
      if (often) std::ignore = (*engine)->collect(collect);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    waiter.join();
    (*engine)->finish();
    const auto collected = (*engine)->collect(collect);
    EXPECT_TRUE(collected) << collected.error().message;
    gathered.account = (*engine)->account(*added);

    for (const Aggregate::Row& row : aggregate.rows()) {
      std::string key;
      for (std::size_t i = 0; i < row.key.size(); ++i) {
        if (i > 0) key += ' ';
        key += test::shown(wanted.by[i]->type, row.key[i]);
      }
      EXPECT_FALSE(row.others);
      gathered.counts[key] = row.group->count;
      gathered.sums[key] = row.group->sum;
      if (row.group->histogram) gathered.histograms[key] = *row.group->histogram;
    }
    return gathered;
  }

  static void expect_equation(const Account& account, std::uint64_t delivered) {
    std::uint64_t all = 0;
    for (const KindAccount& kind : account.kinds) {
      EXPECT_EQ(kind.difference(), 0) << kind.kind;
      EXPECT_EQ(kind.lost_total(), 0U) << kind.kind;
      if (!tracepoints_may_be_preempted(KernelTypes())) {
        EXPECT_EQ(kind.missed, 0U) << kind.kind;
      }
      all += kind.delivered;
    }
    EXPECT_EQ(all, delivered);
  }

  const FieldCatalog catalog_ = test::catalog_named({"open", "mkdir"});
};

void open_file(const char* path, int times) {
  for (int i = 0; i < times; ++i) {
    const long descriptor = ::syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) ::syscall(SYS_close, descriptor);
  }
}

void open_file_2(const char* path, int times) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC;
  for (int i = 0; i < times; ++i) {
    const long descriptor = ::syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
    if (descriptor >= 0) ::syscall(SYS_close, descriptor);
  }
}

// What the generator does, and how often.
constexpr int kGood = 300;
constexpr int kMissing = 200;
constexpr int kGood2 = 50;  // by openat2, under another name
constexpr int kOfThread = 5;
constexpr int kMkdir = 3;
constexpr int kOfUser = 4;
constexpr std::uint64_t kAll = kGood + kMissing + kGood2 + kOfThread + kMkdir + kOfUser;
constexpr char kFirstName[] = "groups-1";
constexpr char kSecondName[] = "groups-second-x";  // as long as names can be
constexpr uid_t kUser = 12345;
constexpr gid_t kGroup = 23456;

void work() {
  // One that good opens will get, too: the lowest that is free. Not 0, of which sums say nothing.
  do {
    shared().descriptor = ::dup(STDERR_FILENO);  // makes no event
  } while (shared().descriptor < 5);
  ::close(static_cast<int>(shared().descriptor));
  ::prctl(PR_SET_NAME, kFirstName);
  open_file("/dev/null", kGood);
  open_file("/nonexistent", kMissing);
  ::prctl(PR_SET_NAME, kSecondName);
  open_file_2("/dev/null", kGood2);
  pthread_t thread{};
  ::pthread_create(
      &thread, nullptr,
      [](void*) -> void* {
        shared().thread = static_cast<pid_t>(::syscall(SYS_gettid));
        open_file("/nonexistent", kOfThread);
        return nullptr;
      },
      nullptr);
  ::pthread_join(thread, nullptr);
  for (int i = 0; i < kMkdir; ++i) ::syscall(SYS_mkdirat, AT_FDCWD, "/", 0700);
  ::syscall(SYS_setresgid, kGroup, kGroup, kGroup);
  ::syscall(SYS_setresuid, kUser, kUser, kUser);
  open_file("/nonexistent", kOfUser);
}

TEST_F(Groups, EveryFieldAgainstTheGeneratorsCounts) {
  struct Case {
    std::vector<std::string_view> by;
    std::function<Counts(pid_t)> expected;
  };
  const std::string first = kFirstName;
  const std::string second = kSecondName;
  const auto missing = kMissing + kOfThread + kOfUser;
  const auto of_second = kGood2 + kOfThread + kMkdir + kOfUser;
  const auto of_root = kAll - kOfUser;
  const Case kCases[] = {
      {{}, [](pid_t) { return Counts{{"", kAll}}; }},
      {{"evt.kind"}, [](pid_t) { return Counts{{"open", kAll - kMkdir}, {"mkdir", kMkdir}}; }},
      {{"evt.type"},
       [](pid_t) {
         return Counts{
             {"openat", kAll - kMkdir - kGood2}, {"openat2", kGood2}, {"mkdirat", kMkdir}};
       }},
      {{"evt.res"},
       [=](pid_t) {
         return Counts{{"SUCCESS", kGood + kGood2}, {"ENOENT", missing}, {"EEXIST", kMkdir}};
       }},
      {{"evt.rawres"},
       [=](pid_t) {
         return Counts{{std::to_string(shared().descriptor), kGood + kGood2},
                       {std::to_string(-ENOENT), missing},
                       {std::to_string(-EEXIST), kMkdir}};
       }},
      {{"proc.name"},
       [=](pid_t) { return Counts{{first, kGood + kMissing}, {second, of_second}}; }},
      {{"proc.pid"}, [](pid_t pid) { return Counts{{std::to_string(pid), kAll}}; }},
      {{"thread.tid"},
       [](pid_t pid) {
         return Counts{{std::to_string(pid), kAll - kOfThread},
                       {std::to_string(shared().thread), kOfThread}};
       }},
      {{"proc.ppid"}, [](pid_t) { return Counts{{std::to_string(::getpid()), kAll}}; }},
      {{"user.uid"},
       [=](pid_t) { return Counts{{"0", of_root}, {std::to_string(kUser), kOfUser}}; }},
      {{"group.gid"},
       [=](pid_t) { return Counts{{"0", of_root}, {std::to_string(kGroup), kOfUser}}; }},
      {{"proc.name", "evt.res", "user.uid"},
       [=](pid_t) {
         return Counts{{first + " SUCCESS 0", kGood},
                       {first + " ENOENT 0", kMissing},
                       {second + " SUCCESS 0", kGood2},
                       {second + " ENOENT 0", kOfThread},
                       {second + " EEXIST 0", kMkdir},
                       {second + " ENOENT " + std::to_string(kUser), kOfUser}};
       }},
  };
  for (const Case& c : kCases) {
    for (const bool in_kernel : {true, false}) {
      // The agent adds up in the same way on every kernel, and guests are slow.
      if (!in_kernel && test::in_guest()) continue;
      SCOPED_TRACE(
          fmt::format("by {} in the {}", fmt::join(c.by, ","), in_kernel ? "kernel" : "agent"));
      std::deque<Generator> generators;
      generators.emplace_back(work);
      const Gathered gathered = gather(generators, request(c.by), in_kernel);
      EXPECT_EQ(gathered.counts, c.expected(generators[0].pid()));
      EXPECT_EQ(gathered.records, in_kernel ? 0 : kAll);
      expect_equation(gathered.account, kAll);
    }
  }
}

// Nobody knows the number of the cgroup better than the record.
TEST_F(Groups, CgroupsAsInRecords) {
  Counts counts[2];
  for (const bool in_kernel : {true, false}) {
    std::deque<Generator> generators;
    generators.emplace_back(work);
    counts[in_kernel ? 1 : 0] = gather(generators, request({"cgroup.id"}), in_kernel).counts;
  }
  EXPECT_EQ(counts[0], counts[1]);
  ASSERT_EQ(counts[0].size(), 1U);
  EXPECT_NE(counts[0].begin()->first, "0");
}

TEST_F(Groups, SumsAndHistograms) {
  for (const bool in_kernel : {true, false}) {
    if (!in_kernel && test::in_guest()) continue;
    SCOPED_TRACE(in_kernel ? "kernel" : "agent");
    std::deque<Generator> generators;
    generators.emplace_back(work);
    const Gathered sums =
        gather(generators, request({"evt.kind"}, WIRE_MEASURE_SUM, "evt.rawres"), in_kernel);
    EXPECT_EQ(sums.sums.at("open"),
              (kGood + kGood2) * shared().descriptor - ENOENT * (kMissing + kOfThread + kOfUser));
    EXPECT_EQ(sums.sums.at("mkdir"), -EEXIST * kMkdir);

    generators.clear();
    generators.emplace_back(work);
    const Gathered bars =
        gather(generators, request({"evt.kind"}, WIRE_MEASURE_HISTOGRAM, "evt.rawres"), in_kernel);
    Histogram opens{};
    opens[0] = kMissing + kOfThread + kOfUser;
    opens[slot_of(std::int64_t{shared().descriptor})] += kGood + kGood2;
    EXPECT_EQ(bars.histograms.at("open"), opens);
    Histogram directories{};
    directories[0] = kMkdir;
    EXPECT_EQ(bars.histograms.at("mkdir"), directories);
    EXPECT_EQ(bars.counts.at("open"), kAll - kMkdir);
  }
}

// The kernel's own arithmetic for each power of two, with what a process can set: its group.
TEST_F(Groups, SlotsAsInTheAgent) {
  Histogram expected{};
  for (unsigned bit = 0; bit < 32; ++bit) {
    for (const std::uint64_t number : {(std::uint64_t{1} << bit) - 1, std::uint64_t{1} << bit}) {
      if (number != 0xffffffff) ++expected[slot_of(number)];
    }
  }
  std::deque<Generator> generators;
  generators.emplace_back([] {
    for (unsigned bit = 0; bit < 32; ++bit) {
      for (const std::uint64_t number : {(std::uint64_t{1} << bit) - 1, std::uint64_t{1} << bit}) {
        const auto group = static_cast<gid_t>(number);
        if (::syscall(SYS_setresgid, group, group, group) != 0) ::_exit(3);
        open_file("/nonexistent", 1);
      }
    }
  });
  const Gathered gathered =
      gather(generators, request({}, WIRE_MEASURE_HISTOGRAM, "group.gid"), true);
  EXPECT_EQ(gathered.records, 0U);
  EXPECT_EQ(gathered.histograms.at(""), expected);
}

// Nothing is lost and nothing counted twice while the maps are swapped.
TEST_F(Groups, FloodWhileTheyAreRead) {
  constexpr int kGenerators = 4;
  const int kOpens = test::in_guest() ? 15'000 : 60'000;
  std::deque<Generator> generators;
  Counts expected;
  for (int i = 0; i < kGenerators; ++i) {
    generators.emplace_back([&] {
      open_file("/dev/null", kOpens);
      open_file("/nonexistent", kOpens);
    });
    expected[fmt::format("{} SUCCESS", generators.back().pid())] = kOpens;
    expected[fmt::format("{} ENOENT", generators.back().pid())] = kOpens;
  }
  const Gathered gathered = gather(generators, request({"proc.pid", "evt.res"}), true, true);
  EXPECT_EQ(gathered.records, 0U);
  const std::uint64_t kEvents = std::uint64_t{2} * kGenerators * kOpens;
  if (!tracepoints_may_be_preempted(KernelTypes())) {
    EXPECT_EQ(gathered.counts, expected);
    expect_equation(gathered.account, kEvents);
    return;
  }
  // While one task is preempted in a program, the kernel skips it for others on that CPU, and
  // counts it: what is not here was missed.
  std::uint64_t counted = 0;
  for (const auto& [group, count] : gathered.counts) {
    EXPECT_LE(count, expected[group]) << group;
    counted += count;
  }
  for (const KindAccount& kind : gathered.account.kinds) {
    if (kind.kind != "open") continue;
    EXPECT_EQ(kind.delivered, counted);
    EXPECT_GE(counted + kind.missed, kEvents);
  }
}

// What finds no room in the kernel comes as a record.
TEST_F(Groups, MoreThanTheKernelHasRoomFor) {
  constexpr int kNames = WIRE_GROUPS_MAX + 2000;
  std::deque<Generator> generators;
  generators.emplace_back([] {
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < kNames; ++i) {
        ::prctl(PR_SET_NAME, fmt::format("name {}", i).c_str());
        open_file("/nonexistent", 1);
      }
    }
  });
  const Gathered gathered = gather(generators, request({"proc.name"}), true);
  EXPECT_EQ(gathered.counts.size(), static_cast<std::size_t>(kNames));
  for (const auto& [name, count] : gathered.counts) EXPECT_EQ(count, 2U) << name;
  EXPECT_GE(gathered.records, 2U * (kNames - WIRE_GROUPS_MAX));
  EXPECT_LT(gathered.records, 2U * kNames / 2);
  expect_equation(gathered.account, std::uint64_t{2} * kNames);
}

#if defined(__x86_64__)
// Calls of 32 bits have numbers of their own: 295 is openat there and pwritev here.
TEST_F(Groups, CallsOf32Bits) {
  std::deque<Generator> generators;
  generators.emplace_back([] {
    for (int i = 0; i < 6; ++i) {
      long result = 295;
      asm volatile("int $0x80"
                   : "+a"(result)
                   : "b"(AT_FDCWD), "c"(0), "d"(0), "S"(0)
                   : "memory", "r8", "r9", "r10", "r11");
    }
    open_file("/nonexistent", 2);
  });
  const Gathered gathered = gather(generators, request({"evt.type", "evt.res"}), true);
  EXPECT_EQ(gathered.counts, (Counts{{"openat EFAULT", 6}, {"openat ENOENT", 2}}));
}
#endif

}  // namespace
}  // namespace outrider
