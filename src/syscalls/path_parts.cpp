// SPDX-License-Identifier: Apache-2.0
#include "syscalls/path_parts.h"

#include <algorithm>

namespace outrider {

namespace {

// One that is cut and begins with '/' lacks its end, others lack their start.
bool lacks_end(const Value& path) { return path.cut && path.text.starts_with('/'); }

}  // namespace

Value directory_of(const Value& path) {
  if (path.kind != Value::Kind::kText) return path;
  if (lacks_end(path)) return Value::unknown();
  const std::size_t slash = path.text.rfind('/');
  if (slash == std::string_view::npos) return path.cut ? Value::unknown() : Value::missing();
  return Value::of_text(path.text.substr(0, std::max<std::size_t>(slash, 1)), path.cut);
}

Value file_name_of(const Value& path) {
  if (path.kind != Value::Kind::kText) return path;
  const std::size_t slash = path.text.rfind('/');
  if (lacks_end(path) || (path.cut && slash == std::string_view::npos)) return Value::unknown();
  return Value::of_text(path.text.substr(slash + 1));  // npos + 1 is 0
}

}  // namespace outrider
