// SPDX-License-Identifier: Apache-2.0
#include "sensors/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/nearest.h"
#include "sensors/probe/probe_target.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

constexpr std::string_view kPrefix = "syscall:";

template <typename Item>
void add_once(std::vector<Item>& items, Item item) {
  if (std::ranges::find(items, item) == items.end()) items.push_back(item);
}

std::unexpected<Error> no_such_kind(std::string_view name) {
  if (find_call(name) != nullptr) {
    return fail(fmt::format("'{}' is a system call, and no kind of events of its own; trace {}{}",
                            name, kPrefix, name),
                ExitCode::kBadInput);
  }
  std::vector<std::string_view> known;
  for (const EventDescriptor* each : all_kinds()) known.push_back(each->name);
  return fail(unknown_name("no kind of events is called", name, known, "outrider trace"),
              ExitCode::kBadInput);
}

std::unexpected<Error> no_such_call(std::string_view name) {
  std::vector<std::string_view> known;
  for (const Call& call : all_calls()) known.push_back(call.name);
  return fail(
      unknown_name("no system call is called", name, known, "outrider trace syscall --help"),
      ExitCode::kBadInput);
}

Result<void> add_probe(Selection& selection, std::string_view target) {
  if (std::ranges::any_of(selection.probes,
                          [target](const auto& probe) { return probe->name == target; })) {
    return {};
  }
  if (selection.probes.size() == kProbesMax) {
    return fail(fmt::format("{} probes are as many as one run can have", kProbesMax),
                ExitCode::kBadInput);
  }
  const auto number = static_cast<wire_kind>(WIRE_PROBE + selection.probes.size());
  auto probe = find_probe(target, number);
  if (!probe) return std::unexpected(probe.error());
  selection.kinds.push_back(probe->get());
  selection.probes.push_back(std::move(*probe));
  return {};
}

}  // namespace

Result<Selection> select(std::span<const std::string> words) {
  Selection selection;
  bool all = false;
  const EventDescriptor* const syscall = find_kind(std::uint16_t{WIRE_SYSTEM_CALL});
  for (std::string_view word : words) {
    if (is_probe_target(word)) {
      if (auto added = add_probe(selection, word); !added) return std::unexpected(added.error());
      continue;
    }
    const bool are_calls = word.starts_with(kPrefix);
    if (are_calls) word.remove_prefix(kPrefix.size());
    while (true) {
      const std::size_t comma = std::min(word.find(','), word.size());
      const std::string_view name = word.substr(0, comma);
      if (are_calls) {
        const Call* call = find_call(name);
        if (call == nullptr) return no_such_call(name);
        add_once(selection.calls, call);
        add_once(selection.kinds, syscall);
      } else {
        const EventDescriptor* kind = find_kind(name);
        if (kind == nullptr) return no_such_kind(name);
        add_once(selection.kinds, kind);
        all = all || kind == syscall;
      }
      if (comma == word.size()) break;
      word.remove_prefix(comma + 1);
    }
  }
  if (all) selection.calls.clear();
  return selection;
}

std::string words_of(const Selection& selection) {
  std::string words;
  for (const EventDescriptor* kind : selection.kinds) {
    if (!words.empty()) words += ", ";
    words += kind->name;
    if (kind->kind != WIRE_SYSTEM_CALL) continue;
    std::string_view before = ":";
    for (const Call* call : selection.calls) {
      words += before;
      words += call->name;
      before = ",";
    }
  }
  return words;
}

}  // namespace outrider
