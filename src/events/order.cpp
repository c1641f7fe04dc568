// SPDX-License-Identifier: Apache-2.0
#include "events/order.h"

#include <algorithm>
#include <cstring>

namespace outrider {

namespace {

constexpr std::size_t kSpareChunks = 8;

}  // namespace

void Order::add(std::uint64_t time, std::span<const std::byte> record) {
  Chunk& chunk = room_for(record.size());
  std::byte* copy = chunk.bytes.get() + chunk.used;
  std::memcpy(copy, record.data(), record.size());
  // Records are read as structures: keep them aligned.
  chunk.used += (record.size() + 7) / 8 * 8;
  ++chunk.items;
  items_.push_back({time, added_++, {copy, record.size()}, &chunk});
}

void Order::sort() {
  // By number where times are equal: records of one time stay in the order of their ring.
  const auto earlier = [](const Item& a, const Item& b) {
    return a.time != b.time ? a.time < b.time : a.number < b.number;
  };
  const auto first = items_.begin() + static_cast<std::ptrdiff_t>(next_);
  const auto middle = items_.begin() + static_cast<std::ptrdiff_t>(sorted_);
  if (middle == items_.end()) return;
  const auto earliest = std::min_element(middle, items_.end(), earlier);
  // Only the few held records that are later than the earliest new one take part.
  const auto overlap = std::upper_bound(first, middle, *earliest, earlier);
  if (overlap != middle || !std::is_sorted(middle, items_.end(), earlier)) {
    std::sort(overlap, items_.end(), earlier);
  }
  sorted_ = items_.size();
}

Order::Chunk& Order::room_for(std::size_t size) {
  if (chunks_.empty() || chunks_.back()->used + size > kChunkSize) {
    std::unique_ptr<Chunk> chunk;
    if (!spare_.empty()) {
      chunk = std::move(spare_.back());
      spare_.pop_back();
    } else {
      chunk = std::make_unique<Chunk>();
      chunk->bytes = std::make_unique_for_overwrite<std::byte[]>(kChunkSize);
    }
    chunks_.push_back(std::move(chunk));
  }
  return *chunks_.back();
}

void Order::drop(Chunk* chunk) {
  --chunk->items;
  // In order but for lateness: emptied chunks are at the front, sooner or later.
  while (!chunks_.empty() && chunks_.front()->items == 0 &&
         (chunks_.size() > 1 || chunks_.front()->used > kChunkSize / 2)) {
    std::unique_ptr<Chunk> empty = std::move(chunks_.front());
    chunks_.pop_front();
    empty->used = 0;
    if (spare_.size() < kSpareChunks) spare_.push_back(std::move(empty));
  }
}

void Order::compact() {
  if (next_ < items_.size() && next_ < 4096) return;
  items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(next_));
  sorted_ -= next_;
  next_ = 0;
}

}  // namespace outrider
