// SPDX-License-Identifier: Apache-2.0
#include "engine/process_list.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <unordered_set>

#include "base/file_descriptor.h"

namespace outrider {

Result<std::vector<wire_fork>> list_processes(const BpfObject& object) {
  bpf_program* program = find_program(object, kListProgram);
  if (program == nullptr || bpf_program__fd(program) < 0) {
    return fail("the program that lists processes is not loaded");
  }
  std::unique_ptr<bpf_link, int (*)(bpf_link*)> link(bpf_program__attach_iter(program, nullptr),
                                                     bpf_link__destroy);
  if (!link) return fail_errno("iterate over the processes", errno);
  const FileDescriptor reader(bpf_iter_create(bpf_link__fd(link.get())));
  if (!reader.valid()) return fail_errno("iterate over the processes", errno);

  std::vector<wire_fork> processes;
  std::unordered_set<std::uint32_t> seen;
  std::array<std::byte, 64 * sizeof(wire_fork)> bytes;
  std::size_t used = 0;
  while (true) {
    const ssize_t got = ::read(reader.get(), bytes.data() + used, bytes.size() - used);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return fail_errno("read the kernel's list of processes", errno);
    if (got == 0) return processes;
    used += static_cast<std::size_t>(got);
    std::size_t at = 0;
    for (; used - at >= sizeof(wire_fork); at += sizeof(wire_fork)) {
      wire_fork process;
      std::memcpy(&process, bytes.data() + at, sizeof(process));
      if (seen.insert(process.header.pid).second) processes.push_back(process);
    }
    std::memmove(bytes.data(), bytes.data() + at, used - at);
    used -= at;
  }
}

}  // namespace outrider
