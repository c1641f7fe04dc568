// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace outrider {

// Sums that kernel programs keep by CPU: a hash, which stands in the only place of another map, and
// an empty one beside it. To read the full one, the empty one is put in its place: the kernel
// returns from that when no program has a hold of the full one, so that nothing is lost and
// nothing is counted twice. Not thread-safe.
class SwappedMap {
 public:
  struct Shape {
    const char* name;
    std::size_t key_size;
    std::size_t value_size;  // a multiple of 8, as the kernel wants it
    std::uint32_t max_entries;
  };

  SwappedMap() = default;
  // `place` is the map that holds the map in use; it must outlive this.
  static Result<SwappedMap> create(int place, const Shape& shape);

  // Hands on and forgets all that has been added up: a key, and a value of each CPU (aligned for
  // any type). False if the kernel would not let us: it stays where it is, for the next time.
  using Take = std::function<void(const void* key, const void* values, std::size_t cpus)>;
  bool take(const Take& take);

 private:
  bool take_from(int map, const Take& take);

  int place_ = -1;
  Shape shape_{};
  FileDescriptor maps_[2];
  unsigned in_use_ = 0;
};

}  // namespace outrider
