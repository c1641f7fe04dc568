// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "base/nearest.h"
#include "base/yaml_documents.h"
#include "language/expression.h"

namespace outrider {

namespace {

using Code = DiagnosticCode;

// What a file may say at most; no rules that people write come near.
constexpr std::size_t kMostEntries = 100'000;  // of the exceptions of a rule
constexpr int kDeepestEntry = 4;

constexpr std::string_view kEngineVersionKey = "required_engine_version";
constexpr std::string_view kPluginVersionsKey = "required_plugin_versions";

// What the fields of Falco's container plugin need: they are built in, as of this version.
constexpr std::string_view kBuiltInPlugin = "container";
constexpr std::string_view kBuiltInPluginVersion = "0.9.0";

constexpr std::string_view kListKeys[] = {"list", "items", "append", "override"};
constexpr std::string_view kMacroKeys[] = {"macro", "condition", "append", "override"};
constexpr std::string_view kRuleKeys[] = {"rule",       "desc",          "condition",
                                          "output",     "priority",      "source",
                                          "enabled",    "tags",          "append",
                                          "override",   "warn_evttypes", "skip-if-unknown-filter",
                                          "exceptions", "capture",       "capture_duration"};
constexpr std::string_view kExceptionKeys[] = {"name", "fields", "comps", "values"};

// What `override` may do with a key of a rule.
struct OverridableKey {
  std::string_view name;
  bool appends;
};
constexpr OverridableKey kRuleOverrides[] = {
    {"condition", true}, {"output", true},         {"desc", true},
    {"tags", true},      {"exceptions", true},     {"priority", false},
    {"enabled", false},  {"warn_evttypes", false}, {"skip-if-unknown-filter", false},
};
constexpr OverridableKey kListOverrides[] = {{"items", true}};
constexpr OverridableKey kMacroOverrides[] = {{"condition", true}};

enum class Change : std::uint8_t { kNone, kAppend, kReplace };

struct Version {
  std::array<std::uint32_t, 3> parts = {};
};

std::optional<Version> parse_version(std::string_view text) {
  Version version;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < version.parts.size(); ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto parsed = std::from_chars(at, end, version.parts[i]);
    if (parsed.ec != std::errc()) return std::nullopt;
    at = parsed.ptr;
  }
  // What follows a '-' or '+' is of no account (semver.org, 10).
  if (at != end && *at != '-' && *at != '+') return std::nullopt;
  return version;
}

// Whether something of version `has` does for who needs `wanted`.
bool is_compatible(const Version& has, const Version& wanted) {
  return has.parts[0] == wanted.parts[0] && has.parts >= wanted.parts;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_macro_name(std::string_view name) {
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_list_name(std::string_view name) {
  return !name.empty() && name.find_first_of("()\"'=, \t\n\r\v\f") == std::string_view::npos;
}

class Reader {
 public:
  Reader(std::uint32_t number, std::string_view text, RuleDefinitions& definitions,
         std::vector<Diagnostic>& diagnostics)
      : number_(number), text_(text), definitions_(definitions), diagnostics_(diagnostics) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') lines_.push_back(i + 1);
    }
  }

  bool read() {
    std::optional<YamlError> error;
    const std::vector<YamlDocument> documents = yaml_documents(text_, error);
    if (error) {
      const FilePlace place = at(error->line, error->column);
      return complain(Code::kYamlParse, place, "no YAML: {}", error->sentence);
    }
    for (const YamlDocument& document : documents) {
      first_line_ = document.first_line;
      const YAML::Node& root = document.root;
      if (!root.IsDefined() || root.IsNull()) continue;
      if (!root.IsSequence()) {
        return complain(Code::kYamlValidate, place_of(root),
                        "a rule file is a list: each of its items begins with '- rule:', "
                        "'- macro:' or '- list:'");
      }
      for (const YAML::Node& item : root) {
        if (!item.IsNull() && !read_item(item)) return false;
      }
    }
    return true;
  }

 private:
  // ---- places and complaints

  [[nodiscard]] FilePlace at(int line, int column) const {
    return {.file = number_,
            .line = static_cast<std::uint32_t>(std::max(line, 0) + 1),
            .column = static_cast<std::uint32_t>(std::max(column, 0) + 1)};
  }
  [[nodiscard]] FilePlace place_of(const YAML::Node& node) const {
    const YAML::Mark mark = node.Mark();
    return at(first_line_ + std::max(mark.line, 0), mark.column);
  }

  // Always false, to be returned.
  template <typename... Arguments>
  bool complain(Code code, FilePlace place, fmt::format_string<Arguments...> sentence,
                Arguments&&... arguments) {
    diagnostics_.push_back(
        {.code = code,
         .place = place,
         .sentence = fmt::format(sentence, std::forward<Arguments>(arguments)...)});
    return false;
  }

  // ---- values

  [[nodiscard]] PlacedText placed(const YAML::Node& node) const {
    const FilePlace start = place_of(node);
    std::size_t offset = text_.size();
    if (start.line <= lines_.size()) offset = lines_[start.line - 1] + start.column - 1;
    return PlacedText::of_scalar(start, text_.substr(std::min(offset, text_.size())),
                                 node.Scalar());
  }

  // A key that must be there, with a text.
  bool read_text(const YAML::Node& item, std::string_view key, PlacedText& out) {
    const YAML::Node value = item[std::string(key)];
    if (!value.IsDefined()) {
      return complain(Code::kYamlValidate, place_of(item), "'{}' is missing", key);
    }
    if (value.IsNull()) {
      return complain(Code::kYamlValidate, place_of(value), "'{}' is empty", key);
    }
    if (!value.IsScalar()) {
      return complain(Code::kYamlValidate, place_of(value), "'{}' is one text, no list", key);
    }
    if (value.Scalar().empty()) {
      return complain(Code::kYamlValidate, place_of(value), "'{}' is empty", key);
    }
    out = placed(value);
    return true;
  }

  bool read_text(const YAML::Node& item, std::string_view key, std::string& out) {
    PlacedText text;
    if (!read_text(item, key, text)) return false;
    out = text.text();
    return true;
  }

  bool read_truth(const YAML::Node& item, std::string_view key, bool& out) {
    std::string text;
    if (!read_text(item, key, text)) return false;
    bool value = false;
    if (!YAML::convert<bool>::decode(item[std::string(key)], value)) {
      return complain(Code::kYamlValidate, place_of(item[std::string(key)]),
                      "'{}' is true or false, not '{}'", key, text);
    }
    out = value;
    return true;
  }

  // As above, but only if the key is there.
  template <typename Out>
  bool read_if_there(const YAML::Node& item, std::string_view key, Out& out,
                     bool (Reader::*reads)(const YAML::Node&, std::string_view, Out&)) {
    return !has(item, key) || (this->*reads)(item, key, out);
  }

  static bool has(const YAML::Node& item, std::string_view key) {
    return item[std::string(key)].IsDefined();
  }

  bool read_texts(const YAML::Node& item, std::string_view key, std::vector<PlacedText>& out) {
    const YAML::Node list = item[std::string(key)];
    if (!list.IsDefined()) {
      return complain(Code::kYamlValidate, place_of(item), "'{}' is missing", key);
    }
    if (!list.IsSequence()) {
      return complain(Code::kYamlValidate, place_of(list), "'{}' is a list, as in [a, b]", key);
    }
    for (const YAML::Node& value : list) {
      if (!value.IsScalar()) {
        return complain(Code::kYamlValidate, place_of(value), "a text is expected in '{}'", key);
      }
      out.push_back(placed(value));
    }
    return true;
  }

  bool read_tags(const YAML::Node& item, std::set<std::string>& tags) {
    if (!has(item, "tags")) return true;
    std::vector<PlacedText> texts;
    if (!read_texts(item, "tags", texts)) return false;
    for (const PlacedText& text : texts) tags.insert(text.text());
    return true;
  }

  bool read_priority(const YAML::Node& item, Priority& priority) {
    std::string text;
    if (!read_text(item, "priority", text)) return false;
    const auto parsed = parse_priority(text);
    if (!parsed) {
      const auto names = priority_names();
      return complain(Code::kYamlValidate, place_of(item["priority"]),
                      "no priority '{}'; there are {}", text, fmt::join(names, ", "));
    }
    priority = *parsed;
    return true;
  }

  void warn_of_unknown_keys(const YAML::Node& item, std::string_view what,
                            std::span<const std::string_view> known) {
    for (const auto& entry : item) {
      if (!entry.first.IsScalar()) continue;
      const std::string& key = entry.first.Scalar();
      if (std::ranges::find(known, key) != known.end()) continue;
      const std::string_view near = nearest(key, known);
      complain(Code::kUnknownKey, place_of(entry.first), "a {} has no key '{}'; it is ignored{}",
               what, key, near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
    }
  }

  // ---- items

  bool read_item(const YAML::Node& item) {
    if (!item.IsMap()) {
      return complain(Code::kYamlValidate, place_of(item),
                      "keys and values are expected here, as in '- rule: NAME'");
    }
    if (has(item, kEngineVersionKey)) return read_engine_version(item);
    if (has(item, kPluginVersionsKey)) return read_plugin_versions(item);
    if (has(item, "list")) return read_list(item);
    if (has(item, "macro")) return read_macro(item);
    if (has(item, "rule")) return read_rule(item);
    complain(Code::kUnknownItem, place_of(item),
             "neither a rule nor a macro nor a list; it is ignored");
    return true;
  }

  bool read_engine_version(const YAML::Node& item) {
    std::string text;
    if (!read_text(item, kEngineVersionKey, text)) return false;
    const FilePlace place = place_of(item[std::string(kEngineVersionKey)]);
    // Before versions had three parts they were a number.
    const bool is_number = std::ranges::all_of(text, is_digit);
    const auto wanted = parse_version(is_number ? fmt::format("0.{}.0", text) : text);
    if (!wanted) {
      return complain(Code::kYamlValidate, place, "no version '{}'; one looks like {}", text,
                      kFalcoEngineVersion);
    }
    if (!is_compatible(*parse_version(kFalcoEngineVersion), *wanted)) {
      return complain(Code::kValidate, place,
                      "these rules are for version {} of Falco's engine; known is {}", text,
                      kFalcoEngineVersion);
    }
    return true;
  }

  bool read_plugin_versions(const YAML::Node& item) {
    const YAML::Node list = item[std::string(kPluginVersionsKey)];
    if (!list.IsSequence()) {
      return complain(Code::kYamlValidate, place_of(list), "'{}' is a list of names and versions",
                      kPluginVersionsKey);
    }
    for (const YAML::Node& plugin : list) {
      bool is_built_in = false;
      if (!read_plugin(plugin, is_built_in)) return false;
      const YAML::Node others = plugin["alternatives"];
      if (others.IsDefined()) {
        if (!others.IsSequence()) {
          return complain(Code::kYamlValidate, place_of(others), "'alternatives' is a list");
        }
        for (const YAML::Node& other : others) {
          if (!read_plugin(other, is_built_in)) return false;
        }
      }
      if (!is_built_in) {
        return complain(Code::kValidate, place_of(plugin),
                        "plugin '{}' of version {} is needed; there are no plugins, only the "
                        "fields of '{}' are built in, as of version {}",
                        plugin["name"].Scalar(), plugin["version"].Scalar(), kBuiltInPlugin,
                        kBuiltInPluginVersion);
      }
    }
    return true;
  }

  bool read_plugin(const YAML::Node& plugin, bool& is_built_in) {
    if (!plugin.IsMap()) {
      return complain(Code::kYamlValidate, place_of(plugin), "'name' and 'version' are expected");
    }
    std::string name;
    std::string version;
    if (!read_text(plugin, "name", name) || !read_text(plugin, "version", version)) return false;
    const auto wanted = parse_version(version);
    if (!wanted) {
      return complain(Code::kValidate, place_of(plugin["version"]),
                      "no version '{}' of plugin '{}'; one looks like {}", version, name,
                      kBuiltInPluginVersion);
    }
    if (name == kBuiltInPlugin && is_compatible(*parse_version(kBuiltInPluginVersion), *wanted)) {
      is_built_in = true;
    }
    return true;
  }

  // What `append: true` and `override` ask for, by key.
  struct Changes {
    bool appends_all = false;  // append: true
    std::map<std::string, Change> by_key = {};

    [[nodiscard]] Change of(std::string_view key) const {
      const auto found = by_key.find(std::string(key));
      return found == by_key.end() ? Change::kNone : found->second;
    }
  };

  bool read_changes(const YAML::Node& item, std::span<const OverridableKey> overridable,
                    Changes& changes) {
    if (!read_if_there(item, "append", changes.appends_all, &Reader::read_truth)) return false;
    if (changes.appends_all) {
      complain(Code::kDeprecatedItem, place_of(item["append"]),
               "'append' is deprecated; write an entry below 'override', as in "
               "'override: {{condition: append}}'");
    }
    const YAML::Node overrides = item["override"];
    if (!overrides.IsDefined()) return true;
    if (!overrides.IsMap()) {
      return complain(Code::kYamlValidate, place_of(overrides),
                      "keys and 'append' or 'replace' are expected below 'override'");
    }
    for (const auto& entry : overrides) {
      if (!read_override(item, entry.first, entry.second, overridable, changes)) return false;
    }
    if (changes.appends_all && !changes.by_key.empty()) {
      return complain(Code::kYamlValidate, place_of(item["append"]),
                      "'append' and 'override' do not go together; leave 'append' out, and write "
                      "'append' below 'override'");
    }
    return true;
  }

  bool read_override(const YAML::Node& item, const YAML::Node& key_node,
                     const YAML::Node& change_node, std::span<const OverridableKey> overridable,
                     Changes& changes) {
    if (!key_node.IsScalar() || !change_node.IsScalar()) {
      return complain(Code::kYamlValidate, place_of(key_node),
                      "keys and 'append' or 'replace' are expected below 'override'");
    }
    const std::string& key = key_node.Scalar();
    const std::string& change = change_node.Scalar();
    const auto row = std::ranges::find(overridable, key, &OverridableKey::name);
    const bool is_known = row != overridable.end();
    if (change == "append" && !(is_known && row->appends)) {
      return complain(Code::kYamlValidate, place_of(key_node),
                      "'{}' cannot be appended to; use 'replace'", key);
    }
    if (change == "replace" && !is_known) {
      return complain(Code::kYamlValidate, place_of(key_node), "'{}' cannot be replaced", key);
    }
    if (change != "append" && change != "replace") {
      return complain(Code::kYamlValidate, place_of(change_node),
                      "'{}': 'append' or 'replace' is expected, not '{}'", key, change);
    }
    if (!has(item, key)) {
      return complain(Code::kYamlValidate, place_of(key_node),
                      "'{}' is to be changed, but is not given", key);
    }
    changes.by_key[key] = change == "append" ? Change::kAppend : Change::kReplace;
    return true;
  }

  // What both kinds of lists and macros do: append to what is there, or define it (again).
  template <typename Definition>
  bool define(std::vector<Definition>& all, Definition definition, bool appends,
              std::string_view what, void (*append)(Definition& to, const Definition& more)) {
    Definition* const before = find_definition(all, definition.name);
    const std::uint32_t number = definitions_.count++;
    if (appends) {
      if (before == nullptr) {
        return complain(Code::kValidate, definition.place,
                        "{} '{}' is to be appended to, but is not defined before", what,
                        definition.name);
      }
      append(*before, definition);
      before->order.sees_before = number;
      return true;
    }
    definition.order = {.number = number, .sees_before = number};
    if (before == nullptr) {
      all.push_back(std::move(definition));
    } else {
      // In the place of the old one: who could see that sees this.
      definition.order.number = before->order.number;
      *before = std::move(definition);
    }
    return true;
  }

  bool read_list(const YAML::Node& item) {
    ListDefinition list{.name = {}, .place = place_of(item), .order = {}, .items = {}};
    if (!read_text(item, "list", list.name)) return false;
    if (!is_list_name(list.name)) {
      return complain(
          Code::kYamlValidate, place_of(item["list"]),
          "no name of a list: '{}'; it has no blanks, quotes, parentheses, commas or =", list.name);
    }
    warn_of_unknown_keys(item, "list", kListKeys);
    Changes changes;
    if (!read_texts(item, "items", list.items) || !read_changes(item, kListOverrides, changes)) {
      return false;
    }
    const bool appends = changes.appends_all || changes.of("items") == Change::kAppend;
    return define(
        definitions_.lists, std::move(list), appends, "list",
        +[](ListDefinition& to, const ListDefinition& more) {
          to.items.insert(to.items.end(), more.items.begin(), more.items.end());
        });
  }

  bool read_macro(const YAML::Node& item) {
    MacroDefinition macro{.name = {}, .place = place_of(item), .order = {}, .condition = {}};
    if (!read_text(item, "macro", macro.name)) return false;
    if (!is_macro_name(macro.name)) {
      return complain(Code::kYamlValidate, place_of(item["macro"]),
                      "no name of a macro: '{}'; it is a letter, then letters, digits and _",
                      macro.name);
    }
    warn_of_unknown_keys(item, "macro", kMacroKeys);
    Changes changes;
    if (!read_text(item, "condition", macro.condition) ||
        !read_changes(item, kMacroOverrides, changes)) {
      return false;
    }
    const bool appends = changes.appends_all || changes.of("condition") == Change::kAppend;
    return define(
        definitions_.macros, std::move(macro), appends, "macro",
        +[](MacroDefinition& to, const MacroDefinition& more) {
          to.condition.append(" ", more.place);
          to.condition.append(more.condition);
        });
  }

  // ---- rules

  bool read_rule(const YAML::Node& item) {
    RuleDefinition rule;
    rule.place = place_of(item);
    if (!read_text(item, "rule", rule.name)) return false;
    warn_of_unknown_keys(item, "rule", kRuleKeys);
    Changes changes;
    if (!read_changes(item, kRuleOverrides, changes)) return false;
    if (changes.appends_all) {
      for (const std::string_view key : {"condition", "exceptions"}) {
        if (has(item, key)) changes.by_key[std::string(key)] = Change::kAppend;
      }
      if (changes.by_key.empty()) {
        return complain(Code::kValidate, rule.place,
                        "'append' needs a 'condition' or 'exceptions' to append");
      }
    }
    if (!changes.by_key.empty()) return change_rule(item, rule, changes);
    const bool says_anything =
        std::ranges::any_of(std::array{"condition", "output", "desc", "priority"},
                            [&](std::string_view key) { return has(item, key); });
    if (!says_anything) return enable_rule(item, rule);
    return define_rule(item, std::move(rule));
  }

  bool define_rule(const YAML::Node& item, RuleDefinition rule) {
    rule.source = "syscall";
    if (!read_text(item, "condition", rule.condition) || !read_text(item, "output", rule.output) ||
        !read_text(item, "desc", rule.description) || !read_priority(item, rule.priority) ||
        !read_if_there(item, "source", rule.source, &Reader::read_text) ||
        !read_truths(item, rule) || !read_tags(item, rule.tags) ||
        !read_exceptions(item, /*appends=*/false, rule.exceptions)) {
      return false;
    }
    for (ExceptionDefinition& exception : rule.exceptions) {
      if (!complete(exception)) return false;
    }
    RuleDefinition* const before = find_definition(definitions_.rules, rule.name);
    if (before != nullptr && before->source != rule.source) {
      return complain(Code::kValidate, rule.place,
                      "rule '{}' had the source '{}' before, and cannot be defined again with '{}'",
                      rule.name, before->source, rule.source);
    }
    if (rule.source != "syscall") {
      complain(Code::kUnknownSource, place_of(item["source"]),
               "rule '{}' is left out: no source '{}', only syscall", rule.name, rule.source);
    }
    return define(
        definitions_.rules, std::move(rule), false, "rule",
        +[](RuleDefinition&, const RuleDefinition&) {});
  }

  bool read_truths(const YAML::Node& item, RuleDefinition& rule) {
    return read_if_there(item, "enabled", rule.enabled, &Reader::read_truth) &&
           read_if_there(item, "warn_evttypes", rule.warns_of_event_types, &Reader::read_truth) &&
           read_if_there(item, "skip-if-unknown-filter", rule.skips_unknown_filter,
                         &Reader::read_truth);
  }

  // "- rule: NAME" and "enabled": of one that is defined before.
  bool enable_rule(const YAML::Node& item, const RuleDefinition& rule) {
    bool enabled = true;
    if (!read_truth(item, "enabled", enabled)) return false;
    complain(Code::kDeprecatedItem, place_of(item["enabled"]),
             "'enabled' alone is deprecated; write 'override: {{enabled: replace}}' as well");
    RuleDefinition* const before = find_definition(definitions_.rules, rule.name);
    if (before == nullptr) {
      return complain(Code::kValidate, rule.place, "no rule '{}' is defined before; it needs {}",
                      rule.name, "a condition, an output, a desc and a priority");
    }
    before->enabled = enabled;
    return true;
  }

  bool change_rule(const YAML::Node& item, const RuleDefinition& rule, const Changes& changes) {
    RuleDefinition* const before = find_definition(definitions_.rules, rule.name);
    if (before == nullptr) {
      return complain(Code::kValidate, rule.place,
                      "rule '{}' is to be changed, but is not defined before", rule.name);
    }
    // All that can be changed must be said to be.
    if (!changes.appends_all) {
      for (const OverridableKey& key : kRuleOverrides) {
        if (has(item, key.name) && changes.of(key.name) == Change::kNone) {
          return complain(Code::kYamlValidate, place_of(item[std::string(key.name)]),
                          "'{}' is given, but 'override' does not say what is to become of it",
                          key.name);
        }
      }
    }
    for (const Change change : {Change::kAppend, Change::kReplace}) {
      for (const auto& [key, wanted] : changes.by_key) {
        if (wanted == change && !change_key(item, key, change, *before)) return false;
      }
    }
    before->order.sees_before = definitions_.count++;
    return true;
  }

  bool change_key(const YAML::Node& item, const std::string& key, Change change,
                  RuleDefinition& rule) {
    const bool appends = change == Change::kAppend;
    if (key == "condition") return change_text(item, key, appends, rule.condition);
    if (key == "output") return change_text(item, key, appends, rule.output);
    if (key == "desc") {
      std::string text;
      if (!read_text(item, key, text)) return false;
      rule.description = appends ? rule.description + " " + text : text;
      return true;
    }
    if (key == "tags") {
      if (!appends) rule.tags.clear();
      return read_tags(item, rule.tags);
    }
    if (key == "exceptions") return change_exceptions(item, appends, rule);
    if (key == "priority") return read_priority(item, rule.priority);
    return read_truths(item, rule);
  }

  bool change_text(const YAML::Node& item, std::string_view key, bool appends, PlacedText& text) {
    PlacedText more;
    if (!read_text(item, key, more)) return false;
    if (appends) {
      text.append(" ", more.place(std::size_t{0}));
      text.append(more);
    } else {
      text = more;
    }
    return true;
  }

  // ---- exceptions

  bool change_exceptions(const YAML::Node& item, bool appends, RuleDefinition& rule) {
    std::vector<ExceptionDefinition> changed;
    if (!read_exceptions(item, /*appends=*/true, changed)) return false;
    if (!appends) rule.exceptions.clear();
    for (ExceptionDefinition& exception : changed) {
      const auto before =
          std::ranges::find(rule.exceptions, exception.name, &ExceptionDefinition::name);
      if (before == rule.exceptions.end()) {
        if (appends && exception.values.empty()) {
          return complain(Code::kValidate, exception.place, "exception '{}' has no values",
                          exception.name);
        }
        if (!complete(exception)) return false;
        rule.exceptions.push_back(std::move(exception));
        continue;
      }
      if (exception.fields || exception.comparisons) {
        return complain(Code::kValidate, exception.place,
                        "only values can be appended to exception '{}': leave fields and comps out",
                        exception.name);
      }
      std::ranges::move(exception.values, std::back_inserter(before->values));
    }
    return true;
  }

  bool read_exceptions(const YAML::Node& item, bool appends,
                       std::vector<ExceptionDefinition>& exceptions) {
    const YAML::Node list = item["exceptions"];
    if (!list.IsDefined() || list.IsNull()) return true;
    if (!list.IsSequence()) {
      return complain(Code::kYamlValidate, place_of(list), "'exceptions' is a list");
    }
    entries_ = 0;
    for (const YAML::Node& node : list) {
      ExceptionDefinition exception;
      exception.place = place_of(node);
      if (!node.IsMap()) {
        return complain(Code::kYamlValidate, exception.place,
                        "an exception has a name, fields, comps and values");
      }
      if (!read_text(node, "name", exception.name)) return false;
      if (std::ranges::find(exceptions, exception.name, &ExceptionDefinition::name) !=
          exceptions.end()) {
        return complain(Code::kYamlValidate, exception.place,
                        "a second exception '{}' of this rule; names are for one each",
                        exception.name);
      }
      warn_of_unknown_keys(node, "exception", kExceptionKeys);
      if (!read_entry_if_there(node, "fields", exception.fields) ||
          !read_entry_if_there(node, "comps", exception.comparisons)) {
        return false;
      }
      if (!appends && !exception.fields) {
        return complain(Code::kYamlValidate, exception.place, "exception '{}' has no fields",
                        exception.name);
      }
      if (!read_values(node, appends, exception)) return false;
      exceptions.push_back(std::move(exception));
    }
    return true;
  }

  bool read_values(const YAML::Node& node, bool appends, ExceptionDefinition& exception) {
    const YAML::Node values = node["values"];
    if (!values.IsDefined()) {
      if (appends) {
        complain(Code::kAppendNoValues, exception.place,
                 "exception '{}' is changed, but has no values", exception.name);
      }
      return true;
    }
    if (!values.IsSequence()) {
      return complain(Code::kYamlValidate, place_of(values), "'values' is a list");
    }
    for (const YAML::Node& value : values) {
      ExceptionEntry entry;
      if (!read_entry(value, kDeepestEntry, entry)) return false;
      exception.values.push_back(std::move(entry));
    }
    return true;
  }

  bool read_entry_if_there(const YAML::Node& node, const std::string& key,
                           std::optional<ExceptionEntry>& out) {
    const YAML::Node value = node[key];
    if (!value.IsDefined()) return true;
    ExceptionEntry entry;
    if (!read_entry(value, 1, entry)) return false;
    out = std::move(entry);
    return true;
  }

  bool read_entry(const YAML::Node& node, int depth, ExceptionEntry& entry) {
    entry.place = place_of(node);
    if (++entries_ > kMostEntries) {
      return complain(Code::kYamlValidate, entry.place, "more than {} values of exceptions",
                      kMostEntries);
    }
    if (node.IsScalar()) {
      if (node.Scalar().empty()) {
        return complain(Code::kYamlValidate, entry.place, "an empty value of an exception");
      }
      entry.text = placed(node);
      return true;
    }
    if (!node.IsSequence() || depth == 0) {
      return complain(Code::kYamlValidate, entry.place,
                      "a text or a list of texts is expected in an exception");
    }
    entry.is_list = true;
    for (const YAML::Node& each : node) {
      ExceptionEntry item;
      if (!read_entry(each, depth - 1, item)) return false;
      entry.items.push_back(std::move(item));
    }
    return true;
  }

  // Puts the comparisons in that are meant where none are given, and looks that all fits.
  bool complete(ExceptionDefinition& exception) {
    if (!exception.fields) {
      return complain(Code::kValidate, exception.place, "exception '{}' has no fields",
                      exception.name);
    }
    const ExceptionEntry& fields = *exception.fields;
    if (!exception.comparisons) {
      const auto entry = [&](std::string_view text) {
        return ExceptionEntry{.place = exception.place,
                              .is_list = false,
                              .text = PlacedText::at(exception.place, text),
                              .items = {}};
      };
      ExceptionEntry comparisons = entry("in");
      comparisons.is_list = fields.is_list;
      if (fields.is_list) comparisons.items.assign(fields.items.size(), entry("="));
      exception.comparisons = std::move(comparisons);
    }
    const ExceptionEntry& comparisons = *exception.comparisons;
    if (comparisons.is_list != fields.is_list || comparisons.items.size() != fields.items.size()) {
      return complain(Code::kValidate, comparisons.place,
                      "exception '{}': as many comps as fields are expected: {}, not {}",
                      exception.name, fields.is_list ? fields.items.size() : 1,
                      comparisons.is_list ? comparisons.items.size() : 1);
    }
    if (!fields.is_list) return is_list_operator(exception.name, comparisons);
    for (const ExceptionEntry& item : comparisons.items) {
      if (!is_operator(exception.name, item)) return false;
    }
    return true;
  }

  bool is_operator(std::string_view exception, const ExceptionEntry& entry) {
    if (std::ranges::find(kOperators, entry.text.text(), &OperatorRow::spelling) !=
        std::end(kOperators)) {
      return true;
    }
    return complain(Code::kValidate, entry.place, "exception '{}': no operator '{}'", exception,
                    entry.text.text());
  }

  bool is_list_operator(std::string_view exception, const ExceptionEntry& entry) {
    const auto* row = std::ranges::find(kOperators, entry.text.text(), &OperatorRow::spelling);
    if (row != std::end(kOperators) && row->right == RightSide::kList) return true;
    return complain(Code::kValidate, entry.place,
                    "exception '{}' has one field: its comps is one of in, pmatch and intersects, "
                    "not '{}'",
                    exception, entry.text.text());
  }

  std::uint32_t number_;
  std::string_view text_;
  std::vector<std::size_t> lines_ = {0};  // where each begins
  int first_line_ = 0;                    // of the document
  std::size_t entries_ = 0;               // of the exceptions being read
  RuleDefinitions& definitions_;
  std::vector<Diagnostic>& diagnostics_;
};

}  // namespace

bool read_rules(std::uint32_t number, std::string_view text, RuleDefinitions& definitions,
                std::vector<Diagnostic>& diagnostics) {
  try {
    return Reader(number, text, definitions, diagnostics).read();
  } catch (const YAML::Exception& exception) {
    // Of nodes that are asked for what they are not; each is looked at before.
    diagnostics.push_back({.code = Code::kYamlValidate,
                           .place = {.file = number, .line = 1, .column = 1},
                           .sentence = exception.msg});
    return false;
  }
}

}  // namespace outrider
