// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/bpf_object.h"
#include "sensors/probe/probe_kind.h"

struct outrider_probe_bpf;

namespace outrider {

// By which programs a function or a tracepoint is watched: those that are given registers, or those
// that are given the arguments themselves (fentry, fexit).
enum class ProbeHook : std::uint8_t { kTracepoint, kRegisters, kTracing };

// The programs of one probe: objects of their own, which send into the rings of the main object and
// ask its filter. Nothing of it is pinned. Not thread-safe.
class ProbePrograms {
 public:
  // Loaded, not attached. The kind and the object must outlive it.
  static Result<std::unique_ptr<ProbePrograms>> load(const ProbeKind& kind,
                                                     const BpfObject& shared);
  ~ProbePrograms();
  ProbePrograms(const ProbePrograms&) = delete;
  ProbePrograms& operator=(const ProbePrograms&) = delete;

  // All of its sites, or none.
  Result<void> attach();
  void detach();
  [[nodiscard]] bool is_attached() const;

  // What of the main object's variables its own programs read: what is wanted, and of how much.
  void follow(const BpfObject& shared);
  // Whether the next record has to wake the reader of the rings up.
  void set_asleep(std::size_t rings, bool asleep);

  // Runs that the kernel has skipped, as far as it says so, and ns in which they have run.
  [[nodiscard]] std::uint64_t missed() const;
  [[nodiscard]] std::uint64_t run_time() const;

 private:
  struct Part;
  explicit ProbePrograms(const ProbeKind& kind);
  Result<void> load_part(const ProbeProgram& program, const BpfObject& shared);
  Result<void> load_part_as(const ProbeProgram& program, const BpfObject& shared, ProbeHook hook);
  Result<void> choose_programs(Part& part, ProbeHook hook) const;
  Result<void> choose_maps(outrider_probe_bpf& object, const BpfObject& shared,
                           std::uint32_t data_size) const;
  const ProbeKind& kind_;
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace outrider
