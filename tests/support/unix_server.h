// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "base/file_descriptor.h"

namespace outrider::test {

// Listens on a Unix socket, in a thread of its own, and does as it is told with each connection,
// one after the other. Makes the directories above it.
class UnixServer {
 public:
  // `serve` returns when it is done, or when what it sends is not taken any more; nullptr: no
  // connection is ever accepted.
  UnixServer(const std::string& path, std::function<void(int connection)> serve);
  ~UnixServer();
  UnixServer(const UnixServer&) = delete;
  UnixServer& operator=(const UnixServer&) = delete;

  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] bool stopped() const { return stop_; }

 private:
  FileDescriptor socket_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

// Until the end of the headers; what there is of them if the peer closes before.
std::string read_request(int connection);
// False if it was not taken.
bool send_text(int connection, std::string_view text);

}  // namespace outrider::test
