// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace outrider {

// Reads one BPF ring buffer. libbpf's own reader calls back for each record and
// waits on epoll alone; ours is asked for what is there (the engine polls while busy)
// and can say how full the ring is. Layout: kernel/bpf/ringbuf.c.
// Not thread-safe; one reader per ring.
class RingReader {
 public:
  // Makes a ring of `size` bytes (a power of two, whole pages) and maps it.
  static Result<RingReader> create(const char* name, std::size_t size);
  // Maps a ring that is there, of that size.
  static Result<RingReader> over(FileDescriptor map, std::size_t size);

  RingReader(RingReader&& other) noexcept;
  RingReader& operator=(RingReader&&) = delete;
  ~RingReader();

  // Calls `consume(std::span<const std::byte>)` for each record there is now, oldest
  // first, and gives its place back to the kernel after. Returns how many there were.
  template <typename Consume>
  std::size_t drain(Consume&& consume) {
    std::size_t count = 0;
    std::uint64_t position = consumer_position();
    const std::uint64_t limit = producer_position();
    while (position < limit) {
      const std::uint32_t length = record_length(position);
      if (length & kBusy) break;  // reserved, not yet written: the rest waits for it
      const std::uint32_t size = length & ~(kBusy | kDiscarded);
      if (!(length & kDiscarded)) {
        consume(std::span(data_ + (position & mask_) + kHeaderSize, size));
        ++count;
      }
      position += (kHeaderSize + size + 7) / 8 * 8;
      // Give room back as we go, so that a flood finds some.
      set_consumer_position(position);
    }
    return count;
  }

  [[nodiscard]] int descriptor() const { return map_.get(); }
  [[nodiscard]] std::size_t size() const { return mask_ + 1; }
  // Bytes that are in the ring now.
  [[nodiscard]] std::size_t used() const { return producer_position() - consumer_position(); }

 private:
  RingReader() = default;

  // include/uapi/linux/bpf.h: BPF_RINGBUF_BUSY_BIT, _DISCARD_BIT, _HDR_SZ
  static constexpr std::uint32_t kBusy = 1u << 31;
  static constexpr std::uint32_t kDiscarded = 1u << 30;
  static constexpr std::size_t kHeaderSize = 8;

  [[nodiscard]] std::uint64_t consumer_position() const;
  [[nodiscard]] std::uint64_t producer_position() const;
  [[nodiscard]] std::uint32_t record_length(std::uint64_t position) const;
  void set_consumer_position(std::uint64_t position);

  FileDescriptor map_;
  std::byte* consumer_page_ = nullptr;   // one page, ours to write
  std::byte* producer_pages_ = nullptr;  // one page, then the data twice in a row
  const std::byte* data_ = nullptr;
  std::size_t mask_ = 0;
  std::size_t page_ = 0;
};

}  // namespace outrider
