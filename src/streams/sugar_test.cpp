// SPDX-License-Identifier: Apache-2.0
#include "streams/sugar.h"

#include <gtest/gtest.h>

#include "language/checker.h"

namespace outrider {
namespace {

constexpr FieldDescriptor field(std::string_view name, FieldType type) {
  return {
      .name = name, .type = type, .unit = "", .doc = "", .column = "", .width = 1, .read = nullptr};
}

constexpr FieldDescriptor kFields[] = {
    field("proc.pid", FieldType::kUnsigned), field("proc.name", FieldType::kText),
    field("user.uid", FieldType::kUnsigned), field("container.name", FieldType::kText),
    field("container.id", FieldType::kText), field("k8s.ns.name", FieldType::kText),
    field("k8s.pod.name", FieldType::kText),
};

// The first `count` of the fields.
FieldCatalog catalog_of_first(std::size_t count) {
  FieldCatalog catalog;
  for (std::size_t i = 0; i < count; ++i) catalog.add(WIRE_OPEN, kFields[i]);
  return catalog;
}

FieldCatalog whole_catalog() { return catalog_of_first(std::size(kFields)); }

TEST(Sugar, StandsForConditions) {
  struct Case {
    Sugar sugar;
    std::string_view condition;
  };
  const Case kCases[] = {
      {{}, ""},
      {{.pids = {"1", "2"}}, "proc.pid in (1, 2)"},
      {{.pids = {"!1"}}, "not proc.pid in (1)"},
      {{.comms = {"cat", "!sshd", "ls", "!sh"}},
       "proc.name in (cat, ls) and not proc.name in (sshd, sh)"},
      {{.comms = {"my app", "a\"b", "a,b)", "or", "\\"}},
       R"x(proc.name in ("my app", "a\"b", "a,b)", or, \))x"},
      {{.comms = {"!!x"}}, "not proc.name in (!x)"},
      {{.uids = {"0", "1000"}}, "user.uid in (0, 1000)"},
      {{.uids = {"4294967295"}}, "user.uid in (4294967295)"},
      {{.pids = {"7"}, .comms = {"!cat"}, .uids = {"!0"}},
       "proc.pid in (7) and not proc.name in (cat) and not user.uid in (0)"},
      {{.containers = {"web"}}, "(container.name in (web) or container.id in (web))"},
      {{.containers = {"!web"}}, "not (container.name in (web) or container.id in (web))"},
      {{.namespaces = {"default"}, .pods = {"!db-0", "web-1"}},
       "k8s.ns.name in (default) and k8s.pod.name in (web-1) and not k8s.pod.name in (db-0)"},
      {{.host = true}, "container.id = host"},
      {{.uids = {"0"}, .host = true}, "user.uid in (0) and container.id = host"},
  };
  const FieldCatalog catalog = whole_catalog();
  for (const Case& c : kCases) {
    const auto condition = condition_of(c.sugar, catalog);
    ASSERT_TRUE(condition) << condition.error().message;
    EXPECT_EQ(*condition, c.condition);
    if (condition->empty()) continue;
    const auto loaded = load(*condition, catalog);
    EXPECT_TRUE(loaded) << loaded.error().message;
    // Whatever --where says, it is one of two that must hold.
    const auto joined = load(both("proc.pid = 1 or proc.pid = 2", *condition), catalog);
    ASSERT_TRUE(joined) << joined.error().message;
    const Node& root = joined->nodes[joined->root];
    EXPECT_EQ(root.kind, NodeKind::kAnd);
    EXPECT_EQ(joined->nodes[root.children[0]].kind, NodeKind::kOr);
  }
}

TEST(Sugar, TextsComeBackAsTheyWere) {
  const FieldCatalog catalog = whole_catalog();
  const std::vector<std::string> names = {"a b", "\"", "'", "\\n", "(x", "\xc3\xa4", "a\tb", "~"};
  const auto condition = condition_of({.comms = names}, catalog);
  ASSERT_TRUE(condition) << condition.error().message;
  const auto loaded = load(*condition, catalog);
  ASSERT_TRUE(loaded) << loaded.error().message;
  std::vector<std::string> texts;
  for (const Literal& literal : loaded->atoms[0].literals) texts.push_back(literal.text);
  EXPECT_EQ(texts, names);
}

TEST(Sugar, SaysWhatIsWrong) {
  struct Case {
    Sugar sugar;
    std::string_view error;
  };
  const Case kCases[] = {
      {{.pids = {"abc"}}, "--pid abc: an id is a number up to 4294967295"},
      {{.pids = {"-1"}}, "--pid -1: an id is a number up to 4294967295"},
      {{.pids = {"!x"}}, "--pid x: an id is a number up to 4294967295"},
      {{.uids = {"4294967296"}}, "--uid 4294967296: an id is a number up to 4294967295"},
      {{.uids = {"root"}}, "--uid root: an id is a number up to 4294967295"},
      {{.uids = {"!"}}, "--uid: a value is missing"},
      {{.comms = {"!a-name-of-16-byte"}},
       "--comm a-name-of-16-byte: the kernel keeps 15 bytes of a name; give 'a-name-of-16-by'"},
      {{.containers = {"web"}},
       "--container: events do not tell this yet; there is no field 'container.name'"},
      {{.namespaces = {"!default"}},
       "--namespace: events do not tell this yet; there is no field 'k8s.ns.name'"},
      {{.pods = {"web"}}, "--pod: events do not tell this yet; there is no field 'k8s.pod.name'"},
      {{.host = true}, "--host: events do not tell this yet; there is no field 'container.id'"},
  };
  const FieldCatalog catalog = catalog_of_first(3);
  for (const Case& c : kCases) {
    const auto condition = condition_of(c.sugar, catalog);
    ASSERT_FALSE(condition) << *condition;
    EXPECT_EQ(condition.error().message, c.error);
    EXPECT_EQ(condition.error().code, ExitCode::kBadInput);
  }
}

TEST(Sugar, EitherMayBeEmpty) {
  EXPECT_EQ(both("", ""), "");
  EXPECT_EQ(both("a = 1 or b = 2", ""), "a = 1 or b = 2");
  EXPECT_EQ(both("", "c = 3"), "c = 3");
  EXPECT_EQ(both("a = 1 or b = 2", "c = 3"), "(a = 1 or b = 2) and c = 3");
}

}  // namespace
}  // namespace outrider
