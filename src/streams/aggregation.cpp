// SPDX-License-Identifier: Apache-2.0
#include "streams/aggregation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "base/nearest.h"
#include "syscalls/calls.h"
#include "syscalls/timed_fields.h"

namespace outrider {

namespace {

constexpr double kDefaultInterval = 1;      // seconds
constexpr double kShortestInterval = 0.01;  // the agent looks at the rings every 5 ms
constexpr double kLongestInterval = 86'400;

Result<const Field*> find_field_named(const std::string& option, const std::string& name,
                                      std::span<const EventDescriptor* const> kinds,
                                      const FieldCatalog& catalog) {
  const Field* field = catalog.find(std::string_view(name).substr(0, name.find('[')));
  if (field != nullptr && field->extras.argument != ArgumentUse::kNone) {
    return fail(fmt::format("{}: an event has several values of {}; groups are made of fields that "
                            "have one, such as proc.pname",
                            option, field->name),
                ExitCode::kBadInput);
  }
  if (const Field* one = catalog.find(name)) return one;
  std::vector<std::string_view> known;
  for (const std::string_view each : catalog.names()) {
    if (catalog.find(each)->extras.argument == ArgumentUse::kNone) known.push_back(each);
  }
  return fail(unknown_name(option + ": no field", name, known,
                           fmt::format("outrider trace {} --help", kinds[0]->name)),
              ExitCode::kBadInput);
}

Result<const Field*> find_number(const std::string& option, const std::string& name,
                                 std::span<const EventDescriptor* const> kinds,
                                 const FieldCatalog& catalog) {
  auto field = find_field_named(option, name, kinds, catalog);
  if (!field || is_summable((*field)->type)) return field;
  return fail(fmt::format("{}: the values of {} are not numbers that add up; --by {} counts the "
                          "events with each",
                          option, name, name),
              ExitCode::kBadInput);
}

Result<std::chrono::nanoseconds> interval_of(const Aggregation::Options& options) {
  const double seconds = options.interval.value_or(kDefaultInterval);
  const bool in_range = seconds >= kShortestInterval && seconds <= kLongestInterval;
  if (seconds != 0 && !in_range) {  // neither is what is no number
    return fail(fmt::format("--interval {}: give {} to {} seconds, or 0 for a report at the end",
                            seconds, kShortestInterval, kLongestInterval),
                ExitCode::kBadInput);
  }
  return std::chrono::nanoseconds(std::llround(seconds * 1e9));
}

}  // namespace

bool Aggregation::is_wanted(const Options& options) {
  return options.count || options.sum || options.histogram || !options.by.empty();
}

Result<void> Aggregation::check_unwanted(const Options& options) {
  if (options.top) {
    return fail("--top: of which groups? Say --by FIELD", ExitCode::kBadInput);
  }
  if (options.interval) {
    return fail("--interval: events are shown as they come; it is for --by, --count, --sum, --hist",
                ExitCode::kBadInput);
  }
  return {};
}

Result<std::unique_ptr<Aggregation>> Aggregation::create(
    std::span<const EventDescriptor* const> kinds, const FieldCatalog& catalog,
    const Options& options, Output& output) {
  if (int{options.count} + int{options.sum.has_value()} + int{options.histogram.has_value()} > 1) {
    return fail(
        "--count, --sum and --hist: one of them at a time; sums and histograms come with "
        "their counts",
        ExitCode::kBadInput);
  }
  if (options.top && options.by.empty()) {
    return fail("--top: of which groups? Say --by FIELD", ExitCode::kBadInput);
  }
  if (options.top == 0U) return fail("--top 0: give 1 or more", ExitCode::kBadInput);

  AggregateRequest request;
  for (const std::string& name : options.by) {
    auto field = find_field_named("--by", name, kinds, catalog);
    if (!field) return std::unexpected(field.error());
    if (std::ranges::find(request.by, *field) != request.by.end()) {
      return fail(fmt::format("--by: '{}' is there twice", name), ExitCode::kBadInput);
    }
    request.by.push_back(*field);
  }
  if (options.sum || options.histogram) {
    auto field = options.sum ? find_number("--sum", *options.sum, kinds, catalog)
                             : find_number("--hist", *options.histogram, kinds, catalog);
    if (!field) return std::unexpected(field.error());
    request.measure = options.sum ? WIRE_MEASURE_SUM : WIRE_MEASURE_HISTOGRAM;
    request.value = *field;
  }
  auto interval = interval_of(options);
  if (!interval) return std::unexpected(interval.error());

  const ReportWriter::Options writer{.json = options.format == Format::kJson,
                                     .top = options.top.value_or(0),
                                     .terminal_width = options.terminal_width,
                                     .color = options.color};
  std::unique_ptr<Aggregation> made(new Aggregation(request, writer, *interval, output));
  if (options.header) made->writer_.append_header(output.buffer());
  return made;
}

bool Aggregation::write(const Event& event) {
  aggregate_.add(event);
  return true;
}

bool Aggregation::flush() { return output_.flush(); }

std::optional<Aggregation::Clock::time_point> Aggregation::due() const {
  if (interval_.count() == 0) return std::nullopt;
  return begun_ + interval_;
}

bool Aggregation::report(Clock::time_point now, std::uint64_t wall_time) {
  writer_.append(output_.buffer(), aggregate_, wall_time,
                 static_cast<std::uint64_t>(std::chrono::nanoseconds(now - begun_).count()));
  begun_ = now;
  const bool written = output_.flush();
  // Whichever groups went out: nobody can use a report that breaks off.
  if (!written) {
    for (std::size_t kind = 0; kind < unwritten_.size(); ++kind) {
      unwritten_[kind] += aggregate_.events()[kind];
    }
  }
  aggregate_.clear();
  return written;
}

bool can_be_added_up(std::span<const EventDescriptor* const> kinds) {
  if (std::ranges::any_of(kinds, [](const EventDescriptor* kind) { return is_timed(*kind); })) {
    return true;
  }
  // Any call may be of that kind.
  if (std::ranges::find(kinds, WIRE_SYSTEM_CALL, &EventDescriptor::kind) != kinds.end()) {
    return true;
  }
  return std::ranges::any_of(all_calls(), [&](const Call& call) {
    return call.tail == WIRE_TAIL_NONE &&
           std::ranges::any_of(kinds, [&](const EventDescriptor* kind) {
             return call.kind == kind->kind || call.other_kind == kind->kind;
           });
  });
}

}  // namespace outrider
