// SPDX-License-Identifier: Apache-2.0
#include "streams/stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <deque>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/file_descriptor.h"
#include "base/text.h"
#include "sensors/registry.h"
#include "support/hand_made_event.h"

namespace outrider {
namespace {

using test::HandMadeEvent;
using Kinds = std::vector<const EventDescriptor*>;

Kinds kinds_named(std::initializer_list<std::string_view> names) {
  Kinds kinds;
  for (const std::string_view name : names) {
    kinds.push_back(find_kind(name));
    EXPECT_NE(kinds.back(), nullptr) << name;
  }
  return kinds;
}

// A stream into memory.
class Captured {
 public:
  Captured(const Kinds& kinds, const Stream::Options& options)
      : file_(::memfd_create("stream_test", MFD_CLOEXEC)), output_(file_.get()) {
    auto stream = Stream::create(kinds, options, output_);
    EXPECT_TRUE(stream.has_value()) << stream.error().message;
    if (stream) stream_ = std::move(*stream);
  }

  Stream& stream() { return *stream_; }
  void write(HandMadeEvent& event) { EXPECT_TRUE(stream_->write(event.get())); }

  // All that was written out, without asking for it.
  std::string written() const {
    std::string text(static_cast<std::size_t>(::lseek(file_.get(), 0, SEEK_END)), '\0');
    EXPECT_EQ(::pread(file_.get(), text.data(), text.size(), 0), std::ssize(text));
    return text;
  }
  std::vector<std::string> lines() {
    EXPECT_TRUE(stream_->flush());
    const std::string text = written();
    EXPECT_TRUE(text.empty() || text.ends_with('\n'));
    std::istringstream in(text);
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

 private:
  FileDescriptor file_;
  FileOutput output_;
  std::unique_ptr<Stream> stream_;
};

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

// An event whose texts are all as long, or as bad, as this.
void fill(HandMadeEvent& event, std::string_view text) {
  const std::string components = std::string(text) + '\0';
  for (std::size_t i = 0; i < event.event.descriptor->record.strings; ++i) {
    event.set_string(i, i % 2 == 0 ? text : std::string_view(components));
  }
  event.set_comm(text.substr(0, 16));
  event.process.exe = {.text = std::string(text), .known = true};
  event.process.cwd = event.process.exe;
  event.process.command_line = event.process.exe;
  event.event.arguments = text;
  event.event.cgroup_path = text;
}

// An ancestor has a column, and a key, of its own.
TEST(Stream, FieldsWithAnIndex) {
  const auto kinds = kinds_named({"fork", "open"});
  test::HandMadeEvent event("fork");
  event.header().pid = 7;
  event.header().ppid = 3;
  event.header().tid = 7;
  event.set_comm("cat");
  const Stream::Options options{
      .fields = {"proc.aname[0]", "proc.apid[1]", "proc.apid[0]", "proc.pexepath", "evt.failed"}};
  FileOutput output(-1);
  auto columns = Stream::create(kinds, options, output);
  ASSERT_TRUE(columns) << columns.error().message;
  (*columns)->write(event.get());
  EXPECT_EQ(output.buffer(),
            "ACOMM[0]        APID[1] APID[0] PEXE                     FAILED\n"
            "cat                   3       7 ?                        false\n");

  FileOutput lines(-1);
  auto json_options = options;
  json_options.format = Format::kJson;
  auto json = Stream::create(kinds, json_options, lines);
  ASSERT_TRUE(json) << json.error().message;
  (*json)->write(event.get());
  EXPECT_EQ(lines.buffer(),
            "{\"proc.aname[0]\":\"cat\",\"proc.apid[1]\":3,\"proc.apid[0]\":7,"
            "\"evt.failed\":\"false\",\"evt.unknown\":[\"proc.pexepath\"]}\n");
}

TEST(Stream, AFieldThatNoKindHasGetsAHint) {
  struct Case {
    std::initializer_list<std::string_view> kinds;
    std::string field;
    std::string_view message;
  };
  const Case kCases[] = {
      {{"exec"},
       "proc.nam",
       "--fields: no field 'proc.nam'; did you mean 'proc.name'? 'outrider trace exec --help' "
       "lists them"},
      {{"open", "exec"},
       "fd.realpth",
       "--fields: no field 'fd.realpth'; did you mean 'fd.realpath'? 'outrider trace open --help' "
       "lists them"},
      {{"open"},
       "proc.aname",
       "--fields: 'proc.aname' needs an index here, proc.aname[0] to proc.aname[15]"},
      {{"open"},
       "proc.aname[16]",
       "--fields: 'proc.aname[16]' needs an index here, proc.aname[0] to proc.aname[15]"},
      {{"open"},
       "proc.aname[x]",
       "--fields: 'proc.aname[x]' needs an index here, proc.aname[0] to proc.aname[15]"},
      {{"open"},
       "evt.arg[path]",
       "--fields: 'evt.arg[path]' needs an index here, evt.arg[0] to evt.arg[5], or a name, "
       "evt.arg.NAME"},
      // Nothing is near enough to have been meant.
      {{"fork"},
       "k8s.namespace.labels",
       "--fields: no field 'k8s.namespace.labels'; 'outrider trace fork --help' lists them"},
      {{"fork"}, "", "--fields: no field ''; 'outrider trace fork --help' lists them"},
  };
  for (const Format format : {Format::kColumns, Format::kJson}) {
    for (const Case& c : kCases) {
      FileOutput output(-1);
      const auto stream = Stream::create(
          kinds_named(c.kinds), {.format = format, .fields = {"proc.pid", c.field}}, output);
      ASSERT_FALSE(stream.has_value()) << c.field;
      EXPECT_EQ(stream.error().message, c.message);
      EXPECT_EQ(stream.error().code, ExitCode::kBadInput);
      EXPECT_EQ(output.buffer(), "");
    }
  }
}

TEST(Stream, ShowsTheFieldsAskedForInTheirOrder) {
  const Kinds kinds = kinds_named({"fork"});
  HandMadeEvent event("fork");
  event.header().pid = 12;
  event.header().ppid = 11;
  Captured columns(kinds, {.fields = {"proc.ppid", "proc.pid"}});
  columns.write(event);
  const auto lines = columns.lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(words_of(lines[0]), (std::vector<std::string>{"PPID", "PID"}));
  EXPECT_EQ(words_of(lines[1]), (std::vector<std::string>{"11", "12"}));

  Captured json(kinds, {.format = Format::kJson, .fields = {"proc.ppid", "proc.pid"}});
  json.write(event);
  EXPECT_EQ(json.lines(), std::vector<std::string>{R"({"proc.ppid":11,"proc.pid":12})"});
}

TEST(Stream, WritesTheHeaderOnceAndOnlyIfWanted) {
  HandMadeEvent event("fork");
  for (const bool header : {true, false}) {
    Captured captured(kinds_named({"fork", "exit"}), {.fields = {"evt.kind"}, .header = header});
    for (int i = 0; i < 3; ++i) captured.write(event);
    std::vector<std::string> expected(header ? 1 : 0, "KIND");
    expected.insert(expected.end(), 3, "fork");
    EXPECT_EQ(captured.lines(), expected);
  }
  // There are no headings in JSON.
  Captured json(kinds_named({"fork"}), {.format = Format::kJson, .fields = {}, .header = true});
  EXPECT_EQ(json.lines(), std::vector<std::string>{});
}

TEST(Stream, ColumnsOfOneKindAreItsOwnAndHaveRoomFor80) {
  for (const EventDescriptor* kind : all_kinds()) {
    SCOPED_TRACE(kind->name);
    Captured captured({kind}, {.fields = {}, .terminal_width = 80});
    HandMadeEvent event(kind->name);
    const std::string long_text(300, 'x');  // the event points into it
    fill(event, long_text);
    event.header().pid = event.header().ppid = 4194304;
    event.header().uid = std::numeric_limits<std::uint32_t>::max();
    event.header().time = std::numeric_limits<std::uint64_t>::max();
    captured.write(event);
    const auto lines = captured.lines();
    ASSERT_EQ(lines.size(), 2u);
    for (const std::string& line : lines) EXPECT_LE(display_width(line), 80u) << line;
    // Every column is there, with its whole heading.
    std::vector<std::string> headings;
    for (const std::string_view column : kind->columns) {
      headings.emplace_back(find_field(*kind, column)->column);
    }
    EXPECT_EQ(words_of(lines[0]), headings);
  }
}

TEST(Stream, ColumnsOfSeveralKindsAreTheSameForAll) {
  const Kinds kinds = kinds_named({"exec", "mkdir"});
  HandMadeEvent exec("exec");
  exec.set_comm("sh");
  HandMadeEvent mkdir("mkdir");
  mkdir.set_comm("mkdir");
  mkdir.set_string(WIRE_FILE_PATH, "/srv");

  Captured usual(kinds, {.fields = {}, .terminal_width = 80});
  usual.write(mkdir);
  auto lines = usual.lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(words_of(lines[0]),
            (std::vector<std::string>{"TIME", "KIND", "PID", "COMM", "RES", "INFO"}));

  // Both have flags, whose columns are not equally wide; a mode only one of them has: in rows of
  // the other it is missing, and takes its room all the same.
  ASSERT_NE(find_field(*find_kind("exec"), "evt.arg.flags")->width,
            find_field(*find_kind("open"), "evt.arg.flags")->width);
  HandMadeEvent open("open");
  open.set_comm("cat");
  Captured chosen(kinds_named({"exec", "open"}),
                  {.fields = {"evt.arg.flags", "evt.arg.mode", "proc.name"}});
  chosen.write(exec);
  chosen.write(open);
  lines = chosen.lines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(words_of(lines[0]), (std::vector<std::string>{"FLAGS", "MODE", "COMM"}));
  EXPECT_EQ(words_of(lines[1]), (std::vector<std::string>{"-", "-", "sh"}));
  EXPECT_EQ(words_of(lines[2]), (std::vector<std::string>{"-", "-", "cat"}));
  EXPECT_EQ(lines[1].find("sh"), lines[0].find("COMM"));
  EXPECT_EQ(lines[2].find("cat"), lines[0].find("COMM"));
}

TEST(Stream, JsonHasAllFieldsOfItsKindUnlessOthersAreChosen) {
  const Kinds kinds = kinds_named({"fork", "mkdir"});
  HandMadeEvent fork("fork");
  HandMadeEvent mkdir("mkdir");
  Captured all(kinds, {.format = Format::kJson, .fields = {}});
  all.write(fork);
  all.write(mkdir);
  const auto lines = all.lines();
  ASSERT_EQ(lines.size(), 2u);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    SCOPED_TRACE(kinds[i]->name);
    HandMadeEvent& event = i == 0 ? fork : mkdir;
    const auto json = nlohmann::json::parse(lines[i]);
    EXPECT_EQ(json["evt.kind"], kinds[i]->name);
    const auto unknown = json["evt.unknown"].get<std::set<std::string, std::less<>>>();
    std::size_t shown = 0;
    for (const FieldDescriptor* field : fields_of(*kinds[i])) {
      const std::string value = event.read(field->name);
      EXPECT_EQ(unknown.contains(field->name), value == "?") << field->name;
      EXPECT_EQ(json.contains(field->name), value != "-" && value != "?") << field->name;
      if (json.contains(field->name)) ++shown;
    }
    EXPECT_EQ(json.size(), shown + 1);  // and evt.unknown
  }

  Captured chosen(kinds, {.format = Format::kJson, .fields = {"evt.kind", "fd.name"}});
  chosen.write(fork);
  mkdir.set_string(WIRE_FILE_PATH, "/srv");
  chosen.write(mkdir);
  EXPECT_EQ(chosen.lines(), (std::vector<std::string>{R"({"evt.kind":"fork"})",
                                                      R"({"evt.kind":"mkdir","fd.name":"/srv"})"}));
}

// Whatever a process calls itself and its files, a line is a line, and one JSON object. The parser
// refuses text that is not UTF-8.
TEST(Stream, HostileBytesBreakNoLine) {
  std::string every_byte;
  for (int byte = 1; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  const std::string kTexts[] = {
      every_byte,
      "\n{\"evt.kind\":\"exec\"}\n",
      "\",\"proc.pid\":1,\"x\":\"",
      "\\",
      "\x1b[2J\x1b]0;title\x07\r\b",
      "\xc3",                  // a character that ends too early
      "\xed\xa0\x80",          // half of a surrogate pair
      "\xf4\x90\x80\x80",      // beyond Unicode
      "\xc0\xaf",              // a slash in too many bytes
      "\u202eexe.txt\u2028x",  // turns the writing direction round, ends a line in JavaScript
  };
  Kinds kinds(all_kinds().begin(), all_kinds().end());
  for (const std::string& text : kTexts) {
    Captured json(kinds, {.format = Format::kJson, .fields = {}});
    Captured columns(kinds, {.fields = {}, .header = false, .terminal_width = 80});
    std::deque<HandMadeEvent> events;
    for (const EventDescriptor* kind : kinds) {
      HandMadeEvent& event = events.emplace_back(kind->name);
      fill(event, text);
      json.write(event);
      columns.write(event);
    }
    const auto lines = json.lines();
    ASSERT_EQ(lines.size(), kinds.size());
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const auto parsed = nlohmann::json::parse(lines[i], nullptr, false);
      ASSERT_FALSE(parsed.is_discarded()) << lines[i];
      EXPECT_EQ(parsed["evt.kind"], kinds[i]->name);
      EXPECT_EQ(parsed["proc.pid"], 0);
      EXPECT_TRUE(parsed["proc.exepath"].is_string());
    }
    const auto rows = columns.lines();
    ASSERT_EQ(rows.size(), kinds.size());
    for (const std::string& row : rows) {
      EXPECT_LE(display_width(row), 80u) << row;
      for (const char c : row) {
        EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7f) << row;
      }
      EXPECT_EQ(row.find("\u202e"), std::string::npos);
    }
  }
}

TEST(Stream, WritesALargeBufferByItself) {
  Captured captured(kinds_named({"fork"}), {.fields = {"proc.pid"}, .header = false});
  HandMadeEvent event("fork");
  captured.write(event);
  EXPECT_EQ(captured.written(), "");
  for (std::size_t i = 0; i < Output::kLarge; ++i) captured.write(event);
  EXPECT_GE(captured.written().size(), Output::kLarge);
}

// The header is no event: it is not counted among those that did not go out.
constexpr std::array<std::uint64_t, 2> kFrames = {0x401136, 0x7f0000000000};

TEST(Stream, ColumnsHaveAFrameOnALineBelowTheEvent) {
  HandMadeEvent event("mkdir");
  event.set_stack(WIRE_STACK_USER, kFrames);
  event.set_stack(WIRE_STACK_KERNEL, {}, WIRE_STRING_FAULTED);
  Captured stream(
      kinds_named({"mkdir"}),
      {.fields = {"evt.kind"}, .header = false, .stacks = {"evt.stack.kernel", "evt.stack.user"}});
  stream.write(event);
  event.set_stack(WIRE_STACK_USER, kFrames, WIRE_STRING_CUT);
  event.set_stack(WIRE_STACK_KERNEL, {}, WIRE_STRING_MISSING);
  stream.write(event);
  const std::vector<std::string> expected = {
      "mkdir", "    kernel ?",        "    user   0x401136",       "    user   0x7f0000000000",
      "mkdir", "    user   0x401136", "    user   0x7f0000000000", "    user   ..."};
  EXPECT_EQ(stream.lines(), expected);
}

TEST(Stream, JsonHasTheStacksBesidesTheFieldsThatAreChosen) {
  HandMadeEvent event("mkdir");
  event.set_stack(WIRE_STACK_USER, kFrames);
  for (const std::vector<std::string>& fields :
       {std::vector<std::string>{"evt.kind"}, {"evt.stack.user", "evt.kind"}, {}}) {
    Captured stream(kinds_named({"mkdir"}),
                    {.format = Format::kJson, .fields = fields, .stacks = {"evt.stack.user"}});
    stream.write(event);
    const auto json = nlohmann::json::parse(stream.lines().at(0));
    EXPECT_EQ(json["evt.kind"], "mkdir");
    EXPECT_EQ(json["evt.stack.user"], (std::vector{"0x401136", "0x7f0000000000"}));
  }
}

// The lines of a stack are not events: an event is lost if any of its lines is.
TEST(Stream, CountsAnEventWithItsStackOnceIfItDidNotGoOut) {
  constexpr int kEvents = 100;
  HandMadeEvent event("mkdir");
  event.set_stack(WIRE_STACK_USER, kFrames);
  const Stream::Options options{
      .fields = {"evt.kind"}, .header = false, .stacks = {"evt.stack.user"}};
  Captured one(kinds_named({"mkdir"}), options);
  one.write(event);
  ASSERT_TRUE(one.stream().flush());
  const std::size_t size = one.written().size();

  // A file that has room for a page only.
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  ASSERT_LT(page, size * kEvents);
  const FileDescriptor file(::memfd_create("stream_test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(page)), 0);
  ASSERT_EQ(::fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW), 0);
  FileOutput output(file.get());
  auto stream = Stream::create(kinds_named({"mkdir"}), options, output);
  ASSERT_TRUE(stream.has_value());
  for (int i = 0; i < kEvents; ++i) (*stream)->write(event.get());
  EXPECT_FALSE((*stream)->flush());
  EXPECT_EQ((*stream)->unwritten()[WIRE_MKDIR], kEvents - page / size);
}

TEST(Stream, CountsByKindWhatDidNotGoOut) {
  const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (!full.valid()) GTEST_SKIP() << "no /dev/full here";
  FileOutput output(full.get());
  auto stream =
      Stream::create(kinds_named({"fork", "mkdir"}), {.fields = {}, .header = true}, output);
  ASSERT_TRUE(stream.has_value());
  HandMadeEvent fork("fork");
  HandMadeEvent mkdir("mkdir");
  EXPECT_TRUE((*stream)->write(fork.get()));
  EXPECT_TRUE((*stream)->write(mkdir.get()));
  EXPECT_TRUE((*stream)->write(fork.get()));
  EXPECT_FALSE((*stream)->flush());
  EXPECT_EQ((*stream)->unwritten()[WIRE_FORK], 2u);
  EXPECT_EQ((*stream)->unwritten()[WIRE_MKDIR], 1u);
  // Nothing is counted twice, and what comes after the error is counted as well.
  EXPECT_FALSE((*stream)->write(mkdir.get()));
  EXPECT_FALSE((*stream)->flush());
  EXPECT_FALSE((*stream)->flush());
  EXPECT_EQ((*stream)->unwritten()[WIRE_FORK], 2u);
  EXPECT_EQ((*stream)->unwritten()[WIRE_MKDIR], 2u);
}

}  // namespace
}  // namespace outrider
