// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace outrider {

// Columns of the terminal that standard output is; 0 if it is none.
std::size_t terminal_width();

// Whether it is one that wants colours: https://no-color.org.
bool wants_color();

}  // namespace outrider
