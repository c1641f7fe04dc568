// SPDX-License-Identifier: Apache-2.0
#include "cli/agent_part.h"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

#include "agent/agent.h"
#include "base/text.h"
#include "cli/agent_client.h"
#include "cli/top_table.h"

namespace outrider {

namespace {

using Json = nlohmann::json;

std::uint64_t number(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

double real(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

std::string text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

const Json& part(const Json& object, const char* name) {
  static const Json kNothing = Json::object();
  const auto found = object.find(name);
  return found != object.end() && found->is_structured() ? *found : kNothing;
}

std::string time_text(std::uint64_t seconds, const char* format) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm broken{};
  ::localtime_r(&time, &broken);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &broken)};
}

// Of a kind, or of all kinds of a stream.
struct Sums {
  std::uint64_t seen = 0;
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t lost = 0;
};

void add(Sums& sums, const Json& kind) {
  if (!kind.is_object()) return;
  sums.seen += number(kind, "seen");
  sums.delivered += number(kind, "delivered");
  sums.filtered +=
      number(part(kind, "filtered"), "kernel") + number(part(kind, "filtered"), "agent");
  for (const auto& [reason, count] : part(kind, "lost").items()) {
    sums.lost += number(part(kind, "lost"), reason.c_str());
  }
}

Sums sums_of(const Json& account) {
  Sums sums;
  for (const Json& kind : account) add(sums, kind);
  return sums;
}

// What the agent counts for its metrics, whoever reads streams.
void append_counted(std::string& out, const Json& account) {
  if (account.empty() || !account.is_object()) return;
  out += fmt::format("  {:<16} {:>12} {:>12} {:>12} {:>10} {:>10}\n", "COUNTED", "SEEN",
                     "DELIVERED", "FILTERED", "LOST", "MISSED");
  for (const auto& [name, kind] : account.items()) {
    Sums sums;
    add(sums, kind);
    std::string shown;
    append_terminal_text(shown, name);
    out += fmt::format("  {:<16} {:>12} {:>12} {:>12} {:>10} {:>10}\n", shown, sums.seen,
                       sums.delivered, sums.filtered, sums.lost, number(kind, "missed"));
  }
}

}  // namespace

std::optional<std::string> agent_document() {
  auto document = ask_agent(fmt::format("{}/{}", run_directory(), kObserveSocket), "/v1/agent");
  return document ? std::optional(std::move(*document)) : std::nullopt;
}

std::string agent_columns(std::string_view document, std::size_t width) {
  const Json agent = Json::parse(document, nullptr, /*allow_exceptions=*/false);
  if (!agent.is_object()) return "\nAn agent runs, but what it says is no JSON.\n";
  std::string out = fmt::format("\nAgent: process {}, version ", number(agent, "pid"));
  append_terminal_text(out, text(agent, "version"));
  out += fmt::format(", since {}\n", time_text(number(agent, "since"), "%Y-%m-%d %H:%M:%S"));
  if (const Json& budget = part(agent, "budget"); budget.is_object() && !budget.empty()) {
    out += fmt::format("  limit {:.3g} % of a CPU, used {:.3g} %, sends {:.3g} of all events\n",
                       100 * real(budget, "limit_cpus"), 100 * real(budget, "used_cpus"),
                       real(budget, "kept"));
  }
  append_counted(out, part(agent, "account"));
  const Json& streams = part(agent, "streams");
  if (streams.empty()) return out + "  no streams\n";
  out += fmt::format("{:>6} {:>7} {:>6} {:<11} {:>10} {:>10} {:>8} {:>9} {:>9} {:>7}  {}\n",
                     "STREAM", "PID", "UID", "SINCE", "DELIVERED", "FILTERED", "LOST", "SENT",
                     "WAITING", "CPU", "OF");
  for (const Json& stream : streams) {
    if (!stream.is_object()) continue;
    const Sums sums = sums_of(part(stream, "account"));
    out += fmt::format("{:>6} {:>7} {:>6} {:<11} {:>10} {:>10} {:>8} {:>9} {:>9} {:>6.2f}s  ",
                       number(stream, "id"), number(stream, "pid"), number(stream, "uid"),
                       time_text(number(stream, "since"), "%m-%d %H:%M"), sums.delivered,
                       sums.filtered, sums.lost, short_bytes(number(stream, "bytes_sent")),
                       short_bytes(number(stream, "bytes_waiting")),
                       static_cast<double>(number(stream, "cpu_ns")) / 1e9);
    std::string what;
    append_terminal_text(what, text(stream, "of"));
    constexpr std::size_t kBefore = 6 + 7 + 6 + 11 + 10 + 10 + 8 + 9 + 9 + 7 + 11;
    out += width > kBefore ? shorten_end(what, width - kBefore) : what;
    out += '\n';
  }
  return out;
}

}  // namespace outrider
