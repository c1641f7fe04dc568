// SPDX-License-Identifier: Apache-2.0
//
// A kind of events that is made while the program runs: what somebody has named as
// tp:CATEGORY:NAME, uprobe:PATH:SYMBOL, usdt:PATH:PROVIDER:PROBE or fn:NAME.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "events/descriptor.h"
#include "sensors/probe/probe_value.h"
#include "sensors/probe/probe_wire.h"

namespace outrider {

// Where programs of a probe are attached.
struct TracepointSite {
  std::uint64_t id = 0;  // perf's
};
struct UserSite {
  std::string path;             // that the kernel can open: of a descriptor of ours
  std::uint64_t offset = 0;     // in the file
  std::uint64_t semaphore = 0;  // the same of a USDT probe's counter of its users; 0: it has none
};
struct KernelSite {
  std::string function;
};
using ProbeSite = std::variant<TracepointSite, UserSite, KernelSite>;

// Sites where the same has to be captured in the same way: they have one program.
struct ProbeProgram {
  std::vector<wire_probe_capture> captures = {};
  std::vector<ProbeSite> sites = {};
  // Functions of the kernel: captures and result of a program that has arguments in place of
  // registers (fentry, fexit), if there can be one.
  bool has_tracing = false;
  std::vector<wire_probe_capture> tracing_captures = {};
  std::uint16_t tracing_result_from = 0;
};

// All that is known of a target before anything is attached.
struct ProbeDescription {
  std::string target;  // as it was given
  std::string doc;
  std::vector<ProbeArgument> arguments = {};
  bool is_raw = false;             // numbers are as in a tracepoint's data
  bool is_kernel = false;          // addresses are the kernel's
  bool can_return = false;         // it is a function
  std::string why_no_return = {};  // it is one, but cannot be seen returning
  ProbeType result = {};
  std::uint16_t data_size = 0;  // bytes of all captures
  std::vector<ProbeProgram> programs = {};
  FileDescriptor file = {};  // of the paths of its sites
};

// How many targets a run may have, and arguments of one that have a field.
inline constexpr std::size_t kProbesMax = WIRE_PROBE_LIMIT - WIRE_PROBE;
inline constexpr std::size_t kProbeArgumentsMax = 64;

// Its descriptor, which is its own. Nothing of it changes once it is made but what is wanted of it.
class ProbeKind : public EventDescriptor {
 public:
  // `number`: from WIRE_PROBE on. Fails if it has more arguments than can be shown.
  static Result<std::shared_ptr<ProbeKind>> create(wire_kind number, ProbeDescription description);
  ProbeKind(const ProbeKind&) = delete;
  ProbeKind& operator=(const ProbeKind&) = delete;

  [[nodiscard]] const ProbeDescription& description() const { return description_; }

  // A field by another name: "evt.arg[0]" or "evt.arg[comm]"; nullptr if there is none.
  [[nodiscard]] const FieldDescriptor* find_alias(std::string_view name) const;
  // Those of them that conditions find: "evt.arg.0".
  [[nodiscard]] std::span<const FieldDescriptor* const> places() const { return places_; }

  // What consumers want of it, before it is loaded: that events are made when the function
  // returns, and stacks (a bit for each of enum wire_stack). Fails if it cannot be seen returning.
  Result<void> ask(bool returns, std::uint32_t stacks);
  [[nodiscard]] bool returns() const { return returns_; }
  [[nodiscard]] std::uint32_t stacks() const { return stacks_; }

 private:
  ProbeKind(wire_kind number, ProbeDescription description);
  void add_arguments();
  const FieldDescriptor& add(FieldDescriptor field);

  ProbeDescription description_;
  bool returns_ = false;
  std::uint32_t stacks_ = 0;
  std::deque<std::string> texts_;
  std::deque<FieldDescriptor> kept_;
  std::vector<const FieldDescriptor*> own_;
  std::vector<const FieldDescriptor*> places_;
  std::vector<const FieldDescriptor*> aliases_;
  std::vector<std::string_view> column_names_;
};

// nullptr for all other kinds.
const ProbeKind* as_probe(const EventDescriptor& kind);

}  // namespace outrider
