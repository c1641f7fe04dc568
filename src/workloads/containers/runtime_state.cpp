// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/runtime_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <climits>

#include "base/clock.h"
#include "workloads/containers/json_claims.h"
#include "workloads/containers/oci_bundle.h"
#include "workloads/containers/runtime_command.h"

namespace outrider {

namespace {

// A state.json has some 10 KB and repeats the configuration.
constexpr std::size_t kStateMax = 4 * 1024 * 1024;
constexpr std::size_t kPasswordsMax = 4 * 1024 * 1024;
constexpr std::size_t kStatesMax = 10'000;
constexpr std::size_t kNamespacesMax = 100;
// What was changed less long ago may change again without a new time: the kernel's clock of files
// goes by ticks, of 10 ms at most.
constexpr std::int64_t kSettled = 20'000'000;
// A directory that has no state after so long, in ns, will have none.
constexpr std::int64_t kComing = 1'000'000'000;

constexpr std::string_view kSkipped[] = {"seccomp", "Hooks",      "mounts",        "devices",
                                         "cgroups", "mask_paths", "readonly_paths"};

// Where runtimes keep their states: ROOT/ID/state.json or ROOT/ID/status.
struct StateRoot {
  std::string_view path;
  bool by_namespace;  // containerd's: ROOT/NAMESPACE/ID/...
  bool of_user;       // {} is the uid
};
constexpr StateRoot kStateRoots[] = {
    {"/run/runc", false, false},
    {"/run/crun", false, false},
    {"/run/containerd/runc", true, false},
    {"/run/docker/runtime-runc", true, false},
    {"/run/user/{}/runc", false, true},
    {"/run/user/{}/crun", false, true},
    {"/run/user/{}/docker/runtime-runc", true, true},
};

// Where bundles are, by id.
struct BundleRoot {
  std::string_view path;
  bool by_namespace;
  bool of_user;
  bool of_home;               // below the user's home
  std::string_view below_id;  // BUNDLES/ID/...
  Runtime runtime;
};
constexpr BundleRoot kBundleRoots[] = {
    {"/run/containerd/io.containerd.runtime.v2.task", true, false, false, "", Runtime::kContainerd},
    {"/run/docker/containerd/daemon/io.containerd.runtime.v2.task", true, false, false, "",
     Runtime::kDocker},
    {"/run/k3s/containerd/io.containerd.runtime.v2.task", true, false, false, "",
     Runtime::kContainerd},
    {"/run/k0s/containerd/io.containerd.runtime.v2.task", true, false, false, "",
     Runtime::kContainerd},
    {"/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task", true, false, false,
     "", Runtime::kContainerd},
    {"/var/snap/docker/common/run/docker/containerd/daemon/io.containerd.runtime.v2.task", true,
     false, false, "", Runtime::kDocker},
    // CRI-O keeps them under /run, Podman under /var/lib.
    {"/run/containers/storage/overlay-containers", false, false, false, "userdata",
     Runtime::kUnknown},
    {"/var/lib/containers/storage/overlay-containers", false, false, false, "userdata",
     Runtime::kUnknown},
    {"/var/lib/containers/storage/vfs-containers", false, false, false, "userdata",
     Runtime::kUnknown},
    {"/run/user/{}/docker/containerd/daemon/io.containerd.runtime.v2.task", true, true, false, "",
     Runtime::kDocker},
    {"/run/user/{}/containers/overlay-containers", false, true, false, "userdata",
     Runtime::kPodman},
    {".local/share/containers/storage/overlay-containers", false, true, true, "userdata",
     Runtime::kPodman},
    {".local/share/containers/storage/vfs-containers", false, true, true, "userdata",
     Runtime::kPodman},
};

// Docker uses containerd under this namespace, its own or the machine's.
constexpr std::string_view kDockerNamespace = "moby";

std::string with_uid(std::string_view path, std::uint32_t uid) {
  const std::size_t at = path.find("{}");
  if (at == std::string_view::npos) return std::string(path);
  return fmt::format("{}{}{}", path.substr(0, at), uid, path.substr(at + 2));
}

// A path below the mount of a hierarchy, from the hierarchy's root: that of the unified one is
// /sys/fs/cgroup, or /sys/fs/cgroup/unified beside others; those have one more component.
std::string below_mount(std::string_view path, bool unified) {
  constexpr std::string_view kMount = "/sys/fs/cgroup";
  constexpr std::string_view kHybrid = "/unified/";
  if (!path.starts_with(kMount)) return {};
  path.remove_prefix(kMount.size());
  if (!path.starts_with('/')) return {};
  if (!unified || path.starts_with(kHybrid)) {
    const std::size_t slash = path.find('/', 1);
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash);
  }
  return path == "/" ? std::string() : std::string(path);
}

std::vector<std::string> runc_cgroups(const Json* paths) {
  std::vector<std::string> cgroups;
  if (paths == nullptr || !paths->is_object()) return cgroups;
  const Json* unified = find_member(*paths, "");
  if (unified != nullptr) {
    std::string path = below_mount(text_of(unified, PATH_MAX), /*unified=*/true);
    if (!path.empty()) cgroups.push_back(std::move(path));
    return cgroups;
  }
  for (const auto& [controller, value] : paths->items()) {
    std::string path = below_mount(text_of(&value, PATH_MAX), /*unified=*/false);
    if (!path.empty() && std::ranges::find(cgroups, path) == cgroups.end()) {
      cgroups.push_back(std::move(path));
    }
  }
  return cgroups;
}

// runc keeps the bundle among the labels, with the annotations: "bundle=/path", its own last.
std::string_view runc_bundle(const Json* labels) {
  constexpr std::string_view kKey = "bundle=";
  std::string_view bundle;
  if (labels == nullptr || !labels->is_array()) return bundle;
  for (const Json& label : *labels) {
    const std::string_view text = text_of(&label, PATH_MAX);
    if (text.starts_with(kKey)) bundle = text.substr(kKey.size());
  }
  return bundle;
}

bool is_settled(const FileVersion& version, std::int64_t after) {
  return version.modified + after < static_cast<std::int64_t>(read_clock(CLOCK_REALTIME));
}

}  // namespace

std::optional<RuntimeState> parse_runtime_state(std::string_view text) {
  const Json json = parse_claims(text, kSkipped);
  RuntimeState state;
  state.created = time_of(text_of(find_member(json, "created"), kNameMax));
  if (find_member(json, "init_process_pid") != nullptr) {
    state.runtime = Runtime::kRunc;
    state.id = text_of(find_member(json, "id"), kNameMax);
    state.cgroups = runc_cgroups(find_member(json, "cgroup_paths"));
    state.bundle = runc_bundle(find_member(json, "config", "labels"));
    return state;
  }
  if (find_member(json, "cgroup-path") != nullptr) {
    state.runtime = Runtime::kCrun;
    state.bundle = text_of(find_member(json, "bundle"), PATH_MAX);
    const std::string_view path = text_of(find_member(json, "cgroup-path"), PATH_MAX);
    if (path.size() > 1 && path.front() == '/') state.cgroups.emplace_back(path);
    return state;
  }
  return std::nullopt;
}

bool may_speak_of(const CgroupPlace& place, uid_t owner, const HostFiles& files) {
  return owner == files.root_user() || (place.rootless_uid != 0 && owner == place.rootless_uid);
}

std::optional<RuntimeState> RuntimeStates::read(const std::string& root,
                                                std::string_view id) const {
  const std::string directory = fmt::format("{}/{}", root, id);
  auto file = files_.read(directory + "/state.json", kStateMax);
  if (!file) file = files_.read(directory + "/status", kStateMax);
  if (!file) return std::nullopt;
  auto state = parse_runtime_state(file->text);
  if (!state) return std::nullopt;
  // crun keeps it in the name of the directory only.
  if (state->id.empty()) state->id = id;
  if (state->id != id) return std::nullopt;
  state->directory = directory;
  state->owner = file->owner;
  return state;
}

std::vector<std::string> RuntimeStates::roots(std::uint32_t rootless_uid) const {
  std::vector<std::string> roots;
  for (const StateRoot& root : kStateRoots) {
    if (root.of_user && rootless_uid == 0) continue;
    const std::string path = with_uid(root.path, rootless_uid);
    if (!root.by_namespace) {
      roots.push_back(path);
      continue;
    }
    for (const std::string& name : files_.list(path, kNamespacesMax)) {
      roots.push_back(fmt::format("{}/{}", path, name));
    }
  }
  return roots;
}

RuntimeStates::Found RuntimeStates::find(std::string_view id, const CgroupPlace& place,
                                         const std::string& root) const {
  Found found;
  if (!is_container_id(id)) return found;
  const auto look_in = [&](const std::string& each) {
    auto state = read(each, id);
    if (!state || state->cgroups.empty() || !may_speak_of(place, state->owner, files_)) return;
    if (std::ranges::find(state->cgroups, place.path) == state->cgroups.end()) {
      found.names_another = true;
    } else {
      found.state = std::move(state);
    }
  };
  if (!root.empty()) look_in(root);
  if (found.state) return found;
  for (const std::string& each : roots(place.rootless_uid)) {
    look_in(each);
    if (found.state) break;
  }
  return found;
}

std::shared_ptr<const RuntimeStates::Root> RuntimeStates::read_root(const std::string& path) {
  const auto version = files_.version_of_directory(path);
  std::shared_ptr<const Root> known;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = roots_.find(path);
    if (found != roots_.end()) known = found->second;
    if (!version) {
      if (found != roots_.end()) roots_.erase(found);
      return nullptr;
    }
  }
  if (known && known->settled && known->version == *version) return known;

  auto now = std::make_shared<Root>();
  now->version = *version;
  now->settled = is_settled(*version, kSettled);
  for (const std::string& id : files_.list(path, kStatesMax)) {
    if (!is_container_id(id)) continue;
    const auto directory = files_.version_of_directory(fmt::format("{}/{}", path, id));
    if (!directory) continue;
    // The cgroup of a state does not change as long as its directory is the same.
    if (known) {
      const auto before = known->by_id.find(id);
      if (before != known->by_id.end() && before->second.inode == directory->inode) {
        now->by_id.insert(*before);
        continue;
      }
    }
    if (auto state = read(path, id)) {
      now->by_id.emplace(id, Known{directory->inode, std::move(state->cgroups)});
    } else if (!is_settled(*directory, kComing)) {
      // Made just now: its file comes after its cgroup.
      now->settled = false;
    }
  }
  for (const auto& [id, state] : now->by_id) {
    for (const std::string& cgroup : state.cgroups) now->ids_by_cgroup.emplace(cgroup, id);
  }
  const std::scoped_lock lock(mutex_);
  roots_[path] = now;
  return now;
}

RuntimeStates::Owner RuntimeStates::find_by_cgroup(const CgroupPlace& place) {
  Owner owner;
  std::size_t longest = 0;
  const std::string_view last =
      std::string_view(place.path).substr(std::min(place.path.rfind('/') + 1, place.path.size()));
  for (const std::string& path : roots(place.rootless_uid)) {
    const auto root = read_root(path);
    if (!root) continue;
    // The cgroup, then those above it.
    for (std::string_view cgroup = place.path; cgroup.size() > 1 && cgroup.size() > longest;
         cgroup = cgroup.substr(0, cgroup.rfind('/'))) {
      const auto found = root->ids_by_cgroup.find(cgroup);
      if (found == root->ids_by_cgroup.end()) continue;
      // As it is now.
      const auto state = read(path, found->second);
      if (state && may_speak_of(place, state->owner, files_) &&
          std::ranges::find(state->cgroups, cgroup) != state->cgroups.end()) {
        owner.state = state;
        longest = cgroup.size();
      }
      break;
    }
    if (!root->by_id.contains(last) && is_container_id(last) &&
        files_.version_of_directory(fmt::format("{}/{}", path, last))) {
      owner.coming = true;
    }
  }
  return owner;
}

Runtime runtime_of_bundle(std::string_view directory) {
  if (directory.find("/io.containerd.runtime.v") == std::string_view::npos) {
    return Runtime::kUnknown;
  }
  const std::size_t name = directory.rfind('/');
  return directory.substr(0, name).ends_with(fmt::format("/{}", kDockerNamespace))
             ? Runtime::kDocker
             : Runtime::kContainerd;
}

std::vector<BundlePlace> bundle_places(const HostFiles& files, std::string_view id,
                                       std::uint32_t rootless_uid) {
  std::vector<BundlePlace> places;
  if (!is_container_id(id)) return places;
  const std::string home = rootless_uid == 0 ? "" : home_of(files, rootless_uid);
  const auto add = [&places, id](const std::string& root, const BundleRoot& row) {
    std::string directory = fmt::format("{}/{}", root, id);
    if (!row.below_id.empty()) directory.append("/").append(row.below_id);
    Runtime runtime = row.runtime;
    if (row.by_namespace) runtime = runtime_of_bundle(directory);
    places.push_back({std::move(directory), runtime});
  };
  for (const BundleRoot& row : kBundleRoots) {
    if (row.of_user != (rootless_uid != 0)) continue;
    if (row.of_home && home.empty()) continue;
    const std::string path =
        row.of_home ? fmt::format("{}/{}", home, row.path) : with_uid(row.path, rootless_uid);
    if (!row.by_namespace) {
      add(path, row);
      continue;
    }
    for (const std::string& name : files.list(path, kNamespacesMax)) {
      add(fmt::format("{}/{}", path, name), row);
    }
  }
  return places;
}

std::string home_of(const HostFiles& files, std::uint32_t uid) {
  const auto passwords = files.read("/etc/passwd", kPasswordsMax);
  if (!passwords) return {};
  // passwd(5): name:password:UID:GID:comment:directory:shell
  std::string_view rest = passwords->text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    std::string_view fields[6];
    for (std::string_view& field : fields) {
      const std::size_t colon = std::min(line.find(':'), line.size());
      field = line.substr(0, colon);
      line.remove_prefix(std::min(colon + 1, line.size()));
    }
    std::uint32_t number = 0;
    const char* digits_end = fields[2].data() + fields[2].size();
    const auto [at, error] = std::from_chars(fields[2].data(), digits_end, number);
    if (error == std::errc() && at == digits_end && !fields[2].empty() && number == uid &&
        fields[5].size() > 1 && fields[5].front() == '/') {
      return std::string(fields[5]);
    }
  }
  return {};
}

}  // namespace outrider
