// SPDX-License-Identifier: Apache-2.0
#include "engine/kernel_groups.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>

#include "aggregates/kernel_plan.h"

namespace outrider {

namespace {

// Keys that are read at once.
constexpr std::uint32_t kBatch = 256;

int put_in_use(int place, int map) {
  const std::uint32_t zero = 0;
  return bpf_map_update_elem(place, &zero, &map, BPF_ANY);
}

}  // namespace

Result<KernelGroups> KernelGroups::create(int place, const wire_aggregation& aggregation) {
  KernelGroups groups;
  groups.place_ = place;
  groups.aggregation_ = aggregation;
  bpf_map_create_opts options{};
  options.sz = sizeof(options);
  options.map_flags = BPF_F_NO_PREALLOC;
  for (FileDescriptor& map : groups.maps_) {
    const int made = bpf_map_create(BPF_MAP_TYPE_PERCPU_HASH, "outrider_groups",
                                    static_cast<std::uint32_t>(key_size_of(aggregation)),
                                    sizeof(wire_portion), WIRE_GROUPS_MAX, &options);
    if (made < 0) return fail_errno("make a map of groups", -made);
    map = FileDescriptor(made);
  }
  if (const int error = put_in_use(place, groups.maps_[0].get()); error != 0) {
    return fail_errno("put the groups in their place", -error);
  }
  return groups;
}

bool KernelGroups::take(const Take& take) {
  const int full = maps_[in_use_].get();
  // Waits for the programs that have seen the full one: so does every change of a map in a map
  // since 4.20.
  if (put_in_use(place_, maps_[1 - in_use_].get()) != 0) return false;
  in_use_ = 1 - in_use_;
  return take_from(full, take);
}

bool KernelGroups::take_from(int map, const Take& take) {
  const auto cpus = static_cast<std::size_t>(libbpf_num_possible_cpus());
  const std::size_t key_size = key_size_of(aggregation_);
  std::vector<std::byte> keys(kBatch * key_size);
  std::vector<wire_portion> portions(kBatch * cpus);
  std::uint32_t position = 0;
  void* from = nullptr;
  for (;;) {
    std::uint32_t count = kBatch;
    const int error = bpf_map_lookup_and_delete_batch(map, from, &position, keys.data(),
                                                      portions.data(), &count, nullptr);
    // ENOENT: these are the last.
    if (error != 0 && error != -ENOENT) return false;
    for (std::size_t i = 0; i < count; ++i) {
      wire_group group{};
      std::memcpy(&group, keys.data() + i * key_size, key_size);
      const Portion portion = portion_of(group, std::span(portions).subspan(i * cpus, cpus));
      taken_ += portion.count;
      take(event_of(aggregation_, group), portion);
    }
    if (error != 0) return true;
    from = &position;
  }
}

}  // namespace outrider
