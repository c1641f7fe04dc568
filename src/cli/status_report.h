// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/features.h"
#include "bpf/programs.h"

namespace outrider {

// All that `outrider status` says.
struct StatusReport {
  std::string kernel;                   // its release
  std::vector<FeatureResult> features;  // a result for each row of all_features()
  LoadedPrograms loaded;
  std::string loaded_unknown;   // why `loaded` is empty, if it could not be asked for
  double measured_seconds = 0;  // 0: not measured
  // Containers there are now, and who has answered of them.
  struct NamedContainer {
    std::string id;
    std::string name;
    std::string source;  // of the name; empty if it is not known
  };
  std::vector<NamedContainer> containers;
  std::vector<std::string> container_sources;
  // What the agent says of itself, a JSON object, if one runs.
  std::optional<std::string> agent = {};
};

// Tries the features and looks for programs of ours. With `measure`, and if there are any,
// it takes a second more. Needs CAP_BPF and CAP_PERFMON for the features, CAP_SYS_ADMIN
// for the rest.
StatusReport make_status_report(bool measure);

// The error of a report that lacks what we cannot do without; nothing if all is there.
std::optional<Error> missing_feature(const StatusReport& report);

// For people, wrapped and shortened to `width` columns; 0: lines as long as they are.
std::string status_columns(const StatusReport& report, std::size_t width);
// One JSON object. What is not known is null.
std::string status_json(const StatusReport& report);

// Names of our kernel programs, as the kernel object has them.
std::vector<std::string> own_program_names();

}  // namespace outrider
