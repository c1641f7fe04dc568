// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "aggregates/aggregate.h"
#include "base/result.h"
#include "bpf/swapped_map.h"
#include "events/wire.h"

namespace outrider {

// The groups that the kernel programs fill. Not thread-safe.
class KernelGroups {
 public:
  // `place` is the map that holds the map in use; it must outlive this.
  static Result<KernelGroups> create(int place, const wire_aggregation& aggregation);

  // Hands on and forgets all groups. False if the kernel would not let us: they stay where they
  // are, for the next time.
  using Take = std::function<void(const wire_file& event, const Portion& portion)>;
  bool take(const Take& take);

  // Events that it has handed on.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  SwappedMap map_;
  wire_aggregation aggregation_{};
  std::uint64_t taken_ = 0;
};

}  // namespace outrider
