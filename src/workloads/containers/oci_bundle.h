// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "workloads/containers/container.h"
#include "workloads/containers/host_files.h"

namespace outrider {

// What config.json of an OCI bundle says (github.com/opencontainers/runtime-spec), which the
// runtime reads before it makes the cgroup. All of it is a claim of who started the container.
struct Bundle {
  Container container;  // all but the id
  // The cgroup that it is to have, see cgroup_of_claim(); empty: the runtime chooses.
  std::string cgroup;
  std::string cgroup_claim;  // the same as it stands there
  // Docker's directory of the container, as its mounts show; empty: not Docker's.
  std::string docker_directory;
  std::string directory;
  uid_t owner = 0;
  FileVersion version;
};

// `directory`/config.json, if it is a regular file of at most 4 MB and JSON; else nullopt.
//
// Privileged is what the tool says of it (annotations of Podman and CRI-O). Where none says so, it
// is a container with all the capabilities up to CAP_AUDIT_READ (those of the oldest kernels that
// containers are run on) in its bounding set, without a seccomp profile, masked paths and
// a user namespace: what --privileged makes of Docker's and containerd's.
std::optional<Bundle> read_bundle(const HostFiles& files, const std::string& directory);
// The same of the text of config.json.
std::optional<Bundle> parse_bundle(std::string_view config, std::string_view directory);

std::string bundle_config(std::string_view directory);

}  // namespace outrider
