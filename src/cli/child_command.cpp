// SPDX-License-Identifier: Apache-2.0
#include "cli/child_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace outrider {

namespace {

// confstr(3), _CS_PATH: where to look if PATH is not set.
constexpr std::string_view kUsualPath = "/bin:/usr/bin";

// 0, or the errno for which it cannot be run.
int why_not(const std::string& path) {
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0) return errno;
  if (S_ISDIR(file.st_mode)) return EISDIR;
  return ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

std::unexpected<Error> cannot_run(std::string_view path, int error) {
  return fail(fmt::format("cannot run '{}': {}", path, std::strerror(error)), ExitCode::kBadInput);
}

// execvp(3): a name without a slash is looked for in PATH, where an empty entry is the working
// directory.
Result<std::string> find_program_file(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (const int error = why_not(name); error != 0) return cannot_run(name, error);
    return name;
  }
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable != nullptr ? std::string_view(variable) : kUsualPath;
  std::string refused;
  int refusal = 0;
  for (bool more = !name.empty(); more;) {
    const std::size_t colon = rest.find(':');
    const std::string_view directory = rest.substr(0, colon);
    more = colon != std::string_view::npos;
    if (more) rest.remove_prefix(colon + 1);
    std::string path = directory.empty() ? name : fmt::format("{}/{}", directory, name);
    const int error = why_not(path);
    if (error == 0) return path;
    if (error == ENOENT || error == ENOTDIR || !refused.empty()) continue;
    refused = path;
    refusal = error;
  }
  if (!refused.empty()) return cannot_run(refused, refusal);
  return fail(fmt::format("there is no command '{}' in PATH", name), ExitCode::kBadInput);
}

// The process until it is the command. Only what may be called behind a fork.
[[noreturn]] void wait_and_exec(int gate, int failure, const char* path, char* const* arguments) {
  char byte = 0;
  ssize_t got = 0;
  do {
    got = ::read(gate, &byte, 1);
  } while (got < 0 && errno == EINTR);
  constexpr int kNotRun = 127;
  if (got != 1) ::_exit(kNotRun);
  ::execve(path, arguments, environ);
  const int error = errno;
  // Nobody is left to be told if this fails.
  [[maybe_unused]] const ssize_t told = ::write(failure, &error, sizeof(error));
  ::_exit(kNotRun);
}

}  // namespace

Result<ChildCommand> ChildCommand::prepare(const std::vector<std::string>& words) {
  auto path = find_program_file(words.at(0));
  if (!path) return std::unexpected(path.error());
  ChildCommand command;
  command.name_ = words[0];
  int gate[2] = {-1, -1};
  int failure[2] = {-1, -1};
  if (::pipe2(gate, O_CLOEXEC) != 0) return fail_errno("make a pipe", errno);
  const FileDescriptor gate_end(gate[0]);
  command.gate_ = FileDescriptor(gate[1]);
  if (::pipe2(failure, O_CLOEXEC) != 0) return fail_errno("make a pipe", errno);
  command.failure_ = FileDescriptor(failure[0]);
  const FileDescriptor failure_end(failure[1]);
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  command.pid_ = ::fork();
  if (command.pid_ < 0) return fail_errno("fork", errno);
  if (command.pid_ == 0) {
    // Or it would keep itself waiting when we are gone.
    ::close(gate[1]);
    wait_and_exec(gate[0], failure[1], path->c_str(), arguments.data());
  }
  // Linux 5.3.
  command.process_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, command.pid_, 0)));
  if (!command.process_.valid()) return fail_errno("pidfd_open", errno);
  return command;
}

Result<void> ChildCommand::run() {
  // It may have been interrupted while it waited: then there is nobody to read this.
  [[maybe_unused]] const ssize_t told = ::write(gate_.get(), "", 1);
  gate_.reset();
  int error = 0;
  ssize_t got = 0;
  do {
    got = ::read(failure_.get(), &error, sizeof(error));
  } while (got < 0 && errno == EINTR);
  if (got != sizeof(error)) return {};
  return cannot_run(name_, error);
}

void ChildCommand::send(int signal) const {
  if (!ending_) ::kill(pid_, signal);
}

std::optional<int> ChildCommand::ending() {
  if (ending_) return ending_;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  constexpr int kBySignal = 128;
  ending_ = WIFEXITED(status) ? WEXITSTATUS(status) : kBySignal + WTERMSIG(status);
  return ending_;
}

}  // namespace outrider
