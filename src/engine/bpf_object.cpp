// SPDX-License-Identifier: Apache-2.0
#include "engine/bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "aggregates/kernel_plan.h"
#include "bpf/features.h"
#include "bpf/kernel_types.h"
#include "bpf/libbpf_messages.h"
#include "syscalls/calls.h"

namespace outrider {

namespace {

// By which tracepoint this kernel shows that a request of an io_uring is submitted. A hint;
// loading decides.
enum class Submission { kNotShown, kRequest, kEntry };

Submission find_submission(const KernelTypes& types) {
  if (types.has_name("btf_trace_io_uring_submit_req")) return Submission::kRequest;
  // Its name before 6.4. Before 6.0, as was io_cmd_data, it did not have the request.
  if (types.has_name("io_cmd_data") && types.has_name("btf_trace_io_uring_submit_sqe")) {
    return Submission::kEntry;
  }
  return Submission::kNotShown;
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void tell_cast_types(const KernelTypes& types, const volatile cast_types& constants) {
  auto& numbers = const_cast<cast_types&>(constants);
#define CAST_TYPE_NUMBER(name) numbers.name = types.structure(#name);
  CAST_TYPES(CAST_TYPE_NUMBER)
#undef CAST_TYPE_NUMBER
}

// 0xffff where there is none.
wire_u16 number_named(std::string_view name, wire_abi abi) {
  const Call* call = find_call(name);
  return call == nullptr ? wire_u16{0xffff} : static_cast<wire_u16>(number_of(*call, abi));
}

Result<BpfObject> load_once(std::span<const std::string_view> programs, const LoadOptions& options,
                            const KernelTypes& types, bool use_cast, Submission submission) {
  const RelocationTypes relocation;
  bpf_object_open_opts opening{};
  opening.sz = sizeof(opening);
  opening.btf_custom_path = relocation.path();
  BpfObject object(outrider_bpf::open(&opening));
  if (!object) return fail_errno("open the kernel programs", errno);
  if (auto written = relocation.write(types, bpf_object__btf(object->obj)); !written) {
    return std::unexpected(written.error());
  }
  tell_cast_types(types, object->rodata->cast_types);

  object->rodata->own_pid = options.own_pid;
  object->rodata->ring_shift = options.ring_shift;
  object->rodata->use_cast = use_cast;
  object->rodata->use_filter = options.use_filter;
  object->rodata->environment_wanted = options.environment;
  object->rodata->workload_controller = options.hierarchies.controller;
  object->rodata->workload_hierarchy = options.hierarchies.number;
  object->rodata->may_be_preempted = tracepoints_may_be_preempted(types);
  object->rodata->may_allocate_anywhere = types.has_name("bpf_mem_alloc");
  if (options.aggregation) {
    std::memcpy(const_cast<wire_aggregation*>(&object->rodata->aggregation), &*options.aggregation,
                sizeof(*options.aggregation));
    bpf_map__set_key_size(bpf_map__inner_map(object->maps.groups_in_use),
                          static_cast<std::uint32_t>(key_size_of(*options.aggregation)));
  } else {
    bpf_map__set_autocreate(object->maps.groups_in_use, false);
  }
  if (options.call_summary) {
    wire_call_summary summary = *options.call_summary;
    summary.exec_number = number_named("execve", WIRE_ABI_64);
    std::memcpy(const_cast<wire_call_summary*>(&object->rodata->call_summary), &summary,
                sizeof(summary));
    bpf_map__set_key_size(bpf_map__inner_map(object->maps.call_sums_in_use),
                          static_cast<std::uint32_t>(call_key_size(summary)));
  } else {
    for (bpf_map* map : {object->maps.call_threads, object->maps.call_cgroups,
                         object->maps.call_sums_in_use, object->maps.call_accounts}) {
      bpf_map__set_autocreate(map, false);
    }
  }
  const bool block = contains(programs, "block__complete");
  if (block) {
    object->rodata->block_queue_first = types.tracepoint_arguments("block_rq_issue") > 1;
  } else {
    bpf_map__set_autocreate(object->maps.block_requests, false);
  }
  if (!contains(programs, "slow__exited")) {
    bpf_map__set_autocreate(object->maps.slow_starts, false);
  }
  object->rodata->totals_of_all = options.totals_of_all;
  if (!contains(programs, "totals__exit")) {
    for (bpf_map* map : {object->maps.file_sums_in_use, object->maps.file_accounts}) {
      bpf_map__set_autocreate(map, false);
    }
  }
  for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
    object->rodata->execveat_number[abi] = number_named("execveat", abi);
  }
  for (const std::string_view name : programs) {
    if (find_program(object, name) == nullptr) {
      return fail(fmt::format("no kernel program is called '{}'", name));
    }
  }
  bpf_program* each = nullptr;
  bpf_object__for_each_program(each, object->obj) {
    bpf_program__set_autoload(each, contains(programs, bpf_program__name(each)));
  }
  for (const auto& [map, program] : {std::pair(object->maps.refusal_calls, "refusal__exit"),
                                     std::pair(object->maps.slots, "kernel_log__line"),
                                     std::pair(object->maps.sched_waits, "sched__switch"),
                                     std::pair(object->maps.hardirq_begins, "hardirq__end"),
                                     std::pair(object->maps.softirq_begins, "softirq__end")}) {
    if (!contains(programs, program)) bpf_map__set_autocreate(map, false);
  }
  const auto want = [](bpf_program* program, bool wanted) {
    bpf_program__set_autoload(program, wanted);
  };
  want(object->progs.exec__failed, options.failed_execs && contains(programs, "syscalls__exit"));
  want(object->progs.calls__traced, options.traced_calls && contains(programs, "syscalls__exit"));
  want(object->progs.uring__submit, submission == Submission::kRequest);
  want(object->progs.uring__submit_6_0, submission == Submission::kEntry);
  want(object->progs.uring__complete, submission != Submission::kNotShown);
  want(object->progs.uring__overflow, submission != Submission::kNotShown);
  // 5.11
  want(object->progs.block__merge, block && types.has_name("btf_trace_block_rq_merge"));
  // The ring, the request, and the completion, or at least what it consists of.
  constexpr int kWhole = 3;
  object->rodata->uring_whole_completions =
      types.tracepoint_arguments("io_uring_complete") == kWhole;
  if (submission == Submission::kNotShown) {
    for (bpf_map* map : {object->maps.uring_requests, object->maps.uring_long_paths,
                         object->maps.uring_accepts, object->maps.uring_builds}) {
      bpf_map__set_autocreate(map, false);
    }
  }

  const LibbpfMessages messages;
  const int error = outrider_bpf::load(object.get());
  if (error != 0) {
    auto failure = fail_errno("load the kernel programs", -error);
    if (error == -EPERM) {
      failure.error().message +=
          "; loading needs the capabilities CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN): run as "
          "root";
    } else {
      failure.error().message += "\n" + messages.text();
    }
    return failure;
  }
  return object;
}

}  // namespace

std::size_t call_key_size(const wire_call_summary& summary) {
  if (summary.by_process != 0 || summary.by_thread != 0) return sizeof(wire_call_key);
  return summary.by_cgroup != 0 ? offsetof(wire_call_key, pid) : offsetof(wire_call_key, cgroup);
}

bpf_program* find_program(const BpfObject& object, std::string_view name) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object->obj) {
    if (bpf_program__name(program) == name) return program;
  }
  return nullptr;
}

Result<LoadedObject> load_bpf_object(std::span<const std::string_view> programs,
                                     const LoadOptions& options) {
  // 6.4 has both; what has only the first is not asked to try.
  const KernelTypes types;
  const bool has_cast = types.has_name("bpf_rdonly_cast") && types.has_name("bpf_iter_num_new");
  const Submission submission =
      contains(programs, "uring__submit") ? find_submission(types) : Submission::kNotShown;
  auto object = load_once(programs, options, types, has_cast, submission);
  LoadedObject loaded;
  // Some kernels list what they then refuse: trying is what counts.
  if (!object && submission != Submission::kNotShown) {
    loaded.refused = "the programs that watch io_uring: " + object.error().message;
    object = load_once(programs, options, types, has_cast, Submission::kNotShown);
  }
  if (!object && has_cast) {
    loaded.refused = "the fast programs, and slower ones are used: " + object.error().message;
    object = load_once(programs, options, types, /*use_cast=*/false, Submission::kNotShown);
  }
  if (!object) return std::unexpected(object.error());
  loaded.object = std::move(*object);
  return loaded;
}

}  // namespace outrider
