// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/http_get.h"

#include <fmt/format.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

namespace outrider {

namespace {

constexpr std::string_view kEndOfHeaders = "\r\n\r\n";

// False when the deadline is over.
bool wait_for(int connection, short events, Deadline deadline) {
  pollfd waited{.fd = connection, .events = events, .revents = 0};
  while (true) {
    const int left = milliseconds_until(deadline);
    if (left == 0) return false;
    const int ready = ::poll(&waited, 1, left);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The value of a header, or an empty one. `headers` end with an end of line.
std::string_view header(std::string_view headers, std::string_view name) {
  while (!headers.empty()) {
    const std::size_t end = headers.find("\r\n");
    const std::string_view line = headers.substr(0, end);
    headers.remove_prefix(end == std::string_view::npos ? headers.size() : end + 2);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (::strncasecmp(line.data(), name.data(), name.size()) != 0) continue;
    std::string_view value = line.substr(name.size() + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
    return value;
  }
  return {};
}

Result<void> send_all(int connection, std::string_view text, Deadline deadline) {
  while (!text.empty()) {
    if (!wait_for(connection, POLLOUT, deadline)) return fail("the question was not taken in time");
    const ssize_t size = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN && errno != EINTR) return fail_errno("send", errno);
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

// Whether there is all that the headers promise. They come first, so they are looked at once.
class Completeness {
 public:
  bool operator()(std::string_view text) {
    if (!size_) {
      const std::size_t end = text.find(kEndOfHeaders, looked_);
      if (end == std::string_view::npos) {
        looked_ = text.size() < kEndOfHeaders.size() ? 0 : text.size() - kEndOfHeaders.size();
        return false;
      }
      const auto length = number_of(header(text.substr(0, end + 2), "Content-Length"));
      const std::size_t start = end + kEndOfHeaders.size();
      size_ = length && *length <= kAny - start ? start + *length : kAny;
    }
    return text.size() >= *size_;
  }

 private:
  static constexpr std::size_t kAny = static_cast<std::size_t>(-1);
  std::size_t looked_ = 0;
  std::optional<std::size_t> size_;
};

}  // namespace

Result<HttpAnswer> parse_http(std::string_view text) {
  const std::size_t end = text.find(kEndOfHeaders);
  if (end == std::string_view::npos) return fail("the answer has no end of headers");
  const std::string_view headers = text.substr(0, end + 2);
  std::string_view body = text.substr(end + kEndOfHeaders.size());
  // "HTTP/1.0 200 OK"
  const auto status = headers.size() >= 12 && headers.starts_with("HTTP/1.") && headers[8] == ' '
                          ? number_of(headers.substr(9, 3))
                          : std::nullopt;
  if (!status) return fail("the answer is not HTTP");
  if (!header(headers, "Transfer-Encoding").empty()) {
    return fail("the answer is in parts, which was not asked for");
  }
  if (const std::string_view length = header(headers, "Content-Length"); !length.empty()) {
    const auto size = number_of(length);
    if (!size || *size > body.size()) return fail("the answer is shorter than it says");
    body = body.substr(0, *size);
  }
  return HttpAnswer{static_cast<int>(*status), std::string(body)};
}

Result<HttpAnswer> http_get(int connection, std::string_view target, Deadline deadline,
                            std::size_t size_max) {
  const std::string question = fmt::format(
      "GET {} HTTP/1.0\r\nHost: localhost\r\nUser-Agent: outrider\r\nAccept: application/json\r\n"
      "Connection: close\r\n\r\n",
      target);
  if (auto sent = send_all(connection, question, deadline); !sent) {
    return std::unexpected(sent.error());
  }
  std::string text;
  Completeness complete;
  std::array<char, 16 * 1024> buffer;
  while (true) {
    if (!wait_for(connection, POLLIN, deadline)) return fail("no whole answer in time");
    const ssize_t size = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size < 0) return fail_errno("receive", errno);
    if (size == 0) return parse_http(text);
    if (text.size() + static_cast<std::size_t>(size) > size_max) {
      return fail("the answer is too long");
    }
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (complete(text)) return parse_http(text);
  }
}

}  // namespace outrider
