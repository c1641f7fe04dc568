// SPDX-License-Identifier: Apache-2.0
//
// `outrider bugreport`: what is in the archive, that it says nothing which it should not, and that
// it overwrites nothing.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <sstream>

#include "support/program.h"

namespace outrider::test {
namespace {

using Ending = Subprocess::Ending;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class BugReport : public ProgramTest {
 protected:
  // Extracts it into a directory of that name; returns the directory.
  std::string extract(const std::string& archive) {
    const std::string directory = directory_ / "extracted";
    EXPECT_EQ(::mkdir(directory.c_str(), 0700), 0);
    Subprocess tar({"tar", "-xzf", archive, "-C", directory});
    EXPECT_EQ(tar.wait(kPatience), Ending{.code = 0}) << tar.errors();
    return directory;
  }
};

TEST_F(BugReport, OfAnAgentThatRuns) {
  const std::string run = directory_ / "run", log = directory_ / "agent.log";
  std::ofstream(directory_ / "agent.yaml")
      << "run_directory: " << run << "\nobserve_group: \"\" # of 192.0.2.7\nlog: {file: " << log
      << "}\nmetrics: {listen: \"\"}\n";
  Subprocess agent({program(), "agent", "--config=" + (directory_ / "agent.yaml")});
  ASSERT_TRUE(
      eventually([&] { return read_file(log).find("is ready") != std::string::npos; }, kPatience))
      << agent.errors();
  std::ofstream(log, std::ios::app) << "a line with 192.0.2.7 and --password hunter2secret\n";
  const Subprocess::Options options{.environment = {"OUTRIDER_RUN_DIRECTORY=" + run}};
  Trace trace({"open", "--where", "fd.name contains 'token=hunter2secret'"}, options);
  ASSERT_TRUE(trace.ready()) << trace.errors();

  const std::string archive = directory_ / "report.tar.gz";
  const Finished finished = run_program({"bugreport", "-o", archive}, options);
  ASSERT_EQ(finished.ending, Ending{.code = 0}) << finished.errors;
  EXPECT_EQ(finished.output, archive + "\n");
  EXPECT_NE(finished.errors.find("gathering agent/log.txt"), std::string::npos);
  struct stat status{};
  ASSERT_EQ(::stat(archive.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);

  const std::string directory = extract(archive);
  const auto text = [&](const std::string& name) { return read_file(directory + "/" + name); };
  const std::string manifest = text("MANIFEST");
  for (const char* name :
       {"version.txt", "status.txt", "status.json", "doctor.txt", "settings.txt", "mounts.txt",
        "process.txt", "agent/process.txt", "agent/threads.txt", "agent/health.txt",
        "agent/metrics.txt", "agent/streams.json", "agent/configuration.yaml", "agent/log.txt"}) {
    EXPECT_NE(text(name), "") << name << "\n" << manifest;
    EXPECT_NE(manifest.find(name), std::string::npos) << name;
  }
  EXPECT_TRUE(nlohmann::json::parse(text("status.json"), nullptr, false).is_object());
  EXPECT_NE(text("agent/metrics.txt").find("outrider_events_seen_total"), std::string::npos);
  EXPECT_EQ(parse_lines(text("agent/streams.json")).size(), 1u);
  EXPECT_NE(text("agent/configuration.yaml").find("agent.yaml: in order"), std::string::npos);
  EXPECT_NE(text("agent/log.txt").find("a line with address-"), std::string::npos)
      << text("agent/log.txt");
  EXPECT_NE(text("agent/threads.txt").find("thread "), std::string::npos);

  Subprocess all({"sh", "-c", fmt::format("cat $(find {} -type f)", directory)});
  ASSERT_EQ(all.wait(kPatience), Ending{.code = 0});
  EXPECT_EQ(all.output().find("hunter2secret"), std::string::npos);
  EXPECT_EQ(all.output().find("192.0.2.7"), std::string::npos);

  EXPECT_EQ(trace.interrupt(), Ending{.code = 0});
  agent.send(SIGTERM);
  EXPECT_EQ(agent.wait(kPatience), Ending{.code = 0}) << agent.errors();
}

TEST_F(BugReport, WithoutAnAgentSaysWhatIsMissing) {
  const std::string archive = directory_ / "report.tar.gz";
  const Finished finished = run_program({"bugreport", "-o", archive},
                                        {.environment = {"OUTRIDER_RUN_DIRECTORY=/nonexistent"}});
  ASSERT_EQ(finished.ending, Ending{.code = 0}) << finished.errors;
  const std::string directory = extract(archive);
  const std::string manifest = read_file(directory + "/MANIFEST");
  EXPECT_NE(manifest.find("agent/metrics.txt                 - "), std::string::npos) << manifest;
  EXPECT_NE(::access((directory + "/agent/metrics.txt").c_str(), F_OK), 0);
}

TEST_F(BugReport, OverwritesNothing) {
  const std::string there = directory_ / "there";
  std::ofstream(there) << "what was there";
  const std::string link = directory_ / "link";
  ASSERT_EQ(::symlink((directory_ / "nowhere").c_str(), link.c_str()), 0);
  for (const std::string& path : {there, link}) {
    const Finished finished = run_program({"bugreport", "-o", path},
                                          {.environment = {"OUTRIDER_RUN_DIRECTORY=/nonexistent"}});
    EXPECT_EQ(finished.ending, Ending{.code = 2}) << path;
    EXPECT_NE(finished.errors.find("exists already"), std::string::npos) << finished.errors;
  }
  EXPECT_EQ(read_file(there), "what was there");
  EXPECT_NE(::access((directory_ / "nowhere").c_str(), F_OK), 0);
}

}  // namespace
}  // namespace outrider::test
