// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "aggregates/aggregate.h"
#include "base/arena.h"
#include "base/result.h"
#include "engine/consumer.h"
#include "engine/event_source.h"
#include "engine/kernel_filter.h"
#include "events/account.h"
#include "events/event.h"
#include "language/pushdown.h"
#include "syscalls/calls.h"
#include "workloads/process_table.h"
#include "workloads/workload_table.h"

namespace outrider {

struct EngineOptions {
  // What consumers may ask for: the programs of these kinds are loaded.
  std::vector<const EventDescriptor*> kinds;
  bool show_secrets = false;
  // Consumers may ask for the environment of processes (proc.env).
  bool environment = false;
  // Consumers may have conditions that the kernel decides; else the agent decides them all.
  bool filter = true;
  // What the kernel adds up instead of sending it; collect() has it then.
  std::optional<wire_aggregation> aggregation;
  std::size_t ring_size = 8 << 20;          // bytes of each ring for file events
  std::size_t process_ring_size = 2 << 20;  // bytes of the ring for fork, exec and exit
};

// What has been used since some time in the past, in nanoseconds.
struct EngineUsage {
  std::uint64_t process = 0;  // of all threads of this process: getrusage(2)
  // Of the attached programs, as the kernel adds it up while somebody has its statistics on
  // (BPF_ENABLE_STATS, bpf(2)).
  std::uint64_t programs = 0;
};

// What the engine costs in memory that is not private to the process.
struct EngineMemory {
  std::size_t rings = 0;  // bytes
};

// Loads the kernel programs that consumers need, attaches them while somebody does, reads
// their rings, keeps the tables, and delivers events in order. Nothing of it is pinned: it
// all goes with the object, or with the process. Not thread-safe.
class Engine : public EventSource {
 public:
  // Loaded when it returns, not attached.
  static Result<std::unique_ptr<Engine>> start(const EngineOptions& options);
  ~Engine() override;

  // From its return on, the consumer misses nothing of its own; what others want goes on
  // meanwhile. Its kinds must be among those of the options.
  Result<ConsumerId> add(Consumer consumer) override;
  // Several at once: all or none of them.
  Result<std::vector<ConsumerId>> add(std::vector<Consumer> consumers);
  // Delivers what is under way for all, and closes the consumer's account.
  Account remove(ConsumerId id) override;

  // Reads what is there and delivers what has been held long enough. Returns how many
  // records were read.
  std::size_t drain();

  // What the kernel has added up since the last time: events of which only the fields that were
  // asked for are set, each with what it stands for. Waits until no program is writing to it.
  Result<void> collect(const Collect& collect) override;

  // Whether nothing is under way, so that the caller may sleep on descriptor().
  [[nodiscard]] bool idle() const;
  // Readable when a record has come while asleep; to be used between fall_asleep() and
  // wake_up(). fall_asleep() returns false if something has come in the meantime.
  [[nodiscard]] int descriptor() const;
  bool fall_asleep();
  void wake_up();

  // What it has used so far.
  [[nodiscard]] EngineUsage usage() const;
  // From now on only that part of the wanted events is sent, and of some kinds nothing is even
  // watched; see engine/budget.h. What consumers miss by it is in their accounts.
  Result<void> ration(double keep, std::span<const EventDescriptor* const> unwatched);

  // Detaches everything, delivers all that is under way, and closes the accounts.
  void finish() override;

  // Of one consumer; nothing if there is none of this number.
  [[nodiscard]] Account account(ConsumerId id) const override;
  // From now on what each consumer costs is measured, for cpu_of().
  void measure_consumers();
  // What judging and delivering its events has cost the thread that drains, in ns of CPU: estimated
  // from one event in sixty, to be cheap. 0 if it is not measured.
  [[nodiscard]] std::uint64_t cpu_of(ConsumerId id) const override;
  // What the kernel decides for a consumer; nullptr if there is none of this number.
  [[nodiscard]] const PushedCondition* pushed(ConsumerId id) const;
  [[nodiscard]] FilterStatus filter() const;
  [[nodiscard]] EngineMemory memory() const;
  // As of the last drain(), for as long as there is a consumer, if only one without kinds.
  WorkloadTable& workloads();
  // As of the last drain(), too.
  ProcessTable& processes();
  // A process as if it were an event of its own, of the kind snapshot_kind(), which the header says
  // as well: what the tables know of who it is of. Valid until the next call of anything; `arena`
  // outlives it.
  Event event_of(const wire_header& header, Arena& arena);
  // What this kernel refused to load at start, with its words; see LoadedObject.
  [[nodiscard]] const std::string& refused() const;
  // What of its kinds this kernel does not show, each with the reason, in words for people.
  [[nodiscard]] std::span<const std::string> unseen() const;

 private:
  class Implementation;
  explicit Engine(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

// Milliseconds between two drains while events come.
inline constexpr std::chrono::milliseconds kDrainInterval{5};
// An event is held this long, so that others can take their place before it.
inline constexpr std::chrono::milliseconds kWatermark{20};

}  // namespace outrider
