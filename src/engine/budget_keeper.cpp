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

constexpr std::chrono::seconds kInterval{1};
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
      looked_(Clock::now()),
      next_(looked_ + kInterval) {}

Result<std::unique_ptr<BudgetKeeper>> BudgetKeeper::create(double percent, Wanted wanted,
                                                           Engine& engine) {
  FileDescriptor statistics(bpf_enable_stats(BPF_STATS_RUN_TIME));
  if (!statistics.valid()) {
    return fail_errno("--max-cpu: have the kernel measure its programs (BPF_ENABLE_STATS)", errno);
  }
  return std::unique_ptr<BudgetKeeper>(
      new BudgetKeeper(percent / 100, std::move(wanted), engine, std::move(statistics)));
}

std::string BudgetKeeper::look() {
  const auto now = Clock::now();
  if (now < next_) return "";
  const double elapsed = std::chrono::duration<double, std::nano>(now - looked_).count();
  const EngineUsage usage = engine_.usage();
  used_ = static_cast<double>(growth(usage.process, before_.process) +
                              growth(usage.programs, before_.programs)) /
          elapsed;
  looked_ = now;
  next_ = now + kInterval;
  const Rationing before = budget_.rationing();
  // What nobody wants costs nothing, and would only be in the way of what does.
  if (before.shed == 0) {
    order_ = shed_order(wanted_());
    budget_.set_kinds(order_.size());
  }
  const Rationing after = budget_.look(used_);
  std::string text;
  if (after != before) {
    const auto done = engine_.ration(after.keep, unwatched());
    text = done ? change() : fmt::format("--max-cpu: {}", done.error().message);
  }
  before_ = engine_.usage();
  return text;
}

std::string BudgetKeeper::change() {
  const Rationing& now = budget_.rationing();
  const bool is_worth = now.shed != told_.shed || (now.keep == 1) != (told_.keep == 1) ||
                        now.keep < told_.keep / kWorthTelling;
  if (!is_worth) {
    // That more is sent again is told once all is; that it is less again, from here on.
    told_.keep = std::max(told_.keep, now.keep);
    return "";
  }
  told_ = now;
  std::vector<std::string_view> names;
  for (const EventDescriptor* kind : unwatched()) names.push_back(kind->name);
  return fmt::format("--max-cpu {:.3g}: {:.1f} % of a CPU was used: {}{}", 100 * budget_.limit(),
                     used(),
                     now.keep == 1 ? "sending all events"
                                   : fmt::format("sending 1 of {:.0f} events", 1 / now.keep),
                     names.empty() ? "" : fmt::format(", not watching {}", fmt::join(names, ", ")));
}

}  // namespace outrider
