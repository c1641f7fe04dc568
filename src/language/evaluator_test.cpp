// SPDX-License-Identifier: Apache-2.0
//
// How conditions are judged; what they mean is in conformance_test.cpp.
#include "language/evaluator.h"

#include <gtest/gtest.h>

#include <string>

#include "language/checker.h"
#include "support/example_fields.h"

namespace outrider {
namespace {

int reads = 0;

FieldDescriptor counted(std::string_view name) {
  return {.name = name,
          .type = FieldType::kUnsigned,
          .unit = "",
          .doc = "",
          .column = "",
          .width = 1,
          .read = [](const Event&) {
            ++reads;
            return Value::of_unsigned(1);
          }};
}

int reads_of(std::string_view expression) {
  const FieldDescriptor one = counted("a.one");
  const FieldDescriptor two = counted("a.two");
  FieldCatalog catalog;
  catalog.add(WIRE_OPEN, one);
  catalog.add(WIRE_OPEN, two);
  const auto condition = load(expression, catalog);
  EXPECT_TRUE(condition) << condition.error().message;
  const test::ExampleEvent example;
  reads = 0;
  (void)evaluate(*condition, example.event);
  return reads;
}

TEST(EvaluatorTest, ReadsNothingThatCannotMatter) {
  EXPECT_EQ(reads_of("a.one = 2 and a.two = 1"), 1);
  EXPECT_EQ(reads_of("a.one = 1 and a.two = 1"), 2);
  EXPECT_EQ(reads_of("a.one = 1 or a.two = 1"), 1);
  EXPECT_EQ(reads_of("not a.one = 1 and a.two = 1"), 1);
  EXPECT_EQ(reads_of("not (a.one = 1 or a.two = 1)"), 1);
}

TEST(EvaluatorTest, ReadsEachFieldOnce) {
  EXPECT_EQ(reads_of("a.one = 2 or a.one = 3 or a.one = 4 or a.two = 5"), 2);
  EXPECT_EQ(reads_of("a.one = val(a.one)"), 1);
}

// More fields than values are kept of, each of them twice; the last atom decides.
TEST(EvaluatorTest, JudgesAnyNumberOfFields) {
  constexpr int kFields = 200;
  std::vector<std::string> names;
  for (int i = 0; i < kFields; ++i) names.push_back("a.f" + std::to_string(i));
  std::vector<FieldDescriptor> descriptors;
  for (const std::string& name : names) descriptors.push_back(counted(name));
  FieldCatalog catalog;
  std::string expression = "a.f0 = 1";
  for (const FieldDescriptor& descriptor : descriptors) catalog.add(WIRE_OPEN, descriptor);
  for (int round = 0; round < 2; ++round) {
    for (const std::string& name : names) expression += " and " + name + " = 1";
  }
  const auto holds = [&](const std::string& text) {
    const auto condition = load(text, catalog);
    EXPECT_TRUE(condition);
    const test::ExampleEvent example;
    return evaluate(*condition, example.event);
  };
  EXPECT_TRUE(holds(expression));
  EXPECT_FALSE(holds(expression + " and a.f150 = 2"));
  EXPECT_TRUE(holds(expression + " and not a.f150 = 2"));
}

TEST(EvaluatorTest, AConditionCanBeMoved) {
  auto condition =
      load("proc.name in (a, b, c, d, e, f, g, h, i, j, nginx) and proc.name regex n.*",
           test::example_catalog());
  ASSERT_TRUE(condition);
  const Condition moved = std::move(*condition);
  const test::ExampleEvent example;
  EXPECT_TRUE(evaluate(moved, example.event));
}

}  // namespace
}  // namespace outrider
