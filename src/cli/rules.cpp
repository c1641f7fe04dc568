// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/input_file.h"
#include "cli/running_stream.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "engine/engine.h"
#include "engine/engine_loop.h"
#include "recording/replay.h"
#include "rules/alert.h"
#include "rules/rule_judge.h"
#include "rules/rule_set.h"
#include "rules/rule_tests.h"
#include "streams/explain.h"
#include "streams/option_checks.h"

namespace outrider {

namespace {

struct RulesOptions {
  static constexpr std::string_view kName = "rules";
  static constexpr std::string_view kDoc =
      "Checks detection rules, shows what they are, or judges all that happens by them. Rules are "
      "Falco's format; files are read in the order given, and later ones may change what earlier "
      "ones define. Of a directory, all *.yaml and *.yml.";

  std::string what = {};
  std::vector<std::string> paths = {};
  Format format = Format::kColumns;
  std::string priority = {};
  RuleChoice choice = {};
  bool matches_all = false;
  double timeout = 0;  // seconds; 0: none
  std::uint64_t most_alerts = 0;
  bool show_secrets = false;
  bool shows_coverage = false;
  std::string recording = {};
  std::string junit = {};

  void add_to(CommandLine& line);
};

struct Session {
  const RulesOptions& options;
  std::shared_ptr<const RuleSet> rules;
  std::vector<const Rule*> chosen;
  std::size_t width;
};

// ---- check, list, show, explain

ExitCode check(const Session& session) {
  const auto enabled = std::ranges::count_if(session.rules->rules, &Rule::enabled);
  fmt::print("{} rules ({} enabled), {} macros, {} lists: no errors\n", session.rules->rules.size(),
             enabled, session.rules->macros, session.rules->lists);
  return ExitCode::kDone;
}

std::string kinds_text(const RuleKinds& kinds) {
  std::vector<std::string> words;
  for (const EventDescriptor* kind : kinds.kinds) {
    if (kind->kind != WIRE_SYSTEM_CALL) words.emplace_back(kind->name);
  }
  constexpr std::size_t kMostNamed = 20;
  if (kinds.calls.size() > kMostNamed) {
    words.push_back(fmt::format("{} other system calls", kinds.calls.size()));
  } else {
    for (const Call* call : kinds.calls) words.push_back(fmt::format("syscall:{}", call->name));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

void append_json_texts(std::string& out, const std::set<std::string>& texts) {
  out += '[';
  for (bool first = true; const std::string& text : texts) {
    out += first ? "\"" : ",\"";
    first = false;
    append_json_text(out, text);
    out += '"';
  }
  out += ']';
}

std::string rule_json(const Session& session, const Rule& rule) {
  std::string out = "{";
  const std::pair<std::string_view, std::string_view> members[] = {
      {"rule", rule.name},          {"desc", rule.description},
      {"condition", rule.written},  {"expanded", rule.expanded},
      {"output", rule.output_text}, {"priority", name_of(rule.priority)},
      {"source", rule.source},      {"file", session.rules->files[rule.place.file]}};
  for (const auto& [name, text] : members) {
    fmt::format_to(std::back_inserter(out), "\"{}\":\"", name);
    append_json_text(out, text);
    out += "\",";
  }
  fmt::format_to(std::back_inserter(out), "\"line\":{},\"enabled\":{},\"tags\":", rule.place.line,
                 rule.enabled);
  append_json_texts(out, rule.tags);
  return out + "}\n";
}

ExitCode list(const Session& session) {
  std::string out;
  if (session.options.format == Format::kColumns && !session.chosen.empty()) {
    out += fmt::format("{:<13} {:<8} {}\n", "PRIORITY", "ENABLED", "RULE");
  }
  for (const Rule* rule : session.chosen) {
    out += session.options.format == Format::kJson
               ? rule_json(session, *rule)
               : fmt::format("{:<13} {:<8} {}\n", name_of(rule->priority),
                             rule->enabled ? "yes" : "no", rule->name);
  }
  fmt::print("{}", out);
  return ExitCode::kDone;
}

// "condition  " and the text, broken at the width, behind it.
void append_paragraph(std::string& out, std::string_view name, std::string_view text,
                      std::size_t width) {
  constexpr std::size_t kIndent = 13;
  fmt::format_to(std::back_inserter(out), "  {:<{}}", name, kIndent - 2);
  // Folded texts of YAML end with a newline.
  while (text.ends_with('\n')) text.remove_suffix(1);
  append_wrapped(out, text, kIndent, width);
}

ExitCode show(const Session& session) {
  std::string out;
  for (const Rule* rule : session.chosen) {
    if (session.options.format == Format::kJson) {
      out += rule_json(session, *rule);
      continue;
    }
    out += fmt::format("{}\n", rule->name);
    const std::pair<std::string_view, std::string> rows[] = {
        {"", rule->description},
        {"priority",
         fmt::format("{}{}", name_of(rule->priority), rule->enabled ? "" : ", not enabled")},
        {"tags", fmt::format("{}", fmt::join(rule->tags, " "))},
        {"defined", fmt::format("{}:{}", session.rules->files[rule->place.file], rule->place.line)},
        {"about", kinds_text(rule->kinds)},
        {"condition", rule->expanded},
        {"output", rule->output_text},
    };
    for (const auto& [name, text] : rows) append_paragraph(out, name, text, session.width);
    out += '\n';
  }
  fmt::print("{}", out);
  return ExitCode::kDone;
}

ExitCode explain_rules(const Session& session) {
  for (const Rule* rule : session.chosen) {
    fmt::print("{}\n{}\n", rule->name, explain(&rule->condition, rule->kinds.kinds));
  }
  return ExitCode::kDone;
}

// ---- run

// An alert is written with the drain that found it: nobody waits for a buffer to fill.
class AlertOutput {
 public:
  AlertOutput(const RulesOptions& options, Output& output)
      : writer_(options.format == Format::kJson ? AlertFormat::kJson : AlertFormat::kText),
        output_(output) {}

  bool write(const Rule& rule, const Event& event) {
    if (output_.error() != 0) return false;
    writer_.append(output_.buffer(), rule, event);
    return true;
  }

  // False once nobody reads it any more.
  bool flush() { return output_.buffer().empty() ? output_.error() == 0 : output_.flush(); }

 private:
  AlertWriter writer_;
  Output& output_;
};

ExitCode judge_recording(const Session& session);

ExitCode run_rules_now(const Session& session) {
  const RulesOptions& options = session.options;
  if (!options.recording.empty()) return judge_recording(session);
  FileOutput output(STDOUT_FILENO);
  AlertOutput alerts(options, output);
  RuleJudge judge(session.rules, options.choice,
                  options.matches_all ? RuleMatching::kAll : RuleMatching::kFirst,
                  [&](const Rule& rule, const Event& event) { return alerts.write(rule, event); });
  if (judge.rules().empty()) {
    return report(
        {"no rule is left to be judged: look at --tag, --priority, --rule and what is "
         "enabled; 'outrider rules list' shows them",
         ExitCode::kBadInput});
  }
  auto signals = take_signals();
  if (!signals) return report(signals.error());
  EngineOptions engine_options;
  engine_options.kinds = judge.kinds();
  engine_options.show_secrets = options.show_secrets;
  engine_options.environment = judge.wants_environment();
  auto engine = Engine::start(engine_options);
  if (!engine) return report(engine.error());
  for (const std::string& unseen : (*engine)->unseen()) {
    fmt::print(stderr, "outrider: {}\n", unseen);
  }
  const auto ids = (*engine)->add(judge.consumers());
  if (!ids) return report(ids.error());
  fmt::print(stderr, "outrider: judging by {} rules; Ctrl-C to stop\n", judge.rules().size());

  AskerAtTerminal asker(std::move(*signals));
  bool goes_on = true;
  const auto start = LoopSteps::Clock::now();
  const auto end = options.timeout > 0
                       ? start + std::chrono::duration_cast<LoopSteps::Clock::duration>(
                                     std::chrono::duration<double>(std::min(options.timeout, 1e8)))
                       : LoopSteps::Clock::time_point::max();
  const auto look = [&] {
    const bool is_over = LoopSteps::Clock::now() >= end ||
                         (options.most_alerts != 0 && judge.alerts() >= options.most_alerts);
    return alerts.flush() && goes_on && !is_over;
  };
  run_engine(**engine, {.look = look,
                        .next_look = [&] { return end; },
                        .descriptor = asker.descriptor(),
                        .readable =
                            [&] {
                              switch (asker.next()) {
                                case Asker::Wish::kNothing:
                                  break;
                                case Asker::Wish::kReport:
                                  asker.tell(fmt::format("{} alerts so far", judge.alerts()));
                                  break;
                                case Asker::Wish::kEnd:
                                  goes_on = false;
                                  break;
                              }
                            }});
  (*engine)->finish();
  alerts.flush();
  fmt::print(stderr, "outrider: {} alerts\n{}", judge.alerts(),
             account_table(judge.account(**engine, *ids)));
  return end_of(output);
}

// ---- replay

// Rules of which the recording has kinds; the others cannot be judged by it.
std::vector<Consumer> consumers_of(RuleJudge& judge, const Replay& replay, std::size_t& left_out) {
  const auto has = [&](const EventDescriptor* kind) {
    return std::ranges::find(replay.kinds(), kind) != replay.kinds().end();
  };
  std::vector<Consumer> consumers;
  for (Consumer& consumer : judge.consumers()) {
    std::erase_if(consumer.kinds, [&](const EventDescriptor* kind) { return !has(kind); });
    if (consumer.kinds.empty()) {
      ++left_out;
    } else {
      consumers.push_back(std::move(consumer));
    }
  }
  return consumers;
}

ExitCode judge_recording(const Session& session) {
  const RulesOptions& options = session.options;
  const auto file = open_input(options.recording);
  if (!file) return report(file.error());
  auto replay = Replay::open(read_from(file->get()));
  if (!replay) {
    return report(
        {fmt::format("{}: {}", options.recording, replay.error().message), replay.error().code});
  }
  FileOutput output(STDOUT_FILENO);
  AlertOutput alerts(options, output);
  RuleJudge judge(session.rules, options.choice,
                  options.matches_all ? RuleMatching::kAll : RuleMatching::kFirst,
                  [&](const Rule& rule, const Event& event) { return alerts.write(rule, event); });
  std::size_t left_out = 0;
  std::vector<ConsumerId> ids;
  for (Consumer& consumer : consumers_of(judge, **replay, left_out)) {
    const auto id = (*replay)->add(std::move(consumer));
    if (!id) return report(id.error());
    ids.push_back(*id);
  }
  if (left_out > 0) {
    fmt::print(stderr, "outrider: {} of {} rules are about events that the recording has not\n",
               left_out, judge.rules().size());
  }
  while (alerts.flush()) {
    const auto step = (*replay)->advance(Replay::Clock::time_point::max());
    if (!step) return report(step.error());
    if (*step == Replay::Step::kEnd) break;
  }
  alerts.flush();
  fmt::print(stderr, "outrider: {} alerts\n{}", judge.alerts(),
             account_table(judge.account(**replay, ids)));
  if (!(*replay)->damage().empty()) {
    return report({fmt::format("{}: it {}", options.recording, (*replay)->damage())});
  }
  return end_of(output);
}

// ---- the command

// ---- test

// The rules that a file of tests names, beside it.
Result<std::vector<RuleText>> rules_of(const RuleTestFile& file) {
  const auto directory = std::filesystem::path(file.name).parent_path();
  std::vector<std::string> paths;
  for (const std::string& path : file.rules) paths.push_back(directory / path);
  return read_rule_files(paths);
}

void print_outcomes(const std::string& file, const std::vector<RuleTestOutcome>& outcomes) {
  for (const RuleTestOutcome& outcome : outcomes) {
    if (outcome.differences.empty()) continue;
    fmt::print("{}:{}: FAILED: {}\n", file, outcome.place.line, outcome.test);
    for (const std::string& difference : outcome.differences) fmt::print("    {}\n", difference);
  }
}

ExitCode test(const RulesOptions& options) {
  const auto texts = read_rule_files(options.paths);
  if (!texts) return report(texts.error());
  std::vector<std::pair<std::string, std::vector<RuleTestOutcome>>> all;
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (const RuleText& text : *texts) {
    const auto file = read_rule_tests(text);
    if (!file) return report(file.error());
    const auto rules = rules_of(*file);
    if (!rules) return report(rules.error());
    const LoadedRules loaded = load_rules(*rules);
    if (!loaded.rules) {
      fmt::print(stderr, "{}", diagnostics_text(loaded.diagnostics, loaded.files));
      return ExitCode::kBadInput;
    }
    RuleCoverage coverage;
    const auto outcomes = run_rule_tests(*file, *loaded.rules, options.choice, coverage);
    if (!outcomes) return report(outcomes.error());
    print_outcomes(text.name, *outcomes);
    const auto bad = static_cast<std::size_t>(std::ranges::count_if(
        *outcomes, [](const RuleTestOutcome& each) { return !each.differences.empty(); }));
    failed += bad;
    passed += outcomes->size() - bad;
    fmt::print("{}: {}", text.name, coverage_text(coverage, options.shows_coverage));
    all.emplace_back(text.name, *outcomes);
  }
  fmt::print("{} passed, {} failed\n", passed, failed);
  if (!options.junit.empty()) {
    std::ofstream file(options.junit);
    file << junit_text(all);
    if (!file.flush()) return report({fmt::format("{}: cannot be written", options.junit)});
  }
  return failed == 0 ? ExitCode::kDone : ExitCode::kFailed;
}

struct Action {
  std::string_view name;
  std::string_view doc;
  ExitCode (*run)(const Session& session);  // nullptr: its files are none of rules
};

constexpr Action kActions[] = {
    {"check", "say what is wrong with the files", check},
    {"list", "one line for each rule", list},
    {"show", "all of a rule, with its lists and macros put in", show},
    {"explain", "what of a rule the kernel decides, and what that costs", explain_rules},
    {"run", "judge what happens from now on, and write alerts", run_rules_now},
    {"test", "judge events that files of tests have written down, and compare the alerts", nullptr},
};

void RulesOptions::add_to(CommandLine& line) {
  CLI::App& app = line.options();
  std::string docs;
  std::vector<std::string> names_of_actions;
  for (const Action& action : kActions) {
    docs += fmt::format("{}{}: {}", docs.empty() ? "" : "; ", action.name, action.doc);
    names_of_actions.emplace_back(action.name);
  }
  app.add_option("WHAT", what, docs)->check(CLI::IsMember(names_of_actions))->type_name("");
  app.add_option("FILE", paths, "rule files, or directories of them")->type_name("");
  line.add_format(format, "one object per line; of alerts, Falco's");
  app.add_option("--rule", choice.names, "only rules of this name, with * and ? for any letters")
      ->allow_extra_args(false)
      ->type_name("PATTERN");
  app.add_option("-T,--tag", choice.tags, "only rules with one of these tags")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("TAG,...");
  std::vector<std::string> priorities;
  for (const std::string_view name : priority_names()) priorities.emplace_back(name);
  app.add_option("--priority", priority, "only rules that are this urgent, or more")
      ->check(CLI::IsMember(priorities, CLI::ignore_case))
      ->type_name("LEVEL");
  app.add_option("--enable", choice.enable, "also rules of this name that are not enabled")
      ->allow_extra_args(false)
      ->type_name("PATTERN");
  app.add_option("--disable", choice.disable, "no rules of this name")
      ->allow_extra_args(false)
      ->type_name("PATTERN");
  app.add_flag("--all-matches", matches_all,
               "of an event every rule that holds alerts, and not only the first");
  app.add_option("--max-alerts", most_alerts, "run: end after so many")
      ->check(is_count())
      ->type_name("N");
  app.add_option("--timeout", timeout, "run: end after so many seconds")
      ->transform(as_seconds())
      ->type_name("SECONDS");
  app.add_option("--recording", recording,
                 "run: judge the events of a recording of 'outrider record' instead; '-': standard "
                 "input")
      ->type_name("FILE");
  app.add_flag("--coverage", shows_coverage, "test: which rules and comparisons no test has shown");
  app.add_option("--junit", junit, "test: also write the results to this file, as JUnit's XML")
      ->type_name("FILE");
  app.add_flag("--show-secrets", show_secrets,
               "do not mask arguments that look like passwords or tokens");
}

}  // namespace

ExitCode run_rules(const std::vector<std::string>& words) {
  Command<RulesOptions> command;
  auto& [options, line] = command;
  if (auto parsed = line.parse(words); !parsed) return report(parsed.error());
  if (line.wants_help()) {
    fmt::print("{}", line.help());
    return ExitCode::kDone;
  }
  const auto* action = std::ranges::find(kActions, options.what, &Action::name);
  if (action == std::end(kActions)) {
    return report(
        {"what about rules? check, list, show, explain, run or test, and then files; "
         "'outrider rules --help' says more",
         ExitCode::kBadInput});
  }
  if (options.paths.empty()) {
    return report({fmt::format("which rules? 'outrider rules {} FILE...'", options.what),
                   ExitCode::kBadInput});
  }
  if (!options.priority.empty()) options.choice.least = *parse_priority(options.priority);
  if (action->run == nullptr) return test(options);
  const auto texts = read_rule_files(options.paths);
  if (!texts) return report(texts.error());
  LoadedRules loaded = load_rules(*texts);
  fmt::print(stderr, "{}", diagnostics_text(loaded.diagnostics, loaded.files));
  if (!loaded.rules) return ExitCode::kBadInput;

  Session session{.options = options,
                  .rules = std::move(loaded.rules),
                  .chosen = {},
                  .width = terminal_width()};
  for (const Rule& rule : session.rules->rules) {
    if (is_meant(rule, options.choice)) session.chosen.push_back(&rule);
  }
  const auto& names = options.choice.names;
  if (!names.empty() && session.chosen.empty()) {
    return report({fmt::format("no rule that is meant is called {}; 'outrider rules list' shows "
                               "them",
                               fmt::join(names, " or ")),
                   ExitCode::kBadInput});
  }
  return action->run(session);
}

std::shared_ptr<const CommandLine> describe_rules() { return describe<RulesOptions>(); }

}  // namespace outrider
