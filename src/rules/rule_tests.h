// SPDX-License-Identifier: Apache-2.0
//
// Tests of rules: events that somebody has written down, and the alerts that they must make. They
// need no kernel, no privilege and no time of day, so the same file always gives the same result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/placed_text.h"
#include "rules/rule_set.h"

namespace outrider {

// A value as it is written.
struct TestValue {
  enum class Kind : std::uint8_t { kText, kList, kUnknown };

  Kind kind = Kind::kText;
  std::string text = {};
  std::vector<std::string> items = {};
  FilePlace place = {};
};

// Fields by their names, in the order in which they are written.
struct TestFields {
  std::vector<std::pair<std::string, TestValue>> values;

  [[nodiscard]] const TestValue* find(std::string_view name) const;
  // Does nothing if there is one of the name.
  void add(std::string_view name, TestValue value);
};

struct ExpectedAlert {
  std::string rule;
  std::optional<std::string> output = {};  // must be part of what the alert says
  FilePlace place = {};
};

struct TestEvent {
  FilePlace place;
  TestFields fields;
  std::vector<ExpectedAlert> alerts;
};

struct RuleTest {
  std::string name;
  FilePlace place;
  std::vector<TestEvent> events;
};

struct RuleTestFile {
  std::string name;
  std::vector<std::string> rules;  // files and directories, beside the file that names them
  std::vector<RuleTest> tests;
};

// Errors have a line for each mistake, with file, line and column.
Result<RuleTestFile> read_rule_tests(const RuleText& text);

// What came of a test.
struct RuleTestOutcome {
  std::string test;
  FilePlace place;
  std::vector<std::string> differences;  // lines "+ unexpected" and "- missing"; none: it passed
};

// How much of the rules all tests have shown.
struct RuleCoverage {
  struct OfRule {
    const Rule* rule = nullptr;
    std::size_t fired = 0;
    std::size_t held_back = 0;         // events of its kinds for which it did not hold
    std::vector<bool> been_true = {};  // by atom of the condition
    std::vector<bool> been_false = {};
  };
  std::vector<OfRule> rules;
};

// Judges the events of a file by the rules that are wanted, all of which may alert for an event.
// Fails where an event is none: a field that is not known, a number that is none.
Result<std::vector<RuleTestOutcome>> run_rule_tests(const RuleTestFile& file, const RuleSet& rules,
                                                    const RuleChoice& choice,
                                                    RuleCoverage& coverage);

// For a terminal: rules that never fired or never held back, and comparisons that were never true
// or never false.
std::string coverage_text(const RuleCoverage& coverage, bool all);

// JUnit's XML of several files' outcomes, by file name.
std::string junit_text(
    const std::vector<std::pair<std::string, std::vector<RuleTestOutcome>>>& outcomes);

}  // namespace outrider
