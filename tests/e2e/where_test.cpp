// SPDX-License-Identifier: Apache-2.0
//
// --where on real streams: what matches is shown, what does not is counted as filtered.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_descriptor.h"
#include "support/program.h"

namespace outrider::test {
namespace {

class Where : public ProgramTest {};

struct Case {
  std::string_view condition;  // DIR stands for the test's directory
  int matches;                 // of the calls that make_calls() makes
  int in_agent = 0;            // others of them that the kernel does not decide
};

constexpr Case kCases[] = {
    {"fd.name startswith DIR/", 4},
    {"fd.name startswith DIR/ and evt.res = ENOENT", 2},
    {"fd.name startswith DIR/ and not evt.res = ENOENT", 2},
    {"fd.name in (DIR/missing, DIR/made)", 3},
    {"fd.name pmatch (DIR) and evt.arg.flags contains O_CREAT", 2},
    {"fd.name = DIR/made and evt.arg.flags intersects (O_APPEND, O_EXCL)", 1},
    // Missing and unknown make a comparison false: a failed open has no real path.
    {"fd.name startswith DIR/ and not fd.realpath startswith /", 2},
    {"fd.name glob 'DIR/*e' and proc.pid = PID", 1},
    {"fd.nameraw regex 'DIR/m[a-z]+' and fd.num >= 0", 1, 1},
    {"fd.name startswith DIR/ and evt.arg.mode = 0640", 1, 3},
    {"fd.directory = DIR and fd.filename in (made, mADE) and fd.typechar = f", 2},
    {"fd.directory = DIR and evt.is_open_write = true and evt.failed = true", 1},
    {"fd.directory = DIR and evt.rawres = ENOENT and evt.arg.path endswith missing", 2},
    {"fd.directory = DIR and evt.arg[dirfd] = AT_FDCWD and evt.rawarg.dirfd = -100", 4},
    {"fd.directory = DIR and proc.aname[0] = e2e-generator and proc.apid = PARENT", 4},
    {"fd.directory = DIR and proc.apid[1] = PARENT and not proc.aname = e2e-generator", 4},
};

// Two opens that fail and two that succeed.
void make_calls(const std::string& directory) {
  EXPECT_EQ(::open((directory + "/missing").c_str(), O_RDONLY | O_CLOEXEC), -1);
  EXPECT_EQ(::open((directory + "/missing").c_str(), O_WRONLY | O_CLOEXEC), -1);
  FileDescriptor made(
      ::open((directory + "/made").c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  EXPECT_TRUE(made.valid());
  EXPECT_EQ(::unlink((directory + "/made").c_str()), 0);
  FileDescriptor whole(::open((directory + "/mADE").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_TRUE(whole.valid());
  EXPECT_EQ(::unlink((directory + "/mADE").c_str()), 0);
}

std::string with(std::string text, std::string_view word, const std::string& value) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += value.size()) {
    text.replace(at, word.size(), value);
  }
  return text;
}

TEST_F(Where, ShowsWhatMatchesAndCountsTheRest) {
  const std::string directory = directory_.path();
  for (const Case& c : kCases) {
    std::string condition = with(std::string(c.condition), "DIR", directory);
    condition = with(condition, "PID", std::to_string(::getpid()));
    condition = with(condition, "PARENT", std::to_string(::getppid()));
    SCOPED_TRACE(condition);
    Trace trace(own_events({"open", "-o", "json", "--where", condition}));
    ASSERT_TRUE(trace.ready()) << trace.errors();
    {
      const GeneratorName name;
      make_calls(directory);
    }
    ASSERT_EQ(trace.interrupt(), Subprocess::Ending{.code = 0});
    EXPECT_EQ(parse_lines(trace.output()).size(), static_cast<std::size_t>(c.matches))
        << trace.output();
    const auto account = account_in(trace.errors());
    expect_equation(account);
    const auto& open = account.at("account").at("open");
    EXPECT_EQ(open.at("delivered"), c.matches);
    EXPECT_EQ(open.at("filtered").at("agent"), c.in_agent);
  }
}

// Options that are short for a condition, alone and with one.
TEST_F(Where, OptionsThatStandForConditions) {
  const std::string user = std::to_string(::getuid());
  const std::string in_directory = "fd.name startswith " + directory_.path() + "/";
  struct {
    std::vector<std::string> words;
    std::size_t matches;
  } const cases[] = {
      {{"--uid", user}, 4},
      {{"--uid", "!" + user}, 0},
      {{"--uid", "4294967295," + user, "--comm", "!sshd"}, 4},
      {{"--comm", std::string("!sshd,!") + kGeneratorName}, 0},
      {{"--pid", "!" + std::to_string(::getpid())}, 0},
      // Both hold, whatever binds more tightly in the condition.
      {{"--uid", "!" + user, "--where", in_directory + " or evt.res exists"}, 0},
      {{"--uid", user, "--where", "evt.res = ENOENT or fd.name endswith mADE"}, 3},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(testing::PrintToString(c.words));
    std::vector<std::string> words = {"open", "-o", "json"};
    words.insert(words.end(), c.words.begin(), c.words.end());
    Trace trace(own_events(words));
    ASSERT_TRUE(trace.ready()) << trace.errors();
    {
      const GeneratorName name;
      make_calls(directory_.path());
    }
    ASSERT_EQ(trace.interrupt(), Subprocess::Ending{.code = 0});
    EXPECT_EQ(parse_lines(trace.output()).size(), c.matches) << trace.output();
    const auto account = account_in(trace.errors());
    expect_equation(account);
  }
}

// Several kinds: a field that one of them does not have is missing there, and no error.
TEST_F(Where, FieldsOfOneKindOnly) {
  Trace trace(own_events({"open,mkdir", "-o", "json", "--where",
                          "evt.arg.flags contains O_DIRECTORY or evt.kind = mkdir"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  const std::string made = directory_ / "made";
  {
    const GeneratorName name;
    EXPECT_EQ(::mkdir(made.c_str(), 0700), 0);
    const FileDescriptor directory(::open(made.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT_TRUE(directory.valid());
    const FileDescriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_TRUE(file.valid());
  }
  ASSERT_EQ(trace.interrupt(), Subprocess::Ending{.code = 0});
  const auto events = parse_lines(trace.output());
  ASSERT_EQ(events.size(), 2U) << trace.output();
  EXPECT_EQ(events[0].at("evt.kind"), "mkdir");
  EXPECT_EQ(events[1].at("fd.name"), made);
}

}  // namespace
}  // namespace outrider::test
