// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "base/file_descriptor.h"

namespace outrider {

// What other threads want done in one. Thread-safe but for run().
class TaskQueue {
 public:
  TaskQueue();

  void add(std::function<void()> task);
  // Readable while there is something to do.
  [[nodiscard]] int descriptor() const { return event_.get(); }
  // Does what there is.
  void run();

 private:
  FileDescriptor event_;
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
};

}  // namespace outrider
