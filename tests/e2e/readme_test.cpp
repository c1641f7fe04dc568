// SPDX-License-Identifier: Apache-2.0
//
// Commands in README.md and docs/*.md work. A block runs if the line above it is
//   <!-- test -->             the block's commands must end with 0, or
//   <!-- test: interrupt -->  its one command gets Ctrl-C after two seconds, and must then end
//                             with 0,
//   <!-- test: agent -->      as the first, while an agent runs: /run/outrider is its directory.
// In ```sh every line is of the script, in ```console those that begin with "$ " or "# " (and
// those after a backslash at the end of such a line). `outrider` is the built program; `sudo`
// only runs what follows it.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "support/program.h"

namespace outrider::test {
namespace {

namespace fs = std::filesystem;

struct Block {
  std::string place;  // file:line
  std::string script = {};
  bool interrupted = false;
  bool agent = false;
};

std::string script_of(std::string_view language, const std::vector<std::string>& lines) {
  std::string script = {};
  bool continued = false;
  for (std::string line : lines) {
    if (language == "console") {
      if (!continued && !line.starts_with("$ ") && !line.starts_with("# ")) continue;
      if (!continued) line.erase(0, 2);
      continued = line.ends_with('\\');
    }
    script += line + "\n";
  }
  return script;
}

std::vector<Block> blocks_in(std::istream& text, const std::string& name) {
  std::vector<Block> blocks;
  std::string before;
  int number = 0;
  for (std::string line; std::getline(text, line); before = line) {
    ++number;
    if (!line.starts_with("```")) continue;
    const std::string language = line.substr(3);
    Block block{.place = fmt::format("{}:{}", name, number)};
    std::vector<std::string> lines;
    for (; std::getline(text, line) && line != "```"; lines.push_back(line)) ++number;
    ++number;
    block.interrupted = before == "<!-- test: interrupt -->";
    block.agent = before == "<!-- test: agent -->";
    if (!block.interrupted && !block.agent && before != "<!-- test -->") continue;
    block.script = script_of(language, lines);
    blocks.push_back(block);
  }
  return blocks;
}

std::vector<Block> all_blocks() {
  std::vector<fs::path> files{fs::path(OUTRIDER_SOURCE_DIRECTORY) / "README.md"};
  std::error_code none;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(OUTRIDER_SOURCE_DIRECTORY) / "docs", none)) {
    if (entry.path().extension() == ".md") files.push_back(entry.path());
  }
  std::sort(files.begin() + 1, files.end());
  std::vector<Block> blocks;
  for (const fs::path& path : files) {
    std::ifstream file(path);
    const auto found = blocks_in(file, path.lexically_relative(OUTRIDER_SOURCE_DIRECTORY).string());
    blocks.insert(blocks.end(), found.begin(), found.end());
  }
  return blocks;
}

TEST(DocumentBlocks, AreFound) {
  std::istringstream text(
      "```sh\nnot marked\n```\n"
      "<!-- test -->\n```sh\nfirst\nsecond\n```\n"
      "<!-- test: interrupt -->\n```console\n$ outrider \\\n  trace\nTIME\n# id\n```\n"
      "<!-- test: agent -->\n```sh\ncurl\n```\n");
  const auto blocks = blocks_in(text, "x.md");
  ASSERT_EQ(blocks.size(), 3U);
  EXPECT_TRUE(blocks[2].agent);
  EXPECT_FALSE(blocks[1].agent);
  EXPECT_EQ(blocks[0].place, "x.md:5");
  EXPECT_EQ(blocks[0].script, "first\nsecond\n");
  EXPECT_FALSE(blocks[0].interrupted);
  EXPECT_EQ(blocks[1].place, "x.md:10");
  EXPECT_EQ(blocks[1].script, "outrider \\\n  trace\nid\n");
  EXPECT_TRUE(blocks[1].interrupted);
}

class Documents : public ProgramTest {};

TEST_F(Documents, CommandsWork) {
  const auto blocks = all_blocks();
  if (blocks.empty()) GTEST_SKIP() << "no block of README.md or docs/ is marked, or none is here";
  const std::string sudo = directory_ / "sudo";
  std::ofstream(sudo) << "#!/bin/sh\nexec \"$@\"\n";
  ASSERT_EQ(::chmod(sudo.c_str(), 0755), 0);
  ASSERT_EQ(::symlink(program().c_str(), (directory_ / "outrider").c_str()), 0);
  const std::string path = fmt::format("PATH={}:{}", directory_.path(), std::getenv("PATH"));
  const std::string run = directory_ / "run";
  std::ofstream(directory_ / "agent.yaml")
      << fmt::format("run_directory: {}\nmetrics: {{listen: \"\"}}\n", run);
  Subprocess agent({program(), "agent", "--config", directory_ / "agent.yaml"});
  ASSERT_TRUE(agent.wait_for_errors("is ready", kPatience)) << agent.errors();

  for (const Block& block : blocks) {
    SCOPED_TRACE(block.place + "\n" + block.script);
    std::string script = (block.interrupted ? "exec " : "") + block.script;
    constexpr std::string_view kRun = "/run/outrider";
    for (auto at = script.find(kRun); block.agent && at != std::string::npos;
         at = script.find(kRun, at + run.size())) {
      script.replace(at, kRun.size(), run);
    }
    Subprocess shell({"sh", "-e", "-c", script}, {.environment = {path}, .prepare = [] {
                                                    return ::chdir(OUTRIDER_SOURCE_DIRECTORY) == 0;
                                                  }});
    if (block.interrupted) {
      EXPECT_FALSE(shell.wait(std::chrono::seconds(2))) << "ended by itself";
      shell.send(SIGINT);
    }
    EXPECT_EQ(shell.wait(2 * kPatience), Subprocess::Ending{.code = 0})
        << shell.output() << shell.errors();
    if (block.agent) {
      EXPECT_EQ(shell.output().find("{\"error\""), std::string::npos);
    }
  }
  agent.send(SIGTERM);
  EXPECT_EQ(agent.wait(kPatience), Subprocess::Ending{.code = 0});
}

}  // namespace
}  // namespace outrider::test
