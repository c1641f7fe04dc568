// SPDX-License-Identifier: Apache-2.0
//
// What /proc says of descriptors and of sockets.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace outrider {

// Calls for each descriptor of a process; `folder` is that of /proc. False if they cannot be read.
bool each_descriptor(int folder, const std::function<void(std::uint32_t number)>& call);

// Falco's name for what a link of /proc/PID/fd leads to (proc(5)): file, pipe, event, ...; socket
// for all sockets. Empty if it is not known.
std::string_view type_of_link(std::string_view link);

// The inode of a link "socket:[123]"; empty of others.
std::string_view socket_inode(std::string_view link);

// An address and a port as the lists of sockets have them, "0100007F:1F90": words of four bytes as
// this machine has them (net/ipv4/tcp_ipv4.c, net/ipv6/tcp_ipv6.c).
struct Endpoint {
  std::string address;  // 127.0.0.1, ::1
  std::uint16_t port = 0;

  [[nodiscard]] std::string text() const;  // address:port
};
std::optional<Endpoint> parse_endpoint(std::string_view text);

// LOCAL->REMOTE as Falco has it, or LOCAL alone of who is connected to nobody.
std::string endpoints_text(const Endpoint& local, const Endpoint& remote);

}  // namespace outrider
