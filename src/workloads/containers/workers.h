// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace outrider {

// Threads for work that may hang: what hangs keeps its thread, and others come in its place.
// Threads are made when they are needed, take no signals, and nobody waits for their end. Safe to
// use from several threads.
class Workers : public std::enable_shared_from_this<Workers> {
 public:
  using Work = std::function<void()>;

  struct Options {
    std::size_t usual = 2;  // as many as work is done with while nothing hangs
    std::size_t most = 16;
    // How long work waits for threads that do not come back before one more is made.
    std::chrono::milliseconds patience{5};
  };

  static std::shared_ptr<Workers> make(Options options);

  // Does it as soon as a thread is free. False: there is no thread, and none could be made.
  bool run(Work work);
  // Does it then, in a thread that all timers share: it must not wait for anything. The same.
  bool run_after(std::chrono::milliseconds delay, Work work);
  // Forgets what has not begun, and lets the threads go.
  void stop();

  [[nodiscard]] std::size_t threads() const;

 private:
  explicit Workers(Options options) : options_(options) {}

  using Clock = std::chrono::steady_clock;
  bool start_thread(void (Workers::*loop)());
  void work();
  void keep_time();

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable work_there_;
  std::condition_variable time_changed_;
  std::deque<Work> queue_;
  std::multimap<Clock::time_point, Work> timers_;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  std::uint64_t begun_ = 0;  // pieces of work that a thread has taken
  bool keeps_time_ = false;
  bool stopped_ = false;
};

}  // namespace outrider
