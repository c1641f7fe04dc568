// SPDX-License-Identifier: Apache-2.0
//
// Read back by tar(1), which is somebody else's.
#include "cli/archive.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "support/subprocess.h"
#include "support/temporary_directory.h"

namespace outrider {
namespace {

using test::Subprocess;
constexpr std::chrono::seconds kPatience{10};

TEST(Archive, IsReadByTar) {
  const ArchiveFile files[] = {{"MANIFEST", "what there is\n"},
                               {"agent/empty", ""},
                               {"a block", std::string(512, 'x')},
                               {"more than a block", std::string(100'000, 'y') + '\0' + "\xff"},
                               {std::string(100, 'n'), "the longest name"}};
  const auto archive = make_archive(files, 1'700'000'000);
  ASSERT_TRUE(archive) << archive.error().message;
  const test::TemporaryDirectory directory;
  std::ofstream(directory / "x.tar.gz", std::ios::binary) << *archive;

  Subprocess list({"tar", "-tzvf", directory / "x.tar.gz"}, {.environment = {"TZ=UTC"}});
  ASSERT_EQ(list.wait(kPatience), Subprocess::Ending{.code = 0}) << list.errors();
  EXPECT_EQ(list.errors(), "");
  EXPECT_TRUE(
      list.output().starts_with("-rw-r--r-- root/root        14 2023-11-14 22:13 MANIFEST\n"))
      << list.output();

  Subprocess extract({"tar", "-xzf", directory / "x.tar.gz", "-C", directory.path()});
  ASSERT_EQ(extract.wait(kPatience), Subprocess::Ending{.code = 0}) << extract.errors();
  for (const ArchiveFile& file : files) {
    std::ifstream stream(directory / file.name, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    EXPECT_TRUE(stream) << file.name;
    EXPECT_TRUE(text.str() == file.text) << file.name;
  }
}

TEST(Archive, IsTheSameEachTime) {
  const ArchiveFile files[] = {{"a", "text"}};
  EXPECT_EQ(*make_archive(files, 1), *make_archive(files, 1));
  EXPECT_NE(*make_archive(files, 1), *make_archive(files, 2));
}

TEST(Archive, RefusesANameThatDoesNotFit) {
  const ArchiveFile files[] = {{std::string(101, 'n'), ""}};
  EXPECT_FALSE(make_archive(files, 0));
}

}  // namespace
}  // namespace outrider
