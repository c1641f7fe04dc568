// SPDX-License-Identifier: Apache-2.0
//
// Options that are short for a condition: --uid 0 is --where 'user.uid in (0)'.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "language/fields.h"

namespace outrider {

// What the options say, value by value as it was given. A value that begins with '!' is excluded.
struct Sugar {
  std::vector<std::string> pids = {};
  std::vector<std::string> comms = {};
  std::vector<std::string> uids = {};
  std::vector<std::string> containers = {};
  std::vector<std::string> namespaces = {};
  std::vector<std::string> pods = {};
  bool host = false;  // only what is in no container
};

// The condition that they stand for, in the language of --where; empty if they want everything.
// Several values of one option are alternatives, several options must all hold, what is excluded
// never does. Fails where a value cannot be one, and where events do not have the field.
Result<std::string> condition_of(const Sugar& sugar, const FieldCatalog& catalog);

// Both at once; either may be empty. `where` has been parsed before, so that it is a whole.
std::string both(std::string_view where, std::string_view sugar);

}  // namespace outrider
