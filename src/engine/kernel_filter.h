// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "engine/bpf_object.h"
#include "language/filter_tables.h"

namespace outrider {

// How much of what the consumers want is decided in the kernel.
struct FilterStatus {
  bool active = false;      // else everything of the wanted kinds is sent
  bool widened = false;     // there was no room for all: more is sent
  std::size_t clauses = 0;  // of all consumers together
  std::size_t sets = 0;
  std::size_t entries = 0;  // of tries
  std::size_t bytes = 0;    // of the kernel's memory, about
};

// The filter's tables in the kernel. Made anew for every change, beside those that are read, and
// put in their place at once. Not thread-safe.
class KernelFilter {
 public:
  // Once, for a loaded object that outlives it.
  void start(const BpfObject& object);

  // Lets only through what may satisfy one of these. On an error nothing has changed.
  Result<void> set(std::span<const PushedCondition* const> conditions);
  // Lets everything through.
  void clear();

  // Tells the kernel of the event's process what only the agent knows, if consumers ask for that
  // and the kernel has not been told. Without it the process's events pass. `workload_changes`
  // tells whether more is known of workloads than the last time.
  void tell(const Event& event, std::uint64_t workload_changes);
  // The process has ended.
  void forget(std::uint32_t pid);

  [[nodiscard]] FilterStatus status() const { return status_; }

 private:
  // A trie of the kernel, and what is in it.
  struct Trie {
    const bpf_map* outer = nullptr;
    std::uint32_t place = 0;     // in it
    FileDescriptor map;          // once it has been needed
    std::uint32_t key_size = 0;  // bytes, without the number of bits
    std::vector<TrieEntry> entries;
  };
  void tell_of_process(const Event& event);
  void tell_of_workload(const Event& event, std::uint64_t changes);
  bool fill_new_sets();
  void forget_all();
  static Result<void> fill(Trie& trie, const std::vector<TrieEntry>& entries);

  // A program of a process: what the kernel has been told is true of it only.
  struct Told {
    std::uint64_t start_time = 0;
    std::uint64_t exec_id = 0;
    bool operator==(const Told&) const = default;
  };

  outrider_bpf* object_ = nullptr;
  // Of the slot in use, as long as the kernel is told of processes: some megabytes.
  std::optional<FilterTables> made_;
  FileDescriptor tables_;  // the same in the kernel
  std::size_t sets_in_kernel_ = 0;
  std::uint32_t generation_ = 0;
  std::unordered_map<std::uint32_t, Told> told_;  // by pid
  // By cgroup: what it was, and how much was known of all, when the kernel was told.
  struct ToldWorkload {
    const Workload* workload = nullptr;  // only compared
    std::uint32_t version = 0;
    std::uint64_t changes = 0;
  };
  std::unordered_map<std::uint64_t, ToldWorkload> told_workloads_;
  std::array<std::array<Trie, FILTER_TEXTS>, FILTER_SLOTS> prefixes_;
  std::array<std::array<Trie, FILTER_TEXTS>, FILTER_SLOTS> suffixes_;
  std::uint32_t slot_ = 0;  // the one that was read last
  bool used_ = false;
  FilterStatus status_;
};

}  // namespace outrider
