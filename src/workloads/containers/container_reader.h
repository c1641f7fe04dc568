// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workloads/containers/container.h"
#include "workloads/containers/container_source.h"
#include "workloads/containers/runtime_command.h"

namespace outrider {

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
// Answers come in the order in which sources know; each has all that is known by then. The first
// comes when files have said something (less than a millisecond when they are there), and then
// what a source adds. What is not there yet is tried again for 200 ms, if a path or a command
// says that there is a container. Each question has one last answer, whatever hangs.
//
// One thread at a time may use it.
class ContainerReader {
 public:
  struct Options {
    // Beneath which everything is looked for: "" for the machine, a directory in tests.
    std::string root;
    // For one answer of a socket, or of a file.
    std::chrono::milliseconds patience{2000};
    // Ask CRI, Docker and Podman over their sockets.
    bool sockets = true;
    // As many questions may be open; of others only what the path says is answered, at once. A
    // user may make cgroups faster than anyone can look for their files.
    std::size_t questions_max = 16'384;
  };

  explicit ContainerReader(Options options);
  // Does not wait for what hangs.
  ~ContainerReader();
  ContainerReader(const ContainerReader&) = delete;
  ContainerReader& operator=(const ContainerReader&) = delete;

  // Asked after files, in this order, for containers of these runtimes and of unknown ones; of all
  // if none is named. `name` is for `status`. Before the first question.
  void add_source(std::string name, std::shared_ptr<ContainerSource> source,
                  std::vector<Runtime> runtimes = {});

  // The same, a source for each user whose containers there are (rootless): asked only about those
  // in the cgroups that were handed to that user.
  using MakeSource = std::function<std::shared_ptr<ContainerSource>(std::uint32_t user)>;
  void add_user_source(std::string name, MakeSource make, std::vector<Runtime> runtimes = {});

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
