// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace outrider {

// Memory for texts that live as long as one event: handed out in order, taken back
// all at once, kept for the next event. Not thread-safe.
class Arena {
 public:
  // Uninitialised memory, valid until reset(). Never nullptr, also for nothing.
  char* allocate(std::size_t size) {
    // Nothing at all is of some block, too.
    if (used_ + size > block_size_ || blocks_.empty()) grow(size);
    char* memory = blocks_.back().get() + used_;
    used_ += size;
    return memory;
  }

  std::string_view copy(std::string_view text) {
    char* memory = allocate(text.size());
    // memcpy wants two addresses even for nothing, and an empty view may have none.
    if (!text.empty()) std::memcpy(memory, text.data(), text.size());
    return {memory, text.size()};
  }

  // Everything handed out becomes invalid.
  void reset() {
    if (blocks_.size() > 1) {
      blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    }
    used_ = 0;
  }

 private:
  void grow(std::size_t size) {
    block_size_ = size > kBlockSize ? size : kBlockSize;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_size_));
    used_ = 0;
  }

  static constexpr std::size_t kBlockSize = 64 * 1024;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_size_ = 0;
  std::size_t used_ = 0;
};

}  // namespace outrider
