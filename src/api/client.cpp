// SPDX-License-Identifier: Apache-2.0
#include "api/client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "api/server.h"

namespace outrider {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

Result<void> FrameReader::add(std::string_view bytes, const ApiClient::Receive& receive) {
  while (!bytes.empty()) {
    if (left_ > 0) {
      const std::string_view piece = bytes.substr(0, left_);
      receive(channel_, piece);
      left_ -= static_cast<std::uint32_t>(piece.size());
      bytes.remove_prefix(piece.size());
      continue;
    }
    const std::string_view part = bytes.substr(0, kFrameHeader - header_.size());
    header_ += part;
    bytes.remove_prefix(part.size());
    if (header_.size() < kFrameHeader) return {};
    if (static_cast<unsigned char>(header_[0]) > static_cast<unsigned char>(Channel::kMessages)) {
      return fail("the agent's reply has a channel that this version does not know");
    }
    channel_ = static_cast<Channel>(header_[0]);
    for (std::size_t i = 4; i < kFrameHeader; ++i) {
      left_ = left_ << 8 | static_cast<unsigned char>(header_[i]);
    }
    header_.clear();
  }
  return {};
}

namespace {

// The body of a reply as it came: pieces of what was read, not copied.
struct Pieces {
  using value_type = std::vector<std::string_view>;

  // As http::response_parser wants it.
  class reader {
   public:
    template <bool is_request, typename Fields>
    reader(http::header<is_request, Fields>&, value_type& pieces) : pieces_(pieces) {}

    void init(const boost::optional<std::uint64_t>&, boost::system::error_code& error) {
      error = {};
    }
    template <typename Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      std::size_t size = 0;
      for (const asio::const_buffer piece : beast::buffers_range_ref(buffers)) {
        pieces_.emplace_back(static_cast<const char*>(piece.data()), piece.size());
        size += piece.size();
      }
      return size;
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& pieces_;
  };
};

}  // namespace

class ApiClient::Reply {
 public:
  Reply() {
    parser.eager(true);
    parser.body_limit(boost::none);
  }
  http::response_parser<Pieces> parser;
  beast::flat_buffer buffer;
  FrameReader frames;
  std::string refusal;  // the body of a reply that is none
};

ApiClient::ApiClient(FileDescriptor socket)
    : socket_(std::move(socket)), reply_(std::make_unique<Reply>()) {}
ApiClient::ApiClient(ApiClient&&) noexcept = default;
ApiClient& ApiClient::operator=(ApiClient&&) noexcept = default;
ApiClient::~ApiClient() = default;

namespace {

// Not valid, with errno, if it cannot be.
FileDescriptor connected(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    return {};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return {};
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    const int error = errno;
    socket.reset();
    errno = error;
  }
  return socket;
}

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string request_for(std::string_view target, std::string_view accept) {
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: localhost\r\nAccept: {}\r\nConnection: close\r\n\r\n", target,
      accept);
}

}  // namespace

Result<std::optional<ApiClient>> ApiClient::connect(const std::string& path) {
  FileDescriptor socket = connected(path);
  if (socket.valid()) return std::optional(ApiClient(std::move(socket)));
  if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return std::nullopt;
  return fail_errno(fmt::format("connect to the agent at {}", path), errno);
}

Result<void> ApiClient::ask(std::string_view target) {
  if (send_all(socket_.get(), request_for(target, kMultiplexedType))) return {};
  return fail_errno("ask the agent", errno);
}

Result<bool> ApiClient::read(const Receive& receive) {
  auto& [parser, buffer, frames, refusal] = *reply_;
  constexpr std::size_t kPiece = 256 * 1024;
  const auto space = buffer.prepare(kPiece);
  ssize_t count = 0;
  do {
    count = ::read(socket_.get(), space.data(), space.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) return fail_errno("read the agent's reply", errno);
  buffer.commit(static_cast<std::size_t>(count));

  boost::system::error_code error;
  if (count == 0) parser.put_eof(error);
  while (buffer.size() > 0 && !parser.is_done()) {
    const std::size_t used = parser.put(buffer.data(), error);
    buffer.consume(used);
    if (error == http::error::need_more) {
      error = {};
      if (used == 0) break;
    }
    if (error) break;
  }
  if (error) {
    return fail(fmt::format("the agent's reply broke off: {}; what came so far is not all",
                            error.message()));
  }
  // They are in the buffer until it is read into again.
  const std::vector<std::string_view> pieces = std::exchange(parser.get().body(), {});
  const bool is_reply = parser.is_header_done() && parser.get().result() == http::status::ok;
  const bool is_in_pieces =
      is_reply && parser.get()[http::field::content_type].compare(kMultiplexedType.data()) == 0;
  for (const std::string_view piece : pieces) {
    if (is_in_pieces) {
      if (auto added = frames.add(piece, receive); !added) return std::unexpected(added.error());
    } else if (is_reply) {
      receive(Channel::kOutput, piece);
    } else {
      refusal += piece;
    }
  }
  if (!parser.is_done()) {
    if (count == 0) return fail("the agent has gone away; what came so far is not all");
    return true;
  }
  if (is_reply) return false;
  const auto told = nlohmann::json::parse(refusal, nullptr, /*allow_exceptions=*/false);
  if (told.is_object() && told.contains("error") && told["error"].is_string()) {
    const bool bad_input = told.value("exit_code", 1) == static_cast<int>(ExitCode::kBadInput);
    return fail(told["error"].get<std::string>(),
                bad_input ? ExitCode::kBadInput : ExitCode::kFailed);
  }
  return fail(fmt::format("the agent refuses: HTTP {}", parser.get().result_int()));
}

void ApiClient::close() { ::shutdown(socket_.get(), SHUT_WR); }

std::string ApiClient::header(std::string_view name) const {
  if (!reply_->parser.is_header_done()) return "";
  return std::string(reply_->parser.get()[{name.data(), name.size()}]);
}

}  // namespace outrider
