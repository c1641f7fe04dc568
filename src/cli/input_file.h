// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace outrider {

// A file that a command reads; "-" is standard input.
Result<FileDescriptor> open_input(const std::string& name);

}  // namespace outrider
