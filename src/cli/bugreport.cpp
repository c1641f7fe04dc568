// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "agent/agent.h"
#include "base/file_descriptor.h"
#include "cli/agent_client.h"
#include "cli/archive.h"
#include "cli/bugreport_parts.h"
#include "cli/commands.h"
#include "cli/placeholders.h"

namespace outrider {

namespace {

struct BugReportOptions {
  static constexpr std::string_view kName = "bugreport";
  static constexpr std::string_view kDoc =
      "Writes an archive for those who look into a problem: status, doctor, the kernel and its "
      "configuration, and the agent's configuration, log, metrics and streams, if there is one. "
      "Secrets, addresses, names of hosts and of users are masked; MANIFEST, its first file, says "
      "what is in it. Sends nothing. As root, or parts are missing.";

  std::string file = {};

  void add_to(CommandLine& line) {
    line.options()
        .add_option("-o,--output", file,
                    "where to, which must not exist; without it outrider-bugreport-TIME.tar.gz "
                    "here")
        ->type_name("FILE");
  }
};

std::string manifest(const std::vector<ReportPart>& parts, const Placeholders::Counts& masked,
                     std::time_t time) {
  std::string text = fmt::format(
      "outrider bugreport, version {}, {:%Y-%m-%dT%H:%M:%SZ}\n"
      "Nothing has been sent anywhere. Look at it before you send it.\n\n"
      "{:<26} {:>8} {}\n",
      OUTRIDER_VERSION, fmt::gmtime(time), "FILE", "BYTES", "WHAT");
  for (const ReportPart& part : parts) {
    if (part.missing.empty()) {
      text += fmt::format("{:<26} {:>8} {}\n", part.name, part.text.size(), part.what);
    } else {
      text += fmt::format("{:<26} {:>8} {}: {}\n", part.name, "-", part.what, part.missing);
    }
  }
  text += fmt::format(
      "\nMasked in all of them, each by the same word wherever it stands:\n"
      "  values that look like secrets, in {} lines: ***\n"
      "  {} addresses of networks and interfaces, but for loopback: address-N\n"
      "  {} names of hosts: host-N\n"
      "  {} names of users: user-N\n"
      "Not masked: names of containers and images, paths of files (but for /home/NAME), numbers of "
      "users, and the conditions of the agent's readers.\n",
      masked.secrets, masked.addresses, masked.hosts, masked.users);
  return text;
}

// Anew, and for its owner only; nothing is left of a file that could not be written.
Result<void> write_new(const std::string& path, std::string_view bytes) {
  FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) {
    if (errno == EEXIST) {
      return fail(fmt::format("{} exists already; give another name with -o", path),
                  ExitCode::kBadInput);
    }
    return fail_errno(fmt::format("make {}", path), errno);
  }
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error_number = errno;
      ::unlink(path.c_str());
      return fail_errno(fmt::format("write {}", path), error_number);
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::string> make_report(const std::string& wanted) {
  const std::time_t time = std::time(nullptr);
  std::string path =
      wanted.empty() ? fmt::format("outrider-bugreport-{:%Y%m%dT%H%M%SZ}.tar.gz", fmt::gmtime(time))
                     : wanted;
  // Known before anything is gathered, which takes some seconds.
  if (::access(path.c_str(), F_OK) == 0) {
    return fail(fmt::format("{} exists already; give another name with -o", path),
                ExitCode::kBadInput);
  }
  auto parts =
      gather_report({.run_directory = run_directory(), .on_part = [](std::string_view name) {
                       fmt::print(stderr, "outrider: gathering {}\n", name);
                     }});
  Placeholders placeholders(names_of_this_machine());
  std::vector<ArchiveFile> files{{.name = "MANIFEST", .text = ""}};
  for (ReportPart& part : parts) {
    part.text = placeholders.mask(part.text);
    part.missing = placeholders.mask(part.missing);
    if (part.missing.empty()) files.push_back({std::string(part.name), part.text});
  }
  files[0].text = manifest(parts, placeholders.counts(), time);
  const auto archive = make_archive(files, time);
  if (!archive) return std::unexpected(archive.error());
  if (auto written = write_new(path, *archive); !written) return std::unexpected(written.error());
  fmt::print(stderr, "outrider: {} files, {} bytes; look at MANIFEST before you send it\n",
             files.size(), archive->size());
  return path;
}

}  // namespace

std::shared_ptr<const CommandLine> describe_bugreport() { return describe<BugReportOptions>(); }

ExitCode run_bugreport(const std::vector<std::string>& words) {
  Command<BugReportOptions> command;
  if (auto parsed = command.line.parse(words); !parsed) return report(parsed.error());
  if (command.line.wants_help()) {
    fmt::print("{}", command.line.help());
    return ExitCode::kDone;
  }
  if (::geteuid() != 0) {
    fmt::print(stderr, "outrider: not run by root: parts will be missing\n");
  }
  const auto path = make_report(command.options.file);
  if (!path) return report(path.error());
  fmt::print("{}\n", *path);
  return ExitCode::kDone;
}

}  // namespace outrider
