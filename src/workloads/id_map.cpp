// SPDX-License-Identifier: Apache-2.0
#include "workloads/id_map.h"

#include <array>
#include <charconv>

namespace outrider {

// user_namespaces(7): "inside outside count" in each line, blanks before each.
IdMap::IdMap(std::string_view text) {
  while (!text.empty()) {
    std::array<std::uint32_t, 3> numbers{};
    for (std::uint32_t& number : numbers) {
      const std::size_t start = text.find_first_not_of(' ');
      if (start == std::string_view::npos) return;
      text.remove_prefix(start);
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc()) return;
      text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    }
    if (text.empty() || text.front() != '\n') return;
    text.remove_prefix(1);
    ranges_.push_back({numbers[0], numbers[1], numbers[2]});
  }
}

std::optional<std::uint32_t> IdMap::inside(std::uint32_t id) const {
  for (const Range& range : ranges_) {
    if (id >= range.outside && id - range.outside < range.count) {
      return range.inside + (id - range.outside);
    }
  }
  return std::nullopt;
}

}  // namespace outrider
