// SPDX-License-Identifier: Apache-2.0
//
// The fields that Falco's shipped rules name (falcosecurity/rules: stable, incubating and sandbox),
// in conditions, outputs and what they comment out.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "language/checker.h"
#include "language/evaluator.h"
#include "sensors/registry.h"
#include "support/hand_made_event.h"
#include "syscalls/calls.h"

namespace outrider {
namespace {

using Names = std::vector<std::string_view>;

// The kinds that have to have a field; none: all.
struct FalcoField {
  std::string_view name;
  Names kinds = {};
};

const Names kFiles = {"open", "mkdir", "rmdir", "unlink", "rename", "link", "symlink", "chmod"};
const Names kObjects = {"open", "chmod", "chown"};
const Names kSockets = {"bind", "listen", "connect", "accept", "dup"};
const Names kDescriptors = {"open", "bind", "listen", "connect", "accept", "dup"};
const Names kNamed = {"open", "mkdir",  "rmdir",   "unlink", "rename", "link",
                      "bind", "listen", "connect", "accept", "dup"};
const Names kPaths = {"open", "mkdir", "rmdir", "unlink", "symlink", "chmod"};

const FalcoField kFalcoFields[] = {
    {"container.id"},
    {"container.image.repository"},
    {"container.info"},
    {"container.mount.dest[/etc]"},
    {"container.mounts"},
    {"container.name"},
    {"container.privileged"},
    {"container.start_ts"},
    {"evt.arg.domain", {"socket"}},
    {"evt.arg.fd", {"chmod", "connect", "bind", "syscall"}},
    {"evt.arg.filename", {"exec", "chmod"}},
    {"evt.arg.flags", {"exec", "open", "unlink", "unshare", "accept", "memfd", "syscall"}},
    {"evt.arg.linkpath", {"symlink"}},
    {"evt.arg.mode", {"open", "chmod", "mkdir"}},
    {"evt.arg.name", {"open", "unlink", "memfd", "mount"}},
    {"evt.arg.newpath", {"rename", "link"}},
    {"evt.arg.oldpath", {"rename", "link"}},
    {"evt.arg.path", kPaths},
    {"evt.arg.request", {"ptrace", "syscall"}},
    {"evt.arg.target", {"symlink", "mount"}},
    {"evt.arg.uid", {"setuid", "chown"}},
    {"evt.args"},
    {"evt.buffer"},
    {"evt.dir"},
    {"evt.hostname"},
    {"evt.is_open_exec", {"open"}},
    {"evt.is_open_read", {"open"}},
    {"evt.is_open_write", {"open"}},
    {"evt.num"},
    {"evt.rawres"},
    {"evt.res"},
    {"evt.type"},
    {"fd.cip", kSockets},
    {"fd.cip.name", kSockets},
    {"fd.cnet", kSockets},
    {"fd.connected", kSockets},
    {"fd.directory", kFiles},
    {"fd.filename", kFiles},
    {"fd.ip", kSockets},
    {"fd.l4proto", kSockets},
    {"fd.lip.name", kSockets},
    {"fd.lport", kSockets},
    {"fd.name", kNamed},
    {"fd.name_changed", kSockets},
    {"fd.nameraw", kFiles},
    {"fd.net", kSockets},
    {"fd.num", kDescriptors},
    {"fd.port", kSockets},
    {"fd.rip", kSockets},
    {"fd.rip.name", kSockets},
    {"fd.rnet", kSockets},
    {"fd.rport", kSockets},
    {"fd.sip", kSockets},
    {"fd.sip.name", kSockets},
    {"fd.snet", kSockets},
    {"fd.sockfamily", kSockets},
    {"fd.sport", kSockets},
    {"fd.type", kDescriptors},
    {"fd.typechar", kObjects},
    {"fd.types"},
    {"fd.types[0]"},
    {"fd.types[1]"},
    {"fd.types[2]"},
    {"group.gid"},
    {"group.name"},
    {"k8s.ns.name"},
    {"k8s.pod.name"},
    {"proc.aexe[2]"},
    {"proc.aexepath[2]"},
    {"proc.aname"},
    {"proc.aname[1]"},
    {"proc.aname[2]"},
    {"proc.aname[3]"},
    {"proc.aname[4]"},
    {"proc.aname[5]"},
    {"proc.aname[6]"},
    {"proc.aname[7]"},
    {"proc.args"},
    {"proc.cmdline"},
    {"proc.cwd"},
    {"proc.duration"},
    {"proc.env"},
    {"proc.exe"},
    {"proc.exe_ino.ctime"},
    {"proc.exe_ino.ctime_duration_proc_start"},
    {"proc.exe_ino.mtime"},
    {"proc.exepath"},
    {"proc.is_exe_from_memfd"},
    {"proc.is_exe_upper_layer"},
    {"proc.is_vpgid_leader"},
    {"proc.name"},
    {"proc.pcmdline"},
    {"proc.pexe"},
    {"proc.pexepath"},
    {"proc.pname"},
    {"proc.ppid.duration"},
    {"proc.sname"},
    {"proc.tty"},
    {"proc.vpgid.exe"},
    {"proc.vpgid.name"},
    {"proc.vpid"},
    {"syscall.type"},
    {"thread.cap_effective"},
    {"thread.cap_permitted"},
    {"user.loginname"},
    {"user.loginuid"},
    {"user.name"},
    {"user.uid"},
};

TEST(FalcoFields, AreAllKnownOfTheKindsThatHaveThem) {
  EXPECT_EQ(std::size(kFalcoFields), 108U);
  const FieldCatalog catalog = catalog_of(all_kinds());
  for (const FalcoField& field : kFalcoFields) {
    const auto condition = load(fmt::format("{} exists", field.name), catalog);
    ASSERT_TRUE(condition) << condition.error().message;
    const Field& found = *condition->terms[0].field;
    for (const EventDescriptor* kind : all_kinds()) {
      if (!field.kinds.empty() && std::ranges::find(field.kinds, kind->name) == field.kinds.end()) {
        continue;
      }
      EXPECT_NE(found.by_kind[kind->kind], nullptr) << kind->name << " has no " << field.name;
    }
  }
}

// Conditions as these rules have them.
TEST(FalcoFields, AreComparedAsTheRulesDo) {
  constexpr std::string_view kConditions[] = {
      "evt.num = 0",
      "fd.ip != \"0.0.0.0\" and fd.net != \"127.0.0.0/8\"",
      "not fd.snet in (\"10.0.0.0/8\", \"172.16.0.0/12\", \"192.168.0.0/16\")",
      "fd.cnet in (\"127.0.0.1/8\") or fd.rnet = \"10.0.0.0/8\" or fd.lnet in (fe80::/10)",
      "fd.cip in (\"127.0.0.1\") or fd.sip=\"169.254.169.254\"",
      "fd.cip.name in (google.com) or fd.sip.name in (\"pool.minexmr.com\")",
      "fd.sport=\"443\" or fd.port in (53, 1194)",
      "fd.l4proto != tcp and fd.connected=false and fd.name_changed=true",
      "(fd.typechar = 4 or fd.typechar = 6) and (evt.rawres >= 0 or evt.res = EINPROGRESS)",
      "evt.rawres in (0, 1, 2) and fd.type in (\"ipv4\", \"ipv6\") and fd.types[0] in (ipv4)",
      "evt.arg.domain contains AF_PACKET",
      "evt.arg.request in (PTRACE_ATTACH, PTRACE_SEIZE)",
      "evt.arg.mode contains \"S_ISUID\" or evt.arg.mode contains \"S_IXUSR\"",
      "evt.arg.flags contains CLONE_NEWUSER",
      "evt.arg.target in (/etc/shadow) and evt.arg.linkpath startswith /tmp",
      "evt.arg.name endswith ash_history or evt.arg.oldpath endswith ash_history",
      "not container.mount.dest[/proc*] in (\"<NA>\", \"N/A\")",
      "evt.buffer bcontains cafebabe",
      "evt.hostname contains node",
      "evt.res != -1 and (evt.type = container or evt.type = execve)",
      "proc.args intersects (\"-V\", \"-l\")",
  };
  const FieldCatalog catalog = catalog_of(all_kinds());
  for (const std::string_view text : kConditions) {
    const auto condition = load(text, catalog);
    EXPECT_TRUE(condition) << text << ": " << condition.error().message;
  }
}

// A name that one kind has for a field of its own is an argument of other kinds' calls.
TEST(FalcoFields, ArgumentsAreReadByFalcosNames) {
  struct Case {
    std::string_view kind;
    std::string_view call;
    std::string_view condition;
  };
  constexpr Case kCases[] = {
      {"open", "openat", "evt.arg.name = given and evt.arg.path = given"},
      {"open", "creat", "evt.arg.filename = given"},
      {"unlink", "unlinkat", "evt.arg.name = given"},
      {"chmod", "fchmodat", "evt.arg.filename = given"},
      {"symlink", "symlink", "evt.arg.target = given and evt.arg.linkpath = second"},
      {"rename", "rename", "evt.arg.oldpath = given and evt.arg.newpath = second"},
      {"connect", "connect", "evt.arg.fd = 7 and evt.rawarg.fd = 7"},
      {"socket", "socket", "evt.arg.domain = AF_INET and evt.arg.proto = 0"},
      {"ptrace", "ptrace", "evt.arg.request = PTRACE_ATTACH and evt.arg.pid = 9"},
      {"unshare", "unshare", "evt.arg.flags contains CLONE_NEWUSER"},
      {"accept", "accept4", "evt.arg.flags contains SOCK_CLOEXEC"},
  };
  const FieldCatalog catalog = catalog_of(all_kinds());
  for (const Case& c : kCases) {
    test::HandMadeEvent event(c.kind);
    const Call* call = find_call(c.call);
    ASSERT_NE(call, nullptr);
    auto& file = event.as<wire_file>();
    file.call = static_cast<wire_u16>(number_of(*call, WIRE_ABI_64));
    event.set_string(WIRE_FILE_PATH, "given");
    event.set_string(WIRE_FILE_PATH2, "second");
    constexpr std::uint64_t kNewUser = 0x10000000;
    constexpr std::uint64_t kCloseOnExec = 02000000;
    if (c.kind == "connect") file.arguments[0] = 7;
    if (c.kind == "socket") file.arguments[0] = 2;
    if (c.kind == "unshare") file.arguments[0] = kNewUser;
    if (c.kind == "accept") file.arguments[3] = kCloseOnExec;
    if (c.kind == "ptrace") {
      file.arguments[0] = 16;
      file.arguments[1] = 9;
    }
    const auto condition = load(c.condition, catalog);
    ASSERT_TRUE(condition) << condition.error().message;
    EXPECT_TRUE(evaluate(*condition, event.get())) << c.kind << ": " << c.condition;
  }
}

}  // namespace
}  // namespace outrider
