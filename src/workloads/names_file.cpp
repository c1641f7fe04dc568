// SPDX-License-Identifier: Apache-2.0
#include "workloads/names_file.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace outrider {

namespace {

constexpr std::size_t kLineMax = 4096;  // bytes; sysconf(_SC_GETPW_R_SIZE_MAX) is 1024

// "" if there are not so many.
std::string_view field(std::string_view line, int number) {
  for (; number > 0; --number) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    line.remove_prefix(colon + 1);
  }
  return line.substr(0, line.find(':'));
}

// Both files: "name:password:id:...".
std::optional<std::uint32_t> id_of(std::string_view line) {
  if (line.empty() || line.size() > kLineMax) return std::nullopt;
  if (std::string_view("+-#:").find(line.front()) != std::string_view::npos) return std::nullopt;
  if (line.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string_view digits = field(line, 2);
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  // -1 is nobody's: the kernel means "leave it" by it.
  if (id == std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return id;
}

}  // namespace

NamesFile::NamesFile(std::string text, bool cut) : text_(std::move(text)), cut_(cut) {
  if (text_.size() > std::numeric_limits<std::uint32_t>::max()) {
    text_.clear();
    cut_ = true;
  }
  std::size_t at = 0;
  while (at < text_.size()) {
    std::size_t end = text_.find('\n', at);
    if (end == std::string::npos) {
      if (cut_) break;
      end = text_.size();
    }
    if (const auto id = id_of(std::string_view(text_).substr(at, end - at))) {
      lines_.push_back({*id, static_cast<std::uint32_t>(at)});
    }
    at = end + 1;
  }
  std::ranges::sort(lines_, {}, [](const Line& line) { return std::pair(line.id, line.at); });
  const auto others = std::ranges::unique(lines_, {}, &Line::id);
  lines_.erase(others.begin(), others.end());
  lines_.shrink_to_fit();
}

std::string_view NamesFile::line_of(std::uint32_t id) const {
  const auto found = std::ranges::lower_bound(lines_, id, {}, &Line::id);
  if (found == lines_.end() || found->id != id) return {};
  const std::string_view rest = std::string_view(text_).substr(found->at);
  return rest.substr(0, rest.find('\n'));
}

std::optional<std::string_view> NamesFile::name(std::uint32_t id) const {
  const std::string_view line = line_of(id);
  if (line.empty()) return std::nullopt;
  return field(line, 0);
}

std::optional<NamesFile::User> NamesFile::user(std::uint32_t id) const {
  const std::string_view line = line_of(id);
  if (line.empty()) return std::nullopt;
  return User{field(line, 0), field(line, 5), field(line, 6)};
}

}  // namespace outrider
