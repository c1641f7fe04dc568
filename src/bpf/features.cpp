// SPDX-License-Identifier: Apache-2.0
#include "bpf/features.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/btf.h>
#include <linux/openat2.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include "base/file_descriptor.h"
#include "bpf/feature_trial.h"

namespace outrider {

namespace {

// Programs are tried here where any tracepoint would do: it is rare enough not to matter.
constexpr char kTracepoint[] = "sched_process_exit";
// Another one where the kernel would wait before it lets us attach to the first again.
constexpr char kOtherTracepoint[] = "sched_process_free";
// net/bpf/test_run.c: functions that exist to be traced, and that nobody calls.
constexpr char kTestFunction[] = "bpf_fentry_test1";
constexpr char kOtherTestFunction[] = "bpf_fentry_test2";

using Loaded = FeatureTrial::Loaded;

// A program that loads is enough: the verifier knows what the kernel can do.
FeatureResult loads(FeatureTrial& trial, const Instructions& code) {
  const Loaded program = trial.load_raw(kTracepoint, code);
  return program.descriptor.valid() ? works() : program.failure;
}

FeatureResult mounted(std::string_view type) {
  const std::string point = mount_point_of(type);
  return point.empty() ? absent("not mounted") : works(fmt::format("at {}", point));
}

// The number of a probe type of perf; 0 if the kernel has none.
std::uint32_t perf_type(const char* name) {
  std::uint32_t type = 0;
  std::ifstream(fmt::format("/sys/bus/event_source/devices/{}/type", name)) >> type;
  return type;
}

// ---- one function per row, in the order of the table

FeatureResult try_btf(FeatureTrial& trial) {
  if (trial.btf_error() == 0) return works();
  if (trial.btf_error() == ENOENT) return absent("there is no /sys/kernel/btf/vmlinux");
  return refused("read /sys/kernel/btf/vmlinux", trial.btf_error());
}

FeatureResult try_tp_btf(FeatureTrial& trial) { return trial.try_tracepoint(kTracepoint); }

FeatureResult try_ring_buffer(FeatureTrial& trial) {
  const auto page = static_cast<std::uint32_t>(::sysconf(_SC_PAGESIZE));
  const Loaded ring = trial.make_map(BPF_MAP_TYPE_RINGBUF, 0, 0, page);
  if (!ring.descriptor.valid()) return ring.failure;
  Instructions code;
  code.store32(10, -4, 0).map(1, ring.descriptor.get()).copy(2, 10).add_to(2, -4);
  code.set(3, 4).set(4, 0).call(BPF_FUNC_ringbuf_output).leave();
  return loads(trial, code);
}

FeatureResult try_boot_clock(FeatureTrial& trial) {
  return loads(trial, Instructions().call(BPF_FUNC_ktime_get_boot_ns).leave());
}

FeatureResult try_mapped_array(FeatureTrial& trial) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const Loaded map = trial.make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, BPF_F_MMAPABLE);
  if (!map.descriptor.valid()) return map.failure;
  void* memory = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, map.descriptor.get(), 0);
  if (memory == MAP_FAILED) return refused("map an array into memory", errno);
  ::munmap(memory, page);
  return works();
}

FeatureResult try_tail_call(FeatureTrial& trial) {
  const Loaded table = trial.make_map(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1);
  if (!table.descriptor.valid()) return table.failure;
  Instructions code;
  code.map(2, table.descriptor.get()).set(3, 0).call(BPF_FUNC_tail_call).leave();
  const Loaded program = trial.load_raw(kTracepoint, code);
  if (!program.descriptor.valid()) return program.failure;
  const std::uint32_t place = 0;
  const int descriptor = program.descriptor.get();
  if (bpf_map_update_elem(table.descriptor.get(), &place, &descriptor, BPF_ANY) != 0) {
    return refused("put a program into a table", errno);
  }
  return works();
}

FeatureResult try_cgroup_mkdir(FeatureTrial& trial) { return trial.try_tracepoint("cgroup_mkdir"); }

FeatureResult try_cast(FeatureTrial& trial) {
  const std::uint32_t function = trial.type(BTF_KIND_FUNC, "bpf_rdonly_cast");
  const std::uint32_t task = trial.type(BTF_KIND_STRUCT, "task_struct");
  if (function == 0 || task == 0) return absent("the kernel has no bpf_rdonly_cast");
  Instructions code;
  code.call(BPF_FUNC_get_current_task).copy(1, 0).set(2, static_cast<std::int32_t>(task));
  code.call_kernel(function).load64(0, 0, 0).leave();
  return loads(trial, code);
}

FeatureResult try_number_iterator(FeatureTrial& trial) {
  const std::uint32_t start = trial.type(BTF_KIND_FUNC, "bpf_iter_num_new");
  const std::uint32_t end = trial.type(BTF_KIND_FUNC, "bpf_iter_num_destroy");
  if (start == 0 || end == 0) return absent("the kernel has no bpf_iter_num_new");
  Instructions code;
  code.copy(1, 10).add_to(1, -8).set(2, 0).set(3, 1).call_kernel(start);
  code.copy(1, 10).add_to(1, -8).call_kernel(end).leave();
  return loads(trial, code);
}

FeatureResult try_preemption(FeatureTrial& trial) {
  const std::uint32_t off = trial.type(BTF_KIND_FUNC, "bpf_preempt_disable");
  const std::uint32_t on = trial.type(BTF_KIND_FUNC, "bpf_preempt_enable");
  if (off == 0 || on == 0) return absent("the kernel has no bpf_preempt_disable");
  Instructions code;
  code.call_kernel(off).call_kernel(on).set(0, 0).leave();
  return loads(trial, code);
}

FeatureResult try_current_task(FeatureTrial& trial) {
  Instructions code;
  code.call(BPF_FUNC_get_current_task_btf).load64(0, 0, 0).leave();
  return loads(trial, code);
}

FeatureResult try_loop(FeatureTrial& trial) {
  constexpr std::int32_t kCallbackAt = 8;
  Instructions code;
  code.set(1, 1).function(2, kCallbackAt).set(3, 0).set(4, 0).call(BPF_FUNC_loop).leave();
  code.leave();  // the callback
  // The kernel wants the types of programs that have several functions.
  const bpf_func_info functions[] = {{0, FeatureTrial::kMainFunction},
                                     {kCallbackAt, FeatureTrial::kCallback}};
  const std::uint32_t target =
      trial.type(BTF_KIND_TYPEDEF, fmt::format("btf_trace_{}", kTracepoint));
  const Loaded program = trial.load(
      {.target = target, .functions = functions, .function_count = std::size(functions)}, code);
  return program.descriptor.valid() ? works() : program.failure;
}

FeatureResult try_task_storage(FeatureTrial& trial) {
  const Loaded map = trial.make_map(BPF_MAP_TYPE_TASK_STORAGE, 4, 4, 0, BPF_F_NO_PREALLOC, true);
  if (!map.descriptor.valid()) return map.failure;
  Instructions code;
  code.call(BPF_FUNC_get_current_task_btf).copy(2, 0).map(1, map.descriptor.get()).set(3, 0);
  code.set(4, BPF_LOCAL_STORAGE_GET_F_CREATE).call(BPF_FUNC_task_storage_get).leave();
  return loads(trial, code);
}

FeatureResult try_task_iterator(FeatureTrial& trial) {
  const std::uint32_t target = trial.type(BTF_KIND_FUNC, "bpf_iter_task");
  if (target == 0) return absent("the kernel has no bpf_iter_task");
  const Loaded program =
      trial.load({.attach_type = BPF_TRACE_ITER, .target = target}, Instructions().leave());
  if (!program.descriptor.valid()) return program.failure;
  const FileDescriptor link(bpf_link_create(program.descriptor.get(), 0, BPF_TRACE_ITER, nullptr));
  if (!link.valid()) return refused("attach a program", errno);
  const FileDescriptor iterator(bpf_iter_create(link.get()));
  if (!iterator.valid()) return refused("make an iterator", errno);
  char byte = 0;
  if (::read(iterator.get(), &byte, sizeof(byte)) < 0) return refused("run an iterator", errno);
  return works();
}

FeatureResult try_fentry(FeatureTrial& trial) {
  return trial.try_trampoline(BPF_TRACE_FENTRY, kTestFunction);
}

FeatureResult try_fexit(FeatureTrial& trial) {
  return trial.try_trampoline(BPF_TRACE_FEXIT, kOtherTestFunction);
}

// A kernel that was not started with bpf among its lsm= takes such programs and never runs
// them, so look whether it does.
FeatureResult try_lsm(FeatureTrial& trial) {
  const std::uint32_t target = trial.type(BTF_KIND_FUNC, "bpf_lsm_task_getsid");
  if (target == 0) return absent("the kernel has no bpf_lsm_task_getsid");
  const Loaded ran = trial.make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1);
  if (!ran.descriptor.valid()) return ran.failure;
  Instructions code;
  code.map_value(1, ran.descriptor.get()).store32(1, 0, 1).leave();
  const Loaded program =
      trial.load({.type = BPF_PROG_TYPE_LSM, .attach_type = BPF_LSM_MAC, .target = target}, code);
  if (!program.descriptor.valid()) return program.failure;
  const Loaded link = trial.attach(program.descriptor.get());
  if (!link.descriptor.valid()) return link.failure;
  ::getsid(::getpid());
  const std::uint32_t place = 0;
  std::uint32_t value = 0;
  bpf_map_lookup_elem(ran.descriptor.get(), &place, &value);
  if (value == 0) {
    return {FeatureState::kRefused, 0,
            "takes programs but does not run them: the kernel was started without bpf in lsm="};
  }
  return works();
}

FeatureResult try_kprobe(FeatureTrial& trial) {
  perf_event_attr event{};
  event.type = perf_type("kprobe");
  if (event.type == 0) return absent("perf has no kprobes (CONFIG_KPROBE_EVENTS)");
  event.config1 = reinterpret_cast<std::uint64_t>(kTestFunction);
  return trial.try_perf(event, false, BPF_PROG_TYPE_KPROBE);
}

// What the uprobe is put on; never called.
[[gnu::noinline, gnu::used]] void uprobe_target() { asm volatile("" ::: "memory"); }

// Where in our own program file the instruction at `address` is; 0 if that is not known.
std::uint64_t file_offset_of(std::uint64_t address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    // proc_pid_maps(5): START-END PERMISSIONS OFFSET ...
    std::uint64_t start = 0, end = 0, offset = 0;
    char dash = 0;
    std::string permissions;
    std::istringstream fields(line);
    if (!(fields >> std::hex >> start >> dash >> end >> permissions >> offset)) continue;
    if (address >= start && address < end) return address - start + offset;
  }
  return 0;
}

FeatureResult try_uprobe(FeatureTrial& trial) {
  perf_event_attr event{};
  event.type = perf_type("uprobe");
  if (event.type == 0) return absent("perf has no uprobes (CONFIG_UPROBE_EVENTS)");
  event.config1 = reinterpret_cast<std::uint64_t>("/proc/self/exe");
  event.config2 = file_offset_of(reinterpret_cast<std::uint64_t>(&uprobe_target));
  return trial.try_perf(event, true, BPF_PROG_TYPE_KPROBE);
}

FeatureResult try_raw_tracepoint(FeatureTrial& trial) {
  const Loaded program =
      trial.load({.type = BPF_PROG_TYPE_RAW_TRACEPOINT, .attach_type = FeatureTrial::kNoAttachType},
                 Instructions().leave());
  if (!program.descriptor.valid()) return program.failure;
  const Loaded link = trial.attach(program.descriptor.get(), kOtherTracepoint);
  return link.descriptor.valid() ? works() : link.failure;
}

FeatureResult try_tracepoint(FeatureTrial& trial) {
  const std::string point = mount_point_of("tracefs");
  if (point.empty()) return absent("no tracefs is mounted to tell the tracepoint's number");
  perf_event_attr event{};
  event.type = PERF_TYPE_TRACEPOINT;
  std::ifstream(fmt::format("{}/events/sched/{}/id", point, kOtherTracepoint)) >> event.config;
  if (event.config == 0) return absent(fmt::format("tracefs does not list {}", kOtherTracepoint));
  return trial.try_perf(event, true, BPF_PROG_TYPE_TRACEPOINT);
}

FeatureResult try_cpu_clock(FeatureTrial& trial) {
  perf_event_attr event{};
  event.type = PERF_TYPE_SOFTWARE;
  event.config = PERF_COUNT_SW_CPU_CLOCK;
  event.freq = 1;
  event.sample_freq = 99;
  return trial.try_perf(event, true, BPF_PROG_TYPE_PERF_EVENT);
}

FeatureResult try_cgroup2(FeatureTrial&) {
  FeatureResult result = mounted("cgroup2");
  if (result.state == FeatureState::kWorks && !mount_point_of("cgroup").empty()) {
    result.reason += ", beside cgroup v1";
  }
  return result;
}

// Offset of a member in a structure, in bytes; -1 if it is not there.
int member_offset(const btf* types, std::uint32_t structure, std::string_view name) {
  const btf_type* type = btf__type_by_id(types, structure);
  if (type == nullptr) return -1;
  const btf_member* member = btf_members(type);
  for (std::uint16_t i = 0; i < btf_vlen(type); ++i) {
    if (name == btf__name_by_offset(types, member[i].name_off)) {
      return static_cast<int>(btf_member_bit_offset(type, i) / 8);
    }
  }
  return -1;
}

// Whether the first argument of a tracepoint points to that structure.
bool gives(const btf* types, std::uint32_t tracepoint, std::uint32_t structure) {
  // typedef void (*btf_trace_x)(void *, FIRST, ...)
  const btf_type* type = btf__type_by_id(types, tracepoint);
  const btf_type* pointer = type != nullptr ? btf__type_by_id(types, type->type) : nullptr;
  const btf_type* function = pointer != nullptr ? btf__type_by_id(types, pointer->type) : nullptr;
  if (function == nullptr || !btf_is_func_proto(function) || btf_vlen(function) < 2) return false;
  const btf_type* first = btf__type_by_id(types, btf_params(function)[1].type);
  return first != nullptr && btf_is_ptr(first) && first->type == structure;
}

FeatureResult try_io_uring_submit(FeatureTrial& trial) {
  if (trial.btf_error() != 0) return absent("not known without the kernel's types");
  const std::uint32_t request = trial.type(BTF_KIND_STRUCT, "io_kiocb");
  const int operation = member_offset(trial.types(), request, "opcode");
  if (operation < 0) return absent("the kernel has no io_uring");
  for (const std::string_view name : {"io_uring_submit_req", "io_uring_submit_sqe"}) {
    const std::uint32_t tracepoint =
        trial.type(BTF_KIND_TYPEDEF, fmt::format("btf_trace_{}", name));
    if (tracepoint == 0) continue;
    if (!gives(trial.types(), tracepoint, request)) {
      return absent(fmt::format("{} of this kernel does not give the request", name));
    }
    FeatureResult result = trial.try_tracepoint(name, operation);
    if (result.state == FeatureState::kWorks) result.reason = name;
    return result;
  }
  return absent("the kernel has neither io_uring_submit_req nor io_uring_submit_sqe");
}

FeatureResult try_io_uring_complete(FeatureTrial& trial) {
  return trial.try_tracepoint("io_uring_complete");
}

// What a child ends with that could make a 32-bit call.
constexpr int kCalled = 17;

FeatureResult try_calls_32(FeatureTrial&) {
#if defined(__x86_64__)
  // Where there are none, the instruction kills the caller: let a child do it. The handler
  // keeps the kernel from logging it.
  const pid_t child = ::fork();
  if (child < 0) return refused("fork", errno);
  if (child == 0) {
    ::signal(SIGSEGV, [](int) { ::_exit(1); });
    long result = 20;  // getpid of i386
    asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    ::_exit(result > 0 ? kCalled : 1);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kCalled) return works();
  // SystemCallArchitectures= of our unit.
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
    return refused("make one: our own calls are filtered (seccomp)", EPERM);
  }
  return absent("the kernel takes no 32-bit calls (CONFIG_IA32_EMULATION)");
#elif defined(__aarch64__)
  // Refused where no CPU runs 32-bit programs.
  const int before = ::personality(0xffffffff);
  if (::personality(PER_LINUX32) < 0) return absent("no CPU of this machine runs 32-bit programs");
  ::personality(static_cast<unsigned long>(before));
  return works();
#else
  return absent("not known for this architecture");
#endif
}

FeatureResult try_run_time_stats(FeatureTrial&) {
  const FileDescriptor stats(bpf_enable_stats(BPF_STATS_RUN_TIME));
  return stats.valid() ? works() : refused("switch run-time statistics on", errno);
}

FeatureResult try_recursion_misses(FeatureTrial& trial) {
  const Loaded program = trial.load_raw(kTracepoint, Instructions().leave());
  if (!program.descriptor.valid()) return program.failure;
  bpf_prog_info info{};
  std::uint32_t length = sizeof(info);
  if (bpf_obj_get_info_by_fd(program.descriptor.get(), &info, &length) != 0) {
    return refused("ask about a program", errno);
  }
  // The kernel gives as much as it knows.
  constexpr std::size_t kEnd = offsetof(bpf_prog_info, recursion_misses) + sizeof(std::uint64_t);
  if (length < kEnd) return absent("what the kernel says about a program ends before it");
  return works();
}

FeatureResult try_resolve_cached(FeatureTrial&) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_CACHED;
  const FileDescriptor root(
      static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how))));
  // EAGAIN: understood, but the path was not in the cache.
  if (root.valid() || errno == EAGAIN) return works();
  if (errno == ENOSYS || errno == EINVAL) return absent("openat2 does not know RESOLVE_CACHED");
  return refused("open / with openat2", errno);
}

FeatureResult try_tracefs(FeatureTrial&) { return mounted("tracefs"); }
FeatureResult try_bpffs(FeatureTrial&) { return mounted("bpf"); }

constexpr Feature kFeatures[] = {
    {.name = "btf",
     .purpose = "types of this kernel, to which programs adapt",
     .trial = "read and parse /sys/kernel/btf/vmlinux",
     .since = "5.4",
     .commit = "341dfcf8d78e",
     .title = "btf: expose BTF info through sysfs",
     .needed = true,
     .slow = false,
     .listed_as = "",
     .try_it = try_btf},
    {.name = "tp_btf",
     .purpose = "hooks of all sensors",
     .trial = "load a program for a BTF raw tracepoint and attach it",
     .since = "5.5",
     .commit = "f1b9509c2fb0",
     .title = "bpf: Replace prog_raw_tp+btf_id with prog_tracing",
     .needed = true,
     .slow = false,
     .listed_as = "BPF_TRACE_RAW_TP",
     .try_it = try_tp_btf},
    {.name = "ring_buffer",
     .purpose = "events on their way to user space",
     .trial = "make a ring and load a program that writes to it",
     .since = "5.8",
     .commit = "457f44363a88",
     .title = "bpf: Implement BPF ring buffer and verifier support for it",
     .needed = true,
     .slow = false,
     .listed_as = "BPF_MAP_TYPE_RINGBUF",
     .try_it = try_ring_buffer},
    {.name = "boot_clock",
     .purpose = "times of events and processes",
     .trial = "load a program that calls bpf_ktime_get_boot_ns",
     .since = "5.8",
     .commit = "71d19214776e",
     .title = "bpf: add bpf_ktime_get_boot_ns()",
     .needed = true,
     .slow = false,
     .listed_as = "BPF_FUNC_ktime_get_boot_ns",
     .try_it = try_boot_clock},
    {.name = "mapped_array",
     .purpose = "filters that change without a system call",
     .trial = "make an array and map it into memory",
     .since = "5.5",
     .commit = "fc9702273e2e",
     .title = "bpf: Add mmap() support for BPF_MAP_TYPE_ARRAY",
     .needed = true,
     .slow = false,
     .listed_as = "BPF_F_MMAPABLE",
     .try_it = try_mapped_array},
    {.name = "tail_call",
     .purpose = "system calls that want a program of their own",
     .trial = "put a tp_btf program that makes one into a table",
     .since = "4.2",
     .commit = "04fd61ab36ec",
     .title = "bpf: allow bpf programs to tail-call other bpf programs",
     .needed = true,
     .slow = false,
     .listed_as = "BPF_FUNC_tail_call",
     .try_it = try_tail_call},
    {.name = "cgroup_mkdir",
     .purpose = "names of containers that live for a moment",
     .trial = "load a tp_btf program for it and attach it",
     .since = "4.19",
     .commit = "e4f8d81c738d",
     .title = "cgroup/tracing: Move taking of spin lock out of trace event handlers",
     .needed = true,
     .slow = false,
     .listed_as = "btf_trace_cgroup_mkdir",
     .try_it = try_cgroup_mkdir},
    {.name = "rdonly_cast",
     .purpose = "kernel structures by loads, not probe reads",
     .trial = "load a program that reads a task by bpf_rdonly_cast",
     .since = "6.2",
     .commit = "a35b9af4ec2c",
     .title = "bpf: Add a kfunc for generic type cast",
     .needed = false,
     .slow = false,
     .listed_as = "bpf_rdonly_cast",
     .try_it = try_cast},
    {.name = "number_iterator",
     .purpose = "walks along paths that are verified fast",
     .trial = "load a program that calls bpf_iter_num_new",
     .since = "6.4",
     .commit = "6018e1f407cc",
     .title = "bpf: implement numbers iterator",
     .needed = false,
     .slow = false,
     .listed_as = "bpf_iter_num_new",
     .try_it = try_number_iterator},
    {.name = "preempt_disable",
     .purpose = "programs that nothing preempts, from 7.0 on",
     .trial = "load a program that calls bpf_preempt_disable and bpf_preempt_enable",
     .since = "6.10",
     .commit = "fc7566ad0a82",
     .title = "bpf: Introduce bpf_preempt_[disable,enable] kfuncs",
     .needed = false,
     .slow = false,
     .listed_as = "bpf_preempt_disable",
     .try_it = try_preemption},
    {.name = "current_task_btf",
     .purpose = "the current task by loads; not used yet",
     .trial = "load a program that calls bpf_get_current_task_btf",
     .since = "5.11",
     .commit = "3ca1032ab7ab",
     .title = "bpf: Implement get_current_task_btf and RET_PTR_TO_BTF_ID",
     .needed = false,
     .slow = false,
     .listed_as = "BPF_FUNC_get_current_task_btf",
     .try_it = try_current_task},
    {.name = "bpf_loop",
     .purpose = "long loops that load fast; not used yet",
     .trial = "load a program with a callback",
     .since = "5.17",
     .commit = "e6f2dd0f8067",
     .title = "bpf: Add bpf_loop helper",
     .needed = false,
     .slow = false,
     .listed_as = "BPF_FUNC_loop",
     .try_it = try_loop},
    {.name = "task_storage",
     .purpose = "memory of a thread; not used yet",
     .trial = "make such a map and load a tp_btf program that uses it",
     .since = "5.13",
     .commit = "a10787e6d58c",
     .title = "bpf: Enable task local storage for tracing programs",
     .needed = false,
     .slow = false,
     .listed_as = "BPF_FUNC_task_storage_get",
     .try_it = try_task_storage},
    {.name = "task_iterator",
     .purpose = "all processes without /proc; not used yet",
     .trial = "load a program for bpf_iter_task and read it to the end",
     .since = "5.8",
     .commit = "eaaacd23910f",
     .title = "bpf: Add task and task/file iterator targets",
     .needed = false,
     .slow = false,
     .listed_as = "BPF_TRACE_ITER",
     .try_it = try_task_iterator},
    {.name = "fentry",
     .purpose = "probes at functions of the kernel",
     .trial = "load a program for bpf_fentry_test1 and attach it",
     .since = "5.5",
     .commit = "fec56f5890d9",
     .title = "bpf: Introduce BPF trampoline",
     .needed = false,
     .slow = false,
     .listed_as = "BPF_TRACE_FENTRY",
     .try_it = try_fentry},
    {.name = "fexit",
     .purpose = "the same as they return",
     .trial = "load a program for bpf_fentry_test2 and attach it",
     .since = "5.5",
     .commit = "fec56f5890d9",
     .title = "bpf: Introduce BPF trampoline",
     .needed = false,
     .slow = false,
     .listed_as = "BPF_TRACE_FEXIT",
     .try_it = try_fexit},
    {.name = "lsm",
     .purpose = "deny before the effect; not used yet",
     .trial = "attach a program to task_getsid, call getsid, see whether it ran",
     .since = "5.7",
     .commit = "9e4e01dfd325",
     .title = "bpf: lsm: Implement attach, detach and execution",
     .needed = false,
     .slow = false,
     .listed_as = "bpf_lsm_task_getsid",
     .try_it = try_lsm},
    {.name = "kprobe",
     .purpose = "such probes without fentry",
     .trial = "attach a program to bpf_fentry_test1 by perf",
     .since = "4.17",
     .commit = "e12f03d7031a",
     .title = "perf/core: Implement the 'perf_kprobe' PMU",
     .needed = false,
     .slow = true,
     .listed_as = "",
     .try_it = try_kprobe},
    {.name = "uprobe",
     .purpose = "probes in programs and libraries",
     .trial = "attach a program to a function of our own by perf",
     .since = "4.17",
     .commit = "33ea4b24277b",
     .title = "perf/core: Implement the 'perf_uprobe' PMU",
     .needed = false,
     .slow = true,
     .listed_as = "",
     .try_it = try_uprobe},
    {.name = "raw_tracepoint",
     .purpose = "hooks without tp_btf; not used yet",
     .trial = "attach a program to sched_process_free",
     .since = "4.17",
     .commit = "c4f6699dfcb8",
     .title = "bpf: introduce BPF_RAW_TRACEPOINT",
     .needed = false,
     .slow = false,
     .listed_as = "BPF_PROG_TYPE_RAW_TRACEPOINT",
     .try_it = try_raw_tracepoint},
    {.name = "tracepoint",
     .purpose = "probes at tracepoints",
     .trial = "attach a program to sched:sched_process_free by perf",
     .since = "4.7",
     .commit = "98b5c2c65c29",
     .title = "perf, bpf: allow bpf programs attach to tracepoints",
     .needed = false,
     .slow = true,
     .listed_as = "",
     .try_it = try_tracepoint},
    {.name = "cpu_clock",
     .purpose = "samples for profiles; not used yet",
     .trial = "attach a program to perf's software clock",
     .since = "4.9",
     .commit = "0515e5999a46",
     .title = "bpf: introduce BPF_PROG_TYPE_PERF_EVENT program type",
     .needed = false,
     .slow = false,
     .listed_as = "",
     .try_it = try_cpu_clock},
    {.name = "cgroup2",
     .purpose = "cgroups, by which containers are told apart",
     .trial = "look it up among the mounts",
     .since = "4.5",
     .commit = "67e9c74b8a87",
     .title = "cgroup: replace __DEVEL__sane_behavior with cgroup2 fs type",
     .needed = false,
     .slow = false,
     .listed_as = "",
     .try_it = try_cgroup2},
    {.name = "io_uring_submit",
     .purpose = "calls made through io_uring",
     .trial = "attach a tp_btf program that reads the request",
     .since = "6.0",
     .commit = "48863ffd3e81",
     .title = "io_uring: clean up tracing events",
     .needed = false,
     .slow = false,
     .listed_as = "",
     .try_it = try_io_uring_submit},
    {.name = "io_uring_complete",
     .purpose = "results of calls made through io_uring",
     .trial = "load a tp_btf program for it and attach it",
     .since = "5.5",
     .commit = "",
     .title = "",
     .needed = false,
     .slow = false,
     .listed_as = "btf_trace_io_uring_complete",
     .try_it = try_io_uring_complete},
    {.name = "calls_32",
     .purpose = "32-bit programs: calls with other numbers",
     .trial = "make a 32-bit call in a child",
     .since = "2.6",
     .commit = "",
     .title = "",
     .needed = false,
     .slow = false,
     .listed_as = "",
     .try_it = try_calls_32},
    {.name = "run_time_stats",
     .purpose = "the cost of our programs, in this status",
     .trial = "switch them on and off",
     .since = "5.8",
     .commit = "d46edd671a14",
     .title = "bpf: Sharing bpf runtime stats with BPF_ENABLE_STATS",
     .needed = false,
     .slow = false,
     .listed_as = "BPF_ENABLE_STATS",
     .try_it = try_run_time_stats},
    {.name = "recursion_misses",
     .purpose = "what the kernel skipped, in the account",
     .trial = "see whether the kernel tells it of a program",
     .since = "5.12",
     .commit = "9ed9e9ba2337",
     .title = "bpf: Count the number of times recursion was prevented",
     .needed = false,
     .slow = false,
     .listed_as = "",
     .try_it = try_recursion_misses},
    {.name = "resolve_cached",
     .purpose = "paths, without waiting for slow file systems",
     .trial = "open / with it",
     .since = "5.12",
     .commit = "99668f618062",
     .title = "fs: expose LOOKUP_CACHED through openat2() RESOLVE_CACHED",
     .needed = false,
     .slow = false,
     .listed_as = "",
     .try_it = try_resolve_cached},
    {.name = "tracefs",
     .purpose = "numbers of tracepoints for perf; not needed",
     .trial = "look it up among the mounts",
     .since = "4.1",
     .commit = "4282d60689d4",
     .title = "tracefs: Add new tracefs file system",
     .needed = false,
     .slow = false,
     .listed_as = "",
     .try_it = try_tracefs},
    {.name = "bpffs",
     .purpose = "what outlives the program; not needed yet",
     .trial = "look it up among the mounts",
     .since = "4.4",
     .commit = "b2197755b263",
     .title = "bpf: add support for persistent maps/progs",
     .needed = false,
     .slow = false,
     .listed_as = "",
     .try_it = try_bpffs},
};

FeatureResult try_feature(const Feature& feature, FeatureTrial& trial) {
  FeatureResult result = feature.try_it(trial);
  // An errno does not tell a kernel that does not know from one that does not want.
  if (result.state == FeatureState::kRefused && !feature.listed_as.empty() &&
      trial.btf_error() == 0 && !trial.has_name(feature.listed_as)) {
    return absent(fmt::format("the kernel has no {}", feature.listed_as));
  }
  return result;
}

}  // namespace

bool tracepoints_may_be_preempted(const KernelTypes& types) {
  utsname system{};
  if (::uname(&system) != 0) return false;
  // Version 7.0: tracing: Guard __DECLARE_TRACE() use of __DO_TRACE_CALL() with SRCU-fast.
  constexpr int kFirst = 7;
  return std::atoi(system.release) >= kFirst && types.has_name("bpf_preempt_disable");
}

std::string_view feature_state_name(FeatureState state) {
  switch (state) {
    case FeatureState::kWorks:
      return "works";
    case FeatureState::kRefused:
      return "refused";
    case FeatureState::kAbsent:
      return "absent";
  }
  return "";
}

std::span<const Feature> all_features() { return kFeatures; }

std::vector<FeatureResult> try_features() {
  // What libbpf would print about failures is in the results.
  const libbpf_print_fn_t printer = libbpf_set_print(nullptr);
  std::vector<FeatureResult> results(std::size(kFeatures));
  {
    FeatureTrial trial;
    // What takes long to undo is undone while the rest is tried.
    for (const bool slow : {true, false}) {
      for (std::size_t i = 0; i < std::size(kFeatures); ++i) {
        if (kFeatures[i].slow == slow) results[i] = try_feature(kFeatures[i], trial);
      }
    }
  }
  libbpf_set_print(printer);
  return results;
}

}  // namespace outrider
