// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace outrider {

using Deadline = std::chrono::steady_clock::time_point;

// Where a runtime listens.
struct RuntimeSocket {
  std::string root;  // beneath which: "" for the machine's, a directory in tests
  std::string path;  // absolute
  uid_t owner = 0;   // who must listen there
};

// Whether there is a socket. Waits for no file system that is not the machine's own.
bool is_there(const RuntimeSocket& socket);

// A connection to it, which does not block. Who listens is asked before anything is sent: a user
// may have put a link to somebody else's socket there.
Result<FileDescriptor> connect_to(const RuntimeSocket& socket, Deadline deadline);

// What poll(2) takes: until then in ms, rounded up; 0 if it is over.
int milliseconds_until(Deadline deadline);

}  // namespace outrider
