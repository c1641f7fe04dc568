// SPDX-License-Identifier: Apache-2.0
//
// How a limit for CPU (--max-cpu) is held: first by sampling, then by leaving kinds out.
#pragma once

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
//
// What is not used may be saved, for one second: so a burst that is within the limit in every
// second is nobody's business, and a flood is noticed once it has used up one second's worth. What
// was used beyond that is owed, and saved later.
class Budget {
 public:
  // `limit`: CPUs, 0.02 for 2 % of one. `kinds`: how many there are to be shed.
  Budget(double limit, std::size_t kinds);

  // In the last `elapsed` seconds, `used` seconds of CPU were: agent and kernel programs together.
  // To be called some ten times a second while is_pressed(), and once a second else.
  Rationing look(double elapsed, double used);

  // How many there are to be shed now; to be changed only while none is.
  void set_kinds(std::size_t kinds) { kinds_ = kinds; }

  // Whether something is left out, or might have to be soon.
  [[nodiscard]] bool is_pressed() const;
  [[nodiscard]] const Rationing& rationing() const { return rationing_; }
  [[nodiscard]] double limit() const { return limit_; }
  // In CPUs, what led to the present rationing.
  [[nodiscard]] double reason() const { return reason_; }

 private:
  // A time, and what was used in it.
  struct Span {
    double elapsed = 0;  // s
    double used = 0;     // s of CPU
    void add(double more_elapsed, double more_used) {
      elapsed += more_elapsed;
      used += more_used;
    }
    [[nodiscard]] double rate() const { return elapsed > 0 ? used / elapsed : 0; }
  };

  [[nodiscard]] double aim() const;
  void keep_less();
  void look_at_second();
  void change(Rationing to, double reason);

  double limit_;
  std::size_t kinds_;
  Rationing rationing_;
  double reason_ = 0;
  double saved_;  // s of CPU; negative: owed
  Span spent_;    // since nothing was missing from what may be saved, or the last change
  Span second_;   // the last one, or since the last change
  bool is_settling_ = false;  // it has just changed
  int calm_ = 0;              // seconds in a row with much room below the limit
};

// Those of the kinds that may be left out, the least wanted first: kinds of which there are most
// and that say least; never exec, exit and fork, which names hang on.
std::vector<const EventDescriptor*> shed_order(std::span<const EventDescriptor* const> kinds);

// The order in words, for help and documents: "hardirq, softirq, ...".
std::string shed_order_text();

}  // namespace outrider
