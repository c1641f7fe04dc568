// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/oci_bundle.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "support/host_directory.h"
#include "workloads/containers/container_labels.h"

namespace outrider {
namespace {

constexpr std::string_view kSha =
    "7c2824033cc11e73ffd48ee087daba3d445c15c3538d2d9c3f28c3f767c8f5b7";

Bundle parsed(std::string_view config) {
  const auto bundle = parse_bundle(config, "/b");
  EXPECT_TRUE(bundle) << config;
  return bundle.value_or(Bundle{});
}

// Of annotations only, as `key: value` of JSON.
Container annotated(std::string_view annotations) {
  return parsed(fmt::format(R"({{"annotations": {{{}}}}})", annotations)).container;
}

TEST(OciBundle, IsContainerdsOfKubernetes) {
  const Container container = annotated(R"(
      "io.kubernetes.cri.container-name": "web",
      "io.kubernetes.cri.container-type": "container",
      "io.kubernetes.cri.image-name": "docker.io/library/nginx:1.25",
      "io.kubernetes.cri.sandbox-id": "aa11",
      "io.kubernetes.cri.sandbox-name": "shop-5d9",
      "io.kubernetes.cri.sandbox-namespace": "prod",
      "io.kubernetes.cri.sandbox-uid": "05b3ee07-a2bd-47e7-9599-7961201f20dd")");
  EXPECT_EQ(container.runtime, Runtime::kContainerd);
  EXPECT_EQ(container.pod_container, (SourcedText{"web", NameSource::kBundle}));
  EXPECT_EQ(container.image.text, "docker.io/library/nginx:1.25");
  EXPECT_EQ(container.sandbox_id.text, "aa11");
  EXPECT_EQ(container.pod_name.text, "shop-5d9");
  EXPECT_EQ(container.pod_namespace.text, "prod");
  EXPECT_EQ(container.pod_uid.text, "05b3ee07-a2bd-47e7-9599-7961201f20dd");
  EXPECT_FALSE(container.sandbox);
  EXPECT_FALSE(container.name.known());
  EXPECT_EQ(with_name(container).name, (SourcedText{"web", NameSource::kBundle}));
  EXPECT_EQ(container.labels.size(), 7u);

  const Container sandbox = annotated(R"("io.kubernetes.cri.container-type": "sandbox",
      "io.kubernetes.cri.sandbox-name": "shop-5d9")");
  EXPECT_TRUE(sandbox.sandbox);
  EXPECT_EQ(with_name(sandbox).name.text, "POD");
}

TEST(OciBundle, IsCriOs) {
  const Container container = annotated(R"(
      "io.container.manager": "cri-o",
      "io.kubernetes.container.name": "web",
      "io.kubernetes.cri-o.ContainerType": "container",
      "io.kubernetes.cri-o.Created": "2026-11-21T18:01:00.762767456Z",
      "io.kubernetes.cri-o.Image": ")" + std::string(kSha) +
                                        R"(",
      "io.kubernetes.cri-o.ImageName": "quay.io/shop/web:7",
      "io.kubernetes.cri-o.ImageRef": "quay.io/shop/web@sha256:)" +
                                        std::string(kSha) + R"(",
      "io.kubernetes.cri-o.Metadata": "{\"name\":\"web\",\"attempt\":1}",
      "io.kubernetes.cri-o.Name": "k8s_web_shop-5d9_prod_05b3_1",
      "io.kubernetes.cri-o.SandboxID": "aa11",
      "io.kubernetes.pod.name": "shop-5d9",
      "io.kubernetes.pod.namespace": "prod",
      "io.kubernetes.pod.uid": "05b3")");
  EXPECT_EQ(container.runtime, Runtime::kCrio);
  EXPECT_EQ(with_name(container).name.text, "web");
  EXPECT_EQ(container.image.text, "quay.io/shop/web:7");
  EXPECT_EQ(container.image_id.text, fmt::format("sha256:{}", kSha));
  EXPECT_EQ(container.image_digest.text, fmt::format("sha256:{}", kSha));
  EXPECT_EQ(container.pod_namespace.text, "prod");
  EXPECT_EQ(container.sandbox_id.text, "aa11");
  EXPECT_EQ(container.created, 1'795'284'060'762'767'456);

  // By its metadata alone.
  const Container sandbox = annotated(R"("io.kubernetes.cri-o.ContainerType": "sandbox",
      "io.kubernetes.cri-o.Metadata":
          "{\"name\":\"shop-5d9\",\"uid\":\"05b3\",\"namespace\":\"prod\"}")");
  EXPECT_TRUE(sandbox.sandbox);
  EXPECT_EQ(sandbox.pod_name.text, "shop-5d9");
  EXPECT_EQ(sandbox.pod_uid.text, "05b3");
  EXPECT_EQ(sandbox.pod_namespace.text, "prod");
  EXPECT_EQ(sandbox.pod_container.text, "POD");
}

// What Podman 4.3 writes.
TEST(OciBundle, IsPodmans) {
  const Bundle bundle = parsed(R"({
      "ociVersion": "1.0.2-dev",
      "process": {"args": ["sleep"], "capabilities": {"bounding": ["CAP_CHOWN", "CAP_KILL"]}},
      "root": {"path": "/var/lib/containers/storage/overlay/aa/merged"},
      "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"]},
        {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "ro"]},
        {"destination": "/etc/hostname", "type": "bind", "options": ["bind", "rprivate"],
         "source": "/run/containers/storage/overlay-containers/aa/userdata/hostname"}],
      "annotations": {
        "io.container.manager": "libpod",
        "io.kubernetes.cri-o.Created": "2026-11-21T18:01:00.762767456Z",
        "io.kubernetes.cri-o.TTY": "false",
        "io.podman.annotations.autoremove": "FALSE",
        "io.podman.annotations.init": "FALSE",
        "io.podman.annotations.privileged": "FALSE",
        "io.podman.annotations.publish-all": "FALSE",
        "org.opencontainers.image.stopSignal": "15"},
      "linux": {
        "cgroupsPath": "/libpod_parent/libpod-aa",
        "namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "mount"}],
        "seccomp": {"defaultAction": "SCMP_ACT_ERRNO"}}})");
  EXPECT_EQ(bundle.container.runtime, Runtime::kPodman);
  EXPECT_EQ(bundle.cgroup, "/libpod_parent/libpod-aa");
  EXPECT_EQ(bundle.docker_directory, "");
  EXPECT_EQ(bundle.container.privileged, false);
  EXPECT_EQ(bundle.container.user_namespace, false);
  EXPECT_EQ(bundle.container.bundle, (SourcedText{"/b", NameSource::kBundle}));
  EXPECT_FALSE(bundle.container.name.known());
  EXPECT_FALSE(with_name(bundle.container).name.known()) << "its name is in other files";
  ASSERT_TRUE(bundle.container.mounts);
  ASSERT_EQ(bundle.container.mounts->size(), 3u);
  EXPECT_EQ(bundle.container.mounts->at(1),
            (ContainerMount{
                .source = "sysfs", .destination = "/sys", .type = "sysfs", .writable = false}));
  EXPECT_TRUE(bundle.container.mounts->at(2).writable);
}

TEST(OciBundle, ShowsWhereDockerKeepsIts) {
  EXPECT_EQ(parsed(R"({"mounts": [{"destination": "/etc/hostname", "type": "bind",
                "source": "/data/docker/containers/aa/hostname"}]})")
                .docker_directory,
            "/data/docker/containers/aa");
  EXPECT_EQ(parsed(R"({"mounts": [{"destination": "/etc/hostname",
                "source": "/hostname"}]})")
                .docker_directory,
            "");
}

TEST(OciBundle, IsNerdctlsOrCtrs) {
  const Container nerdctl =
      annotated(R"("nerdctl/name": "web", "nerdctl/namespace": "default", "team": "x")");
  EXPECT_EQ(nerdctl.runtime, Runtime::kContainerd);
  EXPECT_EQ(with_name(nerdctl).name.text, "web");
  const Container ctr = annotated(R"("k": "v")");
  EXPECT_EQ(ctr.runtime, Runtime::kUnknown);
  EXPECT_EQ(ctr.labels, (Labels{{"k", "v"}}));
}

std::string with_capabilities(std::size_t left_out, std::string_view linux_members) {
  nlohmann::json config =
      nlohmann::json::parse(fmt::format(R"({{"linux": {{{}}}}})", linux_members));
  auto& list = config["process"]["capabilities"]["bounding"] = nlohmann::json::array();
  constexpr std::string_view kAll[] = {
      "CAP_AUDIT_CONTROL",   "CAP_AUDIT_READ",   "CAP_AUDIT_WRITE",
      "CAP_BLOCK_SUSPEND",   "CAP_BPF",          "CAP_CHECKPOINT_RESTORE",
      "CAP_CHOWN",           "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH",
      "CAP_FOWNER",          "CAP_FSETID",       "CAP_IPC_LOCK",
      "CAP_IPC_OWNER",       "CAP_KILL",         "CAP_LEASE",
      "CAP_LINUX_IMMUTABLE", "CAP_MAC_ADMIN",    "CAP_MAC_OVERRIDE",
      "CAP_MKNOD",           "CAP_NET_ADMIN",    "CAP_NET_BIND_SERVICE",
      "CAP_NET_BROADCAST",   "CAP_NET_RAW",      "CAP_PERFMON",
      "CAP_SETFCAP",         "CAP_SETGID",       "CAP_SETPCAP",
      "CAP_SETUID",          "CAP_SYSLOG",       "CAP_SYS_ADMIN",
      "CAP_SYS_BOOT",        "CAP_SYS_CHROOT",   "CAP_SYS_MODULE",
      "CAP_SYS_NICE",        "CAP_SYS_PACCT",    "CAP_SYS_PTRACE",
      "CAP_SYS_RAWIO",       "CAP_SYS_RESOURCE", "CAP_SYS_TIME",
      "CAP_SYS_TTY_CONFIG",  "CAP_WAKE_ALARM"};
  for (std::size_t i = left_out; i < std::size(kAll); ++i) list.push_back(kAll[i]);
  return config.dump();
}

TEST(OciBundle, PrivilegedIsWhatPrivilegedMakes) {
  EXPECT_EQ(parsed(with_capabilities(0, "")).container.privileged, true);
  EXPECT_EQ(
      parsed(with_capabilities(0, R"("seccomp": null, "maskedPaths": [])")).container.privileged,
      true);
  EXPECT_EQ(parsed(with_capabilities(1, "")).container.privileged, false);
  EXPECT_EQ(
      parsed(with_capabilities(0, R"("seccomp": {"defaultAction": "x"})")).container.privileged,
      false);
  EXPECT_EQ(parsed(with_capabilities(0, R"("maskedPaths": ["/proc/kcore"])")).container.privileged,
            false);
  const auto in_namespace =
      parsed(with_capabilities(0, R"("namespaces": [{"type": "user"}])")).container;
  EXPECT_EQ(in_namespace.privileged, false);
  EXPECT_EQ(in_namespace.user_namespace, true);
  EXPECT_EQ(parsed("{}").container.privileged, false);
  // What the tool says is so.
  EXPECT_EQ(annotated(R"("io.podman.annotations.privileged": "TRUE")").privileged, true);
  EXPECT_EQ(annotated(R"("io.kubernetes.cri-o.PrivilegedRuntime": "true")").privileged, true);
}

TEST(OciBundle, ReadsImages) {
  struct Case {
    std::string text;
    std::string image;
    std::string image_id;
    std::string digest;
  };
  const std::string sha(kSha);
  const Case cases[] = {
      {"nginx", "nginx", "", ""},
      {"sha256:" + sha, "", "sha256:" + sha, ""},
      {sha, "", "sha256:" + sha, ""},
      {"nginx@sha256:" + sha, "nginx@sha256:" + sha, "", "sha256:" + sha},
      {"nginx@sha256:123", "nginx@sha256:123", "", ""},
      {"sha256:123", "sha256:123", "", ""},
      {"", "", "", ""},
      {std::string(2000, 'x'), "", "", ""},
  };
  for (const Case& c : cases) {
    Container container;
    add_image(container, c.text, NameSource::kBundle);
    EXPECT_EQ(container.image.text, c.image);
    EXPECT_EQ(container.image_id.text, c.image_id);
    EXPECT_EQ(container.image_digest.text, c.digest);
  }
}

TEST(OciBundle, LabelsAreBounded) {
  Labels labels;
  for (int i = 0; i < 2000; ++i) labels.emplace_back(fmt::format("k{:04}", i), "v");
  labels.emplace_back("long", std::string(kLabelValueMax + 1, 'x'));
  labels.emplace_back(std::string(kLabelKeyMax + 1, 'x'), "v");
  labels.emplace_back("", "v");
  labels.emplace_back("a", "1");
  Container container;
  add_labels(container, labels, NameSource::kBundle);
  EXPECT_EQ(container.labels.size(), kLabelsMax);
  EXPECT_EQ(container.labels.front(), (Labels::value_type{"a", "1"}));
  EXPECT_TRUE(std::ranges::is_sorted(container.labels));
  add_labels(container, {{"a", "2"}}, NameSource::kCri);
  EXPECT_EQ(container.labels.front().second, "1") << "what an earlier source said stays";

  std::string mounts;
  for (int i = 0; i < 1000; ++i) {
    mounts += fmt::format(R"({}{{"destination": "/{}"}})", i == 0 ? "" : ",", i);
  }
  EXPECT_EQ(parsed(fmt::format(R"({{"mounts": [{}]}})", mounts)).container.mounts->size(),
            kMountsMax);
}

TEST(OciBundle, NothingIsTakenForWhatItIsNot) {
  for (const std::string_view config :
       {R"({"annotations": []})", R"({"annotations": {"a": 1, "io.container.manager": []}})",
        R"({"mounts": {}})", R"({"mounts": [1, null, {}, {"destination": 1}]})",
        R"({"mounts": [{"destination": "/a", "options": {}, "source": []}]})", R"({"linux": []})",
        R"({"linux": {"cgroupsPath": 1, "namespaces": {}}})",
        R"({"linux": {"namespaces": [1, {"type": []}]}})", R"({"process": 1})",
        R"({"process": {"capabilities": {"bounding": {"a": 1}}}})",
        R"({"process": {"capabilities": {"bounding": [1]}}})",
        R"({"annotations": {"io.kubernetes.cri-o.Metadata": "{"}})",
        R"({"annotations": {"io.kubernetes.cri-o.Metadata": "[]"}})"}) {
    const Bundle bundle = parsed(config);
    EXPECT_FALSE(bundle.container.pod_name.known());
    EXPECT_EQ(bundle.cgroup, "");
  }
  for (const std::string_view none : {"", "[]", "1", "null", "{\"a\":", "\xff"}) {
    EXPECT_FALSE(parse_bundle(none, "/b")) << none;
  }
}

TEST(OciBundle, IsReadFromItsDirectory) {
  const test::HostDirectory host;
  host.write("/b/config.json", R"({"linux": {"cgroupsPath": "system.slice:runc:a"}})");
  host.write("/big/config.json", "{}" + std::string(5 << 20, ' '));
  const HostFiles files(host.path());
  const auto bundle = read_bundle(files, "/b");
  ASSERT_TRUE(bundle);
  EXPECT_EQ(bundle->cgroup, "/system.slice/runc-a.scope");
  EXPECT_EQ(bundle->directory, "/b");
  EXPECT_EQ(bundle->owner, ::getuid());
  EXPECT_EQ(bundle->version, files.look_at("/b/config.json")->version);
  EXPECT_FALSE(read_bundle(files, "/big"));
  EXPECT_FALSE(read_bundle(files, "/none"));
  EXPECT_FALSE(read_bundle(files, ""));
}

TEST(Containers, MergeKeepsWhatIsKnown) {
  Container container;
  container.runtime = Runtime::kRunc;
  container.name = {"first", NameSource::kBundle};
  container.labels = {{"b", "1"}};
  Container more;
  more.runtime = Runtime::kDocker;
  more.name = {"second", NameSource::kDocker};
  more.image = {"image", NameSource::kDocker};
  more.labels = {{"a", "2"}, {"b", "2"}};
  more.created = 5;
  more.privileged = true;
  merge(container, more);
  EXPECT_EQ(container.runtime, Runtime::kDocker);
  EXPECT_EQ(container.name.text, "first");
  EXPECT_EQ(container.image, (SourcedText{"image", NameSource::kDocker}));
  EXPECT_EQ(container.labels, (Labels{{"a", "2"}, {"b", "1"}}));
  EXPECT_EQ(container.created, 5);
  EXPECT_EQ(container.privileged, true);
  merge(container, Container{});
  EXPECT_EQ(container.runtime, Runtime::kDocker);
  set_runtime(container, Runtime::kPodman);
  EXPECT_EQ(container.runtime, Runtime::kDocker);
}

TEST(Containers, HaveTheNameThatPeopleUse) {
  Container container;
  container.id = {"2640", NameSource::kCgroup};
  container.runtime = Runtime::kRunc;
  EXPECT_EQ(with_name(container).name, container.id);
  container.runtime = Runtime::kDocker;
  EXPECT_FALSE(with_name(container).name.known());
  container.name = {"k8s_web_shop", NameSource::kStorage};
  EXPECT_EQ(with_name(container).name.text, "k8s_web_shop");
  container.pod_uid = {"05b3", NameSource::kCgroup};
  EXPECT_FALSE(with_name(container).name.known());
  container.pod_container = {"web", NameSource::kCri};
  EXPECT_EQ(with_name(container).name, container.pod_container);
}

TEST(Containers, WordsOfRuntimesAndSources) {
  EXPECT_EQ(runtime_name(Runtime::kUnknown), "");
  EXPECT_EQ(runtime_name(Runtime::kCrio), "cri-o");
  EXPECT_EQ(runtime_name(Runtime::kNspawn), "systemd-nspawn");
  EXPECT_EQ(source_name(NameSource::kNone), "");
  EXPECT_EQ(source_name(NameSource::kPodman), "podman");
}

}  // namespace
}  // namespace outrider
