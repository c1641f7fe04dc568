// SPDX-License-Identifier: Apache-2.0
#include "workloads/proc_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

namespace outrider {

FileDescriptor open_proc_folder(const std::string& proc, std::uint32_t pid) {
  return FileDescriptor(
      ::open(fmt::format("{}/{}", proc, pid).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::string read_small_file(int directory, const char* name, std::size_t limit, bool* cut) {
  FileDescriptor file(::openat(directory, name, O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!file.valid()) return text;
  std::size_t used = 0;
  text.resize(std::min<std::size_t>(limit, 4096));
  while (true) {
    const ssize_t got = ::read(file.get(), text.data() + used, text.size() - used);
    if (got <= 0) break;
    used += static_cast<std::size_t>(got);
    if (used < text.size()) continue;
    if (used >= limit) {
      // As long as the limit is not longer than it.
      char more = 0;
      if (cut != nullptr) *cut = ::read(file.get(), &more, 1) == 1;
      break;
    }
    text.resize(std::min(limit, text.size() * 2));
  }
  text.resize(used);
  return text;
}

KnownText read_proc_link(int directory, const char* name) {
  std::array<char, PATH_MAX> buffer;
  const ssize_t length = ::readlinkat(directory, name, buffer.data(), buffer.size());
  if (length < 0) return {};
  return {std::string(buffer.data(), static_cast<std::size_t>(length)), true,
          static_cast<std::size_t>(length) == buffer.size()};
}

std::string_view next_word(std::string_view& line) {
  constexpr std::string_view kBlanks = " \t\n";
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  return word;
}

std::string_view next_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

std::string_view line_of(std::string_view text, std::string_view key) {
  std::string_view found;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ':') {
      found = line.substr(key.size() + 1);
    }
  }
  return found;
}

std::string unescape_octal(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    unsigned byte = 0;
    const char* digits = text.data() + 1;
    if (text.front() == '\\' && text.size() >= 4 &&
        std::from_chars(digits, digits + 3, byte, 8).ptr == digits + 3) {
      out += static_cast<char>(byte);
      text.remove_prefix(4);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

std::string_view fields_of_stat(std::string_view stat) {
  const std::size_t end = stat.rfind(')');
  return end == std::string_view::npos ? std::string_view() : stat.substr(end + 1);
}

}  // namespace outrider
