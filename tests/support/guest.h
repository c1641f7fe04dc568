// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>

namespace outrider::test {

// In a guest of tests/kernels: the whole machine is the tests', and it is slow.
inline bool in_guest() { return std::getenv("OUTRIDER_GUEST") != nullptr; }

}  // namespace outrider::test
