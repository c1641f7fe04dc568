// SPDX-License-Identifier: Apache-2.0
//
// Probes in a program: this one, whose functions tests/support/probe_functions.cpp has.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "base/module.h"
#include "sensors/probe/function_types.h"
#include "support/probe_functions.h"
#include "support/recorder.h"

namespace outrider {

namespace {

const std::initializer_list<std::string_view> kReturns = {"evt.res", "evt.latency"};

std::string function_target(std::string_view function) {
  return fmt::format("uprobe:/proc/self/exe:{}", function);
}

bool has_types() { return load_module(kDwarfModule, kReadFunctionTypes).has_value(); }

Account closed(Recorder& recorder) {
  const Account account = recorder.finish();
  for (const KindAccount& kind : account.kinds) {
    EXPECT_EQ(kind.difference(), 0) << kind.kind;
    EXPECT_EQ(kind.lost_total(), 0u) << kind.kind << ": " << account_table(account);
  }
  return account;
}

// Attached at the entry alone, unless somebody asks for the return.
TEST(UserProbes, AFunctionIsCalled) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({function_target("probe_add")});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    for (int i = 0; i < 100; ++i) test::probe_add(i, static_cast<short>(-i));
    return 0;
  });
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 100u);
  const std::string_view first = has_types() ? "evt.arg.first" : "evt.arg.arg0";
  EXPECT_EQ(events[7].at(std::string(first)), has_types() ? "7" : "0x7");
  if (has_types()) {
    EXPECT_EQ(events[7].at("evt.arg.second"), "-7");
    EXPECT_EQ(events[7].at("evt.args"), "first=7 second=-7");
  }
  EXPECT_FALSE(events[7].contains("evt.latency"));
  EXPECT_FALSE(events[7].contains("evt.res"));
  EXPECT_EQ(closed(recorder).kinds[0].seen, 100u);
}

TEST(UserProbes, AFunctionReturns) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({function_target("probe_sleep"), function_target("probe_add")}, {}, {},
                    1U << WIRE_STACK_USER, kReturns);
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    test::probe_sleep(20);
    test::probe_add(-3, 1);
    return 0;
  });
  const auto slept = recorder.events(child, function_target("probe_sleep"));
  ASSERT_EQ(slept.size(), 1u);
  EXPECT_GE(std::stoull(slept[0].at("evt.latency")), 20'000'000u);
  EXPECT_TRUE(slept[0].at("evt.stack.user").starts_with("0x"));
  const auto added = recorder.events(child, function_target("probe_add"));
  ASSERT_EQ(added.size(), 1u);
  if (has_types()) {
    EXPECT_EQ(added[0].at("evt.res"), "-2");
    EXPECT_EQ(added[0].at("evt.arg.first"), "-3");
  }
  closed(recorder);
}

// Each call with what it was called with, whatever was called in between.
TEST(UserProbes, CallsWithinCalls) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  if (!has_types()) GTEST_SKIP() << "outrider_dwarf.so was not built";
  Recorder recorder({function_target("probe_recurse")}, {}, {}, 0, kReturns);
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] { return test::probe_recurse(9) == 9 ? 0 : 1; });
  EXPECT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 10u);
  // The innermost returns first.
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].at("evt.arg.depth"), std::to_string(i));
    EXPECT_EQ(events[i].at("evt.res"), std::to_string(i));
  }
  closed(recorder);
}

TEST(UserProbes, TypesOfArguments) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  if (!has_types()) GTEST_SKIP() << "outrider_dwarf.so was not built";
  Recorder recorder({function_target("probe_text"), function_target("probe_many"),
                     function_target("probe_large")},
                    {}, {}, 0, kReturns);
  ASSERT_EQ(recorder.failed(), "");
  static const std::string long_text(1000, 'x');
  const pid_t child = recorder.run([] {
    test::probe_text("short \xff", test::kProbeBlue, true, 200, 2.5, 0x1234567890);
    test::probe_text(long_text.c_str(), static_cast<test::ProbeColor>(5), false, 0, 0, 0);
    test::probe_text(nullptr, test::kProbeNone, true, 0, 0, 0);
    test::probe_text(reinterpret_cast<const char*>(8), test::kProbeRed, true, 0, 0, 0);
    test::probe_many(1, 2, 3, 4, 5, 6, 7, -8);
    test::probe_large({{1, 2, 3, 4}}, 5);
    return 0;
  });
  const auto texts = recorder.events(child, function_target("probe_text"));
  ASSERT_EQ(texts.size(), 4u);
  EXPECT_EQ(texts[0].at("evt.arg.text"), "short \xff");
  EXPECT_EQ(texts[0].at("evt.arg.color"), "kProbeBlue");
  EXPECT_EQ(texts[0].at("evt.arg.is_set"), "true");
  EXPECT_EQ(texts[0].at("evt.arg.byte"), "200");
  EXPECT_EQ(texts[0].at("evt.arg.ratio"), "?") << "in a register that programs do not get";
  EXPECT_EQ(texts[0].at("evt.arg.behind"), std::to_string(0x1234567890)) << "and takes no other";
  EXPECT_EQ(texts[1].at("evt.arg.text"), std::string(255, 'x'));
  EXPECT_EQ(texts[1].at("cut"), "evt.arg.text ");
  EXPECT_EQ(texts[1].at("evt.arg.color"), "5");
  EXPECT_FALSE(texts[2].contains("evt.arg.text")) << "no text at all";
  EXPECT_EQ(texts[2].at("evt.arg.color"), "kProbeNone");
  EXPECT_EQ(texts[3].at("evt.arg.text"), "?") << "nothing is there";

  const auto many = recorder.events(child, function_target("probe_many"));
  ASSERT_EQ(many.size(), 1u);
  EXPECT_EQ(many[0].at("evt.args"), "a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=-8");
  EXPECT_EQ(many[0].at("evt.res"), "20");
  const auto large = recorder.events(child, function_target("probe_large"));
  ASSERT_EQ(large.size(), 1u);
  EXPECT_EQ(large[0].at("evt.arg.large"), "?");
  EXPECT_EQ(large[0].at("evt.arg.behind"), "5");
  EXPECT_EQ(large[0].at("evt.res"), "9");
  closed(recorder);
}

TEST(UserProbes, NamesAsTheSourceHasThem) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string twice = function_target("outrider::test::probe_names::twice(int)");
  const std::string member = function_target("outrider::test::probe_names::Thing::member");
  Recorder recorder({twice, member});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    const test::probe_names::Thing thing{40};
    return thing.member(2) + test::probe_names::twice("") + test::probe_names::twice(3) - 50;
  });
  EXPECT_EQ(recorder.status(), 0);
  const auto numbers = recorder.events(child, twice);
  ASSERT_EQ(numbers.size(), 1u) << "not that of a text";
  const auto members = recorder.events(child, member);
  ASSERT_EQ(members.size(), 1u);
  if (has_types()) {
    EXPECT_EQ(numbers[0].at("evt.arg.number"), "3");
    EXPECT_EQ(members[0].at("evt.arg.number"), "2");
    EXPECT_TRUE(members[0].at("evt.arg.this").starts_with("0x7"));
  }
}

// What nobody wants does not leave the kernel.
TEST(UserProbes, ConditionsInTheKernel) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({function_target("probe_add")}, {}, "proc.pid = 1 or evt.latency > 10s", 0,
                    kReturns);
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([] {
    for (int i = 0; i < 50; ++i) test::probe_add(i, 0);
    return 0;
  });
  const Account account = closed(recorder);
  EXPECT_EQ(account.kinds[0].seen, 50u);
  EXPECT_EQ(account.kinds[0].filtered_kernel, 50u);
}

// Calls that are under way when it begins or ends are counted or not, but never half.
TEST(UserProbes, BeginAndEndInTheMiddle) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const pid_t child = ::fork();
  if (child == 0) {
    for (;; ::usleep(5000)) test::probe_recurse(3);
  }
  {
    Recorder recorder({function_target("probe_recurse")}, {}, {}, 0, kReturns);
    EXPECT_EQ(recorder.failed(), "");
    recorder.run([] { return 0; });
    EXPECT_GT(closed(recorder).kinds[0].seen, 0u);
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST(UserProbes, Usdt) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  if (!test::has_usdt()) GTEST_SKIP() << "built without <sys/sdt.h>: systemtap-sdt-dev";
  Recorder recorder(
      {"usdt:/proc/self/exe:outrider_test:passed", "usdt:/proc/self/exe:outrider_test:guarded"}, {},
      {}, 0, {"evt.argtext.arg1"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    // In memory that has been touched: what is not there the kernel does not fetch.
    volatile char there[] = "text";
    const auto* text = const_cast<const char*>(there);
    test::pass_usdt(5, text);
    test::pass_usdt(-6, text);
    return test::pass_guarded_usdt(1L << 40) ? 0 : 1;
  });
  EXPECT_EQ(recorder.status(), 0) << "its semaphore was not raised";
  const auto passed = recorder.events(child, "usdt:/proc/self/exe:outrider_test:passed");
  ASSERT_EQ(passed.size(), 3u);
  EXPECT_EQ(passed[0].at("evt.arg.arg0"), "5");
  EXPECT_EQ(passed[1].at("evt.arg.arg0"), "-6");
  EXPECT_EQ(passed[2].at("evt.arg.arg0"), "-12") << "the other place of the probe";
  EXPECT_EQ(passed[0].at("evt.arg.arg1"), passed[2].at("evt.arg.arg1"));
  EXPECT_EQ(passed[0].at("evt.argtext.arg1"), "text");
  EXPECT_FALSE(passed[0].contains("evt.argtext.arg0"));
  const auto guarded = recorder.events(child, "usdt:/proc/self/exe:outrider_test:guarded");
  ASSERT_EQ(guarded.size(), 1u);
  EXPECT_EQ(guarded[0].at("evt.arg.arg0"), std::to_string(1L << 40));
  closed(recorder);
  EXPECT_FALSE(test::pass_guarded_usdt(0)) << "its semaphore stays raised";
}

TEST(UserProbes, WhatIsNotThere) {
  struct Case {
    std::string target;
    std::string_view sentence;
  };
  const Case kCases[] = {
      {function_target("probe_ad"), "did you mean 'probe_add'?"},
      {function_target("outrider::test::probe_names::twice"), "2 functions are called"},
      {function_target("probe_add+4000"), "has only"},
      {function_target("0x1"), "no code is at 0x1"},
      {"uprobe:/nonexistent:main", "No such file"},
      {"uprobe:/dev/null:main", "no regular file"},
      {"uprobe:/etc/passwd:main", "no program or library"},
      {"uprobe:/proc/self/exe", "give uprobe:PATH:FUNCTION"},
      {"uprobe:nosuchprogram:main", "neither a library nor a program"},
      {"usdt:/proc/self/exe:outrider_test", "give usdt:PATH:PROVIDER:PROBE"},
      {"usdt:/proc/self/exe:a:b", ""},
  };
  for (const Case& test : kCases) {
    const auto selection = select(std::vector<std::string>{test.target});
    ASSERT_FALSE(selection) << test.target;
    EXPECT_EQ(selection.error().code, ExitCode::kBadInput) << test.target;
    EXPECT_NE(selection.error().message.find(test.sentence), std::string::npos)
        << selection.error().message;
  }
}

}  // namespace

}  // namespace outrider
