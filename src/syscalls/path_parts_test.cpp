// SPDX-License-Identifier: Apache-2.0
#include "syscalls/path_parts.h"

#include <gtest/gtest.h>

#include <string_view>

namespace outrider {
namespace {

std::string_view shown(const Value& value) {
  if (value.kind == Value::Kind::kUnknown) return "?";
  return value.kind == Value::Kind::kMissing ? "-" : value.text;
}

TEST(PathParts, FollowTheTable) {
  struct Case {
    std::string_view path;
    bool cut;
    std::string_view directory;
    std::string_view name;
  };
  constexpr Case kCases[] = {
      {"/etc/nginx/nginx.conf", false, "/etc/nginx", "nginx.conf"},
      {"/etc", false, "/", "etc"},
      {"/", false, "/", ""},
      {"memfd:x", false, "-", "memfd:x"},
      {"", false, "-", ""},
      // What is lacking may be the end.
      {"/etc/nginx", true, "?", "?"},
      // The start: walked upwards.
      {"nginx/nginx.conf", true, "nginx", "nginx.conf"},
      {"nginx.conf", true, "?", "?"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.path);
    const Value path = Value::of_text(c.path, c.cut);
    EXPECT_EQ(shown(directory_of(path)), c.directory);
    EXPECT_EQ(shown(file_name_of(path)), c.name);
    EXPECT_EQ(directory_of(path).cut, c.directory == "nginx");
    EXPECT_FALSE(file_name_of(path).cut);
  }
  EXPECT_EQ(shown(directory_of(Value::unknown())), "?");
  EXPECT_EQ(shown(file_name_of(Value::missing())), "-");
}

}  // namespace
}  // namespace outrider
