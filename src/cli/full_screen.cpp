// SPDX-License-Identifier: Apache-2.0
#include "cli/full_screen.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace outrider {

namespace {

// ECMA-48 and, from xterm on, what every terminal knows: alternate screen, cursor.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kClearToEndOfLine = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";
constexpr char kEscape = '\x1b';

// Signals that end a program because something is wrong with it.
constexpr std::array kFatal = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};

// What a handler of signals may touch.
struct Saved {
  volatile sig_atomic_t active = 0;
  int input = -1;
  int output = -1;
  termios before{};
};
Saved saved;

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// All of it is safe in a handler: signal-safety(7).
void restore() {
  if (saved.active == 0) return;
  saved.active = 0;
  write_all(saved.output, kLeave);
  ::tcsetattr(saved.input, TCSANOW, &saved.before);
}

void restore_and_end(int signal) {
  restore();
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

std::string screen_frame(std::string_view lines, std::size_t height) {
  std::string out(kHome);
  for (std::size_t line = 0; line < height && !lines.empty(); ++line) {
    const std::size_t end = lines.find('\n');
    // No line break behind the last: it would scroll.
    if (line > 0) out += "\r\n";
    out += lines.substr(0, end);
    out += kClearToEndOfLine;
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  }
  out += kClearBelow;
  return out;
}

FullScreen::FullScreen(int input, int output) : input_(input), output_(output) {
  ::tcgetattr(input_, &before_);
  for (const int signal : kFatal) ::signal(signal, restore_and_end);
  enter();
}

FullScreen::~FullScreen() {
  leave();
  for (const int signal : kFatal) ::signal(signal, SIG_DFL);
}

void FullScreen::enter() {
  saved.input = input_;
  saved.output = output_;
  saved.before = before_;
  saved.active = 1;
  termios raw = before_;
  // Ctrl-C and Ctrl-Z are signals still.
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  ::tcsetattr(input_, TCSANOW, &raw);
  write_all(output_, kEnter);
}

void FullScreen::leave() { restore(); }

ScreenSize FullScreen::size() const {
  winsize window{};
  ScreenSize size;
  if (::ioctl(output_, TIOCGWINSZ, &window) != 0) return size;
  if (window.ws_col > 0) size.width = window.ws_col;
  if (window.ws_row > 0) size.height = window.ws_row;
  return size;
}

bool FullScreen::draw(std::string_view lines) {
  return write_all(output_, screen_frame(lines, size().height));
}

char FullScreen::key() {
  char bytes[16];
  const ssize_t got = ::read(input_, bytes, 1);
  if (got <= 0) return 0;
  if (bytes[0] != kEscape) return bytes[0];
  // The rest of its sequence comes with it, if it is one.
  pollfd more{input_, POLLIN, 0};
  while (::poll(&more, 1, 0) > 0 && ::read(input_, bytes, sizeof(bytes)) > 0) {
  }
  return 0;
}

}  // namespace outrider
