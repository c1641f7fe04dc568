// SPDX-License-Identifier: Apache-2.0
//
// The engine with many consumers, each with a condition of its own that the load nearly satisfies
// and never does: what deciding for all of them costs the traced call.
//
//   bench_conditions --count 1000 --near /dev/shm/x/file
//
// Says on stderr when it is attached and how much it is, and then reads until SIGTERM.
#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <deque>
#include <string>
#include <thread>

#include "engine/engine.h"
#include "language/checker.h"
#include "sensors/registry.h"

namespace {

using namespace outrider;

// Each a mix of what people write: a prefix, names, users, `or` and `not`. No two are alike.
std::string condition(int number, const std::string& near) {
  if (number % 2 == 0) {
    return fmt::format(
        "fd.name startswith {}-{}/ or (proc.name = bench_loa{} and not user.uid in (0, {}))", near,
        number, number, number);
  }
  return fmt::format(
      "(user.uid = {} or proc.name in (load{}, bench_l{})) and not fd.name startswith /usr/{}",
      1000 + number, number, number, number);
}

}  // namespace

int main(int argc, char** argv) {
  int count = 1;
  std::string near = "/dev/shm/file";
  CLI::App app{"The engine with many conditions", "bench_conditions"};
  app.add_option("--count", count, "consumers, each with a condition");
  app.add_option("--near", near, "a path that the load opens");
  CLI11_PARSE(app, argc, argv);

  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, nullptr);
  const int signals = ::signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);

  EngineOptions options;
  options.kinds = {find_kind("open")};
  const FieldCatalog catalog = catalog_of(options.kinds);
  auto engine = Engine::start(options);
  if (!engine) {
    fmt::print(stderr, "conditions: {}\n", engine.error().message);
    return 1;
  }
  std::deque<Condition> conditions;
  std::vector<Consumer> consumers;
  std::uint64_t delivered = 0;
  for (int number = 0; number < count; ++number) {
    auto loaded = load(condition(number, near), catalog);
    if (!loaded) {
      fmt::print(stderr, "conditions: {}\n", loaded.error().message);
      return 2;
    }
    conditions.push_back(std::move(*loaded));
    consumers.push_back({.kinds = options.kinds,
                         .condition = &conditions.back(),
                         .deliver = [&delivered](const Event&) {
                           ++delivered;
                           return Outcome::kDelivered;
                         }});
  }
  auto added = (*engine)->add(std::move(consumers));
  if (!added) {
    fmt::print(stderr, "conditions: {}\n", added.error().message);
    return 1;
  }
  const FilterStatus filter = (*engine)->filter();
  fmt::print(
      stderr,
      "conditions: attached; {{\"clauses\": {}, \"sets\": {}, \"entries\": {}, \"bytes\": {}, "
      "\"widened\": {}}}\n",
      filter.clauses, filter.sets, filter.entries, filter.bytes, filter.widened);

  signalfd_siginfo information{};
  while (::read(signals, &information, sizeof(information)) < 0) {
    (*engine)->drain();
    std::this_thread::sleep_for(kDrainInterval);
  }
  (*engine)->finish();
  const Account account = (*engine)->account(added->front());
  fmt::print(stderr, "conditions: {{\"seen\": {}, \"filtered_kernel\": {}, \"delivered\": {}}}\n",
             account.kinds[0].seen, account.kinds[0].filtered_kernel, delivered);
  return 0;
}
