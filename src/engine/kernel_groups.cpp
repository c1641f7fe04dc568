// SPDX-License-Identifier: Apache-2.0
#include "engine/kernel_groups.h"

#include <cstring>
#include <span>

#include "aggregates/kernel_plan.h"

namespace outrider {

Result<KernelGroups> KernelGroups::create(int place, const wire_aggregation& aggregation) {
  auto map = SwappedMap::create(place, {.name = "outrider_groups",
                                        .key_size = key_size_of(aggregation),
                                        .value_size = sizeof(wire_portion),
                                        .max_entries = WIRE_GROUPS_MAX});
  if (!map) return std::unexpected(map.error());
  KernelGroups groups;
  groups.map_ = std::move(*map);
  groups.aggregation_ = aggregation;
  return groups;
}

bool KernelGroups::take(const Take& take) {
  return map_.take([&](const void* key, const void* values, std::size_t cpus) {
    wire_group group{};
    std::memcpy(&group, key, key_size_of(aggregation_));
    const auto* portions = static_cast<const wire_portion*>(values);
    const Portion portion = portion_of(group, std::span(portions, cpus));
    taken_ += portion.count;
    take(event_of(aggregation_, group), portion);
  });
}

}  // namespace outrider
