// SPDX-License-Identifier: Apache-2.0
//
// Requests to disks, from the events of the kind block.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "cli/top_sources.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

// clang-format off: a table
constexpr TopColumn kColumns[] = {
    {{"evt.arg.disk", FieldType::kText, "", "the disk", "DISK", 8, nullptr}, TopShow::kAsItIs, 'd'},
    {{"proc.pid", FieldType::kUnsigned, "", "who handed the requests in", "PID", 7, nullptr},
     TopShow::kAsItIs, 'p'},
    {{"reads", FieldType::kUnsigned, "", "requests that read", "READS", 6, nullptr},
     TopShow::kAsItIs, 'a'},
    {{"read_bytes", FieldType::kUnsigned, "bytes", "of these", "RBYTES", 6, nullptr},
     TopShow::kBytes, 'i'},
    {{"writes", FieldType::kUnsigned, "", "requests that write", "WRITES", 6, nullptr},
     TopShow::kAsItIs, 'w'},
    {{"written_bytes", FieldType::kUnsigned, "bytes", "of these", "WBYTES", 6, nullptr},
     TopShow::kBytes, 'o'},
    {{"others", FieldType::kUnsigned, "", "other requests: flush, discard, ...", "OTHER", 5, nullptr},
     TopShow::kAsItIs, 'h'},
    {{"latency_mean", FieldType::kDuration, "ns", "from issue to completion: mean", "MEAN", 7,
      nullptr}, TopShow::kAsItIs, 'l'},
    {{"latency_max", FieldType::kDuration, "ns", "from issue to completion: longest", "MAX", 7,
      nullptr}, TopShow::kAsItIs, 'm'},
    {{"proc.name", FieldType::kText, "", "its name", "COMM", 12, nullptr}, TopShow::kAsItIs, 'n'},
    {{"total_bytes", FieldType::kUnsigned, "bytes", "of all requests", "", 0, nullptr},
     TopShow::kHidden, 't'},
    {{"requests", FieldType::kUnsigned, "", "all of them", "", 0, nullptr}, TopShow::kHidden},
    {{"errors", FieldType::kUnsigned, "", "of these: failed", "", 0, nullptr}, TopShow::kHidden, 'e'},
    {{"evt.arg.dev", FieldType::kText, "", "the disk's number, major:minor", "", 0, nullptr},
     TopShow::kHidden},
    {{"container.name", FieldType::kText, "", "its container; or host", "", 0, nullptr},
     TopShow::kHidden},
};
// clang-format on

const EventDescriptor& block_kind() { return *find_kind("block"); }

// Of one process on one disk.
struct Sum {
  std::uint64_t reads = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t writes = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;
  std::uint64_t timed = 0;  // requests
  std::uint64_t latency = 0;
  std::uint64_t longest = 0;
  std::uint64_t errors = 0;
  Value name;
  Value device;
  Value container;
  // Of these.
  std::string texts[3];
};

// A value whose text is kept elsewhere.
Value keep(const FieldDescriptor* field, const Event& event, std::string& text) {
  Value value = field->read(event);
  text = value.text;
  return value;
}

class BlockSource : public TopSource {
 public:
  Result<void> start(const TopNeeds& needs) override {
    EngineOptions options;
    options.kinds = {&block_kind()};
    options.filter = needs.condition != nullptr;
    options.show_secrets = needs.show_secrets;
    auto engine = Engine::start(options);
    if (!engine) return std::unexpected(engine.error());
    engine_ = std::move(*engine);
    auto added = engine_->add({.kinds = options.kinds,
                               .condition = needs.condition,
                               .deliver = [this](const Event& event) { return add(event); }});
    if (!added) return std::unexpected(added.error());
    consumer_ = *added;
    return {};
  }

  Engine* engine() override { return engine_.get(); }

  Result<void> take(TopRows& rows) override {
    engine_->drain();
    for (auto& [key, sum] : sums_) add_row(key, sum, rows);
    sums_.clear();
    return {};
  }

  std::vector<std::string> notes() override {
    std::vector<std::string> lines;
    for (const KindAccount& kind : engine_->account(consumer_).kinds) {
      if (kind.lost_total() != 0) {
        lines.push_back(fmt::format("requests missing, which were lost: {}", kind.lost_total()));
      }
      if (kind.missed != 0) {
        lines.push_back(
            fmt::format("runs of our programs that the kernel skipped: requests may be missing: {}",
                        kind.missed));
      }
    }
    return lines;
  }

 private:
  using Key = std::tuple<std::string, std::uint32_t, std::uint64_t>;  // disk, pid, start time

  Outcome add(const Event& event) {
    static const FieldDescriptor* disk = find_field(block_kind(), "evt.arg.disk");
    static const FieldDescriptor* operation = find_field(block_kind(), "evt.arg.op");
    static const FieldDescriptor* bytes = find_field(block_kind(), "evt.arg.bytes");
    static const FieldDescriptor* latency = find_field(block_kind(), "evt.latency");
    static const FieldDescriptor* failed = find_field(block_kind(), "evt.failed");
    static const FieldDescriptor* name = find_field(block_kind(), "proc.name");
    static const FieldDescriptor* device = find_field(block_kind(), "evt.arg.dev");
    static const FieldDescriptor* container = find_field(block_kind(), "container.name");
    Sum& sum =
        sums_[{std::string(disk->read(event).text), event.header->pid, event.header->start_time}];
    const std::uint64_t size = bytes->read(event).unsigned_value;
    const std::string_view what = operation->read(event).text;
    if (what == "read") {
      ++sum.reads;
      sum.read_bytes += size;
    } else if (what == "write") {
      ++sum.writes;
      sum.written_bytes += size;
    }
    ++sum.requests;
    sum.bytes += size;
    if (const Value time = latency->read(event); time.kind == Value::Kind::kUnsigned) {
      ++sum.timed;
      sum.latency += time.unsigned_value;
      sum.longest = std::max(sum.longest, time.unsigned_value);
    }
    if (failed->read(event).text == "true") ++sum.errors;
    sum.name = keep(name, event, sum.texts[0]);
    sum.device = keep(device, event, sum.texts[1]);
    sum.container = keep(container, event, sum.texts[2]);
    return Outcome::kDelivered;
  }

  static void add_row(const Key& key, Sum& sum, TopRows& rows) {
    const std::string& disk = std::get<0>(key);
    sum.name.text = rows.arena.copy(sum.texts[0]);
    sum.device.text = rows.arena.copy(sum.texts[1]);
    sum.container.text = rows.arena.copy(sum.texts[2]);
    const bool timed = sum.timed != 0;
    rows.rows.push_back({
        disk.empty() ? Value::missing() : Value::of_text(rows.arena.copy(disk)),
        Value::of_unsigned(std::get<1>(key)),
        Value::of_unsigned(sum.reads),
        Value::of_unsigned(sum.read_bytes),
        Value::of_unsigned(sum.writes),
        Value::of_unsigned(sum.written_bytes),
        Value::of_unsigned(sum.requests - sum.reads - sum.writes),
        timed ? Value::of_unsigned(sum.latency / sum.timed) : Value::unknown(),
        timed ? Value::of_unsigned(sum.longest) : Value::unknown(),
        sum.name,
        Value::of_unsigned(sum.bytes),
        Value::of_unsigned(sum.requests),
        Value::of_unsigned(sum.errors),
        sum.device,
        sum.container,
    });
  }

  std::unique_ptr<Engine> engine_;
  ConsumerId consumer_ = 0;
  std::map<Key, Sum> sums_;
};

}  // namespace

TopKind top_of_blocks() {
  return {.name = "block",
          .doc = "requests to disks, their bytes and latencies, by disk and process",
          .columns = kColumns,
          .sort = "total_bytes",
          .catalog =
              [] {
                const EventDescriptor* kinds[] = {&block_kind()};
                return catalog_of(kinds);
              },
          .workloads_only = false,
          .make = []() -> std::unique_ptr<TopSource> { return std::make_unique<BlockSource>(); }};
}

}  // namespace outrider
