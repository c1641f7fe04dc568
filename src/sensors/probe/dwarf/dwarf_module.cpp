// SPDX-License-Identifier: Apache-2.0
//
// outrider_dwarf.so: types of functions from debug information. A module, since nothing but probes
// in programs needs libdw, which brings three libraries along.
#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/file_descriptor.h"
#include "sensors/probe/function_types.h"

namespace outrider {

namespace {

// Of types of types: files that lead in a circle are made so.
constexpr int kDepthMax = 24;
constexpr std::size_t kParametersMax = 64;
constexpr std::size_t kNamesMax = 4096;
// What is returned or passed in registers has no more bytes (System V ABI for AMD64, 3.2.3).
constexpr Dwarf_Word kInRegisters = 16;

struct DwarfCloser {
  void operator()(Dwarf* dwarf) const { dwarf_end(dwarf); }
};
using DwarfFile = std::unique_ptr<Dwarf, DwarfCloser>;

struct ElfCloser {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, ElfCloser>;

std::string name_of(Dwarf_Die* die) {
  const char* name = dwarf_diename(die);
  return name != nullptr ? name : "";
}

bool type_at(Dwarf_Die* die, Dwarf_Die& type) {
  Dwarf_Attribute attribute;
  return dwarf_attr_integrate(die, DW_AT_type, &attribute) != nullptr &&
         dwarf_formref_die(&attribute, &type) != nullptr;
}

Dwarf_Word unsigned_at(Dwarf_Die* die, unsigned int name, Dwarf_Word otherwise) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = otherwise;
  if (dwarf_attr_integrate(die, name, &attribute) != nullptr) dwarf_formudata(&attribute, &value);
  return value;
}

// As C writes it: "const char *", "struct timespec *".
std::string declared(Dwarf_Die* die, int depth) {
  if (depth > kDepthMax) return "?";
  Dwarf_Die inner;
  const auto of_inner = [&] { return type_at(die, inner) ? declared(&inner, depth + 1) : "void"; };
  const auto pointed = [&](std::string_view sign) {
    std::string text = of_inner();
    if (!text.ends_with('*')) text += ' ';
    return text + std::string(sign);
  };
  switch (dwarf_tag(die)) {
    case DW_TAG_pointer_type:
      return pointed("*");
    case DW_TAG_reference_type:
      return pointed("&");
    case DW_TAG_rvalue_reference_type:
      return pointed("&&");
    case DW_TAG_const_type: {
      const std::string text = of_inner();
      return text.ends_with('*') ? text + " const" : "const " + text;
    }
    case DW_TAG_volatile_type:
      return "volatile " + of_inner();
    case DW_TAG_restrict_type:
    case DW_TAG_atomic_type:
      return of_inner();
    case DW_TAG_subroutine_type:
      return "function";
    case DW_TAG_structure_type:
      return "struct " + name_of(die);
    case DW_TAG_union_type:
      return "union " + name_of(die);
    case DW_TAG_enumeration_type:
      return "enum " + name_of(die);
    default:
      return name_of(die);
  }
}

// Without names for it and what does not change how it is passed.
bool peel(Dwarf_Die type, Dwarf_Die& bare) {
  for (int depth = 0; depth < kDepthMax; ++depth) {
    switch (dwarf_tag(&type)) {
      case DW_TAG_typedef:
      case DW_TAG_const_type:
      case DW_TAG_volatile_type:
      case DW_TAG_restrict_type:
      case DW_TAG_atomic_type:
        if (!type_at(&type, bare)) return false;
        type = bare;
        continue;
      default:
        bare = type;
        return true;
    }
  }
  return false;
}

bool is_character(Dwarf_Die* pointer) {
  Dwarf_Die type, bare;
  if (!type_at(pointer, type) || !peel(type, bare)) return false;
  if (dwarf_tag(&bare) != DW_TAG_base_type) return false;
  const Dwarf_Word encoding = unsigned_at(&bare, DW_AT_encoding, 0);
  return name_of(&bare) == "char" && dwarf_bytesize(&bare) == 1 &&
         (encoding == DW_ATE_signed_char || encoding == DW_ATE_unsigned_char);
}

bool is_number_size(Dwarf_Word size) { return size == 1 || size == 2 || size == 4 || size == 8; }

void read_enumerators(Dwarf_Die* die, ProbeType& type) {
  Dwarf_Die child;
  if (dwarf_child(die, &child) != 0) return;
  do {
    if (dwarf_tag(&child) != DW_TAG_enumerator) continue;
    Dwarf_Attribute attribute;
    Dwarf_Sword value = 0;
    if (dwarf_attr(&child, DW_AT_const_value, &attribute) == nullptr) continue;
    if (dwarf_formsdata(&attribute, &value) != 0) continue;
    type.is_signed |= value < 0;
    type.names.push_back({value, name_of(&child)});
  } while (dwarf_siblingof(&child, &child) == 0 && type.names.size() < kNamesMax);
}

PassedIn read_base_type(Dwarf_Die* die, Dwarf_Word size, FunctionParameter& parameter) {
  ProbeType& type = parameter.type;
  const Dwarf_Word encoding = unsigned_at(die, DW_AT_encoding, 0);
  if (encoding == DW_ATE_float || encoding == DW_ATE_complex_float) {
    type.shape = ProbeShape::kUnknown;
    return size > 8 ? PassedIn::kStack : PassedIn::kVector;
  }
  if (!is_number_size(size)) {
    type.shape = ProbeShape::kUnknown;
    return PassedIn::kUnclear;
  }
  type.size = static_cast<std::uint8_t>(size);
  switch (encoding) {
    case DW_ATE_boolean:
      type.shape = ProbeShape::kTruth;
      break;
    case DW_ATE_signed:
    case DW_ATE_signed_char:
      type.shape = ProbeShape::kSigned;
      break;
    default:
      type.shape = ProbeShape::kUnsigned;
      break;
  }
  return PassedIn::kRegister;
}

// The type of a parameter, or of a result.
void read_type(Dwarf_Die type_die, FunctionParameter& parameter) {
  ProbeType& type = parameter.type;
  type.declared = declared(&type_die, 0);
  Dwarf_Die bare;
  parameter.passed = PassedIn::kUnclear;
  type.shape = ProbeShape::kUnknown;
  if (!peel(type_die, bare)) return;
  const int bytes = dwarf_bytesize(&bare);
  const Dwarf_Word size = bytes < 0 ? 0 : static_cast<Dwarf_Word>(bytes);
  parameter.size = static_cast<std::uint32_t>(size);
  switch (dwarf_tag(&bare)) {
    case DW_TAG_base_type:
      parameter.passed = read_base_type(&bare, size, parameter);
      return;
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type:
      type.shape = dwarf_tag(&bare) == DW_TAG_pointer_type && is_character(&bare)
                       ? ProbeShape::kText
                       : ProbeShape::kHex;
      type.size = 8;
      parameter.passed = PassedIn::kRegister;
      return;
    case DW_TAG_enumeration_type:
      if (!is_number_size(size)) return;
      type.shape = ProbeShape::kNamed;
      type.size = static_cast<std::uint8_t>(size);
      read_enumerators(&bare, type);
      parameter.passed = PassedIn::kRegister;
      return;
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
      if (unsigned_at(&bare, DW_AT_calling_convention, 0) == DW_CC_pass_by_reference) {
        type.shape = ProbeShape::kHex;
        type.size = 8;
        parameter.passed = PassedIn::kRegister;
      } else if (size > kInRegisters) {
        parameter.passed = PassedIn::kStack;
      }
      return;
    default:
      return;
  }
}

void read_function(Dwarf_Die* function, FunctionTypes& types) {
  Dwarf_Die type;
  if (type_at(function, type)) {
    FunctionParameter result;
    read_type(type, result);
    types.result = result.type;
    const bool is_address =
        result.passed == PassedIn::kRegister && result.type.shape == ProbeShape::kHex &&
        !result.type.declared.ends_with('*') && !result.type.declared.ends_with('&');
    if (result.passed == PassedIn::kStack || is_address) {
      Dwarf_Die bare;
      types.has_hidden_argument = peel(type, bare) && dwarf_tag(&bare) != DW_TAG_base_type;
    }
  } else {
    types.result.shape = ProbeShape::kUnknown;
    types.result.declared = "nothing: void";
  }
  Dwarf_Die child;
  if (dwarf_child(function, &child) != 0) return;
  do {
    if (dwarf_tag(&child) != DW_TAG_formal_parameter) continue;
    FunctionParameter parameter;
    parameter.name = name_of(&child);
    Dwarf_Die parameter_type;
    if (type_at(&child, parameter_type)) {
      read_type(parameter_type, parameter);
    } else {
      parameter.passed = PassedIn::kUnclear;
    }
    types.parameters.push_back(std::move(parameter));
  } while (dwarf_siblingof(&child, &child) == 0 && types.parameters.size() < kParametersMax);
}

struct Search {
  std::uint64_t address;
  FunctionTypes& types;
  bool is_found;
};

int look_at(Dwarf_Die* function, void* argument) {
  auto& search = *static_cast<Search*>(argument);
  Dwarf_Addr entry = 0;
  if (dwarf_entrypc(function, &entry) != 0 || entry != search.address) return DWARF_CB_OK;
  read_function(function, search.types);
  search.is_found = true;
  return DWARF_CB_ABORT;
}

bool find_types(Dwarf* dwarf, std::uint64_t address, FunctionTypes& types) {
  Search search{address, types, false};
  Dwarf_Die unit;
  if (dwarf_addrdie(dwarf, address, &unit) != nullptr) {
    dwarf_getfuncs(&unit, look_at, &search, 0);
    if (search.is_found) return true;
  }
  // Without a table of addresses: unit by unit.
  Dwarf_CU* current = nullptr;
  Dwarf_Half version = 0;
  std::uint8_t unit_type = 0;
  while (!search.is_found &&
         dwarf_get_units(dwarf, current, &current, &version, &unit_type, &unit, nullptr) == 0) {
    if (dwarf_haspc(&unit, address) != 1) continue;
    dwarf_getfuncs(&unit, look_at, &search, 0);
  }
  return search.is_found;
}

// Where debug packages put what belongs to a file: /usr/lib/debug/.build-id/ab/cdef.debug
std::string debug_path(Elf* elf) {
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf, section)) != nullptr) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_NOTE) continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr) continue;
    GElf_Nhdr note;
    std::size_t name = 0, description = 0;
    for (std::size_t at = 0; (at = gelf_getnote(data, at, &note, &name, &description)) > 0;) {
      const auto* bytes = static_cast<const unsigned char*>(data->d_buf);
      const bool is_id = note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
                         std::string_view(reinterpret_cast<const char*>(bytes) + name, 3) == "GNU";
      if (!is_id || note.n_descsz < 2 || note.n_descsz > 64) continue;
      std::string path = "/usr/lib/debug/.build-id/";
      for (std::size_t i = 0; i < note.n_descsz; ++i) {
        std::array<char, 4> digits{};
        std::snprintf(digits.data(), digits.size(), "%02x%s", bytes[description + i],
                      i == 0 ? "/" : "");
        path += digits.data();
      }
      return path + ".debug";
    }
  }
  return {};
}

bool read_types(int file, std::uint64_t address, FunctionTypes& types) {
  elf_version(EV_CURRENT);
  const ElfHandle elf(elf_begin(file, ELF_C_READ, nullptr));
  if (!elf) return false;
  // Without following links to other files that the file itself may name.
  if (const DwarfFile dwarf(dwarf_begin_elf(elf.get(), DWARF_C_READ, nullptr)); dwarf) {
    if (find_types(dwarf.get(), address, types)) return true;
  }
  const std::string path = debug_path(elf.get());
  if (path.empty()) return false;
  const FileDescriptor other(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!other.valid()) return false;
  const DwarfFile dwarf(dwarf_begin(other.get(), DWARF_C_READ));
  return dwarf && find_types(dwarf.get(), address, types);
}

}  // namespace

}  // namespace outrider

extern "C" __attribute__((visibility("default"))) bool outrider_read_function_types(
    int file, std::uint64_t address, outrider::FunctionTypes& types) {
  return outrider::read_types(file, address, types);
}

static_assert(std::is_same_v<decltype(&outrider_read_function_types), outrider::ReadFunctionTypes>);
