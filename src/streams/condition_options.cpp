// SPDX-License-Identifier: Apache-2.0
#include "streams/condition_options.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "language/checker.h"

namespace outrider {

void ConditionOptions::add_rows_to(CLI::App& app, bool workloads_only) {
  struct Row {
    bool is_workload;
    const char* names;
    std::vector<std::string> Sugar::* values;
    const char* value;
    const char* text;
  };
  constexpr Row kRows[] = {
      {true, "--pid", &Sugar::pids, "PID", "only these processes (ids of the host)"},
      {false, "--comm", &Sugar::comms, "NAME", "only threads with these names"},
      {false, "--uid", &Sugar::uids, "UID", "only processes of these users"},
      {true, "-c,--container", &Sugar::containers, "NAME", "only these containers"},
      {true, "-n,--namespace", &Sugar::namespaces, "NAME", "only these namespaces"},
      {true, "-p,--pod", &Sugar::pods, "NAME", "only these pods"},
  };
  for (const Row& row : kRows) {
    if (workloads_only && !row.is_workload) continue;
    app.add_option(row.names, sugar.*row.values, row.text)
        ->delimiter(',')
        ->allow_extra_args(false)  // what follows may be a KIND
        ->type_name(row.value);
  }
  app.add_flag("--host", sugar.host, "only what is in no container");
}

void ConditionOptions::add_workloads_to(CLI::App& app) { add_rows_to(app, true); }

void ConditionOptions::add_to(CLI::App& app) {
  add_rows_to(app, false);
  app.footer(
      "What begins with '!' is left out: --comm '!sshd'. All of --pid, --comm, --uid, --host,\n"
      "--container, --namespace, --pod and --where must hold.");
  app.add_option("--where", where,
                 "only that for which this holds, as in Falco's rules; 'outrider fields' lists "
                 "what it may name")
      ->type_name("CONDITION");
}

bool names_field(const Condition* condition, std::string_view field) {
  return condition != nullptr && std::ranges::any_of(condition->terms, [&](const Term& term) {
           return term.field != nullptr && term.field->name == field;
         });
}

Result<std::optional<Condition>> ConditionOptions::condition(const FieldCatalog& catalog) const {
  // By itself first, so that what is wrong with it is shown where it stands.
  if (where) {
    const auto loaded = load(*where, catalog, "--where");
    if (!loaded) return fail(loaded.error().message, ExitCode::kBadInput);
  }
  const auto from_sugar = condition_of(sugar, catalog);
  if (!from_sugar) return std::unexpected(from_sugar.error());
  const std::string text = both(where.value_or(""), *from_sugar);
  if (text.empty()) return std::optional<Condition>();
  auto loaded = load(text, catalog, "--where");
  if (!loaded) return fail(loaded.error().message, ExitCode::kBadInput);
  return std::optional<Condition>(std::move(*loaded));
}

}  // namespace outrider
