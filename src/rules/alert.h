// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "events/event.h"
#include "rules/rule_set.h"

namespace outrider {

enum class AlertFormat : std::uint8_t { kText, kJson };

// Alerts as Falco writes them, one line each:
//
//   10:22:33.123456789: Warning A shell was used ... | user=root ...
//   {"hostname":"node1","output":"10:22:33...","output_fields":{"evt.time":...},"priority":"Warning",
//    "rule":"Terminal shell in
//    container","source":"syscall","tags":["container"],"time":"2026-..."}
//
// Not changed after it is made: any thread may use it.
class AlertWriter {
 public:
  // JSON names this host as it is called now.
  explicit AlertWriter(AlertFormat format);

  // Appends the line with its '\n'.
  void append(std::string& out, const Rule& rule, const Event& event) const;

 private:
  AlertFormat format_;
  std::string host_name_;
};

}  // namespace outrider
