// SPDX-License-Identifier: Apache-2.0
//
// Text that leaves the machine: without secrets, and without what says whose machine it is.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace outrider {

// Names that say whose machine it is.
struct KnownNames {
  std::vector<std::string> hosts;    // whole, or their first label; any case
  std::vector<std::string> domains;  // what hosts end with
  std::vector<std::string> users;
};

// Of this machine, as its files tell: its own name, /etc/hosts, the domains of resolv.conf, people
// in passwd (from UID_MIN of login.defs(5) on) and who logged in. `etc`: the directory.
KnownNames names_of_this_machine(const std::string& etc = "/etc");

// Replaces, line by line: what looks like a secret by *** (events/redact.h); addresses of networks,
// but for loopback and "any", by address-N; names of hosts, known ones and those in URLs, by
// host-N; names of users, known ones and those behind /home/, by user-N. The same is the same
// wherever it stands, so that what belongs together still shows. When in doubt it replaces. Not
// thread-safe.
class Placeholders {
 public:
  explicit Placeholders(KnownNames names);

  std::string mask(std::string_view text);

  // What has been replaced so far.
  struct Counts {
    std::size_t secrets = 0;                          // lines
    std::size_t addresses = 0, hosts = 0, users = 0;  // different ones
  };
  [[nodiscard]] Counts counts() const;

 private:
  using Table = std::map<std::string, std::string, std::less<>>;

  std::string without_secrets(std::string_view line);
  std::string without_addresses(std::string_view line);
  std::string without_names(std::string_view line);
  std::string word(std::string_view text);
  [[nodiscard]] bool is_host(std::string_view lower_case) const;
  static std::string placeholder(Table& table, std::string_view kind, std::string_view name);

  KnownNames names_;
  std::size_t secrets_ = 0;
  Table addresses_, hosts_, users_;
};

}  // namespace outrider
