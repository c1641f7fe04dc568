// SPDX-License-Identifier: Apache-2.0
//
// Commands that run where they were typed, or in the agent for whoever asks it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "streams/command_line.h"
#include "streams/output.h"
#include "streams/sink.h"

namespace outrider {

struct ServedCommand {
  std::string_view name;
  // Writes to `output`, which it flushes. Fails where nothing could be done; exit codes are those
  // of a command. May be called by several threads at a time.
  Result<ExitCode> (*run)(const std::vector<std::string>& words, const Screen& screen,
                          Output& output);
  std::shared_ptr<const CommandLine> (*describe)();
};

// Who has asked for a command that goes on: signals and standard error where it was typed, the
// reader of its reply in the agent. Not thread-safe.
class Asker {
 public:
  enum class Wish : std::uint8_t {
    kNothing,
    kReport,  // what there is so far
    kEnd,     // with all that there is
  };

  Asker() = default;
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;
  virtual ~Asker() = default;

  // Readable when there is a wish.
  [[nodiscard]] virtual int descriptor() const = 0;
  // The next wish.
  virtual Wish next() = 0;
  // A line for people, besides the output.
  virtual void tell(std::string_view line) = 0;
};

// The same as ServedCommand, of one that goes on until it is asked to end, or by itself.
struct ServedStream {
  std::string_view name;
  Result<ExitCode> (*run)(const std::vector<std::string>& words, const Screen& screen,
                          Output& output, Asker& asker);
  std::shared_ptr<const CommandLine> (*describe)();
};

}  // namespace outrider
