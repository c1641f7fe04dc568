// SPDX-License-Identifier: Apache-2.0
#include "cli/status_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

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
  holder.rings = 6 << 20;
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

}  // namespace
}  // namespace outrider
