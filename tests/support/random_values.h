// SPDX-License-Identifier: Apache-2.0
//
// Values from pools so small that a random condition and a random event often have the same one,
// or one that nearly is.
#pragma once

#include <cstdint>
#include <string>

#include "support/choices.h"

namespace outrider::test {

// As a program may give them: absolute and relative, with dots, empty components and any bytes, up
// to some 300 of them. Never a NUL.
std::string random_path(Choices& choices);

// Names of programs. Some are longer than the 15 bytes that the kernel keeps.
std::string random_name(Choices& choices);

// Several words with a blank between.
std::string random_words(Choices& choices);

// Boundaries of all widths, and what is beside them.
std::uint64_t random_number(Choices& choices);

// Permission bits, 07777 at most.
std::uint64_t random_mode(Choices& choices);

}  // namespace outrider::test
