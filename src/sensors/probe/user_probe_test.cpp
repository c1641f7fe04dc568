// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/user_probe.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "sensors/probe/registers.h"

namespace outrider {

namespace {

const ElfSymbol kFunctions[] = {
    {.name = "main", .address = 0x1000, .size = 0x40},
    {.name = "_ZN2ns5twiceEi", .address = 0x2000, .size = 16},    // ns::twice(int)
    {.name = "_ZN2ns5twiceEPKc", .address = 0x2100, .size = 16},  // ns::twice(char const*)
    {.name = "_ZNK2ns5Thing6memberEi",
     .address = 0x2200,
     .size = 16},                                            // ns::Thing::member(int) const
    {.name = "_Z3getIiEvT_", .address = 0x2300, .size = 0},  // void get<int>(int)
    {.name = "main", .address = 0x1000, .size = 0x40},       // of .dynsym
    {.name = "strlen", .address = 0x3000, .size = 16, .is_chosen = true},
};

TEST(FindFunction, AsTheLinkerAndTheSourceCallIt) {
  struct Case {
    std::string_view name;
    std::uint64_t address;
  };
  constexpr Case kCases[] = {
      {"main", 0x1000},
      {"main+0x10", 0x1010},
      {"main+16", 0x1010},
      {"_ZN2ns5twiceEi", 0x2000},
      {"ns::twice(int)", 0x2000},
      {"ns::twice(char const*)", 0x2100},
      {"ns::Thing::member", 0x2200},
      {"get<int>", 0x2300},
      {"get<int>+4", 0x2304},
      {"0x1234", 0x1234},
  };
  for (const Case& test : kCases) {
    const auto place = find_function(kFunctions, test.name);
    ASSERT_TRUE(place) << test.name << ": " << place.error().message;
    EXPECT_EQ(place->address, test.address) << test.name;
  }
}

TEST(FindFunction, WhatIsNotThereOrNotOne) {
  struct Case {
    std::string_view name;
    std::string_view sentence;
  };
  constexpr Case kCases[] = {
      {"", "is missing"},
      {"man", "did you mean 'main'?"},
      {"ns::twise", "did you mean 'ns::twice'?"},
      {"twice", "no function is called 'twice'"},
      {"ns::twice", "2 functions are called 'ns::twice'"},
      {"main+64", "only 64 bytes"},
      {"strlen", "STT_GNU_IFUNC"},
      {"0xyz", "is no address"},
  };
  for (const Case& test : kCases) {
    const auto place = find_function(kFunctions, test.name);
    ASSERT_FALSE(place) << test.name;
    EXPECT_EQ(place.error().code, ExitCode::kBadInput);
    EXPECT_NE(place.error().message.find(test.sentence), std::string::npos)
        << place.error().message;
  }
  EXPECT_FALSE(find_function({}, "main"));
  EXPECT_TRUE(find_function({}, "0x10"));
}

FunctionParameter parameter(std::string name, ProbeShape shape,
                            PassedIn passed = PassedIn::kRegister, std::uint32_t size = 8) {
  return {.name = std::move(name), .type = {.shape = shape}, .passed = passed, .size = size};
}

TEST(LayOut, RegistersThenTheStack) {
  FunctionTypes types;
  for (int i = 0; i < 9; ++i) {
    types.parameters.push_back(parameter(std::string(1, static_cast<char>('a' + i)),
                                         i == 1 ? ProbeShape::kUnknown : ProbeShape::kSigned,
                                         i == 1 ? PassedIn::kVector : PassedIn::kRegister));
  }
  types.parameters.insert(types.parameters.begin() + 2,
                          parameter("large", ProbeShape::kUnknown, PassedIn::kStack, 20));
  ProbeDescription description;
  ProbeProgram program;
  lay_out_arguments(types, description, program);
  ASSERT_EQ(description.arguments.size(), 10u);
  const auto registers = argument_places();
  ASSERT_EQ(program.captures.size(), 8u) << "neither the floating-point number nor the structure";
  for (std::size_t i = 0; i < registers.size() && i < 8; ++i) {
    EXPECT_EQ(program.captures[i].how, WIRE_PROBE_WORD);
    EXPECT_EQ(program.captures[i].from, registers[i]);
  }
  if (registers.size() == 6) {
    EXPECT_EQ(program.captures[6].how, WIRE_PROBE_MEMORY);
    EXPECT_EQ(program.captures[6].offset, 8 + 24) << "behind the structure";
    EXPECT_EQ(program.captures[7].offset, 8 + 24 + 8);
  }
  EXPECT_EQ(description.arguments[1].type.shape, ProbeShape::kUnknown);
  EXPECT_EQ(description.data_size, 8 * sizeof(wire_probe_word));
}

TEST(LayOut, WhatIsBehindASmallStructureIsNotKnown) {
  const FunctionTypes types{
      .parameters = {parameter("a", ProbeShape::kSigned),
                     parameter("pair", ProbeShape::kUnknown, PassedIn::kUnclear),
                     parameter("a", ProbeShape::kSigned)},
      .has_hidden_argument = true};
  ProbeDescription description;
  ProbeProgram program;
  lay_out_arguments(types, description, program);
  ASSERT_EQ(program.captures.size(), 1u);
  EXPECT_EQ(program.captures[0].from, argument_places()[1]) << "behind the place of the result";
  ASSERT_EQ(description.arguments.size(), 3u);
  EXPECT_EQ(description.arguments[2].name, "arg2") << "no name is there twice";
  EXPECT_EQ(description.arguments[2].type.shape, ProbeShape::kUnknown);
}

TEST(LayOut, ManyTextsHaveRoomOrAreNotRead) {
  FunctionTypes types;
  for (int i = 0; i < 60; ++i) types.parameters.push_back(parameter("", ProbeShape::kText));
  ProbeDescription description;
  ProbeProgram program;
  lay_out_arguments(types, description, program);
  EXPECT_EQ(program.captures.size(), std::size_t{WIRE_PROBE_CAPTURES});
  EXPECT_LE(description.data_size, WIRE_PROBE_DATA);
  EXPECT_EQ(description.arguments.size(), 60u);
}

// Small, and with all tables.
std::string some_program() {
  std::ifstream file("/bin/true", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

FileDescriptor file_with(std::string_view bytes) {
  FileDescriptor file(::memfd_create("elf", MFD_CLOEXEC));
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return file;
}

TEST(ElfFiles, OurOwn) {
  const FileDescriptor file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const auto elf = ElfFile::open(file.get());
  ASSERT_TRUE(elf) << elf.error().message;
  const auto functions = elf->functions();
  const auto found = find_function(functions, "main");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(elf->offset_of(found->address, true));
  EXPECT_FALSE(elf->offset_of(~std::uint64_t{0}, false));
  EXPECT_TRUE(elf->has_section(".text"));
  EXPECT_FALSE(elf->has_section(".nothing"));
}

// The file may be a container's, and made to harm us.
TEST(ElfFiles, DamagedOnes) {
  const std::string whole = some_program();
  if (whole.empty()) GTEST_SKIP() << "no /bin/true";
  // Where the table of sections is: Elf64_Ehdr.
  std::uint64_t sections = 0;
  std::memcpy(&sections, whole.data() + 40, sizeof(sections));
  std::mt19937 random(11);
  std::size_t opened = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = whole.substr(0, round % 4 == 0 ? random() % whole.size() : whole.size());
    for (int i = 0; i < 8 && !bytes.empty(); ++i) {
      const std::size_t place = i % 2 == 0 ? random() % 1024 : sections + random() % 2048;
      bytes[place % bytes.size()] = static_cast<char>(random());
    }
    const FileDescriptor file = file_with(bytes);
    const auto elf = ElfFile::open(file.get());
    if (!elf) continue;
    ++opened;
    std::ignore = elf->functions();
    std::ignore = elf->section(".dynstr");
    std::ignore = elf->offset_of(random(), true);
  }
  EXPECT_GT(opened, 0u);
}

}  // namespace

}  // namespace outrider
