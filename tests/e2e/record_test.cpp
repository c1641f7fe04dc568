// SPDX-License-Identifier: Apache-2.0
//
// `outrider record` and `replay`: what was recorded is shown as it was shown live, and how a
// recording ends.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/containers.h"
#include "support/program.h"

namespace outrider::test {
namespace {

using Ending = Subprocess::Ending;

class Recordings : public ProgramTest {
 protected:
  [[nodiscard]] std::string file() const { return directory_ / "a.recording"; }

  // `outrider record WORDS... -o FILE`, until it says that it records.
  std::unique_ptr<Subprocess> start(std::vector<std::string> words) const {
    std::vector<std::string> all{program(), "record", "-o", file()};
    all.insert(all.end(), words.begin(), words.end());
    auto made = std::make_unique<Subprocess>(all);
    EXPECT_TRUE(made->wait_for_errors("Ctrl-C", kPatience)) << made->errors();
    return made;
  }
  Finished replay(std::vector<std::string> words) const {
    words.insert(words.begin(), {"replay", file()});
    return run_program(words);
  }
};

// Of each thread its events of a kind, in their order. Two programs take two times.
using Sequences = std::map<std::string, std::vector<nlohmann::json>>;
Sequences sequences_of(const std::string& text, const std::set<std::string>& left_out) {
  Sequences sequences;
  for (nlohmann::json event : parse_lines(text)) {
    const std::string key = fmt::format("{} {} {}", event.at("thread.tid").get<int>(),
                                        event.at("proc.key").get<std::string>(),
                                        event.at("evt.kind").get<std::string>());
    for (const std::string& field : left_out) event.erase(field);
    sequences[key].push_back(std::move(event));
  }
  return sequences;
}

// Times are each program's own; how long a process lived is in the words of its exit.
const std::set<std::string> kTimes = {"evt.time", "evt.boottime", "proc.duration"};

TEST_F(Recordings, ReplayShowsWhatWasShownLive) {
  const std::vector<std::string> kinds = {"exec", "open", "mkdir", "unlink", "rename"};
  const std::string where =
      fmt::format("(fd.name startswith {0} or proc.cmdline contains {0}) and proc.name != outrider",
                  directory_.path());
  std::vector<std::string> words = kinds;
  words.insert(words.end(), {"--where", where});
  auto recorder = start(words);
  words.insert(words.end(), {"-o", "json"});
  Trace trace(words);
  ASSERT_TRUE(trace.ready()) << trace.errors();

  Subprocess shell({"sh", "-c",
                    fmt::format("cd {0}; mkdir folder; echo x >folder/a; mv folder/a folder/b; "
                                "cat folder/b folder/none; rm folder/b; rmdir folder; "
                                "sh -c 'echo {0} --password=hunter2secret' | cat >x",
                                directory_.path())});
  ASSERT_TRUE(shell.wait(kPatience).has_value());
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0}) << trace.errors();
  recorder->send(SIGINT);
  ASSERT_EQ(recorder->wait(kPatience), Ending{.code = 0}) << recorder->errors();

  const Finished played = replay({"-o", "json"});
  EXPECT_EQ(played.ending, Ending{.code = 0}) << played.errors;
  const Sequences live = sequences_of(trace.output(), kTimes);
  const Sequences again = sequences_of(played.output, kTimes);
  EXPECT_GE(live.size(), 8U);
  EXPECT_EQ(live, again);
  EXPECT_EQ(played.output.find("hunter2secret"), std::string::npos);

  // The condition that the kernel has helped to decide is decided alike without it.
  const Finished filtered = replay({"-o", "json", "--where", where});
  EXPECT_EQ(sequences_of(filtered.output, kTimes), live);
  const nlohmann::json account = account_in(played.errors);
  expect_equation(account);
  EXPECT_GT(account.at("account").at("open").at("filtered").at("kernel"), 0);
}

TEST_F(Recordings, ContainersHaveTheirNames) {
  if (const std::string missing = missing_program({"runc", "busybox"}); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  Bundles bundles;
  const std::string bundle = bundles.make("shop", {"/bin/sh", "-c", "ls / >/dev/null"});
  auto recorder = start({"open", "exec"});
  const std::string name = fmt::format("record-test-{}", ::getpid());
  EXPECT_EQ(run_all({{"runc", "run", "--bundle", bundle, name}}, 1), "");
  recorder->send(SIGINT);
  ASSERT_EQ(recorder->wait(kPatience), Ending{.code = 0}) << recorder->errors();
  const Finished played =
      replay({"exec", "-o", "json", "--fields", "container.id,proc.name,user.name", "-c", name});
  EXPECT_EQ(played.ending, Ending{.code = 0}) << played.errors;
  std::set<std::string> names;
  for (const nlohmann::json& event : parse_lines(played.output))
    names.insert(event.at("proc.name"));
  EXPECT_TRUE(names.contains("sh")) << played.output << played.errors;
}

TEST_F(Recordings, OneThatIsKilledCanBePlayed) {
  auto recorder = start(own_events({"open"}));
  open_missing("/nonexistent/recorded", 100);
  // A frame is written once a second.
  const auto size = [this] {
    struct stat status{};
    return ::stat(file().c_str(), &status) == 0 ? status.st_size : 0;
  };
  ASSERT_TRUE(eventually([&] { return size() > 0; }, kPatience));
  const auto has_all = [&] {
    return replay({"--count", "--interval", "0", "-o", "json"}).output.find(R"("count":100)") !=
           std::string::npos;
  };
  EXPECT_TRUE(eventually(has_all, kPatience));
  recorder->send(SIGKILL);
  recorder->wait(kPatience);
  const Finished played = replay({"-o", "json"});
  EXPECT_EQ(played.ending, Ending{.code = 1});
  EXPECT_EQ(parse_lines(played.output).size(), 100U);
  EXPECT_NE(played.errors.find("breaks off"), std::string::npos) << played.errors;
}

TEST_F(Recordings, FilesAreNotOverwrittenAndForTheirOwnerOnly) {
  std::ofstream(file()) << "mine";
  ::chmod(file().c_str(), 0644);
  const std::vector<std::string> words = {"record", "exec", "-o", file(), "--timeout", "0.1"};
  EXPECT_EQ(run_program(words).ending, Ending{.code = 2});
  std::string text;
  std::ifstream(file()) >> text;
  EXPECT_EQ(text, "mine");
  std::vector<std::string> by_force = words;
  by_force.emplace_back("--force");
  const Finished forced = run_program(by_force);
  EXPECT_EQ(forced.ending, Ending{.code = 0}) << forced.errors;
  struct stat status{};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const Finished information = replay({"--info"});
  EXPECT_EQ(information.ending, Ending{.code = 0});
  EXPECT_NE(information.output.find("complete"), std::string::npos);
}

TEST_F(Recordings, FullDiskIsSaid) {
  const Finished full =
      run_program({"record", "exec", "-o", "/dev/full", "--force", "--timeout", "0.1"});
  EXPECT_EQ(full.ending, Ending{.code = 1});
  EXPECT_NE(full.errors.find("No space left"), std::string::npos) << full.errors;
  EXPECT_EQ(::access("/dev/full", F_OK), 0);
}

TEST(RecordingOptions, AreShownWithoutThoseThatAreRequired) {
  for (const char* command : {"record", "replay"}) {
    const Finished help = run_program({command, "--help"});
    EXPECT_EQ(help.ending, Ending{.code = 0}) << help.errors;
    EXPECT_NE(help.output.find("FILE"), std::string::npos);
    EXPECT_EQ(run_program({command}).ending, Ending{.code = 2});
  }
}

// Needs nothing of the machine.
TEST(ExampleRecording, Plays) {
  const std::string file = OUTRIDER_SOURCE_DIRECTORY "/deploy/recordings/example.recording";
  EXPECT_LT(std::filesystem::file_size(file), 100'000U);
  const Finished played = run_program({"replay", file, "-o", "json"});
  EXPECT_EQ(played.ending, Ending{.code = 0})
      << played.errors << "\nif records have changed, scripts/make-example-recording makes it anew";
  EXPECT_GT(parse_lines(played.output).size(), 20U);
  EXPECT_EQ(played.output.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace outrider::test
