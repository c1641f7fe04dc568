// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/engine.h"
#include "language/condition.h"
#include "language/fields.h"
#include "sensors/selection.h"
#include "streams/aggregation.h"
#include "streams/output.h"
#include "streams/sink.h"
#include "streams/trace_request.h"

namespace outrider {

// Whose engine a stream reads: one that others read too adds nothing up in the kernel for one. Or
// there is none, and it reads a recording.
enum class EngineOwner : std::uint8_t { kStream, kAgent, kNobody };

// One stream of events as `outrider trace` shows it: what it needs of an engine, what it writes,
// and its account. Whoever has the engine drains it and then calls look(). Not thread-safe.
class TraceStream {
 public:
  using Clock = std::chrono::steady_clock;

  // Fails where the request is wrong. The output must outlive it.
  static Result<std::unique_ptr<TraceStream>> create(const TraceRequest& request, EngineOwner owner,
                                                     const Screen& screen, Output& output);

  // The same, whose events go to `sink` and are not written: the request is of no groups and no
  // columns.
  static Result<std::unique_ptr<TraceStream>> create_for(const TraceRequest& request,
                                                         EngineOwner owner, Output& output,
                                                         std::unique_ptr<Sink> sink);

  // What an engine must be started with to be of use.
  [[nodiscard]] const EngineOptions& engine_options() const { return engine_options_; }
  // Of what it is: "open, syscall:mount".
  [[nodiscard]] std::string words() const { return words_of(selection_); }
  // Who adds the groups up: "the kernel", or "the agent: " and why; empty: no groups.
  [[nodiscard]] const std::string& adder() const { return adder_; }
  // The kinds of its events.
  [[nodiscard]] const std::vector<const EventDescriptor*>& kinds() const {
    return selection_.kinds;
  }
  // What of the condition the kernel decides; lines for people.
  [[nodiscard]] std::string explanation() const;

  // Leaves the events of a process out: of who reads the stream, since each would make another.
  void leave_out(std::uint32_t pid) { left_out_ = pid; }
  // Its events come from now on. The source must outlive it.
  Result<void> start(EventSource& source);

  // To be called after each drain: writes what is due. False once it has ended: by one of the
  // limits, or since nobody reads the output any more.
  bool look();
  // When look() is to be called at the latest, if nothing comes.
  [[nodiscard]] Clock::time_point next_look() const;

  // Delivers what is under way and closes the account. An engine of its own is finished with it.
  // Fails if groups are left in the kernel.
  Result<void> finish();

  // As of now, or as it was closed.
  [[nodiscard]] Account account() const;
  // What it has cost the thread that drains, in ns of CPU: judging and writing its events. Only of
  // an engine that measures its consumers.
  [[nodiscard]] std::uint64_t cpu() const;
  // As the format has it: a line of JSON, or a table.
  [[nodiscard]] std::string account_text() const;

 private:
  TraceStream(TraceRequest request, EngineOwner owner, Output& output);
  Result<void> prepare();
  Result<void> make_sink(const Screen& screen);
  Result<void> make_aggregation(const Screen& screen);
  [[nodiscard]] const Condition* condition() const { return condition_ ? &*condition_ : nullptr; }
  [[nodiscard]] bool is_asked(std::string_view field) const;
  Result<void> ask_probes();
  [[nodiscard]] std::uint32_t wanted_stacks() const;
  Outcome deliver(const Event& event);
  bool write_out();
  Result<void> collect_groups();

  TraceRequest request_;
  EngineOwner owner_;
  Output& output_;
  Selection selection_;
  FieldCatalog catalog_;
  std::optional<Condition> condition_;
  std::unique_ptr<Sink> sink_;
  Aggregation* aggregation_ = nullptr;  // the sink, if it makes groups
  std::string adder_;
  EngineOptions engine_options_;
  std::uint32_t left_out_ = 0;  // a pid; 0: nobody

  EventSource* source_ = nullptr;
  ConsumerId consumer_ = 0;
  Clock::time_point started_;
  Clock::time_point collected_;
  std::uint64_t count_ = 0;
  bool stopped_ = false;
  std::uint64_t writing_cpu_ = 0;  // ns
  std::optional<Account> closed_;
  std::uint64_t closed_cpu_ = 0;
};

}  // namespace outrider
