// SPDX-License-Identifier: Apache-2.0
#include "workloads/open_files.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <memory>

#include "workloads/proc_files.h"

namespace outrider {

namespace {

constexpr std::string_view kSocketLink = "socket:[";

struct LinkType {
  std::string_view prefix;
  std::string_view type;
};
constexpr LinkType kLinkTypes[] = {
    {"pipe:", "pipe"},
    {kSocketLink, "socket"},
    {"anon_inode:[eventfd]", "event"},
    {"anon_inode:[eventpoll]", "eventpoll"},
    {"anon_inode:[signalfd]", "signalfd"},
    {"anon_inode:[timerfd]", "timerfd"},
    {"anon_inode:inotify", "inotify"},
    {"anon_inode:[fanotify]", "fanotify"},
    {"anon_inode:[pidfd]", "pidfd"},
    {"pidfd:", "pidfd"},
    {"anon_inode:[userfaultfd]", "userfaultfd"},
    {"anon_inode:[io_uring]", "io_uring"},
    {"anon_inode:bpf", "bpf"},
    {"anon_inode:btf", "bpf"},
    {"anon_inode:[perf_event]", "perfevent"},
    {"mnt:[", "namespace"},
    {"net:[", "namespace"},
    {"pid:[", "namespace"},
    {"user:[", "namespace"},
    {"uts:[", "namespace"},
    {"ipc:[", "namespace"},
    {"cgroup:[", "namespace"},
    {"time:[", "namespace"},
    {"/memfd:", "memfd"},
    {"/", "file"},
};

}  // namespace

bool each_descriptor(int folder, const std::function<void(std::uint32_t number)>& call) {
  const int inner = ::openat(folder, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (inner < 0) return false;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(inner), ::closedir);
  if (!directory) return false;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (const auto number = parsed<std::uint32_t>(entry->d_name)) call(*number);
  }
  return true;
}

std::string_view type_of_link(std::string_view link) {
  const auto* row = std::ranges::find_if(
      kLinkTypes, [&](const LinkType& type) { return link.starts_with(type.prefix); });
  return row != std::end(kLinkTypes) ? row->type : std::string_view();
}

std::string_view socket_inode(std::string_view link) {
  if (!link.starts_with(kSocketLink)) return {};
  link.remove_prefix(kSocketLink.size());
  return link.substr(0, link.find(']'));
}

std::string Endpoint::text() const { return fmt::format("{}:{}", address, port); }

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  constexpr std::size_t kDigits = 8;
  const std::size_t colon = text.find(':');
  if (colon != kDigits && colon != 4 * kDigits) return std::nullopt;
  const auto port = parsed<std::uint16_t>(text.substr(colon + 1), 16);
  std::array<std::uint32_t, 4> words{};
  for (std::size_t i = 0; i < colon / kDigits; ++i) {
    if (!parse(text.substr(i * kDigits, kDigits), words[i], 16)) return std::nullopt;
  }
  std::array<char, INET6_ADDRSTRLEN> address{};
  const int family = colon == kDigits ? AF_INET : AF_INET6;
  if (!port || ::inet_ntop(family, words.data(), address.data(), address.size()) == nullptr) {
    return std::nullopt;
  }
  return Endpoint{.address = address.data(), .port = *port};
}

std::string endpoints_text(const Endpoint& local, const Endpoint& remote) {
  return remote.port == 0 ? local.text() : local.text() + "->" + remote.text();
}

}  // namespace outrider
