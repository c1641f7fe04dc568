// SPDX-License-Identifier: Apache-2.0
#include "engine/snapshot.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "base/clock.h"
#include "engine/bpf_object.h"
#include "engine/process_list.h"

namespace outrider {

namespace {

// Somebody has asked for the names, and waits.
constexpr auto kNamesPatience = std::chrono::milliseconds(2000);

Value command_line(const Event& event) { return event.process->command_line.value(); }

}  // namespace

const EventDescriptor& snapshot_kind() {
  static constexpr std::string_view kColumns[] = {"proc.pid", "user.name", "container.name",
                                                  "proc.cmdline"};
  static constexpr EventDescriptor kKind{.kind = WIRE_FORK,
                                         .name = "process",
                                         .doc = "a process that runs now",
                                         .columns = kColumns,
                                         .fields = {},
                                         .info = command_line,
                                         .record = shape_of<wire_fork>()};
  return kKind;
}

Result<std::unique_ptr<Snapshot>> Snapshot::take(const SnapshotNeeds& needs) {
  std::unique_ptr<Snapshot> snapshot(new Snapshot(needs));
  snapshot->workloads_.read_cgroups();
  constexpr std::array<std::string_view, 1> kPrograms = {kListProgram};
  auto loaded =
      load_bpf_object(kPrograms, {.own_pid = static_cast<std::uint32_t>(::getpid()),
                                  .use_filter = false,
                                  .hierarchies = snapshot->workloads_.cgroups().hierarchies()});
  if (!loaded) return std::unexpected(loaded.error());
  auto listed = list_processes(loaded->object);
  if (!listed) return std::unexpected(listed.error());
  snapshot->listed_ = std::move(*listed);
  // Outrider does not report itself.
  std::erase_if(snapshot->listed_, [](const wire_fork& process) {
    return process.header.pid == static_cast<std::uint32_t>(::getpid());
  });
  std::ranges::sort(snapshot->listed_, {},
                    [](const wire_fork& process) { return process.header.pid; });
  for (const wire_fork& process : snapshot->listed_) {
    snapshot->processes_.add_listed(process);
    snapshot->workloads_.workload_of(process.header.cgroup_id);
  }
  snapshot->workloads_.settle(kNamesPatience);
  return snapshot;
}

void Snapshot::for_each_process(const std::function<void(const Event&)>& visit) {
  for (const wire_fork& process : listed_) {
    arena_.reset();
    Event event;
    event.descriptor = &snapshot_kind();
    event.header = &process.header;
    event.process = processes_.process_of(process.header);
    event.processes = &processes_;
    event.workload = workloads_.workload_of(process.header.cgroup_id);
    event.lookup = &lookup_;
    event.users = &users_;
    event.cgroup_path = workloads_.path_of(process.header.cgroup_id);
    event.wall_offset = wall_clock_offset();
    event.arena = &arena_;
    visit(event);
  }
}

}  // namespace outrider
