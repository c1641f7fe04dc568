// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/arena.h"
#include "events/event.h"
#include "language/fields.h"

namespace outrider::test {

// Fields of every type with fixed values, for what works on any fields: those that are whole, those
// named cut.*, missing.* and unknown.*. The kind is WIRE_OPEN; exec.only is a field of WIRE_EXEC.
// Static.
const FieldCatalog& example_catalog();

// An event whose fields they are.
class ExampleEvent {
 public:
  explicit ExampleEvent(std::uint16_t kind = WIRE_OPEN) {
    header_.kind = kind;
    event.header = &header_;
    event.arena = &arena_;
  }
  ExampleEvent(const ExampleEvent&) = delete;
  ExampleEvent& operator=(const ExampleEvent&) = delete;

  Event event;

 private:
  wire_header header_{};
  Arena arena_;
};

}  // namespace outrider::test
