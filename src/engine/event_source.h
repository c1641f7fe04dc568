// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "aggregates/aggregate.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/consumer.h"
#include "events/account.h"

namespace outrider {

// Where consumers get their events from: the engine, which is the machine now, or a recording.
// Not thread-safe.
class EventSource {
 public:
  using Clock = std::chrono::steady_clock;
  using Collect = std::function<void(const Event&, const Portion&)>;

  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;
  virtual ~EventSource() = default;

  // Fails if there are no such events to be had.
  virtual Result<ConsumerId> add(Consumer consumer) = 0;
  // Delivers what is under way, and closes the consumer's account.
  virtual Account remove(ConsumerId id) = 0;
  // Events of which only the fields are set that were asked for, each with what it stands for: what
  // the source has added up itself, if it does so.
  virtual Result<void> collect(const Collect&) { return {}; }
  // Delivers what is under way for all, and closes the accounts.
  virtual void finish() = 0;
  // Of one consumer; nothing if there is none of this number.
  [[nodiscard]] virtual Account account(ConsumerId id) const = 0;
  // What a consumer has cost the thread that delivers, in ns of CPU; 0 if it is not measured.
  [[nodiscard]] virtual std::uint64_t cpu_of(ConsumerId id) const = 0;
  // The time that goes by as events come: of a recording its own.
  [[nodiscard]] virtual Clock::time_point now() const { return Clock::now(); }
  // The same as people have it, ns since 1970.
  [[nodiscard]] virtual std::uint64_t wall_time() const { return read_clock(CLOCK_REALTIME); }
};

}  // namespace outrider
