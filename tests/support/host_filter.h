// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "events/event.h"
#include "language/filter_tables.h"

namespace outrider {

// The filter of src/bpf/kernel/filter.bpf.c for a finished record, on the host: the same decisions
// (src/bpf/kernel/decide.h) in the same order, with the kernel's tries done the simple way.
class HostFilter {
 public:
  explicit HostFilter(FilterTables tables) : made_(std::move(tables)) {}

  // False if the kernel would not send this event.
  [[nodiscard]] bool wants(const Event& event);

  [[nodiscard]] const FilterTables& made() const { return made_; }

 private:
  FilterTables made_;
};

}  // namespace outrider
