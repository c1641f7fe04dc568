// SPDX-License-Identifier: Apache-2.0
#include "support/kernel_objects.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/subprocess.h"

namespace outrider::test {

namespace {

namespace fs = std::filesystem;

// By listing ids, without opening anything: a descriptor of a program array that is about to go
// would have the kernel (seen with 6.18) clear it twice and lose a reference to it for ever.
void keep_existing(std::set<std::uint32_t>& ids, int (*next_id)(std::uint32_t, std::uint32_t*)) {
  std::erase_if(ids, [&](std::uint32_t id) {
    std::uint32_t next = 0;
    return next_id(id - 1, &next) != 0 || next != id;
  });
}

}  // namespace

KernelObjects held_by(pid_t pid) {
  KernelObjects objects;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(fmt::format("/proc/{}/fdinfo", pid), gone)) {
    std::ifstream file(entry.path());
    std::string key;
    std::string value;
    // A link's descriptor names the program, too.
    while (file >> key && std::getline(file, value)) {
      const auto id = static_cast<std::uint32_t>(std::strtoul(value.c_str(), nullptr, 10));
      if (key == "prog_id:") objects.programs.insert(id);
      if (key == "map_id:") objects.maps.insert(id);
      if (key == "link_id:") objects.links.insert(id);
    }
  }
  return objects;
}

std::string remains_of(const KernelObjects& objects, std::chrono::milliseconds patience) {
  KernelObjects left = objects;
  const bool gone = eventually(
      [&] {
        keep_existing(left.links, bpf_link_get_next_id);
        keep_existing(left.programs, bpf_prog_get_next_id);
        keep_existing(left.maps, bpf_map_get_next_id);
        return left.empty();
      },
      patience);
  if (gone) return "";
  return fmt::format("programs [{}], maps [{}], links [{}]", fmt::join(left.programs, " "),
                     fmt::join(left.maps, " "), fmt::join(left.links, " "));
}

std::set<std::string> pins() {
  std::set<std::string> found;
  std::ifstream mounts("/proc/self/mounts");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string device;
    std::string place;
    std::string type;
    words >> device >> place >> type;
    if (type != "bpf") continue;
    std::error_code ignored;
    for (const auto& entry : fs::recursive_directory_iterator(place, ignored)) {
      found.insert(entry.path());
    }
  }
  return found;
}

}  // namespace outrider::test
