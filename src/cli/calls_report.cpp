// SPDX-License-Identifier: Apache-2.0
#include "cli/calls_report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "events/columns_writer.h"
#include "syscalls/names.h"

namespace outrider {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;  // ns

// What has no columns of its own is said behind the name.
std::string shown_name(const CallKey& key, const CallRow& row) {
  std::string name = call_name(key);
  std::string more;
  const auto add = [&](std::string_view text) {
    if (!more.empty()) more += ", ";
    more += text;
  };
  if (key.abi == WIRE_ABI_32) add("32-bit");
  if (row.unfinished > 0) add(fmt::format("{} unfinished", row.unfinished));
  return more.empty() ? name : fmt::format("{} ({})", name, more);
}

Value duration(std::optional<std::uint64_t> time) {
  return time ? Value::of_unsigned(*time) : Value::missing();
}

Value nothing() {
  Value value;
  value.kind = Value::Kind::kTextList;  // of no items: the only empty cell
  return value;
}

// One line: what the cells are made of.
struct Line {
  const CallKey& key;
  const CallRow& row;
  double percent;
  std::string name;
  bool is_total = false;
};

struct Column {
  FieldDescriptor descriptor;
  // Whether rows have it; nullptr: all.
  bool CallsReportOptions::* wanted;
  Value (*cell)(const Line& line, Arena& arena);
  // Of a line below, which is about one errno of the row.
  bool counts_errors = false;
};

Value container_cell(const Line& line, Arena&) {
  if (line.is_total || line.key.others || line.key.container.empty()) return Value::missing();
  if (line.key.container == "?") return Value::unknown();
  return Value::of_text(line.key.container);
}

Value number_or_not(const Line& line, std::uint32_t number) {
  return line.is_total || line.key.others ? Value::missing() : Value::of_unsigned(number);
}

// clang-format off: a table
constexpr Column kColumns[] = {
    {{"percent", FieldType::kText, "", "", "% TIME", 6, nullptr}, nullptr,
     [](const Line& line, Arena& arena) {
       return Value::of_text(arena.copy(fmt::format("{:6.2f}", line.percent))); }},
    {{"total", FieldType::kDuration, "ns", "", "TOTAL", 7, nullptr}, nullptr,
     [](const Line& line, Arena&) { return Value::of_unsigned(line.row.time); }},
    {{"calls", FieldType::kUnsigned, "", "", "CALLS", 8, nullptr}, nullptr,
     [](const Line& line, Arena&) { return Value::of_unsigned(line.row.calls); }},
    {{"errors", FieldType::kUnsigned, "", "", "ERRORS", 7, nullptr}, nullptr,
     [](const Line& line, Arena&) { return Value::of_unsigned(line.row.errors); }, true},
    {{"p50", FieldType::kDuration, "ns", "", "P50", 7, nullptr}, nullptr,
     [](const Line& line, Arena&) {
       return line.is_total ? Value::missing() : duration(line.row.percentile(0.5)); }},
    {{"p99", FieldType::kDuration, "ns", "", "P99", 7, nullptr}, nullptr,
     [](const Line& line, Arena&) {
       return line.is_total ? Value::missing() : duration(line.row.percentile(0.99)); }},
    {{"max", FieldType::kDuration, "ns", "", "MAX", 7, nullptr}, nullptr,
     [](const Line& line, Arena&) {
       return line.row.slots.empty() ? Value::missing() : Value::of_unsigned(line.row.longest); }},
    {{"container.name", FieldType::kText, "", "", "CONTAINER", 12, nullptr},
     &CallsReportOptions::by_container, container_cell},
    {{"proc.pid", FieldType::kUnsigned, "", "", "PID", 7, nullptr},
     &CallsReportOptions::by_process,
     [](const Line& line, Arena&) { return number_or_not(line, line.key.pid); }},
    {{"thread.tid", FieldType::kUnsigned, "", "", "TID", 7, nullptr},
     &CallsReportOptions::by_thread,
     [](const Line& line, Arena&) { return number_or_not(line, line.key.tid); }},
    {{"proc.name", FieldType::kText, "", "", "COMM", 10, nullptr},
     &CallsReportOptions::by_process,
     [](const Line& line, Arena&) {
       return line.is_total || line.key.others ? Value::missing()
                                               : Value::of_text(line.key.comm); }},
};
constexpr FieldDescriptor kName{"evt.type", FieldType::kText, "", "", "CALL", 15, nullptr};
// clang-format on

bool is_wanted(const Column& column, const CallsReportOptions& options) {
  return column.wanted == nullptr || options.*column.wanted;
}

class Table {
 public:
  Table(std::string& out, const CallsReportOptions& options)
      : out_(out), options_(options), writer_(fields_of(options), writer_options(options)) {
    if (options.header) writer_.append_header(out_);
  }

  void append(const Line& line) {
    arena_.reset();
    std::vector<Value> values;
    for (const Column& column : kColumns) {
      if (is_wanted(column, options_)) values.push_back(column.cell(line, arena_));
    }
    values.push_back(Value::of_text(line.name));
    writer_.append_row(out_, values);
  }

  void append_error(std::uint16_t error, std::uint64_t count) {
    arena_.reset();
    std::vector<Value> values;
    for (const Column& column : kColumns) {
      if (!is_wanted(column, options_)) continue;
      values.push_back(column.counts_errors ? Value::of_unsigned(count) : nothing());
    }
    const std::string name = fmt::format("  {}", result_name(-std::int64_t{error}, arena_));
    values.push_back(Value::of_text(name));
    writer_.append_row(out_, values);
  }

 private:
  static std::vector<const FieldDescriptor*> fields_of(const CallsReportOptions& options) {
    std::vector<const FieldDescriptor*> fields;
    for (const Column& column : kColumns) {
      if (is_wanted(column, options)) fields.push_back(&column.descriptor);
    }
    fields.push_back(&kName);
    return fields;
  }
  static ColumnsWriter::Options writer_options(const CallsReportOptions& options) {
    return {.terminal_width = options.terminal_width, .color = options.color};
  }

  std::string& out_;
  const CallsReportOptions& options_;
  ColumnsWriter writer_;
  Arena arena_;
};

// What is not in the table, or only in part. A number of 0 has no line.
std::string notes_below(const CallRow& total, const CallsReportNotes& notes) {
  struct Note {
    std::uint64_t number;
    std::string_view text;
  };
  const CallAccount account = notes.account.value_or(CallAccount{});
  const Note rows[] = {
      {total.untimed, "calls without a time, which had begun before or were refused by seccomp"},
      {total.unfinished, "unfinished at the end, and not among the calls"},
      {account.no_room, "calls missing, for which there was no room in the kernel"},
      {account.unfollowed, "threads missing with all their calls: there were too many"},
      {account.missed, "runs of our programs that the kernel skipped: calls may be missing"},
      {account.difference(), "calls missing that could not be read from the kernel"},
      {notes.unjudged, "calls missing, of cgroups whose container was not found out"},
      {notes.running, "threads that go on; what they do from now on is not in the table"},
  };
  std::string out;
  for (const Note& note : rows) {
    if (note.number != 0) out += fmt::format("{}: {}\n", note.text, note.number);
  }
  return out;
}

std::string columns(const CallSums& sums, const CallsReportOptions& options,
                    const CallsReportNotes& notes) {
  std::string out;
  if (notes.timed) {
    const std::time_t second = notes.time / kSecond;
    std::tm local{};
    ::localtime_r(&second, &local);
    out += fmt::format("{:%H:%M:%S}\n", local);
  }
  const CallRow total = sums.total();
  const auto share = [&](std::uint64_t time) {
    return total.time == 0 ? 0.0
                           : 100.0 * static_cast<double>(time) / static_cast<double>(total.time);
  };
  Table table(out, options);
  for (const auto& [key, row] : sums.rows(options.order)) {
    table.append(
        {.key = *key, .row = *row, .percent = share(row->time), .name = shown_name(*key, *row)});
    for (const auto& [error, count] : row->by_error) table.append_error(error, count);
  }
  table.append(
      {.key = {}, .row = total, .percent = share(total.time), .name = "total", .is_total = true});
  return out + notes_below(total, notes);
}

nlohmann::ordered_json row_json(const CallKey& key, const CallRow& row,
                                const CallsReportOptions& options) {
  nlohmann::ordered_json line;
  line["evt.type"] = call_name(key);
  if (key.others) {
    line["others"] = 1;
  } else {
    line["evt.abi"] = key.abi == WIRE_ABI_32 ? "32" : "64";
    // Of none it is left out, as in events.
    if (options.by_container && key.container == "?") line["evt.unknown"] = {"container.name"};
    if (options.by_container && key.container != "?" && !key.container.empty()) {
      line["container.name"] = key.container;
    }
    if (options.by_process) line["proc.pid"] = key.pid;
    if (options.by_thread) line["thread.tid"] = key.tid;
    if (options.by_process) line["proc.name"] = key.comm;
  }
  line["calls"] = row.calls;
  line["errors"] = row.errors;
  line["total"] = row.time;
  if (!row.slots.empty()) {
    line["p50"] = row.percentile(0.5).value_or(0);
    line["p99"] = row.percentile(0.99).value_or(0);
    line["max"] = row.longest;
  }
  if (row.untimed > 0) line["untimed"] = row.untimed;
  if (row.endless > 0) line["never_returned"] = row.endless;
  if (row.unfinished > 0) line["unfinished"] = row.unfinished;
  Arena arena;
  for (const auto& [error, count] : row.by_error) {
    line["by_error"][std::string(result_name(-std::int64_t{error}, arena))] = count;
  }
  return line;
}

std::string json(const CallSums& sums, const CallsReportOptions& options,
                 const CallsReportNotes& notes) {
  const std::time_t second = notes.time / kSecond;
  std::tm utc{};
  ::gmtime_r(&second, &utc);
  nlohmann::ordered_json report;
  report["time"] = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z", utc, notes.time % kSecond);
  report["interval"] = notes.interval;
  auto& calls = report["calls"] = nlohmann::ordered_json::array();
  for (const auto& [key, row] : sums.rows(options.order)) {
    calls.push_back(row_json(*key, *row, options));
  }
  if (notes.account) {
    const CallAccount& account = *notes.account;
    report["account"] = {{"seen", account.seen},
                         {"filtered", notes.filtered},
                         {"delivered", account.taken - notes.filtered - notes.unjudged},
                         {"lost",
                          {{"no_room", account.no_room},
                           {"unjudged", notes.unjudged},
                           {"unread", account.difference()}}},
                         {"missed", account.missed},
                         {"unfollowed_threads", account.unfollowed},
                         {"running_threads", notes.running}};
  }
  // Whatever a thread calls itself, it is UTF-8 that goes out.
  const int indentation = options.pretty ? 2 : -1;
  return report.dump(indentation, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string calls_report(const CallSums& sums, const CallsReportOptions& options,
                         const CallsReportNotes& notes) {
  return options.json ? json(sums, options, notes) : columns(sums, options, notes);
}

}  // namespace outrider
