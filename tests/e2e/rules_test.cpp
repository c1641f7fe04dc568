// SPDX-License-Identifier: Apache-2.0
//
// Falco's own rules judge what really happens: each of them fires when what it is about is done,
// and not when something like it is. The file is not ours, and so is not in this tree. One of the
// 25 is not done: it asks for the name of an address (fd.sip.name), which nobody knows here.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "support/containers.h"
#include "support/guest.h"
#include "support/program.h"

namespace outrider::test {
namespace {

namespace fs = std::filesystem;

// $FALCO_RULES, else where it lies beside this tree.
std::string falco_rules() {
  if (const char* path = std::getenv("FALCO_RULES")) return path;
  const fs::path beside =
      fs::path(OUTRIDER_SOURCE_DIRECTORY).parent_path() / "shared/data/falco_rules.yaml";
  return fs::exists(beside) ? beside.string() : "";
}

// Where it is run.
enum class Where : std::uint8_t {
  kHost,
  kContainer,
  kContainerWithTerminal,
  kPrivilegedContainer,
  kContainerOnOverlay,
  kChild,  // by a function of this test
};

// What is done, and what is like it. DIR stands for a directory of the test; in the alert, and in
// none for the other, is `marker`.
struct Deed {
  std::string_view rule;
  Where where;
  std::vector<std::string> words;
  std::vector<std::string> benign;
  std::string_view marker;
  std::string_view benign_marker;
};

// Waits six seconds, then reads.
constexpr std::string_view kReadsLate = "sleep 6; read x < /etc/shadow; : late";
constexpr std::string_view kReadsEarly = "read x < /etc/shadow; : early";

// A program of this name connects to a port, in a network that ends with it.
std::vector<std::string> ssh_to(int port) {
  return {"unshare", "-n", "sh", "-c",
          fmt::format("ip link set lo up; ip address add 203.0.113.1/32 dev lo; "
                      "busybox nc -l -p {0} > /dev/null & sleep 1; "
                      "DIR/ssh -c 'exec 3<>/dev/tcp/203.0.113.1/{0}'; kill %1",
                      port)};
}

const std::vector<Deed>& deeds() {
  // clang-format off: a table
  static const std::vector<Deed> kDeeds = {
      {"Directory traversal monitored file read", Where::kHost, {"cat", "/usr/share/../../etc/hostname"}, {"cat", "/etc/../etc/hostname"}, "fileraw=/usr/share/../../etc", "fileraw=/etc/../etc"},
      {"Read sensitive file trusted after startup", Where::kHost, {"DIR/nginx", "-c", std::string(kReadsLate)}, {"DIR/nginx", "-c", std::string(kReadsEarly)}, ": late", ": early"},
      {"Read sensitive file untrusted", Where::kHost, {"cat", "/etc/shadow", "DIR/evil"}, {"cat", "/etc/hostname", "DIR/benign"}, "/evil", "/benign"},
      {"Run shell untrusted", Where::kHost, {"DIR/nginx", "-c", "sh -c 'true evil'; true"}, {"DIR/other", "-c", "sh -c 'true benign'; true"}, "true evil", "true benign"},
      {"System user interactive", Where::kHost, {"DIR/sshd", "-c", "setpriv --reuid=1 --clear-groups true evil; true"}, {"DIR/sshd", "-c", "setpriv --reuid=0 --clear-groups true benign; true"}, "true evil", "true benign"},
      {"Terminal shell in container", Where::kContainerWithTerminal, {"/bin/sh", "-c", "true evil"}, {"/bin/true", "benign"}, "true evil", "benign"},
      {"Netcat Remote Code Execution in Container", Where::kContainer, {"/bin/nc", "-e", "evil"}, {"/bin/nc", "benign"}, "evil", "benign"},
      {"Search Private Keys or Passwords", Where::kHost, {"find", "DIR", "-name", "id_rsa"}, {"find", "DIR", "-name", "benign"}, "id_rsa", "benign"},
      {"Clear Log Activities", Where::kHost, {"cp", "/dev/null", "DIR/syslog"}, {"cp", "/dev/null", "DIR/benign"}, "/syslog", "/benign"},
      {"Remove Bulk Data from Disk", Where::kHost, {"shred", "-u", "DIR/evil"}, {"rm", "-f", "DIR/benign"}, "/evil", "/benign"},
      {"Create Symlink Over Sensitive Files", Where::kHost, {"ln", "-s", "/etc/shadow", "DIR/evil-link"}, {"ln", "-s", "/etc/hostname", "DIR/benign-link"}, "evil-link", "benign-link"},
      {"Create Hardlink Over Sensitive Files", Where::kHost, {"ln", "/etc/shadow", "DIR/evil-hard"}, {"ln", "/etc/hostname", "DIR/benign-hard"}, "evil-hard", "benign-hard"},
      {"Packet socket created in container", Where::kContainer, {"/bin/arping", "-c", "1", "-w", "1", "127.0.0.1"}, {"/bin/ping", "-c", "1", "-w", "1", "127.0.0.1"}, "arping", "/bin/ping"},
      {"Linux Kernel Module Injection Detected", Where::kPrivilegedContainer, {"/bin/insmod", "/marker"}, {"/bin/cat", "/marker"}, "insmod /marker", "cat /marker"},
      {"Debugfs Launched in Privileged Container", Where::kPrivilegedContainer, {"/bin/debugfs", "evil"}, {"/bin/cat", "benign"}, "evil", "benign"},
      {"Detect release_agent File Container Escapes", Where::kPrivilegedContainer, {"/bin/sh", "-c", ": > /tmp/evil/release_agent"}, {"/bin/sh", "-c", ": > /tmp/evil/benign"}, "release_agent", "benign"},
      {"PTRACE attached to process", Where::kHost, {"strace", "-o", "DIR/trace", "true", "evil"}, {"true", "benign"}, "evil", "benign"},
      {"PTRACE anti-debug attempt", Where::kChild, {"traceme"}, {"nothing"}, "PTRACE_TRACEME", "benign"},
      {"Find AWS Credentials", Where::kHost, {"grep", "aws_access_key_id", "DIR/nginx"}, {"grep", "benign", "DIR/nginx"}, "aws_access_key_id", "benign"},
      {"Execution from /dev/shm", Where::kHost, {"/dev/shm/outrider-evil"}, {"DIR/benign-program"}, "outrider-evil", "benign-program"},
      {"Drop and execute new binary in container", Where::kContainerOnOverlay, {"/bin/sh", "-c", "cp /bin/busybox /bin/evil; /bin/evil true"}, {"/bin/sh", "-c", "/bin/busybox true benign"}, "/bin/evil", "true benign"},
      {"Redirect STDOUT/STDIN to Network Connection in Container", Where::kContainer, {"/bin/ping", "-c", "1", "-w", "1", "127.0.0.1"}, {"/bin/sh", "-c", "true benign > /dev/null"}, "/bin/ping", "benign"},
      {"Disallowed SSH Connection Non Standard Port", Where::kHost, ssh_to(443), ssh_to(2222), "203.0.113.1:443", "203.0.113.1:2222"},
      {"Fileless execution via memfd_create", Where::kChild, {"memfd"}, {"nothing"}, "memfd", "benign"},
  };
  // clang-format on
  return kDeeds;
}

int trace_me() { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? 0 : 1; }

int run_from_memory() {
  const int memory = static_cast<int>(::syscall(SYS_memfd_create, "evil", 0));
  const int file = ::open("/bin/true", O_RDONLY | O_CLOEXEC);
  char bytes[65536];
  for (ssize_t size = 0; (size = ::read(file, bytes, sizeof(bytes))) > 0;) {
    if (::write(memory, bytes, static_cast<std::size_t>(size)) != size) return 1;
  }
  char name[] = "evil";
  char* const arguments[] = {name, nullptr};
  char* const environment[] = {nullptr};
  ::fexecve(memory, arguments, environment);
  return 1;
}

class Rules : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    rules_ = falco_rules();
    if (rules_.empty()) GTEST_SKIP() << "Falco's rules are not here; FALCO_RULES names the file";
    const std::string missing =
        missing_program({"busybox", "runc", "strace", "script", "setpriv", "shred"});
    if (!missing.empty()) GTEST_SKIP() << "not installed: " << missing;
    bundles_ = std::make_unique<Bundles>();
    for (const char* name : {"nc", "arping", "ping", "insmod", "debugfs", "cp"}) {
      fs::create_symlink("busybox", fs::path(bundles_->rootfs()) / "bin" / name);
    }
    fs::create_directories(fs::path(bundles_->rootfs()) / "tmp/evil");
    for (const char* name : {"nginx", "other", "sshd", "ssh"})
      fs::copy_file("/bin/bash", directory_ / name);
    for (const char* name : {"evil", "benign", "syslog"})
      std::ofstream(directory_ / name) << "text\n";
    fs::copy_file("/bin/true", directory_ / "benign-program");
    std::ignore = fs::copy_file("/bin/true", kInSharedMemory, fs::copy_options::overwrite_existing);
  }

  void TearDown() override {
    fs::remove(kInSharedMemory);
    for (const std::string& id : containers_) {
      if (::access(("/run/runc/" + id).c_str(), F_OK) == 0) {
        run_all({{"runc", "delete", "--force", id}}, 1);
      }
    }
    if (!overlay_.empty()) ::umount2(overlay_.c_str(), MNT_DETACH);
    ProgramTest::TearDown();
  }

  void perform(Where where, std::vector<std::string> words) {
    for (std::string& word : words) {
      if (const std::size_t at = word.find("DIR"); at != std::string::npos) {
        word.replace(at, 3, directory_.path());
      }
    }
    if (where == Where::kChild) {
      Child child(words.front() == "traceme" ? trace_me
                  : words.front() == "memfd" ? run_from_memory
                                             : [] { return 0; });
      child.wait();
      return;
    }
    if (where != Where::kHost) words = container(where, words);
    Subprocess process(words);
    process.wait(kPatience);
  }

  std::vector<std::string> container(Where where, const std::vector<std::string>& words) {
    const std::string id = fmt::format("outrider-rules-{}-{}", ::getpid(), containers_.size());
    containers_.push_back(id);
    const std::string bundle = bundles_->make(id, words);
    const fs::path file = fs::path(bundle) / "config.json";
    nlohmann::json config = nlohmann::json::parse(std::ifstream(file));
    auto& capabilities = config["process"]["capabilities"];
    for (const char* set : {"bounding", "effective", "permitted"}) {
      capabilities[set].push_back("CAP_NET_RAW");
      if (where == Where::kPrivilegedContainer) {
        for (const char* name : {"CAP_SYS_ADMIN", "CAP_SYS_MODULE"}) {
          capabilities[set].push_back(name);
        }
      }
    }
    config["root"]["readonly"] = false;
    if (where == Where::kPrivilegedContainer) {
      config["annotations"]["io.podman.annotations.privileged"] = "TRUE";
    }
    if (where == Where::kContainerOnOverlay) config["root"]["path"] = overlay();
    if (where == Where::kContainerWithTerminal) config["process"]["terminal"] = true;
    std::ofstream(file) << config.dump();
    if (where != Where::kContainerWithTerminal) return {"runc", "run", "--bundle", bundle, id};
    // Where nothing can be read any more script hangs the terminal up.
    return {"sh", "-c",
            fmt::format("sleep 2 | script -qec 'runc run --bundle {} {}' /dev/null", bundle, id)};
  }

  std::string overlay() {
    if (!overlay_.empty()) return overlay_;
    for (const char* name : {"upper", "work", "merged"}) fs::create_directories(directory_ / name);
    overlay_ = directory_ / "merged";
    const std::string options =
        fmt::format("lowerdir={},upperdir={},workdir={}", bundles_->rootfs(), directory_ / "upper",
                    directory_ / "work");
    EXPECT_EQ(::mount("overlay", overlay_.c_str(), "overlay", 0, options.c_str()), 0);
    return overlay_;
  }

  static constexpr char kInSharedMemory[] = "/dev/shm/outrider-evil";

  std::string rules_;
  std::unique_ptr<Bundles> bundles_;
  std::vector<std::string> containers_;
  std::string overlay_;
};

struct FiredAlert {
  std::string rule;
  std::string output;
};

std::vector<FiredAlert> alerts_in(const std::string& output) {
  std::vector<FiredAlert> alerts;
  for (const nlohmann::json& alert : parse_lines(output)) {
    alerts.push_back({alert.value("rule", ""), alert.value("output", "")});
  }
  return alerts;
}

TEST_F(Rules, FalcosAreLoadedWithoutAnError) {
  const Finished checked = run_program({"rules", "check", rules_});
  EXPECT_EQ(checked.ending.code, 0) << checked.errors;
  EXPECT_EQ(checked.output.substr(0, checked.output.find(',')), "25 rules (25 enabled)");
}

TEST_F(Rules, EachFiresForWhatItIsAboutAndNotForWhatIsLikeIt) {
  Subprocess judge({program(), "rules", "run", rules_, "-o", "json", "--all-matches"});
  ASSERT_TRUE(judge.wait_for_errors("judging by", kPatience)) << judge.errors();
  for (const Deed& deed : deeds()) {
    perform(deed.where, deed.benign);
    perform(deed.where, deed.words);
  }
  const auto fired = [](const std::vector<FiredAlert>& alerts, std::string_view rule,
                        std::string_view marker) {
    return std::ranges::any_of(alerts, [&](const FiredAlert& alert) {
      return alert.rule == rule && alert.output.find(marker) != std::string::npos;
    });
  };
  judge.send(SIGINT);
  ASSERT_TRUE(judge.wait(kPatience)) << judge.errors();
  const auto alerts = alerts_in(judge.output());
  for (const Deed& deed : deeds()) {
    EXPECT_TRUE(fired(alerts, deed.rule, deed.marker)) << deed.rule;
    EXPECT_FALSE(fired(alerts, deed.rule, deed.benign_marker)) << deed.rule;
  }
  if (HasFailure()) {
    for (const FiredAlert& alert : alerts) ADD_FAILURE() << alert.rule << ": " << alert.output;
    ADD_FAILURE() << judge.errors();
  }
}

// A rule about programs of one name, run by nobody else.
std::string rule_of(std::string_view rule, std::string_view program) {
  return fmt::format(
      "- rule: {}\n  desc: d\n  priority: NOTICE\n  output: run %proc.cmdline\n"
      "  condition: evt.type = execve and evt.res = SUCCESS and proc.name = {}\n",
      rule, program);
}

class AgentRulesTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    fs::create_directory(directory_ / "rules");
    fs::copy_file("/bin/true", directory_ / "rule-subject");
    std::ofstream(directory_ / "agent.yaml") << fmt::format(
        "run_directory: {0}/run\nobserve_group: \"\"\nmetrics: {{listen: \"\"}}\n"
        "rules: {{files: [{0}/rules]}}\nalerts: {{file: {0}/alerts}}\n",
        directory_.path());
  }

  void write_rule(const std::string& file, const std::string& text) {
    std::ofstream(directory_ / ("rules/" + file)) << text;
  }
  void run_subject(std::string_view argument) {
    Subprocess subject({directory_ / "rule-subject", std::string(argument)});
    subject.wait(kPatience);
  }
  [[nodiscard]] std::string alerts() const {
    std::ifstream file(directory_ / "alerts");
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_F(AgentRulesTest, RulesAreSwappedWholeWhenTheirFilesChange) {
  write_rule("a.yaml", rule_of("first", "rule-subject"));
  Subprocess agent({program(), "agent", "--config", directory_ / "agent.yaml"});
  ASSERT_TRUE(agent.wait_for_errors("is ready", kPatience)) << agent.errors();
  run_subject("one");
  EXPECT_TRUE(
      eventually([&] { return alerts().find("rule-subject one") != std::string::npos; }, kPatience))
      << agent.errors();

  write_rule("a.yaml", rule_of("second", "rule-subject"));
  ASSERT_TRUE(agent.wait_for_errors("1 rules have been read again", kPatience)) << agent.errors();
  run_subject("two");
  EXPECT_TRUE(eventually([&] { return alerts().find("rule-subject two") != std::string::npos; },
                         kPatience));

  // What is wrong changes nothing, and is told with its place.
  write_rule("b.yaml", "- rule: third\n");
  ASSERT_TRUE(agent.wait_for_errors("b.yaml:1:3: error", kPatience)) << agent.errors();
  run_subject("three");
  EXPECT_TRUE(eventually([&] { return alerts().find("rule-subject three") != std::string::npos; },
                         kPatience));
  agent.send(SIGTERM);
  EXPECT_EQ(agent.wait(kPatience).value_or(Subprocess::Ending{}).code, 0);

  const auto count = [lines = lines_of(alerts())](std::string_view rule) {
    return std::ranges::count_if(lines, [rule](const std::string& line) {
      return line.find(fmt::format("\"rule\":\"{}\"", rule)) != std::string::npos;
    });
  };
  EXPECT_EQ(count("first"), 1) << alerts();
  EXPECT_EQ(count("second"), 2) << alerts();
}

class OwnRules : public ProgramTest {};

TEST_F(OwnRules, TestsOfThePoliciesPass) {
  const std::string policies = std::string(OUTRIDER_SOURCE_DIRECTORY) + "/policies";
  const Finished checked = run_program({"rules", "check", policies});
  EXPECT_EQ(checked.ending.code, 0) << checked.errors;
  const Finished tested = run_program({"rules", "test", policies + "/tests"});
  EXPECT_EQ(tested.ending.code, 0) << tested.output << tested.errors;
  EXPECT_NE(tested.output.find(" 0 failed"), std::string::npos) << tested.output;
}

}  // namespace
}  // namespace outrider::test
