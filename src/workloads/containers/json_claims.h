// SPDX-License-Identifier: Apache-2.0
//
// JSON that anybody may have written. Nothing here throws, and nothing of it is trusted to be what
// it should be: what is not is as if it were not there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace outrider {

using Json = nlohmann::json;

// `text` as JSON, or a null if it is none, is nested too deep or has too many values: a byte of
// it may cost 50 of memory. What stands under one of these keys, at any depth, and is an object
// or an array, is only read over and becomes `true`: profiles of seccomp are most of many files.
Json parse_claims(std::string_view text, std::span<const std::string_view> skipped = {});

// A member of an object, or nullptr.
const Json* find_member(const Json& object, std::string_view key);
// The same with keys one within the other.
template <typename... Keys>
const Json* find_member(const Json& object, std::string_view key, Keys... keys) {
  const Json* member = find_member(object, key);
  return member == nullptr ? nullptr : find_member(*member, keys...);
}

// A text of 1 to `size_max` bytes without a NUL, or "".
std::string_view text_of(const Json* value, std::size_t size_max);
std::optional<bool> flag_of(const Json* value);

// The members of an object that are texts without a NUL.
std::vector<std::pair<std::string, std::string>> texts_of(const Json* object);

// RFC 3339 ("2026-11-21T18:00:58.32877672Z", any offset) as wall clock, ns; 0 if it is none.
std::int64_t time_of(std::string_view text);

}  // namespace outrider
