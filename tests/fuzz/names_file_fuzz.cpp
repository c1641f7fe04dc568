// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a passwd or group, and as a map of ids.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "workloads/id_map.h"
#include "workloads/names_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outrider;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const NamesFile file(text, size > 0 && data[0] % 2 == 0);
  require(file.memory() <= 8 * (size + 64), "little more than the text");
  for (const std::uint32_t id : {0u, 1u, 7u, 1000u, 4294967294u, 4294967295u}) {
    const auto user = file.user(id);
    require(user.has_value() == file.name(id).has_value(), "a user has a name");
    if (!user) continue;
    require(id != 4294967295u, "nobody is -1");
    require(!user->name.empty(), "a name is not empty");
    for (const std::string_view part : {user->name, user->home, user->shell}) {
      require(part.find_first_of(std::string_view(":\n\0", 3)) == std::string_view::npos,
              "what ends a field is not in it");
    }
  }

  const IdMap map(text);
  require(!map.empty() || !map.inside(0), "an empty map has no ids");
  return 0;
}
