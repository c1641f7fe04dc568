// SPDX-License-Identifier: Apache-2.0
#include "engine/kernel_filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <tuple>
#include <utility>

#include "workloads/process.h"
#include "workloads/workload.h"

namespace outrider {

namespace {

// kernel/bpf/lpm_trie.c: a node in front of the bytes of its key and the value. For what is said
// about memory only.
constexpr std::size_t kTrieNode = 40;
constexpr std::uint32_t kTrieEntries = 1 << 16;  // as in filter.bpf.c

Result<FileDescriptor> make_map(bpf_map_type type, std::uint32_t key_size, std::uint32_t value_size,
                                std::uint32_t entries, std::uint32_t flags) {
  bpf_map_create_opts options{};
  options.sz = sizeof(options);
  options.map_flags = flags;
  FileDescriptor map(
      bpf_map_create(type, "outrider_filter", key_size, value_size, entries, &options));
  if (!map.valid()) return fail_errno("make a table of the filter", errno);
  return map;
}

Result<void> put(const bpf_map* outer, std::uint32_t place, int inner) {
  if (bpf_map_update_elem(bpf_map__fd(outer), &place, &inner, BPF_ANY) != 0) {
    return fail_errno("put a table of the filter in its place", errno);
  }
  return {};
}

Result<void> fill_tables(const FileDescriptor& map, const filter_tables& tables) {
  const std::uint32_t zero = 0;
  if (bpf_map_update_elem(map.get(), &zero, &tables, BPF_ANY) != 0) {
    return fail_errno("fill the tables of the filter", errno);
  }
  return {};
}

// A key of the kernel's: the number of bits, then the bytes.
std::vector<std::byte> key_of(const std::string& text, std::uint32_t key_size) {
  std::vector<std::byte> key(sizeof(std::uint32_t) + key_size);
  const auto bits = static_cast<std::uint32_t>(8 * text.size());
  std::memcpy(key.data(), &bits, sizeof(bits));
  std::memcpy(key.data() + sizeof(bits), text.data(), std::min<std::size_t>(text.size(), key_size));
  return key;
}

}  // namespace

void KernelFilter::start(const BpfObject& object) {
  object_ = object.get();
  for (std::uint32_t slot = 0; slot < FILTER_SLOTS; ++slot) {
    for (std::uint32_t text = 0; text < FILTER_TEXTS; ++text) {
      const bool name = text == FILTER_COMM;
      const std::uint32_t place = slot * FILTER_TEXTS + text;
      Trie& prefixes = prefixes_[slot][text];
      prefixes.outer = name ? object_->maps.filter_names : object_->maps.filter_prefixes;
      prefixes.place = place;
      prefixes.key_size = name ? FILTER_NAME_MAX : FILTER_PREFIX_MAX;
      Trie& suffixes = suffixes_[slot][text];
      suffixes.outer = object_->maps.filter_suffixes;
      suffixes.place = place;
      suffixes.key_size = FILTER_SUFFIX_MAX;
    }
  }
}

Result<void> KernelFilter::fill(Trie& trie, const std::vector<TrieEntry>& entries) {
  // Made when it is needed first: the kernel waits for each that is put in its place.
  if (!trie.map.valid()) {
    if (entries.empty()) return {};
    auto map = make_map(BPF_MAP_TYPE_LPM_TRIE, sizeof(std::uint32_t) + trie.key_size,
                        sizeof(std::uint32_t), kTrieEntries, BPF_F_NO_PREALLOC);
    if (!map) return std::unexpected(map.error());
    if (auto done = put(trie.outer, trie.place, map->get()); !done) return done;
    trie.map = std::move(*map);
  }
  for (const TrieEntry& entry : trie.entries) {
    const auto key = key_of(entry.key, trie.key_size);
    if (bpf_map_delete_elem(trie.map.get(), key.data()) != 0 && errno != ENOENT) {
      return fail_errno("clear a trie of the filter", errno);
    }
  }
  // Also what an error leaves half done is cleared the next time.
  trie.entries = entries;
  for (const TrieEntry& entry : entries) {
    const auto key = key_of(entry.key, trie.key_size);
    const std::uint32_t set = entry.set;
    if (bpf_map_update_elem(trie.map.get(), key.data(), &set, BPF_ANY) != 0) {
      return fail_errno("fill a trie of the filter", errno);
    }
  }
  return {};
}

Result<void> KernelFilter::set(std::span<const PushedCondition* const> conditions) {
  FilterTables made = make_filter_tables(conditions);
  made.tables->generation = ++generation_;
  const std::uint32_t slot = (slot_ + 1) % FILTER_SLOTS;
  FilterStatus status{.active = true,
                      .widened = made.widened,
                      .clauses = made.clauses,
                      .sets = made.sets.size(),
                      .entries = 0,
                      .bytes = sizeof(filter_tables)};

  auto tables =
      make_map(BPF_MAP_TYPE_ARRAY, sizeof(std::uint32_t), sizeof(filter_tables), 1, /*flags=*/0);
  if (!tables) return std::unexpected(tables.error());
  if (auto done = fill_tables(*tables, *made.tables); !done) return done;
  // A program that has begun with this slot before the last change may still be at it.
  if (used_) {
    if (auto done = put(object_->maps.filter_numbers, FILTER_SLOTS, tables->get()); !done) {
      return done;
    }
  }
  for (std::size_t text = 0; text < FILTER_TEXTS; ++text) {
    for (const auto& [trie, entries] : {std::pair<Trie&, const std::vector<TrieEntry>&>(
                                            prefixes_[slot][text], made.prefixes[text]),
                                        std::pair<Trie&, const std::vector<TrieEntry>&>(
                                            suffixes_[slot][text], made.suffixes[text])}) {
      if (auto done = fill(trie, entries); !done) return done;
      status.entries += entries.size();
      status.bytes += entries.size() * (kTrieNode + trie.key_size);
    }
  }
  if (auto done = put(object_->maps.filter_numbers, slot, tables->get()); !done) return done;
  // What is wanted now or then may pass; the tables decide.
  const auto set_kinds = [&](bool wanted) {
    for (std::size_t kind = 0; kind < WIRE_EVENT_LIMIT; ++kind) {
      if (made.kinds[kind] != wanted) continue;
      std::atomic_ref(object_->bss->filter_kinds[kind]).store(wanted ? 1 : 0);
    }
  };
  set_kinds(true);
  std::atomic_ref(object_->bss->filter_word).store(std::uint64_t{slot + 1} | made.tables->asks);
  set_kinds(false);
  slot_ = slot;
  used_ = true;
  status_ = status;
  tables_ = std::move(*tables);
  sets_in_kernel_ = made.sets.size();
  made_.reset();
  if (!made.processes.empty() || !made.workloads.empty()) made_ = std::move(made);
  forget_all();
  return {};
}

void KernelFilter::tell(const Event& event, std::uint64_t workload_changes) {
  if (!made_) return;
  if (!made_->processes.empty()) tell_of_process(event);
  if (!made_->workloads.empty()) tell_of_workload(event, workload_changes);
}

void KernelFilter::tell_of_process(const Event& event) {
  if (event.process->exited) return;
  const wire_header& header = *event.header;
  // What the agent knows may be of another program of the process: of the one after this event.
  if (event.process->exec_id != header.exec_id) return;
  if (told_.size() >= FILTER_PROCESSES && !told_.contains(header.pid)) forget_all();
  const Told now{.start_time = header.start_time, .exec_id = header.exec_id};
  Told& told = told_[header.pid];
  if (told == now) return;
  // Also if the kernel does not take it: then the process's events pass, which is no reason to try
  // with each of them.
  told = now;

  const filter_process known{.start_time = now.start_time,
                             .exec_id = now.exec_id,
                             .generation = made_->tables->generation,
                             .set = set_of_process(*made_, event)};
  if (!fill_new_sets()) return;
  std::ignore = bpf_map_update_elem(bpf_map__fd(object_->maps.filter_processes), &header.pid,
                                    &known, BPF_ANY);
}

void KernelFilter::tell_of_workload(const Event& event, std::uint64_t changes) {
  if (event.workload == nullptr || event.workload->state == Workload::State::kUnknown) return;
  const std::uint64_t cgroup = event.header->cgroup_id;
  if (told_workloads_.size() >= FILTER_WORKLOADS && !told_workloads_.contains(cgroup)) forget_all();
  ToldWorkload& told = told_workloads_[cgroup];
  if (told.changes == changes) return;
  told.changes = changes;
  if (told.workload == event.workload && told.version == event.workload->version) return;
  told.workload = event.workload;
  told.version = event.workload->version;

  const filter_workload known{.generation = made_->tables->generation,
                              .set = set_of_workload(*made_, event)};
  if (!fill_new_sets()) return;
  std::ignore =
      bpf_map_update_elem(bpf_map__fd(object_->maps.filter_workloads), &cgroup, &known, BPF_ANY);
}

// The tables are in use: nothing in them changes, but there may be a set more.
bool KernelFilter::fill_new_sets() {
  status_.widened = status_.widened || made_->widened;
  status_.sets = made_->sets.size();
  if (made_->sets.size() == sets_in_kernel_) return true;
  if (!fill_tables(tables_, *made_->tables)) return false;
  sets_in_kernel_ = made_->sets.size();
  return true;
}

void KernelFilter::forget(std::uint32_t pid) {
  if (told_.erase(pid) == 0) return;
  std::ignore = bpf_map_delete_elem(bpf_map__fd(object_->maps.filter_processes), &pid);
}

// What was told under other tables says nothing, but would take up room.
void KernelFilter::forget_all() {
  for (const auto& [pid, told] : told_) {
    std::ignore = bpf_map_delete_elem(bpf_map__fd(object_->maps.filter_processes), &pid);
  }
  told_.clear();
  for (const auto& [cgroup, told] : told_workloads_) {
    std::ignore = bpf_map_delete_elem(bpf_map__fd(object_->maps.filter_workloads), &cgroup);
  }
  told_workloads_.clear();
}

void KernelFilter::clear() {
  std::atomic_ref(object_->bss->filter_word).store(0);
  made_.reset();
  forget_all();
  status_ = {};
}

}  // namespace outrider
