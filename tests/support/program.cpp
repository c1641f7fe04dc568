// SPDX-License-Identifier: Apache-2.0
#include "support/program.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <sstream>

namespace outrider::test {

std::string program() {
  if (const char* chosen = std::getenv("OUTRIDER_PROGRAM")) return chosen;
  if (::access(OUTRIDER_PROGRAM, X_OK) == 0) return OUTRIDER_PROGRAM;
  const char* path = std::getenv("PATH");
  std::istringstream directories(path != nullptr ? path : "");
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string found = directory + "/outrider";
    if (::access(found.c_str(), X_OK) == 0) return found;
  }
  return "outrider";
}

Finished run_program(const std::vector<std::string>& words, const Subprocess::Options& options) {
  std::vector<std::string> arguments{program()};
  arguments.insert(arguments.end(), words.begin(), words.end());
  Subprocess process(arguments, options);
  const auto ending = process.wait(kPatience);
  EXPECT_TRUE(ending) << "still running: " << testing::PrintToString(words);
  return {ending.value_or(Subprocess::Ending{}), process.output(), process.errors()};
}

namespace {

std::vector<std::string> trace_words(const std::vector<std::string>& words) {
  std::vector<std::string> all{program(), "trace"};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

}  // namespace

Trace::Trace(const std::vector<std::string>& words, const Options& options)
    : Subprocess(trace_words(words), options),
      ready_(wait_for_errors("Ctrl-C to stop", kPatience)),
      objects_(held_by(pid())) {}

std::optional<Subprocess::Ending> Trace::interrupt() {
  send(SIGINT);
  return wait(kPatience);
}

std::vector<nlohmann::json> parse_lines(std::string_view text) {
  std::vector<nlohmann::json> objects;
  for (const std::string& line : lines_of(text)) {
    // The parser refuses what is not UTF-8.
    objects.push_back(nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false));
    EXPECT_TRUE(objects.back().is_object()) << line;
  }
  return objects;
}

nlohmann::json account_in(const std::string& errors) {
  nlohmann::json account;
  for (const std::string& line : lines_of(errors)) {
    if (line.starts_with("{\"account\"")) account = nlohmann::json::parse(line, nullptr, false);
  }
  EXPECT_TRUE(account.is_object()) << errors;
  return account.is_object() ? account : nlohmann::json{{"account", nlohmann::json::object()}};
}

std::uint64_t lost_of(const nlohmann::json& account, const std::string& kind) {
  std::uint64_t lost = 0;
  for (const auto& [reason, count] : account.at("account").at(kind).at("lost").items()) {
    lost += count.get<std::uint64_t>();
  }
  return lost;
}

void expect_equation(const nlohmann::json& account) {
  for (const auto& [kind, counts] : account.at("account").items()) {
    const auto& filtered = counts.at("filtered");
    EXPECT_EQ(counts.at("seen").get<std::uint64_t>(),
              filtered.at("kernel").get<std::uint64_t>() +
                  filtered.at("agent").get<std::uint64_t>() +
                  counts.at("delivered").get<std::uint64_t>() + lost_of(account, kind))
        << kind << ": " << counts;
  }
}

GeneratorName::GeneratorName() {
  ::prctl(PR_GET_NAME, before_);
  ::prctl(PR_SET_NAME, kGeneratorName);
}

GeneratorName::~GeneratorName() { ::prctl(PR_SET_NAME, before_); }

void open_missing(const std::string& path, int times) {
  const GeneratorName name;
  for (int i = 0; i < times; ++i) {
    ::syscall(SYS_openat, AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC);
  }
}

void ProgramTest::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "tracing needs root";
  pins_ = pins();
}

void ProgramTest::TearDown() {
  if (IsSkipped()) return;
  EXPECT_EQ(pins(), pins_);
}

std::vector<std::string> ProgramTest::own_events(std::vector<std::string> words) {
  words.insert(words.end(), {"--pid", std::to_string(::getpid()), "--comm", kGeneratorName});
  return words;
}

}  // namespace outrider::test
