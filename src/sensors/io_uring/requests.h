// SPDX-License-Identifier: Apache-2.0
//
// Requests of an io_uring, by the system call that does the same: the kernel program
// puts a request's fields where that call has its arguments, so that everything which
// shows a call shows a request.
#pragma once

#include <cstdint>
#include <span>

#include "syscalls/calls.h"

namespace outrider {

struct Request {
  std::uint8_t opcode;  // include/uapi/linux/io_uring.h, enum io_uring_op
  std::string_view call;
};

// Those that make events of the kinds of calls; each call is in the table of calls.
std::span<const Request> requests_like_calls();

// The row of the call; never null for those of requests_like_calls().
const Call* call_of(const Request& request);

}  // namespace outrider
