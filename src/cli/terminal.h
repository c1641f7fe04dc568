// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cstddef>

namespace outrider {

// Columns of the terminal that the descriptor is; 0 if it is none.
std::size_t terminal_width(int descriptor = STDOUT_FILENO);

// Whether it is one that wants colours: https://no-color.org.
bool wants_color(int descriptor = STDOUT_FILENO);

}  // namespace outrider
