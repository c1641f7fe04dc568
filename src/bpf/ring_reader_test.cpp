// SPDX-License-Identifier: Apache-2.0
#include "bpf/ring_reader.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace outrider {
namespace {

// Memory that looks as the kernel's does: the consumer's page, the producer's, the data twice.
// Written with write(2), since the reader's mapping is read-only where the kernel's is.
class FakeRing {
 public:
  explicit FakeRing(std::size_t pages)
      : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
        size_(pages * page_),
        memory_(::memfd_create("ring_reader_test", MFD_CLOEXEC)) {
    EXPECT_EQ(::ftruncate(memory_.get(), static_cast<off_t>(2 * page_ + 2 * size_)), 0);
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  Result<RingReader> reader() const {
    return RingReader::over(FileDescriptor(::dup(memory_.get())), size_);
  }

  // Begins all of it at a place far into the ring's life.
  void start_at(std::uint64_t position) {
    produced_ = position;
    write_at(0, &position, sizeof(position));
    write_at(page_, &position, sizeof(position));
  }

  // Where its header is, to change it afterwards.
  std::uint64_t append(std::string_view record, std::uint32_t flags = 0) {
    const std::uint64_t at = produced_;
    set_header(at, static_cast<std::uint32_t>(record.size()) | flags);
    for (std::size_t i = 0; i < record.size(); ++i) put(at + 8 + i, record[i]);
    produced_ = (at + 8 + record.size() + 7) / 8 * 8;
    write_at(page_, &produced_, sizeof(produced_));
    return at;
  }

  void set_header(std::uint64_t at, std::uint32_t length) {
    char bytes[sizeof(length)];
    std::memcpy(bytes, &length, sizeof(length));
    for (std::size_t i = 0; i < sizeof(length); ++i) put(at + i, bytes[i]);
  }

  std::uint64_t consumed() const {
    std::uint64_t position = 0;
    EXPECT_EQ(::pread(memory_.get(), &position, sizeof(position), 0),
              static_cast<ssize_t>(sizeof(position)));
    return position;
  }
  [[nodiscard]] std::uint64_t produced() const { return produced_; }

 private:
  void write_at(std::size_t offset, const void* bytes, std::size_t count) {
    EXPECT_EQ(::pwrite(memory_.get(), bytes, count, static_cast<off_t>(offset)),
              static_cast<ssize_t>(count));
  }
  // In both copies of the data.
  void put(std::uint64_t position, char byte) {
    const std::size_t place = 2 * page_ + position % size_;
    write_at(place, &byte, 1);
    write_at(place + size_, &byte, 1);
  }

  std::size_t page_;
  std::size_t size_;
  FileDescriptor memory_;
  std::uint64_t produced_ = 0;
};

// include/uapi/linux/bpf.h
constexpr std::uint32_t kBusy = 1u << 31;
constexpr std::uint32_t kDiscarded = 1u << 30;

std::vector<std::string> drained(RingReader& reader) {
  std::vector<std::string> records;
  const std::size_t count = reader.drain([&](std::span<const std::byte> record) {
    records.emplace_back(reinterpret_cast<const char*>(record.data()), record.size());
  });
  EXPECT_EQ(count, records.size());
  return records;
}

using Records = std::vector<std::string>;

TEST(RingReader, HandsOutRecordsInOrderWithTheirExactLengths) {
  FakeRing ring(1);
  auto reader = ring.reader();
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  EXPECT_EQ(drained(*reader), Records{});
  ring.append("one");
  ring.append("");
  ring.append("12345678");
  ring.append("123456789");
  EXPECT_EQ(reader->used(), 16u + 8 + 16 + 24);
  EXPECT_EQ(drained(*reader), (Records{"one", "", "12345678", "123456789"}));
  EXPECT_EQ(reader->used(), 0u);
  EXPECT_EQ(ring.consumed(), ring.produced());
  EXPECT_EQ(drained(*reader), Records{});
  ring.append("later");
  EXPECT_EQ(drained(*reader), Records{"later"});
}

TEST(RingReader, SkipsWhatWasDiscarded) {
  FakeRing ring(1);
  auto reader = ring.reader();
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  ring.append("gone", kDiscarded);
  ring.append("one");
  ring.append("gone as well", kDiscarded);
  EXPECT_EQ(drained(*reader), Records{"one"});
  // Its room is given back all the same.
  EXPECT_EQ(reader->used(), 0u);
}

// One that is reserved and not yet written holds up those behind it, also finished ones.
TEST(RingReader, WaitsForWhatIsNotYetWritten) {
  FakeRing ring(1);
  auto reader = ring.reader();
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  ring.append("one");
  const std::uint64_t busy = ring.append("two", kBusy);
  ring.append("three");
  EXPECT_EQ(drained(*reader), Records{"one"});
  EXPECT_EQ(ring.consumed(), busy);
  EXPECT_EQ(drained(*reader), Records{});
  ring.set_header(busy, 3);
  EXPECT_EQ(drained(*reader), (Records{"two", "three"}));

  const std::uint64_t other = ring.append("four", kBusy);
  EXPECT_EQ(drained(*reader), Records{});
  ring.set_header(other, 4 | kDiscarded);
  EXPECT_EQ(drained(*reader), Records{});
  EXPECT_EQ(reader->used(), 0u);
}

// At every place where a record can cross the end of the data, and far beyond 32 bits.
TEST(RingReader, RecordsDoNotWrap) {
  FakeRing ring(1);
  auto reader = ring.reader();
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  const std::string record = "a record of several words, of 48 bytes to be exact";
  for (std::uint64_t before = 0; before <= record.size() + 16; before += 8) {
    ring.start_at((std::uint64_t{1} << 40) + ring.size() - before);
    ring.append(record);
    ring.append("next");
    EXPECT_EQ(drained(*reader), (Records{record, "next"})) << before;
    EXPECT_EQ(ring.consumed(), ring.produced());
  }
}

TEST(RingReader, AWholeRingIsReadAndAccounted) {
  FakeRing ring(2);
  auto reader = ring.reader();
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  EXPECT_EQ(reader->size(), ring.size());
  const std::string record(ring.size() / 4 - 8, 'x');
  for (int i = 0; i < 4; ++i) ring.append(record);
  EXPECT_EQ(reader->used(), ring.size());
  EXPECT_EQ(drained(*reader), Records(4, record));
  EXPECT_EQ(reader->used(), 0u);
}

// The kernel finds room as soon as a record is done with, not at the end of all.
TEST(RingReader, GivesRoomBackAfterEachRecord) {
  FakeRing ring(1);
  auto reader = ring.reader();
  ASSERT_TRUE(reader.has_value()) << reader.error().message;
  std::vector<std::uint64_t> starts;
  for (const char* record : {"one", "two", "three"}) starts.push_back(ring.append(record));
  std::size_t number = 0;
  reader->drain([&](std::span<const std::byte>) {
    // Not before: the bytes are still being looked at.
    EXPECT_EQ(ring.consumed(), starts.at(number));
    ++number;
  });
  EXPECT_EQ(number, 3u);
}

TEST(RingReader, CanBeMoved) {
  FakeRing ring(1);
  auto first = ring.reader();
  ASSERT_TRUE(first.has_value()) << first.error().message;
  ring.append("one");
  RingReader second(std::move(*first));
  EXPECT_EQ(drained(second), Records{"one"});
}

TEST(RingReader, ADescriptorThatIsNoneIsAnError) {
  const auto reader = RingReader::over(FileDescriptor(), 4096);
  ASSERT_FALSE(reader.has_value());
  EXPECT_EQ(reader.error().message, "map the consumer page of a ring: Bad file descriptor");
}

}  // namespace
}  // namespace outrider
