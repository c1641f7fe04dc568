// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rules/alert.h"
#include "rules/rule_set.h"

namespace spdlog {
class logger;
}

namespace outrider {

struct AlertLogOptions {
  AlertFormat format = AlertFormat::kJson;
  std::string file = {};         // empty: standard output
  std::uint64_t file_size = 10;  // MiB, then it is put aside
  std::uint64_t files = 5;       // those put aside that are kept
  bool syslog = false;           // there as well
};

// Where the agent writes alerts: a line each, to a file that is rotated or to standard output, and
// to syslog. Not thread-safe.
class AlertLog {
 public:
  // Fails where the file cannot be opened.
  static Result<std::unique_ptr<AlertLog>> open(const AlertLogOptions& options);
  ~AlertLog();
  AlertLog(const AlertLog&) = delete;
  AlertLog& operator=(const AlertLog&) = delete;

  // False if it could not be written; the log of the agent says why.
  bool write(const Rule& rule, const Event& event);

 private:
  explicit AlertLog(AlertFormat format);

  AlertWriter writer_;
  std::string line_;
  bool failed_ = false;
  std::shared_ptr<spdlog::logger> lines_;
  std::shared_ptr<spdlog::logger> syslog_;  // nullptr: not there
};

}  // namespace outrider
