// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/containers/container.h"
#include "workloads/containers/host_files.h"
#include "workloads/containers/runtime_state.h"

namespace outrider {

// What Docker, Podman and CRI-O keep on disk of the containers that they have created, started or
// not: names, images, labels. Written before the runtime is run. Safe to use from several threads.
class StorageFiles {
 public:
  // `files` must live as long.
  explicit StorageFiles(const HostFiles& files) : files_(files) {}

  struct Hints {
    std::string bundle;            // directory of its bundle, if it is known
    std::string docker_directory;  // Docker's of this container, as a bundle has shown
  };
  // What they say of this id; nullopt if none knows it. Only files of who may speak of the cgroup
  // are believed.
  std::optional<Container> describe(std::string_view id, const CgroupPlace& place,
                                    const Hints& hints);

 private:
  struct Stored {
    std::string name;
    std::string image;
    std::string image_id;
    std::string pod_container;
    std::string pod_namespace;
    std::string pod_uid;
    std::int64_t created = 0;
    Runtime runtime = Runtime::kUnknown;
  };
  struct Image {
    std::string name;
    std::string digest;
  };
  // One JSON file as it was at a time.
  struct Table {
    FileVersion version;
    bool settled = false;
    uid_t owner = 0;
    std::map<std::string, Stored, std::less<>> containers;
    std::map<std::string, Image, std::less<>> images;
  };

  std::shared_ptr<const Table> read_table(const std::string& path);
  std::optional<Container> describe_stored(std::string_view id, const CgroupPlace& place,
                                           const std::string& root, const std::string& run_root);
  [[nodiscard]] std::optional<Container> describe_docker(std::string_view id,
                                                         const CgroupPlace& place,
                                                         const std::string& directory) const;

  const HostFiles& files_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Table>, std::less<>> tables_;
};

}  // namespace outrider
