// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/event_source.h"
#include "events/account.h"
#include "rules/rule_set.h"

namespace outrider {

// What becomes of an event for which several rules hold: the first of them alerts, or all do.
enum class RuleMatching : std::uint8_t { kFirst, kAll };

// The rules of a set that are wanted, as consumers of an engine: each rule is one, so that what the
// kernel can decide of its condition is decided there. Not thread-safe.
class RuleJudge {
 public:
  // False if the alert could not be written.
  using Alert = std::function<bool(const Rule& rule, const Event& event)>;

  RuleJudge(std::shared_ptr<const RuleSet> rules, const RuleChoice& choice, RuleMatching matching,
            Alert alert);
  RuleJudge(const RuleJudge&) = delete;
  RuleJudge& operator=(const RuleJudge&) = delete;

  // From now on only events for which it holds make alerts: of two sets of rules that are attached
  // while one takes the other's place, each judges its own.
  void judge_only(std::function<bool(const Event&)> condition) { is_own_ = std::move(condition); }

  [[nodiscard]] std::span<const Rule* const> rules() const { return chosen_; }
  // All kinds that they are about.
  [[nodiscard]] std::vector<const EventDescriptor*> kinds() const;
  // Whether one of them asks for the environment of processes.
  [[nodiscard]] bool wants_environment() const;

  // For Engine::add(), together. They must not outlive this.
  [[nodiscard]] std::vector<Consumer> consumers();

  // Of an event for which a rule holds; those of an event in the order of the rules.
  Outcome judge(const Rule& rule, const Event& event);

  [[nodiscard]] std::uint64_t alerts() const { return alerts_; }
  // Of all rules together: delivered are the events that made an alert. `ids`: of consumers(), as
  // they were added.
  [[nodiscard]] Account account(const EventSource& source, std::span<const ConsumerId> ids) const;

 private:
  std::shared_ptr<const RuleSet> set_;
  std::vector<const Rule*> chosen_;
  RuleMatching matching_;
  Alert alert_;
  std::function<bool(const Event&)> is_own_;  // empty: all are
  std::uint64_t alerts_ = 0;
  // The last event that made an alert: where it lay, and when it happened.
  const void* alerted_at_ = nullptr;
  std::uint64_t alerted_time_ = 0;
  std::map<std::string_view, std::uint64_t> alerted_;  // events, by kind
};

}  // namespace outrider
