// SPDX-License-Identifier: Apache-2.0
#include "cli/placeholders.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

#include "events/redact.h"

namespace outrider {

namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_hexadecimal(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}
constexpr bool is_letter_or_digit(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
}
constexpr bool is_of_name(char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; }
constexpr bool is_of_address(char c) { return is_hexadecimal(c) || c == '.' || c == ':'; }

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

std::string_view first_label(std::string_view name) { return name.substr(0, name.find('.')); }

// ---- addresses

// Those that every machine has.
bool is_everybodys(const in_addr& address) {
  const std::uint32_t number = ntohl(address.s_addr);
  return number == INADDR_ANY || number == INADDR_BROADCAST || number >> 24 == 127;
}

bool is_hardware_address(std::string_view text) {
  constexpr std::size_t kSize = 17;  // 00:11:22:33:44:55
  if (text.size() != kSize) return false;
  for (std::size_t i = 0; i < kSize; ++i) {
    if (i % 3 == 2 ? text[i] != ':' : !is_hexadecimal(text[i])) return false;
  }
  return true;
}

// How much of the text, from its beginning, is an address that says something of the machine.
std::size_t address_size(const std::string& text) {
  if (is_hardware_address(text)) return text == "00:00:00:00:00:00" ? 0 : text.size();
  in6_addr address6{};
  if (::inet_pton(AF_INET6, text.c_str(), &address6) == 1) {
    if (IN6_IS_ADDR_LOOPBACK(&address6) || IN6_IS_ADDR_UNSPECIFIED(&address6)) return 0;
    return text.size();
  }
  // With a port behind it, perhaps.
  const std::string address = text.substr(0, text.find(':'));
  in_addr address4{};
  if (::inet_pton(AF_INET, address.c_str(), &address4) != 1) return 0;
  return is_everybodys(address4) ? 0 : address.size();
}

}  // namespace

// ---- who is known

KnownNames names_of_this_machine(const std::string& etc) {
  KnownNames names;
  const auto add = [](std::vector<std::string>& list, std::string_view name) {
    if (!name.empty() && std::ranges::find(list, name) == list.end()) list.emplace_back(name);
  };
  const auto add_host = [&](std::string_view name) {
    const std::string known = lower_case(name);
    if (first_label(known) == "localhost" || known.starts_with("ip6-")) return;
    add(names.hosts, known);
    add(names.hosts, first_label(known));
    if (const auto dot = known.find('.'); dot != std::string::npos) {
      add(names.domains, known.substr(dot + 1));
    }
  };
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) == 0) add_host(name.data());

  std::ifstream hosts(etc + "/hosts");
  for (std::string line; std::getline(hosts, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word;
    words >> word;  // the address
    while (words >> word) add_host(word);
  }
  std::ifstream resolver(etc + "/resolv.conf");
  for (std::string line; std::getline(resolver, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word != "search" && word != "domain") continue;
    while (words >> word) {
      if (word != ".") add(names.domains, lower_case(word));
    }
  }

  constexpr unsigned kFirstPerson = 1000, kNobody = 65534;
  std::ifstream users(etc + "/passwd");
  for (std::string line; std::getline(users, line);) {
    std::istringstream fields(line);
    std::string user, password, number;
    std::getline(fields, user, ':');
    std::getline(fields, password, ':');
    std::getline(fields, number, ':');
    unsigned uid = 0;
    std::from_chars(number.data(), number.data() + number.size(), uid);
    if (uid >= kFirstPerson && uid != kNobody) add(names.users, user);
  }
  for (const char* variable : {"SUDO_USER", "LOGNAME", "USER"}) {
    const char* user = std::getenv(variable);
    if (user != nullptr && std::string_view(user) != "root") add(names.users, user);
  }
  return names;
}

// ---- what is replaced

Placeholders::Placeholders(KnownNames names) : names_(std::move(names)) {
  // Of one letter there are too many others.
  const auto is_short = [](const std::string& name) { return name.size() < 2; };
  std::erase_if(names_.hosts, is_short);
  std::erase_if(names_.domains, is_short);
  std::erase_if(names_.users, is_short);
}

Placeholders::Counts Placeholders::counts() const {
  return {.secrets = secrets_,
          .addresses = addresses_.size(),
          .hosts = hosts_.size(),
          .users = users_.size()};
}

std::string Placeholders::placeholder(Table& table, std::string_view kind, std::string_view name) {
  // One already: who is called that says nothing by it.
  if (name.size() > kind.size() + 1 && name.starts_with(kind) && name[kind.size()] == '-' &&
      std::ranges::all_of(name.substr(kind.size() + 1), is_digit)) {
    return std::string(name);
  }
  const auto found = table.find(name);
  if (found != table.end()) return found->second;
  return table.emplace(name, fmt::format("{}-{}", kind, table.size() + 1)).first->second;
}

std::string Placeholders::mask(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    result += without_names(without_addresses(without_secrets(text.substr(0, end))));
    if (end < text.size()) result += '\n';
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return result;
}

// A line may be one text, or the words of a command line.
std::string Placeholders::without_secrets(std::string_view line) {
  std::string text(line);
  std::ranges::replace(text, '\0', ' ');
  bool found = false;
  if (auto masked = redact_arguments(text)) {
    text = std::move(*masked);
    found = true;
  }
  std::ranges::replace(text, ' ', '\0');
  if (auto masked = redact_arguments(text)) {
    text = std::move(*masked);
    found = true;
  }
  std::ranges::replace(text, '\0', ' ');
  secrets_ += found;
  return text;
}

std::string Placeholders::without_addresses(std::string_view line) {
  std::string result;
  for (std::size_t at = 0; at < line.size();) {
    const bool begins = is_of_address(line[at]) && (at == 0 || !is_of_name(line[at - 1]));
    if (!begins) {
      result += line[at++];
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && is_of_address(line[end])) ++end;
    const bool is_whole = end == line.size() || !is_letter_or_digit(line[end]);
    std::string run(line.substr(at, end - at));
    // The end of a sentence, or a label.
    while (!run.empty() && (run.back() == '.' || (run.back() == ':' && !run.ends_with("::")))) {
      run.pop_back();
    }
    const std::size_t size = is_whole ? address_size(run) : 0;
    if (size > 0) {
      result += placeholder(addresses_, "address", lower_case(run.substr(0, size)));
      at += size;
    } else {
      result += line.substr(at, end - at);
      at = end;
    }
  }
  return result;
}

bool Placeholders::is_host(std::string_view name) const {
  // No host has one; vm.max_map_count may be none even where a host is called vm.
  if (name.find('_') != std::string_view::npos) return false;
  if (std::ranges::find(names_.hosts, name) != names_.hosts.end() ||
      std::ranges::find(names_.hosts, first_label(name)) != names_.hosts.end()) {
    return true;
  }
  return std::ranges::any_of(names_.domains, [&](const std::string& domain) {
    return name == domain || name.ends_with("." + domain);
  });
}

// Letters, digits, '_', '-' and '.', as many as there are in a row.
std::string Placeholders::word(std::string_view text) {
  if (const std::string name = lower_case(text); is_host(name)) {
    return placeholder(hosts_, "host", name);
  }
  std::string result;
  while (true) {
    const std::string_view part = first_label(text);
    const bool is_user = std::ranges::find(names_.users, part) != names_.users.end();
    result += is_user ? placeholder(users_, "user", part) : std::string(part);
    if (part.size() == text.size()) return result;
    result += '.';
    text.remove_prefix(part.size() + 1);
  }
}

std::string Placeholders::without_names(std::string_view line) {
  constexpr std::string_view kHome = "/home/", kUrl = "://", kHere = "localhost";
  std::string result;
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = at;
    while (end < line.size() && is_of_name(line[end])) ++end;
    if (end == at) {
      result += line[at++];
      continue;
    }
    const std::string_view text = line.substr(at, end - at);
    const std::string_view before = line.substr(0, at);
    // In user:***@host the host is behind the '@'.
    const std::size_t url = before.rfind(kUrl);
    const bool has_user = end < line.size() && (line[end] == '@' || line.substr(end, 2) == ":*");
    const bool is_of_url =
        url != std::string_view::npos && !has_user &&
        (url + kUrl.size() == at ||
         (before.ends_with('@') &&
          before.find_first_of("/ \"'", url + kUrl.size()) == std::string_view::npos));
    if (before.ends_with(kHome)) {
      result += placeholder(users_, "user", text);
    } else if (is_of_url && lower_case(text) != kHere && !is_digit(text[0]) &&
               !text.starts_with("address-")) {
      result += placeholder(hosts_, "host", lower_case(text));
    } else {
      result += word(text);
    }
    at = end;
  }
  return result;
}

}  // namespace outrider
