// SPDX-License-Identifier: Apache-2.0
//
// What conditions cost: prints, as one JSON line, judgements per second of one with ten atoms, on
// one thread, and how long it takes to load a thousand.
//
//   bench_language [--seconds 1]
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/arena.h"
#include "events/event.h"
#include "language/checker.h"
#include "language/evaluator.h"

namespace {

using namespace outrider;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Two events in turn, so that the same turns are not always taken.
int turn = 0;

constexpr FieldDescriptor field(std::string_view name, FieldType type,
                                Value (*read)(const Event&)) {
  return {
      .name = name, .type = type, .unit = "", .doc = "", .column = "", .width = 1, .read = read};
}

// clang-format off: a table
const FieldDescriptor kFields[] = {
    field("evt.type", FieldType::kText, [](const Event&) { return Value::of_text("openat"); }),
    field("evt.res", FieldType::kText, [](const Event&) { return Value::of_text("SUCCESS"); }),
    field("evt.arg.flags", FieldType::kText,
          [](const Event&) { return Value::of_text("O_WRONLY|O_CREAT|O_CLOEXEC"); }),
    field("proc.name", FieldType::kText,
          [](const Event&) { return Value::of_text(turn == 0 ? "nginx" : "postgres"); }),
    field("proc.pname", FieldType::kText, [](const Event&) { return Value::of_text("systemd"); }),
    field("proc.cmdline", FieldType::kText,
          [](const Event&) { return Value::of_text("nginx: worker process --token=0 -c /x"); }),
    field("proc.pid", FieldType::kUnsigned, [](const Event&) { return Value::of_unsigned(4242); }),
    field("user.uid", FieldType::kUnsigned, [](const Event&) { return Value::of_unsigned(33); }),
    field("fd.name", FieldType::kPath,
          [](const Event&) { return Value::of_text("/etc/nginx/conf.d/site.conf"); }),
};
// clang-format on

// All ten are judged for one of the two events, eight for the other.
constexpr std::string_view kTenAtoms =
    "evt.type in (open, openat, openat2, creat) and evt.res = SUCCESS "
    "and evt.arg.flags contains O_CREAT and user.uid != 0 and proc.pid > 100 "
    "and fd.name startswith /etc/ and not fd.name endswith .pid "
    "and not proc.name in (systemd, sshd, cron, dpkg, apt, apt-get, rpm, dnf, yum, postgres) "
    "and not proc.cmdline contains --dry-run and fd.name pmatch (/usr, /etc/nginx)";

FieldCatalog make_catalog() {
  FieldCatalog catalog;
  for (const FieldDescriptor& descriptor : kFields) {
    catalog.add(WIRE_OPEN, descriptor, {.flags = descriptor.name == "evt.arg.flags"});
  }
  return catalog;
}

double judgements_per_second(const FieldCatalog& catalog, double seconds) {
  const auto condition = load(kTenAtoms, catalog);
  if (!condition) {
    fmt::print(stderr, "{}\n", condition.error().message);
    std::exit(1);
  }
  Arena arena;
  wire_header header{};
  header.kind = WIRE_OPEN;
  Event event;
  event.header = &header;
  event.arena = &arena;
  constexpr int kAtOnce = 10'000;
  std::uint64_t count = 0;
  std::uint64_t held = 0;
  const auto start = Clock::now();
  while (seconds_since(start) < seconds) {
    for (int i = 0; i < kAtOnce; ++i) {
      turn = i & 1;
      held += evaluate(*condition, event) ? 1 : 0;
      arena.reset();
    }
    count += kAtOnce;
  }
  const double took = seconds_since(start);
  if (held != count / 2) {
    fmt::print(stderr, "{} of {} held, not half\n", held, count);
    std::exit(1);
  }
  return static_cast<double>(count) / took;
}

// A thousand that differ, one in ten with a regular expression; the best of five rounds.
double load_milliseconds(const FieldCatalog& catalog) {
  std::vector<std::string> expressions;
  for (int i = 0; i < 1000; ++i) {
    std::string text = fmt::format("{} and proc.pid != {}", kTenAtoms, i);
    if (i % 10 == 0) text += fmt::format(" and fd.name regex '/etc/[a-z]+/.*{}\\\\.conf'", i);
    expressions.push_back(std::move(text));
  }
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    std::vector<Condition> loaded;
    const auto start = Clock::now();
    for (const std::string& text : expressions) {
      auto condition = load(text, catalog);
      if (!condition) {
        fmt::print(stderr, "{}\n", condition.error().message);
        std::exit(1);
      }
      loaded.push_back(std::move(*condition));
    }
    best = std::min(best, 1000 * seconds_since(start));
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 1;
  CLI::App app("What conditions cost");
  app.add_option("--seconds", seconds, "how long to judge");
  CLI11_PARSE(app, argc, argv);
  const FieldCatalog catalog = make_catalog();
  fmt::print("{{\"judgements_per_second\": {:.0f}, \"load_1000_ms\": {:.2f}}}\n",
             judgements_per_second(catalog, seconds), load_milliseconds(catalog));
  return 0;
}
