// SPDX-License-Identifier: Apache-2.0
//
// Fields of file events, read from records that are made by hand. That the kernel program writes
// such records is what file_kernel_test.cpp looks at.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "support/hand_made_event.h"
#include "syscalls/calls.h"

namespace outrider {
namespace {

using test::HandMadeEvent;
using Arguments = std::array<std::uint64_t, 6>;

const Call* call_named(std::string_view name) {
  const auto calls = all_calls();
  const auto found = std::ranges::find(calls, name, &Call::name);
  return found == calls.end() ? nullptr : &*found;
}

void set_call(HandMadeEvent& event, std::string_view name, const Arguments& arguments,
              wire_abi abi = WIRE_ABI_64) {
  const Call* call = call_named(name);
  ASSERT_NE(call, nullptr) << name;
  ASSERT_NE(number_of(*call, abi), kNoNumber) << name;
  auto& file = event.as<wire_file>();
  file.call = static_cast<wire_u16>(number_of(*call, abi));
  std::ranges::copy(arguments, file.arguments);
  if (abi == WIRE_ABI_32) file.header.flags |= WIRE_COMPAT;
}

// One field of a call with these arguments.
struct ArgumentCase {
  std::string_view kind;
  std::string_view call;
  Arguments arguments;
  std::string_view value;
  wire_abi abi = WIRE_ABI_64;
};

void expect_field(std::string_view field, const ArgumentCase& c) {
  SCOPED_TRACE(c.call);
  HandMadeEvent event(c.kind);
  set_call(event, c.call, c.arguments, c.abi);
  event.expect({{field, c.value}});
}

// Registers of which a call only takes 32 bits may hold anything above.
constexpr std::uint64_t kRubbish = 0xdeadbeef'00000000;

TEST(FileEvents, FlagsAreShownByName) {
  const ArgumentCase kCases[] = {
      {"open", "open", {0, 0}, "O_RDONLY"},
      {"open", "open", {0, 01101}, "O_WRONLY|O_CREAT|O_TRUNC"},
      {"open", "openat", {0, 0, kRubbish | 02000002}, "O_RDWR|O_CLOEXEC"},
      // These two contain other flags, and are not shown as both.
      {"open", "openat", {0, 0, 04010001}, "O_WRONLY|O_SYNC"},
      {"open", "openat", {0, 0, 010001}, "O_WRONLY|O_DSYNC"},
      {"open", "openat", {0, 0, 0x20000000}, "O_RDONLY|0x20000000"},
      {"open", "open_by_handle_at", {0, 0, 02002}, "O_RDWR|O_APPEND"},
      {"open", "creat", {0, 0644}, "O_WRONLY|O_CREAT|O_TRUNC"},
      // Read from the structure, and of 64 bits.
      {"open", "openat2", {0, 0, 0102}, "O_RDWR|O_CREAT"},
      {"open", "openat2", {0, 0, 0x100000000}, "O_RDONLY|0x100000000"},
      {"unlink", "unlinkat", {0, 0, kRubbish}, "0"},
      {"unlink", "unlinkat", {0, 0, 0x200}, "AT_REMOVEDIR"},
      {"unlink", "unlink", {}, "-"},
      {"rename", "renameat2", {0, 0, 0, 0, 2}, "RENAME_EXCHANGE"},
      {"rename", "renameat2", {0, 0, 0, 0, 5}, "RENAME_NOREPLACE|RENAME_WHITEOUT"},
      {"rename", "renameat2", {0, 0, 0, 0, 8}, "0x8"},
      {"rename", "rename", {0, 0, 0, 0, 2}, "-"},
      {"link", "linkat", {0, 0, 0, 0, 0x1400}, "AT_SYMLINK_FOLLOW|AT_EMPTY_PATH"},
      {"chmod", "fchmodat2", {0, 0, 0644, 0x100}, "AT_SYMLINK_NOFOLLOW"},
      {"chmod", "fchmodat", {0, 0, 0644, 0x100}, "-"},
      {"chown", "fchownat", {0, 0, 1, 2, 0x1000}, "AT_EMPTY_PATH"},
      {"open", "open", {0, 01101}, "O_WRONLY|O_CREAT|O_TRUNC", WIRE_ABI_32},
  };
  for (const ArgumentCase& c : kCases) expect_field("evt.arg.flags", c);
#if !defined(__aarch64__)
  expect_field("evt.arg.flags", {"open", "open", {0, 020200002}, "O_RDWR|O_TMPFILE"});
  expect_field("evt.arg.flags", {"open", "open", {0, 0600000}, "O_RDONLY|O_DIRECTORY|O_NOFOLLOW"});
#endif
}

// open(2): the mode is an argument only of calls that may make a file; else the register holds
// what was in it.
TEST(FileEvents, ModesAreThoseOfNewFiles) {
  constexpr std::uint64_t kCreate = 0100, kTemporary = 020200000;
  const ArgumentCase kCases[] = {
      {"open", "open", {0, 0, 0644}, "-"},
      {"open", "open", {0, kCreate, 0644}, "0644"},
      {"open", "open", {0, kTemporary | 2, 0600}, "0600"},
      {"open", "openat", {0, 0, 01002, 0644}, "-"},
      {"open", "openat", {0, 0, kCreate, 0}, "0000"},
      {"open", "openat", {0, 0, kCreate, kRubbish | 0104755}, "04755"},
      {"open", "openat2", {0, 0, 0, 0644}, "-"},
      {"open", "openat2", {0, 0, kCreate, 0640}, "0640"},
      {"open", "creat", {0, 0640}, "0640"},
      {"open", "open_by_handle_at", {0, 0, kCreate}, "-"},
      {"mkdir", "mkdir", {0, 01777}, "01777"},
      {"mkdir", "mkdirat", {0, 0, 0755}, "0755"},
      {"mkdir", "mkdir", {0, 0755}, "0755", WIRE_ABI_32},
      {"chmod", "chmod", {0, 0}, "0000"},
      {"chmod", "fchmod", {3, 04711}, "04711"},
      {"chmod", "fchmodat2", {0, 0, 0644, 0}, "0644"},
  };
  for (const ArgumentCase& c : kCases) expect_field("evt.arg.mode", c);
}

TEST(FileEvents, ArgumentsByNameOrPlace) {
  HandMadeEvent event("open");
  set_call(event, "openat",
           {kRubbish | 0xffffff9c, 0x7ffd'0000'0000, kRubbish | 0101, kRubbish | 0640});
  event.set_string(WIRE_FILE_PATH, "../hosts");
  event.expect({{"evt.arg[dirfd]", "AT_FDCWD"},
                {"evt.arg[path]", "../hosts"},
                {"evt.arg[flags]", "O_WRONLY|O_CREAT"},
                {"evt.arg[mode]", "0640"},
                {"evt.arg[0]", "AT_FDCWD"},
                {"evt.arg[3]", "0640"},
                {"evt.arg[4]", "-"},
                {"evt.arg[1000000]", "-"},
                {"evt.arg[newpath]", "-"},
                {"evt.rawarg[dirfd]", "-100"},
                {"evt.rawarg[path]", "-"},
                {"evt.rawarg[flags]", "65"},
                {"evt.rawarg[mode]", "416"},
                {"evt.args", "dirfd=AT_FDCWD path=../hosts flags=O_WRONLY|O_CREAT mode=0640"},
                {"syscall.type", "openat"}});
  // A mode that nobody looks at is not there.
  set_call(event, "openat", {5, 0, 0, 0640});
  event.expect({{"evt.arg[mode]", "-"},
                {"evt.rawarg[mode]", "-"},
                {"evt.args", "dirfd=5 path=../hosts flags=O_RDONLY"}});
  event.set_string(WIRE_FILE_PATH, WIRE_STRING_FAULTED);
  event.expect({{"evt.arg[path]", "?"}, {"evt.args", "dirfd=5 path=? flags=O_RDONLY"}});
  event.set_string(WIRE_FILE_PATH, "/etc", WIRE_STRING_CUT);
  event.expect({{"evt.arg[path]", "/etc..."}, {"evt.args", "dirfd=5 path=/etc..."}});

  HandMadeEvent rename("rename");
  set_call(rename, "renameat2", {3, 0, 4, 0, 1});
  rename.set_string(WIRE_FILE_PATH, "old");
  rename.set_string(WIRE_FILE_PATH2, "new");
  rename.expect({{"evt.arg[oldpath]", "old"},
                 {"evt.arg[newpath]", "new"},
                 {"evt.arg[olddirfd]", "3"},
                 {"evt.arg[newdirfd]", "4"},
                 {"evt.arg[flags]", "RENAME_NOREPLACE"},
                 {"evt.arg.flags", "RENAME_NOREPLACE"},
                 {"fs.path.target", "?"},
                 {"fs.path.targetraw", "new"}});

  HandMadeEvent structure("open");
  set_call(structure, "openat2", {3, 0, 0100, 0600, 8, 24});
  structure.expect({{"evt.arg[how]", "O_RDONLY|O_CREAT"},
                    {"evt.rawarg[how]", "64"},
                    {"evt.arg[mode]", "0600"},
                    {"evt.arg[resolve]", "8"}});

  // Two registers, either of which is the name's.
  HandMadeEvent truncate("truncate");
  set_call(truncate, "ftruncate64", {3, 1, 2}, WIRE_ABI_32);
  truncate.expect({{"evt.arg[fd]", "3"},
                   {"evt.arg[length]", "8589934593"},
                   {"evt.arg[2]", "8589934593"},
                   {"evt.args", "fd=3 length=8589934593"}});

  HandMadeEvent exit("exit");
  exit.expect({{"evt.arg[0]", "-"}, {"evt.rawarg[0]", "-"}, {"evt.args", "-"}});
}

TEST(FileEvents, WhatAFileIsOpenedFor) {
  struct Case {
    std::string_view call;
    Arguments arguments;
    std::string_view read;
    std::string_view write;
    std::string_view exec;
  };
  const Case kCases[] = {
      {"openat", {0, 0, 0}, "true", "false", "false"},
      {"openat", {0, 0, 1}, "false", "true", "false"},
      {"openat", {0, 0, 2}, "true", "true", "false"},
      {"openat", {0, 0, 3}, "false", "false", "false"},
      {"openat", {0, 0, 010000000}, "false", "false", "false"},  // O_PATH
      {"openat", {0, 0, 0101, 0644}, "false", "true", "false"},
      {"openat", {0, 0, 0101, 0645}, "false", "true", "true"},
      {"openat", {0, 0, 01, 0755}, "false", "true", "false"},
      {"openat2", {0, 0, 0102, 0700}, "true", "true", "true"},
      {"open_by_handle_at", {0, 0, 1}, "false", "true", "false"},
#if !defined(__aarch64__)
      {"open", {0, 2}, "true", "true", "false"},
      {"creat", {0, 0755}, "false", "true", "true"},
#endif
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.call);
    HandMadeEvent event("open");
    set_call(event, c.call, c.arguments);
    event.expect({{"evt.is_open_read", c.read},
                  {"evt.is_open_write", c.write},
                  {"evt.is_open_exec", c.exec}});
  }
}

TEST(FileEvents, TypesOfWhatWasOpened) {
  HandMadeEvent event("open");
  set_call(event, "openat", {});
  auto& file = event.as<wire_file>();
  file.result = 3;
  event.expect({{"fd.type", "?"}, {"fd.typechar", "?"}, {"evt.failed", "false"}});
  file.header.flags |= WIRE_OBJECT_KNOWN;
  file.mode = 0100644;
  event.expect({{"fd.type", "file"}, {"fd.typechar", "f"}});
  file.mode = 040755;
  event.expect({{"fd.type", "directory"}, {"fd.typechar", "d"}});
  file.header.flags &= static_cast<wire_u16>(~WIRE_OBJECT_KNOWN);
  file.result = -2;
  event.expect({{"fd.type", "file"}, {"fd.typechar", "f"}, {"evt.failed", "true"}});
  file.header.flags |= WIRE_RESULT_UNKNOWN;
  event.expect({{"evt.failed", "?"}});
}

TEST(FileEvents, PartsOfTheName) {
  HandMadeEvent event("open");
  set_call(event, "openat", {});
  event.set_string(WIRE_FILE_PATH, "/etc/nginx/../hosts");
  event.expect({{"fd.directory", "/etc"},
                {"fd.filename", "hosts"},
                {"fs.path.name", "/etc/hosts"},
                {"fs.path.nameraw", "/etc/nginx/../hosts"},
                {"evt.dir", "<"},
                {"evt.category", "file"}});
}

TEST(FileEvents, OwnersAreUnsignedButForTheOneThatIsUnchanged) {
  struct Case {
    std::string_view call;
    Arguments arguments;
    std::string_view user;
    std::string_view group;
    wire_abi abi = WIRE_ABI_64;
  };
  const Case kCases[] = {
      {"chown", {0, 0, 5}, "0", "5"},
      {"chown", {0, 0xffffffff, 0xffffffff}, "-1", "-1"},
      {"chown", {0, ~std::uint64_t{0}, 7}, "-1", "7"},
      // Ids of user namespaces may be as large.
      {"lchown", {0, 0xfffffffe, 0x80000000}, "4294967294", "2147483648"},
      {"fchown", {3, kRubbish | 1000, kRubbish | 1001}, "1000", "1001"},
      {"fchownat", {0, 0, 1, 2, 0}, "1", "2"},
      {"chown", {0, 0xffffffff, 0x10000}, "-1", "65536", WIRE_ABI_32},
      {"chown16", {0, 0xffff, 0xfffe}, "-1", "65534", WIRE_ABI_32},
      {"fchown16", {3, 0x10005, 0xffff}, "5", "-1", WIRE_ABI_32},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.call);
    HandMadeEvent event("chown");
    set_call(event, c.call, c.arguments, c.abi);
    event.expect({{"evt.arg.uid", c.user}, {"evt.arg.gid", c.group}});
  }
}

TEST(FileEvents, LengthsAreSigned) {
  const ArgumentCase kCases[] = {
      {"truncate", "truncate", {0, 4096}, "4096"},
      {"truncate", "ftruncate", {3, ~std::uint64_t{0}}, "-1"},
      {"truncate", "ftruncate", {3, 1ull << 40}, "1099511627776"},
      // 32 bits of a signed number, whatever the upper half of the register holds.
      {"truncate", "truncate", {0, 0xffffffff}, "-1", WIRE_ABI_32},
      {"truncate", "truncate", {0, 0x7fffffff}, "2147483647", WIRE_ABI_32},
      {"truncate", "truncate64", {0, 5, 1}, "4294967301", WIRE_ABI_32},
      {"truncate", "ftruncate64", {3, 0xffffffff, 0}, "4294967295", WIRE_ABI_32},
      {"truncate", "ftruncate64", {3, 0xffffffff, 0xffffffff}, "-1", WIRE_ABI_32},
  };
  for (const ArgumentCase& c : kCases) expect_field("evt.arg.length", c);
}

TEST(FileEvents, ResultsAreShownByNameAndNumber) {
  struct Case {
    std::int64_t result;
    std::string_view name;
    std::string_view number;
    std::string_view descriptor;
    unsigned flags = 0;
  };
  const Case kCases[] = {
      {0, "SUCCESS", "0", "0"},
      {7, "SUCCESS", "7", "7"},
      {-2, "ENOENT", "-2", "-1"},
      {-13, "EACCES", "-13", "-1"},
      {-4095, "E4095", "-4095", "-1"},
      // What only the kernel knows: the call will be started again.
      {-512, "ERESTARTSYS", "-512", "-1"},
      {0, "?", "?", "?", WIRE_RESULT_UNKNOWN},
      // The result is a slot of the ring's own table.
      {3, "SUCCESS", "3", "-", WIRE_IO_URING | WIRE_DIRECT_DESCRIPTOR},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    HandMadeEvent event("open");
    set_call(event, "openat", {});
    event.as<wire_file>().result = c.result;
    event.header().flags |= static_cast<wire_u16>(c.flags);
    event.expect({{"evt.res", c.name}, {"evt.rawres", c.number}, {"fd.num", c.descriptor}});
  }
}

TEST(FileEvents, TheDescriptorGivenIsShownWhereThereIsOne) {
  struct Case {
    std::string_view kind;
    std::string_view call;
    std::uint64_t first;
    std::string_view descriptor;
  };
  const Case kCases[] = {
      {"chmod", "fchmod", 5, "5"},
      {"chmod", "fchmod", kRubbish | 0xffffffff, "-1"},
      {"chmod", "chmod", 5, "-"},
      {"chown", "fchown", 6, "6"},
      {"truncate", "ftruncate", 7, "7"},
      // A directory that a path is relative to is not what is changed.
      {"chown", "fchownat", 8, "-"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.call);
    HandMadeEvent event(c.kind);
    set_call(event, c.call, {c.first});
    event.expect({{"fd.num", c.descriptor}});
  }
}

struct PathCase {
  std::string_view given;
  wire_string_state given_state;
  std::string_view base;
  wire_string_state base_state;
  std::string_view raw;
  std::string_view name;
  unsigned base_flags = 0;
};

constexpr auto kMissing = WIRE_STRING_MISSING;
constexpr auto kWhole = WIRE_STRING_WHOLE;
constexpr auto kCut = WIRE_STRING_CUT;
constexpr auto kFaulted = WIRE_STRING_FAULTED;

constexpr PathCase kPathCases[] = {
    {"/etc/hosts", kWhole, "", kMissing, "/etc/hosts", "/etc/hosts"},
    {"//etc/./x/../hosts/", kWhole, "", kMissing, "//etc/./x/../hosts/", "/etc/hosts"},
    {"/../..", kWhole, "", kMissing, "/../..", "/"},
    {"file", kWhole, "/srv/data", kWhole, "file", "/srv/data/file"},
    {"../file", kWhole, "/srv/data", kWhole, "../file", "/srv/file"},
    {"file", kWhole, "/", kWhole, "file", "/file"},
    {"", kWhole, "/srv", kWhole, "", "/srv"},
    {"a\nb", kWhole, "/srv", kWhole, "a\nb", "/srv/a\nb"},
    // Without all of where it starts, the name is not known.
    {"file", kWhole, "data", kCut, "file", "?"},
    {"file", kWhole, "", kFaulted, "file", "?"},
    {"file", kWhole, "", kMissing, "file", "?"},
    {"file", kWhole, "pipe:", kWhole, "file", "?", WIRE_PATH_PSEUDO},
    {"", kFaulted, "/srv", kWhole, "?", "?"},
    // Of a path that was too long the beginning is known, made absolute it is not.
    {"/a/very/long", kCut, "", kMissing, "/a/very/long...", "/a/very/long..."},
};

TEST(FileEvents, NamesAreMadeAbsoluteLexically) {
  for (const PathCase& c : kPathCases) {
    SCOPED_TRACE(c.given);
    HandMadeEvent event("open");
    set_call(event, "openat", {});
    event.as<wire_file>().result = -2;
    event.set_string(WIRE_FILE_PATH, c.given, c.given_state);
    event.set_walked(WIRE_FILE_BASE, c.base, c.base_state, c.base_flags);
    // A failed call has a name, but no object.
    event.expect({{"fd.nameraw", c.raw},
                  {"fd.name", c.name},
                  {"fd.realpath", "-"},
                  {"fd.realpath_by", "-"},
                  {"fd.ino", "-"},
                  {"fd.dev", "-"}});
  }
}

TEST(FileEvents, OldAndNewNamesHaveDirectoriesOfTheirOwn) {
  for (const PathCase& c : kPathCases) {
    SCOPED_TRACE(c.given);
    HandMadeEvent event("rename");
    set_call(event, "renameat", {});
    event.as<wire_file>().result = -18;
    event.set_string(WIRE_FILE_PATH, c.given, c.given_state);
    event.set_walked(WIRE_FILE_BASE, c.base, c.base_state, c.base_flags);
    event.set_string(WIRE_FILE_PATH2, "new");
    event.set_walked(WIRE_FILE_BASE2, "/target");
    event.expect({{"fs.path.sourceraw", c.raw},
                  {"fs.path.source", c.name},
                  {"fd.nameraw", "new"},
                  {"fd.name", "/target/new"}});
  }
}

TEST(FileEvents, TheTargetOfASymbolicLinkIsAsGiven) {
  HandMadeEvent event("symlink");
  set_call(event, "symlinkat", {});
  event.set_string(WIRE_FILE_PATH, "../some/./where");
  event.set_string(WIRE_FILE_PATH2, "link");
  event.set_walked(WIRE_FILE_BASE2, "/srv");
  event.expect({{"evt.arg.target", "../some/./where"},
                {"fd.name", "/srv/link"},
                {"fd.realpath", "/srv/link"},
                {"fd.realpath_by", "kernel"},
                {"evt.info", "/srv/link -> ../some/./where"}});
}

TEST(FileEvents, TheObjectIsShownAsTheKernelHasIt) {
  struct Case {
    std::string bytes;
    wire_string_state state;
    unsigned flags;
    std::string_view path;
  };
  const Case kCases[] = {
      {test::walked("/usr/lib/x"), kWhole, 0, "/usr/lib/x"},
      {"", kWhole, 0, "/"},
      {test::walked("/tmp/x"), kWhole, WIRE_PATH_DELETED, "/tmp/x (deleted)"},
      {test::walked("/x"), kWhole, WIRE_PATH_UNREACHABLE, "(unreachable)/x"},
      {test::walked("/lib/x"), kCut, 0, "?/lib/x..."},
      {"", kCut, 0, "?"},
      {"", kFaulted, 0, "?"},
      {"memfd:x", kWhole, WIRE_PATH_PSEUDO, "memfd:x"},
      {"", kMissing, 0, "-"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.path);
    HandMadeEvent event("open");
    set_call(event, "openat", {});
    event.set_string(WIRE_FILE_PATH, "/dev/fd/3");
    event.set_string(WIRE_FILE_OBJECT, c.bytes, c.state, c.flags);
    event.expect({{"fd.name", "/dev/fd/3"}, {"fd.realpath", c.path}});
  }
}

TEST(FileEvents, WhatIsChangedByDescriptorHasTheNameOfItsObject) {
  HandMadeEvent event("chmod");
  set_call(event, "fchmod", {3, 0600});
  event.set_walked(WIRE_FILE_OBJECT, "/srv/data");
  event.expect({{"fd.nameraw", "-"},
                {"fd.name", "/srv/data"},
                {"fd.realpath", "/srv/data"},
                {"fd.realpath_by", "kernel"},
                {"evt.info", "/srv/data 0600"}});
}

// Where the kernel program saw no object, a plain name in a directory that it has walked will do;
// everything else would have to be looked up, which hand-made processes do not allow.
TEST(FileEvents, RealPathsOfNewNamesComeFromTheirDirectory) {
  struct Case {
    std::string_view kind;
    std::string_view call;
    std::string_view given;
    std::string_view directory;
    wire_string_state state;
    std::string_view path;
    std::string_view by;
  };
  const Case kCases[] = {
      {"mkdir", "mkdirat", "new", "/srv", kWhole, "/srv/new", "kernel"},
      {"mkdir", "mkdirat", "new", "/", kWhole, "/new", "kernel"},
      {"unlink", "unlinkat", "old", "/srv", kWhole, "/srv/old", "kernel"},
      {"mkdir", "mkdirat", "a/new", "/srv", kWhole, "?", "-"},
      {"mkdir", "mkdirat", "..", "/srv", kWhole, "?", "-"},
      {"mkdir", "mkdirat", "new", "srv", kCut, "?", "-"},
      {"mkdir", "mkdirat", "new", "", kFaulted, "?", "-"},
      {"mkdir", "mkdir", "/srv/new", "", kMissing, "?", "-"},
      // A link at its end may lead elsewhere.
      {"chmod", "fchmodat", "file", "/srv", kWhole, "?", "-"},
      // AT_EMPTY_PATH: the descriptor given.
      {"chown", "fchownat", "", "/srv/file", kWhole, "/srv/file", "kernel"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.given);
    HandMadeEvent event(c.kind);
    set_call(event, c.call, {});
    event.set_string(WIRE_FILE_PATH, c.given);
    event.set_walked(WIRE_FILE_BASE, c.directory, c.state);
    event.expect({{"fd.realpath", c.path}, {"fd.realpath_by", c.by}});
    // It is the object's path "if it succeeded".
    event.as<wire_file>().result = -17;
    event.expect({{"fd.realpath", "-"}, {"fd.realpath_by", "-"}});
  }
}

TEST(FileEvents, TheObjectIsIdentifiedWhereItIsKnown) {
  HandMadeEvent event("open");
  set_call(event, "openat", {});
  event.as<wire_file>().inode = 1234;
  event.as<wire_file>().device = 8u << 20 | 0xfffff;
  event.expect({{"fd.ino", "-"}, {"fd.dev", "-"}});
  event.header().flags |= WIRE_OBJECT_KNOWN;
  event.expect({{"fd.ino", "1234"}, {"fd.dev", "8:1048575"}});
}

TEST(FileEvents, CallsOfBothWordSizesHaveTheirOwnNumbers) {
  HandMadeEvent event("mkdir");
#if defined(__x86_64__)
  // int 0x80 number 39 is mkdir, and 39 of the other table is getpid, which makes no event.
  event.as<wire_file>().call = 39;
  event.as<wire_file>().arguments[1] = 0700;
  event.header().flags = WIRE_COMPAT;
  event.expect({{"evt.type", "mkdir"}, {"evt.abi", "32"}, {"evt.arg.mode", "0700"}});
  event.header().flags = 0;
  event.expect({{"evt.type", "mkdir"}, {"evt.abi", "64"}, {"evt.arg.mode", "-"}});
#endif
  set_call(event, "mkdirat", {0, 0, 0711});
  event.expect({{"evt.type", "mkdirat"}, {"evt.abi", "64"}, {"evt.arg.mode", "0711"}});
}

// A number that the table does not have leaves out what it would have said.
TEST(FileEvents, UnknownCallsHaveNoArguments) {
  for (const std::string_view kind : {"open", "unlink", "rename", "chmod", "chown", "truncate"}) {
    SCOPED_TRACE(kind);
    for (const wire_u16 call : {wire_u16{0}, wire_u16{WIRE_SYSTEM_CALLS}, wire_u16{0xffff}}) {
      HandMadeEvent event(kind);
      event.as<wire_file>().call = call;
      event.expect({{"evt.type", kind}, {"evt.rawres", "-"}, {"evt.res", "SUCCESS"}});
      for (const FieldDescriptor* field : event.get().descriptor->fields) {
        if (!field->name.starts_with("evt.arg.")) continue;
        EXPECT_EQ(event.read(field->name), "-") << field->name;
      }
    }
  }
}

TEST(FileEvents, RequestsOfAnIoUringSaySo) {
  HandMadeEvent event("open");
  set_call(event, "openat", {});
  event.expect({{"evt.via", "-"}, {"evt.abi", "64"}});
  event.header().flags |= WIRE_IO_URING;
  event.expect({{"evt.via", "io_uring"}, {"evt.abi", "-"}, {"evt.type", "openat"}});
}

TEST(FileEvents, APathThatWasRenamedMeanwhileMarksTheEvent) {
  for (std::size_t i = 0; i < WIRE_FILE_STRINGS; ++i) {
    HandMadeEvent event("rename");
    set_call(event, "renameat", {});
    event.set_walked(i, "/x");
    event.expect({{"evt.torn", "-"}});
    event.set_walked(i, "/x", kWhole, WIRE_PATH_TORN);
    event.expect({{"evt.torn", "1"}});
  }
}

TEST(FileEvents, TheyAreToldInAFewWords) {
  struct Case {
    std::string_view kind;
    std::string_view call;
    Arguments arguments;
    std::string_view info;
  };
  const Case kCases[] = {
      {"open", "open", {0, 01}, "/a O_WRONLY"},
      {"mkdir", "mkdir", {0, 0700}, "/a 0700"},
      {"rmdir", "rmdir", {}, "/a"},
      {"unlink", "unlink", {}, "/a"},
      {"chmod", "chmod", {0, 0644}, "/a 0644"},
      {"chown", "chown", {0, 1, 0xffffffff}, "/a 1:-1"},
      {"truncate", "truncate", {0, 12}, "/a 12 bytes"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.call);
    HandMadeEvent event(c.kind);
    set_call(event, c.call, c.arguments);
    event.set_string(WIRE_FILE_PATH, "/a");
    event.expect({{"evt.info", c.info}});
  }
  HandMadeEvent event("link");
  set_call(event, "link", {});
  event.set_string(WIRE_FILE_PATH, "/old");
  event.set_string(WIRE_FILE_PATH2, kFaulted);
  event.expect({{"evt.info", "/old -> ?"}});
}

}  // namespace
}  // namespace outrider
