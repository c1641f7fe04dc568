// SPDX-License-Identifier: Apache-2.0
#include "engine/file_totals.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bpf/link.h"
#include "bpf/ring_reader.h"
#include "bpf/swapped_map.h"
#include "engine/bpf_object.h"
#include "events/decode.h"
#include "syscalls/calls.h"
#include "syscalls/transfers.h"

namespace outrider {

namespace {

constexpr std::string_view kProgram = "totals__exit";
// How long finish() waits for programs that still run on some CPU.
constexpr auto kFinishPatience = std::chrono::milliseconds(200);
// Names of what is first used between two looks: some 10,000.
constexpr std::size_t kRingSize = 4 << 20;

const RecordShapes& shapes() {
  static const RecordShapes table = [] {
    RecordShapes only{};
    only[WIRE_FILE_NAME] = shape_of<wire_file>();
    return only;
  }();
  return table;
}

}  // namespace

class FileTotals::Implementation {
 public:
  Result<void> load(const Options& options);
  Result<void> attach();
  void take(const Take& take, const Name& name);
  void finish(const Take& take, const Name& name);
  FileAccount account() const;
  const std::string& refused() const { return refused_; }

 private:
  void tell_calls();

  BpfObject object_;
  SwappedMap sums_;
  std::optional<RingReader> names_;
  Link link_;
  std::uint64_t taken_ = 0;
  std::string refused_;
};

Result<void> FileTotals::Implementation::load(const Options& options) {
  constexpr std::array<std::string_view, 1> kPrograms = {kProgram};
  auto loaded = load_bpf_object(kPrograms, {.own_pid = static_cast<std::uint32_t>(::getpid()),
                                            .totals_of_all = options.all,
                                            .use_filter = false,
                                            .hierarchies = options.hierarchies});
  if (!loaded) return std::unexpected(loaded.error());
  object_ = std::move(loaded->object);
  refused_ = std::move(loaded->refused);
  auto sums = SwappedMap::create(bpf_map__fd(object_->maps.file_sums_in_use),
                                 {.name = "outrider_files",
                                  .key_size = sizeof(wire_file_key),
                                  .value_size = sizeof(wire_file_sum),
                                  .max_entries = WIRE_FILE_TOTALS_MAX});
  if (!sums) return std::unexpected(sums.error());
  sums_ = std::move(*sums);
  auto ring = RingReader::create("outrider_names", kRingSize);
  if (!ring) return std::unexpected(ring.error());
  names_.emplace(std::move(*ring));
  const std::uint32_t place = 0;  // RING_PROCESS in emit.bpf.h
  const int inner = names_->descriptor();
  if (bpf_map_update_elem(bpf_map__fd(object_->maps.rings), &place, &inner, BPF_ANY) != 0) {
    return fail_errno("put a ring in its place", errno);
  }
  tell_calls();
  return {};
}

void FileTotals::Implementation::tell_calls() {
  for (auto& row : object_->bss->transfers) {
    for (wire_transfer& transfer : row) transfer = {WIRE_NO_ARGUMENT, WIRE_NO_ARGUMENT};
  }
  constexpr std::size_t kWord = 64;
  for (const Transfer& transfer : all_transfers()) {
    const Call* call = find_call(transfer.name);
    if (call == nullptr) continue;
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      const std::int16_t number = number_of(*call, abi);
      if (number < 0 || number >= WIRE_SYSTEM_CALLS) continue;
      const auto at = static_cast<std::size_t>(number);
      object_->bss->transfers[abi][at] = transfer.places;
      object_->bss->transfer_calls[at / kWord] |= std::uint64_t{1} << at % kWord;
    }
  }
}

Result<void> FileTotals::Implementation::attach() {
  link_.reset(bpf_program__attach(find_program(object_, kProgram)));
  if (!link_) return fail_errno(fmt::format("attach {}", kProgram), errno);
  return {};
}

void FileTotals::Implementation::take(const Take& take, const Name& name) {
  sums_.take([&](const void* key, const void* values, std::size_t cpus) {
    wire_file_sum sum{};
    const auto* by_cpu = static_cast<const wire_file_sum*>(values);
    for (const wire_file_sum& cpu : std::span(by_cpu, cpus)) {
      sum.reads += cpu.reads;
      sum.writes += cpu.writes;
      sum.read_bytes += cpu.read_bytes;
      sum.written_bytes += cpu.written_bytes;
      sum.errors += cpu.errors;
    }
    taken_ += sum.reads + sum.writes + sum.errors;
    take(*static_cast<const wire_file_key*>(key), sum);
  });
  names_->drain([&](std::span<const std::byte> bytes) {
    const RecordStart* start = decode(bytes, shapes());
    if (start != nullptr) name(*reinterpret_cast<const wire_file*>(bytes.data()));
  });
}

void FileTotals::Implementation::finish(const Take& take_sum, const Name& name) {
  link_.reset();
  // What ran on another CPU while the program was detached may come after.
  const auto deadline = std::chrono::steady_clock::now() + kFinishPatience;
  take(take_sum, name);
  while (account().difference() != 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    take(take_sum, name);
  }
}

FileAccount FileTotals::Implementation::account() const {
  FileAccount account;
  account.taken = taken_;
  std::vector<wire_file_account> by_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  const std::uint32_t zero = 0;
  bpf_map_lookup_elem(bpf_map__fd(object_->maps.file_accounts), &zero, by_cpu.data());
  for (const wire_file_account& cpu : by_cpu) {
    account.seen += cpu.seen;
    account.no_room += cpu.no_room;
    account.gone += cpu.gone;
    account.unnamed += cpu.unnamed;
  }
  bpf_prog_info info{};
  std::uint32_t length = sizeof(info);
  const int program = bpf_program__fd(find_program(object_, kProgram));
  if (bpf_obj_get_info_by_fd(program, &info, &length) == 0) account.missed = info.recursion_misses;
  return account;
}

// ---- outside

FileTotals::FileTotals(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
FileTotals::~FileTotals() = default;

Result<std::unique_ptr<FileTotals>> FileTotals::load(const Options& options) {
  auto implementation = std::make_unique<Implementation>();
  if (auto loaded = implementation->load(options); !loaded) return std::unexpected(loaded.error());
  return std::unique_ptr<FileTotals>(new FileTotals(std::move(implementation)));
}

Result<void> FileTotals::attach() { return implementation_->attach(); }
void FileTotals::take(const Take& take, const Name& name) { implementation_->take(take, name); }
void FileTotals::finish(const Take& take, const Name& name) { implementation_->finish(take, name); }
FileAccount FileTotals::account() const { return implementation_->account(); }
const std::string& FileTotals::refused() const { return implementation_->refused(); }

}  // namespace outrider
