// SPDX-License-Identifier: Apache-2.0
//
// System calls as `outrider syscalls` adds them up.
#include <fmt/format.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

#include "cli/top_sources.h"
#include "engine/call_summary.h"
#include "engine/container_scope.h"
#include "syscalls/call_sums.h"

namespace outrider {

namespace {

// Sums of containers that are not known yet.
constexpr std::size_t kPendingMax = 1 << 17;

// clang-format off: a table
constexpr TopColumn kColumns[] = {
    {{"evt.type", FieldType::kText, "", "the system call", "CALL", 20, nullptr}, TopShow::kAsItIs,
     'n'},
    {{"calls", FieldType::kUnsigned, "", "how often", "CALLS", 9, nullptr}, TopShow::kAsItIs, 'c'},
    {{"errors", FieldType::kUnsigned, "", "of these: failed", "ERRORS", 8, nullptr},
     TopShow::kAsItIs, 'e'},
    {{"total", FieldType::kDuration, "ns", "time in all of them", "TOTAL", 8, nullptr},
     TopShow::kAsItIs, 't'},
    {{"p50", FieldType::kDuration, "ns", "time that half of them did not exceed", "P50", 8, nullptr},
     TopShow::kAsItIs, '5'},
    {{"p99", FieldType::kDuration, "ns", "the same of 99 percent", "P99", 8, nullptr},
     TopShow::kAsItIs, '9'},
    {{"max", FieldType::kDuration, "ns", "time of the longest", "MAX", 8, nullptr},
     TopShow::kAsItIs, 'm'},
    {{"evt.abi", FieldType::kText, "", "word size: 64 or 32", "ABI", 3, nullptr}, TopShow::kAsItIs},
};
// clang-format on

Value duration(std::optional<std::uint64_t> time) {
  return time ? Value::of_unsigned(*time) : Value::missing();
}

class CallSource : public TopSource {
 public:
  Result<void> start(const TopNeeds& needs) override {
    wire_call_summary options{};
    options.of_threads = needs.pids.empty() ? 0 : 1;
    if (needs.condition != nullptr) {
      auto scope = ContainerScope::start(needs.condition);
      if (!scope) return std::unexpected(scope.error());
      scope_ = std::move(*scope);
      options.by_cgroup = options.of_cgroups = 1;
    }
    auto summary =
        CallSummary::load(options, scope_ ? scope_->engine().workloads().cgroups().hierarchies()
                                          : find_cgroup_hierarchies());
    if (!summary) return std::unexpected(summary.error());
    summary_ = std::move(*summary);
    look_at_containers();
    if (auto attached = summary_->attach(); !attached) return attached;
    for (const std::uint32_t pid : needs.pids) {
      if (auto added = summary_->add_process(static_cast<pid_t>(pid)); !added) return added;
    }
    return {};
  }

  Engine* engine() override { return scope_ ? &scope_->engine() : nullptr; }

  void collect() override {
    look_at_containers();
    for (const auto& [key, sum] : std::exchange(pending_, {})) add(key, sum);
    summary_->take([this](const auto& key, const auto& sum) { add(key, sum); });
  }

  Result<void> take(TopRows& rows) override {
    collect();
    for (const auto& [key, row] : sums_.rows(CallOrder::kTotal)) {
      rows.rows.push_back({
          Value::of_text(rows.arena.copy(call_name(*key))),
          Value::of_unsigned(row->calls),
          Value::of_unsigned(row->errors),
          Value::of_unsigned(row->time),
          duration(row->percentile(0.5)),
          duration(row->percentile(0.99)),
          row->slots.empty() ? Value::missing() : Value::of_unsigned(row->longest),
          key->others ? Value::missing() : Value::of_text(key->abi == WIRE_ABI_32 ? "32" : "64"),
      });
    }
    sums_.clear();
    return {};
  }

  std::vector<std::string> notes() override {
    const CallAccount account = summary_->account();
    std::vector<std::string> lines;
    if (!summary_->refused().empty()) {
      lines.push_back(fmt::format("this kernel refuses {}", summary_->refused()));
    }
    if (account.no_room + unjudged_ != 0) {
      lines.push_back(fmt::format("calls missing: {}", account.no_room + unjudged_));
    }
    if (account.missed != 0) {
      lines.push_back(
          fmt::format("runs of our programs that the kernel skipped: {}", account.missed));
    }
    return lines;
  }

 private:
  void look_at_containers() {
    if (!scope_) return;
    scope_->engine().drain();
    scope_->update(
        [this](std::uint64_t cgroup, bool wanted) { summary_->tell_cgroup(cgroup, wanted); });
  }

  void add(const wire_call_key& key, const wire_call_sum& sum) {
    const auto wanted = scope_ ? scope_->is_wanted(key.cgroup) : std::optional(true);
    if (!wanted && pending_.size() < kPendingMax) {
      pending_.emplace_back(key, sum);
    } else if (!wanted) {
      unjudged_ += sum.count;
    } else if (*wanted) {
      sums_.add({.call = key.call, .abi = key.abi == WIRE_ABI_32 ? WIRE_ABI_32 : WIRE_ABI_64}, key,
                sum, false);
    }
  }

  std::unique_ptr<ContainerScope> scope_;
  std::unique_ptr<CallSummary> summary_;
  CallSums sums_;
  std::vector<std::pair<wire_call_key, wire_call_sum>> pending_;
  std::uint64_t unjudged_ = 0;
};

}  // namespace

TopKind top_of_syscalls() {
  return {.name = "syscall",
          .doc = "system calls: how often, with which errors, how long",
          .columns = kColumns,
          .sort = "total",
          .catalog = ContainerScope::catalog,
          .workloads_only = true,
          .make = []() -> std::unique_ptr<TopSource> { return std::make_unique<CallSource>(); }};
}

}  // namespace outrider
