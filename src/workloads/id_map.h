// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace outrider {

// Ids of a user namespace and those of the machine, of which there are as many as the kernel
// allows lines (340): /proc/PID/uid_map or gid_map, read from the initial namespace. Only read
// after it was made.
class IdMap {
 public:
  IdMap() = default;
  explicit IdMap(std::string_view text);

  // What the machine's id is called in the namespace; nullopt if it has no name there.
  [[nodiscard]] std::optional<std::uint32_t> inside(std::uint32_t id) const;
  // Nothing has been written into it yet.
  [[nodiscard]] bool empty() const { return ranges_.empty(); }

 private:
  struct Range {
    std::uint32_t inside;
    std::uint32_t outside;
    std::uint32_t count;
  };
  std::vector<Range> ranges_;
};

}  // namespace outrider
