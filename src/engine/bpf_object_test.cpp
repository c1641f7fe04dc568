// SPDX-License-Identifier: Apache-2.0
#include "engine/bpf_object.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "sensors/registry.h"

namespace outrider {

namespace {

// A name in a descriptor that no program has would be found out by the first user.
TEST(BpfObject, ProgramsOfAllKindsAreThere) {
  const BpfObject object(outrider_bpf::open());
  ASSERT_NE(object, nullptr);
  for (const EventDescriptor* kind : all_kinds()) {
    for (const std::string_view program : kind->programs) {
      EXPECT_NE(find_program(object, program), nullptr) << kind->name << ": " << program;
    }
    for (const ProgramChoice& choice : kind->choices) {
      for (const std::string_view program : choice.programs) {
        EXPECT_NE(find_program(object, program), nullptr) << kind->name << ": " << program;
      }
    }
  }
}

// The kernel keeps 15 bytes of a program's name, and `status` finds programs by it.
TEST(BpfObject, ProgramsHaveNamesOfTheirOwn) {
  const BpfObject object(outrider_bpf::open());
  ASSERT_NE(object, nullptr);
  std::map<std::string, std::string> names;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object->obj) {
    const std::string name = bpf_program__name(program);
    const auto [other, first] = names.emplace(name.substr(0, 15), name);
    EXPECT_TRUE(first) << name << " and " << other->second;
  }
}

}  // namespace

}  // namespace outrider
