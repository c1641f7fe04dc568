// SPDX-License-Identifier: Apache-2.0
//
// What is taken from /proc, and what is not believed.
#include "workloads/proc_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/file_descriptor.h"
#include "support/fake_proc.h"
#include "workloads/process_facts.h"

namespace outrider {
namespace {

using namespace std::string_literals;
using test::FakeProcess;
using test::ns_per_tick;

constexpr std::uint64_t kEffective = 0xa80425fb;

class ProcReaderTest : public testing::Test {
 protected:
  Process read(const FakeProcess& process) {
    proc_.make(process);
    return read_again(process.pid);
  }
  Process read_again(std::uint32_t pid) {
    Process process;
    process.pid = pid;
    EXPECT_TRUE(ProcReader(proc_.path(), false, false).fill(process, 0));
    return process;
  }

  test::FakeProc proc_;
};

TEST_F(ProcReaderTest, WhatAProcessActsWithAndIn) {
  const Process process = read({.pid = 10});
  const ProcessContext& context = process.context;
  EXPECT_GT(context.time, 0u);
  EXPECT_EQ(context.uid, 1000u);
  EXPECT_EQ(context.session_id, 7u);
  ASSERT_TRUE(context.capabilities);
  EXPECT_EQ((*context.capabilities)[WIRE_CAPABILITIES_EFFECTIVE], kEffective);
  EXPECT_EQ((*context.capabilities)[WIRE_CAPABILITIES_PERMITTED], 0x1ffffffffffull);
  EXPECT_EQ((*context.capabilities)[WIRE_CAPABILITIES_INHERITABLE], 1u);
  EXPECT_EQ(context.namespaces[WIRE_NAMESPACE_PID], 4026531000u);
  EXPECT_EQ(context.namespaces[WIRE_NAMESPACE_USER], 4026531001u);
  EXPECT_EQ(context.namespaces[WIRE_NAMESPACE_NET], 4026531002u);
  EXPECT_EQ(context.namespaces[WIRE_NAMESPACE_UTS], 4026531003u);
  EXPECT_EQ(context.namespaces[WIRE_NAMESPACE_IPC], 4026531004u);
  EXPECT_EQ(context.namespaces[WIRE_NAMESPACE_CGROUP], 4026531005u);
  EXPECT_EQ(context.terminal, 34816u);
  EXPECT_EQ(context.group_id, 8u);
  EXPECT_EQ(context.vgroup_id, 2u);
  EXPECT_EQ(context.vsession_id, 0u);
  EXPECT_EQ(process.vpid, 3u);
  EXPECT_EQ(process.argument_count, 3u);
  EXPECT_EQ(process.arguments_length, 12u);
  EXPECT_FALSE(process.interpreter.known);
}

TEST_F(ProcReaderTest, TheEnvironmentIfItIsWanted) {
  EXPECT_EQ(read({.pid = 10}).environment, nullptr);
  Process process;
  process.pid = 10;
  ASSERT_TRUE(ProcReader(proc_.path(), false, true).fill(process, 0));
  ASSERT_NE(process.environment, nullptr);
  EXPECT_EQ(*process.environment, "HOME=/root\0PASSWORD=***\0"s);
  ASSERT_TRUE(ProcReader(proc_.path(), true, true).fill(process, 0));
  EXPECT_EQ(*process.environment, "HOME=/root\0PASSWORD=x\0"s);
  // Not even that it is empty is known of one that cannot be read.
  proc_.make({.pid = 10, .environment = ""});
  ASSERT_TRUE(ProcReader(proc_.path(), true, true).fill(process, 0));
  EXPECT_EQ(process.environment, nullptr);
}

// Not what the kernel writes today; nothing of it may be taken for something else.
TEST_F(ProcReaderTest, WhatIsNotUnderstoodIsUnknown) {
  struct Case {
    std::string_view status;
    bool context;
    bool capabilities;
    bool vgroup;
  };
  const Case kCases[] = {
      {"", false, false, false},
      {"Uid:", false, false, false},
      {"Uid:\n\n:\n", false, false, false},
      {"Uid:\t1\n", false, false, false},
      {"Uid:\t1\t2", true, false, false},
      {"Uid:\t1x\t2\n", false, false, false},
      {"Uid:\t-1\t2\n", false, false, false},
      {"Uid:\t99999999999\t2\n", false, false, false},
      {"UidX:\t1\t2\n", false, false, false},
      {" Uid:\t1\t2\n", false, false, false},
      {"Uid:\t1\t2\nCapEff:\t1\nCapPrm:\t1\n", true, false, false},
      {"Uid:\t1\t2\nCapEff:\t1\nCapPrm:\t1\nCapInh:\t\n", true, false, false},
      {"Uid:\t1\t2\nCapEff:\t1\nCapPrm:\t1\nCapInh:\t0x1\n", true, false, false},
      {"Uid:\t1\t2\nCapEff:\t1\nCapPrm:\t1\nCapInh:\t11111111111111111\n", true, false, false},
      {"Uid:\t1\t2\nCapEff:\t1\nCapPrm:\t1\nCapInh:\tf\n", true, true, false},
      {"Uid:\t1\t2\nNSpgid:\t1\t2x\n", true, false, false},
      {"Uid:\t1\t2\nNSpgid:\n", true, false, false},
      {"Uid:\t1\t2\nNSpgid:\t1\n", true, false, true},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.status);
    const Process process = read({.pid = 10, .status = std::string(c.status)});
    EXPECT_EQ(process.name.text, "worker");
    EXPECT_EQ(process.context.time != 0, c.context);
    EXPECT_EQ(process.context.capabilities.has_value(), c.capabilities);
    EXPECT_EQ(process.context.vgroup_id.has_value(), c.vgroup);
  }
}

// The name is the process's own; the kernel escapes a newline in it. Should it not:
TEST_F(ProcReaderTest, ANameDoesNotGiveRights) {
  const Process process =
      read({.pid = 10, .comm = "x\nUid:\t0\t0\nCapEff:\t1ffffffffff\nNSpid:\t1\n"});
  EXPECT_EQ(process.context.uid, 1000u);
  EXPECT_EQ((*process.context.capabilities)[WIRE_CAPABILITIES_EFFECTIVE], kEffective);
  EXPECT_EQ(process.vpid, 3u);
  EXPECT_EQ(process.context.group_id, 8u);
}

TEST_F(ProcReaderTest, NumbersOfAStatThatAreNone) {
  const Process process =
      read({.pid = 10, .group = "-1", .session = "4294967296", .terminal = "0x8800"});
  EXPECT_EQ(process.start_time, 500 * ns_per_tick());
  EXPECT_EQ(process.context.time, 0u) << "of which session it is of is not known";
  const Process other = read({.pid = 10, .group = "-1", .terminal = "99999999999"});
  EXPECT_NE(other.context.time, 0u);
  EXPECT_FALSE(other.context.group_id);
  EXPECT_FALSE(other.context.terminal);
}

// Somebody may be in 65536 groups, and their rights stand behind them.
TEST_F(ProcReaderTest, StatusIsReadToItsEndButNotBeyond) {
  FakeProcess fake{.pid = 10};
  std::string groups = "Groups:";
  for (int i = 0; i < 65536; ++i) groups += " 4294900000";
  const std::string status = fake.status;
  fake.status = groups + "\n" + status;
  EXPECT_EQ(read(fake).context.uid, 1000u);
  fake.status = std::string(4 << 20, 'x') + "\n" + status;
  EXPECT_EQ(read(fake).context.time, 0u);
}

TEST_F(ProcReaderTest, FilesThatAreNotThere) {
  for (const char* name : {"status", "cmdline", "exe", "cwd", "ns"}) {
    SCOPED_TRACE(name);
    proc_.make({.pid = 10});
    std::filesystem::remove_all(proc_.path() + "/10/" + name);
    const Process process = read_again(10);
    EXPECT_EQ(process.name.text, "worker");
    EXPECT_EQ(process.context.time != 0, name != "status"s);
    EXPECT_EQ(process.exe.known, name != "exe"s);
    EXPECT_EQ(process.cwd.known, name != "cwd"s);
    EXPECT_EQ(process.context.namespaces[WIRE_NAMESPACE_NET] != 0,
              name != "ns"s && name != "status"s);
  }
  // Or are something else.
  proc_.make({.pid = 10});
  for (const char* name : {"status", "cmdline"}) {
    std::filesystem::remove(proc_.path() + "/10/" + name);
    std::filesystem::create_directory(proc_.path() + "/10/" + name);
  }
  const Process process = read_again(10);
  EXPECT_EQ(process.context.time, 0u);
  EXPECT_EQ(process.argument_count, 0u);
}

TEST_F(ProcReaderTest, NamespacesThatAreNone) {
  for (const char* link : {"", "net", "net:", "net:[", "net:[]", "net:[1", "net:1]", "net:[-1]",
                           "net:[1]]", "net:[4294967296]", "pid:[1]", "/net:[1]", "net:[ 1]"}) {
    SCOPED_TRACE(link);
    proc_.make({.pid = 10});
    std::filesystem::remove(proc_.path() + "/10/ns/net");
    if (*link != 0) std::filesystem::create_symlink(link, proc_.path() + "/10/ns/net");
    const Process process = read_again(10);
    EXPECT_EQ(process.context.namespaces[WIRE_NAMESPACE_NET], 0u);
    EXPECT_EQ(process.context.namespaces[WIRE_NAMESPACE_UTS], 4026531003u);
  }
}

TEST_F(ProcReaderTest, TheExecutable) {
  const std::string file = proc_ / "program";
  std::ofstream(file) << "#!";
  ASSERT_EQ(::chmod(file.c_str(), 0755), 0);
  struct stat inode{};
  ASSERT_EQ(::stat(file.c_str(), &inode), 0);
  const Process process = read({.pid = 10, .exe = file});
  ASSERT_TRUE(process.executable);
  EXPECT_EQ(process.executable->inode, inode.st_ino);
  EXPECT_EQ(process.executable->change_time,
            inode.st_ctim.tv_sec * 1'000'000'000 + inode.st_ctim.tv_nsec);
  EXPECT_EQ(process.executable->modify_time,
            inode.st_mtim.tv_sec * 1'000'000'000 + inode.st_mtim.tv_nsec);
  EXPECT_EQ(process.executable->from_memfd, false);
  EXPECT_EQ(process.executable->deleted, false);
  EXPECT_EQ(process.executable->layer, Executable::Layer::kUnknown);
  EXPECT_FALSE(process.executable->writable) << "over files, but in which user namespace?";

  const Process missing = read({.pid = 10, .exe = "/no/such/file"});
  EXPECT_TRUE(missing.exe.known);
  EXPECT_FALSE(missing.executable);
}

// Files whose names say that they are something else.
TEST_F(ProcReaderTest, MemoryIsToldByItsFileSystem) {
  const FileDescriptor memory(::memfd_create("harmless", MFD_CLOEXEC));
  ASSERT_TRUE(memory.valid());
  const std::string link = "/proc/self/fd/" + std::to_string(memory.get());
  const Process process = read({.pid = 10, .exe = link});
  ASSERT_TRUE(process.executable);
  EXPECT_EQ(process.executable->from_memfd, true);
  EXPECT_EQ(process.executable->deleted, false);

  const std::string file = proc_ / "memfd:evil (deleted)";
  std::ofstream(file) << "#!";
  const Process named = read({.pid = 10, .exe = file});
  EXPECT_EQ(named.executable->from_memfd, false);
  EXPECT_EQ(named.executable->deleted, false);

  const FileDescriptor open(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::filesystem::remove(file);
  const Process deleted = read({.pid = 10, .exe = "/proc/self/fd/" + std::to_string(open.get())});
  EXPECT_EQ(deleted.executable->from_memfd, false);
  EXPECT_EQ(deleted.executable->deleted, true);
}

TEST_F(ProcReaderTest, ArgumentsAreCounted) {
  struct Case {
    std::string arguments;
    std::uint32_t count;
    std::uint64_t length;
  };
  const Case kCases[] = {
      {"", 0, 0},          {"\0"s, 1, 0},
      {"ls\0"s, 1, 0},     {"ls", 1, 0},
      {"ls\0-l\0"s, 2, 2}, {"ls\0-l\0a b"s, 3, 5},
      {"ls\0\0\0"s, 3, 0}, {"sshd: someone [priv]", 1, 0},
  };
  for (const Case& c : kCases) {
    const Process process = read({.pid = 10, .arguments = c.arguments});
    EXPECT_EQ(process.argument_count, c.count) << c.arguments;
    EXPECT_EQ(process.arguments_length, c.length) << c.arguments;
  }
  // As they were given, not as they are shown.
  EXPECT_EQ(read({.pid = 10, .arguments = "curl\0--password=geheim\0"s}).arguments_length, 17u);
  const Process cut = read({.pid = 10, .arguments = "x\0"s + std::string(200'000, 'y')});
  EXPECT_FALSE(cut.argument_count);
  EXPECT_FALSE(cut.arguments_length);
}

TEST_F(ProcReaderTest, AContextIsOfThatProcess) {
  Process process = read({.pid = 10});
  proc_.make({.pid = 10, .session = "77"});
  const ProcReader reader(proc_.path(), false, false);
  reader.fill_context(process);
  EXPECT_EQ(process.context.session_id, 77u);
  // The pid has been used again.
  proc_.make({.pid = 10, .start_ticks = 501});
  reader.fill_context(process);
  EXPECT_EQ(process.context.time, 0u);
  EXPECT_FALSE(process.context.capabilities);
  std::filesystem::remove_all(proc_.path() + "/10");
  reader.fill_context(process);
  EXPECT_EQ(process.context.time, 0u);
}

TEST(ProcReader, ThisTestInTheRealProc) {
  Process self;
  self.pid = static_cast<std::uint32_t>(::getpid());
  ASSERT_TRUE(ProcReader("/proc", false, false).fill(self, 0));
  EXPECT_EQ(self.context.uid, ::getuid());
  EXPECT_EQ(self.context.session_id, static_cast<std::uint32_t>(::getsid(0)));
  EXPECT_EQ(self.context.group_id, static_cast<std::uint32_t>(::getpgid(0)));
  EXPECT_EQ(self.context.namespaces[WIRE_NAMESPACE_NET], test::inode_of("/proc/self/ns/net"));
  EXPECT_EQ(self.context.namespaces[WIRE_NAMESPACE_CGROUP], test::inode_of("/proc/self/ns/cgroup"));
  EXPECT_TRUE(self.context.capabilities);
  EXPECT_TRUE(self.context.vgroup_id);
  ASSERT_TRUE(self.executable);
  EXPECT_EQ(self.executable->inode, test::inode_of("/proc/self/exe"));
  EXPECT_EQ(self.executable->deleted, false);
  EXPECT_TRUE(self.executable->writable.value_or(true)) << "whoever built it";
}

}  // namespace
}  // namespace outrider
