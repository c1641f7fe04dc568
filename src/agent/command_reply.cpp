// SPDX-License-Identifier: Apache-2.0
#include "agent/command_reply.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace outrider {

namespace {

constexpr std::size_t kWidest = 10'000;  // columns

// Keeps what is written.
class StringOutput : public Output {
 public:
  std::string text;

 protected:
  int write_out(std::string_view piece, std::string_view&) override {
    text += piece;
    return 0;
  }
};

bool shows_secrets(const std::vector<std::string>& words) {
  return std::ranges::any_of(
      words, [](const std::string& word) { return word.starts_with("--show-secrets"); });
}

}  // namespace

Screen screen_of(const Parameters& parameters) {
  Screen screen;
  for (const auto& [name, value] : parameters) {
    if (name == "color") screen.color = value == "true";
    if (name != "width") continue;
    std::size_t width = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), width);
    if (parsed.ec == std::errc() && width <= kWidest) screen.width = width;
  }
  return screen;
}

std::expected<std::vector<std::string>, ApiReply> allowed_words(const CommandLine& line,
                                                                const ApiRequest& request) {
  auto words = words_from(request.target.parameters, line);
  if (!words) return std::unexpected(error_reply(words.error()));
  if (request.peer_uid != 0 && shows_secrets(*words)) {
    ApiReply reply = error_reply({"--show-secrets: only for root"});
    reply.status = 403;
    return std::unexpected(reply);
  }
  return std::move(*words);
}

ApiReply run_command(const ServedCommand& command, const ApiRequest& request) {
  const auto words = allowed_words(*command.describe(), request);
  if (!words) return words.error();
  StringOutput output;
  const auto code = command.run(*words, screen_of(request.target.parameters), output);
  if (!code) {
    ApiReply reply = error_reply(code.error());
    // What it found out before.
    if (!output.text.empty() && request.multiplexed) {
      const char byte = static_cast<char>(code.error().code);
      reply = {.content_type = std::string(kMultiplexedType),
               .body = frame(Channel::kOutput, output.text) +
                       frame(Channel::kMessages, "outrider: " + code.error().message + "\n") +
                       frame(Channel::kExitCode, {&byte, 1})};
    }
    return reply;
  }
  ApiReply reply;
  const char byte = static_cast<char>(*code);
  reply.headers.emplace_back("Outrider-Exit-Code", std::to_string(static_cast<int>(*code)));
  if (request.multiplexed) {
    reply.content_type = kMultiplexedType;
    reply.body = frame(Channel::kOutput, output.text) + frame(Channel::kExitCode, {&byte, 1});
  } else {
    const bool is_json = output.text.starts_with('{') || output.text.starts_with('[');
    reply.content_type = is_json ? "application/json" : "text/plain; charset=utf-8";
    reply.body = std::move(output.text);
  }
  return reply;
}

}  // namespace outrider
