// SPDX-License-Identifier: Apache-2.0
#include "agent/configuration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <sstream>

#include "support/temporary_directory.h"

namespace outrider {
namespace {

std::vector<std::string> errors_of(const std::string& text) {
  const auto read = parse_configuration(text, "a.yaml");
  std::vector<std::string> lines;
  if (read) return lines;
  EXPECT_EQ(read.error().code, ExitCode::kBadInput);
  std::istringstream in(read.error().message);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(ConfigurationFile, EveryKey) {
  const auto read = parse_configuration(R"(
run_directory: /tmp/x
observe_group: adm
kinds: [exec, open]
environment: true
metrics:
  listen: ""
  kinds:
    - mount
streams:
  most: 7
  buffer: 64
  memory: 5
budget: {max_cpu: 2.5%}
log:
  level: debug
  file: /tmp/log
  file_size: 3
  files: 2
)",
                                        "a.yaml");
  ASSERT_TRUE(read) << read.error().message;
  const Configuration expected{.run_directory = "/tmp/x",
                               .observe_group = "adm",
                               .metrics_listen = "",
                               .metrics_kinds = {"mount"},
                               .kinds = {"exec", "open"},
                               .environment = true,
                               .most_streams = 7,
                               .stream_buffer = 64,
                               .stream_memory = 5,
                               .max_cpu = 2.5,
                               .log_level = "debug",
                               .log_file = "/tmp/log",
                               .log_file_size = 3,
                               .log_files = 2};
  EXPECT_EQ(*read, expected);
}

TEST(ConfigurationFile, NothingMeansTheDefaults) {
  for (const std::string text : {"", "# only this\n", "metrics:\n", "---\n"}) {
    const auto read = parse_configuration(text, "a.yaml");
    ASSERT_TRUE(read) << text << read.error().message;
    EXPECT_EQ(*read, Configuration{});
  }
}

TEST(ConfigurationFile, ItsReferenceIsTheDefaults) {
  const auto read = parse_configuration(configuration_reference(), "reference");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, Configuration{});
}

// All of them at once, each where it is.
TEST(ConfigurationFile, EveryErrorWithItsPlace) {
  EXPECT_EQ(
      errors_of("run_director: x\n"
                "kinds: [exec, opne]\n"
                "metrics:\n"
                "  lisen: x\n"
                "  kinds: exec\n"
                "log:\n"
                "  level: loud\n"
                "  files: 0\n"
                "environment: maybe\n"
                "streams: 5\n"
                "run_directory: [a]\n"
                "run_directory: b\n"),
      (std::vector<std::string>{
          ("a.yaml:1:1: no key 'run_director'; did you mean 'run_directory'? 'outrider agent "
           "--print-config' lists them"),
          "a.yaml:2:15: kinds: not 'opne', but maybe 'open'; 'outrider trace' lists them",
          ("a.yaml:4:3: metrics: no key 'lisen'; did you mean 'listen'? 'outrider agent "
           "--print-config' lists them"),
          "a.yaml:5:10: metrics.kinds: a list is expected, as in [exec, open]",
          "a.yaml:7:10: log.level: not 'loud'; give debug, info, warn, error",
          "a.yaml:8:10: log.files: a number from 1 to 1000 is expected",
          "a.yaml:9:14: environment: true or false is expected",
          ("a.yaml:10:10: streams: keys are expected below it, each in a line of its own with "
           "blanks before it"),
          "a.yaml:11:16: run_directory: a text is expected",
          "a.yaml:12:1: 'run_directory' is there twice; leave one of the two out",
      }));
}

TEST(ConfigurationFile, WhatIsNoYaml) {
  for (const std::string text :
       {"a: [", "\"", "a: b: c", "[]", "text", "a: 1\n---\nb: 2\n", "? [a]\n: b\n", "&a [*a]",
        // Where YAML::LoadAll does not end.
        "r\n!\n# a\n,"}) {
    const auto errors = errors_of(text);
    ASSERT_FALSE(errors.empty()) << text;
    EXPECT_TRUE(errors[0].starts_with("a.yaml:")) << errors[0];
  }
}

TEST(ConfigurationFile, FilesThatAreNotThere) {
  test::TemporaryDirectory directory;
  const std::string path = directory / "none.yaml";
  const auto optional = read_configuration(path, /*required=*/false);
  ASSERT_TRUE(optional);
  EXPECT_EQ(*optional, Configuration{});
  const auto required = read_configuration(path, /*required=*/true);
  ASSERT_FALSE(required);
  EXPECT_EQ(required.error().message, fmt::format("read {}: No such file or directory", path));
}

}  // namespace
}  // namespace outrider
