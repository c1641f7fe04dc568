// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/beneath.h"
#include "base/file_descriptor.h"
#include "workloads/names_file.h"
#include "workloads/process_roots.h"

namespace outrider {

// One of the two, as it was found.
struct FoundNames {
  // Whether it is known what it says. One that is not there says that there are no names.
  bool known = false;
  std::optional<FoundVersion> version;  // none if it is not there
  std::shared_ptr<const NamesFile> names = std::make_shared<NamesFile>();
};

// /etc/passwd and /etc/group beneath one root.
struct UserFiles {
  FoundNames passwd;
  FoundNames group;

  [[nodiscard]] std::size_t memory() const {
    return passwd.names->memory() + group.names->memory();
  }
};

// The first MB of each. What has not changed is taken from `before`, which may be nullptr.
// `mounts` as for find_beneath().
std::shared_ptr<const UserFiles> read_user_files(int root, const LocalMounts* mounts,
                                                 const std::shared_ptr<const UserFiles>& before);

// Reads those of containers in a thread of its own, which is left to itself if it does not come
// back. What it is asked waits for nobody; for one thread.
class UserFilesReader {
 public:
  struct Question {
    std::uint64_t number = 0;  // for who asks
    FileView view;
    FileDescriptor root;
    FileDescriptor mountinfo;  // of a process with that root
    std::shared_ptr<const UserFiles> before;
  };
  struct Answer {
    std::uint64_t number = 0;  // for who asks
    FileView view;
    std::shared_ptr<const UserFiles> files;
  };

  UserFilesReader();
  // Does not wait for what hangs.
  ~UserFilesReader();
  UserFilesReader(const UserFilesReader&) = delete;
  UserFilesReader& operator=(const UserFilesReader&) = delete;

  // False if too many wait already: this one is not answered.
  bool ask(Question question);
  // What has been answered; if nothing has, it waits so long for the next.
  std::vector<Answer> take(std::chrono::nanoseconds patience = {});

 private:
  struct Shared;
  bool start_thread();
  std::shared_ptr<Shared> shared_;
};

}  // namespace outrider
