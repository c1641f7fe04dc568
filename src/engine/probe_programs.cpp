// SPDX-License-Identifier: Apache-2.0
#include "engine/probe_programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "bpf/kernel_types.h"
#include "bpf/libbpf_messages.h"
#include "bpf/link.h"
#include "engine/program_choice.h"
#include "sensors/probe/registers.h"

// Made by bpftool; see cmake/BpfObject.cmake.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include "outrider_probe.skel.h"
#pragma GCC diagnostic pop

namespace outrider {

namespace {

struct ObjectDeleter {
  void operator()(outrider_probe_bpf* object) const { outrider_probe_bpf::destroy(object); }
};
// What a record has behind its fixed part and its data.
std::size_t stacks_size(std::uint32_t stacks) {
  if (stacks == 0) return 0;
  return static_cast<std::size_t>(std::popcount(stacks)) * WIRE_FRAMES_MAX * sizeof(std::uint64_t) +
         sizeof(wire_stacks);
}

using Hook = ProbeHook;

wire_probe_plan plan_of(const ProbeKind& kind, const ProbeProgram& program, Hook hook) {
  const ProbeDescription& description = kind.description();
  wire_probe_plan plan{};
  plan.kind = static_cast<wire_u16>(kind.kind);
  // The ring's records, and what is behind the data, are aligned.
  plan.data_size = static_cast<wire_u16>((description.data_size + 7U) & ~7U);
  plan.record_size =
      static_cast<wire_u32>(sizeof(wire_probe) + plan.data_size + stacks_size(kind.stacks()));
  plan.result_from = hook == Hook::kTracing ? program.tracing_result_from : result_place();
  plan.frame_from = stack_pointer_place();
  plan.is_kernel = description.is_kernel ? 1 : 0;
  plan.has_return = kind.returns() ? 1 : 0;
  plan.stacks = static_cast<wire_u8>(kind.stacks());
  std::ranges::copy(hook == Hook::kTracing ? program.tracing_captures : program.captures,
                    plan.captures);
  return plan;
}

Result<Link> attach_tracepoint(bpf_program* program, const TracepointSite& site) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.size = sizeof(attributes);
  attributes.config = site.id;
  // The program runs on all CPUs, whichever the event is opened on: perf_trace_run_bpf_submit().
  FileDescriptor event(
      static_cast<int>(::syscall(SYS_perf_event_open, &attributes, /*pid=*/-1,
                                 /*cpu=*/0, /*group_fd=*/-1, PERF_FLAG_FD_CLOEXEC)));
  if (!event.valid()) return fail_errno("perf_event_open", errno);
  Link link(bpf_program__attach_perf_event(program, event.get()));
  if (!link) return fail_errno("attach a program to it", errno);
  std::ignore = event.release();  // the link closes it
  return link;
}

Result<Link> attach_user(bpf_program* program, const UserSite& site, bool at_return) {
  bpf_uprobe_opts options{};
  options.sz = sizeof(options);
  options.ref_ctr_offset = site.semaphore;
  options.retprobe = at_return;
  Link link(bpf_program__attach_uprobe_opts(program, /*pid=*/-1, site.path.c_str(), site.offset,
                                            &options));
  if (!link) return fail_errno("attach a program to it", errno);
  return link;
}

Result<Link> attach_to(bpf_program* program, const ProbeSite& site, bool at_return) {
  const LibbpfMessages quiet;
  if (const auto* tracepoint = std::get_if<TracepointSite>(&site)) {
    return attach_tracepoint(program, *tracepoint);
  }
  if (const auto* user = std::get_if<UserSite>(&site)) {
    return attach_user(program, *user, at_return);
  }
  bpf_kprobe_opts options{};
  options.sz = sizeof(options);
  options.retprobe = at_return;
  Link link(bpf_program__type(program) == BPF_PROG_TYPE_TRACING
                ? bpf_program__attach(program)
                : bpf_program__attach_kprobe_opts(
                      program, std::get<KernelSite>(site).function.c_str(), &options));
  if (!link) return fail_errno("attach a program to it", errno);
  return link;
}

// Why a function of the kernel cannot have programs of fentry and fexit; empty: it may.
std::string why_no_tracing(const ProbeProgram& program) {
  if (!program.has_tracing) return "its arguments are not numbers and addresses alone";
  ProgramChooser chooser;
  for (const bpf_attach_type type : {BPF_TRACE_FENTRY, BPF_TRACE_FEXIT}) {
    const std::string reason = chooser.why_no_function(type, "bpf_fentry_test1");
    if (!reason.empty()) return reason;
  }
  return {};
}

std::string why_no_kprobe() {
  // Documentation/trace/kprobetrace.rst: perf's own, Linux 4.17.
  return ::access("/sys/bus/event_source/devices/kprobe/type", F_OK) == 0
             ? std::string()
             : "perf has no kprobes (CONFIG_KPROBE_EVENTS)";
}

}  // namespace

// The object of the sites of a probe where the same is captured.
struct ProbePrograms::Part {
  std::unique_ptr<outrider_probe_bpf, ObjectDeleter> object;
  const ProbeProgram* program = nullptr;
  bpf_program* entry = nullptr;  // or the only one
  bpf_program* leave = nullptr;  // if the event is made at the return
  std::vector<Link> links;
};

ProbePrograms::ProbePrograms(const ProbeKind& kind) : kind_(kind) {}
ProbePrograms::~ProbePrograms() = default;

Result<std::unique_ptr<ProbePrograms>> ProbePrograms::load(const ProbeKind& kind,
                                                           const BpfObject& shared) {
  std::unique_ptr<ProbePrograms> programs(new ProbePrograms(kind));
  for (const ProbeProgram& program : kind.description().programs) {
    if (auto loaded = programs->load_part(program, shared); !loaded) {
      return fail(fmt::format("{}: {}", kind.name, loaded.error().message), loaded.error().code);
    }
  }
  return programs;
}

// The programs of a part are loaded, and attached for a moment where only that shows whether the
// kernel takes them.
Result<void> ProbePrograms::load_part(const ProbeProgram& program, const BpfObject& shared) {
  const ProbeSite& site = program.sites.front();
  if (std::holds_alternative<TracepointSite>(site)) {
    return load_part_as(program, shared, Hook::kTracepoint);
  }
  if (std::holds_alternative<UserSite>(site)) {
    return load_part_as(program, shared, Hook::kRegisters);
  }
  // The cheapest first.
  std::string reasons;
  for (const Hook hook : {Hook::kTracing, Hook::kRegisters}) {
    const bool tracing = hook == Hook::kTracing;
    const std::string reason = tracing ? why_no_tracing(program) : why_no_kprobe();
    Result<void> done = reason.empty() ? load_part_as(program, shared, hook) : fail(reason);
    if (done && tracing) {
      done = attach();
      detach();
      if (!done) parts_.pop_back();
    }
    if (done) return {};
    if (!reasons.empty()) reasons += "; ";
    reasons += done.error().message.substr(0, done.error().message.find('\n'));
  }
  return fail(fmt::format("this kernel does not let it be watched: {}", reasons));
}

Result<void> ProbePrograms::load_part_as(const ProbeProgram& program, const BpfObject& shared,
                                         Hook hook) {
  auto part = std::make_unique<Part>();
  part->program = &program;
  const RelocationTypes relocation;
  bpf_object_open_opts opening{};
  opening.sz = sizeof(opening);
  opening.btf_custom_path = relocation.path();
  part->object.reset(outrider_probe_bpf::open(&opening));
  if (!part->object) return fail_errno("open the kernel programs", errno);
  outrider_probe_bpf& object = *part->object;
  if (auto written = relocation.write(KernelTypes(), bpf_object__btf(object.obj)); !written) {
    return written;
  }

  const auto& knobs = *shared->rodata;
  object.rodata->own_pid = knobs.own_pid;
  object.rodata->ring_shift = knobs.ring_shift;
  object.rodata->use_filter = knobs.use_filter;
  object.rodata->workload_controller = knobs.workload_controller;
  object.rodata->workload_hierarchy = knobs.workload_hierarchy;
  const wire_probe_plan plan = plan_of(kind_, program, hook);
  std::memcpy(const_cast<wire_probe_plan*>(&object.rodata->probe_plan), &plan, sizeof(plan));

  if (auto chosen = choose_programs(*part, hook); !chosen) return chosen;
  if (auto mapped = choose_maps(object, shared, plan.data_size); !mapped) return mapped;
  const LibbpfMessages messages;
  if (const int error = outrider_probe_bpf::load(&object); error != 0) {
    auto failure = fail_errno("load the kernel programs", -error);
    failure.error().message += "\n" + messages.text();
    return failure;
  }
  parts_.push_back(std::move(part));
  follow(shared);
  return {};
}

Result<void> ProbePrograms::choose_programs(Part& part, Hook hook) const {
  auto& programs = part.object->progs;
  const bool returns = kind_.returns();
  if (hook == Hook::kTracing) {
    part.entry = returns ? programs.probe__fentry : programs.probe__fentry_event;
    part.leave = returns ? programs.probe__fexit : nullptr;
  } else {
    part.entry = returns ? programs.probe__entry : programs.probe__event;
    part.leave = returns ? programs.probe__return : nullptr;
  }
  bpf_program* each = nullptr;
  bpf_object__for_each_program(each, part.object->obj) {
    bpf_program__set_autoload(each, each == part.entry || each == part.leave);
  }
  if (hook == Hook::kTracepoint) bpf_program__set_type(part.entry, BPF_PROG_TYPE_TRACEPOINT);
  if (hook != Hook::kTracing) return {};
  const auto& function = std::get<KernelSite>(part.program->sites.front()).function;
  for (bpf_program* program : {part.entry, part.leave}) {
    if (program == nullptr) continue;
    const int error = bpf_program__set_attach_target(program, 0, function.c_str());
    if (error != 0) return fail_errno("find it in the kernel's types", -error);
  }
  return {};
}

// What is the main object's, by name; of the rest only what is used is made.
Result<void> ProbePrograms::choose_maps(outrider_probe_bpf& object, const BpfObject& shared,
                                        std::uint32_t data_size) const {
  const auto is_own = [&](const bpf_map* map) {
    return map == object.maps.probe_calls || map == object.maps.probe_blank;
  };
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object.obj) {
    if (bpf_map__is_internal(map)) continue;
    const bpf_map* other = bpf_object__find_map_by_name(shared->obj, bpf_map__name(map));
    if (other == nullptr || bpf_map__fd(other) < 0) {
      bpf_map__set_autocreate(map, is_own(map) && kind_.returns());
    } else if (const int error = bpf_map__reuse_fd(map, bpf_map__fd(other)); error != 0) {
      return fail_errno(fmt::format("share the map {}", bpf_map__name(map)), -error);
    }
  }
  for (bpf_map* calls : {object.maps.probe_calls, object.maps.probe_blank}) {
    bpf_map__set_value_size(calls, static_cast<std::uint32_t>(sizeof(wire_u64)) + data_size);
  }
  return {};
}

// The entry before the return, so that no call is seen returning that was not seen to begin.
Result<void> ProbePrograms::attach() {
  for (const auto& part : parts_) {
    for (bpf_program* program : {part->entry, part->leave}) {
      if (program == nullptr) continue;
      for (const ProbeSite& site : part->program->sites) {
        auto link = attach_to(program, site, program == part->leave);
        if (!link) {
          detach();
          return fail(fmt::format("{}: {}", kind_.name, link.error().message));
        }
        part->links.push_back(std::move(*link));
      }
    }
  }
  return {};
}

// The return before the entry: as with attaching.
void ProbePrograms::detach() {
  for (const auto& part : parts_) {
    while (!part->links.empty()) part->links.pop_back();
  }
}

bool ProbePrograms::is_attached() const {
  return std::ranges::any_of(parts_, [](const auto& part) { return !part->links.empty(); });
}

void ProbePrograms::follow(const BpfObject& shared) {
  for (const auto& part : parts_) {
    auto& own = *part->object->bss;
    // As in KernelFilter::set(): what either wants passes until the tables decide.
    for (std::size_t kind = 0; kind < WIRE_KIND_LIMIT; ++kind) {
      if (shared->bss->filter_kinds[kind] != 0) {
        std::atomic_ref(own.filter_kinds[kind]).store(wire_u8{1});
      }
    }
    std::atomic_ref(own.filter_word).store(shared->bss->filter_word);
    for (std::size_t kind = 0; kind < WIRE_KIND_LIMIT; ++kind) {
      std::atomic_ref(own.filter_kinds[kind]).store(shared->bss->filter_kinds[kind]);
    }
    own.left_out_share = shared->bss->left_out_share;
  }
}

void ProbePrograms::set_asleep(std::size_t rings, bool asleep) {
  for (const auto& part : parts_) {
    for (std::size_t i = 0; i < rings; ++i) {
      std::atomic_ref(part->object->bss->ring_sleep[i].asleep).store(asleep ? 1 : 0);
    }
  }
}

namespace {

bpf_prog_info info_of(const bpf_program* program) {
  bpf_prog_info info{};
  std::uint32_t length = sizeof(info);
  if (program != nullptr) {
    std::ignore = bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length);
  }
  return info;
}

}  // namespace

std::uint64_t ProbePrograms::missed() const {
  std::uint64_t missed = 0;
  for (const auto& part : parts_) {
    missed += info_of(part->entry).recursion_misses + info_of(part->leave).recursion_misses;
  }
  return missed;
}

std::uint64_t ProbePrograms::run_time() const {
  std::uint64_t time = 0;
  for (const auto& part : parts_) {
    time += info_of(part->entry).run_time_ns + info_of(part->leave).run_time_ns;
  }
  return time;
}

}  // namespace outrider
