// SPDX-License-Identifier: Apache-2.0
#include "engine/budget_keeper.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace outrider {

namespace {

// Between two looks while events come, or while something is short. Nothing wakes anybody up for it
// else but once a second.
constexpr std::chrono::milliseconds kInterval{100};
constexpr std::chrono::seconds kLongestInterval{1};
// Of the news, one in this time: what it comes to, not each step on the way.
constexpr std::chrono::seconds kQuiet{1};
// That less is kept by less than this factor is not told.
constexpr double kWorthTelling = 2;

// 0 where programs have been detached, whose time is gone with them.
std::uint64_t growth(std::uint64_t now, std::uint64_t before) {
  return now > before ? now - before : 0;
}

}  // namespace

BudgetKeeper::BudgetKeeper(double limit, Wanted wanted, Engine& engine, FileDescriptor statistics)
    : engine_(engine),
      wanted_(std::move(wanted)),
      budget_(limit, 0),
      statistics_(std::move(statistics)),
      before_(engine.usage()),
      looked_(Clock::now()) {}

Result<std::unique_ptr<BudgetKeeper>> BudgetKeeper::create(double percent, Wanted wanted,
                                                           Engine& engine) {
  FileDescriptor statistics(bpf_enable_stats(BPF_STATS_RUN_TIME));
  if (!statistics.valid()) {
    return fail_errno("--max-cpu: have the kernel measure its programs (BPF_ENABLE_STATS)", errno);
  }
  return std::unique_ptr<BudgetKeeper>(
      new BudgetKeeper(percent / 100, std::move(wanted), engine, std::move(statistics)));
}

BudgetKeeper::Clock::time_point BudgetKeeper::next_look() const {
  return looked_ + (budget_.is_pressed() ? Clock::duration(kInterval) : kLongestInterval);
}

double BudgetKeeper::used() const {
  if (second_.empty()) return 0;
  double used = 0;
  for (const Sample& sample : second_) used += sample.used;
  return 100 * used / std::chrono::duration<double>(looked_ - second_.front().since).count();
}

void BudgetKeeper::note(double used, Clock::time_point now) {
  second_.push_back({.since = looked_, .used = used});
  while (second_.size() > 1 && now - second_[1].since >= kLongestInterval) second_.pop_front();
  looked_ = now;
}

std::string BudgetKeeper::look() {
  const auto now = Clock::now();
  if (now < looked_ + kInterval) return "";
  const double elapsed = std::chrono::duration<double>(now - looked_).count();
  const EngineUsage usage = engine_.usage();
  const auto nanoseconds =
      growth(usage.process, before_.process) + growth(usage.programs, before_.programs);
  const double used = static_cast<double>(nanoseconds) / 1e9;
  before_ = usage;
  note(used, now);
  const Rationing before = budget_.rationing();
  // What nobody wants costs nothing, and would only be in the way of what does.
  if (before.shed == 0) {
    order_ = shed_order(wanted_());
    budget_.set_kinds(order_.size());
  }
  const Rationing after = budget_.look(elapsed, used);
  if (after != before) {
    const auto done = engine_.ration(after.keep, unwatched());
    if (!done) return fmt::format("--max-cpu: {}", done.error().message);
    // Of programs that have just been detached nothing is known any more.
    before_.programs = engine_.usage().programs;
  }
  return news();
}

// What has changed by so much that somebody wants to know it.
std::string BudgetKeeper::news() {
  const Rationing& now = budget_.rationing();
  const bool is_worth = now.shed != told_.shed || (now.keep == 1) != (told_.keep == 1) ||
                        now.keep < told_.keep / kWorthTelling;
  if (!is_worth) {
    // That more is sent again is told once all is; that it is less again, from here on.
    told_.keep = std::max(told_.keep, now.keep);
    return "";
  }
  if (looked_ - told_at_ < kQuiet) return "";
  told_ = now;
  told_at_ = looked_;
  std::vector<std::string_view> names;
  for (const EventDescriptor* kind : unwatched()) names.push_back(kind->name);
  return fmt::format("--max-cpu {:.3g}: {:.1f} % of a CPU was used: {}{}", 100 * budget_.limit(),
                     100 * budget_.reason(),
                     now.keep == 1 ? "sending all events"
                                   : fmt::format("sending 1 of {:.0f} events", 1 / now.keep),
                     names.empty() ? "" : fmt::format(", not watching {}", fmt::join(names, ", ")));
}

}  // namespace outrider
