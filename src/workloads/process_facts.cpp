// SPDX-License-Identifier: Apache-2.0
#include "workloads/process_facts.h"

#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "events/decode.h"

namespace outrider {

namespace {

// include/uapi/linux/capability.h: either lets its owner do with others' files as with their own.
constexpr std::uint64_t kOverFiles = 1ull << 1 | 1ull << 3;  // CAP_DAC_OVERRIDE, CAP_FOWNER

constexpr std::string_view kMemfd = "memfd:";

}  // namespace

std::optional<bool> may_write(const wire_executable& file, const Credentials& credentials) {
  if ((file.flags & WIRE_EXECUTABLE_UNCHANGEABLE) != 0) return false;
  if (file.uid == credentials.uid) return true;
  const bool group = (file.mode & S_IWGRP) != 0;
  const bool others = (file.mode & S_IWOTH) != 0;
  const bool in_group = file.gid == credentials.gid;
  // Who is in the group by another of their groups is not known.
  if (in_group ? group : group && others) return true;
  if (!credentials.capabilities) return std::nullopt;
  if ((*credentials.capabilities & kOverFiles) != 0) {
    // In another user namespace it is only over files whose owner exists there.
    if (credentials.user_namespace == kFirstUserNamespace) return true;
    return std::nullopt;
  }
  if (!in_group && group != others) return std::nullopt;
  return false;
}

std::uint32_t terminal_number(std::uint32_t major, std::uint32_t minor) {
  return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

ProcessContext context_of(const wire_header& header, const wire_context& context) {
  ProcessContext result;
  result.time = header.time;
  result.uid = header.uid;
  result.session_id = header.session_id;
  result.capabilities.emplace();
  std::ranges::copy(context.capabilities, result.capabilities->begin());
  std::ranges::copy(context.namespaces, result.namespaces.begin());
  result.terminal = terminal_number(context.terminal >> 20, context.terminal & 0xfffff);
  result.group_id = context.group_id;
  result.vgroup_id = context.vgroup_id;
  result.vsession_id = context.vsession_id;
  return result;
}

std::optional<Executable> executable_of(const wire_exec& exec) {
  const wire_executable& file = exec.executable;
  if (exec.exe_inode == 0 || file.mode == 0) return std::nullopt;
  Executable result;
  result.inode = exec.exe_inode;
  result.change_time = file.change_time;
  result.modify_time = file.modify_time;
  const wire_string& path = exec.strings[WIRE_EXEC_EXE];
  if (path.state == WIRE_STRING_WHOLE) {
    result.from_memfd =
        (path.flags & WIRE_PATH_PSEUDO) != 0 && string_of(exec, WIRE_EXEC_EXE).starts_with(kMemfd);
  }
  if (path.state != WIRE_STRING_FAULTED) result.deleted = (path.flags & WIRE_PATH_DELETED) != 0;
  result.layer = (file.flags & WIRE_EXECUTABLE_OVERLAY) == 0 ? Executable::Layer::kNone
                 : (file.flags & WIRE_EXECUTABLE_UPPER) != 0 ? Executable::Layer::kUpper
                                                             : Executable::Layer::kLower;
  const wire_context& context = exec.context;
  result.writable =
      may_write(file, {.uid = context.effective_uid,
                       .gid = context.effective_gid,
                       .capabilities = context.capabilities[WIRE_CAPABILITIES_EFFECTIVE],
                       .user_namespace = context.namespaces[WIRE_NAMESPACE_USER]});
  return result;
}

void set_arguments(Process& process, const Arguments& arguments) {
  std::string_view text = arguments.text;
  if (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  process.command_line.known = arguments.known;
  process.command_line.cut = arguments.cut;
  process.command_line.text = text;
  process.program_size = std::min(text.find('\0'), text.size());
  std::replace(process.command_line.text.begin(), process.command_line.text.end(), '\0', ' ');

  process.argument_count = arguments.count;
  process.arguments_length = std::nullopt;
  const bool program_is_whole =
      arguments.known && (!arguments.cut || process.program_size < text.size());
  if (!arguments.length || !program_is_whole) return;
  process.arguments_length =
      *arguments.length - std::min<std::uint64_t>(process.program_size, *arguments.length);
}

void set_environment(Process& process, std::string_view environment, bool known, bool cut) {
  process.environment_cut = cut;
  process.environment = nullptr;
  if (!known) return;
  auto text = std::make_shared<std::string>(environment);
  if (!text->empty() && text->back() != '\0') *text += '\0';
  process.environment = std::move(text);
}

}  // namespace outrider
