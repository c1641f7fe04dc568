// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <grp.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "agent/agent_rules.h"
#include "agent/agent_stream.h"
#include "agent/command_reply.h"
#include "agent/lock.h"
#include "agent/metrics.h"
#include "agent/openapi.h"
#include "agent/service_manager.h"
#include "agent/task_queue.h"
#include "api/server.h"
#include "base/clock.h"
#include "base/cpu_timer.h"
#include "bpf/programs.h"
#include "engine/budget_keeper.h"
#include "engine/engine.h"
#include "engine/engine_loop.h"
#include "sensors/registry.h"
#include "streams/trace_request.h"

namespace outrider {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

// Counted while the agent runs: exec and exit cost nothing that the tables do not cost already.
constexpr std::string_view kAlwaysCounted[] = {"exec", "exit"};
// A loop that has not come round for so long hangs. It comes round every kLongestWait at the
// latest.
constexpr seconds kHangs{10};
constexpr seconds kLongestWait{1};

Result<void> start_log(const Configuration& configuration) {
  std::shared_ptr<spdlog::logger> logger;
  if (configuration.log_file.empty()) {
    logger =
        std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  } else {
    try {
      logger = std::make_shared<spdlog::logger>(
          "",
          std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
              configuration.log_file, configuration.log_file_size << 20, configuration.log_files));
    } catch (const spdlog::spdlog_ex& error) {
      return fail(fmt::format("write the log: {}", error.what()));
    }
  }
  // The journal has time and program itself: systemd.exec(5).
  const bool journal = configuration.log_file.empty() && std::getenv("JOURNAL_STREAM") != nullptr;
  logger->set_pattern(journal ? "%l: %v" : "%Y-%m-%dT%H:%M:%S.%e%z %l: %v");
  logger->set_level(spdlog::level::from_str(configuration.log_level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

// Of its name; nothing if there is none.
std::optional<gid_t> group_of(const std::string& name) {
  group entry{};
  group* found = nullptr;
  std::vector<char> buffer(64 * 1024);
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? std::optional(entry.gr_gid) : std::nullopt;
}

Result<void> make_run_directory(const std::string& path, gid_t group) {
  if (::mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) {
    return fail_errno(fmt::format("make {}", path), errno);
  }
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail_errno(fmt::format("look at {}", path), errno);
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & S_IWOTH) != 0) {
    return fail(
        fmt::format("{} is no directory of ours: others could put their own sockets there", path));
  }
  if (group != static_cast<gid_t>(-1) &&
      (::chown(path.c_str(), static_cast<uid_t>(-1), group) != 0 ||
       ::chmod(path.c_str(), 0750) != 0)) {
    return fail_errno(fmt::format("give {} to the group {}", path, group), errno);
  }
  return {};
}

Result<std::vector<const EventDescriptor*>> kinds_named(const std::vector<std::string>& names) {
  std::vector<const EventDescriptor*> kinds;
  for (const std::string& name : names) {
    const EventDescriptor* kind = find_kind(std::string_view(name));
    if (kind == nullptr) return fail(fmt::format("no kind '{}'", name), ExitCode::kBadInput);
    if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(kind);
  }
  return kinds;
}

std::string target_text(const Target& target) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : target.parameters) {
    parts.push_back(fmt::format("{}={}", name, value));
  }
  return fmt::format("{}{}{}", target.path, parts.empty() ? "" : "?", fmt::join(parts, "&"));
}

nlohmann::ordered_json parsed_account(const Account& account) {
  const auto json = nlohmann::ordered_json::parse(account_json(account), nullptr,
                                                  /*allow_exceptions=*/false);
  return json.value("account", nlohmann::ordered_json::object());
}

// ---- the agent

class Agent {
 public:
  // `signals`: those that it is told by, as a signalfd.
  Agent(const AgentOptions& options, FileDescriptor signals)
      : options_(options),
        configuration_(options.configuration),
        signals_(std::move(signals)),
        server_([this](ApiRequest request,
                       Answer answer) { route(std::move(request), std::move(answer)); },
                {}),
        command_costs_(options.commands.size()) {}

  Result<void> start();
  Result<void> run();

 private:
  struct Route {
    std::string_view method;
    std::string_view path;  // one that ends with '/' has something behind it
    bool is_admin = false;
    bool is_everywhere = false;  // on the loopback as well
    void (Agent::*handle)(ApiRequest request, Answer answer);
  };
  static const Route kRoutes[];

  // In the API's thread.
  void route(ApiRequest request, Answer answer);
  void serve_health(ApiRequest request, Answer answer);
  void serve_readiness(ApiRequest request, Answer answer);
  void serve_metrics(ApiRequest request, Answer answer);
  void serve_openapi(ApiRequest request, Answer answer);
  void serve_trace(ApiRequest request, Answer answer);
  void serve_agent(ApiRequest request, Answer answer);
  void serve_streams(ApiRequest request, Answer answer);
  void serve_stream(ApiRequest request, Answer answer);
  void serve_command(ApiRequest request, Answer answer);
  void serve_going_on(const ServedStream& command, ApiRequest request, Answer answer);
  void serve_reload(ApiRequest request, Answer answer);

  // In the engine's.
  Result<ApiReply> open_stream(const ApiRequest& request, const TraceRequest& trace);
  void open_command(const ServedStream& command, std::vector<std::string> words,
                    const ApiRequest& request, const Answer& answer);
  StreamReader new_reader(const ApiRequest& request);
  ApiReply stream_reply(std::uint64_t id, const ApiRequest& request);
  bool look();
  void end_stream(AgentStream& stream);
  void share_memory();
  void tell_all(const std::string& news);
  Clock::time_point next_look() const;
  void handle_signals();
  Result<void> reload();
  Result<void> load_rules_for(EngineOptions& engine);
  [[nodiscard]] static StreamCosts costs_of(const AgentStream& stream);
  [[nodiscard]] static StreamCosts costs_of(const AgentCommand& command);
  [[nodiscard]] AgentMetrics metrics() const;
  [[nodiscard]] static nlohmann::ordered_json about(const AgentStream& stream);
  [[nodiscard]] static nlohmann::ordered_json about(const AgentCommand& command);
  [[nodiscard]] std::vector<nlohmann::ordered_json> about_all() const;
  [[nodiscard]] bool is_alive() const;

  AgentOptions options_;
  Configuration configuration_;
  FileDescriptor lock_;
  FileDescriptor signals_;
  TaskQueue tasks_;  // of the engine's thread; outlives the server, whose end may still add some
  ApiServer server_;
  boost::asio::thread_pool workers_{1};
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<BudgetKeeper> budget_;  // if there is a limit
  std::unique_ptr<AgentRules> rules_;     // if there are any
  ConsumerId counter_ = 0;                // what counts for metrics
  std::map<std::uint64_t, AgentStream> streams_;
  std::map<std::uint64_t, AgentCommand> commands_;
  std::uint64_t streams_total_ = 0;
  StreamCosts ended_;  // of the streams that have
  // What each of options_.commands has cost so far.
  struct CommandCosts {
    std::atomic<std::uint64_t> runs = 0;
    std::atomic<std::uint64_t> cpu = 0;  // ns
  };
  std::deque<CommandCosts> command_costs_;
  double started_ = static_cast<double>(read_clock(CLOCK_REALTIME)) / 1e9;
  std::optional<std::chrono::microseconds> watchdog_ = watchdog_interval();
  Clock::time_point next_watchdog_ = Clock::now();
  std::atomic<Clock::rep> last_look_ = Clock::now().time_since_epoch().count();
  std::atomic<bool> is_ready_ = false;
  bool is_stopping_ = false;
};

const Agent::Route Agent::kRoutes[] = {
    {"GET", "/healthz", false, true, &Agent::serve_health},
    {"GET", "/readyz", false, true, &Agent::serve_readiness},
    {"GET", "/metrics", false, true, &Agent::serve_metrics},
    {"GET", "/v1/openapi.json", false, false, &Agent::serve_openapi},
    {"GET", "/v1/trace", false, false, &Agent::serve_trace},
    {"GET", "/v1/agent", false, false, &Agent::serve_agent},
    {"GET", "/v1/streams", false, false, &Agent::serve_streams},
    {"GET", "/v1/streams/", false, false, &Agent::serve_stream},
    {"POST", "/v1/reload", true, false, &Agent::serve_reload},
    {"GET", "/v1/", false, false, &Agent::serve_command},
};

// ---- start and end

Result<void> Agent::start() {
  const std::string& directory = configuration_.run_directory;
  auto observers = static_cast<gid_t>(-1);
  if (!configuration_.observe_group.empty()) {
    if (const auto group = group_of(configuration_.observe_group)) {
      observers = *group;
    } else {
      spdlog::warn("there is no group '{}': only root can read {}/{}", configuration_.observe_group,
                   directory, kObserveSocket);
    }
  }
  if (auto made = make_run_directory(directory, observers); !made) return made;
  auto lock = take_lock(fmt::format("{}/{}", directory, kLockFile));
  if (!lock) return std::unexpected(lock.error());
  lock_ = std::move(*lock);

  EngineOptions engine_options;
  engine_options.environment = configuration_.environment;
  for (const EventDescriptor* kind : all_kinds()) engine_options.kinds.push_back(kind);
  std::vector<std::string> counted(std::begin(kAlwaysCounted), std::end(kAlwaysCounted));
  std::ranges::copy(configuration_.metrics_kinds, std::back_inserter(counted));
  auto counted_kinds = kinds_named(counted);
  if (!counted_kinds) return std::unexpected(counted_kinds.error());
  if (!configuration_.kinds.empty()) {
    std::vector<std::string> names = configuration_.kinds;
    std::ranges::copy(counted, std::back_inserter(names));
    auto kinds = kinds_named(names);
    if (!kinds) return std::unexpected(kinds.error());
    engine_options.kinds = std::move(*kinds);
  }
  if (auto loaded = load_rules_for(engine_options); !loaded) return loaded;
  auto engine = Engine::start(engine_options);
  if (!engine) return std::unexpected(engine.error());
  engine_ = std::move(*engine);
  engine_->measure_consumers();
  if (const std::string& refused = engine_->refused(); !refused.empty()) {
    spdlog::warn("this kernel refuses {}", refused);
  }
  for (const std::string& unseen : engine_->unseen()) spdlog::info("{}", unseen);
  auto counter = engine_->add(
      {.kinds = *counted_kinds, .deliver = [](const Event&) { return Outcome::kDelivered; }});
  if (!counter) return std::unexpected(counter.error());
  counter_ = *counter;
  if (rules_) {
    if (auto started = rules_->start(*engine_); !started) return started;
    spdlog::info("judging by {} rules", rules_->rules());
  }
  if (configuration_.max_cpu > 0) {
    auto budget = BudgetKeeper::create(
        configuration_.max_cpu,
        [this, counted = *counted_kinds] {
          auto wanted = counted;
          for (const auto& [id, stream] : streams_) {
            std::ranges::copy(stream.trace->engine_options().kinds, std::back_inserter(wanted));
          }
          return wanted;
        },
        *engine_);
    if (!budget) return std::unexpected(budget.error());
    budget_ = std::move(*budget);
  }

  const auto listen = [&](std::string_view name, gid_t group, Door door) {
    return server_.listen_unix(fmt::format("{}/{}", directory, name), group, door);
  };
  if (auto done = listen(kObserveSocket, observers, Door::kObserve); !done) return done;
  if (auto done = listen(kAdminSocket, static_cast<gid_t>(-1), Door::kAdmin); !done) return done;
  if (!configuration_.metrics_listen.empty()) {
    if (auto done = server_.listen_loopback(configuration_.metrics_listen); !done) return done;
    spdlog::info("metrics at port {} of the loopback", server_.port());
  }
  return {};
}

// What rules are about the engine must know.
Result<void> Agent::load_rules_for(EngineOptions& engine) {
  if (configuration_.rules.empty()) return {};
  auto log = AlertLog::open(
      {.format = configuration_.alert_format == "json" ? AlertFormat::kJson : AlertFormat::kText,
       .file = configuration_.alert_file,
       .file_size = configuration_.alert_file_size,
       .files = configuration_.alert_files,
       .syslog = configuration_.alert_syslog});
  if (!log) return std::unexpected(log.error());
  auto rules = AgentRules::load(
      configuration_.rules,
      configuration_.rule_matching == "all" ? RuleMatching::kAll : RuleMatching::kFirst,
      std::move(*log));
  if (!rules) return std::unexpected(rules.error());
  rules_ = std::move(*rules);
  for (const EventDescriptor* kind : rules_->kinds()) {
    if (std::ranges::find(engine.kinds, kind) == engine.kinds.end()) engine.kinds.push_back(kind);
  }
  engine.environment = engine.environment || rules_->wants_environment();
  return {};
}

Result<void> Agent::run() {
  if (auto started = start(); !started) return started;

  std::jthread api([this] { server_.run(); });
  is_ready_ = true;
  spdlog::info("outrider {} is ready: {}/{}", OUTRIDER_VERSION, configuration_.run_directory,
               kObserveSocket);
  tell_service_manager(fmt::format("READY=1\nSTATUS=ready\nMAINPID={}", ::getpid()));
  run_engine(*engine_, {.look = [this] { return look(); },
                        .next_look = [this] { return next_look(); },
                        .descriptor = tasks_.descriptor(),
                        .readable = [this] { tasks_.run(); }});
  tell_service_manager("STOPPING=1");
  is_ready_ = false;
  for (auto& [id, stream] : streams_) end_stream(stream);
  streams_.clear();
  for (const auto& [id, command] : commands_) command.stream->end();
  commands_.clear();
  workers_.join();
  server_.stop();
  api.join();
  // Answers that nobody waits for any more.
  tasks_.run();
  engine_->finish();
  spdlog::info("ended");
  return {};
}

// ---- the engine's thread

bool Agent::look() {
  const auto now = Clock::now();
  last_look_ = now.time_since_epoch().count();
  if (watchdog_ && now >= next_watchdog_) {
    tell_service_manager("WATCHDOG=1");
    next_watchdog_ = now + *watchdog_ / 3;
  }
  handle_signals();
  if (const std::string news = rules_ ? rules_->look() : ""; !news.empty()) {
    spdlog::warn("{}", news);
  }
  if (const std::string news = budget_ ? budget_->look() : ""; !news.empty()) tell_all(news);
  for (auto each = streams_.begin(); each != streams_.end();) {
    AgentStream& stream = each->second;
    if (stream.trace->look() && !stream.is_closing) {
      ++each;
      continue;
    }
    end_stream(stream);
    each = streams_.erase(each);
    share_memory();
  }
  return !is_stopping_;
}

Clock::time_point Agent::next_look() const {
  auto next = Clock::now() + kLongestWait;
  if (watchdog_) next = std::min(next, next_watchdog_);
  if (budget_) next = std::min(next, budget_->next_look());
  for (const auto& [id, stream] : streams_) next = std::min(next, stream.trace->next_look());
  return next;
}

// What changes for all streams.
void Agent::tell_all(const std::string& news) {
  spdlog::warn("{}", news);
  for (const auto& [id, stream] : streams_) {
    stream.reply->write(Channel::kMessages, fmt::format("outrider: {}\n", news));
  }
}

StreamReader Agent::new_reader(const ApiRequest& request) {
  return {.id = ++streams_total_,
          .query = target_text(request.target),
          .peer_pid = request.peer_pid,
          .peer_uid = request.peer_uid,
          .since = std::time(nullptr)};
}

void Agent::handle_signals() {
  signalfd_siginfo information{};
  while (::read(signals_.get(), &information, sizeof(information)) == sizeof(information)) {
    if (information.ssi_signo != SIGHUP) {
      is_stopping_ = true;
      continue;
    }
    tell_service_manager(
        fmt::format("RELOADING=1\nMONOTONIC_USEC={}", read_clock(CLOCK_MONOTONIC) / 1000));
    if (const auto reloaded = reload(); !reloaded) {
      spdlog::error("nothing has changed:\n{}", reloaded.error().message);
    }
    tell_service_manager("READY=1");
  }
}

// What can change while it runs does; of the rest it is said that it does not.
Result<void> Agent::reload() {
  if (options_.configuration_path.empty()) return fail("there is no configuration to be read");
  auto read = read_configuration(options_.configuration_path, /*required=*/false);
  if (!read) return std::unexpected(read.error());
  if (rules_) {
    if (auto reloaded = rules_->reload(); !reloaded) return reloaded;
  }
  Configuration changed = configuration_;
  changed.log_level = read->log_level;
  changed.most_streams = read->most_streams;
  changed.stream_buffer = read->stream_buffer;
  changed.stream_memory = read->stream_memory;
  if (changed != *read) {
    spdlog::warn(
        "of {} only log.level and streams.* change while the agent "
        "runs; restart it for the rest",
        options_.configuration_path);
  }
  configuration_ = changed;
  spdlog::set_level(spdlog::level::from_str(configuration_.log_level));
  share_memory();
  spdlog::info("{} has been read again", options_.configuration_path);
  return {};
}

Result<ApiReply> Agent::open_stream(const ApiRequest& request, const TraceRequest& trace) {
  if (is_stopping_) return fail("the agent is about to end");
  if (streams_.size() + commands_.size() >= configuration_.most_streams) {
    return fail(fmt::format("there are {} streams already: end one, or raise streams.most in {}",
                            streams_.size() + commands_.size(), kConfigurationPath));
  }
  AgentStream stream;
  stream.reader = new_reader(request);
  stream.reply =
      std::make_shared<ReplyStream>(request.multiplexed, configuration_.stream_buffer << 10);
  stream.output = std::make_unique<ReplyOutput>(*stream.reply);
  auto made = TraceStream::create(trace, EngineOwner::kAgent, screen_of(request.target.parameters),
                                  *stream.output);
  if (!made) return std::unexpected(made.error());
  stream.trace = std::move(*made);
  // A command of ours, which would not report itself without an agent either.
  if (request.multiplexed) {
    stream.trace->leave_out(static_cast<std::uint32_t>(request.peer_pid));
  }
  if (stream.trace->engine_options().environment && !configuration_.environment) {
    return fail(
        fmt::format("proc.env: the agent does not read the environment of programs: say "
                    "'environment: true' in {} and restart it, or use --no-agent",
                    kConfigurationPath));
  }
  if (auto started = stream.trace->start(*engine_); !started) {
    return std::unexpected(started.error());
  }
  if (!stream.trace->adder().empty()) {
    stream.reply->write(Channel::kMessages, fmt::format("outrider: events are added up in {}\n",
                                                        stream.trace->adder()));
  }
  stream.reply->write(Channel::kMessages,
                      fmt::format("outrider: tracing {}; Ctrl-C to stop\n", stream.trace->words()));
  stream.output->flush();
  stream.reply->on_closed([this, id = stream.reader.id] {
    tasks_.add([this, id] {
      if (const auto found = streams_.find(id); found != streams_.end()) {
        found->second.is_closing = true;
      }
    });
  });
  ApiReply reply;
  reply.content_type = request.multiplexed             ? std::string(kMultiplexedType)
                       : trace.format == Format::kJson ? "application/x-ndjson"
                                                       : "text/plain; charset=utf-8";
  reply.headers.emplace_back("Outrider-Stream", std::to_string(stream.reader.id));
  reply.stream = stream.reply;
  const StreamReader& reader = stream.reader;
  spdlog::debug("stream {}: {} of process {}", reader.id, reader.query, reader.peer_pid);
  streams_.emplace(reader.id, std::move(stream));
  share_memory();
  return reply;
}

// It has an engine of its own, which nobody else has to wait for; so there are few of them.
void Agent::open_command(const ServedStream& command, std::vector<std::string> words,
                         const ApiRequest& request, const Answer& answer) {
  const std::size_t streams = streams_.size() + commands_.size();
  if (is_stopping_) {
    answer(error_reply({"the agent is about to end"}));
    return;
  }
  if (commands_.size() >= configuration_.most_commands || streams >= configuration_.most_streams) {
    const bool of_commands = commands_.size() >= configuration_.most_commands;
    answer(error_reply({fmt::format(
        "there are {} {} already: end one, raise streams.{} in {}, or "
        "use --no-agent",
        of_commands ? commands_.size() : streams, of_commands ? "such commands" : "streams",
        of_commands ? "commands" : "most", kConfigurationPath)}));
    return;
  }
  const StreamReader reader = new_reader(request);
  const bool is_json = std::ranges::find(request.target.parameters,
                                         std::pair<std::string, std::string>("output", "json")) !=
                       request.target.parameters.end();
  ApiReply reply;
  reply.content_type = request.multiplexed ? std::string(kMultiplexedType)
                       : is_json           ? "application/x-ndjson"
                                           : "text/plain; charset=utf-8";
  reply.headers.emplace_back("Outrider-Stream", std::to_string(reader.id));
  AgentCommand& made = commands_[reader.id];
  made.reader = reader;
  made.stream = std::make_unique<CommandStream>(CommandStream::Options{
      .command = command,
      .words = std::move(words),
      .screen = screen_of(request.target.parameters),
      .multiplexed = request.multiplexed,
      .room = configuration_.stream_buffer << 10,
      .begun =
          [answer, reply](const Result<CommandStream::Reply>& stream) {
            ApiReply whole = stream ? reply : error_reply(stream.error());
            if (stream) whole.stream = *stream;
            answer(std::move(whole));
          },
      .ended =
          [this, id = reader.id] {
            tasks_.add([this, id] {
              const auto found = commands_.find(id);
              if (found == commands_.end()) return;
              ended_.add(costs_of(found->second));
              ended_.waiting = 0;
              commands_.erase(found);
              share_memory();
            });
          },
  });
  spdlog::debug("stream {}: {} of process {}", reader.id, reader.query, reader.peer_pid);
  share_memory();
}

// What may wait for readers, all together, is bounded.
void Agent::share_memory() {
  constexpr std::uint64_t kLeast = 64 << 10;
  const std::size_t streams = streams_.size() + commands_.size();
  if (streams == 0) return;
  const std::uint64_t share = (configuration_.stream_memory << 20) / streams;
  const std::uint64_t room = std::max(kLeast, std::min(configuration_.stream_buffer << 10, share));
  for (const auto& [id, stream] : streams_) stream.reply->set_room(room);
  for (const auto& [id, command] : commands_) command.stream->set_room(room);
}

void Agent::end_stream(AgentStream& stream) {
  const auto finished = stream.trace->finish();
  stream.reply->write_last(stream.trace->account_text());
  ended_.add(costs_of(stream));
  ended_.waiting = 0;
  if (!finished) {
    stream.reply->write(Channel::kMessages,
                        fmt::format("outrider: {}\n", finished.error().message));
  }
  stream.reply->end(finished ? ExitCode::kDone : finished.error().code);
  spdlog::debug("stream {} has ended", stream.reader.id);
}

StreamCosts Agent::costs_of(const AgentStream& stream) {
  StreamCosts costs{.bytes = stream.reply->sent(),
                    .waiting = stream.reply->waiting(),
                    .cpu = stream.trace->cpu() + stream.reply->cpu()};
  for (const KindAccount& kind : stream.trace->account().kinds) {
    costs.delivered += kind.delivered;
    costs.lost += kind.lost_total();
  }
  return costs;
}

StreamCosts Agent::costs_of(const AgentCommand& command) {
  const ReplyStream& reply = command.stream->reply();
  return {.bytes = reply.sent(),
          .waiting = reply.waiting(),
          .cpu = command.stream->cpu() + reply.cpu()};
}

AgentMetrics Agent::metrics() const {
  AgentMetrics metrics;
  metrics.account = engine_->account(counter_);
  metrics.streams = streams_.size() + commands_.size();
  metrics.streams_total = streams_total_;
  metrics.stream_costs = ended_;
  for (const auto& [id, stream] : streams_) metrics.stream_costs.add(costs_of(stream));
  for (const auto& [id, command] : commands_) metrics.stream_costs.add(costs_of(command));
  for (std::size_t i = 0; i < command_costs_.size(); ++i) {
    metrics.commands.push_back({.name = options_.commands[i]->name,
                                .runs = command_costs_[i].runs,
                                .cpu = command_costs_[i].cpu});
  }
  if (budget_) {
    metrics.budget = AgentMetrics::Budget{
        .limit = configuration_.max_cpu / 100,
        .used = budget_->used() / 100,
        .keep = budget_->rationing().keep,
    };
    for (const EventDescriptor* kind : budget_->unwatched()) {
      metrics.budget->unwatched.push_back(kind->name);
    }
  }
  metrics.started = started_;
  return metrics;
}

nlohmann::ordered_json about_reader(const StreamReader& reader, std::string_view of) {
  return {{"id", reader.id},        {"request", reader.query}, {"of", of},
          {"pid", reader.peer_pid}, {"uid", reader.peer_uid},  {"since", reader.since}};
}

void add_costs(nlohmann::ordered_json& line, const StreamCosts& costs, const ReplyStream& reply) {
  line["bytes_sent"] = costs.bytes;
  line["bytes_waiting"] = costs.waiting;
  line["bytes_may_wait"] = reply.room();
  line["cpu_ns"] = costs.cpu;
}

nlohmann::ordered_json Agent::about(const AgentStream& stream) {
  auto line = about_reader(stream.reader, stream.trace->words());
  add_costs(line, costs_of(stream), *stream.reply);
  line["account"] = parsed_account(stream.trace->account());
  return line;
}

nlohmann::ordered_json Agent::about(const AgentCommand& command) {
  auto line = about_reader(command.reader, command.stream->name());
  add_costs(line, costs_of(command), command.stream->reply());
  return line;
}

std::vector<nlohmann::ordered_json> Agent::about_all() const {
  std::vector<nlohmann::ordered_json> lines;
  for (const auto& [id, stream] : streams_) lines.push_back(about(stream));
  for (const auto& [id, command] : commands_) lines.push_back(about(command));
  return lines;
}

// ---- the API's thread

bool Agent::is_alive() const {
  const auto since = Clock::now() - Clock::time_point(Clock::duration(last_look_.load()));
  return since < kHangs;
}

void Agent::route(ApiRequest request, Answer answer) {
  const std::string& path = request.target.path;
  bool is_path = false;
  for (const Route& route : kRoutes) {
    const bool matches =
        route.path.ends_with('/') ? path.starts_with(route.path) : path == route.path;
    if (!matches || (request.door == Door::kLoopback && !route.is_everywhere)) continue;
    is_path = true;
    // What goes on has no end that a HEAD could tell of.
    const bool is_head = request.method == "HEAD" && route.is_everywhere;
    if (request.method != route.method && !is_head) continue;
    if (route.is_admin && request.door != Door::kAdmin) {
      ApiReply reply =
          error_reply({fmt::format("{} changes something: ask {}", path, kAdminSocket)});
      reply.status = 403;
      answer(std::move(reply));
      return;
    }
    (this->*route.handle)(std::move(request), std::move(answer));
    return;
  }
  ApiReply reply = error_reply(
      {is_path
           ? fmt::format("{}: not {}", path, request.method)
           : fmt::format("there is nothing at {}; GET /v1/openapi.json lists what there is", path),
       ExitCode::kBadInput});
  reply.status = is_path ? 405 : 404;
  answer(std::move(reply));
}

void Agent::serve_health(ApiRequest, Answer answer) {
  ApiReply reply{.content_type = "text/plain; charset=utf-8", .body = "ok\n"};
  if (!is_alive()) {
    reply.status = 503;
    reply.body = "the engine has not come round for some seconds\n";
  }
  answer(std::move(reply));
}

void Agent::serve_readiness(ApiRequest request, Answer answer) {
  if (is_ready_) {
    serve_health(std::move(request), std::move(answer));
    return;
  }
  answer({.status = 503, .content_type = "text/plain; charset=utf-8", .body = "not ready\n"});
}

void Agent::serve_metrics(ApiRequest, Answer answer) {
  // It looks at each descriptor, which is not for the thread that has the events.
  const MapMemory memory = map_memory_of(::getpid());
  tasks_.add([this, memory, answer = std::move(answer)] {
    AgentMetrics all = metrics();
    all.memory = memory;
    answer({.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics_text(all)});
  });
}

void Agent::serve_openapi(ApiRequest, Answer answer) {
  answer({.body = openapi_document(options_.commands, options_.streams)});
}

void Agent::serve_trace(ApiRequest request, Answer answer) {
  auto command = std::make_shared<Command<TraceRequest>>();
  auto& [trace, line] = *command;
  auto words = words_from(request.target.parameters, line);
  if (words) {
    if (auto parsed = line.parse(*words); !parsed) words = std::unexpected(parsed.error());
  }
  if (words && (trace.kinds.empty() || trace.explain || line.wants_help())) {
    words =
        fail("which events? Name a kind, or several: ?kind=exec&kind=open", ExitCode::kBadInput);
  } else if (words && trace.max_cpu > 0) {
    words = fail(
        "--max-cpu: the agent has one for all, budget.max_cpu of its configuration; "
        "--no-agent holds one for a single stream",
        ExitCode::kBadInput);
  } else if (words && trace.show_secrets) {
    words = fail("--show-secrets: the agent masks for all who ask it; --no-agent shows them",
                 ExitCode::kBadInput);
  }
  if (!words) {
    answer(error_reply(words.error()));
    return;
  }
  tasks_.add([this, request = std::move(request), command = std::move(command),
              answer = std::move(answer)] {
    auto opened = open_stream(request, command->options);
    answer(opened ? std::move(*opened) : error_reply(opened.error()));
  });
}

void Agent::serve_agent(ApiRequest, Answer answer) {
  tasks_.add([this, answer = std::move(answer)] {
    nlohmann::ordered_json document;
    document["pid"] = ::getpid();
    document["version"] = OUTRIDER_VERSION;
    document["since"] = static_cast<std::int64_t>(started_);
    document["not_seen"] = engine_->unseen();
    document["account"] = parsed_account(engine_->account(counter_));
    if (const auto budget = metrics().budget) {
      document["budget"] = {{"limit_cpus", budget->limit},
                            {"used_cpus", budget->used},
                            {"kept", budget->keep},
                            {"unwatched", budget->unwatched}};
    }
    document["streams"] = about_all();
    answer({.body = document.dump() + "\n"});
  });
}

void Agent::serve_streams(ApiRequest, Answer answer) {
  tasks_.add([this, answer = std::move(answer)] {
    ApiReply reply{.content_type = "application/x-ndjson"};
    for (const auto& line : about_all()) reply.body += line.dump() + "\n";
    answer(std::move(reply));
  });
}

void Agent::serve_stream(ApiRequest request, Answer answer) {
  const std::string_view path = request.target.path;
  const std::string_view number = path.substr(path.rfind('/') + 1);
  std::uint64_t id = 0;
  std::from_chars(number.data(), number.data() + number.size(), id);
  tasks_.add([this, id, request = std::move(request), answer = std::move(answer)] {
    answer(stream_reply(id, request));
  });
}

// What is asked in channels is how far it is, for people: the account, or of a command that goes on
// what it has so far, which goes to its output.
ApiReply Agent::stream_reply(std::uint64_t id, const ApiRequest& request) {
  const auto stream = streams_.find(id);
  const auto command = commands_.find(id);
  if (stream == streams_.end() && command == commands_.end()) {
    ApiReply reply =
        error_reply({"there is no such stream; GET /v1/streams lists them", ExitCode::kBadInput});
    reply.status = 404;
    return reply;
  }
  const bool is_events = stream != streams_.end();
  if (!request.multiplexed) {
    const auto line = is_events ? about(stream->second) : about(command->second);
    return {.body = line.dump() + "\n"};
  }
  std::string text;
  if (is_events) {
    text = stream->second.trace->account_text();
  } else if (request.peer_uid == 0 || request.peer_uid == command->second.reader.peer_uid) {
    command->second.stream->report();
  }
  const char done = 0;
  return {.content_type = std::string(kMultiplexedType),
          .body = frame(Channel::kMessages, text) + frame(Channel::kExitCode, {&done, 1})};
}

// In a thread of its own: it may take a second.
void Agent::serve_command(ApiRequest request, Answer answer) {
  const std::string_view name = std::string_view(request.target.path).substr(std::size("/v1/") - 1);
  const auto found = std::ranges::find(options_.commands, name,
                                       [](const ServedCommand* each) { return each->name; });
  const auto stream = std::ranges::find(options_.streams, name,
                                        [](const ServedStream* each) { return each->name; });
  if (stream != options_.streams.end()) {
    serve_going_on(**stream, std::move(request), std::move(answer));
    return;
  }
  if (found == options_.commands.end()) {
    ApiReply reply =
        error_reply({fmt::format("there is nothing at {}; GET /v1/openapi.json lists what there is",
                                 request.target.path),
                     ExitCode::kBadInput});
    reply.status = 404;
    answer(std::move(reply));
    return;
  }
  CommandCosts& costs = command_costs_[static_cast<std::size_t>(found - options_.commands.begin())];
  boost::asio::post(workers_, [&costs, command = *found, request = std::move(request),
                               answer = std::move(answer)] {
    ++costs.runs;
    const ThreadCpuTimer timer(costs.cpu);
    answer(run_command(*command, request));
  });
}

void Agent::serve_going_on(const ServedStream& command, ApiRequest request, Answer answer) {
  auto words = allowed_words(*command.describe(), request);
  if (!words) {
    answer(words.error());
    return;
  }
  tasks_.add([this, &command, words = std::move(*words), request = std::move(request),
              answer = std::move(answer)] { open_command(command, words, request, answer); });
}

void Agent::serve_reload(ApiRequest, Answer answer) {
  tasks_.add([this, answer = std::move(answer)] {
    const auto reloaded = reload();
    answer(reloaded ? ApiReply{.body = "{}\n"} : error_reply(reloaded.error()));
  });
}

}  // namespace

Result<void> run_agent(const AgentOptions& options) {
  if (auto started = start_log(options.configuration); !started) return started;
  // Before any thread begins, so that none of them is killed by what is ours to read.
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set, number);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  FileDescriptor signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.valid()) return fail_errno("signalfd", errno);
  // Commands that it runs for others ask it as anybody does.
  ::setenv(kRunDirectoryVariable, options.configuration.run_directory.c_str(), 1);
  return Agent(options, std::move(signals)).run();
}

std::string run_directory() {
  const char* other = std::getenv(kRunDirectoryVariable);
  return other != nullptr ? other : Configuration{}.run_directory;
}

bool is_agent_running(const std::string& run_directory) {
  return is_locked(fmt::format("{}/{}", run_directory, kLockFile));
}

}  // namespace outrider
