// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "workloads/containers/container_reader.h"

namespace outrider {

// Has the reader ask the machine's own runtimes over their sockets, beneath `root` ("" for the
// machine): CRI first, which knows pods, then Docker and Podman. Those of users (rootless) are not
// among them: a reader cannot tell yet whose container it asks about, and they may only be
// believed about their own.
void add_runtime_sources(ContainerReader& reader, const std::string& root);

}  // namespace outrider
