// SPDX-License-Identifier: Apache-2.0
//
// Records of processes, made by hand, as they lie in a ring.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "events/wire.h"

namespace outrider::test {

inline wire_header header_of(std::uint32_t pid, std::uint64_t start_time, std::uint32_t ppid = 1,
                             std::uint64_t parent_start_time = 0) {
  wire_header header{};
  header.pid = header.tid = pid;
  header.start_time = start_time;
  header.ppid = ppid;
  header.parent_start_time = parent_start_time;
  std::strcpy(header.comm, "thread");
  return header;
}

inline wire_fork fork_of(std::uint32_t pid, std::uint64_t start_time, std::uint32_t ppid,
                         std::uint64_t parent_start_time) {
  wire_fork fork{};
  fork.header = header_of(pid, start_time, ppid, parent_start_time);
  return fork;
}

inline wire_exit exit_of(std::uint32_t pid, std::uint64_t start_time, std::uint64_t time) {
  wire_exit exit{};
  exit.header = header_of(pid, start_time);
  exit.header.time = time;
  return exit;
}

inline wire_header with_cwd(wire_header header, std::uint64_t inode) {
  header.cwd_inode = inode;
  return header;
}

// A record with the strings behind it.
template <typename Wire>
class WithStrings {
 public:
  WithStrings(const wire_header& header, const std::vector<std::pair<int, std::string>>& texts) {
    std::string payload;
    Wire fixed{};
    fixed.header = header;
    for (const auto& [index, text] : texts) {
      fixed.strings[index].length = static_cast<wire_u16>(text.size());
      fixed.strings[index].state = WIRE_STRING_WHOLE;
      payload += text;
    }
    words_.resize((sizeof(Wire) + payload.size() + 7) / 8);
    std::memcpy(words_.data(), &fixed, sizeof(fixed));
    std::memcpy(reinterpret_cast<char*>(words_.data()) + sizeof(fixed), payload.data(),
                payload.size());
  }
  Wire& operator*() { return *reinterpret_cast<Wire*>(words_.data()); }
  Wire* operator->() { return &**this; }

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace outrider::test
