// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file_descriptor.h"
#include "base/result.h"

namespace outrider {

// The signals that end a command (SIGINT, SIGTERM, SIGHUP) or ask it how far it is (SIGUSR1), as a
// descriptor for signalfd_siginfo. They are blocked from then on, and SIGPIPE is ignored.
Result<FileDescriptor> take_signals();

}  // namespace outrider
