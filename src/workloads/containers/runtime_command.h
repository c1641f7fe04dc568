// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "workloads/containers/container.h"

namespace outrider {

// What a runtime was told to do, from the arguments of its process: `runc create --bundle B ID`.
// A claim of that process, until a cgroup agrees.
struct RuntimeCommand {
  Runtime runtime = Runtime::kUnknown;
  std::string id;
  std::string bundle;  // absolute; empty: not known
  std::string root;    // --root, where it keeps its state; absolute, may be empty

  bool operator==(const RuntimeCommand&) const = default;
};

// nullopt if this is no command of an OCI runtime that starts a container. `program` is the
// path or name that was run, `arguments` have a NUL after each, the first is the program's own
// name; `cwd` is absolute, or empty if it is not known. Any bytes do no harm.
std::optional<RuntimeCommand> parse_runtime_command(std::string_view program,
                                                    std::string_view arguments,
                                                    std::string_view cwd);

// Whether it can be the id of a container: a name of a directory that is no other one's.
bool is_container_id(std::string_view id);

}  // namespace outrider
