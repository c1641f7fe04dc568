// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/container_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "workloads/containers/container_labels.h"

namespace outrider {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kExpectedMax = 256;
constexpr std::chrono::seconds kExpectedFor{10};
// Containers within containers that lie.
constexpr int kNestedMax = 8;

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

bool is_at_or_below(std::string_view path, std::string_view above) {
  return path.starts_with(above) && (path.size() == above.size() || path[above.size()] == '/');
}

enum class Agreement : std::uint8_t { kSilent, kAgrees, kDiffers };

// Whether the cgroup that a bundle asks for is the one at `place`. A user's is below that user's
// service manager. What is not absolute is below the runtime's own cgroup, which we do not know:
// then the end has to do, but not within another container. So it is with systemd's form where
// the runtime was not told that it is that (see three_parts() of cgroup_identity.cpp).
Agreement agreement_of(const Bundle& bundle, const CgroupPlace& place, bool exact, bool nested) {
  if (bundle.cgroup.empty()) return Agreement::kSilent;
  const std::string_view path = place.path;
  const bool of_user = place.rootless_uid != 0 && bundle.owner == place.rootless_uid;
  const std::string base = of_user ? place.rootless_base : std::string();
  if (bundle.cgroup.front() == '/') {
    const std::string whole = base + bundle.cgroup;
    if (exact ? path == whole : is_at_or_below(path, whole)) return Agreement::kAgrees;
  }
  const bool may_be = bundle.cgroup_claim.front() != '/' && !nested &&
                      (place.rootless_uid == 0 || of_user) && is_at_or_below(path, base) &&
                      path.ends_with("/" + bundle.cgroup_claim);
  return may_be ? Agreement::kAgrees : Agreement::kDiffers;
}

// What a runtime calls a cgroup for this id if nobody tells it.
bool is_named_for(std::string_view path, std::string_view id) {
  const std::string_view last = path.substr(std::min(path.rfind('/') + 1, path.size()));
  return last == id || last.ends_with(fmt::format("-{}.scope", id));
}

void drop_pod(Container& container) {
  container.pod_namespace = {};
  container.pod_name = {};
  container.pod_container = {};
  container.pod_uid = {};
  container.sandbox_id = {};
  container.sandbox = false;
}

std::string without_dashes(std::string text) {
  std::erase(text, '-');
  return text;
}

bool is_other_pod(const Container& claimed, const std::string& pod_uid) {
  return !pod_uid.empty() && claimed.pod_uid.known() &&
         without_dashes(claimed.pod_uid.text) != without_dashes(pod_uid);
}

}  // namespace

std::shared_ptr<const Bundle> ContainerFinder::bundle_in(const std::string& directory) {
  const auto now = files_.look_at(bundle_config(directory));
  {
    const std::scoped_lock lock(mutex_);
    const auto found = expected_.find(directory);
    if (found != expected_.end() &&
        (now ? now->version == found->second.bundle->version
             : steady_clock::now() - found->second.read < kExpectedFor)) {
      return found->second.bundle;
    }
  }
  if (!now) return nullptr;
  auto bundle = read_bundle(files_, directory);
  if (!bundle) return nullptr;
  bundles_read_.fetch_add(1, std::memory_order_relaxed);
  return std::make_shared<const Bundle>(std::move(*bundle));
}

void ContainerFinder::expect(const RuntimeCommand& command) {
  if (command.bundle.empty()) return;
  auto bundle = bundle_in(command.bundle);
  if (!bundle) return;
  const auto now = steady_clock::now();
  const std::scoped_lock lock(mutex_);
  std::erase_if(expected_,
                [now](const auto& each) { return now - each.second.read > kExpectedFor; });
  if (expected_.size() >= kExpectedMax) expected_.clear();
  expected_.insert_or_assign(command.bundle, Expected{now, std::move(bundle)});
}

std::optional<ContainerFinder::Finding> ContainerFinder::find_as(
    const CgroupIdentity& identity, std::string_view cgroup_path,
    const std::optional<RuntimeCommand>& command) {
  const bool by_path = !identity.container_id.empty();
  const CgroupPlace place{.path = by_path ? identity.container_path : std::string(cgroup_path),
                          .rootless_uid = identity.rootless_uid,
                          .rootless_base = identity.rootless_base};
  const bool nested = !identify_cgroup(parent_of(place.path)).container_id.empty();
  const bool manages_itself =
      identity.runtime == Runtime::kLxc || identity.runtime == Runtime::kNspawn;

  SourcedText id;
  if (by_path) id = {identity.container_id, NameSource::kCgroup};
  bool names_another = false;
  bool coming = false;
  std::optional<RuntimeState> state;
  if (by_path && !manages_itself) {
    const bool told_root = command && command->id == id.text;
    RuntimeStates::Found found =
        states_.find(id.text, place, told_root ? command->root : std::string());
    state = std::move(found.state);
    names_another = found.names_another;
  } else if (!by_path) {
    RuntimeStates::Owner owner = states_.find_by_cgroup(place);
    coming = owner.coming;
    state = std::move(owner.state);
    if (!state && command && !command->root.empty()) {
      state = states_.find(command->id, place, command->root).state;
    }
    if (state) id = {state->id, NameSource::kRuntimeState};
  }
  if (state) states_read_.fetch_add(1, std::memory_order_relaxed);
  const bool commanded = command && (!id.known() || command->id == id.text);

  std::shared_ptr<const Bundle> bundle;
  Trusted from;
  bool agrees = false;
  bool differs = false;
  const auto look_in = [&](Trusted place_of_it) {
    if (bundle) return;
    auto read = bundle_in(place_of_it.directory);
    if (!read) return;
    const bool may_speak = may_speak_of(place, read->owner, files_);
    if (!may_speak && !place_of_it.any_owner) return;
    const Agreement agreement = agreement_of(*read, place, by_path, nested);
    if (agreement == Agreement::kDiffers) {
      bundles_of_others_.fetch_add(1, std::memory_order_relaxed);
      differs = true;
      names_another = names_another || (by_path && may_speak);
      return;
    }
    agrees = agreement == Agreement::kAgrees || state.has_value();
    if (!agrees && (nested || (!id.known() && !is_named_for(place.path, command->id)))) return;
    bundle = std::move(read);
    from = std::move(place_of_it);
  };
  const bool any_owner = place.rootless_uid == 0;
  if (commanded && !command->bundle.empty()) {
    look_in({command->bundle, runtime_of_bundle(command->bundle), NameSource::kBundle, any_owner});
  }
  if (state && !state->bundle.empty()) {
    look_in(
        {state->bundle, runtime_of_bundle(state->bundle), NameSource::kRuntimeState, any_owner});
  }
  if (!bundle && id.known() && !manages_itself) {
    for (BundlePlace& each : bundle_places(files_, id.text, place.rootless_uid)) {
      look_in({std::move(each.directory), each.runtime, NameSource::kBundle, false});
    }
  }
  // crun keeps a copy of config.json.
  if (state) look_in({state->directory, Runtime::kUnknown, NameSource::kBundle, false});
  if (by_path && names_another && !state && !bundle) return std::nullopt;

  if (!id.known() && commanded) {
    if (bundle && agrees) {
      id = {command->id, NameSource::kBundle};
    } else if (is_named_for(place.path, command->id) && !differs) {
      id = {command->id, NameSource::kCgroup};
    } else {
      // A cgroup above the container's, or one that its bundle will name.
      return Finding{.container = {}, .told = false, .incomplete = !differs};
    }
  }
  if (!id.known()) return Finding{.container = {}, .told = false, .incomplete = coming};

  Container container;
  container.runtime = identity.runtime;
  container.id = id;
  set_if_unknown(container.pod_uid, identity.pod_uid, NameSource::kCgroup);
  if (bundle) {
    Container claimed = bundle->container;
    claimed.bundle.source = from.source;
    if (is_other_pod(claimed, identity.pod_uid)) drop_pod(claimed);
    merge(container, claimed);
    set_runtime(container, from.runtime);
  }
  std::optional<Container> stored;
  if (!manages_itself && (!nested || agrees || state)) {
    stored = storage_.describe(id.text, place,
                               {.bundle = bundle ? bundle->directory : std::string(),
                                .docker_directory = bundle ? bundle->docker_directory : ""});
  }
  if (stored) {
    stored_.fetch_add(1, std::memory_order_relaxed);
    // Docker's labels are also those of the image, whoever has made that.
    const bool labels_only = stored->runtime == Runtime::kDocker && identity.pod_uid.empty();
    if (labels_only || is_other_pod(*stored, identity.pod_uid)) drop_pod(*stored);
    // --privileged itself, where a bundle only shows what it has done.
    if (stored->privileged) container.privileged = stored->privileged;
    merge(container, *stored);
  }
  if (state) {
    set_runtime(container, state->runtime);
    set_if_unknown(container.bundle, state->bundle, NameSource::kRuntimeState);
    if (container.created == 0) container.created = state->created;
  }
  if (commanded) set_runtime(container, command->runtime);
  // Without one, a user cannot make a container.
  if (place.rootless_uid != 0) container.user_namespace = true;

  const bool has_storage =
      container.runtime == Runtime::kDocker || container.runtime == Runtime::kPodman;
  return Finding{.container = std::move(container),
                 .told = bundle != nullptr || stored.has_value(),
                 .incomplete = !manages_itself && (bundle == nullptr || (has_storage && !stored))};
}

ContainerFinder::Finding ContainerFinder::find(std::string_view cgroup_path,
                                               const std::optional<RuntimeCommand>& command) {
  while (cgroup_path.size() > 1 && cgroup_path.ends_with('/')) cgroup_path.remove_suffix(1);
  if (cgroup_path.size() <= 1) return {};
  std::optional<RuntimeCommand> told = command;
  if (told && !is_container_id(told->id)) told.reset();
  for (int level = 0; level < kNestedMax; ++level) {
    const CgroupIdentity identity = identify_cgroup(cgroup_path);
    if (auto finding = find_as(identity, cgroup_path, told)) return std::move(*finding);
    cgroup_path = cgroup_path.substr(0, parent_of(identity.container_path).size());
    if (cgroup_path.size() <= 1) break;
    told.reset();
  }
  return {};
}

std::vector<std::string> ContainerFinder::sources() const {
  return {fmt::format("bundles: {} read, {} were for another cgroup", bundles_read_.load(),
                      bundles_of_others_.load()),
          fmt::format("runtime state: {} containers", states_read_.load()),
          fmt::format("storage of Docker, Podman and CRI-O: {} containers", stored_.load())};
}

}  // namespace outrider
