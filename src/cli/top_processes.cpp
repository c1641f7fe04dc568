// SPDX-License-Identifier: Apache-2.0
//
// What processes use, and the same by container.
#include <fmt/format.h>
#include <unistd.h>

#include <map>
#include <string>
#include <utility>

#include "base/clock.h"
#include "cli/top_sources.h"
#include "engine/container_scope.h"
#include "engine/process_usage.h"
#include "engine/snapshot.h"
#include "language/evaluator.h"
#include "sensors/registry.h"
#include "workloads/usage_table.h"

namespace outrider {

namespace {

const FieldDescriptor* process_field(std::string_view name) {
  return find_field(snapshot_kind(), name);
}

// A value of an event, kept for as long as the rows.
Value kept(const FieldDescriptor* field, const Event& event, Arena& arena) {
  Value value = field->read(event);
  if (!value.text.empty()) value.text = arena.copy(value.text);
  return value;
}

std::uint64_t bytes_of_pages(std::uint64_t pages) {
  static const auto size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return pages * size;
}

// The processes there were in an interval, with what is known of them.
class UsageSource : public TopSource {
 public:
  Result<void> start(const TopNeeds& needs) override {
    condition_ = needs.condition;
    auto engine = start_tables(needs);
    if (!engine) return std::unexpected(engine.error());
    engine_ = std::move(*engine);
    auto usage = ProcessUsage::load(engine_->workloads().cgroups().hierarchies());
    if (!usage) return std::unexpected(usage.error());
    usage_ = std::move(*usage);
    table_ = UsageTable(boot_time());
    if (auto attached = usage_->attach(); !attached) return attached;
    auto listed = usage_->take([this](const wire_usage& each) { table_.add(each); });
    if (!listed) return listed;
    table_.finish();
    return {};
  }

  Engine* engine() override { return engine_.get(); }

  Result<void> take(TopRows& rows) override {
    auto listed = usage_->take([this](const wire_usage& each) { table_.add(each); });
    if (!listed) return listed;
    // Who began before the list was made is in the tables now.
    engine_->drain();
    Arena arena;
    for (UsageRow& row : table_.finish()) {
      arena.reset();
      row.header.kind = static_cast<wire_u16>(snapshot_kind().kind);
      const Event event = engine_->event_of(row.header, arena);
      if (condition_ == nullptr || evaluate(*condition_, event)) add(event, row, rows);
    }
    finish(rows);
    return {};
  }

  std::vector<std::string> notes() override {
    std::vector<std::string> lines;
    if (!usage_->refused().empty()) {
      lines.push_back(fmt::format("this kernel refuses {}", usage_->refused()));
    }
    if (const auto lost = usage_->lost(); lost != 0) {
      lines.push_back(fmt::format("processes whose end is missing: {}", lost));
    }
    return lines;
  }

 protected:
  virtual void add(const Event& event, const UsageRow& row, TopRows& rows) = 0;
  virtual void finish(TopRows& rows) = 0;

 private:
  const Condition* condition_ = nullptr;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<ProcessUsage> usage_;
  UsageTable table_{0};
};

// ---- processes

// clang-format off: tables
constexpr TopColumn kProcessColumns[] = {
    {{"proc.pid", FieldType::kUnsigned, "", "the process", "PID", 7, nullptr}, TopShow::kAsItIs, 'p'},
    {{"user.name", FieldType::kText, "", "its user", "USER", 8, nullptr}, TopShow::kAsItIs, 'u'},
    {{"cpu", FieldType::kDuration, "ns", "time on a CPU; in percent of the interval", "CPU%", 6,
      nullptr}, TopShow::kShare, 'c'},
    {{"wait", FieldType::kDuration, "ns", "time ready to run, without a CPU", "WAIT%", 6, nullptr},
     TopShow::kShare, 'w'},
    {{"rss", FieldType::kUnsigned, "bytes", "in memory at the end", "RSS", 6, nullptr},
     TopShow::kBytes, 'm'},
    {{"read_bytes", FieldType::kUnsigned, "bytes", "that storage was asked for", "READ", 6, nullptr},
     TopShow::kBytes, 'i'},
    {{"written_bytes", FieldType::kUnsigned, "bytes", "that are to go to storage", "WRITE", 6,
      nullptr}, TopShow::kBytes, 'o'},
    {{"threads", FieldType::kUnsigned, "", "threads at the end; 0: it has ended", "THR", 4, nullptr},
     TopShow::kAsItIs, 't'},
    {{"container.name", FieldType::kText, "", "its container; or host", "CONTAINER", 10, nullptr},
     TopShow::kAsItIs, 'k'},
    {{"proc.name", FieldType::kText, "", "its name", "COMM", 12, nullptr}, TopShow::kAsItIs, 'n'},
    {{"proc.ppid", FieldType::kUnsigned, "", "its parent", "", 0, nullptr}, TopShow::kHidden},
    {{"container.id", FieldType::kText, "", "", "", 0, nullptr}, TopShow::kHidden},
    {{"proc.cmdline", FieldType::kText, "", "its command line", "", 0, nullptr}, TopShow::kHidden},
};

constexpr TopColumn kContainerColumns[] = {
    {{"container.name", FieldType::kText, "", "the container; or host", "CONTAINER", 20, nullptr},
     TopShow::kAsItIs, 'k'},
    {{"processes", FieldType::kUnsigned, "", "that there were", "PROCS", 5, nullptr},
     TopShow::kAsItIs, 'p'},
    {{"ended", FieldType::kUnsigned, "", "of these", "ENDED", 5, nullptr}, TopShow::kAsItIs, 'e'},
    {{"threads", FieldType::kUnsigned, "", "at the end", "THR", 5, nullptr}, TopShow::kAsItIs, 't'},
    {{"cpu", FieldType::kDuration, "ns", "time on a CPU; in percent of the interval", "CPU%", 6,
      nullptr}, TopShow::kShare, 'c'},
    {{"wait", FieldType::kDuration, "ns", "time ready to run, without a CPU", "WAIT%", 6, nullptr},
     TopShow::kShare, 'w'},
    {{"rss", FieldType::kUnsigned, "bytes", "in memory at the end; what is shared counts for each",
      "RSS", 6, nullptr}, TopShow::kBytes, 'm'},
    {{"read_bytes", FieldType::kUnsigned, "bytes", "that storage was asked for", "READ", 6, nullptr},
     TopShow::kBytes, 'i'},
    {{"written_bytes", FieldType::kUnsigned, "bytes", "that are to go to storage", "WRITE", 6,
      nullptr}, TopShow::kBytes, 'o'},
    {{"container.id", FieldType::kText, "", "", "", 0, nullptr}, TopShow::kHidden},
};
// clang-format on

class ProcessRows : public UsageSource {
 protected:
  void add(const Event& event, const UsageRow& row, TopRows& rows) override {
    static const FieldDescriptor* user = process_field("user.name");
    static const FieldDescriptor* container = process_field("container.name");
    static const FieldDescriptor* name = process_field("proc.name");
    static const FieldDescriptor* parent = process_field("proc.ppid");
    static const FieldDescriptor* id = process_field("container.id");
    static const FieldDescriptor* line = process_field("proc.cmdline");
    const Usage& usage = row.usage;
    const bool ended = usage.ended != 0;
    Value parent_value = kept(parent, event, rows.arena);
    // Its trace was the last thing of it.
    if (row.header.ppid == 0 && ended) {
      parent_value = event.process->parent_pid != 0 ? Value::of_unsigned(event.process->parent_pid)
                                                    : Value::unknown();
    }
    rows.rows.push_back({
        Value::of_unsigned(row.header.pid),
        kept(user, event, rows.arena),
        Value::of_unsigned(usage.runtime),
        Value::of_unsigned(usage.wait),
        ended ? Value::missing() : Value::of_unsigned(bytes_of_pages(usage.resident)),
        Value::of_unsigned(usage.read_bytes),
        Value::of_unsigned(usage.written_bytes),
        Value::of_unsigned(usage.threads),
        kept(container, event, rows.arena),
        kept(name, event, rows.arena),
        parent_value,
        kept(id, event, rows.arena),
        kept(line, event, rows.arena),
    });
  }
  void finish(TopRows&) override {}
};

// ---- containers

class ContainerRows : public UsageSource {
 protected:
  void add(const Event& event, const UsageRow& row, TopRows& rows) override {
    static const FieldDescriptor* id = process_field("container.id");
    static const FieldDescriptor* name = process_field("container.name");
    const Value id_value = kept(id, event, rows.arena);
    Sum& sum = sums_[{id_value.kind == Value::Kind::kUnknown, std::string(id_value.text)}];
    sum.id = id_value;
    // It may be found out only now.
    const Value name_value = kept(name, event, rows.arena);
    if (sum.name.text.empty()) sum.name = name_value;
    sum.usage.add(row.usage);
  }

  void finish(TopRows& rows) override {
    for (const auto& [key, sum] : sums_) {
      const Usage& usage = sum.usage;
      rows.rows.push_back({
          sum.name,
          Value::of_unsigned(usage.processes),
          Value::of_unsigned(usage.ended),
          Value::of_unsigned(usage.threads),
          Value::of_unsigned(usage.runtime),
          Value::of_unsigned(usage.wait),
          Value::of_unsigned(bytes_of_pages(usage.resident)),
          Value::of_unsigned(usage.read_bytes),
          Value::of_unsigned(usage.written_bytes),
          sum.id,
      });
    }
    sums_.clear();
  }

 private:
  struct Sum {
    Value id;
    Value name;
    Usage usage;
  };
  // By id; what is not known is one of its own.
  std::map<std::pair<bool, std::string>, Sum> sums_;
};

}  // namespace

TopKind top_of_processes() {
  return {.name = "process",
          .doc = "CPU, waiting, memory and storage of each process, also of those that ended",
          .columns = kProcessColumns,
          .sort = "cpu",
          .catalog = ContainerScope::catalog,
          .workloads_only = false,
          .make = []() -> std::unique_ptr<TopSource> { return std::make_unique<ProcessRows>(); }};
}

TopKind top_of_containers() {
  return {.name = "container",
          .doc = "the same added up by container",
          .columns = kContainerColumns,
          .sort = "cpu",
          .catalog = ContainerScope::catalog,
          .workloads_only = false,
          .make = []() -> std::unique_ptr<TopSource> { return std::make_unique<ContainerRows>(); }};
}

}  // namespace outrider
