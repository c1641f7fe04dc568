// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "language/condition.h"
#include "language/fields.h"
#include "rules/diagnostics.h"
#include "rules/output_format.h"
#include "rules/rule_definitions.h"
#include "rules/rule_kinds.h"

namespace outrider {

// A rule that can be judged.
struct Rule {
  std::string name;
  std::string description;
  std::string source;
  Priority priority = Priority::kDebug;
  bool enabled = true;
  std::set<std::string> tags;
  FilePlace place;
  std::string written;   // the condition as the files have it, appended texts and all
  std::string expanded;  // the same with lists, macros and exceptions put in
  std::string output_text;
  Condition condition;
  OutputFormat output;
  RuleKinds kinds;
};

// Rules with all that they need. Not changed once it is made: any thread may judge with it.
struct RuleSet {
  std::vector<std::string> files;  // by number, as FilePlace has it
  std::deque<Rule> rules;          // in the order in which they were first defined
  std::size_t lists = 0;
  std::size_t macros = 0;
};

// A rule file. Later ones may change what earlier ones define.
struct RuleText {
  std::string name;
  std::string text;
};

// What conditions and outputs may name. Made once; lives as long as the program.
const FieldCatalog& rule_fields();

struct LoadedRules {
  std::unique_ptr<const RuleSet> rules;  // nullptr if there is an error among the diagnostics
  std::vector<std::string> files;        // that the diagnostics are about
  std::vector<Diagnostic> diagnostics;
};

// Reads, resolves and checks. Attaches nothing.
LoadedRules load_rules(std::span<const RuleText> texts);

// Files, and those of directories that end with .yaml or .yml, in the order of their names. Fails
// at the first that cannot be read.
Result<std::vector<RuleText>> read_rule_files(std::span<const std::string> paths);

// Which rules are wanted, as options say. Names are patterns with * and ?.
struct RuleChoice {
  std::vector<std::string> names = {};    // only these, whether they are enabled or not
  std::vector<std::string> tags = {};     // only with any of them
  Priority least = Priority::kDebug;      // only these and more urgent ones
  std::vector<std::string> enable = {};   // also these, although they are not enabled
  std::vector<std::string> disable = {};  // none of these
};

// Whether a rule is among those meant, and whether it is to be judged: some are not enabled.
bool is_meant(const Rule& rule, const RuleChoice& choice);
bool is_chosen(const Rule& rule, const RuleChoice& choice);

}  // namespace outrider
