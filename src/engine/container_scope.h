// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/arena.h"
#include "base/result.h"
#include "engine/engine.h"
#include "language/condition.h"
#include "language/fields.h"

namespace outrider {

// Which cgroups belong to the containers that somebody asks for, and what these are called, while
// workloads come and go: for what the kernel adds up by cgroup. Not thread-safe.
class ContainerScope {
 public:
  // The fields that a condition may be about.
  static FieldCatalog catalog();

  // The condition is about containers and pods only, and outlives this; nullptr: all are wanted.
  // Attaches what tells of cgroups.
  static Result<std::unique_ptr<ContainerScope>> start(const Condition* condition);

  // What is known of cgroups by now, and was not the last time. Call engine().drain() before.
  void update(const std::function<void(std::uint64_t cgroup_id, bool wanted)>& tell);
  // Nothing while its container is not known.
  [[nodiscard]] std::optional<bool> is_wanted(std::uint64_t cgroup_id) const;
  // The container's name, or its id; empty on the host, "?" if it is not known.
  [[nodiscard]] std::string label(std::uint64_t cgroup_id) const;

  Engine& engine() { return *engine_; }

 private:
  ContainerScope(std::unique_ptr<Engine> engine, const Condition* condition)
      : engine_(std::move(engine)), condition_(condition) {}

  struct Judged {
    std::optional<bool> wanted;
    std::string label;
    bool operator==(const Judged&) const = default;
  };
  Judged judge(std::uint64_t cgroup_id, const Workload& workload);

  std::unique_ptr<Engine> engine_;
  const Condition* condition_;
  // Also of those that are gone: their calls may not have been read yet.
  std::unordered_map<std::uint64_t, Judged> judged_;
  std::uint64_t changes_ = 0;
  Arena arena_;
};

}  // namespace outrider
