// SPDX-License-Identifier: Apache-2.0
#include "engine/process_usage.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "bpf/link.h"
#include "bpf/ring_reader.h"
#include "engine/bpf_object.h"
#include "engine/iterator.h"

namespace outrider {

namespace {

constexpr std::string_view kListed = "usage__listed";
constexpr std::string_view kFreed = "usage__freed";
// Some 23,000 processes that end between two looks.
constexpr std::size_t kRingSize = 4 << 20;

}  // namespace

class ProcessUsage::Implementation {
 public:
  Result<void> load(const CgroupHierarchies& hierarchies);
  Result<void> attach();
  Result<void> take(const Visit& visit);
  std::uint64_t lost() const { return object_->bss->usage_lost; }
  const std::string& refused() const { return refused_; }

 private:
  BpfObject object_;
  std::optional<RingReader> ended_;
  Link link_;
  std::string refused_;
};

Result<void> ProcessUsage::Implementation::load(const CgroupHierarchies& hierarchies) {
  constexpr std::array<std::string_view, 2> kPrograms = {kListed, kFreed};
  auto loaded = load_bpf_object(kPrograms, {.own_pid = static_cast<std::uint32_t>(::getpid()),
                                            .use_filter = false,
                                            .hierarchies = hierarchies});
  if (!loaded) return std::unexpected(loaded.error());
  object_ = std::move(loaded->object);
  refused_ = std::move(loaded->refused);
  auto ring = RingReader::create("outrider_ended", kRingSize);
  if (!ring) return std::unexpected(ring.error());
  ended_.emplace(std::move(*ring));
  const std::uint32_t place = 0;  // RING_PROCESS in emit.bpf.h
  const int inner = ended_->descriptor();
  if (bpf_map_update_elem(bpf_map__fd(object_->maps.rings), &place, &inner, BPF_ANY) != 0) {
    return fail_errno("put a ring in its place", errno);
  }
  return {};
}

Result<void> ProcessUsage::Implementation::attach() {
  link_.reset(bpf_program__attach(find_program(object_, kFreed)));
  if (!link_) return fail_errno(fmt::format("attach {}", kFreed), errno);
  return {};
}

Result<void> ProcessUsage::Implementation::take(const Visit& visit) {
  const auto own = static_cast<std::uint32_t>(::getpid());
  const auto hand_on = [&](std::span<const std::byte> bytes) {
    if (bytes.size() != sizeof(wire_usage)) return;
    wire_usage usage;
    std::memcpy(&usage, bytes.data(), sizeof(usage));
    if (usage.header.pid != own) visit(usage);
  };
  ended_->drain(hand_on);
  std::unordered_set<std::uint32_t> seen;
  return run_iterator(object_, kListed, sizeof(wire_usage), [&](std::span<const std::byte> bytes) {
    const auto& header = *reinterpret_cast<const wire_header*>(bytes.data());
    if (seen.insert(header.tid).second) hand_on(bytes);
  });
}

// ---- outside

ProcessUsage::ProcessUsage(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
ProcessUsage::~ProcessUsage() = default;

Result<std::unique_ptr<ProcessUsage>> ProcessUsage::load(const CgroupHierarchies& hierarchies) {
  auto implementation = std::make_unique<Implementation>();
  if (auto loaded = implementation->load(hierarchies); !loaded) {
    return std::unexpected(loaded.error());
  }
  return std::unique_ptr<ProcessUsage>(new ProcessUsage(std::move(implementation)));
}

Result<void> ProcessUsage::attach() { return implementation_->attach(); }
Result<void> ProcessUsage::take(const Visit& visit) { return implementation_->take(visit); }
std::uint64_t ProcessUsage::lost() const { return implementation_->lost(); }
const std::string& ProcessUsage::refused() const { return implementation_->refused(); }

}  // namespace outrider
