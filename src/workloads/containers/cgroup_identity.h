// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "workloads/containers/container.h"

namespace outrider {

// What the path of a cgroup says of itself. Paths are given by whoever makes a cgroup: a container
// that may make some can name them like any other container. Before something else is said of
// an id, look whether that names this path (see agrees()).
struct CgroupIdentity {
  // Of the container that it belongs to, itself or by one above it; empty: none that a path
  // shows. That of a plain runc container (/ID) shows nothing.
  std::string container_id;
  Runtime runtime = Runtime::kUnknown;
  std::string pod_uid;         // of Kubernetes, with dashes
  std::string container_path;  // the cgroup of the container, a prefix of the path
  std::string unit;            // of systemd: nginx.service; empty: none
  // Whose service manager it is below (user@UID.service): what that user may make; 0: root's.
  std::uint32_t rootless_uid = 0;
  std::string rootless_base;  // the cgroup of that service manager, a prefix of the path
};

// `path` from the root of its hierarchy. The innermost container and unit count. Any bytes do no
// harm; a path longer than 4096 bytes shows nothing.
CgroupIdentity identify_cgroup(std::string_view path);

// `linux.cgroupsPath` of a bundle as a path of a cgroup: systemd's "slice:prefix:name" becomes
// /parent.slice/parent-child.slice/prefix-name.scope. Empty if it is neither.
std::string cgroup_of_claim(std::string_view claim);

// Undoes the escapes of systemd-escape(1) in a machine's name: my\x2dweb is my-web.
std::string unescape_unit(std::string_view name);

}  // namespace outrider
