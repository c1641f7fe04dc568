// SPDX-License-Identifier: Apache-2.0
#include "sensors/io_uring/requests.h"

#include <linux/io_uring.h>

namespace outrider {

namespace {

// io_uring.bpf.c knows these opcodes too, and how each keeps its fields.
// clang-format off: a table
constexpr Request kRequests[] = {
    {IORING_OP_OPENAT, "openat"},       {IORING_OP_OPENAT2, "openat2"},
    {IORING_OP_RENAMEAT, "renameat2"},  {IORING_OP_UNLINKAT, "unlinkat"},
    {IORING_OP_MKDIRAT, "mkdirat"},     {IORING_OP_SYMLINKAT, "symlinkat"},
    {IORING_OP_LINKAT, "linkat"},
};
// clang-format on
static_assert(IORING_OP_LINKAT < int{WIRE_URING_OPCODES});

}  // namespace

std::span<const Request> file_requests() { return kRequests; }

const Call* call_of(const Request& request) { return find_call(request.call); }

}  // namespace outrider
