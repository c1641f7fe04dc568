// SPDX-License-Identifier: Apache-2.0
#include "workloads/user_files.h"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/thread.h"

namespace outrider {

namespace {

using Clock = std::chrono::steady_clock;

// Of a file: 20,000 users.
constexpr std::size_t kFileMax = 1u << 20;
constexpr std::size_t kQuestionsMax = 64;  // that wait; each has two descriptors
// A thread that is busy with one question for so long hangs, and another takes its place.
constexpr auto kHangs = std::chrono::seconds(1);
constexpr int kThreadsMax = 4;
constexpr auto kFarewell = std::chrono::milliseconds(100);

FoundNames read_names(int root, std::string_view path, const LocalMounts* mounts,
                      const FoundNames* before) {
  const auto found = find_beneath(root, path, mounts);
  if (!found) return {.known = found.error() == NotRead::kMissing, .version = {}};
  if (before != nullptr && before->known && before->version == found->version) return *before;
  auto contents = read_found(*found, kFileMax);
  if (!contents) return {};
  return {.known = true,
          .version = found->version,
          .names = std::make_shared<NamesFile>(std::move(contents->text), contents->cut)};
}

}  // namespace

std::shared_ptr<const UserFiles> read_user_files(int root, const LocalMounts* mounts,
                                                 const std::shared_ptr<const UserFiles>& before) {
  auto files = std::make_shared<UserFiles>();
  files->passwd = read_names(root, "/etc/passwd", mounts, before ? &before->passwd : nullptr);
  files->group = read_names(root, "/etc/group", mounts, before ? &before->group : nullptr);
  return files;
}

// Of all threads; each has a hold of it, so that one that comes back late finds it.
struct UserFilesReader::Shared {
  std::mutex mutex;
  std::condition_variable asked;
  std::condition_variable answered;
  std::condition_variable ended;
  std::deque<Question> questions;
  std::vector<Answer> answers;
  bool stop = false;
  int threads = 0;
  // Which of them is to work; the others end when they come back.
  std::uint64_t current = 0;
  std::optional<Clock::time_point> busy_since;  // that one

  void work(std::uint64_t own_number);
};

void UserFilesReader::Shared::work(std::uint64_t own_number) {
  run_ahead_of_others();
  std::unique_lock lock(mutex);
  while (!stop && current == own_number) {
    if (questions.empty()) {
      asked.wait(lock);
      continue;
    }
    Question question = std::move(questions.front());
    questions.pop_front();
    busy_since = Clock::now();
    lock.unlock();
    const LocalMounts mounts(question.mountinfo.get());
    Answer answer{question.number, question.view,
                  read_user_files(question.root.get(), &mounts, question.before)};
    question = {};
    lock.lock();
    if (current == own_number) busy_since.reset();
    answers.push_back(std::move(answer));
    answered.notify_one();
  }
  --threads;
  ended.notify_one();
}

UserFilesReader::UserFilesReader() : shared_(std::make_shared<Shared>()) {}

UserFilesReader::~UserFilesReader() {
  std::unique_lock lock(shared_->mutex);
  shared_->stop = true;
  shared_->asked.notify_all();
  shared_->ended.wait_for(lock, kFarewell, [&] { return shared_->threads == 0; });
}

// The next one; with the lock held.
bool UserFilesReader::start_thread() try {
  std::thread([shared = shared_, number = shared_->current + 1] { shared->work(number); }).detach();
  return true;
} catch (const std::system_error&) {
  return false;
}

bool UserFilesReader::ask(Question question) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->questions.size() >= kQuestionsMax) return false;
  const bool hangs = shared_->busy_since && Clock::now() - *shared_->busy_since > kHangs;
  if ((shared_->threads == 0 || hangs) && shared_->threads < kThreadsMax) {
    // Signals are for the thread that waits for them.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    // If no more are to be had, those that there are go on.
    if (start_thread()) {
      ++shared_->current;
      ++shared_->threads;
      shared_->busy_since.reset();
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  if (shared_->threads == 0) return false;
  shared_->questions.push_back(std::move(question));
  shared_->asked.notify_all();
  return true;
}

std::vector<UserFilesReader::Answer> UserFilesReader::take(std::chrono::nanoseconds patience) {
  std::unique_lock lock(shared_->mutex);
  if (patience.count() > 0) {
    shared_->answered.wait_for(lock, patience, [&] { return !shared_->answers.empty(); });
  }
  return std::exchange(shared_->answers, {});
}

}  // namespace outrider
