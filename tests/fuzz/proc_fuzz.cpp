// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a file of /proc: a process has written part of it itself. The first byte says as
// which; what comes out is within the text, and within what it may be.
#include <arpa/inet.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/beneath.h"
#include "base/file_descriptor.h"
#include "fuzz/require.h"
#include "workloads/cgroups.h"
#include "workloads/open_files.h"
#include "workloads/proc_files.h"
#include "workloads/proc_text.h"
#include "workloads/socket_lists.h"

namespace outrider {
namespace {

bool is_within(std::string_view part, std::string_view text) {
  return part.empty() ||
         (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
}

bool is_word(std::string_view word) {
  return word.find_first_of(" \t\n") == std::string_view::npos;
}

void check_stat(std::string_view text) {
  const std::string_view rest = fields_of_stat(text);
  require(is_within(rest, text) && rest.find(')') == std::string_view::npos, "behind the name");
  const auto stat = parse_process_stat(text);
  if (!stat) return;
  require(rest.data() != nullptr, "a stat has fields");
  require(is_within(stat->name, text) && stat->name.size() + 2 <= text.size(), "a name is in it");
}

void check_status(std::string_view text) {
  const ProcessStatus status = parse_process_status(text);
  // Once more behind it, and only that counts.
  const ProcessStatus last = parse_process_status(std::string(text) + "\nUid:\t7\t8\nNSpid:\t9\n");
  require(last.uid && last.uid->real == 7 && last.uid->effective == 8, "the last line counts");
  require(last.vpid == 9u, "the last number counts");
  require(last.vgroup_id == status.vgroup_id, "of no other key");
  for (const std::string_view key : {"Uid", "VmRSS", "Threads"}) {
    const std::string_view line = line_of(text, key);
    require(is_within(line, text) && line.find('\n') == std::string_view::npos, "one line");
  }
}

void check_numbers(std::string_view text) {
  for (const int base : {8, 10, 16}) {
    const auto first = number_in(text, "pos", base);
    require(number_in("pos:\t10\n" + std::string(text), "pos", 10) == 10u, "the first counts");
    if (first) require(text.find("pos:") != std::string_view::npos, "a number has a key");
  }
  const auto limit = limit_in(text, "Max open files");
  if (limit) require(text.find("Max open files") != std::string_view::npos, "a limit has a name");
}

void check_mounts(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    const auto mount = parse_mount_line(line);
    if (!mount) continue;
    require(!mount->point.empty() && mount->point.size() <= line.size(), "a mount is somewhere");
    require(mount->root.size() <= line.size() && mount->source.size() <= line.size(),
            "nothing grows");
    for (const std::string_view word : {mount->id, mount->parent, mount->device, mount->options,
                                        mount->type, mount->file_system_options}) {
      require(is_within(word, line) && word.find(' ') == std::string_view::npos, "a word of it");
    }
    require(is_within(mount->propagation, line), "part of it");
  }
  // Those that read the file themselves.
  static const FileDescriptor file(::memfd_create("outrider-fuzz", MFD_CLOEXEC));
  require(::ftruncate(file.get(), 0) == 0 && ::lseek(file.get(), 0, SEEK_SET) == 0, "empty");
  require(::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()),
          "written");
  ::lseek(file.get(), 0, SEEK_SET);
  std::ignore = LocalMounts(file.get()).hold(file.get());
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  const CgroupHierarchies found = find_cgroup_hierarchies(path, path);
  require(found.unified.size() <= text.size() && found.version1.size() <= text.size(),
          "a hierarchy is in it");
  require(found.controller < WIRE_CONTROLLER_LIMIT, "a controller that there is");
}

void check_cgroups(std::string_view text) {
  std::size_t count = 0;
  each_cgroup_line(text, [&](std::string_view controller, std::string_view path) {
    ++count;
    require(is_within(controller, text) && is_within(path, text), "parts of it");
    require(controller.find_first_of(",:\n") == std::string_view::npos, "one controller");
    require(path.find('\n') == std::string_view::npos, "a path ends with its line");
  });
  require(count <= text.size(), "not more than there are characters");
}

void check_module(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto module = parse_module_line(next_line(rest));
    if (!module) continue;
    for (const std::string_view word :
         {module->name, module->size, module->uses, module->users, module->state, module->taints}) {
      require(is_within(word, text) && is_word(word), "words of it");
    }
    require(!module->name.empty() && !module->state.empty(), "a module has a name and a state");
  }
}

void check_endpoint(const std::optional<Endpoint>& end) {
  if (!end) return;
  std::array<std::byte, sizeof(in6_addr)> bytes;
  require(::inet_pton(AF_INET, end->address.c_str(), bytes.data()) == 1 ||
              ::inet_pton(AF_INET6, end->address.c_str(), bytes.data()) == 1,
          "an address is one");
}

void check_sockets(std::string_view text) {
  for (const SocketList& list : socket_lists()) {
    std::size_t lines = 0;
    std::optional<std::uint64_t> inode;
    each_listed_socket(list, text, {}, [&](ListedSocket&& socket) {
      ++lines;
      check_endpoint(socket.local);
      check_endpoint(socket.remote);
      require(socket.inode.has_value(), "only those with an inode");
      require(socket.path.find('\n') == std::string::npos, "a path ends with its line");
      require(socket.type == list.type, "of the list's type");
      inode = socket.inode;
    });
    require(lines <= static_cast<std::size_t>(std::ranges::count(text, '\n')), "a line for each");
    if (!inode) continue;
    std::size_t found = 0;
    each_listed_socket(list, text, inode, [&](const ListedSocket& socket) {
      ++found;
      require(socket.inode == inode, "only that one");
    });
    require(found > 0 && found <= lines, "it is found again");
  }
}

void check_links(std::string_view text) {
  for (const std::string_view prefix : {"net:[", "pid:[", ""}) {
    if (namespace_inode(text, prefix) != 0) {
      require(text.starts_with(prefix) && text.ends_with(']'), "a namespace looks like one");
    }
  }
  const std::string_view inode = socket_inode(text);
  require(is_within(inode, text) && inode.find(']') == std::string_view::npos, "an inode of it");
  require(inode.empty() || type_of_link(text) == "socket", "a socket is one");
  check_endpoint(parse_endpoint(text));
  require(unescape_octal(text).size() <= text.size(), "nothing grows");
}

constexpr void (*kChecks[])(std::string_view) = {
    check_stat,    check_status, check_numbers, check_mounts,
    check_cgroups, check_module, check_sockets, check_links,
};

}  // namespace
}  // namespace outrider

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outrider;
  if (size == 0) return 0;
  // '0' is the first, so that people can write inputs.
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  kChecks[static_cast<std::uint8_t>(data[0] - '0') % std::size(kChecks)](text);
  return 0;
}
