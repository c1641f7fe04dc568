// SPDX-License-Identifier: Apache-2.0
#include "events/account.h"

#include <fmt/format.h>

#include <iterator>

namespace outrider {

namespace {

constexpr std::size_t kProcessesShown = 5;

}  // namespace

std::uint64_t KindAccount::lost_total() const {
  std::uint64_t total = 0;
  for (const std::uint64_t count : lost) total += count;
  return total;
}

std::int64_t KindAccount::difference() const {
  return static_cast<std::int64_t>(seen) -
         static_cast<std::int64_t>(filtered_kernel + filtered_agent + delivered + lost_total());
}

std::string account_table(const Account& account) {
  std::string out;
  auto end = std::back_inserter(out);
  std::size_t width = 9;
  for (const KindAccount& kind : account.kinds) width = std::max(width, kind.kind.size());
  fmt::format_to(end, "{:<{}}{:>12}{:>12}{:>12}{:>12}{:>10}{:>10}\n", "KIND", width, "SEEN",
                 "FILTERED", "(KERNEL)", "DELIVERED", "LOST", "MISSED");
  for (const KindAccount& kind : account.kinds) {
    fmt::format_to(end, "{:<{}}{:>12}{:>12}{:>12}{:>12}{:>10}{:>10}\n", kind.kind, width, kind.seen,
                   kind.filtered_kernel + kind.filtered_agent, kind.filtered_kernel, kind.delivered,
                   kind.lost_total(), kind.missed);
    for (std::size_t i = 0; i < kLossReasonCount; ++i) {
      if (kind.lost[i] == 0) continue;
      fmt::format_to(end, "  lost {} {}: {}\n", kind.lost[i], kLossReasons[i].name,
                     kLossReasons[i].meaning);
    }
    if (kind.unwatched != 0) {
      fmt::format_to(end, "  not watched for {:.1f} s to hold --max-cpu\n",
                     static_cast<double>(kind.unwatched) / 1e9);
    }
    if (kind.difference() != 0) {
      fmt::format_to(end, "  {} not accounted for (records under way)\n", kind.difference());
    }
  }
  std::size_t shown = 0;
  for (const ProcessLoss& loss : account.losses) {
    if (shown++ == kProcessesShown) {
      fmt::format_to(end, "  ... and {} more\n", account.losses.size() - kProcessesShown);
      break;
    }
    fmt::format_to(end, "  lost {} {} of process {}\n", loss.count, loss.kind, loss.pid);
  }
  if (account.late != 0) fmt::format_to(end, "  {} delivered late\n", account.late);
  if (account.tables_lost != 0) {
    fmt::format_to(end, "  {} process records lost: names and paths may be incomplete\n",
                   account.tables_lost);
  }
  if (account.processes_evicted != 0) {
    fmt::format_to(end, "  {} processes forgotten to make room: names may be unknown\n",
                   account.processes_evicted);
  }
  return out;
}

std::string account_json(const Account& account) {
  std::string out = "{\"account\":{";
  auto end = std::back_inserter(out);
  const char* comma = "";
  for (const KindAccount& kind : account.kinds) {
    fmt::format_to(end,
                   "{}\"{}\":{{\"seen\":{},\"filtered\":{{\"kernel\":{},\"agent\":{}}},"
                   "\"delivered\":{},\"lost\":{{",
                   comma, kind.kind, kind.seen, kind.filtered_kernel, kind.filtered_agent,
                   kind.delivered);
    for (std::size_t i = 0; i < kLossReasonCount; ++i) {
      fmt::format_to(end, "{}\"{}\":{}", i == 0 ? "" : ",", kLossReasons[i].name, kind.lost[i]);
    }
    fmt::format_to(end, "}},\"missed\":{}", kind.missed);
    if (kind.unwatched != 0) fmt::format_to(end, ",\"unwatched_ns\":{}", kind.unwatched);
    out += '}';
    comma = ",";
  }
  fmt::format_to(end,
                 "}},\"late\":{},\"tables_lost\":{},\"processes_evicted\":{},\"lost_by_process\":[",
                 account.late, account.tables_lost, account.processes_evicted);
  comma = "";
  for (const ProcessLoss& loss : account.losses) {
    fmt::format_to(end, "{}{{\"pid\":{},\"kind\":\"{}\",\"count\":{}}}", comma, loss.pid, loss.kind,
                   loss.count);
    comma = ",";
  }
  out += "]}\n";
  return out;
}

}  // namespace outrider
