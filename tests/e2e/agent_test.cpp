// SPDX-License-Identifier: Apache-2.0
//
// `outrider agent`: the same output as without it, its API with curl, its metrics with Prometheus'
// own tool, who may do what, and how it ends.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>

#include "base/file_descriptor.h"
#include "support/program.h"

namespace outrider::test {
namespace {

using Ending = Subprocess::Ending;
using Json = nlohmann::json;

bool is_installed(const std::string& program) {
  Subprocess which({"sh", "-c", "command -v " + program});
  return which.wait(kPatience) == Ending{.code = 0};
}

class AgentTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    if (!is_installed("curl")) GTEST_SKIP() << "curl is not installed";
    configure("");
    start();
  }

  // The metrics' port is whichever is free.
  void configure(const std::string& more) {
    std::ofstream(directory_ / "agent.yaml")
        << "run_directory: " << run() << "\nobserve_group: \"\"\n"
        << "metrics: {listen: \"127.0.0.1:0\"}\n"
        << more;
  }

  void start() {
    agent_.emplace(
        std::vector<std::string>{program(), "agent", "--config", directory_ / "agent.yaml"});
    ASSERT_TRUE(agent_->wait_for_errors("is ready", kPatience)) << agent_->errors();
  }

  void restart() {
    agent_->send(SIGTERM);
    ASSERT_EQ(agent_->wait(kPatience), Ending{.code = 0}) << agent_->errors();
    start();
  }

  [[nodiscard]] std::string run() const { return directory_ / "run"; }
  [[nodiscard]] Subprocess::Options through_agent() const {
    return {.environment = {"OUTRIDER_RUN_DIRECTORY=" + run()}};
  }
  [[nodiscard]] std::string socket(const std::string& name = "observe.sock") const {
    return run() + "/" + name;
  }

  Finished curl(const std::string& target, std::vector<std::string> more = {},
                const std::string& name = "observe.sock") {
    std::vector<std::string> words{
        "curl", "-sS", "-o", "-", "-w", "%{stderr}%{http_code}", "--unix-socket", socket(name)};
    std::ranges::move(more, std::back_inserter(words));
    words.push_back("http://localhost" + target);
    Subprocess process(words);
    const auto ending = process.wait(kPatience);
    EXPECT_TRUE(ending) << "still running: curl " << target;
    return {ending.value_or(Ending{}), process.output(), process.errors()};
  }
  Json curl_json(const std::string& target) {
    const Finished finished = curl(target);
    EXPECT_EQ(finished.errors, "200") << target << finished.output;
    return Json::parse(finished.output, nullptr, false);
  }

  // Opens that this process makes, until it holds.
  bool make_events_until(const std::function<bool()>& holds) {
    return eventually(
        [&] {
          open_missing(directory_ / "missing", 10);
          return holds();
        },
        kPatience);
  }

  std::optional<Subprocess> agent_;
};

// The number behind a text that the log has; empty if it has not.
std::string number_behind(const std::string& text, std::string_view before) {
  const std::size_t found = text.find(before);
  if (found == std::string::npos) return "";
  const std::size_t begin = found + before.size();
  return text.substr(begin, text.find_first_not_of("0123456789", begin) - begin);
}

// A port of the loopback that nobody listens at.
std::uint16_t free_port() {
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

// What differs from run to run.
std::string without_times(std::string_view lines) {
  std::string text;
  for (Json event : parse_lines(lines)) {
    for (const char* name : {"evt.time", "evt.boottime", "thread.tid"}) event.erase(name);
    text += event.dump() + "\n";
  }
  return text;
}

TEST_F(AgentTest, TheSameOutputAsWithoutIt) {
  const auto words = own_events({"open", "-o", "json", "--max-events", "3"});
  std::string outputs[2];
  for (const bool through : {false, true}) {
    Trace trace(words, through ? through_agent()
                               : Subprocess::Options{
                                     .environment = {"OUTRIDER_RUN_DIRECTORY=/nonexistent"}});
    ASSERT_TRUE(trace.ready()) << trace.errors();
    EXPECT_EQ(trace.objects().programs.empty(), through);
    open_missing(directory_ / "missing", 3);
    EXPECT_EQ(trace.wait(kPatience), Ending{.code = 0});
    expect_equation(account_in(trace.errors()));
    outputs[through] = without_times(trace.output());
  }
  EXPECT_EQ(outputs[0], outputs[1]);
  EXPECT_EQ(lines_of(outputs[0]).size(), 3u);
}

// What it writes would be written again, and that again.
TEST_F(AgentTest, ACommandDoesNotReportItself) {
  Trace trace({"syscall:write", "-o", "json", "--where", "proc.name = outrider", "--timeout", "1"},
              through_agent());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  EXPECT_EQ(trace.wait(kPatience), Ending{.code = 0}) << trace.errors();
  EXPECT_EQ(trace.output(), "");
  expect_equation(account_in(trace.errors()));
}

// They change programs that run: that is not for everybody who may read events.
TEST_F(AgentTest, ProbesAreTheCommandsOwn) {
  Trace trace({"tp:sched:sched_process_exit", "--max-events", "1"}, through_agent());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  EXPECT_FALSE(trace.objects().programs.empty());
  std::ignore = run_program({"--version"});
  EXPECT_EQ(trace.wait(kPatience), Ending{.code = 0}) << trace.errors();
  for (const std::string kind : {"tp:sched:sched_process_exit", "uprobe:/etc/shadow:main"}) {
    const Finished refused = curl("/v1/trace?kind=" + kind);
    EXPECT_EQ(refused.errors, "400") << kind;
    EXPECT_NE(refused.output.find("the agent attaches no probes"), std::string::npos)
        << refused.output;
  }
}

TEST_F(AgentTest, GroupsAndColumnsToo) {
  Trace trace(own_events({"open", "--by", "proc.name", "--interval", "0", "--no-header"}),
              through_agent());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_missing(directory_ / "missing", 100);
  EXPECT_EQ(trace.interrupt(), Ending{.code = 0});
  std::istringstream line(trace.output());
  std::string time, name;
  int count = 0;
  line >> time >> count >> name;
  EXPECT_EQ(name, kGeneratorName) << trace.output();
  EXPECT_EQ(count, 100) << trace.output();
}

// What it says of one call of this process, with its own calls from one report to the other.
TEST_F(AgentTest, CallsAreCountedAsWithoutIt) {
  constexpr int kOpens = 123;
  nlohmann::json rows[2];
  for (const bool through : {false, true}) {
    const std::string file = directory_ / "calls";
    Subprocess calls(
        {program(), "syscalls", "--pid", std::to_string(::getpid()), "--by", "process", "--errors",
         "-o", "json", "-O", file},
        through ? through_agent()
                : Subprocess::Options{.environment = {"OUTRIDER_RUN_DIRECTORY=/nonexistent"}});
    ASSERT_TRUE(
        calls.wait_for_errors("outrider: counting system calls; Ctrl-C to stop\n", kPatience))
        << calls.errors();
    EXPECT_EQ(held_by(calls.pid()).programs.empty(), through);
    open_missing(directory_ / "missing", kOpens);
    calls.send(SIGUSR1);
    std::ifstream lines(file);
    std::string line;
    ASSERT_TRUE(eventually(
        [&] {
          lines.clear();
          return static_cast<bool>(std::getline(lines, line));
        },
        kPatience));
    calls.send(SIGINT);
    EXPECT_EQ(calls.wait(kPatience), Ending{.code = 0}) << calls.errors();
    EXPECT_EQ(calls.errors(), "outrider: counting system calls; Ctrl-C to stop\n");
    const auto report = Json::parse(line, nullptr, false);
    ASSERT_TRUE(report.is_object()) << line;
    for (Json row : report["calls"]) {
      if (row["evt.type"] != "openat" || row["proc.name"] != kGeneratorName) continue;
      for (auto& [key, value] : row.items()) {
        if (key.find("time") != std::string::npos || key.ends_with("_ns") || key == "p50" ||
            key == "p99" || key == "max") {
          value = 0;
        }
      }
      rows[through] = row;
    }
    EXPECT_EQ(rows[through]["calls"], kOpens) << line;
    EXPECT_EQ(rows[through]["errors"], kOpens) << line;
    std::getline(lines, line);
    EXPECT_NE(line.find("\"account\""), std::string::npos) << "the last has all: " << line;
  }
  std::vector<std::string> keys[2];
  for (const bool through : {false, true}) {
    for (const auto& [key, value] : rows[through].items()) keys[through].push_back(key);
  }
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_EQ(rows[0]["by_error"], rows[1]["by_error"]);
  EXPECT_EQ(rows[0]["proc.pid"], rows[1]["proc.pid"]);
}

// Columns too, and without a reader of JSON.
TEST_F(AgentTest, WhatUsesMostIsToldAsWithoutIt) {
  std::vector<std::string> headings;
  for (const bool through : {false, true}) {
    const Subprocess::Options options =
        through ? through_agent()
                : Subprocess::Options{.environment = {"OUTRIDER_RUN_DIRECTORY=/nonexistent"}};
    const Finished rows = run_program({"top", "process", "-o", "json", "--interval", "0.5",
                                       "--count", "1", "--pid", std::to_string(::getpid())},
                                      options);
    EXPECT_EQ(rows.ending.code, 0) << rows.errors;
    EXPECT_EQ(rows.errors, "outrider: top process; Ctrl-C to stop\n");
    const auto lines = parse_lines(rows.output);
    ASSERT_EQ(lines.size(), 1u) << rows.output;
    EXPECT_EQ(lines[0]["proc.pid"], ::getpid());
    EXPECT_EQ(lines[0]["proc.ppid"], ::getppid());
    const Finished table =
        run_program({"top", "syscall", "--interval", "0.5", "--count", "2"}, options);
    EXPECT_EQ(table.ending.code, 0) << table.errors;
    // The time of day, and then the heading.
    headings.push_back(lines_of(table.output).at(1));
  }
  EXPECT_EQ(headings[0], headings[1]);
}

// A few at a time; and one that ends as its reader goes leaves nothing.
TEST_F(AgentTest, CommandsThatGoOnAreFew) {
  configure("streams: {commands: 1}\n");
  restart();
  const KernelObjects before = held_by(agent_->pid());
  std::optional<Subprocess> first;
  first.emplace(std::vector<std::string>{program(), "top", "file"}, through_agent());
  ASSERT_TRUE(first->wait_for_errors("Ctrl-C to stop", kPatience)) << first->errors();
  const auto streams = parse_lines(curl("/v1/streams").output);
  ASSERT_EQ(streams.size(), 1u);
  EXPECT_EQ(streams[0]["of"], "top");
  EXPECT_EQ(streams[0]["pid"], first->pid());
  const Finished second = run_program({"syscalls"}, through_agent());
  EXPECT_EQ(second.ending.code, 1);
  EXPECT_NE(second.errors.find("there are 1 such commands already"), std::string::npos)
      << second.errors;
  // Killed.
  first.reset();
  EXPECT_TRUE(eventually([&] { return curl("/v1/streams").output.empty(); }, kPatience));
  EXPECT_TRUE(
      eventually([&] { return held_by(agent_->pid()).programs == before.programs; }, kPatience));
  // The agent's end ends them in order.
  Subprocess last({program(), "syscalls", "-o", "json"}, through_agent());
  ASSERT_TRUE(last.wait_for_errors("Ctrl-C to stop", kPatience)) << last.errors();
  agent_->send(SIGTERM);
  EXPECT_EQ(agent_->wait(kPatience), Ending{.code = 0}) << agent_->errors();
  EXPECT_EQ(last.wait(kPatience), Ending{.code = 0}) << last.errors();
  EXPECT_NE(last.output().find("\"account\""), std::string::npos) << last.output();
}

// What a stream has been given, what waits for its reader, and what it costs.
TEST_F(AgentTest, TellsWhatAStreamCosts) {
  Trace trace(own_events({"open", "-o", "json"}), through_agent());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  constexpr int kOpens = 5000;
  open_missing(directory_ / "missing", kOpens);
  ASSERT_TRUE(
      eventually([&] { return std::ranges::count(trace.output(), '\n') >= kOpens; }, kPatience));
  const Finished status = run_program({"status", "-o", "json", "--no-measure"}, through_agent());
  const auto told = Json::parse(status.output, nullptr, false);
  ASSERT_EQ(told["agent"]["streams"].size(), 1u) << status.output << status.errors;
  const Json& stream = told["agent"]["streams"][0];
  EXPECT_EQ(stream["account"]["open"]["delivered"], kOpens);
  EXPECT_GE(stream["bytes_sent"], trace.output().size());
  EXPECT_EQ(stream["bytes_waiting"], 0);
  EXPECT_GT(stream["bytes_may_wait"], 65536);
  // 5000 events at 0.1 to 100 us.
  EXPECT_GT(stream["cpu_ns"], 500'000);
  EXPECT_LT(stream["cpu_ns"], 500'000'000);
  const Finished table = run_program({"status", "--no-measure"}, through_agent());
  EXPECT_NE(table.output.find(" DELIVERED   FILTERED     LOST      SENT   WAITING     CPU  OF\n"),
            std::string::npos)
      << table.output;
  EXPECT_NE(table.output.find("  COUNTED "), std::string::npos) << table.output;
  EXPECT_EQ(trace.interrupt(), Ending{.code = 0});
  const std::string metrics = curl("/metrics").output;
  EXPECT_NE(metrics.find(fmt::format("outrider_stream_events_delivered_total {}\n", kOpens)),
            std::string::npos)
      << metrics;
  EXPECT_NE(metrics.find("outrider_commands_total{command=\"status\"} 2\n"), std::string::npos)
      << metrics;
}

TEST_F(AgentTest, WrongRequestsAreRefusedAsOnTheCommandLine) {
  const std::vector<std::string> wrong[] = {{"trace", "opne"},
                                            {"syscalls", "--sort", "nothing"},
                                            {"syscalls", "--pid", "4194304"},
                                            {"top", "nothing"},
                                            {"top", "process", "--where", "proc.nam = x"},
                                            {"trace", "open", "--where", "proc.nam = x"},
                                            {"snapshot", "nothing"},
                                            {"trace", "open", "--fields", "fd.nam"}};
  for (const auto& words : wrong) {
    const Finished through = run_program(words, through_agent());
    const Finished alone =
        run_program(words, {.environment = {"OUTRIDER_RUN_DIRECTORY=/nonexistent"}});
    EXPECT_EQ(through.ending, alone.ending);
    EXPECT_EQ(through.ending.code, 2);
    EXPECT_EQ(through.errors, alone.errors);
  }
}

// SIGUSR1 asks how far it is, and the stream goes on.
TEST_F(AgentTest, TellsTheAccountWhenAsked) {
  Trace trace(own_events({"open", "-o", "json"}), through_agent());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  ASSERT_TRUE(make_events_until([&] { return !trace.output().empty(); }));
  trace.send(SIGUSR1);
  ASSERT_TRUE(trace.wait_for_errors("\"account\"", kPatience));
  EXPECT_EQ(trace.interrupt(), Ending{.code = 0});
  const auto account = account_in(trace.errors());
  expect_equation(account);
  EXPECT_EQ(account["account"]["open"]["delivered"], parse_lines(trace.output()).size());
}

TEST_F(AgentTest, OneThatReadsNothingLosesAlone) {
  configure("streams: {buffer: 1024}\n");
  restart();
  // Asks, and never reads what comes.
  const FileDescriptor slow(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket().c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(::connect(slow.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const std::string request =
      "GET /v1/trace?kind=open&output=json HTTP/1.1\r\nHost: localhost\r\n\r\n";
  ASSERT_EQ(::send(slow.get(), request.data(), request.size(), 0), std::ssize(request));
  ASSERT_TRUE(
      eventually([&] { return !parse_lines(curl("/v1/streams").output).empty(); }, kPatience));

  // Some at a time, as much as waits for a reader at most; all of them are more than a slow one
  // gets.
  constexpr int kBatches = 40, kBatch = 500, kOpens = kBatches * kBatch;
  Trace quick(own_events({"open", "-o", "json", "--max-events", std::to_string(kOpens)}),
              through_agent());
  ASSERT_TRUE(quick.ready()) << quick.errors();
  for (int batch = 1; batch <= kBatches; ++batch) {
    open_missing(directory_ / "missing", kBatch);
    eventually([&] { return std::ranges::count(quick.output(), '\n') >= batch * kBatch; },
               kPatience);
  }
  EXPECT_EQ(quick.wait(kPatience), Ending{.code = 0});
  const auto account = account_in(quick.errors());
  expect_equation(account);
  EXPECT_EQ(lost_of(account, "open"), 0u);
  EXPECT_EQ(lines_of(quick.output()).size(), static_cast<std::size_t>(kOpens));

  const Finished status = run_program({"status", "-o", "json", "--no-measure"}, through_agent());
  const auto told = Json::parse(status.output, nullptr, false);
  ASSERT_TRUE(told.is_object()) << status.output << status.errors;
  EXPECT_EQ(told["agent"]["pid"], agent_->pid());
  EXPECT_EQ(told["agent"]["streams"].size(), 1u);

  const auto streams = parse_lines(curl("/v1/streams").output);
  ASSERT_EQ(streams.size(), 1u);
  EXPECT_GT(streams[0]["account"]["open"]["lost"]["unwritten"], 0);
  EXPECT_EQ(streams[0]["pid"], ::getpid());
}

TEST_F(AgentTest, EveryPathOfItsDocumentIsThere) {
  const Json document = curl_json("/v1/openapi.json");
  ASSERT_TRUE(document.is_object());
  EXPECT_EQ(document["openapi"], "3.0.3");
  // What a request needs besides its path.
  const std::map<std::string, std::string> needed = {
      {"/v1/trace", "?kind=open&timeout=0.01"},
      {"/v1/snapshot", "?what=container"},
      {"/v1/fields", "?pattern=fd.name"},
      {"/v1/syscalls", "?timeout=0.01"},
      {"/v1/top", "?what=process&count=1&interval=0.1"},
      {"/v1/status", "?no-measure=true"}};
  for (const auto& [path, operations] : document["paths"].items()) {
    if (path.find('{') != std::string::npos || operations.contains("post")) continue;
    const auto more = needed.find(path);
    const Finished got = curl(path + (more != needed.end() ? more->second : ""));
    EXPECT_EQ(got.errors, "200") << path << got.output;
    EXPECT_FALSE(got.output.empty() && path != "/v1/snapshot" && path != "/v1/streams") << path;
  }
  EXPECT_EQ(curl("/v1/nothing").errors, "404");
  EXPECT_EQ(curl("/").errors, "404");
  EXPECT_EQ(curl("/metrics", {"-X", "DELETE"}).errors, "405");
  EXPECT_EQ(curl("/v1/trace?kind=opne").errors, "400");
  EXPECT_EQ(curl("/v1/trace?knid=open").errors, "400");
  EXPECT_EQ(curl("/v1/streams/123456").errors, "404");
}

// Each parameter of the document is one that the server takes.
TEST_F(AgentTest, EveryParameterOfItsDocumentIsTaken) {
  const Json document = curl_json("/v1/openapi.json");
  for (const auto& [path, operations] : document["paths"].items()) {
    if (!operations.contains("get") || !operations["get"].contains("parameters")) continue;
    for (const Json& parameter : operations["get"]["parameters"]) {
      if (parameter["in"] != "query") continue;
      const std::string name = parameter["name"];
      const Finished got = curl(fmt::format("{}?{}=%00", path, name));
      EXPECT_EQ(got.errors, "400");
      const std::string end = path == "/v1/top" ? "count=1" : "timeout=0.01";
      const Finished taken = curl(fmt::format("{}?{}=%20&{}", path, name, end));
      EXPECT_EQ(taken.output.find("no parameter '" + name), std::string::npos) << taken.output;
    }
  }
}

TEST_F(AgentTest, OnlyTheAdminSocketChangesSomething) {
  EXPECT_EQ(curl("/v1/reload", {"-X", "POST"}).errors, "403");
  EXPECT_EQ(curl("/v1/reload", {"-X", "POST"}, "admin.sock").errors, "200");
  struct stat status{};
  for (const std::string name : {"observe.sock", "admin.sock"}) {
    ASSERT_EQ(::stat(socket(name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_EQ(status.st_uid, 0u);
  }
}

TEST_F(AgentTest, RequestsThatAreTooMuch) {
  EXPECT_EQ(curl("/healthz", {"-H", "x: " + std::string(20'000, 'x')}).errors, "400");
  EXPECT_EQ(curl("/healthz", {"-d", std::string(100'000, 'x')}).errors, "400");
  EXPECT_EQ(curl("/healthz").output, "ok\n");
}

TEST_F(AgentTest, MetricsAreAsPrometheusWantsThem) {
  const Finished metrics = curl("/metrics");
  ASSERT_EQ(metrics.errors, "200");
  EXPECT_NE(metrics.output.find("outrider_events_seen_total{kind=\"exec\"}"), std::string::npos);
  if (!is_installed("promtool")) GTEST_SKIP() << "promtool (prometheus) is not installed";
  std::ofstream(directory_ / "metrics") << metrics.output;
  Subprocess check({"sh", "-c", "promtool check metrics < " + (directory_ / "metrics")});
  EXPECT_EQ(check.wait(kPatience), Ending{.code = 0}) << check.errors();
  EXPECT_EQ(check.output() + check.errors(), "");
}

// Debian's own, which scrapes the loopback listener as it does on a node.
class PrometheusTest : public AgentTest {
 protected:
  void SetUp() override {
    AgentTest::SetUp();
    if (IsSkipped()) return;
    if (!is_installed("prometheus")) GTEST_SKIP() << "prometheus is not installed";
    const std::string metrics = number_behind(agent_->errors(), "metrics at port ");
    ASSERT_NE(metrics, "") << agent_->errors();
    std::ofstream(directory_ / "prometheus.yml")
        << "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
        << "scrape_configs:\n"
        << "- job_name: outrider\n"
        << "  static_configs: [{targets: [\"127.0.0.1:" << metrics << "\"]}]\n";
    port_ = free_port();
    prometheus_.emplace(
        std::vector<std::string>{"prometheus", "--config.file=" + (directory_ / "prometheus.yml"),
                                 "--storage.tsdb.path=" + (directory_ / "prometheus"),
                                 fmt::format("--web.listen-address=127.0.0.1:{}", port_)});
  }

  // The first value of what it makes of an expression; nothing if it has none as yet.
  std::optional<double> value_of(const std::string& expression) {
    Subprocess process({"curl", "-sS", "--noproxy", "*", "-G",
                        fmt::format("http://127.0.0.1:{}/api/v1/query", port_), "--data-urlencode",
                        "query=" + expression});
    if (process.wait(kPatience) != Ending{.code = 0}) return std::nullopt;
    const Json reply = Json::parse(process.output(), nullptr, false);
    const Json::json_pointer place("/data/result/0/value/1");
    if (!reply.is_object() || !reply.contains(place)) return std::nullopt;
    return std::stod(reply[place].get<std::string>());
  }
  bool becomes(const std::string& expression, const std::function<bool(double)>& holds) {
    return eventually(
        [&] {
          const auto value = value_of(expression);
          return prometheus_->ended() || (value && holds(*value));
        },
        kPatience);
  }

  std::uint16_t port_ = 0;
  std::optional<Subprocess> prometheus_;
};

TEST_F(PrometheusTest, Scrapes) {
  ASSERT_TRUE(becomes("up{job=\"outrider\"}", [](double up) { return up == 1; }))
      << prometheus_->errors();
  ASSERT_FALSE(prometheus_->ended()) << prometheus_->errors();
  EXPECT_EQ(value_of("count(count by (version) (outrider_build_info))"), 1);
  EXPECT_GT(value_of("count({__name__=~\"outrider_.*\"})"), 20);
  EXPECT_GT(value_of("process_resident_memory_bytes{job=\"outrider\"}"), 1'000'000);
  EXPECT_EQ(value_of("outrider_streams"), 0);

  // It sees what happens: processes of ours, and a stream.
  const std::string seen = "outrider_events_seen_total{kind=\"exec\"}";
  const double before = value_of(seen).value_or(0);
  constexpr int kPrograms = 20;
  for (int i = 0; i < kPrograms; ++i) {
    EXPECT_EQ(Subprocess({"true"}).wait(kPatience), Ending{.code = 0});
  }
  EXPECT_TRUE(becomes(seen, [&](double now) { return now >= before + kPrograms; }))
      << before << " " << value_of(seen).value_or(0);
  Trace trace(own_events({"open", "-o", "json"}), through_agent());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  EXPECT_TRUE(becomes("outrider_streams", [](double streams) { return streams == 1; }));
  EXPECT_EQ(trace.interrupt(), Ending{.code = 0});

  // Once the agent has gone it is down.
  agent_->send(SIGTERM);
  EXPECT_EQ(agent_->wait(kPatience), Ending{.code = 0}) << agent_->errors();
  EXPECT_TRUE(becomes("up{job=\"outrider\"}", [](double up) { return up == 0; }));
  EXPECT_FALSE(prometheus_->ended());
  prometheus_->send(SIGTERM);
  EXPECT_EQ(prometheus_->wait(kPatience), Ending{.code = 0}) << prometheus_->errors();
}

TEST_F(AgentTest, OneOfAKind) {
  const Finished second = run_program({"agent", "--config", directory_ / "agent.yaml"});
  EXPECT_EQ(second.ending.code, 1);
  EXPECT_NE(second.errors.find(fmt::format("process {} holds", agent_->pid())), std::string::npos)
      << second.errors;
}

TEST_F(AgentTest, ReadsItsConfigurationAgain) {
  configure("log: {level: loud}\n");
  agent_->send(SIGHUP);
  EXPECT_TRUE(agent_->wait_for_errors("agent.yaml:4:14: log.level: not 'loud'", kPatience))
      << agent_->errors();
  configure("streams: {most: 1}\n");
  agent_->send(SIGHUP);
  ASSERT_TRUE(agent_->wait_for_errors("has been read again", kPatience)) << agent_->errors();
  Trace first(own_events({"open"}), through_agent());
  ASSERT_TRUE(first.ready());
  const Finished second = run_program(own_events({"trace", "open"}), through_agent());
  EXPECT_EQ(second.ending.code, 1);
  EXPECT_NE(second.errors.find("there are 1 streams already"), std::string::npos) << second.errors;
}

// The streams end with their accounts, and nothing is left.
TEST_F(AgentTest, EndsInOrder) {
  const KernelObjects objects = held_by(agent_->pid());
  EXPECT_FALSE(objects.programs.empty());
  Trace trace(own_events({"open", "-o", "json"}), through_agent());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  ASSERT_TRUE(make_events_until([&] { return !trace.output().empty(); }));
  agent_->send(SIGTERM);
  EXPECT_EQ(agent_->wait(kPatience), Ending{.code = 0}) << agent_->errors();
  EXPECT_EQ(trace.wait(kPatience), Ending{.code = 0});
  const auto account = account_in(trace.errors());
  expect_equation(account);
  EXPECT_EQ(account["account"]["open"]["delivered"], parse_lines(trace.output()).size());
  EXPECT_EQ(remains_of(objects), "");
  EXPECT_NE(::access(socket().c_str(), F_OK), 0);
}

TEST_F(AgentTest, KilledAndStartedAgain) {
  const KernelObjects objects = held_by(agent_->pid());
  Trace trace(own_events({"open", "-o", "json"}), through_agent());
  ASSERT_TRUE(trace.ready()) << trace.errors();
  agent_->send(SIGKILL);
  EXPECT_EQ(agent_->wait(kPatience), Ending{.signal = SIGKILL});
  EXPECT_EQ(trace.wait(kPatience), Ending{.code = 1});
  EXPECT_NE(trace.errors().find("what came so far is not all"), std::string::npos)
      << trace.errors();
  EXPECT_EQ(remains_of(objects), "");
  start();
  Trace again(own_events({"open", "-o", "json", "--max-events", "1"}), through_agent());
  ASSERT_TRUE(again.ready()) << again.errors();
  open_missing(directory_ / "missing");
  EXPECT_EQ(again.wait(kPatience), Ending{.code = 0});
}

TEST_F(AgentTest, SaysWhatIsWrongWithItsConfiguration) {
  configure("kinds: [opne]\n");
  const Finished check =
      run_program({"agent", "--check-config", "--config", directory_ / "agent.yaml"});
  EXPECT_EQ(check.ending.code, 2);
  EXPECT_EQ(check.errors, fmt::format("{}:4:9: kinds: not 'opne', but maybe 'open'; 'outrider "
                                      "trace' lists them\n",
                                      directory_ / "agent.yaml"));
  const Finished reference = run_program({"agent", "--print-config"});
  std::ofstream(directory_ / "reference.yaml") << reference.output;
  EXPECT_EQ(run_program({"agent", "--check-config", "--config", directory_ / "reference.yaml"})
                .ending.code,
            0);
}

}  // namespace
}  // namespace outrider::test
