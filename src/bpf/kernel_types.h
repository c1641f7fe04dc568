// SPDX-License-Identifier: Apache-2.0
//
// The types of the running kernel (its BTF), and the few of them that a program's relocation
// needs.
#pragma once

#include <bpf/btf.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace outrider {

struct BtfDeleter {
  void operator()(btf* types) const { btf__free(types); }
};
using Btf = std::unique_ptr<btf, BtfDeleter>;

// All of them, some 6 MB: read once where several things are asked, and let go of. A kernel without
// BTF has none, and every answer is no. Its constant functions may be called from several threads.
class KernelTypes {
 public:
  // Reads /sys/kernel/btf/vmlinux: some 10 ms.
  KernelTypes();
  explicit KernelTypes(Btf types);

  // Whether the kernel has none.
  [[nodiscard]] bool empty() const { return types_ == nullptr; }

  // Whether this name is anywhere: a type, a function, a member. Quick, since only the strings are
  // searched; a hint for what to try first.
  [[nodiscard]] bool has_name(std::string_view name) const;

  // How many arguments a tracepoint has, as programs get them; 0 if there is no such tracepoint.
  [[nodiscard]] std::size_t tracepoint_arguments(std::string_view tracepoint) const;

  // The number of a structure; 0 if there is none of this name, which may be that of a flavor.
  [[nodiscard]] std::uint32_t structure(std::string_view name) const;

  // The structures, unions and enumerations that `programs` names, and what lies within them.
  // Pointers lead nowhere: a relocation never follows one. Null if they cannot be put together.
  [[nodiscard]] Btf named_by(const btf* programs) const;

 private:
  Btf types_;
  // What a relocation can begin with, by name.
  std::unordered_multimap<std::string_view, std::uint32_t> roots_;
};

// Types to be relocated against, as a file that lives as long as this. For each structure that a
// program names, libbpf looks through everything that it is given, and through the types of every
// module if it finds none: a third of the time to start, if it is given the whole kernel.
class RelocationTypes {
 public:
  RelocationTypes();

  // For bpf_object_open_opts::btf_custom_path; nullptr if there is no file.
  [[nodiscard]] const char* path() const { return path_.empty() ? nullptr : path_.c_str(); }
  // To be called between opening and loading. Does nothing where there is no file.
  [[nodiscard]] Result<void> write(const KernelTypes& types, const btf* programs) const;

 private:
  FileDescriptor file_;
  std::string path_;
};

}  // namespace outrider
