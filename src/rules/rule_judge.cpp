// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_judge.h"

#include <algorithm>
#include <utility>

#include "streams/condition_options.h"
#include "workloads/process_fields.h"

namespace outrider {

RuleJudge::RuleJudge(std::shared_ptr<const RuleSet> rules, const RuleChoice& choice,
                     RuleMatching matching, Alert alert)
    : set_(std::move(rules)), matching_(matching), alert_(std::move(alert)) {
  for (const Rule& rule : set_->rules) {
    if (is_chosen(rule, choice) && !rule.kinds.kinds.empty()) chosen_.push_back(&rule);
  }
}

std::vector<const EventDescriptor*> RuleJudge::kinds() const {
  std::vector<const EventDescriptor*> kinds;
  for (const Rule* rule : chosen_) {
    for (const EventDescriptor* kind : rule->kinds.kinds) {
      if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(kind);
    }
  }
  return kinds;
}

bool RuleJudge::wants_environment() const {
  return std::ranges::any_of(chosen_, [](const Rule* rule) {
    return std::ranges::any_of(kEnvironmentFields, [rule](std::string_view field) {
      return names_field(&rule->condition, field);
    });
  });
}

std::vector<Consumer> RuleJudge::consumers() {
  std::vector<Consumer> consumers;
  for (const Rule* rule : chosen_) {
    consumers.push_back(
        {.kinds = rule->kinds.kinds,
         .calls = rule->kinds.calls,
         .condition = &rule->condition,
         .deliver = [this, rule](const Event& event) { return judge(*rule, event); }});
  }
  return consumers;
}

Outcome RuleJudge::judge(const Rule& rule, const Event& event) {
  if (is_own_ && !is_own_(event)) return Outcome::kUnwanted;
  const bool is_known = alerted_at_ == event.header && alerted_time_ == event.header->time;
  if (matching_ == RuleMatching::kFirst && is_known) return Outcome::kUnwanted;
  if (!is_known) ++alerted_[event.descriptor->name];
  alerted_at_ = event.header;
  alerted_time_ = event.header->time;
  ++alerts_;
  return alert_(rule, event) ? Outcome::kDelivered : Outcome::kUnwritten;
}

Account RuleJudge::account(const EventSource& source, std::span<const ConsumerId> ids) const {
  Account sum;
  for (const ConsumerId id : ids) {
    // What the kernel has seen, filtered and lost is the same for all who want a kind.
    Account each = source.account(id);
    if (id == ids.front()) std::swap(sum.losses, each.losses);
    for (KindAccount& kind : each.kinds) {
      if (std::ranges::find(sum.kinds, kind.kind, &KindAccount::kind) == sum.kinds.end()) {
        sum.kinds.push_back(kind);
      }
    }
    sum.late = std::max(sum.late, each.late);
    sum.processes_evicted = std::max(sum.processes_evicted, each.processes_evicted);
  }
  for (KindAccount& kind : sum.kinds) {
    const std::uint64_t judged = kind.filtered_agent + kind.delivered;
    const auto alerted = alerted_.find(kind.kind);
    kind.delivered = alerted == alerted_.end() ? 0 : alerted->second;
    kind.filtered_agent = judged - std::min(judged, kind.delivered);
  }
  return sum;
}

}  // namespace outrider
