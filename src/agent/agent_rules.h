// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/alert_log.h"
#include "base/file_descriptor.h"
#include "base/result.h"
#include "engine/engine.h"
#include "rules/rule_judge.h"
#include "rules/rule_set.h"

namespace outrider {

// The rules of the agent: read from files, judged by its engine, swapped whole when the files
// change. Every event is judged by exactly one set: by its time. Not thread-safe.
class AgentRules {
 public:
  // Reads the rules; fails with a line for each error. Attaches nothing.
  static Result<std::unique_ptr<AgentRules>> load(std::vector<std::string> paths,
                                                  RuleMatching matching,
                                                  std::unique_ptr<AlertLog> log);
  ~AgentRules();
  AgentRules(const AgentRules&) = delete;
  AgentRules& operator=(const AgentRules&) = delete;

  // Of what kinds the engine must be to judge by them, and whether it must read environments.
  [[nodiscard]] std::vector<const EventDescriptor*> kinds() const;
  [[nodiscard]] bool wants_environment() const;

  // They judge from now on. The engine must outlive this.
  Result<void> start(Engine& engine);
  // Reads the files again. Where one is wrong nothing changes.
  Result<void> reload();
  // To be called now and then: reads the files again if they have changed, and lets go of the rules
  // before. What is to be told.
  std::string look();

  [[nodiscard]] std::uint64_t alerts() const;
  [[nodiscard]] std::size_t rules() const;

 private:
  struct Generation {
    std::unique_ptr<RuleJudge> judge;
    std::vector<ConsumerId> consumers;
    std::uint64_t from = 0;            // boot time, ns
    std::uint64_t until = UINT64_MAX;  // the next one's `from`
  };

  AgentRules(std::vector<std::string> paths, RuleMatching matching, std::unique_ptr<AlertLog> log);
  Result<std::unique_ptr<Generation>> read();
  Result<void> attach(Generation& generation);
  void retire(Generation& generation);
  void watch();
  bool have_changed();

  std::vector<std::string> paths_;
  RuleMatching matching_;
  std::unique_ptr<AlertLog> log_;
  Engine* engine_ = nullptr;
  std::unique_ptr<Generation> now_;
  std::unique_ptr<Generation> before_;  // until all its events have come
  std::uint64_t alerts_before_ = 0;
  FileDescriptor watcher_;
  std::uint64_t changed_at_ = 0;  // boot time, ns; 0: nothing has changed
};

}  // namespace outrider
