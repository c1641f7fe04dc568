// SPDX-License-Identifier: Apache-2.0
#include "engine/budget.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace outrider {

namespace {

// Below it sampling says so little that whole kinds are left out instead.
constexpr double kLeastKeep = 1.0 / 1024;
// Each look may change what is kept by no more than this factor: one second is not the next.
constexpr double kMostLess = 8;
constexpr double kMostMore = 1.5;
// What is aimed at: a look too late costs a little more than the limit.
constexpr double kAim = 0.9;
// A kind comes back after so many looks with half of the limit unused: the second half is for it.
constexpr double kCalm = 0.5;
constexpr int kCalmLooks = 10;

// Groups of kinds, the least wanted first. What is in no group here goes after them all.
constexpr std::string_view kGroups[] = {"sched", "memory", "io",       "kernel",
                                        "file",  "net",    "security", "process"};
// Names hang on these, and so do rules.
constexpr std::string_view kNever[] = {"exec", "exit", "fork"};
// Within its group it comes first: any call at all.
constexpr std::string_view kFirst[] = {"syscall"};

std::size_t place_of(std::string_view group) {
  return static_cast<std::size_t>(std::ranges::find(kGroups, group) - std::begin(kGroups));
}

bool is_in(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

Rationing Budget::look(double used) {
  if (used > limit_) {
    calm_ = 0;
    const double wanted = rationing_.keep * limit_ * kAim / used;
    rationing_.keep = std::max(wanted, rationing_.keep / kMostLess);
    if (rationing_.keep < kLeastKeep) {
      rationing_.keep = kLeastKeep;
      rationing_.shed = std::min(rationing_.shed + 1, kinds_);
    }
    return rationing_;
  }
  if (rationing_.keep < 1) {
    // As much more as there is room, where something is used at all.
    const double more = used > 0 ? limit_ * kAim / used : kMostMore;
    rationing_.keep = std::min(1.0, rationing_.keep * std::clamp(more, 1.0, kMostMore));
    calm_ = 0;
  } else if (rationing_.shed > 0) {
    calm_ = used < limit_ * kCalm ? calm_ + 1 : 0;
    if (calm_ >= kCalmLooks) {
      --rationing_.shed;
      // It may be the one that was too much.
      rationing_.keep = kLeastKeep;
      calm_ = 0;
    }
  }
  return rationing_;
}

std::vector<const EventDescriptor*> shed_order(std::span<const EventDescriptor* const> kinds) {
  std::vector<const EventDescriptor*> order;
  for (const EventDescriptor* kind : kinds) {
    if (!is_in(kNever, kind->name) && std::ranges::find(order, kind) == order.end()) {
      order.push_back(kind);
    }
  }
  // Those that are alike stay in their order.
  const auto rank = [&](const EventDescriptor* kind) {
    return std::tuple(!is_in(kFirst, kind->name), place_of(kind->group),
                      std::ranges::find(kinds, kind) - kinds.begin());
  };
  std::ranges::sort(order, {}, rank);
  return order;
}

std::string shed_order_text() {
  return fmt::format("syscall, then the groups {}; never {}", fmt::join(kGroups, ", "),
                     fmt::join(kNever, ", "));
}

}  // namespace outrider
