// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/function_probe.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "sensors/probe/user_probe.h"

namespace outrider {

namespace {

// Of types of types, as the kernel itself allows.
constexpr int kDepthMax = 32;
constexpr std::uint32_t kInRegisters = 16;  // bytes of a structure

struct BtfFree {
  void operator()(btf* types) const { btf__free(types); }
};
using Btf = std::unique_ptr<btf, BtfFree>;

std::string name_of(const btf* types, const btf_type* type) {
  const char* name = btf__name_by_offset(types, type->name_off);
  return name != nullptr ? name : "";
}

// As C writes it: "const char *", "struct file *".
std::string declared(const btf* types, std::uint32_t number, int depth = 0) {
  if (number == 0) return "void";
  const btf_type* type = btf__type_by_id(types, number);
  if (type == nullptr || depth > kDepthMax) return "?";
  switch (btf_kind(type)) {
    case BTF_KIND_PTR: {
      std::string text = declared(types, type->type, depth + 1);
      if (!text.ends_with('*')) text += ' ';
      return text + '*';
    }
    case BTF_KIND_CONST: {
      const std::string text = declared(types, type->type, depth + 1);
      return text.ends_with('*') ? text + " const" : "const " + text;
    }
    case BTF_KIND_VOLATILE:
      return "volatile " + declared(types, type->type, depth + 1);
    case BTF_KIND_RESTRICT:
    case BTF_KIND_TYPE_TAG:
      return declared(types, type->type, depth + 1);
    case BTF_KIND_STRUCT:
      return "struct " + name_of(types, type);
    case BTF_KIND_UNION:
      return "union " + name_of(types, type);
    case BTF_KIND_FWD:
      return (btf_kflag(type) ? "union " : "struct ") + name_of(types, type);
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
      return "enum " + name_of(types, type);
    case BTF_KIND_FUNC_PROTO:
      return "function";
    default:
      return name_of(types, type);
  }
}

// Without names for it and what does not change how it is passed; nullptr for void.
const btf_type* peel(const btf* types, std::uint32_t number) {
  for (int depth = 0; number != 0 && depth < kDepthMax; ++depth) {
    const btf_type* type = btf__type_by_id(types, number);
    if (type == nullptr) return nullptr;
    switch (btf_kind(type)) {
      case BTF_KIND_TYPEDEF:
      case BTF_KIND_CONST:
      case BTF_KIND_VOLATILE:
      case BTF_KIND_RESTRICT:
      case BTF_KIND_TYPE_TAG:
        number = type->type;
        continue;
      default:
        return type;
    }
  }
  return nullptr;
}

bool is_character(const btf* types, std::uint32_t number) {
  const btf_type* type = peel(types, number);
  return type != nullptr && btf_is_int(type) && type->size == 1 && name_of(types, type) == "char";
}

bool is_number_size(std::uint32_t size) { return size == 1 || size == 2 || size == 4 || size == 8; }

void read_enum(const btf* types, const btf_type* type, ProbeType& out) {
  out.shape = ProbeShape::kNamed;
  out.size = static_cast<std::uint8_t>(type->size);
  out.is_signed = btf_kflag(type);
  if (btf_is_enum(type)) {
    const struct btf_enum* values = btf_enum(type);
    for (std::uint16_t i = 0; i < btf_vlen(type); ++i) {
      const char* name = btf__name_by_offset(types, values[i].name_off);
      out.is_signed |= values[i].val < 0;
      out.names.push_back({values[i].val, name != nullptr ? name : ""});
    }
    return;
  }
  const struct btf_enum64* values = btf_enum64(type);
  for (std::uint16_t i = 0; i < btf_vlen(type); ++i) {
    const char* name = btf__name_by_offset(types, values[i].name_off);
    out.names.push_back(
        {static_cast<std::int64_t>(btf_enum64_value(&values[i])), name != nullptr ? name : ""});
  }
}

FunctionParameter parameter_of(const btf* types, std::uint32_t number) {
  FunctionParameter parameter;
  ProbeType& out = parameter.type;
  out.declared = declared(types, number);
  out.shape = ProbeShape::kUnknown;
  parameter.passed = PassedIn::kUnclear;
  const btf_type* type = peel(types, number);
  if (type == nullptr) return parameter;
  switch (btf_kind(type)) {
    case BTF_KIND_PTR:
      out.shape = is_character(types, type->type) ? ProbeShape::kText : ProbeShape::kHex;
      out.size = 8;
      parameter.passed = PassedIn::kRegister;
      return parameter;
    case BTF_KIND_INT: {
      if (!is_number_size(type->size)) return parameter;
      const std::uint8_t encoding = btf_int_encoding(type);
      out.size = static_cast<std::uint8_t>(type->size);
      out.shape = (encoding & BTF_INT_BOOL) != 0     ? ProbeShape::kTruth
                  : (encoding & BTF_INT_SIGNED) != 0 ? ProbeShape::kSigned
                                                     : ProbeShape::kUnsigned;
      parameter.passed = PassedIn::kRegister;
      return parameter;
    }
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
      if (!is_number_size(type->size)) return parameter;
      read_enum(types, type, out);
      parameter.passed = PassedIn::kRegister;
      return parameter;
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
      parameter.size = type->size;
      if (type->size > kInRegisters) parameter.passed = PassedIn::kStack;
      return parameter;
    default:
      return parameter;
  }
}

// The nearest of all functions; "" if none is near.
std::string nearest_function(const btf* types, std::string_view name) {
  std::vector<std::string_view> known;
  const std::uint32_t count = btf__type_cnt(types);
  for (std::uint32_t i = 1; i < count; ++i) {
    const btf_type* type = btf__type_by_id(types, i);
    if (!btf_is_func(type)) continue;
    if (const char* text = btf__name_by_offset(types, type->name_off)) known.emplace_back(text);
  }
  return std::string(nearest(name, known));
}

// Also those without BTF: of modules, of assembly.
bool has_symbol(std::string_view name) {
  std::ifstream symbols("/proc/kallsyms");
  // proc(5): ADDRESS TYPE NAME, and a module's name in brackets
  for (std::string line; std::getline(symbols, line);) {
    const std::size_t type = line.find(' ');
    if (type == std::string::npos || type + 3 >= line.size()) continue;
    const std::size_t begin = type + 3;
    const std::size_t end = std::min(line.find_first_of("\t ", begin), line.size());
    if (std::string_view(line).substr(begin, end - begin) != name) continue;
    return line[type + 1] == 't' || line[type + 1] == 'T' || line[type + 1] == 'W';
  }
  return false;
}

// Programs of fentry and fexit have the arguments themselves for their context, 8 bytes each, and
// the result behind them.
void lay_out_tracing(const FunctionTypes& types, ProbeProgram& program) {
  for (const FunctionParameter& parameter : types.parameters) {
    if (parameter.passed != PassedIn::kRegister) return;
  }
  if (types.has_hidden_argument || program.captures.size() != types.parameters.size()) return;
  program.tracing_captures = program.captures;
  for (std::size_t i = 0; i < program.tracing_captures.size(); ++i) {
    wire_probe_capture& capture = program.tracing_captures[i];
    capture.how = WIRE_PROBE_WORD;
    capture.from = static_cast<wire_u16>(i * sizeof(wire_u64));
    capture.offset = 0;
  }
  program.has_tracing = true;
  program.tracing_result_from =
      static_cast<std::uint16_t>(types.parameters.size() * sizeof(wire_u64));
}

}  // namespace

FunctionTypes types_in_btf(const btf* types, std::uint32_t function) {
  FunctionTypes found;
  const btf_type* type = btf__type_by_id(types, function);
  const btf_type* prototype =
      type != nullptr && btf_is_func(type) ? btf__type_by_id(types, type->type) : nullptr;
  if (prototype == nullptr || !btf_is_func_proto(prototype)) return unknown_types();
  const btf_param* parameters = btf_params(prototype);
  for (std::uint16_t i = 0; i < btf_vlen(prototype); ++i) {
    const char* name = btf__name_by_offset(types, parameters[i].name_off);
    // "..." is the last, of no type.
    if (parameters[i].type == 0 && (name == nullptr || *name == '\0')) break;
    FunctionParameter parameter = parameter_of(types, parameters[i].type);
    parameter.name = name != nullptr ? name : "";
    found.parameters.push_back(std::move(parameter));
  }
  if (prototype->type == 0) {
    found.result.shape = ProbeShape::kUnknown;
    found.result.declared = "nothing: void";
    return found;
  }
  const FunctionParameter result = parameter_of(types, prototype->type);
  found.result = result.type;
  // What is behind it is not read: rarely is it the address of a text that is still there.
  if (found.result.shape == ProbeShape::kText) found.result.shape = ProbeShape::kHex;
  found.has_hidden_argument = result.passed == PassedIn::kStack;
  return found;
}

Result<ProbeDescription> find_kernel_function(std::string_view target) {
  if (target.empty()) {
    return fail("fn: give fn:NAME, a function of the kernel, such as fn:vfs_read",
                ExitCode::kBadInput);
  }
  const Btf types(btf__load_vmlinux_btf());
  if (!types) return fail_errno("read the kernel's types", errno);
  const std::string name(target);
  const std::int32_t number = btf__find_by_name_kind(types.get(), name.c_str(), BTF_KIND_FUNC);
  ProbeDescription description;
  description.target = fmt::format("fn:{}", target);
  description.doc = "a function of the kernel is called";
  description.is_kernel = true;
  description.can_return = true;
  ProbeProgram program;
  FunctionTypes found;
  if (number > 0) {
    found = types_in_btf(types.get(), static_cast<std::uint32_t>(number));
    lay_out_arguments(found, description, program);
    lay_out_tracing(found, program);
  } else {
    if (!has_symbol(target)) {
      const std::string near = nearest_function(types.get(), target);
      return fail(
          fmt::format("the kernel has no function '{}', or only as part of others (inlined){}",
                      target, near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
          ExitCode::kBadInput);
    }
    lay_out_arguments(unknown_types(), description, program);
  }
  program.sites.emplace_back(KernelSite{.function = name});
  description.programs.push_back(std::move(program));
  return description;
}

}  // namespace outrider
