// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace outrider {

// Tells systemd about this process: sd_notify(3), "READY=1" and its like, several with newlines
// between them. Nothing happens where $NOTIFY_SOCKET is not set. Thread-safe.
void tell_service_manager(std::string_view state);

// How often it wants to hear "WATCHDOG=1" at the latest: sd_watchdog_enabled(3).
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace outrider
