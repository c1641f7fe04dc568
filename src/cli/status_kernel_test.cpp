// SPDX-License-Identifier: Apache-2.0
//
// What status says of an engine that runs in this process.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/status_report.h"
#include "engine/engine.h"
#include "sensors/registry.h"

namespace outrider {
namespace {

std::map<std::string, LoadedProgram> ours(const LoadedPrograms& loaded) {
  std::map<std::string, LoadedProgram> found;
  for (const LoadedProgram& program : loaded.programs) {
    const auto& holders = program.holders;
    if (std::find(holders.begin(), holders.end(), ::getpid()) != holders.end()) {
      EXPECT_TRUE(found.emplace(program.name, program).second) << program.name;
    }
  }
  return found;
}

const ProgramHolder* this_process(const LoadedPrograms& loaded) {
  for (const ProgramHolder& holder : loaded.holders) {
    if (holder.pid == ::getpid()) return &holder;
  }
  return nullptr;
}

class Status : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

TEST_F(Status, NamesAreDistinctAsTheKernelKeepsThem) {
  std::set<std::string> kept;
  const auto names = own_program_names();
  EXPECT_FALSE(names.empty());
  for (const std::string& name : names) {
    EXPECT_TRUE(kept.insert(name.substr(0, 15)).second) << name;
  }
}

TEST_F(Status, FindsTheEngineOfThisProcess) {
  EngineOptions options;
  options.kinds = {find_kind("open"), find_kind("exec")};
  auto engine = Engine::start(options);
  ASSERT_TRUE(engine) << engine.error().message;
  ASSERT_TRUE((*engine)->add({.kinds = {find_kind("open")},
                              .condition = nullptr,
                              .deliver = [](const Event&) { return Outcome::kDelivered; }}));

  const StatusReport report = make_status_report(true);
  EXPECT_EQ(report.loaded_unknown, "");
  EXPECT_GE(report.measured_seconds, 1);
  const auto programs = ours(report.loaded);
  const std::map<std::string, std::string> places = {
      {"syscalls__exit", "sys_exit"},          {"process__fork", "sched_process_fork"},
      {"process__exec", "sched_process_exec"}, {"process__exit", "sched_process_exit"},
      {"cgroups__made", "cgroup_mkdir"},       {"exec__failed", ""}};
  for (const auto& [name, place] : places) {
    ASSERT_TRUE(programs.contains(name)) << name;
    EXPECT_EQ(programs.at(name).attached_to, place) << name;
    EXPECT_GT(programs.at(name).jited_size, 0u) << name;
    EXPECT_TRUE(programs.at(name).measured) << name;
  }
  // The look at the counters is made of system calls itself.
  EXPECT_GT(programs.at("syscalls__exit").measured->runs, 0u);
  EXPECT_GT(programs.at("syscalls__exit").measured->time, 0u);
  EXPECT_EQ(programs.at("exec__failed").measured->time, 0u);

  const ProgramHolder* holder = this_process(report.loaded);
  ASSERT_NE(holder, nullptr);
  EXPECT_NE(holder->arguments.find("outrider_kernel_tests"), std::string::npos);
  EXPECT_GE(holder->memory.rings, (*engine)->memory().rings);
  EXPECT_GT(holder->memory.maps, 0u);
  EXPECT_GT(holder->private_memory.value_or(0), 0u);

  const auto json = nlohmann::json::parse(status_json(report));
  EXPECT_EQ(json["features"].size(), all_features().size());
  EXPECT_EQ(json["programs"].size(), report.loaded.programs.size());
}

TEST_F(Status, FindsNothingAfterTheEngine) {
  {
    EngineOptions options;
    options.kinds = {find_kind("exec")};
    auto engine = Engine::start(options);
    ASSERT_TRUE(engine) << engine.error().message;
    ASSERT_TRUE((*engine)->add({.kinds = options.kinds,
                                .condition = nullptr,
                                .deliver = [](const Event&) { return Outcome::kDelivered; }}));
    auto found = find_programs(own_program_names());
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_NE(this_process(*found), nullptr);
    for (const auto& [name, program] : ours(*found)) EXPECT_FALSE(program.measured) << name;
  }
  const auto found = find_programs(own_program_names());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(ours(*found).empty());
  EXPECT_EQ(this_process(*found), nullptr);
}

}  // namespace
}  // namespace outrider
