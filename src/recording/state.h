// SPDX-License-Identifier: Apache-2.0
//
// What a recording says besides records, and of what its parts consist: the chunks' payloads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "events/account.h"
#include "events/descriptor.h"
#include "workloads/process.h"
#include "workloads/user_names.h"
#include "workloads/workload.h"

namespace outrider {

// A kind of events as the recording's records have it.
struct RecordedKind {
  std::string name;
  std::uint32_t number = 0;
  std::uint64_t size = 0;  // the shape of its records; see RecordShape
  std::uint64_t strings_at = 0;
  std::uint64_t strings = 0;
};

// What is known when a recording begins.
struct RecordingHeader {
  std::string program_version;
  std::string kernel;   // uname -r
  std::string machine;  // uname -m
  std::uint64_t boot_time = 0;
  std::uint64_t wall_time = 0;  // ns since 1970
  std::string words;            // of what it is: "exec, syscall:mount"
  std::string condition;        // of --where and its like; empty: none
  bool show_secrets = false;
  std::uint32_t header_size = 0;  // of wire_header, bytes
  std::uint32_t layout = 0;       // kRecordLayout
  std::vector<RecordedKind> kinds;

  // The kinds of this program. Fails, with what differs, if it would misread the records.
  [[nodiscard]] Result<std::vector<const EventDescriptor*>> check() const;
};

// Of recordings that are made by this program now.
RecordingHeader recording_header(std::span<const EventDescriptor* const> kinds);

struct RecordedProcess {
  Process process;
  std::uint64_t end = 0;  // see ProcessTable::Copy
};

struct ProcessName {
  std::uint32_t pid = 0;
  std::uint64_t start_time = 0;
  bool operator==(const ProcessName&) const = default;
};
struct ProcessNameHash {
  std::size_t operator()(const ProcessName& name) const {
    return std::hash<std::uint64_t>()(name.start_time * 31 + name.pid);
  }
};

struct RecordedCgroup {
  std::uint64_t id = 0;
  Workload workload;
  std::optional<std::string> path;
};

// An answer of UserNames that owns its texts.
struct RecordedName {
  UserNames::Answer answer = UserNames::Answer::kUnknown;
  std::string name;
  std::string home;
  std::string shell;

  RecordedName() = default;
  explicit RecordedName(const UserNames::Name& from)
      : answer(from.answer), name(from.name), home(from.home), shell(from.shell) {}
  [[nodiscard]] UserNames::Name view() const { return {answer, name, home, shell}; }
  bool operator==(const RecordedName&) const = default;
};

// What the user and the group are called that a process has.
struct RecordedUser {
  ProcessName process;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  RecordedName user;
  RecordedName group;
  bool operator==(const RecordedUser&) const = default;
};

struct RecordedLogin {
  std::uint32_t id = 0;
  RecordedName user;
};

// What PathFinder::find() was asked and has said.
struct RecordedPath {
  std::string path;
  bool parent_only = false;
  bool follow = false;
  std::optional<std::string> found;
};

// Bytes of a chunk's payload, appended.
void pack(std::string& out, const RecordingHeader& header);
void pack(std::string& out, const Process& process, std::uint64_t end);
void pack(std::string& out, const ProcessName& name);
void pack(std::string& out, const RecordedCgroup& cgroup);
void pack(std::string& out, const RecordedUser& user);
void pack(std::string& out, const RecordedLogin& login);
void pack(std::string& out, const RecordedPath& path);
void pack(std::string& out, const Account& account);
void pack(std::string& out, std::int64_t number);

// The same back. False if it is not well-formed: then what was read is of no use.
bool unpack(std::string_view bytes, RecordingHeader& header);
bool unpack(std::string_view bytes, RecordedProcess& process);
bool unpack(std::string_view bytes, ProcessName& name);
bool unpack(std::string_view bytes, RecordedCgroup& cgroup);
bool unpack(std::string_view bytes, RecordedUser& user);
bool unpack(std::string_view bytes, RecordedLogin& login);
bool unpack(std::string_view bytes, RecordedPath& path);
// Kinds that this program does not have are left out.
bool unpack(std::string_view bytes, Account& account);
bool unpack(std::string_view bytes, std::int64_t& number);

}  // namespace outrider
