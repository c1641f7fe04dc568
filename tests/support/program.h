// SPDX-License-Identifier: Apache-2.0
//
// The built program, as a user runs it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/kernel_objects.h"
#include "support/subprocess.h"
#include "support/temporary_directory.h"

namespace outrider::test {

inline constexpr std::chrono::seconds kPatience{30};

// $OUTRIDER_PROGRAM, else where the build put it, else the one in PATH (in a guest).
std::string program();

// `outrider WORDS...` until it ends.
struct Finished {
  Subprocess::Ending ending;
  std::string output;
  std::string errors;
};
Finished run_program(const std::vector<std::string>& words,
                     const Subprocess::Options& options = {});

// `outrider trace WORDS...`; attached when the constructor returns, or ready() is false and
// errors() says why.
class Trace : public Subprocess {
 public:
  explicit Trace(const std::vector<std::string>& words) : Trace(words, Options{}) {}
  Trace(const std::vector<std::string>& words, const Options& options);

  [[nodiscard]] bool ready() const { return ready_; }
  // What it has put into the kernel.
  [[nodiscard]] const KernelObjects& objects() const { return objects_; }
  // Ends it as Ctrl-C does.
  std::optional<Ending> interrupt();

 private:
  bool ready_;
  KernelObjects objects_;
};

// The lines as JSON; a line that is not makes the test fail.
std::vector<nlohmann::json> parse_lines(std::string_view text);

// The last account that `-o json` wrote to standard error.
nlohmann::json account_in(const std::string& errors);

// seen = filtered + delivered + lost, for each kind.
void expect_equation(const nlohmann::json& account);

// How many events of a kind it lost, for all reasons.
std::uint64_t lost_of(const nlohmann::json& account, const std::string& kind);

// The name that threads have while they make events for a test: what else a test does is
// nobody's business.
inline constexpr char kGeneratorName[] = "e2e-generator";

// Has that name during its life.
class GeneratorName {
 public:
  GeneratorName();
  ~GeneratorName();
  GeneratorName(const GeneratorName&) = delete;
  GeneratorName& operator=(const GeneratorName&) = delete;

 private:
  char before_[16];
};

// Opens that fail with ENOENT, by a thread of that name, and nothing else.
void open_missing(const std::string& path, int times = 1);

// Needs root and a kernel that takes our programs; skipped, with the reason, where not.
// Afterwards nothing of ours may be pinned.
class ProgramTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // With filters for what this process does under that name.
  [[nodiscard]] static std::vector<std::string> own_events(std::vector<std::string> words);

  TemporaryDirectory directory_;

 private:
  std::set<std::string> pins_;
};

}  // namespace outrider::test
