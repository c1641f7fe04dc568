// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"
#include "language/condition.h"
#include "language/expression.h"
#include "language/fields.h"

namespace outrider {

// Finds the fields, sees that operators and values fit them, and prepares the values. Errors look
// like "EXPR:1:14: ..."; `source` is what stands for EXPR.
Result<Condition> check(const Expression& expression, const FieldCatalog& catalog,
                        std::string_view source = "EXPR");

// parse() and check().
Result<Condition> load(std::string_view text, const FieldCatalog& catalog,
                       std::string_view source = "EXPR");

}  // namespace outrider
