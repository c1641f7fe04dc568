// SPDX-License-Identifier: Apache-2.0
#include "engine/container_scope.h"

#include <utility>

#include "engine/snapshot.h"
#include "language/evaluator.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

// No event goes into it, so as small as a ring can be on every machine.
constexpr std::size_t kRingSize = 64 << 10;
// A container for each, that long ago are forgotten: their calls have been read.
constexpr std::size_t kRemembered = 100'000;

std::string_view text_of(const Value& value) {
  return value.kind == Value::Kind::kText ? value.text : std::string_view();
}

}  // namespace

FieldCatalog ContainerScope::catalog() {
  const EventDescriptor* kinds[] = {&snapshot_kind()};
  return catalog_of(kinds);
}

Result<std::unique_ptr<ContainerScope>> ContainerScope::start(const Condition* condition) {
  EngineOptions options;
  options.filter = false;
  options.ring_size = kRingSize;
  auto engine = Engine::start(options);
  if (!engine) return std::unexpected(engine.error());
  // Of no kinds: only what feeds the tables is attached.
  auto added = (*engine)->add({.kinds = {}, .condition = nullptr, .deliver = nullptr});
  if (!added) return std::unexpected(added.error());
  return std::unique_ptr<ContainerScope>(new ContainerScope(std::move(*engine), condition));
}

ContainerScope::Judged ContainerScope::judge(std::uint64_t cgroup_id, const Workload& workload) {
  arena_.reset();
  wire_header header{};
  header.kind = static_cast<wire_u16>(snapshot_kind().kind);
  header.cgroup_id = cgroup_id;
  Event event;
  event.descriptor = &snapshot_kind();
  event.header = &header;
  event.workload = &workload;
  event.arena = &arena_;

  Judged judged;
  // `not` holds for what is not known, too: that is no reason to want it.
  const bool known = workload.state != Workload::State::kUnknown || workload.complete;
  if (known && (condition_ == nullptr || evaluate(*condition_, event))) {
    judged.wanted = true;
  } else if (workload.complete) {
    judged.wanted = false;
  }
  static const FieldDescriptor* name = find_field(snapshot_kind(), "container.name");
  static const FieldDescriptor* id = find_field(snapshot_kind(), "container.id");
  if (workload.state == Workload::State::kUnknown) judged.label = "?";
  if (workload.state == Workload::State::kContainer) {
    judged.label = text_of(name->read(event));
    if (judged.label.empty()) judged.label = text_of(id->read(event));
    if (judged.label.empty()) judged.label = "?";
  }
  return judged;
}

void ContainerScope::update(const std::function<void(std::uint64_t cgroup_id, bool wanted)>& tell) {
  WorkloadTable& workloads = engine_->workloads();
  if (workloads.changes() == changes_) return;
  changes_ = workloads.changes();
  if (judged_.size() > kRemembered) judged_.clear();
  workloads.for_each([&](std::uint64_t id, const Workload& workload) {
    Judged judged = judge(id, workload);
    Judged& known = judged_[id];
    if (judged == known) return;
    if (judged.wanted && judged.wanted != known.wanted) tell(id, *judged.wanted);
    known = std::move(judged);
  });
}

std::optional<bool> ContainerScope::is_wanted(std::uint64_t cgroup_id) const {
  const auto found = judged_.find(cgroup_id);
  return found != judged_.end() ? found->second.wanted : std::nullopt;
}

std::string ContainerScope::label(std::uint64_t cgroup_id) const {
  const auto found = judged_.find(cgroup_id);
  return found != judged_.end() ? found->second.label : "?";
}

}  // namespace outrider
