// SPDX-License-Identifier: Apache-2.0
#include "workloads/proc_text.h"

#include <algorithm>
#include <iterator>

#include "workloads/proc_files.h"

namespace outrider {

// ---- stat

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  std::string_view rest = fields_of_stat(text);
  if (rest.data() == nullptr) return std::nullopt;
  ProcessStat stat;
  const std::size_t start = text.find('(');
  const std::size_t end = text.size() - rest.size() - 1;
  if (start < end) stat.name = text.substr(start + 1, end - start - 1);
  for (int field = 3; field <= 22; ++field) {
    const std::string_view word = next_word(rest);
    if (field == 4 && !parse(word, stat.parent)) return std::nullopt;
    if (field == 5) stat.group_id = parsed<std::uint32_t>(word);
    if (field == 6) stat.session_id = parsed<std::uint32_t>(word);
    if (field == 7) stat.terminal = parsed<std::int32_t>(word);
    if (field == 9 && !parse(word, stat.flags)) return std::nullopt;
    if (field == 22 && !parse(word, stat.start_ticks)) return std::nullopt;
  }
  return stat;
}

// ---- status

namespace {

std::optional<ProcessStatus::Ids> first_two(std::string_view line) {
  ProcessStatus::Ids ids;
  if (!parse(next_word(line), ids.real) || !parse(next_word(line), ids.effective)) {
    return std::nullopt;
  }
  return ids;
}

std::optional<std::uint32_t> last_number(std::string_view line) {
  std::string_view last;
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) last = word;
  return parsed<std::uint32_t>(last);
}

template <wire_capabilities which>
void read_capabilities(ProcessStatus& status, std::string_view line) {
  status.capabilities[which] = parsed<std::uint64_t>(next_word(line), 16);
}

struct StatusRow {
  std::string_view key;
  void (*read)(ProcessStatus&, std::string_view line);
};

// clang-format off: a table
constexpr StatusRow kStatusRows[] = {
    {"Uid", [](ProcessStatus& status, std::string_view line) { status.uid = first_two(line); }},
    {"Gid", [](ProcessStatus& status, std::string_view line) { status.gid = first_two(line); }},
    {"NSpid", [](ProcessStatus& status, std::string_view line) { status.vpid = last_number(line); }},
    {"NSpgid", [](ProcessStatus& status, std::string_view line) { status.vgroup_id = last_number(line); }},
    {"NSsid", [](ProcessStatus& status, std::string_view line) { status.vsession_id = last_number(line); }},
    {"CapInh", read_capabilities<WIRE_CAPABILITIES_INHERITABLE>},
    {"CapPrm", read_capabilities<WIRE_CAPABILITIES_PERMITTED>},
    {"CapEff", read_capabilities<WIRE_CAPABILITIES_EFFECTIVE>},
};
// clang-format on

}  // namespace

ProcessStatus parse_process_status(std::string_view text) {
  ProcessStatus status;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto* row = std::ranges::find(kStatusRows, line.substr(0, colon), &StatusRow::key);
    if (row != std::end(kStatusRows)) row->read(status, line.substr(colon + 1));
  }
  return status;
}

std::uint32_t namespace_inode(std::string_view link, std::string_view prefix) {
  if (!link.starts_with(prefix) || !link.ends_with(']')) return 0;
  link.remove_prefix(prefix.size());
  if (link.empty()) return 0;
  link.remove_suffix(1);
  return parsed<std::uint32_t>(link).value_or(0);
}

// ---- numbers in lines

std::optional<std::uint64_t> number_in(std::string_view text, std::string_view key, int base) {
  while (!text.empty()) {
    std::string_view line = next_line(text);
    if (!line.starts_with(key) || line.size() == key.size() || line[key.size()] != ':') continue;
    line.remove_prefix(key.size() + 1);
    return parsed<std::uint64_t>(next_word(line), base);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> limit_in(std::string_view limits, std::string_view name) {
  while (!limits.empty()) {
    std::string_view line = next_line(limits);
    if (!line.starts_with(name)) continue;
    line.remove_prefix(name.size());
    return parsed<std::uint64_t>(next_word(line));
  }
  return std::nullopt;
}

// ---- mounts, cgroups, modules

namespace {

// Up to the next blank, which is taken as well; between two blanks there is an empty one.
std::string_view next_field(std::string_view& line) {
  const std::string_view field = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(field.size() + 1, line.size()));
  return field;
}

}  // namespace

std::optional<MountLine> parse_mount_line(std::string_view line) {
  const std::size_t dash = line.find(" - ");
  if (dash == std::string_view::npos) return std::nullopt;
  std::string_view rest = line.substr(dash + 3);
  line = line.substr(0, dash);
  MountLine mount;
  mount.id = next_field(line);
  mount.parent = next_field(line);
  mount.device = next_field(line);
  mount.root = unescape_octal(next_field(line));
  mount.point = unescape_octal(next_field(line));
  mount.options = next_field(line);
  mount.propagation = line;
  mount.type = next_field(rest);
  mount.source = unescape_octal(next_field(rest));
  mount.file_system_options = next_field(rest);
  return mount.point.empty() ? std::nullopt : std::optional(std::move(mount));
}

void each_cgroup_line(
    std::string_view text,
    const std::function<void(std::string_view controller, std::string_view path)>& call) {
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const std::size_t first = line.find(':');
    const std::size_t second =
        first != std::string_view::npos ? line.find(':', first + 1) : std::string_view::npos;
    if (second == std::string_view::npos) continue;
    std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    do {
      const std::string_view controller = controllers.substr(0, controllers.find(','));
      controllers.remove_prefix(std::min(controller.size() + 1, controllers.size()));
      call(controller, path);
    } while (!controllers.empty());
  }
}

std::optional<ModuleLine> parse_module_line(std::string_view line) {
  ModuleLine module;
  module.name = next_word(line);
  module.size = next_word(line);
  module.uses = next_word(line);
  module.users = next_word(line);
  module.state = next_word(line);
  next_word(line);  // where it is
  module.taints = next_word(line);
  return module.state.empty() ? std::nullopt : std::optional(module);
}

}  // namespace outrider
