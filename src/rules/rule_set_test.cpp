// SPDX-License-Identifier: Apache-2.0
//
// What rule files mean: a table of files, and of what becomes of them.
#include "rules/rule_set.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace outrider {
namespace {

// Files are separated by lines of "===".
std::vector<RuleText> texts_of(std::string_view all) {
  constexpr std::string_view kBetween = "\n===\n";
  std::vector<RuleText> texts;
  while (true) {
    const std::size_t end = all.find(kBetween);
    texts.push_back({.name = fmt::format("{}", texts.size() + 1),
                     .text = std::string(all.substr(0, end)) + "\n"});
    if (end == std::string_view::npos) return texts;
    all.remove_prefix(end + kBetween.size());
  }
}

// Warnings that most cases have, since they are about one thing only.
constexpr DiagnosticCode kLeftOut[] = {DiagnosticCode::kUnusedList, DiagnosticCode::kUnusedMacro,
                                       DiagnosticCode::kNoEventType};

// "FILE:LINE:COLUMN CODE" for each diagnostic, "NAME: CONDITION" for each rule.
std::string outcome_of(std::string_view files) {
  const LoadedRules loaded = load_rules(texts_of(files));
  std::string text;
  const auto to = std::back_inserter(text);
  for (const Diagnostic& each : loaded.diagnostics) {
    if (std::ranges::find(kLeftOut, each.code) != std::end(kLeftOut)) continue;
    fmt::format_to(to, "{}:{}:{} {}\n", each.place.file + 1, each.place.line, each.place.column,
                   row_of(each.code).name);
  }
  if (loaded.rules == nullptr) return text;
  for (const Rule& rule : loaded.rules->rules) {
    fmt::format_to(to, "{}: {}\n", rule.name, rule.expanded);
  }
  return text;
}

struct Case {
  std::string_view about;
  std::string_view files;
  std::string_view outcome;
};

// A rule r with this condition, in the first line of its own.
#define RULE(condition) \
  "- {rule: r, desc: d, output: o, priority: DEBUG, condition: '" condition "'}"

// clang-format off: a table
constexpr Case kLists[] = {
    {"a list is its items", "- {list: l, items: [a, b]}\n" RULE("proc.name in (l)"),
     "r: proc.name in (a, b)\n"},
    {"among others", "- {list: l, items: [a, b]}\n" RULE("proc.name in (x, l, y)"),
     "r: proc.name in (x, a, b, y)\n"},
    {"without parentheses", "- {list: l, items: [a, b]}\n" RULE("proc.name in l"),
     "1:2:75 LOAD_ERR_COMPILE_CONDITION\n"},
    {"an empty one takes the comma before it", "- {list: l, items: []}\n" RULE("proc.name in (x, l)"),
     "r: proc.name in (x)\n"},
    {"or the one behind it", "- {list: l, items: []}\n" RULE("proc.name in (l, x)"),
     "r: proc.name in (x)\n"},
    {"between two it takes one", "- {list: l, items: []}\n" RULE("proc.name in (x, l, y)"),
     "r: proc.name in (x, y)\n"},
    {"alone it leaves nothing", "- {list: l, items: []}\n" RULE("proc.name in (l)"),
     "r: proc.name in ()\n"},
    {"two empty ones", "- {list: l, items: []}\n- {list: m, items: []}\n" RULE("proc.name in (l, m)"),
     "r: proc.name in ()\n"},
    {"an item with blanks gets quotes", "- {list: l, items: [a b, c]}\n" RULE("proc.name in (l)"),
     "r: proc.name in (\"a b\", c)\n"},
    {"one with quotes keeps them", "- {list: l, items: ['\"a b\"', \"'c d'\"]}\n" RULE("proc.name in (l)"),
     "r: proc.name in (\"a b\", \"c d\")\n"},
    {"an empty item is a text", "- {list: l, items: ['', a]}\n" RULE("proc.name in (l)"),
     "r: proc.name in (\"\", a)\n"},
    {"a list of a list", "- {list: l, items: [a, b]}\n- {list: m, items: [l, c]}\n" RULE("proc.name in (m)"),
     "r: proc.name in (a, b, c)\n"},
    {"of a list of a list", "- {list: l, items: [a]}\n- {list: m, items: [l]}\n- {list: n, items: [m]}\n" RULE("proc.name in (n)"),
     "r: proc.name in (a)\n"},
    {"a list sees only lists before it", "- {list: m, items: [l]}\n- {list: l, items: [a]}\n" RULE("proc.name in (m)"),
     "r: proc.name in (l)\n"},
    {"what is appended sees what is before that", "- {list: m, items: [x]}\n- {list: l, items: [a]}\n- {list: m, items: [l], override: {items: append}}\n" RULE("proc.name in (m)"),
     "r: proc.name in (x, a)\n"},
    {"a list is no item of itself", "- {list: l, items: [a]}\n- {list: l, items: [l, b], override: {items: append}}\n" RULE("proc.name in (l)"),
     "r: proc.name in (a, l, b)\n"},
    {"conditions see lists that come later", RULE("proc.name in (l)") "\n- {list: l, items: [a]}",
     "r: proc.name in (a)\n"},
    {"defined again it is the new one", "- {list: l, items: [a]}\n- {list: l, items: [b]}\n" RULE("proc.name in (l)"),
     "r: proc.name in (b)\n"},
    {"append: true adds", "- {list: l, items: [a]}\n- {list: l, items: [b], append: true}\n" RULE("proc.name in (l)"),
     "1:2:33 LOAD_DEPRECATED_ITEM\nr: proc.name in (a, b)\n"},
    {"append: false does not", "- {list: l, items: [a]}\n- {list: l, items: [b], append: false}\n" RULE("proc.name in (l)"),
     "r: proc.name in (b)\n"},
    {"override appends", "- {list: l, items: [a]}\n- {list: l, items: [b], override: {items: append}}\n" RULE("proc.name in (l)"),
     "r: proc.name in (a, b)\n"},
    {"override replaces", "- {list: l, items: [a]}\n- {list: l, items: [b], override: {items: replace}}\n" RULE("proc.name in (l)"),
     "r: proc.name in (b)\n"},
    {"to nothing nothing is appended", "- {list: l, items: [b], override: {items: append}}",
     "1:1:3 LOAD_ERR_VALIDATE\n"},
    {"a list may be a value of =", "- {list: l, items: [a]}\n" RULE("proc.name = l"),
     "r: proc.name = a\n"},
    {"its name only as a whole word", "- {list: l, items: [a]}\n" RULE("proc.name in (ll, xl, l.x, l)"),
     "r: proc.name in (ll, xl, l.x, a)\n"},
    {"words end at =", "- {list: l, items: [a]}\n" RULE("proc.name=l"),
     "r: proc.name = a\n"},
    {"in quotes a word between blanks is one", "- {list: l, items: [a]}\n" RULE("proc.cmdline contains \"x l y\""),
     "r: proc.cmdline contains \"x a y\"\n"},
    {"next to a quote it is none", "- {list: l, items: [a]}\n" RULE("proc.name in (\"l\")"),
     "r: proc.name in (\"l\")\n"},
    {"numbers are texts", "- {list: l, items: [1, 2]}\n" RULE("proc.pid in (l)"),
     "r: proc.pid in (1, 2)\n"},
    {"an item that is a list", "- {list: l, items: [[a]]}", "1:1:21 LOAD_ERR_YAML_VALIDATE\n"},
    {"items that are none", "- {list: l, items: a}", "1:1:20 LOAD_ERR_YAML_VALIDATE\n"},
    {"no items", "- {list: l}", "1:1:3 LOAD_ERR_YAML_VALIDATE\n"},
    {"a name with a blank", "- {list: a b, items: []}", "1:1:10 LOAD_ERR_YAML_VALIDATE\n"},
    {"a name that is a path", "- {list: /x-y.z, items: [a]}\n" RULE("proc.name in (/x-y.z)"),
     "r: proc.name in (a)\n"},
    {"no name", "- {list: , items: []}", "1:1:10 LOAD_ERR_YAML_VALIDATE\n"},
    {"both append and override", "- {list: l, items: [a]}\n- {list: l, items: [b], append: true, override: {items: append}}",
     "1:2:33 LOAD_DEPRECATED_ITEM\n1:2:33 LOAD_ERR_YAML_VALIDATE\n"},
    {"override of what there is not", "- {list: l, items: [a], override: {name: append}}",
     "1:1:36 LOAD_ERR_YAML_VALIDATE\n"},
    {"override by what there is not", "- {list: l, items: [a], override: {items: remove}}",
     "1:1:43 LOAD_ERR_YAML_VALIDATE\n"},
    {"pmatch takes lists", "- {list: l, items: [/a, /b]}\n" RULE("fd.name pmatch (l)"),
     "r: fd.name pmatch (/a, /b)\n"},
    {"a list in a macro", "- {list: l, items: [a]}\n- {macro: m, condition: 'proc.name in (l)'}\n" RULE("m"),
     "r: proc.name in (a)\n"},
};

constexpr Case kMacros[] = {
    {"a macro is its condition", "- {macro: m, condition: proc.name=a}\n" RULE("m and user.uid=0"),
     "r: proc.name = a and user.uid = 0\n"},
    {"as a whole", "- {macro: m, condition: proc.name=a or proc.name=b}\n" RULE("m and user.uid=0"),
     "r: (proc.name = a or proc.name = b) and user.uid = 0\n"},
    {"also under not", "- {macro: m, condition: proc.name=a or proc.name=b}\n" RULE("not m"),
     "r: not (proc.name = a or proc.name = b)\n"},
    {"a macro of macros", "- {macro: m, condition: proc.name=a}\n- {macro: n, condition: not m}\n" RULE("n"),
     "r: not proc.name = a\n"},
    {"it sees only macros before it", "- {macro: n, condition: m}\n- {macro: m, condition: proc.name=a}\n" RULE("n"),
     "1:1:25 LOAD_ERR_VALIDATE\n"},
    {"rules see all", RULE("m") "\n- {macro: m, condition: proc.name=a}",
     "r: proc.name = a\n"},
    {"not itself", "- {macro: m, condition: m}\n" RULE("m"), "1:1:25 LOAD_ERR_VALIDATE\n"},
    {"one that there is not", RULE("m"), "1:1:62 LOAD_ERR_VALIDATE\n"},
    {"defined again it is the new one, everywhere", "- {macro: m, condition: proc.name=a}\n- {macro: n, condition: m}\n- {macro: m, condition: proc.name=b}\n" RULE("n and m"),
     "r: proc.name = b and proc.name = b\n"},
    {"append is text behind text", "- {macro: m, condition: proc.name=a}\n- {macro: m, condition: or proc.name=b, override: {condition: append}}\n" RULE("m"),
     "r: proc.name = a or proc.name = b\n"},
    {"which binds as text does", "- {macro: m, condition: proc.name=a or proc.name=b}\n- {macro: m, condition: and user.uid=0, override: {condition: append}}\n" RULE("m"),
     "r: proc.name = a or (proc.name = b and user.uid = 0)\n"},
    {"append: true too", "- {macro: m, condition: proc.name=a}\n- {macro: m, condition: or proc.name=b, append: true}\n" RULE("m"),
     "1:2:49 LOAD_DEPRECATED_ITEM\nr: proc.name = a or proc.name = b\n"},
    {"what is appended sees more", "- {macro: m, condition: proc.name=a}\n- {macro: n, condition: proc.name=b}\n- {macro: m, condition: or n, override: {condition: append}}\n" RULE("m"),
     "r: proc.name = a or proc.name = b\n"},
    {"to nothing", "- {macro: m, condition: x, override: {condition: append}}", "1:1:3 LOAD_ERR_VALIDATE\n"},
    {"a name with a dash", "- {macro: a-b, condition: proc.name=a}", "1:1:11 LOAD_ERR_YAML_VALIDATE\n"},
    {"a name that begins with a digit", "- {macro: 1a, condition: proc.name=a}", "1:1:11 LOAD_ERR_YAML_VALIDATE\n"},
    {"no condition", "- {macro: m}", "1:1:3 LOAD_ERR_YAML_VALIDATE\n"},
    {"a condition that is a list", "- {macro: m, condition: [a]}", "1:1:25 LOAD_ERR_YAML_VALIDATE\n"},
    {"one that does not parse", "- {macro: m, condition: proc.name=}", "1:1:35 LOAD_ERR_COMPILE_CONDITION\n"},
    {"is found although nobody uses it", "- {macro: m, condition: proc.name==}\n" RULE("proc.name=a"),
     "1:1:36 LOAD_ERR_COMPILE_CONDITION\n"},
    {"fields of one that nobody uses do not matter", "- {macro: m, condition: no.field=1}\n" RULE("proc.name=a"),
     "r: proc.name = a\n"},
};

constexpr Case kRules[] = {
    {"the least", RULE("proc.name=a"), "r: proc.name = a\n"},
    {"two of them", RULE("proc.name=a") "\n- {rule: s, desc: d, output: o, priority: INFO, condition: proc.name=b}",
     "r: proc.name = a\ns: proc.name = b\n"},
    {"defined again, in the old place", RULE("proc.name=a") "\n- {rule: s, desc: d, output: o, priority: INFO, condition: proc.name=b}\n" RULE("proc.name=c"),
     "r: proc.name = c\ns: proc.name = b\n"},
    {"no condition", "- {rule: r, desc: d, output: o, priority: DEBUG}", "1:1:3 LOAD_ERR_YAML_VALIDATE\n"},
    {"no output", "- {rule: r, desc: d, condition: proc.name=a, priority: DEBUG}", "1:1:3 LOAD_ERR_YAML_VALIDATE\n"},
    {"no desc", "- {rule: r, output: o, condition: proc.name=a, priority: DEBUG}", "1:1:3 LOAD_ERR_YAML_VALIDATE\n"},
    {"no priority", "- {rule: r, desc: d, output: o, condition: proc.name=a}", "1:1:3 LOAD_ERR_YAML_VALIDATE\n"},
    {"a priority that is none", "- {rule: r, desc: d, output: o, condition: proc.name=a, priority: HIGH}", "1:1:67 LOAD_ERR_YAML_VALIDATE\n"},
    {"an empty name", "- {rule: , desc: d}", "1:1:10 LOAD_ERR_YAML_VALIDATE\n"},
    {"an unknown field", RULE("no.field=1"), "1:1:62 LOAD_ERR_COMPILE_CONDITION\n"},
    {"an unknown event", RULE("evt.type=nonesuch"), "1:1:71 LOAD_ERR_COMPILE_CONDITION\n"},
    {"a wrong type", RULE("proc.pid=abc"), "1:1:71 LOAD_ERR_COMPILE_CONDITION\n"},
    {"no operator", RULE("proc.name"), "1:1:71 LOAD_ERR_COMPILE_CONDITION\n"},
    {"a parenthesis too few", RULE("(proc.name=a"), "1:1:74 LOAD_ERR_COMPILE_CONDITION\n"},
    {"a field of the output", "- {rule: r, desc: d, output: 'x %no.field', condition: proc.name=a, priority: DEBUG}",
     "1:1:34 LOAD_ERR_COMPILE_OUTPUT\n"},
    {"a % with nothing", "- {rule: r, desc: d, output: '100% sure', condition: proc.name=a, priority: DEBUG}",
     "1:1:34 LOAD_ERR_COMPILE_OUTPUT\n"},
    {"skip-if-unknown-filter leaves the rule out", "- {rule: r, desc: d, output: o, condition: no.field=1, priority: DEBUG, skip-if-unknown-filter: true}",
     "1:1:44 LOAD_UNKNOWN_FILTER\n"},
    {"of an event too", "- {rule: r, desc: d, output: o, condition: evt.type=nonesuch, priority: DEBUG, skip-if-unknown-filter: true}",
     "1:1:53 LOAD_UNKNOWN_FILTER\n"},
    {"of an output too", "- {rule: r, desc: d, output: '%no.field', condition: proc.name=a, priority: DEBUG, skip-if-unknown-filter: true}",
     "1:1:32 LOAD_UNKNOWN_FILTER\n"},
    {"but not of other mistakes", "- {rule: r, desc: d, output: o, condition: proc.pid=abc, priority: DEBUG, skip-if-unknown-filter: true}",
     "1:1:53 LOAD_ERR_COMPILE_CONDITION\n"},
    {"another source", "- {rule: r, desc: d, output: o, condition: ka.verb=x, priority: DEBUG, source: k8s_audit}",
     "1:1:80 LOAD_UNKNOWN_SOURCE\n"},
    {"the source that there is", "- {rule: r, desc: d, output: o, condition: proc.name=a, priority: DEBUG, source: syscall}",
     "r: proc.name = a\n"},
    {"another source when defined again", RULE("proc.name=a") "\n- {rule: r, desc: d, output: o, condition: proc.name=a, priority: DEBUG, source: k8s_audit}",
     "1:2:3 LOAD_ERR_VALIDATE\n"},
    {"an unknown key", "- {rule: r, desc: d, output: o, condition: proc.name=a, priority: DEBUG, prioritty: 1}",
     "1:1:74 LOAD_UNKNOWN_KEY\nr: proc.name = a\n"},
    {"a truth that is none", "- {rule: r, desc: d, output: o, condition: proc.name=a, priority: DEBUG, enabled: 7}",
     "1:1:83 LOAD_ERR_YAML_VALIDATE\n"},
    {"tags that are no list", "- {rule: r, desc: d, output: o, condition: proc.name=a, priority: DEBUG, tags: x}",
     "1:1:80 LOAD_ERR_YAML_VALIDATE\n"},
    {"enabled alone", RULE("proc.name=a") "\n- {rule: r, enabled: false}",
     "1:2:22 LOAD_DEPRECATED_ITEM\nr: proc.name = a\n"},
    {"of a rule that there is not", "- {rule: r, enabled: false}",
     "1:1:22 LOAD_DEPRECATED_ITEM\n1:1:3 LOAD_ERR_VALIDATE\n"},
    {"nothing but a name", "- {rule: r}", "1:1:3 LOAD_ERR_YAML_VALIDATE\n"},
    {"append: true", RULE("proc.name=a") "\n- {rule: r, condition: and user.uid=0, append: true}",
     "1:2:48 LOAD_DEPRECATED_ITEM\nr: proc.name = a and user.uid = 0\n"},
    {"append: true of nothing", RULE("proc.name=a") "\n- {rule: r, append: true}",
     "1:2:21 LOAD_DEPRECATED_ITEM\n1:2:3 LOAD_ERR_VALIDATE\n"},
    {"append to no rule", "- {rule: r, condition: and user.uid=0, append: true}",
     "1:1:48 LOAD_DEPRECATED_ITEM\n1:1:3 LOAD_ERR_VALIDATE\n"},
    {"override appends a condition", RULE("proc.name=a") "\n- {rule: r, condition: and user.uid=0, override: {condition: append}}",
     "r: proc.name = a and user.uid = 0\n"},
    {"override replaces it", RULE("proc.name=a") "\n- {rule: r, condition: user.uid=0, override: {condition: replace}}",
     "r: user.uid = 0\n"},
    {"a key that override does not name", RULE("proc.name=a") "\n- {rule: r, condition: user.uid=0, priority: INFO, override: {condition: replace}}",
     "1:2:46 LOAD_ERR_YAML_VALIDATE\n"},
    {"a key that is not given", RULE("proc.name=a") "\n- {rule: r, condition: user.uid=0, override: {condition: replace, output: append}}",
     "1:2:67 LOAD_ERR_YAML_VALIDATE\n"},
    {"priorities are not appended to", RULE("proc.name=a") "\n- {rule: r, priority: INFO, override: {priority: append}}",
     "1:2:40 LOAD_ERR_YAML_VALIDATE\n"},
    {"sources are not replaced", RULE("proc.name=a") "\n- {rule: r, source: syscall, override: {source: replace}}",
     "1:2:41 LOAD_ERR_YAML_VALIDATE\n"},
    {"override of no rule", "- {rule: r, condition: user.uid=0, override: {condition: replace}}",
     "1:1:3 LOAD_ERR_VALIDATE\n"},
    {"an appended mistake has the place where it stands", RULE("proc.name=a") "\n===\n- {rule: r, condition: and no.field=0, override: {condition: append}}",
     "2:1:28 LOAD_ERR_COMPILE_CONDITION\n"},
    {"a mistake in a list has the list's", "- {list: l, items: [1, x]}\n" RULE("proc.pid in (l)"),
     "1:1:24 LOAD_ERR_COMPILE_CONDITION\n"},
    {"a mistake in a macro has the macro's", "- {macro: m, condition: no.field=1}\n" RULE("proc.name=a or m"),
     "1:1:25 LOAD_ERR_COMPILE_CONDITION\n"},
    {"within lines that are folded", "- rule: r\n  desc: d\n  output: o\n  priority: DEBUG\n  condition: >\n    proc.name=a\n    and no.field=1\n",
     "1:7:9 LOAD_ERR_COMPILE_CONDITION\n"},
    {"within lines that are kept", "- rule: r\n  desc: d\n  output: o\n  priority: DEBUG\n  condition: |\n    proc.name=a\n    and no.field=1\n",
     "1:7:9 LOAD_ERR_COMPILE_CONDITION\n"},
    {"within a plain text of several lines", "- rule: r\n  desc: d\n  output: o\n  priority: DEBUG\n  condition: proc.name=a\n    and\n      no.field=1\n",
     "1:7:7 LOAD_ERR_COMPILE_CONDITION\n"},
};

constexpr Case kExceptions[] = {
    {"without values they change nothing", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a or proc.name=b, exceptions: [{name: e, fields: [fd.name], comps: [=]}]}",
     "r: proc.name = a or proc.name = b\n"},
    {"a tuple", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a or proc.name=b, exceptions: [{name: e, fields: [proc.name, fd.name], comps: [=, startswith], values: [[a, /x]]}]}",
     "r: (proc.name = a or proc.name = b) and not (proc.name = a and fd.name startswith /x)\n"},
    {"two tuples", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: [proc.name, fd.name], values: [[a, /x], [b, /y]]}]}",
     "r: proc.name = a and not ((proc.name = a and fd.name = /x) or (proc.name = b and fd.name = /y))\n"},
    {"comps are = if not given", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: [proc.name], values: [[b]]}]}",
     "r: proc.name = a and not proc.name = b\n"},
    {"of one field, in", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: proc.name, values: [b, c d]}]}",
     "r: proc.name = a and not proc.name in (b, \"c d\")\n"},
    {"or what is given", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: fd.name, comps: pmatch, values: [/b, /c]}]}",
     "r: proc.name = a and not fd.name pmatch (/b, /c)\n"},
    {"a list as a value", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: [proc.name, fd.name], comps: [in, =], values: [[[b, c], /x]]}]}",
     "r: proc.name = a and not (proc.name in (b, c) and fd.name = /x)\n"},
    {"a text where a list is wanted", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: [proc.name], comps: [in], values: [[(b)], [c]]}]}",
     "r: proc.name = a and not (proc.name in (b) or proc.name in (c))\n"},
    {"lists' names are lists", "- {list: l, items: [x, y]}\n- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: [proc.name], comps: [in], values: [[l]]}]}",
     "r: proc.name = a and not proc.name in (x, y)\n"},
    {"two exceptions", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: proc.name, values: [b]}, {name: f, fields: [user.uid], values: [[0]]}]}",
     "r: proc.name = a and not proc.name in (b) and not user.uid = 0\n"},
    {"values are added by override", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: proc.name, values: [b]}]}\n- {rule: r, exceptions: [{name: e, values: [c]}], override: {exceptions: append}}",
     "r: proc.name = a and not proc.name in (b, c)\n"},
    {"exceptions are added too", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a}\n- {rule: r, exceptions: [{name: e, fields: proc.name, values: [c]}], override: {exceptions: append}}",
     "r: proc.name = a and not proc.name in (c)\n"},
    {"by append: true as well", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a}\n- {rule: r, exceptions: [{name: e, fields: proc.name, values: [c]}], append: true}",
     "1:2:78 LOAD_DEPRECATED_ITEM\nr: proc.name = a and not proc.name in (c)\n"},
    {"replaced", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: proc.name, values: [b]}]}\n- {rule: r, exceptions: [{name: e, fields: proc.name, values: [c]}], override: {exceptions: replace}}",
     "r: proc.name = a and not proc.name in (c)\n"},
    {"an appended condition stands before them", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: proc.name, values: [b]}]}\n- {rule: r, condition: or user.uid=0, override: {condition: append}}",
     "r: (proc.name = a or user.uid = 0) and not proc.name in (b)\n"},
    {"no fields", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, values: [b]}]}",
     "1:1:87 LOAD_ERR_YAML_VALIDATE\n"},
    {"no name", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{fields: proc.name}]}",
     "1:1:87 LOAD_ERR_YAML_VALIDATE\n"},
    {"a name twice", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: proc.name}, {name: e, fields: fd.name}]}",
     "1:1:117 LOAD_ERR_YAML_VALIDATE\n"},
    {"fewer comps than fields", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: [proc.name, fd.name], comps: [=]}]}",
     "1:1:134 LOAD_ERR_VALIDATE\n"},
    {"fewer values than fields", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: [proc.name, fd.name], values: [[a]]}]}",
     "1:1:136 LOAD_ERR_VALIDATE\n"},
    {"an operator that there is not", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: [proc.name], comps: [is]}]}",
     "1:1:126 LOAD_ERR_VALIDATE\n"},
    {"one field with another operator", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: proc.name, comps: startswith}]}",
     "1:1:123 LOAD_ERR_VALIDATE\n"},
    {"fields of an exception that is there", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: proc.name, values: [b]}]}\n- {rule: r, exceptions: [{name: e, fields: fd.name, values: [c]}], override: {exceptions: append}}",
     "1:2:26 LOAD_ERR_VALIDATE\n"},
    {"an unknown field", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: no.field, values: [b]}]}",
     "1:1:105 LOAD_ERR_COMPILE_CONDITION\n"},
    {"nothing is fine", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: }",
     "r: proc.name = a\n"},
    {"a list of lists as the only field's value", "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, exceptions: [{name: e, fields: proc.name, values: [[b]]}]}",
     "1:1:125 LOAD_ERR_VALIDATE\n"},
};

constexpr Case kFiles[] = {
    {"nothing", "", ""},
    {"comments only", "# nothing\n# here", ""},
    {"a list of nothing", "[]", ""},
    {"no list", "rule: r", "1:1:1 LOAD_ERR_YAML_VALIDATE\n"},
    {"a text", "just a text", "1:1:1 LOAD_ERR_YAML_VALIDATE\n"},
    {"an item that is a text", "- text", "1:1:3 LOAD_ERR_YAML_VALIDATE\n"},
    {"an unknown item", "- {thing: x}", "1:1:3 LOAD_UNKNOWN_ITEM\n"},
    {"no YAML", "- {rule: r", "1:2:1 LOAD_ERR_YAML_PARSE\n"},
    {"a tab", "- rule: r\n\t- x", "1:2:1 LOAD_ERR_YAML_PARSE\n"},
    {"several documents", RULE("proc.name=a") "\n---\n- {rule: s, desc: d, output: o, priority: INFO, condition: proc.name=b}",
     "r: proc.name = a\ns: proc.name = b\n"},
    {"places in a second document", RULE("proc.name=a") "\n---\n- {rule: s}", "1:3:3 LOAD_ERR_YAML_VALIDATE\n"},
    {"a document that ends", RULE("proc.name=a") "\n...\n- {list: l, items: []}", "r: proc.name = a\n"},
    {"an engine that is known", "- required_engine_version: 0.57.0\n" RULE("proc.name=a"), "r: proc.name = a\n"},
    {"as a number", "- required_engine_version: 26\n" RULE("proc.name=a"), "r: proc.name = a\n"},
    {"one that is to come", "- required_engine_version: 0.99.0", "1:1:28 LOAD_ERR_VALIDATE\n"},
    {"a number that is to come", "- required_engine_version: 99", "1:1:28 LOAD_ERR_VALIDATE\n"},
    {"of another age", "- required_engine_version: 1.0.0", "1:1:28 LOAD_ERR_VALIDATE\n"},
    {"none at all", "- required_engine_version: new", "1:1:28 LOAD_ERR_YAML_VALIDATE\n"},
    {"the plugin that is built in", "- required_plugin_versions: [{name: container, version: 0.4.0}]\n" RULE("proc.name=a"), "r: proc.name = a\n"},
    {"a newer one", "- required_plugin_versions: [{name: container, version: 0.99.0}]", "1:1:30 LOAD_ERR_VALIDATE\n"},
    {"another plugin", "- required_plugin_versions: [{name: k8saudit, version: 0.4.0}]", "1:1:30 LOAD_ERR_VALIDATE\n"},
    {"or the one that is built in", "- required_plugin_versions: [{name: k8smeta, version: 0.4.0, alternatives: [{name: container, version: 0.2.0}]}]\n" RULE("proc.name=a"),
     "r: proc.name = a\n"},
    {"a plugin without version", "- required_plugin_versions: [{name: container}]", "1:1:30 LOAD_ERR_YAML_VALIDATE\n"},
    {"a version that is none", "- required_plugin_versions: [{name: container, version: x}]", "1:1:57 LOAD_ERR_VALIDATE\n"},
    {"plugins that are no list", "- required_plugin_versions: container", "1:1:29 LOAD_ERR_YAML_VALIDATE\n"},
    {"a later file changes an earlier", RULE("proc.name in (l)") "\n- {list: l, items: [a]}\n===\n- {list: l, items: [b], override: {items: append}}",
     "r: proc.name in (a, b)\n"},
    {"and stops where an earlier one is wrong", "- {rule: r}\n===\n- {rule: s}", "1:1:3 LOAD_ERR_YAML_VALIDATE\n"},
};
// clang-format on

void expect_all(std::span<const Case> cases) {
  for (const Case& each : cases) EXPECT_EQ(outcome_of(each.files), each.outcome) << each.about;
}

TEST(RuleSet, Lists) { expect_all(kLists); }
TEST(RuleSet, Macros) { expect_all(kMacros); }
TEST(RuleSet, Rules) { expect_all(kRules); }
TEST(RuleSet, Exceptions) { expect_all(kExceptions); }
TEST(RuleSet, Files) { expect_all(kFiles); }

TEST(RuleSet, WhatNobodyUsesIsTold) {
  const LoadedRules loaded = load_rules(texts_of(
      "- {list: l, items: [a]}\n- {macro: m, condition: proc.name=a}\n" RULE("evt.type=open")));
  EXPECT_EQ(diagnostics_text(loaded.diagnostics, loaded.files),
            "1:2:3: warning LOAD_UNUSED_MACRO: macro 'm' is used by no rule and no macro\n"
            "1:1:3: warning LOAD_UNUSED_LIST: list 'l' is used by no rule, macro or list\n");
}

// 60 macros, each of which is the one before it twice.
TEST(RuleSet, MacrosThatGrowWithoutEndAreRefused) {
  std::string text = "- {macro: m0, condition: proc.name=a}\n";
  for (int i = 1; i <= 60; ++i) {
    text += fmt::format("- {{macro: m{}, condition: m{} and m{}}}\n", i, i - 1, i - 1);
  }
  EXPECT_TRUE(outcome_of(text).ends_with("LOAD_ERR_VALIDATE\n")) << outcome_of(text);
}

TEST(RuleSet, AChangedRuleIsWhatItWasToldToBe) {
  const LoadedRules loaded = load_rules(texts_of(
      "- {rule: r, desc: d, output: o, priority: DEBUG, condition: proc.name=a, tags: [x]}\n"
      "- {rule: r, desc: e, output: p, tags: [y], override: {desc: append, output: append, "
      "tags: append}}\n"
      "- {rule: r, priority: alert, enabled: false, override: {priority: replace, "
      "enabled: replace}}\n"));
  ASSERT_NE(loaded.rules, nullptr) << diagnostics_text(loaded.diagnostics, loaded.files);
  const Rule& rule = loaded.rules->rules.front();
  EXPECT_EQ(rule.description, "d e");
  EXPECT_EQ(rule.output_text, "o p");
  EXPECT_EQ(rule.tags, (std::set<std::string>{"x", "y"}));
  EXPECT_EQ(rule.priority, Priority::kAlert);
  EXPECT_FALSE(rule.enabled);
}

TEST(RuleSet, ARuleAboutAllCallsIsTold) {
  const LoadedRules loaded = load_rules(texts_of(RULE("proc.name=a")));
  EXPECT_EQ(diagnostics_text(loaded.diagnostics, loaded.files).substr(0, 35),
            "1:1:62: warning LOAD_NO_EVTTYPE: ru");
}

struct KindsCase {
  std::string_view condition;
  std::string_view kinds;
};

// clang-format off: a table
constexpr KindsCase kKindsCases[] = {
    {"evt.type in (open, openat, openat2)", "open"},
    {"evt.type = openat and proc.name = a", "open"},
    {"evt.type = execve", "exec"},
    {"evt.type = ptrace", "ptrace"},
    {"evt.type = unlinkat", "rmdir unlink"},
    {"evt.type = getppid", "syscall:getppid"},
    {"evt.type in (getppid, connect)", "connect syscall:getppid"},
    {"not evt.type != getppid", "syscall:getppid"},
    {"evt.type = open and evt.type = close", ""},
    {"evt.type = getppid or (evt.type = open and proc.name = x)", "open syscall:getppid"},
    {"evt.kind = exec", "exec"},
    {"evt.kind = oom", "oom"},
    {"evt.type = open and fd.name exists", "open"},
};
// clang-format on

TEST(RuleSet, WhatARuleIsAbout) {
  for (const KindsCase& each : kKindsCases) {
    const LoadedRules loaded =
        load_rules({{{.name = "1",
                      .text = fmt::format("- rule: r\n  desc: d\n  output: o\n"
                                          "  priority: DEBUG\n"
                                          "  condition: {}\n",
                                          each.condition)}}});
    ASSERT_NE(loaded.rules, nullptr) << diagnostics_text(loaded.diagnostics, loaded.files);
    const RuleKinds& kinds = loaded.rules->rules.front().kinds;
    std::string text;
    for (const EventDescriptor* kind : kinds.kinds) {
      if (kind->kind != WIRE_SYSTEM_CALL) text += fmt::format(" {}", kind->name);
    }
    for (const Call* call : kinds.calls) text += fmt::format(" syscall:{}", call->name);
    EXPECT_EQ(text.empty() ? text : text.substr(1), each.kinds) << each.condition;
  }
}

}  // namespace
}  // namespace outrider
