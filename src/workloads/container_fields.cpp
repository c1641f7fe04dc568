// SPDX-License-Identifier: Apache-2.0
#include "workloads/container_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "base/text.h"
#include "events/event.h"
#include "language/matchers.h"
#include "workloads/proc_files.h"
#include "workloads/process_table.h"
#include "workloads/workload.h"

namespace outrider {

namespace {

using State = Workload::State;

// Falco's name, id and type of what is in no container.
constexpr std::string_view kHost = "host";
// Of a long hexadecimal id people see the first digits, as in all tools.
constexpr std::size_t kShortId = 12;
constexpr std::size_t kLongId = 64;

std::string_view short_id(std::string_view id) {
  const bool is_long =
      id.size() == kLongId && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_long ? id.substr(0, kShortId) : id;
}

// What `read` makes of a container; `on_host` elsewhere.
template <typename Read>
Value of_container(const Event& event, Value on_host, Read read) {
  if (event.workload == nullptr || event.workload->state == State::kUnknown) {
    return Value::unknown();
  }
  if (event.workload->state == State::kHost) return on_host;
  return read(event.workload->container);
}

// Until nothing more can come, what is not known may still be.
Value text_or_not(const Event& event, const SourcedText& text) {
  if (text.known()) return Value::of_text(text.text);
  return event.workload->complete ? Value::missing() : Value::unknown();
}

template <SourcedText Container::* member>
Value text(const Event& event) {
  return of_container(event, Value::missing(), [&](const Container& container) {
    return text_or_not(event, container.*member);
  });
}

// Whether it is in a pod is said by the same source as the container's own name.
template <SourcedText Container::* member>
Value pod_text(const Event& event) {
  return of_container(event, Value::missing(), [&](const Container& container) {
    const SourcedText& wanted = container.*member;
    if (!wanted.known() && container.bundle.known() && !container.pod_uid.known() &&
        !container.sandbox_id.known()) {
      return Value::missing();
    }
    return text_or_not(event, wanted);
  });
}

Value id(const Event& event) {
  return of_container(event, Value::of_text(kHost), [&](const Container& container) {
    Value value = text_or_not(event, container.id);
    if (value.kind == Value::Kind::kText) value.text = short_id(value.text);
    return value;
  });
}

Value full_id(const Event& event) {
  return of_container(event, Value::of_text(kHost),
                      [&](const Container& container) { return text_or_not(event, container.id); });
}

Value name(const Event& event) {
  return of_container(event, Value::of_text(kHost), [&](const Container& container) {
    return text_or_not(event, container.name);
  });
}

Value type(const Event& event) {
  return of_container(event, Value::of_text(kHost), [](const Container& container) {
    if (container.runtime == Runtime::kUnknown) return Value::unknown();
    return Value::of_text(runtime_name(container.runtime));
  });
}

// docker.io/library/nginx:1.25@sha256:... in its parts. A colon before the last slash is that of a
// port.
struct ImageName {
  std::string_view repository;
  std::string_view tag;
};
ImageName parts_of(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const std::size_t slash = image.rfind('/');
  const std::size_t colon = image.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon == std::string_view::npos) return {image, {}};
  return {image.substr(0, colon), image.substr(colon + 1)};
}

template <std::string_view ImageName::* part>
Value part_of_image(const Event& event) {
  Value value = text<&Container::image>(event);
  if (value.kind != Value::Kind::kText) return value;
  value.text = parts_of(value.text).*part;
  return value.text.empty() ? Value::missing() : value;
}

template <std::optional<bool> Container::* member>
Value truth(const Event& event) {
  return of_container(event, Value::missing(), [&](const Container& container) {
    const std::optional<bool>& is = container.*member;
    return is ? Value::of_truth(*is) : Value::unknown();
  });
}

Value created(const Event& event) {
  return of_container(event, Value::missing(), [](const Container& container) {
    if (container.created <= 0) return Value::unknown();
    return Value::of_unsigned(static_cast<std::uint64_t>(container.created));
  });
}

Value age(const Event& event) {
  return of_container(event, Value::missing(), [&](const Container& container) {
    if (container.created <= 0) return Value::unknown();
    const std::int64_t now =
        static_cast<std::int64_t>(event.header->time) + event.wall_offset - container.created;
    return Value::of_unsigned(static_cast<std::uint64_t>(std::max<std::int64_t>(now, 0)));
  });
}

// Whether the process is in the namespace of the machine's first process: what the kernel says of
// it, not what was asked for.
template <wire_namespace which>
Value is_in_hosts(const Event& event) {
  return of_container(event, Value::missing(), [&](const Container&) {
    const Process* first = event.processes->find_parent(1, 0, event.header->start_time);
    const std::uint32_t own = event.process->context.namespaces[which];
    const std::uint32_t hosts = first != nullptr ? first->context.namespaces[which] : 0;
    if (own == 0 || hosts == 0) return Value::unknown();
    return Value::of_truth(own == hosts);
  });
}

Value list_of(const Event& event, const std::string& items) {
  Value value = Value::of_text(event.arena->copy(items));
  value.kind = Value::Kind::kTextList;
  return value;
}

// Source, destination, and whether it is writable, as in Falco.
std::string mount_text(const ContainerMount& mount) {
  return fmt::format("{}:{}:{}:{}", mount.source, mount.destination, mount.type, mount.writable);
}

Value mounts(const Event& event) {
  return of_container(event, Value::missing(), [&](const Container& container) {
    if (!container.mounts) return Value::unknown();
    std::string items;
    for (const ContainerMount& mount : *container.mounts) {
      items += mount_text(mount);
      items += '\0';
    }
    return list_of(event, items);
  });
}

// What Falco puts in the place of %container.info: whose process it is.
Value info(const Event& event) {
  const auto word = [](const Value& value) {
    if (value.kind == Value::Kind::kText) return value.text;
    return value.kind == Value::Kind::kUnknown ? std::string_view("?") : std::string_view("-");
  };
  return Value::of_text(event.arena->copy(
      fmt::format("container_id={} container_name={}", word(id(event)), word(name(event)))));
}

// Which mount is meant by a path, and what is said of it.
using MountPath = std::string ContainerMount::*;

// Falco's arguments: the place of a mount, or a path of it as a glob.
template <MountPath by, typename Read>
Value of_mount(const Event& event, const FieldArgument& argument, Read read) {
  return of_container(event, Value::missing(), [&](const Container& container) {
    if (!container.mounts) return Value::unknown();
    const auto place = parsed<std::size_t>(argument.text);
    for (std::size_t i = 0; i < container.mounts->size(); ++i) {
      const ContainerMount& mount = (*container.mounts)[i];
      if (place ? *place == i : matches_glob(mount.*by, argument.text)) return read(mount);
    }
    return Value::missing();
  });
}

template <MountPath by, MountPath wanted>
Value text_of_mount(const Event& event, const FieldArgument& argument) {
  return of_mount<by>(event, argument,
                      [](const ContainerMount& mount) { return Value::of_text(mount.*wanted); });
}

Value labels(const Event& event) {
  return of_container(event, Value::missing(), [&](const Container& container) {
    if (container.labels.empty() && !event.workload->complete && !container.bundle.known()) {
      return Value::unknown();
    }
    std::string items;
    for (const auto& [key, value] : container.labels) {
      items += key;
      items += ':';
      items += value;
      items += '\0';
    }
    return list_of(event, items);
  });
}

Value label(const Event& event, const FieldArgument& argument) {
  return of_container(event, Value::missing(), [&](const Container& container) {
    for (const auto& [key, value] : container.labels) {
      if (key == argument.text) return Value::of_text(value);
    }
    return event.workload->complete ? Value::missing() : Value::unknown();
  });
}

Value unit(const Event& event) {
  if (event.workload == nullptr || event.workload->state == State::kUnknown) {
    return Value::unknown();
  }
  const std::string& unit = event.workload->unit;
  return unit.empty() ? Value::missing() : Value::of_text(unit);
}

// clang-format off: a table
constexpr FieldDescriptor kId{
    "container.id", FieldType::kText, "", "id of the container, its first 12 digits; or host", "CONTAINERID",
    12, id};
constexpr FieldDescriptor kName{
    "container.name", FieldType::kText, "", "name of the container; or host", "CONTAINER", 16, name};
constexpr FieldDescriptor kImage{
    "container.image", FieldType::kText, "", "image of the container, as it was asked for", "IMAGE", 24,
    text<&Container::image>};
constexpr FieldDescriptor kNamespace{
    "k8s.ns.name", FieldType::kText, "", "namespace of the pod", "NAMESPACE", 12,
    pod_text<&Container::pod_namespace>};
constexpr FieldDescriptor kPod{
    "k8s.pod.name", FieldType::kText, "", "name of the pod", "POD", 20,
    pod_text<&Container::pod_name>};

// Not of every event's JSON.
constexpr FieldDescriptor kFullId{
    "container.full_id", FieldType::kText, "", "whole id of the container; or host", "FULLID", 64,
    full_id};
constexpr FieldDescriptor kType{
    "container.type", FieldType::kText, "", "which runtime has made it: docker, containerd, ...; or host",
    "RUNTIME", 10, type};
constexpr FieldDescriptor kRepository{
    "container.image.repository", FieldType::kText, "", "image without its tag", "REPOSITORY", 24,
    part_of_image<&ImageName::repository>};
constexpr FieldDescriptor kTag{
    "container.image.tag", FieldType::kText, "", "tag of the image", "TAG", 10,
    part_of_image<&ImageName::tag>};
constexpr FieldDescriptor kDigest{
    "container.image.digest", FieldType::kText, "", "digest of the image's manifest", "DIGEST", 20,
    text<&Container::image_digest>};
constexpr FieldDescriptor kImageId{
    "container.image.id", FieldType::kText, "", "id of the image", "IMAGEID", 20,
    text<&Container::image_id>};
constexpr FieldDescriptor kPrivileged{
    "container.privileged", FieldType::kText, "", "whether it has all that root of the machine has", "PRIV", 5,
    truth<&Container::privileged>, truth_names};
constexpr FieldDescriptor kUserNamespace{
    "container.user_namespace", FieldType::kText, "", "whether its root is another user outside", "USERNS", 6,
    truth<&Container::user_namespace>, truth_names};
constexpr FieldDescriptor kBundle{
    "container.bundle", FieldType::kPath, "", "directory of its OCI bundle", "BUNDLE", 24,
    text<&Container::bundle>};
constexpr FieldDescriptor kCreated{
    "container.start_ts", FieldType::kTime, "ns", "when it was made", "CREATED", 15, created};
constexpr FieldDescriptor kAge{
    "container.duration", FieldType::kDuration, "ns", "how long ago that was", "AGE", 8, age};
constexpr FieldDescriptor kHostPid{
    "container.host_pid", FieldType::kText, "", "whether the process sees all processes of the machine", "HOSTPID",
    7, is_in_hosts<WIRE_NAMESPACE_PID>, truth_names};
constexpr FieldDescriptor kHostNetwork{
    "container.host_network", FieldType::kText, "", "whether it is in the network of the machine", "HOSTNET", 7,
    is_in_hosts<WIRE_NAMESPACE_NET>, truth_names};
constexpr FieldDescriptor kHostIpc{
    "container.host_ipc", FieldType::kText, "", "whether it shares System V IPC with the machine", "HOSTIPC", 7,
    is_in_hosts<WIRE_NAMESPACE_IPC>, truth_names};
constexpr FieldDescriptor kMounts{
    "container.mounts", FieldType::kTextList, "", "source:destination:type:writable of each mount", "MOUNTS", 40,
    mounts};
constexpr FieldDescriptor kLabels{
    "container.labels", FieldType::kTextList, "", "labels and annotations, as name:value", "LABELS", 40,
    labels};
constexpr FieldDescriptor kPodUid{
    "k8s.pod.uid", FieldType::kText, "", "uid of the pod", "PODUID", 36, pod_text<&Container::pod_uid>};
constexpr FieldDescriptor kSandbox{
    "k8s.pod.sandbox_id", FieldType::kText, "", "id of the pod's own container, its first 12 digits",
    "SANDBOX", 12, [](const Event& event) {
      Value value = pod_text<&Container::sandbox_id>(event);
      if (value.kind == Value::Kind::kText) value.text = short_id(value.text);
      return value;
    }};
constexpr FieldDescriptor kUnit{
    "systemd.unit", FieldType::kText, "", "systemd's unit that the cgroup belongs to", "UNIT", 20, unit};
constexpr FieldDescriptor kInfo{
    "container.info", FieldType::kText, "", "container_id=ID container_name=NAME, as in Falco's outputs",
    "CONTAINERINFO", 40, info};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {&kId, &kName, &kImage, &kNamespace, &kPod};

constexpr const FieldDescriptor* kDerivedFields[] = {
    &kFullId,        &kType,   &kRepository, &kTag,         &kDigest,  &kImageId, &kPrivileged,
    &kUserNamespace, &kBundle, &kCreated,    &kMounts,      &kLabels,  &kPodUid,  &kSandbox,
    &kUnit,          &kAge,    &kHostPid,    &kHostNetwork, &kHostIpc, &kInfo};

// clang-format off: a table
constexpr FieldWithArgument kFieldsWithArgument[] = {
    {{"container.mount", FieldType::kText, "", "one of container.mounts, by its place or source: container.mount[/etc*]",
      "MOUNT", 40, nullptr},
     {.argument = ArgumentUse::kRequiredText, .read = [](const Event& event, const FieldArgument& argument) {
        return of_mount<&ContainerMount::source>(event, argument, [&event](const ContainerMount& mount) {
          return Value::of_text(event.arena->copy(mount_text(mount)));
        });
      }}},
    {{"container.mount.source", FieldType::kPath, "", "source of the mount at this place or destination", "MOUNTSRC",
      24, nullptr},
     {.argument = ArgumentUse::kRequiredText,
      .read = text_of_mount<&ContainerMount::destination, &ContainerMount::source>}},
    {{"container.mount.dest", FieldType::kPath, "", "destination of the mount at this place or of this source",
      "MOUNTDEST", 24, nullptr},
     {.argument = ArgumentUse::kRequiredText,
      .read = text_of_mount<&ContainerMount::source, &ContainerMount::destination>}},
    {{"container.mount.mode", FieldType::kText, "", "type of the mount at this place or of this source", "MOUNTMODE",
      10, nullptr},
     {.argument = ArgumentUse::kRequiredText,
      .read = text_of_mount<&ContainerMount::source, &ContainerMount::type>}},
    {{"container.mount.rdwr", FieldType::kText, "", "whether the mount at this place or of this source is writable",
      "MOUNTRW", 7, nullptr},
     {.argument = ArgumentUse::kRequiredText, .read = [](const Event& event, const FieldArgument& argument) {
        return of_mount<&ContainerMount::source>(
            event, argument, [](const ContainerMount& mount) { return Value::of_truth(mount.writable); });
      }}},
    {{"container.label", FieldType::kText, "", "a label or annotation: container.label[app]", "LABEL", 20,
      nullptr},
     {.argument = ArgumentUse::kRequiredText, .read = label}},
};
// clang-format on

}  // namespace

std::span<const FieldDescriptor* const> container_fields() { return kFields; }
std::span<const FieldDescriptor* const> derived_container_fields() { return kDerivedFields; }
std::span<const FieldWithArgument> container_fields_with_argument() { return kFieldsWithArgument; }

}  // namespace outrider
