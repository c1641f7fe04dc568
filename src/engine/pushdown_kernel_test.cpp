// SPDX-License-Identifier: Apache-2.0
//
// The filter in the kernel against the same decisions on the host, on real calls: random
// conditions, random calls, two engines. One sends all, and each record is judged here; the
// other has the conditions. Both must come to the same.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/openat2.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "language/checker.h"
#include "language/evaluator.h"
#include "sensors/kernel_values.h"
#include "sensors/registry.h"
#include "support/guest.h"
#include "support/host_filter.h"
#include "support/random_condition.h"
#include "support/random_values.h"
#include "support/temporary_directory.h"

namespace outrider {
namespace {

using test::Choices;
using test::RandomConditions;
using test::SeededChoices;

const std::uint64_t kRounds = test::in_guest() ? 8 : 20;
constexpr int kCalls = 200;

constexpr uid_t kUsers[] = {0, 0, 1000, 65534};
constexpr int kOpenFlags[] = {O_RDONLY,
                              O_RDONLY | O_CLOEXEC,
                              O_WRONLY | O_CREAT,
                              O_RDWR | O_CREAT | O_EXCL,
                              O_WRONLY | O_TRUNC | O_APPEND,
                              O_RDONLY | O_DIRECTORY,
                              O_RDWR | O_SYNC,
                              O_RDWR | O_DSYNC,
                              O_PATH,
                              O_RDWR | O_TMPFILE};

// Files by the names that random conditions and calls know, to be the root of those calls.
void make_tree(const std::string& root) {
  for (const char* directory :
       {"/etc", "/usr", "/usr/lib", "/usr/lib/x86_64", "/tmp", "/tmp/a", "/var", "/var/log"}) {
    ASSERT_EQ(::mkdir((root + directory).c_str(), 0777), 0);
    ASSERT_EQ(::chmod((root + directory).c_str(), 0777), 0);
  }
  for (const char* file : {"/etc/passwd", "/etc/shadow", "/usr/lib/x86_64/libc.so.6", "/tmp/b"}) {
    std::ofstream(root + file) << "x";
    ASSERT_EQ(::chmod((root + file).c_str(), 0666), 0);
  }
}

// One call of any sort on any path; what comes of it does not matter.
void make_call(Choices& choices) {
  const std::string path = test::random_path(choices);
  const std::string other = test::random_path(choices);
  const char* name = path.c_str();
  const auto mode = static_cast<mode_t>(test::random_mode(choices));
  const int flags = choices.one_of(kOpenFlags);
  long descriptor = -1;
  switch (choices.below(16)) {
    default:
      descriptor = ::syscall(SYS_openat, AT_FDCWD, name, flags, mode);
      break;
    case 8:
      descriptor = ::syscall(SYS_creat, name, mode);
      break;
    case 9: {
      open_how how{};
      how.flags = static_cast<std::uint64_t>(flags);
      descriptor = ::syscall(SYS_openat2, AT_FDCWD, name, &how, sizeof(how));
      break;
    }
    case 10:
      (void)::syscall(SYS_mkdir, name, mode);
      break;
    case 11:
      (void)::syscall(SYS_unlinkat, AT_FDCWD, name, choices.once_in(2) ? AT_REMOVEDIR : 0);
      break;
    case 12:
      (void)::syscall(SYS_renameat2, AT_FDCWD, name, AT_FDCWD, other.c_str(), choices.below(3));
      break;
    case 13:
      (void)::syscall(SYS_linkat, AT_FDCWD, name, AT_FDCWD, other.c_str(), 0);
      break;
    case 14:
      (void)::syscall(SYS_symlinkat, name, AT_FDCWD, other.c_str());
      break;
    case 15:
      (void)::syscall(SYS_truncate, name, choices.below(10));
      break;
  }
  if (descriptor < 0) return;
  if (choices.once_in(4)) (void)::syscall(SYS_fchmod, descriptor, mode | 0600);
  ::close(static_cast<int>(descriptor));
}

// A child that waits for a word before it makes its calls.
class Caller {
 public:
  Caller(const std::string& root, std::uint64_t seed) {
    EXPECT_EQ(::pipe2(gate_, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ != 0) return;
    char word = 0;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::read(gate_[0], &word, 1) != 1) ::_exit(1);
    SeededChoices choices(seed);
    if (::chroot(root.c_str()) != 0 || ::chdir("/tmp") != 0) ::_exit(2);
    ::prctl(PR_SET_NAME, test::random_name(choices).c_str());
    const uid_t user = choices.one_of(kUsers);
    if (::setresgid(user, user, user) != 0 || ::setresuid(user, user, user) != 0) ::_exit(3);
    for (int i = 0; i < kCalls; ++i) make_call(choices);
    ::_exit(0);
  }
  ~Caller() {
    ::close(gate_[0]);
    ::close(gate_[1]);
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void begin() { EXPECT_EQ(::write(gate_[1], "x", 1), 1); }
  // The exit status once it has ended, -1 before.
  int ended() {
    int status = 0;
    return ::waitpid(pid_, &status, WNOHANG) == pid_ ? status : -1;
  }

 private:
  int gate_[2] = {-1, -1};
  pid_t pid_ = -1;
};

struct Reader {
  std::unique_ptr<Condition> condition;
  ConsumerId id = 0;
  std::uint64_t wanted = 0;     // of all events, as judged here
  std::uint64_t delivered = 0;  // by the engine that has the condition
};

class PushdownOnTheKernel : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    make_tree(root_.path());
    EngineOptions options;
    for (const EventDescriptor* kind : all_kinds()) {
      if (kind->kind >= WIRE_OPEN && kind->kind <= WIRE_TRUNCATE) options.kinds.push_back(kind);
    }
    kinds_ = options.kinds;
    catalog_ = std::make_unique<FieldCatalog>(catalog_of(kinds_));
    for (const EventDescriptor* kind : kinds_) {
      for (const auto& fields : {fields_of(*kind), derived_fields_of(*kind)}) {
        for (const FieldDescriptor* field : fields) {
          // Of processes and workloads the kernel is told a little later:
          // told_processes_kernel_test.cpp.
          const KernelValue* value = kernel_value_of(*kind, field->name);
          if (value == nullptr || value->how == KernelValue::How::kProcess ||
              value->how == KernelValue::How::kWorkload) {
            continue;
          }
          const std::span<const NamedValue> values = catalog_->find(field->name)->values;
          known_.add(static_cast<std::uint16_t>(kind->kind), *field, {.values = values});
        }
      }
    }
    for (auto* engine : {&everything_, &filtered_}) {
      auto started = Engine::start(options);
      ASSERT_TRUE(started) << started.error().message;
      *engine = std::move(*started);
    }
    // Somebody stays, so that the programs do, too.
    nobody_ = make("proc.pid = 0");
    for (auto* engine : {&everything_, &filtered_}) {
      const auto stays =
          (*engine)->add({.kinds = kinds_, .condition = nobody_.get(), .deliver = [](const Event&) {
                            return Outcome::kDelivered;
                          }});
      ASSERT_TRUE(stays) << stays.error().message;
    }
  }

  std::unique_ptr<Condition> make(const std::string& text) {
    auto loaded = load(text, *catalog_);
    EXPECT_TRUE(loaded) << text << "\n" << loaded.error().message;
    return loaded ? std::make_unique<Condition>(std::move(*loaded)) : nullptr;
  }

  // Random calls, with these conditions in one engine and without in the other.
  void round(std::uint64_t seed, const std::vector<std::string>& conditions) {
    Caller caller(root_.path(), seed + 1000);
    const std::string of_caller = fmt::format("proc.pid = {}", caller.pid());
    SCOPED_TRACE(fmt::format("seed {}:\n{}", seed, fmt::join(conditions, "\n")));
    std::vector<std::unique_ptr<Reader>> readers;
    std::vector<Consumer> consumers;
    for (const std::string& text : conditions) {
      auto reader = std::make_unique<Reader>();
      reader->condition = make(fmt::format("({}) and {}", text, of_caller));
      ASSERT_NE(reader->condition, nullptr);
      consumers.push_back({.kinds = kinds_,
                           .condition = reader->condition.get(),
                           .deliver = [reader = reader.get()](const Event&) {
                             ++reader->delivered;
                             return Outcome::kDelivered;
                           }});
      readers.push_back(std::move(reader));
    }
    const auto ids = filtered_->add(std::move(consumers));
    ASSERT_TRUE(ids) << ids.error().message;
    std::vector<const PushedCondition*> pushed;
    for (const ConsumerId id : *ids) pushed.push_back(filtered_->pushed(id));
    HostFilter host(make_filter_tables(pushed));

    std::uint64_t passes = 0;
    std::uint64_t events = 0;
    const auto condition = make(of_caller);
    const auto id = everything_->add(
        {.kinds = kinds_, .condition = condition.get(), .deliver = [&](const Event& event) {
           ++events;
           if (host.wants(event)) ++passes;
           for (const auto& reader : readers) {
             if (evaluate(*reader->condition, event)) ++reader->wanted;
           }
           return Outcome::kDelivered;
         }});
    ASSERT_TRUE(id) << id.error().message;

    caller.begin();
    int status = -1;
    while ((status = caller.ended()) < 0) {
      everything_->drain();
      filtered_->drain();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_EQ(status, 0);
    everything_->remove(*id);
    EXPECT_GE(events, static_cast<std::uint64_t>(kCalls));
    all_ += events;
    for (std::size_t i = ids->size(); i-- > 0;) {
      const Account account = filtered_->remove((*ids)[i]);
      // What is looked up after the call may be found by one engine and gone for the other.
      const bool looked_up = conditions[i].find("fd.realpath") != std::string::npos &&
                             !conditions[i].starts_with("evt.kind = open and");
      if (!looked_up) {
        EXPECT_EQ(readers[i]->delivered, readers[i]->wanted);
      }
      wanted_ += readers[i]->wanted;
      // All consumers of one engine read the same records.
      if (i + 1 != ids->size()) continue;
      std::uint64_t read = 0;
      for (const KindAccount& kind : account.kinds) read += kind.delivered + kind.filtered_agent;
      EXPECT_EQ(read, passes) << "of " << events;
      sent_ += read;
    }
  }

  std::vector<const EventDescriptor*> kinds_;
  std::unique_ptr<FieldCatalog> catalog_;
  FieldCatalog known_;  // fields that the kernel knows, for conditions that it decides
  std::unique_ptr<Condition> nobody_;
  std::unique_ptr<Engine> everything_;
  std::unique_ptr<Engine> filtered_;
  const test::TemporaryDirectory root_;
  std::uint64_t all_ = 0;     // events
  std::uint64_t sent_ = 0;    // of them, by the kernel
  std::uint64_t wanted_ = 0;  // by any reader
};

// One after the other, so that each is decided by what it names and nothing else.
constexpr std::string_view kEachDimension[] = {
    "fd.name = /etc/passwd",
    "fd.name in (/etc/passwd, /tmp/b, /tmp/none)",
    "not fd.name startswith /etc",
    "fd.name endswith passwd",
    "not fd.name endswith b",
    "fd.name glob /tmp/*",
    "fd.name pmatch (/etc, /usr/lib)",
    "fd.nameraw = passwd",
    "fd.nameraw startswith //",
    "not fd.nameraw endswith /",
    "fs.path.source startswith /etc",
    "not fs.path.source = /tmp/b",
    "evt.kind = open and fd.realpath = /etc/passwd",
    "evt.kind = open and not fd.realpath = /etc/passwd",
    "evt.kind = open and fd.realpath startswith /usr/lib/",
    "evt.kind = open and not fd.realpath startswith /usr",
    "evt.kind = open and fd.realpath endswith .6",
    "evt.kind = open and not fd.realpath exists",
    "evt.arg.flags contains O_CREAT",
    "not evt.arg.flags contains O_WRONLY",
    "evt.arg.flags intersects (O_DSYNC, O_TMPFILE)",
    "evt.arg.flags = O_RDONLY|O_DIRECTORY",
    "not evt.arg.flags exists",
    "evt.res = ENOENT",
    "not evt.res in (ENOENT, SUCCESS)",
    "evt.failed = true",
    "evt.rawres >= 0",
    "evt.type in (openat, truncate)",
    "evt.kind = rename or evt.kind = link",
    "user.uid != 0",
    "group.gid <= 1000",
    "proc.name startswith ng",
    "not proc.name in (nginx, sh, bash)",
};

TEST_F(PushdownOnTheKernel, DecidesEachDimensionAsTheHostDoes) {
  for (const std::string_view condition : kEachDimension) {
    if (HasFailure()) return;
    round(7, {std::string(condition)});
  }
}

TEST_F(PushdownOnTheKernel, DecidesAsTheHostDoesAndLosesNothing) {
  const RandomConditions conditions(known_, {.depth = 3, .atoms = 5});
  for (std::uint64_t seed = 0; seed < kRounds && !HasFailure(); ++seed) {
    SeededChoices choices(seed);
    std::vector<std::string> texts;
    for (std::uint64_t i = 1 + choices.below(seed % 2 == 0 ? 1 : 8); i > 0; --i) {
      texts.push_back(conditions.next(choices));
    }
    round(seed, texts);
  }
  // Conditions that want all or nothing would show nothing.
  EXPECT_GT(wanted_, 0U);
  EXPECT_LT(sent_, all_ * 9 / 10);
  EXPECT_GT(sent_, all_ / 20);
}

}  // namespace
}  // namespace outrider
