// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "events/event.h"
#include "language/fields.h"
#include "workloads/path_lookup.h"
#include "workloads/process.h"
#include "workloads/process_table.h"
#include "workloads/workload.h"

namespace outrider::test {

// A value as text: "-" missing, "?" unknown, an octal number as "0644", the items of a list with
// a '|' between; "..." follows what is cut.
std::string shown(FieldType type, const Value& value);

// What a kernel program writes for a walked path: "/etc/passwd" is "passwd\0etc\0".
std::string walked(std::string_view path);

// The fields of these kinds. Aborts if there is no such kind.
FieldCatalog catalog_named(std::initializer_list<std::string_view> kinds);

// An event from a record that is filled in by hand, with nothing from the machine it runs on: no
// /proc, and no path can be looked up. Everything not set is 0 or missing.
class HandMadeEvent {
 public:
  // Aborts if there is no such kind.
  explicit HandMadeEvent(std::string_view kind);
  HandMadeEvent(const HandMadeEvent&) = delete;
  HandMadeEvent& operator=(const HandMadeEvent&) = delete;

  // The fixed part of the record, for changing; of the type that the kind has.
  template <typename Record>
  Record& as() {
    return *reinterpret_cast<Record*>(fixed_.data());
  }
  wire_header& header() { return as<wire_header>(); }

  void set_comm(std::string_view comm);
  // `flags` are of enum wire_string_flags. A string that is missing or faulted has no bytes.
  void set_string(std::size_t index, std::string_view bytes,
                  wire_string_state state = WIRE_STRING_WHOLE, unsigned flags = 0);
  void set_string(std::size_t index, wire_string_state state) { set_string(index, "", state); }
  // A path as the kernel walked it.
  void set_walked(std::size_t index, std::string_view path,
                  wire_string_state state = WIRE_STRING_WHOLE, unsigned flags = 0);

  // What follows the strings; without frames a state is needed. A missing one and no other is none.
  void set_stack(wire_stack which, std::span<const std::uint64_t> frames,
                 wire_string_state state = WIRE_STRING_WHOLE);

  // Puts the record together, has decode() look at it, and gives the event, which is valid until
  // the next call. Fails the test if the record is not well-formed.
  const Event& get();
  // A field of get(), as shown() has it; "no such field" if the kind has none of this name. What
  // the field's argument is stands in brackets: "proc.aname[1]".
  std::string read(std::string_view field);
  // Expects that each of these fields reads so.
  void expect(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

  // What get() puts into the event besides the record.
  Event event;
  Process process;
  Workload workload;
  ProcessTable processes;

 private:
  std::vector<std::uint64_t> fixed_;  // 8-byte aligned
  std::vector<std::string> strings_;
  std::array<std::vector<std::uint64_t>, WIRE_STACKS_COUNT> frames_;
  wire_stacks stacks_{};
  std::vector<std::uint64_t> whole_;
  PathLookup lookup_;
  Arena arena_;
};

}  // namespace outrider::test
