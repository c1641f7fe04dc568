// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/oci_bundle.h"

#include <algorithm>
#include <array>
#include <climits>
#include <string>
#include <vector>

#include "workloads/containers/cgroup_identity.h"
#include "workloads/containers/container_labels.h"
#include "workloads/containers/json_claims.h"

namespace outrider {

namespace {

// A config.json has some 10 to 60 KB, most of it the seccomp profile.
constexpr std::size_t kSizeMax = 4 * 1024 * 1024;

// include/uapi/linux/capability.h of Linux 3.16; later ones were split off from these.
constexpr std::string_view kCapabilities[] = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
};

constexpr std::string_view kSkipped[] = {"seccomp", "hooks", "resources", "devices", "env"};

// Nothing and an empty list are the same to runtimes.
bool is_empty(const Json* value) { return value == nullptr || value->empty(); }

bool has_all_capabilities(const Json* list) {
  if (list == nullptr || !list->is_array()) return false;
  std::vector<std::string_view> names;
  for (const Json& name : *list) names.push_back(text_of(&name, kNameMax));
  std::ranges::sort(names);
  return std::ranges::all_of(kCapabilities, [&names](std::string_view capability) {
    return std::ranges::binary_search(names, capability);
  });
}

bool is_writable(const Json* options) {
  if (options == nullptr || !options->is_array()) return true;
  return std::ranges::none_of(*options, [](const Json& option) {
    const std::string_view text = text_of(&option, kNameMax);
    return text == "ro" || text == "rro";
  });
}

std::vector<ContainerMount> mounts_of(const Json* list) {
  std::vector<ContainerMount> mounts;
  if (list == nullptr || !list->is_array()) return mounts;
  for (const Json& mount : *list) {
    if (mounts.size() == kMountsMax) break;
    const std::string_view destination = text_of(find_member(mount, "destination"), PATH_MAX);
    if (destination.empty()) continue;
    mounts.push_back({.source = std::string(text_of(find_member(mount, "source"), PATH_MAX)),
                      .destination = std::string(destination),
                      .type = std::string(text_of(find_member(mount, "type"), kNameMax)),
                      .writable = is_writable(find_member(mount, "options"))});
  }
  return mounts;
}

// Docker mounts its own file for this, wherever its data are.
std::string docker_directory_of(const std::vector<ContainerMount>& mounts) {
  constexpr std::string_view kFile = "/hostname";
  const auto found = std::ranges::find(mounts, "/etc/hostname", &ContainerMount::destination);
  if (found == mounts.end() || !found->source.ends_with(kFile)) return {};
  std::string directory = found->source.substr(0, found->source.size() - kFile.size());
  const std::size_t slash = directory.rfind('/');
  if (slash == std::string::npos || !directory.substr(0, slash).ends_with("/containers")) return {};
  return directory;
}

}  // namespace

std::string bundle_config(std::string_view directory) {
  return std::string(directory) + "/config.json";
}

std::optional<Bundle> parse_bundle(std::string_view config, std::string_view directory) {
  const Json json = parse_claims(config, kSkipped);
  if (!json.is_object()) return std::nullopt;

  Bundle bundle;
  bundle.directory = directory;
  Container& container = bundle.container;
  set_if_unknown(container.bundle, directory, NameSource::kBundle);
  add_labels(container, texts_of(find_member(json, "annotations")), NameSource::kBundle);
  container.mounts = mounts_of(find_member(json, "mounts"));
  bundle.docker_directory = docker_directory_of(*container.mounts);
  bundle.cgroup_claim = text_of(find_member(json, "linux", "cgroupsPath"), PATH_MAX);
  bundle.cgroup = cgroup_of_claim(bundle.cgroup_claim);

  const Json* namespaces = find_member(json, "linux", "namespaces");
  container.user_namespace = false;
  if (namespaces != nullptr && namespaces->is_array()) {
    container.user_namespace = std::ranges::any_of(*namespaces, [](const Json& each) {
      return text_of(find_member(each, "type"), kNameMax) == "user";
    });
  }
  if (!container.privileged) {
    container.privileged =
        has_all_capabilities(find_member(json, "process", "capabilities", "bounding")) &&
        is_empty(find_member(json, "linux", "seccomp")) &&
        is_empty(find_member(json, "linux", "maskedPaths")) && !*container.user_namespace;
  }
  return bundle;
}

std::optional<Bundle> read_bundle(const HostFiles& files, const std::string& directory) {
  const auto file = files.read(bundle_config(directory), kSizeMax);
  if (!file) return std::nullopt;
  auto bundle = parse_bundle(file->text, directory);
  if (!bundle) return std::nullopt;
  bundle->owner = file->owner;
  bundle->version = file->version;
  return bundle;
}

}  // namespace outrider
