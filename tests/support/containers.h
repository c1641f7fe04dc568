// SPDX-License-Identifier: Apache-2.0
//
// Real containers of the distribution's runtimes, for tests.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/subprocess.h"
#include "support/temporary_directory.h"

namespace outrider::test {

// What is not installed here, of these programs; empty if all are.
std::string missing_program(const std::vector<std::string>& programs);

// Whether controllers are in version 1 with the unified hierarchy beside them.
bool has_hybrid_cgroups();

using Labels = std::vector<std::pair<std::string, std::string>>;

// A root directory with a shell and what else busybox has, and bundles that use it. All gone at the
// end of its life.
class Bundles {
 public:
  // Fails the test if there is no busybox-static.
  Bundles();

  [[nodiscard]] std::string rootfs() const { return directory_ / "rootfs"; }
  [[nodiscard]] std::string path(std::string_view name) const { return directory_ / name; }
  // An OCI bundle that runs these words; returns its directory.
  std::string make(const std::string& name, const std::vector<std::string>& words,
                   const Labels& annotations = {});

 private:
  TemporaryDirectory directory_;
};

// Runs them all, some at a time, each in a mount namespace without the unified hierarchy if
// `version1` (crun refuses hybrid layouts). Returns what the first that failed has said, or "".
std::string run_all(const std::vector<std::vector<std::string>>& commands, std::size_t at_once,
                    bool version1 = false);

// A containerd of its own, until the end of its life.
class Containerd {
 public:
  explicit Containerd(const Bundles& bundles);
  ~Containerd();
  Containerd(const Containerd&) = delete;
  Containerd& operator=(const Containerd&) = delete;

  [[nodiscard]] bool ready() const { return ready_; }
  // The words of `ctr` behind its options.
  [[nodiscard]] std::vector<std::string> ctr(const std::vector<std::string>& words) const;

 private:
  std::string address_;
  Subprocess process_;
  bool ready_ = false;
};

}  // namespace outrider::test
