// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace outrider {

// Whether our effective set has the capability of this number (CAP_BPF); capabilities(7).
bool has_capability(unsigned number);

}  // namespace outrider
