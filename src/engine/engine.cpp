// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <thread>
#include <tuple>
#include <unordered_map>

#include "base/clock.h"
#include "base/cpu_timer.h"
#include "bpf/link.h"
#include "bpf/ring_reader.h"
#include "engine/bpf_object.h"
#include "engine/consumer_state.h"
#include "engine/delivery.h"
#include "engine/kernel_filter.h"
#include "engine/kernel_groups.h"
#include "engine/probe_programs.h"
#include "engine/process_list.h"
#include "engine/program_choice.h"
#include "engine/snapshot.h"
#include "engine/wanted_calls.h"
#include "events/decode.h"
#include "events/order.h"
#include "events/redact.h"
#include "sensors/registry.h"
#include "syscalls/calls.h"
#include "syscalls/slow_bound.h"
#include "syscalls/slow_calls.h"
#include "workloads/path_lookup.h"
#include "workloads/process_table.h"
#include "workloads/users.h"

namespace outrider {

namespace {

// CPUs that share a ring for file events: 1 << 3. A ring of 8 MB holds 25 ms of the
// 650,000 opens a second that one CPU can make, five times what is between two drains.
constexpr std::uint32_t kRingShift = 3;
constexpr std::size_t kRingMax = 65;                     // RING_LIMIT in emit.bpf.h
constexpr std::uint64_t kSweepInterval = 1'000'000'000;  // ns
// How long finish() waits for programs that still run on some CPU.
constexpr auto kFinishPatience = std::chrono::milliseconds(200);
// How long the start waits for the names of containers that are there already.
constexpr auto kNamesPatience = std::chrono::milliseconds(100);

// Of so many events one is measured, where consumers are: no number that events come in groups of.
constexpr std::uint64_t kMeasuredOne = 61;

// The least that it takes to ask for the thread's time.
std::uint64_t cost_of_clock() {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 32; ++i) {
    const std::uint64_t before = thread_cpu_time();
    least = std::min(least, thread_cpu_time() - before);
  }
  return least;
}

// What feeds the tables. Names and paths of every other event come from them, so these
// hooks are always there.
constexpr std::string_view kTablePrograms[] = {"process__fork", "process__exec", "process__exit",
                                               "cgroups__made", "cgroups__removed"};

// Costs every call of the machine: only while somebody wants one that does not return.
constexpr std::string_view kEntryProgram = "calls__entered";

// A program that another goes on with.
struct Tail {
  wire_tail place;
  bpf_program* program;
};

}  // namespace

namespace {

// All programs of a kind, in the order in which they are attached; of those that do the same only
// one is loaded.
std::vector<std::string_view> programs_of(const EventDescriptor& kind) {
  std::vector<std::string_view> programs;
  for (const ProgramChoice& choice : kind.choices) {
    programs.insert(programs.end(), choice.programs.begin(), choice.programs.end());
  }
  programs.insert(programs.end(), kind.programs.begin(), kind.programs.end());
  return programs;
}

// Nanoseconds in which a program has run, while the kernel counted.
std::uint64_t run_time_of(const bpf_program* program) {
  bpf_prog_info info{};
  std::uint32_t length = sizeof(info);
  const int done = bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length);
  return done == 0 ? info.run_time_ns : 0;
}

// Of a kind that a consumer wants.
const EventDescriptor* descriptor_of(const Consumer& consumer, std::uint32_t kind) {
  return *std::ranges::find(consumer.kinds, kind,
                            [](const EventDescriptor* each) { return std::uint32_t{each->kind}; });
}

}  // namespace

class Engine::Implementation {
 public:
  explicit Implementation(const EngineOptions& options)
      : options_(options),
        processes_({.show_secrets = options.show_secrets, .environment = options.environment}) {}

  Result<void> start();
  Result<std::vector<ConsumerId>> add(std::vector<Consumer> consumers);
  Account remove(ConsumerId id);
  std::size_t drain();
  bool idle() const { return order_.empty(); }
  int descriptor() const { return epoll_.get(); }
  bool fall_asleep();
  void wake_up();
  void finish();
  Result<void> collect(const Collect& collect);
  Account account(ConsumerId id) const;
  void measure_consumers() {
    measures_consumers_ = true;
    clock_cost_ = cost_of_clock();
  }
  std::uint64_t cpu_of(ConsumerId id) const;
  const PushedCondition* pushed(ConsumerId id) const;
  FilterStatus filter() const { return filter_.status(); }
  EngineMemory memory() const;
  EngineUsage usage() const;
  Result<void> ration(double keep, std::span<const EventDescriptor* const> unwatched);
  WorkloadTable& workloads() { return workloads_; }
  ProcessTable& processes() { return processes_; }
  Event event_of(const wire_header& header, Arena& arena);
  const std::string& refused() const { return refused_; }
  std::span<const std::string> unseen() const { return unseen_; }

 private:
  Result<std::vector<std::string_view>> choose_programs();
  Result<void> make_rings();
  Result<void> load_probes();
  Result<void> attach_probes();
  void follow_filter();
  void tell_slow_calls();
  Result<std::unique_ptr<ConsumerState>> make_consumer(Consumer consumer);
  Result<void> update_filter();
  void restore_filter();
  void update_calls();
  Result<void> attach_wanted();
  Result<void> attach(std::string_view name);
  void read_processes();
  void detach_unwanted();
  bool wants_program(std::string_view name) const;
  void note_misses(bpf_program* program);
  std::size_t read_rings();
  void release(std::uint64_t limit);
  void handle(std::span<const std::byte> record, bool late);
  void hand_on_to_all(const Event& event, bool unwanted);
  void handle_exec(const wire_exec& exec, Event& event);
  std::string_view masked(std::string_view texts);
  void look_ahead(const RecordStart& start);
  void read_to_the_end();
  std::uint64_t records_sent() const;
  std::uint64_t events_aggregated() const;
  wire_account kernel_account(std::uint32_t kind) const;
  std::uint64_t unwatched_of(std::uint32_t kind) const;
  Account account_of(const ConsumerState& state) const;

  EngineOptions options_;
  // Wanted by any consumer; and those of them that are watched.
  WantedKinds wanted_{};
  WantedKinds watched_{};
  // Not to be watched, since when (boot time; 0: watched), and for how long before.
  std::array<std::uint64_t, WIRE_KIND_LIMIT> unwatched_since_{};
  std::array<std::uint64_t, WIRE_KIND_LIMIT> unwatched_before_{};
  ConsumerStates consumers_;
  ConsumerId next_id_ = 1;
  BpfObject object_;
  KernelFilter filter_;
  std::optional<KernelGroups> groups_;
  std::vector<RingReader> rings_;
  FileDescriptor epoll_;
  struct Attached {
    std::string_view name;
    bpf_program* program;
    Link link;
  };
  std::vector<Attached> attached_;
  bool wants_entry_ = false;  // a call that does not return
  struct Probe {
    const ProbeKind* kind;
    std::unique_ptr<ProbePrograms> programs;
  };
  std::vector<Probe> probes_;

  Order order_;
  ProcessTable processes_;
  WorkloadTable workloads_;
  PathLookup lookup_;
  UserTable users_;
  Arena arena_;
  std::uint64_t events_handed_on_ = 0;
  std::int64_t wall_offset_ = wall_clock_offset();
  std::uint64_t next_sweep_ = 0;

  // Arguments of the exec whose pieces are coming, by process.
  struct Pieces {
    std::uint64_t time = 0;
    std::string text;  // from offset WIRE_ARGUMENTS_INLINE on
  };
  std::unordered_map<std::uint32_t, Pieces> pieces_;

  bool measures_consumers_ = false;
  std::uint64_t handed_on_ = 0;
  std::uint64_t clock_cost_ = 0;  // ns
  std::uint64_t malformed_other_ = 0;
  std::uint64_t read_ = 0;
  std::uint64_t pieces_read_ = 0;
  std::string refused_;
  std::vector<std::string> unseen_;
  std::map<std::string, std::uint64_t, std::less<>> missed_;  // by program, when it was detached
};

// ---- start

// The programs to be loaded, and in unseen_ what none was found for. Fails if that is all that was
// asked for.
Result<std::vector<std::string_view>> Engine::Implementation::choose_programs() {
  std::vector<std::string_view> programs(std::begin(kTablePrograms), std::end(kTablePrograms));
  programs.push_back(kListProgram);
  const auto add = [&programs](std::string_view program) {
    if (std::ranges::find(programs, program) == programs.end()) programs.push_back(program);
  };
  ProgramChooser chooser;
  std::size_t absent = 0;
  for (const EventDescriptor* kind : options_.kinds) {
    bool is_absent = false;
    for (const ProgramChoice& choice : kind->choices) {
      const ChosenProgram chosen = chooser.choose(choice);
      if (!chosen.name.empty()) {
        add(chosen.name);
        continue;
      }
      is_absent |= choice.without.empty();
      const std::string text =
          choice.without.empty()
              ? fmt::format("this kernel does not show {}: {}", kind->name, chosen.reason)
              : fmt::format("{}: {} ({})", kind->name, choice.without, chosen.reason);
      if (std::ranges::find(unseen_, text) == unseen_.end()) unseen_.push_back(text);
    }
    absent += is_absent;
    if (is_absent) continue;
    for (const std::string_view program : kind->programs) add(program);
  }
  if (absent != 0 && absent == options_.kinds.size()) {
    return fail(fmt::format("{}", fmt::join(unseen_, "; ")));
  }
  return programs;
}

Result<void> Engine::Implementation::start() {
  const auto programs = choose_programs();
  if (!programs) return std::unexpected(programs.error());
  const auto has_kind = [this](wire_kind wanted) {
    return std::ranges::find(options_.kinds, wanted, &EventDescriptor::kind) !=
           options_.kinds.end();
  };
  const bool has_groups = std::ranges::any_of(
      options_.kinds, [](const EventDescriptor* kind) { return !kind->calls.empty(); });
  // Their names are looked for while the programs are loaded.
  workloads_.read_cgroups();
  auto loaded =
      load_bpf_object(*programs, {.own_pid = static_cast<std::uint32_t>(::getpid()),
                                  .ring_shift = kRingShift,
                                  .aggregation = options_.aggregation,
                                  .use_filter = options_.filter,
                                  .failed_execs = has_kind(WIRE_EXEC),
                                  .traced_calls = has_kind(WIRE_SYSTEM_CALL) || has_groups,
                                  .environment = options_.environment,
                                  .hierarchies = workloads_.cgroups().hierarchies()});
  if (!loaded) return std::unexpected(loaded.error());
  object_ = std::move(loaded->object);
  refused_ = std::move(loaded->refused);
  if (options_.aggregation) {
    auto groups =
        KernelGroups::create(bpf_map__fd(object_->maps.groups_in_use), *options_.aggregation);
    if (!groups) return std::unexpected(groups.error());
    groups_ = std::move(*groups);
  }
  for (const Tail& tail : {Tail{WIRE_TAIL_EXEC, object_->progs.exec__failed},
                           Tail{WIRE_TAIL_TRACED, object_->progs.calls__traced}}) {
    const int program = bpf_program__fd(tail.program);
    if (program < 0) continue;
    const std::uint32_t place = tail.place;
    if (bpf_map_update_elem(bpf_map__fd(object_->maps.call_tails), &place, &program, BPF_ANY) !=
        0) {
      return fail_errno(
          fmt::format("put the program {} in its place", bpf_program__name(tail.program)), errno);
    }
  }
  if (has_kind(WIRE_FSSLOW)) tell_slow_calls();
  filter_.start(object_);
  if (auto made = make_rings(); !made) return made;
  return load_probes();
}

// Objects of their own, which use the rings and the filter.
Result<void> Engine::Implementation::load_probes() {
  for (const EventDescriptor* kind : options_.kinds) {
    const ProbeKind* probe = as_probe(*kind);
    if (probe == nullptr) continue;
    auto loaded = ProbePrograms::load(*probe, object_);
    if (!loaded) return std::unexpected(loaded.error());
    probes_.push_back({probe, std::move(*loaded)});
  }
  return {};
}

// Whether they are looked at, the programs decide that are attached while somebody wants them.
void Engine::Implementation::tell_slow_calls() {
  constexpr std::size_t kWord = 64;
  for (const SlowCall& slow : all_slow_calls()) {
    const Call* call = find_call(slow.name);
    if (call == nullptr) continue;
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      const std::int16_t number = number_of(*call, abi);
      if (number < 0 || number >= WIRE_SYSTEM_CALLS) continue;
      const auto at = static_cast<std::size_t>(number);
      object_->bss->slow_rows[abi][at] = slow.row;
      object_->bss->slow_calls[at / kWord] |= std::uint64_t{1} << at % kWord;
    }
  }
}

Result<void> Engine::Implementation::make_rings() {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return fail_errno("count the CPUs", -cpus);
  const std::size_t shards =
      std::min<std::size_t>(((static_cast<std::size_t>(cpus) - 1) >> kRingShift) + 1, kRingMax - 1);
  epoll_ = FileDescriptor(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_.valid()) return fail_errno("epoll_create1", errno);
  for (std::uint32_t i = 0; i < shards + 1; ++i) {
    auto ring = i == 0 ? RingReader::create("outrider_proc", options_.process_ring_size)
                       : RingReader::create("outrider_file", options_.ring_size);
    if (!ring) return std::unexpected(ring.error());
    const int inner = ring->descriptor();
    if (bpf_map_update_elem(bpf_map__fd(object_->maps.rings), &i, &inner, BPF_ANY) != 0) {
      return fail_errno("put a ring in its place", errno);
    }
    epoll_event interest{};
    interest.events = EPOLLIN;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, inner, &interest) != 0) {
      return fail_errno("wait for a ring", errno);
    }
    rings_.push_back(std::move(*ring));
  }
  return {};
}

// ---- consumers

Result<std::unique_ptr<ConsumerState>> Engine::Implementation::make_consumer(Consumer consumer) {
  auto state = std::make_unique<ConsumerState>();
  state->id = next_id_++;
  std::vector<std::uint16_t> kinds;
  for (const EventDescriptor* kind : consumer.kinds) {
    if (std::find(options_.kinds.begin(), options_.kinds.end(), kind) == options_.kinds.end()) {
      return fail(fmt::format("the programs for {} were not loaded at start", kind->name));
    }
    state->wanted[kind->kind] = true;
    state->accounts[kind->kind].kind = kind->name;
    state->before[kind->kind] = kernel_account(kind->kind);
    state->unwatched_before[kind->kind] = unwatched_of(kind->kind);
    kinds.push_back(static_cast<std::uint16_t>(kind->kind));
  }
  state->pushed =
      consumer.condition != nullptr ? push_down(*consumer.condition, kinds) : push_down_all(kinds);
  state->slow_bound = slow_bound_of(consumer.condition);
  state->consumer = std::move(consumer);
  return state;
}

Result<std::vector<ConsumerId>> Engine::Implementation::add(std::vector<Consumer> consumers) {
  std::vector<std::unique_ptr<ConsumerState>> states;
  std::vector<ConsumerId> ids;
  for (Consumer& consumer : consumers) {
    auto state = make_consumer(std::move(consumer));
    if (!state) return std::unexpected(state.error());
    ids.push_back((*state)->id);
    states.push_back(std::move(*state));
  }
  if (options_.aggregation && consumers_.size() + states.size() > 1) {
    return fail("events that the kernel adds up have one consumer");
  }
  const std::size_t before = consumers_.size();
  const bool first = attached_.empty();
  std::move(states.begin(), states.end(), std::back_inserter(consumers_));
  // First what lets more through, then what makes more.
  auto done = update_filter();
  if (done) {
    update_calls();
    done = attach_wanted();
  }
  if (!done) {
    consumers_.resize(before);
    update_calls();
    detach_unwanted();
    restore_filter();
    return std::unexpected(done.error());
  }
  if (!first) {
    const std::uint64_t now = boot_time();
    for (std::size_t i = before; i < consumers_.size(); ++i) consumers_[i]->since = now;
  }
  return ids;
}

Account Engine::Implementation::remove(ConsumerId id) {
  const auto found = std::find_if(consumers_.begin(), consumers_.end(),
                                  [id](const auto& state) { return state->id == id; });
  if (found == consumers_.end()) return {};
  // What was sent before now is its own.
  read_rings();
  release(boot_time());
  const std::unique_ptr<ConsumerState> gone = std::move(*found);
  Account account = account_of(*gone);
  consumers_.erase(found);
  // First what makes less, then what lets less through.
  update_calls();
  detach_unwanted();
  if (consumers_.empty()) read_to_the_end();
  restore_filter();
  return account;
}

const PushedCondition* Engine::Implementation::pushed(ConsumerId id) const {
  for (const auto& state : consumers_) {
    if (state->id == id) return &state->pushed;
  }
  return nullptr;
}

Result<void> Engine::Implementation::update_filter() {
  std::vector<const PushedCondition*> conditions;
  bool any = false;
  for (const auto& state : consumers_) {
    conditions.push_back(&state->pushed);
    any |= state->consumer.condition != nullptr;
  }
  Result<void> done;
  if (any && options_.filter) {
    done = filter_.set(conditions);
  } else {
    filter_.clear();
  }
  follow_filter();
  return done;
}

// What the main object's programs read, those of probes read in variables of their own.
void Engine::Implementation::follow_filter() {
  for (const Probe& probe : probes_) probe.programs->follow(object_);
}

// After consumers have gone. Without a filter more is sent than is wanted, which is no reason to
// stop; but nothing may stay that refers to their conditions.
void Engine::Implementation::restore_filter() {
  if (!update_filter()) filter_.clear();
  follow_filter();
}

// What the kernel programs are to look at, from the kinds that anybody wants.
void Engine::Implementation::update_calls() {
  wanted_ = {};
  std::uint32_t stacks = 0;
  for (const auto& state : consumers_) {
    stacks |= state->consumer.stacks;
    for (const EventDescriptor* kind : state->consumer.kinds) wanted_[kind->kind] = kind;
  }
  watched_ = wanted_;
  for (std::size_t kind = 0; kind < WIRE_KIND_LIMIT; ++kind) {
    if (unwatched_since_[kind] != 0) watched_[kind] = nullptr;
  }
  object_->bss->wanted_stacks = stacks;
  object_->bss->slow_bound = ~std::uint64_t{0};
  for (const auto& state : consumers_) {
    if (!state->wanted[WIRE_FSSLOW]) continue;
    object_->bss->slow_bound = std::min<std::uint64_t>(object_->bss->slow_bound, state->slow_bound);
  }
  wants_entry_ = tell_wanted_calls(object_, consumers_, watched_, options_.show_secrets);
}

bool Engine::Implementation::wants_program(std::string_view name) const {
  if (consumers_.empty() || (name == kEntryProgram && !wants_entry_)) return false;
  const auto has = [name](const auto& programs) {
    return std::find(std::begin(programs), std::end(programs), name) != std::end(programs);
  };
  return has(kTablePrograms) ||
         std::any_of(watched_.begin(), watched_.end(),
                     [&](const auto* kind) { return kind != nullptr && has(programs_of(*kind)); });
}

// The exit of system calls costs every call of the machine: only while it is needed. Without
// it the cwd comes from /proc when it has changed.
Result<void> Engine::Implementation::attach_wanted() {
  const bool fresh = attached_.empty();
  for (const std::string_view program : kTablePrograms) {
    if (auto attached = attach(program); !attached) return attached;
  }
  // After the hooks: what starts now is told twice, never not at all.
  if (fresh) {
    read_processes();
    workloads_.read_cgroups();
    workloads_.settle(kNamesPatience);
  }
  for (const EventDescriptor* kind : watched_) {
    if (kind == nullptr) continue;
    for (const std::string_view program : programs_of(*kind)) {
      if (!wants_program(program)) continue;
      if (auto attached = attach(program); !attached) return attached;
    }
  }
  return attach_probes();
}

Result<void> Engine::Implementation::attach_probes() {
  for (const Probe& probe : probes_) {
    if (watched_[probe.kind->kind] != probe.kind || probe.programs->is_attached()) continue;
    if (auto attached = probe.programs->attach(); !attached) return attached;
  }
  return {};
}

void Engine::Implementation::read_processes() {
  const auto listed = list_processes(object_);
  if (!listed) {
    processes_.read_proc();
    return;
  }
  processes_.forget_all();
  for (const wire_fork& process : *listed) {
    processes_.add_listed(process);
    workloads_.workload_of(process.header.cgroup_id);
  }
}

Result<void> Engine::Implementation::attach(std::string_view name) {
  for (const Attached& attached : attached_) {
    if (attached.name == name) return {};
  }
  bpf_program* program = find_program(object_, name);
  // One that has not been loaded is one that this kernel cannot have.
  if (program == nullptr || bpf_program__fd(program) < 0) return {};
  Link link(bpf_program__attach(program));
  if (!link) {
    return fail_errno(fmt::format("attach {}", name), errno);
  }
  attached_.push_back({bpf_program__name(program), program, std::move(link)});
  return {};
}

void Engine::Implementation::detach_unwanted() {
  std::erase_if(attached_, [this](const Attached& attached) {
    if (wants_program(attached.name)) return false;
    note_misses(attached.program);
    return true;
  });
  for (const Probe& probe : probes_) {
    if (consumers_.empty() || watched_[probe.kind->kind] != probe.kind) probe.programs->detach();
  }
}

// Misses are read from a program, which must still be there.
void Engine::Implementation::note_misses(bpf_program* program) {
  bpf_prog_info info{};
  std::uint32_t length = sizeof(info);
  if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length) == 0) {
    missed_[bpf_program__name(program)] = info.recursion_misses;
  }
}

// ---- what it costs

EngineUsage Engine::Implementation::usage() const {
  rusage process{};
  ::getrusage(RUSAGE_SELF, &process);
  const auto nanoseconds = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(time.tv_usec) * 1'000u;
  };
  EngineUsage usage{.process = nanoseconds(process.ru_utime) + nanoseconds(process.ru_stime)};
  for (const Attached& attached : attached_) usage.programs += run_time_of(attached.program);
  for (const Probe& probe : probes_) usage.programs += probe.programs->run_time();
  return usage;
}

Result<void> Engine::Implementation::ration(double keep,
                                            std::span<const EventDescriptor* const> unwatched) {
  const double left_out = 1 - std::clamp(keep, 0.0, 1.0);
  object_->bss->left_out_share =
      static_cast<std::uint32_t>(left_out * std::numeric_limits<std::uint32_t>::max());
  follow_filter();
  const std::uint64_t now = boot_time();
  bool changes = false;
  for (const EventDescriptor* kind : all_kinds()) {
    const bool off = std::ranges::find(unwatched, kind) != unwatched.end();
    std::uint64_t& since = unwatched_since_[kind->kind];
    if (off == (since != 0)) continue;
    changes = true;
    if (!off) unwatched_before_[kind->kind] += now - since;
    since = off ? now : 0;
  }
  if (!changes || consumers_.empty()) return {};
  update_calls();
  detach_unwanted();
  return attach_wanted();
}

std::uint64_t Engine::Implementation::unwatched_of(std::uint32_t kind) const {
  const std::uint64_t since = unwatched_since_[kind];
  return unwatched_before_[kind] + (since != 0 ? boot_time() - since : 0);
}

// ---- reading

std::size_t Engine::Implementation::read_rings() {
  std::size_t count = 0;
  for (RingReader& ring : rings_) {
    count += ring.drain([&](std::span<const std::byte> bytes) {
      const RecordStart* start = decode(bytes, record_shapes());
      if (start == nullptr) {
        std::uint16_t kind = 0;
        if (bytes.size() >= sizeof(kind)) std::memcpy(&kind, bytes.data(), sizeof(kind));
        if (kind >= WIRE_KIND_LIMIT || wanted_[kind] == nullptr) {
          ++malformed_other_;
          return;
        }
        for (const auto& state : consumers_) {
          if (!state->wanted[kind]) continue;
          ++state->accounts[kind].lost[static_cast<std::size_t>(Loss::kMalformed)];
        }
        return;
      }
      if (start->kind == WIRE_ARGUMENTS) ++pieces_read_;
      look_ahead(*start);
      order_.add(start->time, bytes);
    });
  }
  order_.sort();
  read_ += count;
  return count;
}

// What names of workloads come from is not put into order first: so they are there when the first
// event is handed on.
void Engine::Implementation::look_ahead(const RecordStart& start) {
  if (start.kind == WIRE_CGROUP) {
    workloads_.apply(reinterpret_cast<const wire_cgroup&>(start));
  } else if (start.kind == WIRE_FORK) {
    const auto& fork = reinterpret_cast<const wire_fork&>(start);
    workloads_.inherit(fork.header.ppid, fork.header.pid);
  } else if (start.kind == WIRE_EXEC) {
    const auto& exec = reinterpret_cast<const wire_exec&>(start);
    if (exec.result != 0) return;
    arena_.reset();
    const Value cwd = path_of(exec, WIRE_EXEC_CWD, arena_);
    workloads_.expect(exec.header.pid, string_of(exec, WIRE_EXEC_FILENAME),
                      string_of(exec, WIRE_EXEC_ARGUMENTS).substr(0, exec.arguments_size),
                      cwd.kind == Value::Kind::kText ? cwd.text : std::string_view());
  }
}

std::size_t Engine::Implementation::drain() {
  // Whatever is later than this was not there when we read the rings.
  const std::uint64_t now = boot_time();
  const std::size_t count = read_rings();
  workloads_.settle_new();
  workloads_.take_answers();
  release(now - std::chrono::nanoseconds(kWatermark).count());
  if (now > next_sweep_) {
    processes_.sweep(now);
    workloads_.sweep(now);
    wall_offset_ = wall_clock_offset();
    next_sweep_ = now + kSweepInterval;
  }
  return count;
}

void Engine::Implementation::release(std::uint64_t limit) {
  order_.release(limit,
                 [&](std::span<const std::byte> record, bool late) { handle(record, late); });
}

void Engine::Implementation::handle(std::span<const std::byte> record, bool late) {
  arena_.reset();
  const auto& start = *reinterpret_cast<const RecordStart*>(record.data());
  Event event;
  event.arena = &arena_;
  event.header = reinterpret_cast<const wire_header*>(record.data());
  event.show_secrets = options_.show_secrets;
  event.wall_offset = wall_offset_;
  event.late = late;
  bool unwanted = false;

  switch (start.kind) {
    case WIRE_ARGUMENTS: {
      const auto& piece = *reinterpret_cast<const wire_arguments*>(record.data());
      Pieces& pieces = pieces_[piece.pid];
      if (pieces.time != piece.time) pieces = {piece.time, {}};
      if (piece.offset == WIRE_ARGUMENTS_INLINE + pieces.text.size()) {
        pieces.text.append(static_cast<const char*>(payload_of(piece)), piece.size - sizeof(piece));
      }
      return;
    }
    case WIRE_CGROUP:
      return;
    case WIRE_WORKING_DIRECTORY:
      processes_.apply_working_directory(event.as<wire_file>());
      return;
    case WIRE_FORK:
      processes_.apply_fork(event.as<wire_fork>());
      break;
    case WIRE_EXEC:
      handle_exec(event.as<wire_exec>(), event);
      break;
    case WIRE_EXIT:
      unwanted = !processes_.apply_exit(event.as<wire_exit>());
      filter_.forget(event.header->pid);
      workloads_.forget_process(event.header->pid);
      break;
    default:
      break;
  }

  event.descriptor = wanted_[start.kind];
  if (event.descriptor == nullptr) return;
  event.number = ++events_handed_on_;
  event.process = processes_.process_of(*event.header);
  event.processes = &processes_;
  event.lookup = &lookup_;
  event.users = &users_;
  event.workload = workloads_.workload_of(event.header->cgroup_id);
  event.cgroup_path = workloads_.path_of(event.header->cgroup_id);
  if (start.kind != WIRE_EXIT) filter_.tell(event, workloads_.changes());
  hand_on_to_all(event, unwanted);
}

// To everybody whose kind it is and who was there already.
void Engine::Implementation::hand_on_to_all(const Event& event, bool unwanted) {
  const std::uint32_t kind = event.header->kind;
  const bool is_measured = measures_consumers_ && ++handed_on_ % kMeasuredOne == 0;
  std::uint64_t clock = is_measured ? thread_cpu_time() : 0;
  for (const auto& state : consumers_) {
    if (!state->wanted[kind] || event.header->time < state->since) continue;
    if (event.late) ++state->late;
    if (unwanted) {
      ++state->accounts[kind].filtered_agent;
      continue;
    }
    hand_on(*state, event);
    if (!is_measured) continue;
    const std::uint64_t now = thread_cpu_time();
    // Without what asking for the time takes itself.
    state->cpu += kMeasuredOne * (now - clock - std::min(now - clock, clock_cost_));
    clock = now;
  }
}

// Texts, a NUL after each, as they may be shown.
std::string_view Engine::Implementation::masked(std::string_view texts) {
  if (options_.show_secrets) return texts;
  const auto redacted = redact_arguments(texts);
  return redacted ? arena_.copy(*redacted) : texts;
}

void Engine::Implementation::handle_exec(const wire_exec& exec, Event& event) {
  const wire_string& inline_part = exec.strings[WIRE_EXEC_ARGUMENTS];
  const bool known = inline_part.state != WIRE_STRING_FAULTED;
  std::string_view arguments = string_of(exec, WIRE_EXEC_ARGUMENTS);
  const auto found = pieces_.find(exec.header.pid);
  if (found != pieces_.end()) {
    if (found->second.time == exec.header.time && arguments.size() == WIRE_ARGUMENTS_INLINE) {
      char* whole = arena_.allocate(arguments.size() + found->second.text.size());
      std::memcpy(whole, arguments.data(), arguments.size());
      std::memcpy(whole + arguments.size(), found->second.text.data(), found->second.text.size());
      arguments = {whole, arguments.size() + found->second.text.size()};
    }
    pieces_.erase(found);
  }
  const bool cut = inline_part.state == WIRE_STRING_CUT || arguments.size() < exec.arguments_size;
  // Of an exec that failed there are only as many as could be read.
  const std::string_view environment =
      arguments.substr(std::min<std::size_t>(exec.arguments_size, arguments.size()));
  arguments.remove_suffix(environment.size());
  event.arguments = masked(arguments);
  event.arguments_cut = cut;
  if (exec.result != 0) return;
  processes_.apply_exec(exec, event.arguments, known, cut);
  if (!options_.environment) return;
  processes_.set_environment(exec.header, masked(environment), known,
                             environment.size() < exec.environment_size);
}

// ---- sleeping

bool Engine::Implementation::fall_asleep() {
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    std::atomic_ref(object_->bss->ring_sleep[i].asleep).store(1);
  }
  for (const Probe& probe : probes_) probe.programs->set_asleep(rings_.size(), true);
  // A record that was being written when we said so wakes nobody: look once more.
  for (const RingReader& ring : rings_) {
    if (ring.used() == 0) continue;
    wake_up();
    return false;
  }
  return true;
}

void Engine::Implementation::wake_up() {
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    std::atomic_ref(object_->bss->ring_sleep[i].asleep).store(0);
  }
  for (const Probe& probe : probes_) probe.programs->set_asleep(rings_.size(), false);
}

// ---- the end

std::uint64_t Engine::Implementation::records_sent() const {
  std::uint64_t sent = 0;
  for (std::uint32_t kind = 0; kind < WIRE_KIND_LIMIT; ++kind) {
    sent += kernel_account(kind).delivered;
  }
  return sent;
}

void Engine::Implementation::finish() {
  if (!object_) return;
  for (const Attached& attached : attached_) note_misses(attached.program);
  attached_.clear();
  for (const Probe& probe : probes_) probe.programs->detach();
  read_to_the_end();
}

// A program that has just been detached may still run on another CPU; what it sends is
// counted, so wait until all that was sent has been read.
void Engine::Implementation::read_to_the_end() {
  const auto deadline = std::chrono::steady_clock::now() + kFinishPatience;
  do {
    read_rings();
    workloads_.settle_new();
    workloads_.take_answers();
    release(boot_time());
    if (read_ - pieces_read_ == records_sent()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  } while (std::chrono::steady_clock::now() < deadline);
  read_rings();
  release(~std::uint64_t{0});
}

// ---- groups

std::uint64_t Engine::Implementation::events_aggregated() const {
  std::uint64_t aggregated = 0;
  for (std::uint32_t kind = 0; kind < WIRE_KIND_LIMIT; ++kind) {
    aggregated += kernel_account(kind).aggregated;
  }
  return aggregated;
}

Result<void> Engine::Implementation::collect(const Collect& collect) {
  if (!groups_) return {};
  const auto take = [&](const wire_file& file, const Portion& portion) {
    arena_.reset();
    Event event;
    event.descriptor = wanted_[file.header.kind];
    event.header = &file.header;
    event.arena = &arena_;
    if (event.descriptor != nullptr) collect(event, portion);
  };
  // What it cannot get now is there the next time.
  groups_->take(take);
  if (!attached_.empty()) return {};
  // At the end: what ran on another CPU while the programs were detached may have come after.
  const auto deadline = std::chrono::steady_clock::now() + kFinishPatience;
  while (groups_->taken() != events_aggregated() && std::chrono::steady_clock::now() < deadline) {
    groups_->take(take);
  }
  const std::uint64_t left = events_aggregated() - groups_->taken();
  if (left == 0) return {};
  return fail(
      fmt::format("{} events that the kernel has added up could not be read from it: they "
                  "are in none of the groups, though the account has them as delivered",
                  left));
}

wire_account Engine::Implementation::kernel_account(std::uint32_t kind) const {
  static const auto cpus = static_cast<std::size_t>(libbpf_num_possible_cpus());
  std::vector<wire_account> by_cpu(cpus);
  wire_account sum{};
  if (bpf_map_lookup_elem(bpf_map__fd(object_->maps.accounts), &kind, by_cpu.data()) != 0) {
    return sum;
  }
  for (const wire_account& cpu : by_cpu) {
    sum.seen += cpu.seen;
    sum.filtered += cpu.filtered;
    sum.delivered += cpu.delivered;
    sum.ring_full += cpu.ring_full;
    sum.unbuilt += cpu.unbuilt;
    sum.aggregated += cpu.aggregated;
    sum.sampled += cpu.sampled;
  }
  return sum;
}

Account Engine::Implementation::account(ConsumerId id) const {
  for (const auto& state : consumers_) {
    if (state->id == id) return account_of(*state);
  }
  return {};
}

std::uint64_t Engine::Implementation::cpu_of(ConsumerId id) const {
  const auto found = std::ranges::find(consumers_, id, [](const auto& state) { return state->id; });
  return found != consumers_.end() ? (*found)->cpu : 0;
}

Account Engine::Implementation::account_of(const ConsumerState& state) const {
  Account account;
  account.late = state.late;
  account.tables_lost = malformed_other_;
  account.processes_evicted = processes_.evicted();
  if (!object_) return account;
  auto missed = missed_;
  for (const Attached& attached : attached_) {
    bpf_prog_info info{};
    std::uint32_t length = sizeof(info);
    if (bpf_obj_get_info_by_fd(bpf_program__fd(attached.program), &info, &length) == 0) {
      missed[bpf_program__name(attached.program)] = info.recursion_misses;
    }
  }
  for (std::uint32_t kind = 1; kind < WIRE_KIND_LIMIT; ++kind) {
    const wire_account kernel = kernel_account(kind);
    if (!state.wanted[kind]) {
      if (wanted_[kind] == nullptr) account.tables_lost += kernel.ring_full + kernel.unbuilt;
      continue;
    }
    const wire_account& before = state.before[kind];
    KindAccount each = state.accounts[kind];
    each.filtered_kernel = kernel.filtered - before.filtered;
    each.lost[static_cast<std::size_t>(Loss::kRingFull)] += kernel.ring_full - before.ring_full;
    each.lost[static_cast<std::size_t>(Loss::kUnbuilt)] += kernel.unbuilt - before.unbuilt;
    each.lost[static_cast<std::size_t>(Loss::kSampled)] += kernel.sampled - before.sampled;
    each.delivered += kernel.aggregated - before.aggregated;
    each.unwatched = unwatched_of(kind) - state.unwatched_before[kind];
    each.seen = kernel.seen - before.seen;
    // It came while others were served: what was under way then was counted by the kernel
    // before, or after, without being its own.
    if (state.since != 0) {
      each.seen = each.filtered_kernel + each.filtered_agent + each.delivered + each.lost_total();
    }
    const EventDescriptor& descriptor = *descriptor_of(state.consumer, kind);
    for (const Probe& probe : probes_) {
      if (probe.kind == &descriptor) each.missed += probe.programs->missed();
    }
    for (const std::string_view program : programs_of(descriptor)) {
      if (const auto found = missed.find(program); found != missed.end()) {
        each.missed += found->second;
      }
    }
    account.kinds.push_back(each);
  }

  wire_loss_key key{};
  const int losses = bpf_map__fd(object_->maps.losses);
  for (int more = bpf_map_get_next_key(losses, nullptr, &key); more == 0;
       more = bpf_map_get_next_key(losses, &key, &key)) {
    std::uint64_t count = 0;
    if (bpf_map_lookup_elem(losses, &key, &count) != 0) continue;
    const EventDescriptor* kind = key.kind < WIRE_KIND_LIMIT ? wanted_[key.kind] : nullptr;
    if (kind == nullptr) kind = find_kind(static_cast<std::uint16_t>(key.kind));
    account.losses.push_back({key.pid, kind != nullptr ? kind->name : "tables", count});
  }
  std::sort(account.losses.begin(), account.losses.end(),
            [](const ProcessLoss& a, const ProcessLoss& b) { return a.count > b.count; });
  return account;
}

Event Engine::Implementation::event_of(const wire_header& header, Arena& arena) {
  Event event;
  event.descriptor = &snapshot_kind();
  event.header = &header;
  event.process = processes_.process_of(header);
  event.processes = &processes_;
  event.workload = workloads_.workload_of(header.cgroup_id);
  event.lookup = &lookup_;
  event.users = &users_;
  event.cgroup_path = workloads_.path_of(header.cgroup_id);
  event.show_secrets = options_.show_secrets;
  event.wall_offset = wall_offset_;
  event.arena = &arena;
  return event;
}

EngineMemory Engine::Implementation::memory() const {
  EngineMemory memory{};
  for (const RingReader& ring : rings_) memory.rings += ring.size();
  return memory;
}

// ---- outside

Engine::Engine(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::start(const EngineOptions& options) {
  auto implementation = std::make_unique<Implementation>(options);
  if (auto started = implementation->start(); !started) return std::unexpected(started.error());
  return std::unique_ptr<Engine>(new Engine(std::move(implementation)));
}

Result<ConsumerId> Engine::add(Consumer consumer) {
  std::vector<Consumer> one;
  one.push_back(std::move(consumer));
  auto added = implementation_->add(std::move(one));
  if (!added) return std::unexpected(added.error());
  return added->front();
}
Result<std::vector<ConsumerId>> Engine::add(std::vector<Consumer> consumers) {
  return implementation_->add(std::move(consumers));
}
Account Engine::remove(ConsumerId id) { return implementation_->remove(id); }
std::size_t Engine::drain() { return implementation_->drain(); }
bool Engine::idle() const { return implementation_->idle(); }
int Engine::descriptor() const { return implementation_->descriptor(); }
bool Engine::fall_asleep() { return implementation_->fall_asleep(); }
void Engine::wake_up() { implementation_->wake_up(); }
void Engine::finish() { implementation_->finish(); }
Result<void> Engine::collect(const Collect& collect) { return implementation_->collect(collect); }
Account Engine::account(ConsumerId id) const { return implementation_->account(id); }
void Engine::measure_consumers() { implementation_->measure_consumers(); }
std::uint64_t Engine::cpu_of(ConsumerId id) const { return implementation_->cpu_of(id); }
const PushedCondition* Engine::pushed(ConsumerId id) const { return implementation_->pushed(id); }
FilterStatus Engine::filter() const { return implementation_->filter(); }
EngineMemory Engine::memory() const { return implementation_->memory(); }
EngineUsage Engine::usage() const { return implementation_->usage(); }
Result<void> Engine::ration(double keep, std::span<const EventDescriptor* const> unwatched) {
  return implementation_->ration(keep, unwatched);
}
WorkloadTable& Engine::workloads() { return implementation_->workloads(); }
ProcessTable& Engine::processes() { return implementation_->processes(); }
Event Engine::event_of(const wire_header& header, Arena& arena) {
  return implementation_->event_of(header, arena);
}
const std::string& Engine::refused() const { return implementation_->refused(); }
std::span<const std::string> Engine::unseen() const { return implementation_->unseen(); }

}  // namespace outrider
