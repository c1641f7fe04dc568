// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "cli/command_table.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/manual.h"
#include "cli/reference.h"

namespace outrider {

namespace {

struct DocumentOptions {
  static constexpr std::string_view kName = "document";
  static constexpr std::string_view kDoc =
      "Writes what is made of the descriptors: reference, to standard output; manual or "
      "completion, "
      "files into a directory.";

  std::string what = {};
  std::string directory = {};

  void add_to(CommandLine& line) {
    line.options()
        .add_option("WHAT", what, "reference, manual or completion")
        ->required()
        ->check(CLI::IsMember({"reference", "manual", "completion"}))
        ->type_name("");
    line.options().add_option("DIRECTORY", directory, "where the files go");
  }
};

Result<void> write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) return fail(fmt::format("cannot write {}", path));
  return {};
}

Result<void> write_manual(const std::string& directory) {
  if (auto done = write(directory + "/outrider.8", manual_overview()); !done) return done;
  for (const CommandRow& command : all_commands()) {
    if (command.doc.empty()) continue;
    auto done =
        write(fmt::format("{}/outrider-{}.8", directory, command.name), manual_page(command));
    if (!done) return done;
  }
  return {};
}

Result<void> write_completion(const std::string& directory) {
  for (const std::string_view shell : {"bash", "zsh", "fish"}) {
    auto done = write(fmt::format("{}/outrider.{}", directory, shell), completion_script(shell));
    if (!done) return done;
  }
  return {};
}

}  // namespace

std::shared_ptr<const CommandLine> describe_document() { return describe<DocumentOptions>(); }

ExitCode run_document(const std::vector<std::string>& words) {
  Command<DocumentOptions> command;
  const DocumentOptions& options = command.options;
  if (auto parsed = command.line.parse(words); !parsed) return report(parsed.error());
  if (options.what == "reference") {
    fmt::print("{}", reference_page());
    return ExitCode::kDone;
  }
  if (options.directory.empty()) {
    return report({"into which directory?", ExitCode::kBadInput});
  }
  const auto written = options.what == "manual" ? write_manual(options.directory)
                                                : write_completion(options.directory);
  return written ? ExitCode::kDone : report(written.error());
}

}  // namespace outrider
