// SPDX-License-Identifier: Apache-2.0
#include "engine/process_list.h"

#include <cstddef>
#include <cstring>
#include <span>
#include <unordered_set>

#include "engine/iterator.h"

namespace outrider {

Result<std::vector<wire_fork>> list_processes(const BpfObject& object) {
  std::vector<wire_fork> processes;
  std::unordered_set<std::uint32_t> seen;
  auto listed =
      run_iterator(object, kListProgram, sizeof(wire_fork), [&](std::span<const std::byte> bytes) {
        wire_fork process;
        std::memcpy(&process, bytes.data(), sizeof(process));
        if (seen.insert(process.header.pid).second) {
          processes.push_back(process);
        }
      });
  if (!listed) return std::unexpected(listed.error());
  return processes;
}

}  // namespace outrider
