// SPDX-License-Identifier: Apache-2.0
#include "support/hand_made_event.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "events/decode.h"
#include "sensors/registry.h"

namespace outrider::test {

namespace {

const EventDescriptor* kind_named(std::string_view name) {
  const EventDescriptor* kind = find_kind(name);
  if (kind == nullptr) {
    fmt::print(stderr, "no kind of events is called {}\n", name);
    std::abort();
  }
  return kind;
}

}  // namespace

std::string shown(FieldType type, const Value& value) {
  std::string text;
  switch (value.kind) {
    case Value::Kind::kMissing:
      return "-";
    case Value::Kind::kUnknown:
      return "?";
    case Value::Kind::kUnsigned:
      return type == FieldType::kOctal ? fmt::format("0{:03o}", value.unsigned_value)
                                       : fmt::format("{}", value.unsigned_value);
    case Value::Kind::kSigned:
      return fmt::format("{}", value.signed_value);
    case Value::Kind::kText:
      text = value.text;
      break;
    case Value::Kind::kTextList:
      text = value.text;
      if (text.ends_with('\0')) text.pop_back();
      std::replace(text.begin(), text.end(), '\0', '|');
      break;
  }
  if (value.cut) text += "...";
  return text;
}

std::string walked(std::string_view path) {
  std::string components;
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    const std::string_view last = path.substr(slash + 1);  // npos + 1 is 0
    if (!last.empty()) {
      components += last;
      components += '\0';
    }
    path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
  }
  return components;
}

FieldCatalog catalog_named(std::initializer_list<std::string_view> kinds) {
  std::vector<const EventDescriptor*> descriptors;
  for (const std::string_view kind : kinds) descriptors.push_back(kind_named(kind));
  return catalog_of(descriptors);
}

HandMadeEvent::HandMadeEvent(std::string_view kind)
    : processes(ProcessTable::Options{.proc = "/nowhere"}) {
  event.descriptor = kind_named(kind);
  const RecordShape& shape = event.descriptor->record;
  fixed_.resize((shape.size + 7) / 8);
  strings_.resize(shape.strings);
  header().kind = static_cast<wire_u16>(event.descriptor->kind);
}

void HandMadeEvent::set_comm(std::string_view comm) {
  std::memset(header().comm, 0, sizeof(header().comm));
  std::memcpy(header().comm, comm.data(), std::min(comm.size(), sizeof(header().comm)));
}

void HandMadeEvent::set_string(std::size_t index, std::string_view bytes, wire_string_state state,
                               unsigned flags) {
  strings_.at(index) = bytes;
  auto* strings = reinterpret_cast<wire_string*>(reinterpret_cast<std::byte*>(fixed_.data()) +
                                                 event.descriptor->record.strings_at);
  strings[index] = {.length = static_cast<wire_u16>(bytes.size()),
                    .state = static_cast<wire_u8>(state),
                    .flags = static_cast<wire_u8>(flags)};
}

void HandMadeEvent::set_walked(std::size_t index, std::string_view path, wire_string_state state,
                               unsigned flags) {
  set_string(index, walked(path), state, flags | WIRE_PATH_REVERSED);
}

void HandMadeEvent::set_stack(wire_stack which, std::span<const std::uint64_t> frames,
                              wire_string_state state) {
  frames_.at(which).assign(frames.begin(), frames.end());
  stacks_.stacks[which] = {.length = static_cast<wire_u16>(frames.size_bytes()),
                           .state = static_cast<wire_u8>(state),
                           .flags = 0};
}

const Event& HandMadeEvent::get() {
  std::string rest;
  for (const std::string& string : strings_) rest += string;
  const bool has_stacks = std::ranges::any_of(
      stacks_.stacks, [](const wire_string& stack) { return stack.state != WIRE_STRING_MISSING; });
  header().flags &= static_cast<wire_u16>(~WIRE_STACKS);
  if (has_stacks) {
    header().flags |= WIRE_STACKS;
    for (const auto& frames : frames_) {
      rest.append(reinterpret_cast<const char*>(frames.data()), frames.size() * sizeof(frames[0]));
    }
    rest.append(reinterpret_cast<const char*>(&stacks_), sizeof(stacks_));
  }
  const std::size_t fixed = event.descriptor->record.size;
  header().size = static_cast<wire_u32>(fixed + rest.size());
  whole_.assign((header().size + 7) / 8, 0);
  auto* bytes = reinterpret_cast<std::byte*>(whole_.data());
  std::memcpy(bytes, fixed_.data(), fixed);
  std::memcpy(bytes + fixed, rest.data(), rest.size());
  EXPECT_NE(decode(std::span(bytes, header().size), record_shapes()), nullptr);

  arena_.reset();
  event.header = reinterpret_cast<const wire_header*>(bytes);
  event.process = &process;
  if (event.processes == nullptr) event.processes = &processes;
  event.workload = &workload;
  event.lookup = &lookup_;
  event.arena = &arena_;
  return event;
}

std::string HandMadeEvent::read(std::string_view field) {
  if (const FieldDescriptor* descriptor = find_field(*event.descriptor, field)) {
    return shown(descriptor->type, descriptor->read(get()));
  }
  const std::size_t bracket = std::min(field.find('['), field.size());
  FieldArgument argument{.given = bracket < field.size()};
  if (argument.given) {
    argument.text = field.substr(bracket + 1, field.size() - bracket - 2);
    if (argument.text.find_first_not_of("0123456789") == std::string::npos) {
      argument.index = std::strtoull(argument.text.c_str(), nullptr, 10);
      argument.text.clear();
    }
  }
  for (const FieldWithArgument* known : fields_with_argument_of(*event.descriptor)) {
    if (known->descriptor.name != field.substr(0, bracket)) continue;
    return shown(known->descriptor.type, known->extras.read(get(), argument));
  }
  return "no such field";
}

void HandMadeEvent::expect(
    std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  for (const auto& [field, value] : fields) EXPECT_EQ(read(field), value) << field;
}

}  // namespace outrider::test
