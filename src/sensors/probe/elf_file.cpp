// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/elf_file.h"

#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <cstring>

namespace outrider {

namespace {

#if defined(__x86_64__)
constexpr GElf_Half kMachines[] = {EM_X86_64, EM_386};
#elif defined(__aarch64__)
constexpr GElf_Half kMachines[] = {EM_AARCH64};
#endif

// A file that says it has more has been made to keep us busy: Chromium has some 2 million.
constexpr std::size_t kSymbolsMax = 8'000'000;
constexpr std::size_t kSegmentsMax = 1024;

// A text in a section of texts, which must end there.
std::string_view text_at(std::string_view texts, std::size_t offset) {
  if (offset >= texts.size()) return {};
  const std::size_t end = texts.find('\0', offset);
  return end == std::string_view::npos ? std::string_view() : texts.substr(offset, end - offset);
}

std::string_view bytes_of(Elf_Scn* section) {
  // Not of compressed ones: what is looked for here never is.
  const Elf_Data* data = section != nullptr ? elf_getdata(section, nullptr) : nullptr;
  if (data == nullptr || data->d_buf == nullptr) return {};
  return {static_cast<const char*>(data->d_buf), data->d_size};
}

}  // namespace

void ElfFile::ElfCloser::operator()(Elf* elf) const { elf_end(elf); }

Result<ElfFile> ElfFile::open(int descriptor) {
  if (elf_version(EV_CURRENT) == EV_NONE) return fail("libelf is older than its headers");
  ElfFile file;
  // Read, not mapped: who cuts the file short while it is looked at would end us by SIGBUS.
  file.elf_.reset(elf_begin(descriptor, ELF_C_READ, nullptr));
  GElf_Ehdr header;
  if (!file.elf_ || elf_kind(file.elf_.get()) != ELF_K_ELF ||
      gelf_getehdr(file.elf_.get(), &header) == nullptr) {
    return fail("it is no program or library", ExitCode::kBadInput);
  }
  if (std::ranges::find(kMachines, header.e_machine) == std::end(kMachines)) {
    return fail("it is for another kind of processor", ExitCode::kBadInput);
  }
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) {
    return fail("it is neither a program nor a library", ExitCode::kBadInput);
  }
  file.is_64_ = gelf_getclass(file.elf_.get()) == ELFCLASS64;
  std::size_t count = 0;
  if (elf_getphdrnum(file.elf_.get(), &count) != 0) return fail("its segments cannot be read");
  for (std::size_t i = 0; i < std::min(count, kSegmentsMax); ++i) {
    GElf_Phdr segment;
    if (gelf_getphdr(file.elf_.get(), static_cast<int>(i), &segment) == nullptr) break;
    if (segment.p_type != PT_LOAD) continue;
    file.segments_.push_back({.address = segment.p_vaddr,
                              .offset = segment.p_offset,
                              .size = segment.p_filesz,
                              .is_executable = (segment.p_flags & PF_X) != 0});
  }
  return file;
}

std::optional<std::uint64_t> ElfFile::offset_of(std::uint64_t address, bool executable) const {
  for (const Segment& segment : segments_) {
    if (executable && !segment.is_executable) continue;
    if (address < segment.address || address - segment.address >= segment.size) continue;
    return address - segment.address + segment.offset;
  }
  return std::nullopt;
}

std::vector<ElfSymbol> ElfFile::functions() const {
  std::vector<ElfSymbol> found;
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf_.get(), section)) != nullptr) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr) continue;
    if (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM) continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    const std::string_view names = bytes_of(elf_getscn(elf_.get(), header.sh_link));
    if (data == nullptr || names.empty()) continue;
    GElf_Sym symbol;
    for (int i = 0; gelf_getsym(data, i, &symbol) != nullptr && found.size() < kSymbolsMax; ++i) {
      const auto type = GELF_ST_TYPE(symbol.st_info);
      if (type != STT_FUNC && type != STT_GNU_IFUNC) continue;
      if (symbol.st_shndx == SHN_UNDEF) continue;
      const std::string_view name = text_at(names, symbol.st_name);
      if (name.empty()) continue;
      found.push_back({.name = name,
                       .address = symbol.st_value,
                       .size = symbol.st_size,
                       .is_chosen = type == STT_GNU_IFUNC});
    }
  }
  return found;
}

bool ElfFile::has_section(std::string_view name) const {
  std::size_t names_index = 0;
  if (elf_getshdrstrndx(elf_.get(), &names_index) != 0) return false;
  const std::string_view names = bytes_of(elf_getscn(elf_.get(), names_index));
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf_.get(), section)) != nullptr) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) != nullptr && text_at(names, header.sh_name) == name) {
      return true;
    }
  }
  return false;
}

std::string_view ElfFile::section(std::string_view name, std::uint64_t* address) const {
  std::size_t names_index = 0;
  if (elf_getshdrstrndx(elf_.get(), &names_index) != 0) return {};
  const std::string_view names = bytes_of(elf_getscn(elf_.get(), names_index));
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf_.get(), section)) != nullptr) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr) continue;
    if (text_at(names, header.sh_name) != name) continue;
    if (address != nullptr) *address = header.sh_addr;
    return bytes_of(section);
  }
  return {};
}

}  // namespace outrider
