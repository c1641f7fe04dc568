// SPDX-License-Identifier: Apache-2.0
#include "bpf/features.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "base/file_descriptor.h"

namespace outrider {

bool kernel_has_type_named(std::string_view name) {
  FileDescriptor file(::open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return false;
  btf_header header{};
  if (::pread(file.get(), &header, sizeof(header), 0) != sizeof(header)) return false;
  if (header.magic != BTF_MAGIC) return false;
  std::string strings(header.str_len, '\0');
  const off_t start = static_cast<off_t>(header.hdr_len) + header.str_off;
  std::size_t used = 0;
  while (used < strings.size()) {
    const ssize_t got = ::pread(file.get(), strings.data() + used, strings.size() - used,
                                start + static_cast<off_t>(used));
    if (got <= 0) return false;
    used += static_cast<std::size_t>(got);
  }
  // Strings are NUL-terminated, and the first is the empty one.
  std::string wanted(1, '\0');
  wanted += name;
  wanted += '\0';
  return ::memmem(strings.data(), strings.size(), wanted.data(), wanted.size()) != nullptr;
}

}  // namespace outrider
