// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_kinds.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>

#include "language/evaluator.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

// They tell of what others tell as well, or so often that a rule must ask for them: only a
// condition that names one is about it.
constexpr wire_kind kOnlyIfNamed[] = {
    WIRE_SIGNAL,  WIRE_CAPABILITY, WIRE_SECCOMP_REFUSAL, WIRE_TTY, WIRE_SCHED,     WIRE_HARDIRQ,
    WIRE_SOFTIRQ, WIRE_BLOCK,      WIRE_FSSLOW,          WIRE_OOM, WIRE_KERNEL_LOG};

// Whether a literal of evt.kind or evt.type is the name of the kind.
bool names_kind(const Condition& condition, std::string_view name) {
  return std::ranges::any_of(condition.atoms, [&](const Atom& atom) {
    const Field* const field = condition.terms[atom.left].field;
    if (field == nullptr || (field->name != "evt.kind" && field->name != "evt.type")) return false;
    return std::ranges::any_of(atom.literals,
                               [&](const Literal& literal) { return literal.text == name; });
  });
}

// What evt.type may be of a kind's events: its calls, or its own name.
std::vector<std::string_view> types_of(const EventDescriptor& kind) {
  std::vector<std::string_view> types(kind.calls.begin(), kind.calls.end());
  for (const Call& call : all_calls()) {
    if (call.kind == kind.kind || call.other_kind == kind.kind) types.push_back(call.name);
  }
  if (types.empty()) types.push_back(kind.name);
  return types;
}

// Calls that are events of no kind but syscall.
const std::vector<const Call*>& calls_without_kind() {
  static const std::vector<const Call*> kCalls = [] {
    std::set<std::string_view> with_kind;
    for (const EventDescriptor* kind : all_kinds()) {
      if (kind->kind == WIRE_SYSTEM_CALL) continue;
      const auto types = types_of(*kind);
      with_kind.insert(types.begin(), types.end());
    }
    std::vector<const Call*> calls;
    for (const Call& call : all_calls()) {
      if (!with_kind.contains(call.name)) calls.push_back(&call);
    }
    return calls;
  }();
  return kCalls;
}

// Follows a condition for events of which only kind and type are known.
class Follower {
 public:
  Follower(const Condition& condition, const EventDescriptor& kind)
      : condition_(condition),
        may_be_true_(condition.atoms.size()),
        may_be_false_(condition.atoms.size()) {
    for (std::size_t i = 0; i < condition.atoms.size(); ++i) {
      const Field* const field = condition.terms[condition.atoms[i].left].field;
      // Of a transformer nothing is known; a field that the kind has not is missing.
      const bool may = field == nullptr || field->by_kind[kind.kind] != nullptr;
      may_be_true_[i] = may;
      may_be_false_[i] = true;
      if (field == nullptr || !may || condition.atoms[i].right != kNoIndex) continue;
      if (field->name == "evt.type" || field->name == "syscall.type") types_.push_back(i);
      if (field->name == "evt.kind") decide(i, kind.name);
    }
  }

  bool may_hold(std::string_view type) {
    for (const std::size_t atom : types_) decide(atom, type);
    reached_.assign(condition_.steps.size(), false);
    return reaches(condition_.first_step);
  }

 private:
  void decide(std::size_t atom, std::string_view text) {
    const Atom& which = condition_.atoms[atom];
    const bool holds =
        which.op == Operator::kExists || judge_value(which, FieldType::kText, Value::of_text(text));
    may_be_true_[atom] = holds;
    may_be_false_[atom] = !holds;
  }

  bool reaches(std::uint32_t first) {
    std::vector<std::uint32_t> open = {first};
    while (!open.empty()) {
      const std::uint32_t at = open.back();
      open.pop_back();
      if (at == kAccept) return true;
      if (at == kReject || reached_[at]) continue;
      reached_[at] = true;
      const Step& step = condition_.steps[at];
      if (may_be_true_[step.atom]) open.push_back(step.if_true);
      if (may_be_false_[step.atom]) open.push_back(step.if_false);
    }
    return false;
  }

  const Condition& condition_;
  std::vector<bool> may_be_true_;  // by atom
  std::vector<bool> may_be_false_;
  std::vector<std::size_t> types_;  // atoms that compare the type
  std::vector<bool> reached_;       // by step
};

}  // namespace

std::span<const EventDescriptor* const> judged_kinds() { return all_kinds(); }

const EventDescriptor* kind_of_type(std::string_view type) {
  for (const EventDescriptor* kind : judged_kinds()) {
    if (kind->kind == WIRE_SYSTEM_CALL) continue;
    const auto types = types_of(*kind);
    if (std::ranges::find(types, type) != types.end()) return kind;
  }
  return find_call(type) != nullptr ? find_kind(std::uint16_t{WIRE_SYSTEM_CALL}) : nullptr;
}

std::string_view usual_type_of(const EventDescriptor& kind) { return types_of(kind).front(); }

RuleKinds kinds_of(const Condition& condition) {
  RuleKinds found;
  for (const EventDescriptor* kind : judged_kinds()) {
    if (std::ranges::find(kOnlyIfNamed, kind->kind) != std::end(kOnlyIfNamed) &&
        !names_kind(condition, kind->name)) {
      continue;
    }
    Follower follower(condition, *kind);
    if (kind->kind == WIRE_SYSTEM_CALL) {
      for (const Call* call : calls_without_kind()) {
        if (follower.may_hold(call->name)) found.calls.push_back(call);
      }
      if (!found.calls.empty()) found.kinds.push_back(kind);
      continue;
    }
    const auto types = types_of(*kind);
    if (std::ranges::any_of(types, [&](auto type) { return follower.may_hold(type); })) {
      found.kinds.push_back(kind);
    }
  }
  return found;
}

}  // namespace outrider
