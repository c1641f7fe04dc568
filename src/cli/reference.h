// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace outrider {

// docs/reference.md: all kinds of events and their fields, from the descriptors.
std::string reference_page();

}  // namespace outrider
