// SPDX-License-Identifier: Apache-2.0
//
// Rule files: whatever they say, they are loaded, or refused with places in them. What is loaded is
// printed and loaded again as the same.
#include <cstdint>
#include <string>

#include "fuzz/require.h"
#include "language/checker.h"
#include "rules/rule_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outrider;
  const RuleText texts[] = {{.name = "f", .text = {reinterpret_cast<const char*>(data), size}}};
  const LoadedRules loaded = load_rules(texts);
  require(has_errors(loaded.diagnostics) == (loaded.rules == nullptr), "errors and no rules");
  for (const Diagnostic& each : loaded.diagnostics) {
    require(each.place.file == 0 && each.place.line > 0, "a message without a place");
    require(!each.sentence.empty(), "a message that says nothing");
  }
  if (loaded.rules == nullptr) return 0;
  for (const Rule& rule : loaded.rules->rules) {
    require(load(rule.expanded, rule_fields()).has_value(), "what was expanded is no condition");
  }
  return 0;
}
