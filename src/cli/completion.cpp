// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/commands.h"
#include "sensors/registry.h"
#include "sensors/selection.h"
#include "snapshots/snapshot_kind.h"
#include "streams/command_line.h"
#include "syscalls/calls.h"

namespace outrider {

namespace {

// ---- what there is to choose from

using Words = std::vector<std::string>;

// The fields of the kinds that are named already, or of all.
Words field_names(std::span<const std::string> words) {
  std::vector<const EventDescriptor*> kinds;
  for (const std::string& word : words) {
    if (const SnapshotKind* kind = find_snapshot_kind(word)) kinds.push_back(&kind->descriptor);
    if (const auto selection = select(std::span(&word, 1))) {
      kinds.insert(kinds.end(), selection->kinds.begin(), selection->kinds.end());
    }
  }
  if (kinds.empty()) kinds.assign(all_kinds().begin(), all_kinds().end());
  std::set<std::string> names;
  for (const EventDescriptor* kind : kinds) {
    for (const auto& fields : {fields_of(*kind), derived_fields_of(*kind)}) {
      for (const FieldDescriptor* field : fields) names.emplace(field->name);
    }
  }
  return {names.begin(), names.end()};
}

Words kind_names(std::span<const std::string>) {
  Words names;
  for (const EventDescriptor* kind : all_kinds()) names.emplace_back(kind->name);
  for (const Call& call : all_calls()) names.push_back(fmt::format("syscall:{}", call.name));
  return names;
}

// By option or place what its values are, where its own description does not say.
struct Source {
  std::string_view name;
  Words (*values)(std::span<const std::string> words);
};
constexpr Source kSources[] = {
    {"fields", field_names}, {"by", field_names},  {"sum", field_names},
    {"hist", field_names},   {"KIND", kind_names},
};

std::string name_of(const CLI::Option& option) {
  return option.get_lnames().empty() ? option.get_name() : option.get_lnames().front();
}

Words candidates(const CLI::Option& option, std::span<const std::string> words) {
  // "--by" of syscalls has few values, that of trace any field.
  if (Words values = values_of(option); !values.empty()) return values;
  for (const Source& source : kSources) {
    if (source.name == name_of(option)) return source.values(words);
  }
  return {};
}

// Those that begin as the word does; of a list with commas, the last of it counts.
Words matching(const Words& values, std::string_view word, bool is_list) {
  const std::size_t comma = is_list ? word.rfind(',') : std::string_view::npos;
  const std::string_view before =
      comma == std::string_view::npos ? std::string_view() : word.substr(0, comma + 1);
  const std::string_view last = word.substr(before.size());
  Words found;
  for (const std::string& value : values) {
    if (value.starts_with(last)) found.push_back(std::string(before) + value);
  }
  return found;
}

const CLI::Option* find_option(const CommandLine& line, std::string_view word) {
  for (const CLI::Option* option : line.options().get_options()) {
    if (!option->get_positional() && option->check_name(std::string(word))) return option;
  }
  return nullptr;
}

bool takes_value(const CLI::Option& option) { return option.get_expected_max() != 0; }

}  // namespace

// CLI11 has them only as text: "FORMAT:{columns,json}".
std::vector<std::string> values_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t begin = type.find('{'), end = type.find('}');
  Words values;
  if (begin == std::string::npos || end == std::string::npos) return values;
  std::string_view rest = std::string_view(type).substr(begin + 1, end - begin - 1);
  while (!rest.empty()) {
    const std::string_view value = rest.substr(0, rest.find(','));
    values.emplace_back(value);
    rest.remove_prefix(std::min(rest.size(), value.size() + 1));
  }
  return values;
}

std::vector<std::string> completions(std::span<const std::string> words) {
  if (words.empty()) return {};
  const std::string& last = words.back();
  const std::span<const std::string> before = words.first(words.size() - 1);
  if (before.empty()) {
    Words names;
    for (const CommandRow& command : all_commands()) {
      if (!command.doc.empty()) names.emplace_back(command.name);
    }
    return matching(names, last, false);
  }
  const CommandRow* command = find_command(before[0]);
  // Behind "--" there is another command.
  if (command == nullptr || std::ranges::find(before, "--") != before.end()) return {};
  const auto line = command->describe();
  if (before.size() > 1) {
    const CLI::Option* option = find_option(*line, before.back());
    if (option != nullptr && takes_value(*option)) {
      return matching(candidates(*option, before), last, option->get_delimiter() != '\0');
    }
  }
  const std::size_t equals = last.find('=');
  if (last.starts_with("--") && equals != std::string::npos) {
    const CLI::Option* option = find_option(*line, last.substr(0, equals));
    if (option == nullptr) return {};
    Words found = matching(candidates(*option, before), last.substr(equals + 1),
                           option->get_delimiter() != '\0');
    for (std::string& value : found) value.insert(0, last.substr(0, equals + 1));
    return found;
  }
  Words names;
  for (const CLI::Option* option : line->options().get_options()) {
    if (last.starts_with('-')) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    } else if (option->get_positional()) {
      for (std::string& value : candidates(*option, before)) names.push_back(std::move(value));
    }
  }
  return matching(names, last, !last.starts_with('-'));
}

std::string completion_script(std::string_view shell) {
  struct Script {
    std::string_view shell;
    std::string_view text;
  };
  constexpr Script kScripts[] = {
      {"bash", R"(# bash completion for outrider
_outrider() {
    local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]}
    # bash cuts words at these; what is completed is only the last piece.
    local line=${COMP_LINE:0:COMP_POINT}
    local last=${line##* }
    local words=()
    local IFS=$' \t\n'
    read -ra words <<<"$line"
    [[ $line == *' ' ]] && words+=('') && last=''
    local cut=${last%"${last##*[:=]}"}
    IFS=$'\n'
    # shellcheck disable=SC2207
    COMPREPLY=($(outrider complete -- "${words[@]:1}" 2>/dev/null))
    COMPREPLY=("${COMPREPLY[@]#"$cut"}")
}
complete -o default -F _outrider outrider
)"},
      {"zsh", R"(#compdef outrider
_outrider() {
    local -a found
    found=("${(@f)$(outrider complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n $found ]]; then compadd -Q -- $found; else _files; fi
}
compdef _outrider outrider
)"},
      {"fish", R"(# fish completion for outrider
complete -c outrider -f -a '(outrider complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
)"},
  };
  for (const Script& script : kScripts) {
    if (script.shell == shell) return std::string(script.text);
  }
  return "";
}

// ---- the commands

namespace {

struct CompletionOptions {
  static constexpr std::string_view kName = "completion";
  static constexpr std::string_view kDoc =
      "Writes a script that completes the words of outrider: for bash into "
      "/etc/bash_completion.d/, for zsh as _outrider into a directory of $fpath, for fish into "
      "~/.config/fish/completions/.";

  std::string shell = {};

  void add_to(CommandLine& line) {
    line.options()
        .add_option("SHELL", shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}))
        ->type_name("");
  }
};

struct CompleteOptions {
  static constexpr std::string_view kName = "complete";
  static constexpr std::string_view kDoc =
      "Writes what may stand in the place of the last of the words behind '--'; for shells.";

  void add_to(CommandLine&) {}
};

}  // namespace

std::shared_ptr<const CommandLine> describe_completion() { return describe<CompletionOptions>(); }
std::shared_ptr<const CommandLine> describe_complete() { return describe<CompleteOptions>(); }

ExitCode run_completion(const std::vector<std::string>& words) {
  Command<CompletionOptions> command;
  if (std::ranges::find(words, "--help") != words.end() || words == Words{"-h"}) {
    fmt::print("{}", command.line.help());
    return ExitCode::kDone;
  }
  if (auto parsed = command.line.parse(words); !parsed) return report(parsed.error());
  fmt::print("{}", completion_script(command.options.shell));
  return ExitCode::kDone;
}

ExitCode run_complete(const std::vector<std::string>& words) {
  if (words.empty() || words[0] != "--") {
    return report({"give the words behind '--'", ExitCode::kBadInput});
  }
  for (const std::string& each : completions(std::span(words).subspan(1))) {
    fmt::print("{}\n", each);
  }
  return ExitCode::kDone;
}

}  // namespace outrider
