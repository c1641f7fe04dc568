// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/runtime_state.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/host_directory.h"

namespace outrider {
namespace {

using Paths = std::vector<std::string>;

// As runc 1.1.5 writes it, without most of its configuration.
std::string runc_state(std::string_view id, std::string_view cgroup,
                       std::string_view bundle = "/b") {
  return fmt::format(R"({{"id": "{}", "init_process_pid": 27091, "init_process_start": 3763405,
      "created": "2026-11-21T18:00:58.32877672Z",
      "config": {{"rootfs": "/b/rootfs", "labels": ["io.container.manager=libpod", "bundle={}"]}},
      "rootless": false,
      "cgroup_paths": {{"": "/sys/fs/cgroup{}",
                        "memory": "/sys/fs/cgroup/memory/prefix{}"}}}})",
                     id, bundle, cgroup, cgroup);
}

// As crun 1.8.1 does.
std::string crun_status(std::string_view cgroup) {
  return fmt::format(R"({{"pid": 27204, "process-start-time": 3763485, "cgroup-path": "{}",
      "scope": "", "rootfs": "rootfs", "systemd-cgroup": false, "bundle": "/b",
      "created": "2026-11-21T18:00:59.117976Z", "owner": "root", "detached": true}})",
                     cgroup);
}

CgroupPlace at(std::string_view path) {
  const CgroupIdentity identity = identify_cgroup(path);
  return {.path = std::string(path),
          .rootless_uid = identity.rootless_uid,
          .rootless_base = identity.rootless_base};
}

TEST(RuntimeState, IsRuncs) {
  const auto state = parse_runtime_state(runc_state("web", "/system.slice/runc-web.scope"));
  ASSERT_TRUE(state);
  EXPECT_EQ(state->runtime, Runtime::kRunc);
  EXPECT_EQ(state->id, "web");
  EXPECT_EQ(state->cgroups, Paths{"/system.slice/runc-web.scope"});
  EXPECT_EQ(state->bundle, "/b");
  EXPECT_EQ(state->created, 1'795'284'058'328'776'720);
}

TEST(RuntimeState, KnowsTheHierarchies) {
  struct Case {
    std::string_view paths;
    Paths cgroups;
  };
  const Case cases[] = {
      {R"("": "/sys/fs/cgroup/a")", {"/a"}},
      {R"("": "/sys/fs/cgroup/unified/a", "cpu": "/sys/fs/cgroup/cpu/b")", {"/a"}},
      {R"("cpu": "/sys/fs/cgroup/cpu,cpuacct/a", "memory": "/sys/fs/cgroup/memory/b/a",
          "pids": "/sys/fs/cgroup/pids/a")",
       {"/a", "/b/a"}},
      {R"("": "/sys/fs/cgroup")", {}},
      {R"("": "/sys/fs/cgroup/")", {}},
      {R"("": "/sys/fs/cgroupx/a")", {}},
      {R"("": "/elsewhere/a", "cpu": "/sys/fs/cgroup/cpu/b")", {}},
      {R"("cpu": "/sys/fs/cgroup/cpu", "b": 1)", {}},
      {"", {}},
  };
  for (const Case& c : cases) {
    const auto state = parse_runtime_state(
        fmt::format(R"({{"id": "a", "init_process_pid": 1, "cgroup_paths": {{{}}}}})", c.paths));
    ASSERT_TRUE(state) << c.paths;
    EXPECT_EQ(state->cgroups, c.cgroups) << c.paths;
  }
}

TEST(RuntimeState, IsCruns) {
  const auto state = parse_runtime_state(crun_status("/web"));
  ASSERT_TRUE(state);
  EXPECT_EQ(state->runtime, Runtime::kCrun);
  EXPECT_EQ(state->cgroups, Paths{"/web"});
  EXPECT_EQ(state->bundle, "/b");
  EXPECT_TRUE(parse_runtime_state(crun_status(""))->cgroups.empty());
  for (const std::string_view none : {"", "{}", "[]", "{\"id\": \"a\"}", "{\"pid\": 1}"}) {
    EXPECT_FALSE(parse_runtime_state(none)) << none;
  }
}

TEST(RuntimeStates, AreFoundById) {
  const test::HostDirectory host;
  host.write("/run/runc/web/state.json", runc_state("web", "/web"));
  host.write("/run/crun/cr/status", crun_status("/cr"));
  host.write("/run/containerd/runc/k8s.io/aa/state.json", runc_state("aa", "/kubepods/aa"));
  host.write("/odd/root/web/state.json", runc_state("web", "/other/web"));
  host.write("/run/runc/liar/state.json", runc_state("another", "/web"));
  const HostFiles files(host.path());
  const RuntimeStates states(files);
  const auto web = states.find("web", at("/web"), "");
  ASSERT_TRUE(web.state);
  EXPECT_EQ(web.state->directory, "/run/runc/web");
  EXPECT_EQ(web.state->owner, ::getuid());
  EXPECT_FALSE(web.names_another);
  const auto crun = states.find("cr", at("/cr"), "");
  ASSERT_TRUE(crun.state);
  EXPECT_EQ(crun.state->id, "cr");
  EXPECT_TRUE(states.find("aa", at("/kubepods/aa"), "").state);
  // Only for its own cgroup.
  EXPECT_FALSE(states.find("web", at("/web/below"), "").state);
  EXPECT_TRUE(states.find("web", at("/web/below"), "").names_another);
  // Where the runtime was told to keep it comes first.
  EXPECT_FALSE(states.find("web", at("/other/web"), "").state);
  EXPECT_TRUE(states.find("web", at("/other/web"), "/odd/root").state);
  EXPECT_TRUE(states.find("web", at("/web"), "/odd/root").state);
  for (const std::string_view none : {"none", "liar", "", "..", "../runc/web", "web/"}) {
    const auto found = states.find(none, at("/web"), "");
    EXPECT_FALSE(found.state) << none;
    EXPECT_FALSE(found.names_another) << none;
  }
}

TEST(RuntimeStates, AreFoundByCgroup) {
  const test::HostDirectory host;
  host.write("/run/runc/web/state.json", runc_state("web", "/custom/name"));
  host.write("/run/runc/inner/state.json", runc_state("inner", "/custom/name/in/inner"));
  const HostFiles files(host.path());
  RuntimeStates states(files);
  const auto id_of = [&states](std::string_view path) {
    const auto owner = states.find_by_cgroup(at(path));
    return owner.state ? owner.state->id : "";
  };
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(id_of("/custom/name"), "web");
    EXPECT_EQ(id_of("/custom/name/in"), "web");
    EXPECT_EQ(id_of("/custom/name/in/inner/x"), "inner");
    EXPECT_EQ(id_of("/custom"), "");
    EXPECT_EQ(id_of("/custom/namely"), "");
    EXPECT_EQ(id_of("/other/custom/name"), "");
    EXPECT_EQ(id_of("/"), "");
  }
  // One that comes, one that goes, one that changes its place.
  host.write("/run/runc/late/state.json", runc_state("late", "/late"));
  EXPECT_EQ(id_of("/late"), "late");
  host.remove("/run/runc/web");
  EXPECT_EQ(id_of("/custom/name"), "");
  EXPECT_EQ(id_of("/custom/name/in/inner"), "inner");
  host.remove("/run/runc/late");
  host.write("/run/runc/late/state.json", runc_state("late", "/later"));
  EXPECT_EQ(id_of("/later"), "late");
  EXPECT_EQ(id_of("/late"), "");
  host.remove("/run/runc");
  EXPECT_EQ(id_of("/later"), "");
}

TEST(RuntimeStates, SayThatOneIsComing) {
  const test::HostDirectory host;
  std::filesystem::create_directories(host.at("/run/runc/web"));
  const HostFiles files(host.path());
  RuntimeStates states(files);
  EXPECT_TRUE(states.find_by_cgroup(at("/web")).coming);
  EXPECT_TRUE(states.find_by_cgroup(at("/a/web")).coming);
  EXPECT_FALSE(states.find_by_cgroup(at("/other")).coming);
  host.write("/run/runc/web/state.json", runc_state("web", "/web"));
  const auto owner = states.find_by_cgroup(at("/web"));
  ASSERT_TRUE(owner.state);
  EXPECT_EQ(owner.state->id, "web");
  EXPECT_FALSE(owner.coming);
  EXPECT_FALSE(states.find_by_cgroup(at("/a/web")).coming);
}

// A user may say what the cgroups below that user's service manager are, and no others.
TEST(RuntimeStates, AUserCannotClaimSomebodyElses) {
  constexpr uid_t kUser = 54321;
  constexpr uid_t kOther = 54322;
  const std::string mine = fmt::format("/user.slice/user-{0}.slice/user@{0}.service/web", kUser);
  const test::HostDirectory host;
  const std::string file = fmt::format("/run/user/{}/crun/web/status", kUser);
  host.write(file, crun_status(mine));
  host.write("/run/runc/web/state.json", runc_state("web", "/web"));
  if (!host.give_to(file, kUser)) GTEST_SKIP() << "only root can give files away";
  const HostFiles files(host.path());
  RuntimeStates states(files);
  EXPECT_TRUE(states.find("web", at(mine), "").state);
  EXPECT_EQ(states.find_by_cgroup(at(mine)).state->runtime, Runtime::kCrun);
  EXPECT_TRUE(states.find("web", at("/web"), "").state);

  // The same from where root's runtime keeps them, or of another user.
  ASSERT_TRUE(host.give_to("/run/runc/web/state.json", kUser));
  EXPECT_FALSE(states.find("web", at("/web"), "").state);
  EXPECT_FALSE(states.find_by_cgroup(at("/web")).state);
  ASSERT_TRUE(host.give_to(file, kOther));
  EXPECT_FALSE(states.find("web", at(mine), "").state);
  EXPECT_FALSE(states.find_by_cgroup(at(mine)).state);
  // Nor does a user's say that root's is another.
  host.write(file, crun_status("/elsewhere"));
  EXPECT_FALSE(states.find("web", at("/web"), "").names_another);

  EXPECT_TRUE(may_speak_of(at("/web"), files.root_user(), files));
  EXPECT_FALSE(may_speak_of(at("/web"), kUser, files));
  EXPECT_TRUE(may_speak_of(at(mine), kUser, files));
  EXPECT_FALSE(may_speak_of(at(mine), kOther, files));
}

TEST(RuntimeState, KnowsWhereBundlesAre) {
  const test::HostDirectory host;
  for (const char* name : {"moby", "k8s.io", "default"}) {
    std::filesystem::create_directories(
        host.at(fmt::format("/run/containerd/io.containerd.runtime.v2.task/{}", name)));
  }
  host.write("/etc/passwd",
             "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000:A,,,:/home/alice:/bin/sh\n"
             "nobody\n:::\n");
  const HostFiles files(host.path());
  const auto find = [](const std::vector<BundlePlace>& places, std::string_view directory) {
    for (const BundlePlace& place : places) {
      if (place.directory == directory) return std::string(runtime_name(place.runtime));
    }
    return std::string("none");
  };
  const auto of_root = bundle_places(files, "aa", 0);
  constexpr std::string_view kTask = "/run/containerd/io.containerd.runtime.v2.task";
  EXPECT_EQ(find(of_root, fmt::format("{}/moby/aa", kTask)), "docker");
  EXPECT_EQ(find(of_root, fmt::format("{}/k8s.io/aa", kTask)), "containerd");
  EXPECT_EQ(find(of_root, "/var/lib/containers/storage/overlay-containers/aa/userdata"), "");
  EXPECT_EQ(find(of_root,
                 "/home/alice/.local/share/containers/storage/overlay-containers/aa/"
                 "userdata"),
            "none");
  const auto of_user = bundle_places(files, "aa", 1000);
  EXPECT_EQ(find(of_user,
                 "/home/alice/.local/share/containers/storage/overlay-containers/aa/"
                 "userdata"),
            "podman");
  EXPECT_EQ(find(of_user, "/run/user/1000/containers/overlay-containers/aa/userdata"), "podman");
  EXPECT_EQ(find(of_user, fmt::format("{}/moby/aa", kTask)), "none");
  EXPECT_TRUE(bundle_places(files, "..", 0).empty());
  EXPECT_EQ(home_of(files, 1000), "/home/alice");
  EXPECT_EQ(home_of(files, 1001), "");
  EXPECT_EQ(runtime_of_bundle("/x"), Runtime::kUnknown);
}

}  // namespace
}  // namespace outrider
