// SPDX-License-Identifier: Apache-2.0
//
// Requests by io_uring on the real kernel: made in a child through the system calls
// themselves, every field asserted, inline, by a worker and by the kernel's polling thread.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "support/guest.h"
#include "support/recorder.h"

namespace outrider {

namespace {

// Linux 5.17 and later; older headers lack them.
constexpr std::uint8_t kSkipSuccess = 1 << 6;
constexpr std::uint8_t kSocketRequest = 45, kBindRequest = 56, kListenRequest = 57;
constexpr std::uint16_t kAcceptMany = 1 << 0;

std::uint64_t address_of(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

// As much of a ring as the tests need. One thread.
class Ring {
 public:
  explicit Ring(unsigned entries, unsigned flags = 0, unsigned completions = 0) {
    io_uring_params params{};
    params.flags = flags;
    params.cq_entries = completions;
    if (completions != 0) params.flags |= IORING_SETUP_CQSIZE;
    params.sq_thread_idle = 1000;  // ms
    fd_ = static_cast<int>(::syscall(SYS_io_uring_setup, entries, &params));
    if (fd_ < 0) {
      error_ = errno;
      return;
    }
    flags_ = params.flags;
    rings_ =
        map(std::max<std::size_t>(params.sq_off.array + params.sq_entries * sizeof(unsigned),
                                  params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe)),
            IORING_OFF_SQ_RING);
    entries_ = reinterpret_cast<io_uring_sqe*>(
        map(params.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES));
    sq_ = params.sq_off;
    cq_ = params.cq_off;
  }
  ~Ring() {
    if (fd_ >= 0) ::close(fd_);
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] int fd() const { return fd_; }

  void add(const io_uring_sqe& request) {
    const unsigned tail = at(sq_.tail);
    const unsigned place = tail & at(sq_.ring_mask);
    entries_[place] = request;
    at(sq_.array + place * sizeof(unsigned)) = place;
    std::atomic_ref(at(sq_.tail)).store(tail + 1, std::memory_order_release);
    ++added_;
  }

  // Submits what was added and waits for so many completions. 0, or -errno.
  int submit(unsigned wait_for) {
    unsigned flags = wait_for != 0 ? IORING_ENTER_GETEVENTS : 0;
    unsigned count = added_;
    if (flags_ & IORING_SETUP_SQPOLL) {
      std::atomic_thread_fence(std::memory_order_seq_cst);
      if (std::atomic_ref(at(sq_.flags)).load() & IORING_SQ_NEED_WAKEUP) {
        flags |= IORING_ENTER_SQ_WAKEUP;
      }
      count = 0;
    }
    added_ = 0;
    const long done = ::syscall(SYS_io_uring_enter, fd_, count, wait_for, flags, nullptr, 0L);
    return done < 0 ? -errno : 0;
  }

  // The next completion; false if there is none.
  bool next(io_uring_cqe* completion) {
    const unsigned head = at(cq_.head);
    if (head == std::atomic_ref(at(cq_.tail)).load(std::memory_order_acquire)) return false;
    const auto* all = reinterpret_cast<const io_uring_cqe*>(rings_ + cq_.cqes);
    *completion = all[head & at(cq_.ring_mask)];
    std::atomic_ref(at(cq_.head)).store(head + 1, std::memory_order_release);
    return true;
  }

  // One request from beginning to end: its result, or -errno of the ring itself.
  int run(const io_uring_sqe& request) {
    add(request);
    if (const int error = submit(1); error != 0) return error;
    io_uring_cqe completion{};
    return next(&completion) ? completion.res : -EPROTO;
  }

 private:
  unsigned char* map(std::size_t size, off_t offset) const {
    void* memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, offset);
    if (memory == MAP_FAILED) std::abort();
    return static_cast<unsigned char*>(memory);
  }
  unsigned& at(std::size_t offset) { return *reinterpret_cast<unsigned*>(rings_ + offset); }

  int fd_ = -1;
  int error_ = 0;
  unsigned flags_ = 0;
  unsigned added_ = 0;
  unsigned char* rings_ = nullptr;  // they stay until the process ends
  io_uring_sqe* entries_ = nullptr;
  io_sqring_offsets sq_{};
  io_cqring_offsets cq_{};
};

io_uring_sqe make_request(std::uint8_t opcode, int directory, const char* path) {
  io_uring_sqe request{};
  request.opcode = opcode;
  request.fd = directory;
  request.addr = address_of(path);
  return request;
}

io_uring_sqe open_request(int directory, const char* path, unsigned flags, unsigned mode = 0) {
  io_uring_sqe request = make_request(IORING_OP_OPENAT, directory, path);
  request.open_flags = flags;
  request.len = mode;
  return request;
}

io_uring_sqe two_paths(std::uint8_t opcode, int from, const char* old_path, int to,
                       const char* new_path, unsigned flags = 0) {
  io_uring_sqe request = make_request(opcode, from, old_path);
  request.len = static_cast<unsigned>(to);
  request.addr2 = address_of(new_path);
  request.rename_flags = flags;
  return request;
}

io_uring_sqe make_socket_request(std::uint8_t opcode, int descriptor, const void* address = nullptr,
                                 std::uint64_t length = 0) {
  io_uring_sqe request{};
  request.opcode = opcode;
  request.fd = descriptor;
  request.addr = address_of(address);
  request.off = length;
  return request;
}

sockaddr_in loopback(in_port_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  address.sin_port = ::htons(port);
  return address;
}

// A socket that listens there, and on which port.
int listening_socket(int* port) {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(server, any, size) != 0 || ::listen(server, 8) != 0) return -1;
  ::getsockname(server, any, &size);
  *port = ntohs(address.sin_port);
  return server;
}

// Why this kernel cannot show requests, or an empty string.
std::string not_shown() {
  if (::geteuid() != 0) return "needs root";
  const Ring ring(1);
  if (ring.error() != 0) return std::string("io_uring_setup: ") + std::strerror(ring.error());
  utsname name{};
  ::uname(&name);
  int major = 0;
  if (std::sscanf(name.release, "%d.", &major) != 1 || major < 6) {
    return std::string("the tracepoints of ") + name.release + " do not have the request";
  }
  return {};
}

class IoUring : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string reason = not_shown(); !reason.empty()) GTEST_SKIP() << reason;
    char name[] = "/tmp/outrider-uring-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    char* real = ::realpath(name, nullptr);
    directory_ = real;
    std::free(real);
    ASSERT_EQ(::chdir(directory_.c_str()), 0);
    dirfd_ = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ASSERT_EQ(::mkdirat(dirfd_, "sub", 0755), 0);
    const int file = ::openat(dirfd_, "file", O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    ASSERT_GE(file, 0);
    ::close(file);
    // What the child saw, for comparison: it shares nothing else with us.
    void* memory = ::mmap(nullptr, sizeof(std::array<int, 64>), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    results_ = static_cast<int*>(memory);
  }

  void TearDown() override {
    if (directory_.empty()) return;
    ::close(dirfd_);
    ASSERT_EQ(::chdir("/"), 0);
    const std::string command = "rm -rf " + directory_;
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  // Events of the child that came by io_uring.
  static std::vector<Recorded> requests(const Recorder& recorder, pid_t pid) {
    std::vector<Recorded> found;
    for (const Recorded& event : recorder.events(pid)) {
      if (event.contains("evt.via")) found.push_back(event);
    }
    return found;
  }

  static void expect_balance(const Account& account) {
    for (const KindAccount& kind : account.kinds) {
      EXPECT_EQ(kind.difference(), 0) << kind.kind;
      EXPECT_EQ(kind.lost_total(), 0u) << kind.kind;
    }
  }

  std::string directory_;
  int dirfd_ = -1;
  int* results_ = nullptr;
};

// The kernel's structure ends with an array of no size.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
struct Case {
  const char* kind;
  const char* type;
  int result;  // 0, -errno, or 1 for a descriptor
  io_uring_sqe request;
  // "D" at the beginning of a value stands for the directory; nullptr: must be missing.
  std::vector<std::pair<const char*, const char*>> expected;
};
#pragma GCC diagnostic pop

enum class Way { kInline, kWorker, kPolled };

class IoUringWays : public IoUring, public testing::WithParamInterface<Way> {};

TEST_P(IoUringWays, EveryRequestEveryField) {
  const int here = AT_FDCWD;
  const std::string whole_path = directory_ + "/./sub/../file";
  open_how how{};
  how.flags = O_WRONLY | O_CREAT | O_EXCL;
  how.mode = 0640;
  how.resolve = RESOLVE_BENEATH;
  io_uring_sqe open2 = make_request(IORING_OP_OPENAT2, dirfd_, "sub/new");
  open2.len = sizeof(how);
  open2.off = address_of(&how);
  io_uring_sqe make_directory = make_request(IORING_OP_MKDIRAT, dirfd_, "made");
  make_directory.len = 0711;
  io_uring_sqe remove_directory = make_request(IORING_OP_UNLINKAT, dirfd_, "made");
  remove_directory.unlink_flags = AT_REMOVEDIR;
  // The layout of symlinkat: addr the target, fd the directory, addr2 the name.
  io_uring_sqe symlink = make_request(IORING_OP_SYMLINKAT, dirfd_, "../any/where");
  symlink.addr2 = address_of("soft");

  const std::vector<Case> cases = {
      {"open",
       "openat",
       1,
       open_request(here, whole_path.c_str(), O_RDONLY | O_CLOEXEC),
       {{"fd.name", "D/file"},
        {"fd.nameraw", whole_path.c_str()},
        {"fd.realpath", "D/file"},
        {"evt.arg.flags", "O_RDONLY|O_CLOEXEC"},
        {"evt.arg.mode", nullptr}}},
      {"open",
       "openat",
       -ENOENT,
       open_request(here, "none", O_RDWR),
       {{"fd.name", "D/none"},
        {"fd.nameraw", "none"},
        {"fd.realpath", nullptr},
        {"fd.num", "-1"},
        {"fd.ino", nullptr},
        {"evt.arg.flags", "O_RDWR"}}},
      {"open",
       "openat",
       1,
       open_request(dirfd_, "sub/../file", O_RDONLY),
       {{"fd.name", "D/file"}, {"fd.nameraw", "sub/../file"}, {"fd.realpath", "D/file"}}},
      {"open",
       "openat",
       1,
       open_request(here, "created", O_RDWR | O_CREAT, 0604),
       {{"fd.name", "D/created"},
        {"fd.realpath", "D/created"},
        {"evt.arg.mode", "0604"},
        {"evt.arg.flags", "O_RDWR|O_CREAT"}}},
      {"open",
       "openat2",
       1,
       open2,
       {{"fd.name", "D/sub/new"},
        {"fd.nameraw", "sub/new"},
        {"fd.realpath", "D/sub/new"},
        {"evt.arg.flags", "O_WRONLY|O_CREAT|O_EXCL"},
        {"evt.arg.mode", "0640"}}},
      {"mkdir",
       "mkdirat",
       0,
       make_directory,
       {{"fd.name", "D/made"},
        {"fd.nameraw", "made"},
        {"fd.realpath", "D/made"},
        {"evt.arg.mode", "0711"}}},
      {"mkdir", "mkdirat", -EEXIST, make_directory, {{"fd.name", "D/made"}}},
      {"rmdir", "unlinkat", 0, remove_directory, {{"fd.name", "D/made"}, {"fd.nameraw", "made"}}},
      {"symlink",
       "symlinkat",
       0,
       symlink,
       {{"fd.name", "D/soft"}, {"fd.nameraw", "soft"}, {"evt.arg.target", "../any/where"}}},
      {"link",
       "linkat",
       0,
       two_paths(IORING_OP_LINKAT, here, "file", dirfd_, "sub/hard"),
       {{"fd.name", "D/sub/hard"},
        {"fd.nameraw", "sub/hard"},
        {"fs.path.source", "D/file"},
        {"fs.path.sourceraw", "file"}}},
      {"rename",
       "renameat2",
       0,
       two_paths(IORING_OP_RENAMEAT, dirfd_, "created", here, "sub/moved", 1),
       {{"fd.name", "D/sub/moved"},
        {"fd.nameraw", "sub/moved"},
        {"fs.path.source", "D/created"},
        {"fs.path.sourceraw", "created"},
        {"evt.arg.flags", "RENAME_NOREPLACE"}}},
      {"rename",
       "renameat2",
       -EEXIST,
       two_paths(IORING_OP_RENAMEAT, dirfd_, "file", here, "sub/moved", 1),
       {{"fd.name", "D/sub/moved"}, {"fs.path.source", "D/file"}, {"fd.realpath", nullptr}}},
      {"unlink",
       "unlinkat",
       0,
       make_request(IORING_OP_UNLINKAT, dirfd_, "sub/moved"),
       {{"fd.name", "D/sub/moved"}, {"fd.nameraw", "sub/moved"}}},
  };

  Recorder recorder({"open", "mkdir", "rmdir", "unlink", "rename", "link", "symlink"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    Ring ring(8, GetParam() == Way::kPolled ? IORING_SETUP_SQPOLL : 0);
    if (ring.error() != 0) return 1;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      io_uring_sqe request = cases[i].request;
      if (GetParam() == Way::kWorker) request.flags |= IOSQE_ASYNC;
      results_[i] = ring.run(request);
    }
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);

  const std::vector<Recorded> events = requests(recorder, child);
  ASSERT_EQ(events.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& each = cases[i];
    const Recorded& event = events[i];
    SCOPED_TRACE(std::to_string(i) + " " + each.type);
    if (each.result == 1) {
      ASSERT_GE(results_[i], 0) << std::strerror(-results_[i]);
      EXPECT_EQ(event.at("fd.num"), std::to_string(results_[i]));
      EXPECT_TRUE(event.contains("fd.ino"));
      EXPECT_TRUE(event.contains("fd.dev"));
    } else {
      ASSERT_EQ(results_[i], each.result);
    }
    EXPECT_EQ(event.at("evt.kind"), each.kind);
    EXPECT_EQ(event.at("evt.type"), each.type);
    EXPECT_EQ(event.at("evt.via"), "io_uring");
    EXPECT_EQ(event.at("evt.rawres"), std::to_string(results_[i]));
    const char* result = each.result >= 0         ? "SUCCESS"
                         : each.result == -ENOENT ? "ENOENT"
                                                  : "EEXIST";
    EXPECT_EQ(event.at("evt.res"), result);
    EXPECT_FALSE(event.contains("evt.abi"));
    EXPECT_FALSE(event.contains("cut"));
    for (const auto& [field, value] : each.expected) {
      if (value == nullptr) {
        EXPECT_FALSE(event.contains(field)) << field << " is " << event.at(field);
        continue;
      }
      const std::string expected = value[0] == 'D' ? directory_ + (value + 1) : value;
      ASSERT_TRUE(event.contains(field)) << field;
      EXPECT_EQ(event.at(field), expected) << field;
    }
  }
  expect_balance(recorder.finish());
}

// Places in what the child shares with the test.
enum Shared { kPort, kClient, kConnected, kAccepted, kRefused, kNoPath };

TEST_P(IoUringWays, SocketsAsTheCallsDo) {
  Recorder recorder({"socket", "connect", "accept"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    const int server = listening_socket(&results_[kPort]);
    Ring ring(8, GetParam() == Way::kPolled ? IORING_SETUP_SQPOLL : 0);
    if (ring.error() != 0 || server < 0) return 1;
    const auto run = [&](io_uring_sqe request) {
      if (GetParam() == Way::kWorker) request.flags |= IOSQE_ASYNC;
      return ring.run(request);
    };
    io_uring_sqe request = make_socket_request(kSocketRequest, AF_INET, nullptr, SOCK_STREAM);
    results_[kClient] = run(request);
    if (results_[kClient] < 0) return 2;
    sockaddr_in address = loopback(static_cast<in_port_t>(results_[kPort]));
    request = make_socket_request(IORING_OP_CONNECT, results_[kClient], &address, sizeof(address));
    results_[kConnected] = run(request);
    request = make_socket_request(IORING_OP_ACCEPT, server);
    request.accept_flags = SOCK_CLOEXEC;
    results_[kAccepted] = run(request);
    address = loopback(1);
    const int other = ::socket(AF_INET, SOCK_STREAM, 0);
    request = make_socket_request(IORING_OP_CONNECT, other, &address, sizeof(address));
    results_[kRefused] = run(request);
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = "/no/such.sock"};
    const int local = ::socket(AF_UNIX, SOCK_STREAM, 0);
    request = make_socket_request(IORING_OP_CONNECT, local, &name, sizeof(name));
    results_[kNoPath] = run(request);
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  ASSERT_EQ(results_[kConnected], 0);
  ASSERT_GE(results_[kAccepted], 0);
  ASSERT_EQ(results_[kRefused], -ECONNREFUSED);
  ASSERT_EQ(results_[kNoPath], -ENOENT);
  const std::vector<Recorded> events = requests(recorder, child);
  ASSERT_EQ(events.size(), 5U);
  for (const Recorded& event : events) {
    EXPECT_EQ(event.at("evt.via"), "io_uring");
    EXPECT_FALSE(event.contains("evt.abi"));
  }
  const Recorded& socket = events[0];
  const std::string client = std::to_string(results_[kClient]);
  EXPECT_EQ(socket.at("evt.kind"), "socket");
  EXPECT_EQ(socket.at("evt.type"), "socket");
  EXPECT_EQ(socket.at("fd.num"), client);
  EXPECT_EQ(socket.at("fd.type"), "ipv4");
  EXPECT_EQ(socket.at("fd.l4proto"), "tcp");
  EXPECT_EQ(socket.at("evt.info"),
            "socket(domain=AF_INET, type=SOCK_STREAM, protocol=0) = " + client);

  const Recorded& connect = events[1];
  const std::string server = "127.0.0.1:" + std::to_string(results_[kPort]);
  EXPECT_EQ(connect.at("evt.kind"), "connect");
  EXPECT_EQ(connect.at("evt.type"), "connect");
  EXPECT_EQ(connect.at("evt.res"), "SUCCESS");
  EXPECT_EQ(connect.at("fd.num"), client);
  EXPECT_EQ(connect.at("fd.rip"), "127.0.0.1");
  EXPECT_EQ(connect.at("fd.rport"), std::to_string(results_[kPort]));
  EXPECT_EQ(connect.at("fd.name"), "127.0.0.1:" + connect.at("fd.lport") + "->" + server);
  EXPECT_EQ(connect.at("fd.is_server"), "false");

  const Recorded& accept = events[2];
  EXPECT_EQ(accept.at("evt.kind"), "accept");
  EXPECT_EQ(accept.at("evt.type"), "accept4");
  EXPECT_EQ(accept.at("fd.num"), std::to_string(results_[kAccepted]));
  EXPECT_EQ(accept.at("fd.name"), connect.at("fd.name"));
  EXPECT_EQ(accept.at("fd.lport"), std::to_string(results_[kPort]));
  EXPECT_EQ(accept.at("fd.is_server"), "true");

  const Recorded& refused = events[3];
  EXPECT_EQ(refused.at("evt.res"), "ECONNREFUSED");
  EXPECT_EQ(refused.at("fd.rip"), "127.0.0.1");
  EXPECT_EQ(refused.at("fd.rport"), "1");
  EXPECT_EQ(events[4].at("evt.res"), "ENOENT");
  EXPECT_EQ(events[4].at("fd.type"), "unix");
  EXPECT_EQ(events[4].at("fd.name"), "/no/such.sock");
  expect_balance(recorder.finish());
}

TEST_P(IoUringWays, AddressesAndListening) {
  Recorder recorder({"bind", "listen"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    Ring ring(8, GetParam() == Way::kPolled ? IORING_SETUP_SQPOLL : 0);
    if (ring.error() != 0) return 1;
    const auto run = [&](io_uring_sqe request) {
      if (GetParam() == Way::kWorker) request.flags |= IOSQE_ASYNC;
      return ring.run(request);
    };
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(0);
    results_[0] = run(make_socket_request(kBindRequest, server, &address, sizeof(address)));
    io_uring_sqe request = make_socket_request(kListenRequest, server);
    request.len = 3;
    results_[1] = run(request);
    results_[2] = run(make_socket_request(kBindRequest, server, &address, sizeof(address)));
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  if (results_[0] == -EINVAL) GTEST_SKIP() << "this kernel has no such requests (6.11)";
  ASSERT_EQ(results_[0], 0);
  ASSERT_EQ(results_[1], 0);
  const std::vector<Recorded> events = requests(recorder, child);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].at("evt.type"), "bind");
  EXPECT_EQ(events[0].at("fd.lip"), "127.0.0.1");
  EXPECT_EQ(events[0].at("fd.name"), "127.0.0.1:" + events[0].at("fd.lport"));
  EXPECT_EQ(events[1].at("evt.kind"), "listen");
  EXPECT_EQ(events[1].at("fd.name"), events[0].at("fd.name"));
  EXPECT_EQ(events[2].at("evt.res"), "EINVAL");
  EXPECT_EQ(events[2].at("fd.type"), "ipv4");
  expect_balance(recorder.finish());
}

INSTANTIATE_TEST_SUITE_P(All, IoUringWays,
                         testing::Values(Way::kInline, Way::kWorker, Way::kPolled),
                         [](const auto& way) -> std::string {
                           switch (way.param) {
                             case Way::kInline:
                               return "Inline";
                             case Way::kWorker:
                               return "Worker";
                             case Way::kPolled:
                               return "Polled";
                           }
                           return "";
                         });

// One request accepts all that come: each is an event.
TEST_F(IoUring, OneRequestAcceptsMany) {
  constexpr int kConnections = 3;
  Recorder recorder({"accept"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    const int server = listening_socket(&results_[0]);
    Ring ring(8);
    if (ring.error() != 0 || server < 0) return 1;
    io_uring_sqe request = make_socket_request(IORING_OP_ACCEPT, server);
    request.ioprio = kAcceptMany;
    request.user_data = 77;
    ring.add(request);
    if (ring.submit(0) != 0) return 2;
    const sockaddr_in address = loopback(static_cast<in_port_t>(results_[0]));
    for (int i = 0; i < kConnections; ++i) {
      const int client = ::socket(AF_INET, SOCK_STREAM, 0);
      if (::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return 3;
      }
      if (ring.submit(1) != 0) return 4;
      io_uring_cqe completion{};
      if (!ring.next(&completion)) return 5;
      results_[1 + i] = completion.res;
    }
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  if (results_[1] == -EINVAL) GTEST_SKIP() << "this kernel has no such requests (5.19)";
  const std::vector<Recorded> events = requests(recorder, child);
  // Its end, when the process is gone, may be one more.
  ASSERT_GE(events.size(), std::size_t{kConnections});
  for (int i = 0; i < kConnections; ++i) {
    const Recorded& event = events[static_cast<std::size_t>(i)];
    EXPECT_EQ(event.at("evt.type"), "accept4");
    EXPECT_EQ(event.at("fd.num"), std::to_string(results_[1 + i]));
    EXPECT_EQ(event.at("fd.lport"), std::to_string(results_[0]));
    EXPECT_EQ(event.at("fd.is_server"), "true");
  }
  expect_balance(recorder.finish());
}

// The ring's calls, and every request whatever it does, beside the kinds that it makes.
TEST_F(IoUring, RingsAndTheirRequests) {
  Recorder recorder({"io_uring", "open"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    Ring ring(4);
    if (ring.error() != 0) return 1;
    results_[0] = ring.fd();
    const int none[] = {-1, -1};
    if (::syscall(SYS_io_uring_register, ring.fd(), IORING_REGISTER_FILES, none, 2) != 0) return 2;
    io_uring_sqe request{};
    request.opcode = IORING_OP_NOP;
    request.user_data = 0x77;
    ring.run(request);
    results_[1] = ring.run(open_request(AT_FDCWD, "file", O_RDONLY));
    char byte = 0;
    request = {};
    request.opcode = IORING_OP_READ;
    request.fd = results_[1];
    request.addr = address_of(&byte);
    request.len = 1;
    request.flags = IOSQE_ASYNC;
    results_[2] = ring.run(request);
    request.fd = -1;
    results_[3] = ring.run(request);
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  ASSERT_GE(results_[1], 0);
  ASSERT_EQ(results_[3], -EBADF);
  std::vector<Recorded> calls, made;
  for (const Recorded& event : recorder.events(child, "io_uring")) {
    EXPECT_EQ(event.at("evt.category"), "io");
    (event.contains("evt.via") ? made : calls).push_back(event);
  }
  const std::string ring = std::to_string(results_[0]);
  ASSERT_GE(calls.size(), 3U);
  EXPECT_EQ(calls[0].at("evt.type"), "io_uring_setup");
  EXPECT_TRUE(calls[0].at("evt.info").starts_with("io_uring_setup(entries=4, params={"))
      << calls[0].at("evt.info");
  EXPECT_EQ(calls[0].at("evt.rawres"), ring);
  EXPECT_EQ(calls[1].at("evt.type"), "io_uring_register");
  EXPECT_EQ(calls[1].at("evt.arg.opcode"), "IORING_REGISTER_FILES");
  EXPECT_EQ(calls[1].at("fd.num"), ring);
  EXPECT_EQ(calls[2].at("evt.type"), "io_uring_enter");
  EXPECT_EQ(calls[2].at("evt.abi"), "64");

  ASSERT_EQ(made.size(), 4U);
  EXPECT_EQ(made[0].at("evt.type"), "io_uring_enter");
  EXPECT_EQ(made[0].at("evt.via"), "io_uring");
  EXPECT_EQ(made[0].at("evt.arg.opcode"), "IORING_OP_NOP");
  EXPECT_EQ(made[0].at("evt.res"), "SUCCESS");
  EXPECT_TRUE(made[0].at("evt.info").starts_with("request(opcode=IORING_OP_NOP, fd="))
      << made[0].at("evt.info");
  EXPECT_TRUE(made[0].at("evt.info").ends_with("user_data=0x77) = 0")) << made[0].at("evt.info");
  EXPECT_EQ(made[1].at("evt.arg.opcode"), "IORING_OP_OPENAT");
  EXPECT_EQ(made[1].at("evt.rawres"), std::to_string(results_[1]));
  EXPECT_EQ(made[2].at("evt.arg.opcode"), "IORING_OP_READ");
  EXPECT_EQ(made[2].at("fd.num"), std::to_string(results_[1]));
  EXPECT_EQ(made[2].at("evt.arg.flags"), "IOSQE_ASYNC");
  EXPECT_EQ(made[3].at("evt.res"), "EBADF");
  EXPECT_EQ(made[3].at("fd.num"), "-1");
  // The same request as what it does.
  ASSERT_EQ(recorder.events(child, "open").size(), 1U);
  EXPECT_EQ(recorder.events(child, "open")[0].at("fd.name"), directory_ + "/file");
  expect_balance(recorder.finish());
}

// Of what nobody asks for there is nothing, and each kind is filtered by its own conditions.
TEST_F(IoUring, RequestsThatNobodyWants) {
  Recorder recorder({"io_uring", "connect"}, {}, "evt.kind = connect and proc.name = nobody");
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    Ring ring(4);
    io_uring_sqe request{};
    request.opcode = IORING_OP_NOP;
    ring.run(request);
    const sockaddr_in address = loopback(1);
    ring.run(make_socket_request(IORING_OP_CONNECT, ::socket(AF_INET, SOCK_STREAM, 0), &address,
                                 sizeof(address)));
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  EXPECT_TRUE(recorder.events(child).empty());
  const Account account = recorder.finish();
  expect_balance(account);
}

// Longer than what is kept with the request; two of them in one request.
TEST_F(IoUring, LongPathsAreWhole) {
  std::string path = directory_;
  while (path.size() < 3000) path += "/././././././././././sub/..";
  const std::string from = path + "/file", to = path + "/moved";
  Recorder recorder({"rename"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    Ring ring(1);
    results_[0] =
        ring.run(two_paths(IORING_OP_RENAMEAT, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str()));
    return 0;
  });
  ASSERT_EQ(results_[0], 0);
  const std::vector<Recorded> events = requests(recorder, child);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("fs.path.sourceraw"), from);
  EXPECT_EQ(events[0].at("fd.nameraw"), to);
  EXPECT_EQ(events[0].at("fs.path.source"), directory_ + "/file");
  EXPECT_EQ(events[0].at("fd.name"), directory_ + "/moved");
  expect_balance(recorder.finish());
}

// Opened into the ring's own table: the result is no descriptor, so none is looked at.
TEST_F(IoUring, DirectDescriptorsAreNone) {
  Recorder recorder({"open"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    Ring ring(1);
    const int none[] = {-1, -1};
    if (::syscall(SYS_io_uring_register, ring.fd(), IORING_REGISTER_FILES, none, 2) != 0) return 1;
    io_uring_sqe request = open_request(AT_FDCWD, "file", O_RDONLY);
    request.file_index = 1;
    results_[0] = ring.run(request);
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  ASSERT_EQ(results_[0], 0);
  const std::vector<Recorded> events = requests(recorder, child);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("evt.res"), "SUCCESS");
  EXPECT_EQ(events[0].at("fd.name"), directory_ + "/file");
  EXPECT_EQ(events[0].at("fd.realpath"), "?");
  EXPECT_FALSE(events[0].contains("fd.num"));
  EXPECT_FALSE(events[0].contains("fd.ino"));
}

// Who asks for no completion is seen all the same, once, whatever came of it.
TEST_F(IoUring, SkippedCompletionsAreSeen) {
  Recorder recorder({"open", "unlink"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    Ring ring(4);
    io_uring_sqe removal = make_request(IORING_OP_UNLINKAT, dirfd_, "file");
    io_uring_sqe failing = open_request(AT_FDCWD, "none", O_RDONLY);
    removal.flags |= kSkipSuccess;
    failing.flags |= kSkipSuccess;
    results_[0] = ring.run(failing);
    ring.add(removal);
    results_[1] = ring.submit(0);
    for (int i = 0; i < 2000 && ::access("file", F_OK) == 0; ++i) ::usleep(1000);
    return ::access("file", F_OK) != 0 ? 0 : 1;
  });
  ASSERT_EQ(recorder.status(), 0);
  ASSERT_EQ(results_[0], -ENOENT);  // failures are completed
  ASSERT_EQ(results_[1], 0);
  const std::vector<Recorded> events = requests(recorder, child);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].at("evt.kind"), "open");
  EXPECT_EQ(events[0].at("fd.name"), directory_ + "/none");
  EXPECT_EQ(events[0].at("fd.num"), "?");
  EXPECT_EQ(events[1].at("evt.kind"), "unlink");
  EXPECT_EQ(events[1].at("fd.name"), directory_ + "/file");
  for (const Recorded& event : events) {
    EXPECT_EQ(event.at("evt.res"), "?");
    EXPECT_EQ(event.at("evt.rawres"), "?");
    EXPECT_EQ(event.at("fd.realpath"), "?");
  }
  expect_balance(recorder.finish());
}

// What finds no room in the completion queue has been done nevertheless.
TEST_F(IoUring, FullCompletionQueueHidesNothing) {
  constexpr int kRequests = 6;
  Recorder recorder({"mkdir"});
  ASSERT_EQ(recorder.failed(), "");
  const std::vector<std::string> names = {"d0", "d1", "d2", "d3", "d4", "d5"};
  const pid_t child = recorder.run([&] {
    Ring ring(1, 0, 1);
    if (ring.error() != 0) return 1;
    for (int i = 0; i < kRequests; ++i) {
      const std::string& name = names[static_cast<std::size_t>(i)];
      io_uring_sqe request = make_request(IORING_OP_MKDIRAT, dirfd_, name.c_str());
      request.len = 0700;
      request.user_data = static_cast<std::uint64_t>(i);
      ring.add(request);
      if (ring.submit(0) != 0) return 2;
      for (int wait = 0; wait < 2000 && ::access(name.c_str(), F_OK) != 0; ++wait) ::usleep(1000);
    }
    ::usleep(50'000);  // the last completion comes after the last directory
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  std::vector<std::string> seen;
  for (const Recorded& event : requests(recorder, child)) {
    EXPECT_EQ(event.at("evt.res"), "SUCCESS");
    seen.push_back(event.at("fd.nameraw"));
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, names);
  expect_balance(recorder.finish());
}

// What follows a failure in a chain is canceled: an event, with that result.
TEST_F(IoUring, CanceledByItsChain) {
  Recorder recorder({"open"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    Ring ring(2);
    io_uring_sqe first = open_request(AT_FDCWD, "none", O_RDONLY);
    first.flags |= IOSQE_IO_LINK;
    ring.add(first);
    ring.add(open_request(AT_FDCWD, "file", O_RDONLY));
    return ring.submit(2) == 0 ? 0 : 1;
  });
  ASSERT_EQ(recorder.status(), 0);
  const std::vector<Recorded> events = requests(recorder, child);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].at("evt.res"), "ENOENT");
  EXPECT_EQ(events[1].at("evt.res"), "ECANCELED");
  EXPECT_EQ(events[1].at("fd.name"), directory_ + "/file");
}

// Decided in the kernel, by the name of the process even when its polling thread submits.
TEST_F(IoUring, FilterByName) {
  Recorder recorder({"open"}, {}, "proc.name = outrider-named");
  ASSERT_EQ(recorder.failed(), "");
  const auto open_by_polling = [&](const char* name) {
    return recorder.run([&] {
      const int comm = ::open("/proc/self/comm", O_WRONLY | O_CLOEXEC);
      if (::write(comm, name, std::strlen(name)) < 0) return 1;
      Ring ring(1, IORING_SETUP_SQPOLL);
      return ring.run(open_request(AT_FDCWD, "file", O_RDONLY)) >= 0 ? 0 : 2;
    });
  };
  const pid_t named = open_by_polling("outrider-named");
  ASSERT_EQ(recorder.status(), 0);
  const pid_t other = open_by_polling("outrider-other");
  ASSERT_EQ(recorder.status(), 0);
  const std::vector<Recorded> events = requests(recorder, named);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("proc.name"), "outrider-named");
  EXPECT_TRUE(recorder.events(other).empty());
  const Account account = recorder.finish();
  expect_balance(account);
  EXPECT_GE(account.kinds.at(0).filtered_kernel, 1u);
}

// As many as were made, by the maker's own count; more at once than the kernel program
// remembers easily.
TEST_F(IoUring, FloodIsCounted) {
  const int kBatches = test::in_guest() ? 15 : 40;
  constexpr int kBatch = 128;
  // Not those of the whole machine, of which there may be more than anybody can read.
  Recorder recorder({"open"}, {}, "proc.name startswith outrider_kernel");
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    Ring ring(kBatch);
    if (ring.error() != 0) return 1;
    for (int batch = 0; batch < kBatches; ++batch) {
      for (int i = 0; i < kBatch; ++i) {
        ring.add(open_request(AT_FDCWD, i % 2 != 0 ? "none" : "sub/none", O_RDONLY));
      }
      if (ring.submit(kBatch) != 0) return 2;
      io_uring_cqe completion{};
      while (ring.next(&completion)) {
        if (completion.res == -ENOENT) ++results_[0];
      }
    }
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  ASSERT_EQ(results_[0], kBatches * kBatch);
  const std::vector<Recorded> events = requests(recorder, child);
  const auto unknown = std::count_if(events.begin(), events.end(), [](const Recorded& event) {
    return event.at("evt.res") != "ENOENT";
  });
  EXPECT_EQ(unknown, 0);
  const Account account = recorder.finish();
  expect_balance(account);
  // What the kernel itself has skipped is told, too.
  const KindAccount& open = account.kinds.at(0);
  EXPECT_EQ(events.size() + open.missed + open.lost_total(),
            static_cast<std::size_t>(kBatches * kBatch));
}

// More requests under way than the kernel program remembers: those that find no room are
// sent at once, without a result.
TEST_F(IoUring, MoreThanCanBeRemembered) {
  constexpr int kRequests = 4500;
  Recorder recorder({"open"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    Ring ring(8192);
    int pipe[2];
    if (ring.error() != 0 || ::pipe(pipe) != 0) return 1;
    // All of them wait for the one at the head of their chain.
    io_uring_sqe request{};
    request.opcode = IORING_OP_POLL_ADD;
    request.fd = pipe[0];
    request.poll32_events = 1;  // POLLIN
    request.flags = IOSQE_IO_HARDLINK;
    ring.add(request);
    for (int i = 0; i < kRequests; ++i) {
      request = open_request(AT_FDCWD, "none", O_RDONLY);
      if (i + 1 < kRequests) request.flags = IOSQE_IO_HARDLINK;
      ring.add(request);
    }
    if (ring.submit(0) != 0 || ::write(pipe[1], "x", 1) != 1) return 2;
    return ring.submit(kRequests + 1) == 0 ? 0 : 3;
  });
  ASSERT_EQ(recorder.status(), 0);
  std::size_t unknown = 0, known = 0;
  for (const Recorded& event : requests(recorder, child)) {
    EXPECT_EQ(event.at("fd.name"), directory_ + "/none");
    ++(event.at("evt.res") == "?" ? unknown : known);
  }
  EXPECT_EQ(unknown + known, static_cast<std::size_t>(kRequests));
  EXPECT_GE(known, 1u);
  EXPECT_GE(unknown, 1u);
  expect_balance(recorder.finish());
}

}  // namespace

}  // namespace outrider
