// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <vector>

namespace outrider {

// Writes small BPF programs instruction by instruction, for what must be tried on a node
// that has no compiler. Registers are numbers: 0 holds results, 1 to 5 the arguments of a
// call, 1 the context at the start, 10 the end of the stack.
class Instructions {
 public:
  Instructions& set(unsigned to, std::int32_t value) {
    return add(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value);
  }
  Instructions& copy(unsigned to, unsigned from) {
    return add(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
  }
  Instructions& add_to(unsigned to, std::int32_t value) {
    return add(BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, value);
  }
  Instructions& load64(unsigned to, unsigned from, std::int16_t offset) {
    return add(BPF_LDX | BPF_MEM | BPF_DW, to, from, offset, 0);
  }
  Instructions& load8(unsigned to, unsigned from, std::int16_t offset) {
    return add(BPF_LDX | BPF_MEM | BPF_B, to, from, offset, 0);
  }
  Instructions& store32(unsigned to, std::int16_t offset, std::int32_t value) {
    return add(BPF_ST | BPF_MEM | BPF_W, to, 0, offset, value);
  }
  // The address of a map, of the first value of an array, of the instruction `target`.
  Instructions& map(unsigned to, int descriptor) {
    return add_wide(to, BPF_PSEUDO_MAP_FD, descriptor);
  }
  Instructions& map_value(unsigned to, int descriptor) {
    return add_wide(to, BPF_PSEUDO_MAP_VALUE, descriptor);
  }
  Instructions& function(unsigned to, std::int32_t target) {
    const auto here = static_cast<std::int32_t>(code_.size());
    return add_wide(to, BPF_PSEUDO_FUNC, target - here - 1);
  }
  Instructions& call(bpf_func_id helper) {
    return add(BPF_JMP | BPF_CALL, 0, 0, 0, static_cast<std::int32_t>(helper));
  }
  // A function of the kernel, by the number of its BTF type.
  Instructions& call_kernel(std::uint32_t type) {
    return add(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, static_cast<std::int32_t>(type));
  }
  Instructions& leave(std::int32_t result = 0) {
    set(0, result);
    return add(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
  }

  [[nodiscard]] const std::vector<bpf_insn>& code() const { return code_; }

 private:
  Instructions& add(unsigned operation, unsigned to, unsigned from, std::int16_t offset,
                    std::int32_t value) {
    bpf_insn instruction{};
    instruction.code = static_cast<__u8>(operation);
    instruction.dst_reg = to & 0xf;
    instruction.src_reg = from & 0xf;
    instruction.off = offset;
    instruction.imm = value;
    code_.push_back(instruction);
    return *this;
  }
  // 64 bits take the place of two instructions.
  Instructions& add_wide(unsigned to, unsigned kind, std::int32_t value) {
    add(BPF_LD | BPF_IMM | BPF_DW, to, kind, 0, value);
    return add(0, 0, 0, 0, 0);
  }

  std::vector<bpf_insn> code_;
};

}  // namespace outrider
