// SPDX-License-Identifier: Apache-2.0
#include "workloads/workload_table.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "events/decode.h"
#include "workloads/containers/cgroup_identity.h"
#include "workloads/containers/runtime_sources.h"

namespace outrider {

namespace {

// How long a cgroup is known after it was removed: longer than any event of it is under way.
constexpr std::uint64_t kKeepRemoved = 10'000'000'000;  // ns
// Then all are forgotten, and asked for again when they are needed.
constexpr std::size_t kRemembered = 100'000;
// Runtimes that run at the same time.
constexpr std::size_t kCommands = 10'000;

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || path == "/") return {};
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

WorkloadTable::WorkloadTable() : WorkloadTable(Options{}) {}

WorkloadTable::WorkloadTable(Options options)
    : cgroups_(options.mountinfo, options.controllers), reader_(options.reader) {
  if (options.reader.sockets) add_runtime_sources(reader_, options.reader.root);
}

std::string WorkloadTable::key_of(std::uint64_t cgroup_id, std::string_view path) {
  std::string key(1, (cgroup_id >> WIRE_CGROUP_V1_BIT) != 0 ? '1' : '2');
  key += path;
  return key;
}

std::size_t WorkloadTable::read_cgroups() {
  std::size_t count = 0;
  cgroups_.read([&](std::uint64_t id, std::string_view path) {
    ++count;
    if (!entries_.contains(id)) add(id, path, /*creator=*/0);
  });
  return count;
}

void WorkloadTable::settle(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (open_questions_ > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    pollfd readable{.fd = reader_.descriptor(), .events = POLLIN, .revents = 0};
    ::poll(&readable, 1, static_cast<int>(left.count()));
    take_answers();
  }
}

void WorkloadTable::settle_new() {
  // An answer takes a fraction of this, if its thread gets a CPU: waiting lets go of ours. What
  // takes longer than kNew hangs.
  constexpr auto kPatience = std::chrono::milliseconds(5);
  constexpr auto kNew = std::chrono::milliseconds(50);
  if (open_questions_ > 0 && std::chrono::steady_clock::now() - asked_ < kNew) settle(kPatience);
}

void WorkloadTable::apply(const wire_cgroup& change) {
  if (change.path.state != WIRE_STRING_WHOLE) return;
  if ((change.flags & WIRE_CGROUP_REMOVED) != 0) {
    removed_.push_back({change.time, change.id});
    return;
  }
  cgroups_.apply_made(change);
  add(change.id, string_at(&change.path, 0, payload_of(change)), change.pid);
}

// A cgroup whose path is known: asks for its names, if it may be a container's.
void WorkloadTable::add(std::uint64_t cgroup_id, std::string_view path, std::uint32_t creator) {
  if (entries_.size() >= kRemembered) {
    entries_.clear();
    by_path_.clear();
    removed_.clear();
    open_questions_ = 0;
  }
  Entry& entry = entries_[cgroup_id];
  if (entry.asked && entry.path == path) return;
  if (entry.asked && entry.own.version == 0 && open_questions_ > 0) --open_questions_;
  entry = {};
  entry.path = path;
  by_path_[key_of(cgroup_id, path)] = cgroup_id;
  ++changes_;
  if (path == "/") {
    entry.own.state = Workload::State::kHost;
    entry.own.complete = true;
    return;
  }
  if (const auto parent = by_path_.find(key_of(cgroup_id, parent_of(path)));
      parent != by_path_.end()) {
    entry.parent = parent->second;
  }
  const CgroupIdentity identity = identify_cgroup(path);
  entry.own.unit = identity.unit;
  // Beneath a container's cgroup: that one is asked for.
  if (!identity.container_id.empty() && identity.container_path != path &&
      by_path_.contains(key_of(cgroup_id, identity.container_path))) {
    entry.own.complete = true;
    return;
  }
  if (!identity.container_id.empty()) {
    entry.own.state = Workload::State::kContainer;
    entry.own.container.id = {identity.container_id, NameSource::kCgroup};
    entry.own.container.runtime = identity.runtime;
    if (!identity.pod_uid.empty()) {
      entry.own.container.pod_uid = {identity.pod_uid, NameSource::kCgroup};
    }
  }
  entry.asked = true;
  ++open_questions_;
  ContainerQuestion question{
      .cgroup_id = cgroup_id, .cgroup_path = std::string(path), .command = {}};
  if (const auto command = commands_.find(creator); command != commands_.end()) {
    question.command = command->second;
  }
  if (creator != 0 && (question.command || !identity.container_id.empty())) {
    asked_ = std::chrono::steady_clock::now();
  }
  reader_.ask(std::move(question));
}

void WorkloadTable::expect(std::uint32_t pid, std::string_view program, std::string_view arguments,
                           std::string_view cwd) {
  auto command = parse_runtime_command(program, arguments, cwd);
  if (!command) {
    // What a runtime has started is no runtime, unless it runs itself once more (runc init; crun
    // from a copy of its own).
    if (!program.starts_with("/proc/self/") && !program.starts_with("/dev/fd/")) {
      commands_.erase(pid);
    }
    return;
  }
  reader_.expect(*command);
  if (commands_.size() >= kCommands) commands_.clear();
  commands_[pid] = std::move(*command);
}

void WorkloadTable::inherit(std::uint32_t parent, std::uint32_t child) {
  if (commands_.empty()) return;
  const auto found = commands_.find(parent);
  if (found == commands_.end() || commands_.size() >= kCommands) return;
  RuntimeCommand command = found->second;
  commands_[child] = std::move(command);
}

void WorkloadTable::take_answers() {
  const std::vector<ContainerAnswer> answers = reader_.take();
  for (const ContainerAnswer& answer : answers) {
    const auto found = entries_.find(answer.cgroup_id);
    if (found == entries_.end()) continue;
    Entry& entry = found->second;
    if (entry.own.version == 0 && open_questions_ > 0) --open_questions_;
    ++entry.own.version;
    entry.own.complete = entry.own.complete || answer.last;
    if (answer.container) {
      entry.own.state = Workload::State::kContainer;
      entry.own.container = *answer.container;
    } else if (entry.own.state == Workload::State::kUnknown && answer.last) {
      entry.own.state = Workload::State::kHost;
    }
  }
  if (!answers.empty()) ++changes_;
}

WorkloadTable::Entry& WorkloadTable::entry_of(std::uint64_t cgroup_id) {
  const auto found = entries_.find(cgroup_id);
  if (found != entries_.end()) return found->second;
  const std::string_view path = cgroups_.path_of(cgroup_id);
  if (path.data() != nullptr) {
    add(cgroup_id, path, /*creator=*/0);
  }
  return entries_[cgroup_id];
}

// The container that it is, or is within; else itself.
const Workload* WorkloadTable::resolve(Entry& entry) {
  if (entry.resolved_at == changes_) return entry.resolved;
  const Workload* found = &entry.own;
  bool known = true;
  std::uint64_t parent = entry.parent;
  if (entry.own.state != Workload::State::kContainer) {
    while (parent != 0) {
      const auto above = entries_.find(parent);
      if (above == entries_.end()) break;
      const Workload& workload = above->second.own;
      if (workload.state == Workload::State::kContainer) {
        found = &workload;
        break;
      }
      // It may still turn out to be one.
      if (workload.state == Workload::State::kUnknown) known = false;
      parent = above->second.parent;
    }
  }
  if (!known && found == &entry.own) {
    static const Workload kNotYet;
    found = &kNotYet;
  }
  entry.resolved = found;
  entry.resolved_at = changes_;
  return found;
}

const Workload* WorkloadTable::workload_of(std::uint64_t cgroup_id) {
  if (last_ != nullptr && last_id_ == cgroup_id && last_at_ == changes_) return last_;
  const Workload* found = resolve(entry_of(cgroup_id));
  last_id_ = cgroup_id;
  last_at_ = changes_;
  last_ = found;
  return found;
}

void WorkloadTable::for_each(
    const std::function<void(std::uint64_t cgroup_id, const Workload& workload)>& visit) {
  for (auto& [id, entry] : entries_) visit(id, *resolve(entry));
}

std::vector<const Workload*> WorkloadTable::containers() const {
  std::vector<std::pair<std::string_view, const Workload*>> found;
  for (const auto& [id, entry] : entries_) {
    if (entry.own.state != Workload::State::kContainer) continue;
    // Runtimes make one in each hierarchy; events are of that in version 1.
    const std::uint64_t in_version1 = id | std::uint64_t{1} << WIRE_CGROUP_V1_BIT;
    const auto other = by_path_.find(key_of(in_version1, entry.path));
    if (other == by_path_.end() || other->second == id) found.emplace_back(entry.path, &entry.own);
  }
  std::ranges::sort(found);
  std::vector<const Workload*> workloads;
  for (const auto& [path, workload] : found) workloads.push_back(workload);
  return workloads;
}

void WorkloadTable::sweep(std::uint64_t now) {
  while (!removed_.empty() && removed_.front().time + kKeepRemoved < now) {
    const std::uint64_t id = removed_.front().cgroup_id;
    removed_.pop_front();
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    const auto path = by_path_.find(key_of(id, found->second.path));
    if (path != by_path_.end() && path->second == id) by_path_.erase(path);
    if (found->second.asked && found->second.own.version == 0 && open_questions_ > 0) {
      --open_questions_;
    }
    entries_.erase(found);
    cgroups_.forget(id);
    ++changes_;
  }
}

}  // namespace outrider
