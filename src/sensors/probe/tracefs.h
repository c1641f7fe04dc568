// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace outrider {

// The folder events/ of tracefs, where the kernel describes its tracepoints. Where tracefs is not
// mounted, a mount that only this process has, and that nobody sees in any folder.
class TraceEvents {
 public:
  static Result<TraceEvents> open();

  // The text of events/CATEGORY/NAME/format. Neither may have a slash in it. Fails if there is
  // none, with the nearest name.
  [[nodiscard]] Result<std::string> format(std::string_view category, std::string_view name) const;

  // Categories, or the tracepoints of one; in order. Empty if there is none of this name.
  [[nodiscard]] std::vector<std::string> names(std::string_view category = {}) const;

 private:
  explicit TraceEvents(FileDescriptor directory) : directory_(std::move(directory)) {}
  FileDescriptor directory_;
};

}  // namespace outrider
