// SPDX-License-Identifier: Apache-2.0
#include "engine/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "language/evaluator.h"
#include "sensors/registry.h"
#include "snapshots/snapshot_kind.h"
#include "streams/condition_options.h"
#include "streams/stream.h"
#include "workloads/container_fields.h"
#include "workloads/process_fields.h"

namespace outrider {

namespace {

// What there is a snapshot of.
std::vector<std::string> names_of_kinds() {
  std::vector<std::string> kinds = {"process", "container"};
  for (const SnapshotKind* kind : snapshot_kinds()) kinds.emplace_back(kind->descriptor.name);
  return kinds;
}

struct SnapshotOptions {
  static constexpr std::string_view kName = "snapshot";
  static constexpr std::string_view kDoc =
      "Shows what there is now: the tree of processes, containers, and more.";

  std::string what = {};
  Format format = Format::kColumns;
  std::vector<std::string> fields = {};
  ConditionOptions condition = {};
  bool no_header = false;
  bool show_secrets = false;

  void add_to(CommandLine& line) {
    CLI::App& app = line.options();
    const std::vector<std::string> kinds = names_of_kinds();
    app.add_option("WHAT", what, fmt::format("of: {}", fmt::join(kinds, ", ")))
        ->check(CLI::IsMember(kinds))
        ->type_name("");
    line.add_format(format, "one object per line");
    app.add_option("--fields", fields, "fields to show, in this order")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("A,B,...");
    condition.add_to(app);
    app.add_flag("--no-header", no_header, "no line with the names of the columns");
    app.add_flag("--show-secrets", show_secrets,
                 "do not mask arguments that look like passwords or tokens");
  }
};

// Writes what is in the buffer; who gave the output looks what came of it.
ExitCode finish(Output& output) {
  output.flush();
  return ExitCode::kDone;
}

// ---- Processes

// A process and those that it has started, as far as they are shown.
struct TreeRow {
  std::uint32_t pid = 0;
  std::uint32_t parent = 0;
  std::vector<Value> values;
  std::vector<std::string> texts;  // of the values
};

constexpr FieldDescriptor kCommandColumn{
    "proc.tree", FieldType::kText, "", "command line, behind that of the parent", "COMMAND",
    40,          nullptr};

const FieldDescriptor* find_snapshot_field(std::string_view name) {
  for (const auto& fields : {fields_of(snapshot_kind()), derived_fields_of(snapshot_kind())}) {
    for (const FieldDescriptor* field : fields) {
      if (field->name == name) return field;
    }
  }
  return nullptr;
}

// Kernel threads and zombies have no arguments: their names, as ps has them.
std::string command_of(const Event& event) {
  const KnownText& line = event.process->command_line;
  if (line.known && !line.text.empty()) return line.text;
  return fmt::format("[{}]", event.process->name.text);
}

// The processes that are shown, below those that have started them.
class Tree {
 public:
  explicit Tree(std::vector<const FieldDescriptor*> fields) : fields_(std::move(fields)) {}

  void add(const Event& event) {
    TreeRow row{.pid = event.header->pid, .parent = event.header->ppid, .values = {}, .texts = {}};
    // What the values point to lives as long as the event.
    row.texts.reserve(fields_.size() + 1);
    for (const FieldDescriptor* field : fields_) {
      Value value = field->read(event);
      if (!value.text.empty()) value.text = row.texts.emplace_back(value.text);
      row.values.push_back(value);
    }
    row.texts.push_back(command_of(event));
    rows_.emplace(row.pid, std::move(row));
  }

  void print(std::string& out, ColumnsWriter& writer) {
    std::map<std::uint32_t, std::vector<std::uint32_t>> children;
    std::vector<std::uint32_t> roots;
    for (const auto& [pid, row] : rows_) {
      if (row.parent != pid && rows_.contains(row.parent)) {
        children[row.parent].push_back(pid);
      } else {
        roots.push_back(pid);
      }
    }
    // Depth first without recursion: a chain of processes may be as long as there are pids.
    std::vector<std::pair<std::uint32_t, std::size_t>> open;
    for (auto pid = roots.rbegin(); pid != roots.rend(); ++pid) open.emplace_back(*pid, 0);
    while (!open.empty()) {
      const auto [pid, depth] = open.back();
      open.pop_back();
      TreeRow& row = rows_.at(pid);
      constexpr std::size_t kDeepestShown = 30;
      const std::size_t indented = std::min(depth, kDeepestShown);
      std::string command(indented == 0 ? 0 : 3 * (indented - 1), ' ');
      if (depth > 0) command += "\\_ ";
      command += row.texts.back();
      row.values.push_back(Value::of_text(command));
      writer.append_row(out, row.values);
      row.values.pop_back();
      const auto below = children.find(pid);
      if (below == children.end()) continue;
      for (auto child = below->second.rbegin(); child != below->second.rend(); ++child) {
        open.emplace_back(*child, depth + 1);
      }
    }
  }

 private:
  std::vector<const FieldDescriptor*> fields_;
  std::map<std::uint32_t, TreeRow> rows_;
};

Result<ExitCode> print_tree(Snapshot& snapshot, const SnapshotOptions& options,
                            const Condition* condition, const Screen& screen, Output& output) {
  std::vector<const FieldDescriptor*> fields;
  for (const std::string_view name : {"proc.pid", "user.name", "container.name"}) {
    fields.push_back(find_snapshot_field(name));
  }
  Tree tree(fields);
  snapshot.for_each_process([&](const Event& event) {
    if (condition == nullptr || evaluate(*condition, event)) tree.add(event);
  });
  fields.push_back(&kCommandColumn);
  ColumnsWriter writer(fields, {.terminal_width = screen.width, .color = screen.color});
  if (!options.no_header) writer.append_header(output.buffer());
  tree.print(output.buffer(), writer);
  return finish(output);
}

// What JSON shows of each row.
using FieldGroups = std::vector<std::span<const FieldDescriptor* const>>;

Result<ExitCode> print_rows(const EventDescriptor& kind, const EachProcess& rows,
                            const FieldGroups& fields, const SnapshotOptions& options,
                            const Condition* condition, const Screen& screen, Output& output) {
  Stream::Options stream;
  stream.format = options.format;
  stream.fields = options.fields;
  stream.header = !options.no_header;
  stream.terminal_width = screen.width;
  stream.color = screen.color;
  if (stream.fields.empty() && stream.format == Format::kJson) {
    for (const auto& group : fields) {
      for (const FieldDescriptor* field : group) stream.fields.emplace_back(field->name);
    }
  }
  auto made = Stream::create({&kind}, stream, output);
  if (!made) return std::unexpected(made.error());
  bool written = true;
  rows([&](const Event& event) {
    if (!written || (condition != nullptr && !evaluate(*condition, event))) return;
    written = (*made)->write(event);
  });
  if (written) (*made)->flush();
  return finish(output);
}

Result<ExitCode> print_processes(Snapshot& snapshot, const SnapshotOptions& options,
                                 const Condition* condition, const Screen& screen, Output& output) {
  if (options.format == Format::kColumns && options.fields.empty()) {
    return print_tree(snapshot, options, condition, screen, output);
  }
  return print_rows(
      snapshot_kind(), [&](const Visit& visit) { snapshot.for_each_process(visit); },
      {process_fields(), container_fields()}, options, condition, screen, output);
}

Result<ExitCode> print_kind(Snapshot& snapshot, const SnapshotKind& kind,
                            const SnapshotOptions& options, const Condition* condition,
                            const Screen& screen, Output& output) {
  FieldGroups fields = {kind.descriptor.fields};
  if (kind.of_processes) fields.insert(fields.end(), {process_fields(), container_fields()});
  const EachProcess processes = [&](const Visit& visit) { snapshot.for_each_process(visit); };
  return print_rows(
      kind.descriptor, [&](const Visit& visit) { kind.list(processes, visit); }, fields, options,
      condition, screen, output);
}

// ---- Containers

// A column of `snapshot container`, and a member of its JSON.
struct ContainerField {
  FieldDescriptor descriptor;
  SourcedText Container::* text;
};
// clang-format off: a table
constexpr ContainerField kContainerFields[] = {
    {{"container.name", FieldType::kText, "", "", "CONTAINER", 20, nullptr}, &Container::name},
    {{"container.full_id", FieldType::kText, "", "", "ID", 12, nullptr}, &Container::id},
    {{"container.image", FieldType::kText, "", "", "IMAGE", 24, nullptr}, &Container::image},
    {{"k8s.ns.name", FieldType::kText, "", "", "NAMESPACE", 12, nullptr}, &Container::pod_namespace},
    {{"k8s.pod.name", FieldType::kText, "", "", "POD", 16, nullptr}, &Container::pod_name},
    {{"k8s.pod.uid", FieldType::kText, "", "", "", 0, nullptr}, &Container::pod_uid},
    {{"k8s.container.name", FieldType::kText, "", "", "", 0, nullptr}, &Container::pod_container},
    {{"k8s.pod.sandbox_id", FieldType::kText, "", "", "", 0, nullptr}, &Container::sandbox_id},
    {{"container.image.id", FieldType::kText, "", "", "", 0, nullptr}, &Container::image_id},
    {{"container.image.digest", FieldType::kText, "", "", "", 0, nullptr}, &Container::image_digest},
    {{"container.bundle", FieldType::kPath, "", "", "", 0, nullptr}, &Container::bundle},
};
constexpr FieldDescriptor kRuntimeColumn{
    "container.type", FieldType::kText, "", "", "RUNTIME", 10, nullptr};
constexpr FieldDescriptor kProcessesColumn{
    "container.processes", FieldType::kUnsigned, "", "", "PROCS", 5, nullptr};
// clang-format on

std::string container_json(const Container& container, std::uint64_t processes) {
  nlohmann::ordered_json line;
  nlohmann::ordered_json sources;
  for (const ContainerField& field : kContainerFields) {
    const SourcedText& text = container.*field.text;
    if (!text.known()) continue;
    line[field.descriptor.name] = text.text;
    sources[field.descriptor.name] = source_name(text.source);
  }
  line["container.type"] = runtime_name(container.runtime);
  line["container.processes"] = processes;
  if (container.privileged) line["container.privileged"] = *container.privileged;
  if (container.user_namespace) line["container.user_namespace"] = *container.user_namespace;
  if (container.created > 0) line["container.start_ts"] = container.created;
  for (const auto& [key, value] : container.labels) {
    line["container.labels"][key] = value;
  }
  if (container.mounts) {
    auto& mounts = line["container.mounts"] = nlohmann::ordered_json::array();
    for (const ContainerMount& mount : *container.mounts) {
      mounts.push_back({{"source", mount.source},
                        {"destination", mount.destination},
                        {"type", mount.type},
                        {"writable", mount.writable}});
    }
  }
  line["from"] = sources;
  // Whatever a runtime has written, it is UTF-8 that goes out.
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Result<ExitCode> print_containers(Snapshot& snapshot, const SnapshotOptions& options,
                                  const Condition* condition, const Screen& screen,
                                  Output& output) {
  std::map<const Workload*, std::uint64_t> processes;
  std::map<const Workload*, bool> wanted;
  snapshot.for_each_process([&](const Event& event) {
    if (event.workload->state != Workload::State::kContainer) return;
    ++processes[event.workload];
    wanted[event.workload] |= condition == nullptr || evaluate(*condition, event);
  });
  std::vector<const FieldDescriptor*> fields;
  for (const ContainerField& field : kContainerFields) {
    if (field.descriptor.width != 0) fields.push_back(&field.descriptor);
  }
  fields.push_back(&kRuntimeColumn);
  fields.push_back(&kProcessesColumn);
  ColumnsWriter writer(fields, {.terminal_width = screen.width, .color = screen.color});
  const bool json = options.format == Format::kJson;
  if (!json && !options.no_header) writer.append_header(output.buffer());
  for (const Workload* workload : snapshot.workloads().containers()) {
    // Without a process it holds for nobody.
    if (condition != nullptr && !wanted[workload]) continue;
    const Container& container = workload->container;
    if (json) {
      output.buffer() += container_json(container, processes[workload]);
      continue;
    }
    std::vector<Value> values;
    for (const ContainerField& field : kContainerFields) {
      if (field.descriptor.width == 0) continue;
      const SourcedText& text = container.*field.text;
      values.push_back(text.known()         ? Value::of_text(text.text)
                       : workload->complete ? Value::missing()
                                            : Value::unknown());
    }
    values.push_back(Value::of_text(runtime_name(container.runtime)));
    values.push_back(Value::of_unsigned(processes[workload]));
    writer.append_row(output.buffer(), values);
  }
  return finish(output);
}

Result<ExitCode> run(const std::vector<std::string>& words, const Screen& screen, Output& output) {
  Command<SnapshotOptions> command;
  if (auto parsed = command.line.parse(words); !parsed) return std::unexpected(parsed.error());
  if (command.line.wants_help()) return write_help(command.line, output);
  const SnapshotOptions& options = command.options;
  if (options.what.empty()) {
    return fail(fmt::format("say of what: {}", fmt::join(names_of_kinds(), ", ")),
                ExitCode::kBadInput);
  }
  if (options.what == "container" && !options.fields.empty()) {
    return fail("--fields: not for containers; -o json shows all that is known of them",
                ExitCode::kBadInput);
  }
  const SnapshotKind* kind = find_snapshot_kind(options.what);
  const EventDescriptor* kinds[] = {kind != nullptr ? &kind->descriptor : &snapshot_kind()};
  const FieldCatalog catalog = catalog_of(kinds);
  auto condition = options.condition.condition(catalog);
  if (!condition) return std::unexpected(condition.error());
  const Condition* wanted = *condition ? &**condition : nullptr;
  const bool environment = std::ranges::any_of(kEnvironmentFields, [&](const auto& field) {
    return std::ranges::find(options.fields, field) != options.fields.end() ||
           names_field(wanted, field);
  });
  auto taken = Snapshot::take({.show_secrets = options.show_secrets, .environment = environment});
  if (!taken) return std::unexpected(taken.error());
  if (kind != nullptr) return print_kind(**taken, *kind, options, wanted, screen, output);
  return options.what == "process" ? print_processes(**taken, options, wanted, screen, output)
                                   : print_containers(**taken, options, wanted, screen, output);
}

}  // namespace

const ServedCommand kSnapshotCommand{SnapshotOptions::kName, run, describe<SnapshotOptions>};

}  // namespace outrider
