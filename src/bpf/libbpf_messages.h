// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace outrider {

// What libbpf has to say during its life, in this thread: for the error, if it comes to one.
// Replaces libbpf's printer for good. One at a time.
class LibbpfMessages {
 public:
  LibbpfMessages();
  ~LibbpfMessages();
  LibbpfMessages(const LibbpfMessages&) = delete;
  LibbpfMessages& operator=(const LibbpfMessages&) = delete;

  // The warnings so far; of long ones the end, where a verifier's log says why.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace outrider
