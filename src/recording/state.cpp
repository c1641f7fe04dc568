// SPDX-License-Identifier: Apache-2.0
#include "recording/state.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "recording/bytes.h"
#include "recording/format.h"
#include "sensors/registry.h"

namespace outrider {

// The archive is a ByteWriter or a ByteReader; what is written is constant, what is read is not.
template <typename Value, typename Kind>
concept Is = std::same_as<std::remove_const_t<Value>, Kind>;

template <typename Archive, Is<RecordedKind> Kind>
void describe(Archive& archive, Kind& kind) {
  archive(kind.name, kind.number, kind.size, kind.strings_at, kind.strings);
}

template <typename Archive, Is<RecordingHeader> Header>
void describe(Archive& archive, Header& header) {
  archive(header.program_version, header.kernel, header.machine, header.boot_time, header.wall_time,
          header.words, header.condition, header.show_secrets, header.header_size, header.layout,
          header.kinds);
}

template <typename Archive, Is<KnownText> Text>
void describe(Archive& archive, Text& text) {
  archive(text.text, text.known, text.cut);
}

template <typename Archive, Is<ProcessContext> Context>
void describe(Archive& archive, Context& context) {
  archive(context.time, context.uid, context.session_id, context.capabilities, context.namespaces,
          context.terminal, context.group_id, context.vgroup_id, context.vsession_id);
}

template <typename Archive, Is<Executable> File>
void describe(Archive& archive, File& file) {
  archive(file.inode, file.change_time, file.modify_time, file.from_memfd, file.deleted,
          file.writable);
  archive.named(file.layer, Executable::Layer::kUpper);
}

// All but the environment, which several share.
template <typename Archive, Is<Process> Any>
void describe(Archive& archive, Any& process) {
  archive(process.pid, process.vpid, process.start_time, process.exact, process.exec_id,
          process.kernel_thread, process.exited, process.parent_pid, process.parent_start_time,
          process.name, process.exe, process.cwd, process.cwd_inode, process.command_line);
  archive(process.program_size, process.argument_count, process.arguments_length,
          process.environment_cut, process.pid_namespace_start, process.interpreter,
          process.executable, process.context);
}

template <typename Archive, Is<ProcessName> Name>
void describe(Archive& archive, Name& name) {
  archive(name.pid, name.start_time);
}

template <typename Archive, Is<SourcedText> Text>
void describe(Archive& archive, Text& text) {
  archive(text.text);
  archive.named(text.source, NameSource::kPodman);
}

template <typename Archive, Is<ContainerMount> Mount>
void describe(Archive& archive, Mount& mount) {
  archive(mount.source, mount.destination, mount.type, mount.writable);
}

template <typename Archive, Is<Container> Any>
void describe(Archive& archive, Any& container) {
  archive.named(container.runtime, Runtime::kNspawn);
  archive(container.id, container.name, container.image, container.image_id, container.image_digest,
          container.bundle, container.pod_namespace, container.pod_name, container.pod_container,
          container.pod_uid, container.sandbox_id, container.sandbox);
  archive(container.labels, container.created, container.mounts, container.privileged,
          container.user_namespace);
}

template <typename Archive, Is<Workload> Any>
void describe(Archive& archive, Any& workload) {
  archive.named(workload.state, Workload::State::kContainer);
  archive(workload.complete, workload.version, workload.container, workload.unit);
}

template <typename Archive, Is<RecordedCgroup> Cgroup>
void describe(Archive& archive, Cgroup& cgroup) {
  archive(cgroup.id, cgroup.workload, cgroup.path);
}

template <typename Archive, Is<RecordedName> Name>
void describe(Archive& archive, Name& name) {
  archive.named(name.answer, UserNames::Answer::kFound);
  archive(name.name, name.home, name.shell);
}

template <typename Archive, Is<RecordedUser> User>
void describe(Archive& archive, User& user) {
  archive(user.process, user.uid, user.gid, user.user, user.group);
}

template <typename Archive, Is<RecordedLogin> Login>
void describe(Archive& archive, Login& login) {
  archive(login.id, login.user);
}

template <typename Archive, Is<RecordedPath> Path>
void describe(Archive& archive, Path& path) {
  archive(path.path, path.parent_only, path.follow, path.found);
}

namespace {

// Accounts, with names that are their own.
struct PackedKind {
  std::string kind;
  KindAccount numbers;
};
struct PackedLoss {
  std::uint32_t pid = 0;
  std::string kind;
  std::uint64_t count = 0;
};
struct PackedAccount {
  std::vector<PackedKind> kinds;
  std::vector<PackedLoss> losses;
  std::uint64_t late = 0;
  std::uint64_t processes_evicted = 0;
  std::uint64_t tables_lost = 0;
};

template <typename Archive, Is<PackedKind> Kind>
void describe(Archive& archive, Kind& kind) {
  auto& numbers = kind.numbers;
  archive(kind.kind, numbers.seen, numbers.filtered_kernel, numbers.filtered_agent,
          numbers.delivered, numbers.missed, numbers.unwatched);
  for (auto& lost : numbers.lost) archive(lost);
}

template <typename Archive, Is<PackedLoss> Loss>
void describe(Archive& archive, Loss& loss) {
  archive(loss.pid, loss.kind, loss.count);
}

template <typename Archive, Is<PackedAccount> Any>
void describe(Archive& archive, Any& account) {
  archive(account.kinds, account.losses, account.late, account.processes_evicted,
          account.tables_lost);
}

// Of losses of what only feeds the tables.
constexpr std::string_view kTables = "tables";

template <typename Value>
bool read_all(std::string_view bytes, Value& value) {
  ByteReader reader(bytes);
  reader(value);
  return reader.done();
}

template <typename Value>
void write_all(std::string& out, const Value& value) {
  ByteWriter writer(out);
  writer(value);
}

}  // namespace

// ---- the header

RecordingHeader recording_header(std::span<const EventDescriptor* const> kinds) {
  RecordingHeader header;
  utsname system{};
  ::uname(&system);
  header.program_version = OUTRIDER_VERSION;
  header.kernel = system.release;
  header.machine = system.machine;
  header.boot_time = outrider::boot_time();
  header.wall_time = read_clock(CLOCK_REALTIME);
  header.header_size = sizeof(wire_header);
  header.layout = kRecordLayout;
  for (const EventDescriptor* kind : kinds) {
    const RecordShape& shape = kind->record;
    header.kinds.push_back({.name = std::string(kind->name),
                            .number = kind->kind,
                            .size = shape.size,
                            .strings_at = shape.strings_at,
                            .strings = shape.strings});
  }
  return header;
}

Result<std::vector<const EventDescriptor*>> RecordingHeader::check() const {
  const auto other = [this](std::string_view what) {
    return fail(
        fmt::format("it was made by outrider {}, whose {}: this is {}, which would misread "
                    "it; play it with that version",
                    program_version, what, OUTRIDER_VERSION));
  };
  if (header_size != sizeof(wire_header) || layout != kRecordLayout) {
    return other("events begin otherwise");
  }
  utsname system{};
  ::uname(&system);
  if (machine != system.machine) {
    return fail(
        fmt::format("it was made on {}, whose system calls have other numbers; play it on "
                    "such a machine",
                    machine));
  }
  std::vector<const EventDescriptor*> found;
  for (const RecordedKind& each : kinds) {
    const EventDescriptor* kind = find_kind(each.name);
    if (kind == nullptr) return other(fmt::format("kind {} is unknown here", each.name));
    const RecordShape& shape = kind->record;
    if (kind->kind != each.number || shape.size != each.size ||
        shape.strings_at != each.strings_at || shape.strings != each.strings) {
      return other(fmt::format("events of the kind {} look otherwise", each.name));
    }
    if (std::ranges::find(found, kind) == found.end()) found.push_back(kind);
  }
  if (found.empty()) return fail("it is of no kinds");
  return found;
}

// ---- packing

void pack(std::string& out, const RecordingHeader& header) { write_all(out, header); }

void pack(std::string& out, const Process& process, std::uint64_t end) {
  ByteWriter writer(out);
  const bool has_environment = process.environment != nullptr;
  writer(process, end, has_environment);
  if (has_environment) writer(*process.environment);
}

void pack(std::string& out, const ProcessName& name) { write_all(out, name); }
void pack(std::string& out, const RecordedCgroup& cgroup) { write_all(out, cgroup); }
void pack(std::string& out, const RecordedUser& user) { write_all(out, user); }
void pack(std::string& out, const RecordedLogin& login) { write_all(out, login); }
void pack(std::string& out, const RecordedPath& path) { write_all(out, path); }
void pack(std::string& out, std::int64_t number) { write_all(out, number); }

void pack(std::string& out, const Account& account) {
  PackedAccount packed;
  packed.late = account.late;
  packed.processes_evicted = account.processes_evicted;
  packed.tables_lost = account.tables_lost;
  for (const KindAccount& kind : account.kinds) {
    packed.kinds.push_back({std::string(kind.kind), kind});
  }
  for (const ProcessLoss& loss : account.losses) {
    packed.losses.push_back({loss.pid, std::string(loss.kind), loss.count});
  }
  write_all(out, packed);
}

bool unpack(std::string_view bytes, RecordingHeader& header) { return read_all(bytes, header); }

bool unpack(std::string_view bytes, RecordedProcess& recorded) {
  ByteReader reader(bytes);
  Process& process = recorded.process;
  bool has_environment = false;
  reader(process, recorded.end, has_environment);
  if (has_environment) {
    std::string environment;
    reader(environment);
    // Readers go from one NUL to the next.
    if (!environment.empty() && environment.back() != '\0') environment += '\0';
    process.environment = std::make_shared<const std::string>(std::move(environment));
  }
  process.program_size = std::min(process.program_size, process.command_line.text.size());
  return reader.done();
}

bool unpack(std::string_view bytes, ProcessName& name) { return read_all(bytes, name); }
bool unpack(std::string_view bytes, RecordedCgroup& cgroup) { return read_all(bytes, cgroup); }
bool unpack(std::string_view bytes, RecordedUser& user) { return read_all(bytes, user); }
bool unpack(std::string_view bytes, RecordedLogin& login) { return read_all(bytes, login); }
bool unpack(std::string_view bytes, RecordedPath& path) { return read_all(bytes, path); }
bool unpack(std::string_view bytes, std::int64_t& number) { return read_all(bytes, number); }

bool unpack(std::string_view bytes, Account& account) {
  PackedAccount packed;
  if (!read_all(bytes, packed)) return false;
  account = {};
  account.late = packed.late;
  account.processes_evicted = packed.processes_evicted;
  account.tables_lost = packed.tables_lost;
  for (const PackedKind& each : packed.kinds) {
    const EventDescriptor* kind = find_kind(each.kind);
    if (kind == nullptr) continue;
    account.kinds.push_back(each.numbers);
    account.kinds.back().kind = kind->name;
  }
  for (const PackedLoss& loss : packed.losses) {
    const EventDescriptor* kind = find_kind(loss.kind);
    account.losses.push_back({loss.pid, kind != nullptr ? kind->name : kTables, loss.count});
  }
  return true;
}

}  // namespace outrider
