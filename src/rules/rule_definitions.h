// SPDX-License-Identifier: Apache-2.0
//
// What rule files define, by name, after all that they append, override and define anew, and
// before any condition has been read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/placed_text.h"

namespace outrider {

// How urgent an alert is: syslog's levels, the most urgent first.
enum class Priority : std::uint8_t {
  kEmergency,
  kAlert,
  kCritical,
  kError,
  kWarning,
  kNotice,
  kInformational,
  kDebug,
};

// As alerts have it: "Warning".
std::string_view name_of(Priority priority);
// In letters of any case; also "info". Nothing if it is none.
std::optional<Priority> parse_priority(std::string_view text);
// All names.
std::vector<std::string_view> priority_names();

// Definitions are counted over all files. One that comes later may use all that has a smaller
// `number` than its own `sees_before`, which grows when something is appended to it.
struct DefinitionOrder {
  std::uint32_t number = 0;
  std::uint32_t sees_before = 0;
};

struct ListDefinition {
  std::string name;
  FilePlace place;
  DefinitionOrder order;
  std::vector<PlacedText> items;
};

struct MacroDefinition {
  std::string name;
  FilePlace place;
  DefinitionOrder order;
  PlacedText condition;
};

// A value, or a list of such.
struct ExceptionEntry {
  FilePlace place;
  bool is_list = false;
  PlacedText text;
  std::vector<ExceptionEntry> items;
};

struct ExceptionDefinition {
  std::string name;
  FilePlace place;
  std::optional<ExceptionEntry> fields;
  std::optional<ExceptionEntry> comparisons;  // "comps"
  std::vector<ExceptionEntry> values;
};

struct RuleDefinition {
  std::string name;
  FilePlace place;
  DefinitionOrder order;
  PlacedText condition;
  PlacedText output;
  std::string description;
  Priority priority = Priority::kDebug;
  std::string source;
  bool enabled = true;
  bool warns_of_event_types = true;   // "warn_evttypes"
  bool skips_unknown_filter = false;  // "skip-if-unknown-filter"
  std::set<std::string> tags;
  std::vector<ExceptionDefinition> exceptions;
};

// In the order in which names were first defined.
struct RuleDefinitions {
  std::vector<ListDefinition> lists;
  std::vector<MacroDefinition> macros;
  std::vector<RuleDefinition> rules;
  std::uint32_t count = 0;  // of definitions so far
};

// nullptr if nothing has the name.
template <typename Definition>
Definition* find_definition(std::vector<Definition>& definitions, std::string_view name) {
  for (Definition& definition : definitions) {
    if (definition.name == name) return &definition;
  }
  return nullptr;
}

}  // namespace outrider
