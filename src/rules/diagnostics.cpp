// SPDX-License-Identifier: Apache-2.0
#include "rules/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace outrider {

namespace {

using Code = DiagnosticCode;
// In the order of the enumeration. Names: falco/userspace/engine/falco_load_result.cpp.
constexpr DiagnosticRow kRows[] = {
    {Code::kFileRead, "LOAD_ERR_FILE_READ", true},
    {Code::kYamlParse, "LOAD_ERR_YAML_PARSE", true},
    {Code::kYamlValidate, "LOAD_ERR_YAML_VALIDATE", true},
    {Code::kCompileCondition, "LOAD_ERR_COMPILE_CONDITION", true},
    {Code::kCompileOutput, "LOAD_ERR_COMPILE_OUTPUT", true},
    {Code::kValidate, "LOAD_ERR_VALIDATE", true},
    {Code::kUnknownSource, "LOAD_UNKNOWN_SOURCE", false},
    {Code::kUnsafeNaCheck, "LOAD_UNSAFE_NA_CHECK", false},
    {Code::kNoEventType, "LOAD_NO_EVTTYPE", false},
    {Code::kUnknownFilter, "LOAD_UNKNOWN_FILTER", false},
    {Code::kUnusedMacro, "LOAD_UNUSED_MACRO", false},
    {Code::kUnusedList, "LOAD_UNUSED_LIST", false},
    {Code::kUnknownItem, "LOAD_UNKNOWN_ITEM", false},
    {Code::kDeprecatedItem, "LOAD_DEPRECATED_ITEM", false},
    {Code::kAppendNoValues, "LOAD_APPEND_NO_VALUES", false},
    {Code::kConditionWarning, "LOAD_COMPILE_CONDITION", false},
    {Code::kUnknownKey, "LOAD_UNKNOWN_KEY", false},
};

}  // namespace

const DiagnosticRow& row_of(DiagnosticCode code) { return kRows[static_cast<std::size_t>(code)]; }

std::string diagnostics_text(std::span<const Diagnostic> diagnostics,
                             std::span<const std::string> files) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    const DiagnosticRow& row = row_of(diagnostic.code);
    const FilePlace& place = diagnostic.place;
    fmt::format_to(std::back_inserter(text), "{}:{}:{}: {} {}: {}\n",
                   place.file < files.size() ? files[place.file] : "?", place.line, place.column,
                   row.is_error ? "error" : "warning", row.name, diagnostic.sentence);
  }
  return text;
}

bool has_errors(std::span<const Diagnostic> diagnostics) {
  return std::ranges::any_of(diagnostics,
                             [](const Diagnostic& each) { return row_of(each.code).is_error; });
}

}  // namespace outrider
