// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "workloads/cgroups.h"
#include "workloads/usage_wire.h"

namespace outrider {

// What threads and processes use, as the kernel has it: those that there are, when it is asked, and
// those that have ended since. Nothing of it is pinned. Not thread-safe.
class ProcessUsage {
 public:
  // Loaded when it returns, not attached.
  static Result<std::unique_ptr<ProcessUsage>> load(const CgroupHierarchies& hierarchies);
  ~ProcessUsage();
  ProcessUsage(const ProcessUsage&) = delete;
  ProcessUsage& operator=(const ProcessUsage&) = delete;

  // From its return on no process ends unnoticed.
  Result<void> attach();

  // Processes that have ended since the last time, then every thread there is now, once; not ours.
  using Visit = std::function<void(const wire_usage& usage)>;
  Result<void> take(const Visit& visit);

  // Processes whose end is missing: there were too many at a time.
  [[nodiscard]] std::uint64_t lost() const;
  // See LoadedObject.
  [[nodiscard]] const std::string& refused() const;

 private:
  class Implementation;
  explicit ProcessUsage(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace outrider
