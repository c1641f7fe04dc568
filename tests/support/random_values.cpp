// SPDX-License-Identifier: Apache-2.0
#include "support/random_values.h"

#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

namespace outrider::test {

namespace {

constexpr std::size_t kLongestComponent = 255;

// What prefixes and suffixes of this length, or a byte more or less, may be handled differently by.
std::string path_of_size(std::size_t size) {
  std::string path = "/var/log";
  while (path.size() < size) path += path.size() % 40 == 0 ? '/' : 'l';
  return path;
}

const std::vector<std::string>& paths() {
  static const std::vector<std::string> made = [] {
    std::vector<std::string> all = {
        "/etc/passwd",
        "/etc",
        "/etc/",
        "/etc/passwd.bak",
        "/etc/passwdx",
        "/etc/shadow",
        "/usr/lib/x86_64/libc.so.6",
        "/usr/lib/x86_64",
        "/usr/lib",
        "/tmp/a/../b",
        "/tmp/b",
        "/tmp/a/..",
        "/tmp/a/.",
        "/tmp/..b",
        "/tmp/.b/c",
        "//etc//passwd",
        "/etc/./passwd",
        "/etc/../etc/passwd",
        "/../etc/passwd",
        "passwd",
        "./passwd",
        "../etc/passwd",
        "etc/passwd",
        "..",
        ".",
        "",
        "/",
        "/ETC/Passwd",
        "/etc/pass\xffwd",
        "\xff\xfe",
        "/etc/*",
        "/etc/a b",
        "/proc/self/mem",
        "(unreachable)/etc/passwd",
        "/etc/passwd (deleted)",
        "?/etc/passwd",
        "memfd:x",
        "/tmp/" + std::string(kLongestComponent, 'n'),
        "/tmp/" + std::string(kLongestComponent, 'n') + "/x",
    };
    for (const std::size_t size : {15, 16, 31, 32, 33, 255, 256, 257, 300}) {
      all.push_back(path_of_size(size));
    }
    return all;
  }();
  return made;
}

constexpr std::string_view kEnds[] = {"/", "x", "/x", ".bak", "/.", "/..", "//", " ", "\xff"};

// The pool has prefixes of each other, a name of 15 bytes and one of 16.
constexpr std::string_view kNames[] = {
    "nginx", "sh",  "bash",  "nginx2",      "ngin", "ba", "", "systemd-resolve", "systemd-resolved",
    "NGINX", "a b", "\xffx", "kworker/0:1",
};

constexpr std::string_view kWords[] = {"nginx", "-c", "/etc/passwd", "sh", "-x", "--", "", "ls"};

constexpr std::uint64_t kNumbers[] = {
    0,
    1,
    2,
    100,
    1000,
    65534,
    65535,
    0644,
    4242,
    std::numeric_limits<std::int32_t>::max(),
    std::numeric_limits<std::uint32_t>::max(),
    std::uint64_t{1} << 32,
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()),
    std::uint64_t{1} << 63,
    std::numeric_limits<std::uint64_t>::max(),
    0 - std::uint64_t{2},
    0 - std::uint64_t{13},
};

constexpr std::uint64_t kModes[] = {0644, 0, 0755, 04755, 0777, 07777, 0600, 0100, 02000};

}  // namespace

std::string random_path(Choices& choices) {
  std::string path = choices.one_of(paths());
  switch (choices.below(16)) {
    case 12:
    case 13:
      path.resize(choices.below(path.size() + 1));
      break;
    case 14:
      path += choices.one_of(kEnds);
      break;
    case 15:
      path.insert(choices.below(path.size() + 1), choices.one_of(kEnds));
      break;
    default:
      break;
  }
  return path;
}

std::string random_name(Choices& choices) {
  std::string name(choices.one_of(kNames));
  if (choices.once_in(12)) name.resize(choices.below(name.size() + 1));
  return name;
}

std::string random_words(Choices& choices) {
  std::string words;
  for (std::uint64_t i = choices.below(4); i != 0; --i) {
    if (!words.empty()) words += ' ';
    words += choices.one_of(kWords);
  }
  return words;
}

std::uint64_t random_number(Choices& choices) {
  const std::uint64_t number = choices.one_of(kNumbers);
  switch (choices.below(8)) {
    case 6:
      return number + 1;
    case 7:
      return number - 1;
    default:
      return number;
  }
}

std::uint64_t random_mode(Choices& choices) { return choices.one_of(kModes); }

}  // namespace outrider::test
