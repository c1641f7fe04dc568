// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "aggregates/aggregate.h"
#include "base/file_descriptor.h"
#include "base/result.h"
#include "events/wire.h"

namespace outrider {

// The groups that the kernel programs fill: one of two maps, which stands in the only place of
// another. To read them, the empty one is put there: the kernel returns when no program has a hold
// of the full one, so that nothing is lost and nothing is counted twice. Not thread-safe.
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
  bool take_from(int map, const Take& take);

  int place_ = -1;
  wire_aggregation aggregation_{};
  FileDescriptor maps_[2];
  unsigned in_use_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace outrider
