// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/file_descriptor.h"
#include "events/wire.h"
#include "workloads/id_map.h"
#include "workloads/process_roots.h"
#include "workloads/user_files.h"
#include "workloads/user_names.h"

namespace outrider {

// What users and groups are called: as the process itself would find it, by the files /etc/passwd
// and /etc/group beneath its root and the ids of its user namespace.
//
// Who has the host's root directory is called by the host's files and ids, whatever namespaces it
// is in. Only files are asked: NSS with LDAP and the like would have us wait for a network, and
// run code of libraries that we did not choose. What a container's files say is the container's
// claim; they are read in a thread of their own, and only from mounts that are the machine's own.
// The first time they are waited for, for 10 ms, and for 40 ms in a second in all. Files are looked
// at again at most once a second. Not thread-safe.
class UserTable : public UserNames {
 public:
  struct Options {
    // The host's root directory; "": that of process 1, or our own if that is not to be had.
    std::string host_root;
    std::chrono::nanoseconds interval = std::chrono::seconds(1);  // between two looks
    std::chrono::nanoseconds patience = std::chrono::milliseconds(10);
    std::chrono::nanoseconds patience_in_a_second = std::chrono::milliseconds(40);
  };

  UserTable();
  explicit UserTable(Options options);

  Name user(const wire_header& process) override;
  Name group(const wire_header& process) override;
  Name host_user(std::uint32_t id) override;

  [[nodiscard]] std::size_t views() const { return views_.size(); }

 private:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  struct Directory {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    bool operator==(const Directory&) const = default;
  };
  struct IdMaps {
    IdMap users;
    IdMap groups;
  };
  // Files as the processes of a container see them.
  struct View {
    Directory root;                          // of the process that was looked at last
    std::shared_ptr<const IdMaps> ids;       // of the same
    std::shared_ptr<const UserFiles> files;  // nullptr: none were read yet
    std::uint64_t asked = 0;                 // number of the question that waits; 0: none
    bool waited = false;                     // for the first answer; nobody does it again
    Time seen;                               // when there was a process that has it
    Time looked;                             // at the files
    Time used;
  };
  // Of one process: what is looked at again after a second, or an exec.
  struct Subject {
    FileView view;
    std::uint64_t exec_id = 0;
    bool host = false;
    std::shared_ptr<const IdMaps> ids;  // nullptr: not known
    Time looked;
  };
  struct ProcessHash {
    std::size_t operator()(const std::pair<std::uint32_t, std::uint64_t>& process) const {
      return std::hash<std::uint64_t>()(process.second * 31 + process.first);
    }
  };

  // As the kernel has it, without asking who serves it.
  static Directory directory_of(int descriptor);
  // nullptr if it is not known.
  const Subject* subject_of(const wire_header& process, Time now);
  void look_at(Subject& subject, const wire_header& process, Time now);
  std::shared_ptr<const IdMaps> ids_of(std::uint32_t pid, Time now);
  void ask_for(View& view, const FileView& key, ProcessRoots::Root root, Time now);
  const UserFiles* files_of(const FileView& key, Time now);
  const UserFiles& host_files(Time now);
  void take_answers(std::chrono::nanoseconds patience);
  void forget_the_oldest();
  void forget_files(View& view);

  Options options_;
  FileDescriptor host_root_;
  Directory host_directory_;
  std::uint32_t host_pid_ = 1;  // who has that root
  FileView host_view_;
  std::shared_ptr<const UserFiles> host_files_;
  Time host_looked_;

  ProcessRoots roots_;
  std::unordered_map<FileView, View, FileViewHash> views_;
  std::size_t memory_ = 0;  // of all their files
  std::unordered_map<std::pair<std::uint32_t, std::uint64_t>, Subject, ProcessHash> subjects_;
  struct KnownIds {
    std::shared_ptr<const IdMaps> ids;
    Time looked;
  };
  std::unordered_map<std::uint64_t, KnownIds> ids_;  // by inode number of the user namespace
  UserFilesReader reader_;
  std::uint64_t questions_ = 0;
  Time second_began_;
  std::chrono::nanoseconds waited_{};  // in that second
};

}  // namespace outrider
