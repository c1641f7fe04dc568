// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "workloads/containers/runtime_socket.h"

namespace outrider {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// What an HTTP answer says. It ends where its Content-Length says, or the text does.
Result<HttpAnswer> parse_http(std::string_view text);

// GET `target` over a connection that does not block, which is of no use after it. HTTP 1.0:
// asked so, a server closes the connection behind the answer and puts nothing between its parts.
// An error if there is no whole answer of at most `size_max` bytes until `deadline`, whatever comes
// in the meantime.
Result<HttpAnswer> http_get(int connection, std::string_view target, Deadline deadline,
                            std::size_t size_max);

}  // namespace outrider
