// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "workloads/containers/container.h"

namespace outrider {

// What the path of a cgroup says of itself.
struct CgroupIdentity {
  // Of the container that it belongs to, itself or by one above it; empty: none that a path
  // shows. That of a plain runc container (/ID) shows nothing.
  std::string container_id;
  Runtime runtime = Runtime::kUnknown;
  std::string pod_uid;         // of Kubernetes, with dashes
  std::string container_path;  // the cgroup of the container, a prefix of the path
  std::string unit;            // of systemd: nginx.service; empty: none
  unsigned rootless_uid = 0;   // whose rootless container it is; 0: root's
};

// `path` from the root of its hierarchy.
CgroupIdentity identify_cgroup(std::string_view path);

}  // namespace outrider
