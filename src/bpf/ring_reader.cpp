// SPDX-License-Identifier: Apache-2.0
#include "bpf/ring_reader.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace outrider {

Result<RingReader> RingReader::create(const char* name, std::size_t size) {
  const int map =
      bpf_map_create(BPF_MAP_TYPE_RINGBUF, name, 0, 0, static_cast<std::uint32_t>(size), nullptr);
  if (map < 0) return fail_errno(fmt::format("make a ring of {} bytes", size), -map);
  return over(FileDescriptor(map), size);
}

Result<RingReader> RingReader::over(FileDescriptor map, std::size_t size) {
  RingReader ring;
  ring.map_ = std::move(map);
  ring.page_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  ring.mask_ = size - 1;

  void* consumer =
      ::mmap(nullptr, ring.page_, PROT_READ | PROT_WRITE, MAP_SHARED, ring.descriptor(), 0);
  if (consumer == MAP_FAILED) return fail_errno("map the consumer page of a ring", errno);
  ring.consumer_page_ = static_cast<std::byte*>(consumer);

  // The kernel maps the data twice in a row, so that a record never wraps.
  void* producer = ::mmap(nullptr, ring.page_ + 2 * size, PROT_READ, MAP_SHARED, ring.descriptor(),
                          static_cast<off_t>(ring.page_));
  if (producer == MAP_FAILED) return fail_errno("map the data of a ring", errno);
  ring.producer_pages_ = static_cast<std::byte*>(producer);
  ring.data_ = ring.producer_pages_ + ring.page_;
  return ring;
}

RingReader::RingReader(RingReader&& other) noexcept
    : map_(std::move(other.map_)),
      consumer_page_(std::exchange(other.consumer_page_, nullptr)),
      producer_pages_(std::exchange(other.producer_pages_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      mask_(other.mask_),
      page_(other.page_) {}

RingReader::~RingReader() {
  if (consumer_page_ != nullptr) ::munmap(consumer_page_, page_);
  if (producer_pages_ != nullptr) ::munmap(producer_pages_, page_ + 2 * size());
}

std::uint64_t RingReader::consumer_position() const {
  return *reinterpret_cast<const std::uint64_t*>(consumer_page_);
}

std::uint64_t RingReader::producer_position() const {
  // Acquire: the records before this position are visible after it.
  return std::atomic_ref(*reinterpret_cast<std::uint64_t*>(producer_pages_))
      .load(std::memory_order_acquire);
}

std::uint32_t RingReader::record_length(std::uint64_t position) const {
  auto* length = reinterpret_cast<const std::uint32_t*>(data_ + (position & mask_));
  return std::atomic_ref(*const_cast<std::uint32_t*>(length)).load(std::memory_order_acquire);
}

void RingReader::set_consumer_position(std::uint64_t position) {
  // Release: we are done with the bytes before this position.
  std::atomic_ref(*reinterpret_cast<std::uint64_t*>(consumer_page_))
      .store(position, std::memory_order_release);
}

}  // namespace outrider
