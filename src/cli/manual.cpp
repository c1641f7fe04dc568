// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace outrider {

namespace {

// groff_char(7): a hyphen that is one, a backslash, and no request at the beginning of a line.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char each : text) {
    const bool begins = result.empty() || result.back() == '\n';
    if (begins && (each == '.' || each == '\'')) result += "\\&";
    switch (each) {
      case '\\':
        result += "\\e";
        break;
      case '-':
        result += "\\-";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '^':
        result += "\\(ha";
        break;
      case '~':
        result += "\\(ti";
        break;
      case '`':
        result += "\\(ga";
        break;
      default:
        result += each;
    }
  }
  return result;
}

std::string header(std::string_view name, std::string_view doc) {
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char each) { return std::toupper(each); });
  return fmt::format(".TH {} 8 \"\" \"outrider {}\" \"Outrider\"\n.SH NAME\n{} \\- {}\n",
                     escaped(upper), OUTRIDER_VERSION, escaped(name), escaped(doc));
}

// "-o, --output FORMAT"
std::string heading(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  std::string text =
      option.get_positional()
          ? fmt::format(".I {}\n", escaped(option.get_name()))
          : fmt::format(".B {}\n", escaped(fmt::format("{}", fmt::join(names, ", "))));
  std::string type = option.get_type_name();
  type = type.substr(0, type.find(':'));
  if (!option.get_positional() && option.get_expected_max() != 0 && !type.empty()) {
    text.pop_back();
    text = fmt::format(".BI \"{}\" \" {}\"\n", text.substr(3), escaped(type));
  }
  return text;
}

void add_options(std::string& page, const CommandLine& line, bool places) {
  for (const CLI::Option* option : line.options().get_options()) {
    if (option->get_positional() != places) continue;
    page += ".TP\n" + heading(*option) + escaped(option->get_description()) + "\n";
  }
}

constexpr std::string_view kExitCodes =
    ".SH EXIT STATUS\n.TP\n.B 0\ndone\n.TP\n.B 1\nfound something, or could not do it\n"
    ".TP\n.B 2\nthe command line or a document is wrong; nothing was changed\n";

}  // namespace

std::string manual_page(const CommandRow& command) {
  const auto line = command.describe();
  std::string page = header(fmt::format("outrider-{}", command.name), command.doc);
  page += fmt::format(".SH SYNOPSIS\n.B outrider\n{}\n.RI [ options ]\n", escaped(command.usage));
  page += ".SH DESCRIPTION\n" + escaped(line->options().get_description()) + "\n";
  if (const std::string footer = line->options().get_footer();
      footer.find_first_not_of('\n') != std::string::npos) {
    page += ".PP\n" + escaped(footer.substr(footer.find_first_not_of('\n'))) + "\n";
  }
  page += ".SH OPTIONS\n";
  add_options(page, *line, /*places=*/true);
  add_options(page, *line, /*places=*/false);
  page += kExitCodes;
  return page + ".SH SEE ALSO\n.BR outrider (8)\n";
}

std::string manual_overview() {
  std::string page = header("outrider", "see what happens on a Linux machine");
  page +=
      ".SH SYNOPSIS\n.B outrider\n.I COMMAND\n.RI [ options ]\n.SH DESCRIPTION\n"
      "Shows processes, files, sockets and more of the host and of its containers, by eBPF: as "
      "events, as groups, as a snapshot. What could not be shown is counted and told.\n"
      ".SH COMMANDS\n";
  for (const CommandRow& command : all_commands()) {
    if (command.doc.empty()) continue;
    page += fmt::format(".TP\n.BR outrider\\-{} (8)\n{}\n", escaped(command.name),
                        escaped(command.doc));
  }
  page +=
      ".SH OPTIONS\n.TP\n.B \\-\\-no\\-agent\nrun the command in this process, even if an agent "
      "runs\n.TP\n.B \\-\\-version\nthe version\n.TP\n.B \\-\\-help\nthe commands; behind one of "
      "them, its options\n";
  page += kExitCodes;
  page +=
      ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nno colours\n.TP\n.B OUTRIDER_RUN_DIRECTORY\nwhere the "
      "agent has its sockets, instead of /run/outrider\n"
      ".SH FILES\n.TP\n.I /etc/outrider/agent.yaml\nthe configuration of the agent\n.TP\n"
      ".I /run/outrider/observe.sock\nits API, to read\n.TP\n.I /run/outrider/admin.sock\nto "
      "change\n";
  return page;
}

}  // namespace outrider
