// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>

#include "agent/command_stream.h"
#include "api/reply_stream.h"
#include "streams/output.h"
#include "streams/trace_stream.h"

namespace outrider {

// An output that waits in a reply until its reader takes it.
class ReplyOutput : public Output {
 public:
  explicit ReplyOutput(ReplyStream& reply) : reply_(reply) {}

  [[nodiscard]] bool full() const override { return reply_.is_full(); }

 protected:
  int write_out(std::string_view text, std::string_view& left) override {
    const bool written = reply_.write(Channel::kOutput, text);
    left = written ? std::string_view() : text;
    return written ? 0 : EPIPE;
  }

 private:
  ReplyStream& reply_;
};

// Who reads a stream of the agent, since when.
struct StreamReader {
  std::uint64_t id = 0;
  std::string query;  // as it was asked for
  pid_t peer_pid = 0;
  uid_t peer_uid = 0;
  std::time_t since = 0;
};

// A stream of events.
struct AgentStream {
  StreamReader reader;
  std::shared_ptr<ReplyStream> reply;
  std::unique_ptr<ReplyOutput> output = {};
  std::unique_ptr<TraceStream> trace = {};
  bool is_closing = false;  // its reader wants no more
};

// A command that goes on.
struct AgentCommand {
  StreamReader reader;
  std::unique_ptr<CommandStream> stream;
};

}  // namespace outrider
