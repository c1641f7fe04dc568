// SPDX-License-Identifier: Apache-2.0
//
// What `trace` prints: hostile names, pipes, terminals, wrong command lines.
#include <fcntl.h>
#include <fmt/format.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include "base/text.h"
#include "support/program.h"

namespace outrider::test {
namespace {

using Ending = Subprocess::Ending;
using namespace std::string_literals;

class Output : public ProgramTest {
 protected:
  // Names that programs have stumbled over; each is made as a file.
  std::vector<std::string> make_hostile_files() {
    std::vector<std::string> paths;
    for (const std::string& name :
         {"new\nline"s, "tab\tand\rreturn"s, "\x1b[31mred\x1b[2J"s, "\x1b]0;title\x07"s,
          "\xff\xfe not UTF-8"s, "half \xe2\x82"s, "overlong \xc0\xaf"s, "surrogate \xed\xa0\x80"s,
          "c1 \xc2\x9b"
          "31m"s,
          "turned \xe2\x80\xae"
          "round"s,
          "\"quotes\" 'and' \\slashes\\"s, "{\"json\":1}"s, " spaces "s, "bell\x07\x08\x7f"s,
          "日本語 ünï"s, "\x01"s, std::string(255, 'x'), std::string(255, '\n'),
          std::string(255, '\xff')}) {
      const std::string path = directory_ / name;
      const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
      // Some file systems take UTF-8 only.
      if (file.valid()) paths.push_back(path);
    }
    EXPECT_GE(paths.size(), 10U);
    return paths;
  }

  static void open_all(const std::vector<std::string>& paths) {
    const GeneratorName name;
    for (const std::string& path : paths) {
      const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    }
  }

  static bool wait_for_lines(const Trace& trace, std::size_t count) {
    return eventually([&] { return lines_of(trace.output()).size() >= count; }, kPatience);
  }
};

bool is_control(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    // C1 in UTF-8, which some terminals obey.
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      return true;
    }
  }
  return false;
}

TEST_F(Output, JsonIsValidWhateverTheNames) {
  const auto paths = make_hostile_files();
  Trace trace(own_events({"open", "-o", "json"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_all(paths);
  ASSERT_TRUE(wait_for_lines(trace, paths.size()));
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});

  std::vector<std::string> names;
  for (const auto& event : parse_lines(trace.output())) names.push_back(event.at("fd.name"));
  for (const std::string& path : paths) {
    std::string expected = "\"";
    append_json_text(expected, path);
    expected += '"';
    EXPECT_EQ(
        std::count(names.begin(), names.end(), nlohmann::json::parse(expected).get<std::string>()),
        1)
        << expected;
  }
}

TEST_F(Output, ColumnsHoldNoControlCharacters) {
  const auto paths = make_hostile_files();
  Trace trace(own_events({"open"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_all(paths);
  ASSERT_TRUE(wait_for_lines(trace, 1 + paths.size()));
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
  const auto lines = lines_of(trace.output());
  EXPECT_EQ(lines.size(), 1 + paths.size()) << "a name made a line of its own";
  for (const std::string& line : lines) EXPECT_FALSE(is_control(line)) << line;
  EXPECT_FALSE(is_control(trace.errors().substr(0, trace.errors().find('\n'))));
}

TEST_F(Output, HeaderUnlessUnwanted) {
  for (const bool header : {true, false}) {
    auto words = own_events({"open", "--max-events", "2"});
    if (!header) words.emplace_back("--no-header");
    Trace trace(words);
    ASSERT_TRUE(trace.ready()) << trace.errors();
    open_missing(directory_ / "missing", 2);
    ASSERT_EQ(trace.wait(kPatience), Ending{.code = 0});
    const auto lines = lines_of(trace.output());
    ASSERT_EQ(lines.size(), header ? 3U : 2U);
    EXPECT_EQ(lines[0].starts_with("TIME"), header) << lines[0];
  }
}

TEST_F(Output, PipeIsNotCut) {
  // Longer than a terminal, and than a name may be: several parts.
  std::string path = directory_.path();
  for (int i = 0; i < 8; ++i) path += "/" + std::string(200, static_cast<char>('a' + i));
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  Trace trace(own_events({"open", "--no-header", "--max-events", "1"}), {.output = writer.get()});
  writer.reset();
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_missing(path);
  ASSERT_EQ(trace.wait(kPatience), Ending{.code = 0});
  std::string text(8192, '\0');
  text.resize(static_cast<std::size_t>(
      std::max<ssize_t>(0, ::read(reader.get(), text.data(), text.size()))));
  EXPECT_TRUE(text.ends_with(path + "\n")) << text;
}

// What `trace` writes to a terminal of so many columns, until `count` lines are there.
class Terminal {
 public:
  explicit Terminal(unsigned short columns) {
    const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    int controller = -1;
    int terminal = -1;
    opened_ = ::openpty(&controller, &terminal, nullptr, nullptr, &size) == 0;
    controller_ = FileDescriptor(controller);
    terminal_ = FileDescriptor(terminal);
  }
  [[nodiscard]] bool opened() const { return opened_; }
  [[nodiscard]] int descriptor() const { return terminal_.get(); }

  // Without the returns that a terminal puts before each new line.
  std::string read_lines(std::size_t count) {
    std::string text;
    char buffer[4096];
    ::fcntl(controller_.get(), F_SETFL, O_NONBLOCK);
    eventually(
        [&] {
          const ssize_t got = ::read(controller_.get(), buffer, sizeof(buffer));
          if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
          return lines_of(text).size() >= count;
        },
        kPatience);
    std::string clean;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
      clean += text[i];
    }
    return clean;
  }

 private:
  bool opened_ = false;
  FileDescriptor controller_;
  FileDescriptor terminal_;
};

// Without colors and the like: ESC [ digits m.
std::string without_styles(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b' && i + 1 < text.size() && text[i + 1] == '[') {
      const std::size_t end = text.find_first_not_of("0123456789;", i + 2);
      if (end != std::string_view::npos && text[end] == 'm') {
        i = end;
        continue;
      }
    }
    plain += text[i];
  }
  return plain;
}

TEST_F(Output, TerminalLinesFit) {
  constexpr std::size_t kColumns = 80;
  Terminal terminal(kColumns);
  if (!terminal.opened()) GTEST_SKIP() << "no pseudo-terminal here";
  const auto paths = make_hostile_files();
  Trace trace(own_events({"open,unlink"}),
              {.environment = {"NO_COLOR"}, .output = terminal.descriptor()});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_all(paths);
  const std::string text = terminal.read_lines(1 + paths.size());
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
  const auto lines = lines_of(text);
  ASSERT_EQ(lines.size(), 1 + paths.size());
  EXPECT_NE(text.find("\x1b["), std::string::npos) << "no color on a terminal";
  for (const std::string& line : lines) {
    const std::string plain = without_styles(line);
    EXPECT_LE(display_width(plain), kColumns) << plain;
    EXPECT_FALSE(is_control(plain)) << plain;
  }
}

TEST_F(Output, NoColor) {
  Terminal terminal(80);
  if (!terminal.opened()) GTEST_SKIP() << "no pseudo-terminal here";
  Trace trace(own_events({"open"}),
              {.environment = {"NO_COLOR=1"}, .output = terminal.descriptor()});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_missing(directory_ / "missing", 5);
  const std::string text = terminal.read_lines(6);
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
  EXPECT_EQ(lines_of(text).size(), 6U);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST_F(Output, TenThousandRows) {
  constexpr std::size_t kRows = 10'000;
  Trace trace(own_events(
      {"open", "--max-events", std::to_string(kRows), "--no-header", "--fields", "fd.name"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  for (std::size_t i = 0; i < kRows; ++i) open_missing(directory_ / fmt::format("missing-{}", i));
  ASSERT_EQ(trace.wait(kPatience), Ending{.code = 0}) << trace.errors();
  const auto lines = lines_of(trace.output());
  ASSERT_EQ(lines.size(), kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    ASSERT_EQ(lines[i], directory_ / fmt::format("missing-{}", i));
  }
}

TEST_F(Output, AccountOnDemand) {
  Trace trace(own_events({"open", "-o", "json"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_missing(directory_ / "before", 3);
  ASSERT_TRUE(wait_for_lines(trace, 3));
  trace.send(SIGUSR1);
  ASSERT_TRUE(trace.wait_for_errors("\"account\"", kPatience));
  EXPECT_EQ(account_in(trace.errors())["account"]["open"]["delivered"], 3);
  open_missing(directory_ / "after", 2);
  ASSERT_TRUE(wait_for_lines(trace, 5));
  ASSERT_EQ(trace.interrupt(), Ending{.code = 0});
  EXPECT_EQ(account_in(trace.errors())["account"]["open"]["delivered"], 5);
}

// What is wrong with the command line is said before anything is loaded: no root needed.
struct WrongLine {
  const char* name;
  std::vector<std::string> words;
  std::string hint;
};

void PrintTo(const WrongLine& line, std::ostream* out) {
  *out << testing::PrintToString(line.words);
}

class CommandLine : public testing::TestWithParam<WrongLine> {};

TEST_P(CommandLine, EndsWithTwoAndAHint) {
  const Finished finished = run_program(GetParam().words);
  EXPECT_EQ(finished.ending, Ending{.code = 2});
  EXPECT_EQ(finished.output, "");
  EXPECT_EQ(lines_of(finished.errors).size(), 1U) << finished.errors;
  EXPECT_TRUE(finished.errors.starts_with("outrider: ")) << finished.errors;
  EXPECT_NE(finished.errors.find(GetParam().hint), std::string::npos) << finished.errors;
}

INSTANTIATE_TEST_SUITE_P(
    , CommandLine,
    testing::Values(
        WrongLine{"UnknownField", {"trace", "open", "--fields", "fd.realpat"}, "'fd.realpath'?"},
        WrongLine{"UnknownKind", {"trace", "opne"}, "'open'?"},
        WrongLine{"UnknownKindInAList", {"trace", "exec,unlnk"}, "'unlink'?"},
        WrongLine{"UnknownCommand", {"trcae"}, "--help"},
        WrongLine{
            "WhereWithoutAField", {"trace", "open", "--where", "fd.realpat=x"}, "'fd.realpath'?"},
        WrongLine{
            "WhereThatIsNoCondition", {"trace", "open", "--where", "fd.name ="}, "--where:1:"},
        WrongLine{"WhereOfNothing", {"trace", "open", "--where", ""}, "--where:1:1"},
        WrongLine{
            "WhereOfAWrongType", {"trace", "open", "--where", "proc.pid contains 3"}, "proc.pid"},
        WrongLine{"FieldTwice", {"trace", "open", "--fields", "fd.name,fd.name"}, "twice"},
        WrongLine{"FormatOfFields", {"fields", "-o", "xml"}, "json"},
        WrongLine{"UnknownOption", {"trace", "open", "--no-such-thing"}, "--no-such-thing"},
        WrongLine{"UnknownFormat", {"trace", "open", "-o", "xml"}, "json"},
        WrongLine{"LongComm", {"trace", "open", "--comm", "sixteen-letters!"}, "15 bytes"},
        WrongLine{"PidThatIsNone", {"trace", "open", "--pid", "me"}, "me"},
        WrongLine{"UidThatIsNone", {"trace", "open", "--uid", "!root"}, "--uid root: an id is"},
        WrongLine{"ErrnoThatIsNone",
                  {"trace", "open", "--uid", "0", "--where", "evt.res = ENOENTT"},
                  "--where:1:11: 'evt.res' is never 'ENOENTT'; did you mean 'ENOENT'?"},
        WrongLine{"NegativeTimeout", {"trace", "open", "--timeout", "-1"}, "--timeout"}),
    [](const auto& information) { return std::string(information.param.name); });

TEST(Help, KindsAndFieldsAreListed) {
  const Finished kinds = run_program({"trace"});
  EXPECT_EQ(kinds.ending, Ending{.code = 0});
  for (const char* kind :
       {"exec", "exit", "fork", "open", "mkdir", "rmdir", "unlink", "rename", "link", "symlink",
        "chmod", "chown", "truncate", "connect", "mount", "ptrace", "syscall"}) {
    EXPECT_NE(kinds.output.find(fmt::format(" {} ", kind)), std::string::npos) << kind;
  }
  for (const char* group : {"process", "file", "net", "security", "io", "kernel"}) {
    EXPECT_NE(kinds.output.find(fmt::format("\n  {} ", group)), std::string::npos) << group;
  }
  const Finished fields = run_program({"trace", "open", "--help"});
  EXPECT_EQ(fields.ending, Ending{.code = 0});
  for (const char* field : {"evt.time", "evt.res", "proc.pid", "fd.name", "fd.realpath"}) {
    EXPECT_NE(fields.output.find(fmt::format("\n  {} ", field)), std::string::npos) << field;
  }
  const Finished found = run_program({"fields", "*realpath"});
  EXPECT_EQ(found.ending, Ending{.code = 0});
  EXPECT_TRUE(found.output.starts_with("  fd.realpath ")) << found.output;
  EXPECT_NE(found.output.find("[exec]"), std::string::npos) << found.output;
  EXPECT_EQ(run_program({"fields", "no-such-field"}).ending, Ending{.code = 1});
  for (const std::string& line : lines_of(run_program({"fields", "-o", "json"}).output)) {
    EXPECT_TRUE(nlohmann::json::parse(line).at("kinds").is_array()) << line;
  }
  for (const auto& words : {std::vector<std::string>{"--help"}, {"trace", "--help"}}) {
    const Finished help = run_program(words);
    EXPECT_EQ(help.ending, Ending{.code = 0});
    EXPECT_NE(help.output.find("Usage:"), std::string::npos) << help.output;
  }
  const Finished version = run_program({"--version"});
  EXPECT_EQ(version.ending, Ending{.code = 0});
  EXPECT_TRUE(version.output.starts_with("outrider ")) << version.output;
}

}  // namespace
}  // namespace outrider::test
