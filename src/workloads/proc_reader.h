// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/file_descriptor.h"
#include "workloads/process.h"

namespace outrider {

// What /proc says of processes. Everything there is a process's own claim, or may be: it is
// bounded, checked, and what does not fit is unknown. Asks no file system that could keep it
// waiting.
class ProcReader {
 public:
  // `show_secrets`: arguments are not masked (SEMANTICS 10). `environment`: it is read, too.
  ProcReader(std::string proc, bool show_secrets, bool environment);

  // Of the clock in which /proc tells when a process started.
  [[nodiscard]] std::uint64_t ns_per_tick() const { return ns_per_tick_; }

  // The folder of the process that started then; not valid if it has gone.
  [[nodiscard]] FileDescriptor open(std::uint32_t pid, std::uint64_t start_time) const;

  // Calls for each process that there is now.
  void each(const std::function<void(std::uint32_t pid)>& call) const;

  // Fills in what there is of a process, if it is still the one that started then (0: whichever
  // has the pid now). Else false, and nothing is changed.
  bool fill(Process& process, std::uint64_t start_time) const;

  // The same, only what it acts with and in; all of it unknown if it has gone.
  void fill_context(Process& process) const;

  // The working directory if it is this one.
  [[nodiscard]] KnownText cwd_of(std::uint32_t pid, std::uint64_t inode) const;

 private:
  std::string proc_;
  std::string masked(std::string texts) const;

  bool show_secrets_;
  bool environment_;
  std::uint64_t ns_per_tick_;
};

}  // namespace outrider
