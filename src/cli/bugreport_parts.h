// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace outrider {

// A file of a report, as it is found: nothing is masked yet.
struct ReportPart {
  std::string_view name;  // in the archive
  std::string_view what;
  std::string text;
  std::string missing;  // why there is none
};

// What is gathered, and where from.
struct ReportSources {
  std::string run_directory;  // of the agent
  std::string proc = "/proc";
  std::string sys = "/sys";
  std::string boot = "/boot";
  std::function<void(std::string_view)> on_part;  // called with the name of each before it is made
};

// All parts, in the order of the archive; those that cannot be had as well. Takes some seconds; an
// agent that does not answer costs five more for each part that asks it.
std::vector<ReportPart> gather_report(const ReportSources& sources);

}  // namespace outrider
