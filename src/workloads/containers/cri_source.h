// SPDX-License-Identifier: Apache-2.0
//
// The runtimes of Kubernetes, which answer CRI (gRPC) over a Unix socket, by a module that is
// loaded when one of them listens.
#pragma once

#include <sys/types.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "workloads/containers/container.h"
#include "workloads/containers/container_source.h"

namespace outrider {

struct CriSocket {
  std::string_view path;
  Runtime runtime = Runtime::kUnknown;
};
// Where runtimes listen by default.
std::span<const CriSocket> cri_sockets();

// One of them beneath `root` ("" for the machine), where `owner` must listen. What is not there
// costs a look each time, since it may come. Safe to use by several threads.
std::shared_ptr<ContainerSource> make_cri_source(const std::string& root, const CriSocket& socket,
                                                 uid_t owner = 0);

// For `status`: "loaded", "not needed yet", or why the module could not be loaded.
std::string cri_module_status();

}  // namespace outrider
