// SPDX-License-Identifier: Apache-2.0
#include "cli/top_sources.h"

#include <algorithm>
#include <iterator>

namespace outrider {

namespace {

// No event goes into it, so as small as a ring can be on every machine.
constexpr std::size_t kRingSize = 64 << 10;

}  // namespace

Result<std::unique_ptr<Engine>> start_tables(const TopNeeds& needs) {
  EngineOptions options;
  options.filter = false;
  options.ring_size = kRingSize;
  options.show_secrets = needs.show_secrets;
  auto engine = Engine::start(options);
  if (!engine) return engine;
  if (auto added = (*engine)->add({.kinds = {}, .condition = nullptr, .deliver = nullptr});
      !added) {
    return std::unexpected(added.error());
  }
  return engine;
}

std::span<const TopKind> top_kinds() {
  static const TopKind kKinds[] = {top_of_processes(), top_of_files(), top_of_blocks(),
                                   top_of_containers(), top_of_syscalls()};
  return kKinds;
}

const TopKind* find_top_kind(std::string_view name) {
  const auto kinds = top_kinds();
  const auto found = std::ranges::find(kinds, name, &TopKind::name);
  return found == kinds.end() ? nullptr : &*found;
}

}  // namespace outrider
