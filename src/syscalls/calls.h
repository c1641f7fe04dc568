// SPDX-License-Identifier: Apache-2.0
//
// The table of system calls: what each is called, its number on each architecture,
// which kind of event it makes, and what its arguments are. Both halves are made
// from it: what the kernel program reads, and how user space shows it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "events/wire.h"
#include "syscalls/number_names.h"
#include "syscalls/structures.h"

namespace outrider {

enum class ArgumentType : std::uint8_t {
  kNone,
  kDirectory,  // a descriptor that the next path is relative to
  kPath,       // text, relative to the directory before it or to the cwd
  kText,       // text that is no path of the caller's: the target of symlink(2)
  kDescriptor,
  kOpenFlags,
  kMode,
  kOpenHow,  // a pointer to an open_how; read as flags, mode, resolve
  kAtFlags,
  kRenameFlags,
  kUser,  // -1: unchanged
  kGroup,
  kUser16,  // the same in 16 bits (i386)
  kGroup16,
  kSize,
  kSizeLow,  // halves of a 64-bit number (i386)
  kSizeHigh,
  kOther,     // shown as a number
  kInteger,   // int
  kUnsigned,  // unsigned int
  kUnsignedHexadecimal,
  kLong,       // long
  kWord,       // unsigned long
  kAddress,    // unsigned long in hexadecimal: a pointer, or what only the call understands
  kNamed,      // an int with names
  kNamedWord,  // an unsigned long with names
  kSignal,
  // Memory. What the kernel fills in is there only if the call succeeds.
  kBytes,     // as many as another argument says; payload, so masked
  kBytesOut,  // as many as the result says
  kStructure,
  kStructureOut,
  kStructures,        // as many as another argument says
  kStructuresOut,     // as many as the result says
  kSocketAddress,     // as long as another argument says
  kSocketAddressOut,  // as long as an int says to which another argument points
  kMessage,           // a msghdr: where to, and the heads of its buffers
  kTexts,             // a list of texts, up to a null pointer
};

struct Argument {
  ArgumentType type = ArgumentType::kNone;
  std::string_view name;
  const NumberNames* names = nullptr;
  const Structure* structure = nullptr;
  // Place of the argument that says how much memory it is.
  std::uint8_t count = WIRE_NO_ARGUMENT;
};

using CallArguments = std::array<Argument, 6>;

// A number that a word size or architecture does not have.
inline constexpr std::int16_t kNoNumber = -1;

// How a call ends, as far as it matters to who watches it.
enum class CallEnd : std::uint8_t {
  kReturns,
  kAddress,   // it returns an address
  kNever,     // exit; what a signal handler returns by: its registers are another's
  kReplaces,  // exec: if it succeeds, the memory of the caller is gone
};

// What the arguments of a call are if its command is this one.
struct CallVariant {
  std::uint32_t command;
  CallArguments arguments;
};

struct Call {
  std::string_view name;
  std::int16_t x86_64;
  std::int16_t i386;
  std::int16_t arm64;
  wire_kind kind;  // WIRE_NONE: it makes events of the kind syscall only
  wire_resolve resolve;
  CallArguments arguments;
  // If argument & mask, the event is of this kind instead.
  wire_kind other_kind = WIRE_NONE;
  std::uint8_t other_argument = 0;
  std::uint32_t other_mask = 0;
  wire_tail tail = WIRE_TAIL_NONE;
  // The registers, where they are not the arguments: of a 32-bit call, or of one whose structure
  // is unpacked (openat2). Static.
  const CallArguments* registers_32 = nullptr;
  const CallArguments* registers = nullptr;
  CallEnd end = CallEnd::kReturns;
  // Of a call that makes a socket or does something to one: where its descriptor is (enum
  // wire_from). What the socket is then goes into the record, too.
  std::uint8_t socket = WIRE_NO_ARGUMENT;
  // Which of its calls are in the group that the call is in.
  wire_group_when when = WIRE_WHEN_CALLED;
  // Place of the argument that says what the others are, for these commands; for all others, and
  // for what is read before anybody looks at it, `arguments` says it. Static.
  std::uint8_t command = WIRE_NO_ARGUMENT;
  std::span<const CallVariant> variants = {};
  // What of the memory behind them is read for all commands alike.
  const CallArguments* captured = nullptr;
};

// The place of a socket among the strings of a record, and that of passed descriptors.
inline constexpr std::size_t kSocketCapture = WIRE_FILE_STRINGS - 1;
inline constexpr std::size_t kPassedCapture = kSocketCapture - 1;
// Of a call about a terminal: its name, and what is typed or shown.
inline constexpr std::size_t kTerminalCapture = kSocketCapture - 2;
inline constexpr std::size_t kTerminalDataCapture = kSocketCapture - 1;

std::span<const Call> all_calls();

// nullptr if there is none of this name.
const Call* find_call(std::string_view name);

// The number of a call for the machine this is compiled for; kNoNumber if it has none.
std::int16_t number_of(const Call& call, wire_abi abi);

// The row of a call, or nullptr.
const Call* find_call(wire_abi abi, std::uint16_t number);

// What the registers hold when the call is made.
const CallArguments& registers_of(const Call& call, wire_abi abi);

// The same if its command, where it has one, is this.
const CallArguments& registers_of(const Call& call, wire_abi abi, const wire_u64 (&registers)[6]);

// What the kernel program needs of a row.
wire_call to_wire(const Call& call);

// What it reads of the memory behind the registers, for an event of the kind syscall or of a group
// of calls. Payloads only if they are to be shown.
wire_captures captures_of(const Call& call, wire_abi abi, bool payloads);

// And what it reads besides for an event of the call's group.
void add_group_captures(const Call& call, bool payloads, wire_captures& captures);

// Which of these captures is that of the argument at this place; -1 if there is none.
int capture_of(const CallArguments& arguments, std::size_t place);

// Place of the first argument of this type, or -1.
int place_of(const CallArguments& arguments, ArgumentType type);
inline int place_of(const Call& call, ArgumentType type) { return place_of(call.arguments, type); }

// Tables of further calls, by family; static.
std::span<const Call> calls_of_files();
std::span<const Call> calls_of_processes();
std::span<const Call> calls_of_memory();
std::span<const Call> calls_of_network();
std::span<const Call> calls_of_system();

}  // namespace outrider
