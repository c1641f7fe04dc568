// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "language/expression.h"

namespace outrider {

// The expression that a macro stands for, which has no macros in it any more; nullptr if there is
// none of this name.
using FindMacro = std::function<const Expression*(std::string_view name)>;

// The same expression with the trees of its macros in their places. Fails, with the position of the
// macro's name before the sentence as check() does it, where there is none, or where the whole
// would be larger or deeper than any that people write.
Result<Expression> expand_macros(const Expression& expression, const FindMacro& find);

}  // namespace outrider
