// SPDX-License-Identifier: Apache-2.0
#include "recording/recording_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "events/decode.h"
#include "sensors/registry.h"
#include "workloads/path_finder.h"

namespace outrider {

namespace {

// What users are called is asked again so often, as streams do.
constexpr std::chrono::seconds kUsersInterval{1};
constexpr std::uint32_t kNoLogin = 0xffffffff;

// Asks somebody else, and keeps what was said.
class NotingPathFinder : public PathFinder {
 public:
  explicit NotingPathFinder(PathFinder& asked) : asked_(asked) {}

  std::optional<std::string> find(const wire_header& process, std::string_view path,
                                  bool parent_only, bool follow) override {
    RecordedPath& noted = noted_.emplace_back();
    noted.path = path;
    noted.parent_only = parent_only;
    noted.follow = follow;
    noted.found = asked_.find(process, path, parent_only, follow);
    return noted.found;
  }

  [[nodiscard]] const std::vector<RecordedPath>& noted() const { return noted_; }

 private:
  PathFinder& asked_;
  std::vector<RecordedPath> noted_;
};

std::string_view bytes_of(const wire_header& header) {
  return {reinterpret_cast<const char*>(&header), header.size};
}

// A record of an exec without its arguments, which are written as they may be shown. They are the
// last of its strings; stacks may follow.
std::string_view without_arguments(const wire_exec& exec, Arena& arena) {
  const std::string_view record = bytes_of(exec.header);
  const std::string_view arguments = string_of(exec, WIRE_EXEC_ARGUMENTS);
  if (arguments.empty()) return record;
  const auto begin = static_cast<std::size_t>(arguments.data() - record.data());
  const std::size_t end = begin + arguments.size();
  char* copy = arena.allocate(record.size() - arguments.size());
  std::memcpy(copy, record.data(), begin);
  std::memcpy(copy + begin, record.data() + end, record.size() - end);
  wire_exec fixed;
  std::memcpy(&fixed, copy, sizeof(fixed));
  fixed.header.size -= static_cast<std::uint32_t>(arguments.size());
  fixed.strings[WIRE_EXEC_ARGUMENTS].length = 0;
  std::memcpy(copy, &fixed, sizeof(fixed));
  return {copy, record.size() - arguments.size()};
}

}  // namespace

RecordingWriter::RecordingWriter(const RecordingHeader& header, ProcessTable& processes,
                                 WorkloadTable& workloads, FramePacker::Take take)
    : frames_(std::move(take)), processes_(processes), workloads_(workloads) {
  append_packed(ChunkType::kHeader, header);
  for (const RecordedKind& each : header.kinds) {
    const EventDescriptor* kind = find_kind(each.name);
    if (kind == nullptr || kind->record.size != sizeof(wire_file)) continue;
    real_paths_[kind->kind] = find_field(*kind, "fd.realpath");
  }
  processes_.update(*this);
}

void RecordingWriter::write(const Event& event) {
  if (frames_.content().size() >= kFrameFull) frames_.end_frame();
  if (processes_.has_news()) processes_.update(*this);
  write_clock(event.wall_offset);
  write_cgroup(event);
  write_users(event);
  write_login(event);
  write_paths(event);
  write_record(event);
}

void RecordingWriter::flush(const Account& account) {
  if (processes_.has_news()) processes_.update(*this);
  append_packed(ChunkType::kAccount, account);
  frames_.end_frame();
}

void RecordingWriter::finish(const Account& account) {
  append_packed(ChunkType::kAccount, account);
  append(ChunkType::kEnd, 0, {});
  frames_.end_frame();
}

// ---- tables

void RecordingWriter::put(const Process& process, std::uint64_t end) {
  append_packed(ChunkType::kProcess, process, end);
  if (frames_.content().size() >= kFrameFull) frames_.end_frame();
}

void RecordingWriter::forget(std::uint32_t pid, std::uint64_t start_time) {
  users_.erase({pid, start_time});
  append_packed(ChunkType::kProcessGone, ProcessName{pid, start_time});
}

void RecordingWriter::forget_all() { append(ChunkType::kForgetAll, 0, {}); }

void RecordingWriter::write_clock(std::int64_t wall_offset) {
  if (wall_offset_ == wall_offset) return;
  wall_offset_ = wall_offset;
  append_packed(ChunkType::kClock, wall_offset);
}

void RecordingWriter::write_cgroup(const Event& event) {
  const std::uint64_t id = event.header->cgroup_id;
  const std::uint64_t changes = workloads_.changes();
  if (id == last_cgroup_ && changes == last_changes_) return;
  last_cgroup_ = id;
  last_changes_ = changes;
  if (cgroups_.size() >= kRemembered && !cgroups_.contains(id)) cgroups_.clear();
  Cgroup& cgroup = cgroups_[id];
  if (cgroup.changes == changes || event.workload == nullptr) return;
  cgroup.changes = changes;
  RecordedCgroup now{.id = id, .workload = *event.workload, .path = std::nullopt};
  if (event.cgroup_path.data() != nullptr) now.path = event.cgroup_path;
  std::string written;
  pack(written, now);
  if (written.size() > kCgroupMax) {
    now.workload.container.labels.clear();
    now.workload.container.mounts.reset();
    written.clear();
    pack(written, now);
  }
  if (written == cgroup.written) return;
  append(ChunkType::kCgroup, 0, written);
  cgroup.written = std::move(written);
}

// What it is called may be found out late, and changes while it goes on.
void RecordingWriter::write_users(const Event& event) {
  if (event.users == nullptr) return;
  const wire_header& header = *event.header;
  const ProcessName name{header.pid, header.start_time};
  const auto known = users_.find(name);
  const auto now = Clock::now();
  if (known != users_.end()) {
    const Users& users = known->second;
    if (users.exec_id == header.exec_id && users.written.uid == header.uid &&
        users.written.gid == header.gid && now - users.asked < kUsersInterval) {
      return;
    }
  }
  if (known == users_.end() && users_.size() >= kRemembered) users_.clear();
  Users& users = users_[name];
  users.exec_id = header.exec_id;
  users.asked = now;
  RecordedUser found;
  found.process = name;
  found.uid = header.uid;
  found.gid = header.gid;
  found.user = RecordedName(event.users->user(header));
  found.group = RecordedName(event.users->group(header));
  if (found == users.written) return;
  append_packed(ChunkType::kUser, found);
  users.written = std::move(found);
}

void RecordingWriter::write_login(const Event& event) {
  const std::uint32_t id = event.header->login_uid;
  if (event.users == nullptr || id == kNoLogin || logins_.contains(id)) return;
  if (logins_.size() >= kRemembered) logins_.clear();
  const RecordedName& user = logins_[id] = RecordedName(event.users->host_user(id));
  append_packed(ChunkType::kLogin, RecordedLogin{.id = id, .user = user});
}

// Of calls that leave no descriptor behind: what their path led to is looked up now, or never.
void RecordingWriter::write_paths(const Event& event) {
  const FieldDescriptor* real_path = real_paths_[event.header->kind];
  if (real_path == nullptr || event.lookup == nullptr) return;
  if (event.as<wire_file>().strings[WIRE_FILE_OBJECT].state != WIRE_STRING_MISSING) return;
  NotingPathFinder finder(*event.lookup);
  Event copy = event;
  copy.lookup = &finder;
  real_path->read(copy);
  for (const RecordedPath& path : finder.noted()) append_packed(ChunkType::kPath, path);
}

void RecordingWriter::write_record(const Event& event) {
  arena_.reset();
  std::string_view record = bytes_of(*event.header);
  if (event.header->kind == WIRE_EXEC) {
    append(ChunkType::kArguments, event.arguments_cut ? kChunkCut : 0, event.arguments);
    record = without_arguments(event.as<wire_exec>(), arena_);
  }
  append(ChunkType::kEvent, event.late ? kChunkLate : 0, record);
}

// ---- chunks

void RecordingWriter::append(ChunkType type, std::uint16_t flags, std::string_view payload) {
  std::string& content = frames_.content();
  const ChunkHead head{.type = static_cast<std::uint16_t>(type),
                       .flags = flags,
                       .size = static_cast<std::uint32_t>(payload.size())};
  content.append(reinterpret_cast<const char*>(&head), sizeof(head));
  content.append(payload);
  content.append(padded(payload.size()) - payload.size(), '\0');
}

template <typename... Values>
void RecordingWriter::append_packed(ChunkType type, const Values&... values) {
  packed_.clear();
  pack(packed_, values...);
  append(type, 0, packed_);
}

}  // namespace outrider
