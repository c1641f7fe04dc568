// SPDX-License-Identifier: Apache-2.0
//
// Groups as columns or JSON: a line for each, and in columns the bars of its histogram.
//
//   TIME              COUNT COMM
//   10:22:33.123        812 nginx
//   10:22:33.123         44 (others)
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aggregates/aggregate.h"
#include "events/columns_writer.h"
#include "events/descriptor.h"
#include "events/json_writer.h"

namespace outrider {

class ReportWriter {
 public:
  struct Options {
    bool json = false;
    std::size_t top = 0;             // so many groups; 0: all
    std::size_t terminal_width = 0;  // 0: not a terminal
    bool color = false;
  };

  // What the groups that are reported are made for.
  ReportWriter(const AggregateRequest& request, const Options& options);

  // The line with the names of the columns; nothing in JSON.
  void append_header(std::string& out) const;

  // What the groups have gathered until `time` (ns since 1970), in `interval` ns. Groups beyond
  // the top have one line together, so that the counts of all lines are those of all events.
  void append(std::string& out, Aggregate& aggregate, std::uint64_t time, std::uint64_t interval);

 private:
  // What is said of a line that is not about one group.
  struct Rest {
    bool others = false;   // those that found no room
    std::size_t more = 0;  // so many groups beyond the top
  };

  void append_line(std::string& out, std::span<const Value> key, const Group& group, Rest rest);
  void put_key(std::span<const Value> key, std::string_view name);

  Options options_;
  const AggregateRequest request_;
  Value time_;
  Value interval_;
  std::deque<FieldDescriptor> fields_;  // of a line
  std::vector<Value> line_;
  std::unique_ptr<ColumnsWriter> columns_;
  std::unique_ptr<JsonWriter> json_;
};

}  // namespace outrider
