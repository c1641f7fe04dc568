// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace outrider {

// Standard output with a large buffer: one write for many events. Not thread-safe.
class Output {
 public:
  // Bytes after which the buffer should be flushed.
  static constexpr std::size_t kLarge = 64 * 1024;

  explicit Output(int descriptor) : descriptor_(descriptor) {}

  // Where to append whole lines.
  std::string& buffer() { return buffer_; }

  // Writes the buffer out and empties it. False once the reader has gone or the disk is
  // full; error() says why.
  bool flush();

  // 0, or the errno of the write that failed.
  [[nodiscard]] int error() const { return error_; }
  // Lines of the last flush that did not go out whole.
  [[nodiscard]] std::size_t unwritten_lines() const { return unwritten_lines_; }

 private:
  int descriptor_;
  int error_ = 0;
  std::size_t unwritten_lines_ = 0;
  std::string buffer_;
};

}  // namespace outrider
