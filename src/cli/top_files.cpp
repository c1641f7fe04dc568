// SPDX-License-Identifier: Apache-2.0
//
// What processes read from files and write to them.
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstring>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "cli/top_sources.h"
#include "engine/container_scope.h"
#include "engine/file_totals.h"
#include "engine/snapshot.h"
#include "events/decode.h"
#include "language/evaluator.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

// Intervals for which a name is kept that is not used: the kernel tells it again at the next use.
constexpr unsigned kPatience = 3;

// clang-format off: a table
constexpr TopColumn kColumns[] = {
    {{"proc.pid", FieldType::kUnsigned, "", "the process", "PID", 7, nullptr}, TopShow::kAsItIs, 'p'},
    {{"proc.name", FieldType::kText, "", "name of the thread that used the file first", "COMM", 12,
      nullptr}, TopShow::kAsItIs, 'n'},
    {{"reads", FieldType::kUnsigned, "", "calls that read it", "READS", 6, nullptr},
     TopShow::kAsItIs, 'a'},
    {{"read_bytes", FieldType::kUnsigned, "bytes", "read from it", "RBYTES", 6, nullptr},
     TopShow::kBytes, 'i'},
    {{"writes", FieldType::kUnsigned, "", "calls that wrote to it", "WRITES", 6, nullptr},
     TopShow::kAsItIs, 'w'},
    {{"written_bytes", FieldType::kUnsigned, "bytes", "written to it", "WBYTES", 6, nullptr},
     TopShow::kBytes, 'o'},
    {{"total_bytes", FieldType::kUnsigned, "bytes", "both", "TOTAL", 6, nullptr}, TopShow::kBytes,
     't'},
    {{"errors", FieldType::kUnsigned, "", "calls that failed", "ERR", 4, nullptr}, TopShow::kAsItIs,
     'e'},
    {{"fd.realpath", FieldType::kPath, "", "the file, as the process sees it", "FILE", 20, nullptr},
     TopShow::kAsItIs, 'f'},
    {{"container.name", FieldType::kText, "", "its container; or host", "", 0, nullptr},
     TopShow::kHidden},
    {{"fd.dev", FieldType::kText, "", "device of the file, major:minor", "", 0, nullptr},
     TopShow::kHidden},
    {{"fd.ino", FieldType::kUnsigned, "", "inode of the file", "", 0, nullptr}, TopShow::kHidden},
};
// clang-format on

struct KeyLess {
  bool operator()(const wire_file_key& left, const wire_file_key& right) const {
    return std::tie(left.pid, left.start_time, left.device, left.inode) <
           std::tie(right.pid, right.start_time, right.device, right.inode);
  }
};

// Who uses which file, as the kernel has told it.
struct Name {
  wire_header header{};
  Value::Kind kind = Value::Kind::kUnknown;
  bool cut = false;
  std::string path;
  unsigned unused = 0;  // intervals
};

class FileSource : public TopSource {
 public:
  Result<void> start(const TopNeeds& needs) override {
    condition_ = needs.condition;
    auto engine = start_tables(needs);
    if (!engine) return std::unexpected(engine.error());
    engine_ = std::move(*engine);
    auto totals = FileTotals::load(
        {.all = needs.all, .hierarchies = engine_->workloads().cgroups().hierarchies()});
    if (!totals) return std::unexpected(totals.error());
    totals_ = std::move(*totals);
    return totals_->attach();
  }

  Engine* engine() override { return engine_.get(); }

  void collect() override {
    totals_->take([this](const wire_file_key& key, const wire_file_sum& sum) { add(key, sum); },
                  [this](const wire_file& file) { add_name(file); });
  }

  Result<void> take(TopRows& rows) override {
    collect();
    engine_->drain();
    for (auto& [key, name] : names_) ++name.unused;
    for (const auto& [key, sum] : sums_) add_row(key, sum, rows);
    sums_.clear();
    std::erase_if(names_, [](const auto& each) { return each.second.unused > kPatience; });
    return {};
  }

  std::vector<std::string> notes() override {
    struct Note {
      std::uint64_t number;
      std::string_view text;
    };
    const FileAccount account = totals_->account();
    const Note rows[] = {
        {account.no_room, "reads and writes missing, for which there was no room in the kernel"},
        {account.gone, "reads and writes missing, whose descriptor was closed meanwhile"},
        {account.missed, "runs of our program that the kernel skipped: some may be missing"},
        {account.unnamed, "files of which the kernel could not tell the path at a time"},
    };
    std::vector<std::string> lines;
    if (!totals_->refused().empty()) {
      lines.push_back(fmt::format("this kernel refuses {}", totals_->refused()));
    }
    for (const Note& note : rows) {
      if (note.number != 0) lines.push_back(fmt::format("{}: {}", note.text, note.number));
    }
    return lines;
  }

 private:
  void add(const wire_file_key& key, const wire_file_sum& sum) {
    wire_file_sum& whole = sums_[key];
    whole.reads += sum.reads;
    whole.writes += sum.writes;
    whole.read_bytes += sum.read_bytes;
    whole.written_bytes += sum.written_bytes;
    whole.errors += sum.errors;
  }

  void add_name(const wire_file& file) {
    const wire_file_key key{.start_time = file.header.start_time,
                            .inode = file.inode,
                            .device = file.device,
                            .pid = file.header.pid};
    arena_.reset();
    const Value path = path_of(file, WIRE_FILE_OBJECT, arena_);
    Name& name = names_[key];
    name.header = file.header;
    name.unused = 0;
    // What was known before is better than nothing.
    if (path.kind != Value::Kind::kText && name.kind == Value::Kind::kText) return;
    name.kind = path.kind;
    name.cut = path.cut;
    name.path = path.kind == Value::Kind::kText && path.text.empty() ? unnamed(file) : path.text;
  }

  // As /proc calls what has no name.
  static std::string unnamed(const wire_file& file) {
    const std::string_view kind = S_ISFIFO(file.mode)   ? "pipe"
                                  : S_ISSOCK(file.mode) ? "socket"
                                                        : "";
    return fmt::format("{}:[{}]", kind, file.inode);
  }

  void add_row(const wire_file_key& key, const wire_file_sum& sum, TopRows& rows) {
    static const FieldDescriptor* comm = find_field(snapshot_kind(), "proc.name");
    static const FieldDescriptor* container = find_field(snapshot_kind(), "container.name");
    const auto found = names_.find(key);
    wire_header header{};
    header.kind = static_cast<wire_u16>(snapshot_kind().kind);
    header.pid = header.tid = key.pid;
    header.start_time = key.start_time;
    Value path = Value::unknown();
    const bool named = found != names_.end();
    if (named) {
      Name& name = found->second;
      name.unused = 0;
      header = name.header;
      header.kind = static_cast<wire_u16>(snapshot_kind().kind);
      path.kind = name.kind;
      path.cut = name.cut;
      path.text = rows.arena.copy(name.path);
    }
    arena_.reset();
    const Event event = engine_->event_of(header, arena_);
    if (condition_ != nullptr && !evaluate(*condition_, event)) return;
    Value where = named ? container->read(event) : Value::unknown();
    where.text = rows.arena.copy(where.text);
    Value who = named ? comm->read(event) : event.process->name.value();
    who.text = rows.arena.copy(who.text);
    constexpr unsigned kMinorBits = 20;
    rows.rows.push_back({
        Value::of_unsigned(key.pid),
        who,
        Value::of_unsigned(sum.reads),
        Value::of_unsigned(sum.read_bytes),
        Value::of_unsigned(sum.writes),
        Value::of_unsigned(sum.written_bytes),
        Value::of_unsigned(sum.read_bytes + sum.written_bytes),
        Value::of_unsigned(sum.errors),
        path,
        where,
        Value::of_text(rows.arena.copy(
            fmt::format("{}:{}", key.device >> kMinorBits, key.device & ((1u << kMinorBits) - 1)))),
        Value::of_unsigned(key.inode),
    });
  }

  const Condition* condition_ = nullptr;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<FileTotals> totals_;
  std::map<wire_file_key, wire_file_sum, KeyLess> sums_;
  std::map<wire_file_key, Name, KeyLess> names_;
  Arena arena_;
};

}  // namespace

TopKind top_of_files() {
  return {.name = "file",
          .doc = "reads and writes of files and disks, and their bytes, by process and file",
          .columns = kColumns,
          .sort = "total_bytes",
          .catalog = ContainerScope::catalog,
          .workloads_only = false,
          .make = []() -> std::unique_ptr<TopSource> { return std::make_unique<FileSource>(); }};
}

}  // namespace outrider
