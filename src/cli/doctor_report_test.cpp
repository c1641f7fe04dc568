// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_report.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "support/temporary_directory.h"

namespace outrider {
namespace {

namespace fs = std::filesystem;

FeatureResult is(FeatureState state, std::string reason = "") {
  FeatureResult result;
  result.state = state;
  result.reason = std::move(reason);
  return result;
}

// A machine on which nothing is wrong, to be spoilt.
class Doctor : public testing::Test {
 protected:
  Doctor() {
    status_.kernel = "6.1.0-18-amd64";
    status_.features.resize(all_features().size(), is(FeatureState::kWorks));
    fs::create_directories(root_ / "proc/self/ns");
    fs::create_symlink("pid:[4026531836]", root_ / "proc/self/ns/pid");
    write("proc/1/stat", "1 (init) S\n");
  }
  void write(const fs::path& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  FeatureResult& feature(std::string_view name) {
    const auto found = std::ranges::find(all_features(), name, &Feature::name);
    return status_.features[static_cast<std::size_t>(found - all_features().begin())];
  }
  std::vector<Finding> examined() {
    return examine({.status = status_,
                    .has_capability = [this](unsigned number) { return number != lacking_; },
                    .proc = root_ / "proc",
                    .sys = root_ / "sys"});
  }
  // The one thing that is wrong.
  Finding only() {
    std::vector<Finding> bad = examined();
    std::erase_if(bad, [](const Finding& one) { return one.level == Finding::Level::kGood; });
    EXPECT_EQ(bad.size(), 1U) << doctor_columns(bad, 0);
    return bad.empty() ? Finding{} : bad.front();
  }

  test::TemporaryDirectory directory_;
  fs::path root_ = directory_.path();
  StatusReport status_;
  unsigned lacking_ = ~0U;
};

TEST_F(Doctor, NothingIsMissing) {
  const auto findings = examined();
  EXPECT_TRUE(doctor_columns(findings, 80).ends_with("\nNothing is missing.\n"));
  EXPECT_EQ(nlohmann::json::parse(doctor_json(findings)).at("problems"), 0);
}

TEST_F(Doctor, AnOldKernel) {
  status_.kernel = "5.4.0";
  EXPECT_EQ(only().level, Finding::Level::kProblem);
  EXPECT_EQ(only().advice, "Linux 5.10 or newer");
  status_.kernel = "5.10.0-rc1";
  EXPECT_EQ(examined().front().level, Finding::Level::kGood);
}

TEST_F(Doctor, WithoutACapability) {
  lacking_ = CAP_SYS_PTRACE;
  EXPECT_EQ(only().level, Finding::Level::kWarning);
  EXPECT_TRUE(only().found.starts_with("without CAP_SYS_PTRACE: "));
  // CAP_SYS_ADMIN stands for it.
  lacking_ = CAP_BPF;
  EXPECT_TRUE(doctor_columns(examined(), 0).ends_with("Nothing is missing.\n"));
}

TEST_F(Doctor, AnotherPidNamespace) {
  fs::remove(root_ / "proc/self/ns/pid");
  fs::create_symlink("pid:[4026532000]", root_ / "proc/self/ns/pid");
  EXPECT_EQ(only().subject, "pid namespace");
  fs::remove(root_ / "proc/self/ns/pid");
  EXPECT_EQ(only().level, Finding::Level::kProblem);
}

TEST_F(Doctor, AProcThatHides) {
  fs::remove(root_ / "proc/1/stat");
  EXPECT_EQ(only().found, "hides processes of others");
}

TEST_F(Doctor, Features) {
  feature("io_uring_submit") = is(FeatureState::kAbsent, "too old");
  EXPECT_EQ(only().level, Finding::Level::kWarning);
  EXPECT_EQ(only().found, "absent: requests of an io_uring are not seen (too old)");
  feature("io_uring_submit") = is(FeatureState::kWorks);
  feature("ring_buffer") = is(FeatureState::kRefused, "EPERM");
  EXPECT_EQ(only().level, Finding::Level::kProblem);
  feature("ring_buffer") = is(FeatureState::kWorks);
  // What is not used yet is no fault.
  feature("lsm") = is(FeatureState::kRefused);
  EXPECT_TRUE(doctor_columns(examined(), 0).ends_with("Nothing is missing.\n"));
}

TEST_F(Doctor, Settings) {
  write("proc/sys/kernel/bpf_stats_enabled", "1\n");
  EXPECT_EQ(only().advice, "sysctl kernel.bpf_stats_enabled=0");
  write("proc/sys/kernel/bpf_stats_enabled", "0\n");
  write("proc/sys/net/core/bpf_jit_enable", "0\n");
  EXPECT_EQ(only().advice, "sysctl net.core.bpf_jit_enable=1");
}

TEST_F(Doctor, Lockdown) {
  write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  EXPECT_TRUE(doctor_columns(examined(), 0).ends_with("Nothing is missing.\n"));
  write("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
  EXPECT_EQ(only().level, Finding::Level::kProblem);
}

TEST_F(Doctor, FitsTheTerminal) {
  lacking_ = CAP_SYS_PTRACE;
  write("proc/sys/kernel/bpf_stats_enabled", "1\n");
  const std::string text = doctor_columns(examined(), 80);
  std::size_t start = 0;
  for (std::size_t end = 0; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    EXPECT_LE(end - start, 80U) << text.substr(start, end - start);
  }
  EXPECT_TRUE(text.ends_with("\n0 problems, 2 warnings\n")) << text;
}

TEST_F(Doctor, WithoutCapabilitiesNoFeatureIsBlamed) {
  for (FeatureResult& result : status_.features) result.state = FeatureState::kRefused;
  const auto findings = examine({.status = status_,
                                 .has_capability = [](unsigned) { return false; },
                                 .proc = root_ / "proc",
                                 .sys = root_ / "sys"});
  EXPECT_EQ(std::ranges::count(findings, Finding::Level::kProblem, &Finding::level), 2);
  EXPECT_EQ(std::ranges::count(findings, "features", &Finding::subject), 1);
}

// Each row of advice is of a feature that there is.
TEST_F(Doctor, KnowsItsFeatures) {
  for (FeatureResult& result : status_.features) result.state = FeatureState::kAbsent;
  const auto findings = examined();
  for (const std::string_view name :
       {"cgroup2", "cgroup_mkdir", "rdonly_cast", "number_iterator", "io_uring_submit",
        "io_uring_complete", "run_time_stats", "recursion_misses", "resolve_cached"}) {
    EXPECT_NE(std::ranges::find(findings, name, &Finding::subject), findings.end()) << name;
  }
  for (const Feature& feature : all_features()) {
    if (!feature.needed) continue;
    const auto found = std::ranges::find(findings, feature.name, &Finding::subject);
    ASSERT_NE(found, findings.end()) << feature.name;
    EXPECT_EQ(found->level, Finding::Level::kProblem);
  }
}

}  // namespace
}  // namespace outrider
