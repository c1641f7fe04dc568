// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
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

namespace outrider {

// What runc (ROOT/ID/state.json) or crun (ROOT/ID/status) keep of a container while it is there.
struct RuntimeState {
  std::string id;
  Runtime runtime = Runtime::kUnknown;
  // Paths from the root of the hierarchy: of the unified one if it names that, else of all.
  std::vector<std::string> cgroups;
  std::string bundle;
  std::string directory;     // ROOT/ID
  std::int64_t created = 0;  // wall clock, ns
  uid_t owner = 0;
};

// nullopt if it is neither's.
std::optional<RuntimeState> parse_runtime_state(std::string_view text);

// Of a cgroup: who may speak of it, and under what names.
struct CgroupPlace {
  std::string path;  // of the container if that is known, else any below it
  std::uint32_t rootless_uid = 0;
  std::string rootless_base;
};

// A file is believed if root owns it, or, below the service manager of a user, that user: nobody
// claims somebody else's cgroup. In a directory given for the root, its owner is root.
bool may_speak_of(const CgroupPlace& place, uid_t owner, const HostFiles& files);

// The states of the machine's containers. Safe to use from several threads.
class RuntimeStates {
 public:
  // `files` must live as long.
  explicit RuntimeStates(const HostFiles& files) : files_(files) {}

  struct Found {
    std::optional<RuntimeState> state;
    // There is one of this id, but for another cgroup.
    bool names_another = false;
  };
  // That of this id for the cgroup, which is the container's own. `root` is where the runtime was
  // told to keep it, or empty.
  [[nodiscard]] Found find(std::string_view id, const CgroupPlace& place,
                           const std::string& root) const;

  struct Owner {
    std::optional<RuntimeState> state;
    // A state for the name of this cgroup is just being made.
    bool coming = false;
  };
  // That of the container which the cgroup is of, or is in. Reads the states that have come since
  // the last time; at most 10,000 of each directory.
  Owner find_by_cgroup(const CgroupPlace& place);

 private:
  struct Known {
    std::uint64_t inode = 0;  // of its directory
    std::vector<std::string> cgroups;
  };
  struct Root {
    FileVersion version;
    bool settled = false;  // as old as its version says
    std::map<std::string, Known, std::less<>> by_id;
    std::map<std::string, std::string, std::less<>> ids_by_cgroup;
  };
  [[nodiscard]] std::vector<std::string> roots(std::uint32_t rootless_uid) const;
  std::shared_ptr<const Root> read_root(const std::string& path);
  [[nodiscard]] std::optional<RuntimeState> read(const std::string& root,
                                                 std::string_view id) const;

  const HostFiles& files_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Root>, std::less<>> roots_;
};

// Directories in which the bundle of a container of this id may be, those that are there or not;
// and whose they are.
struct BundlePlace {
  std::string directory;
  Runtime runtime = Runtime::kUnknown;
};
std::vector<BundlePlace> bundle_places(const HostFiles& files, std::string_view id,
                                       std::uint32_t rootless_uid);
// Who keeps bundles in such a directory.
Runtime runtime_of_bundle(std::string_view directory);

// Of /etc/passwd; empty: none.
std::string home_of(const HostFiles& files, std::uint32_t uid);

}  // namespace outrider
