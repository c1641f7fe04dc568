// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/probe_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "events/decode.h"
#include "events/event.h"

namespace outrider {

namespace {

const ProbeKind& kind_of(const Event& event) {
  return static_cast<const ProbeKind&>(*event.descriptor);
}

Value argument_of(const Event& event, std::size_t place) {
  const ProbeDescription& description = kind_of(event).description();
  if (place >= description.arguments.size()) return Value::missing();
  return argument_value(description.arguments[place], string_of(event.as<wire_probe>(), 0),
                        description.is_raw, *event.arena);
}

// Readers know no more than the event, so each argument has its own.
template <std::size_t... places>
constexpr auto readers_of(std::index_sequence<places...>) {
  return std::array{+[](const Event& event) { return argument_of(event, places); }...};
}
constexpr auto kReaders = readers_of(std::make_index_sequence<kProbeArgumentsMax>());

void append_value(std::string& out, FieldType type, const Value& value) {
  auto to = std::back_inserter(out);
  switch (value.kind) {
    case Value::Kind::kMissing:
      out += "NULL";
      return;
    case Value::Kind::kUnknown:
      out += '?';
      return;
    case Value::Kind::kUnsigned:
      if (type == FieldType::kHex) {
        fmt::format_to(to, "0x{:x}", value.unsigned_value);
      } else {
        fmt::format_to(to, "{}", value.unsigned_value);
      }
      return;
    case Value::Kind::kSigned:
      fmt::format_to(to, "{}", value.signed_value);
      return;
    case Value::Kind::kText:
      out += value.text;
      break;
    case Value::Kind::kTextList:
      for (const char each : value.text.substr(0, value.text.size() - !value.text.empty())) {
        out += each == '\0' ? ' ' : each;
      }
      break;
  }
  if (value.cut) out += "...";
}

Value arguments_of(const Event& event) {
  std::string text;
  const auto& arguments = kind_of(event).description().arguments;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) text += ' ';
    fmt::format_to(std::back_inserter(text), "{}=", arguments[i].name);
    append_value(text, field_type_of(arguments[i].type), argument_of(event, i));
  }
  return Value::of_text(event.arena->copy(text));
}

bool has_returned(const Event& event) {
  return (event.as<wire_probe>().flags & WIRE_PROBE_RETURNED) != 0;
}

Value result_of_function(const Event& event) {
  if (!has_returned(event)) return Value::missing();
  return number_value(kind_of(event).description().result, event.as<wire_probe>().result,
                      *event.arena);
}

// clang-format off: a table
constexpr FieldDescriptor kName{
    "probe.name", FieldType::kText, "", "the target, as it was given", "PROBE", 24,
    [](const Event& event) { return Value::of_text(event.descriptor->name); }};
constexpr FieldDescriptor kArguments{
    "evt.args", FieldType::kText, "", "its arguments or fields, by name", "ARGS", 40,
    arguments_of};
constexpr FieldDescriptor kCpu{
    "evt.cpu", FieldType::kUnsigned, "", "the CPU where it happened", "CPU", 3,
    [](const Event& event) { return Value::of_unsigned(event.as<wire_timed>().cpu); }};
// Not that of other kinds: the kernel adds none of these up.
constexpr FieldDescriptor kLatency{
    "evt.latency", FieldType::kDuration, "ns",
    "how long the function took; only if it is asked for", "LATENCY", 9,
    [](const Event& event) {
      if (!has_returned(event)) return Value::missing();
      const wire_u64 latency = event.as<wire_timed>().latency;
      return latency == WIRE_LATENCY_UNKNOWN ? Value::unknown() : Value::of_unsigned(latency);
    }};
// clang-format on

constexpr std::string_view kColumns[] = {"evt.time", "proc.pid", "proc.name", "evt.args"};

std::string upper_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  });
  return result;
}

std::uint8_t width_of(const ProbeType& type, std::size_t heading) {
  std::size_t width = 10;
  if (type.shape == ProbeShape::kHex) width = 18;
  if (type.shape == ProbeShape::kText || type.shape == ProbeShape::kCharacters) width = 16;
  return static_cast<std::uint8_t>(std::min<std::size_t>(std::max(width, heading), 40));
}

}  // namespace

ProbeKind::ProbeKind(wire_kind number, ProbeDescription description)
    : EventDescriptor{.kind = number,
                      .name = {},
                      .group = "other",
                      .doc = {},
                      .columns = kColumns,
                      .fields = {},
                      .info = arguments_of,
                      .programs = {},
                      .record = shape_of<wire_probe>(),
                      .derived = {},
                      .always_sent = {},
                      .calls = {},
                      .choices = {},
                      .result = nullptr},
      description_(std::move(description)) {
  name = description_.target;
  doc = description_.doc;
  own_ = {&kName, &kArguments, &kCpu};
  if (description_.can_return) {
    own_.push_back(&kLatency);
    own_.push_back(
        &add({"evt.res", field_type_of(description_.result), "",
              texts_.emplace_back(fmt::format("what it returned: {}; only if it is asked for",
                                              description_.result.declared)),
              "RES", 10, result_of_function}));
  }
  add_arguments();
  fields = own_;
}

Result<std::shared_ptr<ProbeKind>> ProbeKind::create(wire_kind number,
                                                     ProbeDescription description) {
  if (description.arguments.size() > kProbeArgumentsMax) {
    return fail(fmt::format("{} has {} fields; no more than {} can be shown", description.target,
                            description.arguments.size(), kProbeArgumentsMax));
  }
  return std::shared_ptr<ProbeKind>(new ProbeKind(number, std::move(description)));
}

const FieldDescriptor& ProbeKind::add(FieldDescriptor field) { return kept_.emplace_back(field); }

void ProbeKind::add_arguments() {
  for (std::size_t i = 0; i < description_.arguments.size(); ++i) {
    const ProbeArgument& argument = description_.arguments[i];
    const std::string_view heading = texts_.emplace_back(upper_case(argument.name));
    FieldDescriptor field{
        .name = texts_.emplace_back(fmt::format("evt.arg.{}", argument.name)),
        .type = field_type_of(argument.type),
        .unit = "",
        .doc = argument.type.declared,
        .column = heading,
        .width = width_of(argument.type, display_width(heading)),
        .read = kReaders[i],
        .values = argument.type.shape == ProbeShape::kTruth ? truth_names : nullptr};
    own_.push_back(&add(field));
    // A place may be a name, too: of a function whose arguments have none.
    field.name = texts_.emplace_back(fmt::format("evt.arg.{}", i));
    places_.push_back(&add(field));
    aliases_.push_back(places_.back());
    for (const std::string& word : {fmt::format("{}", i), argument.name}) {
      field.name = texts_.emplace_back(fmt::format("evt.arg[{}]", word));
      aliases_.push_back(&add(field));
    }
  }
}

const FieldDescriptor* ProbeKind::find_alias(std::string_view wanted) const {
  const auto found = std::ranges::find(aliases_, wanted, &FieldDescriptor::name);
  return found == aliases_.end() ? nullptr : *found;
}

Result<void> ProbeKind::ask(bool returns, std::uint32_t stacks) {
  if (returns && description_.can_return && !description_.why_no_return.empty()) {
    return fail(fmt::format("{}: {}", name, description_.why_no_return));
  }
  returns_ = returns && description_.can_return;
  stacks_ = stacks;
  return {};
}

const ProbeKind* as_probe(const EventDescriptor& kind) {
  const bool is_probe = kind.kind >= WIRE_PROBE && kind.kind < WIRE_PROBE_LIMIT;
  return is_probe ? static_cast<const ProbeKind*>(&kind) : nullptr;
}

}  // namespace outrider
