// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace outrider {

// The right to be this machine's agent, for as long as the descriptor is open: flock(2) of a file,
// which has the holder's pid in it. Fails if somebody has it, with whom.
Result<FileDescriptor> take_lock(const std::string& path);

// Whether somebody has it. A file that cannot be read counts as taken if it is there.
bool is_locked(const std::string& path);

}  // namespace outrider
