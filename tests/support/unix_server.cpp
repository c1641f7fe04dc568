// SPDX-License-Identifier: Apache-2.0
#include "support/unix_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace outrider::test {

UnixServer::UnixServer(const std::string& path, std::function<void(int)> serve)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  ::unlink(path.c_str());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) std::abort();
  std::memcpy(address.sun_path, path.data(), path.size());
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(socket_.get(), serve ? 16 : 0) != 0) {
    std::abort();
  }
  if (!serve) return;
  thread_ = std::thread([this, serve = std::move(serve)] {
    while (!stop_) {
      pollfd waited{.fd = socket_.get(), .events = POLLIN, .revents = 0};
      if (::poll(&waited, 1, 10) <= 0) continue;
      const FileDescriptor connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection.valid()) continue;
      ++connections_;
      serve(connection.get());
    }
  });
}

UnixServer::~UnixServer() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

std::string read_request(int connection) {
  std::string request;
  char byte = 0;
  while (!request.ends_with("\r\n\r\n") && ::recv(connection, &byte, 1, 0) == 1) request += byte;
  return request;
}

bool send_text(int connection, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace outrider::test
