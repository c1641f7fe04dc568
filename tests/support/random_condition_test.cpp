// SPDX-License-Identifier: Apache-2.0
//
// The generators of random conditions and events: what they make is valid, and there is nothing
// that they never make. Properties that are tested with them hold for no more than that.
#include "support/random_condition.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "events/decode.h"
#include "language/checker.h"
#include "language/evaluator.h"
#include "language/parser.h"
#include "sensors/registry.h"
#include "support/random_event.h"
#include "workloads/process_fields.h"

namespace outrider::test {
namespace {

constexpr std::uint64_t kSeed = 20261121;

const FieldCatalog& catalog() {
  static const FieldCatalog made = catalog_of(all_kinds());
  return made;
}

std::string counts(const std::map<std::string, std::uint64_t>& by_name) {
  std::string text;
  for (const auto& [name, count] : by_name) text += fmt::format("{}: {}\n", name, count);
  return text;
}

void expect_all(const std::map<std::string, std::uint64_t>& by_name, std::uint64_t least) {
  for (const auto& [name, count] : by_name) EXPECT_GE(count, least) << name;
  if (testing::Test::HasFailure()) ADD_FAILURE() << counts(by_name);
}

// Of processes that are not there, /proc has nothing to say.
bool is_read_now(std::string_view name) {
  const auto fields = process_now_fields_with_argument();
  return std::ranges::any_of(process_now_fields(),
                             [&](const auto* field) { return field->name == name; }) ||
         std::ranges::any_of(fields,
                             [&](const auto& field) { return field.descriptor.name == name; });
}

// Names of hosts are not looked up.
bool is_never_known(std::string_view name) {
  return name.starts_with("fd.") && name.ends_with("ip.name");
}

TEST(RandomCondition, EachIsValidAndEachOperatorModifierAndFieldIsUsed) {
  constexpr int kConditions = 20'000;
  std::map<std::string, std::uint64_t> used;
  for (const OperatorRow& row : kOperators) used.try_emplace(fmt::format("op {}", row.spelling));
  used.erase("op ==");  // prints as =
  for (const Modifier modifier : {Modifier::kOneOf, Modifier::kAnyOf, Modifier::kAllOf}) {
    used.try_emplace(fmt::format("modifier {}", spelling_of(modifier)));
  }
  for (const std::string_view name : catalog().names()) {
    used.try_emplace(fmt::format("field {}", name));
  }
  for (const std::string_view name : transformer_names()) {
    used.try_emplace(fmt::format("transformer {}", name));
  }
  for (const std::string_view what : {"and", "or", "not", "val()", "empty list"}) {
    used.try_emplace(std::string(what));
  }

  const RandomConditions conditions(catalog());
  SeededChoices choices(kSeed);
  std::size_t most_atoms = 0;
  for (int i = 0; i < kConditions; ++i) {
    const std::string text = conditions.next(choices);
    const auto expression = parse(text);
    ASSERT_TRUE(expression) << text << "\n" << expression.error().message;
    const auto condition = check(*expression, catalog());
    ASSERT_TRUE(condition) << text << "\n" << condition.error().message;
    most_atoms = std::max(most_atoms, condition->atoms.size());
    for (const Atom& atom : condition->atoms) {
      ++used[fmt::format("op {}", spelling_of(atom.op))];
      if (atom.modifier != Modifier::kNone) {
        ++used[fmt::format("modifier {}", spelling_of(atom.modifier))];
      }
      const bool has_right = atom.op != Operator::kExists;
      if (atom.right == kNoIndex && has_right && atom.literals.empty()) ++used["empty list"];
    }
    for (const Term& term : condition->terms) {
      if (term.kind == TermKind::kField) ++used[fmt::format("field {}", term.field->name)];
      if (term.kind == TermKind::kTransformer) ++used[fmt::format("transformer {}", term.text)];
    }
    for (const Operand& operand : expression->operands) used["val()"] += operand.by_val;
    for (const Node& node : condition->nodes) {
      used["and"] += node.kind == NodeKind::kAnd;
      used["or"] += node.kind == NodeKind::kOr;
      used["not"] += node.kind == NodeKind::kNot;
    }
  }
  expect_all(used, kConditions / 200);
  EXPECT_GE(most_atoms, 12U);
}

TEST(RandomEvent, EachKindCallFlagAndStateOfStringsIsMade) {
  constexpr int kEvents = 50'000;
  constexpr std::array<std::string_view, 4> kStates = {"missing", "whole", "cut", "faulted"};
  std::map<std::string, std::uint64_t> made;
  // By kind of record: which states its strings can have; the kernel programs say so.
  constexpr std::array<std::string_view, WIRE_FILE_STRINGS> kFileStates = {"mwcf", "mwcf", "mwcf",
                                                                           "mwcf", "mwcf"};
  constexpr std::array<std::string_view, WIRE_EXEC_STRINGS> kExecStates = {"wcf",  "mwcf", "mw",
                                                                           "mwcf", "mwcf", "wcf"};
  const auto expect_states = [&](std::string_view record, const auto& states) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      for (const std::string_view state : kStates) {
        if (states[i].find(state[0]) == std::string_view::npos) continue;
        made.try_emplace(fmt::format("{} string {} {}", record, i, state));
      }
    }
  };
  expect_states("file", kFileStates);
  expect_states("exec", kExecStates);
  for (const EventDescriptor* kind : all_kinds()) {
    made.try_emplace(fmt::format("kind {}", kind->name));
  }
  for (const Call& call : all_calls()) {
    if (call.kind < WIRE_WORKING_DIRECTORY && call.kind != WIRE_NONE)
      made.try_emplace(fmt::format("call {}", call.name));
  }
  for (int bit = 0; bit < 5; ++bit) made.try_emplace(fmt::format("path flag {}", bit));
  for (const std::string_view flag : {"compat", "io_uring", "kernel thread", "object known",
                                      "result unknown", "direct descriptor"}) {
    made.try_emplace(std::string(flag));
  }

  RandomEvents events;
  SeededChoices choices(kSeed);
  const auto count_strings = [&](std::string_view record, std::span<const wire_string> strings) {
    for (std::size_t i = 0; i < strings.size(); ++i) {
      ++made[fmt::format("{} string {} {}", record, i, kStates[strings[i].state])];
      for (int bit = 0; bit < 5; ++bit) {
        if (strings[i].flags >> bit & 1) ++made[fmt::format("path flag {}", bit)];
      }
    }
  };
  for (int i = 0; i < kEvents; ++i) {
    const Event& event = events.next(choices);
    const wire_header& header = *event.header;
    ++made[fmt::format("kind {}", event.descriptor->name)];
    if (header.kind == WIRE_EXEC) {
      count_strings("exec", event.as<wire_exec>().strings);
    } else if (header.kind != WIRE_SYSTEM_CALL && event.descriptor->calls.empty() &&
               event.descriptor->record.size == sizeof(wire_file)) {
      count_strings("file", event.as<wire_file>().strings);
    }
    const FieldDescriptor* type = find_field(*event.descriptor, "evt.type");
    const auto call = made.find(fmt::format("call {}", type->read(event).text));
    if (call != made.end()) ++call->second;
    made["compat"] += (header.flags & WIRE_COMPAT) != 0;
    made["io_uring"] += (header.flags & WIRE_IO_URING) != 0;
    made["kernel thread"] += (header.flags & WIRE_KERNEL_THREAD) != 0;
    made["object known"] += (header.flags & WIRE_OBJECT_KNOWN) != 0;
    made["result unknown"] += (header.flags & WIRE_RESULT_UNKNOWN) != 0;
    made["direct descriptor"] += (header.flags & WIRE_DIRECT_DESCRIPTOR) != 0;
    ASSERT_FALSE(HasFailure()) << described(event);
  }
  expect_all(made, 20);
}

TEST(RandomCondition, ConditionsAreTrueAndFalseOfEvents) {
  constexpr int kConditions = 4'000;
  constexpr int kEventsOfEach = 5;
  const RandomConditions conditions(catalog());
  RandomEvents events;
  SeededChoices choices(kSeed);
  std::uint64_t holds = 0;
  for (int i = 0; i < kConditions; ++i) {
    const auto condition = load(conditions.next(choices), catalog());
    ASSERT_TRUE(condition) << condition.error().message;
    for (int j = 0; j < kEventsOfEach; ++j) holds += evaluate(*condition, events.next(choices));
  }
  const double share = static_cast<double>(holds) / (kConditions * kEventsOfEach);
  EXPECT_GT(share, 0.2);
  EXPECT_LT(share, 0.8);
}

TEST(RandomCondition, EachOperatorAndEachFieldDecidesBothWays) {
  // As many as it takes, for how rare the rarest is changes with each field that is new.
  constexpr int kMostConditions = 2'000'000;
  constexpr int kConditionsBetweenLooks = 10'000;
  constexpr std::uint64_t kLeast = 2;
  constexpr int kEventsOfEach = 4;
  const RandomConditions conditions(catalog(), {.depth = 0, .atoms = 1});
  RandomEvents events;
  SeededChoices choices(kSeed);
  std::map<std::string, std::uint64_t> decided;
  for (const OperatorRow& row : kOperators) {
    if (row.spelling == "==") continue;
    for (const bool held : {false, true}) {
      decided.try_emplace(fmt::format("op {} {}", row.spelling, held));
    }
  }
  for (const std::string_view name : catalog().names()) {
    if (is_read_now(name) || is_never_known(name)) continue;
    for (const bool held : {false, true})
      decided.try_emplace(fmt::format("field {} {}", name, held));
  }
  const auto decides_both = [&decided](std::string_view what) {
    return std::ranges::all_of(std::array{true, false}, [&](bool held) {
      const auto found = decided.find(fmt::format("{} {}", what, held));
      return found != decided.end() && found->second >= kLeast;
    });
  };
  for (int i = 0; i < kMostConditions; ++i) {
    if (i % kConditionsBetweenLooks == 0 &&
        std::ranges::all_of(decided, [](const auto& each) { return each.second >= kLeast; })) {
      break;
    }
    const std::string text = conditions.next(choices);
    const auto condition = load(text, catalog());
    ASSERT_TRUE(condition) << text << "\n" << condition.error().message;
    const Atom& atom = condition->atoms[0];
    const Term& left = condition->terms[atom.left];
    // Events are what takes the time.
    if (decides_both(fmt::format("op {}", spelling_of(atom.op))) &&
        (left.kind != TermKind::kField ||
         decides_both(fmt::format("field {}", left.field->name)))) {
      continue;
    }
    for (int j = 0; j < kEventsOfEach; ++j) {
      const bool held = evaluate(*condition, events.next(choices));
      ++decided[fmt::format("op {} {}", spelling_of(atom.op), held)];
      // That it is there says nothing about its values.
      if (left.kind == TermKind::kField && atom.op != Operator::kExists) {
        ++decided[fmt::format("field {} {}", left.field->name, held)];
      }
    }
  }
  expect_all(decided, kLeast);
}

TEST(RandomCondition, TheSameSeedMeansTheSame) {
  const auto text_of = [](std::uint64_t seed) {
    const RandomConditions conditions(catalog());
    RandomEvents events;
    SeededChoices choices(seed);
    std::string text;
    for (int i = 0; i < 50; ++i) {
      text += conditions.next(choices);
      text += described(events.next(choices));
    }
    return text;
  };
  EXPECT_EQ(text_of(1), text_of(1));
  EXPECT_NE(text_of(1), text_of(2));
}

// A fuzzer's input may end anywhere; then comes the simplest there is.
TEST(RandomCondition, EndsWhateverTheBytesSay) {
  const RandomConditions conditions(catalog());
  RandomEvents events;
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::size_t size : {0, 1, 50, 5000}) {
      const std::vector<std::uint8_t> bytes(size, static_cast<std::uint8_t>(byte));
      ByteChoices choices(bytes);
      const std::string text = conditions.next(choices);
      EXPECT_TRUE(load(text, catalog())) << text;
      (void)events.next(choices);
    }
  }
}

}  // namespace
}  // namespace outrider::test
