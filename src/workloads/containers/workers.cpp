// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/workers.h"

#include <pthread.h>

#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

#include "base/thread.h"

namespace outrider {

std::shared_ptr<Workers> Workers::make(Options options) {
  return std::shared_ptr<Workers>(new Workers(options));
}

// With the lock held.
bool Workers::start_thread(void (Workers::*loop)()) {
  // Signals are for the threads that wait for them.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = true;
  try {
    std::thread([self = shared_from_this(), loop] { ((*self).*loop)(); }).detach();
  } catch (const std::system_error&) {
    // No more threads for us (pids.max, RLIMIT_NPROC).
    started = false;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

bool Workers::run(Work work) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return false;
  if (idle_ <= queue_.size() && threads_ < options_.usual && start_thread(&Workers::work)) {
    ++threads_;
  }
  if (threads_ == 0) return false;
  if (!keeps_time_) keeps_time_ = start_thread(&Workers::keep_time);
  queue_.push_back(std::move(work));
  if (idle_ != 0) {
    work_there_.notify_one();
  } else {
    time_changed_.notify_one();
  }
  return true;
}

bool Workers::run_after(std::chrono::milliseconds delay, Work work) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return false;
  if (!keeps_time_) keeps_time_ = start_thread(&Workers::keep_time);
  if (!keeps_time_) return false;
  const auto at = timers_.emplace(Clock::now() + delay, std::move(work));
  if (at == timers_.begin()) time_changed_.notify_one();
  return true;
}

void Workers::work() {
  run_ahead_of_others();
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (queue_.empty()) {
      // Those that came for others that hung.
      if (idle_ >= options_.usual) break;
      ++idle_;
      work_there_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
      --idle_;
      continue;
    }
    Work work = std::move(queue_.front());
    queue_.pop_front();
    ++begun_;
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
  --threads_;
}

void Workers::keep_time() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    const auto now = Clock::now();
    if (!timers_.empty() && timers_.begin()->first <= now) {
      Work work = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
      continue;
    }
    if (!queue_.empty() && idle_ == 0 && threads_ < options_.most) {
      const std::uint64_t begun = begun_;
      time_changed_.wait_until(
          lock, now + options_.patience, [this, until = now + options_.patience] {
            return stopped_ || Clock::now() >= until ||
                   (!timers_.empty() && timers_.begin()->first <= Clock::now());
          });
      if (begun_ == begun && !queue_.empty() && idle_ == 0 && threads_ < options_.most &&
          Clock::now() >= now + options_.patience && start_thread(&Workers::work)) {
        ++threads_;
      }
      continue;
    }
    if (timers_.empty()) {
      time_changed_.wait(lock);
    } else {
      time_changed_.wait_until(lock, timers_.begin()->first);
    }
  }
}

void Workers::stop() {
  std::deque<Work> queue;
  std::multimap<Clock::time_point, Work> timers;
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    queue.swap(queue_);
    timers.swap(timers_);
    work_there_.notify_all();
    time_changed_.notify_all();
  }
  // What they hold goes here, without the lock.
}

std::size_t Workers::threads() const {
  const std::scoped_lock lock(mutex_);
  return threads_;
}

}  // namespace outrider
