// SPDX-License-Identifier: Apache-2.0
#include "agent/agent_rules.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <utility>

#include "base/clock.h"

namespace outrider {

namespace {

// The last events of rules that others have taken the place of have come by then.
constexpr std::uint64_t kKeptFor = 2'000'000'000;  // ns
// Editors and package managers write several files, or one in several steps.
constexpr std::uint64_t kQuietFor = 500'000'000;  // ns

}  // namespace

AgentRules::AgentRules(std::vector<std::string> paths, RuleMatching matching,
                       std::unique_ptr<AlertLog> log)
    : paths_(std::move(paths)), matching_(matching), log_(std::move(log)) {}
AgentRules::~AgentRules() = default;

Result<std::unique_ptr<AgentRules>> AgentRules::load(std::vector<std::string> paths,
                                                     RuleMatching matching,
                                                     std::unique_ptr<AlertLog> log) {
  std::unique_ptr<AgentRules> rules(new AgentRules(std::move(paths), matching, std::move(log)));
  rules->watch();
  auto read = rules->read();
  if (!read) return std::unexpected(read.error());
  rules->now_ = std::move(*read);
  return rules;
}

Result<std::unique_ptr<AgentRules::Generation>> AgentRules::read() {
  const auto texts = read_rule_files(paths_);
  if (!texts) return std::unexpected(texts.error());
  LoadedRules loaded = load_rules(*texts);
  std::string text = diagnostics_text(loaded.diagnostics, loaded.files);
  if (!text.empty()) text.pop_back();
  if (!loaded.rules) return fail(std::move(text), ExitCode::kBadInput);
  if (!text.empty()) spdlog::warn("{}", text);
  auto generation = std::make_unique<Generation>();
  Generation* const own = generation.get();
  generation->judge = std::make_unique<RuleJudge>(
      std::move(loaded.rules), RuleChoice{}, matching_,
      [this](const Rule& rule, const Event& event) { return log_->write(rule, event); });
  generation->judge->judge_only([own](const Event& event) {
    return event.header->time >= own->from && event.header->time < own->until;
  });
  return generation;
}

std::vector<const EventDescriptor*> AgentRules::kinds() const { return now_->judge->kinds(); }
bool AgentRules::wants_environment() const { return now_->judge->wants_environment(); }
std::size_t AgentRules::rules() const { return now_->judge->rules().size(); }

std::uint64_t AgentRules::alerts() const {
  return alerts_before_ + now_->judge->alerts() + (before_ ? before_->judge->alerts() : 0);
}

Result<void> AgentRules::start(Engine& engine) {
  engine_ = &engine;
  return attach(*now_);
}

Result<void> AgentRules::attach(Generation& generation) {
  auto added = engine_->add(generation.judge->consumers());
  if (!added) return std::unexpected(added.error());
  generation.consumers = std::move(*added);
  return {};
}

Result<void> AgentRules::reload() {
  auto next = read();
  if (!next) return std::unexpected(next.error());
  // Not before it is attached: until then the old ones judge.
  (*next)->from = UINT64_MAX;
  if (auto attached = attach(**next); !attached) return attached;
  if (before_) retire(*before_);
  const std::uint64_t now = boot_time();
  now_->until = (*next)->from = now;
  before_ = std::exchange(now_, std::move(*next));
  return {};
}

void AgentRules::retire(Generation& generation) {
  for (const ConsumerId id : generation.consumers) engine_->remove(id);
  alerts_before_ += generation.judge->alerts();
}

std::string AgentRules::look() {
  const std::uint64_t now = boot_time();
  if (before_ && now > before_->until + kKeptFor) {
    retire(*before_);
    before_.reset();
  }
  if (have_changed()) changed_at_ = now;
  if (changed_at_ == 0 || now < changed_at_ + kQuietFor) return {};
  changed_at_ = 0;
  const auto reloaded = reload();
  return reloaded ? fmt::format("{} rules have been read again", rules())
                  : fmt::format("rules are as before:\n{}", reloaded.error().message);
}

// The directories: files are often replaced and not written.
void AgentRules::watch() {
  watcher_ = FileDescriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (watcher_.get() < 0) return;
  for (const std::string& path : paths_) {
    std::error_code error;
    const bool is_directory = std::filesystem::is_directory(path, error);
    const std::string directory =
        is_directory ? path : std::filesystem::path(path).parent_path().string();
    ::inotify_add_watch(watcher_.get(), directory.empty() ? "." : directory.c_str(),
                        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE);
  }
}

bool AgentRules::have_changed() {
  std::array<char, 4096> events;
  bool changed = false;
  while (watcher_.get() >= 0 && ::read(watcher_.get(), events.data(), events.size()) > 0)
    changed = true;
  return changed;
}

}  // namespace outrider
