// SPDX-License-Identifier: Apache-2.0
#include "engine/call_summary.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <elf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "bpf/link.h"
#include "bpf/swapped_map.h"
#include "engine/bpf_object.h"

namespace outrider {

namespace {

// In the order in which they are attached: who follows threads before who counts their calls, and
// the entry before the exit, so that only calls which were under way are without a time.
constexpr std::string_view kPrograms[] = {"summary__ended", "summary__exec", "summary__fork",
                                          "summary__enter", "summary__exit"};
// How long finish() waits for programs that still run on some CPU.
constexpr auto kFinishPatience = std::chrono::milliseconds(200);

// Names of the directory that are numbers; empty if there is none.
std::vector<pid_t> numbers_in(const std::string& path) {
  std::vector<pid_t> numbers;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) return numbers;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    pid_t number = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
    if (parsed.ec == std::errc() && parsed.ptr == name.data() + name.size()) {
      numbers.push_back(number);
    }
  }
  return numbers;
}

// As the kernel has it: zeros behind it. Of the process if `tid` is 0.
void read_comm(wire_call_key& key, std::uint32_t tid) {
  const std::uint32_t number = tid != 0 ? tid : key.pid;
  std::ifstream file(fmt::format("/proc/{}/task/{}/comm", key.pid, number), std::ios::binary);
  std::string name;
  std::getline(file, name);
  std::memcpy(key.comm, name.data(), std::min(name.size(), sizeof(key.comm) - 1));
}

// The call that a thread sleeps in, as the kernel tells it: proc_pid_syscall(5).
std::optional<std::uint16_t> call_under_way(std::uint32_t pid, std::uint32_t tid) {
  std::ifstream file(fmt::format("/proc/{}/task/{}/syscall", pid, tid));
  int number = -1;  // "running", and -1 in no call
  if (!(file >> number) || number < 0 || number >= WIRE_NO_CALL) return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

// elf(5): EI_CLASS of its executable.
bool is_32_bit(std::uint32_t pid) {
  std::ifstream file(fmt::format("/proc/{}/exe", pid), std::ios::binary);
  std::array<char, EI_CLASS + 1> identity{};
  file.read(identity.data(), identity.size());
  return file.good() && identity[EI_CLASS] == ELFCLASS32;
}

}  // namespace

class CallSummary::Implementation {
 public:
  explicit Implementation(const wire_call_summary& summary) : summary_(summary) {}

  Result<void> load(const CgroupHierarchies& hierarchies);
  Result<void> attach();
  Result<void> add_thread(pid_t pid, pid_t tid, wire_call_start start);
  Result<void> add_process(pid_t pid);
  void tell_cgroup(std::uint64_t id, bool wanted);
  void take(const Take& take);
  void finish(const Take& take);
  void for_each_unfinished(const std::function<void(const wire_call_key& key)>& visit) const;
  std::size_t threads() const;
  CallAccount account() const;
  const std::string& refused() const { return refused_; }

 private:
  template <typename Visit>
  void for_each_thread(const Visit& visit) const;

  wire_call_summary summary_;
  BpfObject object_;
  SwappedMap sums_;
  std::vector<Link> links_;
  std::uint64_t taken_ = 0;
  std::string refused_;
};

Result<void> CallSummary::Implementation::load(const CgroupHierarchies& hierarchies) {
  auto loaded = load_bpf_object(kPrograms, {.own_pid = static_cast<std::uint32_t>(::getpid()),
                                            .call_summary = summary_,
                                            .use_filter = false,
                                            .hierarchies = hierarchies});
  if (!loaded) return std::unexpected(loaded.error());
  object_ = std::move(loaded->object);
  refused_ = std::move(loaded->refused);
  auto sums = SwappedMap::create(bpf_map__fd(object_->maps.call_sums_in_use),
                                 {.name = "outrider_calls",
                                  .key_size = call_key_size(summary_),
                                  .value_size = sizeof(wire_call_sum),
                                  .max_entries = WIRE_CALL_SUMS_MAX});
  if (!sums) return std::unexpected(sums.error());
  sums_ = std::move(*sums);
  return {};
}

Result<void> CallSummary::Implementation::attach() {
  for (const std::string_view name : kPrograms) {
    links_.emplace_back(bpf_program__attach(find_program(object_, name)));
    if (!links_.back()) {
      const int error = errno;
      links_.clear();
      return fail_errno(fmt::format("attach {}", name), error);
    }
  }
  return {};
}

Result<void> CallSummary::Implementation::add_thread(pid_t pid, pid_t tid, wire_call_start start) {
  wire_call_thread thread{};
  thread.pid = static_cast<wire_u32>(pid);
  thread.start = start;
  // Who is there already has been followed.
  const int error =
      bpf_map_update_elem(bpf_map__fd(object_->maps.call_threads), &tid, &thread, BPF_NOEXIST);
  if (error != 0 && error != -EEXIST) return fail_errno("tell the kernel of a thread", -error);
  return {};
}

Result<void> CallSummary::Implementation::add_process(pid_t pid) {
  const std::string tasks = fmt::format("/proc/{}/task", pid);
  std::vector<pid_t> known;
  // A thread that is not known yet may make others: until there is no new one.
  for (bool more = true; more;) {
    more = false;
    for (const pid_t tid : numbers_in(tasks)) {
      if (std::ranges::find(known, tid) != known.end()) continue;
      if (auto added = add_thread(pid, tid, WIRE_CALL_NONE); !added) return added;
      known.push_back(tid);
      more = true;
    }
  }
  // One that had ended before it was added is nobody, or somebody else later.
  const std::vector<pid_t> alive = numbers_in(tasks);
  for (const pid_t tid : known) {
    if (std::ranges::find(alive, tid) != alive.end()) continue;
    bpf_map_delete_elem(bpf_map__fd(object_->maps.call_threads), &tid);
  }
  if (!alive.empty()) return {};
  return fail(fmt::format("there is no process {}", pid), ExitCode::kBadInput);
}

void CallSummary::Implementation::tell_cgroup(std::uint64_t id, bool wanted) {
  // Where there is no room it passes, as what is not known yet.
  const std::uint32_t value = wanted ? 1 : 0;
  bpf_map_update_elem(bpf_map__fd(object_->maps.call_cgroups), &id, &value, BPF_ANY);
}

void CallSummary::Implementation::take(const Take& take) {
  const std::size_t key_size = call_key_size(summary_);
  sums_.take([&](const void* key_bytes, const void* values, std::size_t cpus) {
    wire_call_key key{};
    std::memcpy(&key, key_bytes, key_size);
    wire_call_sum sum{};
    const auto* by_cpu = static_cast<const wire_call_sum*>(values);
    for (std::size_t cpu = 0; cpu < cpus; ++cpu) {
      sum.count += by_cpu[cpu].count;
      sum.time += by_cpu[cpu].time;
      sum.longest = std::max(sum.longest, by_cpu[cpu].longest);
    }
    taken_ += sum.count;
    take(key, sum);
  });
}

void CallSummary::Implementation::finish(const Take& take_sum) {
  links_.clear();
  // What ran on another CPU while the programs were detached may come after.
  const auto deadline = std::chrono::steady_clock::now() + kFinishPatience;
  take(take_sum);
  while (account().difference() != 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    take(take_sum);
  }
}

template <typename Visit>
void CallSummary::Implementation::for_each_thread(const Visit& visit) const {
  const int threads = bpf_map__fd(object_->maps.call_threads);
  std::uint32_t tid = 0;
  for (int more = bpf_map_get_next_key(threads, nullptr, &tid); more == 0;
       more = bpf_map_get_next_key(threads, &tid, &tid)) {
    wire_call_thread thread{};
    if (bpf_map_lookup_elem(threads, &tid, &thread) == 0) visit(tid, thread);
  }
}

void CallSummary::Implementation::for_each_unfinished(
    const std::function<void(const wire_call_key& key)>& visit) const {
  for_each_thread([&](std::uint32_t tid, const wire_call_thread& thread) {
    wire_call_key key{};
    key.call = thread.call;
    key.abi = thread.abi;
    key.cgroup = thread.cgroup;
    if (thread.start == WIRE_CALL_NONE) {
      const auto call = call_under_way(thread.pid, tid);
      if (!call || summary_.by_cgroup != 0) return;
      key.call = *call;
      key.abi = is_32_bit(thread.pid) ? WIRE_ABI_32 : WIRE_ABI_64;
    } else if (thread.start < WIRE_CALL_BEGAN) {
      return;
    }
    if (summary_.by_process != 0 || summary_.by_thread != 0) {
      key.pid = thread.pid;
      if (summary_.by_thread != 0) key.tid = tid;
      read_comm(key, key.tid);
    }
    visit(key);
  });
}

std::size_t CallSummary::Implementation::threads() const {
  std::size_t count = 0;
  for_each_thread([&](std::uint32_t, const wire_call_thread&) { ++count; });
  return count;
}

CallAccount CallSummary::Implementation::account() const {
  CallAccount account;
  account.taken = taken_;
  std::vector<wire_call_account> by_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  const std::uint32_t zero = 0;
  bpf_map_lookup_elem(bpf_map__fd(object_->maps.call_accounts), &zero, by_cpu.data());
  for (const wire_call_account& cpu : by_cpu) {
    account.seen += cpu.seen;
    account.no_room += cpu.no_room;
    account.unfollowed += cpu.unfollowed;
  }
  for (const std::string_view name : kPrograms) {
    bpf_prog_info info{};
    std::uint32_t length = sizeof(info);
    const int program = bpf_program__fd(find_program(object_, name));
    if (bpf_obj_get_info_by_fd(program, &info, &length) == 0) {
      account.missed += info.recursion_misses;
    }
  }
  return account;
}

// ---- outside

CallSummary::CallSummary(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
CallSummary::~CallSummary() = default;

Result<std::unique_ptr<CallSummary>> CallSummary::load(const wire_call_summary& summary,
                                                       const CgroupHierarchies& hierarchies) {
  auto implementation = std::make_unique<Implementation>(summary);
  if (auto loaded = implementation->load(hierarchies); !loaded) {
    return std::unexpected(loaded.error());
  }
  return std::unique_ptr<CallSummary>(new CallSummary(std::move(implementation)));
}

Result<void> CallSummary::attach() { return implementation_->attach(); }
Result<void> CallSummary::add_thread(pid_t pid, pid_t tid, wire_call_start start) {
  return implementation_->add_thread(pid, tid, start);
}
Result<void> CallSummary::add_process(pid_t pid) { return implementation_->add_process(pid); }
void CallSummary::tell_cgroup(std::uint64_t id, bool wanted) {
  implementation_->tell_cgroup(id, wanted);
}
void CallSummary::take(const Take& take) { implementation_->take(take); }
void CallSummary::finish(const Take& take) { implementation_->finish(take); }
void CallSummary::for_each_unfinished(
    const std::function<void(const wire_call_key& key)>& visit) const {
  implementation_->for_each_unfinished(visit);
}
std::size_t CallSummary::threads() const { return implementation_->threads(); }
CallAccount CallSummary::account() const { return implementation_->account(); }
const std::string& CallSummary::refused() const { return implementation_->refused(); }

}  // namespace outrider
