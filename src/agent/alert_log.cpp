// SPDX-License-Identifier: Apache-2.0
#include "agent/alert_log.h"

#include <fmt/format.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/spdlog.h>

namespace outrider {

namespace {

// The levels of spdlog's that its syslog sink makes the nearest of syslog's of.
spdlog::level::level_enum level_of(Priority priority) {
  switch (priority) {
    case Priority::kEmergency:
    case Priority::kAlert:
    case Priority::kCritical:
      return spdlog::level::critical;
    case Priority::kError:
      return spdlog::level::err;
    case Priority::kWarning:
      return spdlog::level::warn;
    case Priority::kNotice:
    case Priority::kInformational:
      return spdlog::level::info;
    case Priority::kDebug:
      return spdlog::level::debug;
  }
  return spdlog::level::info;
}

}  // namespace

AlertLog::AlertLog(AlertFormat format) : writer_(format) {}
AlertLog::~AlertLog() = default;

Result<std::unique_ptr<AlertLog>> AlertLog::open(const AlertLogOptions& options) {
  std::unique_ptr<AlertLog> log(new AlertLog(options.format));
  try {
    std::shared_ptr<spdlog::sinks::sink> sink;
    if (options.file.empty()) {
      sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
          options.file, options.file_size << 20, options.files);
    }
    log->lines_ = std::make_shared<spdlog::logger>("alerts", std::move(sink));
    log->lines_->set_pattern("%v");
    log->lines_->set_level(spdlog::level::trace);
    log->lines_->flush_on(spdlog::level::trace);
    log->lines_->set_error_handler([raw = log.get()](const std::string& message) {
      raw->failed_ = true;
      spdlog::error("alerts: {}", message);
    });
    if (options.syslog) {
      log->syslog_ = std::make_shared<spdlog::logger>(
          "alerts", std::make_shared<spdlog::sinks::syslog_sink_mt>("outrider", 0, LOG_AUTHPRIV,
                                                                    /*enable_formatting=*/false));
      log->syslog_->set_level(spdlog::level::trace);
    }
  } catch (const spdlog::spdlog_ex& error) {
    return fail(fmt::format("alerts: {}", error.what()));
  }
  return log;
}

bool AlertLog::write(const Rule& rule, const Event& event) {
  line_.clear();
  writer_.append(line_, rule, event);
  line_.pop_back();  // the newline, which the sinks add
  failed_ = false;
  lines_->log(level_of(rule.priority), line_);
  if (syslog_) syslog_->log(level_of(rule.priority), line_);
  return !failed_;
}

}  // namespace outrider
