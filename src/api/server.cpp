// SPDX-License-Identifier: Apache-2.0
#include "api/server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/cpu_timer.h"

namespace outrider {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

using Protocol = asio::generic::stream_protocol;
using Connection = beast::basic_stream<Protocol>;
using ErrorCode = boost::system::error_code;

bool accepts_channels(const http::request<http::string_body>& request) {
  return request[http::field::accept] ==
         beast::string_view(kMultiplexedType.data(), kMultiplexedType.size());
}

// What a browser must not do with it, and what no cache may keep.
template <typename Message>
void set_common(Message& message, const ApiReply& reply) {
  message.set(http::field::server, "outrider");
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  message.set(http::field::content_type, reply.content_type);
  for (const auto& [name, value] : reply.headers) message.set(name, value);
}

}  // namespace

ApiReply error_reply(const Error& error) {
  nlohmann::ordered_json body;
  body["error"] = error.message;
  body["exit_code"] = static_cast<int>(error.code);
  ApiReply reply;
  reply.status = error.code == ExitCode::kBadInput ? 400 : 500;
  reply.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return reply;
}

// ---- one connection

namespace {

class Session;

// What sessions share.
struct Shared {
  ApiServer::Handler handler;
  ApiServer::Limits limits;
  std::unordered_set<Session*> sessions;
  // Those whose requests have no answer yet: answers come from other threads, which must not hold a
  // session themselves, lest it ends there.
  std::unordered_map<std::uint64_t, std::shared_ptr<Session>> unanswered;
  std::uint64_t next_request = 1;
  // The last, so that it is the first to go: what waits in it holds sessions.
  asio::io_context context{1};
  // At the end: until when sessions may take to say goodbye.
  asio::steady_timer farewell{context};
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Shared& shared, Protocol::socket socket, Door door)
      : shared_(shared), connection_(std::move(socket)), door_(door) {
    shared_.sessions.insert(this);
    if (door == Door::kLoopback) return;
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (::getsockopt(connection_.socket().native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) ==
        0) {
      peer_pid_ = peer.pid;
      peer_uid_ = peer.uid;
    }
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    if (stream_) stream_->close(/*gone=*/true);
    shared_.sessions.erase(this);
    if (shared_.sessions.empty()) shared_.farewell.cancel();
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(shared_.limits.header);
    parser_->body_limit(shared_.limits.body);
    connection_.expires_after(served_ ? shared_.limits.idle : shared_.limits.request);
    http::async_read(
        connection_, buffer_, *parser_,
        [self = shared_from_this()](ErrorCode error, std::size_t) { self->have_read(error); });
  }

  // Ends a reply that goes on without waiting for its end.
  void let_go() { held_.reset(); }

  // The end of the server: what goes on is told so.
  void close() {
    if (stream_) {
      stream_->close(/*gone=*/false);
    } else {
      ErrorCode ignored;
      std::ignore = connection_.socket().close(ignored);
    }
  }

 private:
  void have_read(ErrorCode error) {
    // Too large, or no HTTP: said once. Gone, or too slow: nobody to say it to.
    if (error && error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream) {
      ApiReply reply =
          error_reply({fmt::format("the request: {}", error.message()), ExitCode::kBadInput});
      keep_alive_ = false;
      send(std::move(reply));
      return;
    }
    if (error) return;
    const auto& message = parser_->get();
    keep_alive_ = message.keep_alive();
    head_only_ = message.method() == http::verb::head;
    auto target = parse_target({message.target().data(), message.target().size()});
    if (!target) {
      send(error_reply(target.error()));
      return;
    }
    ApiRequest request;
    request.method = std::string(message.method_string());
    request.target = std::move(*target);
    request.door = door_;
    request.peer_pid = peer_pid_;
    request.peer_uid = peer_uid_;
    request.multiplexed = accepts_channels(message);
    connection_.expires_never();  // how long an answer takes, the handler knows
    const std::uint64_t number = shared_.next_request++;
    shared_.unanswered.emplace(number, shared_from_this());
    shared_.handler(std::move(request), [&shared = shared_, number](ApiReply reply) {
      asio::post(shared.context, [&shared, number, reply = std::move(reply)]() mutable {
        const auto node = shared.unanswered.extract(number);
        if (node) node.mapped()->send(std::move(reply));
      });
    });
  }

  void send(ApiReply reply) {
    served_ = true;
    if (reply.stream) {
      begin_stream(std::move(reply));
      return;
    }
    response_.emplace(static_cast<http::status>(reply.status), 11);
    set_common(*response_, reply);
    response_->keep_alive(keep_alive_);
    response_->body() = std::move(reply.body);
    response_->prepare_payload();
    if (head_only_) response_->body().clear();
    connection_.expires_after(shared_.limits.reply);
    http::async_write(connection_, *response_,
                      [self = shared_from_this()](ErrorCode error, std::size_t) {
                        if (!error && self->keep_alive_) self->read();
                      });
  }

  // ---- a reply that goes on

  void begin_stream(ApiReply reply) {
    stream_ = reply.stream;
    held_ = shared_from_this();
    header_.emplace(static_cast<http::status>(reply.status), 11);
    set_common(*header_, reply);
    header_->chunked(true);
    header_->keep_alive(false);
    serializer_.emplace(*header_);
    connection_.expires_never();
    http::async_write_header(
        connection_, *serializer_,
        [self = shared_from_this()](ErrorCode error, std::size_t) { self->have_begun(error); });
  }

  void have_begun(ErrorCode error) {
    if (error) {
      leave();
      return;
    }
    stream_->on_ready([weak = weak_from_this(), &shared = shared_] {
      asio::post(shared.context, [weak] {
        if (const auto self = weak.lock()) self->pump();
      });
    });
    await_end();
  }

  // The reader says that it wants no more by closing its side.
  void await_end() {
    connection_.async_read_some(asio::buffer(ignored_),
                                [self = shared_from_this()](ErrorCode error, std::size_t) {
                                  if (!error) {
                                    self->await_end();
                                  } else if (error == asio::error::eof) {
                                    self->stream_->close(/*gone=*/false);
                                  } else {
                                    self->leave();
                                  }
                                });
  }

  void pump() {
    if (writing_) return;
    // Most is written to the socket by the call that begins to write.
    const ThreadCpuTimer timer(stream_->sending_cpu());
    ReplyStream::Taken taken = stream_->take(std::move(chunk_));
    if (taken.bytes.empty() && !taken.ended) return;
    writing_ = true;
    chunk_ = std::move(taken.bytes);
    const auto written = [self = shared_from_this(), ended = taken.ended](
                             ErrorCode error, std::size_t) { self->have_written(error, ended); };
    if (chunk_.empty()) {
      asio::async_write(connection_, http::make_chunk_last(), written);
    } else {
      asio::async_write(connection_, http::make_chunk(asio::buffer(chunk_)), written);
    }
  }

  void have_written(ErrorCode error, bool ended) {
    writing_ = false;
    if (error) {
      leave();
    } else if (ended && !chunk_.empty()) {
      chunk_.clear();
      writing_ = true;
      asio::async_write(connection_, http::make_chunk_last(),
                        [self = shared_from_this()](ErrorCode, std::size_t) { self->hang_up(); });
    } else if (ended) {
      hang_up();
    } else {
      pump();
    }
  }

  // Nobody reads any more.
  void leave() {
    stream_->close(/*gone=*/true);
    hang_up();
  }

  // Ends what await_end() waits for, too.
  void hang_up() {
    ErrorCode ignored;
    std::ignore = connection_.socket().shutdown(Protocol::socket::shutdown_both, ignored);
    std::ignore = connection_.socket().close(ignored);
    held_.reset();
  }

  Shared& shared_;
  Connection connection_;
  Door door_;
  pid_t peer_pid_ = 0;
  uid_t peer_uid_ = static_cast<uid_t>(-1);
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  bool served_ = false;
  bool keep_alive_ = false;
  bool head_only_ = false;
  std::optional<http::response<http::string_body>> response_;

  std::shared_ptr<ReplyStream> stream_;
  // Ourselves, until the reply has ended: between two pieces nothing else may hold us.
  std::shared_ptr<Session> held_;
  std::optional<http::response<http::empty_body>> header_;
  std::optional<http::response_serializer<http::empty_body>> serializer_;
  std::string chunk_;
  bool writing_ = false;
  std::array<char, 512> ignored_{};
};

// ---- who waits for connections

template <typename Acceptor>
ErrorCode begin_to_listen(Acceptor& acceptor, const typename Acceptor::endpoint_type& endpoint) {
  ErrorCode error;
  std::ignore = acceptor.open(endpoint.protocol(), error);
  // One that has just ended may still have connections under way.
  if (!error) std::ignore = acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) std::ignore = acceptor.bind(endpoint, error);
  if (!error) std::ignore = acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

template <typename Acceptor>
void accept(Shared& shared, Acceptor& acceptor, Door door) {
  acceptor.async_accept([&shared, &acceptor, door](ErrorCode error, auto socket) {
    if (error == asio::error::operation_aborted) return;
    // Above the limit it is closed at once, so that nobody waits in vain.
    if (!error && shared.sessions.size() < shared.limits.connections) {
      std::make_shared<Session>(shared, Protocol::socket(std::move(socket)), door)->read();
    }
    if (error) {
      // Out of descriptors, mostly: not at once again.
      auto timer = std::make_shared<asio::steady_timer>(shared.context);
      timer->expires_after(std::chrono::milliseconds(100));
      timer->async_wait([timer, &shared, &acceptor, door](ErrorCode stopped) {
        if (!stopped) accept(shared, acceptor, door);
      });
      return;
    }
    accept(shared, acceptor, door);
  });
}

}  // namespace

class ApiServer::Implementation {
 public:
  using Local = asio::local::stream_protocol;
  using Tcp = asio::ip::tcp;

  Implementation(Handler handler, const Limits& limits) {
    shared_.handler = std::move(handler);
    shared_.limits = limits;
  }
  ~Implementation() {
    for (const std::string& path : paths_) ::unlink(path.c_str());
    for (const auto& session : all_sessions()) session->let_go();
    shared_.unanswered.clear();
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  Result<void> listen_unix(const std::string& path, gid_t group, Door door) {
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
      return fail(fmt::format("{}: too long for a socket's name", path), ExitCode::kBadInput);
    }
    ::unlink(path.c_str());
    auto& acceptor = local_.emplace_back(shared_.context);
    // Nobody may connect before it belongs to whom it should.
    const mode_t mask = ::umask(0177);
    const ErrorCode error = begin_to_listen(acceptor, Local::endpoint(path));
    ::umask(mask);
    if (error) return fail(fmt::format("listen on {}: {}", path, error.message()));
    paths_.push_back(path);
    if (group != static_cast<gid_t>(-1) &&
        (::chown(path.c_str(), 0, group) != 0 || ::chmod(path.c_str(), 0660) != 0)) {
      return fail_errno(fmt::format("give {} to the group {}", path, group), errno);
    }
    accept(shared_, acceptor, door);
    return {};
  }

  Result<void> listen_loopback(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    ErrorCode error;
    const auto ip = asio::ip::make_address(host, error);
    const std::string number = colon == std::string::npos ? "" : address.substr(colon + 1);
    const bool is_port = !number.empty() && number.size() <= 5 &&
                         number.find_first_not_of("0123456789") == std::string::npos &&
                         std::stoul(number) <= 65535;
    if (error || !is_port || !ip.is_loopback()) {
      return fail(fmt::format("'{}' is no address of the loopback; give 127.0.0.1:PORT or "
                              "[::1]:PORT",
                              address),
                  ExitCode::kBadInput);
    }
    tcp_.emplace(shared_.context);
    error =
        begin_to_listen(*tcp_, Tcp::endpoint(ip, static_cast<std::uint16_t>(std::stoul(number))));
    if (error) return fail(fmt::format("listen on {}: {}", address, error.message()));
    port_ = tcp_->local_endpoint(error).port();
    accept(shared_, *tcp_, Door::kLoopback);
    return {};
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  void run() { shared_.context.run(); }

  void stop() {
    asio::post(shared_.context, [this] {
      for (auto& acceptor : local_) acceptor.close();
      if (tcp_) tcp_->close();
      for (const auto& session : all_sessions()) session->close();
      if (shared_.sessions.empty()) return;
      shared_.farewell.expires_after(shared_.limits.farewell);
      shared_.farewell.async_wait([this](ErrorCode error) {
        if (!error) shared_.context.stop();
      });
    });
  }

 private:
  // Held, for what is done with one may end others.
  [[nodiscard]] std::vector<std::shared_ptr<Session>> all_sessions() const {
    std::vector<std::shared_ptr<Session>> sessions;
    for (Session* session : shared_.sessions) sessions.push_back(session->shared_from_this());
    return sessions;
  }

  Shared shared_;
  std::deque<Local::acceptor> local_;
  std::optional<Tcp::acceptor> tcp_;
  std::vector<std::string> paths_;
  std::uint16_t port_ = 0;
};

ApiServer::ApiServer(Handler handler, const Limits& limits)
    : implementation_(std::make_unique<Implementation>(std::move(handler), limits)) {}
ApiServer::~ApiServer() = default;
Result<void> ApiServer::listen_unix(const std::string& path, gid_t group, Door door) {
  return implementation_->listen_unix(path, group, door);
}
Result<void> ApiServer::listen_loopback(const std::string& address) {
  return implementation_->listen_loopback(address);
}
std::uint16_t ApiServer::port() const { return implementation_->port(); }
void ApiServer::run() { implementation_->run(); }
void ApiServer::stop() { implementation_->stop(); }

}  // namespace outrider
