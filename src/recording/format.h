// SPDX-License-Identifier: Apache-2.0
//
// What a recording is made of; docs/ARCHITECTURE.md, "Recordings", says why.
//
// A file is a head and then frames. Each frame is two of Zstandard's own: a skippable one with both
// lengths of what follows, and a compressed one with its checksum; so zstd(1) can test and unpack
// a recording. What a frame unpacks to is chunks: a head, a payload, and zeros up to a multiple of
// 8 bytes. No chunk goes on in the next frame. What an event refers to stands before it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "events/wire.h"

namespace outrider {

// Raised when an older program would misread what is in a file.
inline constexpr std::uint32_t kRecordingVersion = 1;
// Raised when records in events/wire.h or a sensor's x_wire.h mean something else though their
// sizes have stayed the same: what was recorded before is refused then. Sizes are compared anyway.
inline constexpr std::uint32_t kRecordLayout = 1;

// Zstandard's skippable frames: a number of sixteen, and the size of what follows.
inline constexpr std::uint32_t kSkippableFile = 0x184D2A5E;
inline constexpr std::uint32_t kSkippableFrame = 0x184D2A50;

struct FileHead {
  std::uint32_t magic = kSkippableFile;
  std::uint32_t size = 24;  // of the rest
  char name[16] = {'o', 'u', 't', 'r', 'i', 'd', 'e', 'r', ' ', 'e', 'v', 'e', 'n', 't', 's', '\n'};
  std::uint32_t version = kRecordingVersion;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(FileHead) == 32);

struct FrameHead {
  std::uint32_t magic = kSkippableFrame;
  std::uint32_t size = 8;    // of the rest
  std::uint32_t packed = 0;  // bytes of the compressed frame behind it
  std::uint32_t plain = 0;   // bytes of what it unpacks to
};
static_assert(sizeof(FrameHead) == 16);

// A frame is ended at the next chunk once it has so many bytes, and never has more than the limit:
// no event has more than what is between them, with all that is said before it.
inline constexpr std::size_t kFrameFull = 256 * 1024;
inline constexpr std::size_t kFrameMax = 16 * 1024 * 1024;
// Of a cgroup: of a container that claims more than this, labels and mounts are left out.
inline constexpr std::size_t kCgroupMax = 8 * 1024 * 1024;

// Of cgroups and of names of users so many are remembered by who writes and by who reads: with one
// more all are forgotten, and written again when they are needed.
inline constexpr std::size_t kRemembered = 20'000;

enum class ChunkType : std::uint16_t {
  kHeader = 1,       // RecordingHeader; the first, and only once
  kForgetAll = 2,    // all processes
  kProcess = 3,      // what is known of one from now on
  kProcessGone = 4,  // it is known no more
  kCgroup = 5,       // what a cgroup is from now on
  kUser = 6,         // what the user and the group of a process are called from now on
  kLogin = 7,        // what a user of the host is called from now on
  kPath = 8,         // of the next event: what a path leads to
  kArguments = 9,    // of the next event, an exec: its arguments, a NUL after each
  kEvent = 10,       // the record
  kClock = 11,       // wall clock minus boot clock from now on
  kAccount = 12,     // of all events until now
  kEnd = 13,         // nothing was lost behind it; the last
};

enum ChunkFlags : std::uint16_t {
  kChunkLate = 1 << 0,  // of an event: it came later than the watermark
  kChunkCut = 1 << 1,   // of arguments: they were more
};

struct ChunkHead {
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t size = 0;  // of the payload, bytes, without the zeros behind it
};
static_assert(sizeof(ChunkHead) == 8);

inline constexpr std::size_t padded(std::size_t size) { return (size + 7) / 8 * 8; }

}  // namespace outrider
