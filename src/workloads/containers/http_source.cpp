// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/http_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "workloads/containers/container_labels.h"
#include "workloads/containers/http_get.h"
#include "workloads/containers/json_claims.h"
#include "workloads/containers/runtime_socket.h"

namespace outrider {

namespace {

// An answer has some 10 KB, much of it labels and environment.
constexpr std::size_t kAnswerMax = 4u << 20;

// What differs between the two.
struct HttpRuntime {
  std::string_view target;  // {}: the id
  std::optional<Container> (*read)(std::string_view json, std::string_view id);
};
constexpr HttpRuntime kDocker{"/containers/{}/json", read_docker_answer};
// Of Podman 4.0 and later; no older one is in what we support.
constexpr HttpRuntime kPodman{"/v4.0.0/libpod/containers/{}/json", read_podman_answer};

// What can stand in a target, and leads to nothing else there.
bool is_plain(std::string_view id) {
  return !id.empty() && id.size() <= 128 && id.front() != '.' &&
         std::ranges::all_of(id, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_' || c == '.';
         });
}

// What both have.
std::optional<Container> begin_answer(const Json& json, std::string_view id, Runtime runtime,
                                      NameSource source) {
  if (id.empty() || text_of(find_member(json, "Id"), kNameMax) != id) return std::nullopt;
  Container container;
  container.runtime = runtime;
  container.id = {std::string(id), source};
  container.created = time_of(text_of(find_member(json, "Created"), kNameMax));
  container.privileged = flag_of(find_member(json, "HostConfig", "Privileged"));
  add_labels(container, texts_of(find_member(json, "Config", "Labels")), source);

  const Json* mounts = find_member(json, "Mounts");
  if (mounts == nullptr || !mounts->is_array()) return container;
  container.mounts.emplace();
  for (const Json& mount : *mounts) {
    if (container.mounts->size() >= kMountsMax) break;
    ContainerMount made;
    made.source = text_of(find_member(mount, "Source"), PATH_MAX);
    made.destination = text_of(find_member(mount, "Destination"), PATH_MAX);
    made.type = text_of(find_member(mount, "Type"), kNameMax);
    made.writable = flag_of(find_member(mount, "RW")).value_or(true);
    if (!made.destination.empty()) container.mounts->push_back(std::move(made));
  }
  return container;
}

class HttpSource : public ContainerSource {
 public:
  HttpSource(const HttpRuntime& runtime, RuntimeSocket socket)
      : runtime_(runtime), socket_(std::move(socket)) {}

  std::optional<Container> describe(const std::string& id, Deadline deadline) override {
    if (!is_plain(id)) return std::nullopt;
    const auto connection = connect_to(socket_, deadline);
    if (!connection) return std::nullopt;
    const auto answer = http_get(connection->get(), fmt::format(fmt::runtime(runtime_.target), id),
                                 deadline, kAnswerMax);
    if (!answer || answer->status != 200) return std::nullopt;
    return runtime_.read(answer->body, id);
  }

 private:
  const HttpRuntime& runtime_;
  const RuntimeSocket socket_;
};

}  // namespace

std::optional<Container> read_docker_answer(std::string_view text, std::string_view id) {
  const Json json = parse_claims(text);
  auto container = begin_answer(json, id, Runtime::kDocker, NameSource::kDocker);
  if (!container) return std::nullopt;
  std::string_view name = text_of(find_member(json, "Name"), kNameMax);
  if (name.starts_with('/')) name.remove_prefix(1);
  set_if_unknown(container->name, name, NameSource::kDocker);
  add_image(*container, text_of(find_member(json, "Config", "Image"), kNameMax),
            NameSource::kDocker);
  add_image(*container, text_of(find_member(json, "Image"), kNameMax), NameSource::kDocker);
  set_if_unknown(container->image_digest,
                 text_of(find_member(json, "ImageManifestDescriptor", "digest"), kNameMax),
                 NameSource::kDocker);
  return container;
}

std::optional<Container> read_podman_answer(std::string_view text, std::string_view id) {
  const Json json = parse_claims(text);
  auto container = begin_answer(json, id, Runtime::kPodman, NameSource::kPodman);
  if (!container) return std::nullopt;
  set_if_unknown(container->name, text_of(find_member(json, "Name"), kNameMax),
                 NameSource::kPodman);
  add_image(*container, text_of(find_member(json, "ImageName"), kNameMax), NameSource::kPodman);
  add_image(*container, text_of(find_member(json, "Image"), kNameMax), NameSource::kPodman);
  set_if_unknown(container->image_digest, text_of(find_member(json, "ImageDigest"), kNameMax),
                 NameSource::kPodman);
  constexpr std::string_view kConfig = "/config.json";
  std::string_view bundle = text_of(find_member(json, "OCIConfigPath"), kNameMax);
  if (bundle.ends_with(kConfig)) {
    bundle.remove_suffix(kConfig.size());
    set_if_unknown(container->bundle, bundle, NameSource::kPodman);
  }
  container->sandbox |= flag_of(find_member(json, "IsInfra")).value_or(false);
  add_labels(*container, texts_of(find_member(json, "Config", "Annotations")), NameSource::kPodman);
  return container;
}

std::shared_ptr<ContainerSource> make_docker_source(const std::string& root, uid_t owner) {
  return std::make_shared<HttpSource>(
      kDocker, RuntimeSocket{.root = root, .path = "/var/run/docker.sock", .owner = owner});
}

std::shared_ptr<ContainerSource> make_podman_source(const std::string& root, uid_t owner) {
  return std::make_shared<HttpSource>(
      kPodman, RuntimeSocket{.root = root, .path = "/run/podman/podman.sock", .owner = owner});
}

std::shared_ptr<ContainerSource> make_rootless_podman_source(const std::string& root, uid_t user) {
  return std::make_shared<HttpSource>(
      kPodman, RuntimeSocket{.root = root,
                             .path = fmt::format("/run/user/{}/podman/podman.sock", user),
                             .owner = user});
}

}  // namespace outrider
