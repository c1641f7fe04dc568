// SPDX-License-Identifier: Apache-2.0
//
// How a limit for CPU (--max-cpu) is held: first by sampling, then by leaving kinds out.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/descriptor.h"

namespace outrider {

// What is to be done to stay within the limit.
struct Rationing {
  double keep = 1;       // the part of the wanted events that is sent; never those that feed tables
  std::size_t shed = 0;  // so many kinds, from the first in shed_order() on, are not watched at all
  friend bool operator==(const Rationing&, const Rationing&) = default;
};

// Decides from what was used. No clock and no kernel in it.
class Budget {
 public:
  // `limit`: CPUs, 0.02 for 2 % of one. `kinds`: how many there are to be shed.
  Budget(double limit, std::size_t kinds) : limit_(limit), kinds_(kinds) {}

  // What was used since the last time, in CPUs: agent and kernel programs together.
  Rationing look(double used);

  // How many there are to be shed now; to be changed only while none is.
  void set_kinds(std::size_t kinds) { kinds_ = kinds; }

  [[nodiscard]] const Rationing& rationing() const { return rationing_; }
  [[nodiscard]] double limit() const { return limit_; }

 private:
  double limit_;
  std::size_t kinds_;
  Rationing rationing_;
  int calm_ = 0;  // looks in a row with much room below the limit
};

// Those of the kinds that may be left out, the least wanted first: kinds of which there are most
// and that say least; never exec, exit and fork, which names hang on.
std::vector<const EventDescriptor*> shed_order(std::span<const EventDescriptor* const> kinds);

// The order in words, for help and documents: "hardirq, softirq, ...".
std::string shed_order_text();

}  // namespace outrider
