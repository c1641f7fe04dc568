// SPDX-License-Identifier: Apache-2.0
//
// The whole terminal for a table that is drawn again and again, and everything as it was after.
#pragma once

#include <termios.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace outrider {

struct ScreenSize {
  std::size_t width = 80;
  std::size_t height = 24;
};

// What draws these lines from the top of the screen on and leaves nothing of what was there. Lines
// that it has no room for are left out; none may be wider than the screen, or move the cursor.
std::string screen_frame(std::string_view lines, std::size_t height);

// Has the alternate screen, without cursor and echo, as long as it lives: also when a signal ends
// the program that nobody handles. At most one at a time. Not thread-safe.
class FullScreen {
 public:
  // Both are terminals.
  FullScreen(int input, int output);
  ~FullScreen();
  FullScreen(const FullScreen&) = delete;
  FullScreen& operator=(const FullScreen&) = delete;

  // As it is now; 80 by 24 if the terminal does not say.
  [[nodiscard]] ScreenSize size() const;
  // False once it cannot be written any more.
  bool draw(std::string_view lines);
  // The next key; 0 if none has been pressed. Sequences of several bytes (arrows) are none.
  char key();

  // Gives the terminal back for a while: the shell's, after Ctrl-Z.
  void leave();
  void enter();

 private:
  int input_;
  int output_;
  termios before_{};
};

}  // namespace outrider
