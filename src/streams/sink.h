// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "events/event.h"

namespace outrider {

enum class Format : std::uint8_t { kColumns, kJson };

// What is known of where lines are shown.
struct Screen {
  std::size_t width = 0;  // columns; 0: not a terminal
  bool color = false;
};

// What trace hands its events to. Not thread-safe.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  // Both are false once the output cannot be written any more.
  virtual bool write(const Event& event) = 0;
  virtual bool flush() = 0;

  // Events that were given to write() but did not reach the output; by kind.
  [[nodiscard]] virtual const std::vector<std::uint64_t>& unwritten() const = 0;
};

}  // namespace outrider
