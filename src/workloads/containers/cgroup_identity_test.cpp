// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/cgroup_identity.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace outrider {
namespace {

#define ID1 "2640478a996b50d951b36a426781a4b50ed7ef101a3dc125c7b04c79562f2550"
#define ID2 "7c2824033cc11e73ffd48ee087daba3d445c15c3538d2d9c3f28c3f767c8f5b7"
#define UID1 "05b3ee07-a2bd-47e7-9599-7961201f20dd"
#define UID1_ "05b3ee07_a2bd_47e7_9599_7961201f20dd"

struct Case {
  std::string_view path;
  Runtime runtime = Runtime::kUnknown;
  std::string_view id = {};
  // Of the path, what is behind the container.
  std::string_view inside = {};
  std::string_view pod = {};
  std::string_view unit = {};
  std::uint32_t rootless = 0;
};

constexpr Case kCases[] = {
    {"/"},
    {""},
    {"/system.slice/nginx.service", Runtime::kUnknown, "", "", "", "nginx.service"},
    {"/user.slice/user-1000.slice/session-3.scope", Runtime::kUnknown, "", "", "",
     "session-3.scope"},
    {"/system.slice/system-getty.slice/getty@tty1.service", Runtime::kUnknown, "", "", "",
     "getty@tty1.service"},
    // cg_escape(): it could be a file of the memory controller.
    {"/system.slice/_memory.service", Runtime::kUnknown, "", "", "", "memory.service"},
    {"/system.slice/.service", Runtime::kUnknown},

    // Docker: cgroupfs, systemd, --cgroup-parent, Docker in Docker, its BuildKit.
    {"/docker/" ID1, Runtime::kDocker, ID1},
    {"/system.slice/docker-" ID1 ".scope", Runtime::kDocker, ID1, "", "", "docker-" ID1 ".scope"},
    {"/mine/" ID1, Runtime::kUnknown, ID1},
    {"/mine.slice/docker-" ID1 ".scope", Runtime::kDocker, ID1, "", "", "docker-" ID1 ".scope"},
    {"/docker/" ID1 "/docker/" ID2, Runtime::kDocker, ID2},
    {"/docker/" ID1 "/init.scope", Runtime::kDocker, ID1, "/init.scope", "", "init.scope"},
    {"/docker/buildkit/ly7lc5r1qg0ygvzbqjk5ivd34", Runtime::kDocker, "ly7lc5r1qg0ygvzbqjk5ivd34"},
    {"/buildkit/ly7lc5r1qg0ygvzbqjk5ivd34", Runtime::kRunc, "ly7lc5r1qg0ygvzbqjk5ivd34"},
    {"/docker/" ID1 "/buildkit/ly7lc5r1qg0ygvzbqjk5ivd34", Runtime::kRunc,
     "ly7lc5r1qg0ygvzbqjk5ivd34"},
    {"/system.slice/docker.service", Runtime::kUnknown, "", "", "", "docker.service"},
    {"/system.slice/docker-compose.scope", Runtime::kUnknown, "", "", "", "docker-compose.scope"},
    {"/docker", Runtime::kUnknown},
    // ECS.
    {"/ecs/0123456789abcdef0123456789abcdef/" ID1, Runtime::kUnknown, ID1},
    {"/ecstasks.slice/ecstasks-0123456789abcdef0123456789abcdef.slice/docker-" ID1 ".scope",
     Runtime::kDocker, ID1, "", "", "docker-" ID1 ".scope"},

    // Kubernetes with cgroupfs, with systemd, guaranteed (which has no class), below a prefix,
    // and with a static pod.
    {"/kubepods/besteffort/pod" UID1 "/" ID1, Runtime::kUnknown, ID1, "", UID1},
    {"/kubepods/pod" UID1 "/" ID1, Runtime::kUnknown, ID1, "", UID1},
    {"/kubepods/pod" UID1, Runtime::kUnknown, "", "", UID1},
    {"/kubepods/" ID1, Runtime::kUnknown, ID1},
    {"/kubepods/burstable/pod3a4f8a1f0dd1f1a3a4f8a1f0dd1f1a3a/" ID1, Runtime::kUnknown, ID1, "",
     "3a4f8a1f0dd1f1a3a4f8a1f0dd1f1a3a"},
    {"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID1_
     ".slice/cri-containerd-" ID1 ".scope",
     Runtime::kContainerd, ID1, "", UID1, "cri-containerd-" ID1 ".scope"},
    {"/kubepods.slice/kubepods-pod" UID1_ ".slice/crio-" ID1 ".scope", Runtime::kCrio, ID1, "",
     UID1, "crio-" ID1 ".scope"},
    {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID1_ ".slice/docker-" ID1
     ".scope",
     Runtime::kDocker, ID1, "", UID1, "docker-" ID1 ".scope"},
    {"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
     "kubelet-kubepods-besteffort-pod" UID1_ ".slice/cri-containerd-" ID1 ".scope",
     Runtime::kContainerd, ID1, "", UID1, "cri-containerd-" ID1 ".scope"},
    {"/docker/" ID2 "/kubelet/kubepods/besteffort/pod" UID1 "/" ID1, Runtime::kUnknown, ID1, "",
     UID1},
    // containerd with cgroupfs under a kubelet with systemd.
    {"/system.slice/containerd.service/kubepods-burstable-pod" UID1_ ".slice:cri-containerd:" ID1,
     Runtime::kContainerd, ID1, "", UID1, "containerd.service"},
    {"/kubepods-besteffort-pod" UID1_ ".slice:cri-containerd:" ID1, Runtime::kContainerd, ID1, "",
     UID1, ""},
    // crictl without a kubelet.
    {"/k8s.io/" ID1, Runtime::kUnknown, ID1},
    {"/system.slice/nerdctl-" ID1 ".scope", Runtime::kContainerd, ID1, "", "",
     "nerdctl-" ID1 ".scope"},
    // No uids.
    {"/kubepods/podinfo/" ID1, Runtime::kUnknown, ID1},
    {"/kubepods/pod05b3ee07-a2bd-47e7-9599-7961201f20dg", Runtime::kUnknown},
    {"/kubepods/pod05b3ee07xa2bd-47e7-9599-7961201f20dd", Runtime::kUnknown},

    // CRI-O: the container's own group below it, and who watches it beside it.
    {"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID1_ ".slice/crio-" ID1
     ".scope/container",
     Runtime::kCrio, ID1, "/container", UID1, "crio-" ID1 ".scope"},
    {"/kubepods.slice/kubepods-pod" UID1_ ".slice/crio-conmon-" ID1 ".scope", Runtime::kUnknown, "",
     "", UID1, "crio-conmon-" ID1 ".scope"},
    {"/kubepods/burstable/pod" UID1 "/crio-" ID1, Runtime::kCrio, ID1, "", UID1},
    {"/kubepods/burstable/pod" UID1 "/crio-conmon-" ID1, Runtime::kUnknown, "", "", UID1},

    // Podman: cgroupfs, systemd, in a pod of its own, --cgroups=split, and of a user.
    {"/libpod_parent/libpod-" ID1, Runtime::kPodman, ID1},
    {"/libpod_parent", Runtime::kUnknown},
    {"/libpod_parent/conmon", Runtime::kUnknown},
    {"/machine.slice/libpod-" ID1 ".scope", Runtime::kPodman, ID1, "", "", "libpod-" ID1 ".scope"},
    {"/machine.slice/libpod-" ID1 ".scope/container", Runtime::kPodman, ID1, "/container", "",
     "libpod-" ID1 ".scope"},
    {"/machine.slice/libpod-conmon-" ID1 ".scope", Runtime::kUnknown, "", "", "",
     "libpod-conmon-" ID1 ".scope"},
    {"/machine.slice/machine-libpod_pod_" ID2 ".slice/libpod-" ID1 ".scope", Runtime::kPodman, ID1,
     "", "", "libpod-" ID1 ".scope"},
    {"/system.slice/web.service/libpod-payload-" ID1, Runtime::kPodman, ID1, "", "", "web.service"},
    {"/system.slice/web.service/supervisor", Runtime::kUnknown, "", "", "", "web.service"},
    {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID1 ".scope/container",
     Runtime::kPodman, ID1, "/container", "", "libpod-" ID1 ".scope", 1000},
    {"/user.slice/user-1000.slice/user@1000.service/app.slice/podman.service", Runtime::kUnknown,
     "", "", "", "podman.service", 1000},
    {"/user.slice/user-0.slice/user@0.service/init.scope", Runtime::kUnknown, "", "", "",
     "init.scope", 0},
    // That of a container's own users is none of the machine's.
    {"/docker/" ID1 "/user.slice/user-1000.slice/user@1000.service/a.service", Runtime::kDocker,
     ID1, "/user.slice/user-1000.slice/user@1000.service/a.service", "", "a.service", 0},

    // LXC: version 2 and 4.0, 3 and before, as Proxmox has it; who watches it.
    {"/lxc.payload.web", Runtime::kLxc, "web"},
    {"/lxc.payload.mail/system.slice/postfix.service", Runtime::kLxc, "mail",
     "/system.slice/postfix.service", "", "postfix.service"},
    {"/lxc.payload/web", Runtime::kLxc, "web"},
    {"/lxc/101/ns/init.scope", Runtime::kLxc, "101", "/ns/init.scope", "", "init.scope"},
    {"/lxc.monitor.web", Runtime::kUnknown},
    {"/lxc.monitor/web", Runtime::kUnknown},
    {"/lxc.payload.web/docker/" ID1, Runtime::kDocker, ID1},
    {"/lxc", Runtime::kUnknown},

    // systemd-nspawn, by hand and as a service; virtual machines have such scopes too.
    {"/machine.slice/machine-web.scope", Runtime::kNspawn, "web", "", "", "machine-web.scope"},
    {"/machine.slice/machine-my\\x2dweb.scope/payload/init.scope", Runtime::kNspawn, "my-web",
     "/payload/init.scope", "", "init.scope"},
    {"/machine.slice/machine-web.scope/supervisor", Runtime::kUnknown, "", "", "",
     "machine-web.scope"},
    {"/machine.slice/systemd-nspawn@debian\\x2d12.service/payload/system.slice/ssh.service",
     Runtime::kNspawn, "debian-12", "/payload/system.slice/ssh.service", "", "ssh.service"},
    {"/machine.slice/systemd-nspawn@web.service/supervisor", Runtime::kUnknown, "", "", "",
     "systemd-nspawn@web.service"},
    {"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", Runtime::kUnknown, "", "", "",
     "machine-qemu\\x2d1\\x2dvm.scope"},
    {"/machine.slice/machine-lxc\\x2d1234\\x2dold.scope", Runtime::kLxc, "1234-old", "", "",
     "machine-lxc\\x2d1234\\x2dold.scope"},

    // runc and crun alone: with systemd the name shows it, without nothing does.
    {"/system.slice/runc-mine.scope", Runtime::kRunc, "mine", "", "", "runc-mine.scope"},
    {"/user.slice/user-7.slice/user@7.service/user.slice/crun-a.b.scope", Runtime::kCrun, "a.b", "",
     "", "crun-a.b.scope", 7},
    {"/mine"},
    {"/default/web"},
    {"/default/" ID1, Runtime::kUnknown, ID1},

    // Nearly.
    {"/docker/" ID1 "0"},
    {"/docker/2640478A996B50D951B36A426781A4B50ED7EF101A3DC125C7B04C79562F2550"},
    {"/notdocker/2640478a996b"},
    {"/libpod-" ID1 ".service", Runtime::kUnknown, "", "", "", "libpod-" ID1 ".service"},
    {"//docker//" ID1 "//", Runtime::kUnknown, ID1, "//"},
    {"docker/" ID1, Runtime::kDocker, ID1},
};

TEST(CgroupIdentity, IsReadFromThePath) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.path);
    const CgroupIdentity identity = identify_cgroup(c.path);
    EXPECT_EQ(identity.container_id, c.id);
    EXPECT_EQ(runtime_name(identity.runtime), runtime_name(c.runtime));
    EXPECT_EQ(identity.pod_uid, c.pod);
    EXPECT_EQ(identity.unit, c.unit);
    EXPECT_EQ(identity.rootless_uid, c.rootless);
    if (c.id.empty()) {
      EXPECT_EQ(identity.container_path, "");
    } else {
      EXPECT_EQ(identity.container_path + std::string(c.inside), c.path);
    }
  }
}

TEST(CgroupIdentity, KnowsWhatAUserMayMake) {
  EXPECT_EQ(identify_cgroup("/user.slice/user-1000.slice/user@1000.service/user.slice/a.scope")
                .rootless_base,
            "/user.slice/user-1000.slice/user@1000.service");
  for (const std::string_view none :
       {"/user@.service/a", "/user@-1.service/a", "/user@1x.service/a",
        "/user@4294967296.service/a", "/user@ 1.service/a", "/user@service/a"}) {
    EXPECT_EQ(identify_cgroup(none).rootless_uid, 0u) << none;
  }
}

TEST(CgroupIdentity, AnyBytesDoNoHarm) {
  const std::string deep = [] {
    std::string path;
    for (int i = 0; i < 1000; ++i) path += "/d";
    return path;
  }();
  EXPECT_EQ(identify_cgroup(deep + "/docker/" ID1).container_id, ID1);
  EXPECT_EQ(identify_cgroup(deep + deep + deep + "/docker/" ID1).container_id, "");
  EXPECT_EQ(identify_cgroup("/lxc.payload." + std::string(300, 'x')).container_id, "");
  EXPECT_EQ(identify_cgroup("/lxc/\xff\x01\n").container_id, "\xff\x01\n");
  EXPECT_EQ(identify_cgroup(std::string_view("/lxc/a\0b", 8)).container_id,
            std::string_view("a\0b", 3));
  for (const std::string_view odd : {":", "::", ":::", "a::b", ":docker:", "\\x", "-pod.slice",
                                     "pod", ".slice", "_", "_.service", "user@.service"}) {
    identify_cgroup(odd);
    identify_cgroup(std::string("/machine.slice/machine-") + std::string(odd) + ".scope");
  }
}

TEST(CgroupIdentity, UndoesTheEscapesOfSystemd) {
  EXPECT_EQ(unescape_unit("my\\x2dweb"), "my-web");
  EXPECT_EQ(unescape_unit("a\\x5cb"), "a\\b");
  EXPECT_EQ(unescape_unit("\\x2"), "\\x2");
  EXPECT_EQ(unescape_unit("\\xzz\\"), "\\xzz\\");
  EXPECT_EQ(unescape_unit("a\\x00b"), "a\\x00b");
  EXPECT_EQ(unescape_unit(""), "");
}

TEST(CgroupIdentity, ReadsWhatABundleAsksFor) {
  struct Claim {
    std::string_view claim;
    std::string_view path;
  };
  constexpr Claim kClaims[] = {
      {"", ""},
      {"/libpod_parent/libpod-1", "/libpod_parent/libpod-1"},
      {"/a//b/./c/", "/a/b/c"},
      {"a/b", "a/b"},
      {"/a/../b", ""},
      {"/", ""},
      {"system.slice:docker:1", "/system.slice/docker-1.scope"},
      {":runc:1", "/system.slice/runc-1.scope"},
      {"kubepods-burstable-pod05b3.slice:cri-containerd:1",
       "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod05b3.slice/"
       "cri-containerd-1.scope"},
      {"-.slice:a:1", "/a-1.scope"},
      {"machine.slice::1", "/machine.slice/1.scope"},
      {"machine.slice:a:b.slice", "/machine.slice/b.slice"},
      {"machine.slice:a:", ""},
      {"machine:a:b", ""},
      {"a--b.slice:c:d", ""},
      {"-a.slice:c:d", ""},
      {"a.slice:../../x:d", ""},
      {"a.slice:b", "a.slice:b"},
  };
  for (const Claim& c : kClaims) EXPECT_EQ(cgroup_of_claim(c.claim), c.path) << c.claim;
  EXPECT_EQ(cgroup_of_claim(std::string(5000, 'a')), "");
  EXPECT_EQ(cgroup_of_claim(std::string_view("/a\0b", 4)), "");
}

}  // namespace
}  // namespace outrider
