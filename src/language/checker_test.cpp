// SPDX-License-Identifier: Apache-2.0
#include "language/checker.h"

#include <gtest/gtest.h>

#include "support/example_fields.h"

namespace outrider {
namespace {

struct Case {
  std::string_view expression;
  std::string_view error;
};

constexpr Case kBad[] = {
    {"fd.nam = a", "EXPR:1:1: field 'fd.nam' is not known; did you mean 'fd.name'?"},
    {"proc.pid = 1 and fd.nam = a",
     "EXPR:1:18: field 'fd.nam' is not known; did you mean 'fd.name'?"},
    {"some.thing.else = a", "EXPR:1:1: field 'some.thing.else' is not known"},
    {"proc.name = val(proc.pnam)",
     "EXPR:1:13: field 'proc.pnam' is not known; did you mean 'proc.pname'?"},
    {"evt.arg[flag] contains O_CREAT",
     "EXPR:1:1: field 'evt.arg' is not known; did you mean 'evt.arg.flags'?"},
    {"trusted", "EXPR:1:1: there is no macro 'trusted' here"},
    {"proc.pid=1 and not trusted", "EXPR:1:20: there is no macro 'trusted' here"},
    {"proc.name in shells", "EXPR:1:14: there is no list 'shells' here"},

    {"proc.name[1] = a", "EXPR:1:11: 'proc.name' takes no argument"},
    {"proc.aname[x] = a", "EXPR:1:12: 'proc.aname' takes a number in brackets, not 'x'"},
    {"proc.aname[-1] = a", "EXPR:1:12: 'proc.aname' takes a number in brackets, not '-1'"},
    {"proc.apid = nginx", "EXPR:1:13: 'proc.apid' is a number, and 'nginx' is none"},
    {"proc.apid contains 1",
     "EXPR:1:11: 'proc.apid' is a number, and 'contains' does not work on that; numbers have = != "
     "< <= > >= in intersects exists"},
    {"proc.env = a", "EXPR:1:1: 'proc.env' needs an argument in brackets"},

    {"proc.pid = abc", "EXPR:1:12: 'proc.pid' is a number, and 'abc' is none"},
    {"proc.pid = 1.5", "EXPR:1:12: 'proc.pid' is a number, and '1.5' is none"},
    {"proc.pid = ''", "EXPR:1:12: 'proc.pid' is a number, and '' is none"},
    {"proc.pid in (1, x)", "EXPR:1:17: 'proc.pid' is a number, and 'x' is none"},
    {"proc.pid = 18446744073709551616",
     "EXPR:1:12: 'proc.pid' is a number, and '18446744073709551616' is none"},
    {"evt.rawres = ENOEN",
     "EXPR:1:14: 'evt.rawres' is a number, and 'ENOEN' is none; did you mean 'ENOENT'?"},
    {"evt.res = ENOEN", "EXPR:1:11: 'evt.res' is never 'ENOEN'; did you mean 'ENOENT'?"},
    {"evt.res in (SUCCESS, OK)", "EXPR:1:22: 'evt.res' is never 'OK'"},
    {"evt.arg.flags contains O_CREATE",
     "EXPR:1:24: 'evt.arg.flags' is never 'O_CREATE'; did you mean 'O_CREAT'?"},
    {"evt.arg.flags = O_WRONLY|O_TRUNK",
     "EXPR:1:17: 'evt.arg.flags' is never 'O_TRUNK'; did you mean 'O_TRUNC'?"},
    {"evt.arg.mode contains S_ISUD",
     "EXPR:1:23: 'evt.arg.mode' is a number, and 'S_ISUD' is none; did you mean 'S_ISUID'?"},
    {"evt.arg.mode = 0888", "EXPR:1:16: 'evt.arg.mode' is a number, and '0888' is none"},

    {"proc.pid contains 1",
     "EXPR:1:10: 'proc.pid' is a number, and 'contains' does not work on that; numbers have = != "
     "< <= > >= in intersects exists"},
    {"proc.pid regex 1",
     "EXPR:1:10: 'proc.pid' is a number, and 'regex' does not work on that; numbers have = != < "
     "<= > >= in intersects exists"},
    {"evt.args = ls",
     "EXPR:1:10: 'evt.args' is a list, and '=' does not work on that; lists have in intersects "
     "exists, and join(\" \", list) makes a text"},
    {"evt.args contains anyof (ls)",
     "EXPR:1:10: 'evt.args' is a list, and 'contains' does not work on that; lists have in "
     "intersects exists, and join(\" \", list) makes a text"},
    {"evt.arg.flags < 1",
     "EXPR:1:15: 'evt.arg.flags' is a set of flags, and '<' does not work on that; use contains, "
     "in or intersects"},
    {"proc.name < 5",
     "EXPR:1:13: 'proc.name' is a text, and '<' orders texts only with val(field)"},

    {"proc.name = val(proc.pid)", "EXPR:1:13: 'proc.name' is a text, but 'proc.pid' is a number"},
    {"proc.pid = val(proc.name)", "EXPR:1:12: 'proc.pid' is a number, but 'proc.name' is a text"},
    {"proc.pid = tolower(proc.name)", "EXPR:1:12: 'proc.pid' is a number, but 'tolower' is a text"},
    {"proc.name = val(evt.args)",
     "EXPR:1:13: 'evt.args' is a list, and '=' compares with one text"},
    {"proc.pid in val(evt.args)",
     "EXPR:1:13: 'evt.args' is a list, and 'in' compares with a number"},
    {"proc.name regex val(proc.pname)",
     "EXPR:1:17: 'regex' takes a value that is written here, not one of the event"},
    {"proc.name glob tolower(proc.pname)",
     "EXPR:1:16: 'glob' takes a value that is written here, not one of the event"},

    {"proc.name regex '('", "EXPR:1:17: not a regular expression: missing ): ("},
    {"proc.name regex anyof (a, '[')", "EXPR:1:27: not a regular expression: missing ]: ["},
    {"proc.name bcontains xyz",
     "EXPR:1:21: 'bcontains' takes bytes in hexadecimal, such as CAFE, not 'xyz'"},
    {"proc.name bstartswith abc",
     "EXPR:1:23: 'bstartswith' takes bytes in hexadecimal, such as CAFE, not 'abc'"},

    {"fd.sip = nowhere",
     "EXPR:1:10: 'fd.sip' is an IP address, and 'nowhere' is none, nor a network such as "
     "10.0.0.0/8"},
    {"fd.ip in (10.0.0.0/33)",
     "EXPR:1:11: 'fd.ip' is an IP address, and '10.0.0.0/33' is none, nor a network such as "
     "10.0.0.0/8"},
    {"fd.sip < 10.0.0.1",
     "EXPR:1:8: 'fd.sip' is an IP address, and '<' does not work on that; use =, != or in, also "
     "with 10.0.0.0/8"},
    {"fd.port = val(fd.port)", "EXPR:1:11: 'fd.port' is a list, and '=' compares with a number"},

    {"tolower(proc.pid) = 1", "EXPR:1:9: tolower(text) takes a text here, not a number"},
    {"len(proc.pid) = 1", "EXPR:1:5: len(text or list) takes a text or a list here, not a number"},
    {"proc.pid = 1 or len(proc.pid) = 1",
     "EXPR:1:21: len(text or list) takes a text or a list here, not a number"},
    {"len(proc.name) = x", "EXPR:1:18: 'len' is a number, and 'x' is none"},
    {"tolower(proc.name, proc.pid) = x", "EXPR:1:1: 'tolower' is used as tolower(text)"},
    {"concat(proc.name) = x", "EXPR:1:1: 'concat' is used as concat(text, text, ...)"},
    {"concat(proc.name, evt.args) = x",
     "EXPR:1:19: concat(text, text, ...) takes a text here, not a list"},
    {"join(',', proc.name) = x", "EXPR:1:11: join(separator, list) takes a list here, not a text"},
    {"join(evt.args, evt.args) = x",
     "EXPR:1:6: join(separator, list) takes a text here, not a list"},
    {"getopt(proc.name, 'a') in (a)",
     "EXPR:1:8: getopt(list, options)[letter] takes a list here, not a text"},
    {"getopt(evt.args, proc.name) in (a)",
     "EXPR:1:18: getopt(list, options)[letter] takes a quoted text here, not a text"},
    {"getopt(evt.args, 'a')[ab] = a", "EXPR:1:23: getopt's argument is one letter"},
    {"len(proc.name)[1] = a", "EXPR:1:16: 'len' takes no argument in brackets"},
    {"len((evt.args)) = 1", "EXPR:1:6: a list has no lists in it"},
};

TEST(CheckerTest, SaysWhatIsWrongAndWhere) {
  for (const Case& c : kBad) {
    const auto condition = load(c.expression, test::example_catalog());
    ASSERT_FALSE(condition) << c.expression;
    EXPECT_EQ(condition.error().message, c.error) << c.expression;
    EXPECT_EQ(condition.error().code, ExitCode::kBadInput);
  }
  EXPECT_TRUE(load("fd.nam = a", test::example_catalog(), "rules.yaml")
                  .error()
                  .message.starts_with("rules.yaml:1:1: "));
}

TEST(CheckerTest, RefusesFieldsOfOneNameThatAreNotAlike) {
  FieldCatalog catalog;
  FieldDescriptor field{.name = "a.b",
                        .type = FieldType::kText,
                        .unit = "",
                        .doc = "",
                        .column = "",
                        .width = 1,
                        .read = nullptr};
  EXPECT_TRUE(catalog.add(WIRE_OPEN, field));
  field.type = FieldType::kPath;
  EXPECT_TRUE(catalog.add(WIRE_EXEC, field));
  field.type = FieldType::kUnsigned;
  EXPECT_FALSE(catalog.add(WIRE_FORK, field));
  EXPECT_FALSE(catalog.add(WIRE_KIND_LIMIT, field));
  EXPECT_EQ(catalog.names().size(), 1);
  EXPECT_EQ(catalog.find("a.b")->by_kind[WIRE_FORK], nullptr);
}

// Kinds may name the values of a field differently: all of them are right. If of one of them
// nobody knows, every name is.
TEST(CheckerTest, NamesOfValuesAreThoseOfAllKinds) {
  static constexpr NamedValue kOpen[] = {{"O_RDWR"}, {"O_CREAT"}};
  static constexpr NamedValue kRemove[] = {{"AT_REMOVEDIR"}};
  const FieldDescriptor field{.name = "a.flags",
                              .type = FieldType::kFlags,
                              .unit = "",
                              .doc = "",
                              .column = "",
                              .width = 1,
                              .read = nullptr};
  FieldCatalog catalog;
  EXPECT_TRUE(catalog.add(WIRE_OPEN, field, {.values = kOpen}));
  EXPECT_FALSE(load("a.flags contains AT_REMOVEDIR", catalog));
  EXPECT_TRUE(catalog.add(WIRE_UNLINK, field, {.values = kRemove}));
  EXPECT_TRUE(load("a.flags contains AT_REMOVEDIR and a.flags contains O_CREAT", catalog));
  EXPECT_FALSE(load("a.flags contains AT_REMOVEDI", catalog));
  EXPECT_TRUE(catalog.add(WIRE_EXEC, field));
  EXPECT_TRUE(load("a.flags contains AT_REMOVEDI", catalog));
}

TEST(CheckerTest, KeepsTheTreeForOthersToWalk) {
  const auto condition =
      load("proc.pid = 42 and not (proc.name in (b, a) or proc.name = c)", test::example_catalog());
  ASSERT_TRUE(condition) << condition.error().message;
  const Node& root = condition->nodes[condition->root];
  ASSERT_EQ(root.kind, NodeKind::kAnd);
  const Atom& number = condition->atoms[condition->nodes[root.children[0]].leaf];
  EXPECT_EQ(number.as, ComparedAs::kNumber);
  EXPECT_EQ(number.literals[0].number, (Number{false, 42}));
  EXPECT_EQ(condition->terms[number.left].field->name, "proc.pid");
  const Node& negation = condition->nodes[root.children[1]];
  ASSERT_EQ(negation.kind, NodeKind::kNot);
  EXPECT_EQ(negation.at, (Position{1, 19}));
  const Node& either = condition->nodes[negation.children[0]];
  ASSERT_EQ(either.kind, NodeKind::kOr);
  const Atom& list = condition->atoms[condition->nodes[either.children[0]].leaf];
  EXPECT_EQ(list.op, Operator::kIn);
  EXPECT_EQ(list.literals[1].text, "a");
  EXPECT_EQ(list.literals[1].at, (Position{1, 41}));
  // A field is one term however often it is named.
  EXPECT_EQ(condition->terms.size(), 2);
  EXPECT_EQ(list.left, condition->atoms[condition->nodes[either.children[1]].leaf].left);
}

}  // namespace
}  // namespace outrider
