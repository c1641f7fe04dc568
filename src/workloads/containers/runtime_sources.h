// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "workloads/containers/container_reader.h"

namespace outrider {

// Has the reader ask the machine's own runtimes over their sockets, beneath `root` ("" for the
// machine): CRI first, which knows pods, then Docker and Podman; and users' own Podman (rootless)
// about the containers of that user.
void add_runtime_sources(ContainerReader& reader, const std::string& root);

}  // namespace outrider
