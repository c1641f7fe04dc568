// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/container.h"

#include <algorithm>
#include <array>

namespace outrider {

namespace {

// As Falco's container.type where it knows them.
constexpr std::array<std::string_view, 9> kRuntimes = {
    "", "runc", "crun", "containerd", "cri-o", "docker", "podman", "lxc", "systemd-nspawn"};
constexpr std::array<std::string_view, 8> kSources = {
    "", "cgroup", "bundle", "runtime state", "storage", "cri", "docker", "podman"};

// Their containers have an id that somebody chose, or nothing else.
constexpr std::array kNameless = {Runtime::kRunc, Runtime::kCrun, Runtime::kContainerd,
                                  Runtime::kLxc, Runtime::kNspawn};

constexpr std::array kTexts = {
    &Container::id,
    &Container::name,
    &Container::image,
    &Container::image_id,
    &Container::image_digest,
    &Container::bundle,
    &Container::pod_namespace,
    &Container::pod_name,
    &Container::pod_container,
    &Container::pod_uid,
    &Container::sandbox_id,
};

}  // namespace

std::string_view runtime_name(Runtime runtime) {
  return kRuntimes[static_cast<std::size_t>(runtime)];
}

std::string_view source_name(NameSource source) {
  return kSources[static_cast<std::size_t>(source)];
}

bool is_low_level(Runtime runtime) {
  return runtime == Runtime::kUnknown || runtime == Runtime::kRunc || runtime == Runtime::kCrun;
}

void set_runtime(Container& container, Runtime runtime) {
  const bool above = is_low_level(container.runtime) && !is_low_level(runtime);
  if (container.runtime == Runtime::kUnknown || above) container.runtime = runtime;
}

void merge(Container& container, const Container& more) {
  set_runtime(container, more.runtime);
  for (const auto text : kTexts) {
    if (!(container.*text).known()) container.*text = more.*text;
  }
  container.sandbox = container.sandbox || more.sandbox;
  for (const auto& label : more.labels) {
    const auto at = std::ranges::lower_bound(container.labels, label.first, {},
                                             &std::pair<std::string, std::string>::first);
    if (at != container.labels.end() && at->first == label.first) continue;
    if (container.labels.size() < kLabelsMax) container.labels.insert(at, label);
  }
  if (container.created == 0) container.created = more.created;
  if (!container.mounts) container.mounts = more.mounts;
  if (!container.privileged) container.privileged = more.privileged;
  if (!container.user_namespace) container.user_namespace = more.user_namespace;
}

Container with_name(Container container) {
  const bool in_pod = container.pod_uid.known() || container.pod_name.known();
  if (in_pod) {
    container.name = container.pod_container;
  } else if (!container.name.known() &&
             std::ranges::find(kNameless, container.runtime) != kNameless.end()) {
    container.name = container.id;
  }
  return container;
}

}  // namespace outrider
