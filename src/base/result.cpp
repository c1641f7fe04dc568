// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cstring>

namespace outrider {

std::unexpected<Error> fail_errno(std::string what, int error_number) {
  char buffer[128];
  // The GNU strerror_r: returns the text, which need not be in the buffer.
  what += ": ";
  what += ::strerror_r(error_number, buffer, sizeof(buffer));
  return fail(std::move(what));
}

}  // namespace outrider
