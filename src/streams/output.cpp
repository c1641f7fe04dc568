// SPDX-License-Identifier: Apache-2.0
#include "streams/output.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace outrider {

bool Output::flush() {
  std::string_view left = buffer_;
  if (error_ == 0) error_ = write_out(buffer_, left);
  unwritten_lines_ = error_ == 0 ? 0 : static_cast<std::size_t>(std::ranges::count(left, '\n'));
  buffer_.clear();
  return error_ == 0;
}

int FileOutput::write_out(std::string_view text, std::string_view& left) {
  left = text;
  while (!left.empty()) {
    const ssize_t count = ::write(descriptor_, left.data(), left.size());
    if (count >= 0) {
      left.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      // Somebody made the descriptor non-blocking: wait as if it were not.
      pollfd waiting{descriptor_, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace outrider
