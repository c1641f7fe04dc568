// SPDX-License-Identifier: Apache-2.0
#include "bpf/feature_trial.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/btf.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/result.h"

namespace outrider {

namespace {

constexpr char kLicense[] = "Dual BSD/GPL";
constexpr char kName[] = "outrider_trial";
// include/linux/errno.h: known to the kernel only, but it gives it to user space.
constexpr int kNotSupported = 524;

// What the verifier says last, which is why it refused; before it stands the whole analysis.
std::string_view last_words(std::string_view log) {
  std::string_view last;
  while (!log.empty()) {
    const std::string_view line = log.substr(0, log.find('\n'));
    log.remove_prefix(std::min(log.size(), line.size() + 1));
    if (!line.empty() && !line.starts_with("processed ") &&
        !line.starts_with("verification time ") && !line.starts_with("stack depth ")) {
      last = line;
    }
  }
  return last;
}

}  // namespace

std::string errno_name(int error_number) {
  if (error_number == kNotSupported) return "ENOTSUPP";
  const char* name = ::strerrorname_np(error_number);
  return name != nullptr ? name : fmt::format("errno {}", error_number);
}

FeatureResult works(std::string found) { return {FeatureState::kWorks, 0, std::move(found)}; }

FeatureResult absent(std::string reason) { return {FeatureState::kAbsent, 0, std::move(reason)}; }

FeatureResult refused(std::string_view step, int error_number, std::string_view verifier) {
  const char* words =
      error_number == kNotSupported ? "Not supported" : ::strerrordesc_np(error_number);
  std::string reason = fmt::format("{}: {} ({})", step, words != nullptr ? words : "unknown error",
                                   errno_name(error_number));
  if (!verifier.empty()) reason += fmt::format("; the verifier: {}", verifier);
  return {FeatureState::kRefused, error_number, std::move(reason)};
}

FeatureTrial::FeatureTrial() {
  btf_ = Btf(btf__parse("/sys/kernel/btf/vmlinux", nullptr));
  if (!btf_) {
    btf_error_ = errno;
    return;
  }
  std::uint32_t size = 0;
  const auto* raw = static_cast<const char*>(btf__raw_data(btf_.get(), &size));
  const auto* header = reinterpret_cast<const btf_header*>(raw);
  strings_ = {raw + header->hdr_len + header->str_off, header->str_len};

  // Looking a name up in libbpf walks all types; one walk for all that trials may ask for.
  const std::uint32_t count = btf__type_cnt(btf_.get());
  for (std::uint32_t id = 1; id < count; ++id) {
    const btf_type* type = btf__type_by_id(btf_.get(), id);
    const std::uint32_t kind = BTF_INFO_KIND(type->info);
    if (kind != BTF_KIND_FUNC && kind != BTF_KIND_TYPEDEF && kind != BTF_KIND_STRUCT) continue;
    const std::string_view name = btf__name_by_offset(btf_.get(), type->name_off);
    if (name.starts_with("bpf_") || name.starts_with("btf_trace_") || name == "task_struct" ||
        name == "io_kiocb") {
      types_.try_emplace({kind, name}, id);
    }
  }
}

FeatureTrial::~FeatureTrial() = default;

std::uint32_t FeatureTrial::type(std::uint32_t kind, std::string_view name) const {
  const auto found = types_.find({kind, name});
  return found != types_.end() ? found->second : 0;
}

bool FeatureTrial::has_name(std::string_view name) const {
  // Strings are NUL-terminated, and the first is the empty one.
  std::string wanted(1, '\0');
  wanted += name;
  wanted += '\0';
  return ::memmem(strings_.data(), strings_.size(), wanted.data(), wanted.size()) != nullptr;
}

FeatureTrial::Loaded FeatureTrial::load(const Program& program, const Instructions& instructions) {
  std::array<char, 16 * 1024> log{};
  bpf_prog_load_opts options{};
  options.sz = sizeof(options);
  options.expected_attach_type = program.attach_type;
  options.attach_btf_id = program.target;
  // Filled only if loading fails: libbpf then tries again with it.
  options.log_buf = log.data();
  options.log_size = log.size();
  if (program.functions != nullptr) {
    options.prog_btf_fd = static_cast<std::uint32_t>(own_types());
    options.func_info = program.functions;
    options.func_info_cnt = program.function_count;
    options.func_info_rec_size = sizeof(bpf_func_info);
  }
  const auto& code = instructions.code();
  const int descriptor =
      bpf_prog_load(program.type, kName, kLicense, code.data(), code.size(), &options);
  if (descriptor < 0) {
    return {{}, refused("load a program", -descriptor, last_words(log.data()))};
  }
  return {FileDescriptor(descriptor), {}};
}

FeatureTrial::Loaded FeatureTrial::load_raw(std::string_view tracepoint,
                                            const Instructions& instructions) {
  const std::uint32_t target = type(BTF_KIND_TYPEDEF, fmt::format("btf_trace_{}", tracepoint));
  if (target == 0) return {{}, absent(fmt::format("no type of tracepoint {}", tracepoint))};
  return load({.target = target}, instructions);
}

FeatureTrial::Loaded FeatureTrial::attach(int program, const char* tracepoint) {
  const int descriptor = bpf_raw_tracepoint_open(tracepoint, program);
  if (descriptor < 0) return {{}, refused("attach a program", -descriptor)};
  return {FileDescriptor(descriptor), {}};
}

FeatureTrial::Loaded FeatureTrial::make_map(bpf_map_type type, std::uint32_t key_size,
                                            std::uint32_t value_size, std::uint32_t entries,
                                            std::uint32_t flags, bool with_types) {
  bpf_map_create_opts options{};
  options.sz = sizeof(options);
  options.map_flags = flags;
  if (with_types) {
    options.btf_fd = static_cast<std::uint32_t>(own_types());
    options.btf_key_type_id = kInteger;
    options.btf_value_type_id = kInteger;
  }
  const int descriptor = bpf_map_create(type, kName, key_size, value_size, entries, &options);
  if (descriptor < 0) return {{}, refused("make a map", -descriptor)};
  return {FileDescriptor(descriptor), {}};
}

FeatureResult FeatureTrial::try_tracepoint(std::string_view tracepoint, int read_pointer) {
  Instructions code;
  if (read_pointer >= 0) {
    code.load64(1, 1, 0).load8(1, 1, static_cast<std::int16_t>(read_pointer));
  }
  const Loaded program = load_raw(tracepoint, code.leave());
  if (!program.descriptor.valid()) return program.failure;
  const Loaded link = attach(program.descriptor.get());
  return link.descriptor.valid() ? works() : link.failure;
}

FeatureResult FeatureTrial::try_trampoline(bpf_attach_type attach_type, std::string_view function) {
  const std::uint32_t target = type(BTF_KIND_FUNC, function);
  if (target == 0) return absent(fmt::format("the kernel has no function {} to try", function));
  const Loaded program =
      load({.attach_type = attach_type, .target = target}, Instructions().leave());
  if (!program.descriptor.valid()) return program.failure;
  const Loaded link = attach(program.descriptor.get());
  return link.descriptor.valid() ? works() : link.failure;
}

FeatureResult FeatureTrial::try_perf(perf_event_attr& event, bool own_thread, bpf_prog_type type) {
  const Loaded program = load({.type = type, .attach_type = kNoAttachType}, Instructions().leave());
  if (!program.descriptor.valid()) return program.failure;
  event.size = sizeof(event);
  event.disabled = 1;
  FileDescriptor descriptor(
      static_cast<int>(::syscall(SYS_perf_event_open, &event, own_thread ? 0 : -1,
                                 own_thread ? -1 : 0, -1, PERF_FLAG_FD_CLOEXEC)));
  if (!descriptor.valid()) return refused("open a perf event", errno);
  FeatureResult result = works();
  if (::ioctl(descriptor.get(), PERF_EVENT_IOC_SET_BPF, program.descriptor.get()) != 0) {
    result = refused("attach a program", errno);
  } else if (::ioctl(descriptor.get(), PERF_EVENT_IOC_ENABLE, 0) != 0) {
    result = refused("switch a perf event on", errno);
  }
  closing_.emplace_back([closed = std::move(descriptor)]() mutable { closed.reset(); });
  return result;
}

int FeatureTrial::own_types() {
  if (!own_btf_) {
    own_btf_ = Btf(btf__new_empty());
    btf* types = own_btf_.get();
    if (types == nullptr) return -1;
    btf__add_int(types, "int", 4, BTF_INT_SIGNED);  // 1
    btf__add_func_proto(types, kInteger);
    btf__add_func(types, "outrider_trial", BTF_FUNC_GLOBAL, 2);
    btf__add_ptr(types, 0);
    btf__add_func_proto(types, kInteger);
    btf__add_func_param(types, "index", kInteger);
    btf__add_func_param(types, "context", 4);
    btf__add_func(types, "outrider_call", BTF_FUNC_STATIC, 5);
    btf__load_into_kernel(types);
  }
  return btf__fd(own_btf_.get());
}

std::string mount_point_of(std::string_view type) {
  // proc(5): ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos || !line.substr(dash + 3).starts_with(fmt::format("{} ", type))) {
      continue;
    }
    std::size_t start = 0;
    for (int i = 0; i < 4; ++i) start = line.find(' ', start) + 1;
    return line.substr(start, line.find(' ', start) - start);
  }
  return {};
}

}  // namespace outrider
