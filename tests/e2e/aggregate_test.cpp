// SPDX-License-Identifier: Apache-2.0
//
// trace --by and its like: what the reports say, against what a generator did, and what the
// account says.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "base/text.h"
#include "support/program.h"

namespace outrider::test {
namespace {

using Ending = Subprocess::Ending;
using Counts = std::map<std::string, std::uint64_t>;

class Aggregates : public ProgramTest {
 protected:
  // The counts of all reports together, by the value of a field.
  static Counts counts_in(const std::string& output, const std::string& field) {
    Counts counts;
    for (const auto& line : parse_lines(output)) {
      EXPECT_FALSE(line.contains("others")) << line;
      const auto value = line.find(field);
      const std::string key = value == line.end()  ? "-"
                              : value->is_string() ? value->get<std::string>()
                                                   : value->dump();
      counts[key] += line.at("count").get<std::uint64_t>();
    }
    return counts;
  }

  static void expect_delivered(const Trace& trace, const std::string& kind, std::uint64_t count) {
    const auto account = account_in(trace.errors());
    expect_equation(account);
    EXPECT_EQ(account.at("account").at(kind).at("delivered"), count);
  }
};

struct WhereAdded {
  std::vector<std::string> words;
  std::string_view says;
};

// The same groups wherever they are made.
TEST_F(Aggregates, InTheKernelAndInTheAgent) {
  const WhereAdded kPlaces[] = {
      {{"--by", "evt.res"}, "events are added up in the kernel\n"},
      {{"--by", "evt.res", "--where", "proc.pid > 0"}, "events are added up in the kernel\n"},
      {{"--by", "evt.res", "--where", "fd.name startswith /"},
       "events are added up in the agent: the condition needs more than numbers and comm"},
      {{"--by", "evt.res,fd.name"},
       "events are added up in the agent: fd.name is only in whole events\n"},
      {{"--by", "evt.res", "--max-events", "1000000"},
       "events are added up in the agent: --max-events counts there\n"},
  };
  for (const WhereAdded& place : kPlaces) {
    SCOPED_TRACE(place.says);
    std::vector<std::string> words{"open", "-o", "json"};
    words.insert(words.end(), place.words.begin(), place.words.end());
    Trace trace(own_events(words));
    ASSERT_TRUE(trace.ready()) << trace.errors();
    EXPECT_NE(trace.errors().find(place.says), std::string::npos) << trace.errors();
    open_missing(directory_ / "missing", 30);
    {
      const GeneratorName name;
      for (int i = 0; i < 20; ++i) FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    }
    ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
    EXPECT_EQ(counts_in(trace.output(), "evt.res"), (Counts{{"ENOENT", 30}, {"SUCCESS", 20}}));
    expect_delivered(trace, "open", 50);
  }
}

// Records and groups of the kernel in one report: exec and exit always come as records.
TEST_F(Aggregates, KindsOfBothSorts) {
  Trace trace({"mkdir,exit", "-o", "json", "--by", "evt.kind,proc.name", "--comm", kGeneratorName});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  EXPECT_NE(trace.errors().find("added up in the kernel"), std::string::npos) << trace.errors();
  for (int i = 0; i < 3; ++i) {
    Child child([] {
      const GeneratorName name;
      for (int k = 0; k < 10; ++k) ::mkdir("/", 0700);
      ::_exit(0);
      return 0;
    });
    ASSERT_EQ(child.wait(), 0);
  }
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
  EXPECT_EQ(counts_in(trace.output(), "evt.kind"), (Counts{{"mkdir", 30}, {"exit", 3}}));
  expect_delivered(trace, "mkdir", 30);
  expect_delivered(trace, "exit", 3);
}

// Every interval shows what came in it, and nothing of a flood falls between two.
TEST_F(Aggregates, IntervalsAddUpUnderFlood) {
  constexpr int kGenerators = 3;
  constexpr int kOpens = 50'000;
  Trace trace(
      {"open", "-o", "json", "--by", "proc.pid", "--interval", "0.05", "--comm", kGeneratorName});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  std::deque<Child> generators;
  Counts expected;
  const std::string missing = directory_ / "missing";
  for (int i = 0; i < kGenerators; ++i) {
    generators.emplace_back([&missing] {
      open_missing(missing, kOpens);
      return 0;
    });
    expected[std::to_string(generators.back().pid())] = kOpens;
  }
  for (Child& generator : generators) ASSERT_EQ(generator.wait(), 0);
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
  EXPECT_EQ(counts_in(trace.output(), "proc.pid"), expected);
  EXPECT_GT(parse_lines(trace.output()).size(), expected.size()) << "only one interval";
  expect_delivered(trace, "open", std::uint64_t{kGenerators} * kOpens);
}

TEST_F(Aggregates, SumsAndHistograms) {
  const std::string directory = directory_.path();
  const auto truncate_some = [&] {
    const GeneratorName name;
    const std::string file = directory + "/file";
    const FileDescriptor made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    for (const off_t length : {5000, 6000, 100}) EXPECT_EQ(::truncate(file.c_str(), length), 0);
  };
  {
    Trace trace(
        own_events({"truncate", "-o", "json", "--sum", "evt.arg.length", "--interval", "0"}));
    ASSERT_TRUE(trace.ready()) << trace.errors();
    truncate_some();
    ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
    const auto lines = parse_lines(trace.output());
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].at("sum"), 11100);
    EXPECT_EQ(lines[0].at("count"), 3);
    EXPECT_TRUE(lines[0].contains("time"));
    EXPECT_GT(lines[0].at("interval"), 0);
  }
  Trace trace(
      own_events({"truncate", "--hist", "evt.arg.length", "--by", "proc.name", "--interval", "0"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  truncate_some();
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
  const auto lines = lines_of(trace.output());
  ASSERT_EQ(lines.size(), 9U) << trace.output();
  EXPECT_TRUE(lines[1].ends_with(fmt::format("3       - {}", kGeneratorName))) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("[64B, 128B)               1 |@@@"));
  EXPECT_TRUE(lines[8].starts_with("[4KiB, 8KiB)              2 |@@@"));
  for (const std::string& line : lines) EXPECT_LE(display_width(line), 80U) << line;
}

TEST_F(Aggregates, TotalWithoutGroups) {
  Trace trace(own_events({"open", "--count", "--interval", "0"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_missing(directory_ / "missing", 7);
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
  const auto lines = lines_of(trace.output());
  ASSERT_EQ(lines.size(), 2U) << trace.output();
  EXPECT_TRUE(lines[0].starts_with("TIME"));
  EXPECT_TRUE(lines[1].ends_with(" 7")) << lines[1];
}

TEST_F(Aggregates, TopShowsTheLargestAndCountsTheRest) {
  Trace trace(
      own_events({"open", "-o", "json", "--by", "fd.name", "--top", "2", "--interval", "0"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  for (int i = 1; i <= 5; ++i) open_missing(directory_ / std::to_string(i), i);
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
  const auto lines = parse_lines(trace.output());
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].at("fd.name"), directory_ / "5");
  EXPECT_EQ(lines[1].at("fd.name"), directory_ / "4");
  EXPECT_EQ(lines[2].at("more"), 3);
  EXPECT_EQ(lines[2].at("count"), 6);
}

// 10,240 groups are kept; what comes beyond is together, and counted.
TEST_F(Aggregates, MoreGroupsThanThereIsRoomFor) {
  constexpr int kNames = 12'000;
  Trace trace(own_events({"open", "-o", "json", "--by", "fd.nameraw", "--interval", "0"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  {
    const GeneratorName name;
    for (int i = 0; i < kNames; ++i) {
      ::syscall(SYS_openat, AT_FDCWD, fmt::format("/nowhere/{}", i).c_str(), O_RDONLY);
    }
  }
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
  const auto lines = parse_lines(trace.output());
  ASSERT_EQ(lines.size(), 10'241U);
  EXPECT_EQ(lines.back().at("others"), 1);
  EXPECT_EQ(lines.back().at("count"), kNames - 10'240);
  expect_delivered(trace, "open", kNames);
}

// What was not written was not delivered.
TEST_F(Aggregates, OutputThatCannotBeWritten) {
  const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  Trace trace(own_events({"open", "-o", "json", "--by", "evt.res", "--interval", "0"}),
              {.output = full.get()});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_missing(directory_ / "missing", 11);
  ASSERT_EQ(trace.interrupt(), Ending{.code = 1});
  EXPECT_NE(trace.errors().find("No space left"), std::string::npos);
  const auto account = account_in(trace.errors());
  expect_equation(account);
  EXPECT_EQ(account.at("account").at("open").at("delivered"), 0);
  EXPECT_EQ(account.at("account").at("open").at("lost").at("unwritten"), 11);
}

TEST_F(Aggregates, RefusesWhatMakesNoSense) {
  struct Case {
    std::vector<std::string> words;
    std::string_view says;
  };
  const Case kCases[] = {
      {{"open", "--by", "proc.nam"}, "--by: no field 'proc.nam'; did you mean 'proc.name'?"},
      {{"open", "--by", "proc.name,proc.name"}, "--by: 'proc.name' is there twice"},
      {{"open", "--sum", "fd.name"}, "--sum: the values of fd.name are not numbers"},
      {{"open", "--hist", "evt.time"}, "--hist: the values of evt.time are not numbers"},
      {{"open", "--sum", "evt.rawress"}, "did you mean 'evt.rawres'?"},
      {{"mkdir", "--by", "fd.dev"}, "--by: no field 'fd.dev'"},
      {{"open", "--top", "3"}, "Say --by FIELD"},
      {{"open", "--count", "--top", "3"}, "Say --by FIELD"},
      {{"open", "--by", "proc.name", "--top", "0"}, "--top 0: give 1 or more"},
      {{"open", "--by", "proc.name", "--fields", "proc.pid"}, "--fields: groups have the fields"},
      {{"open", "--count", "--sum", "evt.rawres"}, "one of them at a time"},
      {{"open", "--interval", "1"}, "--interval: events are shown as they come"},
      {{"open", "--count", "--interval", "-1"}, "give 0.01 to 86400 seconds"},
      {{"open", "--count", "--interval", "nan"}, "give 0.01 to 86400 seconds"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(testing::PrintToString(c.words));
    std::vector<std::string> words{"trace"};
    words.insert(words.end(), c.words.begin(), c.words.end());
    const Finished finished = run_program(words);
    EXPECT_EQ(finished.ending, Ending{.code = 2});
    EXPECT_EQ(finished.output, "");
    EXPECT_NE(finished.errors.find(c.says), std::string::npos) << finished.errors;
  }
}

}  // namespace
}  // namespace outrider::test
