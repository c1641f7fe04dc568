// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

namespace outrider {

// Puts the records of several rings into the order of their times (SEMANTICS 8).
//
// Records are held for a watermark and then released, earliest first. One that comes
// when a later one has been released already is released at once, and marked late.
// Records are copied in, so that the rings are free again. Not thread-safe.
class Order {
 public:
  // Takes a copy of a record with this time (boot, ns).
  void add(std::uint64_t time, std::span<const std::byte> record);

  // To be called when a round of add() is done, before release().
  void sort();

  // Calls `deliver(std::span<const std::byte> record, bool late)` for each record not
  // later than `limit`, in order of time.
  template <typename Deliver>
  void release(std::uint64_t limit, Deliver&& deliver) {
    while (next_ < items_.size() && items_[next_].time <= limit) {
      const Item item = items_[next_++];
      const bool late = item.time < last_released_;
      if (!late) last_released_ = item.time;
      deliver(item.record, late);
      drop(item.chunk);
    }
    compact();
  }

  [[nodiscard]] bool empty() const { return next_ == items_.size(); }
  [[nodiscard]] std::size_t held() const { return items_.size() - next_; }

 private:
  static constexpr std::size_t kChunkSize = 256 * 1024;  // bytes; the largest record is 28 KiB

  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t used = 0;
    std::size_t items = 0;  // not yet released
  };
  struct Item {
    std::uint64_t time;
    std::uint64_t number;  // of the add()
    std::span<const std::byte> record;
    Chunk* chunk;
  };

  Chunk& room_for(std::size_t size);
  void drop(Chunk* chunk);
  void compact();

  std::deque<std::unique_ptr<Chunk>> chunks_;  // the last is being filled
  std::vector<std::unique_ptr<Chunk>> spare_;
  std::vector<Item> items_;  // from next_: held, up to sorted_ in order
  std::size_t next_ = 0;
  std::size_t sorted_ = 0;
  std::uint64_t last_released_ = 0;
  std::uint64_t added_ = 0;
};

}  // namespace outrider
