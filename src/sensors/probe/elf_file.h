// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct Elf;

namespace outrider {

// A function of a program file.
struct ElfSymbol {
  std::string_view name;      // as the linker has it; lives as long as the file
  std::uint64_t address = 0;  // as the file has it
  std::uint64_t size = 0;     // bytes; 0: not known
  bool is_chosen = false;     // STT_GNU_IFUNC: what is there chooses the function at start
};

// A program or library as files have it (ELF), whoever has made it: what leads out of it is not
// there. Reads by libelf. Not thread-safe.
class ElfFile {
 public:
  // The descriptor must stay open. Fails for what is no ELF file of this machine's kind.
  static Result<ElfFile> open(int descriptor);

  [[nodiscard]] bool is_64() const { return is_64_; }

  // All functions that it has itself, some of them twice.
  [[nodiscard]] std::vector<ElfSymbol> functions() const;

  // Where the byte at this address is in the file; nothing if it is loaded from none, or, if
  // `executable`, not as code.
  [[nodiscard]] std::optional<std::uint64_t> offset_of(std::uint64_t address,
                                                       bool executable) const;

  [[nodiscard]] bool has_section(std::string_view name) const;
  // Its bytes, and its address if they are asked for; empty if there is no such section.
  [[nodiscard]] std::string_view section(std::string_view name,
                                         std::uint64_t* address = nullptr) const;

 private:
  struct ElfCloser {
    void operator()(Elf* elf) const;
  };
  struct Segment {
    std::uint64_t address = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;  // in the file
    bool is_executable = false;
  };
  ElfFile() = default;

  std::unique_ptr<Elf, ElfCloser> elf_;
  bool is_64_ = true;
  std::vector<Segment> segments_;
};

}  // namespace outrider
