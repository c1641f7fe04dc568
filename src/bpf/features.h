// SPDX-License-Identifier: Apache-2.0
//
// What this kernel can do, found by trying: some kernels list what they then refuse, and
// others have what their version does not promise.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bpf/kernel_types.h"

namespace outrider {

// Whether programs of tracepoints can be preempted, as they can from Linux 7.0 on (tracepoints
// guarded by SRCU-fast), where the kernel can switch that off (bpf_preempt_disable, 6.10).
bool tracepoints_may_be_preempted(const KernelTypes& types);

enum class FeatureState : std::uint8_t {
  kWorks,
  kRefused,  // the kernel lists it, but did not do it
  kAbsent,   // not in this kernel, or not on this machine as it is set up
};
std::string_view feature_state_name(FeatureState state);

struct FeatureResult {
  FeatureState state = FeatureState::kAbsent;
  int error_number = 0;  // of the refusal; 0 where there was none
  std::string reason;    // why not, in words; where it works, what was found, or empty
};

class FeatureTrial;

// One row of the table. All texts but `commit` and `title` are set.
struct Feature {
  std::string_view name;     // stable: documents and scripts may rely on it
  std::string_view purpose;  // what we use it for
  std::string_view trial;    // how it is tried
  std::string_view since;    // of Linux, "5.8"
  std::string_view commit;   // upstream, 12 digits
  std::string_view title;    // of the commit
  bool needed;               // nothing works without it
  bool slow;                 // the kernel waits before it lets go of the trial
  // A name that the kernel's BTF has if the kernel knows the feature; empty where the
  // trial can tell by itself.
  std::string_view listed_as;
  FeatureResult (*try_it)(FeatureTrial& trial);
};

// The table, in the order in which it is shown. Names are unique.
std::span<const Feature> all_features();

// Tries all of them, and returns a result for each row of all_features(). Takes some 100 ms;
// needs CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN. Loads and attaches programs of a few
// instructions that do nothing; all of it is gone when it returns. Not thread-safe: it
// replaces libbpf's printer meanwhile.
std::vector<FeatureResult> try_features();

// "EPERM" for EPERM, also for the errno that only the kernel knows (ENOTSUPP).
std::string errno_name(int error_number);

}  // namespace outrider
