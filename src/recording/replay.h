// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/event_source.h"
#include "recording/frames.h"
#include "recording/state.h"

namespace outrider {

// Plays a recording to consumers, as an engine would have delivered the events: in the order of the
// recording, with what the tables knew then, and with what was lost or left out at that time in
// their accounts. What fields ask the machine for as it is now is unknown.
//
// Needs no privilege. The file may be anybody's: it makes us use no more memory than for one frame
// (kFrameMax) and what RecordedTables keeps. Not thread-safe.
class Replay : public EventSource {
 public:
  // Reads as far as the kinds of events are said. Fails if it is no recording that this program
  // can play.
  static Result<std::unique_ptr<Replay>> open(ReadBytes read);
  ~Replay() override;

  [[nodiscard]] const RecordingHeader& header() const;
  // Those that it has, in the order in which they were asked for.
  [[nodiscard]] std::span<const EventDescriptor* const> kinds() const;

  // Its kinds must be among those of the recording. It gets what comes after; before anything is
  // played, that is all.
  Result<ConsumerId> add(Consumer consumer) override;
  Account remove(ConsumerId id) override;
  void finish() override {}
  [[nodiscard]] Account account(ConsumerId id) const override;
  [[nodiscard]] std::uint64_t cpu_of(ConsumerId) const override { return 0; }
  // Of the event that was delivered last, or the limit that was reached.
  [[nodiscard]] Clock::time_point now() const override;
  [[nodiscard]] std::uint64_t wall_time() const override;

  enum class Step : std::uint8_t {
    kMore,     // there may be more: call again
    kReached,  // the next event is later than the limit, which is the time now
    kEnd,
  };
  // Delivers events that are not later than this; those of one frame at most. Fails if the file
  // cannot be read.
  Result<Step> advance(Clock::time_point limit);

  // Why the recording ends before its end, as a sentence without its subject; empty: it does not.
  // After kEnd.
  [[nodiscard]] const std::string& damage() const;
  // Events so far, of all kinds, and bytes of the file.
  [[nodiscard]] std::uint64_t events() const;
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  class Implementation;
  explicit Replay(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace outrider
