// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/function_probe.h"

#include <bpf/btf.h>
#include <gtest/gtest.h>

#include <memory>

namespace outrider {

namespace {

struct BtfFree {
  void operator()(btf* types) const { btf__free(types); }
};

TEST(TypesInBtf, EveryKindOfArgument) {
  const std::unique_ptr<btf, BtfFree> types(btf__new_empty());
  btf* all = types.get();
  const int number = btf__add_int(all, "int", 4, BTF_INT_SIGNED);
  const int size = btf__add_int(all, "unsigned long", 8, 0);
  const int truth = btf__add_int(all, "_Bool", 1, BTF_INT_BOOL);
  const int character = btf__add_int(all, "char", 1, BTF_INT_SIGNED);
  const int text = btf__add_ptr(all, btf__add_const(all, character));
  const int file = btf__add_struct(all, "file", 200);
  const int pointer = btf__add_ptr(all, file);
  const int pid = btf__add_typedef(all, "pid_t", number);
  const int choice = btf__add_enum(all, "choice", 4);
  btf__add_enum_value(all, "FIRST", 1);
  btf__add_enum_value(all, "MINUS", -1);
  const int pair = btf__add_struct(all, "pair", 16);
  const int prototype = btf__add_func_proto(all, choice);
  for (const auto& [name, type] : {std::pair("number", number),
                                   {"size", size},
                                   {"truth", truth},
                                   {"text", text},
                                   {"file", pointer},
                                   {"pid", pid},
                                   {"choice", choice},
                                   {"whole", file},
                                   {"pair", pair}}) {
    ASSERT_EQ(btf__add_func_param(all, name, type), 0);
  }
  ASSERT_EQ(btf__add_func_param(all, "", 0), 0);  // "..."
  const int function = btf__add_func(all, "f", BTF_FUNC_GLOBAL, prototype);
  ASSERT_GT(function, 0);

  const FunctionTypes found = types_in_btf(all, static_cast<std::uint32_t>(function));
  struct Case {
    std::string_view name;
    std::string_view declared;
    ProbeShape shape;
    std::uint8_t size;
    PassedIn passed;
  };
  constexpr Case kCases[] = {
      {"number", "int", ProbeShape::kSigned, 4, PassedIn::kRegister},
      {"size", "unsigned long", ProbeShape::kUnsigned, 8, PassedIn::kRegister},
      {"truth", "_Bool", ProbeShape::kTruth, 1, PassedIn::kRegister},
      {"text", "const char *", ProbeShape::kText, 8, PassedIn::kRegister},
      {"file", "struct file *", ProbeShape::kHex, 8, PassedIn::kRegister},
      {"pid", "pid_t", ProbeShape::kSigned, 4, PassedIn::kRegister},
      {"choice", "enum choice", ProbeShape::kNamed, 4, PassedIn::kRegister},
      {"whole", "struct file", ProbeShape::kUnknown, 8, PassedIn::kStack},
      {"pair", "struct pair", ProbeShape::kUnknown, 8, PassedIn::kUnclear},
  };
  ASSERT_EQ(found.parameters.size(), std::size(kCases));
  for (std::size_t i = 0; i < std::size(kCases); ++i) {
    const FunctionParameter& parameter = found.parameters[i];
    EXPECT_EQ(parameter.name, kCases[i].name);
    EXPECT_EQ(parameter.type.declared, kCases[i].declared);
    EXPECT_EQ(parameter.type.shape, kCases[i].shape) << kCases[i].name;
    EXPECT_EQ(parameter.type.size, kCases[i].size) << kCases[i].name;
    EXPECT_EQ(parameter.passed, kCases[i].passed) << kCases[i].name;
  }
  EXPECT_EQ(found.parameters[6].type.names, (std::vector<ProbeName>{{1, "FIRST"}, {-1, "MINUS"}}));
  EXPECT_TRUE(found.parameters[6].type.is_signed);
  EXPECT_EQ(found.result.shape, ProbeShape::kNamed);
  // What is no function has registers only.
  EXPECT_EQ(types_in_btf(all, static_cast<std::uint32_t>(number)).parameters.size(), 6u);
  EXPECT_EQ(types_in_btf(all, 100'000).parameters.size(), 6u);
}

}  // namespace

}  // namespace outrider
