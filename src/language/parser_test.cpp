// SPDX-License-Identifier: Apache-2.0
#include "language/parser.h"

#include <gtest/gtest.h>

#include <string>

namespace outrider {
namespace {

struct Case {
  std::string_view text;
  std::string_view printed;
};

constexpr Case kGood[] = {
    {"proc.name=nginx", "proc.name = nginx"},
    {"proc.name==nginx", "proc.name = nginx"},
    {"proc.name != nginx", "proc.name != nginx"},
    {"proc.pid<1", "proc.pid < 1"},
    {"proc.pid <= 1", "proc.pid <= 1"},
    {"proc.pid>1", "proc.pid > 1"},
    {"proc.pid>=-1", "proc.pid >= -1"},
    {"fd.name contains etc", "fd.name contains etc"},
    {"fd.name icontains ETC", "fd.name icontains ETC"},
    {"fd.name bcontains CAFE", "fd.name bcontains CAFE"},
    {"fd.name startswith /etc/", "fd.name startswith /etc/"},
    {"fd.name bstartswith 2f", "fd.name bstartswith 2f"},
    {"fd.name endswith .so", "fd.name endswith .so"},
    {"fd.name glob /etc/*", "fd.name glob /etc/*"},
    {"fd.name iglob /ETC/*", "fd.name iglob /ETC/*"},
    {"fd.name regex '^/etc/.*$'", "fd.name regex \"^/etc/.*$\""},
    {"fd.name exists", "fd.name exists"},
    {"proc.name in (a, b)", "proc.name in (a, b)"},
    {"proc.name in(a,b)", "proc.name in (a, b)"},
    {"proc.name in ()", "proc.name in ()"},
    {"proc.name in ('a b',c)", "proc.name in (\"a b\", c)"},
    {"proc.name in shells", "proc.name in shells"},
    {"evt.args intersects (a)", "evt.args intersects (a)"},
    {"fd.name pmatch (/etc, /usr)", "fd.name pmatch (/etc, /usr)"},
    {"proc.name startswith anyof (a,b)", "proc.name startswith anyof (a, b)"},
    {"proc.name=oneof(a,b)", "proc.name = oneof (a, b)"},
    {"proc.name != allof (a)", "proc.name != allof (a)"},
    {"proc.name = anyof", "proc.name = anyof"},
    {"evt.dir=<", "evt.dir = <"},
    {"proc.name = and and proc.pid = 1", "proc.name = and and proc.pid = 1"},
    {"a.b=1 and c.d=2 or e.f=3", "(a.b = 1 and c.d = 2) or e.f = 3"},
    {"a.b=1 or c.d=2 and e.f=3", "a.b = 1 or (c.d = 2 and e.f = 3)"},
    {"a.b=1 and c.d=2 and e.f=3", "a.b = 1 and c.d = 2 and e.f = 3"},
    {"a.b=1 and (c.d=2 and e.f=3)", "a.b = 1 and (c.d = 2 and e.f = 3)"},
    {"(a.b=1)", "a.b = 1"},
    {"((a.b=1 or c.d=2))", "a.b = 1 or c.d = 2"},
    {"not a.b=1", "not a.b = 1"},
    {"not not a.b=1", "not not a.b = 1"},
    {"not(a.b=1 or c.d=2)", "not (a.b = 1 or c.d = 2)"},
    {"not a.b=1 and c.d=2", "not a.b = 1 and c.d = 2"},
    {"a.b=1 and(c.d=2)or(e.f=3)", "(a.b = 1 and c.d = 2) or e.f = 3"},
    {"spawned_process and not trusted", "spawned_process and not trusted"},
    {"proc.aname[2] = sh", "proc.aname[2] = sh"},
    {"evt.arg[flags] contains O_CREAT", "evt.arg[flags] contains O_CREAT"},
    {"evt.arg[\"a b\"] = 1", "evt.arg[\"a b\"] = 1"},
    {"evt.arg['[]'] = 1", "evt.arg[\"[]\"] = 1"},
    {"evt.arg.flags = 0", "evt.arg.flags = 0"},
    {"tolower(proc.name) = a", "tolower(proc.name) = a"},
    {"toupper( tolower( proc.name ) ) = a", "toupper(tolower(proc.name)) = a"},
    {"join(\",\", evt.args) = 'a,b'", "join(\",\", evt.args) = \"a,b\""},
    {"join('-', (proc.name, \"x\", 1)) = a-b", "join(\"-\", (proc.name, \"x\", \"1\")) = a-b"},
    {"concat(fd.name, ':', proc.name) in (a)", "concat(fd.name, \":\", proc.name) in (a)"},
    {"getopt(evt.args, 'ab:')[b] = x", "getopt(evt.args, \"ab:\")[b] = x"},
    {"len(proc.name)>3", "len(proc.name) > 3"},
    {"proc.name = val(proc.pname)", "proc.name = val(proc.pname)"},
    {"proc.name = val( proc.aname[1] )", "proc.name = val(proc.aname[1])"},
    {"proc.name = tolower(proc.pname)", "proc.name = tolower(proc.pname)"},
    {"proc.name in val(evt.args)", "proc.name in val(evt.args)"},
    {"proc.name = 'it\\'s'", "proc.name = \"it's\""},
    {"proc.name =\n\tnginx", "proc.name = nginx"},
    {"proc.name = \"nginx\"", "proc.name = \"nginx\""},
};

TEST(ParserTest, ReadsAndPrints) {
  for (const Case& c : kGood) {
    const auto expression = parse(c.text);
    ASSERT_TRUE(expression) << c.text << ": " << expression.error().message;
    EXPECT_EQ(print(*expression), c.printed) << c.text;
    const auto again = parse(c.printed);
    ASSERT_TRUE(again) << c.printed << ": " << again.error().message;
    EXPECT_EQ(print(*again), c.printed);
  }
}

constexpr Case kBad[] = {
    {"", "EXPR:1:1: a field, a transformer, 'not' or '(' is expected, not the end"},
    {"and", "EXPR:1:1: a field, a transformer, 'not' or '(' is expected, not 'and'"},
    {"not", "EXPR:1:4: a field, a transformer, 'not' or '(' is expected, not the end"},
    {"(proc.name = a", "EXPR:1:15: ')' is expected, not the end"},
    {"proc.name = a)", "EXPR:1:14: 'and', 'or' or the end is expected, not ')'"},
    {"proc.name = a proc.pid = 1", "EXPR:1:15: 'and', 'or' or the end is expected, not 'proc.pid'"},
    {"fd.name = a=b",
     "EXPR:1:12: 'and', 'or' or the end is expected, not '='; a value with '=' in it needs quotes"},
    {"proc.name",
     "EXPR:1:10: an operator is expected, not the end; there are = == != < <= > >= "
     "contains icontains bcontains startswith bstartswith endswith glob iglob regex "
     "in intersects pmatch exists"},
    {"fd.name startwith /etc",
     "EXPR:1:9: an operator is expected, not 'startwith'; did you mean 'startswith'?"},
    {"proc.name = ", "EXPR:1:13: a value is expected, not the end"},
    {"proc.name = )", "EXPR:1:13: a value is expected, not ')'"},
    {"proc.name = (a, b)",
     "EXPR:1:13: '=' compares with one value; for a list, write '= anyof (...)'"},
    {"proc.name in a.b", "EXPR:1:14: 'in' takes a list in parentheses, not 'a.b'"},
    {"proc.name in 'a'", "EXPR:1:14: 'in' takes a list in parentheses, not 'a'"},
    {"proc.name in (a b)", "EXPR:1:17: ',' or ')' is expected in a list, not 'b'"},
    {"proc.name in (a,)", "EXPR:1:17: a value is expected, not ')'"},
    {"proc.name in (a", "EXPR:1:16: ',' or ')' is expected in a list, not the end"},
    {"proc.name in anyof (a)", "EXPR:1:14: 'in' takes no 'anyof'"},
    {"proc.pid > oneof (1)", "EXPR:1:12: '>' takes no 'oneof'"},
    {"lower(proc.name) = a", "EXPR:1:1: 'lower' is not a transformer; did you mean 'tolower'?"},
    {"quux(proc.name) = a",
     "EXPR:1:1: 'quux' is not a transformer; there are tolower toupper b64 "
     "basename len join concat getopt"},
    {"val(proc.name) = a", "EXPR:1:1: val() belongs to the right of an operator"},
    {"proc.name = val(a)", "EXPR:1:17: val() takes a field, not 'a'"},
    {"proc.name = val(proc.pname", "EXPR:1:27: ')' is expected, not the end"},
    {"proc.name = quux(proc.pname)",
     "EXPR:1:13: 'quux' is not a transformer; there are tolower toupper b64 basename len join "
     "concat getopt"},
    {"concat(a, b) = c", "EXPR:1:8: 'a' is not a field; a text needs quotes here"},
    {"join('', ((proc.name))) = c", "EXPR:1:11: a list has no lists in it"},
    {"proc.aname[] = a", "EXPR:1:12: an argument is expected between the brackets, not ']'"},
    {"proc.aname[1 = a", "EXPR:1:14: ']' is expected, not '='"},
    {"proc.name = \"a", "EXPR:1:13: the text has no closing \""},
    {"proc..name = a",
     "EXPR:1:1: a field, a transformer, 'not' or '(' is expected, not 'proc..name'"},
    {"1.a = 2", "EXPR:1:1: a field, a transformer, 'not' or '(' is expected, not '1.a'"},
    {"proc.name = a\nand\n  fd.nam",
     "EXPR:3:9: an operator is expected, not the end; there are = "
     "== != < <= > >= contains icontains bcontains startswith "
     "bstartswith endswith glob iglob regex in intersects pmatch "
     "exists"},
};

TEST(ParserTest, SaysWhatIsWrongAndWhere) {
  for (const Case& c : kBad) {
    const auto expression = parse(c.text);
    ASSERT_FALSE(expression) << c.text;
    EXPECT_EQ(expression.error().message, c.printed) << c.text;
    EXPECT_EQ(expression.error().code, ExitCode::kBadInput);
  }
  EXPECT_TRUE(parse("x", "rules.yaml").has_value());
  EXPECT_TRUE(parse("(", "rules.yaml").error().message.starts_with("rules.yaml:1:2: "));
}

TEST(ParserTest, RefusesWhatIsTooDeepOrTooLong) {
  const auto nested = [](int depth, std::string_view open, std::string_view close) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += open;
    text += "a.b = c";
    for (int i = 0; i < depth; ++i) text += close;
    return text;
  };
  EXPECT_TRUE(parse(nested(99, "(", ")")));
  EXPECT_TRUE(parse(nested(99, "not ", "")));
  EXPECT_EQ(parse(nested(100, "(", ")")).error().message,
            "EXPR:1:101: nested more than 100 levels deep");
  EXPECT_FALSE(parse(nested(100'000, "(", ")")));
  EXPECT_FALSE(parse(nested(100'000, "not ", "")));
  std::string transformers;
  for (int i = 0; i < 100'000; ++i) transformers += "len(";
  EXPECT_FALSE(parse(transformers));

  std::string text = "proc.name = ";
  text.append(kLongestExpression - text.size(), 'a');
  EXPECT_TRUE(parse(text));
  EXPECT_FALSE(parse(text + 'a'));
}

TEST(ParserTest, KeepsWhereThingsStand) {
  const auto expression = parse("a.b = c and\n not e.f[1] in (g,\"h\")");
  ASSERT_TRUE(expression);
  const Node& root = expression->nodes[expression->root];
  EXPECT_EQ(root.kind, NodeKind::kAnd);
  EXPECT_EQ(root.at, (Position{1, 1}));
  const Node& negation = expression->nodes[root.children[1]];
  EXPECT_EQ(negation.at, (Position{2, 2}));
  const Node& leaf = expression->nodes[negation.children[0]];
  EXPECT_EQ(leaf.at, (Position{2, 6}));
  const Comparison& comparison = expression->comparisons[leaf.leaf];
  EXPECT_EQ(comparison.at, (Position{2, 13}));
  EXPECT_EQ(expression->operands[comparison.left].argument_at, (Position{2, 10}));
  const Operand& list = expression->operands[comparison.right];
  EXPECT_EQ(list.at, (Position{2, 16}));
  EXPECT_EQ(expression->operands[list.operands[1]].at, (Position{2, 19}));
  EXPECT_TRUE(expression->operands[list.operands[1]].quoted);
}

}  // namespace
}  // namespace outrider
