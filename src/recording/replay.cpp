// SPDX-License-Identifier: Apache-2.0
#include "recording/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "engine/consumer_state.h"
#include "engine/delivery.h"
#include "events/decode.h"
#include "recording/format.h"
#include "recording/recorded_tables.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

// Boot times beyond are none: 146 years.
constexpr std::int64_t kLatest = std::int64_t{1} << 62;
// A longer time in which nothing happens is gone over at once: somebody who says that years lie
// between two events does not make us report each second of them.
constexpr std::int64_t kLongestPause = 3'600'000'000'000;  // ns

}  // namespace

class Replay::Implementation {
 public:
  explicit Implementation(FrameUnpacker frames) : frames_(std::move(frames)) {}

  Result<void> start();
  const RecordingHeader& header() const { return header_; }
  std::span<const EventDescriptor* const> kinds() const { return kinds_; }
  Result<ConsumerId> add(Consumer consumer);
  Account remove(ConsumerId id);
  Account account(ConsumerId id) const;
  Clock::time_point now() const { return Clock::time_point(std::chrono::nanoseconds(now_)); }
  std::uint64_t wall_time() const {
    return static_cast<std::uint64_t>(wall_offset_) + static_cast<std::uint64_t>(now_);
  }
  Result<Step> advance(Clock::time_point limit);
  const std::string& damage() const { return damage_.empty() ? frames_.damage() : damage_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t bytes() const { return frames_.bytes(); }

 private:
  // What stands between two events. False if the rest cannot be used.
  bool apply(const ChunkHead& head, std::string_view payload);
  // What is next in the frame; nothing at its end, or if what is there is no chunk.
  std::optional<ChunkHead> next_chunk() const;
  std::string_view payload_of_next(const ChunkHead& head) const;
  void pass(const ChunkHead& head);
  Step end_with(std::string damage);
  // Of the event that is next; nullopt if it is none.
  std::optional<std::uint64_t> time_of(std::string_view payload) const;
  void deliver(const ChunkHead& head, std::string_view payload);
  void count_malformed(std::string_view payload);
  Account account_of(const ConsumerState& state) const;

  FrameUnpacker frames_;
  std::span<const std::byte> frame_;  // what is left of it
  RecordingHeader header_;
  std::vector<const EventDescriptor*> kinds_;
  WantedKinds by_number_{};
  RecordedTables tables_;
  Arena arena_;
  ConsumerStates consumers_;
  ConsumerId next_id_ = 1;

  // Of the next event, if it is an exec; within the frame.
  std::string_view arguments_;
  bool arguments_cut_ = false;

  std::int64_t wall_offset_ = 0;
  std::int64_t now_ = 0;  // boot time, ns
  std::uint64_t events_ = 0;
  bool complete_ = false;
  bool ended_ = false;
  std::string damage_;
  Account recorded_;  // as of the last that was written
};

// ---- start

Result<void> Replay::Implementation::start() {
  auto frame = frames_.next();
  if (!frame) return std::unexpected(frame.error());
  if (*frame) frame_ = **frame;
  const auto head = next_chunk();
  if (!head || head->type != static_cast<std::uint16_t>(ChunkType::kHeader) ||
      !unpack(payload_of_next(*head), header_) ||
      std::max(header_.boot_time, header_.wall_time) >= std::uint64_t{kLatest}) {
    return fail("the recording breaks off before it says what it is of: there is nothing to play");
  }
  pass(*head);
  auto kinds = header_.check();
  if (!kinds) return std::unexpected(kinds.error());
  kinds_ = std::move(*kinds);
  for (const EventDescriptor* kind : kinds_) by_number_[kind->kind] = kind;
  now_ = static_cast<std::int64_t>(header_.boot_time);
  wall_offset_ = static_cast<std::int64_t>(header_.wall_time - header_.boot_time);
  return {};
}

// ---- consumers

Result<ConsumerId> Replay::Implementation::add(Consumer consumer) {
  auto state = std::make_unique<ConsumerState>();
  for (const EventDescriptor* kind : consumer.kinds) {
    if (std::ranges::find(kinds_, kind) == kinds_.end()) {
      return fail(fmt::format("the recording has no events of the kind {}: it is of {}", kind->name,
                              header_.words),
                  ExitCode::kBadInput);
    }
    state->wanted[kind->kind] = true;
    state->accounts[kind->kind].kind = kind->name;
  }
  state->id = next_id_++;
  state->consumer = std::move(consumer);
  consumers_.push_back(std::move(state));
  return consumers_.back()->id;
}

Account Replay::Implementation::remove(ConsumerId id) {
  const Account closed = account(id);
  std::erase_if(consumers_, [id](const auto& state) { return state->id == id; });
  return closed;
}

Account Replay::Implementation::account(ConsumerId id) const {
  const auto found = std::ranges::find(consumers_, id, [](const auto& state) { return state->id; });
  return found != consumers_.end() ? account_of(**found) : Account{};
}

// What was delivered to the recording is divided once more; the rest is as it was.
Account Replay::Implementation::account_of(const ConsumerState& state) const {
  Account account;
  account.late = state.late;
  account.losses = recorded_.losses;
  account.processes_evicted = recorded_.processes_evicted;
  account.tables_lost = recorded_.tables_lost;
  for (const EventDescriptor* kind : state.consumer.kinds) {
    KindAccount each = state.accounts[kind->kind];
    const auto then = std::ranges::find(recorded_.kinds, kind->name, &KindAccount::kind);
    if (then != recorded_.kinds.end()) {
      each.filtered_kernel += then->filtered_kernel;
      each.filtered_agent += then->filtered_agent;
      for (std::size_t i = 0; i < kLossReasonCount; ++i) each.lost[i] += then->lost[i];
      each.missed = then->missed;
      each.unwatched = then->unwatched;
    }
    each.seen = each.filtered_kernel + each.filtered_agent + each.delivered + each.lost_total();
    account.kinds.push_back(each);
  }
  return account;
}

// ---- chunks

std::optional<ChunkHead> Replay::Implementation::next_chunk() const {
  ChunkHead head;
  if (frame_.size() < sizeof(head)) return std::nullopt;
  std::memcpy(&head, frame_.data(), sizeof(head));
  // Without the zeros behind it, which the last one has as well.
  if (padded(head.size) > frame_.size() - sizeof(head)) return std::nullopt;
  return head;
}

std::string_view Replay::Implementation::payload_of_next(const ChunkHead& head) const {
  return {reinterpret_cast<const char*>(frame_.data() + sizeof(head)), head.size};
}

void Replay::Implementation::pass(const ChunkHead& head) {
  frame_ = frame_.subspan(sizeof(head) + padded(head.size));
}

bool Replay::Implementation::apply(const ChunkHead& head, std::string_view payload) {
  switch (static_cast<ChunkType>(head.type)) {
    case ChunkType::kForgetAll:
      return tables_.forget_all_processes();
    case ChunkType::kProcess:
      return tables_.put_process(payload);
    case ChunkType::kProcessGone:
      return tables_.forget_process(payload);
    case ChunkType::kCgroup:
      return tables_.put_cgroup(payload);
    case ChunkType::kUser:
      return tables_.put_user(payload);
    case ChunkType::kLogin:
      return tables_.put_login(payload);
    case ChunkType::kPath:
      return tables_.put_path(payload);
    case ChunkType::kArguments:
      arguments_ = payload;
      arguments_cut_ = (head.flags & kChunkCut) != 0;
      return true;
    case ChunkType::kClock:
      return unpack(payload, wall_offset_) && std::abs(wall_offset_ / 2) < kLatest / 2;
    case ChunkType::kAccount:
      return unpack(payload, recorded_);
    case ChunkType::kEnd:
      complete_ = true;
      return true;
    default:
      return false;
  }
}

// ---- events

std::optional<std::uint64_t> Replay::Implementation::time_of(std::string_view payload) const {
  const auto* start = decode(std::as_bytes(std::span(payload)), record_shapes());
  if (start == nullptr || start->kind >= by_number_.size()) return std::nullopt;
  if (by_number_[start->kind] == nullptr || start->time >= std::uint64_t{kLatest})
    return std::nullopt;
  return start->time;
}

void Replay::Implementation::deliver(const ChunkHead& head, std::string_view payload) {
  arena_.reset();
  Event event;
  event.header = reinterpret_cast<const wire_header*>(payload.data());
  event.descriptor = by_number_[event.header->kind];
  event.arena = &arena_;
  event.show_secrets = header_.show_secrets;
  event.wall_offset = wall_offset_;
  event.late = (head.flags & kChunkLate) != 0;
  event.arguments = arguments_;
  event.arguments_cut = arguments_cut_;
  tables_.complete(event);
  event.number = ++events_;
  for (const auto& state : consumers_) {
    if (!state->wanted[event.header->kind]) continue;
    if (event.late) ++state->late;
    hand_on(*state, event);
  }
  tables_.end_event();
  arguments_ = {};
  arguments_cut_ = false;
}

void Replay::Implementation::count_malformed(std::string_view payload) {
  std::uint16_t kind = 0;
  if (payload.size() >= sizeof(kind)) std::memcpy(&kind, payload.data(), sizeof(kind));
  if (kind >= WIRE_KIND_LIMIT) return;
  for (const auto& state : consumers_) {
    if (!state->wanted[kind]) continue;
    ++state->accounts[kind].lost[static_cast<std::size_t>(Loss::kMalformed)];
  }
}

Replay::Step Replay::Implementation::end_with(std::string damage) {
  damage_ = std::move(damage);
  ended_ = true;
  return Step::kEnd;
}

Result<Replay::Step> Replay::Implementation::advance(Clock::time_point limit) {
  if (ended_) return Step::kEnd;
  if (frame_.empty()) {
    auto frame = frames_.next();
    if (!frame) return std::unexpected(frame.error());
    if (!*frame) {
      return end_with(complete_ || !frames_.damage().empty()
                          ? ""
                          : "breaks off: who made it was killed, or had no more room");
    }
    frame_ = **frame;
  }
  const std::int64_t last = std::chrono::nanoseconds(limit.time_since_epoch()).count();
  while (!frame_.empty()) {
    const auto head = next_chunk();
    if (!head) return end_with(fmt::format("is damaged before byte {}", frames_.bytes()));
    const std::string_view payload = payload_of_next(*head);
    if (head->type != static_cast<std::uint16_t>(ChunkType::kEvent)) {
      if (!apply(*head, payload)) {
        return end_with(fmt::format("is damaged before byte {}", frames_.bytes()));
      }
      pass(*head);
      continue;
    }
    const auto time = time_of(payload);
    if (!time) {
      count_malformed(payload);
      pass(*head);
      continue;
    }
    const auto then = static_cast<std::int64_t>(*time);
    if (then > last) {
      const bool is_near = then - last <= kLongestPause;
      now_ = std::max(now_, is_near ? last : then);
      return Step::kReached;
    }
    now_ = std::max(now_, then);
    deliver(*head, payload);
    pass(*head);
  }
  return Step::kMore;
}

// ---- outside

Replay::Replay(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Replay::~Replay() = default;

Result<std::unique_ptr<Replay>> Replay::open(ReadBytes read) {
  auto frames = FrameUnpacker::open(std::move(read));
  if (!frames) return std::unexpected(frames.error());
  auto implementation = std::make_unique<Implementation>(std::move(*frames));
  if (auto started = implementation->start(); !started) return std::unexpected(started.error());
  return std::unique_ptr<Replay>(new Replay(std::move(implementation)));
}

const RecordingHeader& Replay::header() const { return implementation_->header(); }
std::span<const EventDescriptor* const> Replay::kinds() const { return implementation_->kinds(); }
Result<ConsumerId> Replay::add(Consumer consumer) {
  return implementation_->add(std::move(consumer));
}
Account Replay::remove(ConsumerId id) { return implementation_->remove(id); }
Account Replay::account(ConsumerId id) const { return implementation_->account(id); }
Replay::Clock::time_point Replay::now() const { return implementation_->now(); }
std::uint64_t Replay::wall_time() const { return implementation_->wall_time(); }
Result<Replay::Step> Replay::advance(Clock::time_point limit) {
  return implementation_->advance(limit);
}
const std::string& Replay::damage() const { return implementation_->damage(); }
std::uint64_t Replay::events() const { return implementation_->events(); }
std::uint64_t Replay::bytes() const { return implementation_->bytes(); }

}  // namespace outrider
