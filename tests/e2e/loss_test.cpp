// SPDX-License-Identifier: Apache-2.0
//
// The account against the generators' own counts: one that only agrees with itself proves
// nothing (SEMANTICS 16).
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <deque>
#include <map>

#include "support/program.h"

namespace outrider::test {
namespace {

constexpr int kGenerators = 4;
// 80,000 records of more than 200 bytes: rings of 4 MB overflow, even several.
constexpr int kFailing = 10'000;
constexpr int kSuccessful = 10'000;

struct Counts {
  std::uint64_t failing = 0;
  std::uint64_t successful = 0;
};

class Loss : public ProgramTest {
 protected:
  // A process that opens, when the byte comes, twice as often as `times`.
  void start_generator(int gate, const std::string& good, const std::string& bad) {
    generators_.emplace_back([gate, good, bad] {
      const GeneratorName name;
      char byte = 0;
      if (::read(gate, &byte, 1) != 1) return 1;
      for (int i = 0; i < kFailing; ++i) open_missing(bad);
      for (int i = 0; i < kSuccessful; ++i) {
        const long descriptor = ::syscall(SYS_openat, AT_FDCWD, good.c_str(), O_RDONLY);
        if (descriptor < 0) return 2;
        ::syscall(SYS_close, descriptor);
      }
      return 0;
    });
  }

  std::deque<Child> generators_;
};

TEST_F(Loss, ReaderThatIsStoppedWhileTheRingOverflows) {
  const std::string good = directory_ / "good";
  const std::string bad = directory_ / "bad";
  {
    const FileDescriptor made(::open(good.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  }
  int gate[2];
  ASSERT_EQ(::pipe2(gate, O_CLOEXEC), 0);
  FileDescriptor gate_reader(gate[0]);
  FileDescriptor gate_writer(gate[1]);
  for (int i = 0; i < kGenerators; ++i) start_generator(gate_reader.get(), good, bad);

  Trace trace(
      {"open", "--comm", kGeneratorName, "-o", "json", "--fields", "proc.pid,evt.res,fd.name"});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  trace.send(SIGSTOP);
  int status = 0;
  ASSERT_EQ(::waitpid(trace.pid(), &status, WUNTRACED), trace.pid());
  ASSERT_TRUE(WIFSTOPPED(status));
  ASSERT_EQ(::write(gate_writer.get(), "1234", kGenerators), kGenerators);
  for (Child& generator : generators_) ASSERT_EQ(generator.wait(), 0);
  trace.send(SIGCONT);
  ASSERT_EQ(trace.interrupt(), Subprocess::Ending{.code = 0}) << trace.errors();

  std::map<std::uint32_t, Counts> delivered;
  for (const auto& event : parse_lines(trace.output())) {
    Counts& counts = delivered[event.at("proc.pid").get<std::uint32_t>()];
    const bool failed = event.at("evt.res") == "ENOENT";
    EXPECT_EQ(event.at("fd.name"), failed ? bad : good);
    ++(failed ? counts.failing : counts.successful);
  }
  const auto account = account_in(trace.errors());
  expect_equation(account);
  std::map<std::uint32_t, std::uint64_t> lost;
  for (const auto& loss : account.at("lost_by_process")) {
    EXPECT_EQ(loss.at("kind"), "open");
    lost[loss.at("pid").get<std::uint32_t>()] += loss.at("count").get<std::uint64_t>();
  }

  std::uint64_t all_delivered = 0;
  std::uint64_t all_lost = 0;
  for (const Child& generator : generators_) {
    const auto pid = static_cast<std::uint32_t>(generator.pid());
    const Counts& counts = delivered[pid];
    EXPECT_EQ(counts.failing + counts.successful + lost[pid],
              static_cast<std::uint64_t>(kFailing + kSuccessful))
        << "process " << pid;
    EXPECT_LE(counts.failing, static_cast<std::uint64_t>(kFailing));
    EXPECT_LE(counts.successful, static_cast<std::uint64_t>(kSuccessful));
    all_delivered += counts.failing + counts.successful;
    all_lost += lost[pid];
  }
  EXPECT_GT(all_lost, 0U) << "nothing was lost: the flood was too small to test anything";
  EXPECT_GT(all_delivered, 0U);
  EXPECT_EQ(delivered.size(), generators_.size());
  EXPECT_EQ(account["account"]["open"]["delivered"], all_delivered);
  EXPECT_EQ(lost_of(account, "open"), all_lost);
}

// A flood of opens must not blind the process tree: its ring is another.
TEST_F(Loss, ProcessEventsSurviveAFloodOfOpens) {
  const std::string bad = directory_ / "bad";
  Trace trace(
      {"open,fork,exit", "--comm", kGeneratorName, "-o", "json", "--fields", "evt.kind,proc.pid"});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  trace.send(SIGSTOP);
  int status = 0;
  ASSERT_EQ(::waitpid(trace.pid(), &status, WUNTRACED), trace.pid());
  constexpr int kChildren = 100;
  Child flood([&] {
    const GeneratorName name;
    open_missing(bad, 40'000);
    for (int i = 0; i < kChildren; ++i) {
      if (Child([] { return 0; }).wait() != 0) return 1;
    }
    return 0;
  });
  ASSERT_EQ(flood.wait(), 0);
  trace.send(SIGCONT);
  ASSERT_EQ(trace.interrupt(), Subprocess::Ending{.code = 0}) << trace.errors();

  const auto account = account_in(trace.errors());
  expect_equation(account);
  EXPECT_GT(lost_of(account, "open"), 0U);
  EXPECT_EQ(lost_of(account, "fork"), 0U);
  EXPECT_EQ(lost_of(account, "exit"), 0U);
  std::map<std::string, int> kinds;
  for (const auto& event : parse_lines(trace.output())) {
    ++kinds[event.at("evt.kind").get<std::string>()];
  }
  EXPECT_EQ(kinds["fork"], kChildren);
  EXPECT_EQ(kinds["exit"], kChildren);
}

}  // namespace
}  // namespace outrider::test
