// SPDX-License-Identifier: Apache-2.0
#include "bpf/swapped_map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <vector>

namespace outrider {

namespace {

// Keys that are read at once.
constexpr std::uint32_t kBatch = 256;

int put_in_use(int place, int map) {
  const std::uint32_t zero = 0;
  return bpf_map_update_elem(place, &zero, &map, BPF_ANY);
}

}  // namespace

Result<SwappedMap> SwappedMap::create(int place, const Shape& shape) {
  SwappedMap swapped;
  swapped.place_ = place;
  swapped.shape_ = shape;
  bpf_map_create_opts options{};
  options.sz = sizeof(options);
  options.map_flags = BPF_F_NO_PREALLOC;
  for (FileDescriptor& map : swapped.maps_) {
    const int made = bpf_map_create(
        BPF_MAP_TYPE_PERCPU_HASH, shape.name, static_cast<std::uint32_t>(shape.key_size),
        static_cast<std::uint32_t>(shape.value_size), shape.max_entries, &options);
    if (made < 0) return fail_errno(fmt::format("make the map {}", shape.name), -made);
    map = FileDescriptor(made);
  }
  if (const int error = put_in_use(place, swapped.maps_[0].get()); error != 0) {
    return fail_errno(fmt::format("put the map {} in its place", shape.name), -error);
  }
  return swapped;
}

bool SwappedMap::take(const Take& take) {
  const int full = maps_[in_use_].get();
  // Waits for the programs that have seen the full one: so does every change of a map in a map
  // since 4.20.
  if (put_in_use(place_, maps_[1 - in_use_].get()) != 0) return false;
  in_use_ = 1 - in_use_;
  return take_from(full, take);
}

bool SwappedMap::take_from(int map, const Take& take) {
  const auto cpus = static_cast<std::size_t>(libbpf_num_possible_cpus());
  const std::size_t values_size = cpus * shape_.value_size;
  std::vector<std::byte> keys(kBatch * shape_.key_size);
  std::vector<std::byte> values(kBatch * values_size);
  std::uint32_t position = 0;
  void* from = nullptr;
  for (;;) {
    std::uint32_t count = kBatch;
    const int error = bpf_map_lookup_and_delete_batch(map, from, &position, keys.data(),
                                                      values.data(), &count, nullptr);
    // ENOENT: these are the last.
    if (error != 0 && error != -ENOENT) return false;
    for (std::size_t i = 0; i < count; ++i) {
      take(keys.data() + i * shape_.key_size, values.data() + i * values_size, cpus);
    }
    if (error != 0) return true;
    from = &position;
  }
}

}  // namespace outrider
