// SPDX-License-Identifier: Apache-2.0
//
// Real containers have their names, however short they live: runc, crun, containerd, Podman.
#include "support/containers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/guest.h"
#include "support/program.h"

namespace outrider::test {
namespace {

// Emulated ones take seconds each.
const int kContainers = in_guest() ? 4 : 100;
const std::size_t kAtOnce = in_guest() ? 2 : 8;
constexpr std::string_view kFields =
    "evt.kind,proc.cmdline,fd.name,container.id,container.name,container.bundle,container.image,"
    "k8s.ns.name,k8s.pod.name";

class Containers : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    const std::string missing = missing_program({"busybox", "runc"});
    if (!missing.empty()) GTEST_SKIP() << "not installed: " << missing;
    bundles_ = std::make_unique<Bundles>();
    for (int i = 0; i < kContainers; ++i) std::ofstream(bundles_->rootfs() + marker_of(i)) << i;
  }

  void TearDown() override {
    // What a test that failed has left.
    for (int i = 0; i < kContainers; ++i) {
      if (::access(("/run/runc/" + id_of(i)).c_str(), F_OK) != 0) continue;
      run_all({{"runc", "delete", "--force", id_of(i)}}, 1);
    }
    ProgramTest::TearDown();
  }

  // Ids that no other container of the machine has.
  static std::string id_of(int i) { return fmt::format("outrider-{}-{}", ::getpid(), i); }
  static std::string marker_of(int i) { return fmt::format("/marker-{}-{}", ::getpid(), i); }

  // Events of each kind by the marker that the process was to read.
  using Events = std::map<std::string, std::map<std::string, nlohmann::json>>;
  static Events events_of(const std::string& output) {
    Events events;
    for (const nlohmann::json& event : parse_lines(output)) {
      const std::string kind = event.value("evt.kind", "");
      std::string line = event.value("proc.cmdline", "");
      if (line.starts_with("/bin/")) line.erase(0, 5);
      const std::size_t at = line.find("/marker-");
      if (!line.starts_with("cat ") || at == std::string::npos) continue;
      if (kind == "open" && event.value("fd.name", "") != line.substr(at)) continue;
      events[line.substr(at)][kind] = event;
    }
    return events;
  }

  // For each container an exec, an open and an exit that has each of these values.
  static void expect_named(const std::string& output,
                           const std::function<nlohmann::json(int)>& values, int containers) {
    Events events = events_of(output);
    int named = 0;
    for (int i = 0; i < containers; ++i) {
      const nlohmann::json wanted = values(i);
      for (const char* kind : {"exec", "open", "exit"}) {
        const nlohmann::json& event = events[marker_of(i)][kind];
        bool all = true;
        for (const auto& [field, value] : wanted.items()) {
          all = all && event.contains(field) && event[field] == value;
        }
        EXPECT_TRUE(all) << kind << " of " << marker_of(i) << ": " << event.dump();
        named += all ? 1 : 0;
      }
    }
    EXPECT_EQ(named, 3 * containers);
  }

  static std::vector<std::string> trace_words() {
    return {"exec",
            "open",
            "exit",
            "-o",
            "json",
            "--fields",
            std::string(kFields),
            "--where",
            "proc.cmdline contains marker- or evt.kind = exec"};
  }

  std::unique_ptr<Bundles> bundles_;
};

TEST_F(Containers, ThoseOfRuncCarryIdAndBundle) {
  std::vector<std::vector<std::string>> commands;
  for (int i = 0; i < kContainers; ++i) {
    const std::string bundle = bundles_->make(fmt::format("bundle-{}", i), {"cat", marker_of(i)});
    commands.push_back({"runc", "run", "--bundle", bundle, id_of(i)});
  }
  Trace trace(trace_words());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  EXPECT_EQ(run_all(commands, kAtOnce), "");
  // Not in one of them: that is known as well.
  const std::string outside = marker_of(kContainers);
  run_all({{"cat", outside}}, 1);
  trace.interrupt();
  const auto events = events_of(trace.output())[outside];
  EXPECT_EQ(events.size(), 3U);
  for (const auto& [kind, event] : events) {
    EXPECT_TRUE(event.contains("container.id")) << kind << ": " << event.dump();
  }
  expect_named(
      trace.output(),
      [this](int i) {
        return nlohmann::json{{"container.id", id_of(i)},
                              {"container.name", id_of(i)},
                              {"container.bundle", bundles_->path(fmt::format("bundle-{}", i))}};
      },
      kContainers);
}

TEST_F(Containers, ThoseOfCrunCarryIdAndBundle) {
  const std::string missing = missing_program({"crun"});
  if (!missing.empty()) GTEST_SKIP() << "not installed: " << missing;
  const int some = std::min(kContainers, 20);
  std::vector<std::vector<std::string>> commands;
  for (int i = 0; i < some; ++i) {
    const std::string bundle = bundles_->make(fmt::format("bundle-{}", i), {"cat", marker_of(i)});
    commands.push_back({"crun", "run", "--bundle", bundle, id_of(i)});
  }
  Trace trace(trace_words());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  EXPECT_EQ(run_all(commands, kAtOnce, /*version1=*/true), "");
  trace.interrupt();

  expect_named(
      trace.output(),
      [this](int i) {
        return nlohmann::json{{"container.id", id_of(i)},
                              {"container.bundle", bundles_->path(fmt::format("bundle-{}", i))}};
      },
      some);
}

TEST_F(Containers, ThoseOfContainerdCarryTheNamesOfKubernetes) {
  const std::string missing = missing_program({"containerd", "ctr"});
  if (!missing.empty()) GTEST_SKIP() << "not installed: " << missing;
  const Containerd containerd(*bundles_);
  ASSERT_TRUE(containerd.ready());
  std::vector<std::vector<std::string>> commands;
  for (int i = 0; i < kContainers; ++i) {
    std::vector<std::string> words = {"run", "--rm", "--rootfs", "--null-io"};
    const Labels labels = {{"io.kubernetes.cri.container-type", "container"},
                           {"io.kubernetes.cri.container-name", fmt::format("app-{}", i)},
                           {"io.kubernetes.cri.sandbox-name", fmt::format("pod-{}", i)},
                           {"io.kubernetes.cri.sandbox-namespace", fmt::format("ns-{}", i % 7)},
                           {"io.kubernetes.cri.sandbox-id", fmt::format("{:064x}", i)}};
    for (const auto& [key, value] : labels) {
      words.emplace_back("--annotation");
      words.push_back(fmt::format("{}={}", key, value));
    }
    for (const std::string& word :
         {bundles_->rootfs(), id_of(i), std::string("/bin/cat"), marker_of(i)}) {
      words.push_back(word);
    }
    commands.push_back(containerd.ctr(words));
  }
  auto words = trace_words();
  Trace trace(words);
  ASSERT_TRUE(trace.ready()) << trace.errors();
  EXPECT_EQ(run_all(commands, kAtOnce), "");
  trace.interrupt();
  expect_named(
      trace.output(),
      [](int i) {
        return nlohmann::json{{"container.id", id_of(i)},
                              {"container.name", fmt::format("app-{}", i)},
                              {"k8s.pod.name", fmt::format("pod-{}", i)},
                              {"k8s.ns.name", fmt::format("ns-{}", i % 7)}};
      },
      kContainers);
}

// Podman's own storage, as it is used; the image is gone afterwards.
class PodmanImage {
 public:
  explicit PodmanImage(const Bundles& bundles)
      : name_(fmt::format("localhost/outrider-{}:latest", ::getpid())) {
    const std::string archive = bundles.path("rootfs.tar");
    error_ = run_all({{"tar", "-C", bundles.rootfs(), "-cf", archive, "."}}, 1);
    if (error_.empty()) error_ = run_all({{"podman", "import", archive, name_}}, 1);
  }
  ~PodmanImage() { run_all({{"podman", "rmi", "--force", name_}}, 1); }
  PodmanImage(const PodmanImage&) = delete;
  PodmanImage& operator=(const PodmanImage&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  std::string name_;
  std::string error_;
};

// Limits that a confined root may set, and no network.
std::vector<std::string> podman_run(const std::string& name, const std::string& image,
                                    const std::vector<std::string>& words) {
  std::vector<std::string> all = {"podman",
                                  "--runtime",
                                  "runc",
                                  "--cgroup-manager=cgroupfs",
                                  "run",
                                  "--rm",
                                  "--network=none",
                                  "--ulimit",
                                  "nofile=1024:1024",
                                  "--ulimit",
                                  "nproc=1000:1000",
                                  "--name",
                                  name,
                                  image};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

TEST_F(Containers, ThoseOfPodmanCarryNameAndImage) {
  const std::string missing = missing_program({"podman", "conmon"});
  if (!missing.empty()) GTEST_SKIP() << "not installed: " << missing;
  const PodmanImage image(*bundles_);
  ASSERT_EQ(image.error(), "");
  if (const std::string refused =
          run_all({podman_run(id_of(kContainers), image.name(), {"true"})}, 1);
      !refused.empty()) {
    GTEST_SKIP() << "podman does not run here: " << refused;
  }
  std::vector<std::vector<std::string>> commands;
  for (int i = 0; i < kContainers; ++i) {
    commands.push_back(podman_run(id_of(i), image.name(), {"cat", marker_of(i)}));
  }
  Trace trace(trace_words());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  EXPECT_EQ(run_all(commands, kAtOnce), "");
  trace.interrupt();
  expect_named(
      trace.output(),
      [&](int i) {
        return nlohmann::json{{"container.name", id_of(i)}, {"container.image", image.name()}};
      },
      kContainers);
}

// A container that comes later with the wanted name is shown, others are filtered.
TEST_F(Containers, OnlyTheWantedOneIsShown) {
  Trace trace({"open", "-o", "json", "-c", id_of(1), "--fields", "container.id,fd.name"});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  std::vector<std::vector<std::string>> commands;
  for (int i = 0; i < 4; ++i) {
    const std::string bundle = bundles_->make(fmt::format("bundle-{}", i), {"cat", marker_of(i)});
    commands.push_back({"runc", "run", "--bundle", bundle, id_of(i)});
  }
  run_all(commands, 2);
  trace.interrupt();
  bool found = false;
  for (const nlohmann::json& event : parse_lines(trace.output())) {
    EXPECT_EQ(event["container.id"], id_of(1));
    found = found || event.value("fd.name", "") == marker_of(1);
  }
  EXPECT_TRUE(found) << trace.output();
  // The kernel has been told of the host's cgroup, if of no other, and sends none of its opens.
  const nlohmann::json account = account_in(trace.errors());
  EXPECT_GT(account.at("account").at("open").at("filtered").at("kernel"), 100) << account.dump();
}

// Containers and processes that were there before the agent are named from their first event on.
TEST_F(Containers, ThoseThatWereThereBeforeAreNamed) {
  constexpr int kBefore = 20;
  std::vector<std::unique_ptr<Subprocess>> running;
  for (int i = 0; i < kBefore; ++i) {
    const std::string script = fmt::format("sleep 4; exec /bin/cat {}", marker_of(i));
    const std::string bundle = bundles_->make(fmt::format("bundle-{}", i), {"sh", "-c", script});
    running.push_back(std::make_unique<Subprocess>(
        std::vector<std::string>{"runc", "run", "--bundle", bundle, id_of(i)}));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  Trace trace({"open", "exec", "exit", "-o", "json", "--fields", std::string(kFields)});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  for (const auto& process : running) process->wait(kPatience);
  trace.interrupt();
  expect_named(
      trace.output(), [](int i) { return nlohmann::json{{"container.id", id_of(i)}}; }, kBefore);
  for (const nlohmann::json& event : parse_lines(trace.output())) {
    if (event.value("proc.cmdline", "").find("/marker-") == std::string::npos) continue;
    EXPECT_TRUE(event.contains("container.bundle") ||
                event.value("proc.cmdline", "").starts_with("runc "))
        << event.dump();
  }
}

TEST_F(Containers, SnapshotListsThem) {
  const std::string bundle = bundles_->make("bundle-0", {"sleep", "30"},
                                            {{"io.kubernetes.cri.container-name", "cart"},
                                             {"io.kubernetes.cri.sandbox-name", "cart-5d"},
                                             {"io.kubernetes.cri.sandbox-namespace", "shop"},
                                             {"io.kubernetes.cri.container-type", "container"}});
  ASSERT_EQ(run_all({{"sh", "-c",
                      fmt::format("runc run --detach --bundle {} {} </dev/null >/dev/null 2>&1",
                                  bundle, id_of(0))}},
                    1),
            "");
  const Finished containers = run_program({"snapshot", "container", "-o", "json", "-p", "cart-5d"});
  const Finished processes =
      run_program({"snapshot", "process", "-o", "json", "--where", "container.name = cart"});
  const Finished facts =
      run_program({"snapshot", "process", "-o", "json", "--where", "container.name = cart",
                   "--fields", "container.host_pid,container.host_ipc,container.duration"});
  const Finished columns = run_program({"snapshot", "container"});
  const Finished all = run_program({"snapshot", "container", "-o", "json"});
  run_all({{"runc", "delete", "--force", id_of(0)}}, 1);
  EXPECT_EQ(containers.ending.code, 0) << containers.errors;
  const auto lines = parse_lines(containers.output);
  ASSERT_EQ(lines.size(), 1U) << containers.output;
  EXPECT_EQ(lines[0]["container.full_id"], id_of(0));
  EXPECT_EQ(lines[0]["container.name"], "cart");
  EXPECT_EQ(lines[0]["k8s.ns.name"], "shop");
  EXPECT_EQ(lines[0]["container.bundle"], bundle);
  EXPECT_EQ(lines[0]["container.processes"], 1);
  EXPECT_EQ(lines[0]["from"]["container.name"], "bundle");
  const auto shown = parse_lines(processes.output);
  ASSERT_EQ(shown.size(), 1U) << processes.output << processes.errors;
  EXPECT_EQ(shown[0]["proc.cmdline"], "sleep 30");
  const auto isolated = parse_lines(facts.output);
  ASSERT_EQ(isolated.size(), 1U) << facts.output << facts.errors;
  EXPECT_EQ(isolated[0]["container.host_pid"], "false");
  EXPECT_EQ(isolated[0]["container.host_ipc"], "false");
  EXPECT_GT(isolated[0]["container.duration"], 0);
  EXPECT_NE(columns.output.find("cart-5d"), std::string::npos) << columns.output;
  // Whatever hierarchies it is in.
  const auto listed = parse_lines(all.output);
  EXPECT_EQ(std::ranges::count_if(
                listed, [&](const auto& line) { return line["container.full_id"] == id_of(0); }),
            1)
      << all.output;
}

// LXC has neither bundle nor annotations: the name is in the cgroup's path.
TEST_F(Containers, ThoseOfLxcCarryTheirName) {
  if (const std::string missing = missing_program({"lxc-start"}); !missing.empty()) {
    GTEST_SKIP() << "not installed: " << missing;
  }
  constexpr int kFew = 5;
  std::vector<std::vector<std::string>> commands;
  for (int i = 0; i < kFew; ++i) {
    const std::string folder = directory_ / id_of(i);
    std::filesystem::create_directory(folder);
    std::ofstream(folder + "/config")
        << "lxc.uts.name = box\nlxc.net.0.type = none\nlxc.mount.auto = proc:mixed sys:ro\n"
        << "lxc.rootfs.path = dir:" << bundles_->rootfs() << "\n"
        << "lxc.init.cmd = /bin/cat " << marker_of(i) << "\n";
    commands.push_back(
        {"lxc-start", "--foreground", "--lxcpath", directory_ / "", "--name", id_of(i)});
  }
  Trace trace(trace_words());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  EXPECT_EQ(run_all(commands, 1), "");
  trace.interrupt();
  expect_named(
      trace.output(),
      [](int i) {
        return nlohmann::json{{"container.id", id_of(i)}, {"container.name", id_of(i)}};
      },
      kFew);
  // LXC leaves one of its own behind, in each hierarchy. One that is in use cannot be removed.
  for (const auto& hierarchy : std::filesystem::directory_iterator("/sys/fs/cgroup")) {
    ::rmdir((hierarchy.path() / "lxc.pivot").c_str());
  }
}

}  // namespace
}  // namespace outrider::test
