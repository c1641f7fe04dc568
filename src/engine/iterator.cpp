// SPDX-License-Identifier: Apache-2.0
#include "engine/iterator.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "base/file_descriptor.h"

namespace outrider {

Result<void> run_iterator(const BpfObject& object, std::string_view name, std::size_t size,
                          const std::function<void(std::span<const std::byte>)>& visit) {
  bpf_program* program = find_program(object, name);
  if (program == nullptr || bpf_program__fd(program) < 0) {
    return fail(fmt::format("the program {} is not loaded", name));
  }
  std::unique_ptr<bpf_link, int (*)(bpf_link*)> link(bpf_program__attach_iter(program, nullptr),
                                                     bpf_link__destroy);
  if (!link) return fail_errno("iterate over the processes", errno);
  const FileDescriptor reader(bpf_iter_create(bpf_link__fd(link.get())));
  if (!reader.valid()) return fail_errno("iterate over the processes", errno);

  constexpr std::size_t kRecords = 64;
  std::vector<std::byte> bytes(kRecords * size);
  std::vector<std::byte> record(size);
  std::size_t used = 0;
  while (true) {
    const ssize_t got = ::read(reader.get(), bytes.data() + used, bytes.size() - used);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return fail_errno("read the kernel's list of processes", errno);
    if (got == 0) return {};
    used += static_cast<std::size_t>(got);
    std::size_t at = 0;
    for (; used - at >= size; at += size) {
      std::memcpy(record.data(), bytes.data() + at, size);
      visit(record);
    }
    std::memmove(bytes.data(), bytes.data() + at, used - at);
    used -= at;
  }
}

}  // namespace outrider
