// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "events/wire.h"

namespace outrider {

// Who says what users and groups are called: the machine (UserTable), or a recording of what it
// said. Not thread-safe.
class UserNames {
 public:
  enum class Answer : std::uint8_t {
    kUnknown,  // nothing could be read, or the id has no name in its namespace
    kNone,     // what was read has no such user or group
    kFound,
  };
  // Views are valid until the next call.
  struct Name {
    Answer answer = Answer::kUnknown;
    std::string_view name;
    std::string_view home;   // of users
    std::string_view shell;  // of users
  };

  UserNames() = default;
  UserNames(const UserNames&) = delete;
  UserNames& operator=(const UserNames&) = delete;
  virtual ~UserNames() = default;

  virtual Name user(const wire_header& process) = 0;
  virtual Name group(const wire_header& process) = 0;
  // A user of the host: who has logged in.
  virtual Name host_user(std::uint32_t id) = 0;
};

}  // namespace outrider
