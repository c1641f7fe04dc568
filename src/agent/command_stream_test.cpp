// SPDX-License-Identifier: Apache-2.0
//
// Commands that go on: when their reply begins, what they are asked, and how they end.
#include "agent/command_stream.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <future>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "api/client.h"

namespace outrider {
namespace {

// A command that does as its first word says.
Result<ExitCode> run(const std::vector<std::string>& words, const Screen&, Output& output,
                     Asker& asker) {
  const std::string& what = words.at(0);
  if (what == "refuse") return fail("no", ExitCode::kBadInput);
  asker.tell("begun");
  if (what == "fail") return fail("broken");
  if (what == "flood") {
    const std::string line(1000, 'x');
    while (output.error() == 0 && asker.next() != Asker::Wish::kEnd) {
      output.buffer() = line + "\n";
      output.flush();
    }
    return ExitCode::kDone;
  }
  for (;;) {
    pollfd waiting{asker.descriptor(), POLLIN, 0};
    ::poll(&waiting, 1, -1);
    const Asker::Wish wish = asker.next();
    if (wish == Asker::Wish::kNothing) continue;
    output.buffer() += wish == Asker::Wish::kEnd ? "end\n" : "so far\n";
    output.flush();
    if (wish == Asker::Wish::kEnd) return ExitCode::kDone;
  }
}

std::shared_ptr<const CommandLine> describe_nothing() {
  return std::make_shared<CommandLine>("test", "");
}

constexpr std::size_t kRoom = 4096;

// A stream, what it has said of its beginning, and that it has ended.
class Stream {
 public:
  explicit Stream(const std::string& what)
      : stream_(
            {.command = kCommand,
             .words = {what},
             .screen = {},
             .multiplexed = true,
             .room = kRoom,
             .begun =
                 [this](Result<CommandStream::Reply> reply) { begun_.set_value(std::move(reply)); },
             .ended = [this] { ended_.set_value(); }}) {}

  Result<CommandStream::Reply> begun() { return begun_.get_future().get(); }
  void wait() { ended_.get_future().wait(); }
  CommandStream* operator->() { return &stream_; }

  // All that is there, by channel; takes it.
  static std::map<Channel, std::string> read(ReplyStream& reply) {
    std::map<Channel, std::string> texts;
    FrameReader frames;
    const auto taken = reply.take();
    EXPECT_TRUE(frames.add(
        taken.bytes, [&](Channel channel, std::string_view text) { texts[channel] += text; }));
    return texts;
  }

 private:
  static inline const ServedStream kCommand{"test", run, describe_nothing};
  std::promise<Result<CommandStream::Reply>> begun_;
  std::promise<void> ended_;
  CommandStream stream_;
};

TEST(CommandStream, OneThatIsRefusedHasNoReply) {
  Stream stream("refuse");
  const auto reply = stream.begun();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().message, "no");
  EXPECT_EQ(reply.error().code, ExitCode::kBadInput);
  stream.wait();
}

TEST(CommandStream, OneThatFailsLaterSaysSo) {
  Stream stream("fail");
  const auto reply = stream.begun();
  ASSERT_TRUE(reply);
  stream.wait();
  const auto texts = Stream::read(**reply);
  EXPECT_EQ(texts.at(Channel::kMessages), "outrider: begun\noutrider: broken\n");
  EXPECT_EQ(texts.at(Channel::kExitCode), std::string(1, '\1'));
}

TEST(CommandStream, IsAskedAndEnds) {
  Stream stream("wait");
  const auto reply = stream.begun();
  ASSERT_TRUE(reply);
  stream->report();
  std::string so_far;
  while (so_far.empty()) so_far = Stream::read(**reply)[Channel::kOutput];
  EXPECT_EQ(so_far, "so far\n");
  stream->end();
  stream.wait();
  const auto texts = Stream::read(**reply);
  EXPECT_EQ(texts.at(Channel::kOutput), "end\n");
  EXPECT_EQ(texts.at(Channel::kExitCode), std::string(1, '\0'));
  EXPECT_GT(stream->cpu(), 0u);
}

// As `Ctrl-C` does: what it has by then still comes.
TEST(CommandStream, AReaderThatWantsNoMoreEndsIt) {
  Stream stream("wait");
  const auto reply = stream.begun();
  ASSERT_TRUE(reply);
  (*reply)->close(/*gone=*/false);
  stream.wait();
  EXPECT_EQ(Stream::read(**reply).at(Channel::kOutput), "end\n");
}

// A reader that may outlive it.
TEST(CommandStream, TheReplyMayBeClosedAfterItsEnd) {
  CommandStream::Reply reply;
  {
    Stream stream("wait");
    reply = *stream.begun();
  }
  EXPECT_EQ(Stream::read(*reply).at(Channel::kOutput), "end\n");
  reply->close(/*gone=*/true);
}

TEST(CommandStream, OneThatIsNotReadWaits) {
  Stream stream("flood");
  const auto reply = stream.begun();
  ASSERT_TRUE(reply);
  while (!(*reply)->is_full()) std::this_thread::yield();
  EXPECT_LT((*reply)->waiting(), kRoom + 1100);
  Stream::read(**reply);
  while (!(*reply)->is_full()) std::this_thread::yield();
  EXPECT_LT((*reply)->waiting(), kRoom + 1100);
  // And its end does not wait for anybody.
}

}  // namespace
}  // namespace outrider
