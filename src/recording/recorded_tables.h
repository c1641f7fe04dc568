// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "events/event.h"
#include "recording/state.h"
#include "workloads/path_finder.h"
#include "workloads/process_table.h"
#include "workloads/user_names.h"

namespace outrider {

// What users and groups were called. Not thread-safe.
class RecordedUsers : public UserNames {
 public:
  Name user(const wire_header& process) override;
  Name group(const wire_header& process) override;
  Name host_user(std::uint32_t id) override;

  void put(RecordedUser user);
  void put(RecordedLogin login) { logins_[login.id] = std::move(login.user); }
  void forget(const ProcessName& process);
  void forget_processes();
  void forget_logins() { logins_.clear(); }

 private:
  const RecordedUser* find(const wire_header& process);

  std::unordered_map<ProcessName, RecordedUser, ProcessNameHash> by_process_;
  std::unordered_map<std::uint32_t, RecordedName> logins_;
  const RecordedUser* last_ = nullptr;  // of the last lookup: events come in runs
};

// What the paths of one event led to. Not thread-safe.
class RecordedPaths : public PathFinder {
 public:
  std::optional<std::string> find(const wire_header& process, std::string_view path,
                                  bool parent_only, bool follow) override;

  void put(RecordedPath path) { paths_.push_back(std::move(path)); }
  void clear() { paths_.clear(); }
  [[nodiscard]] std::size_t count() const { return paths_.size(); }

 private:
  std::vector<RecordedPath> paths_;
};

// How many bytes are kept, by what they are about. Not thread-safe.
template <typename Key, typename Hash = std::hash<Key>>
class KeptSizes {
 public:
  // In place of what was kept of it.
  void put(const Key& key, std::size_t size) {
    std::size_t& kept = sizes_[key];
    total_ += size - kept;
    kept = size;
  }
  void forget(const Key& key) {
    const auto found = sizes_.find(key);
    if (found == sizes_.end()) return;
    total_ -= found->second;
    sizes_.erase(found);
  }
  void clear() {
    sizes_.clear();
    total_ = 0;
  }
  [[nodiscard]] bool is_full(const Key& key, std::size_t count) const {
    return sizes_.size() >= count && !sizes_.contains(key);
  }
  [[nodiscard]] std::size_t total() const { return total_; }

 private:
  std::unordered_map<Key, std::size_t, Hash> sizes_;
  std::size_t total_ = 0;
};

// All that fields of events were read from, as it was at the moment that the recording has come to.
// What is put in may be anything: no more than kMost bytes are kept. Not thread-safe.
class RecordedTables {
 public:
  static constexpr std::size_t kMost = 512u << 20;

  RecordedTables();

  // False if the payload is not well-formed, or more than is kept.
  bool put_process(std::string_view payload);
  bool forget_process(std::string_view payload);
  bool forget_all_processes();
  bool put_cgroup(std::string_view payload);
  bool put_user(std::string_view payload);
  bool put_login(std::string_view payload);
  bool put_path(std::string_view payload);

  // Sets what an event refers to besides its record; valid until the next call of anything.
  void complete(Event& event);
  // What was said of this event is said of no other.
  void end_event() { paths_.clear(); }

 private:
  [[nodiscard]] bool is_within() const;

  ProcessTable processes_;
  KeptSizes<ProcessName, ProcessNameHash> process_sizes_;
  RecordedUsers users_;
  KeptSizes<ProcessName, ProcessNameHash> user_sizes_;
  KeptSizes<std::uint32_t> login_sizes_;
  RecordedPaths paths_;
  std::unordered_map<std::uint64_t, RecordedCgroup> cgroups_;
  KeptSizes<std::uint64_t> cgroup_sizes_;
  const RecordedCgroup* last_cgroup_ = nullptr;  // events come in runs
};

}  // namespace outrider
