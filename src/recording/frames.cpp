// SPDX-License-Identifier: Apache-2.0
#include "recording/frames.h"

#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "recording/format.h"

namespace outrider {

namespace {

// The quickest but the negative ones: packs records to a twelfth.
constexpr int kLevel = 1;

template <typename Head>
std::string_view bytes_of(const Head& head) {
  return {reinterpret_cast<const char*>(&head), sizeof(head)};
}

}  // namespace

// ---- writing

void FramePacker::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }

FramePacker::FramePacker(Take take) : take_(std::move(take)), context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  content_.reserve(kFrameFull);
  take_(bytes_of(FileHead{}));
}

void FramePacker::end_frame() {
  if (content_.empty()) return;
  packed_.resize(sizeof(FrameHead) + ZSTD_compressBound(content_.size()));
  // With room for the worst it cannot fail but for want of memory.
  const std::size_t size =
      ZSTD_compress2(context_.get(), packed_.data() + sizeof(FrameHead),
                     packed_.size() - sizeof(FrameHead), content_.data(), content_.size());
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();
  const FrameHead head{.packed = static_cast<std::uint32_t>(size),
                       .plain = static_cast<std::uint32_t>(content_.size())};
  std::memcpy(packed_.data(), &head, sizeof(head));
  content_.clear();
  take_({packed_.data(), sizeof(head) + size});
}

// ---- reading

void FrameUnpacker::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

FrameUnpacker::FrameUnpacker(ReadBytes read) : read_(std::move(read)), context_(ZSTD_createDCtx()) {
  if (!context_) throw std::bad_alloc();
}

Result<FrameUnpacker> FrameUnpacker::open(ReadBytes read) {
  FrameUnpacker reader(std::move(read));
  FileHead head;
  const auto size = reader.fill(std::as_writable_bytes(std::span(&head, 1)));
  if (!size) return std::unexpected(size.error());
  const FileHead expected;
  if (*size < sizeof(head) || head.magic != expected.magic || head.size != expected.size ||
      std::memcmp(head.name, expected.name, sizeof(head.name)) != 0) {
    return fail("this is no recording: 'outrider record' makes them", ExitCode::kBadInput);
  }
  if (head.version != kRecordingVersion) {
    return fail(fmt::format("a recording of format {}, of which this program knows only {}; play "
                            "it with the version that made it",
                            head.version, kRecordingVersion),
                ExitCode::kBadInput);
  }
  return reader;
}

Result<std::size_t> FrameUnpacker::fill(std::span<std::byte> bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto count = read_(bytes.subspan(filled));
    if (!count) return std::unexpected(count.error());
    if (*count == 0) break;
    filled += *count;
  }
  bytes_ += filled;
  return filled;
}

Result<std::optional<std::span<const std::byte>>> FrameUnpacker::next() {
  const auto damaged = [this](std::string_view how) {
    damage_ = fmt::format("{} before byte {}: what comes after is not shown", how, bytes_);
    return std::optional<std::span<const std::byte>>();
  };
  if (!damage_.empty()) return std::nullopt;
  FrameHead head;
  auto size = fill(std::as_writable_bytes(std::span(&head, 1)));
  if (!size) return std::unexpected(size.error());
  if (*size == 0) return std::nullopt;
  if (*size < sizeof(head)) return damaged("breaks off");
  if (head.magic != kSkippableFrame || head.size != sizeof(head) - 2 * sizeof(std::uint32_t) ||
      head.plain > kFrameMax || head.packed > ZSTD_compressBound(kFrameMax)) {
    return damaged("is damaged");
  }
  packed_.resize(head.packed);
  size = fill(packed_);
  if (!size) return std::unexpected(size.error());
  if (*size < packed_.size()) return damaged("breaks off");
  if (!plain_) plain_ = std::make_unique_for_overwrite<std::uint64_t[]>(kFrameMax / 8);
  auto* plain = reinterpret_cast<std::byte*>(plain_.get());
  // Its checksum is compared, too.
  const std::size_t unpacked =
      ZSTD_decompressDCtx(context_.get(), plain, head.plain, packed_.data(), packed_.size());
  if (ZSTD_isError(unpacked) != 0 || unpacked != head.plain) return damaged("is damaged");
  return std::optional(std::span<const std::byte>(plain, unpacked));
}

ReadBytes read_from(int descriptor) {
  return [descriptor](std::span<std::byte> bytes) -> Result<std::size_t> {
    for (;;) {
      const ssize_t count = ::read(descriptor, bytes.data(), bytes.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return fail_errno("read the recording", errno);
    }
  };
}

}  // namespace outrider
