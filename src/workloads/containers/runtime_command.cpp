// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/runtime_command.h"

#include <algorithm>

#include "base/arena.h"
#include "base/path.h"

namespace outrider {

namespace {

struct Program {
  std::string_view name;
  Runtime runtime;
};
constexpr Program kPrograms[] = {
    {"runc", Runtime::kRunc},
    {"docker-runc", Runtime::kRunc},
    {"docker-runc-current", Runtime::kRunc},
    {"crun", Runtime::kCrun},
    {"krun", Runtime::kCrun},
    {"crun-wasm", Runtime::kCrun},
};

// Those that make a cgroup; exec, start and the like find it there.
constexpr std::string_view kCommands[] = {"create", "run", "restore"};

// Options that take a value, before and after the command, of runc(8) and crun(1). All others
// are flags. One of neither that takes a value as well makes us take that for the command, or
// the id: nothing comes of that, since no cgroup will agree.
constexpr std::string_view kWithValue[] = {
    "root",
    "log",
    "log-format",
    "log-level",
    "criu",
    "rootless",
    "cgroup-manager",
    "bundle",
    "b",
    "pid-file",
    "console-socket",
    "pidfd-socket",
    "preserve-fds",
    "config",
    "f",
    "image-path",
    "work-path",
    "empty-ns",
    "status-fd",
    "lsm-profile",
    "lsm-mount-context",
    "manage-cgroups-mode",
};

// Takes the next argument off the list.
std::string_view take(std::string_view& arguments) {
  const std::size_t end = std::min(arguments.find('\0'), arguments.size());
  const std::string_view argument = arguments.substr(0, end);
  arguments.remove_prefix(std::min(end + 1, arguments.size()));
  return argument;
}

std::string absolute(std::string_view path, std::string_view cwd) {
  if (!path.starts_with('/') && cwd.empty()) return {};
  Arena arena;
  return std::string(join_lexically(cwd, path, arena));
}

}  // namespace

bool is_container_id(std::string_view id) {
  // NAME_MAX: runtimes make a directory of that name.
  return !id.empty() && id.size() <= 255 && id != "." && id != ".." &&
         std::ranges::none_of(id, [](char c) {
           return c == '/' || static_cast<unsigned char>(c) < ' ' || c == 127;
         });
}

std::optional<RuntimeCommand> parse_runtime_command(std::string_view program,
                                                    std::string_view arguments,
                                                    std::string_view cwd) {
  const std::size_t slash = program.rfind('/');
  if (slash != std::string_view::npos) program.remove_prefix(slash + 1);
  const auto* known = std::ranges::find(kPrograms, program, &Program::name);
  if (known == std::ranges::end(kPrograms)) return std::nullopt;

  RuntimeCommand command{.runtime = known->runtime, .id = {}, .bundle = {}, .root = {}};
  std::string_view bundle = ".";
  bool commanded = false;
  bool options = true;
  take(arguments);
  while (!arguments.empty()) {
    std::string_view argument = take(arguments);
    if (options && argument == "--") {
      options = false;
      continue;
    }
    if (options && argument.size() > 1 && argument.front() == '-') {
      argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
      const std::size_t equals = argument.find('=');
      const std::string_view name = argument.substr(0, equals);
      if (std::ranges::find(kWithValue, name) == std::ranges::end(kWithValue)) continue;
      const std::string_view value =
          equals == std::string_view::npos ? take(arguments) : argument.substr(equals + 1);
      if (name == "bundle" || name == "b") bundle = value;
      if (name == "root") command.root = absolute(value, cwd);
      continue;
    }
    if (!commanded) {
      if (std::ranges::find(kCommands, argument) == std::ranges::end(kCommands)) {
        return std::nullopt;
      }
      commanded = true;
      continue;
    }
    // crun takes options behind it, too.
    if (!command.id.empty()) continue;
    if (!is_container_id(argument)) return std::nullopt;
    command.id = argument;
  }
  if (command.id.empty()) return std::nullopt;
  command.bundle = absolute(bundle, cwd);
  return command;
}

}  // namespace outrider
