// SPDX-License-Identifier: Apache-2.0
#include "engine/bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include "bpf/features.h"
#include "syscalls/calls.h"

namespace outrider {

namespace {

// What libbpf has to say while an object is loaded: shown only if it fails.
thread_local std::string* libbpf_messages = nullptr;

int keep_message(libbpf_print_level level, const char* format, va_list arguments) {
  if (level > LIBBPF_WARN || libbpf_messages == nullptr) return 0;
  char line[1024];
  const int length = ::vsnprintf(line, sizeof(line), format, arguments);
  if (libbpf_messages->size() < 16 * 1024) *libbpf_messages += line;
  return length;
}

Result<BpfObject> load_once(const BpfPrograms& programs, std::uint32_t own_pid,
                            std::uint32_t ring_shift, bool use_cast) {
  BpfObject object(outrider_bpf::open());
  if (!object) return fail_errno("open the kernel programs", errno);

  object->rodata->own_pid = own_pid;
  object->rodata->ring_shift = ring_shift;
  object->rodata->use_cast = use_cast;
  for (const Call& call : all_calls()) {
    if (call.name != "execveat") continue;
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      object->rodata->execveat_number[abi] = static_cast<wire_u16>(number_of(call, abi));
    }
  }
  const auto want = [](bpf_program* program, bool wanted) {
    bpf_program__set_autoload(program, wanted);
  };
  want(object->progs.syscalls__exit, programs.system_calls);
  want(object->progs.exec__failed, programs.system_calls);
  want(object->progs.process__fork, programs.processes);
  want(object->progs.process__exec, programs.processes);
  want(object->progs.process__exit, programs.processes);
  want(object->progs.cgroups__made, programs.processes);

  std::string messages;
  libbpf_messages = &messages;
  libbpf_set_print(keep_message);
  const int error = outrider_bpf::load(object.get());
  libbpf_messages = nullptr;
  if (error != 0) {
    auto failure = fail_errno("load the kernel programs", -error);
    if (error == -EPERM) {
      failure.error().message +=
          "; loading needs the capabilities CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN): run as "
          "root";
    } else {
      failure.error().message += "\n" + messages;
    }
    return failure;
  }
  return object;
}

}  // namespace

Result<BpfObject> load_bpf_object(const BpfPrograms& programs, std::uint32_t own_pid,
                                  std::uint32_t ring_shift) {
  const bool use_cast = kernel_has_type_named("bpf_rdonly_cast");
  auto object = load_once(programs, own_pid, ring_shift, use_cast);
  // Some kernels list what they then refuse: trying is what counts.
  if (!object && use_cast) return load_once(programs, own_pid, ring_shift, false);
  return object;
}

}  // namespace outrider
