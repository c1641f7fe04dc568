// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_definitions.h"

#include <algorithm>

#include "language/transformers.h"

namespace outrider {

namespace {

struct PriorityName {
  std::string_view name;
  Priority priority;
};

// The first of each is how it is written. falco/userspace/engine/falco_common.cpp.
constexpr PriorityName kPriorities[] = {
    {"Emergency", Priority::kEmergency},
    {"Alert", Priority::kAlert},
    {"Critical", Priority::kCritical},
    {"Error", Priority::kError},
    {"Warning", Priority::kWarning},
    {"Notice", Priority::kNotice},
    {"Informational", Priority::kInformational},
    {"Info", Priority::kInformational},
    {"Debug", Priority::kDebug},
};

bool is_same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

}  // namespace

std::string_view name_of(Priority priority) {
  return std::ranges::find(kPriorities, priority, &PriorityName::priority)->name;
}

std::optional<Priority> parse_priority(std::string_view text) {
  for (const PriorityName& each : kPriorities) {
    if (is_same(each.name, text)) return each.priority;
  }
  return std::nullopt;
}

std::vector<std::string_view> priority_names() {
  std::vector<std::string_view> names;
  for (const PriorityName& each : kPriorities) names.push_back(each.name);
  return names;
}

}  // namespace outrider
