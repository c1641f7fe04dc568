// SPDX-License-Identifier: Apache-2.0
#include "cli/placeholders.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "support/temporary_directory.h"

namespace outrider {
namespace {

KnownNames example_names() {
  return {.hosts = {"db7", "db7.corp.example"}, .domains = {"corp.example"}, .users = {"alice"}};
}

struct Row {
  const char* text;
  const char* masked;
};

// Each with a table of placeholders of its own.
constexpr Row kRows[] = {
    {"", ""},
    {"nothing to mask\n", "nothing to mask\n"},
    {"two\nlines", "two\nlines"},
    // Secrets.
    {"mysql -ps3cret -h db7", "mysql -p*** -h host-1"},
    {"DB_PASSWORD=hunter2 x", "DB_PASSWORD=***"},
    {"  password: hunter2", "  password: ***"},
    {"{\"token\":\"abc\",\"a\":1}", "{\"token\":\"***\",\"a\":1}"},
    {"Authorization: Bearer abc", "Authorization: ***"},
    // Addresses.
    {"from 10.1.2.3 to 10.1.2.4, 10.1.2.3.", "from address-1 to address-2, address-1."},
    {"10.1.2.3:443 [fe80::1]:80 2001:DB8::7", "address-1:443 [address-2]:80 address-3"},
    {"127.0.0.1:9321 0.0.0.0 ::1 :: 255.255.255.255",
     "127.0.0.1:9321 0.0.0.0 ::1 :: 255.255.255.255"},
    {"02:42:ac:11:00:02", "address-1"},
    {"12:30:45 1.51.1 6.1.0-18 std::move ab::cd_", "12:30:45 1.51.1 6.1.0-18 std::move ab::cd_"},
    {"v1.2.3.4 x-1.2.3.4", "v1.2.3.4 x-1.2.3.4"},
    {"::ffff:10.1.2.3", "address-1"},
    // Hosts.
    {"DB7: db7.corp.example, web.corp.example", "host-1: host-2, host-3"},
    {"db7.log db70 my-db7 db7.max_count", "host-1 db70 my-db7 db7.max_count"},
    {"https://registry.example/v2 http://localhost/v1", "https://host-1/v2 http://localhost/v1"},
    {"http://bob:x@registry.example:5000/a@b", "http://bob:***@host-1:5000/a@b"},
    {"unix:///run/outrider/observe.sock", "unix:///run/outrider/observe.sock"},
    {"http://10.1.2.3/", "http://address-1/"},
    // Users.
    {"alice (alice) alice.txt malice alice2", "user-1 (user-1) user-1.txt malice alice2"},
    {"/home/alice/x /home/bob/y /homes/bob", "/home/user-1/x /home/user-2/y /homes/bob"},
};

TEST(Placeholders, ReplaceWhatSaysWhoseItIs) {
  for (const Row& row : kRows) {
    Placeholders placeholders(example_names());
    EXPECT_EQ(placeholders.mask(row.text), row.masked) << row.text;
    // A second time nothing more is changed.
    EXPECT_EQ(placeholders.mask(row.masked), row.masked);
  }
}

TEST(Placeholders, AreTheSameInAllTexts) {
  Placeholders placeholders(example_names());
  EXPECT_EQ(placeholders.mask("10.0.0.1 db7"), "address-1 host-1");
  EXPECT_EQ(placeholders.mask("10.0.0.2 10.0.0.1 DB7 alice --password x"),
            "address-2 address-1 host-1 user-1 --password ***");
  const auto counts = placeholders.counts();
  EXPECT_EQ(counts.secrets, 1u);
  EXPECT_EQ(counts.addresses, 2u);
  EXPECT_EQ(counts.hosts, 1u);
  EXPECT_EQ(counts.users, 1u);
}

TEST(Placeholders, KnowTheNamesOfTheMachinesFiles) {
  const test::TemporaryDirectory etc;
  std::ofstream(etc / "hosts") << "127.0.0.1 localhost localhost.localdomain\n"
                                  "::1 ip6-localhost ip6-loopback\n"
                                  "10.0.0.9 Store.internal.example store # a comment\n";
  std::ofstream(etc / "resolv.conf") << "nameserver 10.0.0.1\nsearch Corp.example . lan.example\n";
  std::ofstream(etc / "passwd") << "root:x:0:0::/root:/bin/sh\n"
                                   "daemon:x:1:1::/:/bin/sh\n"
                                   "carol:x:1000:1000:Carol:/home/carol:/bin/sh\n"
                                   "nobody:x:65534:65534::/:/bin/sh\n";
  const KnownNames names = names_of_this_machine(etc.path());
  const auto has = [](const std::vector<std::string>& list, std::string_view name) {
    return std::ranges::find(list, name) != list.end();
  };
  EXPECT_TRUE(has(names.hosts, "store.internal.example"));
  EXPECT_TRUE(has(names.hosts, "store"));
  EXPECT_FALSE(has(names.hosts, "localhost"));
  EXPECT_FALSE(has(names.hosts, "ip6-loopback"));
  EXPECT_TRUE(has(names.domains, "internal.example"));
  EXPECT_TRUE(has(names.domains, "corp.example"));
  EXPECT_TRUE(has(names.domains, "lan.example"));
  EXPECT_TRUE(has(names.users, "carol"));
  EXPECT_FALSE(has(names.users, "root"));
  EXPECT_FALSE(has(names.users, "nobody"));
}

}  // namespace
}  // namespace outrider
