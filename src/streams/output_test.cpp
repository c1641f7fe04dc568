// SPDX-License-Identifier: Apache-2.0
#include "streams/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <string_view>
#include <thread>

#include "base/file_descriptor.h"

namespace outrider {
namespace {

struct Pipe {
  explicit Pipe(int flags = 0) {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | flags), 0);
    read = FileDescriptor(ends[0]);
    write = FileDescriptor(ends[1]);
  }
  FileDescriptor read;
  FileDescriptor write;
};

// All that comes until nobody has the other end any more.
std::string read_all(int descriptor) {
  std::string all;
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t count = ::read(descriptor, piece.data(), piece.size());
    if (count < 0 && errno == EAGAIN) {
      pollfd waiting{descriptor, POLLIN, 0};
      ::poll(&waiting, 1, -1);
      continue;
    }
    if (count <= 0) return all;
    all.append(piece.data(), static_cast<std::size_t>(count));
  }
}

std::string numbered_lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "line " + std::to_string(i) + '\n';
  return lines;
}

// Ignores a signal for as long as it lives, as the program does with SIGPIPE.
class Ignored {
 public:
  explicit Ignored(int signal) : signal_(signal), before_(std::signal(signal, SIG_IGN)) {}
  ~Ignored() { std::signal(signal_, before_); }
  Ignored(const Ignored&) = delete;
  Ignored& operator=(const Ignored&) = delete;

 private:
  int signal_;
  void (*before_)(int);
};

TEST(Output, WritesNothingBeforeItIsFlushed) {
  Pipe pipe;
  {
    FileOutput output(pipe.write.get());
    output.buffer() += "never flushed\n";
  }
  FileOutput output(pipe.write.get());
  EXPECT_TRUE(output.flush());  // nothing
  output.buffer() += "one\n";
  output.buffer() += "two\n";
  EXPECT_TRUE(output.flush());
  EXPECT_EQ(output.buffer(), "");
  output.buffer() += "three\n";
  EXPECT_TRUE(output.flush());
  EXPECT_EQ(output.error(), 0);
  EXPECT_EQ(output.unwritten_lines(), 0u);
  pipe.write = FileDescriptor();
  EXPECT_EQ(read_all(pipe.read.get()), "one\ntwo\nthree\n");
}

TEST(Output, AFullDeviceEndsIt) {
  const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (!full.valid()) GTEST_SKIP() << "no /dev/full here";
  FileOutput output(full.get());
  output.buffer() += "one\ntwo\n";
  EXPECT_FALSE(output.flush());
  EXPECT_EQ(output.error(), ENOSPC);
  EXPECT_EQ(output.unwritten_lines(), 2u);
  EXPECT_EQ(output.buffer(), "");
  // There is no way back: what comes later is not written and is counted.
  output.buffer() += "three\n";
  EXPECT_FALSE(output.flush());
  EXPECT_EQ(output.unwritten_lines(), 1u);
  EXPECT_EQ(output.error(), ENOSPC);
}

TEST(Output, AReaderThatHasGoneEndsIt) {
  const Ignored ignored(SIGPIPE);
  Pipe pipe;
  pipe.read = FileDescriptor();
  FileOutput output(pipe.write.get());
  output.buffer() += "one\n";
  EXPECT_FALSE(output.flush());
  EXPECT_EQ(output.error(), EPIPE);
  EXPECT_EQ(output.unwritten_lines(), 1u);
}

// A limit on the size of files makes the kernel write a part of what it is given.
TEST(Output, LinesThatWentOutWholeAreNotCounted) {
  struct Case {
    rlim_t limit;
    std::size_t unwritten;
  };
  constexpr std::string_view kLines = "12345\n678901\nabc\n";
  constexpr Case kCases[] = {{0, 3}, {5, 3}, {6, 2}, {7, 2}, {12, 2}, {13, 1}, {16, 1}, {17, 0}};
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.limit);
    const FileDescriptor file(::memfd_create("output_test", MFD_CLOEXEC));
    ASSERT_TRUE(file.valid());
    FileOutput output(file.get());
    output.buffer() += kLines;
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    bool flushed = false;
    {
      const Ignored ignored(SIGXFSZ);
      const rlimit limit{c.limit, before.rlim_max};
      ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
      // No assertion may write before the limit is gone.
      flushed = output.flush();
      ::setrlimit(RLIMIT_FSIZE, &before);
    }
    EXPECT_EQ(flushed, c.unwritten == 0);
    EXPECT_EQ(output.error(), c.unwritten == 0 ? 0 : EFBIG);
    EXPECT_EQ(output.unwritten_lines(), c.unwritten);
    std::string written(kLines.size() + 1, '\0');
    const ssize_t count = ::pread(file.get(), written.data(), written.size(), 0);
    ASSERT_GE(count, 0);
    EXPECT_EQ(written.substr(0, static_cast<std::size_t>(count)), kLines.substr(0, c.limit));
  }
}

// Much more than a pipe holds, so that it goes out in pieces; and without blocking, which others
// that share the descriptor may have switched on.
TEST(Output, WaitsForASlowReader) {
  const std::string lines = numbered_lines(100'000);
  for (const int flags : {0, O_NONBLOCK}) {
    SCOPED_TRACE(flags);
    Pipe pipe(flags);
    std::string received;
    std::thread reader([&] { received = read_all(pipe.read.get()); });
    FileOutput output(pipe.write.get());
    output.buffer() += lines;
    EXPECT_TRUE(output.flush());
    EXPECT_EQ(output.unwritten_lines(), 0u);
    pipe.write = FileDescriptor();
    reader.join();
    EXPECT_TRUE(received == lines);
  }
}

// What the reader leaves in the pipe is gone, but we cannot know that: it counts as written.
TEST(Output, AReaderThatGoesInTheMiddleGetsWhatItRead) {
  const Ignored ignored(SIGPIPE);
  constexpr int kLines = 100'000;
  const std::string lines = numbered_lines(kLines);
  Pipe pipe;
  const auto capacity = static_cast<std::size_t>(::fcntl(pipe.write.get(), F_GETPIPE_SZ));
  std::string received(1000, '\0');
  std::thread reader([&] {
    const ssize_t count = ::read(pipe.read.get(), received.data(), received.size());
    received.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    pipe.read = FileDescriptor();
  });
  FileOutput output(pipe.write.get());
  output.buffer() += lines;
  EXPECT_FALSE(output.flush());
  reader.join();
  EXPECT_EQ(output.error(), EPIPE);
  EXPECT_TRUE(lines.starts_with(received));
  const auto lines_in = [&](std::size_t bytes) {
    return static_cast<std::size_t>(
        std::count(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(bytes), '\n'));
  };
  EXPECT_LE(output.unwritten_lines(), kLines - lines_in(received.size()));
  EXPECT_GE(output.unwritten_lines(), kLines - lines_in(received.size() + capacity));
}

}  // namespace
}  // namespace outrider
