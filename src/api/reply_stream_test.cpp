// SPDX-License-Identifier: Apache-2.0
#include "api/reply_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <tuple>

#include "api/client.h"

namespace outrider {
namespace {

TEST(ReplyStream, PlainIsTheOutputAndWhatIsLast) {
  ReplyStream stream(/*multiplexed=*/false, 100);
  EXPECT_TRUE(stream.write(Channel::kMessages, "hello\n"));
  EXPECT_TRUE(stream.write(Channel::kOutput, "one\n"));
  EXPECT_TRUE(stream.write_last("account\n"));
  stream.end(ExitCode::kFailed);
  const auto taken = stream.take();
  EXPECT_EQ(taken.bytes, "one\naccount\n");
  EXPECT_TRUE(taken.ended);
  EXPECT_EQ(stream.sent(), taken.bytes.size());
}

// Each piece in turn, however the bytes are cut.
TEST(ReplyStream, ChannelsAreReadAgain) {
  ReplyStream stream(/*multiplexed=*/true, 100);
  stream.write(Channel::kMessages, "hello\n");
  stream.write(Channel::kOutput, std::string(300, 'x'));
  stream.write(Channel::kOutput, "");
  stream.end(ExitCode::kBadInput);
  const std::string bytes = stream.take().bytes;
  for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, std::size_t{100}, bytes.size()}) {
    FrameReader reader;
    std::string output, messages, code;
    for (std::size_t i = 0; i < bytes.size(); i += cut) {
      ASSERT_TRUE(reader.add(std::string_view(bytes).substr(i, cut),
                             [&](Channel channel, std::string_view text) {
                               (channel == Channel::kOutput     ? output
                                : channel == Channel::kMessages ? messages
                                                                : code) += text;
                             }));
    }
    EXPECT_TRUE(reader.at_end());
    EXPECT_EQ(output, std::string(300, 'x'));
    EXPECT_EQ(messages, "hello\n");
    EXPECT_EQ(code, std::string(1, '\2'));
  }
}

TEST(ReplyStream, NoSuchChannel) {
  FrameReader reader;
  EXPECT_FALSE(reader.add(std::string_view("\x7f\0\0\0\0\0\0\1x", 9),
                          [](Channel, std::string_view) { FAIL(); }));
}

TEST(ReplyStream, IsFullUntilItIsTaken) {
  ReplyStream stream(/*multiplexed=*/false, 10);
  EXPECT_FALSE(stream.is_full());
  stream.write(Channel::kOutput, "0123456789");
  EXPECT_TRUE(stream.is_full());
  std::ignore = stream.take();
  EXPECT_FALSE(stream.is_full());
}

TEST(ReplyStream, AReaderThatHasGoneGetsNothingMore) {
  ReplyStream stream(/*multiplexed=*/false, 10);
  int closed = 0;
  stream.on_closed([&] { ++closed; });
  stream.write(Channel::kOutput, "one");
  stream.close(/*gone=*/true);
  stream.close(/*gone=*/true);
  EXPECT_EQ(closed, 1);
  EXPECT_FALSE(stream.write(Channel::kOutput, "two"));
  EXPECT_EQ(stream.take().bytes, "");
}

TEST(ReplyStream, AReaderThatOnlyWantsNoMoreGetsTheEnd) {
  ReplyStream stream(/*multiplexed=*/false, 10);
  stream.close(/*gone=*/false);
  EXPECT_TRUE(stream.write_last("account"));
  EXPECT_EQ(stream.take().bytes, "account");
}

// Called once for what is there, and again for what comes after it was taken.
TEST(ReplyStream, TellsWhenThereIsSomething) {
  ReplyStream stream(/*multiplexed=*/false, 10);
  int told = 0;
  stream.write(Channel::kOutput, "before");
  stream.on_ready([&] { ++told; });
  EXPECT_EQ(told, 1);
  stream.write(Channel::kOutput, "more");
  EXPECT_EQ(told, 1);
  std::ignore = stream.take();
  stream.write(Channel::kOutput, "again");
  EXPECT_EQ(told, 2);
}

TEST(ReplyStream, NothingIsLostBetweenThreads) {
  constexpr int kLines = 100'000;
  ReplyStream stream(/*multiplexed=*/false, 1 << 20);
  stream.on_ready([] {});
  std::jthread writer([&] {
    for (int i = 0; i < kLines; ++i) stream.write(Channel::kOutput, std::to_string(i) + "\n");
    stream.end(ExitCode::kDone);
  });
  std::string all;
  for (;;) {
    const auto taken = stream.take();
    all += taken.bytes;
    if (taken.ended) break;
  }
  std::string expected;
  for (int i = 0; i < kLines; ++i) expected += std::to_string(i) + "\n";
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace outrider
