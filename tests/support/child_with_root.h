// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

namespace outrider::test {

// A child process that has a directory as its root, and waits until it is killed.
class ChildWithRoot {
 public:
  struct Options {
    // Whether it is in a user namespace of its own in any case, where our user has this id; -1:
    // only if without privilege it could have no root of its own, and then nobody has an id.
    int inside_uid = -1;
    // In the child, before it changes its root; false if that failed.
    std::function<bool()> prepare = nullptr;
  };

  explicit ChildWithRoot(const std::string& root) : ChildWithRoot(root, Options{}) {}
  ChildWithRoot(const std::string& root, const Options& options);
  ~ChildWithRoot() { end(); }
  ChildWithRoot(const ChildWithRoot&) = delete;
  ChildWithRoot& operator=(const ChildWithRoot&) = delete;

  void end();
  [[nodiscard]] std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  // Also whether its root may be looked at from here.
  [[nodiscard]] bool ready() const;

 private:
  pid_t pid_ = -1;
  bool changed_ = false;
};

}  // namespace outrider::test
