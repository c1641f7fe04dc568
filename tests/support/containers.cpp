// SPDX-License-Identifier: Apache-2.0
#include "support/containers.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "support/program.h"
#include "workloads/cgroups.h"

namespace outrider::test {

namespace {

namespace fs = std::filesystem;

std::string find_in_path(const std::string& program) {
  for (const char* directory :
       {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}) {
    const fs::path path = fs::path(directory) / program;
    std::error_code error;
    if (fs::exists(path, error)) return path;
  }
  return {};
}

constexpr std::string_view kShellPrograms[] = {"sh", "cat", "sleep", "true", "mkdir"};

}  // namespace

std::string missing_program(const std::vector<std::string>& programs) {
  std::string missing;
  for (const std::string& program : programs) {
    if (find_in_path(program).empty()) missing += (missing.empty() ? "" : ", ") + program;
  }
  return missing;
}

bool has_hybrid_cgroups() {
  const CgroupHierarchies hierarchies = find_cgroup_hierarchies();
  return hierarchies.controller != WIRE_CONTROLLER_NONE && !hierarchies.unified.empty();
}

Bundles::Bundles() {
  const fs::path bin = fs::path(rootfs()) / "bin";
  fs::create_directories(bin);
  std::error_code error;
  fs::copy_file(find_in_path("busybox"), bin / "busybox", error);
  EXPECT_FALSE(error) << "busybox: " << error.message();
  // Where runtimes mount; those that share the root would race to make them.
  for (const char* mounted : {"dev", "proc", "sys"})
    fs::create_directory(fs::path(rootfs()) / mounted);
  for (const std::string_view program : kShellPrograms)
    fs::create_symlink("busybox", bin / program);
  std::ofstream(fs::path(rootfs()) / "marker") << "here\n";
}

std::string Bundles::make(const std::string& name, const std::vector<std::string>& words,
                          const Labels& annotations) {
  const fs::path bundle = path(name);
  fs::create_directories(bundle);
  Subprocess spec({"runc", "spec", "--bundle", bundle});
  EXPECT_EQ(spec.wait(kPatience).value_or(Subprocess::Ending{}).code, 0) << spec.errors();
  nlohmann::json config = nlohmann::json::parse(std::ifstream(bundle / "config.json"));
  config["ociVersion"] = "1.0.0";  // the newest that crun of Debian 12 takes
  config["process"]["terminal"] = false;
  config["process"]["args"] = words;
  config["process"].erase("rlimits");
  config["root"]["path"] = rootfs();
  for (const auto& [key, value] : annotations) config["annotations"][key] = value;
  std::ofstream(bundle / "config.json") << config.dump();
  return bundle;
}

std::string run_all(const std::vector<std::vector<std::string>>& commands, std::size_t at_once,
                    bool version1) {
  Subprocess::Options options;
  if (version1 && has_hybrid_cgroups()) {
    options.prepare = [] {
      const std::string unified = find_cgroup_hierarchies().unified;
      return ::unshare(CLONE_NEWNS) == 0 &&
             ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
             ::umount2(unified.c_str(), MNT_DETACH) == 0;
    };
  }
  std::string failed;
  std::deque<std::pair<std::size_t, std::unique_ptr<Subprocess>>> running;
  const auto finish_first = [&] {
    auto& [index, process] = running.front();
    const auto ending = process->wait(kPatience).value_or(Subprocess::Ending{});
    if (ending != Subprocess::Ending{0, 0} && failed.empty()) {
      failed = commands[index].front() + ": " + process->errors() + process->output();
      if (failed.empty()) failed = "no output";
    }
    running.pop_front();
  };
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (running.size() == at_once) finish_first();
    running.emplace_back(i, std::make_unique<Subprocess>(commands[i], options));
  }
  while (!running.empty()) finish_first();
  return failed;
}

namespace {

std::vector<std::string> containerd_words(const Bundles& bundles) {
  std::ofstream(bundles.path("containerd.toml"))
      << "version = 2\nroot = \"" << bundles.path("containerd-root") << "\"\nstate = \""
      << bundles.path("containerd-state")
      << "\"\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n"
      << "[grpc]\n  address = \"" << bundles.path("containerd.sock") << "\"\n";
  return {"containerd", "--config", bundles.path("containerd.toml"), "--log-level", "warn"};
}

}  // namespace

Containerd::Containerd(const Bundles& bundles)
    : address_(bundles.path("containerd.sock")), process_(containerd_words(bundles)) {
  for (int i = 0; i < 500 && !ready_; ++i) {
    ready_ = fs::exists(address_);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Containerd::~Containerd() {
  process_.send(SIGTERM);
  process_.wait(kPatience);
}

std::vector<std::string> Containerd::ctr(const std::vector<std::string>& words) const {
  std::vector<std::string> all = {"ctr", "--address", address_};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

}  // namespace outrider::test
