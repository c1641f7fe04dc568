// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "language/checker.h"
#include "language/matchers.h"
#include "language/parser.h"
#include "rules/list_substitution.h"
#include "rules/macro_expansion.h"
#include "rules/rule_reader.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

using Code = DiagnosticCode;

constexpr std::uintmax_t kFileMax = 16 << 20;  // bytes
// Of all lists, each with those of the lists in it; what is more is left out, and no rules that
// people write have so many.
constexpr std::size_t kMostItems = 1'000'000;
constexpr int kDeepestList = 100;
// What Falco's container plugin has added to the output of each rule.
constexpr std::string_view kContainerFields =
    " container_id=%container.id container_name=%container.name"
    " container_image_repository=%container.image.repository"
    " container_image_tag=%container.image.tag"
    " k8s_pod_name=%k8s.pod.name k8s_ns_name=%k8s.ns.name";
// More calls than these cost much: Falco's bound for its warning.
constexpr std::size_t kManyCalls = 100;

// Lists whose items are lists, too, put together.
class Lists {
 public:
  explicit Lists(const RuleDefinitions& definitions) {
    for (const ListDefinition& list : definitions.lists) {
      numbers_.emplace(list.name, lists_.size());
      lists_.push_back({.definition = &list});
    }
    for (std::size_t i = 0; i < lists_.size(); ++i) resolve(i, 0);
  }

  const std::vector<PlacedText>* find(std::string_view name) {
    const auto found = numbers_.find(name);
    if (found == numbers_.end()) return nullptr;
    lists_[found->second].used = true;
    return &lists_[found->second].items;
  }

  template <typename Each>
  void for_unused(Each each) const {
    for (const List& list : lists_) {
      if (!list.used) each(*list.definition);
    }
  }

 private:
  enum class State : std::uint8_t { kNew, kBeingResolved, kResolved };

  struct List {
    const ListDefinition* definition;
    std::vector<PlacedText> items = {};
    bool used = false;
    State state = State::kNew;
  };

  // A list that would hold itself, or is one of too many within one another, stays a word.
  void resolve(std::size_t number, int depth) {
    List& list = lists_[number];
    if (list.state != State::kNew) return;
    list.state = State::kBeingResolved;
    for (const PlacedText& item : list.definition->items) {
      const auto inner = numbers_.find(item.text());
      const bool is_visible =
          inner != numbers_.end() && depth < kDeepestList &&
          lists_[inner->second].definition->order.number < list.definition->order.sees_before;
      if (is_visible) resolve(inner->second, depth + 1);
      if (!is_visible || lists_[inner->second].state != State::kResolved) {
        add(list, {&item, 1});
        continue;
      }
      lists_[inner->second].used = true;
      add(list, lists_[inner->second].items);
    }
    list.state = State::kResolved;
  }

  void add(List& list, std::span<const PlacedText> items) {
    if (items_ + items.size() > kMostItems) return;
    items_ += items.size();
    list.items.insert(list.items.end(), items.begin(), items.end());
  }

  std::size_t items_ = 0;  // of all lists
  std::vector<List> lists_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
};

class Compiler {
 public:
  Compiler(const RuleDefinitions& definitions, std::vector<Diagnostic>& diagnostics, RuleSet& set)
      : definitions_(definitions), diagnostics_(diagnostics), set_(set), lists_(definitions) {}

  bool compile() {
    if (!read_macros()) return false;
    for (const RuleDefinition& rule : definitions_.rules) {
      if (rule.source == "syscall" && !compile_rule(rule)) return false;
    }
    set_.lists = definitions_.lists.size();
    set_.macros = definitions_.macros.size();
    warn_of_unused();
    return true;
  }

 private:
  struct Macro {
    const MacroDefinition* definition;
    Expression expression;
    bool used = false;
  };

  bool complain(Code code, FilePlace place, std::string sentence) {
    diagnostics_.push_back({.code = code, .place = place, .sentence = std::move(sentence)});
    return false;
  }

  // A message of parse(), whose positions are those of `text`.
  bool complain(Code code, const PlacedText& text, const Error& error) {
    const PlacedMessage split = split_message(error.message);
    return complain(code, text.place(split.at), std::string(split.sentence));
  }

  // One whose positions are places.
  bool complain_placed(Code code, const Error& error) {
    const PlacedMessage split = split_message(error.message);
    return complain(code, decoded(split.at), std::string(split.sentence));
  }

  std::optional<Expression> parse_condition(const PlacedText& condition) {
    const PlacedText text =
        substitute_lists(condition, [this](std::string_view name) { return lists_.find(name); });
    auto expression = parse(text.text(), "");
    if (!expression) {
      complain(Code::kCompileCondition, text, expression.error());
      return std::nullopt;
    }
    text.place_all(*expression);
    return *std::move(expression);
  }

  bool read_macros() {
    for (const MacroDefinition& definition : definitions_.macros) {
      auto expression = parse_condition(definition.condition);
      if (!expression) return false;
      macros_.emplace(definition.name,
                      Macro{.definition = &definition, .expression = *std::move(expression)});
    }
    // In the order of definition, so that all that a macro may use is expanded before it.
    for (const MacroDefinition& definition : definitions_.macros) {
      Macro& macro = macros_.find(definition.name)->second;
      auto expanded = expand(macro.expression, definition.order.sees_before, &definition);
      if (!expanded) return complain_placed(Code::kValidate, expanded.error());
      macro.expression = *std::move(expanded);
    }
    return true;
  }

  Result<Expression> expand(const Expression& expression, std::uint32_t sees_before,
                            const MacroDefinition* self) {
    return expand_macros(expression, [&](std::string_view name) -> const Expression* {
      const auto found = macros_.find(name);
      if (found == macros_.end()) return nullptr;
      Macro& macro = found->second;
      const bool is_visible =
          macro.definition != self && macro.definition->order.number < sees_before;
      if (!is_visible) return nullptr;
      macro.used = true;
      return &macro.expression;
    });
  }

  bool compile_rule(const RuleDefinition& definition) {
    Rule rule;
    rule.name = definition.name;
    rule.description = definition.description;
    rule.source = definition.source;
    rule.priority = definition.priority;
    rule.enabled = definition.enabled;
    rule.tags = definition.tags;
    rule.place = definition.place;
    rule.written = definition.condition.text();

    PlacedText condition;
    if (!add_exceptions(definition, condition)) return false;
    auto expression = parse_condition(condition);
    if (!expression) return false;
    auto expanded = expand(*expression, UINT32_MAX, nullptr);
    if (!expanded) return complain_placed(Code::kValidate, expanded.error());
    rule.expanded = print(*expanded);

    bool is_left_out = false;
    if (!check_output(definition, rule, is_left_out)) return is_left_out;
    auto checked = check(*expanded, rule_fields(), "");
    if (!checked) {
      if (definition.skips_unknown_filter && is_unknown(checked.error().message)) {
        complain_placed(Code::kUnknownFilter, checked.error());
        return true;
      }
      return complain_placed(Code::kCompileCondition, checked.error());
    }
    rule.condition = *std::move(checked);
    rule.kinds = kinds_of(rule.condition);
    warn_of_kinds(definition, rule);
    set_.rules.push_back(std::move(rule));
    return true;
  }

  // What the checker says of a field or a value of evt.type that there is not.
  static bool is_unknown(std::string_view message) {
    return message.find("is not known") != std::string_view::npos ||
           message.find("'evt.type' is never") != std::string_view::npos;
  }

  bool check_output(const RuleDefinition& definition, Rule& rule, bool& is_left_out) {
    constexpr std::string_view kContainerInfo = "%container.info";
    std::string text(definition.output.text());
    if (const std::size_t at = text.find(kContainerInfo); at != std::string::npos) {
      complain(Code::kDeprecatedItem, definition.output.place(at),
               "%container.info is deprecated: what is known of the container is added to the "
               "output of each rule");
      text.erase(at, kContainerInfo.size());
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.pop_back();
    auto output = OutputFormat::parse(text + std::string(kContainerFields), rule_fields());
    if (!output) {
      const bool skips = definition.skips_unknown_filter && is_unknown(output.error().message);
      complain(skips ? Code::kUnknownFilter : Code::kCompileOutput, definition.output,
               output.error());
      is_left_out = skips;
      return false;
    }
    rule.output_text = std::move(text);
    rule.output = *std::move(output);
    return true;
  }

  void warn_of_kinds(const RuleDefinition& definition, const Rule& rule) {
    if (rule.kinds.kinds.empty()) {
      complain(Code::kConditionWarning, definition.condition.place(std::size_t{0}),
               fmt::format("rule '{}' can never hold: no kind of event has what it asks for",
                           rule.name));
    } else if (rule.kinds.calls.size() > kManyCalls && definition.warns_of_event_types) {
      complain(Code::kNoEventType, definition.condition.place(std::size_t{0}),
               fmt::format("rule '{}' is about {} system calls, all of which are watched for it; "
                           "add a comparison with evt.type",
                           rule.name, rule.kinds.calls.size()));
    }
  }

  // "(condition) and not (...)" for each exception that has values.
  bool add_exceptions(const RuleDefinition& rule, PlacedText& out) {
    if (rule.exceptions.empty()) {
      out = rule.condition;
      return true;
    }
    const FilePlace start = rule.condition.place(std::size_t{0});
    out.append("(", start);
    out.append(rule.condition);
    out.append(")", start);
    for (const ExceptionDefinition& exception : rule.exceptions) {
      if (exception.values.empty()) continue;
      out.append(" and not (", exception.place);
      const bool added =
          exception.fields->is_list ? add_tuples(exception, out) : add_values(exception, out);
      if (!added) return false;
      out.append(")", exception.place);
    }
    return true;
  }

  // One field: "field in (a, b)".
  bool add_values(const ExceptionDefinition& exception, PlacedText& out) {
    out.append(exception.fields->text);
    out.append(" ", exception.place);
    out.append(exception.comparisons->text);
    out.append(" (", exception.place);
    bool first = true;
    for (const ExceptionEntry& value : exception.values) {
      if (value.is_list) {
        return complain(Code::kValidate, value.place,
                        fmt::format("exception '{}' has one field, and so takes texts, no lists",
                                    exception.name));
      }
      if (!first) out.append(", ", exception.place);
      first = false;
      out.append(quoted_item(value.text));
    }
    out.append(")", exception.place);
    return true;
  }

  // Several: "(field1 = a and field2 in (b, c)) or (...)".
  bool add_tuples(const ExceptionDefinition& exception, PlacedText& out) {
    const auto& fields = exception.fields->items;
    bool first = true;
    for (const ExceptionEntry& tuple : exception.values) {
      if (!tuple.is_list || tuple.items.size() != fields.size()) {
        return complain(Code::kValidate, tuple.place,
                        fmt::format("exception '{}': a list of {} values is expected, one for each "
                                    "of its fields",
                                    exception.name, fields.size()));
      }
      out.append(first ? "(" : " or (", exception.place);
      first = false;
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) out.append(" and ", exception.place);
        const PlacedText& comparison = exception.comparisons->items[i].text;
        out.append(fields[i].text);
        out.append(" ", exception.place);
        out.append(comparison);
        out.append(" ", exception.place);
        add_value(tuple.items[i], comparison.text(), out);
      }
      out.append(")", exception.place);
    }
    return true;
  }

  static void add_value(const ExceptionEntry& value, std::string_view comparison, PlacedText& out) {
    const auto* row = std::ranges::find(kOperators, comparison, &OperatorRow::spelling);
    const bool wants_list = row != std::end(kOperators) && row->right == RightSide::kList;
    if (!value.is_list) {
      const bool adds_parentheses = wants_list && !value.text.text().starts_with('(');
      if (adds_parentheses) out.append("(", value.place);
      out.append(wants_list ? value.text : quoted_item(value.text));
      if (adds_parentheses) out.append(")", value.place);
      return;
    }
    out.append("(", value.place);
    bool first = true;
    for (const ExceptionEntry& each : value.items) {
      if (!first) out.append(", ", value.place);
      first = false;
      out.append(quoted_item(each.text));
    }
    out.append(")", value.place);
  }

  void warn_of_unused() {
    for (const MacroDefinition& macro : definitions_.macros) {
      if (macros_.find(macro.name)->second.used) continue;
      complain(Code::kUnusedMacro, macro.place,
               fmt::format("macro '{}' is used by no rule and no macro", macro.name));
    }
    lists_.for_unused([this](const ListDefinition& list) {
      complain(Code::kUnusedList, list.place,
               fmt::format("list '{}' is used by no rule, macro or list", list.name));
    });
  }

  const RuleDefinitions& definitions_;
  std::vector<Diagnostic>& diagnostics_;
  RuleSet& set_;
  Lists lists_;
  std::map<std::string, Macro, std::less<>> macros_;
};

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
  return std::ranges::any_of(
      patterns, [name](const std::string& pattern) { return matches_glob(name, pattern); });
}

Result<std::string> read_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    auto error = fail_errno(fmt::format("read {}", path), errno == 0 ? EIO : errno);
    return fail(error.error().message, ExitCode::kBadInput);
  }
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return fail(fmt::format("read {}: it cannot be read", path), ExitCode::kBadInput);
  if (text.size() > kFileMax) {
    return fail(fmt::format("{}: larger than 16 MiB; is it what was meant?", path),
                ExitCode::kBadInput);
  }
  return text;
}

}  // namespace

const FieldCatalog& rule_fields() {
  static const FieldCatalog kFields = catalog_of(judged_kinds());
  return kFields;
}

LoadedRules load_rules(std::span<const RuleText> texts) {
  LoadedRules loaded;
  auto set = std::make_unique<RuleSet>();
  RuleDefinitions definitions;
  bool good = true;
  for (const RuleText& text : texts) {
    loaded.files.push_back(text.name);
    const auto number = static_cast<std::uint32_t>(loaded.files.size() - 1);
    good = good && read_rules(number, text.text, definitions, loaded.diagnostics);
  }
  set->files = loaded.files;
  good = good && Compiler(definitions, loaded.diagnostics, *set).compile();
  if (good) loaded.rules = std::move(set);
  return loaded;
}

Result<std::vector<RuleText>> read_rule_files(std::span<const std::string> paths) {
  std::vector<RuleText> texts;
  for (const std::string& path : paths) {
    std::vector<std::string> files = {path};
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
      files.clear();
      for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
        const std::string extension = entry.path().extension();
        if (extension == ".yaml" || extension == ".yml") files.push_back(entry.path());
      }
      std::ranges::sort(files);
    }
    for (const std::string& file : files) {
      auto text = read_file(file);
      if (!text) return std::unexpected(text.error());
      texts.push_back({.name = file, .text = *std::move(text)});
    }
  }
  return texts;
}

bool is_meant(const Rule& rule, const RuleChoice& choice) {
  if (rule.priority > choice.least || matches_any(choice.disable, rule.name)) return false;
  if (!choice.names.empty() && !matches_any(choice.names, rule.name)) return false;
  return choice.tags.empty() || std::ranges::any_of(choice.tags, [&](const std::string& tag) {
           return rule.tags.contains(tag);
         });
}

bool is_chosen(const Rule& rule, const RuleChoice& choice) {
  const bool is_on = rule.enabled || !choice.names.empty() || matches_any(choice.enable, rule.name);
  return is_on && is_meant(rule, choice);
}

}  // namespace outrider
