// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/container_finder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

#include "support/host_directory.h"

namespace outrider {
namespace {

constexpr std::string_view kId = "2640478a996b50d951b36a426781a4b50ed7ef101a3dc125c7b04c79562f2550";
constexpr std::string_view kOther =
    "7c2824033cc11e73ffd48ee087daba3d445c15c3538d2d9c3f28c3f767c8f5b7";
constexpr std::string_view kPod = "05b3ee07-a2bd-47e7-9599-7961201f20dd";
constexpr std::string_view kTasks = "/run/containerd/io.containerd.runtime.v2.task";

std::string bundle(std::string_view cgroup, std::string_view annotations = "") {
  return fmt::format(R"({{"annotations": {{{}}}, "linux": {{"cgroupsPath": "{}"}}}})", annotations,
                     cgroup);
}

std::string state(std::string_view id, std::string_view cgroup, std::string_view of_bundle) {
  return fmt::format(R"({{"id": "{}", "init_process_pid": 1, "created": "2026-11-21T18:00:58Z",
      "config": {{"labels": ["bundle={}"]}}, "cgroup_paths": {{"": "/sys/fs/cgroup{}"}}}})",
                     id, of_bundle, cgroup);
}

std::string kubernetes(std::string_view pod_uid = kPod) {
  return fmt::format(R"("io.kubernetes.cri.container-name": "web",
      "io.kubernetes.cri.sandbox-name": "shop-5d9", "io.kubernetes.cri.sandbox-namespace": "prod",
      "io.kubernetes.cri.sandbox-uid": "{}")",
                     pod_uid);
}

class ContainerFinderTest : public ::testing::Test {
 protected:
  ContainerFinder::Finding find(std::string_view path,
                                const std::optional<RuntimeCommand>& command = {}) {
    auto finding = finder_.find(path, command);
    if (finding.container) finding.container = with_name(*finding.container);
    return finding;
  }
  // Of a container that must be found.
  Container container(std::string_view path, const std::optional<RuntimeCommand>& command = {}) {
    const auto finding = find(path, command);
    EXPECT_TRUE(finding.container) << path;
    return finding.container.value_or(Container{});
  }

  test::HostDirectory host_;
  ContainerFinder finder_{host_.path()};
};

RuntimeCommand run(std::string_view id, std::string_view of_bundle = "/b") {
  return {.runtime = Runtime::kRunc,
          .id = std::string(id),
          .bundle = std::string(of_bundle),
          .root = {}};
}

TEST_F(ContainerFinderTest, WhatIsNoneIsNone) {
  for (const std::string_view path :
       {"/", "", "/system.slice/nginx.service", "/web", "/kubepods/besteffort", "//", "web"}) {
    const auto finding = find(path);
    EXPECT_FALSE(finding.container) << path;
    EXPECT_FALSE(finding.incomplete) << path;
  }
}

TEST_F(ContainerFinderTest, KubernetesByPathAndBundle) {
  const std::string path = fmt::format("/kubepods/burstable/pod{}/{}", kPod, kId);
  EXPECT_TRUE(find(path).incomplete) << "its bundle is not there yet";
  EXPECT_FALSE(find(path).told);
  host_.write(fmt::format("{}/k8s.io/{}/config.json", kTasks, kId), bundle(path, kubernetes()));
  const auto finding = find(path);
  EXPECT_TRUE(finding.told);
  EXPECT_FALSE(finding.incomplete);
  const Container web = container(path);
  EXPECT_EQ(web.id, (SourcedText{std::string(kId), NameSource::kCgroup}));
  EXPECT_EQ(web.runtime, Runtime::kContainerd);
  EXPECT_EQ(web.name.text, "web");
  EXPECT_EQ(web.pod_name.text, "shop-5d9");
  EXPECT_EQ(web.pod_namespace.text, "prod");
  EXPECT_EQ(web.pod_uid, (SourcedText{std::string(kPod), NameSource::kCgroup}));
  EXPECT_EQ(web.bundle.text, fmt::format("{}/k8s.io/{}", kTasks, kId));
  // What it makes below its own is of it.
  EXPECT_EQ(container(path + "/init.scope").name.text, "web");
}

TEST_F(ContainerFinderTest, SystemdsFormOfTheSame) {
  const std::string uid = "05b3ee07_a2bd_47e7_9599_7961201f20dd";
  const std::string slice = fmt::format("kubepods-burstable-pod{}.slice", uid);
  host_.write(fmt::format("{}/k8s.io/{}/config.json", kTasks, kId),
              bundle(fmt::format("{}:cri-containerd:{}", slice, kId), kubernetes()));
  const Container web = container(fmt::format(
      "/kubepods.slice/kubepods-burstable.slice/{}/cri-containerd-{}.scope", slice, kId));
  EXPECT_EQ(web.name.text, "web");
  EXPECT_EQ(web.pod_uid.text, kPod);
  // And where containerd was not told that it is systemd's.
  EXPECT_EQ(
      container(fmt::format("/system.slice/containerd.service/{}:cri-containerd:{}", slice, kId))
          .name.text,
      "web");
}

TEST_F(ContainerFinderTest, APodThatThePathContradictsIsNotBelieved) {
  const std::string path = fmt::format("/kubepods/burstable/pod{}/{}", kPod, kId);
  host_.write(fmt::format("{}/k8s.io/{}/config.json", kTasks, kId),
              bundle(path, kubernetes("00000000-a2bd-47e7-9599-7961201f20dd")));
  const Container web = container(path);
  EXPECT_FALSE(web.pod_name.known());
  EXPECT_FALSE(web.name.known());
  EXPECT_EQ(web.pod_uid.text, kPod);
}

TEST_F(ContainerFinderTest, PlainRuncByCommand) {
  host_.write("/b/config.json", R"({"annotations": {"k": "v"}, "linux": {}})");
  EXPECT_FALSE(find("/web").container) << "a path alone shows nothing";
  const Container web = container("/web", run("web"));
  EXPECT_EQ(web.runtime, Runtime::kRunc);
  EXPECT_EQ(web.id, (SourcedText{"web", NameSource::kCgroup}));
  EXPECT_EQ(web.name.text, "web");
  EXPECT_EQ(web.bundle, (SourcedText{"/b", NameSource::kBundle}));
  EXPECT_EQ(web.labels.size(), 1u);
  EXPECT_EQ(container("/system.slice/runc-web.scope", run("web")).name.text, "web");
  // A group that the same process makes on its way, or any other.
  EXPECT_FALSE(find("/other", run("web")).container);
  EXPECT_FALSE(find("/other/web2", run("web")).container);
}

TEST_F(ContainerFinderTest, ACommandIsBelievedIfItsBundleNamesTheCgroup) {
  host_.write("/b/config.json", bundle("/custom/place"));
  const Container web = container("/custom/place", run("web"));
  EXPECT_EQ(web.id, (SourcedText{"web", NameSource::kBundle}));
  EXPECT_EQ(web.name.text, "web");
  for (const std::string_view other : {"/custom", "/custom/web", "/web", "/x/custom/place2"}) {
    const auto finding = find(other, run("web"));
    EXPECT_FALSE(finding.container) << other;
    EXPECT_FALSE(finding.incomplete) << other;
  }
}

TEST_F(ContainerFinderTest, ABundleThatIsNotThereYetIsWaitedFor) {
  auto finding = find("/web", run("web"));
  EXPECT_TRUE(finding.incomplete);
  ASSERT_TRUE(finding.container) << "the path has the name that the command has";
  EXPECT_EQ(finding.container->id.text, "web");
  finding = find("/custom/place", run("web"));
  EXPECT_TRUE(finding.incomplete);
  EXPECT_FALSE(finding.container);
  EXPECT_FALSE(find("/web", run("..")).incomplete);
}

TEST_F(ContainerFinderTest, PlainRuncByItsState) {
  std::filesystem::create_directories(host_.at("/run/runc/web"));
  EXPECT_TRUE(find("/web").incomplete) << "its state is just being written";
  host_.write("/run/runc/web/state.json", state("web", "/custom/place", "/b"));
  host_.write("/b/config.json", "{}");
  const Container web = container("/custom/place/below");
  EXPECT_EQ(web.id, (SourcedText{"web", NameSource::kRuntimeState}));
  EXPECT_EQ(web.runtime, Runtime::kRunc);
  EXPECT_EQ(web.bundle, (SourcedText{"/b", NameSource::kRuntimeState}));
  EXPECT_EQ(web.created, 1'795'284'058'000'000'000);
  EXPECT_FALSE(find("/web").container) << "the name of a container is not its cgroup";

  // Where only the command has said that it would be.
  host_.write("/odd/root/db/state.json", state("db", "/elsewhere", "/b"));
  RuntimeCommand command = run("db", "");
  command.root = "/odd/root";
  EXPECT_EQ(container("/elsewhere", command).id, (SourcedText{"db", NameSource::kRuntimeState}));
}

TEST_F(ContainerFinderTest, CrunKeepsACopyOfTheBundle) {
  host_.write("/run/crun/web/status",
              R"({"pid": 1, "cgroup-path": "/web", "bundle": "/gone", "created": "x"})");
  host_.write("/run/crun/web/config.json", R"({"annotations": {"k": "v"}})");
  const auto finding = find("/web");
  ASSERT_TRUE(finding.container);
  EXPECT_EQ(finding.container->runtime, Runtime::kCrun);
  EXPECT_EQ(finding.container->labels.size(), 1u);
  EXPECT_FALSE(finding.incomplete);
}

TEST_F(ContainerFinderTest, PodmanByItsStorage) {
  const std::string path = fmt::format("/libpod_parent/libpod-{}", kId);
  const std::string directory =
      fmt::format("/var/lib/containers/storage/overlay-containers/{}/userdata", kId);
  host_.write(directory + "/config.json", bundle(path, R"("io.container.manager": "libpod")"));
  auto finding = find(path, run(kId, directory));
  EXPECT_TRUE(finding.told);
  EXPECT_TRUE(finding.incomplete) << "its name is not there yet";
  EXPECT_FALSE(finding.container->name.known());
  host_.write("/var/lib/containers/storage/overlay-containers/containers.json",
              fmt::format(R"([{{"id": "{}", "names": ["web"], "image": "{}"}}])", kId, kOther));
  finding = find(path, run(kId, directory));
  EXPECT_FALSE(finding.incomplete);
  EXPECT_EQ(finding.container->runtime, Runtime::kPodman);
  EXPECT_EQ(finding.container->name, (SourcedText{"web", NameSource::kStorage}));
  EXPECT_EQ(finding.container->image_id.text, fmt::format("sha256:{}", kOther));
}

TEST_F(ContainerFinderTest, DockerByItsStorage) {
  const std::string path = fmt::format("/system.slice/docker-{}.scope", kId);
  host_.write(fmt::format("{}/moby/{}/config.json", kTasks, kId),
              bundle(fmt::format("system.slice:docker:{}", kId)));
  host_.write(fmt::format("/var/lib/docker/containers/{}/config.v2.json", kId),
              fmt::format(R"({{"ID": "{}", "Name": "/web", "Config": {{"Image": "nginx",
                  "Labels": {{"io.kubernetes.pod.name": "coredns",
                              "io.kubernetes.pod.namespace": "kube-system"}}}}}})",
                          kId));
  const Container web = container(path);
  EXPECT_EQ(web.runtime, Runtime::kDocker);
  EXPECT_EQ(web.name.text, "web");
  EXPECT_EQ(web.image.text, "nginx");
  EXPECT_FALSE(web.pod_namespace.known()) << "the image may have brought these labels";

  // In a pod they are cri-dockerd's.
  const std::string in_pod = fmt::format("/kubepods/burstable/pod{}/{}", kPod, kId);
  host_.write(fmt::format("{}/moby/{}/config.json", kTasks, kId), bundle(in_pod));
  EXPECT_EQ(container(in_pod).pod_namespace.text, "kube-system");
}

// Who may make cgroups below its own can give them any name.
TEST_F(ContainerFinderTest, APathThatLiesIsTheContainersAroundIt) {
  const std::string mine = fmt::format("/docker/{}", kOther);
  const std::string victim = fmt::format("/docker/{}", kId);
  host_.write(fmt::format("{}/moby/{}/config.json", kTasks, kId), bundle(victim));
  host_.write(fmt::format("{}/moby/{}/config.json", kTasks, kOther), bundle(mine));
  EXPECT_EQ(container(victim).id.text, kId);
  EXPECT_EQ(container(mine + victim).id.text, kOther);
  EXPECT_EQ(container(mine + "/a" + victim + "/b").id.text, kOther);
  EXPECT_EQ(container(fmt::format("{}/machine.slice/libpod-{}.scope", mine, kId)).id.text, kOther);
  // By its state, the bundle being gone.
  host_.remove(fmt::format("{}/moby/{}", kTasks, kId));
  host_.write(fmt::format("/run/containerd/runc/moby/{}/state.json", kId),
              state(kId, victim, "/gone"));
  EXPECT_EQ(container(victim).id.text, kId);
  EXPECT_EQ(container(mine + victim).id.text, kOther);

  // One that nothing on this machine knows may be of a runtime within the container.
  host_.remove("/run/containerd/runc");
  host_.write(fmt::format("/var/lib/docker/containers/{}/config.v2.json", kId),
              fmt::format(R"({{"ID": "{}", "Name": "/victim"}})", kId));
  const Container inner = container(mine + victim);
  EXPECT_EQ(inner.id.text, kId);
  EXPECT_FALSE(inner.name.known()) << "what the machine's Docker says is of its own";
}

TEST_F(ContainerFinderTest, AnImpostorWithoutAContainerAroundIsNone) {
  host_.write(fmt::format("{}/moby/{}/config.json", kTasks, kId),
              bundle(fmt::format("/docker/{}", kId)));
  // As a service may that has been given its cgroup (Delegate=).
  for (const std::string_view above : {"/elsewhere", "/system.slice/a.service/docker"}) {
    const auto finding = find(fmt::format("{}/{}", above, kId));
    EXPECT_FALSE(finding.container) << above;
    EXPECT_FALSE(finding.incomplete) << above;
  }
}

TEST_F(ContainerFinderTest, APathThatIsNotAbsoluteIsBelowTheRuntimes) {
  host_.write("/b/config.json", bundle("jobs/web"));
  EXPECT_EQ(container("/system.slice/a.service/jobs/web", run("web")).bundle.text, "/b");
  EXPECT_EQ(container("/jobs/web", run("web")).bundle.text, "/b");
  EXPECT_FALSE(find("/system.slice/a.service/xjobs/web", run("web")).container);
  EXPECT_FALSE(find(fmt::format("/docker/{}/jobs/web", kId), run("web")).told);
}

TEST_F(ContainerFinderTest, AUsersContainerIsTheUsers) {
  constexpr uid_t kUser = 54321;
  const std::string base = fmt::format("/user.slice/user-{0}.slice/user@{0}.service", kUser);
  const std::string path = fmt::format("{}/user.slice/libpod-{}.scope", base, kId);
  const std::string storage = "/home/alice/.local/share/containers/storage/overlay-containers";
  const std::string config = fmt::format("{}/{}/userdata/config.json", storage, kId);
  host_.write("/etc/passwd", fmt::format("alice:x:{}:1::/home/alice:/bin/sh\n", kUser));
  host_.write(config, bundle(fmt::format("user.slice:libpod:{}", kId)));
  host_.write(storage + "/containers.json",
              fmt::format(R"([{{"id": "{}", "names": ["hers"], "image": "i"}}])", kId));
  if (!host_.give_to(config, kUser)) GTEST_SKIP() << "only root can give files away";
  ASSERT_TRUE(host_.give_to(storage + "/containers.json", kUser));
  const Container hers = container(path + "/container");
  EXPECT_EQ(hers.runtime, Runtime::kPodman);
  EXPECT_EQ(hers.name.text, "hers");
  EXPECT_EQ(hers.user_namespace, true);

  // That her groups are root's containers, she may not say: neither by their name...
  const std::string docker = fmt::format("docker-{}.scope", kOther);
  host_.write(fmt::format("{}/moby/{}/config.json", kTasks, kOther),
              bundle(fmt::format("system.slice:docker:{}", kOther)));
  host_.write(fmt::format("/var/lib/docker/containers/{}/config.v2.json", kOther),
              fmt::format(R"({{"ID": "{}", "Name": "/roots"}})", kOther));
  EXPECT_EQ(container(fmt::format("/system.slice/{}", docker)).name.text, "roots");
  EXPECT_FALSE(container(fmt::format("{}/system.slice/{}", base, docker)).name.known());
  // ... nor by a command with root's bundle.
  const auto told = find(fmt::format("{}/system.slice/{}", base, docker),
                         run(kOther, fmt::format("{}/moby/{}", kTasks, kOther)));
  EXPECT_FALSE(told.container);
  // And her bundle says nothing of root's.
  ASSERT_TRUE(std::filesystem::remove(host_.at(config)));
  const std::string for_root = fmt::format("{}/moby/{}/config.json", kTasks, kId);
  host_.write(for_root, bundle(fmt::format("/docker/{}", kId), R"("k": "v")"));
  ASSERT_TRUE(host_.give_to(for_root, kUser));
  EXPECT_TRUE(container(fmt::format("/docker/{}", kId)).labels.empty());
}

TEST_F(ContainerFinderTest, WhatIsExpectedIsKnownWhenItIsGone) {
  host_.write("/b/config.json", bundle("/web", R"("k": "v")"));
  finder_.expect(run("web"));
  host_.remove("/b");
  EXPECT_EQ(container("/web", run("web")).labels.size(), 1u);
  // One that has come in its place counts.
  host_.write("/b/config.json", bundle("/web", R"("k": "v", "l": "w")"));
  EXPECT_EQ(container("/web", run("web")).labels.size(), 2u);
  finder_.expect(run("web", ""));
  finder_.expect(run("web", "/none"));
}

TEST_F(ContainerFinderTest, LxcAndNspawnHaveNoMoreThanTheirNames) {
  const auto lxc = find("/lxc.payload.web/system.slice/a.service");
  ASSERT_TRUE(lxc.container);
  EXPECT_FALSE(lxc.incomplete);
  EXPECT_EQ(lxc.container->name, (SourcedText{"web", NameSource::kCgroup}));
  EXPECT_EQ(lxc.container->runtime, Runtime::kLxc);
  EXPECT_EQ(container("/machine.slice/machine-my\\x2dweb.scope").name.text, "my-web");
}

TEST_F(ContainerFinderTest, TellsWhatItHasRead) {
  host_.write("/b/config.json", "{}");
  container("/web", run("web"));
  const auto lines = finder_.sources();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines.front(), "bundles: 1 read, 0 were for another cgroup");
}

}  // namespace
}  // namespace outrider
