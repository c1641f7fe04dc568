// SPDX-License-Identifier: Apache-2.0
#include "cli/agent_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <tuple>

#include "agent/agent.h"
#include "agent/configuration.h"
#include "api/client.h"
#include "api/parameters.h"
#include "cli/commands.h"
#include "cli/signals.h"
#include "streams/output.h"

namespace outrider {

namespace {

std::string observe_socket() { return fmt::format("{}/{}", run_directory(), kObserveSocket); }

std::string target_of(std::string_view command, const std::vector<std::string>& words,
                      const Screen& screen) {
  std::string target = fmt::format("/v1/{}?color={}", command, screen.color);
  if (screen.width > 0) target += fmt::format("&width={}", screen.width);
  for (const std::string& word : words) target += "&word=" + percent_encoded(word);
  return target;
}

// One command in the agent.
class Remote {
 public:
  Remote(ApiClient client, int descriptor) : client_(std::move(client)), output_(descriptor) {}

  ExitCode run(const std::string& target) {
    auto signals = take_signals();
    if (!signals) return report(signals.error());
    if (auto asked = client_.ask(target); !asked) return report(asked.error());
    for (;;) {
      pollfd descriptors[] = {{client_.descriptor(), POLLIN, 0}, {signals->get(), POLLIN, 0}};
      if (::poll(descriptors, 2, -1) < 0) continue;
      if (descriptors[1].revents != 0 && !handle_signals(signals->get())) {
        return ExitCode::kFailed;
      }
      if (descriptors[0].revents == 0) continue;
      const auto more =
          client_.read([this](Channel channel, std::string_view text) { receive(channel, text); });
      if (!more) return report(more.error());
      output_.flush();
      if (output_.error() != 0) client_.close();
      if (!*more) return ending();
    }
  }

 private:
  void receive(Channel channel, std::string_view text) {
    switch (channel) {
      case Channel::kExitCode:
        code_ = static_cast<ExitCode>(text.empty() ? 1 : text[0]);
        break;
      case Channel::kOutput:
        output_.buffer() += text;
        break;
      case Channel::kMessages:
        output_.flush();  // in the order in which they were written
        std::fwrite(text.data(), 1, text.size(), stderr);
        break;
    }
  }

  // False if nobody wants to wait for the end any more.
  bool handle_signals(int descriptor) {
    signalfd_siginfo information{};
    while (::read(descriptor, &information, sizeof(information)) == sizeof(information)) {
      if (information.ssi_signo == SIGUSR1) {
        ask_for_account();
      } else if (is_closing_) {
        return false;
      } else {
        is_closing_ = true;
        client_.close();
      }
    }
    return true;
  }

  void ask_for_account() {
    auto other = ApiClient::connect(observe_socket());
    if (!other || !*other) return;
    ApiClient& client = **other;
    if (!client.ask("/v1/streams/" + client_.header("Outrider-Stream"))) return;
    for (;;) {
      const auto more = client.read([this](Channel channel, std::string_view text) {
        if (channel == Channel::kMessages) receive(channel, text);
      });
      if (!more || !*more) return;
    }
  }

  ExitCode ending() {
    // `| head` has seen enough: that is no error.
    if (output_.error() != 0 && output_.error() != EPIPE) {
      return report({fmt::format("write the output: {}", std::strerror(output_.error()))});
    }
    return code_;
  }

  ApiClient client_;
  FileOutput output_;
  ExitCode code_ = ExitCode::kFailed;
  bool is_closing_ = false;
};

}  // namespace

Result<std::string> ask_agent(const std::string& socket, std::string_view target) {
  auto connected = ApiClient::connect(socket);
  if (!connected) return std::unexpected(connected.error());
  if (!*connected) return fail(fmt::format("no agent listens at {}", socket));
  ApiClient& client = **connected;
  constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  if (auto asked = client.ask(target); !asked) return std::unexpected(asked.error());
  std::string body;
  while (true) {
    const auto more = client.read([&](Channel channel, std::string_view text) {
      if (channel != Channel::kExitCode) body += text;
    });
    if (!more) return std::unexpected(more.error());
    if (!*more) return body;
  }
}

std::optional<ExitCode> run_in_agent(std::string_view command,
                                     const std::vector<std::string>& words, const Screen& screen,
                                     int descriptor) {
  auto client = ApiClient::connect(observe_socket());
  if (!client) return report(client.error());
  if (*client) {
    return Remote(std::move(**client), descriptor).run(target_of(command, words, screen));
  }
  if (is_agent_running(run_directory())) {
    return report(
        {fmt::format("an agent runs, but does not answer at {}: it starts or ends; try "
                     "again, or use --no-agent",
                     observe_socket())});
  }
  return std::nullopt;
}

}  // namespace outrider
