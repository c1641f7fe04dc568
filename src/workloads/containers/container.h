// SPDX-License-Identifier: Apache-2.0
//
// What is known of a container, and where from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace outrider {

// Who runs a container. The low-level runtime (runc, crun) only where nobody above it is known.
enum class Runtime : std::uint8_t {
  kUnknown,
  kRunc,
  kCrun,
  kContainerd,
  kCrio,
  kDocker,
  kPodman,
  kLxc,
  kNspawn,
};
// As in `container.type`.
std::string_view runtime_name(Runtime runtime);

// Where a text comes from; the first that knows it is believed.
enum class NameSource : std::uint8_t {
  kNone,
  kCgroup,        // the path of its cgroup, which the kernel has told
  kBundle,        // config.json of its OCI bundle
  kRuntimeState,  // what runc or crun have written under /run
  kStorage,       // files of Docker, Podman and CRI-O about what they have created
  kCri,           // the runtime's CRI socket
  kDocker,        // Docker's socket
  kPodman,        // Podman's socket
};
std::string_view source_name(NameSource source);

struct SourcedText {
  std::string text;
  NameSource source = NameSource::kNone;

  [[nodiscard]] bool known() const { return source != NameSource::kNone; }
  bool operator==(const SourcedText&) const = default;
};

struct ContainerMount {
  std::string source;
  std::string destination;  // in the container
  std::string type;
  bool writable = true;

  bool operator==(const ContainerMount&) const = default;
};

// A container, or what is known of it until now. Everything but the id and the runtime may be
// claimed by who started it; the id is that of its cgroup.
struct Container {
  Runtime runtime = Runtime::kUnknown;
  SourcedText id;  // whole; `container.id` shows the first 12 digits of a long hexadecimal one
  SourcedText name;
  SourcedText image;         // as it was asked for: docker.io/library/nginx:1.25
  SourcedText image_id;      // of its configuration: sha256:...
  SourcedText image_digest;  // of its manifest: sha256:...
  SourcedText bundle;        // directory of its OCI bundle
  SourcedText pod_namespace;
  SourcedText pod_name;
  SourcedText pod_container;  // the container's name in its pod
  SourcedText pod_uid;
  SourcedText sandbox_id;  // of the pod's own container
  // The pod's own container, which holds its namespaces and runs nothing else.
  bool sandbox = false;
  // Labels and annotations, in the order of their names.
  std::vector<std::pair<std::string, std::string>> labels;
  std::int64_t created = 0;  // wall clock, ns; 0: not known
  std::optional<std::vector<ContainerMount>> mounts;
  std::optional<bool> privileged;  // all capabilities of the machine
  std::optional<bool> user_namespace;

  bool operator==(const Container&) const = default;
};

}  // namespace outrider
