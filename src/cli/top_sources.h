// SPDX-License-Identifier: Apache-2.0
//
// Where the rows of each kind of top come from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/top_table.h"
#include "engine/engine.h"
#include "language/condition.h"
#include "language/fields.h"

namespace outrider {

struct TopNeeds {
  // Only that for which it holds; nullptr: all. Outlives the source.
  const Condition* condition = nullptr;
  std::vector<std::uint32_t> pids = {};  // of syscall, which has no condition on processes
  bool all = false;                      // of file: also pipes, sockets and the like
  bool show_secrets = false;
};

// Not thread-safe.
class TopSource {
 public:
  TopSource() = default;
  TopSource(const TopSource&) = delete;
  TopSource& operator=(const TopSource&) = delete;
  virtual ~TopSource() = default;

  // From its return on everything counts.
  virtual Result<void> start(const TopNeeds& needs) = 0;
  // What has events under way, and must be drained; nullptr: nothing.
  virtual Engine* engine() = 0;
  // To be called each second, also within an interval.
  virtual void collect() {}
  // The rows of the interval that ends now, in any order; `rows` is empty, and has its interval.
  virtual Result<void> take(TopRows& rows) = 0;
  // What is missing in all that has been shown; a line each.
  virtual std::vector<std::string> notes() { return {}; }
};

struct TopKind {
  std::string_view name;
  std::string_view doc;
  std::span<const TopColumn> columns;
  std::string_view sort;  // the column by which it is sorted first
  // Fields that conditions may be about.
  FieldCatalog (*catalog)();
  // Conditions are about processes, containers and pods only, not --where.
  bool workloads_only;
  std::unique_ptr<TopSource> (*make)();
};

// An engine that nobody wants events of: only what feeds the tables of names is attached.
Result<std::unique_ptr<Engine>> start_tables(const TopNeeds& needs);

std::span<const TopKind> top_kinds();
// nullptr if there is none.
const TopKind* find_top_kind(std::string_view name);

// Each in a file of its own: top_processes.cpp and so on.
TopKind top_of_processes();
TopKind top_of_files();
TopKind top_of_blocks();
TopKind top_of_containers();
TopKind top_of_syscalls();

}  // namespace outrider
