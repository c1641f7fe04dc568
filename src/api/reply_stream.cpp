// SPDX-License-Identifier: Apache-2.0
#include "api/reply_stream.h"

#include <utility>

namespace outrider {

namespace {

// Bytes of memory that is kept for what comes next.
constexpr std::size_t kKeptMax = 256 * 1024;

void add_frame(std::string& bytes, Channel channel, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  bytes += {static_cast<char>(channel), 0, 0, 0};
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 0xff);
  bytes += text;
}

}  // namespace

std::string frame(Channel channel, std::string_view text) {
  std::string bytes;
  add_frame(bytes, channel, text);
  return bytes;
}

// The callback runs without the lock: it may call us.
void ReplyStream::notify(std::unique_lock<std::mutex>& lock) {
  if (notified_ || !ready_) return;
  notified_ = true;
  const auto ready = ready_;
  lock.unlock();
  ready();
}

bool ReplyStream::write(Channel channel, std::string_view text) {
  std::unique_lock lock(mutex_);
  if (gone_ || ended_) return false;
  if (text.empty() || (!multiplexed_ && channel != Channel::kOutput)) return true;
  if (multiplexed_) {
    add_frame(pending_, channel, text);
  } else {
    pending_ += text;
  }
  notify(lock);
  return true;
}

bool ReplyStream::write_last(std::string_view messages) {
  return write(multiplexed_ ? Channel::kMessages : Channel::kOutput, messages);
}

void ReplyStream::end(ExitCode code) {
  const char byte = static_cast<char>(code);
  write(Channel::kExitCode, {&byte, 1});
  std::unique_lock lock(mutex_);
  ended_ = true;
  notify(lock);
}

void ReplyStream::set_room(std::size_t room) {
  const std::lock_guard lock(mutex_);
  room_ = room;
  has_room_.notify_all();
}

void ReplyStream::wait_for_room() {
  std::unique_lock lock(mutex_);
  has_room_.wait(lock, [this] { return pending_.size() < room_ || closed_; });
}

bool ReplyStream::is_full() const {
  const std::lock_guard lock(mutex_);
  return pending_.size() >= room_;
}

std::uint64_t ReplyStream::sent() const {
  const std::lock_guard lock(mutex_);
  return sent_;
}

std::uint64_t ReplyStream::waiting() const {
  const std::lock_guard lock(mutex_);
  return pending_.size();
}

std::uint64_t ReplyStream::room() const {
  const std::lock_guard lock(mutex_);
  return room_;
}

void ReplyStream::on_ready(std::function<void()> ready) {
  std::unique_lock lock(mutex_);
  ready_ = std::move(ready);
  if (!pending_.empty() || ended_) notify(lock);
}

ReplyStream::Taken ReplyStream::take(std::string room) {
  if (room.capacity() > kKeptMax) room = {};
  room.clear();
  const std::lock_guard lock(mutex_);
  notified_ = false;
  sent_ += pending_.size();
  has_room_.notify_all();
  return {std::exchange(pending_, std::move(room)), ended_};
}

void ReplyStream::close(bool gone) {
  std::function<void()> closed;
  {
    const std::lock_guard lock(mutex_);
    if (gone) {
      gone_ = true;
      pending_.clear();
    }
    has_room_.notify_all();
    if (std::exchange(closed_, true)) return;
    closed = on_closed_;
  }
  if (closed) closed();
}

void ReplyStream::on_closed(std::function<void()> closed) {
  const std::lock_guard lock(mutex_);
  on_closed_ = std::move(closed);
}

}  // namespace outrider
