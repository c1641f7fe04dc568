// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/placed_text.h"

namespace outrider {

// What may be wrong with rule files: Falco's codes, which its users and their scripts know.
enum class DiagnosticCode : std::uint8_t {
  kFileRead,
  kYamlParse,
  kYamlValidate,
  kCompileCondition,
  kCompileOutput,
  kValidate,
  kUnknownSource,
  kUnsafeNaCheck,
  kNoEventType,
  kUnknownFilter,
  kUnusedMacro,
  kUnusedList,
  kUnknownItem,
  kDeprecatedItem,
  kAppendNoValues,
  kConditionWarning,
  kUnknownKey,
};

struct DiagnosticRow {
  DiagnosticCode code;
  std::string_view name;  // as Falco writes it
  bool is_error;
};

// Of each code. Static.
const DiagnosticRow& row_of(DiagnosticCode code);

struct Diagnostic {
  DiagnosticCode code = DiagnosticCode::kValidate;
  FilePlace place;
  std::string sentence;  // what is wrong, and what to do
};

// One line for each: "FILE:LINE:COLUMN: error LOAD_ERR_VALIDATE: ...". `files`: their names.
std::string diagnostics_text(std::span<const Diagnostic> diagnostics,
                             std::span<const std::string> files);

bool has_errors(std::span<const Diagnostic> diagnostics);

}  // namespace outrider
