// SPDX-License-Identifier: Apache-2.0
//
// What the texts of /proc mean: no file is touched here. A process has written part of them itself,
// its name above all; what does not parse is unknown, and what is returned points into the text.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "events/wire.h"

namespace outrider {

// A process's or a thread's stat: proc_pid_stat(5).
struct ProcessStat {
  std::string_view name;
  std::uint32_t parent = 0;
  std::uint64_t start_ticks = 0;
  std::uint64_t flags = 0;  // PF_*: include/linux/sched.h
  std::optional<std::uint32_t> group_id = {};
  std::optional<std::uint32_t> session_id = {};
  std::optional<std::int32_t> terminal = {};
};
// Nothing if it is none.
std::optional<ProcessStat> parse_process_stat(std::string_view text);

// A process's status: proc_pid_status(5). Of two lines of a key the last counts, as in line_of().
struct ProcessStatus {
  // Those of the process and those it acts with: the first two of a line.
  struct Ids {
    std::uint32_t real = 0;
    std::uint32_t effective = 0;
  };
  std::optional<Ids> uid;
  std::optional<Ids> gid;
  // In the innermost of its pid namespaces: the last of a line.
  std::optional<std::uint32_t> vpid;
  std::optional<std::uint32_t> vgroup_id;
  std::optional<std::uint32_t> vsession_id;
  std::array<std::optional<std::uint64_t>, WIRE_CAPABILITIES_COUNT> capabilities;
};
ProcessStatus parse_process_status(std::string_view text);

// The inode of what a link of ns/ says, "net:[4026531840]"; 0 if it does not begin with `prefix`,
// which is "net:[", or is none.
std::uint32_t namespace_inode(std::string_view link, std::string_view prefix);

// The number behind `KEY:` in the first line that begins so: fdinfo, where what is not the kernel's
// own comes last.
std::optional<std::uint64_t> number_in(std::string_view text, std::string_view key, int base = 10);

// The soft limit of this name: proc_pid_limits(5). Nothing also if there is none.
std::optional<std::uint64_t> limit_in(std::string_view limits, std::string_view name);

// A line of mountinfo: proc_pid_mountinfo(5), "36 35 98:0 / /mnt/point options shared:1 - type
// source options". One blank between two; paths are unescaped.
struct MountLine {
  std::string_view id;
  std::string_view parent;
  std::string_view device;  // MAJOR:MINOR
  std::string root;         // within its file system
  std::string point;
  std::string_view options;
  std::string_view propagation;  // "shared:1 master:2"; empty: private
  std::string_view type;
  std::string source;  // may be empty
  std::string_view file_system_options;
};
// Nothing if it is none.
std::optional<MountLine> parse_mount_line(std::string_view line);

// A process's cgroup: cgroups(7), "4:cpu,cpuacct:/path" for each hierarchy, "0::/path" for the
// unified one. Calls for each controller, with "" for the unified one.
void each_cgroup_line(
    std::string_view text,
    const std::function<void(std::string_view controller, std::string_view path)>& call);

// A line of /proc/modules: proc_modules(5); kernel/module/procfs.c.
struct ModuleLine {
  std::string_view name;
  std::string_view size;   // bytes
  std::string_view uses;   // "-" where they are not counted
  std::string_view users;  // names, a comma after each; "-": none
  std::string_view state;
  std::string_view taints;  // "(OE)"; empty: none
};
// Nothing if it is none.
std::optional<ModuleLine> parse_module_line(std::string_view line);

}  // namespace outrider
