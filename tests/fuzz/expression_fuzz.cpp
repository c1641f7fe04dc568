// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an expression: what can be read can be printed, and what is printed reads the same.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "language/checker.h"
#include "language/parser.h"
#include "support/example_fields.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outrider;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expression = parse(text);
  if (!expression) {
    require(expression.error().message.starts_with("EXPR:"), "an error says where");
    return 0;
  }
  const std::string printed = print(*expression);
  const auto again = parse(printed);
  // Quotes and parentheses may make it longer than is taken.
  if (printed.size() > kLongestExpression) return 0;
  require(again.has_value(), "what is printed can be read");
  require(print(*again) == printed, "what is printed reads the same");
  require(again->nodes.size() == expression->nodes.size(), "as many nodes");
  require(again->operands.size() == expression->operands.size(), "as many operands");

  const auto& catalog = test::example_catalog();
  const auto checked = check(*expression, catalog);
  require(checked.has_value() == check(*again, catalog).has_value(), "both are right or wrong");
  if (!checked) {
    require(checked.error().message.starts_with("EXPR:"), "an error of the checker says where");
    return 0;
  }
  require(checked->atoms.size() == checked->steps.size(), "each atom is one step");
  return 0;
}
