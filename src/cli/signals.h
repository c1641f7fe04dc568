// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <utility>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "streams/served_command.h"

namespace outrider {

// The signals that end a command (SIGINT, SIGTERM, SIGHUP) or ask it how far it is (SIGUSR1), as a
// descriptor for signalfd_siginfo. They are blocked from then on, and SIGPIPE is ignored.
Result<FileDescriptor> take_signals();

// Who has typed a command: these signals, and standard error.
class AskerAtTerminal : public Asker {
 public:
  // `signals`: of take_signals().
  explicit AskerAtTerminal(FileDescriptor signals) : signals_(std::move(signals)) {}

  [[nodiscard]] int descriptor() const override { return signals_.get(); }
  Wish next() override;
  void tell(std::string_view line) override;

 private:
  FileDescriptor signals_;
};

}  // namespace outrider
