// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/tracepoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "sensors/probe/tracefs.h"

namespace outrider {

namespace {

// The first word of the data is not the tracepoint's: the kernel keeps the registers there
// (perf_trace_run_bpf_submit() of kernel/events/core.c).
constexpr std::uint16_t kDataBegin = sizeof(std::uint64_t);

ProbeType scalar_type(const TraceField& field, std::uint16_t size) {
  ProbeType type;
  type.size = static_cast<std::uint8_t>(size);
  type.is_signed = field.is_signed;
  if (field.type.ends_with('*')) {
    type.shape = ProbeShape::kHex;
  } else if (field.type == "bool" || field.type == "_Bool") {
    type.shape = ProbeShape::kTruth;
  } else {
    type.shape = field.is_signed ? ProbeShape::kSigned : ProbeShape::kUnsigned;
  }
  return type;
}

bool is_number(std::uint16_t size) { return size == 1 || size == 2 || size == 4 || size == 8; }

ProbeType type_of(const TraceField& field) {
  ProbeType type;
  if (!field.is_array) {
    // A structure, if it has another size.
    if (is_number(field.size)) {
      type = scalar_type(field, field.size);
    } else {
      type.shape = ProbeShape::kDigits;
    }
    type.declared = field.type;
    return type;
  }
  type.declared = field.where == TraceField::Where::kFixed && field.element_size != 0
                      ? fmt::format("{}[{}]", field.type, field.size / field.element_size)
                      : fmt::format("{}[]", field.type);
  type.is_signed = field.is_signed;
  type.size = static_cast<std::uint8_t>(field.element_size);
  if (field.type == "char") {
    type.shape = ProbeShape::kCharacters;
  } else if (field.element_size > 1 && is_number(field.element_size)) {
    type.shape = ProbeShape::kNumbers;
  } else {
    type.shape = ProbeShape::kDigits;
  }
  return type;
}

}  // namespace

Result<ProbeDescription> describe_tracepoint(std::string_view name, const TraceFormat& format) {
  ProbeDescription description;
  description.target = fmt::format("tp:{}", name);
  description.doc = "a tracepoint of the kernel is passed";
  description.is_raw = true;
  description.is_kernel = true;
  ProbeProgram program;
  program.sites.emplace_back(TracepointSite{.id = format.id});
  // What has a fixed size is copied as one.
  std::uint16_t end = kDataBegin;
  for (const TraceField& field : format.fields) {
    end = std::max<std::uint16_t>(end, static_cast<std::uint16_t>(field.offset + field.size));
  }
  const auto fixed = static_cast<std::uint16_t>(end - kDataBegin);
  if (fixed > WIRE_PROBE_BYTES_MAX) {
    return fail(fmt::format("tp:{}: its data has {} bytes; no more than {} can be shown", name,
                            fixed, static_cast<int>(WIRE_PROBE_BYTES_MAX)));
  }
  if (fixed != 0) {
    program.captures.push_back({.how = WIRE_PROBE_BYTES,
                                .text = 0,
                                .size = fixed,
                                .place = 0,
                                .from = kDataBegin,
                                .offset = 0});
  }
  std::uint16_t place = static_cast<std::uint16_t>((fixed + 7U) & ~7U);
  for (const TraceField& field : format.fields) {
    ProbeArgument argument{.name = field.name, .type = type_of(field)};
    const bool is_fixed = field.where == TraceField::Where::kFixed;
    // Overwritten: so far only what all tracepoints have is there.
    const bool is_gone = field.offset < kDataBegin;
    if (is_gone || (!is_fixed && program.captures.size() == WIRE_PROBE_CAPTURES)) {
      argument.type.shape = ProbeShape::kUnknown;
    } else if (is_fixed) {
      argument.place = static_cast<std::uint16_t>(field.offset - kDataBegin);
      argument.room = field.size;
    } else {
      argument.place = place;
      argument.room = WIRE_PROBE_TEXT;
      argument.is_counted = true;
      program.captures.push_back({.how = field.where == TraceField::Where::kLocated
                                             ? wire_u8{WIRE_PROBE_LOCATED}
                                             : wire_u8{WIRE_PROBE_RELATIVE},
                                  .text = 0,
                                  .size = WIRE_PROBE_TEXT,
                                  .place = place,
                                  .from = field.offset,
                                  .offset = 0});
      place = static_cast<std::uint16_t>(place + sizeof(wire_probe_word) + WIRE_PROBE_TEXT);
    }
    description.arguments.push_back(std::move(argument));
  }
  description.data_size = place;
  description.programs.push_back(std::move(program));
  return description;
}

Result<ProbeDescription> find_tracepoint(std::string_view target) {
  const std::size_t colon = target.find(':');
  const std::string_view category = target.substr(0, colon);
  const std::string_view name =
      colon == std::string_view::npos ? std::string_view() : target.substr(colon + 1);
  if (category.empty() || name.empty() || target.find('/') != std::string_view::npos ||
      category.starts_with('.') || name.starts_with('.')) {
    return fail(fmt::format("tp:{}: give tp:CATEGORY:NAME, such as tp:sched:sched_process_exit; "
                            "'outrider trace tp:{} --help' lists what there is",
                            target, name.empty() ? category : std::string_view()),
                ExitCode::kBadInput);
  }
  const auto events = TraceEvents::open();
  if (!events) return std::unexpected(events.error());
  const auto text = events->format(category, name);
  if (!text) return std::unexpected(text.error());
  const auto format = parse_trace_format(*text);
  if (!format) {
    return fail(fmt::format("the format of the tracepoint {}: {}", target, format.error().message));
  }
  return describe_tracepoint(target, *format);
}

}  // namespace outrider
