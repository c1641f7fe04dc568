// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "engine/budget.h"
#include "engine/engine.h"

namespace outrider {

// Holds an engine within a limit for CPU: looks once a second what was used, and rations. Its
// kernel programs' time is what the kernel counts, which it is told to do as long as this lives.
// Not thread-safe.
class BudgetKeeper {
 public:
  using Clock = std::chrono::steady_clock;

  // The kinds that somebody wants now, each once or several times.
  using Wanted = std::function<std::vector<const EventDescriptor*>()>;

  // `percent`: of one CPU. The engine must outlive it.
  static Result<std::unique_ptr<BudgetKeeper>> create(double percent, Wanted wanted,
                                                      Engine& engine);

  // To be called after drains. What has changed, in a line for people; mostly nothing.
  std::string look();
  // When look() is to be called at the latest.
  [[nodiscard]] Clock::time_point next_look() const { return next_; }

  // What was used in the last second, per cent of a CPU.
  [[nodiscard]] double used() const { return 100 * used_; }
  [[nodiscard]] const Rationing& rationing() const { return budget_.rationing(); }
  // The kinds that are not watched now.
  [[nodiscard]] std::span<const EventDescriptor* const> unwatched() const {
    return std::span(order_).first(budget_.rationing().shed);
  }

 private:
  BudgetKeeper(double limit, Wanted wanted, Engine& engine, FileDescriptor statistics);
  std::string change();

  Engine& engine_;
  Wanted wanted_;
  std::vector<const EventDescriptor*> order_ = {};  // of shedding
  Budget budget_;
  FileDescriptor statistics_;
  EngineUsage before_;
  Clock::time_point looked_;
  Clock::time_point next_;
  double used_ = 0;  // CPUs
  Rationing told_;
};

}  // namespace outrider
