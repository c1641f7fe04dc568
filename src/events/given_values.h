// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "events/value.h"

namespace outrider {

// Values of an event's fields that somebody has written down, by the fields' names, with an
// argument as in "proc.aname[2]". A field of which there is none is missing. Texts are not owned.
class GivenValues {
 public:
  void set(std::string name, const Value& value) {
    values_.insert_or_assign(std::move(name), value);
  }

  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  [[nodiscard]] Value find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? Value::missing() : found->second;
  }

 private:
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace outrider
