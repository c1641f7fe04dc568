// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "cli/reference.h"
#include "support/subprocess.h"
#include "support/temporary_directory.h"

namespace outrider {
namespace {

TEST(Manual, HasEachOptionOfEachCommand) {
  for (const CommandRow& command : all_commands()) {
    const std::string page = manual_page(command);
    const auto line = command.describe();
    for (const CLI::Option* option : line->options().get_options()) {
      for (std::string name : option->get_lnames()) {
        for (std::size_t at = 0; (at = name.find('-', at)) != std::string::npos; at += 2) {
          name.insert(at, "\\");
        }
        EXPECT_NE(page.find("\\-\\-" + name), std::string::npos) << command.name << " " << name;
      }
    }
  }
}

TEST(Manual, GroffHasNothingToSay) {
  test::Subprocess which({"sh", "-c", "command -v groff"});
  if (which.wait(std::chrono::seconds(10)) != test::Subprocess::Ending{.code = 0}) {
    GTEST_SKIP() << "groff is not installed";
  }
  test::TemporaryDirectory directory;
  const auto check = [&](const std::string& page) {
    std::ofstream(directory / "page.8") << page;
    test::Subprocess groff({"groff", "-man", "-Tutf8", "-ww", "-z", directory / "page.8"});
    EXPECT_EQ(groff.wait(std::chrono::seconds(10)), test::Subprocess::Ending{.code = 0});
    EXPECT_EQ(groff.errors(), "") << page;
  };
  check(manual_overview());
  for (const CommandRow& command : all_commands()) check(manual_page(command));
}

TEST(Reference, IsThatOfTheTree) {
  std::ifstream file(OUTRIDER_SOURCE_DIRECTORY "/docs/reference.md");
  if (!file) GTEST_SKIP() << "the tree is not here";
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(text.str() == reference_page())
      << "make it anew: outrider document reference > docs/reference.md";
}

}  // namespace
}  // namespace outrider
