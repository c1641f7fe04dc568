// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <span>
#include <string>

#include "base/result.h"

namespace outrider {

struct ArchiveFile {
  std::string name;  // a relative path of at most 100 bytes
  std::string text;
};

// The bytes of a .tar.gz of these files in their order, of root and with this time: ustar, as
// pax(1) of POSIX.1-2017 has it, in gzip(1)'s format, RFC 1952. The same files and time give the
// same bytes. Fails if a name is too long.
Result<std::string> make_archive(std::span<const ArchiveFile> files, std::time_t time);

}  // namespace outrider
