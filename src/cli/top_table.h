// SPDX-License-Identifier: Apache-2.0
//
// What top shows, whatever of: columns, the rows of an interval, their order, and how they look as
// a table or as JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "events/descriptor.h"

namespace outrider {

// How a number stands in its column. JSON has it as it is.
enum class TopShow : std::uint8_t {
  kAsItIs,
  kBytes,   // 1.2M
  kShare,   // of the interval, in percent: a time
  kHidden,  // in no column
};

struct TopColumn {
  FieldDescriptor descriptor;  // `read` is not used
  TopShow show = TopShow::kAsItIs;
  char key = 0;  // that sorts by it on the screen; 0: none
};

// The rows of an interval. Their texts are in its arena.
struct TopRows {
  Arena arena;
  std::vector<std::vector<Value>> rows;  // a value for each column
  std::int64_t time = 0;                 // ns since 1970: end of the interval
  std::uint64_t interval = 0;            // ns
};

// By which column, and which way: numbers begin with the largest, texts with the first.
struct TopOrder {
  std::size_t column = 0;
  bool reversed = false;
  bool operator==(const TopOrder&) const = default;
};

// The column of this name, or with this heading.
std::optional<std::size_t> find_column(std::span<const TopColumn> columns, std::string_view name);

// What is not known comes last in any order. Equals stay as they are.
void sort_rows(std::span<const TopColumn> columns, TopOrder order, TopRows& rows);

// What a key does to the order; nothing if it means nothing.
std::optional<TopOrder> order_after_key(std::span<const TopColumn> columns, TopOrder order,
                                        char key);

struct TopLayout {
  std::size_t width = 0;     // of the terminal; 0: it is none
  bool color = false;        // bold heading
  bool header = true;        // the names of the columns
  std::size_t rows_max = 0;  // 0: all
};

// A heading and a row each, with line breaks.
std::string top_columns(std::span<const TopColumn> columns, const TopRows& rows,
                        const TopLayout& layout);

// An object on a line for each row: time and interval (ns) first.
std::string top_json(std::span<const TopColumn> columns, const TopRows& rows, std::size_t rows_max);

// "0", "999", "1.2K", "34M": bytes in at most five characters.
std::string short_bytes(std::uint64_t bytes);

}  // namespace outrider
