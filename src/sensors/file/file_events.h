// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "events/descriptor.h"

namespace outrider {

// open, mkdir, rmdir, unlink, rename, link, symlink, chmod, chown, truncate.
std::span<const EventDescriptor> file_kinds();

}  // namespace outrider
