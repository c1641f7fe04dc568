// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outrider {

// What a command writes where. In a multiplexed reply each piece has 8 bytes before it: its
// channel, three zeros, and its length with the highest byte first, as Docker's API has it.
enum class Channel : std::uint8_t {
  kExitCode = 0,  // one byte, at the end
  kOutput = 1,
  kMessages = 2,  // what a command prints on standard error
};
inline constexpr std::size_t kFrameHeader = 8;  // bytes

// A piece as it goes over the wire.
std::string frame(Channel channel, std::string_view text);

// A reply that goes on: who writes it and who sends it are in two threads. Thread-safe.
class ReplyStream {
 public:
  // `room`: bytes that may wait for the reader; then it is full. Of a plain reply, only the output
  // and the last messages (the account) are sent.
  ReplyStream(bool multiplexed, std::size_t room) : multiplexed_(multiplexed), room_(room) {}
  ReplyStream(const ReplyStream&) = delete;
  ReplyStream& operator=(const ReplyStream&) = delete;

  // ---- of who writes

  // False if the reader has gone.
  bool write(Channel channel, std::string_view text);
  // Messages that a reader without channels gets as well.
  bool write_last(std::string_view messages);
  // Nothing comes after it.
  void end(ExitCode code);
  // Changes what may wait.
  void set_room(std::size_t room);
  // Whether what is written now should rather be lost.
  [[nodiscard]] bool is_full() const;
  // Waits while it is full and somebody may still read it.
  void wait_for_room();
  // Bytes that have been taken by the reader's side, and those that wait to be.
  [[nodiscard]] std::uint64_t sent() const;
  [[nodiscard]] std::uint64_t waiting() const;
  // How many may wait.
  [[nodiscard]] std::uint64_t room() const;
  // What sending has cost so far, in ns of CPU.
  [[nodiscard]] std::uint64_t cpu() const { return cpu_; }

  // ---- of who sends

  // Where what sending costs is added up.
  std::atomic<std::uint64_t>& sending_cpu() { return cpu_; }
  // Called by write() and end() when take() has something to give since it was last called; from
  // their thread. Set before anything is written.
  void on_ready(std::function<void()> ready);
  struct Taken {
    std::string bytes = {};
    bool ended = false;  // and nothing comes after them
  };
  // What comes next is put together in `room`, so that its memory is used again.
  Taken take(std::string room = {});
  // The reader wants no more, but may still read what ends it (`gone` = false).
  void close(bool gone);
  // Called once by close(), from its thread. Set before the reply is given away.
  void on_closed(std::function<void()> closed);

 private:
  void notify(std::unique_lock<std::mutex>& lock);

  const bool multiplexed_;
  std::size_t room_;
  mutable std::mutex mutex_;
  std::condition_variable has_room_;
  std::string pending_;
  std::uint64_t sent_ = 0;
  std::atomic<std::uint64_t> cpu_ = 0;
  bool ended_ = false;
  bool gone_ = false;
  bool closed_ = false;
  bool notified_ = false;
  std::function<void()> ready_;
  std::function<void()> on_closed_;
};

}  // namespace outrider
