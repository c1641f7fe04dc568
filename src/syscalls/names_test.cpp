// SPDX-License-Identifier: Apache-2.0
#include "syscalls/names.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>

#include <csignal>
#include <cstdio>
#include <limits>
#include <string>

#include "support/c_header.h"

namespace outrider {
namespace {

TEST(ResultName, WhatIsNotNegativeIsSuccess) {
  Arena arena;
  for (const std::int64_t result :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{3}, std::int64_t{0x7fffffff},
        std::int64_t{0xffffffff}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(result_name(result, arena), "SUCCESS") << result;
  }
}

// All names that the C library's headers have.
TEST(ResultName, ErrorsAreThoseOfTheHeaders) {
  std::size_t checked = 0;
  for (const char* header : {"asm-generic/errno-base.h", "asm-generic/errno.h"}) {
    const auto numbers = test::numbers_in_header(header);
    if (!numbers) GTEST_SKIP() << "there is no <" << header << "> here";
    for (const auto& [name, number] : *numbers) {
      Arena arena;
      EXPECT_EQ(result_name(-number, arena), name);
      ++checked;
    }
  }
  EXPECT_GT(checked, 130u);
}

// Every name that a condition may use is one that events have, and the other way round.
TEST(ResultName, NamesStandForResults) {
  ASSERT_EQ(result_names().front().name, "SUCCESS");
  EXPECT_EQ(result_names().size(), error_names().size() + 1);
  EXPECT_GT(error_names().size(), 130u);
  for (const NamedValue& error : error_names()) {
    Arena arena;
    EXPECT_EQ(result_name(static_cast<std::int64_t>(error.value), arena), error.name);
  }
  for (const NamedValue& signal : signal_names()) {
    Arena arena;
    EXPECT_EQ(signal_name(static_cast<int>(signal.value), arena), signal.name);
  }
  for (const NamedValue& flag : open_flag_values()) {
    Arena arena;
    const std::string_view names = open_flag_names(flag.value, arena);
    EXPECT_TRUE(names == flag.name || names.ends_with(std::string("|").append(flag.name)))
        << flag.name << ": " << names;
  }
}

TEST(ResultName, ErrorsThatTheKernelKeepsToItself) {
  struct Case {
    std::int64_t result;
    std::string_view name;
  };
  constexpr Case kCases[] = {
      {-512, "ERESTARTSYS"},
      {-513, "ERESTARTNOINTR"},
      {-514, "ERESTARTNOHAND"},
      {-515, "ENOIOCTLCMD"},
      {-516, "ERESTART_RESTARTBLOCK"},
      {-517, "EPROBE_DEFER"},
      {-524, "ENOTSUPP"},
      {-529, "EIOCBQUEUED"},
      // Numbers that nobody has a name for.
      {-41, "E41"},
      {-58, "E58"},
      {-511, "E511"},
      {-4095, "E4095"},
      {-4096, "E4096"},
      // No errno, but it must be said somehow; and not as the errno of its lower half.
      {-0x100000002, "E4294967298"},
      {std::numeric_limits<std::int64_t>::min(), "E9223372036854775808"},
  };
  for (const Case& c : kCases) {
    Arena arena;
    EXPECT_EQ(result_name(c.result, arena), c.name);
  }
}

TEST(OpenFlagNames, AreThoseOfFcntl) {
  struct Case {
    std::uint64_t flags;
    std::string_view names;
  };
  const Case kCases[] = {
      {O_RDONLY, "O_RDONLY"},
      {O_WRONLY, "O_WRONLY"},
      {O_RDWR, "O_RDWR"},
      {O_ACCMODE, "O_ACCMODE"},
      {O_RDONLY | O_CLOEXEC, "O_RDONLY|O_CLOEXEC"},
      {O_WRONLY | O_CREAT | O_TRUNC, "O_WRONLY|O_CREAT|O_TRUNC"},
      {O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, "O_RDWR|O_CREAT|O_EXCL|O_NOFOLLOW"},
      {O_WRONLY | O_APPEND, "O_WRONLY|O_APPEND"},
      {O_RDWR | O_NOCTTY | O_NONBLOCK, "O_RDWR|O_NOCTTY|O_NONBLOCK"},
      {O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY"},
      {O_PATH, "O_RDONLY|O_PATH"},
      {O_RDONLY | O_NOATIME, "O_RDONLY|O_NOATIME"},
      {O_RDWR | O_DIRECT, "O_RDWR|O_DIRECT"},
      {O_RDWR | O_ASYNC, "O_RDWR|FASYNC"},
      // Flags that contain others: the whole, or what is there of it.
      {O_RDWR | O_SYNC, "O_RDWR|O_SYNC"},
      {O_RDWR | O_DSYNC, "O_RDWR|O_DSYNC"},
      {O_RDWR | O_TMPFILE, "O_RDWR|O_TMPFILE"},
      {O_RDWR | (O_SYNC & ~O_DSYNC), "O_RDWR|0x100000"},
      {O_RDWR | (O_TMPFILE & ~O_DIRECTORY), "O_RDWR|0x400000"},
      // Bits that are none.
      {0x80000000, "O_RDONLY|0x80000000"},
      {0x8000000000000000 | O_CREAT, "O_RDONLY|O_CREAT|0x8000000000000000"},
      {4, "O_RDONLY|0x4"},
  };
  for (const Case& c : kCases) {
    Arena arena;
    EXPECT_EQ(open_flag_names(c.flags, arena), c.names) << c.flags;
  }
}

// <fcntl.h> hides O_LARGEFILE from 64-bit programs; the kernel's own header has it.
TEST(OpenFlagNames, AreThoseOfTheKernelsHeader) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "x86-64 takes the generic header as it is, other architectures do not";
#endif
  const auto numbers = test::numbers_in_header("asm-generic/fcntl.h");
  if (!numbers) GTEST_SKIP() << "there is no <asm-generic/fcntl.h> here";
  std::size_t checked = 0;
  for (const auto& [name, number] : *numbers) {
    // Parts of flags have names with underscores, and are not shown by themselves.
    if (!name.starts_with("O_") && name != "FASYNC") continue;
    Arena arena;
    const auto flags = static_cast<std::uint64_t>(number);
    const std::string expected = flags < 4 ? name : "O_RDONLY|" + name;
    EXPECT_EQ(open_flag_names(flags, arena), expected);
    ++checked;
  }
  EXPECT_GE(checked, 16u);
  EXPECT_TRUE(numbers->contains("O_LARGEFILE"));
}

TEST(OpenFlagNames, AllBitsAtOnceFit) {
  Arena arena;
  const std::string_view before = arena.copy("before");
  const std::string names(open_flag_names(~std::uint64_t{0}, arena));
  const std::string_view after = arena.copy("after");
  EXPECT_TRUE(names.starts_with("O_ACCMODE|O_CREAT|O_EXCL|")) << names;
  EXPECT_TRUE(names.ends_with("|O_PATH|0xffffffffff80003c")) << names;
  EXPECT_EQ(before, "before");
  EXPECT_EQ(after, "after");
}

TEST(AtFlagNames, FollowTheTable) {
  struct Case {
    std::uint64_t flags;
    std::string_view names;
  };
  constexpr Case kCases[] = {
      {0, "0"},
      {AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW"},
      {AT_REMOVEDIR, "AT_REMOVEDIR"},
      {AT_SYMLINK_FOLLOW, "AT_SYMLINK_FOLLOW"},
      {AT_NO_AUTOMOUNT, "AT_NO_AUTOMOUNT"},
      {AT_EMPTY_PATH, "AT_EMPTY_PATH"},
      {0x10000, "AT_EXECVE_CHECK"},  // Linux 6.14: not in every header
      {AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, "AT_SYMLINK_NOFOLLOW|AT_EMPTY_PATH"},
      {AT_EMPTY_PATH | 1, "AT_EMPTY_PATH|0x1"},
      {0x80000000, "0x80000000"},
  };
  for (const Case& c : kCases) {
    Arena arena;
    EXPECT_EQ(at_flag_names(c.flags, arena), c.names);
  }
}

TEST(RenameFlagNames, FollowTheTable) {
  struct Case {
    std::uint64_t flags;
    std::string_view names;
  };
  constexpr Case kCases[] = {
      {0, "0"},
      {RENAME_NOREPLACE, "RENAME_NOREPLACE"},
      {RENAME_EXCHANGE, "RENAME_EXCHANGE"},
      {RENAME_WHITEOUT, "RENAME_WHITEOUT"},
      {RENAME_NOREPLACE | RENAME_WHITEOUT, "RENAME_NOREPLACE|RENAME_WHITEOUT"},
      {RENAME_EXCHANGE | 8, "RENAME_EXCHANGE|0x8"},
  };
  for (const Case& c : kCases) {
    Arena arena;
    EXPECT_EQ(rename_flag_names(c.flags, arena), c.names);
  }
}

TEST(SignalName, FollowsTheTable) {
  struct Case {
    int number;
    std::string_view name;
  };
  constexpr Case kCases[] = {
      {SIGHUP, "SIGHUP"},
      {SIGINT, "SIGINT"},
      {SIGKILL, "SIGKILL"},
      {SIGSEGV, "SIGSEGV"},
      {SIGTERM, "SIGTERM"},
      {SIGCHLD, "SIGCHLD"},
      {SIGSTOP, "SIGSTOP"},
      {SIGSYS, "SIGSYS"},
      {34, "SIGRTMIN+0"},
      {37, "SIGRTMIN+3"},
      {64, "SIGRTMIN+30"},
      // Those that the C library keeps for itself, and what is none.
      {32, "32"},
      {33, "33"},
      {0, "0"},
      {65, "65"},
      {127, "127"},
      {-1, "-1"},
      {std::numeric_limits<int>::min(), "-2147483648"},
  };
  for (const Case& c : kCases) {
    Arena arena;
    EXPECT_EQ(signal_name(c.number, arena), c.name);
  }
}

}  // namespace
}  // namespace outrider
