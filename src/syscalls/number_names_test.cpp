// SPDX-License-Identifier: Apache-2.0
#include "syscalls/number_names.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "support/c_header.h"
#include "syscalls/calls.h"

namespace outrider {
namespace {

std::string text_with(const NumberNames& names, std::uint64_t number) {
  Arena arena;
  return std::string(number_text(names, number, arena));
}

TEST(NumberNames, NumbersAndFlags) {
  struct Case {
    const NumberNames& names;
    std::uint64_t number;
    std::string_view text;
  };
  const Case kCases[] = {
      // A number.
      {names::kPtrace, 16, "PTRACE_ATTACH"},
      {names::kPtrace, 0x4206, "PTRACE_SEIZE"},
      {names::kPtrace, 99, "99"},
      {names::kPtrace, 0x12345, "0x12345"},
      {names::kPtrace, ~std::uint64_t{0}, "0xffffffffffffffff"},
      {names::kRusage, 0xffffffff, "RUSAGE_CHILDREN"},
      // Flags.
      {names::kMount, 0, "0"},
      {names::kMount, 0x1001, "MS_RDONLY|MS_BIND"},
      {names::kMount, 0x80000000'00000001, "MS_RDONLY|0x8000000000000000"},
      {names::kProtection, 0, "PROT_NONE"},
      {names::kProtection, 7, "PROT_READ|PROT_WRITE|PROT_EXEC"},
      // Both.
      {names::kMap, 0x22, "MAP_PRIVATE|MAP_ANONYMOUS"},
      {names::kMap, 0x20, "MAP_ANONYMOUS"},
      {names::kMap, 0x2f, "15|MAP_ANONYMOUS"},
      {names::kSocketType, 02000001, "SOCK_STREAM|SOCK_CLOEXEC"},
      {names::kClone, 0x01200011, "SIGCHLD|CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID"},
      {names::kFutex, 0x80, "FUTEX_WAIT|FUTEX_PRIVATE_FLAG"},
      {names::kFutex, 0x189, "FUTEX_WAIT_BITSET|FUTEX_PRIVATE_FLAG|FUTEX_CLOCK_REALTIME"},
      {names::kMknod, 0010644, "S_IFIFO|S_IRUSR|S_IWUSR|S_IRGRP|S_IROTH"},
      {names::kAccess, 4, "R_OK"},
      {names::kAccess, 0, "F_OK"},
      {names::kQuota, 0x80000701, "Q_GETQUOTA|GRPQUOTA"},
  };
  for (const Case& c : kCases) EXPECT_EQ(text_with(c.names, c.number), c.text) << c.number;
}

// Every table that an argument or a structure uses.
std::map<const NumberNames*, std::string> all_names() {
  std::map<const NumberNames*, std::string> all;
  for (const Call& call : all_calls()) {
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      for (const Argument& argument : registers_of(call, abi)) {
        if (argument.names != nullptr) {
          all.emplace(argument.names, std::string(call.name) + " " + std::string(argument.name));
        }
        if (argument.structure == nullptr) continue;
        for (const Member& member : argument.structure->members) {
          if (member.names != nullptr) {
            all.emplace(member.names, std::string(call.name) + " " + std::string(member.name));
          }
        }
      }
    }
  }
  return all;
}

// A name is said of its own number, and no other name is.
TEST(NumberNames, EachIsSaidOfItsNumber) {
  const auto all = all_names();
  EXPECT_GT(all.size(), 80u);
  for (const auto& [names, where] : all) {
    SCOPED_TRACE(where);
    for (const NamedValue& value : names->numbers) {
      EXPECT_EQ(value.value & ~names->mask, 0u) << value.name << " is not within the mask";
      EXPECT_EQ(text_with(*names, value.value), value.name);
    }
    for (const NamedValue& flag : names->flags) {
      EXPECT_EQ(flag.value & names->mask, 0u) << flag.name << " is within the mask";
      EXPECT_NE(flag.value, 0u) << flag.name;
      const std::string text = text_with(*names, flag.value);
      EXPECT_TRUE(text == flag.name || text.ends_with(std::string("|").append(flag.name)))
          << flag.name << ": " << text;
    }
  }
}

// What stands in the tables as a number is compared with the headers that have it.
TEST(NumberNames, AreThoseOfTheHeaders) {
  std::map<std::string, std::int64_t> known;
  for (const char* header : {"linux/fcntl.h",
                             "asm-generic/fcntl.h",
                             "linux/falloc.h",
                             "linux/stat.h",
                             "linux/fs.h",
                             "linux/loop.h",
                             "linux/ptrace.h",
                             "asm/ptrace-abi.h",
                             "linux/prctl.h",
                             "asm/prctl.h",
                             "linux/seccomp.h",
                             "linux/sched.h",
                             "linux/futex.h",
                             "linux/time.h",
                             "linux/mempolicy.h",
                             "asm-generic/mman-common.h",
                             "asm-generic/socket.h",
                             "linux/net.h",
                             "linux/ipc.h",
                             "linux/reboot.h",
                             "linux/keyctl.h",
                             "linux/module.h",
                             "linux/kexec.h",
                             "linux/random.h",
                             "asm-generic/resource.h",
                             "linux/io_uring.h",
                             "linux/userfaultfd.h",
                             "linux/memfd.h"}) {
    for (const auto& [name, number] :
         test::numbers_in_header(header).value_or(std::map<std::string, std::int64_t>())) {
      // Some are called alike in two headers and are different things.
      const auto [at, first] = known.emplace(name, number);
      if (!first && at->second != number) at->second = -1;
    }
  }
  if (known.size() < 500) GTEST_SKIP() << "there are no headers of the kernel here";
  std::size_t checked = 0;
  for (const auto& [names, where] : all_names()) {
    for (const auto& list : {names->numbers, names->flags}) {
      for (const NamedValue& value : list) {
        const auto found = known.find(std::string(value.name));
        if (found == known.end() || found->second == -1) continue;
        // Of those less than 0 the tables have 32 bits.
        EXPECT_EQ(value.value, found->second < 0 ? static_cast<std::uint32_t>(found->second)
                                                 : static_cast<std::uint64_t>(found->second))
            << value.name << " of " << where;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 300u);
}

TEST(NumberNames, AllBitsAtOnceFit) {
  for (const auto& [names, where] : all_names()) {
    Arena arena;
    const std::string_view before = arena.copy("before");
    const std::string text(number_text(*names, ~std::uint64_t{0}, arena));
    const std::string_view after = arena.copy("after");
    EXPECT_FALSE(text.empty()) << where;
    EXPECT_EQ(before, "before");
    EXPECT_EQ(after, "after");
  }
}

}  // namespace
}  // namespace outrider
