// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include "base/nearest.h"
#include "base/yaml_documents.h"
#include "rules/rule_tests.h"

namespace outrider {

namespace {

constexpr std::size_t kMostParents = 64;

// What a file, a test and an event may have besides fields.
constexpr std::string_view kFileKeys[] = {"rules", "processes", "containers", "tests"};
constexpr std::string_view kTestKeys[] = {"name", "events"};
constexpr std::string_view kEventKeys[] = {"process", "container", "alerts"};
constexpr std::string_view kAlertKeys[] = {"rule", "output"};

// Of an ancestor: the field of its own, and those that its child and further ones have of it.
struct OfParent {
  std::string_view own;
  std::string_view of_parent;
  std::string_view of_ancestors;
};
constexpr OfParent kOfParents[] = {{"proc.name", "proc.pname", "proc.aname"},
                                   {"proc.exe", "proc.pexe", "proc.aexe"},
                                   {"proc.exepath", "proc.pexepath", "proc.aexepath"},
                                   {"proc.cmdline", "proc.pcmdline", "proc.acmdline"},
                                   {"proc.pid", "proc.ppid", "proc.apid"}};

class Reader {
 public:
  explicit Reader(const RuleText& text) : text_(text) {}

  Result<RuleTestFile> read() {
    std::optional<YamlError> error;
    const auto documents = yaml_documents(text_.text, error);
    if (error) complain({.line = at(error->line), .column = at(error->column)}, error->sentence);
    RuleTestFile file;
    file.name = text_.name;
    for (const YamlDocument& document : documents) {
      first_line_ = document.first_line;
      if (document.root.IsDefined() && !document.root.IsNull()) read_file(document.root, file);
    }
    if (errors_.empty() && file.tests.empty()) {
      complain({}, "no tests: 'tests:' and a list of them is expected");
    }
    if (!errors_.empty()) {
      return fail(fmt::format("{}", fmt::join(errors_, "\n")), ExitCode::kBadInput);
    }
    return file;
  }

 private:
  using Definitions = std::map<std::string, TestFields, std::less<>>;

  static std::uint32_t at(int number) {
    return static_cast<std::uint32_t>(std::max(number, 0) + 1);
  }
  [[nodiscard]] FilePlace place_of(const YAML::Node& node) const {
    const YAML::Mark mark = node.Mark();
    return {.line = at(first_line_ + std::max(mark.line, 0)), .column = at(mark.column)};
  }
  void complain(FilePlace place, std::string_view sentence) {
    errors_.push_back(fmt::format("{}:{}:{}: {}", text_.name, place.line, place.column, sentence));
  }
  bool expect(bool holds, const YAML::Node& node, std::string_view sentence) {
    if (!holds) complain(place_of(node), sentence);
    return holds;
  }

  bool expect_keys(const YAML::Node& map, std::span<const std::string_view> known,
                   std::string_view what) {
    if (!expect(map.IsMap(), map, fmt::format("{} has keys and values", what))) return false;
    bool good = true;
    for (const auto& entry : map) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (std::ranges::find(known, key) != known.end()) continue;
      good = false;
      complain(place_of(entry.first), unknown_name(fmt::format("{} has no key", what), key, known,
                                                   fmt::format("{}", fmt::join(known, ", "))));
    }
    return good;
  }

  void read_file(const YAML::Node& root, RuleTestFile& file) {
    if (!expect_keys(root, kFileKeys, "a file of tests")) return;
    for (const YAML::Node& each : root["rules"]) {
      if (expect(each.IsScalar(), each, "a file of rules is expected")) {
        file.rules.push_back(each.Scalar());
      }
    }
    read_definitions(root["processes"], "proc", processes_);
    read_definitions(root["containers"], "container", containers_);
    for (auto& [name, fields] : processes_) add_parents(name, fields);
    for (const YAML::Node& each : root["tests"]) read_test(each, file);
  }

  // "name: {field: value}"; a name without a dot is a field of `prefix`.
  void read_definitions(const YAML::Node& map, std::string_view prefix, Definitions& definitions) {
    if (!map.IsDefined() || map.IsNull()) return;
    if (!expect(map.IsMap(), map, "names and their fields are expected")) return;
    for (const auto& entry : map) {
      if (!expect(entry.first.IsScalar() && entry.second.IsMap(), entry.first,
                  "a name and its fields are expected")) {
        continue;
      }
      TestFields fields;
      for (const auto& field : entry.second) {
        std::string name = field.first.IsScalar() ? field.first.Scalar() : "";
        if (name.find('.') == std::string::npos && name != "parent") {
          name = fmt::format("{}.{}", prefix, name);
        }
        fields.add(name, value_of(field.second));
      }
      definitions[entry.first.Scalar()] = std::move(fields);
    }
  }

  TestValue value_of(const YAML::Node& node) {
    TestValue value{.place = place_of(node)};
    if (node.IsSequence()) {
      value.kind = TestValue::Kind::kList;
      for (const YAML::Node& each : node) {
        if (expect(each.IsScalar(), each, "a list has texts in it")) {
          value.items.push_back(each.Scalar());
        }
      }
    } else if (expect(node.IsScalar(), node, "a text, a number or a list is expected")) {
      value.text = node.Scalar();
      // Not in quotes.
      if (value.text == "?" && node.Tag() != "!") value.kind = TestValue::Kind::kUnknown;
    }
    return value;
  }

  // What a process has of its ancestors.
  void add_parents(const std::string& name, TestFields& fields) {
    std::vector<const TestFields*> line = {&fields};
    std::string_view child = name;
    while (const TestValue* parent = line.back()->find("parent")) {
      const auto found = processes_.find(parent->text);
      if (found == processes_.end() || line.size() > kMostParents) {
        complain(parent->place, found == processes_.end()
                                    ? fmt::format("no process '{}'", parent->text)
                                    : fmt::format("'{}' has no end of parents", child));
        return;
      }
      line.push_back(&found->second);
    }
    TestFields more;
    for (const OfParent& row : kOfParents) {
      TestValue list{.kind = TestValue::Kind::kList};
      for (std::size_t i = 0; i < line.size(); ++i) {
        const TestValue* value = line[i]->find(row.own);
        if (value == nullptr) continue;
        more.add(fmt::format("{}[{}]", row.of_ancestors, i), *value);
        if (i == 1) more.add(row.of_parent, *value);
        if (i > 0) list.items.push_back(value->text);
      }
      if (!list.items.empty()) more.add(row.of_ancestors, std::move(list));
    }
    for (auto& [field, value] : more.values) fields.add(field, std::move(value));
  }

  void read_test(const YAML::Node& node, RuleTestFile& file) {
    if (!expect_keys(node, kTestKeys, "a test")) return;
    RuleTest test;
    test.place = place_of(node);
    if (!expect(node["name"].IsDefined() && node["name"].IsScalar(), node, "a test has a name")) {
      return;
    }
    test.name = node["name"].Scalar();
    for (const YAML::Node& event : node["events"]) read_event(event, test);
    if (test.events.empty()) complain(test.place, "a test has events");
    file.tests.push_back(std::move(test));
  }

  void read_event(const YAML::Node& node, RuleTest& test) {
    if (!expect(node.IsMap(), node, "an event has fields and their values")) return;
    TestEvent event{.place = place_of(node), .fields = {}, .alerts = {}};
    for (const auto& entry : node) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (std::ranges::find(kEventKeys, name) == std::end(kEventKeys)) {
        event.fields.add(name, value_of(entry.second));
      }
    }
    add_definition(node["process"], processes_, "process", event);
    add_definition(node["container"], containers_, "container", event);
    for (const YAML::Node& alert : node["alerts"]) read_alert(alert, event);
    test.events.push_back(std::move(event));
  }

  void add_definition(const YAML::Node& name, const Definitions& definitions, std::string_view what,
                      TestEvent& event) {
    if (!name.IsDefined()) return;
    const auto found = definitions.find(name.IsScalar() ? name.Scalar() : "");
    if (found == definitions.end()) {
      complain(place_of(name), fmt::format("no {} of this name is defined", what));
      return;
    }
    for (const auto& [field, value] : found->second.values) {
      if (field != "parent") event.fields.add(field, value);
    }
  }

  void read_alert(const YAML::Node& node, TestEvent& event) {
    ExpectedAlert alert{.rule = {}, .output = {}, .place = place_of(node)};
    if (node.IsScalar()) {
      alert.rule = node.Scalar();
    } else {
      if (!expect_keys(node, kAlertKeys, "an alert")) return;
      if (!expect(node["rule"].IsDefined(), node, "an alert has a rule")) return;
      alert.rule = node["rule"].Scalar();
      if (node["output"].IsDefined()) alert.output = node["output"].Scalar();
    }
    event.alerts.push_back(std::move(alert));
  }

  const RuleText& text_;
  int first_line_ = 0;  // of the document
  Definitions processes_;
  Definitions containers_;
  std::vector<std::string> errors_;
};

}  // namespace

const TestValue* TestFields::find(std::string_view name) const {
  const auto found = std::ranges::find(
      values, name, [](const auto& each) { return std::string_view(each.first); });
  return found == values.end() ? nullptr : &found->second;
}

void TestFields::add(std::string_view name, TestValue value) {
  if (find(name) == nullptr) values.emplace_back(std::string(name), std::move(value));
}

Result<RuleTestFile> read_rule_tests(const RuleText& text) {
  try {
    return Reader(text).read();
  } catch (const YAML::Exception& exception) {
    return fail(fmt::format("{}:{}:{}: {}", text.name, exception.mark.line + 1,
                            exception.mark.column + 1, exception.msg),
                ExitCode::kBadInput);
  }
}

}  // namespace outrider
