// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "base/arena.h"
#include "events/given_values.h"
#include "language/checker.h"
#include "language/evaluator.h"
#include "language/matchers.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

// Events of tests happen from here on, a millisecond after one another: 2026-01-01 00:00 UTC.
constexpr std::uint64_t kFirstTime = 1'767'225'600'000'000'000;
constexpr std::uint64_t kBetween = 1'000'000;

// What an event is if it does not say otherwise. Later rows may use what earlier ones have made.
struct Default {
  std::string_view field;
  std::string_view value;
};
constexpr Default kDefaults[] = {
    {"evt.res", "SUCCESS"},   {"evt.dir", "<"},           {"evt.abi", "64"},
    {"proc.name", "program"}, {"proc.pid", "1000"},       {"thread.tid", "1000"},
    {"proc.ppid", "1"},       {"proc.cwd", "/"},          {"proc.tty", "0"},
    {"proc.args", ""},        {"user.name", "root"},      {"user.uid", "0"},
    {"user.loginuid", "-1"},  {"user.loginname", "<NA>"}, {"group.gid", "0"},
    {"group.name", "root"},   {"container.id", "host"},   {"container.name", "host"},
};

// Of an open, or what else has a file.
constexpr Default kDefaultsOfOpen[] = {{"fd.typechar", "f"}, {"fd.type", "file"}};

// One field is another, if that is given.
constexpr Default kSame[] = {
    {"proc.exepath", "proc.name"}, {"proc.exe", "proc.exepath"}, {"proc.pexe", "proc.pexepath"},
    {"proc.pexe", "proc.pname"},   {"fd.nameraw", "fd.name"},    {"fd.realpath", "fd.name"},
    {"proc.vpid", "proc.pid"},
};

bool is_failed(const TestFields& fields) { return fields.find("evt.res")->text != "SUCCESS"; }

void add_text(TestFields& fields, std::string_view name, std::string_view text) {
  fields.add(name, TestValue{.text = std::string(text)});
}

// The kind of which an event is, by its type or what it says itself; nullptr if there is none.
const EventDescriptor* kind_of(const TestFields& fields) {
  if (const TestValue* kind = fields.find("evt.kind")) return find_kind(kind->text);
  const TestValue* type = fields.find("evt.type");
  return type == nullptr ? nullptr : kind_of_type(type->text);
}

void add_of_path(TestFields& fields) {
  const TestValue* path = fields.find("fd.name");
  if (path == nullptr || path->kind != TestValue::Kind::kText) return;
  const std::string text = path->text;
  const std::size_t slash = text.rfind('/');
  if (slash == std::string::npos) return;
  add_text(fields, "fd.directory", slash == 0 ? "/" : text.substr(0, slash));
  add_text(fields, "fd.filename", text.substr(slash + 1));
}

void add_of_open(TestFields& fields) {
  for (const Default& row : kDefaultsOfOpen) add_text(fields, row.field, row.value);
  add_text(fields, "fd.num", is_failed(fields) ? "-1" : "3");
  add_text(fields, "evt.rawres", is_failed(fields) ? "-1" : "3");
  add_text(fields, "evt.arg.flags", "O_RDONLY");
  const std::string flags = fields.find("evt.arg.flags")->text;
  const auto has = [&](std::string_view name) { return has_flag(flags, name); };
  add_text(fields, "evt.is_open_read", has("O_RDONLY") || has("O_RDWR") ? "true" : "false");
  add_text(fields, "evt.is_open_write", has("O_WRONLY") || has("O_RDWR") ? "true" : "false");
}

// Everything that follows from what is given, or is so in most events.
void complete(TestFields& fields, const EventDescriptor& kind, std::uint64_t number) {
  add_text(fields, "evt.kind", kind.name);
  add_text(fields, "evt.type", usual_type_of(kind));
  for (const Default& row : kDefaults) add_text(fields, row.field, row.value);
  if (kind.kind == WIRE_OPEN) add_of_open(fields);
  add_text(fields, "evt.rawres", is_failed(fields) ? "-1" : "0");
  add_text(fields, "evt.failed", is_failed(fields) ? "true" : "false");
  for (const Default& row : kSame) {
    if (const TestValue* source = fields.find(row.value)) {
      TestValue copy = *source;
      fields.add(row.field, std::move(copy));
    }
  }
  add_of_path(fields);
  const std::string arguments = fields.find("proc.args")->text;
  const std::string& name = fields.find("proc.name")->text;
  add_text(fields, "proc.cmdline", arguments.empty() ? name : name + " " + arguments);
  add_text(fields, "evt.num", fmt::format("{}", number + 1));
  add_text(fields, "evt.boottime", fmt::format("{}", (number + 1) * kBetween));
  add_text(fields, "evt.time", fmt::format("{}", kFirstTime + number * kBetween));
}

// Fields of a test as values of an event.
class EventMaker {
 public:
  explicit EventMaker(std::string_view file) : file_(file) {}

  Result<GivenValues> make(const TestEvent& event, const EventDescriptor& kind,
                           std::uint64_t number, Arena& arena) {
    GivenValues values;
    for (const auto& [name, value] : event.fields.values) {
      if (auto added = add(name, value, event.place, arena, values); !added) {
        return std::unexpected(added.error());
      }
    }
    TestFields whole = event.fields;
    complete(whole, kind, number);
    for (const auto& [name, value] : whole.values) {
      // A default of a field that this kind has not does no harm.
      if (event.fields.find(name) == nullptr) std::ignore = add(name, value, {}, arena, values);
    }
    return values;
  }

 private:
  Result<void> add(const std::string& name, const TestValue& value, FilePlace place, Arena& arena,
                   GivenValues& values) {
    const auto fail_here = [&](FilePlace where, std::string_view sentence) {
      return fail(fmt::format("{}:{}:{}: {}", file_, where.line, where.column, sentence),
                  ExitCode::kBadInput);
    };
    auto known = fields_.find(name);
    if (known == fields_.end()) {
      auto read = load(name + " exists", rule_fields(), "");
      if (!read) {
        return fail_here(value.place.line > 1 ? value.place : place,
                         split_message(read.error().message).sentence);
      }
      known = fields_.emplace(name, *std::move(read)).first;
    }
    const Condition& condition = known->second;
    const Term& term = condition.terms[condition.atoms.front().left];
    if (term.kind != TermKind::kField) return fail_here(value.place, "a field is expected");
    const auto made = value_of(term, value, arena);
    if (!made) return fail_here(value.place, fmt::format("'{}': {}", name, made.error().message));
    values.set(given_name(term), *made);
    return {};
  }

  static Result<Value> value_of(const Term& term, const TestValue& value, Arena& arena) {
    if (value.kind == TestValue::Kind::kUnknown) return Value::unknown();
    if (value.kind == TestValue::Kind::kList || term.any_item) {
      std::string list;
      const auto add = [&list](std::string_view item) {
        list += item;
        list += '\0';
      };
      for (const std::string& item : value.items) add(item);
      if (value.kind == TestValue::Kind::kText) add(value.text);
      Value made = Value::of_text(arena.copy(list));
      made.kind = Value::Kind::kTextList;
      return made;
    }
    if (class_of(term.type) != ValueClass::kNumber) return Value::of_text(arena.copy(value.text));
    const NumberStyle style = term.type == FieldType::kOctal      ? NumberStyle::kOctal
                              : term.type == FieldType::kDuration ? NumberStyle::kDuration
                                                                  : NumberStyle::kPlain;
    const auto number = parse_number(value.text, style);
    if (!number) return fail(fmt::format("a number is expected, not '{}'", value.text));
    return term.type == FieldType::kSigned
               ? Value::of_signed(static_cast<std::int64_t>(number->bits))
               : Value::of_unsigned(number->bits);
  }

  std::string_view file_;
  std::map<std::string, Condition, std::less<>> fields_;
};

struct MadeAlert {
  const Rule* rule;
  std::string output;
};

// What is missing and what is too much, as lines.
void compare(const TestEvent& event, const std::vector<MadeAlert>& made,
             std::vector<std::string>& differences) {
  std::vector<bool> is_expected(made.size());
  for (const ExpectedAlert& expected : event.alerts) {
    bool found = false;
    for (std::size_t i = 0; i < made.size() && !found; ++i) {
      if (is_expected[i] || made[i].rule->name != expected.rule) continue;
      if (expected.output && made[i].output.find(*expected.output) == std::string::npos) {
        differences.push_back(fmt::format("line {}: {}: says not '{}' but '{}'",
                                          expected.place.line, expected.rule, *expected.output,
                                          made[i].output));
      }
      found = is_expected[i] = true;
    }
    if (!found) {
      differences.push_back(
          fmt::format("line {}: - {}: no such alert", expected.place.line, expected.rule));
    }
  }
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (is_expected[i]) continue;
    differences.push_back(
        fmt::format("line {}: + {}: {}", event.place.line, made[i].rule->name, made[i].output));
  }
}

void append_xml(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' ? '?' : c;
    }
  }
}

}  // namespace

Result<std::vector<RuleTestOutcome>> run_rule_tests(const RuleTestFile& file, const RuleSet& rules,
                                                    const RuleChoice& choice,
                                                    RuleCoverage& coverage) {
  if (coverage.rules.empty()) {
    for (const Rule& rule : rules.rules) {
      if (!is_chosen(rule, choice)) continue;
      const std::size_t atoms = rule.condition.atoms.size();
      coverage.rules.push_back({.rule = &rule,
                                .been_true = std::vector<bool>(atoms),
                                .been_false = std::vector<bool>(atoms)});
    }
  }
  EventMaker maker(file.name);
  std::vector<RuleTestOutcome> outcomes;
  for (const RuleTest& test : file.tests) {
    RuleTestOutcome outcome{.test = test.name, .place = test.place, .differences = {}};
    std::uint64_t number = 0;
    for (const TestEvent& written : test.events) {
      Arena arena;
      const EventDescriptor* kind = kind_of(written.fields);
      if (kind == nullptr) {
        return fail(fmt::format("{}:{}:{}: an event has an evt.type, or an evt.kind that 'outrider "
                                "trace' lists",
                                file.name, written.place.line, written.place.column),
                    ExitCode::kBadInput);
      }
      const auto values = maker.make(written, *kind, number, arena);
      if (!values) return std::unexpected(values.error());
      wire_header header{};
      header.kind = kind->kind;
      header.time = kFirstTime + number * kBetween;
      Event event;
      event.descriptor = kind;
      event.header = &header;
      event.arena = &arena;
      event.given = &*values;
      std::vector<MadeAlert> made;
      for (RuleCoverage::OfRule& each : coverage.rules) {
        const Rule& rule = *each.rule;
        if (std::ranges::find(rule.kinds.kinds, kind) == rule.kinds.kinds.end()) continue;
        for (std::size_t i = 0; i < rule.condition.atoms.size(); ++i) {
          const bool holds =
              judge_atom(rule.condition, rule.condition.atoms[i], event).value_or(false);
          (holds ? each.been_true : each.been_false)[i] = true;
        }
        if (!evaluate(rule.condition, event)) {
          ++each.held_back;
          continue;
        }
        ++each.fired;
        std::string output;
        rule.output.append_text(output, event);
        made.push_back({.rule = &rule, .output = std::move(output)});
      }
      compare(written, made, outcome.differences);
      ++number;
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

std::string coverage_text(const RuleCoverage& coverage, bool all) {
  std::string text;
  const auto to = std::back_inserter(text);
  std::size_t fired = 0;
  std::size_t held_back = 0;
  std::size_t comparisons = 0;
  std::size_t both = 0;
  for (const RuleCoverage::OfRule& each : coverage.rules) {
    fired += each.fired > 0 ? 1 : 0;
    held_back += each.held_back > 0 ? 1 : 0;
    if (all && each.fired == 0) fmt::format_to(to, "never fired: {}\n", each.rule->name);
    if (all && each.held_back == 0) {
      fmt::format_to(to, "never held back: {}\n", each.rule->name);
    }
    for (std::size_t i = 0; i < each.been_true.size(); ++i) {
      ++comparisons;
      both += each.been_true[i] && each.been_false[i] ? 1 : 0;
      if (!all || (each.been_true[i] && each.been_false[i])) continue;
      fmt::format_to(to, "never {}: {}: {}\n", each.been_true[i] ? "false" : "true",
                     each.rule->name, each.rule->condition.atoms[i].text);
    }
  }
  fmt::format_to(to,
                 "coverage: {} of {} rules fired, {} held back; {} of {} comparisons were both "
                 "true and false\n",
                 fired, coverage.rules.size(), held_back, both, comparisons);
  return text;
}

std::string junit_text(
    const std::vector<std::pair<std::string, std::vector<RuleTestOutcome>>>& outcomes) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const auto& [file, tests] : outcomes) {
    const auto failed = std::ranges::count_if(
        tests, [](const RuleTestOutcome& each) { return !each.differences.empty(); });
    text += "<testsuite name=\"";
    append_xml(text, file);
    fmt::format_to(std::back_inserter(text), "\" tests=\"{}\" failures=\"{}\">\n", tests.size(),
                   failed);
    for (const RuleTestOutcome& test : tests) {
      text += "<testcase classname=\"rules\" name=\"";
      append_xml(text, test.test);
      text += "\">";
      for (const std::string& difference : test.differences) {
        text += "<failure>";
        append_xml(text, difference);
        text += "</failure>";
      }
      text += "</testcase>\n";
    }
    text += "</testsuite>\n";
  }
  return text + "</testsuites>\n";
}

}  // namespace outrider
