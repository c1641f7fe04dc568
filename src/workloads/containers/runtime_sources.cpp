// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/runtime_sources.h"

#include <fmt/format.h>

#include "workloads/containers/cri_source.h"
#include "workloads/containers/http_source.h"

namespace outrider {

void add_runtime_sources(ContainerReader& reader, const std::string& root) {
  for (const CriSocket& socket : cri_sockets()) {
    reader.add_source(fmt::format("cri: {}", socket.path), make_cri_source(root, socket),
                      {socket.runtime});
  }
  reader.add_source("docker: /var/run/docker.sock", make_docker_source(root), {Runtime::kDocker});
  reader.add_source("podman: /run/podman/podman.sock", make_podman_source(root),
                    {Runtime::kPodman});
  reader.add_user_source(
      "podman of users: /run/user/UID/podman/podman.sock",
      [root](std::uint32_t user) { return make_rootless_podman_source(root, user); },
      {Runtime::kPodman});
}

}  // namespace outrider
