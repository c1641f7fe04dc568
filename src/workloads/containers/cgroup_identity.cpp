// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/cgroup_identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <cstddef>
#include <optional>
#include <vector>

namespace outrider {

namespace {

// NAME_MAX: of a component.
constexpr std::size_t kComponentMax = 255;

enum class Form : std::uint8_t {
  kHex,      // 64 digits, as all who make ids at random do
  kBuildId,  // 25 of a to z and 0 to 9: BuildKit's identity.NewID()
  kName,     // any
  kMachine,  // any, with systemd's escapes
  kHelper,   // no container's, whatever follows: who looks after one
};

// A component of a path that is a container's. The first row that fits is taken.
struct Pattern {
  std::string_view prefix;
  std::string_view suffix;
  std::string_view parent;  // what the path before it ends with; empty: anything
  Form form;
  Runtime runtime;
};

// The "scope" forms are of the systemd driver, the others of cgroupfs.
constexpr Pattern kPatterns[] = {
    {"crio-conmon-", "", "", Form::kHelper, Runtime::kUnknown},
    {"libpod-conmon-", "", "", Form::kHelper, Runtime::kUnknown},
    {"lxc.monitor.", "", "", Form::kHelper, Runtime::kUnknown},
    {"", "", "lxc.monitor", Form::kHelper, Runtime::kUnknown},
    // libvirt's: virtual machines, and containers of its LXC driver.
    {"machine-qemu", ".scope", "machine.slice", Form::kHelper, Runtime::kUnknown},
    {"machine-lxc\\x2d", ".scope", "machine.slice", Form::kMachine, Runtime::kLxc},

    {"docker-", ".scope", "", Form::kHex, Runtime::kDocker},
    {"", "", "docker", Form::kHex, Runtime::kDocker},
    {"docker-", ".scope", "", Form::kBuildId, Runtime::kDocker},
    {"", "", "docker/buildkit", Form::kBuildId, Runtime::kDocker},
    {"buildkit-", ".scope", "", Form::kBuildId, Runtime::kRunc},
    {"", "", "buildkit", Form::kBuildId, Runtime::kRunc},
    {"cri-containerd-", ".scope", "", Form::kHex, Runtime::kContainerd},
    {"nerdctl-", ".scope", "", Form::kHex, Runtime::kContainerd},
    {"crio-", ".scope", "", Form::kHex, Runtime::kCrio},
    {"crio-", "", "", Form::kHex, Runtime::kCrio},
    // --cgroups=split.
    {"libpod-payload-", "", "", Form::kHex, Runtime::kPodman},
    {"libpod-", ".scope", "", Form::kHex, Runtime::kPodman},
    {"libpod-", "", "", Form::kHex, Runtime::kPodman},
    {"lxc.payload.", "", "", Form::kName, Runtime::kLxc},
    // Until LXC 4.0.
    {"", "", "lxc.payload", Form::kName, Runtime::kLxc},
    {"", "", "lxc", Form::kName, Runtime::kLxc},
    {"machine-", ".scope", "machine.slice", Form::kMachine, Runtime::kNspawn},
    {"systemd-nspawn@", ".service", "", Form::kMachine, Runtime::kNspawn},
    // What they call it if nobody says otherwise.
    {"runc-", ".scope", "", Form::kName, Runtime::kRunc},
    {"crun-", ".scope", "", Form::kName, Runtime::kCrun},
    // Of a pod (/kubepods/burstable/podUID/ID), of a task (/ecs/TASK/ID), of --cgroup-parent.
    {"", "", "", Form::kHex, Runtime::kUnknown},
};

constexpr std::string_view kUnitSuffixes[] = {".service", ".scope", ".socket", ".mount", ".swap"};

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool fits(std::string_view id, Form form) {
  switch (form) {
    case Form::kHex:
      return id.size() == 64 && std::ranges::all_of(id, is_hex);
    case Form::kBuildId:
      return id.size() == 25 && std::ranges::all_of(id, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
             });
    case Form::kName:
    case Form::kMachine:
      return !id.empty();
    case Form::kHelper:
      return true;
  }
  return false;
}

struct Match {
  const Pattern* pattern;
  std::string_view id;
};

// `before` is the path up to the component, without the slash between them.
std::optional<Match> match(std::string_view component, std::string_view before) {
  for (const Pattern& pattern : kPatterns) {
    std::string_view id = component;
    if (!id.starts_with(pattern.prefix)) continue;
    id.remove_prefix(pattern.prefix.size());
    if (!id.ends_with(pattern.suffix)) continue;
    id.remove_suffix(pattern.suffix.size());
    if (!pattern.parent.empty()) {
      if (!before.ends_with(pattern.parent)) continue;
      const std::size_t rest = before.size() - pattern.parent.size();
      if (rest != 0 && before[rest - 1] != '/') continue;
    }
    if (fits(id, pattern.form)) return Match{&pattern, id};
  }
  return std::nullopt;
}

// "pod..." of cgroupfs, "kubepods-burstable-pod....slice" of systemd, where a dash would be the
// next slice and is written as _. Uids of static pods are hashes without dashes.
std::string pod_uid_of(std::string_view component) {
  constexpr std::string_view kSlice = ".slice";
  if (component.ends_with(kSlice)) {
    component.remove_suffix(kSlice.size());
    const std::size_t dash = component.rfind("-pod");
    if (dash == std::string_view::npos) return {};
    component.remove_prefix(dash + 1);
  }
  if (!component.starts_with("pod")) return {};
  component.remove_prefix(3);
  if (component.size() == 32 && std::ranges::all_of(component, is_hex)) {
    return std::string(component);
  }
  if (component.size() != 36) return {};
  std::string uid(component);
  for (std::size_t i = 0; i < uid.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? uid[i] != '-' && uid[i] != '_' : !is_hex(uid[i])) return {};
    if (dash) uid[i] = '-';
  }
  return uid;
}

std::uint32_t delegated_to(std::string_view component) {
  constexpr std::string_view kPrefix = "user@";
  constexpr std::string_view kSuffix = ".service";
  if (!component.starts_with(kPrefix) || !component.ends_with(kSuffix)) return 0;
  if (component.size() <= kPrefix.size() + kSuffix.size()) return 0;
  component.remove_prefix(kPrefix.size());
  component.remove_suffix(kSuffix.size());
  std::uint32_t uid = 0;
  const char* end = component.data() + component.size();
  const auto [at, error] = std::from_chars(component.data(), end, uid);
  return error == std::errc() && at == end ? uid : 0;
}

// containerd with the cgroupfs driver of a kubelet that has systemd's: the directory is called
// as the argument was, slice:cri-containerd:ID.
struct ThreeParts {
  std::string_view slice;
  std::string_view prefix;
  std::string_view name;
};
std::optional<ThreeParts> three_parts(std::string_view text) {
  const std::size_t first = text.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return ThreeParts{text.substr(0, first), text.substr(first + 1, second - first - 1),
                    text.substr(second + 1)};
}

}  // namespace

std::string unescape_unit(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    unsigned byte = 0;
    const char* digits = name.data() + 2;
    if (name.size() >= 4 && name.starts_with("\\x") &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2 && byte != 0) {
      out += static_cast<char>(byte);
      name.remove_prefix(4);
    } else {
      out += name.front();
      name.remove_prefix(1);
    }
  }
  return out;
}

std::string cgroup_of_claim(std::string_view claim) {
  if (claim.empty() || claim.size() > PATH_MAX || claim.find('\0') != std::string_view::npos) {
    return {};
  }
  std::string path;
  if (const auto parts = claim.front() == '/' ? std::nullopt : three_parts(claim)) {
    if (parts->name.empty() || claim.find('/') != std::string_view::npos) return {};
    // systemd.slice(5): a dash in its name is a slice above it.
    const std::string_view slice = parts->slice.empty() ? "system.slice" : parts->slice;
    if (!slice.ends_with(".slice")) return {};
    const std::string_view stem = slice.substr(0, slice.size() - std::string_view(".slice").size());
    for (std::size_t dash = stem.find('-'); stem != "-"; dash = stem.find('-', dash + 1)) {
      const std::string_view above = stem.substr(0, dash);
      if (above.empty() || above.back() == '-') return {};
      path += fmt::format("/{}.slice", above);
      if (dash == std::string_view::npos) break;
    }
    if (parts->name.ends_with(".slice")) return path.append("/").append(parts->name);
    if (parts->prefix.empty()) return fmt::format("{}/{}.scope", path, parts->name);
    return fmt::format("{}/{}-{}.scope", path, parts->prefix, parts->name);
  }
  const bool absolute = claim.front() == '/';
  while (!claim.empty()) {
    const std::size_t end = std::min(claim.find('/'), claim.size());
    const std::string_view component = claim.substr(0, end);
    claim.remove_prefix(std::min(end + 1, claim.size()));
    if (component.empty() || component == ".") continue;
    if (component == "..") return {};
    if (absolute || !path.empty()) path += '/';
    path += component;
  }
  return path;
}

CgroupIdentity identify_cgroup(std::string_view path) {
  CgroupIdentity identity;
  if (path.size() > PATH_MAX) return identity;
  std::string synthetic;
  bool machine = false;  // the innermost container has a supervisor beside its payload
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t begin = path.find_first_not_of('/', at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(path.find('/', begin), path.size());
    at = end;
    std::string_view component = path.substr(begin, end - begin);
    const std::string_view before = path.substr(0, begin == 0 ? 0 : begin - 1);
    const std::string_view whole = path.substr(0, end);
    if (component.size() > kComponentMax) continue;

    if (machine && component == "supervisor" && before == identity.container_path) {
      identity.container_id.clear();
      identity.container_path.clear();
      identity.runtime = Runtime::kUnknown;
    }
    // cg_escape() of systemd: a name that the kernel could take for a file of its own.
    std::string_view unit = component;
    if (unit.starts_with('_')) unit.remove_prefix(1);
    if (std::ranges::any_of(kUnitSuffixes, [unit](std::string_view suffix) {
          return unit.size() > suffix.size() && unit.ends_with(suffix);
        })) {
      identity.unit = unit;
    }
    // Inside of a container these are its own users.
    if (identity.rootless_uid == 0 && identity.container_id.empty()) {
      identity.rootless_uid = delegated_to(component);
      if (identity.rootless_uid != 0) identity.rootless_base = whole;
    }
    std::string_view pod = component;
    if (const auto parts = three_parts(component)) {
      pod = parts->slice;
      synthetic = fmt::format("{}-{}.scope", parts->prefix, parts->name);
      component = synthetic;
    }
    if (std::string uid = pod_uid_of(pod); !uid.empty()) identity.pod_uid = std::move(uid);

    const auto matched = match(component, before);
    if (!matched || matched->pattern->form == Form::kHelper) continue;
    machine = matched->pattern->form == Form::kMachine;
    identity.container_id = machine ? unescape_unit(matched->id) : std::string(matched->id);
    identity.container_path = whole;
    identity.runtime = matched->pattern->runtime;
  }
  return identity;
}

}  // namespace outrider
