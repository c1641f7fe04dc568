// SPDX-License-Identifier: Apache-2.0
#include "streams/aggregation.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/file_descriptor.h"
#include "sensors/registry.h"
#include "support/hand_made_event.h"

namespace outrider {
namespace {

using test::HandMadeEvent;

class Aggregations : public testing::Test {
 protected:
  Result<std::unique_ptr<Aggregation>> create(const Aggregation::Options& options, Output& output) {
    return Aggregation::create(kinds_, catalog_, options, output);
  }

  const std::vector<const EventDescriptor*> kinds_{find_kind("open"), find_kind("exit")};
  const FieldCatalog catalog_ = catalog_of(kinds_);
};

TEST_F(Aggregations, OptionsThatAskForNoGroups) {
  EXPECT_FALSE(Aggregation::is_wanted({}));
  EXPECT_TRUE(Aggregation::check_unwanted({}));
  for (const Aggregation::Options& options :
       {Aggregation::Options{.top = 3}, Aggregation::Options{.interval = 1}}) {
    EXPECT_FALSE(Aggregation::is_wanted(options));
    const auto checked = Aggregation::check_unwanted(options);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ExitCode::kBadInput);
  }
  for (const Aggregation::Options& options :
       {Aggregation::Options{.by = {"proc.pid"}}, Aggregation::Options{.count = true},
        Aggregation::Options{.sum = "evt.rawres"}, Aggregation::Options{.histogram = "proc.pid"}}) {
    EXPECT_TRUE(Aggregation::is_wanted(options));
  }
}

TEST_F(Aggregations, ErrorsSayWhatToDo) {
  struct Case {
    Aggregation::Options options;
    std::string_view message;
  };
  const Case kCases[] = {
      {{.by = {"proc.nam"}},
       "--by: no field 'proc.nam'; did you mean 'proc.name'? 'outrider trace open --help' lists "
       "them"},
      {{.by = {"proc.pid", "proc.pid"}}, "--by: 'proc.pid' is there twice"},
      {{.sum = "fd.name"},
       "--sum: the values of fd.name are not numbers that add up; --by fd.name counts the events "
       "with each"},
      {{.histogram = "evt.arg.mode"},
       "--hist: the values of evt.arg.mode are not numbers that add up; --by evt.arg.mode counts "
       "the events with each"},
      {{.by = {"proc.aname"}},
       "--by: an event has several values of proc.aname; groups are made of fields that have one, "
       "such as proc.pname"},
      {{.by = {"proc.aname[1]"}},
       "--by: an event has several values of proc.aname; groups are made of fields that have one, "
       "such as proc.pname"},
      {{.sum = "evt.rawarg"},
       "--sum: an event has several values of evt.rawarg; groups are made of fields that have one, "
       "such as proc.pname"},
      {{.sum = "nothing.like.it"},
       "--sum: no field 'nothing.like.it'; 'outrider trace open --help' lists them"},
      {{.count = true, .sum = "evt.rawres"},
       "--count, --sum and --hist: one of them at a time; sums and histograms come with their "
       "counts"},
      {{.count = true, .top = 3}, "--top: of which groups? Say --by FIELD"},
      {{.by = {"proc.pid"}, .top = 0}, "--top 0: give 1 or more"},
      {{.count = true, .interval = -1},
       "--interval -1: give 0.01 to 86400 seconds, or 0 for a report at the end"},
      {{.count = true, .interval = 1e300},
       "--interval 1e+300: give 0.01 to 86400 seconds, or 0 for a report at the end"},
  };
  for (const Case& c : kCases) {
    FileOutput output(-1);
    const auto made = create(c.options, output);
    ASSERT_FALSE(made.has_value()) << c.message;
    EXPECT_EQ(made.error().message, c.message);
    EXPECT_EQ(made.error().code, ExitCode::kBadInput);
    EXPECT_EQ(output.buffer(), "");
  }
}

TEST_F(Aggregations, ReportsWhatCameSinceTheLast) {
  const FileDescriptor file(::memfd_create("aggregation_test", MFD_CLOEXEC));
  FileOutput output(file.get());
  auto made = create({.format = Format::kJson, .by = {"proc.pid"}, .interval = 0}, output);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  Aggregation& aggregation = **made;
  EXPECT_FALSE(aggregation.due());
  HandMadeEvent event("open");
  event.header().pid = 7;
  for (const int times : {2, 0, 3}) {
    for (int i = 0; i < times; ++i) EXPECT_TRUE(aggregation.write(event.get()));
    EXPECT_TRUE(aggregation.report(Aggregation::Clock::now(), 0));
  }
  std::string text(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
  EXPECT_EQ(::pread(file.get(), text.data(), text.size(), 0), std::ssize(text));
  std::vector<int> counts;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    const auto line = nlohmann::json::parse(text.substr(start, end - start));
    EXPECT_EQ(line.at("proc.pid"), 7);
    counts.push_back(line.at("count").get<int>());
    start = end + 1;
  }
  EXPECT_EQ(counts, (std::vector<int>{2, 3}));
  EXPECT_EQ(aggregation.unwritten()[WIRE_OPEN], 0U);
}

TEST_F(Aggregations, WhatWasNotWrittenIsCountedByKind) {
  const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  FileOutput output(full.get());
  auto made = create({.count = true}, output);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_TRUE((*made)->due());
  HandMadeEvent open("open");
  HandMadeEvent exit("exit");
  for (int i = 0; i < 3; ++i) (*made)->write(open.get());
  (*made)->write(exit.get());
  (*made)->add(open.get(), {.count = 100, .sum = 0, .slot = 0});
  EXPECT_FALSE((*made)->report(Aggregation::Clock::now(), 0));
  EXPECT_EQ((*made)->unwritten()[WIRE_OPEN], 103U);
  EXPECT_EQ((*made)->unwritten()[WIRE_EXIT], 1U);
}

TEST(PlainCalls, AreThoseOfFiles) {
  const auto has = [](std::string_view kind) {
    const EventDescriptor* const kinds[] = {find_kind(kind)};
    return can_be_added_up(kinds);
  };
  for (const std::string_view kind : {"open", "mkdir", "rmdir", "truncate"}) EXPECT_TRUE(has(kind));
  for (const std::string_view kind : {"exec", "exit", "fork"}) EXPECT_FALSE(has(kind));
}

}  // namespace
}  // namespace outrider
