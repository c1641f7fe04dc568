// SPDX-License-Identifier: Apache-2.0
#include "syscalls/transfers.h"

namespace outrider {

namespace {

constexpr wire_transfer kReads{0, WIRE_NO_ARGUMENT};
constexpr wire_transfer kWrites{WIRE_NO_ARGUMENT, 0};
constexpr wire_transfer kToFirst{1, 0};       // sendfile(out, in, ...)
constexpr wire_transfer kFirstToThird{0, 2};  // splice(in, offset, out, ...)

constexpr Transfer kTransfers[] = {
    {"read", kReads},          {"pread64", kReads},
    {"readv", kReads},         {"preadv", kReads},
    {"preadv2", kReads},       {"write", kWrites},
    {"pwrite64", kWrites},     {"writev", kWrites},
    {"pwritev", kWrites},      {"pwritev2", kWrites},
    {"sendfile", kToFirst},    {"sendfile64", kToFirst},
    {"splice", kFirstToThird}, {"copy_file_range", kFirstToThird},
};

}  // namespace

std::span<const Transfer> all_transfers() { return kTransfers; }

}  // namespace outrider
