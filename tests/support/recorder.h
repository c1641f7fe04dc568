// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "sensors/selection.h"

namespace outrider {

// Fields of one event as text: "?" for unknown, absent for missing, lists with '|'.
using Recorded = std::map<std::string, std::string, std::less<>>;

// Runs work under the real engine and keeps what it says about it. The engine does not
// report its own process, so work runs in a child.
class Recorder {
 public:
  // Starts the engine for these kinds, as trace takes them ("syscall:ptrace"), and events for which
  // `where` holds if it is not empty, with these stacks (Consumer), of probes when their functions
  // return if that is said; check failed() before use.
  Recorder(std::initializer_list<std::string_view> kinds, EngineOptions options = {},
           std::string_view where = {}, std::uint32_t stacks = 0, bool probes_return = false);

  // Why the engine did not start; empty if it did.
  [[nodiscard]] const std::string& failed() const { return failed_; }

  // What this kernel does not show of these kinds; Engine::unseen().
  [[nodiscard]] std::span<const std::string> unseen() const { return engine_->unseen(); }

  // Also what /proc says when an event is read: dozens of its files for each.
  void record_now() { now_ = true; }

  // Runs `work` in a child process and reads events until all that it made are there.
  // Returns the child's pid. `work` must not use gtest's assertions; what it returns is
  // the exit status of the child.
  pid_t run(const std::function<int()>& work);
  // The child's exit status of the last run.
  [[nodiscard]] int status() const { return status_; }

  // Events of a process, of one kind or of all; in the order of delivery.
  [[nodiscard]] std::vector<Recorded> events(pid_t pid, std::string_view kind = {}) const;
  [[nodiscard]] const std::vector<Recorded>& events() const { return events_; }

  // Ends the engine and returns its account.
  Account finish();

 private:
  Outcome deliver(const Event& event);

  Selection selection_;
  FieldCatalog catalog_;
  std::optional<Condition> condition_;
  std::unique_ptr<Engine> engine_;
  ConsumerId consumer_ = 0;
  std::string failed_;
  std::vector<Recorded> events_;
  int status_ = 0;
  bool now_ = false;
};

}  // namespace outrider
