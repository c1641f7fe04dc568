// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace outrider {

// A command of the user's that is run once we are ready for it: there as a process already, which
// waits. It has our terminal, our process group, our environment and our user. If it is never run,
// it ends by itself. Not thread-safe.
class ChildCommand {
 public:
  // Looks for words[0] as a shell does. Before signals are blocked and threads are made. What is
  // not there, or no program, is an error of the kind of bad input.
  static Result<ChildCommand> prepare(const std::vector<std::string>& words);

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Readable once it has ended.
  [[nodiscard]] int descriptor() const { return process_.get(); }

  // From here on it is the command. Its own calls begin with its execve. Errors as prepare().
  Result<void> run();
  void send(int signal) const;
  // How it ended, as a shell has it: its exit code, or 128 + the signal; nothing while it runs.
  std::optional<int> ending();

 private:
  std::string name_;
  pid_t pid_ = -1;
  FileDescriptor process_;
  FileDescriptor gate_;     // a byte lets it go
  FileDescriptor failure_;  // the errno of an execve that failed
  std::optional<int> ending_;
};

}  // namespace outrider
