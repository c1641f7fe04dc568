// SPDX-License-Identifier: Apache-2.0
#include "cli/fields.h"

#include <gtest/gtest.h>

namespace outrider {
namespace {

TEST(Fields, PatternsMatchNamesAndDocs) {
  const FieldDescriptor field{.name = "proc.exepath",
                              .type = FieldType::kPath,
                              .unit = "",
                              .doc = "the Executable",
                              .column = "EXE",
                              .width = 10,
                              .read = nullptr};
  struct Case {
    std::string_view pattern;
    bool matches;
  };
  constexpr Case kCases[] = {
      {"", true},
      {"proc.exepath", true},
      {"exep", true},
      {"EXEP", true},
      {"executable", true},
      {"proc.*", true},
      {"PROC.*", true},
      {"*path", true},
      {"proc.?xepath", true},
      {"*", true},
      // With a wildcard the whole name must match, and only the name.
      {"exe*", false},
      {"*executable", false},
      {"fd", false},
      {"proc.exepathx", false},
  };
  for (const Case& c : kCases) EXPECT_EQ(field_matches(field, c.pattern), c.matches) << c.pattern;
}

}  // namespace
}  // namespace outrider
