// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <vector>

#include "syscalls/call_table.h"

namespace outrider {

namespace {

using namespace call_table;  // NOLINT(google-build-using-namespace)

constexpr Argument kDir{kDirectory, "dirfd"};
constexpr Argument kOldDir{kDirectory, "olddirfd"};
constexpr Argument kNewDir{kDirectory, "newdirfd"};
constexpr Argument kName{kPath, "path"};
constexpr Argument kOldName{kPath, "oldpath"};
constexpr Argument kNewName{kPath, "newpath"};
constexpr Argument kTarget{kText, "target"};
constexpr Argument kFlags{kOpenFlags, "flags"};
constexpr Argument kAt{kAtFlags, "flags"};
constexpr Argument kRename{kRenameFlags, "flags"};
constexpr Argument kModes{kMode, "mode"};
constexpr Argument kFd{kDescriptor, "fd"};
constexpr Argument kUid{kUser, "uid"};
constexpr Argument kGid{kGroup, "gid"};
constexpr Argument kUid16{kUser16, "uid"};
constexpr Argument kGid16{kGroup16, "gid"};
constexpr Argument kLength{kSize, "length"};

constexpr wire_resolve kNothing = WIRE_RESOLVE_NONE;
constexpr wire_resolve kResult = WIRE_RESOLVE_RESULT;
constexpr wire_resolve kFirst = WIRE_RESOLVE_FIRST;
constexpr wire_resolve kCwd = WIRE_RESOLVE_CWD;

// As the caller has it; in the row as the record of a file event has it.
constexpr CallArguments kOpenat2 = {
    {kDir, kName, structure("how", structures::kOpenHow), size("size")}};

// Numbers: arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, scripts/syscall.tbl.
// calls_test.cpp compares them with the headers of the machine.
// clang-format off: a table
constexpr Call kCalls[] = {
    // name, x86-64, i386, arm64, kind, object, arguments
    {"open", 2, 5, kNo, WIRE_OPEN, kResult, {{kName, kFlags, kModes}}},
    {"creat", 85, 8, kNo, WIRE_OPEN, kResult, {{kName, kModes}}},
    {"openat", 257, 295, 56, WIRE_OPEN, kResult, {{kDir, kName, kFlags, kModes}}},
    {"openat2", 437, 437, 437, WIRE_OPEN, kResult,
     {{kDir, kName, {kOpenHow, "how"}, kModes, {kOther, "resolve"}, {kOther, "size"}}},
     WIRE_NONE, 0, 0, WIRE_TAIL_NONE, &kOpenat2, &kOpenat2},
    {"open_by_handle_at", 304, 342, 265, WIRE_OPEN, kResult,
     {{{kDescriptor, "mountfd"}, {kOther, "handle"}, kFlags}}},

    {"mkdir", 83, 39, kNo, WIRE_MKDIR, kNothing, {{kName, kModes}}},
    {"mkdirat", 258, 296, 34, WIRE_MKDIR, kNothing, {{kDir, kName, kModes}}},
    {"rmdir", 84, 40, kNo, WIRE_RMDIR, kNothing, {{kName}}},
    {"unlink", 87, 10, kNo, WIRE_UNLINK, kNothing, {{kName}}},
    {"unlinkat", 263, 301, 35, WIRE_UNLINK, kNothing, {{kDir, kName, kAt}},
     WIRE_RMDIR, 2, AT_REMOVEDIR},

    {"rename", 82, 38, kNo, WIRE_RENAME, kNothing, {{kOldName, kNewName}}},
    {"renameat", 264, 302, 38, WIRE_RENAME, kNothing, {{kOldDir, kOldName, kNewDir, kNewName}}},
    {"renameat2", 316, 353, 276, WIRE_RENAME, kNothing,
     {{kOldDir, kOldName, kNewDir, kNewName, kRename}}},
    {"link", 86, 9, kNo, WIRE_LINK, kNothing, {{kOldName, kNewName}}},
    {"linkat", 265, 303, 37, WIRE_LINK, kNothing,
     {{kOldDir, kOldName, kNewDir, kNewName, kAt}}},
    {"symlink", 88, 83, kNo, WIRE_SYMLINK, kNothing, {{kTarget, kName}}},
    {"symlinkat", 266, 304, 36, WIRE_SYMLINK, kNothing, {{kTarget, kDir, kName}}},

    {"chmod", 90, 15, kNo, WIRE_CHMOD, kNothing, {{kName, kModes}}},
    {"fchmod", 91, 94, 52, WIRE_CHMOD, kFirst, {{kFd, kModes}}},
    {"fchmodat", 268, 306, 53, WIRE_CHMOD, kNothing, {{kDir, kName, kModes}}},
    {"fchmodat2", 452, 452, 452, WIRE_CHMOD, kNothing, {{kDir, kName, kModes, kAt}}},
    {"chown", 92, 212, kNo, WIRE_CHOWN, kNothing, {{kName, kUid, kGid}}},
    {"lchown", 94, 198, kNo, WIRE_CHOWN, kNothing, {{kName, kUid, kGid}}},
    {"fchown", 93, 207, 55, WIRE_CHOWN, kFirst, {{kFd, kUid, kGid}}},
    {"fchownat", 260, 298, 54, WIRE_CHOWN, kNothing, {{kDir, kName, kUid, kGid, kAt}}},
    {"chown16", kNo, 182, kNo, WIRE_CHOWN, kNothing, {{kName, kUid16, kGid16}}},
    {"lchown16", kNo, 16, kNo, WIRE_CHOWN, kNothing, {{kName, kUid16, kGid16}}},
    {"fchown16", kNo, 95, kNo, WIRE_CHOWN, kFirst, {{kFd, kUid16, kGid16}}},
    {"truncate", 76, 92, 45, WIRE_TRUNCATE, kNothing, {{kName, kLength}}},
    {"ftruncate", 77, 93, 46, WIRE_TRUNCATE, kFirst, {{kFd, kLength}}},
    {"truncate64", kNo, 193, kNo, WIRE_TRUNCATE, kNothing,
     {{kName, {kSizeLow, "length"}, {kSizeHigh, "length"}}}},
    {"ftruncate64", kNo, 194, kNo, WIRE_TRUNCATE, kFirst,
     {{kFd, {kSizeLow, "length"}, {kSizeHigh, "length"}}}},

    // Only those that fail: a successful exec is seen by its own hook.
    {"execve", 59, 11, 221, WIRE_EXEC, kNothing, {{kName, texts("argv"), address("envp")}},
     WIRE_NONE, 0, 0, WIRE_TAIL_EXEC, nullptr, nullptr, CallEnd::kReplaces},
    {"execveat", 322, 358, 281, WIRE_EXEC, kNothing,
     {{kDir, kName, texts("argv"), address("envp"), kAt}},
     WIRE_NONE, 0, 0, WIRE_TAIL_EXEC, nullptr, nullptr, CallEnd::kReplaces},

    // What may change the path of the working directory as its process sees it.
    {"chdir", 80, 12, 49, WIRE_WORKING_DIRECTORY, kCwd, {{kName}}},
    {"fchdir", 81, 133, 50, WIRE_WORKING_DIRECTORY, kCwd, {{kFd}}},
    {"chroot", 161, 61, 51, WIRE_WORKING_DIRECTORY, kCwd, {{kName}}},
    {"pivot_root", 155, 217, 41, WIRE_WORKING_DIRECTORY, kCwd,
     {{path("new_root"), path("put_old")}}},
    {"setns", 308, 346, 268, WIRE_WORKING_DIRECTORY, kCwd,
     {{kFd, named("nstype", names::kUnshare)}}},
    {"unshare", 272, 310, 97, WIRE_WORKING_DIRECTORY, kCwd,
     {{named_word("flags", names::kUnshare)}}},
};
// clang-format on

}  // namespace

std::span<const Call> all_calls() {
  static const std::vector<Call> calls = [] {
    std::vector<Call> all;
    for (const std::span<const Call> family :
         {std::span<const Call>(kCalls), calls_of_files(), calls_of_processes(), calls_of_memory(),
          calls_of_network(), calls_of_system()}) {
      all.insert(all.end(), family.begin(), family.end());
    }
    return all;
  }();
  return calls;
}

const Call* find_call(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const Call*> all;
    for (const Call& call : all_calls()) all.emplace(call.name, &call);
    return all;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

std::int16_t number_of(const Call& call, wire_abi abi) {
#if defined(__x86_64__)
  return abi == WIRE_ABI_64 ? call.x86_64 : call.i386;
#elif defined(__aarch64__)
  // 32-bit ARM has a table of its own, which we do not have yet.
  return abi == WIRE_ABI_64 ? call.arm64 : kNoNumber;
#else
#error "no system call numbers for this architecture: add a column"
#endif
}

const Call* find_call(wire_abi abi, std::uint16_t number) {
  static const auto index = [] {
    std::array<std::array<const Call*, WIRE_SYSTEM_CALLS>, WIRE_ABI_COUNT> table{};
    for (const Call& call : all_calls()) {
      for (wire_abi each : {WIRE_ABI_64, WIRE_ABI_32}) {
        const std::int16_t place = number_of(call, each);
        if (place >= 0) table[each][static_cast<std::size_t>(place)] = &call;
      }
    }
    return table;
  }();
  if (abi >= WIRE_ABI_COUNT || number >= WIRE_SYSTEM_CALLS) return nullptr;
  return index[abi][number];
}

const CallArguments& registers_of(const Call& call, wire_abi abi) {
  if (abi == WIRE_ABI_32 && call.registers_32 != nullptr) return *call.registers_32;
  return call.registers != nullptr ? *call.registers : call.arguments;
}

const CallArguments& registers_of(const Call& call, wire_abi abi, const wire_u64 (&registers)[6]) {
  if (call.command < std::size(registers)) {
    // The kernel takes an int.
    const auto command = static_cast<std::uint32_t>(registers[call.command]);
    const auto found = std::ranges::find(call.variants, command, &CallVariant::command);
    if (found != call.variants.end()) return found->arguments;
  }
  return registers_of(call, abi);
}

int place_of(const CallArguments& arguments, ArgumentType type) {
  const auto found = std::ranges::find(arguments, type, &Argument::type);
  return found == arguments.end() ? -1 : static_cast<int>(found - arguments.begin());
}

wire_call to_wire(const Call& call) {
  wire_call wire{};
  wire.kind = static_cast<wire_u8>(call.kind);
  wire.other_kind = static_cast<wire_u8>(call.other_kind);
  wire.other_argument = call.other_argument;
  wire.other_mask = call.other_mask;
  wire.resolve = static_cast<wire_u8>(call.resolve);
  wire.tail = static_cast<wire_u8>(call.tail);
  wire.path = wire.path2 = wire.base = wire.base2 = wire.structure = WIRE_NO_ARGUMENT;
  wire.flags = call.name == "creat" ? wire_u8{WIRE_CREAT_FLAGS} : wire_u8{WIRE_NO_ARGUMENT};

  // An event of the kind syscall reads what captures_of() says, and a change of the directory
  // nothing.
  if (call.kind == WIRE_NONE || call.kind == WIRE_WORKING_DIRECTORY) return wire;
  // A path belongs to the directory before it.
  wire_u8 directory = WIRE_NO_ARGUMENT;
  for (std::size_t place = 0; place < call.arguments.size(); ++place) {
    const auto i = static_cast<wire_u8>(place);
    const ArgumentType type = call.arguments[place].type;
    if (type == kOpenHow) wire.structure = i;
    if (type == kOpenHow || type == kOpenFlags || type == kAtFlags || type == kRenameFlags) {
      wire.flags = i;
    }
    if (type == kDirectory) directory = i;
    if (type != kPath && type != kText) continue;
    const wire_u8 base = type == kText ? wire_u8{WIRE_NO_BASE} : directory;
    if (wire.path == WIRE_NO_ARGUMENT) {
      wire.path = i;
      wire.base = base;
    } else {
      wire.path2 = i;
      wire.base2 = base;
    }
  }
  return wire;
}

namespace {

// How much is read at most, bytes. Of structures, arrays and payloads the beginning is enough to
// see what a call is about.
enum : std::uint16_t {
  kTextLimit = WIRE_PATH_MAX,
  kStructureLimit = 256,
  kArrayLimit = 512,
  kPayloadLimit = 256,
  kSocketAddressLimit = 128,  // sizeof(struct sockaddr_storage)
};

// In place of a count: the kernel says how much there is.
constexpr wire_u8 kByResult = WIRE_FROM_RESULT;

// struct msghdr (include/linux/socket.h): name, its length, buffers, their number.
struct MessageLayout {
  std::uint16_t size;
  wire_u8 name, name_length, buffers, buffer_count;
};
constexpr MessageLayout kMessages[WIRE_ABI_COUNT] = {{56, 0, 8, 16, 24}, {28, 0, 4, 8, 12}};

std::size_t captures_in(ArgumentType type) {
  switch (type) {
    case kPath:
    case kText:
    case kTexts:
    case kBytes:
    case kBytesOut:
    case kStructure:
    case kStructureOut:
    case kStructures:
    case kStructuresOut:
    case kSocketAddress:
    case kSocketAddressOut:
      return 1;
    case kMessage:
      return 3;
    default:
      return 0;
  }
}

// Where the number is that says how much there is. Of an int the upper half may be anything.
wire_u8 count_of(const CallArguments& arguments, const Argument& argument) {
  if (argument.count >= arguments.size()) return argument.count;
  const ArgumentType type = arguments[argument.count].type;
  const bool is_int = type == kInteger || type == kUnsigned;
  return static_cast<wire_u8>(argument.count | (is_int ? WIRE_FROM_INT : 0));
}

// What is read for an argument, from `to` on.
void add_captures(const CallArguments& arguments, wire_u8 place, wire_abi abi, bool payloads,
                  wire_capture* to) {
  const Argument& argument = arguments[place];
  constexpr wire_u8 kOnSuccess = WIRE_CAPTURE_ON_SUCCESS;
  constexpr wire_u8 kOne = WIRE_NO_ARGUMENT;
  const std::uint16_t size = argument.structure != nullptr ? argument.structure->sizes[abi] : 0;
  switch (argument.type) {
    case kPath:
    case kText:
      *to = {WIRE_CAPTURE_TEXT, 0, place, kOne, 1, kTextLimit};
      return;
    case kTexts:
      *to = {WIRE_CAPTURE_TEXTS, 0, place, kOne, 1, kTextLimit};
      return;
    case kBytes:
      if (payloads) {
        *to = {WIRE_CAPTURE_BYTES, 0, place, count_of(arguments, argument), 1, kPayloadLimit};
      }
      return;
    case kBytesOut:
      if (payloads) *to = {WIRE_CAPTURE_BYTES, kOnSuccess, place, kByResult, 1, kPayloadLimit};
      return;
    case kStructure:
      *to = {WIRE_CAPTURE_BYTES, 0, place, kOne, size, kStructureLimit};
      return;
    case kStructureOut:
      *to = {WIRE_CAPTURE_BYTES, kOnSuccess, place, kOne, size, kStructureLimit};
      return;
    case kStructures:
      *to = {WIRE_CAPTURE_BYTES, 0, place, count_of(arguments, argument), size, kArrayLimit};
      return;
    case kStructuresOut:
      *to = {WIRE_CAPTURE_BYTES, kOnSuccess, place, kByResult, size, kArrayLimit};
      return;
    case kSocketAddress:
      *to = {WIRE_CAPTURE_BYTES, 0, place, count_of(arguments, argument), 1, kSocketAddressLimit};
      return;
    case kSocketAddressOut:
      *to = {WIRE_CAPTURE_BYTES, kOnSuccess | WIRE_CAPTURE_LENGTH_BEHIND, place, argument.count, 1,
             kSocketAddressLimit};
      return;
    case kMessage: {
      const MessageLayout& layout = kMessages[abi];
      const auto memory = [](int offset) {
        return static_cast<wire_u8>(WIRE_FROM_MEMORY | offset);
      };
      to[0] = {WIRE_CAPTURE_BYTES, 0, place, kOne, layout.size, kStructureLimit};
      to[1] = {WIRE_CAPTURE_BYTES,
               0,
               memory(layout.name),
               static_cast<wire_u8>(memory(layout.name_length) | WIRE_FROM_INT),
               1,
               kSocketAddressLimit};
      to[2] = {WIRE_CAPTURE_BYTES,
               0,
               memory(layout.buffers),
               memory(layout.buffer_count),
               structures::kIovec.sizes[abi],
               kArrayLimit};
      return;
    }
    default:
      return;
  }
}

}  // namespace

int capture_of(const CallArguments& arguments, std::size_t place) {
  if (captures_in(arguments[place].type) == 0) return -1;
  std::size_t before = 0;
  for (std::size_t i = 0; i < place; ++i) before += captures_in(arguments[i].type);
  return static_cast<int>(before);
}

wire_captures captures_of(const Call& call, wire_abi abi, bool payloads) {
  wire_captures captures{};
  const CallArguments& arguments =
      call.captured != nullptr ? *call.captured : registers_of(call, abi);
  for (std::size_t place = 0; place < arguments.size(); ++place) {
    const int first = capture_of(arguments, place);
    if (first < 0) continue;
    add_captures(arguments, static_cast<wire_u8>(place), abi, payloads, captures.captures + first);
  }
  if (call.socket != WIRE_NO_ARGUMENT) {
    const wire_u8 flags = call.socket == kByResult ? wire_u8{WIRE_CAPTURE_ON_SUCCESS} : wire_u8{0};
    captures.captures[kSocketCapture] = {WIRE_CAPTURE_SOCKET, flags,
                                         call.socket,         WIRE_NO_ARGUMENT,
                                         sizeof(wire_socket), sizeof(wire_socket)};
  }
  return captures;
}

void add_group_captures(const Call& call, bool payloads, wire_captures& captures) {
  constexpr wire_u8 kOfGroup = WIRE_CAPTURE_OF_GROUP;
  constexpr wire_u8 kSucceeded = WIRE_CAPTURE_OF_GROUP | WIRE_CAPTURE_ON_SUCCESS;
  const auto add_terminal = [&] {
    captures.captures[kTerminalCapture] = {WIRE_CAPTURE_TERMINAL,           kOfGroup, 0,
                                           static_cast<wire_u8>(call.when), 0,        0};
  };
  wire_capture& data = captures.captures[kTerminalDataCapture];
  switch (call.when) {
    case WIRE_WHEN_SENT:
    case WIRE_WHEN_RECEIVED:
    case WIRE_WHEN_SENT_MANY:
    case WIRE_WHEN_RECEIVED_MANY:
    case WIRE_WHEN_TAKEN:
      captures.captures[kPassedCapture] = {WIRE_CAPTURE_PASSED, kOfGroup, 0,
                                           WIRE_NO_ARGUMENT,    0,        0};
      return;
    case WIRE_WHEN_AT_TERMINAL: {
      add_terminal();
      if (!payloads) return;
      // read(fd, buffer, size), readv(fd, buffers, how many) and their like.
      const ArgumentType type = call.arguments[1].type;
      if (type == ArgumentType::kBytes || type == ArgumentType::kBytesOut) {
        data = {WIRE_CAPTURE_BYTES, kSucceeded, 1, kByResult, 1, kTextLimit};
      } else if (type == ArgumentType::kStructures) {
        data = {WIRE_CAPTURE_BUFFERS, kSucceeded, 1, 2, 0, 0};
      }
      return;
    }
    case WIRE_WHEN_TO_TERMINAL:
      add_terminal();
      // The byte that TIOCSTI types; of other commands nobody looks at it.
      if (payloads) data = {WIRE_CAPTURE_BYTES, kOfGroup, 2, WIRE_NO_ARGUMENT, 1, 1};
      return;
    case WIRE_WHEN_HUNG_UP:
      add_terminal();
      return;
    case WIRE_WHEN_CALLED:
    case WIRE_WHEN_DUPLICATED:
      return;
  }
}

}  // namespace outrider
