// SPDX-License-Identifier: Apache-2.0
#include "cli/status_report.h"

#include <gtest/gtest.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace outrider {
namespace {

using namespace std::string_literals;

StatusReport sample() {
  StatusReport report;
  report.kernel = "6.1.0";
  report.features.resize(all_features().size(), {FeatureState::kWorks, 0, ""});
  LoadedProgram program;
  program.id = 7;
  program.name = "syscalls__exit";
  program.attached_to = "sys_exit";
  program.holders = {42};
  program.measured = ProgramRuns{1000, 150'000};
  report.loaded.programs = {program};
  ProgramHolder holder;
  holder.pid = 42;
  holder.arguments = "outrider\0trace\0--password=geheim\0\x1b[2J\xff\0"s;
  holder.memory.rings = 6 << 20;
  report.loaded.holders = {holder};
  report.measured_seconds = 2;
  return report;
}

TEST(StatusReport, Json) {
  StatusReport report = sample();
  report.features[0] = {FeatureState::kRefused, 1, "load a program: \"no\"\\"};
  const auto json = nlohmann::json::parse(status_json(report));
  EXPECT_EQ(json["kernel"], "6.1.0");
  EXPECT_EQ(json["version"], OUTRIDER_VERSION);
  ASSERT_EQ(json["features"].size(), all_features().size());
  EXPECT_EQ(json["features"][0]["state"], "refused");
  EXPECT_EQ(json["features"][0]["errno"], "EPERM");
  EXPECT_EQ(json["features"][0]["reason"], "load a program: \"no\"\\");
  EXPECT_EQ(json["features"][1]["errno"], nullptr);
  const auto& program = json["programs"][0];
  EXPECT_EQ(program["pids"], nlohmann::json::array({42}));
  EXPECT_EQ(program["ns_per_run"], 150);
  EXPECT_EQ(program["recursion_misses"], nullptr);
  const auto& process = json["processes"][0];
  EXPECT_EQ(process["command"], "outrider trace --password=*** \x1b[2J\\xff");
  EXPECT_EQ(process["private_bytes"], nullptr);
  EXPECT_EQ(process["ring_bytes"], 6 << 20);
}

TEST(StatusReport, ColumnsFitAndCannotMoveTheCursor) {
  StatusReport report = sample();
  for (FeatureResult& result : report.features) {
    result = {FeatureState::kRefused, 524,
              "load a program: Not supported (ENOTSUPP); the verifier: \x1b[31m something long"};
  }
  std::istringstream lines(status_columns(report, 80));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(display_width(line), 80u) << line;
    EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
    EXPECT_EQ(line.find("geheim"), std::string::npos) << line;
  }
}

TEST(StatusReport, SaysWhatIsMissing) {
  StatusReport report = sample();
  EXPECT_EQ(missing_feature(report), std::nullopt);
  const auto features = all_features();
  for (std::size_t i = 0; i < features.size(); ++i) {
    report = sample();
    report.features[i] = {FeatureState::kAbsent, 0, "it is not there"};
    const auto missing = missing_feature(report);
    EXPECT_EQ(missing.has_value(), features[i].needed) << features[i].name;
    if (!missing) continue;
    EXPECT_EQ(missing->code, ExitCode::kFailed);
    EXPECT_NE(missing->message.find(features[i].name), std::string::npos);
    EXPECT_NE(missing->message.find("it is not there"), std::string::npos);
  }
}

TEST(StatusReport, NothingAttachedOrNotKnown) {
  StatusReport report = sample();
  report.loaded = {};
  EXPECT_NE(status_columns(report, 80).find("Nothing of ours is attached"), std::string::npos);
  report.loaded_unknown = "list the kernel's BPF programs: Operation not permitted";
  EXPECT_EQ(status_columns(report, 80).find("Nothing of ours"), std::string::npos);
  EXPECT_NE(status_columns(report, 80).find(report.loaded_unknown), std::string::npos);
}

// The line of a program, split at its spaces.
std::vector<std::string> program_row(const StatusReport& report) {
  std::istringstream lines(status_columns(report, 0));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("syscalls__exit")) continue;
    std::istringstream words(line);
    return {std::istream_iterator<std::string>(words), {}};
  }
  return {};
}

TEST(StatusReport, RatesAndCostsOfPrograms) {
  struct Case {
    std::optional<ProgramRuns> measured;
    double seconds;
    std::string_view rate;
    std::string_view cost;
  };
  const Case kCases[] = {
      {ProgramRuns{1000, 150'000}, 2, "500", "150"},
      {ProgramRuns{3, 1000}, 0.5, "6", "333"},
      // It did not run: what a run costs is not known, and does not divide by 0.
      {ProgramRuns{0, 0}, 1, "0", "-"},
      {ProgramRuns{1000, 150'000}, 0, "?", "?"},
      {std::nullopt, 1, "?", "?"},
  };
  for (const Case& c : kCases) {
    StatusReport report = sample();
    report.loaded.programs[0].measured = c.measured;
    report.measured_seconds = c.seconds;
    const auto row = program_row(report);
    ASSERT_EQ(row.size(), 8u);
    EXPECT_EQ(row[1], "42");
    EXPECT_EQ(row[2], c.rate);
    EXPECT_EQ(row[3], c.cost);
    EXPECT_EQ(row[4], "?");  // misses: not told by the kernel
    EXPECT_EQ(row[7], "sys_exit");
  }
  StatusReport report = sample();
  report.loaded.programs[0].recursion_misses = 0;
  report.loaded.programs[0].verified_instructions = 1234;
  report.loaded.programs[0].attached_to = "";
  const auto row = program_row(report);
  ASSERT_EQ(row.size(), 8u);
  EXPECT_EQ(row[4], "0");
  EXPECT_EQ(row[5], "1234");
  EXPECT_EQ(row[7], "-");
}

TEST(StatusReport, SizesHaveUnits) {
  struct Case {
    std::uint64_t bytes;
    std::string_view text;
  };
  constexpr Case kCases[] = {{0, "  0 B "},
                             {1023, " 1023 B "},
                             {1024, " 1.0 kB "},
                             {1024 * 1024 - 1, " 1024.0 kB "},
                             {1024 * 1024, " 1.0 MB "},
                             {1ull << 40, " 1048576.0 MB "}};
  for (const Case& c : kCases) {
    StatusReport report = sample();
    report.loaded.holders[0].memory.rings = c.bytes;
    EXPECT_NE(status_columns(report, 0).find(c.text), std::string::npos) << c.text;
  }
}

// At any width: the text is wrapped and shortened, but nothing is lost from what has no end.
TEST(StatusReport, ColumnsNameEveryFeatureAtAnyWidth) {
  const StatusReport report = sample();
  for (const std::size_t width : {0, 1, 20, 40, 80, 200}) {
    const std::string text = status_columns(report, width);
    EXPECT_TRUE(text.ends_with('\n'));
    EXPECT_NE(text.find("Linux 6.1.0"), std::string::npos);
    for (const Feature& feature : all_features()) {
      EXPECT_NE(text.find(std::string("\n") + std::string(feature.name) + ' '), std::string::npos)
          << feature.name;
    }
  }
}

TEST(StatusReport, JsonSaysNullForWhatIsNotKnown) {
  StatusReport report = sample();
  report.loaded.programs[0].measured.reset();
  report.loaded.programs[0].attached_to = "";
  report.measured_seconds = 0;
  auto json = nlohmann::json::parse(status_json(report));
  EXPECT_EQ(json["programs_unknown"], nullptr);
  EXPECT_EQ(json["measured_seconds"], nullptr);
  for (const char* member : {"runs", "run_time_ns", "ns_per_run", "attached_to"}) {
    EXPECT_TRUE(json["programs"][0].contains(member)) << member;
    EXPECT_EQ(json["programs"][0][member], nullptr) << member;
  }
  for (std::size_t i = 0; i < all_features().size(); ++i) {
    const Feature& feature = all_features()[i];
    const auto& row = json["features"][i];
    EXPECT_EQ(row["name"], feature.name);
    EXPECT_EQ(row["since"], feature.since);
    EXPECT_EQ(row["needed"], feature.needed) << feature.name;
    EXPECT_EQ(row["commit"].is_null(), feature.commit.empty()) << feature.name;
    EXPECT_EQ(row["reason"], nullptr) << feature.name;
  }
  // It ran, but not once: there is no cost of a run.
  report.loaded.programs[0].measured = ProgramRuns{0, 0};
  report.measured_seconds = 0.5;
  json = nlohmann::json::parse(status_json(report));
  EXPECT_EQ(json["measured_seconds"], 0.5);
  EXPECT_EQ(json["programs"][0]["runs"], 0);
  EXPECT_EQ(json["programs"][0]["ns_per_run"], nullptr);

  report.loaded = {};
  report.loaded_unknown = "no permission\n";
  json = nlohmann::json::parse(status_json(report));
  EXPECT_EQ(json["programs_unknown"], "no permission\n");
  EXPECT_EQ(json["programs"], nlohmann::json::array());
  EXPECT_EQ(json["processes"], nlohmann::json::array());
}

TEST(StatusReport, JsonTakesAnyBytes) {
  StatusReport report = sample();
  report.kernel = "6.1\"\xff\n";
  report.loaded.programs[0].attached_to = "\xc3\\";
  const std::string text = status_json(report);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["kernel"], "6.1\"\\xff\n");
  EXPECT_EQ(json["programs"][0]["attached_to"], "\\xc3\\");
  // One line.
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

}  // namespace
}  // namespace outrider
