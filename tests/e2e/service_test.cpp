// SPDX-License-Identifier: Apache-2.0
//
// deploy/systemd/outrider.service: the rights that it leaves to the agent are enough. There need be
// no systemd here: the bounding set is setpriv's, and what systemd makes of SystemCallFilter=,
// RestrictNamespaces= and their like is made here of the unit's lines, but that a call which they
// forbid kills the agent rather than fails, so that none goes unnoticed.
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>

#include "support/containers.h"
#include "support/program.h"
#include "syscalls/calls.h"

namespace outrider::test {
namespace {

using Ending = Subprocess::Ending;
using Json = nlohmann::json;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// All words of each key.
std::map<std::string, std::vector<std::string>> read_unit() {
  std::ifstream file(OUTRIDER_SOURCE_DIRECTORY "/deploy/systemd/outrider.service");
  std::map<std::string, std::vector<std::string>> unit;
  for (std::string line; std::getline(file, line);) {
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string::npos) continue;
    for (const std::string& word : words_of(line.substr(equals + 1))) {
      unit[line.substr(0, equals)].push_back(word);
    }
  }
  return unit;
}

// The names of calls in a set of systemd's, and in the sets that it has.
void add_calls(const std::string& set, std::set<std::string>& calls) {
  if (!set.starts_with('@')) {
    calls.insert(set);
    return;
  }
  Subprocess analyze({"systemd-analyze", "--no-pager", "syscall-filter", set});
  ASSERT_EQ(analyze.wait(kPatience), Ending{.code = 0}) << analyze.errors();
  const auto lines = lines_of(analyze.output());
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto words = words_of(lines[i]);
    if (!words.empty() && words[0] != "#") add_calls(words[0], calls);
  }
}

// What systemd.exec(5) says that these lines forbid.
#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

class Filter {
 public:
  explicit Filter(const std::set<std::string>& calls) {
    // SystemCallArchitectures=native
    load(offsetof(seccomp_data, arch));
    unless(BPF_JEQ, kArchitecture, SECCOMP_RET_KILL_THREAD);
    load(offsetof(seccomp_data, nr));
    for (const Call& call : all_calls()) {
      const int number = number_of(call, WIRE_ABI_64);
      if (number >= 0 && calls.contains(std::string(call.name))) numbers_.insert(number);
    }
    // What is looked at more closely is not allowed at once. glibc does without clone3.
    when(SYS_clone3, {ret(SECCOMP_RET_ERRNO | ENOSYS)});
    for (const int forbidden : {SYS_setns, SYS_unshare, SYS_personality, SYS_sched_setscheduler}) {
      numbers_.erase(forbidden);
    }
    // RestrictNamespaces=yes, MemoryDenyWriteExecute=yes
    constexpr std::uint32_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                          CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                          CLONE_NEWNET;
    forbid_bits(SYS_clone, 0, kNamespaces);
    forbid_bits(SYS_mprotect, 2, PROT_EXEC);
    forbid_both_bits(SYS_mmap, 2, PROT_WRITE, PROT_EXEC);
    // RestrictAddressFamilies=
    std::vector<sock_filter> families{argument(0)};
    for (const int family : {AF_UNIX, AF_INET, AF_INET6}) {
      families.push_back(
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(family), 0, 1));
      families.push_back(ret(SECCOMP_RET_ALLOW));
    }
    families.push_back(ret(SECCOMP_RET_KILL_PROCESS));
    when(SYS_socket, families);
    for (const int number : numbers_) {
      when(number, {ret(SECCOMP_RET_ALLOW)});
    }
    program_.push_back(ret(SECCOMP_RET_KILL_PROCESS));
  }

  // Of this process and what it runs; async-signal-safe.
  [[nodiscard]] bool apply() const {
    const sock_fprog program{static_cast<unsigned short>(program_.size()),
                             const_cast<sock_filter*>(program_.data())};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
  }

 private:
  static sock_filter ret(std::uint32_t action) { return BPF_STMT(BPF_RET | BPF_K, action); }
  // The lower half, on machines with the lowest byte first.
  static sock_filter argument(std::size_t place) {
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                    static_cast<std::uint32_t>(offsetof(seccomp_data, args) + 8 * place));
  }
  void load(std::size_t offset) {
    program_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
  }
  void unless(unsigned short test, std::uint32_t value, std::uint32_t action) {
    program_.push_back(BPF_JUMP(static_cast<unsigned short>(BPF_JMP | test | BPF_K), value, 1, 0));
    program_.push_back(ret(action));
  }
  // The number of the call is what has been loaded; what is done with this one ends.
  void when(long number, const std::vector<sock_filter>& then) {
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0,
                                static_cast<unsigned char>(then.size())));
    program_.insert(program_.end(), then.begin(), then.end());
  }
  void forbid_bits(int number, std::size_t place, std::uint32_t bits) {
    when(number, {argument(place), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1),
                  ret(SECCOMP_RET_KILL_PROCESS), ret(SECCOMP_RET_ALLOW)});
  }
  void forbid_both_bits(int number, std::size_t place, std::uint32_t one, std::uint32_t other) {
    when(number, {argument(place), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, one, 0, 2),
                  BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, other, 0, 1), ret(SECCOMP_RET_KILL_PROCESS),
                  ret(SECCOMP_RET_ALLOW)});
  }

  std::set<int> numbers_;
  std::vector<sock_filter> program_;
};

// "-all,+bpf,..." of CAP_BPF and the like.
std::string setpriv_set(const std::vector<std::string>& capabilities) {
  std::string set = "-all";
  for (std::string each : capabilities) {
    std::ranges::transform(each, each.begin(), [](unsigned char c) { return std::tolower(c); });
    set += ",+" + each.substr(std::string_view("cap_").size());
  }
  return set;
}

class ServiceTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    const std::string missing = missing_program({"setpriv", "systemd-analyze"});
    if (!missing.empty()) GTEST_SKIP() << "not installed: " << missing;
    if (::access(OUTRIDER_SOURCE_DIRECTORY, F_OK) != 0) GTEST_SKIP() << "the tree is not here";
    std::ofstream(directory_ / "agent.yaml")
        << "run_directory: " << run() << "\nobserve_group: nogroup\nmetrics: {listen: \"\"}\n";
  }

  void start() {
    auto unit = read_unit();
    ASSERT_EQ(unit["SystemCallArchitectures"], std::vector<std::string>{"native"});
    ASSERT_EQ(unit["NoNewPrivileges"], std::vector<std::string>{"yes"});
    ASSERT_EQ(unit["RestrictNamespaces"], std::vector<std::string>{"yes"});
    ASSERT_EQ(unit["MemoryDenyWriteExecute"], std::vector<std::string>{"yes"});
    ASSERT_EQ(unit["RestrictAddressFamilies"],
              (std::vector<std::string>{"AF_UNIX", "AF_INET", "AF_INET6"}));
    std::set<std::string> calls;
    add_calls("@default", calls);
    for (const std::string& each : unit["SystemCallFilter"]) add_calls(each, calls);
    ASSERT_GT(calls.size(), 100u);
    // Made only where a cgroup was there before anybody told of it.
    ASSERT_TRUE(calls.contains("open_by_handle_at"));
    std::vector<std::string> capabilities = unit["CapabilityBoundingSet"];
    ASSERT_FALSE(capabilities.empty());
    // To try what each is for.
    if (const char* without = std::getenv("OUTRIDER_TEST_WITHOUT")) {
      for (const std::string& each : words_of(without)) std::erase(capabilities, each);
    }
    const Filter filter(calls);
    agent_.emplace(std::vector<std::string>{"setpriv", "--no-new-privs", "--inh-caps", "-all",
                                            "--bounding-set", setpriv_set(capabilities), program(),
                                            "agent", "--config", directory_ / "agent.yaml"},
                   Subprocess::Options{.prepare = [&filter] { return filter.apply(); }});
    ASSERT_TRUE(agent_->wait_for_errors("is ready", kPatience))
        << testing::PrintToString(agent_->wait(std::chrono::milliseconds(0)).value_or(Ending{}))
        << agent_->errors();
  }

  void TearDown() override {
    if (agent_ && !agent_->ended()) {
      agent_->send(SIGTERM);
      EXPECT_EQ(agent_->wait(kPatience), Ending{.code = 0}) << agent_->errors();
    }
    ProgramTest::TearDown();
  }

  [[nodiscard]] std::string run() const { return directory_ / "run"; }
  [[nodiscard]] Subprocess::Options through_agent() const {
    return {.environment = {"OUTRIDER_RUN_DIRECTORY=" + run()}};
  }

  std::optional<Subprocess> agent_;
};

// A process of somebody else's in namespaces of its own, with what root alone may look at: its
// files, its sockets, its mounts.
class Stranger {
 public:
  explicit Stranger(const std::string& file)
      : process_({"sleep", "1000"}, {.prepare = [file] {
                   const bool made = ::unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS) == 0;
                   // Kept open: neither has CLOEXEC.
                   const int opened = ::open(file.c_str(), O_RDWR | O_CREAT, 0600);
                   const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
                   return made && opened >= 0 && ::listen(socket, 1) == 0 &&
                          ::setgroups(0, nullptr) == 0 && ::setresgid(65534, 65534, 65534) == 0 &&
                          ::setresuid(65534, 65534, 65534) == 0;
                 }}) {}
  [[nodiscard]] pid_t pid() const { return process_.pid(); }

 private:
  Subprocess process_;
};

// What there is of the stranger, without what changes from one look to the next.
std::string snapshot_of(const std::string& what, pid_t pid, const Subprocess::Options& options) {
  const Finished finished =
      run_program({"snapshot", what, "-o", "json", "--pid", std::to_string(pid)}, options);
  EXPECT_EQ(finished.ending, Ending{.code = 0}) << what << finished.errors;
  std::string text;
  for (Json line : parse_lines(finished.output)) {
    for (const char* name : {"evt.time", "evt.boottime", "proc.duration"}) line.erase(name);
    text += line.dump() + "\n";
  }
  return text;
}

TEST_F(ServiceTest, SeesAsMuchAsRootDoes) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_EQ(::mkdir((directory_ / "closed").c_str(), 0700), 0);
  const Stranger stranger(directory_ / "closed/file");
  ASSERT_TRUE(eventually(
      [&] {
        std::ifstream file(fmt::format("/proc/{}/comm", stranger.pid()));
        std::string name;
        return std::getline(file, name) && name == "sleep";
      },
      kPatience));
  const Subprocess::Options alone{.environment = {"OUTRIDER_RUN_DIRECTORY=/nonexistent"}};
  for (const std::string what : {"process", "file", "socket", "mount"}) {
    const std::string seen = snapshot_of(what, stranger.pid(), through_agent());
    EXPECT_EQ(seen, snapshot_of(what, stranger.pid(), alone)) << what;
    EXPECT_FALSE(seen.empty()) << what;
  }
  for (const std::string what : {"module", "bpf", "container"}) {
    const Finished finished = run_program({"snapshot", what}, through_agent());
    EXPECT_EQ(finished.ending, Ending{.code = 0}) << what << finished.errors;
    if (what == "bpf") {
      EXPECT_NE(finished.output.find("process__fork"), std::string::npos) << finished.output;
    }
  }

  std::map<std::string, Json> reports[2];
  for (const bool through : {false, true}) {
    for (const std::string command : {"status", "doctor"}) {
      std::vector<std::string> words{command, "-o", "json"};
      if (command == "status") words.emplace_back("--no-measure");
      const Finished finished = run_program(words, through ? through_agent() : alone);
      EXPECT_EQ(finished.ending, Ending{.code = 0}) << finished.errors << finished.output;
      reports[through][command] = Json::parse(finished.output, nullptr, false);
    }
  }
  EXPECT_EQ(reports[0]["doctor"], reports[1]["doctor"]);
  const Json& status = reports[1]["status"];
  EXPECT_TRUE(status["programs_unknown"].is_null()) << status["programs_unknown"];
  EXPECT_FALSE(status["programs"].empty());
  std::map<std::string, Json> features[2];
  for (const bool through : {false, true}) {
    for (const Json& feature : reports[through]["status"]["features"]) {
      features[through][feature["name"]] = feature["state"];
    }
    // Cannot be tried where 32-bit calls are forbidden, and decides nothing.
    features[through].erase("calls_32");
  }
  EXPECT_EQ(features[0], features[1]);
}

TEST_F(ServiceTest, StreamsAndReloads) {
  ASSERT_NO_FATAL_FAILURE(start());
  struct stat status{};
  ASSERT_EQ(::stat((run() + "/observe.sock").c_str(), &status), 0);
  EXPECT_EQ(status.st_gid, ::getgrnam("nogroup")->gr_gid);

  Trace trace(own_events({"open", "-o", "json", "--max-events", "3", "--stack", "kernel"}),
              through_agent());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_missing(directory_ / "missing", 3);
  EXPECT_EQ(trace.wait(kPatience), Ending{.code = 0}) << trace.errors();
  expect_equation(account_in(trace.errors()));
  EXPECT_EQ(parse_lines(trace.output()).size(), 3u);

  // Groups of calls, calls of any name, conditions on what only the agent knows.
  const Finished finished = run_program(
      {"trace", "exec", "exit", "fork", "unlink", "connect", "signal", "mount", "syscall:getppid",
       "--where", "proc.exepath startswith / and not proc.cmdline contains nothing", "--timeout",
       "1"},
      through_agent());
  EXPECT_EQ(finished.ending, Ending{.code = 0}) << finished.errors;

  agent_->send(SIGHUP);
  EXPECT_TRUE(agent_->wait_for_errors("has been read again", kPatience)) << agent_->errors();
}

TEST_F(ServiceTest, NamesContainers) {
  const std::string missing = missing_program({"busybox", "runc"});
  if (!missing.empty()) GTEST_SKIP() << "not installed: " << missing;
  Bundles bundles;
  const std::string id = fmt::format("outrider-service-{}", ::getpid());
  // One that was there before.
  const std::string before = id + "-before";
  const Subprocess container(
      {"runc", "run", "--bundle", bundles.make("before", {"sleep", "1000"}), before});
  const auto is_there = [&] {
    Subprocess state({"runc", "state", before});
    return state.wait(kPatience) == Ending{.code = 0} &&
           state.output().find("running") != std::string::npos;
  };
  ASSERT_TRUE(eventually(is_there, kPatience)) << container.errors();
  ASSERT_NO_FATAL_FAILURE(start());
  std::string processes;
  EXPECT_TRUE(eventually(
      [&] {
        processes =
            run_program({"snapshot", "process", "-o", "json", "-c", before}, through_agent())
                .output;
        return processes.find("\"proc.name\":\"sleep\"") != std::string::npos;
      },
      kPatience))
      << processes;
  EXPECT_EQ(run_all({{"runc", "delete", "--force", before}}, 1), "");

  Trace trace(
      {"exec", "-o", "json", "-c", id, "--fields", "proc.name,container.name,container.bundle"},
      through_agent());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  const std::string bundle = bundles.make("bundle", {"cat", "/marker"});
  std::ofstream(bundles.rootfs() + "/marker") << "x";
  EXPECT_EQ(run_all({{"runc", "run", "--bundle", bundle, id}}, 1), "");
  EXPECT_EQ(trace.interrupt(), Ending{.code = 0});
  EXPECT_NE(trace.output().find(fmt::format("\"container.name\":\"{}\"", id)), std::string::npos)
      << trace.output() << trace.errors();
  EXPECT_NE(trace.output().find(bundle), std::string::npos) << trace.output();
}

}  // namespace
}  // namespace outrider::test
