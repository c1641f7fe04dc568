// SPDX-License-Identifier: Apache-2.0
#include "sensors/io_uring/requests.h"

#include <linux/io_uring.h>

namespace outrider {

namespace {

// include/uapi/linux/io_uring.h; Linux 5.19 and 6.11, older headers lack them.
constexpr std::uint8_t kSocket = 45, kBind = 56, kListen = 57;

// io_uring.bpf.c knows these opcodes too, and how each keeps its fields.
// clang-format off: a table
constexpr Request kRequests[] = {
    {IORING_OP_ACCEPT, "accept4"},      {IORING_OP_CONNECT, "connect"},
    {kSocket, "socket"},                {kBind, "bind"},
    {kListen, "listen"},
    {IORING_OP_OPENAT, "openat"},       {IORING_OP_OPENAT2, "openat2"},
    {IORING_OP_RENAMEAT, "renameat2"},  {IORING_OP_UNLINKAT, "unlinkat"},
    {IORING_OP_MKDIRAT, "mkdirat"},     {IORING_OP_SYMLINKAT, "symlinkat"},
    {IORING_OP_LINKAT, "linkat"},
};
// clang-format on
}  // namespace

std::span<const Request> requests_like_calls() { return kRequests; }

const Call* call_of(const Request& request) { return find_call(request.call); }

}  // namespace outrider
