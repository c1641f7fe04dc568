// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/containers/container.h"

namespace outrider {

// What a runtime was told to do, from the arguments of its process: `runc create --bundle B ID`.
// A claim of that process, until a cgroup agrees.
struct RuntimeCommand {
  Runtime runtime = Runtime::kUnknown;
  std::string id;
  std::string bundle;  // absolute
  std::string root;    // --root, where it keeps its state; may be empty
};

// nullopt if this is no command of an OCI runtime that starts a container. `program` is the
// path or name that was run, `arguments` have a NUL after each, the first is the program's own
// name; `cwd` is absolute, or empty if it is not known.
std::optional<RuntimeCommand> parse_runtime_command(std::string_view program,
                                                    std::string_view arguments,
                                                    std::string_view cwd);

struct ContainerQuestion {
  std::uint64_t cgroup_id = 0;
  std::string cgroup_path;  // from the root of its hierarchy
  // Of the process that made the cgroup, if that was a runtime.
  std::optional<RuntimeCommand> command;
};

struct ContainerAnswer {
  std::uint64_t cgroup_id = 0;
  // nullopt: no container after all that could be found.
  std::optional<Container> container;
  // Nothing more will come of this question.
  bool last = false;
};

// Finds out what a container is called, in threads of its own: files may hang, sockets more so.
// Answers come in the order in which sources know; each has all that is known by then.
class ContainerReader {
 public:
  struct Options {
    // Beneath which everything is looked for: "" for the machine, a directory in tests.
    std::string root;
    // For one answer of a socket.
    std::chrono::milliseconds patience{2000};
    // Ask CRI, Docker and Podman over their sockets.
    bool sockets = true;
  };

  explicit ContainerReader(Options options);
  // Does not wait for what hangs.
  ~ContainerReader();
  ContainerReader(const ContainerReader&) = delete;
  ContainerReader& operator=(const ContainerReader&) = delete;

  // Reads this bundle now, for a cgroup that is about to come.
  void expect(RuntimeCommand command);
  void ask(ContainerQuestion question);

  // Readable when there are answers.
  [[nodiscard]] int descriptor() const;
  std::vector<ContainerAnswer> take();

  // What came of each source, for `status`: "cri: /run/containerd/containerd.sock: 12 answers".
  [[nodiscard]] std::vector<std::string> sources() const;

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace outrider
