// SPDX-License-Identifier: Apache-2.0
#include "cli/full_screen.h"

#include <gtest/gtest.h>

namespace outrider {

namespace {

TEST(ScreenFrame, DrawsFromTheTopAndClearsTheRest) {
  EXPECT_EQ(screen_frame("one\ntwo\n", 24), "\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J");
}

TEST(ScreenFrame, LeavesOutWhatHasNoRoom) {
  EXPECT_EQ(screen_frame("one\ntwo\nthree\n", 2), "\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J");
}

TEST(ScreenFrame, OfNothing) { EXPECT_EQ(screen_frame("", 24), "\x1b[H\x1b[J"); }

TEST(ScreenFrame, EmptyLines) {
  EXPECT_EQ(screen_frame("\nb", 24), "\x1b[H\x1b[K\r\nb\x1b[K\x1b[J");
}

}  // namespace

}  // namespace outrider
