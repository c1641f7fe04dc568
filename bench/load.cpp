// SPDX-License-Identifier: Apache-2.0
//
// The load generator of the benchmark. One thread makes one kind of system call in a loop and
// prints, as one JSON line, how many it made and what they cost that thread. Its count is the
// truth that a tracer's output is compared with.
//
//   bench_load getppid --seconds 0.2
//   bench_load open --path /dev/shm/f --count 100000 --rate 20000
//   bench_load spawn --count 500 --program /bin/true
//
// With --on-line it says that it is ready, then runs once per line on stdin until end of file.
// Each line is empty, or overrides for that run: `count=N seconds=S rate=R path=P`. The process
// is then known (its pid, its memory layout) before a tracer starts, and stays the same between
// a bare run and a traced one.

#include <fcntl.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <iostream>
#include <sstream>
#include <string>

namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr uint64_t kClockEvery = 64;  // iterations between two looks at the clock

struct Settings {
  uint64_t count = 0;  // iterations; 0: as many as fit into `seconds`
  double seconds = 1;  // ignored when count is given
  double rate = 0;     // iterations per second; 0: flat out
  std::string path = "/etc/hostname";
  std::string program = "/bin/true";
  std::string mark = "outrider-bench";  // an argument of every spawned program
};

int64_t now(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return t.tv_sec * kNsPerSecond + t.tv_nsec;
}

int64_t cpu_of(int who) {
  rusage u{};
  getrusage(who, &u);
  return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * kNsPerSecond +
         (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

bool one_getppid(const Settings&) { return syscall(SYS_getppid) >= 0; }

bool one_open(const Settings& s) {
  long fd = syscall(SYS_openat, AT_FDCWD, s.path.c_str(), O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return false;
  return syscall(SYS_close, fd) == 0;
}

bool ended_well(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Four system calls: vfork, execve, exit and wait4. What is measured is the process.
bool one_spawn(const Settings& s) {
  const char* argv[] = {s.program.c_str(), s.mark.c_str(), "alpha", "beta gamma", nullptr};
  const pid_t child = vfork();  // NOLINT(bugprone-unsafe-functions): what is measured
  if (child == 0) {
    execve(s.program.c_str(), const_cast<char**>(argv), environ);
    _exit(127);
  }
  return child > 0 && ended_well(child);
}

// As many programs do it; glibc takes 122 calls of sigaction for it.
bool one_posix_spawn(const Settings& s) {
  const char* argv[] = {s.program.c_str(), s.mark.c_str(), "alpha", "beta gamma", nullptr};
  pid_t child = 0;
  errno =
      posix_spawn(&child, s.program.c_str(), nullptr, nullptr, const_cast<char**>(argv), environ);
  return errno == 0 && ended_well(child);
}

// One run. `One` is a template argument so that the loop holds nothing but the call.
template <bool (*One)(const Settings&)>
void run(const char* what, const Settings& s) {
  uint64_t done = 0;
  uint64_t failed = 0;
  int failed_errno = 0;

  const int64_t children_0 = cpu_of(RUSAGE_CHILDREN);
  const int64_t real_0 = now(CLOCK_REALTIME);
  const int64_t wall_0 = now(CLOCK_MONOTONIC);
  const int64_t cpu_0 = now(CLOCK_THREAD_CPUTIME_ID);
  const int64_t deadline =
      s.count ? INT64_MAX : wall_0 + static_cast<int64_t>(s.seconds * kNsPerSecond);

  while (!s.count || done < s.count) {
    if (s.rate > 0) {  // busy wait: sleeping would turn a rate into bursts
      const auto due =
          wall_0 + static_cast<int64_t>(static_cast<double>(done) / s.rate * kNsPerSecond);
      int64_t time = now(CLOCK_MONOTONIC);
      while (time < due && time < deadline) time = now(CLOCK_MONOTONIC);
      if (time >= deadline) break;
    } else if (done % kClockEvery == 0 && now(CLOCK_MONOTONIC) >= deadline) {
      break;
    }
    if (!One(s)) {
      failed++;
      failed_errno = errno;
    }
    done++;
  }

  const int64_t cpu_1 = now(CLOCK_THREAD_CPUTIME_ID);
  const int64_t wall_1 = now(CLOCK_MONOTONIC);
  const int64_t children_1 = cpu_of(RUSAGE_CHILDREN);

  if (failed)
    fprintf(stderr, "bench_load: %llu of %llu %s calls failed: %s\n",
            static_cast<unsigned long long>(failed), static_cast<unsigned long long>(done), what,
            strerror(failed_errno));
  printf(
      "{\"what\":\"%s\",\"pid\":%d,\"iterations\":%llu,\"failed\":%llu,\"cpu_ns\":%lld,"
      "\"children_cpu_ns\":%lld,\"wall_ns\":%lld,\"start_real_ns\":%lld}\n",
      what, getpid(), static_cast<unsigned long long>(done),
      static_cast<unsigned long long>(failed), static_cast<long long>(cpu_1 - cpu_0),
      static_cast<long long>(children_1 - children_0), static_cast<long long>(wall_1 - wall_0),
      static_cast<long long>(real_0));
  fflush(stdout);
}

struct Load {
  const char* name;
  const char* help;
  void (*run)(const char* what, const Settings&);
};

constexpr Load kLoads[] = {
    {"getppid", "getppid(): the cheapest system call", run<one_getppid>},
    {"open", "openat(path) and close()", run<one_open>},
    {"spawn", "vfork(), execve(program, arguments) and waitpid()", run<one_spawn>},
    {"posix_spawn", "posix_spawn(program, arguments) and waitpid()", run<one_posix_spawn>},
};

// Applies `key=value` words. Returns the word that it did not understand, or "".
std::string apply_words(Settings& s, const std::string& line) {
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    const auto eq = word.find('=');
    const std::string key = word.substr(0, eq);
    const std::string value = eq == std::string::npos ? "" : word.substr(eq + 1);
    if (value.empty()) return word;
    if (key == "count")
      s.count = std::stoull(value);
    else if (key == "seconds")
      s.seconds = std::stod(value);
    else if (key == "rate")
      s.rate = std::stod(value);
    else if (key == "path")
      s.path = value;
    else if (key == "program")
      s.program = value;
    else if (key == "mark")
      s.mark = value;
    else
      return word;
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  std::string comm;
  bool on_line = false;

  CLI::App app{"Load generator of Outrider's benchmark", "bench_load"};
  app.require_subcommand(1);
  for (const Load& load : kLoads) {
    CLI::App* sub = app.add_subcommand(load.name, load.help);
    sub->add_option("--count", settings.count, "iterations (0: until --seconds)");
    sub->add_option("--seconds", settings.seconds, "duration when there is no --count");
    sub->add_option("--rate", settings.rate, "iterations per second (0: flat out)");
    sub->add_option("--path", settings.path, "open: an existing file");
    sub->add_option("--program", settings.program, "spawn: a program that exits 0");
    sub->add_option("--mark", settings.mark, "spawn: first argument of the program");
    sub->add_option("--comm", comm, "the thread's name (15 characters)");
    sub->add_flag("--on-line", on_line, "run once per line of stdin");
  }
  CLI11_PARSE(app, argc, argv);

  if (!comm.empty()) prctl(PR_SET_NAME, comm.c_str());

  for (const Load& load : kLoads) {
    if (!app.got_subcommand(load.name)) continue;
    if (!on_line) {
      load.run(load.name, settings);
      return 0;
    }
    printf("{\"ready\":true,\"pid\":%d}\n", getpid());
    fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
      Settings s = settings;
      const std::string bad = apply_words(s, line);
      if (!bad.empty()) {
        fprintf(stderr,
                "bench_load: '%s' is not a setting; use count=, seconds=, "
                "rate=, path=, program= or mark=\n",
                bad.c_str());
        return 2;
      }
      load.run(load.name, s);
    }
  }
  return 0;
}
