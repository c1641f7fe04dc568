// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/container_labels.h"

#include <algorithm>

#include "workloads/containers/json_claims.h"

namespace outrider {

namespace {

constexpr std::string_view kSha256 = "sha256:";

bool is_digest_digits(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

using Take = void (*)(Container&, std::string_view, NameSource);

template <SourcedText Container::* kField>
void take_text(Container& container, std::string_view value, NameSource source) {
  set_if_unknown(container.*kField, value, source);
}

// kubelet's PodInfraContainerName is how CRI-O and cri-dockerd call the pod's own container;
// containerd gives it none.
constexpr std::string_view kSandboxName = "POD";

void take_type(Container& container, std::string_view value, NameSource source) {
  if (value != "sandbox" && value != "podsandbox") return;
  container.sandbox = true;
  set_if_unknown(container.pod_container, kSandboxName, source);
}

void take_pod_container(Container& container, std::string_view value, NameSource source) {
  if (value == kSandboxName) container.sandbox = true;
  set_if_unknown(container.pod_container, value, source);
}

void take_manager(Container& container, std::string_view value, NameSource) {
  if (value == "libpod") set_runtime(container, Runtime::kPodman);
  if (value == "cri-o") set_runtime(container, Runtime::kCrio);
}

void take_privileged(Container& container, std::string_view value, NameSource) {
  if (container.privileged) return;
  if (value == "true" || value == "TRUE") container.privileged = true;
  if (value == "false" || value == "FALSE") container.privileged = false;
}

void take_created(Container& container, std::string_view value, NameSource) {
  if (container.created == 0) container.created = time_of(value);
}

// CRI's ContainerMetadata or PodSandboxMetadata.
void take_metadata(Container& container, std::string_view value, NameSource source) {
  const Json metadata = parse_claims(value);
  const std::string_view name = text_of(find_member(metadata, "name"), kNameMax);
  const std::string_view pod_namespace = text_of(find_member(metadata, "namespace"), kNameMax);
  if (pod_namespace.empty()) {
    set_if_unknown(container.pod_container, name, source);
    return;
  }
  set_if_unknown(container.pod_name, name, source);
  set_if_unknown(container.pod_namespace, pod_namespace, source);
  set_if_unknown(container.pod_uid, text_of(find_member(metadata, "uid"), kNameMax), source);
}

struct Row {
  std::string_view key;
  Runtime runtime;  // which this key shows; kUnknown: none
  Take take;
};

// The first row that says something counts.
constexpr Row kRows[] = {
    {"io.container.manager", Runtime::kUnknown, take_manager},

    // containerd's CRI: internal/cri/annotations.
    {"io.kubernetes.cri.container-type", Runtime::kContainerd, take_type},
    {"io.kubernetes.cri.container-name", Runtime::kContainerd, take_pod_container},
    {"io.kubernetes.cri.sandbox-namespace", Runtime::kContainerd,
     take_text<&Container::pod_namespace>},
    {"io.kubernetes.cri.sandbox-name", Runtime::kContainerd, take_text<&Container::pod_name>},
    {"io.kubernetes.cri.sandbox-uid", Runtime::kContainerd, take_text<&Container::pod_uid>},
    {"io.kubernetes.cri.sandbox-id", Runtime::kContainerd, take_text<&Container::sandbox_id>},
    {"io.kubernetes.cri.image-name", Runtime::kContainerd, add_image},

    // kubelet's labels: annotations of CRI-O, labels of cri-dockerd.
    {"io.kubernetes.docker.type", Runtime::kDocker, take_type},
    {"io.kubernetes.container.name", Runtime::kUnknown, take_pod_container},
    {"io.kubernetes.pod.namespace", Runtime::kUnknown, take_text<&Container::pod_namespace>},
    {"io.kubernetes.pod.name", Runtime::kUnknown, take_text<&Container::pod_name>},
    {"io.kubernetes.pod.uid", Runtime::kUnknown, take_text<&Container::pod_uid>},
    {"io.kubernetes.sandbox.id", Runtime::kUnknown, take_text<&Container::sandbox_id>},

    // CRI-O's own; Podman uses some of them.
    {"io.kubernetes.cri-o.ContainerType", Runtime::kCrio, take_type},
    {"io.kubernetes.cri-o.KubeName", Runtime::kCrio, take_text<&Container::pod_name>},
    {"io.kubernetes.cri-o.Namespace", Runtime::kCrio, take_text<&Container::pod_namespace>},
    {"io.kubernetes.cri-o.Metadata", Runtime::kCrio, take_metadata},
    {"io.kubernetes.cri-o.SandboxID", Runtime::kCrio, take_text<&Container::sandbox_id>},
    {"io.kubernetes.cri-o.ImageName", Runtime::kCrio, add_image},
    {"io.kubernetes.cri-o.Image", Runtime::kCrio, add_image},
    {"io.kubernetes.cri-o.ImageRef", Runtime::kCrio, add_image},
    {"io.kubernetes.cri-o.PrivilegedRuntime", Runtime::kCrio, take_privileged},
    {"io.kubernetes.cri-o.Created", Runtime::kUnknown, take_created},

    {"io.podman.annotations.privileged", Runtime::kPodman, take_privileged},

    {"nerdctl/name", Runtime::kContainerd, take_text<&Container::name>},
};

}  // namespace

void set_if_unknown(SourcedText& text, std::string_view value, NameSource source) {
  if (text.known() || value.empty() || value.size() > kNameMax) return;
  text = {std::string(value), source};
}

void add_image(Container& container, std::string_view text, NameSource source) {
  if (text.starts_with(kSha256) && is_digest_digits(text.substr(kSha256.size()))) {
    set_if_unknown(container.image_id, text, source);
    return;
  }
  if (is_digest_digits(text)) {
    set_if_unknown(container.image_id, std::string(kSha256).append(text), source);
    return;
  }
  const std::size_t at = text.rfind("@sha256:");
  if (at != std::string_view::npos &&
      is_digest_digits(text.substr(at + 1).substr(kSha256.size()))) {
    set_if_unknown(container.image_digest, text.substr(at + 1), source);
  }
  set_if_unknown(container.image, text, source);
}

void add_labels(Container& container, Labels labels, NameSource source) {
  std::erase_if(labels, [](const auto& label) {
    return label.first.empty() || label.first.size() > kLabelKeyMax ||
           label.second.size() > kLabelValueMax;
  });
  std::ranges::sort(labels);
  for (const Row& row : kRows) {
    const auto found = std::ranges::lower_bound(labels, row.key, {}, &Labels::value_type::first);
    if (found == labels.end() || found->first != row.key) continue;
    set_runtime(container, row.runtime);
    row.take(container, found->second, source);
  }
  Container more;
  more.labels = std::move(labels);
  merge(container, more);
}

}  // namespace outrider
