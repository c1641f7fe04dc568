// SPDX-License-Identifier: Apache-2.0
#include "sensors/call_groups/passed_fields.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <string>
#include <string_view>

namespace outrider {
namespace {

std::string bytes_of(const wire_passed& told, std::string_view paths) {
  std::string bytes(sizeof(told), '\0');
  std::memcpy(bytes.data(), &told, sizeof(told));
  bytes.append(paths);
  return bytes;
}

wire_string walked(std::string_view components, wire_u8 flags = 0) {
  return {static_cast<wire_u16>(components.size()), WIRE_STRING_WHOLE,
          static_cast<wire_u8>(WIRE_PATH_REVERSED | flags)};
}

constexpr std::string_view kHosts("hosts\0etc\0", 10);
constexpr std::string_view kSocket("UNIX-STREAM\0", 12);
constexpr std::string_view kMemory("memfd:x\0", 8);

TEST(PassedDescriptors, HaveNames) {
  wire_passed told{};
  told.count = 5;
  told.kept = 4;
  told.objects[0] = {.inode = 7, .mode = S_IFREG, .reserved = 0, .path = walked(kHosts)};
  told.objects[1] = {
      .inode = 8, .mode = S_IFSOCK, .reserved = 0, .path = walked(kSocket, WIRE_PATH_PSEUDO)};
  told.objects[2] = {
      .inode = 9, .mode = S_IFREG, .reserved = 0, .path = walked(kMemory, WIRE_PATH_PSEUDO)};
  told.objects[3].path.state = WIRE_STRING_FAULTED;
  std::string paths(kHosts);
  paths += kSocket;
  paths += kMemory;
  const std::string bytes = bytes_of(told, paths);
  const auto passed = read_passed(bytes);
  ASSERT_TRUE(passed);
  Arena arena;
  EXPECT_EQ(passed_name(*passed, 0, arena).text, "/etc/hosts");
  EXPECT_EQ(passed_name(*passed, 1, arena).text, "socket:[8]");
  EXPECT_EQ(passed_name(*passed, 2, arena).text, "memfd:x");
  EXPECT_EQ(passed_name(*passed, 3, arena).kind, Value::Kind::kUnknown);
  // Not of those that are kept, and beyond all.
  EXPECT_EQ(passed_name(*passed, 4, arena).kind, Value::Kind::kUnknown);
  EXPECT_EQ(passed_name(*passed, 100, arena).kind, Value::Kind::kUnknown);
}

TEST(PassedDescriptors, AreNotReadFromAnythingElse) {
  wire_passed told{};
  EXPECT_TRUE(read_passed(bytes_of(told, "")));
  EXPECT_FALSE(read_passed(""));
  EXPECT_FALSE(read_passed(bytes_of(told, "").substr(1)));
  EXPECT_FALSE(read_passed(bytes_of(told, "more")));
  told.objects[7].path = {0xffff, WIRE_STRING_WHOLE, 0};
  EXPECT_FALSE(read_passed(bytes_of(told, "less")));
  told.objects[7].path = {0, WIRE_STRING_FAULTED + 1, 0};
  EXPECT_FALSE(read_passed(bytes_of(told, "")));
  told = {};
  told.kept = WIRE_PASSED_NUMBERS + 1;
  EXPECT_FALSE(read_passed(bytes_of(told, "")));
}

}  // namespace
}  // namespace outrider
