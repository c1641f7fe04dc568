// SPDX-License-Identifier: Apache-2.0
#include "cli/reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <vector>

#include "cli/fields.h"
#include "sensors/probe/probe_target.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

// What stands in a table's cell must not end it.
std::string cell(std::string_view text) {
  std::string result;
  for (const char each : text) {
    if (each == '|') result += '\\';
    result += each;
  }
  return result;
}

void add_table(std::string& page, const std::vector<FieldRow>& rows) {
  page += "| field | type | what it is |\n|---|---|---|\n";
  for (const FieldRow& row : rows) {
    const std::string_view only = row.condition ? " *(only for `--where`)*"
                                  : row.derived ? " *(by name)*"
                                                : "";
    page += fmt::format("| `{}` | {} | {}{} |\n", cell(row.name), word_of(row.field->type),
                        cell(with_unit(*row.field)), only);
  }
  page += '\n';
}

}  // namespace

std::string reference_page() {
  std::string page =
      "# Kinds of events and their fields\n\n"
      "Made by `outrider document reference` from the descriptors that columns, JSON, conditions "
      "and help are made of. Which kinds a kernel has, and by which mechanism: "
      "[kernels.md](kernels.md). Fields marked *by name* are shown if `--fields` names them and "
      "may "
      "be in conditions.\n\n";
  // A field that means the same for all kinds is told once.
  std::map<std::pair<std::string, std::string_view>, std::size_t> times;
  for (const EventDescriptor* kind : all_kinds()) {
    for (const FieldRow& row : field_rows(*kind)) ++times[{row.name, row.field->doc}];
  }
  const auto is_common = [&](const FieldRow& row) {
    return times[{row.name, row.field->doc}] == all_kinds().size();
  };
  for (const std::string_view group : kind_groups()) {
    page += fmt::format("## {}\n\n", group);
    for (const EventDescriptor* kind : all_kinds()) {
      if (kind->group != group) continue;
      page += fmt::format("### {}\n\n{}. Columns: `{}`.", kind->name, kind->doc,
                          fmt::join(kind->columns, "`, `"));
      if (!kind->calls.empty()) {
        page += fmt::format(" System calls: `{}`.", fmt::join(kind->calls, "`, `"));
      }
      page += fmt::format(" Kernel programs: `{}`.\n\n", fmt::join(kind->programs, "`, `"));
      std::vector<FieldRow> own = field_rows(*kind);
      std::erase_if(own, is_common);
      if (!own.empty()) add_table(page, own);
    }
  }
  page +=
      "## Probes\n\nKinds that are made by naming them; `outrider trace TARGET --help` lists the "
      "fields of one.\n\n```\n" +
      probe_forms() + "```\n\n" +
      "| field | what it is |\n|---|---|\n"
      "| `evt.arg.NAME`, `evt.arg[N]` | an argument, or a field of a tracepoint; its type is that "
      "which the tracepoint's format, debug information (DWARF) or BTF has |\n"
      "| `evt.argtext.NAME` | the text at the address that an argument is; captured only if it is "
      "asked for *(by name)* |\n"
      "| `evt.args` | all of them *(by name)* |\n"
      "| `evt.res` | what a function returned; only if it is asked for |\n"
      "| `evt.latency` | how long a function took (ns); only if it is asked for |\n"
      "| `evt.cpu` | the CPU where it happened |\n"
      "| `probe.name` | the target, as it was given *(by name)* |\n\n";
  page += "## Of all kinds\n\n";
  std::vector<FieldRow> common = field_rows(*all_kinds().front());
  std::erase_if(common, [&](const FieldRow& row) { return !is_common(row); });
  add_table(page, common);
  return page;
}

}  // namespace outrider
