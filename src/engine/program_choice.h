// SPDX-License-Identifier: Apache-2.0
//
// Which of the programs that do the same this kernel has, found by trying; see ProgramChoice.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bpf/feature_trial.h"
#include "bpf/kernel_types.h"
#include "engine/bpf_object.h"
#include "events/descriptor.h"

namespace outrider {

struct ChosenProgram {
  std::string_view name;  // empty if this kernel has none of them
  std::string reason;     // then, what it lacks or refused, one after the other
};

// What has been found out is kept for the next choice. Not thread-safe.
class ProgramChooser {
 public:
  // The first program of the choice that this kernel has. Opens the object and reads the kernel's
  // types at the first call (some 10 ms each), and tries functions (some 50 ms) only where one may
  // be chosen.
  ChosenProgram choose(const ProgramChoice& choice);

  // Why a function cannot have a program of fentry or fexit; empty if it can.
  std::string why_no_function(bpf_attach_type type, std::string_view function);

 private:
  // Empty if it has it.
  std::string why_absent(std::string_view section);

  const KernelTypes& types();

  BpfObject object_;
  std::optional<KernelTypes> types_;
  std::unique_ptr<FeatureTrial> trial_;
};

}  // namespace outrider
