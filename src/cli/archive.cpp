// SPDX-License-Identifier: Apache-2.0
#include "cli/archive.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <numeric>
#include <string_view>

namespace outrider {

namespace {

constexpr std::size_t kBlock = 512;  // bytes

// "ustar Interchange Format" of pax(1), POSIX.1-2017. Numbers are octal, with a NUL behind them.
struct Header {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char time[12];
  char checksum[8];
  char type;
  char link[100];
  char magic[6];
  char version[2];
  char user[32];
  char group[32];
  char device[16];
  char prefix[155];
  char padding[12];
};
static_assert(sizeof(Header) == kBlock);

template <std::size_t size>
void put(char (&field)[size], std::string_view text) {
  std::copy_n(text.data(), std::min(size, text.size()), field);
}

template <std::size_t size>
void put_number(char (&field)[size], std::uint64_t number) {
  put(field, fmt::format("{:0{}o}", number, size - 1));
}

void append_file(std::string& tar, const ArchiveFile& file, std::time_t time) {
  Header header{};
  put(header.name, file.name);
  put_number(header.mode, 0644);
  put_number(header.uid, 0);
  put_number(header.gid, 0);
  put_number(header.size, file.text.size());
  put_number(header.time, static_cast<std::uint64_t>(time));
  header.type = '0';
  put(header.magic, "ustar");
  put(header.version, "00");
  put(header.user, "root");
  put(header.group, "root");
  // The sum of all bytes, with blanks for itself.
  std::ranges::fill(header.checksum, ' ');
  char bytes[kBlock];
  std::memcpy(bytes, &header, kBlock);
  const auto sum = std::accumulate(
      std::begin(bytes), std::end(bytes), std::uint64_t{0},
      [](std::uint64_t all, char byte) { return all + static_cast<unsigned char>(byte); });
  header.checksum[6] = '\0';
  std::memcpy(header.checksum, fmt::format("{:06o}", sum).data(), 6);
  std::memcpy(bytes, &header, kBlock);
  tar.append(bytes, kBlock);
  tar += file.text;
  tar.append((kBlock - file.text.size() % kBlock) % kBlock, '\0');
}

Result<std::string> compressed(const std::string& text) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;  // the largest window, and gzip's header: zlib.h
  if (::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return fail("zlib has no memory");
  }
  std::string out(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (result != Z_STREAM_END) return fail("zlib could not compress it");
  return out;
}

}  // namespace

Result<std::string> make_archive(std::span<const ArchiveFile> files, std::time_t time) {
  std::string tar;
  for (const ArchiveFile& file : files) {
    if (file.name.size() > sizeof(Header::name)) {
      return fail(fmt::format("{}: too long a name for an archive", file.name));
    }
    append_file(tar, file, time);
  }
  tar.append(2 * kBlock, '\0');
  return compressed(tar);
}

}  // namespace outrider
