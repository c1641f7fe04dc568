// SPDX-License-Identifier: Apache-2.0
#include "cli/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>
#include <strings.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

bool contains(std::string_view text, std::string_view part) {
  return std::ranges::search(
             text, part,
             [](char a, char b) {
               return ::strncasecmp(&a, &b, 1) == 0;
             }).begin() != text.end() ||
         part.empty();
}

// A field, and the kinds that have it. One name may be several fields, if what it means
// differs by kind.
struct Row {
  std::string name;  // with what may stand in brackets
  const FieldDescriptor* field;
  bool derived = false;    // shown only if it is asked for by name
  bool condition = false;  // not even then: only for --where
  std::vector<std::string_view> kinds = {};
};

std::string_view brackets_of(ArgumentUse argument) {
  switch (argument) {
    case ArgumentUse::kNone:
      return "";
    case ArgumentUse::kOptionalIndex:
      return "[INDEX]";
    case ArgumentUse::kRequiredText:
    case ArgumentUse::kNameOrPlace:
      return "[NAME]";
  }
  return "";
}

// All that can be named of a kind, in the order in which it is shown.
std::vector<Row> rows_of(const EventDescriptor& kind) {
  std::vector<Row> rows;
  for (const FieldDescriptor* field : fields_of(kind)) {
    rows.push_back({std::string(field->name), field});
  }
  for (const FieldDescriptor* field : derived_fields_of(kind)) {
    rows.push_back({std::string(field->name), field, true});
  }
  for (const FieldWithArgument* field : fields_with_argument_of(kind)) {
    rows.push_back(
        {fmt::format("{}{}", field->descriptor.name, brackets_of(field->extras.argument)),
         &field->descriptor, true, field->by_index.empty()});
  }
  return rows;
}

std::vector<Row> rows_of(std::string_view pattern) {
  std::vector<Row> rows;
  for (const EventDescriptor* kind : all_kinds()) {
    for (Row& each : rows_of(*kind)) {
      if (!field_matches(*each.field, pattern)) continue;
      auto row = std::ranges::find_if(rows, [&](const Row& known) {
        return known.name == each.name && known.field->doc == each.field->doc;
      });
      if (row == rows.end()) row = rows.insert(row, std::move(each));
      row->kinds.push_back(kind->name);
    }
  }
  return rows;
}

std::string with_unit(const FieldDescriptor& field) {
  return field.unit.empty() ? std::string(field.doc)
                            : fmt::format("{} ({})", field.doc, field.unit);
}

void print_line(const Row& row, const std::string& kinds) {
  fmt::print("  {:<20} {:<9} {}{}\n", row.name, word_of(row.field->type), with_unit(*row.field),
             kinds);
}

void print_json(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    nlohmann::ordered_json line;
    line["name"] = row.name;
    line["type"] = word_of(row.field->type);
    line["unit"] = row.field->unit;
    line["doc"] = row.field->doc;
    line["kinds"] = row.kinds;
    line["by_name_only"] = row.derived;
    line["where_only"] = row.condition;
    fmt::print("{}\n", line.dump());
  }
}

}  // namespace

bool field_matches(const FieldDescriptor& field, std::string_view pattern) {
  if (pattern.find_first_of("*?") == std::string_view::npos) {
    return contains(field.name, pattern) || contains(field.doc, pattern);
  }
  return ::fnmatch(std::string(pattern).c_str(), std::string(field.name).c_str(), FNM_CASEFOLD) ==
         0;
}

void print_fields(const EventDescriptor& kind) {
  fmt::print("{}: {}\n\nFields, for --fields and in JSON:\n", kind.name, kind.doc);
  const std::vector<Row> rows = rows_of(kind);
  for (const Row& row : rows) {
    if (!row.derived) print_line(row, "");
  }
  fmt::print("\nMore, for --where and --fields:\n");
  for (const Row& row : rows) {
    if (row.derived && !row.condition) print_line(row, "");
  }
  fmt::print("\nOnly for --where:\n");
  for (const Row& row : rows) {
    if (row.condition) print_line(row, "");
  }
  fmt::print("\nColumns when nothing else is asked for:\n  {}\n", fmt::join(kind.columns, ","));
}

ExitCode run_fields(const std::vector<std::string>& words) {
  std::string pattern;
  std::string format = "columns";
  bool help = false;
  CLI::App app("Lists the fields of all kinds of events.", "outrider fields");
  app.set_help_flag();
  app.add_option("PATTERN", pattern,
                 "only those with this in their name or text; '*' and '?' stand for others");
  app.add_option("-o,--output", format, "columns or json (one object per line)")
      ->check(CLI::IsMember({"columns", "json"}))
      ->type_name("FORMAT");
  app.add_flag("-h,--help", help, "this text");
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 takes them
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return report(
        {fmt::format("{}; see 'outrider fields --help'", error.what()), ExitCode::kBadInput});
  }
  if (help) {
    fmt::print("{}", app.help());
    return ExitCode::kDone;
  }

  const std::vector<Row> rows = rows_of(pattern);
  if (rows.empty()) {
    return report(
        {fmt::format("no field has '{}' in its name or text; 'outrider fields' lists all", pattern),
         ExitCode::kFailed});
  }
  if (format == "json") {
    print_json(rows);
    return ExitCode::kDone;
  }
  for (const Row& row : rows) {
    const bool all = row.kinds.size() == all_kinds().size();
    print_line(row, all ? "" : fmt::format(" [{}]", fmt::join(row.kinds, " ")));
  }
  return ExitCode::kDone;
}

}  // namespace outrider
