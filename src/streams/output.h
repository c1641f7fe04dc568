// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace outrider {

// Where lines go: a large buffer, so that one write is for many. Not thread-safe.
class Output {
 public:
  // Bytes after which the buffer should be flushed.
  static constexpr std::size_t kLarge = 64 * 1024;

  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  // Where to append whole lines.
  std::string& buffer() { return buffer_; }

  // Writes the buffer out and empties it. False once the reader has gone or the disk is
  // full; error() says why.
  bool flush();

  // Whether what is appended now would be lost, for the reader is too slow.
  [[nodiscard]] virtual bool full() const { return false; }

  // 0, or the errno of the write that failed.
  [[nodiscard]] int error() const { return error_; }
  // Lines of the last flush that did not go out whole.
  [[nodiscard]] std::size_t unwritten_lines() const { return unwritten_lines_; }

 protected:
  // Writes all, or sets what of it is left over and returns the errno.
  virtual int write_out(std::string_view text, std::string_view& left) = 0;

 private:
  int error_ = 0;
  std::size_t unwritten_lines_ = 0;
  std::string buffer_;
};

// Of a descriptor, which it does not own. Waits where the reader is slow.
class FileOutput : public Output {
 public:
  explicit FileOutput(int descriptor) : descriptor_(descriptor) {}

 protected:
  int write_out(std::string_view text, std::string_view& left) override;

 private:
  int descriptor_;
};

}  // namespace outrider
