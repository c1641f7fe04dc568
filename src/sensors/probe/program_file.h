// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace outrider {

// The file of a program or a library: a path; a library's name ("libc.so.6", "libc"), looked for
// where the machine keeps them; or a program's in PATH. Beneath /proc/PID/root/ it is found as that
// process finds it, and nothing of it leads out of there. Fails if there is none.
Result<FileDescriptor> open_program_file(std::string_view path);

}  // namespace outrider
