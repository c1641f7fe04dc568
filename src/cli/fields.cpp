// SPDX-License-Identifier: Apache-2.0
#include "cli/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>
#include <strings.h>

#include <algorithm>
#include <iterator>
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

std::string_view brackets_of(ArgumentUse argument) {
  switch (argument) {
    case ArgumentUse::kNone:
      return "";
    case ArgumentUse::kOptionalIndex:
      return "[INDEX]";
    case ArgumentUse::kOptionalText:
    case ArgumentUse::kRequiredText:
    case ArgumentUse::kNameOrPlace:
      return "[NAME]";
  }
  return "";
}

}  // namespace

std::string with_unit(const FieldDescriptor& field) {
  return field.unit.empty() ? std::string(field.doc)
                            : fmt::format("{} ({})", field.doc, field.unit);
}

std::vector<FieldRow> field_rows(const EventDescriptor& kind) {
  std::vector<FieldRow> rows;
  for (const FieldDescriptor* field : fields_of(kind)) {
    rows.push_back({std::string(field->name), field});
  }
  for (const FieldDescriptor* field : derived_fields_of(kind)) {
    rows.push_back({std::string(field->name), field, true});
  }
  for (const FieldWithArgument* field : fields_with_argument_of(kind)) {
    rows.push_back(
        {fmt::format("{}{}", field->descriptor.name, brackets_of(field->extras.argument)),
         &field->descriptor, true, field->by_index.empty() && field->descriptor.read == nullptr});
  }
  return rows;
}

namespace {

std::vector<FieldRow> rows_of(std::string_view pattern) {
  std::vector<FieldRow> rows;
  for (const EventDescriptor* kind : all_kinds()) {
    for (FieldRow& each : field_rows(*kind)) {
      if (!field_matches(*each.field, pattern)) continue;
      auto row = std::ranges::find_if(rows, [&](const FieldRow& known) {
        return known.name == each.name && known.field->doc == each.field->doc;
      });
      if (row == rows.end()) row = rows.insert(row, std::move(each));
      row->kinds.push_back(kind->name);
    }
  }
  return rows;
}

void append_line(std::string& out, const FieldRow& row, const std::string& kinds) {
  fmt::format_to(std::back_inserter(out), "  {:<20} {:<9} {}{}\n", row.name,
                 word_of(row.field->type), with_unit(*row.field), kinds);
}

// "" for all; "all but exec" where that is shorter than a list of the others.
std::string which_kinds(const FieldRow& row) {
  std::vector<std::string_view> without;
  for (const EventDescriptor* kind : all_kinds()) {
    if (std::ranges::find(row.kinds, kind->name) == row.kinds.end()) without.push_back(kind->name);
  }
  if (without.empty()) return "";
  if (without.size() < row.kinds.size()) {
    return fmt::format(" [all but {}]", fmt::join(without, " "));
  }
  return fmt::format(" [{}]", fmt::join(row.kinds, " "));
}

void append_json(std::string& out, const std::vector<FieldRow>& rows) {
  for (const FieldRow& row : rows) {
    nlohmann::ordered_json line;
    line["name"] = row.name;
    line["type"] = word_of(row.field->type);
    line["unit"] = row.field->unit;
    line["doc"] = row.field->doc;
    line["kinds"] = row.kinds;
    line["by_name_only"] = row.derived;
    line["where_only"] = row.condition;
    out += line.dump() + '\n';
  }
}

struct FieldsOptions {
  static constexpr std::string_view kName = "fields";
  static constexpr std::string_view kDoc = "Lists the fields of all kinds of events.";

  std::string pattern = {};
  Format format = Format::kColumns;

  void add_to(CommandLine& line) {
    line.options().add_option(
        "PATTERN", pattern,
        "only those with this in their name or text; '*' and '?' stand for others");
    line.add_format(format, "one object per line");
  }
};

Result<ExitCode> run(const std::vector<std::string>& words, const Screen&, Output& output) {
  Command<FieldsOptions> command;
  if (auto parsed = command.line.parse(words); !parsed) return std::unexpected(parsed.error());
  if (command.line.wants_help()) return write_help(command.line, output);
  const FieldsOptions& options = command.options;
  const std::vector<FieldRow> rows = rows_of(options.pattern);
  if (rows.empty()) {
    return fail(fmt::format("no field has '{}' in its name or text; 'outrider fields' lists all",
                            options.pattern));
  }
  if (options.format == Format::kJson) {
    append_json(output.buffer(), rows);
  } else {
    for (const FieldRow& row : rows) append_line(output.buffer(), row, which_kinds(row));
  }
  output.flush();
  return ExitCode::kDone;
}

}  // namespace

const ServedCommand kFieldsCommand{FieldsOptions::kName, run, describe<FieldsOptions>};

bool field_matches(const FieldDescriptor& field, std::string_view pattern) {
  if (pattern.find_first_of("*?") == std::string_view::npos) {
    return contains(field.name, pattern) || contains(field.doc, pattern);
  }
  return ::fnmatch(std::string(pattern).c_str(), std::string(field.name).c_str(), FNM_CASEFOLD) ==
         0;
}

std::string fields_text(const EventDescriptor& kind) {
  std::string out;
  fmt::format_to(std::back_inserter(out), "{}: {}\n\nFields, for --fields and in JSON:\n",
                 kind.name, kind.doc);
  const std::vector<FieldRow> rows = field_rows(kind);
  for (const FieldRow& row : rows) {
    if (!row.derived) append_line(out, row, "");
  }
  fmt::format_to(std::back_inserter(out), "\nMore, for --where and --fields:\n");
  for (const FieldRow& row : rows) {
    if (row.derived && !row.condition) append_line(out, row, "");
  }
  fmt::format_to(std::back_inserter(out), "\nOnly for --where:\n");
  for (const FieldRow& row : rows) {
    if (row.condition) append_line(out, row, "");
  }
  fmt::format_to(std::back_inserter(out), "\nColumns when nothing else is asked for:\n  {}\n",
                 fmt::join(kind.columns, ","));
  return out;
}

std::string calls_text(std::span<const Call* const> calls) {
  std::string out;
  fmt::format_to(std::back_inserter(out),
                 "\nSystem calls and their arguments, for evt.arg[NAME]:\n");
  for (const Call& call : all_calls()) {
    const bool is_named = std::ranges::find(calls, &call) != calls.end();
    if (!calls.empty() && !is_named) continue;
    const CallArguments& arguments = registers_of(call, WIRE_ABI_64);
    std::vector<std::string_view> names;
    for (const Argument& argument : arguments) {
      if (argument.type != ArgumentType::kNone) names.push_back(argument.name);
    }
    fmt::format_to(std::back_inserter(out), "  {}({})\n", call.name, fmt::join(names, ", "));
    if (!is_named) continue;
    for (const Argument& argument : arguments) {
      if (argument.names == nullptr) continue;
      std::vector<std::string_view> values;
      for (const auto& list : {argument.names->numbers, argument.names->flags}) {
        for (const NamedValue& value : list) values.push_back(value.name);
      }
      fmt::format_to(std::back_inserter(out), "    {}: {}\n", argument.name,
                     fmt::join(values, " "));
    }
  }
  return out;
}

}  // namespace outrider
