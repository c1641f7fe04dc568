// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "support/temporary_directory.h"

namespace outrider::test {

// A directory that stands for a machine's root, with the files that a test puts there.
class HostDirectory {
 public:
  [[nodiscard]] const std::string& path() const { return directory_.path(); }
  // Where `path` of that machine is.
  [[nodiscard]] std::string at(std::string_view path) const {
    return directory_.path() + std::string(path);
  }
  void write(std::string_view path, std::string_view text) const {
    const std::filesystem::path file = at(path);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    ASSERT_TRUE(std::filesystem::exists(file)) << file;
  }
  void remove(std::string_view path) const { std::filesystem::remove_all(at(path)); }
  // Only root can.
  [[nodiscard]] bool give_to(std::string_view path, uid_t user) const {
    return ::chown(at(path).c_str(), user, user) == 0;
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace outrider::test
