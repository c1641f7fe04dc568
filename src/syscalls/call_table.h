// SPDX-License-Identifier: Apache-2.0
//
// Words for the rows of the tables of calls: calls.cpp, calls_of_*.cpp. CallArguments are called
// what the man pages call them.
#pragma once

#include "syscalls/calls.h"

namespace outrider::call_table {

using enum ArgumentType;

inline constexpr std::int16_t kNo = kNoNumber;

constexpr Argument integer(std::string_view name) { return {kInteger, name}; }
constexpr Argument number(std::string_view name) { return {kUnsigned, name}; }
// An unsigned int that is read in hexadecimal.
constexpr Argument hexadecimal(std::string_view name) { return {kUnsignedHexadecimal, name}; }
constexpr Argument signed_word(std::string_view name) { return {kLong, name}; }
constexpr Argument word(std::string_view name) { return {kWord, name}; }
constexpr Argument address(std::string_view name) { return {kAddress, name}; }
constexpr Argument fd(std::string_view name = "fd") { return {kDescriptor, name}; }
constexpr Argument directory(std::string_view name = "dirfd") { return {kDirectory, name}; }
constexpr Argument path(std::string_view name = "path") { return {kPath, name}; }
constexpr Argument text(std::string_view name) { return {kText, name}; }
constexpr Argument texts(std::string_view name) { return {kTexts, name}; }
constexpr Argument mode(std::string_view name = "mode") { return {kMode, name}; }
constexpr Argument size(std::string_view name) { return {kSize, name}; }
constexpr Argument user(std::string_view name) { return {kUser, name}; }
constexpr Argument group(std::string_view name) { return {kGroup, name}; }
constexpr Argument user16(std::string_view name) { return {kUser16, name}; }
constexpr Argument group16(std::string_view name) { return {kGroup16, name}; }
// The halves of a 64-bit number in a 32-bit call.
constexpr Argument low(std::string_view name) { return {kSizeLow, name}; }
constexpr Argument high(std::string_view name) { return {kSizeHigh, name}; }
constexpr Argument process(std::string_view name = "pid") { return {kInteger, name}; }
constexpr Argument signal_number(std::string_view name = "sig") { return {kSignal, name}; }
constexpr Argument named(std::string_view name, const NumberNames& names) {
  return {kNamed, name, &names};
}
constexpr Argument named_word(std::string_view name, const NumberNames& names) {
  return {kNamedWord, name, &names};
}
constexpr Argument bytes(std::string_view name, std::uint8_t count) {
  return {kBytes, name, nullptr, nullptr, count};
}
constexpr Argument bytes_out(std::string_view name) { return {kBytesOut, name}; }
constexpr Argument structure(std::string_view name, const Structure& what) {
  return {kStructure, name, nullptr, &what};
}
constexpr Argument structure_out(std::string_view name, const Structure& what) {
  return {kStructureOut, name, nullptr, &what};
}
constexpr Argument array(std::string_view name, const Structure& what, std::uint8_t count) {
  return {kStructures, name, nullptr, &what, count};
}
constexpr Argument array_out(std::string_view name, const Structure& what) {
  return {kStructuresOut, name, nullptr, &what};
}
constexpr Argument socket_address(std::string_view name, std::uint8_t count) {
  return {kSocketAddress, name, nullptr, nullptr, count};
}
constexpr Argument socket_address_out(std::string_view name, std::uint8_t count) {
  return {kSocketAddressOut, name, nullptr, nullptr, count};
}
constexpr Argument message(std::string_view name) { return {kMessage, name}; }

// A row that makes events of the kind syscall only.
// The descriptor of a socket that the call is about: its first argument, or what it returns.
constexpr Call of_socket(Call call) {
  call.socket = 0;
  return call;
}
// In its group only then.
constexpr Call only(wire_group_when when, Call call) {
  call.when = when;
  return call;
}
constexpr Call makes_socket(Call call) {
  call.socket = WIRE_FROM_RESULT;
  return call;
}

constexpr Call call(std::string_view name, std::int16_t x86_64, std::int16_t i386,
                    std::int16_t arm64, CallArguments arguments = {},
                    const CallArguments* registers_32 = nullptr, CallEnd end = CallEnd::kReturns) {
  return {.name = name,
          .x86_64 = x86_64,
          .i386 = i386,
          .arm64 = arm64,
          .kind = WIRE_NONE,
          .resolve = WIRE_RESOLVE_NONE,
          .arguments = arguments,
          .registers_32 = registers_32,
          .end = end};
}

}  // namespace outrider::call_table
