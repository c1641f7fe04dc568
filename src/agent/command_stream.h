// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/reply_stream.h"
#include "base/result.h"
#include "streams/served_command.h"

namespace outrider {

// A command that goes on, in a thread of its own and with what it needs of the kernel for itself;
// what it writes is the reply. One that is not read waits, and nobody else does. Thread-safe.
class CommandStream {
 public:
  using Reply = std::shared_ptr<ReplyStream>;
  struct Options {
    const ServedStream& command;
    std::vector<std::string> words;
    Screen screen;
    bool multiplexed = false;
    std::size_t room = 0;  // bytes that may wait for the reader
    // Both are called once, from its thread: as soon as there is something to be read, or nothing
    // will be; and as the last thing.
    std::function<void(Result<Reply>)> begun;
    std::function<void()> ended;
  };

  explicit CommandStream(Options options);
  // Ends it, and waits until it has.
  ~CommandStream();
  CommandStream(const CommandStream&) = delete;
  CommandStream& operator=(const CommandStream&) = delete;

  [[nodiscard]] std::string_view name() const { return options_.command.name; }
  [[nodiscard]] const ReplyStream& reply() const { return *reply_; }
  void set_room(std::size_t room) { reply_->set_room(room); }
  // Asks it for what it has so far.
  void report();
  // Asks it to end; what it has goes to its reader.
  void end();
  // What its thread had used of a CPU when it wrote last, in ns.
  [[nodiscard]] std::uint64_t cpu() const { return cpu_; }

 private:
  class Pipe;
  class Reader;
  class Wishes;
  void begin();
  void run();

  Options options_;
  Reply reply_;
  std::shared_ptr<Wishes> wishes_;
  bool has_begun_ = false;  // in its thread
  std::atomic<std::uint64_t> cpu_ = 0;
  std::jthread thread_;
};

}  // namespace outrider
