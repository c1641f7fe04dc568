// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/storage_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "workloads/containers/container_labels.h"
#include "workloads/containers/json_claims.h"
#include "workloads/containers/runtime_command.h"

namespace outrider {

namespace {

// Half a kilobyte for each container, two for each image.
constexpr std::size_t kTableMax = 16 * 1024 * 1024;
constexpr std::size_t kDockerMax = 4 * 1024 * 1024;
// Of tables remembered: one machine has a few, unless a user makes them up.
constexpr std::size_t kTablesMax = 64;
// As in runtime_state.cpp: within a tick of the kernel's clock a file may change unseen, in ns.
constexpr std::int64_t kSettled = 20'000'000;

// Drivers of containers/storage, each with directories of its own.
constexpr std::string_view kDrivers[] = {"overlay", "vfs", "btrfs"};

// Docker's directory of containers, by id.
struct DockerRoot {
  std::string_view path;
  bool of_home;
};
constexpr DockerRoot kDockerRoots[] = {
    {"/var/lib/docker/containers", false},
    {"/var/snap/docker/common/var-lib-docker/containers", false},
    {".local/share/docker/containers", true},
};

// Where containers/storage keeps what stays, and what goes with a reboot.
struct StorageRoot {
  std::string root;
  std::string run_root;
};

std::vector<StorageRoot> storage_roots(const HostFiles& files, std::uint32_t rootless_uid,
                                       std::string_view bundle) {
  std::vector<StorageRoot> roots;
  // ROOT/overlay-containers/ID/userdata, wherever --root has put it.
  const std::size_t at = bundle.rfind("-containers/");
  const std::size_t slash =
      at == std::string_view::npos ? std::string_view::npos : bundle.rfind('/', at);
  if (slash != std::string_view::npos && bundle.ends_with("/userdata")) {
    roots.push_back({std::string(bundle.substr(0, slash)), {}});
  }
  if (rootless_uid == 0) {
    roots.push_back({"/var/lib/containers/storage", "/run/containers/storage"});
  } else if (const std::string home = home_of(files, rootless_uid); !home.empty()) {
    roots.push_back({fmt::format("{}/.local/share/containers/storage", home),
                     fmt::format("/run/user/{}/containers", rootless_uid)});
  }
  return roots;
}

std::string_view first_text(const Json* list) {
  if (list == nullptr || !list->is_array() || list->empty()) return {};
  return text_of(&list->front(), kNameMax);
}

}  // namespace

std::shared_ptr<const StorageFiles::Table> StorageFiles::read_table(const std::string& path) {
  {
    const auto now = files_.look_at(path);
    const std::scoped_lock lock(mutex_);
    const auto known = tables_.find(path);
    if (!now) {
      if (known != tables_.end()) tables_.erase(known);
      return nullptr;
    }
    if (known != tables_.end() && known->second->settled &&
        known->second->version == now->version) {
      return known->second;
    }
  }
  const auto file = files_.read(path, kTableMax);
  if (!file) return nullptr;
  auto table = std::make_shared<Table>();
  table->version = file->version;
  table->settled =
      file->version.changed + kSettled < static_cast<std::int64_t>(read_clock(CLOCK_REALTIME));
  table->owner = file->owner;
  const Json json = parse_claims(file->text);
  if (!json.is_array()) return nullptr;
  for (const Json& each : json) {
    const std::string_view id = text_of(find_member(each, "id"), kNameMax);
    if (id.empty()) continue;
    Image image{.name = std::string(first_text(find_member(each, "names"))),
                .digest = std::string(text_of(find_member(each, "digest"), kNameMax))};
    // Containers and images have names and an id; only containers are of an image.
    if (find_member(each, "image") == nullptr) {
      table->images.emplace(id, std::move(image));
      continue;
    }
    const Json metadata = parse_claims(text_of(find_member(each, "metadata"), kTableMax));
    Stored stored;
    stored.image_id = text_of(find_member(each, "image"), kNameMax);
    stored.image = text_of(find_member(metadata, "image-name"), kNameMax);
    stored.created = time_of(text_of(find_member(each, "created"), kNameMax));
    // CRI-O's own name says pod, namespace and attempt; what it is called in its pod is beside it.
    if (!text_of(find_member(metadata, "pod-id"), kNameMax).empty()) {
      stored.runtime = Runtime::kCrio;
      stored.pod_container = text_of(find_member(metadata, "metadata-name"), kNameMax);
      stored.pod_namespace = text_of(find_member(metadata, "namespace"), kNameMax);
      stored.pod_uid = text_of(find_member(metadata, "uid"), kNameMax);
    } else {
      stored.runtime = Runtime::kPodman;
      stored.name = image.name;
      if (stored.name.empty()) stored.name = text_of(find_member(metadata, "name"), kNameMax);
    }
    table->containers.emplace(id, std::move(stored));
  }
  const std::scoped_lock lock(mutex_);
  if (tables_.size() >= kTablesMax) tables_.clear();
  tables_[path] = table;
  return table;
}

std::optional<Container> StorageFiles::describe_stored(std::string_view id,
                                                       const CgroupPlace& place,
                                                       const std::string& root,
                                                       const std::string& run_root) {
  constexpr NameSource kSource = NameSource::kStorage;
  for (const std::string_view driver : kDrivers) {
    // Those of `podman run --rm` are in the second, which a transient store has under /run.
    const std::string paths[] = {
        fmt::format("{}/{}-containers/containers.json", root, driver),
        fmt::format("{}/{}-containers/volatile-containers.json", root, driver),
        run_root.empty()
            ? std::string()
            : fmt::format("{}/{}-containers/volatile-containers.json", run_root, driver),
    };
    for (const std::string& path : paths) {
      const auto table = path.empty() ? nullptr : read_table(path);
      if (!table || !may_speak_of(place, table->owner, files_)) continue;
      const auto found = table->containers.find(id);
      if (found == table->containers.end()) continue;
      const Stored& stored = found->second;
      Container container;
      container.runtime = stored.runtime;
      container.created = stored.created;
      set_if_unknown(container.name, stored.name, kSource);
      set_if_unknown(container.pod_container, stored.pod_container, kSource);
      set_if_unknown(container.pod_namespace, stored.pod_namespace, kSource);
      set_if_unknown(container.pod_uid, stored.pod_uid, kSource);
      add_image(container, stored.image, kSource);
      add_image(container, stored.image_id, kSource);
      const auto images = read_table(fmt::format("{}/{}-images/images.json", root, driver));
      if (images && may_speak_of(place, images->owner, files_)) {
        const auto image = images->images.find(stored.image_id);
        if (image != images->images.end()) {
          set_if_unknown(container.image, image->second.name, kSource);
          set_if_unknown(container.image_digest, image->second.digest, kSource);
        }
      }
      return container;
    }
  }
  return std::nullopt;
}

std::optional<Container> StorageFiles::describe_docker(std::string_view id,
                                                       const CgroupPlace& place,
                                                       const std::string& directory) const {
  constexpr NameSource kSource = NameSource::kStorage;
  const auto file = files_.read(directory + "/config.v2.json", kDockerMax);
  if (!file || !may_speak_of(place, file->owner, files_)) return std::nullopt;
  const Json json = parse_claims(file->text);
  if (text_of(find_member(json, "ID"), kNameMax) != id) return std::nullopt;

  Container container;
  container.runtime = Runtime::kDocker;
  std::string_view name = text_of(find_member(json, "Name"), kNameMax);
  if (name.starts_with('/')) name.remove_prefix(1);
  set_if_unknown(container.name, name, kSource);
  add_image(container, text_of(find_member(json, "Config", "Image"), kNameMax), kSource);
  add_image(container, text_of(find_member(json, "Image"), kNameMax), kSource);
  // Since the images may be containerd's.
  set_if_unknown(container.image_digest,
                 text_of(find_member(json, "ImageManifest", "digest"), kNameMax), kSource);
  container.created = time_of(text_of(find_member(json, "Created"), kNameMax));
  add_labels(container, texts_of(find_member(json, "Config", "Labels")), kSource);
  const auto host = files_.read(directory + "/hostconfig.json", kDockerMax);
  if (host && may_speak_of(place, host->owner, files_)) {
    container.privileged = flag_of(find_member(parse_claims(host->text), "Privileged"));
  }
  return container;
}

std::optional<Container> StorageFiles::describe(std::string_view id, const CgroupPlace& place,
                                                const Hints& hints) {
  if (!is_container_id(id)) return std::nullopt;
  if (!hints.docker_directory.empty()) {
    if (auto found = describe_docker(id, place, hints.docker_directory)) return found;
  }
  for (const DockerRoot& root : kDockerRoots) {
    if (root.of_home != (place.rootless_uid != 0)) continue;
    std::string directory(root.path);
    if (root.of_home) {
      const std::string home = home_of(files_, place.rootless_uid);
      if (home.empty()) continue;
      directory = fmt::format("{}/{}", home, root.path);
    }
    if (auto found = describe_docker(id, place, fmt::format("{}/{}", directory, id))) return found;
  }
  for (const StorageRoot& root : storage_roots(files_, place.rootless_uid, hints.bundle)) {
    if (auto found = describe_stored(id, place, root.root, root.run_root)) return found;
  }
  return std::nullopt;
}

}  // namespace outrider
