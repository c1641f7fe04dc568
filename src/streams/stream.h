// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "events/columns_writer.h"
#include "events/descriptor.h"
#include "events/event.h"
#include "events/json_writer.h"
#include "streams/output.h"
#include "streams/sink.h"

namespace outrider {

// Writes events of several kinds to standard output, each kind with its own fields.
// Not thread-safe.
class Stream : public Sink {
 public:
  struct Options {
    Format format = Format::kColumns;
    std::vector<std::string> fields;  // empty: the defaults of the kinds
    bool header = true;
    std::size_t terminal_width = 0;  // 0: not a terminal
    bool color = false;
    // Fields that are shown besides: JSON has them as well, columns as lines below their event.
    std::vector<std::string_view> stacks = {};
  };

  // Fails when no kind has one of the fields.
  static Result<std::unique_ptr<Stream>> create(std::vector<const EventDescriptor*> kinds,
                                                const Options& options, Output& output);

  bool write(const Event& event) override;
  bool flush() override;
  [[nodiscard]] const std::vector<std::uint64_t>& unwritten() const override { return unwritten_; }

 private:
  Stream(const Options& options, Output& output) : options_(options), output_(output) {}
  // nullptr if the kind has no such field. Also proc.aname[1].
  const FieldDescriptor* find(const EventDescriptor& kind, std::string_view name);
  void append_stacks(const Event& event);
  void count_unwritten();

  Options options_;
  Output& output_;
  // Fields of each kind in the order of the columns; one that a kind does not have is
  // missing in it.
  std::deque<FieldDescriptor> fields_;
  std::deque<std::string> headings_;                     // of those with an index
  std::vector<std::unique_ptr<JsonWriter>> json_;        // by kind
  std::vector<std::unique_ptr<ColumnsWriter>> columns_;  // by kind
  // By line in the buffer the kind of the event that ends there; WIRE_NONE if it goes on.
  std::vector<std::uint16_t> pending_;
  std::vector<std::uint64_t> unwritten_ = std::vector<std::uint64_t>(WIRE_KIND_LIMIT);
};

}  // namespace outrider
