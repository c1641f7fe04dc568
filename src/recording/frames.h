// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace outrider {

// Packs what is put into content(), frame by frame. Not thread-safe.
class FramePacker {
 public:
  // Takes the bytes of the file's head, and of each frame as a whole.
  using Take = std::function<void(std::string_view)>;

  explicit FramePacker(Take take);

  // Of the frame that is not ended yet: whole chunks are appended.
  std::string& content() { return content_; }
  // Ends the frame, if there is anything in it.
  void end_frame();

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };

  Take take_;
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  std::string content_;
  std::vector<char> packed_;
};

// Where bytes come from: fills in what there is of them, up to all; none at the end.
using ReadBytes = std::function<Result<std::size_t>(std::span<std::byte>)>;

// The other way round. What is read may be anything: no more memory is used than for one frame of
// kFrameMax. Not thread-safe.
class FrameUnpacker {
 public:
  // Fails if it is no recording, or of another version.
  static Result<FrameUnpacker> open(ReadBytes read);

  // The next frame's content, aligned to 8 bytes; valid until the next call. Nothing at the end,
  // also where the rest cannot be used: damage() says why.
  Result<std::optional<std::span<const std::byte>>> next();

  // Why what there is ends before its end; empty: it does not.
  [[nodiscard]] const std::string& damage() const { return damage_; }
  // Of the file, so far.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };

  explicit FrameUnpacker(ReadBytes read);
  // How many there were: fewer only at the end.
  Result<std::size_t> fill(std::span<std::byte> bytes);

  ReadBytes read_;
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::vector<std::byte> packed_;
  std::unique_ptr<std::uint64_t[]> plain_;
  std::string damage_;
  std::uint64_t bytes_ = 0;
};

// Of a descriptor that outlives it.
ReadBytes read_from(int descriptor);

}  // namespace outrider
