// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/parameters.h"
#include "api/reply_stream.h"
#include "base/result.h"

namespace outrider {

// Through which socket a request came.
enum class Door : std::uint8_t {
  kObserve,   // observe.sock: to read
  kAdmin,     // admin.sock: to change
  kLoopback,  // TCP: metrics and health only
};

struct ApiRequest {
  std::string method;
  Target target;
  Door door = Door::kObserve;
  // Who has connected, as the kernel says: SO_PEERCRED, unix(7). Of TCP nobody.
  pid_t peer_pid = 0;
  uid_t peer_uid = static_cast<uid_t>(-1);
  // Whether output, messages and exit code are to be told apart.
  bool multiplexed = false;
};

struct ApiReply {
  unsigned status = 200;  // of HTTP
  std::string content_type = "application/json";
  std::string body = {};
  // A reply that goes on, instead of a body.
  std::shared_ptr<ReplyStream> stream = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// The type of a reply in which channels are told apart; what a client accepts to get one.
inline constexpr std::string_view kMultiplexedType = "application/vnd.outrider.multiplexed";

// {"error": MESSAGE, "exit_code": CODE} with the status that goes with it.
ApiReply error_reply(const Error& error);

// To be called once for a request, from any thread.
using Answer = std::function<void(ApiReply)>;

// An HTTP/1.1 server in one thread of its own, which run() is. Requests are limited in size and
// time, connections in number; a request is answered whenever `handler` has an answer.
class ApiServer {
 public:
  struct Limits {
    std::size_t connections = 256;
    std::uint32_t header = 16 * 1024;  // bytes
    std::size_t body = 64 * 1024;      // bytes
    std::chrono::seconds request{10};  // until a request is there as a whole
    std::chrono::seconds reply{30};    // until a reply that does not go on is sent
    std::chrono::seconds idle{60};     // between two requests
    std::chrono::seconds farewell{2};  // at stop(), for what is still being sent
  };
  // Called in the server's thread.
  using Handler = std::function<void(ApiRequest, Answer)>;

  ApiServer(Handler handler, const Limits& limits);
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  // A socket in a directory that only root can write to; one that is there already is replaced.
  // `group`: who may connect besides root; -1: nobody.
  Result<void> listen_unix(const std::string& path, gid_t group, Door door);
  // "127.0.0.1:9321" or "[::1]:9321". Fails for what is no address of this machine's loopback.
  Result<void> listen_loopback(const std::string& address);
  // Of the loopback socket: what "...:0" has become.
  [[nodiscard]] std::uint16_t port() const;

  // Until stop(), which may be called from any thread. Replies that go on are then closed.
  void run();
  void stop();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace outrider
