// SPDX-License-Identifier: Apache-2.0
#include "workloads/users.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

namespace outrider {

namespace {

constexpr std::size_t kViewsMax = 1000;
constexpr std::size_t kMemoryMax = 16u << 20;  // bytes, of all files
constexpr std::size_t kSubjectsMax = 10'000;
constexpr std::size_t kNamespacesMax = 1000;
// How long the files of a view are believed when all its processes have gone: its numbers may
// become another's.
constexpr auto kViewOutlives = std::chrono::seconds(10);

// The ids of a user namespace are written once, some time after it was made.
constexpr auto kIdsAreWritten = std::chrono::milliseconds(10);

// A file of /proc that is at most one page.
std::string read_page(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return {};
  std::string text;
  std::array<char, 4096> buffer;
  ssize_t size = 0;
  while ((size = ::read(file.get(), buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > 16 * buffer.size()) break;
  }
  return text;
}

UserTable::Name find_user(const FoundNames& found, std::uint32_t id) {
  if (!found.known) return {};
  if (const auto user = found.names->user(id)) {
    return {UserTable::Answer::kFound, user->name, user->home, user->shell};
  }
  return {.answer = found.names->whole() ? UserTable::Answer::kNone : UserTable::Answer::kUnknown,
          .name = {},
          .home = {},
          .shell = {}};
}

}  // namespace

UserTable::UserTable() : UserTable(Options()) {}

UserTable::UserTable(Options options) : options_(std::move(options)) {
  const std::string& given = options_.host_root;
  for (const char* root : {given.empty() ? "/proc/1/root" : given.c_str(), "/"}) {
    host_root_ = FileDescriptor(::open(root, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (host_root_.valid()) break;
    host_pid_ = static_cast<std::uint32_t>(::getpid());
  }
  host_directory_ = directory_of(host_root_.get());
  if (!given.empty()) host_pid_ = static_cast<std::uint32_t>(::getpid());
  host_view_ = view_of_pid(host_pid_);
  host_view_.root_inode = host_directory_.inode;
}

UserTable::Directory UserTable::directory_of(int descriptor) {
  struct statx status{};
  if (::statx(descriptor, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, &status) != 0) {
    return {};
  }
  return {std::uint64_t{status.stx_dev_major} << 32 | status.stx_dev_minor, status.stx_ino};
}

const UserFiles& UserTable::host_files(Time now) {
  if (!host_files_ || now - host_looked_ >= options_.interval) {
    // The host's own are trusted, wherever they are.
    host_files_ = read_user_files(host_root_.get(), nullptr, host_files_);
    host_looked_ = now;
  }
  return *host_files_;
}

UserTable::Name UserTable::host_user(std::uint32_t id) {
  return find_user(host_files(Clock::now()).passwd, id);
}

UserTable::Name UserTable::user(const wire_header& process) {
  const Time now = Clock::now();
  const Subject* subject = subject_of(process, now);
  if (subject == nullptr) return {};
  if (subject->host) return find_user(host_files(now).passwd, process.uid);
  if (!subject->ids) return {};
  const auto id = subject->ids->users.inside(process.uid);
  const UserFiles* files = id ? files_of(subject->view, now) : nullptr;
  return files != nullptr ? find_user(files->passwd, *id) : Name{};
}

UserTable::Name UserTable::group(const wire_header& process) {
  const Time now = Clock::now();
  const Subject* subject = subject_of(process, now);
  if (subject == nullptr) return {};
  if (subject->host) return find_user(host_files(now).group, process.gid);
  if (!subject->ids) return {};
  const auto id = subject->ids->groups.inside(process.gid);
  const UserFiles* files = id ? files_of(subject->view, now) : nullptr;
  return files != nullptr ? find_user(files->group, *id) : Name{};
}

const UserTable::Subject* UserTable::subject_of(const wire_header& process, Time now) {
  const FileView view = view_of(process);
  const auto known = subjects_.find({process.pid, process.start_time});
  if (!view.known()) {
    // At its end a process has none of its own any more.
    return known != subjects_.end() ? &known->second : nullptr;
  }
  if (known != subjects_.end() && known->second.view == view &&
      known->second.exec_id == process.exec_id && now - known->second.looked < options_.interval) {
    return &known->second;
  }
  if (known == subjects_.end() && subjects_.size() >= kSubjectsMax) subjects_.clear();
  Subject& subject = subjects_[{process.pid, process.start_time}];
  if (subject.view != view) subject = {.view = view, .ids = nullptr, .looked = {}};
  look_at(subject, process, now);
  return &subject;
}

void UserTable::look_at(Subject& subject, const wire_header& process, Time now) {
  subject.exec_id = process.exec_id;
  subject.looked = now;
  subject.host = host_view_.known() && subject.view == host_view_;
  if (subject.host) return;

  ProcessRoots::Root root = roots_.find(process);
  const auto known = views_.find(subject.view);
  if (!root.directory.valid()) {
    if (known == views_.end()) return;
    // What the others of its view had, if that is not too long ago.
    View& view = known->second;
    if (now - view.seen > kViewOutlives) {
      forget_files(view);
      views_.erase(known);
      subject.ids = nullptr;
      return;
    }
    subject.host = view.root == host_directory_;
    if (!subject.ids) subject.ids = view.ids;
    return;
  }

  if (known == views_.end()) forget_the_oldest();
  View& view = known != views_.end() ? known->second : views_[subject.view];
  const Directory directory = directory_of(root.directory.get());
  if (view.root != directory) {
    // The numbers of one that has gone, which are another's now.
    forget_files(view);
    view = View();
    view.root = directory;
  }
  view.seen = view.used = now;
  subject.host = directory.inode != 0 && directory == host_directory_;
  if (subject.host) return;
  subject.ids = ids_of(root.pid, now);
  if (subject.ids) {
    view.ids = subject.ids;
  } else {
    subject.looked = now - options_.interval + kIdsAreWritten;
  }
  if (view.asked == 0 && (!view.files || now - view.looked >= options_.interval)) {
    ask_for(view, subject.view, std::move(root), now);
  }
}

std::shared_ptr<const UserTable::IdMaps> UserTable::ids_of(std::uint32_t pid, Time now) {
  const std::string process = fmt::format("/proc/{}", pid);
  struct stat status{};
  if (::stat((process + "/ns/user").c_str(), &status) != 0) return nullptr;
  const auto found = ids_.find(status.st_ino);
  if (found != ids_.end() && now - found->second.looked < options_.interval) {
    return found->second.ids;
  }
  auto ids = std::make_shared<IdMaps>();
  ids->users = IdMap(read_page(process + "/uid_map"));
  ids->groups = IdMap(read_page(process + "/gid_map"));
  if (ids->users.empty() || ids->groups.empty()) return nullptr;
  if (ids_.size() >= kNamespacesMax) ids_.clear();
  ids_[status.st_ino] = {ids, now};
  return ids;
}

void UserTable::ask_for(View& view, const FileView& key, ProcessRoots::Root root, Time now) {
  // A process sees the mounts beneath its root; that of a mere chroot may be on none of them. A
  // chroot within a container has no names, therefore; one of the host has.
  const bool of_host = key.mount_namespace == host_view_.mount_namespace;
  FileDescriptor mountinfo(
      ::open(fmt::format("/proc/{}/mountinfo", of_host ? host_pid_ : root.pid).c_str(),
             O_RDONLY | O_CLOEXEC));
  if (!mountinfo.valid()) return;
  view.looked = now;
  if (reader_.ask({.number = ++questions_,
                   .view = key,
                   .root = std::move(root.directory),
                   .mountinfo = std::move(mountinfo),
                   .before = view.files})) {
    view.asked = questions_;
  }
}

const UserFiles* UserTable::files_of(const FileView& key, Time now) {
  take_answers({});
  auto found = views_.find(key);
  if (found == views_.end()) return nullptr;
  found->second.used = now;
  if (!found->second.files && found->second.asked != 0 && !found->second.waited) {
    found->second.waited = true;
    if (now - second_began_ >= std::chrono::seconds(1)) {
      second_began_ = now;
      waited_ = {};
    }
    const Time end = now + std::min(options_.patience, options_.patience_in_a_second - waited_);
    Time moment = now;
    while (moment < end && found != views_.end() && !found->second.files) {
      take_answers(end - moment);
      moment = Clock::now();
      found = views_.find(key);
    }
    waited_ += moment - now;
  }
  return found != views_.end() ? found->second.files.get() : nullptr;
}

void UserTable::take_answers(std::chrono::nanoseconds patience) {
  for (UserFilesReader::Answer& answer : reader_.take(patience)) {
    const auto found = views_.find(answer.view);
    if (found == views_.end() || found->second.asked != answer.number) continue;
    View& view = found->second;
    forget_files(view);
    memory_ += answer.files->memory();
    view.files = std::move(answer.files);
    view.asked = 0;
  }
  while (memory_ > kMemoryMax && views_.size() > 1) forget_the_oldest();
}

// If there are too many.
void UserTable::forget_the_oldest() {
  if (views_.size() < kViewsMax && memory_ <= kMemoryMax) return;
  const auto oldest =
      std::ranges::min_element(views_, {}, [](const auto& view) { return view.second.used; });
  forget_files(oldest->second);
  views_.erase(oldest);
}

void UserTable::forget_files(View& view) {
  if (view.files) memory_ -= view.files->memory();
  view.files = nullptr;
}

}  // namespace outrider
