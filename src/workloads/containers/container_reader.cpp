// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/container_reader.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <utility>

#include "base/file_descriptor.h"
#include "workloads/containers/cgroup_identity.h"
#include "workloads/containers/container_finder.h"
#include "workloads/containers/workers.h"

namespace outrider {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Runtimes write bundle, state and storage within a few milliseconds of the cgroup; 187 in all
// is for a machine that is busy.
constexpr milliseconds kTriesAgain[] = {milliseconds(2),  milliseconds(5),  milliseconds(10),
                                        milliseconds(20), milliseconds(50), milliseconds(100)};
// So many questions at once are tried again: each costs a few tenths of a millisecond each time,
// and who makes cgroups with the names of containers that are not there would get all our time.
constexpr std::size_t kTryingMax = 128;
// A question that is never even begun, since everything hangs, is given up after so many times
// the patience for one answer.
constexpr int kPatiences = 5;

}  // namespace

class ContainerReader::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  explicit Implementation(Options options)
      : options_(std::move(options)),
        finder_(options_.root),
        workers_(Workers::make({})),
        ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  void add_source(std::string name, std::shared_ptr<ContainerSource> source,
                  std::vector<Runtime> runtimes) {
    if (!options_.sockets) return;
    sources_.push_back(
        std::make_unique<Source>(std::move(name), std::move(source), std::move(runtimes)));
  }

  void add_user_source(std::string name, MakeSource make, std::vector<Runtime> runtimes) {
    if (!options_.sockets) return;
    sources_.push_back(std::make_unique<Source>(std::move(name), nullptr, std::move(runtimes)));
    sources_.back()->make = std::move(make);
  }

  void expect(RuntimeCommand command) {
    workers_->run([self = shared_from_this(), command = std::move(command)] {
      self->finder_.expect(command);
    });
  }

  void ask(ContainerQuestion question) {
    auto asked = std::make_shared<Asked>(std::move(question));
    bool too_many = false;
    {
      const std::scoped_lock lock(mutex_);
      too_many = ++open_ > options_.questions_max;
    }
    if (too_many || !begin_files(asked)) {
      give_up(asked, kAnyStep);
      return;
    }
    give_up_after(options_.patience * kPatiences, asked, kAnyStep);
  }

  void stop() { workers_->stop(); }

  [[nodiscard]] int descriptor() const { return ready_.get(); }

  std::vector<ContainerAnswer> take() {
    const std::scoped_lock lock(mutex_);
    std::uint64_t count = 0;
    // It is not blocking: nothing to read is nothing to take.
    [[maybe_unused]] const ssize_t got = ::read(ready_.get(), &count, sizeof(count));
    return std::exchange(answers_, {});
  }

  [[nodiscard]] std::vector<std::string> sources() const {
    std::vector<std::string> lines = finder_.sources();
    for (const auto& source : sources_) {
      lines.push_back(fmt::format("{}: {} answers, {} times none", source->name,
                                  source->answers.load(), source->nothing.load()));
    }
    return lines;
  }

 private:
  struct Source {
    Source(std::string name_, std::shared_ptr<ContainerSource> source_,
           std::vector<Runtime> runtimes_)
        : name(std::move(name_)), source(std::move(source_)), runtimes(std::move(runtimes_)) {}

    std::string name;
    std::shared_ptr<ContainerSource> source;  // nullptr: one is made for the user
    MakeSource make;
    std::vector<Runtime> runtimes;
    std::atomic<std::uint64_t> answers = 0;
    std::atomic<std::uint64_t> nothing = 0;

    [[nodiscard]] bool serves(Runtime runtime) const {
      return runtimes.empty() || is_low_level(runtime) ||
             std::ranges::find(runtimes, runtime) != runtimes.end();
    }
  };

  // A question and how far it is. One thing is done for it at a time: a step. Who comes back
  // after its step was given up finds another number there, and says nothing.
  struct Asked {
    explicit Asked(ContainerQuestion q)
        : question(std::move(q)), user(identify_cgroup(question.cgroup_path).rootless_uid) {}

    const ContainerQuestion question;
    const std::uint32_t user;  // whose it is; 0: the machine's
    // With the lock of the implementation:
    std::uint64_t step = 1;
    std::optional<Container> known;
    std::optional<Container> answered;
    std::size_t tries = 0;
    std::size_t next_source = 0;
    bool done = false;
  };
  static constexpr std::uint64_t kAnyStep = 0;

  bool begin_files(const std::shared_ptr<Asked>& asked) {
    return workers_->run([self = shared_from_this(), asked] { self->read_files(asked); });
  }

  void give_up_after(milliseconds delay, const std::shared_ptr<Asked>& asked, std::uint64_t step) {
    workers_->run_after(delay,
                        [self = shared_from_this(), asked, step] { self->give_up(asked, step); });
  }

  // Of a question that is done already, or at another step, this does nothing.
  void give_up(const std::shared_ptr<Asked>& asked, std::uint64_t step) {
    const std::scoped_lock lock(mutex_);
    if (asked->done || (step != kAnyStep && step != asked->step)) return;
    if (!asked->known) asked->known = from_path(asked->question);
    answer(*asked, /*last=*/true);
  }

  // What can be said without looking at anything.
  static std::optional<Container> from_path(const ContainerQuestion& question) {
    const CgroupIdentity identity = identify_cgroup(question.cgroup_path);
    if (identity.container_id.empty()) return std::nullopt;
    Container container;
    container.runtime = identity.runtime;
    container.id = {identity.container_id, NameSource::kCgroup};
    if (!identity.pod_uid.empty()) container.pod_uid = {identity.pod_uid, NameSource::kCgroup};
    return container;
  }

  void read_files(const std::shared_ptr<Asked>& asked) {
    std::uint64_t step = 0;
    {
      const std::scoped_lock lock(mutex_);
      if (asked->done) return;
      step = asked->step;
    }
    give_up_after(options_.patience, asked, step);
    ContainerFinder::Finding finding =
        finder_.find(asked->question.cgroup_path, asked->question.command);

    const std::scoped_lock lock(mutex_);
    if (asked->done || asked->step != step) return;
    ++asked->step;
    asked->known = std::move(finding.container);
    const bool may_try =
        asked->tries == 0 ? trying_ < kTryingMax : asked->tries < std::size(kTriesAgain);
    if (finding.incomplete && may_try) {
      if (asked->tries == 0) ++trying_;
      if (finding.told) answer(*asked, /*last=*/false);
      const milliseconds delay = kTriesAgain[asked->tries++];
      const auto again = [self = shared_from_this(), asked] {
        if (!self->begin_files(asked)) self->give_up(asked, kAnyStep);
      };
      if (workers_->run_after(delay, again)) return;
    }
    if (!asked->known) {
      answer(*asked, /*last=*/true);
      return;
    }
    ask_next_source(asked);
  }

  // With the lock held.
  void ask_next_source(const std::shared_ptr<Asked>& asked) {
    while (asked->next_source < sources_.size()) {
      Source& source = *sources_[asked->next_source++];
      if (!source.serves(asked->known->runtime)) continue;
      if (source.make && asked->user == 0) continue;
      answer(*asked, /*last=*/false);
      const auto work = [self = shared_from_this(), asked, &source] {
        self->ask_source(asked, source);
      };
      if (workers_->run(work)) return;
    }
    answer(*asked, /*last=*/true);
  }

  void ask_source(const std::shared_ptr<Asked>& asked, Source& source) {
    std::uint64_t step = 0;
    std::string id;
    {
      const std::scoped_lock lock(mutex_);
      if (asked->done) return;
      step = asked->step;
      id = asked->known->id.text;
    }
    // It has its deadline; if it does not keep that, we do.
    give_up_after(options_.patience + options_.patience / 2, asked, step);
    const auto asks = source.make ? source.make(asked->user) : source.source;
    const auto more = asks->describe(id, steady_clock::now() + options_.patience);
    (more ? source.answers : source.nothing).fetch_add(1, std::memory_order_relaxed);

    const std::scoped_lock lock(mutex_);
    if (asked->done || asked->step != step) return;
    ++asked->step;
    if (more) merge(*asked->known, *more);
    ask_next_source(asked);
  }

  // With the lock held. One that says nothing new and is not the last is left out.
  void answer(Asked& asked, bool last) {
    std::optional<Container> container;
    if (asked.known) container = with_name(*asked.known);
    if (!last && asked.answered && asked.answered == container) return;
    asked.answered = container;
    if (last) {
      asked.done = true;
      --open_;
      if (asked.tries != 0) --trying_;
    }
    answers_.push_back(
        {.cgroup_id = asked.question.cgroup_id, .container = std::move(container), .last = last});
    const std::uint64_t one = 1;
    // Full after 2^64 - 1 answers: it is readable in any case.
    [[maybe_unused]] const ssize_t put = ::write(ready_.get(), &one, sizeof(one));
  }

  const Options options_;
  ContainerFinder finder_;
  const std::shared_ptr<Workers> workers_;
  const FileDescriptor ready_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::mutex mutex_;
  std::vector<ContainerAnswer> answers_;
  std::size_t open_ = 0;    // questions without their last answer
  std::size_t trying_ = 0;  // those of them that were tried again
};

ContainerReader::ContainerReader(Options options)
    : implementation_(std::make_shared<Implementation>(std::move(options))) {}

ContainerReader::~ContainerReader() { implementation_->stop(); }

void ContainerReader::add_source(std::string name, std::shared_ptr<ContainerSource> source,
                                 std::vector<Runtime> runtimes) {
  implementation_->add_source(std::move(name), std::move(source), std::move(runtimes));
}

void ContainerReader::add_user_source(std::string name, MakeSource make,
                                      std::vector<Runtime> runtimes) {
  implementation_->add_user_source(std::move(name), std::move(make), std::move(runtimes));
}

void ContainerReader::expect(RuntimeCommand command) {
  implementation_->expect(std::move(command));
}

void ContainerReader::ask(ContainerQuestion question) { implementation_->ask(std::move(question)); }

int ContainerReader::descriptor() const { return implementation_->descriptor(); }

std::vector<ContainerAnswer> ContainerReader::take() { return implementation_->take(); }

std::vector<std::string> ContainerReader::sources() const { return implementation_->sources(); }

}  // namespace outrider
