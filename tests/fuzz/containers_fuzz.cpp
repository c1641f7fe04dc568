// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as what says which container something is: the path of a cgroup, the arguments of a
// runtime, config.json of a bundle, the state of a runtime. The first byte says as what.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "workloads/containers/cgroup_identity.h"
#include "workloads/containers/container.h"
#include "workloads/containers/json_claims.h"
#include "workloads/containers/oci_bundle.h"
#include "workloads/containers/runtime_command.h"
#include "workloads/containers/runtime_state.h"

namespace outrider {
namespace {

bool is_prefix(std::string_view part, std::string_view path) {
  return path.starts_with(part) && (part.size() == path.size() || path[part.size()] == '/');
}

void check_path(std::string_view path) {
  const CgroupIdentity identity = identify_cgroup(path);
  require(identity.container_id.empty() == identity.container_path.empty(), "an id has a place");
  require(is_prefix(identity.container_path, path) || identity.container_path.empty(),
          "a container's cgroup is on the path");
  require(is_prefix(identity.rootless_base, path) || identity.rootless_base.empty(),
          "a user's cgroup is on the path");
  require((identity.rootless_uid == 0) == identity.rootless_base.empty(), "both or none");
  if (!identity.container_path.empty()) {
    const CgroupIdentity itself = identify_cgroup(identity.container_path);
    require(itself.container_id == identity.container_id, "its own path says the same");
  }
  const std::string claimed = cgroup_of_claim(path);
  require(cgroup_of_claim(claimed) == claimed || claimed.find(':') != std::string::npos,
          "a path is a path");
  require(claimed.find("/../") == std::string::npos, "no path leads upwards");
}

void check_command(std::string_view text) {
  const std::size_t end = std::min(text.find('\0'), text.size());
  const std::string_view rest = text.substr(std::min(end + 1, text.size()));
  for (const std::string_view cwd : {"", "/cwd"}) {
    for (const std::string_view program : {text.substr(0, end), std::string_view("crun")}) {
      const auto command = parse_runtime_command(program, rest, cwd);
      if (!command) continue;
      require(is_container_id(command->id), "an id is a name");
      require(command->bundle.empty() || command->bundle.front() == '/', "a bundle is absolute");
      require(command->root.empty() || command->root.front() == '/', "a root is absolute");
    }
  }
}

void check_bundle(std::string_view text) {
  const auto bundle = parse_bundle(text, "/bundle");
  if (!bundle) return;
  const Container& container = bundle->container;
  require(container.labels.size() <= kLabelsMax, "labels are bounded");
  require(std::ranges::is_sorted(container.labels), "labels are in order");
  require(container.mounts && container.mounts->size() <= kMountsMax, "mounts are bounded");
  require(!container.id.known(), "a bundle has no id");
  const Container named = with_name(container);
  require(named.name.text.size() <= kNameMax, "a name is bounded");
  require(named.name.text.find('\0') == std::string::npos, "a name has no NUL");
  Container merged = container;
  merge(merged, container);
  require(merged == container, "once more says nothing new");
}

void check_state(std::string_view text) {
  const auto state = parse_runtime_state(text);
  if (!state) return;
  for (const std::string& cgroup : state->cgroups) {
    require(cgroup.size() > 1 && cgroup.front() == '/', "a cgroup is an absolute path");
  }
}

}  // namespace
}  // namespace outrider

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outrider;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      check_path(text);
      break;
    case 1:
      check_command(text);
      break;
    case 2:
      check_bundle(text);
      break;
    case 3:
      check_state(text);
      break;
    default:
      time_of(text);
      break;
  }
  return 0;
}
