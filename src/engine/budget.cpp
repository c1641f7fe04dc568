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
// What may be saved, and what can be owed: so many seconds of the limit.
constexpr double kSaved = 1;
constexpr double kOwed = 20;
// What is owed is to be paid back in so many seconds, but by no more than half of the limit.
constexpr double kPayBack = 10;
constexpr double kMostPaid = 0.5;
// Each change of what is kept is by no more than this factor: one moment is not the next.
constexpr double kMostLess = 8;
constexpr double kMostMore = 2;
// What is aimed at: a look too late costs a little more than the limit.
constexpr double kAim = 0.9;
// More is kept, and kinds go and come, as a whole second says.
constexpr double kSecond = 1;
// Sums of a tenth ten times are not quite one.
constexpr double kRounding = 1e-6;
// A kind comes back after so many of them with half of the limit unused: the second half is for it.
constexpr double kCalm = 0.5;
constexpr int kCalmSeconds = 10;

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

Budget::Budget(double limit, std::size_t kinds)
    : limit_(limit), kinds_(kinds), saved_(limit * kSaved) {}

Rationing Budget::look(double elapsed, double used) {
  saved_ = std::clamp(saved_ + limit_ * elapsed - used, -limit_ * kOwed, limit_ * kSaved);
  // What was under way when it changed says little about what it has changed to.
  if (is_settling_) {
    is_settling_ = false;
    return rationing_;
  }
  second_.add(elapsed, used);
  spent_.add(elapsed, used);
  if (saved_ == limit_ * kSaved) spent_ = {};
  if (saved_ < 0 && spent_.rate() > limit_ && rationing_.keep > kLeastKeep) {
    keep_less();
  } else if (second_.elapsed >= kSecond - kRounding) {
    look_at_second();
  }
  return rationing_;
}

bool Budget::is_pressed() const { return saved_ < limit_ * kSaved || rationing_ != Rationing{}; }

// In CPUs: less while something is owed.
double Budget::aim() const {
  const double paid = std::min(-std::min(saved_, 0.0) / kPayBack, limit_ * kMostPaid);
  return std::min(limit_ * kAim, limit_ - paid);
}

void Budget::change(Rationing to, double reason) {
  rationing_ = to;
  reason_ = reason;
  spent_ = second_ = {};
  is_settling_ = true;
}

void Budget::keep_less() {
  const double rate = spent_.rate();
  const double wanted = std::max(aim() / rate, 1 / kMostLess) * rationing_.keep;
  calm_ = 0;
  change({std::max(wanted, kLeastKeep), rationing_.shed}, rate);
}

void Budget::look_at_second() {
  const double rate = second_.rate();
  second_ = {};
  const auto [keep, shed] = rationing_;
  if (saved_ < 0 && rate > limit_) {
    // Sampling alone does not do it.
    calm_ = 0;
    if (keep <= kLeastKeep && shed < kinds_) change({kLeastKeep, shed + 1}, rate);
    return;
  }
  if (keep < 1) {
    // As much more as there is room, where something is used at all.
    const double more = rate > 0 ? std::clamp(aim() / rate, 1.0, kMostMore) : kMostMore;
    calm_ = 0;
    if (more > 1) change({std::min(1.0, keep * more), shed}, rate);
    return;
  }
  if (shed == 0) return;
  calm_ = rate < limit_ * kCalm ? calm_ + 1 : 0;
  if (calm_ < kCalmSeconds) return;
  calm_ = 0;
  // It may be the one that was too much.
  change({kLeastKeep, shed - 1}, rate);
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
