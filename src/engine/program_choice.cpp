// SPDX-License-Identifier: Apache-2.0
#include "engine/program_choice.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

namespace outrider {

namespace {

// net/bpf/test_run.c: exists to be traced, and nobody calls it. What the kernel takes there, it
// takes at other functions.
constexpr std::string_view kTestFunction = "bpf_fentry_test1";

}  // namespace

std::string ProgramChooser::why_no_function(bpf_attach_type type, std::string_view function) {
  if (!trial_) trial_ = std::make_unique<FeatureTrial>();
  const FeatureResult result = trial_->try_trampoline(type, kTestFunction);
  if (result.state != FeatureState::kWorks) {
    return fmt::format("{} is refused: {}", type == BPF_TRACE_FEXIT ? "fexit" : "fentry",
                       result.reason);
  }
  if (btf__find_by_name_kind(trial_->types(), std::string(function).c_str(), BTF_KIND_FUNC) < 0) {
    return fmt::format("no function {}", function);
  }
  return {};
}

std::string ProgramChooser::why_absent(std::string_view section) {
  const std::size_t slash = section.find('/');
  const std::string_view hook = section.substr(0, slash);
  const std::string_view target = section.substr(slash + 1);
  if (hook == "fexit") return why_no_function(BPF_TRACE_FEXIT, target);
  if (hook == "fentry") return why_no_function(BPF_TRACE_FENTRY, target);
  if (types().has_name(fmt::format("btf_trace_{}", target))) return {};
  return fmt::format("no tracepoint {}", target);
}

const KernelTypes& ProgramChooser::types() {
  if (!types_) types_.emplace();
  return *types_;
}

ChosenProgram ProgramChooser::choose(const ProgramChoice& choice) {
  if (!object_) object_ = BpfObject(outrider_bpf::open());
  ChosenProgram chosen;
  if (!choice.type.empty() && !types().has_name(choice.type)) {
    chosen.reason = fmt::format("the kernel has no type {}", choice.type);
    return chosen;
  }
  for (const std::string_view name : choice.programs) {
    const bpf_program* program = object_ ? find_program(object_, name) : nullptr;
    if (program == nullptr) continue;
    const std::string reason = why_absent(bpf_program__section_name(program));
    if (reason.empty()) return {.name = name, .reason = {}};
    if (!chosen.reason.empty()) chosen.reason += "; ";
    chosen.reason += reason;
  }
  return chosen;
}

}  // namespace outrider
