// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/reply_stream.h"
#include "base/file_descriptor.h"
#include "base/result.h"

namespace outrider {

// One request to the agent's API over a Unix socket, and its reply as it comes. Not thread-safe.
class ApiClient {
 public:
  // Nothing if nobody listens there. Fails if somebody might, but not for us.
  static Result<std::optional<ApiClient>> connect(const std::string& path);

  // Asks for a reply in channels; one that has none is all output. `target`: path and query.
  Result<void> ask(std::string_view target);

  // Receives pieces in the order in which they were written.
  using Receive = std::function<void(Channel, std::string_view)>;
  // Reads what is there, waiting for it; false at the end of the reply. Fails with what the agent
  // says if it refuses, and if the connection breaks before the end.
  Result<bool> read(const Receive& receive);

  // Wants no more: the agent ends the reply.
  void close();

  [[nodiscard]] int descriptor() const { return socket_.get(); }
  // A header of the reply; empty before it has come, or if it has none such.
  [[nodiscard]] std::string header(std::string_view name) const;

  ApiClient(ApiClient&&) noexcept;
  ApiClient& operator=(ApiClient&&) noexcept;
  ~ApiClient();

 private:
  class Reply;
  explicit ApiClient(FileDescriptor socket);

  FileDescriptor socket_;
  std::unique_ptr<Reply> reply_;
};

// Pieces out of the bytes of a multiplexed reply, however they are cut.
class FrameReader {
 public:
  // Calls `receive` for each piece, a large one in parts. Fails for a channel there is not.
  Result<void> add(std::string_view bytes, const ApiClient::Receive& receive);
  // Whether the bytes so far end with a piece.
  [[nodiscard]] bool at_end() const { return left_ == 0 && header_.empty(); }

 private:
  std::string header_;
  Channel channel_ = Channel::kOutput;
  std::uint32_t left_ = 0;  // bytes of the piece that is being read
};

}  // namespace outrider
