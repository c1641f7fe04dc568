// SPDX-License-Identifier: Apache-2.0
//
// What is known of a container, and where from.
#pragma once

#include <cstddef>
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
// As in `container.type`; empty if it is not known.
std::string_view runtime_name(Runtime runtime);
// One that others use, or nobody: who knows of another runtime knows better.
bool is_low_level(Runtime runtime);

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

// More labels than these, and longer keys, values and names, are left out: they are claims, and
// whoever starts a container could fill our memory with them. Kubernetes allows 256 KiB of
// annotations, most of which nobody asks for.
constexpr std::size_t kLabelsMax = 512;
constexpr std::size_t kLabelKeyMax = 512;
constexpr std::size_t kLabelValueMax = 4096;
constexpr std::size_t kNameMax = 1024;
constexpr std::size_t kMountsMax = 256;

// A container, or what is known of it until now. Everything but the id may be claimed by who
// started it; the id is that of its cgroup.
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
  // Labels and annotations, in the order of their names; at most kLabelsMax.
  std::vector<std::pair<std::string, std::string>> labels;
  std::int64_t created = 0;  // wall clock, ns; 0: not known
  std::optional<std::vector<ContainerMount>> mounts;
  // What its tool calls privileged, or what a privileged one gets: see read_bundle().
  std::optional<bool> privileged;
  std::optional<bool> user_namespace;

  bool operator==(const Container&) const = default;
};

// Takes it if it is known, and what is known already is not, or low-level.
void set_runtime(Container& container, Runtime runtime);

// Adds what is not known yet; what an earlier source said stays.
void merge(Container& container, const Container& more);

// The container with the name that people know it by: in a pod that of its container there, else
// Docker's, Podman's or nerdctl's; where no one gives names, the id.
Container with_name(Container container);

}  // namespace outrider
