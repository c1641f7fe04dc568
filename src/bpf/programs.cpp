// SPDX-License-Identifier: Apache-2.0
#include "bpf/programs.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <thread>

#include "base/file_descriptor.h"

namespace outrider {

namespace {

constexpr std::size_t kNameMax = BPF_OBJ_NAME_LEN - 1;

struct Directory {
  explicit Directory(const std::string& path) : stream(::opendir(path.c_str())) {}
  ~Directory() {
    if (stream != nullptr) ::closedir(stream);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  // Calls `each` with the names that are numbers.
  template <typename Each>
  void for_each_number(Each&& each) {
    if (stream == nullptr) return;
    while (const dirent* entry = ::readdir(stream)) {
      const std::string_view name = entry->d_name;
      int number = 0;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
      if (error == std::errc() && end == name.data() + name.size()) each(number);
    }
  }

  DIR* stream;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The number behind "KEY:" at the start of a line, as in fdinfo and smaps.
std::optional<std::uint64_t> number_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':') continue;
    line.remove_prefix(key.size() + 1);
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error == std::errc()) return number;
    return std::nullopt;
  }
  return std::nullopt;
}

// A kernel that does not know a field of the information leaves it out at the end.
template <typename T>
bool told(std::uint32_t length, std::size_t offset, const T&) {
  return length >= offset + sizeof(T);
}

FileDescriptor open_program(std::uint32_t id) { return FileDescriptor(bpf_prog_get_fd_by_id(id)); }

Result<std::map<std::uint32_t, LoadedProgram>> programs_named(
    const std::vector<std::string>& names) {
  std::map<std::uint32_t, LoadedProgram> found;
  std::uint32_t id = 0;
  while (bpf_prog_get_next_id(id, &id) == 0) {
    const FileDescriptor program = open_program(id);
    if (!program.valid()) continue;  // gone in the meantime
    bpf_prog_info info{};
    std::uint32_t length = sizeof(info);
    if (bpf_obj_get_info_by_fd(program.get(), &info, &length) != 0) continue;
    const std::string_view kept = info.name;
    const auto name = std::find_if(names.begin(), names.end(), [&](std::string_view each) {
      return kept == each.substr(0, kNameMax);
    });
    if (name == names.end()) continue;
    LoadedProgram& loaded = found[id];
    loaded.id = id;
    loaded.name = *name;
    loaded.jited_size = info.jited_prog_len;
    if (told(length, offsetof(bpf_prog_info, recursion_misses), info.recursion_misses)) {
      loaded.recursion_misses = info.recursion_misses;
    }
    if (told(length, offsetof(bpf_prog_info, verified_insns), info.verified_insns)) {
      loaded.verified_instructions = info.verified_insns;
    }
  }
  if (errno == EPERM) return fail("listing the kernel's BPF programs needs CAP_SYS_ADMIN");
  if (errno != ENOENT) return fail_errno("list the kernel's BPF programs", errno);
  return found;
}

// Says of each program where it is attached.
void find_links(std::map<std::uint32_t, LoadedProgram>& programs) {
  std::uint32_t id = 0;
  while (bpf_link_get_next_id(id, &id) == 0) {
    const FileDescriptor link(bpf_link_get_fd_by_id(id));
    if (!link.valid()) continue;
    std::array<char, 128> name{};
    bpf_link_info info{};
    std::uint32_t length = sizeof(info);
    if (bpf_obj_get_info_by_fd(link.get(), &info, &length) != 0) continue;
    const auto program = programs.find(info.prog_id);
    if (program == programs.end()) continue;
    program->second.attached_to = "?";
    if (info.type != BPF_LINK_TYPE_RAW_TRACEPOINT) continue;
    // The name has to be asked for with a place to put it.
    info = {};
    info.raw_tracepoint.tp_name = reinterpret_cast<std::uint64_t>(name.data());
    info.raw_tracepoint.tp_name_len = name.size();
    length = sizeof(info);
    if (bpf_obj_get_info_by_fd(link.get(), &info, &length) == 0) {
      program->second.attached_to = name.data();
    }
  }
}

struct HeldMap {
  std::uint64_t size = 0;  // bytes
  bool is_ring = false;
};

// What one process has open, as its descriptors tell.
struct Held {
  std::set<std::uint32_t> programs;
  std::map<std::uint32_t, HeldMap> maps;  // by id: a map may be open twice
};

Held held_by(pid_t pid, const std::map<std::uint32_t, LoadedProgram>& programs) {
  Held held;
  const std::string process = fmt::format("/proc/{}", pid);
  Directory descriptors(process + "/fd");
  descriptors.for_each_number([&](int number) {
    std::array<char, 64> target{};
    const ssize_t length =
        ::readlink(fmt::format("{}/fd/{}", process, number).c_str(), target.data(), target.size());
    if (length <= 0) return;
    // anon_inode:bpf-prog, anon_inode:bpf-map, anon_inode:bpf_link
    const std::string_view name(target.data(), static_cast<std::size_t>(length));
    if (!name.starts_with("anon_inode:") || name.find("bpf") == std::string_view::npos) return;
    const std::string text = read_file(fmt::format("{}/fdinfo/{}", process, number));
    if (const auto program = number_of(text, "prog_id");
        program && programs.contains(static_cast<std::uint32_t>(*program))) {
      held.programs.insert(static_cast<std::uint32_t>(*program));
    }
    if (const auto map = number_of(text, "map_id")) {
      HeldMap& each = held.maps[static_cast<std::uint32_t>(*map)];
      each.is_ring = number_of(text, "map_type") == BPF_MAP_TYPE_RINGBUF;
      each.size = number_of(text, "memlock").value_or(0);
      // Linux 5.11 to 6.3 count nothing for a ring; its data is what it has entries for.
      if (each.is_ring) each.size = std::max(each.size, number_of(text, "max_entries").value_or(0));
    }
  });
  return held;
}

MapMemory memory_of(const Held& held) {
  MapMemory memory;
  for (const auto& [id, map] : held.maps) (map.is_ring ? memory.rings : memory.maps) += map.size;
  return memory;
}

std::optional<std::uint64_t> private_memory_of(pid_t pid) {
  const std::string text = read_file(fmt::format("/proc/{}/smaps_rollup", pid));
  const auto clean = number_of(text, "Private_Clean");
  const auto dirty = number_of(text, "Private_Dirty");
  if (!clean || !dirty) return std::nullopt;
  return (*clean + *dirty) * 1024;  // it says kB and means 1024
}

}  // namespace

Result<LoadedPrograms> find_programs(const std::vector<std::string>& names) {
  auto named = programs_named(names);
  if (!named) return std::unexpected(named.error());
  LoadedPrograms loaded;
  if (named->empty()) return loaded;
  find_links(*named);

  Directory("/proc").for_each_number([&](int pid) {
    const Held held = held_by(pid, *named);
    if (held.programs.empty()) return;
    for (const std::uint32_t id : held.programs) (*named)[id].holders.push_back(pid);
    ProgramHolder holder;
    holder.pid = pid;
    holder.arguments = read_file(fmt::format("/proc/{}/cmdline", pid));
    holder.private_memory = private_memory_of(pid);
    holder.memory = memory_of(held);
    loaded.holders.push_back(std::move(holder));
  });
  std::sort(loaded.holders.begin(), loaded.holders.end(),
            [](const ProgramHolder& a, const ProgramHolder& b) { return a.pid < b.pid; });
  for (auto& [id, program] : *named) {
    if (program.holders.empty()) continue;
    std::sort(program.holders.begin(), program.holders.end());
    loaded.programs.push_back(std::move(program));
  }
  return loaded;
}

MapMemory map_memory_of(pid_t pid) { return memory_of(held_by(pid, {})); }

Result<std::chrono::nanoseconds> measure_programs(std::vector<LoadedProgram>& programs,
                                                  std::chrono::nanoseconds duration) {
  using Clock = std::chrono::steady_clock;
  const auto read = [&](std::size_t i) -> std::optional<ProgramRuns> {
    const FileDescriptor program = open_program(programs[i].id);
    bpf_prog_info info{};
    std::uint32_t length = sizeof(info);
    if (!program.valid() || bpf_obj_get_info_by_fd(program.get(), &info, &length) != 0) {
      return std::nullopt;
    }
    return ProgramRuns{info.run_cnt, info.run_time_ns};
  };

  const FileDescriptor stats(bpf_enable_stats(BPF_STATS_RUN_TIME));
  if (!stats.valid()) return fail_errno("switch run-time statistics on", errno);
  const auto start = Clock::now();
  std::vector<std::optional<ProgramRuns>> before;
  for (std::size_t i = 0; i < programs.size(); ++i) before.push_back(read(i));
  std::this_thread::sleep_for(duration);
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const auto after = read(i);
    if (!before[i] || !after) continue;  // gone in the meantime
    programs[i].measured = {after->runs - before[i]->runs, after->time - before[i]->time};
  }
  return Clock::now() - start;
}

}  // namespace outrider
