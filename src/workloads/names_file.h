// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outrider {

// The text of a passwd(5) or group(5), to find lines by id. Of anybody: it may hold any bytes, but
// what it says of a name ends with its line. Only read after it was made.
//
// As getpwuid(3) has it: of several lines with an id the first is meant; comments and what NIS
// would add (+, -) are none. Lines with a NUL and lines over 4 KB are left out.
class NamesFile {
 public:
  NamesFile() = default;
  // `cut`: the text was longer than this; the last line may be half of one, and is left out.
  explicit NamesFile(std::string text, bool cut = false);

  // Views are of this object; what the line lacks is empty.
  struct User {
    std::string_view name;
    std::string_view home;
    std::string_view shell;
  };
  [[nodiscard]] std::optional<User> user(std::uint32_t id) const;
  // Of a user or group.
  [[nodiscard]] std::optional<std::string_view> name(std::uint32_t id) const;

  // Whether an id that is not found has no line; otherwise nobody knows.
  [[nodiscard]] bool whole() const { return !cut_; }
  [[nodiscard]] std::size_t memory() const {
    return text_.capacity() + lines_.capacity() * sizeof(Line);
  }

 private:
  struct Line {
    std::uint32_t id;
    std::uint32_t at;  // where in the text it begins
  };
  // The line of the id, without its end; empty if there is none.
  [[nodiscard]] std::string_view line_of(std::uint32_t id) const;

  std::string text_;
  std::vector<Line> lines_;  // by id, each once
  bool cut_ = false;
};

}  // namespace outrider
