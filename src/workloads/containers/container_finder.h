// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/containers/cgroup_identity.h"
#include "workloads/containers/container.h"
#include "workloads/containers/host_files.h"
#include "workloads/containers/oci_bundle.h"
#include "workloads/containers/runtime_command.h"
#include "workloads/containers/runtime_state.h"
#include "workloads/containers/storage_files.h"

namespace outrider {

// Finds in the files of the machine which container a cgroup is. Reads them as they are now, and
// may hang as long as they do. Safe to use from several threads.
//
// The id is that of the cgroup: in its path, or in a state or bundle that names this path. A path
// whose id has a state or bundle that names another one is an impostor's, who may make cgroups
// within its own: then it is of the container around it.
class ContainerFinder {
 public:
  // `root` as of HostFiles.
  explicit ContainerFinder(std::string root) : files_(std::move(root)) {}

  // Reads the bundle now: when it is asked for, it may be gone. Kept for 10 s.
  void expect(const RuntimeCommand& command);

  struct Finding {
    // Without the name that with_name() gives.
    std::optional<Container> container;
    // More than its path says is known: a bundle, or files of its runtime's storage.
    bool told = false;
    // It is worth trying again: there is, or is to be, a container, and something of it that
    // runtimes write is not there yet.
    bool incomplete = false;
  };
  Finding find(std::string_view cgroup_path, const std::optional<RuntimeCommand>& command);

  // "bundles: 12 read, 3 named another cgroup".
  [[nodiscard]] std::vector<std::string> sources() const;

 private:
  struct Trusted {
    std::string directory;
    Runtime runtime = Runtime::kUnknown;
    NameSource source = NameSource::kBundle;
    // Whoever owns it: who made the cgroup was told so, or root's state says so.
    bool any_owner = false;
  };
  struct Expected {
    std::chrono::steady_clock::time_point read;
    std::shared_ptr<const Bundle> bundle;
  };

  // nullopt: the path lies.
  std::optional<Finding> find_as(const CgroupIdentity& identity, std::string_view cgroup_path,
                                 const std::optional<RuntimeCommand>& command);
  std::shared_ptr<const Bundle> bundle_in(const std::string& directory);

  const HostFiles files_;
  RuntimeStates states_{files_};
  StorageFiles storage_{files_};
  std::mutex mutex_;
  std::map<std::string, Expected, std::less<>> expected_;

  std::atomic<std::uint64_t> bundles_read_ = 0;
  std::atomic<std::uint64_t> bundles_of_others_ = 0;
  std::atomic<std::uint64_t> states_read_ = 0;
  std::atomic<std::uint64_t> stored_ = 0;
};

}  // namespace outrider
