// SPDX-License-Identifier: Apache-2.0
#include "base/path.h"

#include <cstring>

namespace outrider {

namespace {

// Appends the components of `path` to the path of `length` bytes in `out`, which has
// no slash at its end; returns the new length.
std::size_t append_components(char* out, std::size_t length, std::string_view path) {
  std::size_t at = 0;
  while (at < path.size()) {
    std::size_t stop = path.find('/', at);
    if (stop == std::string_view::npos) stop = path.size();
    std::string_view component = path.substr(at, stop - at);
    at = stop + 1;
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      while (length > 0 && out[--length] != '/') {
      }
      continue;
    }
    out[length++] = '/';
    std::memcpy(out + length, component.data(), component.size());
    length += component.size();
  }
  return length;
}

}  // namespace

std::string_view join_lexically(std::string_view base, std::string_view path, Arena& arena) {
  char* out = arena.allocate(base.size() + path.size() + 2);
  std::size_t length = 0;
  if (path.empty() || path.front() != '/') length = append_components(out, 0, base);
  length = append_components(out, length, path);
  if (length == 0) out[length++] = '/';
  return {out, length};
}

std::string_view turn_round(std::string_view components, Arena& arena) {
  if (components.empty()) return "/";
  char* out = arena.allocate(components.size() + 1);
  std::size_t at = components.size();
  std::size_t length = 0;
  // Each component ends with a NUL; take them from the last to the first.
  while (at > 0) {
    std::size_t stop = at - 1;
    std::size_t start = stop == 0 ? std::string_view::npos : components.rfind('\0', stop - 1);
    start = start == std::string_view::npos ? 0 : start + 1;
    out[length++] = '/';
    std::memcpy(out + length, components.data() + start, stop - start);
    length += stop - start;
    at = start;
  }
  return {out, length};
}

}  // namespace outrider
