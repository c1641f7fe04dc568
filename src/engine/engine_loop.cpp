// SPDX-License-Identifier: Apache-2.0
#include "engine/engine_loop.h"

#include <poll.h>

#include <algorithm>

namespace outrider {

namespace {

using Clock = LoopSteps::Clock;
using std::chrono::milliseconds;

constexpr milliseconds kIdleAfter{50};
constexpr milliseconds kLongestSleep{60'000};

milliseconds until(Clock::time_point then, milliseconds most) {
  const auto now = Clock::now();
  if (then <= now) return milliseconds(0);
  // A time that is far away must not overflow.
  if (then - now >= most) return most;
  return std::chrono::ceil<milliseconds>(then - now);
}

}  // namespace

void run_engine(Engine& engine, const LoopSteps& steps) {
  auto busy_until = Clock::now();
  for (;;) {
    const auto now = Clock::now();
    if (engine.drain() > 0) busy_until = Clock::now() + kIdleAfter;
    if (!steps.look()) return;

    const bool sleep = now > busy_until && engine.idle() && engine.fall_asleep();
    // From drain to drain, not from the end of one to the next: under a flood there is no pause
    // at all.
    const milliseconds wait = sleep ? until(steps.next_look(), kLongestSleep)
                                    : until(now + kDrainInterval, milliseconds(kDrainInterval));
    pollfd descriptors[] = {{steps.descriptor, POLLIN, 0}, {engine.descriptor(), POLLIN, 0}};
    ::poll(descriptors, sleep ? 2 : 1, static_cast<int>(wait.count()));
    if (sleep) {
      engine.wake_up();
      if (descriptors[1].revents != 0) busy_until = Clock::now() + kIdleAfter;
    }
    if (descriptors[0].revents != 0) steps.readable();
  }
}

}  // namespace outrider
