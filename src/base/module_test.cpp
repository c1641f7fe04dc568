// SPDX-License-Identifier: Apache-2.0
#include "base/module.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temporary_directory.h"

namespace outrider {
namespace {

// Of any library that is here: it need not be ours.
std::string a_library() {
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/x86_64-linux-gnu")) {
    if (entry.path().filename().string().starts_with("libz.so.")) return entry.path();
  }
  return {};
}

class ModuleTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string library = a_library();
    if (library.empty()) GTEST_SKIP() << "there is no zlib to load";
    ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
    std::filesystem::copy_file(library, directory_ / "part.so");
    ASSERT_EQ(::chmod((directory_ / "part.so").c_str(), 0644), 0);
  }
  Result<void*> load() const { return load_module_from(directory_.path(), "part", "zlibVersion"); }

  test::TemporaryDirectory directory_;
};

TEST_F(ModuleTest, LoadsWhatNobodyElseCanChange) {
  const auto found = load();
  ASSERT_TRUE(found) << found.error().message;
  const auto version = reinterpret_cast<const char* (*)()>(*found);
  EXPECT_EQ(version()[0], '1');
}

TEST_F(ModuleTest, WhatOthersMayWriteToIsNotLoaded) {
  const std::string file = directory_ / "part.so";
  for (const mode_t mode : {0664, 0646}) {
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
    const auto found = load();
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().message.find("part.so may be written to by others"), std::string::npos)
        << found.error().message;
  }
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  for (const mode_t mode : {0775, 0757}) {
    ASSERT_EQ(::chmod(directory_.path().c_str(), mode), 0);
    EXPECT_FALSE(load());
  }
}

TEST_F(ModuleTest, WhatIsAnothersIsNotLoaded) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to give a file away";
  constexpr uid_t kAnother = 12345;
  ASSERT_EQ(::chown((directory_ / "part.so").c_str(), kAnother, kAnother), 0);
  const auto found = load();
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("is of user 12345"), std::string::npos);
  ASSERT_EQ(::chown((directory_ / "part.so").c_str(), 0, 0), 0);
  ASSERT_EQ(::chown(directory_.path().c_str(), kAnother, kAnother), 0);
  EXPECT_FALSE(load());
}

TEST_F(ModuleTest, ALinkLeadsToWhereItIsChecked) {
  const test::TemporaryDirectory other;
  ASSERT_EQ(::symlink((directory_ / "part.so").c_str(), (other / "part.so").c_str()), 0);
  EXPECT_TRUE(load_module_from(other.path(), "part", "zlibVersion"));
  ASSERT_EQ(::chmod((directory_ / "part.so").c_str(), 0666), 0);
  EXPECT_FALSE(load_module_from(other.path(), "part", "zlibVersion"));
}

TEST_F(ModuleTest, WhatIsNotThereIsSaid) {
  EXPECT_FALSE(load_module_from(directory_.path(), "other", "zlibVersion"));
  EXPECT_FALSE(load_module_from(directory_.path(), "part", "no_such_thing"));
  EXPECT_FALSE(load_module("no_such_module", "x"));
  std::ofstream(directory_ / "text.so") << "no library";
  EXPECT_FALSE(load_module_from(directory_.path(), "text", "x"));
}

}  // namespace
}  // namespace outrider
