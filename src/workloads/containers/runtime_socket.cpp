// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/runtime_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/beneath.h"

namespace outrider {

namespace {

Result<FileDescriptor> find(const RuntimeSocket& socket) {
  const FileDescriptor root(
      ::open(socket.root.empty() ? "/" : socket.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const FileDescriptor mountinfo(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  const LocalMounts mounts(mountinfo.get());
  auto found = find_beneath(root.get(), socket.path, &mounts, S_IFSOCK);
  if (!found) {
    return fail(fmt::format(
        "{}: {}", socket.path,
        found.error() == NotRead::kMissing ? "there is none" : "this is no socket of the machine"));
  }
  return std::move(found->descriptor);
}

}  // namespace

int milliseconds_until(Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

bool is_there(const RuntimeSocket& socket) { return find(socket).has_value(); }

Result<FileDescriptor> connect_to(const RuntimeSocket& socket, Deadline deadline) {
  auto found = find(socket);
  if (!found) return std::unexpected(found.error());
  FileDescriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!connection.valid()) return fail_errno("make a socket", errno);

  // unix(7): a full queue of the listener is waited for like a send.
  const int left = milliseconds_until(deadline);
  if (left == 0) return fail(socket.path + ": no time left");
  const timeval patience{.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
  ::setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // The very socket that was found, however long its path is.
  fmt::format_to_n(address.sun_path, sizeof(address.sun_path) - 1, "/proc/self/fd/{}",
                   found->get());
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
      0) {
    return fail_errno(socket.path, errno);
  }

  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
      peer.uid != socket.owner) {
    return fail(
        fmt::format("{}: user {} listens there, not {}", socket.path, peer.uid, socket.owner));
  }
  if (::fcntl(connection.get(), F_SETFL, O_RDWR | O_NONBLOCK) != 0) {
    return fail_errno(socket.path, errno);
  }
  return connection;
}

}  // namespace outrider
