// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

#include "engine/engine.h"

namespace outrider {

// What is done between the drains of an engine.
struct LoopSteps {
  using Clock = std::chrono::steady_clock;

  // After each drain. False ends the loop.
  std::function<bool()> look;
  // When look() is to be called at the latest, if nothing comes.
  std::function<Clock::time_point()> next_look;
  // Wakes the loop up when it is readable; -1: none.
  int descriptor = -1;
  std::function<void()> readable = {};
};

// Drains the engine every 5 ms while events come; sleeps on its rings when none have come for
// 50 ms. Returns when look() says so.
void run_engine(Engine& engine, const LoopSteps& steps);

}  // namespace outrider
