// SPDX-License-Identifier: Apache-2.0
#include "bpf/kernel_types.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace outrider {
namespace {

using Names = std::set<std::string>;

// struct file { struct path { struct dentry *dentry; } f_path; const mode_t mode : 4; loff_t
// list[3] } in a kernel with more in it.
class KernelTypesTest : public ::testing::Test {
 protected:
  KernelTypesTest() : made_(btf__new_empty()) {
    btf* types = made_.get();
    const int number = btf__add_int(types, "int", 4, BTF_INT_SIGNED);
    const int mode = btf__add_typedef(types, "mode_t", number);
    const int array = btf__add_array(types, number, mode, 3);
    const int text = btf__add_ptr(types, number);
    const int dentry = btf__add_struct(types, "dentry", 8);
    btf__add_field(types, "d_name", text, 0, 0);
    const int pointer = btf__add_ptr(types, dentry);
    const int path = btf__add_struct(types, "path", 8);
    btf__add_field(types, "dentry", pointer, 0, 0);
    const int constant = btf__add_const(types, mode);
    file_ = btf__add_struct(types, "file", 40);
    btf__add_field(types, "f_path", path, 0, 0);
    btf__add_field(types, "mode", constant, 64, 4);
    btf__add_field(types, "list", array, 96, 0);
    btf__add_struct(types, "unrelated", 8);
    btf__add_enum(types, "state", 4);
    btf__add_enum_value(types, "RUNNING", 7);
    const int callback = btf__add_func_proto(types, 0);
    btf__add_func_param(types, "data", pointer);
    btf__add_func_param(types, "ring", pointer);
    btf__add_func_param(types, "result", number);
    btf__add_typedef(types, "btf_trace_complete", btf__add_ptr(types, callback));
  }

  // Must outlive what is made of it.
  KernelTypes types() { return KernelTypes(std::move(made_)); }

  // Programs that name these structures.
  static Btf programs(const std::vector<const char*>& structures) {
    Btf made(btf__new_empty());
    for (const char* name : structures) btf__add_struct(made.get(), name, 0);
    return made;
  }

  static Names names(const btf* types) {
    Names all;
    for (std::uint32_t id = 1; id < btf__type_cnt(types); ++id) {
      const std::string name = btf__name_by_offset(types, btf__type_by_id(types, id)->name_off);
      if (!name.empty()) all.insert(name);
    }
    return all;
  }

  Btf made_;
  int file_ = 0;
};

TEST_F(KernelTypesTest, AnswersAboutNames) {
  const KernelTypes kernel = types();
  EXPECT_TRUE(kernel.has_name("d_name"));
  EXPECT_FALSE(kernel.has_name("d_nam"));
  EXPECT_FALSE(kernel.has_name("name"));
  EXPECT_EQ(kernel.structure("file"), file_);
  EXPECT_EQ(kernel.structure("file___old"), file_) << "a flavor of it";
  EXPECT_EQ(kernel.structure("state"), 0U) << "an enumeration";
  EXPECT_EQ(kernel.structure("fil"), 0U);
  EXPECT_EQ(kernel.tracepoint_arguments("complete"), 2U) << "without its data";
  EXPECT_EQ(kernel.tracepoint_arguments("none"), 0U);
}

TEST_F(KernelTypesTest, TakesWhatLiesWithin) {
  const KernelTypes kernel = types();
  const Btf needed = kernel.named_by(programs({"file___flavor"}).get());
  ASSERT_TRUE(needed);
  EXPECT_EQ(names(needed.get()), (Names{"int", "path", "file"}))
      << "neither what pointers lead to nor other names";
  const int id = btf__find_by_name_kind(needed.get(), "file", BTF_KIND_STRUCT);
  ASSERT_GT(id, 0);
  const btf_type* file = btf__type_by_id(needed.get(), static_cast<std::uint32_t>(id));
  EXPECT_EQ(file->size, 40U);
  ASSERT_EQ(btf_vlen(file), 3U);
  EXPECT_EQ(btf_member_bit_offset(file, 1), 64U);
  EXPECT_EQ(btf_member_bitfield_size(file, 1), 4U);
  EXPECT_EQ(btf__resolve_size(needed.get(), btf_members(file)[2].type), 12);
}

TEST_F(KernelTypesTest, TakesEnumerationsAndTypedefs) {
  const KernelTypes kernel = types();
  Btf wanting(btf__new_empty());
  btf__add_enum(wanting.get(), "state___other", 4);
  btf__add_typedef(wanting.get(), "mode_t", btf__add_int(wanting.get(), "int", 4, 0));
  const Btf needed = kernel.named_by(wanting.get());
  ASSERT_TRUE(needed);
  EXPECT_EQ(names(needed.get()), (Names{"state", "int", "mode_t"}));
}

TEST_F(KernelTypesTest, NoneIsNoMistake) {
  const KernelTypes none{Btf()};
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(none.has_name("file"));
  EXPECT_EQ(none.structure("file"), 0U);
  EXPECT_EQ(none.tracepoint_arguments("complete"), 0U);
  EXPECT_FALSE(none.named_by(programs({"file"}).get()));
  const RelocationTypes file;
  EXPECT_FALSE(file.write(none, programs({"file"}).get()));
}

TEST_F(KernelTypesTest, AreWrittenAsAFile) {
  const KernelTypes kernel = types();
  const RelocationTypes file;
  ASSERT_NE(file.path(), nullptr);
  ASSERT_TRUE(file.write(kernel, programs({"path"}).get()));
  const Btf read(btf__parse(file.path(), nullptr));
  ASSERT_TRUE(read);
  EXPECT_EQ(names(read.get()), (Names{"path"}));
}

// The kernel that the test runs on, if it shows its types to everybody.
TEST(KernelTypes, OfThisKernel) {
  if (!std::filesystem::exists("/sys/kernel/btf/vmlinux")) GTEST_SKIP() << "no types";
  const KernelTypes kernel;
  EXPECT_TRUE(kernel.has_name("task_struct"));
  EXPECT_FALSE(kernel.has_name("no such name"));
  EXPECT_NE(kernel.structure("task_struct"), 0U);
  EXPECT_EQ(kernel.tracepoint_arguments("sched_process_fork"), 2U);
  Btf wanting(btf__new_empty());
  btf__add_struct(wanting.get(), "task_struct", 0);
  const Btf needed = kernel.named_by(wanting.get());
  ASSERT_TRUE(needed);
  EXPECT_LT(btf__type_cnt(needed.get()), 3000U) << "of 100,000";
}

}  // namespace
}  // namespace outrider
