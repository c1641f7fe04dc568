// SPDX-License-Identifier: Apache-2.0
//
// What is recorded of events made by hand is what is played; what is no whole recording says so.
#include "recording/replay.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "events/json_writer.h"
#include "recording/format.h"
#include "recording/recording_writer.h"
#include "sensors/registry.h"
#include "support/hand_made_records.h"
#include "workloads/path_finder.h"
#include "workloads/process_table.h"
#include "workloads/user_names.h"
#include "workloads/workload_table.h"

namespace outrider {
namespace {

using namespace std::string_literals;
using test::fork_of;
using test::header_of;
using test::WithStrings;

constexpr std::uint64_t kSecond = 1'000'000'000;

// Every user is called "user" and the number, and every path leads to another.
class FakeUsers : public UserNames {
 public:
  Name user(const wire_header& process) override {
    name_ = "user" + std::to_string(process.uid);
    return {Answer::kFound, name_, "/home", "/bin/sh"};
  }
  Name group(const wire_header& process) override {
    name_ = "group" + std::to_string(process.gid);
    return {Answer::kFound, name_, {}, {}};
  }
  Name host_user(std::uint32_t id) override {
    name_ = "login" + std::to_string(id);
    return {Answer::kFound, name_, {}, {}};
  }

 private:
  std::string name_;
};

class FakePaths : public PathFinder {
 public:
  std::optional<std::string> find(const wire_header&, std::string_view path, bool, bool) override {
    return "/found" + std::string(path);
  }
};

std::vector<const EventDescriptor*> kinds_named(std::initializer_list<std::string_view> names) {
  std::vector<const EventDescriptor*> kinds;
  for (const std::string_view name : names) kinds.push_back(find_kind(name));
  return kinds;
}

std::string json_of(const Event& event) {
  static std::vector<std::vector<const FieldDescriptor*>> fields(WIRE_KIND_LIMIT);
  auto& all = fields[event.descriptor->kind];
  if (all.empty()) {
    all = fields_of(*event.descriptor);
    const auto derived = derived_fields_of(*event.descriptor);
    all.insert(all.end(), derived.begin(), derived.end());
  }
  std::string line;
  JsonWriter(all).append(line, event);
  return line;
}

// Records what it is told, as an engine would tell it.
class Recording {
 public:
  explicit Recording(std::vector<const EventDescriptor*> kinds = kinds_named({"exec", "open",
                                                                              "unlink", "exit"}))
      : header_(recording_header(kinds)) {
    header_.words = "what a test makes";
    header_.boot_time = kSecond;
    header_.wall_time = 100 * kSecond;
    Process first;
    first.pid = 1;
    first.start_time = 5;
    first.exact = true;
    first.name = {"init", true};
    processes.put(first, 0);
  }

  // From now on nothing of the header can be changed.
  RecordingWriter& writer() {
    if (!writer_) {
      writer_ = std::make_unique<RecordingWriter>(
          header_, processes, workloads_, [this](std::string_view bytes) { file.append(bytes); });
    }
    return *writer_;
  }
  RecordingHeader& header() { return header_; }

  void write(const wire_header& header, bool late = false, std::string_view arguments = {}) {
    Arena arena;
    Event event;
    event.descriptor = find_kind(header.kind);
    event.header = &header;
    event.process = processes.process_of(header);
    event.processes = &processes;
    event.workload = &workload;
    event.cgroup_path = "/some.slice";
    event.users = &users_;
    event.lookup = &paths_;
    event.arguments = arguments;
    event.wall_offset = 99 * static_cast<std::int64_t>(kSecond);
    event.late = late;
    event.arena = &arena;
    event.number = expected.size() + 1;
    writer().write(event);
    expected.push_back(json_of(event));
  }

  static wire_header header_at(wire_kind kind, std::uint64_t time, std::uint32_t pid) {
    wire_header header = header_of(pid, 20 + pid, 1, 5);
    header.kind = kind;
    header.time = time;
    header.uid = header.login_uid = 1000;
    header.gid = 50;
    header.cgroup_id = 77;
    return header;
  }

  void exec(std::uint32_t pid, std::uint64_t time, const std::string& arguments) {
    wire_header header = header_at(WIRE_EXEC, time, pid);
    header.exec_id = time;
    WithStrings<wire_exec> exec(header, {{WIRE_EXEC_FILENAME, "/bin/tool"},
                                         {WIRE_EXEC_EXE, "tool\0bin\0"s},
                                         {WIRE_EXEC_CWD, "srv\0"s},
                                         {WIRE_EXEC_ARGUMENTS, arguments}});
    exec->header.size = size_of(*exec);
    exec->argument_count = static_cast<std::uint32_t>(std::ranges::count(arguments, '\0'));
    exec->arguments_size = static_cast<std::uint32_t>(arguments.size());
    exec->call = 59;
    std::string shown = arguments;
    if (const auto secret = shown.find("hunter2"); secret != std::string::npos) {
      shown.replace(secret, 7, "***");
    }
    processes.apply_exec(*exec, shown, true, false);
    write(exec->header, false, shown);
  }

  void file_event(wire_kind kind, std::uint16_t call, std::uint32_t pid, std::uint64_t time,
                  const std::string& path, bool late = false) {
    WithStrings<wire_file> record(header_at(kind, time, pid), {{WIRE_FILE_PATH, path}});
    record->header.size = size_of(*record);
    record->header.exec_id = processes.process_of(record->header)->exec_id;
    record->call = call;
    record->result = 3;
    write(record->header, late);
  }

  void some() {
    exec(10, 2 * kSecond, "tool\0--password=hunter2\0"s);
    file_event(WIRE_OPEN, 257, 10, 3 * kSecond, "/etc/hosts");
    workload.state = Workload::State::kContainer;
    workload.container.name = {"web", NameSource::kBundle};
    // The table would have raised its number: it is what says that there is more to be known.
    wire_cgroup made{};
    made.id = 77;
    made.path.state = WIRE_STRING_WHOLE;
    workloads_.apply(made);
    file_event(WIRE_UNLINK, 87, 10, 4 * kSecond, "/tmp/x");
    exec(11, 5 * kSecond, "other\0"s);
    file_event(WIRE_OPEN, 257, 10, 4 * kSecond, "/late", true);
  }

  Account account() const {
    Account account;
    account.losses.push_back({7, "open", 3});
    for (const std::string_view name : {"exec", "open", "unlink"}) {
      KindAccount kind;
      kind.kind = find_kind(name)->name;
      kind.filtered_kernel = 10;
      kind.lost[static_cast<std::size_t>(Loss::kRingFull)] = 3;
      kind.delivered = 2;
      kind.seen = 15;
      account.kinds.push_back(kind);
    }
    return account;
  }

  std::string file;
  std::vector<std::string> expected;
  ProcessTable processes{{.proc = "/nonexistent"}};
  Workload workload;

 private:
  template <typename Wire>
  static std::uint32_t size_of(const Wire& record) {
    std::size_t size = sizeof(record);
    for (const wire_string& string : record.strings) size += string.length;
    return static_cast<std::uint32_t>(size);
  }

  RecordingHeader header_;
  WorkloadTable workloads_{{.mountinfo = "/nonexistent",
                            .controllers = "/nonexistent",
                            .reader = {.root = "/nonexistent", .sockets = false}}};
  FakeUsers users_;
  FakePaths paths_;
  std::unique_ptr<RecordingWriter> writer_;
};

ReadBytes read_from_text(std::string text) {
  return [text = std::move(text),
          at = std::size_t{0}](std::span<std::byte> bytes) mutable -> Result<std::size_t> {
    // In pieces, as a pipe would have it.
    const std::size_t size = std::min({bytes.size(), text.size() - at, std::size_t{1000}});
    std::memcpy(bytes.data(), text.data() + at, size);
    at += size;
    return size;
  };
}

struct Played {
  std::vector<std::string> events;
  std::vector<std::uint64_t> times;
  std::uint64_t late = 0;
  Account account;
  std::string damage;
  std::string error;  // why it could not even begin
};

Played play(const std::string& file) {
  Played played;
  auto replay = Replay::open(read_from_text(file));
  if (!replay) {
    played.error = replay.error().message;
    return played;
  }
  Consumer all;
  all.kinds = {(*replay)->kinds().begin(), (*replay)->kinds().end()};
  all.deliver = [&](const Event& event) {
    played.events.push_back(json_of(event));
    played.times.push_back(event.header->time);
    played.late += event.late ? 1 : 0;
    return Outcome::kDelivered;
  };
  const auto consumer = (*replay)->add(std::move(all));
  EXPECT_TRUE(consumer.has_value());
  for (;;) {
    const auto step = (*replay)->advance(Replay::Clock::time_point::max());
    if (!step || *step == Replay::Step::kEnd) break;
  }
  played.account = (*replay)->account(*consumer);
  played.damage = (*replay)->damage();
  return played;
}

// A frame with this content behind the file.
void append_frame(std::string& file, const std::string& content, std::size_t plain) {
  std::string packed(ZSTD_compressBound(content.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(), 1));
  FrameHead head;
  head.packed = static_cast<std::uint32_t>(packed.size());
  head.plain = static_cast<std::uint32_t>(plain);
  file.append(reinterpret_cast<const char*>(&head), sizeof(head));
  file += packed;
}

TEST(Replays, GiveEveryFieldOfEveryEventInTheirOrder) {
  Recording recording;
  recording.some();
  recording.writer().finish(recording.account());
  const Played played = play(recording.file);
  EXPECT_EQ(played.error, "");
  EXPECT_EQ(played.damage, "");
  EXPECT_EQ(played.events, recording.expected);
  EXPECT_EQ(played.late, 1U);
  // What the test is about is there at all.
  ASSERT_EQ(played.events.size(), 5U);
  EXPECT_NE(played.events[1].find(R"("proc.name":"thread")"), std::string::npos);
  EXPECT_NE(played.events[1].find(R"("user.name":"user1000")"), std::string::npos);
  EXPECT_NE(played.events[1].find(R"("proc.cmdline":"tool --password=***")"), std::string::npos);
  EXPECT_NE(played.events[2].find(R"("fd.realpath":"/found/tmp/x")"), std::string::npos);
  EXPECT_NE(played.events[2].find(R"("container.name":"web")"), std::string::npos);
  EXPECT_EQ(played.events[1].find(R"("container.name":"web")"), std::string::npos);
}

TEST(Replays, SecretsInArgumentsAreNotInTheFile) {
  Recording recording;
  recording.some();
  recording.writer().finish(recording.account());
  std::string content;
  auto frames = FrameUnpacker::open(read_from_text(recording.file));
  ASSERT_TRUE(frames.has_value());
  while (const auto frame = *frames->next()) {
    content.append(reinterpret_cast<const char*>(frame->data()), frame->size());
  }
  EXPECT_NE(content.find("--password=***"), std::string::npos);
  EXPECT_EQ(content.find("hunter2"), std::string::npos);
}

TEST(Replays, AccountsHaveWhatWasLostThen) {
  Recording recording;
  recording.some();
  recording.writer().finish(recording.account());
  const Played played = play(recording.file);
  for (const KindAccount& kind : played.account.kinds) {
    EXPECT_EQ(kind.difference(), 0) << kind.kind;
    EXPECT_EQ(kind.lost_total(), kind.kind == "exit" ? 0U : 3U) << kind.kind;
    EXPECT_EQ(kind.filtered_kernel, kind.kind == "exit" ? 0U : 10U) << kind.kind;
  }
  ASSERT_EQ(played.account.losses.size(), 1U);
  EXPECT_EQ(played.account.losses[0].kind, "open");
}

TEST(Replays, FilesThatAreCutAreReadToTheCut) {
  Recording recording;
  recording.some();
  recording.writer().flush(recording.account());
  const std::size_t whole = recording.file.size();
  recording.file_event(WIRE_OPEN, 257, 10, 6 * kSecond, "/more");
  recording.writer().finish(recording.account());
  std::size_t begun = 0;
  for (std::size_t size = 0; size < recording.file.size(); ++size) {
    const Played played = play(recording.file.substr(0, size));
    if (!played.error.empty()) {
      EXPECT_LT(size, whole);
      continue;
    }
    ++begun;
    EXPECT_NE(played.damage.find("breaks off"), std::string::npos) << size << played.damage;
    EXPECT_EQ(played.events.size(), 5U) << size;
    EXPECT_TRUE(std::ranges::equal(played.events, std::span(recording.expected).first(5)));
  }
  EXPECT_EQ(begun, recording.file.size() - whole);
}

TEST(Replays, ByteThatIsAnotherIsFound) {
  Recording recording;
  recording.some();
  recording.writer().finish(recording.account());
  for (std::size_t at = 0; at < recording.file.size(); ++at) {
    std::string file = recording.file;
    file[at] = static_cast<char>(file[at] ^ 0x40);
    const Played played = play(file);
    // A few bits say nothing, not even to Zstandard.
    if (played.error.empty() && played.damage.empty()) {
      EXPECT_EQ(played.events, recording.expected) << at;
    }
  }
}

TEST(Replays, OfOtherVersionsAreRefused) {
  const auto error_of = [](auto&& change) {
    Recording recording;
    change(recording.header());
    recording.some();
    recording.writer().finish({});
    return play(recording.file).error;
  };
  EXPECT_EQ(error_of([](RecordingHeader&) {}), "");
  EXPECT_NE(error_of([](RecordingHeader& header) { header.kinds[1].size += 8; }).find("kind open"),
            std::string::npos);
  EXPECT_NE(error_of([](RecordingHeader& header) { header.kinds[1].number += 1; }), "");
  EXPECT_NE(error_of([](RecordingHeader& header) { header.kinds[1].name = "x"; }), "");
  EXPECT_NE(error_of([](RecordingHeader& header) { header.kinds.clear(); }), "");
  EXPECT_NE(error_of([](RecordingHeader& header) { header.header_size = 112; }), "");
  EXPECT_NE(error_of([](RecordingHeader& header) { header.layout += 1; }), "");
  EXPECT_NE(error_of([](RecordingHeader& header) { header.machine = "vax"; }), "");

  Recording recording;
  recording.writer().finish({});
  recording.file[offsetof(FileHead, version)] = 2;
  EXPECT_NE(play(recording.file).error.find("format 2"), std::string::npos);
  EXPECT_NE(play("").error, "");
  EXPECT_NE(play("KIND  SEEN\nopen  12 and so on, which is no recording").error, "");
}

TEST(Replays, LengthsThatLieEndTheReading) {
  Recording recording;
  recording.some();
  recording.writer().flush(recording.account());
  const auto chunk = [](ChunkType type, std::uint32_t size, const std::string& payload) {
    const ChunkHead head{static_cast<std::uint16_t>(type), 0, size};
    return std::string(reinterpret_cast<const char*>(&head), sizeof(head)) + payload;
  };
  const std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  for (const std::string& content : {
           chunk(ChunkType::kProcess, 8, "12345678"),
           chunk(ChunkType::kProcess, most, "12345678"),
           chunk(ChunkType::kEvent, most - 8, "12345678"),
           chunk(ChunkType::kEvent, 9, "12345678"),
           chunk(ChunkType::kAccount, 8, "\xff\xff\xff\xff\xff\xff\xff\xff"),
           chunk(ChunkType::kCgroup, 0, ""),
           chunk(ChunkType::kHeader, 8, "12345678"),
           chunk(static_cast<ChunkType>(99), 8, "12345678"),
           "1234"s,
       }) {
    std::string file = recording.file;
    append_frame(file, content, content.size());
    const Played played = play(file);
    EXPECT_EQ(played.events.size(), 5U);
    EXPECT_NE(played.damage.find("damaged"), std::string::npos) << played.damage;
  }
  for (const std::size_t plain : {std::size_t{7}, std::size_t{9}, std::size_t{most}}) {
    std::string file = recording.file;
    append_frame(file, "12345678", plain);
    EXPECT_NE(play(file).damage.find("damaged"), std::string::npos);
  }
}

TEST(Replays, RecordsThatAreNoneAreCountedAsLost) {
  Recording recording;
  recording.some();
  recording.writer().flush({});
  std::string record(sizeof(wire_file), '\0');
  record[0] = static_cast<char>(WIRE_OPEN);
  const ChunkHead head{static_cast<std::uint16_t>(ChunkType::kEvent), 0,
                       static_cast<std::uint32_t>(record.size())};
  const std::string content =
      std::string(reinterpret_cast<const char*>(&head), sizeof(head)) + record;
  std::string file = recording.file;
  append_frame(file, content, content.size());
  const Played played = play(file);
  EXPECT_EQ(played.events.size(), 5U);
  const auto open = std::ranges::find(played.account.kinds, "open", &KindAccount::kind);
  ASSERT_NE(open, played.account.kinds.end());
  EXPECT_EQ(open->lost[static_cast<std::size_t>(Loss::kMalformed)], 1U);
}

TEST(Replays, ContainersThatClaimMuchDoNoHarm) {
  for (const std::size_t size : {std::size_t{3} << 20, kCgroupMax + 1}) {
    Recording recording;
    recording.workload.state = Workload::State::kContainer;
    recording.workload.container.name = {"web", NameSource::kBundle};
    recording.workload.container.labels = {{"key", std::string(size, 'x')}};
    recording.some();
    recording.writer().finish({});
    const Played played = play(recording.file);
    EXPECT_EQ(played.damage, "");
    ASSERT_EQ(played.events.size(), 5U);
    EXPECT_NE(played.events[0].find(R"("container.name":"web")"), std::string::npos);
    if (size > kCgroupMax) continue;
    EXPECT_EQ(played.events, recording.expected);
  }
}

TEST(Replays, StopAtTheTimeThatIsAskedFor) {
  Recording recording;
  recording.some();
  recording.writer().finish({});
  auto replay = Replay::open(read_from_text(recording.file));
  ASSERT_TRUE(replay.has_value());
  std::size_t events = 0;
  Consumer all;
  all.kinds = {(*replay)->kinds().begin(), (*replay)->kinds().end()};
  all.deliver = [&](const Event&) {
    ++events;
    return Outcome::kDelivered;
  };
  ASSERT_TRUE((*replay)->add(std::move(all)).has_value());
  const Replay::Clock::time_point limit(std::chrono::nanoseconds(3 * kSecond));
  EXPECT_EQ(*(*replay)->advance(limit), Replay::Step::kReached);
  EXPECT_EQ(events, 2U);
  EXPECT_EQ((*replay)->now(), limit);
  EXPECT_EQ((*replay)->wall_time(), 102 * kSecond);
  Consumer other;
  other.kinds = kinds_named({"mount"});
  EXPECT_FALSE((*replay)->add(std::move(other)).has_value());
}

// What a table tells of itself is all that another needs.
TEST(ProcessTableCopies, AreAsTheTable) {
  class Copy : public ProcessTable::Copy {
   public:
    void put(const Process& process, std::uint64_t end) override { table.put(process, end); }
    void forget(std::uint32_t pid, std::uint64_t start_time) override {
      table.forget(pid, start_time);
    }
    void forget_all() override { table.forget_all(); }
    ProcessTable table{{.processes_max = 100, .proc = "/nonexistent"}};
  };
  ProcessTable table({.processes_max = 20, .proc = "/nonexistent"});
  Copy copy;
  EXPECT_TRUE(table.has_news());
  table.update(copy);
  EXPECT_FALSE(table.has_news());
  std::vector<std::pair<std::uint32_t, std::uint64_t>> names;
  for (std::uint32_t i = 0; i < 60; ++i) {
    const std::uint32_t pid = 2 + i % 25;  // ids are used again, and some are forgotten
    const std::uint64_t start = 1000 + i;
    names.emplace_back(pid, start);
    table.apply_fork(fork_of(pid, start, 1, 5));
    if (i % 3 == 0) table.apply_exit(test::exit_of(pid, start, start + 1));
    if (i % 7 == 0) table.sweep(start + 3 * kSecond);
    if (i % 2 == 0) table.update(copy);
  }
  table.update(copy);
  EXPECT_EQ(copy.table.size(), table.size());
  for (const auto& [pid, start] : names) {
    const Process* here = table.find(pid, start);
    const Process* there = copy.table.find(pid, start);
    ASSERT_EQ(here == nullptr, there == nullptr) << pid << " " << start;
    if (here == nullptr) continue;
    EXPECT_EQ(here->exited, there->exited);
    EXPECT_EQ(here->name.text, there->name.text);
    const Process* parent = table.find_parent(pid, 0, start);
    const Process* other = copy.table.find_parent(pid, 0, start);
    ASSERT_EQ(parent == nullptr, other == nullptr);
    if (parent == nullptr) continue;
    EXPECT_EQ(parent->start_time, other->start_time);
  }
}

}  // namespace
}  // namespace outrider
