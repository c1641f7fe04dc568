// SPDX-License-Identifier: Apache-2.0
//
// `outrider snapshot` of what there is besides processes and containers.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "support/program.h"

namespace outrider::test {
namespace {

using Snapshots = ProgramTest;

// What it shows of this process.
std::vector<nlohmann::json> rows_of(const std::string& kind, const std::string& condition) {
  const Finished finished = run_program({"snapshot", kind, "-o", "json", "--where", condition});
  EXPECT_EQ(finished.ending.code, 0) << finished.errors;
  return parse_lines(finished.output);
}

std::string own(const std::string& more) {
  return fmt::format("proc.pid = {} and {}", ::getpid(), more);
}

// A process that has done something and stays until somebody has looked.
class Waiting {
 public:
  // `work` must not use gtest's assertions; without success it returns what is not 0.
  explicit Waiting(const std::function<int()>& work) {
    int ends[2];
    int said[2];
    if (::pipe2(ends, O_CLOEXEC) != 0 || ::pipe2(said, O_CLOEXEC) != 0) return;
    FileDescriptor reader(ends[0]);
    writer_ = FileDescriptor(ends[1]);
    const FileDescriptor ready(said[0]);
    FileDescriptor say(said[1]);
    pid_ = ::fork();
    char byte = 0;
    if (pid_ == 0) {
      writer_.reset();
      const int result = work();
      say.reset();
      ::_exit(::read(reader.get(), &byte, 1) == 0 ? result : 127);
    }
    say.reset();
    // The end of the pipe says that it has been done.
    [[maybe_unused]] const ssize_t end = ::read(ready.get(), &byte, 1);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  // Lets it end; what `work` has returned.
  int end() {
    int status = 0;
    writer_.reset();
    ::waitpid(pid_, &status, 0);
    return WEXITSTATUS(status);
  }

 private:
  FileDescriptor writer_;
  pid_t pid_ = -1;
};

TEST_F(Snapshots, OpenFiles) {
  const std::string path = directory_ / "a file";
  const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  ASSERT_EQ(::write(file.get(), "12345", 5), 5);
  const auto rows = rows_of("file", own(fmt::format("fd.num = {}", file.get())));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["fd.name"], path);
  EXPECT_EQ(rows[0]["fd.type"], "file");
  EXPECT_EQ(rows[0]["fd.offset"], 5);
  EXPECT_NE(rows[0].value("fd.flags", "").find("O_RDWR"), std::string::npos);
  EXPECT_NE(rows[0].value("fd.flags", "").find("O_APPEND"), std::string::npos);
  EXPECT_EQ(rows[0]["container.name"], "host");
}

TEST_F(Snapshots, SocketsAndWhoHasThem) {
  const FileDescriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(listener.get(), 5), 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length);
  const int port = ntohs(address.sin_port);
  const FileDescriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
  const FileDescriptor server(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  ASSERT_EQ(::write(client.get(), "abc", 3), 3);
  const FileDescriptor local(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string path = directory_ / "a socket";
  path.copy(name.sun_path, sizeof(name.sun_path) - 1);
  ASSERT_EQ(::bind(local.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  ASSERT_EQ(::listen(local.get(), 1), 0);

  struct Case {
    int number;
    nlohmann::json wanted;
  };
  const Case kCases[] = {
      {listener.get(),
       {{"fd.type", "ipv4"},
        {"fd.l4proto", "tcp"},
        {"socket.state", "LISTEN"},
        {"fd.lport", port}}},
      {client.get(),
       {{"socket.state", "ESTABLISHED"}, {"fd.rip", "127.0.0.1"}, {"fd.rport", port}}},
      {server.get(), {{"fd.lport", port}, {"socket.rx_queue", 3}}},
      {local.get(),
       {{"fd.type", "unix"},
        {"fd.l4proto", "seqpacket"},
        {"socket.state", "LISTEN"},
        {"fd.name", path}}},
  };
  for (const Case& c : kCases) {
    const auto rows = rows_of("socket", own(fmt::format("fd.num = {}", c.number)));
    ASSERT_EQ(rows.size(), 1U);
    for (const auto& [field, value] : c.wanted.items()) {
      EXPECT_EQ(rows[0][field], value) << field << ": " << rows[0].dump();
    }
  }
}

// The kernel writes the path of a Unix socket as it is, line breaks too (net/unix/af_unix.c).
TEST_F(Snapshots, APathIsNotBelievedToBeAnotherSocket) {
  const FileDescriptor victim(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  struct stat status{};
  ASSERT_EQ(::fstat(victim.get(), &status), 0);
  const FileDescriptor liar(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string path = fmt::format(
      "x\n0000000000000000: 00000002 00000000 00010000 0001 01 {} /run/liar.sock", status.st_ino);
  ASSERT_LT(path.size() + 1, sizeof(name.sun_path));
  path.copy(name.sun_path + 1, path.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + path.size());
  ASSERT_EQ(::bind(liar.get(), reinterpret_cast<sockaddr*>(&name), size), 0);
  const auto rows = rows_of("socket", own(fmt::format("fd.num = {}", victim.get())));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_FALSE(rows[0].contains("fd.name")) << rows[0].dump();
  EXPECT_FALSE(rows[0].contains("socket.state")) << rows[0].dump();
  EXPECT_EQ(rows[0]["socket.ino"], status.st_ino);
}

// Each network namespace has lists of its own.
TEST_F(Snapshots, ASocketOfAnotherNetwork) {
  Waiting child([] {
    if (::unshare(CLONE_NEWNET) != 0) return 1;
    const int socket = ::socket(AF_INET6, SOCK_DGRAM, 0);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(4711);
    return ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 ? 0 : 2;
  });
  const auto rows = rows_of("socket", fmt::format("proc.pid = {} and fd.type = ipv6", child.pid()));
  if (child.end() != 0) GTEST_SKIP() << "no network namespaces here";
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["fd.type"], "ipv6");
  EXPECT_EQ(rows[0]["fd.l4proto"], "udp");
  EXPECT_EQ(rows[0]["fd.name"], ":::4711");
}

TEST_F(Snapshots, MountsOfAnotherNamespace) {
  const std::string point = directory_ / "here it is";
  ASSERT_EQ(::mkdir(point.c_str(), 0700), 0);
  Waiting child([&] {
    if (::unshare(CLONE_NEWNS) != 0) return 1;
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 2;
    return ::mount("some source", point.c_str(), "tmpfs", MS_NOSUID, "size=4k") == 0 ? 0 : 3;
  });
  const auto rows = rows_of("mount", fmt::format("mount.point = '{}'", point));
  if (const int result = child.end(); result != 0) GTEST_SKIP() << "no mounts here: " << result;
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["mount.type"], "tmpfs");
  EXPECT_EQ(rows[0]["mount.source"], "some source");
  EXPECT_NE(rows[0].value("mount.options", "").find("nosuid"), std::string::npos);
  EXPECT_EQ(rows[0]["proc.pid"], child.pid());
}

TEST_F(Snapshots, ProgramsOfATrace) {
  Trace trace({"exec"});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  const auto rows = rows_of("bpf", "bpf.name startswith process__e");
  trace.interrupt();
  bool found = false;
  for (const auto& row : rows) {
    const std::string pid = std::to_string(trace.pid());
    const auto& pids = row["bpf.pids"];
    if (std::find(pids.begin(), pids.end(), pid) == pids.end()) continue;
    if (row["bpf.attached"] == "sched_process_exec") found = true;
    EXPECT_EQ(row["bpf.type"], "tracing");
  }
  EXPECT_TRUE(found) << nlohmann::json(rows).dump();
}

TEST_F(Snapshots, EachKindAsColumns) {
  for (const char* kind : {"process", "container", "file", "socket", "mount", "module", "bpf"}) {
    const Finished finished = run_program({"snapshot", kind});
    EXPECT_EQ(finished.ending.code, 0) << kind << finished.errors;
    EXPECT_NE(finished.output.find('\n'), std::string::npos) << kind;
    EXPECT_EQ(finished.errors, "") << kind;
  }
  const Finished wrong = run_program({"snapshot", "sockets"});
  EXPECT_EQ(wrong.ending.code, 2);
}

}  // namespace
}  // namespace outrider::test
