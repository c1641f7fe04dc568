// SPDX-License-Identifier: Apache-2.0
//
// The means by which features.cpp tries the kernel.
#pragma once

#include <bpf/btf.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "bpf/features.h"
#include "bpf/instructions.h"

namespace outrider {

FeatureResult works(std::string found = {});
FeatureResult absent(std::string reason);
// "load the program: Operation not permitted (EPERM)", and what the verifier said.
FeatureResult refused(std::string_view step, int error_number, std::string_view verifier = {});

// One round of trials: the kernel's types, and what the trials have in common. Whatever it
// opens is closed with the FileDescriptor that it returns, or when it is destroyed. Not
// thread-safe.
class FeatureTrial {
 public:
  FeatureTrial();
  ~FeatureTrial();
  FeatureTrial(const FeatureTrial&) = delete;
  FeatureTrial& operator=(const FeatureTrial&) = delete;

  // 0, or the errno with which the kernel's BTF could not be read.
  [[nodiscard]] int btf_error() const { return btf_error_; }
  [[nodiscard]] const btf* types() const { return btf_.get(); }
  // The number of a function, tracepoint ("btf_trace_x") or structure that trials use;
  // 0 if the kernel has none.
  [[nodiscard]] std::uint32_t type(std::uint32_t kind, std::string_view name) const;
  // Whether the kernel's BTF has this name anywhere.
  [[nodiscard]] bool has_name(std::string_view name) const;

  // What one trial loads. The descriptor is invalid when the kernel refused; then
  // `failure` says why.
  struct Loaded {
    FileDescriptor descriptor;
    FeatureResult failure;
  };
  static constexpr bpf_attach_type kNoAttachType{};
  struct Program {
    bpf_prog_type type = BPF_PROG_TYPE_TRACING;
    bpf_attach_type attach_type = BPF_TRACE_RAW_TP;
    std::uint32_t target = 0;  // BTF number of what it is attached to
    // Only for programs with several functions; see own_types().
    const bpf_func_info* functions = nullptr;
    std::uint32_t function_count = 0;
  };
  Loaded load(const Program& program, const Instructions& instructions);
  // A program for a BTF raw tracepoint.
  Loaded load_raw(std::string_view tracepoint, const Instructions& instructions);
  // Attaches by a BTF target; a raw tracepoint without BTF by its name.
  Loaded attach(int program, const char* tracepoint = nullptr);
  Loaded make_map(bpf_map_type type, std::uint32_t key_size, std::uint32_t value_size,
                  std::uint32_t entries, std::uint32_t flags = 0, bool with_types = false);

  // Loads, attaches and takes away; with `read_pointer` >= 0 the program follows the first
  // argument of the tracepoint and reads a byte at that offset.
  FeatureResult try_tracepoint(std::string_view tracepoint, int read_pointer = -1);
  FeatureResult try_trampoline(bpf_attach_type type, std::string_view function);

  // Opens a perf event and attaches a program of that type to it.
  FeatureResult try_perf(perf_event_attr& event, bool own_thread, bpf_prog_type type);

  // A type description of our own for maps and programs that must have one. Its numbers:
  static constexpr std::uint32_t kInteger = 1;
  static constexpr std::uint32_t kMainFunction = 3;
  static constexpr std::uint32_t kCallback = 6;
  int own_types();

 private:
  struct BtfDeleter {
    void operator()(btf* types) const { btf__free(types); }
  };
  using Btf = std::unique_ptr<btf, BtfDeleter>;

  Btf btf_;
  int btf_error_ = 0;
  std::string_view strings_;
  std::map<std::pair<std::uint32_t, std::string_view>, std::uint32_t> types_;
  Btf own_btf_;
  // The kernel waits for grace periods, 0.1 s in all, when a probe of perf is closed.
  std::vector<std::jthread> closing_;
};

// Where a file system of this type is mounted, as we see it; empty if it is not.
std::string mount_point_of(std::string_view type);

}  // namespace outrider
