// SPDX-License-Identifier: Apache-2.0
#include "recording/recorded_tables.h"

#include "recording/format.h"

namespace outrider {

namespace {

// Beneath a file nobody finds anything.
constexpr const char* kNoProc = "/dev/null";
// Of one event.
constexpr std::size_t kPathsMax = 16;

}  // namespace

// ---- users

const RecordedUser* RecordedUsers::find(const wire_header& process) {
  const ProcessName name{process.pid, process.start_time};
  if (last_ != nullptr && last_->process == name) return last_;
  const auto found = by_process_.find(name);
  last_ = found != by_process_.end() ? &found->second : nullptr;
  return last_;
}

UserNames::Name RecordedUsers::user(const wire_header& process) {
  const RecordedUser* found = find(process);
  return found != nullptr && found->uid == process.uid ? found->user.view() : Name{};
}

UserNames::Name RecordedUsers::group(const wire_header& process) {
  const RecordedUser* found = find(process);
  return found != nullptr && found->gid == process.gid ? found->group.view() : Name{};
}

UserNames::Name RecordedUsers::host_user(std::uint32_t id) {
  const auto found = logins_.find(id);
  return found != logins_.end() ? found->second.view() : Name{};
}

void RecordedUsers::put(RecordedUser user) {
  last_ = nullptr;
  const ProcessName name = user.process;
  by_process_[name] = std::move(user);
}

void RecordedUsers::forget(const ProcessName& process) {
  last_ = nullptr;
  by_process_.erase(process);
}

void RecordedUsers::forget_processes() {
  last_ = nullptr;
  by_process_.clear();
}

// ---- paths

std::optional<std::string> RecordedPaths::find(const wire_header&, std::string_view path,
                                               bool parent_only, bool follow) {
  for (const RecordedPath& each : paths_) {
    if (each.path == path && each.parent_only == parent_only && each.follow == follow) {
      return each.found;
    }
  }
  return std::nullopt;
}

// ---- all together

RecordedTables::RecordedTables() : processes_(ProcessTable::Options{.proc = kNoProc}) {}

bool RecordedTables::is_within() const {
  return process_sizes_.total() + user_sizes_.total() + login_sizes_.total() +
             cgroup_sizes_.total() <=
         kMost;
}

bool RecordedTables::put_process(std::string_view payload) {
  RecordedProcess recorded;
  if (!unpack(payload, recorded)) return false;
  process_sizes_.put({recorded.process.pid, recorded.process.start_time}, payload.size());
  if (!is_within()) return false;
  processes_.put(recorded.process, recorded.end);
  return true;
}

bool RecordedTables::forget_process(std::string_view payload) {
  ProcessName name;
  if (!unpack(payload, name)) return false;
  processes_.forget(name.pid, name.start_time);
  process_sizes_.forget(name);
  users_.forget(name);
  user_sizes_.forget(name);
  return true;
}

bool RecordedTables::forget_all_processes() {
  processes_.forget_all();
  process_sizes_.clear();
  return true;
}

bool RecordedTables::put_cgroup(std::string_view payload) {
  RecordedCgroup cgroup;
  // Before 1970 there was none: nobody computes with such a time.
  if (!unpack(payload, cgroup) || cgroup.workload.container.created < 0) return false;
  last_cgroup_ = nullptr;
  if (cgroup_sizes_.is_full(cgroup.id, kRemembered)) {
    cgroups_.clear();
    cgroup_sizes_.clear();
  }
  cgroup_sizes_.put(cgroup.id, payload.size());
  if (!is_within()) return false;
  const std::uint64_t id = cgroup.id;
  cgroups_[id] = std::move(cgroup);
  return true;
}

bool RecordedTables::put_user(std::string_view payload) {
  RecordedUser user;
  if (!unpack(payload, user)) return false;
  if (user_sizes_.is_full(user.process, kRemembered)) {
    users_.forget_processes();
    user_sizes_.clear();
  }
  user_sizes_.put(user.process, payload.size());
  if (!is_within()) return false;
  users_.put(std::move(user));
  return true;
}

bool RecordedTables::put_login(std::string_view payload) {
  RecordedLogin login;
  if (!unpack(payload, login)) return false;
  if (login_sizes_.is_full(login.id, kRemembered)) {
    users_.forget_logins();
    login_sizes_.clear();
  }
  login_sizes_.put(login.id, payload.size());
  if (!is_within()) return false;
  users_.put(std::move(login));
  return true;
}

bool RecordedTables::put_path(std::string_view payload) {
  RecordedPath path;
  if (!unpack(payload, path) || paths_.count() >= kPathsMax) return false;
  paths_.put(std::move(path));
  return true;
}

void RecordedTables::complete(Event& event) {
  static const Workload kUnknown;
  const wire_header& header = *event.header;
  event.process = processes_.process_of(header);
  event.processes = &processes_;
  event.lookup = &paths_;
  event.users = &users_;
  if (last_cgroup_ == nullptr || last_cgroup_->id != header.cgroup_id) {
    const auto found = cgroups_.find(header.cgroup_id);
    last_cgroup_ = found != cgroups_.end() ? &found->second : nullptr;
  }
  event.workload = last_cgroup_ != nullptr ? &last_cgroup_->workload : &kUnknown;
  event.cgroup_path = {};
  if (last_cgroup_ != nullptr && last_cgroup_->path) event.cgroup_path = *last_cgroup_->path;
}

}  // namespace outrider
