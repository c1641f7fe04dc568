// SPDX-License-Identifier: Apache-2.0
//
// Texts of /proc as kernels write them, and as nobody does. Of stat and status see
// proc_reader_test.cpp as well.
#include "workloads/proc_text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace outrider {
namespace {

constexpr std::string_view kStatTail =
    " S 7 8 9 34816 8 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 4096 5 18446744073709551615";

TEST(ProcText, AStatWithAnyName) {
  for (const std::string_view name :
       {"bash", "a b", "(sd-pam)", ") S 1 1", "", "x) R 1 2 3\n4 (y", "((((", "))))"}) {
    SCOPED_TRACE(name);
    const std::string text = "10 (" + std::string(name) + ")" + std::string(kStatTail);
    const auto stat = parse_process_stat(text);
    ASSERT_TRUE(stat);
    EXPECT_EQ(stat->name, name);
    EXPECT_EQ(stat->parent, 7u);
    EXPECT_EQ(stat->group_id, 8u);
    EXPECT_EQ(stat->session_id, 9u);
    EXPECT_EQ(stat->terminal, 34816);
    EXPECT_EQ(stat->flags, 4194560u);
    EXPECT_EQ(stat->start_ticks, 987654u);
  }
}

TEST(ProcText, AStatThatIsNone) {
  for (const std::string_view text :
       {"", "10", "10 (x", ")", "10 (x)", "10 (x) S", "10 (x) S x 1 1 1 1 1",
        "10 (x) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"}) {
    EXPECT_FALSE(parse_process_stat(text)) << text;
  }
  const auto nameless = parse_process_stat(")" + std::string(kStatTail));
  ASSERT_TRUE(nameless);
  EXPECT_EQ(nameless->name, "");
}

TEST(ProcText, NamespacesAreNumbers) {
  EXPECT_EQ(namespace_inode("net:[4026531840]", "net:["), 4026531840u);
  for (const std::string_view link :
       {"", "net:[", "net:[]", "net:[1", "net:[x]", "net:[-1]", "net:[4294967296]", "pid:[1]"}) {
    EXPECT_EQ(namespace_inode(link, "net:["), 0u) << link;
  }
}

TEST(ProcText, TheFirstNumberOfAKeyCounts) {
  constexpr std::string_view kInfo =
      "pos:\t12\nflags:\t0100002\nmnt_id:\t26\nino:\t4711\n"
      "tfd:       16 events:       19 data: 10\npos:\t99\nino:\tx\n";
  EXPECT_EQ(number_in(kInfo, "pos"), 12u);
  EXPECT_EQ(number_in(kInfo, "flags", 8), 0100002u);
  EXPECT_EQ(number_in(kInfo, "ino"), 4711u);
  EXPECT_EQ(number_in(kInfo, "tfd"), 16u);
  for (const std::string_view key : {"po", "os", "events", "pos:", "size", ""}) {
    EXPECT_FALSE(number_in(kInfo, key)) << key;
  }
  for (const std::string_view text :
       {"", "pos", "pos:", "pos:\n", "pos: -1", "pos:\t1x", "\npos"}) {
    EXPECT_FALSE(number_in(text, "pos")) << text;
  }
}

TEST(ProcText, SoftLimits) {
  constexpr std::string_view kLimits =
      "Limit                     Soft Limit           Hard Limit           Units     \n"
      "Max cpu time              unlimited            unlimited            seconds   \n"
      "Max open files            1024                 524288               files     \n";
  EXPECT_EQ(limit_in(kLimits, "Max open files"), 1024u);
  EXPECT_FALSE(limit_in(kLimits, "Max cpu time")) << "there is none";
  EXPECT_FALSE(limit_in(kLimits, "Max processes"));
  EXPECT_FALSE(limit_in("Max open files", "Max open files"));
}

TEST(ProcText, Mounts) {
  struct Case {
    std::string_view line;
    std::string_view root, point, options, propagation, type, source, file_system_options;
  };
  const Case kCases[] = {
      {"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue", "/mnt1",
       "/mnt2", "rw,noatime", "master:1", "ext3", "/dev/root", "rw,errors=continue"},
      {"22 27 0:20 / /proc rw shared:5 master:2 - proc proc rw", "/", "/proc", "rw",
       "shared:5 master:2", "proc", "proc", "rw"},
      {"22 27 0:20 / /proc rw - proc proc rw", "/", "/proc", "rw", "", "proc", "proc", "rw"},
      {"22 27 0:20 /a\\040b /c\\134d\\011e rw - tmpfs my\\040disk rw", "/a b", "/c\\d\te", "rw", "",
       "tmpfs", "my disk", "rw"},
      // mount -t tmpfs "" /empty
      {"22 27 0:20 / /empty rw shared:1 - tmpfs  rw,size=1k", "/", "/empty", "rw", "shared:1",
       "tmpfs", "", "rw,size=1k"},
      {"22 27 0:20 / /odd\\0 rw - tmpfs", "/", "/odd\\0", "rw", "", "tmpfs", "", ""},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.line);
    const auto mount = parse_mount_line(c.line);
    ASSERT_TRUE(mount);
    EXPECT_EQ(mount->root, c.root);
    EXPECT_EQ(mount->point, c.point);
    EXPECT_EQ(mount->options, c.options);
    EXPECT_EQ(mount->propagation, c.propagation);
    EXPECT_EQ(mount->type, c.type);
    EXPECT_EQ(mount->source, c.source);
    EXPECT_EQ(mount->file_system_options, c.file_system_options);
  }
  for (const std::string_view line : {"", " - ", "1 2 3:4 / /a rw", "1 2 3:4 / - tmpfs a rw",
                                      "- - - - -", "1 2 3:4 /  rw - tmpfs a rw"}) {
    EXPECT_FALSE(parse_mount_line(line)) << line;
  }
}

TEST(ProcText, Cgroups) {
  std::vector<std::pair<std::string, std::string>> found;
  each_cgroup_line("4:cpu,cpuacct:/a:b\n1:name=systemd:/\n0::/c\n\nx\n7:\n:::\n9:pids:",
                   [&](std::string_view controller, std::string_view path) {
                     found.emplace_back(controller, path);
                   });
  const std::vector<std::pair<std::string, std::string>> wanted = {
      {"cpu", "/a:b"}, {"cpuacct", "/a:b"}, {"name=systemd", "/"},
      {"", "/c"},      {"", ":"},           {"pids", ""}};
  EXPECT_EQ(found, wanted);
}

TEST(ProcText, Modules) {
  const auto module =
      parse_module_line("nf_nat 57344 2 nft_chain_nat,xt_nat, Live 0xffffffffc0a1b000 (OE)");
  ASSERT_TRUE(module);
  EXPECT_EQ(module->name, "nf_nat");
  EXPECT_EQ(module->size, "57344");
  EXPECT_EQ(module->uses, "2");
  EXPECT_EQ(module->users, "nft_chain_nat,xt_nat,");
  EXPECT_EQ(module->state, "Live");
  EXPECT_EQ(module->taints, "(OE)");
  EXPECT_EQ(parse_module_line("loop 32768 0 - Live 0x0")->taints, "");
  EXPECT_FALSE(parse_module_line("loop 32768 0 -"));
  EXPECT_FALSE(parse_module_line(""));
}

}  // namespace
}  // namespace outrider
