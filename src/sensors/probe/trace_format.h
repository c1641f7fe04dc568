// SPDX-License-Identifier: Apache-2.0
//
// How the kernel describes the data of a tracepoint: events/CATEGORY/NAME/format of tracefs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace outrider {

struct TraceField {
  // Where its bytes are.
  enum class Where : std::uint8_t {
    kFixed,     // in the data, at its offset
    kLocated,   // at the offset is a word that says where: __data_loc
    kRelative,  // the same from the end of that word: __rel_loc
  };

  std::string name;
  std::string type;  // of C, without the length of an array: "char", "const char *"
  Where where = Where::kFixed;
  bool is_array = false;
  bool is_signed = false;
  std::uint16_t offset = 0;        // bytes, in the data that a program is given
  std::uint16_t size = 0;          // bytes there; of an array all of it
  std::uint16_t element_size = 0;  // of an array, bytes; 0: it is not known

  bool operator==(const TraceField&) const = default;
};

struct TraceFormat {
  std::uint64_t id = 0;  // what perf knows the tracepoint by
  std::vector<TraceField> fields;
};

// From the text of the file. Without the fields that all tracepoints have (common_...), which
// programs are not given. Fails for what cannot be one.
Result<TraceFormat> parse_trace_format(std::string_view text);

}  // namespace outrider
