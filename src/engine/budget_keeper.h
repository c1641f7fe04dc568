// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
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

// Holds an engine within a limit for CPU: looks what was used, ten times a second where there is
// something to be looked at, and rations. Its kernel programs' time is what the kernel counts,
// which it is told to do as long as this lives. Not thread-safe.
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
  [[nodiscard]] Clock::time_point next_look() const;

  // What was used in the last second, per cent of a CPU.
  [[nodiscard]] double used() const;
  [[nodiscard]] const Rationing& rationing() const { return budget_.rationing(); }
  // The kinds that are not watched now.
  [[nodiscard]] std::span<const EventDescriptor* const> unwatched() const {
    return std::span(order_).first(budget_.rationing().shed);
  }

 private:
  BudgetKeeper(double limit, Wanted wanted, Engine& engine, FileDescriptor statistics);
  void note(double used, Clock::time_point now);
  std::string news();

  Engine& engine_;
  Wanted wanted_;
  std::vector<const EventDescriptor*> order_ = {};  // of shedding
  Budget budget_;
  FileDescriptor statistics_;
  EngineUsage before_;
  Clock::time_point looked_;
  // What each look of the last second found; the oldest first.
  struct Sample {
    Clock::time_point since;
    double used = 0;  // s of CPU
  };
  std::deque<Sample> second_ = {};
  Rationing told_;
  Clock::time_point told_at_ = {};
};

}  // namespace outrider
