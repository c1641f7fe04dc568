// SPDX-License-Identifier: Apache-2.0
#include "syscalls/arguments.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "events/decode.h"
#include "events/redact.h"
#include "syscalls/event_fields.h"
#include "syscalls/names.h"

namespace outrider {

namespace {

using enum ArgumentType;

// The lower half of a register, which is all that the kernel takes of an int.
std::uint64_t low(std::uint64_t value) { return value & 0xffffffff; }

Value of_int(std::uint64_t value) {
  return Value::of_signed(static_cast<std::int32_t>(low(value)));
}

// Ids are unsigned; only the largest of each size is -1.
Value of_id(std::uint64_t value, std::uint64_t largest) {
  const std::uint64_t id = value & largest;
  return Value::of_signed(id == largest ? -1 : static_cast<std::int64_t>(id));
}

Value of_mode(const Event& event, const CallArguments& arguments, std::uint64_t value) {
  const Call* call = call_of(event);
  const int how = place_of(arguments, kOpenHow);
  if (call->kind == WIRE_OPEN && call->name != "creat") {
    // Without these two the argument is whatever was in the register: open(2).
    constexpr std::uint64_t kCreates = 0100 | 020000000;
    const int flags = how >= 0 ? how : place_of(arguments, kOpenFlags);
    if (flags < 0 || (event.as<wire_file>().arguments[flags] & kCreates) == 0) {
      return Value::missing();
    }
  }
  return Value::of_unsigned(value & 07777);
}

bool is_compat(const Event& event) { return (event.header->flags & WIRE_COMPAT) != 0; }

wire_abi abi_of(const Event& event) { return is_compat(event) ? WIRE_ABI_32 : WIRE_ABI_64; }

// A register of the caller's word size, with its sign.
Value of_length(const Event& event, std::uint64_t value) {
  if (is_compat(event)) return of_int(value);
  return Value::of_signed(static_cast<std::int64_t>(value));
}

Value of_hexadecimal(std::uint64_t value, Arena& arena) {
  char* out = arena.allocate(32);
  return Value::of_text({out, static_cast<std::size_t>(fmt::format_to(out, "{:#x}", value) - out)});
}

// Whether what its arguments point to is in the record's strings.
bool is_traced(const Event& event) {
  return event.header->kind == WIRE_SYSTEM_CALL || !event.descriptor->calls.empty();
}

// A path or another text. The record of a file event has two places for them.
Value of_text_at(const Event& event, const CallArguments& arguments, std::size_t place) {
  const auto& file = event.as<wire_file>();
  if (is_traced(event)) {
    return text_of(file, static_cast<std::size_t>(capture_of(arguments, place)));
  }
  const bool is_first = to_wire(*call_of(event)).path == place;
  return text_of(file, is_first ? WIRE_FILE_PATH : WIRE_FILE_PATH2);
}

// "{msg_name={sa_family=AF_INET, ...}, msg_iov=[{...}], msg_controllen=0, ...}": what the header
// points to in the place of where it is.
std::string_view message_text(const Event& event, std::size_t capture) {
  const auto& file = event.as<wire_file>();
  Arena& arena = *event.arena;
  const std::string_view header =
      structure_text(structures::kMessageHeader, abi_of(event), string_of(file, capture), arena);
  const wire_string& name = file.strings[capture + 1];
  const wire_string& buffers = file.strings[capture + 2];
  fmt::memory_buffer text;
  const auto add = [&text](std::string_view part) { text.append(part); };
  // The addresses are the first and the third member.
  constexpr std::string_view kName = "{msg_name=", kNameLength = ", msg_namelen=",
                             kBuffers = ", msg_iov=", kBufferCount = ", msg_iovlen=";
  const std::size_t name_end = header.find(kNameLength);
  const std::size_t buffers_at = header.find(kBuffers);
  const std::size_t buffers_end = header.find(kBufferCount);
  if (name_end == std::string_view::npos || buffers_end == std::string_view::npos) return header;
  if (name.state == WIRE_STRING_WHOLE && name.length != 0) {
    add(kName);
    add(socket_address_text(string_of(file, capture + 1), arena));
  } else {
    add(header.substr(0, name_end));
  }
  add(header.substr(name_end, buffers_at - name_end));
  if (buffers.state == WIRE_STRING_WHOLE || buffers.state == WIRE_STRING_CUT) {
    add(kBuffers);
    add(structures_text(structures::kIovec, abi_of(event), string_of(file, capture + 2),
                        buffers.state == WIRE_STRING_CUT, arena));
  } else {
    add(header.substr(buffers_at, buffers_end - buffers_at));
  }
  add(header.substr(buffers_end));
  return arena.copy({text.data(), text.size()});
}

// `["ls", "-l"]`
std::string_view texts_text(std::string_view texts, bool cut, Arena& arena) {
  fmt::memory_buffer text;
  std::string_view between = "[";
  while (!texts.empty()) {
    const std::size_t end = std::min(texts.find('\0'), texts.size());
    text.append(between);
    text.append(quoted_text(texts.substr(0, end), false, arena));
    texts.remove_prefix(std::min(end + 1, texts.size()));
    between = ", ";
  }
  if (cut) {
    text.append(between);
    text.append(std::string_view("..."));
  } else if (between == "[") {
    text.append(between);
  }
  text.push_back(']');
  return arena.copy({text.data(), text.size()});
}

// Payload that nobody has asked to see: how much it is.
std::string_view size_text(std::int64_t size, Arena& arena) {
  char* out = arena.allocate(48);
  return {out, static_cast<std::size_t>(fmt::format_to(out, "<{} bytes>", size) - out)};
}

// Memory that an argument points to; what was not read is shown by its address.
Value of_memory(const Event& event, const CallArguments& arguments, std::size_t place) {
  const Argument& argument = arguments[place];
  const auto& file = event.as<wire_file>();
  const std::uint64_t address = file.arguments[place];
  Arena& arena = *event.arena;
  if (address == 0) return Value::of_text("NULL");
  // A file event does not look there.
  if (!is_traced(event)) return of_hexadecimal(address, arena);
  const auto capture = static_cast<std::size_t>(capture_of(arguments, place));
  const wire_string& string = file.strings[capture];
  if (string.state == WIRE_STRING_FAULTED) return Value::unknown();
  const bool cut = string.state == WIRE_STRING_CUT;
  const std::string_view bytes = string_of(file, capture);
  if (string.state == WIRE_STRING_MISSING) {
    if (argument.type == kBytes) {
      const Value size = argument_number_at(event, argument.count);
      if (size.kind == Value::Kind::kSigned) {
        return Value::of_text(size_text(size.signed_value, arena));
      }
    }
    if (argument.type == kBytesOut && file.result >= 0 &&
        (event.header->flags & WIRE_RESULT_UNKNOWN) == 0) {
      return Value::of_text(size_text(file.result, arena));
    }
    return of_hexadecimal(address, arena);
  }
  switch (argument.type) {
    case kStructure:
    case kStructureOut:
      return Value::of_text(structure_text(*argument.structure, abi_of(event), bytes, arena));
    case kStructures:
    case kStructuresOut:
      return Value::of_text(structures_text(*argument.structure, abi_of(event), bytes, cut, arena),
                            cut);
    case kSocketAddress:
    case kSocketAddressOut:
      return Value::of_text(socket_address_text(bytes, arena), cut);
    case kMessage:
      return Value::of_text(message_text(event, capture));
    case kTexts: {
      const auto masked = event.show_secrets ? std::nullopt : redact_arguments(bytes);
      return Value::of_text(texts_text(masked ? *masked : bytes, cut, arena), cut);
    }
    default:
      return Value::of_text(quoted_text(bytes, cut, arena), cut);
  }
}

// Of a call that a newer kernel has, and our table has not.
constexpr CallArguments kNameless = {{{kAddress, "arg0"},
                                      {kAddress, "arg1"},
                                      {kAddress, "arg2"},
                                      {kAddress, "arg3"},
                                      {kAddress, "arg4"},
                                      {kAddress, "arg5"}}};

// Of a request of an io_uring, in an event of its own kind.
const CallArguments kRequest = {{{kNamed, "opcode", &names::kUringOperation},
                                 {kDescriptor, "fd"},
                                 {kNamed, "flags", &names::kUringRequest},
                                 {kAddress, "user_data"}}};

bool is_request(const Event& event) {
  return event.header->kind == WIRE_URING && (event.header->flags & WIRE_IO_URING) != 0;
}

// What Falco calls arguments (driver/event_table.c), where it is not what the man pages do. A call
// may have an argument of that very name: then that is meant.
struct FalcoName {
  std::string_view falco;
  std::string_view name;
};
constexpr FalcoName kFalcoNames[] = {
    {"name", "path"},           {"name", "target"},
    {"filename", "path"},       {"pathname", "path"},
    {"linkpath", "path"},       {"linkdirfd", "dirfd"},
    {"olddir", "olddirfd"},     {"newdir", "newdirfd"},
    {"fd", "sockfd"},           {"fd", "oldfd"},
    {"proto", "protocol"},      {"size", "len"},
    {"size", "count"},          {"data", "buf"},
    {"dev", "source"},          {"dir", "target"},
    {"type", "filesystemtype"}, {"argument", "arg"},
};

int place_in(const CallArguments& arguments, std::string_view name) {
  const auto found = std::ranges::find_if(arguments, [name](const Argument& argument) {
    return argument.type != kNone && argument.name == name;
  });
  return found == arguments.end() ? -1 : static_cast<int>(found - arguments.begin());
}

// The same by Falco's name, too.
int place_among(const CallArguments& arguments, std::string_view name) {
  int place = place_in(arguments, name);
  for (const FalcoName& row : kFalcoNames) {
    if (place >= 0) break;
    if (row.falco == name) place = place_in(arguments, row.name);
  }
  return place;
}

bool is_memory(ArgumentType type) { return type >= kBytes; }

const Argument* argument_in(const CallArguments& arguments, std::size_t place) {
  if (place >= arguments.size() || arguments[place].type == kNone) return nullptr;
  return &arguments[place];
}

bool are_gone(const Event& event) { return (event.header->flags & WIRE_ARGUMENTS_GONE) != 0; }

}  // namespace

std::span<const std::string_view> argument_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all = {"user_data"};
    const auto add = [&all](std::string_view name) {
      if (std::ranges::find(all, name) == all.end()) all.push_back(name);
    };
    for (const Call& call : all_calls()) {
      for (const CallArguments* arguments :
           {&call.arguments, &registers_of(call, WIRE_ABI_64), &registers_of(call, WIRE_ABI_32)}) {
        for (const Argument& argument : *arguments) {
          if (argument.type != kNone) add(argument.name);
        }
      }
    }
    for (const FalcoName& row : kFalcoNames) add(row.falco);
    return all;
  }();
  return names;
}

const CallArguments* arguments_of(const Event& event) {
  if (is_request(event)) return &kRequest;
  // exec has a record of its own, without registers.
  const Call* call = event.header->kind == WIRE_EXEC ? nullptr : call_of(event);
  if (call == nullptr) return is_traced(event) ? &kNameless : nullptr;
  if (!is_traced(event)) return &call->arguments;
  return &registers_of(*call, abi_of(event), event.as<wire_file>().arguments);
}

int place_of(const Event& event, std::string_view name) {
  const CallArguments* arguments = arguments_of(event);
  return arguments != nullptr ? place_among(*arguments, name) : -1;
}

bool has_argument(const Call& call, std::string_view name) {
  const auto has = [name](const CallArguments& arguments) {
    return place_among(arguments, name) >= 0;
  };
  return has(call.arguments) || has(registers_of(call, WIRE_ABI_64)) ||
         has(registers_of(call, WIRE_ABI_32)) ||
         std::ranges::any_of(call.variants, has, &CallVariant::arguments);
}

Value argument_at(const Event& event, std::size_t place) {
  const CallArguments* arguments = arguments_of(event);
  const Argument* argument = arguments != nullptr ? argument_in(*arguments, place) : nullptr;
  if (argument == nullptr) return Value::missing();
  if (are_gone(event)) return Value::unknown();
  const auto& file = event.as<wire_file>();
  const std::uint64_t value = file.arguments[place];
  Arena& arena = *event.arena;
  switch (argument->type) {
    case kNone:
      return Value::missing();
    case kDirectory:
    case kDescriptor:
    case kInteger:
      return of_int(value);
    case kUnsigned:
      return Value::of_signed(static_cast<std::int64_t>(low(value)));
    case kPath:
    case kText:
      return of_text_at(event, *arguments, place);
    case kOpenFlags:
      return Value::of_text(open_flag_names(low(value), arena));
    case kOpenHow:
      return Value::of_text(open_flag_names(value, arena));
    case kAtFlags:
      return Value::of_text(at_flag_names(low(value), arena));
    case kRenameFlags:
      return Value::of_text(rename_flag_names(low(value), arena));
    case kNamed:
      return Value::of_text(number_text(*argument->names, low(value), arena));
    case kNamedWord:
      return Value::of_text(number_text(*argument->names, value, arena));
    case kSignal:
      return Value::of_text(signal_name(static_cast<std::int32_t>(low(value)), arena));
    case kMode:
      return of_mode(event, *arguments, value);
    case kUser:
    case kGroup:
      return of_id(value, 0xffffffff);
    case kUser16:
    case kGroup16:
      return of_id(value, 0xffff);
    case kSize:
    case kLong:
      return of_length(event, value);
    case kWord:
      return Value::of_unsigned(value);
    case kUnsignedHexadecimal:
      return of_hexadecimal(low(value), arena);
    case kAddress:
      return of_hexadecimal(value, arena);
    case kSizeLow:
      return Value::of_signed(
          static_cast<std::int64_t>(file.arguments[place + 1] << 32 | low(value)));
    case kSizeHigh:
      return argument_at(event, place - 1);
    case kOther:
      return Value::of_signed(static_cast<std::int64_t>(value));
    default:
      return of_memory(event, *arguments, place);
  }
}

Value argument_of(const Event& event, std::initializer_list<ArgumentType> types) {
  const CallArguments* arguments = arguments_of(event);
  if (arguments == nullptr) return Value::missing();
  for (const ArgumentType type : types) {
    const int place = place_of(*arguments, type);
    if (place >= 0) return argument_at(event, static_cast<std::size_t>(place));
  }
  return Value::missing();
}

Value argument_text_at(const Event& event, std::size_t place) {
  const Value value = argument_at(event, place);
  if (value.kind != Value::Kind::kUnsigned && value.kind != Value::Kind::kSigned) return value;
  const ArgumentType type = (*arguments_of(event))[place].type;
  if (type == kDirectory && value.signed_value == AT_FDCWD) return Value::of_text("AT_FDCWD");
  char* out = event.arena->allocate(32);
  const char* end = out;
  if (type == kMode) {
    end = fmt::format_to(out, "{:04o}", value.unsigned_value);
  } else if (value.kind == Value::Kind::kUnsigned) {
    end = fmt::format_to(out, "{}", value.unsigned_value);
  } else {
    end = fmt::format_to(out, "{}", value.signed_value);
  }
  return Value::of_text({out, static_cast<std::size_t>(end - out)});
}

Value argument_number_at(const Event& event, std::size_t place) {
  const CallArguments* arguments = arguments_of(event);
  const Argument* argument = arguments != nullptr ? argument_in(*arguments, place) : nullptr;
  if (argument == nullptr) return Value::missing();
  if (are_gone(event)) return Value::unknown();
  const std::uint64_t value = event.as<wire_file>().arguments[place];
  switch (argument->type) {
    case kPath:
    case kText:
      return Value::missing();
    case kOpenFlags:
    case kAtFlags:
    case kRenameFlags:
    case kNamed:
    case kUnsignedHexadecimal:
      return Value::of_signed(static_cast<std::int64_t>(low(value)));
    case kSignal:
      return of_int(value);
    case kOpenHow:
    case kNamedWord:
    case kAddress:
      return Value::of_signed(static_cast<std::int64_t>(value));
    default:
      break;
  }
  if (is_memory(argument->type)) return Value::of_signed(static_cast<std::int64_t>(value));
  const Value number = argument_at(event, place);
  if (number.kind != Value::Kind::kUnsigned) return number;
  return Value::of_signed(static_cast<std::int64_t>(number.unsigned_value));
}

Value argument_bytes(const Event& event) {
  const CallArguments* arguments = arguments_of(event);
  if (arguments == nullptr || is_request(event)) return Value::missing();
  for (const ArgumentType type : {kBytes, kBytesOut}) {
    const int place = place_of(*arguments, type);
    if (place < 0) continue;
    if (are_gone(event)) return Value::unknown();
    const auto& file = event.as<wire_file>();
    if (file.arguments[place] == 0) return Value::missing();
    const int capture = capture_of(*arguments, static_cast<std::size_t>(place));
    if (capture < 0) return Value::unknown();
    const auto state = file.strings[static_cast<std::size_t>(capture)].state;
    if (state != WIRE_STRING_WHOLE && state != WIRE_STRING_CUT) return Value::unknown();
    const std::string_view bytes = string_of(file, static_cast<std::size_t>(capture));
    return Value::of_text(bytes, state == WIRE_STRING_CUT);
  }
  return Value::missing();
}

Value arguments_text(const Event& event) {
  const CallArguments* arguments = arguments_of(event);
  if (arguments == nullptr) return Value::missing();
  fmt::memory_buffer text;
  for (std::size_t place = 0; place < arguments->size(); ++place) {
    // The upper half of the argument before it.
    if ((*arguments)[place].type == kSizeHigh) continue;
    const Value value = argument_text_at(event, place);
    if (value.kind == Value::Kind::kMissing) continue;
    if (text.size() != 0) text.push_back(' ');
    fmt::format_to(std::back_inserter(text), "{}={}", (*arguments)[place].name,
                   value.kind == Value::Kind::kText ? value.text : "?");
    // What follows would be taken for the rest of it.
    if (value.cut && !is_memory((*arguments)[place].type)) {
      return Value::of_text(event.arena->copy({text.data(), text.size()}), true);
    }
  }
  return Value::of_text(event.arena->copy({text.data(), text.size()}));
}

std::string_view call_text(const Event& event) {
  const CallArguments* arguments = arguments_of(event);
  if (arguments == nullptr) return "?";
  Arena& arena = *event.arena;
  fmt::memory_buffer text;
  const auto add = [&text](std::string_view part) { text.append(part); };
  const Call* call = call_of(event);
  if (is_request(event)) {
    add("request");
  } else if (call != nullptr) {
    add(call->name);
  } else {
    fmt::format_to(std::back_inserter(text), "syscall_{}", event.as<wire_file>().call);
  }
  std::string_view between = "(";
  for (std::size_t place = 0; place < arguments->size(); ++place) {
    const Argument& argument = (*arguments)[place];
    if (argument.type == kNone || argument.type == kSizeHigh) continue;
    const Value value = argument_text_at(event, place);
    std::string_view shown = "?";
    if (value.kind == Value::Kind::kText) {
      const bool is_text = argument.type == kPath || argument.type == kText;
      shown = is_text ? quoted_text(value.text, value.cut, arena) : value.text;
    } else if (value.kind == Value::Kind::kMissing) {
      // A null pointer, or what the call does not look at.
      if (argument.type == kMode) continue;
      shown = "NULL";
    }
    add(between);
    add(argument.name);
    add("=");
    add(shown);
    between = ", ";
  }
  if (between == "(") add(between);
  add(") = ");
  if (event.header->flags & WIRE_RESULT_UNKNOWN) {
    add("?");
  } else if (result_of(event) < 0) {
    add(result_name(result_of(event), arena));
  } else if (call != nullptr && call->end == CallEnd::kAddress) {
    fmt::format_to(std::back_inserter(text), "{:#x}", result_of(event));
  } else {
    fmt::format_to(std::back_inserter(text), "{}", result_of(event));
  }
  return arena.copy({text.data(), text.size()});
}

}  // namespace outrider
