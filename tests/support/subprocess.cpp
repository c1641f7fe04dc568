// SPDX-License-Identifier: Apache-2.0
#include "support/subprocess.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ostream>
#include <thread>

namespace outrider::test {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLook{2};

FileDescriptor memory_file() {
  FileDescriptor file(::memfd_create("outrider-test", MFD_CLOEXEC));
  if (!file.valid()) {
    std::perror("memfd_create");
    std::abort();
  }
  return file;
}

std::string read_all(const FileDescriptor& file) {
  std::string text;
  char buffer[64 * 1024];
  ssize_t count = 0;
  // pread: the position belongs to the program that writes.
  while ((count = ::pread(file.get(), buffer, sizeof(buffer), static_cast<off_t>(text.size()))) >
         0) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

std::vector<std::string> merged_environment(const std::vector<std::string>& changes) {
  std::vector<std::string> merged;
  for (char** each = environ; *each != nullptr; ++each) merged.emplace_back(*each);
  for (const std::string& change : changes) {
    const std::string name = change.substr(0, change.find('=')) + "=";
    std::erase_if(merged, [&](const std::string& each) { return each.starts_with(name); });
    if (change.find('=') != std::string::npos) merged.push_back(change);
  }
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// What GoogleTest has buffered would be written twice.
pid_t fork_flushed() {
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) {
    std::perror("fork");
    std::abort();
  }
  return pid;
}

}  // namespace

Subprocess::Subprocess(const std::vector<std::string>& arguments, const Options& options)
    : output_(memory_file()), errors_(memory_file()) {
  std::vector<std::string> words = arguments;
  std::vector<std::string> environment = merged_environment(options.environment);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(environment);
  pid_ = fork_flushed();
  if (pid_ != 0) return;
  ::dup2(options.output >= 0 ? options.output : output_.get(), STDOUT_FILENO);
  ::dup2(errors_.get(), STDERR_FILENO);
  if (options.prepare && !options.prepare()) ::_exit(126);
  ::execvpe(argv[0], argv.data(), envp.data());
  std::perror(argv[0]);
  ::_exit(127);
}

Subprocess::~Subprocess() {
  if (ending_) return;
  send(SIGKILL);
  wait(std::chrono::seconds(10));
}

void Subprocess::send(int signal) const {
  if (!ending_) ::kill(pid_, signal);
}

std::optional<Subprocess::Ending> Subprocess::wait(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (!ending_) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      ending_ = WIFSIGNALED(status) ? Ending{.signal = WTERMSIG(status)}
                                    : Ending{.code = WEXITSTATUS(status)};
    } else if (Clock::now() >= deadline) {
      return std::nullopt;
    } else {
      std::this_thread::sleep_for(kLook);
    }
  }
  return ending_;
}

std::string Subprocess::output() const { return read_all(output_); }
std::string Subprocess::errors() const { return read_all(errors_); }

bool Subprocess::wait_for_errors(std::string_view text, std::chrono::milliseconds patience) {
  const auto found = [&] { return errors().find(text) != std::string::npos; };
  return eventually([&] { return found() || ended(); }, patience) && found();
}

void PrintTo(const Subprocess::Ending& ending, std::ostream* out) {
  if (ending.signal != 0) {
    *out << "killed by " << ::strsignal(ending.signal);
  } else {
    *out << "code " << ending.code;
  }
}

Child::Child(const std::function<int()>& work) : pid_(fork_flushed()) {
  if (pid_ == 0) ::_exit(work());
}

Child::~Child() {
  if (waited_) return;
  ::kill(pid_, SIGKILL);
  wait();
}

int Child::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  waited_ = true;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

WaitingChild::WaitingChild(const std::function<void()>& work) {
  EXPECT_EQ(::pipe2(gate_, O_CLOEXEC), 0);
  child_.emplace([this, work] {
    char byte = 0;
    if (::read(gate_[0], &byte, 1) != 1) return 1;
    work();
    return 0;
  });
}

WaitingChild::~WaitingChild() {
  for (const int end : gate_) ::close(end);
}

void WaitingChild::begin() { EXPECT_EQ(::write(gate_[1], "x", 1), 1); }

void WaitingChild::wait() { EXPECT_EQ(child_->wait(), 0); }

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (!holds()) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

}  // namespace outrider::test
