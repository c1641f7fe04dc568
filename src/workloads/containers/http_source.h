// SPDX-License-Identifier: Apache-2.0
//
// Docker and Podman, which answer HTTP over a Unix socket.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "workloads/containers/container.h"
#include "workloads/containers/container_source.h"

namespace outrider {

// What these say of a container: the bodies of GET /containers/ID/json of Docker, and
// /libpod/containers/ID/json of Podman. nullopt if they are not about `id`, or make no sense.
std::optional<Container> read_docker_answer(std::string_view json, std::string_view id);
std::optional<Container> read_podman_answer(std::string_view json, std::string_view id);

// Their sockets beneath `root` ("" for the machine), where `owner` must listen. What is not there
// costs a look each time, since it may come. Safe to use by several threads.
std::shared_ptr<ContainerSource> make_docker_source(const std::string& root, uid_t owner = 0);
std::shared_ptr<ContainerSource> make_podman_source(const std::string& root, uid_t owner = 0);
// That of a user, whose word is good for the user's own containers only: whoever asks it must know
// by the cgroup that the container is one of them.
std::shared_ptr<ContainerSource> make_rootless_podman_source(const std::string& root, uid_t user);

}  // namespace outrider
