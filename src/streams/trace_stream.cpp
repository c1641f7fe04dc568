// SPDX-License-Identifier: Apache-2.0
#include "streams/trace_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <utility>

#include "base/cpu_timer.h"
#include "language/filter_tables.h"
#include "sensors/probe/probe_target.h"
#include "sensors/registry.h"
#include "streams/explain.h"
#include "streams/kernel_groups_plan.h"
#include "streams/stream.h"
#include "syscalls/event_fields.h"
#include "workloads/process_fields.h"

namespace outrider {

namespace {

// The kernel's groups are fetched so often, however long the interval is: else the pids of the
// dead would fill them.
constexpr std::chrono::seconds kCollectInterval{1};
// Seconds; what is longer need not wake anybody up.
constexpr double kLongestTimeout = 1e8;

struct StackChoice {
  std::string_view name;  // of --stack
  wire_stack stack;
  std::string_view field;
};
// In the order in which they are shown: each goes on where the one before it ended.
constexpr StackChoice kStacks[] = {{"kernel", WIRE_STACK_KERNEL, "evt.stack.kernel"},
                                   {"user", WIRE_STACK_USER, "evt.stack.user"}};

bool is_named(const StackChoice& choice, const TraceRequest& request) {
  return std::ranges::find(request.stacks, choice.name) != request.stacks.end();
}

// Probes change programs that run, and look into them: that is for root, at a terminal of theirs.
Result<void> check_served(const TraceRequest& request) {
  for (const std::string& kind : request.kinds) {
    if (!is_probe_target(kind)) continue;
    return fail(fmt::format("{}: the agent attaches no probes, which would be for whoever may "
                            "read its events; 'outrider --no-agent trace {}' does, as root",
                            kind, kind),
                ExitCode::kBadInput);
  }
  return {};
}

// Groups may be made by single arguments of calls, which no catalog lists.
void add_arguments(FieldCatalog& catalog, const std::vector<const EventDescriptor*>& kinds,
                   const Aggregation::Options& options) {
  std::vector<std::string> names = options.by;
  for (const auto& one : {options.sum, options.histogram}) {
    if (one) names.push_back(*one);
  }
  for (const std::string& name : names) {
    if (catalog.find(name) != nullptr) continue;
    for (const EventDescriptor* kind : kinds) {
      if (const FieldDescriptor* field = find_field(*kind, name)) catalog.add(kind->kind, *field);
    }
  }
}

}  // namespace

// ---- what is asked for

TraceStream::TraceStream(TraceRequest request, EngineOwner owner, Output& output)
    : request_(std::move(request)), owner_(owner), output_(output) {}

Result<std::unique_ptr<TraceStream>> TraceStream::create(const TraceRequest& request,
                                                         EngineOwner owner, const Screen& screen,
                                                         Output& output) {
  std::unique_ptr<TraceStream> stream(new TraceStream(request, owner, output));
  if (auto prepared = stream->prepare(); !prepared) return std::unexpected(prepared.error());
  const auto made = Aggregation::is_wanted(request.aggregation) ? stream->make_aggregation(screen)
                                                                : stream->make_sink(screen);
  if (!made) return std::unexpected(made.error());
  return stream;
}

Result<std::unique_ptr<TraceStream>> TraceStream::create_for(const TraceRequest& request,
                                                             EngineOwner owner, Output& output,
                                                             std::unique_ptr<Sink> sink) {
  std::unique_ptr<TraceStream> stream(new TraceStream(request, owner, output));
  if (auto prepared = stream->prepare(); !prepared) return std::unexpected(prepared.error());
  stream->sink_ = std::move(sink);
  return stream;
}

// What does not depend on how it is written.
Result<void> TraceStream::prepare() {
  if (owner_ == EngineOwner::kAgent) {
    if (auto checked = check_served(request_); !checked) return checked;
  }
  auto selection = select(request_.kinds);
  if (!selection) return std::unexpected(selection.error());
  selection_ = std::move(*selection);
  const auto& kinds = selection_.kinds;
  if (!request_.stacks.empty() &&
      std::ranges::none_of(kinds, [](const EventDescriptor* kind) { return has_stacks(*kind); })) {
    return fail(
        fmt::format(
            "--stack: {}: no stacks there; exec, syscall and the kinds of file events have them",
            words()),
        ExitCode::kBadInput);
  }
  catalog_ = catalog_of(kinds);
  add_arguments(catalog_, kinds, request_.aggregation);
  auto condition = request_.condition.condition(catalog_);
  if (!condition) return std::unexpected(condition.error());
  condition_ = std::move(*condition);

  if (auto asked = ask_probes(); !asked) return asked;

  engine_options_.kinds = kinds;
  engine_options_.filter = condition_.has_value();
  engine_options_.show_secrets = request_.show_secrets;
  engine_options_.environment =
      request_.environment ||
      std::ranges::any_of(kEnvironmentFields, [&](const auto& field) { return is_asked(field); });
  return {};
}

Result<void> TraceStream::make_sink(const Screen& screen) {
  if (auto checked = Aggregation::check_unwanted(request_.aggregation); !checked) return checked;
  Stream::Options options;
  options.format = request_.format;
  options.fields = request_.fields;
  options.header = !request_.no_header;
  options.terminal_width = screen.width;
  options.color = screen.color;
  for (const StackChoice& choice : kStacks) {
    if (is_named(choice, request_)) options.stacks.push_back(choice.field);
  }
  auto made = Stream::create(selection_.kinds, options, output_);
  if (!made) return std::unexpected(made.error());
  sink_ = std::move(*made);
  return {};
}

Result<void> TraceStream::make_aggregation(const Screen& screen) {
  if (!request_.fields.empty()) {
    return fail("--fields: groups have the fields of --by; leave one of the two out",
                ExitCode::kBadInput);
  }
  if (!request_.stacks.empty()) {
    return fail("--stack: groups have no stacks; leave it out, or --by and its like",
                ExitCode::kBadInput);
  }
  Aggregation::Options options = request_.aggregation;
  options.format = request_.format;
  options.header = !request_.no_header;
  options.terminal_width = screen.width;
  options.color = screen.color;
  auto made = Aggregation::create(selection_.kinds, catalog_, options, output_);
  if (!made) return std::unexpected(made.error());
  aggregation_ = made->get();
  sink_ = std::move(*made);
  if (owner_ == EngineOwner::kAgent) {
    adder_ = "the agent: its engine is for all its streams";
    return {};
  }
  if (owner_ == EngineOwner::kNobody) return {};
  const auto plan = plan_groups(aggregation_->request(), selection_.kinds, request_, condition());
  adder_ = plan ? "the kernel" : fmt::format("the agent: {}", plan.error());
  if (plan) engine_options_.aggregation = *plan;
  return {};
}

// Whether a field is asked for, to be shown or in the condition.
bool TraceStream::is_asked(std::string_view field) const {
  const std::vector<std::string>& by = request_.aggregation.by;
  return std::ranges::find(request_.fields, field) != request_.fields.end() ||
         std::ranges::find(by, field) != by.end() || names_field(condition(), field);
}

// What is wanted of probes' events costs only then.
Result<void> TraceStream::ask_probes() {
  const Aggregation::Options& groups = request_.aggregation;
  const auto asked_for = [&](std::string_view field) {
    return is_asked(field) || groups.sum == field || groups.histogram == field;
  };
  for (const auto& probe : selection_.probes) {
    if (auto asked = probe->ask(asked_for, wanted_stacks()); !asked) return asked;
  }
  return {};
}

// The stacks that are asked for, if only by their fields' names.
std::uint32_t TraceStream::wanted_stacks() const {
  std::uint32_t wanted = 0;
  for (const StackChoice& choice : kStacks) {
    if (is_named(choice, request_) || is_asked(choice.field)) wanted |= 1U << choice.stack;
  }
  return wanted;
}

std::string TraceStream::explanation() const {
  std::string text = explain(condition(), selection_.kinds);
  if (!adder_.empty()) text += fmt::format("added up in       {}\n", adder_);
  return text;
}

// ---- while it goes on

Result<void> TraceStream::start(EventSource& source) {
  auto added = source.add({.kinds = selection_.kinds,
                           .calls = selection_.calls,
                           .condition = condition(),
                           .stacks = wanted_stacks(),
                           .deliver = [this](const Event& event) { return deliver(event); }});
  if (!added) return std::unexpected(added.error());
  source_ = &source;
  consumer_ = *added;
  started_ = collected_ = source.now();
  if (aggregation_ != nullptr) aggregation_->begin(started_);
  return {};
}

Outcome TraceStream::deliver(const Event& event) {
  if (left_out_ != 0 && event.header->pid == left_out_) return Outcome::kUnwanted;
  if (stopped_ && request_.max_events != 0 && count_ >= request_.max_events) {
    return Outcome::kUnwanted;
  }
  if (output_.error() != 0 || output_.full()) return Outcome::kUnwritten;
  sink_->write(event);
  if (request_.max_events != 0 && ++count_ >= request_.max_events) stopped_ = true;
  return Outcome::kDelivered;
}

bool TraceStream::look() {
  const auto now = source_->now();
  if (!write_out()) return false;
  if (stopped_) return false;
  if (request_.timeout > 0 && now >= started_ + std::chrono::duration<double>(request_.timeout)) {
    return false;
  }
  if (aggregation_ == nullptr) return true;
  const auto due = aggregation_->due();
  const bool is_due = due && now >= *due;
  // Only at the end it is an error if groups are left in the kernel.
  if (is_due || now >= collected_ + kCollectInterval) std::ignore = collect_groups();
  if (!is_due) return true;
  const ThreadCpuTimer timer(writing_cpu_);
  return aggregation_->report(now, source_->wall_time());
}

bool TraceStream::write_out() {
  if (output_.buffer().empty()) return sink_->flush();
  const ThreadCpuTimer timer(writing_cpu_);
  return sink_->flush();
}

TraceStream::Clock::time_point TraceStream::next_look() const {
  auto next = Clock::time_point::max();
  if (request_.timeout > 0) {
    const auto left = std::chrono::duration<double>(std::min(request_.timeout, kLongestTimeout));
    next = started_ + std::chrono::duration_cast<Clock::duration>(left);
  }
  if (aggregation_ == nullptr) return next;
  if (engine_options_.aggregation) next = std::min(next, collected_ + kCollectInterval);
  if (const auto due = aggregation_->due()) next = std::min(next, *due);
  return next;
}

Result<void> TraceStream::collect_groups() {
  collected_ = source_->now();
  if (!engine_options_.aggregation) return {};
  return source_->collect(
      [this](const Event& event, const Portion& portion) { aggregation_->add(event, portion); });
}

// ---- the end

Result<void> TraceStream::finish() {
  Result<void> collected;
  if (owner_ != EngineOwner::kAgent) {
    source_->finish();
    if (aggregation_ != nullptr) collected = collect_groups();
    closed_ = source_->account(consumer_);
  } else {
    closed_cpu_ = source_->cpu_of(consumer_);
    closed_ = source_->remove(consumer_);
  }
  if (aggregation_ != nullptr) aggregation_->report(source_->now(), source_->wall_time());
  sink_->flush();
  return collected;
}

// What was in the buffer when the output failed was counted as delivered too early.
Account TraceStream::account() const {
  Account account = closed_ ? *closed_ : source_->account(consumer_);
  for (KindAccount& kind : account.kinds) {
    const auto descriptor = std::ranges::find(selection_.kinds, kind.kind, &EventDescriptor::name);
    if (descriptor == selection_.kinds.end()) continue;
    const std::uint64_t unwritten = sink_->unwritten()[(*descriptor)->kind];
    kind.delivered -= unwritten;
    kind.lost[static_cast<std::size_t>(Loss::kUnwritten)] += unwritten;
  }
  return account;
}

std::uint64_t TraceStream::cpu() const {
  return writing_cpu_ + (closed_ ? closed_cpu_ : source_->cpu_of(consumer_));
}

std::string TraceStream::account_text() const {
  return request_.format == Format::kJson ? account_json(account()) : account_table(account());
}

}  // namespace outrider
