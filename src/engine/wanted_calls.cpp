// SPDX-License-Identifier: Apache-2.0
#include "engine/wanted_calls.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "sensors/io_uring/requests.h"
#include "syscalls/calls.h"

namespace outrider {

namespace {

// Whether the condition may hold for events of this kind of this call.
bool may_want(const PushedCondition& pushed, wire_kind kind, wire_abi abi, std::size_t number) {
  const std::uint64_t value = std::uint64_t{abi} * WIRE_SYSTEM_CALLS + number;
  constexpr Dimension kNumber{DimensionKind::kNumber, FILTER_CALL};
  return std::ranges::any_of(pushed.clauses.clauses(), [&](const Clause& clause) {
    if (!clause.kinds[kind]) return false;
    const auto found = std::ranges::find(clause.constraints, kNumber, &Constraint::dimension);
    return found == clause.constraints.end() || std::get<NumberSet>(found->wanted).has(value);
  });
}

wire_u8 traced_of(const Call& call) {
  switch (call.end) {
    case CallEnd::kNever:
      return WIRE_TRACED_ENTRY;
    case CallEnd::kReplaces:
      return WIRE_TRACED_EXEC;
    case CallEnd::kReturns:
    case CallEnd::kAddress:
      break;
  }
  return WIRE_TRACED_EXIT;
}

// Fills the tables of the kernel programs in, once.
class Teller {
 public:
  Teller(BpfObject& object, const ConsumerStates& consumers, const WantedKinds& kinds,
         bool show_secrets)
      : object_(object), consumers_(consumers), kinds_(kinds), show_secrets_(show_secrets) {}

  bool tell() {
    CallGroups groups;
    for (const EventDescriptor* kind : kinds_) {
      if (kind == nullptr) continue;
      for (const std::string_view name : kind->calls) groups.emplace(find_call(name), kind->kind);
    }
    WantedCalls wanted_calls{};
    WantedCalls entered_calls{};
    for (const Call& call : all_calls()) {
      const auto own = consumers_.empty() ? std::nullopt : wanted_part(call);
      for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
        const std::int16_t number = number_of(call, abi);
        if (number < 0) continue;
        const auto place = static_cast<std::size_t>(number);
        const std::uint64_t bit = std::uint64_t{1} << place % 64;
        wire_call wire = own.value_or(wire_call{});
        if (own) wanted_calls[place / 64] |= bit;
        if (wants_traced(call, WIRE_SYSTEM_CALL, abi)) {
          wire.traced = traced_of(call);
          (call.end == CallEnd::kNever ? entered_calls : wanted_calls)[place / 64] |= bit;
        }
        const auto group = groups.find(&call);
        if (group != groups.end() && wants_traced(call, group->second, abi)) {
          wire.group_kind = static_cast<wire_u8>(group->second);
          wire.group_when = static_cast<wire_u8>(call.when);
          wanted_calls[place / 64] |= bit;
        }
        if ((wire.traced | wire.group_kind) != 0) {
          wire_captures captures = captures_of(call, abi, show_secrets_);
          if (wire.group_kind != 0) add_group_captures(call, show_secrets_, captures);
          object_->bss->call_captures[abi][place] = captures;
        }
        object_->bss->calls[abi][place] = wire;
      }
    }
    trace_multiplexed(groups, wanted_calls);
    trace_nameless(wanted_calls);
    std::copy(wanted_calls.begin(), wanted_calls.end(), object_->bss->wanted_calls);
    std::copy(entered_calls.begin(), entered_calls.end(), object_->bss->entered_calls);
    const bool entered =
        std::ranges::any_of(entered_calls, [](std::uint64_t word) { return word != 0; });
    tell_requests(groups);
    return entered;
  }

 private:
  using WantedCalls = std::array<std::uint64_t, WIRE_SYSTEM_CALLS / 64>;
  using CallGroups = std::unordered_map<const Call*, wire_kind>;

  // A call's row without the kinds that nobody asked for, or nothing.
  std::optional<wire_call> wanted_part(const Call& call) const {
    if (!(kinds_[call.kind] != nullptr || call.kind == WIRE_WORKING_DIRECTORY ||
          kinds_[call.other_kind] != nullptr)) {
      return std::nullopt;
    }
    wire_call wire = to_wire(call);
    // unlinkat makes two kinds; leave out the one that nobody asked for.
    if (call.other_kind != WIRE_NONE && kinds_[call.kind] == nullptr) wire.kind = WIRE_NONE;
    if (call.other_kind != WIRE_NONE && kinds_[call.other_kind] == nullptr) {
      wire.other_kind = WIRE_UNWANTED;
    }
    return wire;
  }

  // Requests of an io_uring: as what a call does that is wanted, and as such.
  void tell_requests(const CallGroups& groups) {
    const Call& enter = *find_call("io_uring_enter");
    const bool all = wants_traced(enter, WIRE_URING, WIRE_ABI_64);
    object_->bss->uring_enter_number = static_cast<wire_u32>(number_of(enter, WIRE_ABI_64));
    std::array<wire_call, WIRE_URING_OPCODES> rows{};
    for (wire_call& row : rows) row.traced = all ? 1 : 0;
    for (const Request& request : requests_like_calls()) {
      const Call& call = *call_of(request);
      wire_call row{};
      if (!consumers_.empty()) row = wanted_part(call).value_or(wire_call{});
      const auto group = groups.find(&call);
      if (group != groups.end() && wants_traced(call, group->second, WIRE_ABI_64)) {
        row.group_kind = static_cast<wire_u8>(group->second);
        // An address, and no path.
        row.base = row.base2 = WIRE_NO_BASE;
      }
      row.number = static_cast<wire_u16>(number_of(call, WIRE_ABI_64));
      row.traced = rows[request.opcode].traced;
      rows[request.opcode] = row;
    }
    std::ranges::copy(rows, object_->bss->uring_calls);
  }

  // i386's socketcall stands for all calls about sockets, whichever of them is in a group.
  void trace_multiplexed(const CallGroups& groups, WantedCalls& wanted_calls) {
    const std::int16_t number = number_of(*find_call("socketcall"), WIRE_ABI_32);
    const bool wanted = std::ranges::any_of(
        groups, [](const auto& group) { return group.first->socket != WIRE_NO_ARGUMENT; });
    if (number < 0 || !wanted) return;
    object_->bss->calls[WIRE_ABI_32][number].group_kind = WIRE_UNWANTED;
    wanted_calls[static_cast<std::size_t>(number) / 64] |= std::uint64_t{1} << number % 64;
  }

  // Who wants all calls wants those, too, that a newer kernel has and our table has not.
  void trace_nameless(WantedCalls& wanted_calls) {
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      for (std::uint16_t number = 0; number < WIRE_SYSTEM_CALLS; ++number) {
        if (find_call(abi, number) != nullptr) continue;
        const bool wanted = std::ranges::any_of(consumers_, [&](const auto& state) {
          return state->wanted[WIRE_SYSTEM_CALL] && state->consumer.calls.empty() &&
                 may_want(state->pushed, WIRE_SYSTEM_CALL, abi, number);
        });
        object_->bss->calls[abi][number] = {};
        if (!wanted) continue;
        object_->bss->calls[abi][number].traced = WIRE_TRACED_EXIT;
        wanted_calls[number / 64] |= std::uint64_t{1} << number % 64;
      }
    }
  }

  // Whether anybody wants a call as an event of this kind: syscall, or that of its group.
  bool wants_traced(const Call& call, wire_kind kind, wire_abi abi) const {
    return std::ranges::any_of(consumers_, [&](const auto& state) {
      if (!state->wanted[kind]) return false;
      const auto& calls = state->consumer.calls;
      if (kind == WIRE_SYSTEM_CALL && !calls.empty() &&
          std::ranges::find(calls, &call) == calls.end()) {
        return false;
      }
      return may_want(state->pushed, kind, abi, static_cast<std::size_t>(number_of(call, abi)));
    });
  }

  BpfObject& object_;
  const ConsumerStates& consumers_;
  const WantedKinds& kinds_;
  bool show_secrets_;
};

}  // namespace

bool tell_wanted_calls(BpfObject& object, const ConsumerStates& consumers, const WantedKinds& kinds,
                       bool show_secrets) {
  return Teller(object, consumers, kinds, show_secrets).tell();
}

}  // namespace outrider
