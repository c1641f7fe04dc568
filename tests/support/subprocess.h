// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"

namespace outrider::test {

// A program that a test runs. What it writes is kept in memory files, so it never waits for a
// reader and may be read at any time, unless the test brings a descriptor of its own. Killed,
// if it still runs, at the end of its life. Not thread-safe.
class Subprocess {
 public:
  struct Options {
    std::vector<std::string> environment = {};  // "NAME=VALUE" sets, "NAME" removes
    int output = -1;                            // standard output, if not to be kept
    // Last thing in the child before the program; false ends it with code 126.
    std::function<bool()> prepare = nullptr;
  };
  // How it ended: a code, or the signal that killed it.
  struct Ending {
    int code = -1;
    int signal = 0;
    bool operator==(const Ending&) const = default;
  };

  // arguments[0] is looked for in PATH. What cannot be run ends with code 127.
  explicit Subprocess(const std::vector<std::string>& arguments)
      : Subprocess(arguments, Options{}) {}
  Subprocess(const std::vector<std::string>& arguments, const Options& options);
  ~Subprocess();
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void send(int signal) const;
  // Nothing if it has not ended by then.
  std::optional<Ending> wait(std::chrono::milliseconds patience);
  [[nodiscard]] bool ended() { return wait(std::chrono::milliseconds(0)).has_value(); }

  // All that it has written so far.
  [[nodiscard]] std::string output() const;
  [[nodiscard]] std::string errors() const;
  // Whether standard error contains the text before the time is up.
  bool wait_for_errors(std::string_view text, std::chrono::milliseconds patience);

 private:
  pid_t pid_ = -1;
  std::optional<Ending> ending_;
  FileDescriptor output_;
  FileDescriptor errors_;
};

void PrintTo(const Subprocess::Ending& ending, std::ostream* out);

// A copy of this process that runs `work` and ends with what it returns (0 to 255); killed, if
// it still runs, at the end of its life.
class Child {
 public:
  explicit Child(const std::function<int()>& work);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  int wait();  // 128 + the signal that killed it

 private:
  pid_t pid_;
  bool waited_ = false;
};

// The same for work that begins when it is told to, so that the pid is known before.
class WaitingChild {
 public:
  explicit WaitingChild(const std::function<void()>& work);
  ~WaitingChild();
  WaitingChild(const WaitingChild&) = delete;
  WaitingChild& operator=(const WaitingChild&) = delete;

  [[nodiscard]] pid_t pid() const { return child_->pid(); }
  void begin();
  // Must have ended by itself, with work that returned.
  void wait();

 private:
  int gate_[2] = {-1, -1};
  std::optional<Child> child_;
};

// Whole lines, without their ends.
std::vector<std::string> lines_of(std::string_view text);

// Tries until it holds or the time is up.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience);

}  // namespace outrider::test
