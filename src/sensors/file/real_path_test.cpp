// SPDX-License-Identifier: Apache-2.0
//
// fd.realpath of records made by hand; the kernel's own records are for
// file_kernel_test.cpp.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "events/event.h"
#include "sensors/registry.h"
#include "syscalls/calls.h"
#include "workloads/path_lookup.h"

namespace outrider {
namespace {

using namespace std::string_view_literals;

// A successful mkdirat(dirfd, path) with this walked path of the directory.
Value real_path(std::string_view path, std::string_view directory, int flags) {
  std::vector<std::uint64_t> words((sizeof(wire_file) + path.size() + directory.size() + 7) / 8);
  auto* file = reinterpret_cast<wire_file*>(words.data());
  file->header.kind = WIRE_MKDIR;
  for (const Call& call : all_calls()) {
    if (call.name == "mkdirat") file->call = static_cast<wire_u16>(number_of(call, WIRE_ABI_64));
  }
  file->strings[WIRE_FILE_PATH] = {static_cast<wire_u16>(path.size()), WIRE_STRING_WHOLE, 0};
  file->strings[WIRE_FILE_BASE] = {static_cast<wire_u16>(directory.size()), WIRE_STRING_WHOLE,
                                   static_cast<wire_u8>(flags | WIRE_PATH_REVERSED)};
  auto* payload = reinterpret_cast<char*>(file + 1);
  std::memcpy(payload, path.data(), path.size());
  std::memcpy(payload + path.size(), directory.data(), directory.size());

  static Arena arena;
  PathLookup lookup;  // the record names no mount namespace: nothing is looked up
  Event event;
  event.descriptor = find_kind(file->header.kind);
  event.header = &file->header;
  event.lookup = &lookup;
  event.arena = &arena;
  // The text may be the record's own, which ends here.
  Value value = find_field(*event.descriptor, "fd.realpath")->read(event);
  if (value.kind == Value::Kind::kText) value.text = arena.copy(value.text);
  return value;
}

TEST(RealPath, OfANameInAWalkedDirectory) {
  struct Case {
    std::string_view path;
    std::string_view directory;
    int flags;
    std::string_view expected;  // "" for unknown
  };
  constexpr Case kCases[] = {
      {"new", "b\0a\0"sv, 0, "/a/b/new"},
      {"new", "", 0, "/new"},
      {"", "b\0a\0"sv, 0, "/a/b"},
      {"new", "a\0"sv, WIRE_PATH_UNREACHABLE, "(unreachable)/a/new"},
      // Not plain names: only a lookup could tell.
      {"x/new", "a\0"sv, 0, ""},
      {"..", "a\0"sv, 0, ""},
      {"/new", "a\0"sv, 0, ""},
      // Nothing is below what is in no tree, whatever it is called.
      {"new", "pipe:\0"sv, WIRE_PATH_PSEUDO, ""},
      {"new", "\0"sv, WIRE_PATH_PSEUDO, ""},
      {"new", "", WIRE_PATH_PSEUDO, ""},
      {"", "memfd:x\0"sv, WIRE_PATH_PSEUDO, "memfd:x"},
  };
  for (const Case& c : kCases) {
    const Value value = real_path(c.path, c.directory, c.flags);
    EXPECT_EQ(value.kind, c.expected.empty() ? Value::Kind::kUnknown : Value::Kind::kText)
        << c.path << " in " << c.directory;
    EXPECT_EQ(value.text, c.expected);
  }
}

}  // namespace
}  // namespace outrider
