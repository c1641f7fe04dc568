// SPDX-License-Identifier: Apache-2.0
//
// Every file call on the real kernel: made in a child, every field asserted.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "support/recorder.h"
#include "syscalls/calls.h"

namespace outrider {

namespace {

// What the table of a case can name: the directory of the test, a descriptor of it, a file.
struct Place {
  std::string directory;  // absolute, without symbolic links
  int dirfd;              // of it
  int filefd;             // of "file" in it
};

// A directory of its own under /tmp; the working directory of the work.
class FileCalls : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    char name[] = "/tmp/outrider-file-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    char* real = ::realpath(name, nullptr);
    place_.directory = real;
    std::free(real);
    place_.dirfd = ::open(place_.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    place_.filefd = ::openat(place_.dirfd, "file", O_CREAT | O_RDWR, 0644);
    ASSERT_EQ(::mkdirat(place_.dirfd, "sub", 0755), 0);
    ASSERT_EQ(::symlinkat("file", place_.dirfd, "link"), 0);
  }

  void TearDown() override {
    if (place_.directory.empty()) return;
    ::close(place_.dirfd);
    ::close(place_.filefd);
    const std::string command = "rm -rf " + place_.directory;
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  Place place_;
};

struct Case {
  const char* kind;
  const char* type;
  // Makes the call by its number; a negative result is -errno.
  long (*call)(const Place&);
  // Field and value; "D" at the beginning of a value stands for the directory. A value of
  // nullptr: the field must be missing.
  std::vector<std::pair<const char*, const char*>> expected;
};

template <typename... Arguments>
long call(long number, Arguments... arguments) {
  const long result = ::syscall(number, arguments...);
  return result < 0 ? -errno : result;
}

bool can_look_up_without_waiting() {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_CACHED;
  const long file = ::syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));
  if (file >= 0) ::close(static_cast<int>(file));
  return file >= 0;
}

// clang-format off: not blocks
#define PATHS(given, name) {"fd.nameraw", given}, {"fd.name", name}
#define REAL(path, by) {"fd.realpath", path}, {"fd.realpath_by", by}
#define NOT_THERE {"evt.res", "ENOENT"}, {"fd.realpath", nullptr}
// clang-format on

const Case kCases[] = {
#ifdef SYS_open
    {"open",
     "open",
     [](const Place&) { return call(SYS_open, "file", O_RDONLY | O_NOFOLLOW, 07777); },
     {PATHS("file", "D/file"),
      REAL("D/file", "kernel"),
      {"evt.res", "SUCCESS"},
      {"evt.arg.flags", "O_RDONLY|O_NOFOLLOW"},
      {"evt.arg.mode", nullptr}}},
    {"open",
     "open",
     [](const Place&) { return call(SYS_open, "link", O_WRONLY | O_CREAT | O_TRUNC, 0640); },
     {PATHS("link", "D/link"),
      REAL("D/file", "kernel"),
      {"evt.arg.mode", "0640"},
      {"evt.arg.flags", "O_WRONLY|O_CREAT|O_TRUNC"}}},
    {"open",
     "creat",
     [](const Place&) { return call(SYS_creat, "sub/../new", 0600); },
     {PATHS("sub/../new", "D/new"),
      REAL("D/new", "kernel"),
      {"evt.arg.mode", "0600"},
      {"evt.arg.flags", "O_WRONLY|O_CREAT|O_TRUNC"}}},
#endif
    {"open",
     "openat",
     [](const Place& p) { return call(SYS_openat, p.dirfd, "./sub//", O_RDONLY | O_DIRECTORY); },
     {PATHS("./sub//", "D/sub"),
      REAL("D/sub", "kernel"),
      {"evt.arg.flags", "O_RDONLY|O_DIRECTORY"}}},
    {"open",
     "openat",
     [](const Place&) { return call(SYS_openat, AT_FDCWD, "missing", O_RDWR | O_CLOEXEC); },
     {PATHS("missing", "D/missing"),
      NOT_THERE,
      {"fd.num", "-1"},
      {"evt.rawres", "-2"},
      {"evt.arg.flags", "O_RDWR|O_CLOEXEC"}}},
    {"open",
     "openat",
     [](const Place&) { return call(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY); },
     {PATHS("/", "/"), REAL("/", "kernel")}},
    {"open",
     "openat",
     [](const Place&) { return call(SYS_openat, AT_FDCWD, nullptr, O_RDONLY); },
     {{"evt.res", "EFAULT"}, {"fd.nameraw", "?"}, {"fd.name", "?"}}},
    {"open",
     "openat",
     [](const Place&) { return call(SYS_openat, AT_FDCWD, "", O_RDONLY); },
     {{"evt.res", "ENOENT"}, {"fd.nameraw", ""}}},
    {"open",
     "openat",
     [](const Place&) { return call(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0604); },
     {{"evt.res", "SUCCESS"}, {"evt.arg.flags", "O_RDWR|O_TMPFILE"}, {"evt.arg.mode", "0604"}}},
    {"open",
     "openat2",
     [](const Place& p) {
       open_how how{};
       how.flags = O_RDONLY | O_NOCTTY;
       how.resolve = RESOLVE_IN_ROOT;
       return call(SYS_openat2, p.dirfd, "/file", &how, sizeof(how));
     },
     {{"fd.nameraw", "/file"}, REAL("D/file", "kernel"), {"evt.arg.flags", "O_RDONLY|O_NOCTTY"}}},

#ifdef SYS_mkdir
    {"mkdir",
     "mkdir",
     [](const Place&) { return call(SYS_mkdir, "made", 0751); },
     {PATHS("made", "D/made"), REAL("D/made", "kernel"), {"evt.arg.mode", "0751"}}},
    {"rmdir",
     "rmdir",
     [](const Place&) { return call(SYS_rmdir, "made"); },
     {PATHS("made", "D/made"), REAL("D/made", "kernel"), {"evt.res", "SUCCESS"}}},
    {"rename",
     "rename",
     [](const Place&) { return call(SYS_rename, "file", "sub/moved"); },
     {PATHS("sub/moved", "D/sub/moved"),
      REAL("D/sub/moved", "lookup"),
      {"fs.path.source", "D/file"},
      {"fs.path.sourceraw", "file"}}},
    {"rename",
     "rename",
     [](const Place&) { return call(SYS_rename, "sub/moved", "file"); },
     {PATHS("file", "D/file"), REAL("D/file", "kernel"), {"fs.path.source", "D/sub/moved"}}},
    {"link",
     "link",
     [](const Place&) { return call(SYS_link, "file", "second"); },
     {PATHS("second", "D/second"), REAL("D/second", "kernel"), {"fs.path.source", "D/file"}}},
    {"unlink",
     "unlink",
     [](const Place&) { return call(SYS_unlink, "second"); },
     {PATHS("second", "D/second"), REAL("D/second", "kernel")}},
    {"unlink",
     "unlink",
     [](const Place&) { return call(SYS_unlink, "second"); },
     {PATHS("second", "D/second"), NOT_THERE}},
    {"symlink",
     "symlink",
     [](const Place&) { return call(SYS_symlink, "../what ever", "soft"); },
     {PATHS("soft", "D/soft"), REAL("D/soft", "kernel"), {"evt.arg.target", "../what ever"}}},
    {"chmod",
     "chmod",
     [](const Place&) { return call(SYS_chmod, "link", 04711); },
     {PATHS("link", "D/link"), REAL("D/file", "lookup"), {"evt.arg.mode", "4711"}}},
    {"chown",
     "chown",
     [](const Place&) { return call(SYS_chown, "link", 12, -1); },
     {PATHS("link", "D/link"),
      REAL("D/file", "lookup"),
      {"evt.arg.uid", "12"},
      {"evt.arg.gid", "-1"}}},
    {"chown",
     "lchown",
     [](const Place&) { return call(SYS_lchown, "link", 0, 3); },
     {PATHS("link", "D/link"),
      REAL("D/link", "lookup"),
      {"evt.arg.uid", "0"},
      {"evt.arg.gid", "3"}}},
#endif
    {"mkdir",
     "mkdirat",
     [](const Place& p) { return call(SYS_mkdirat, p.dirfd, "sub/deep", 0700); },
     {PATHS("sub/deep", "D/sub/deep"), REAL("D/sub/deep", "lookup"), {"evt.arg.mode", "0700"}}},
    {"mkdir",
     "mkdirat",
     [](const Place& p) { return call(SYS_mkdirat, p.dirfd, "sub", 0700); },
     {PATHS("sub", "D/sub"), {"evt.res", "EEXIST"}, {"fd.realpath", nullptr}}},
    {"rmdir",
     "unlinkat",
     [](const Place& p) { return call(SYS_unlinkat, p.dirfd, "sub/deep", AT_REMOVEDIR); },
     {PATHS("sub/deep", "D/sub/deep"), REAL("D/sub/deep", "lookup")}},
    {"unlink",
     "unlinkat",
     [](const Place& p) { return call(SYS_unlinkat, p.dirfd, "sub", 0); },
     {PATHS("sub", "D/sub"), {"evt.res", "EISDIR"}, {"evt.arg.flags", "0"}}},
    {"rename",
     "renameat2",
     [](const Place& p) {
       return call(SYS_renameat2, p.dirfd, "file", AT_FDCWD, "link", RENAME_EXCHANGE);
     },
     {PATHS("link", "D/link"),
      REAL("D/link", "kernel"),
      {"fs.path.source", "D/file"},
      {"evt.arg.flags", "RENAME_EXCHANGE"}}},
    {"rename",
     "renameat2",
     [](const Place& p) {
       return call(SYS_renameat2, p.dirfd, "file", p.dirfd, "link", RENAME_EXCHANGE);
     },
     {PATHS("link", "D/link"), {"evt.res", "SUCCESS"}}},
#ifdef SYS_renameat
    {"rename",
     "renameat",
     [](const Place& p) { return call(SYS_renameat, p.dirfd, "nothing", p.dirfd, "x"); },
     {PATHS("x", "D/x"), NOT_THERE, {"fs.path.source", "D/nothing"}}},
#endif
    {"link",
     "linkat",
     [](const Place& p) {
       return call(SYS_linkat, p.dirfd, "link", p.dirfd, "third", AT_SYMLINK_FOLLOW);
     },
     {PATHS("third", "D/third"),
      REAL("D/third", "kernel"),
      {"evt.arg.flags", "AT_SYMLINK_FOLLOW"}}},
    {"symlink",
     "symlinkat",
     [](const Place& p) { return call(SYS_symlinkat, "t", p.dirfd, "sub/soft"); },
     {PATHS("sub/soft", "D/sub/soft"), REAL("D/sub/soft", "lookup"), {"evt.arg.target", "t"}}},
    {"chmod",
     "fchmod",
     [](const Place& p) { return call(SYS_fchmod, p.filefd, 0604); },
     {{"fd.nameraw", nullptr},
      {"fd.name", "D/file"},
      REAL("D/file", "kernel"),
      {"evt.arg.mode", "0604"}}},
    {"chmod",
     "fchmodat",
     [](const Place& p) { return call(SYS_fchmodat, p.dirfd, "sub/../link", 0600); },
     {PATHS("sub/../link", "D/link"), REAL("D/file", "lookup"), {"evt.arg.mode", "0600"}}},
    {"chown",
     "fchown",
     [](const Place& p) { return call(SYS_fchown, p.filefd, -1, 5); },
     {{"fd.name", "D/file"},
      REAL("D/file", "kernel"),
      {"evt.arg.uid", "-1"},
      {"evt.arg.gid", "5"}}},
    {"chown",
     "fchownat",
     [](const Place& p) { return call(SYS_fchownat, p.dirfd, "link", 1, 2, AT_SYMLINK_NOFOLLOW); },
     {PATHS("link", "D/link"),
      REAL("D/link", "lookup"),
      {"evt.arg.flags", "AT_SYMLINK_NOFOLLOW"},
      {"evt.arg.uid", "1"},
      {"evt.arg.gid", "2"}}},
    {"chown",
     "fchownat",
     [](const Place& p) { return call(SYS_fchownat, p.dirfd, "", 0, 0, AT_EMPTY_PATH); },
     {PATHS("", "D"), REAL("D", "kernel"), {"evt.arg.flags", "AT_EMPTY_PATH"}}},
    {"truncate",
     "truncate",
     [](const Place&) { return call(SYS_truncate, "file", 4294967296L); },
     {PATHS("file", "D/file"), REAL("D/file", "lookup"), {"evt.arg.length", "4294967296"}}},
    {"truncate",
     "ftruncate",
     [](const Place& p) { return call(SYS_ftruncate, p.filefd, 7L); },
     {{"fd.name", "D/file"}, REAL("D/file", "kernel"), {"evt.arg.length", "7"}}},
    {"truncate",
     "ftruncate",
     [](const Place&) { return call(SYS_ftruncate, 999, 7L); },
     {{"evt.res", "EBADF"}, {"fd.num", "999"}}},
};

TEST_F(FileCalls, EveryCallEveryField) {
  Recorder recorder({"open", "mkdir", "rmdir", "unlink", "rename", "link", "symlink", "chmod",
                     "chown", "truncate"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    if (::chdir(place_.directory.c_str()) != 0) return 1;
    for (const Case& each : kCases) {
      const long result = each.call(place_);
      if (std::string_view(each.kind) == "open" && result >= 0) ::close(static_cast<int>(result));
    }
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const std::vector<Recorded> events = recorder.events(child);
  ASSERT_EQ(events.size(), std::size(kCases));

  std::uint64_t last_time = 0;
  int not_looked_up = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Case& expected = kCases[i];
    const Recorded& event = events[i];
    SCOPED_TRACE(std::string(expected.type) + ", case " + std::to_string(i));
    EXPECT_EQ(event.at("evt.kind"), expected.kind);
    EXPECT_EQ(event.at("evt.type"), expected.type);
    for (const auto& [field, value] : expected.expected) {
      const auto found = event.find(field);
      if (value == nullptr) {
        EXPECT_TRUE(found == event.end()) << field << " is " << found->second;
        continue;
      }
      // A lookup may not find out: before 5.12 it cannot be made without waiting, and a
      // symbolic link whose access time must be set is not followed without waiting.
      const std::string_view name = field;
      const bool by_lookup =
          std::find_if(expected.expected.begin(), expected.expected.end(), [](const auto& pair) {
            return std::string_view(pair.first) == "fd.realpath_by" &&
                   std::string_view(pair.second) == "lookup";
          }) != expected.expected.end();
      if (name.starts_with("fd.realpath") && by_lookup && event.at("fd.realpath") == "?") {
        ++not_looked_up;
        continue;
      }
      ASSERT_TRUE(found != event.end()) << field << " is missing";
      std::string wanted = value;
      if (wanted.starts_with('D')) wanted = place_.directory + wanted.substr(1);
      EXPECT_EQ(found->second, wanted) << field;
    }
    // What every event has.
    EXPECT_EQ(event.at("proc.pid"), std::to_string(child));
    EXPECT_EQ(event.at("thread.tid"), std::to_string(child));
    EXPECT_EQ(event.at("proc.ppid"), std::to_string(::getpid()));
    EXPECT_EQ(event.at("proc.sid"), std::to_string(::getsid(0)));
    EXPECT_EQ(event.at("user.uid"), "0");
    EXPECT_EQ(event.at("group.gid"), "0");
    EXPECT_EQ(event.at("proc.cwd"), place_.directory);
    EXPECT_TRUE(event.at("proc.exepath").starts_with('/')) << event.at("proc.exepath");
    EXPECT_NE(event.at("proc.cmdline"), "");
    EXPECT_EQ(event.at("proc.name"), "outrider_kernel");
    EXPECT_TRUE(event.at("cgroup.path").starts_with('/'));
    EXPECT_EQ(event.at("evt.abi"), "64");
    EXPECT_EQ(event.count("evt.via"), 0u);
    EXPECT_GT(std::stoull(event.at("evt.boottime")), last_time);
    last_time = std::stoull(event.at("evt.boottime"));
  }

  // Two fields for each of the links that rename has touched; all, where it is not offered.
  if (can_look_up_without_waiting()) {
    EXPECT_LE(not_looked_up, 6);
  }

  const Account account = recorder.finish();
  for (const KindAccount& kind : account.kinds) {
    EXPECT_EQ(kind.difference(), 0) << kind.kind;
    EXPECT_EQ(kind.lost_total(), 0u) << kind.kind;
  }
}

// Every row of the table that this architecture has is made by some case above or below.
TEST_F(FileCalls, NoRowOfTheTableIsUntested) {
  for (const Call& row : all_calls()) {
    if (row.kind < WIRE_OPEN || row.kind > WIRE_TRUNCATE) continue;
    if (number_of(row, WIRE_ABI_64) == kNoNumber) continue;
    const bool tested = std::any_of(std::begin(kCases), std::end(kCases),
                                    [&](const Case& each) { return row.name == each.type; });
    // open_by_handle_at and fchmodat2 have tests of their own.
    EXPECT_TRUE(tested || row.name == "open_by_handle_at" || row.name == "fchmodat2") << row.name;
  }
}

TEST_F(FileCalls, OpenByHandle) {
  Recorder recorder({"open"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    alignas(file_handle) char bytes[sizeof(file_handle) + 128] = {};
    auto* handle = reinterpret_cast<file_handle*>(bytes);
    handle->handle_bytes = 128;
    int mount = 0;
    if (::name_to_handle_at(place_.dirfd, "file", handle, &mount, 0) != 0) return 77;
    return ::open_by_handle_at(place_.dirfd, handle, O_RDONLY) >= 0 ? 0 : 77;
  });
  if (recorder.status() != 0) GTEST_SKIP() << "this file system has no handles";
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("evt.type"), "open_by_handle_at");
  EXPECT_EQ(events[0].at("fd.realpath"), place_.directory + "/file");
  EXPECT_EQ(events[0].at("fd.name"), place_.directory + "/file");
}

TEST_F(FileCalls, ChmodWithFlags) {
  constexpr long kFchmodat2 = 452;
  Recorder recorder({"chmod"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child =
      recorder.run([&] { return call(kFchmodat2, place_.dirfd, "file", 0611, 0) == 0 ? 0 : 77; });
  if (recorder.status() != 0) GTEST_SKIP() << "no fchmodat2 before Linux 6.6";
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("evt.type"), "fchmodat2");
  EXPECT_EQ(events[0].at("evt.arg.mode"), "0611");
}

#ifdef __x86_64__
// int 0x80 from a 64-bit program: number 39 is mkdir here and getpid there.
long call_32(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
  long result = 0;
  asm volatile("int $0x80"
               : "=a"(result)
               : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
               : "memory", "r8", "r9", "r10", "r11");
  return static_cast<int>(result);
}

TEST_F(FileCalls, Calls32) {
  Recorder recorder({"open", "mkdir", "chown", "truncate", "rmdir"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    if (::chdir(place_.directory.c_str()) != 0) return 1;
    // Addresses must fit into 32 bits.
    void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (memory == MAP_FAILED) return 1;
    char* path = static_cast<char*>(memory);
    std::strcpy(path, "dir32");
    const long address = reinterpret_cast<long>(path);
    if (call_32(39, address, 0710) != 0) return 77;  // mkdir
    if (::syscall(39) != ::getpid()) return 2;       // getpid
    call_32(40, address);                            // rmdir
    std::strcpy(path, "file");
    const long file = call_32(295, AT_FDCWD, address, O_RDONLY | 0100000);  // openat
    call_32(182, address, 0xffff, 7);                                       // chown, 16 bits
    call_32(212, address, -1, 9);                                           // chown
    call_32(193, address, 5, 1);                                            // truncate64
    call_32(92, address, 11);                                               // truncate
    call_32(5, 0, O_RDONLY);                                                // open, no memory
    return file >= 0 ? 0 : 3;
  });
  if (WIFEXITED(recorder.status()) && WEXITSTATUS(recorder.status()) == 77) {
    GTEST_SKIP() << "this kernel has no 32-bit calls";
  }
  if (WIFSIGNALED(recorder.status())) GTEST_SKIP() << "this kernel has no 32-bit calls";
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 8u);
  const struct {
    const char* type;
    const char* field;
    std::string value;
  } expected[] = {
      {"mkdir", "evt.arg.mode", "0710"},
      {"rmdir", "fd.name", place_.directory + "/dir32"},
      {"openat", "fd.realpath", place_.directory + "/file"},
      {"chown16", "evt.arg.uid", "-1"},
      {"chown", "evt.arg.uid", "-1"},
      {"truncate64", "evt.arg.length", "4294967301"},
      {"truncate", "evt.arg.length", "11"},
      {"open", "evt.res", "EFAULT"},
  };
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].at("evt.type"), expected[i].type);
    EXPECT_EQ(events[i].at(expected[i].field), expected[i].value) << expected[i].type;
    EXPECT_EQ(events[i].at("evt.abi"), "32");
  }
  EXPECT_EQ(events[3].at("evt.arg.gid"), "7");
  EXPECT_EQ(events[4].at("evt.arg.gid"), "9");
}
#endif

TEST_F(FileCalls, PathsOfObjects) {
  Recorder recorder({"open"});
  ASSERT_EQ(recorder.failed(), "");
  std::string deep = place_.directory;
  for (int i = 0; i < 60; ++i) deep += "/d";
  const std::string long_name(255, 'n');
  const pid_t child = recorder.run([&] {
    std::string path = place_.directory;
    for (int i = 0; i < 60; ++i) ::mkdir((path += "/d").c_str(), 0755);
    if (::chdir(place_.directory.c_str()) != 0) return 1;
    ::close(::open(deep.c_str(), O_RDONLY));                     // many components
    ::close(::open(long_name.c_str(), O_CREAT | O_RDWR, 0600));  // the longest name
    const int gone = ::open("gone", O_CREAT | O_RDWR, 0600);
    ::unlink("gone");
    ::close(::open(("/proc/self/fd/" + std::to_string(gone)).c_str(), O_RDONLY));  // deleted
    int ends[2];
    if (::pipe(ends) != 0) return 1;
    ::close(::open(("/proc/self/fd/" + std::to_string(ends[0])).c_str(), O_RDONLY));  // a pipe
    const int memory = static_cast<int>(::syscall(SYS_memfd_create, "some name", 0));
    ::close(::open(("/proc/self/fd/" + std::to_string(memory)).c_str(), O_RDONLY));  // memfd
    ::close(::open("/proc/self/status", O_RDONLY));  // another mount
    // A root of its own: paths are seen from there.
    if (::chroot(place_.directory.c_str()) != 0) return 1;
    ::close(::open("/file", O_RDONLY));
    ::close(::open("sub", O_RDONLY));
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 9u);
  EXPECT_EQ(events[0].at("fd.realpath"), deep);
  EXPECT_EQ(events[1].at("fd.realpath"), place_.directory + "/" + long_name);
  EXPECT_EQ(events[3].at("fd.realpath"), place_.directory + "/gone (deleted)");
  EXPECT_EQ(events[5].at("fd.realpath"), "memfd:some name");
  EXPECT_EQ(events[6].at("fd.realpath"), "/proc/" + std::to_string(child) + "/status");
  EXPECT_EQ(events[7].at("fd.realpath"), "/file");
  EXPECT_EQ(events[7].at("proc.cwd"), "/");
  EXPECT_EQ(events[8].at("fd.realpath"), "/sub");
  EXPECT_EQ(events[8].at("fd.name"), "/sub");
}

TEST_F(FileCalls, FilterInTheKernelAndInTheAgent) {
  Recorder recorder({"open"}, {}, "proc.name = wanted");
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    for (int i = 0; i < 100; ++i) ::close(::open("/nonexistent", O_RDONLY));
    const int file = ::open("/proc/self/comm", O_WRONLY);
    if (::write(file, "wanted", 6) != 6) return 1;
    for (int i = 0; i < 7; ++i) ::close(::open("/nonexistent", O_RDONLY));
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  EXPECT_EQ(recorder.events(child).size(), 7u);
  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_GE(account.kinds[0].filtered_kernel, 101u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
}

}  // namespace

}  // namespace outrider
