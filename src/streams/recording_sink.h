// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/engine.h"
#include "recording/recording_writer.h"
#include "streams/output.h"
#include "streams/sink.h"

namespace outrider {

// Writes the events of a stream into a recording. Not thread-safe.
class RecordingSink : public Sink {
 public:
  // The output is the file, and outlives it.
  explicit RecordingSink(Output& output) : output_(output) {}

  // To be called before the first event. The engine is that of the events, and outlives it.
  void begin(const RecordingHeader& header, Engine& engine);

  bool write(const Event& event) override;
  // Writes nothing: frames go out when they are full, or by end_frame().
  bool flush() override { return output_.error() == 0; }
  [[nodiscard]] const std::vector<std::uint64_t>& unwritten() const override { return unwritten_; }

  // What was recorded until now goes out, with the account. False as write().
  bool end_frame(const Account& account);
  // The same; and there will be no more.
  bool finish(const Account& account);

  // What is in the file for good, all of it whole frames: bytes, and events.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  void take(std::string_view bytes);

  Output& output_;
  std::unique_ptr<RecordingWriter> writer_;
  std::uint64_t bytes_ = 0;
  std::uint64_t events_ = 0;
  // Of the frame that has not gone out, by kind.
  std::vector<std::uint64_t> pending_ = std::vector<std::uint64_t>(WIRE_KIND_LIMIT);
  std::vector<std::uint64_t> unwritten_ = std::vector<std::uint64_t>(WIRE_KIND_LIMIT);
};

}  // namespace outrider
