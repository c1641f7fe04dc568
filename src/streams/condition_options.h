// SPDX-License-Identifier: Apache-2.0
//
// The options by which commands are told what to show: --where, --comm, -c and their like.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "language/condition.h"
#include "language/fields.h"
#include "streams/sugar.h"

namespace outrider {

struct ConditionOptions {
  Sugar sugar = {};
  std::optional<std::string> where = {};

  // Adds them to a command, whose values then come here.
  void add_to(CLI::App& app);
  // Only those that name processes, containers and pods.
  void add_workloads_to(CLI::App& app);

  // The condition that they stand for together; nullopt if everything is wanted.
  [[nodiscard]] Result<std::optional<Condition>> condition(const FieldCatalog& catalog) const;

 private:
  void add_rows_to(CLI::App& app, bool workloads_only);
};

// Whether a condition (nullptr: none) needs a field.
bool names_field(const Condition* condition, std::string_view field);

}  // namespace outrider
