// SPDX-License-Identifier: Apache-2.0
#include "support/random_event.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>

#include "sensors/io_uring/requests.h"
#include "sensors/registry.h"
#include "support/random_values.h"
#include "syscalls/event_fields.h"
#include "syscalls/slow_wire.h"
#include "workloads/process_facts.h"

namespace outrider::test {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kArguments = std::extent_v<decltype(wire_file::arguments)>;
constexpr std::uint64_t kWord32 = 0xffffffff;
// Registers of which a call only takes 32 bits may hold anything above.
constexpr std::uint64_t kRubbish = 0xdeadbeef'00000000;

constexpr std::int64_t kErrors[] = {-2, -13, -1, -17, -22, -512, -4096};
constexpr std::int64_t kDescriptors[] = {3, 0, 4, 1023};
// Of open(2), *at(2) and rename(2); bits that have no name, too.
constexpr std::uint64_t kOpenFlags[] = {0,    01,       02,        03,       01101,    0101,
                                        0102, 02000000, 020200000, 04010000, 010000,   0200000,
                                        0302, 02000101, 010000000, 0100000,  040000000};
constexpr std::uint64_t kAtFlagBits[] = {0, 0x100, 0x200, 0x400, 0x1000, 0x1100, 0x40000000};
constexpr std::uint64_t kRenameFlagBits[] = {0, 1, 2, 4, 3, 0x40000000};
constexpr std::uint16_t kFamilies[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};
constexpr std::uint32_t kExitCodes[] = {0, 1 << 8, 255 << 8, 9, 11 | 128, 127 << 8};
constexpr std::string_view kCgroups[] = {"/", "/system.slice/nginx.service", "/etc"};
constexpr std::string_view kPseudo[] = {"memfd:x", "pipe:", ""};
constexpr std::string_view kTerminals[] = {"pts0", "ttyS0", "tty1"};

constexpr std::array<std::uint64_t, 3> kFrames = {0x401000, 0x401001, 0xffffffff81000000};

// None, CAP_CHOWN, that with CAP_NET_RAW, CAP_SYS_ADMIN, all that there may ever be.
constexpr std::array<std::uint64_t, 5> kCapabilitySets = {0, 1, 1 | 1 << 13, 1 << 21, ~0ull};

struct Parent {
  std::uint32_t pid;
  std::uint64_t start_time;
  std::string_view name;
};
constexpr Parent kParents[] = {{1, 5, "nginx"}, {100, 1000, "bash"}, {4242, 1000, ""}};

// A path as a walk of the kernel may find it: absolute, with no components but names.
std::string object_path(Choices& choices) {
  const std::string path = random_path(choices);
  std::string plain;
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view name = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (name.empty() || name == "." || name == "..") continue;
    plain += '/';
    plain += name;
  }
  return plain;
}

// struct wire_passed with a descriptor or none, and its path as a walk finds it.
std::string random_passed(Choices& choices) {
  constexpr std::string_view kPath("hosts\0etc\0", 10);
  wire_passed passed{};
  passed.peer = choices.one_of(kParents).pid;
  if (choices.once_in(8)) passed.flags = WIRE_PASSED_CUT;
  const bool has_one = !choices.once_in(4);
  passed.count = passed.kept = has_one ? 1 : 0;
  if (has_one) {
    passed.descriptors[0] = static_cast<wire_u32>(choices.one_of(kDescriptors));
    passed.objects[0] = {.inode = 7,
                         .mode = S_IFREG,
                         .reserved = 0,
                         .path = {kPath.size(), WIRE_STRING_WHOLE, WIRE_PATH_REVERSED}};
  }
  std::string bytes(reinterpret_cast<const char*>(&passed), sizeof(passed));
  if (has_one) bytes += kPath;
  return bytes;
}

// What became of a walk.
void set_object(HandMadeEvent& made, std::size_t index, Choices& choices) {
  unsigned flags = 0;
  for (const unsigned flag : {WIRE_PATH_DELETED, WIRE_PATH_UNREACHABLE, WIRE_PATH_TORN}) {
    if (choices.once_in(16)) flags |= flag;
  }
  switch (choices.below(16)) {
    case 13:
      return made.set_string(index, WIRE_STRING_FAULTED);
    case 14:
      return made.set_walked(index, object_path(choices), WIRE_STRING_CUT, flags);
    case 15:
      return made.set_walked(index, choices.one_of(kPseudo), WIRE_STRING_WHOLE,
                             flags | WIRE_PATH_PSEUDO);
    default:
      return made.set_walked(index, object_path(choices), WIRE_STRING_WHOLE, flags);
  }
}

// A path as a program gave it. Returns whether it was read and is relative.
bool set_given(HandMadeEvent& made, std::size_t index, bool may_be_cut, Choices& choices) {
  const std::uint64_t state = choices.below(24);
  if (state >= 22) {
    made.set_string(index, WIRE_STRING_FAULTED);
    return false;
  }
  std::string path = random_path(choices);
  if (state == 21 && may_be_cut) {
    while (path.size() < WIRE_PATH_MAX) path += path.empty() ? "etc" : '/' + path;
    path.resize(WIRE_PATH_MAX - 1);
    made.set_string(index, path, WIRE_STRING_CUT);
  } else {
    made.set_string(index, path);
  }
  return !path.starts_with('/');
}

// A given path, and the directory that it starts from if it is relative. `reachable` is whether
// the program could look at the caller's directories.
void set_path(HandMadeEvent& made, std::size_t path, std::size_t base, wire_u8 path_place,
              wire_u8 base_place, bool may_be_cut, bool reachable, Choices& choices) {
  made.set_string(path, WIRE_STRING_MISSING);
  made.set_string(base, WIRE_STRING_MISSING);
  if (path_place >= kArguments) return;
  if (!set_given(made, path, may_be_cut, choices) || base_place == WIRE_NO_BASE) return;
  if (reachable) {
    set_object(made, base, choices);
  } else {
    made.set_string(base, WIRE_STRING_FAULTED);
  }
}

// `bits` of an int.
std::uint64_t as_int(std::uint64_t bits, Choices& choices) {
  return choices.once_in(8) ? bits | kRubbish : bits;
}

std::uint64_t random_descriptor(Choices& choices) {
  if (choices.once_in(8)) return random_number(choices);
  return as_int(static_cast<std::uint64_t>(choices.one_of(kDescriptors)), choices);
}

std::uint64_t random_argument(ArgumentType type, Choices& choices) {
  switch (type) {
    case ArgumentType::kDirectory:
      return choices.once_in(4) ? random_descriptor(choices) : static_cast<std::uint64_t>(AT_FDCWD);
    case ArgumentType::kDescriptor:
      return random_descriptor(choices);
    case ArgumentType::kOpenFlags:
      return as_int(choices.one_of(kOpenFlags), choices);
    case ArgumentType::kOpenHow:
      return choices.one_of(kOpenFlags);
    case ArgumentType::kAtFlags:
      return as_int(choices.one_of(kAtFlagBits), choices);
    case ArgumentType::kRenameFlags:
      return as_int(choices.one_of(kRenameFlagBits), choices);
    case ArgumentType::kMode:
      return as_int(random_mode(choices), choices);
    default:
      return random_number(choices);
  }
}

std::int64_t random_result(std::int64_t success, Choices& choices) {
  switch (choices.below(24)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
      return choices.one_of(kErrors);
    case 23:
      return static_cast<std::int64_t>(random_number(choices));
    default:
      return success;
  }
}

// Of the first process, and of some others.
constexpr std::uint32_t kHostNamespace = 4026531836;

// Each the child of the one before it, and one that runs a program.
void add_parents(ProcessTable& processes) {
  const Parent* before = nullptr;
  for (const Parent& parent : kParents) {
    wire_fork fork{};
    fork.header.pid = parent.pid;
    fork.header.vpid = parent.pid;
    fork.header.start_time = parent.start_time;
    if (before != nullptr) {
      fork.header.ppid = before->pid;
      fork.header.parent_start_time = before->start_time;
    }
    std::ranges::copy(parent.name, fork.header.comm);
    std::ranges::fill(fork.context.namespaces, kHostNamespace);
    processes.apply_fork(fork);
    before = &parent;
  }
  HandMadeEvent exec("exec");
  exec.header().pid = kParents[0].pid;
  exec.header().start_time = kParents[0].start_time;
  exec.set_comm(kParents[0].name);
  exec.set_walked(WIRE_EXEC_EXE, "/etc/passwd");
  std::ranges::fill(exec.as<wire_exec>().context.namespaces, kHostNamespace);
  processes.apply_exec(exec.get().as<wire_exec>(), "/etc/passwd\0-x\0"sv, true, false);
  processes.set_environment(exec.header(), "PATH=/etc/passwd\0HOME=/tmp\0nginx\0"sv, true, false);
}

KnownText random_known(std::string text, Choices& choices) {
  const std::uint64_t state = choices.below(8);
  if (state == 7) return {};
  return {std::move(text), true, state == 6};
}

std::uint32_t number32(Choices& choices) {
  return static_cast<std::uint32_t>(random_number(choices));
}

std::optional<std::uint32_t> known_number(Choices& choices) {
  return choices.once_in(8) ? std::nullopt : std::optional(number32(choices));
}

std::optional<bool> known_truth(Choices& choices) {
  return choices.once_in(8) ? std::nullopt : std::optional(choices.once_in(2));
}

// Mostly of the event's user and session, else of another.
ProcessContext random_context(const wire_header& header, Choices& choices) {
  ProcessContext context;
  if (choices.once_in(8)) return context;
  context.time = 1;
  context.uid = choices.once_in(8) ? number32(choices) : header.uid;
  context.session_id = choices.once_in(8) ? number32(choices) : header.session_id;
  context.capabilities.emplace();
  for (std::uint64_t& set : *context.capabilities) set = choices.one_of(kCapabilitySets);
  for (std::uint32_t& inode : context.namespaces) {
    inode = choices.once_in(4) ? kHostNamespace : number32(choices);
  }
  context.terminal = known_number(choices);
  context.group_id = choices.once_in(4) ? header.pid : known_number(choices);
  context.vgroup_id = choices.once_in(4) ? header.vpid : known_number(choices);
  context.vsession_id = known_number(choices);
  return context;
}

std::optional<Executable> random_executable(Choices& choices) {
  using enum Executable::Layer;
  constexpr Executable::Layer kLayers[] = {kUnknown, kNone, kLower, kUpper};
  if (choices.once_in(8)) return std::nullopt;
  return Executable{.inode = random_number(choices),
                    .change_time = static_cast<std::int64_t>(random_number(choices)),
                    .modify_time = static_cast<std::int64_t>(random_number(choices)),
                    .from_memfd = known_truth(choices),
                    .deleted = known_truth(choices),
                    .writable = known_truth(choices),
                    .layer = choices.one_of(kLayers)};
}

// A text that can stand between the colons of passwd(5).
std::string between_colons(std::string text) {
  for (char& c : text) {
    if (c == ':' || c == '\n') c = '_';
  }
  return text;
}

// Names for most of the numbers that there are, the same each time.
void write_users(const std::string& root) {
  constexpr int kLines = 1000;
  ::mkdir((root + "/etc").c_str(), 0755);
  std::ofstream passwd(root + "/etc/passwd");
  std::ofstream group(root + "/etc/group");
  SeededChoices choices(1);
  for (int i = 0; i < kLines; ++i) {
    const std::uint32_t id = number32(choices);
    if (id % 8 == 7) continue;
    passwd << between_colons(random_name(choices)) << ":x:" << id
           << ":0::" << between_colons(random_path(choices)) << ':'
           << between_colons(random_path(choices)) << '\n';
    group << between_colons(random_name(choices)) << ":x:" << id << ":\n";
  }
}

}  // namespace

RandomEvents::RandomEvents(Lookups lookups)
    : lookups_(lookups),
      users_({.host_root = root_.path(), .interval = std::chrono::hours(1)}),
      by_kind_(WIRE_KIND_LIMIT) {
  write_users(root_.path());
  struct stat status{};
  if (::stat(root_.path().c_str(), &status) == 0) root_inode_ = status.st_ino;
  if (::stat("/proc/self/ns/mnt", &status) == 0) {
    own_mount_namespace_ = static_cast<std::uint32_t>(status.st_ino);
  }
  if (::stat("/", &status) == 0) own_root_ = status.st_ino;

  for (const EventDescriptor* kind : all_kinds()) {
    // Groups of calls are alike.
    const bool alike = !kind->calls.empty() && kind->kind != WIRE_PTRACE;
    const std::size_t weight = kind->kind == WIRE_EXEC ? 9 : alike ? 1 : 3;
    kinds_.insert(kinds_.end(), weight, kind->kind);
    by_kind_[kind->kind].event = std::make_unique<HandMadeEvent>(kind->name);
    by_kind_[kind->kind].event->event.users = &users_;
    add_parents(by_kind_[kind->kind].event->processes);
  }
  std::map<const Call*, wire_kind> groups;
  for (const EventDescriptor* kind : all_kinds()) {
    for (const std::string_view name : kind->calls) groups.emplace(find_call(name), kind->kind);
  }
  const auto add = [this, &groups](const Call& call, wire_abi abi, bool request) {
    if (!request) by_kind_[WIRE_SYSTEM_CALL].ways.push_back({&call, abi, false, false});
    if (groups.contains(&call)) {
      by_kind_[groups.at(&call)].ways.push_back({&call, abi, false, request});
    }
    by_kind_[call.kind].ways.push_back({&call, abi, false, request});
    if (call.other_kind == WIRE_NONE) return;
    by_kind_[call.other_kind].ways.push_back({&call, abi, true, request});
  };
  for (const Call& call : all_calls()) {
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      if (number_of(call, abi) != kNoNumber) add(call, abi, false);
    }
  }
  for (const Request& request : requests_like_calls()) add(*call_of(request), WIRE_ABI_64, true);
  add(*find_call("io_uring_enter"), WIRE_ABI_64, true);
}

const Event& RandomEvents::next(Choices& choices) {
  const wire_kind kind = choices.one_of(kinds_);
  return next(choices, kind);
}

const Event& RandomEvents::next(Choices& choices, wire_kind kind) {
  const Kind& of = by_kind_[kind];
  HandMadeEvent& made = *of.event;
  fill_header(made, choices);
  switch (kind) {
    case WIRE_FORK:
      // Of it no path is looked up.
      made.header().mount_namespace = number32(choices);
      break;
    case WIRE_EXIT:
      made.as<wire_exit>().exit_code = choices.one_of(kExitCodes);
      break;
    case WIRE_EXEC:
      if (choices.once_in(2)) {
        fill_exec(made, choices);
      } else {
        fill_failed_exec(made, choices.one_of(of.ways), choices);
      }
      break;
    case WIRE_FSSLOW:
      fill_slow(made, choices);
      break;
    default:
      if (made.event.descriptor->record.strings == 0) {
        fill_words(made, choices);
      } else if (kind == WIRE_SYSTEM_CALL || !made.event.descriptor->calls.empty()) {
        fill_traced(made, choices.one_of(of.ways), choices);
      } else if (!of.ways.empty()) {
        fill_file(made, choices.one_of(of.ways), choices);
      } else {
        fill_strings(made, choices);
      }
      break;
  }
  fill_process(made, choices);
  for (const wire_stack stack : {WIRE_STACK_USER, WIRE_STACK_KERNEL}) {
    const std::uint64_t frames = has_stacks(*made.event.descriptor) ? choices.below(12) : 0;
    const bool cut = frames > kFrames.size() && choices.once_in(8);
    made.set_stack(stack, std::span(kFrames).first(std::min(frames, kFrames.size())),
                   frames == 0 ? WIRE_STRING_MISSING
                   : cut       ? WIRE_STRING_CUT
                               : WIRE_STRING_WHOLE);
    if (frames == 11) made.set_stack(stack, {}, WIRE_STRING_FAULTED);
  }
  const Event& event = made.get();
  if (kind == WIRE_EXEC) {
    const auto& exec = event.as<wire_exec>();
    made.event.arguments = string_of(exec, WIRE_EXEC_ARGUMENTS);
    made.event.arguments_cut = exec.strings[WIRE_EXEC_ARGUMENTS].state == WIRE_STRING_CUT ||
                               made.event.arguments.size() < exec.arguments_size;
  }
  return event;
}

void RandomEvents::fill_header(HandMadeEvent& made, Choices& choices) {
  wire_header& header = made.header();
  const wire_u16 kind = header.kind;
  header = {};
  header.kind = kind;
  header.start_time = random_number(choices) >> 8;
  header.time = header.start_time + (random_number(choices) >> 32);
  header.cgroup_id = random_number(choices);
  header.cwd_inode = random_number(choices);
  header.root_inode = random_number(choices);
  header.pid = number32(choices);
  header.tid = choices.once_in(4) ? number32(choices) : header.pid;
  header.vpid = choices.once_in(4) ? number32(choices) : header.pid;
  header.ppid = number32(choices);
  if (!choices.once_in(3)) {
    const Parent& parent = choices.one_of(kParents);
    header.ppid = parent.pid;
    header.parent_start_time = parent.start_time;
  }
  header.session_id = number32(choices);
  header.uid = number32(choices);
  header.gid = number32(choices);
  header.login_uid = number32(choices);
  if (choices.once_in(16)) header.flags |= WIRE_KERNEL_THREAD;
  if (choices.once_in(2)) {
    header.mount_namespace = own_mount_namespace_;
    header.root_inode = root_inode_;
  }
  if (lookups_ == Lookups::kSome && choices.once_in(8)) {
    header.mount_namespace = own_mount_namespace_;
    header.root_inode = own_root_;
  }
  made.set_comm(random_name(choices).substr(0, sizeof(header.comm) - 1));
}

// src/syscalls/syscalls.bpf.c and, for requests, src/sensors/io_uring/io_uring.bpf.c.
void RandomEvents::fill_file(HandMadeEvent& made, const Way& way, Choices& choices) {
  auto& file = made.as<wire_file>();
  const Call& call = *way.call;
  const wire_call wire = to_wire(call);
  const bool opens = file.header.kind == WIRE_OPEN;
  const bool compat = way.abi == WIRE_ABI_32;
  file.call = static_cast<wire_u16>(number_of(call, way.abi));
  if (compat) file.header.flags |= WIRE_COMPAT;
  if (way.request) file.header.flags |= WIRE_IO_URING;
  // Nobody will see the completion.
  const bool unfinished = way.request && choices.once_in(8);
  // A kernel thread completes it, for a process that is gone.
  const bool gone = way.request && !unfinished && choices.once_in(8);
  if (unfinished) file.header.flags |= WIRE_RESULT_UNKNOWN;
  if (way.request && opens && choices.once_in(8)) file.header.flags |= WIRE_DIRECT_DESCRIPTOR;
  file.result = unfinished ? 0 : random_result(opens ? choices.one_of(kDescriptors) : 0, choices);

  for (std::size_t i = 0; i < kArguments; ++i) {
    file.arguments[i] = random_argument(call.arguments[i].type, choices);
    if (compat) file.arguments[i] &= kWord32;
  }
  if (const int how = place_of(call, ArgumentType::kOpenHow); how >= 0) {
    file.arguments[how + 1] = random_mode(choices);
    // The programs that do so give 64 bits here.
    if (choices.once_in(8)) file.arguments[how] |= kRubbish;
  }
  if (call.other_kind != WIRE_NONE) {
    std::uint64_t& argument = file.arguments[call.other_argument];
    argument = way.other ? argument | call.other_mask : argument & ~std::uint64_t{call.other_mask};
  }

  const bool may_be_cut = !way.request;
  set_path(made, WIRE_FILE_PATH, WIRE_FILE_BASE, wire.path, wire.base, may_be_cut, !gone, choices);
  set_path(made, WIRE_FILE_PATH2, WIRE_FILE_BASE2, wire.path2, wire.base2, may_be_cut, !gone,
           choices);

  file.inode = 0;
  file.device = 0;
  file.mode = 0;
  made.set_string(WIRE_FILE_OBJECT, WIRE_STRING_MISSING);
  if (unfinished) return made.set_string(WIRE_FILE_OBJECT, WIRE_STRING_FAULTED);
  const bool object = (wire.resolve == WIRE_RESOLVE_RESULT && file.result >= 0) ||
                      wire.resolve == WIRE_RESOLVE_FIRST;
  if (!object) return;
  const bool unseen = gone || (file.header.flags & WIRE_DIRECT_DESCRIPTOR) || choices.once_in(16);
  if (unseen) return made.set_string(WIRE_FILE_OBJECT, WIRE_STRING_FAULTED);
  file.header.flags |= WIRE_OBJECT_KNOWN;
  file.inode = random_number(choices);
  file.device = choices.once_in(2) ? 8 << 20 | 1 : 0;
  file.mode = static_cast<wire_u16>(S_IFREG | random_mode(choices));
  set_object(made, WIRE_FILE_OBJECT, choices);
}

// A record of which no more is known than its size: small numbers.
void RandomEvents::fill_words(HandMadeEvent& made, Choices& choices) {
  auto* bytes = reinterpret_cast<std::byte*>(&made.header());
  const RecordShape& shape = made.event.descriptor->record;
  const std::size_t size = shape.strings == 0 ? shape.size : shape.strings_at;
  for (std::size_t at = sizeof(wire_header); at + sizeof(wire_u32) <= size;
       at += sizeof(wire_u32)) {
    const auto word = static_cast<wire_u32>(choices.below(6));
    std::memcpy(bytes + at, &word, sizeof(word));
  }
}

// One of which no more is known than that it has texts.
void RandomEvents::fill_strings(HandMadeEvent& made, Choices& choices) {
  for (std::size_t i = 0; i < made.event.descriptor->record.strings; ++i) {
    const bool faulted = choices.once_in(8);
    made.set_string(i, faulted ? "" : random_words(choices),
                    faulted              ? WIRE_STRING_FAULTED
                    : choices.once_in(8) ? WIRE_STRING_CUT
                                         : WIRE_STRING_WHOLE);
  }
}

// src/syscalls/slow.bpf.c
void RandomEvents::fill_slow(HandMadeEvent& made, Choices& choices) {
  fill_words(made, choices);
  for (std::size_t i = 0; i < WIRE_SLOW_STRINGS; ++i) made.set_string(i, WIRE_STRING_MISSING);
  const bool relative = set_given(made, WIRE_SLOW_PATH, /*may_be_cut=*/true, choices);
  if (relative) set_object(made, WIRE_SLOW_BASE, choices);
  if (choices.once_in(2)) return;
  set_object(made, WIRE_SLOW_OBJECT, choices);
  made.header().flags |= WIRE_OBJECT_KNOWN;
}

// src/syscalls/traced.bpf.c
void RandomEvents::fill_traced(HandMadeEvent& made, const Way& way, Choices& choices) {
  auto& file = made.as<wire_file>();
  const Call& call = *way.call;
  const CallArguments& registers = registers_of(call, way.abi);
  file.call = static_cast<wire_u16>(number_of(call, way.abi));
  if (way.abi == WIRE_ABI_32) file.header.flags |= WIRE_COMPAT;
  const bool never = call.end == CallEnd::kNever;
  if (never) file.header.flags |= WIRE_RESULT_UNKNOWN;
  file.result = never ? 0 : random_result(choices.one_of(kDescriptors), choices);
  for (std::size_t i = 0; i < kArguments; ++i) {
    file.arguments[i] = random_argument(registers[i].type, choices);
    if (registers[i].name == "pid" && !choices.once_in(4)) {
      // Of the first most is known.
      file.arguments[i] = choices.once_in(2) ? kParents[0].pid : choices.one_of(kParents).pid;
    }
    if (way.abi == WIRE_ABI_32) file.arguments[i] &= kWord32;
  }
  if (call.end == CallEnd::kReplaces && file.result >= 0) file.header.flags |= WIRE_ARGUMENTS_GONE;
  file.inode = 0;
  file.device = 0;
  file.mode = 0;
  for (std::size_t i = 0; i < WIRE_FILE_STRINGS; ++i) made.set_string(i, WIRE_STRING_MISSING);
  if (file.header.flags & WIRE_ARGUMENTS_GONE) return;
  for (std::size_t i = 0; i < kArguments; ++i) {
    const int capture = capture_of(registers, i);
    if (capture < 0 || choices.once_in(8)) continue;
    const auto string = static_cast<std::size_t>(capture);
    if (choices.once_in(16)) {
      made.set_string(string, WIRE_STRING_FAULTED);
    } else if (registers[i].structure != nullptr) {
      made.set_string(string, std::string(registers[i].structure->sizes[way.abi],
                                          static_cast<char>(choices.below(256))));
    } else {
      made.set_string(string, random_path(choices));
    }
  }
  const wire_u16 kind = file.header.kind;
  if (kind == WIRE_TTY && !choices.once_in(8)) {
    made.set_string(kTerminalCapture, choices.one_of(kTerminals));
  }
  if (kind == WIRE_FD_PASS && !choices.once_in(8)) {
    made.set_string(kPassedCapture, random_passed(choices));
  }
  if (call.socket == WIRE_NO_ARGUMENT || choices.once_in(4)) return;
  wire_socket socket{};
  socket.family = choices.one_of(kFamilies);
  socket.type = static_cast<wire_u16>(choices.below(8));
  socket.protocol = choices.once_in(2) ? 6 : 17;
  socket.local_port = static_cast<wire_u16>(choices.below(3));
  socket.remote_port = static_cast<wire_u16>(choices.below(3));
  socket.remote_address[0] = 127;
  socket.cookie = random_number(choices);
  made.set_string(kSocketCapture,
                  std::string(reinterpret_cast<const char*>(&socket), sizeof(socket)));
}

// src/sensors/process/process.bpf.c, process__exec.
void RandomEvents::fill_exec(HandMadeEvent& made, Choices& choices) {
  auto& exec = made.as<wire_exec>();
  exec.result = 0;
  exec.exe_inode = random_number(choices);
  exec.exe_device = 8 << 20 | 1;
  exec.call = 0;
  exec.flags = 0;
  made.set_string(WIRE_EXEC_FILENAME, random_path(choices));
  made.set_string(WIRE_EXEC_BASE, WIRE_STRING_MISSING);
  made.set_string(WIRE_EXEC_INTERPRETER, WIRE_STRING_MISSING);
  if (choices.once_in(3)) made.set_string(WIRE_EXEC_INTERPRETER, random_path(choices));
  set_object(made, WIRE_EXEC_EXE, choices);
  set_object(made, WIRE_EXEC_CWD, choices);
  std::string arguments;
  exec.argument_count = static_cast<wire_u32>(choices.below(5));
  for (wire_u32 i = 0; i < exec.argument_count; ++i) {
    arguments += choices.once_in(2) ? random_words(choices) : random_path(choices);
    arguments += '\0';
  }
  exec.arguments_size = static_cast<wire_u32>(arguments.size());
  switch (choices.below(12)) {
    case 10:
      return made.set_string(WIRE_EXEC_ARGUMENTS, WIRE_STRING_FAULTED);
    case 11:
      // The pieces that hold the rest were lost.
      exec.arguments_size += 1000;
      break;
    default:
      break;
  }
  made.set_string(WIRE_EXEC_ARGUMENTS, arguments);
}

// The same, exec__failed.
void RandomEvents::fill_failed_exec(HandMadeEvent& made, const Way& way, Choices& choices) {
  auto& exec = made.as<wire_exec>();
  exec.result = choices.one_of(kErrors);
  exec.exe_inode = 0;
  exec.exe_device = 0;
  exec.call = static_cast<wire_u16>(number_of(*way.call, way.abi));
  if (way.abi == WIRE_ABI_32) exec.header.flags |= WIRE_COMPAT;
  const bool at = place_of(*way.call, ArgumentType::kDirectory) >= 0;
  exec.flags = at ? choices.one_of(kAtFlagBits) : 0;
  for (std::size_t i = 0; i < WIRE_EXEC_STRINGS; ++i) made.set_string(i, WIRE_STRING_MISSING);
  const bool relative = set_given(made, WIRE_EXEC_FILENAME, /*may_be_cut=*/true, choices);
  if (relative) set_object(made, WIRE_EXEC_BASE, choices);
  std::string arguments;
  exec.argument_count = static_cast<wire_u32>(choices.below(5));
  for (wire_u32 i = 0; i < exec.argument_count; ++i) {
    arguments += random_words(choices);
    arguments += '\0';
  }
  const std::uint64_t state = choices.below(12);
  if (state == 11) arguments.clear();
  exec.arguments_size = static_cast<wire_u32>(arguments.size());
  made.set_string(WIRE_EXEC_ARGUMENTS, arguments,
                  state == 11   ? WIRE_STRING_FAULTED
                  : state == 10 ? WIRE_STRING_CUT
                                : WIRE_STRING_WHOLE);
}

void RandomEvents::fill_workload(Workload& workload, Choices& choices) {
  constexpr Workload::State kStates[] = {Workload::State::kUnknown, Workload::State::kHost,
                                         Workload::State::kContainer, Workload::State::kContainer};
  constexpr SourcedText Container::* kTexts[] = {&Container::id,
                                                 &Container::name,
                                                 &Container::image,
                                                 &Container::image_id,
                                                 &Container::bundle,
                                                 &Container::pod_name,
                                                 &Container::pod_namespace,
                                                 &Container::pod_uid,
                                                 &Container::sandbox_id,
                                                 &Container::image_digest};
  workload = {};
  workload.state = choices.one_of(kStates);
  workload.complete = choices.once_in(2);
  workload.container.runtime = static_cast<Runtime>(choices.below(9));
  for (const auto text : kTexts) {
    if (choices.once_in(4)) continue;
    workload.container.*text = {random_name(choices), NameSource::kBundle};
  }
  if (choices.once_in(2)) workload.container.privileged = choices.once_in(2);
  if (choices.once_in(2)) workload.container.user_namespace = choices.once_in(2);
  if (choices.once_in(2)) {
    workload.container.labels = {{"HOME", random_path(choices)}, {"PATH", random_name(choices)}};
  }
  if (choices.once_in(2)) {
    workload.container.mounts = {{"/etc", "/etc", "bind", true},
                                 {random_path(choices), random_path(choices), "bind", true}};
  }
  if (choices.once_in(2)) {
    workload.container.created = static_cast<std::int64_t>(random_number(choices));
  }
  if (choices.once_in(2)) workload.unit = random_name(choices);
}

// What the tables know, and the stream.
void RandomEvents::fill_process(HandMadeEvent& made, Choices& choices) {
  Process& process = made.process;
  const wire_header& header = made.header();
  process.pid = header.pid;
  process.start_time = header.start_time;
  process.exact = true;
  process.kernel_thread = (header.flags & WIRE_KERNEL_THREAD) != 0;
  process.parent_pid = header.ppid;
  process.parent_start_time = header.parent_start_time;
  process.name = random_known(random_name(choices), choices);
  process.exe = random_known(object_path(choices), choices);
  process.cwd = random_known(object_path(choices), choices);
  process.command_line = random_known(random_words(choices), choices);
  const std::string_view words = process.command_line.text;
  process.program_size = std::min(words.find(' '), words.size());
  process.vpid = header.vpid;
  process.argument_count = known_number(choices);
  process.arguments_length = known_number(choices);
  process.interpreter = random_known(choices.once_in(3) ? "" : random_path(choices), choices);
  process.context = random_context(header, choices);
  process.executable = random_executable(choices);
  process.pid_namespace_start = random_number(choices);
  const std::string variables =
      "PATH=" + random_path(choices) + '\0' + random_words(choices) + '\0';
  set_environment(process, variables, !choices.once_in(8), choices.once_in(8));

  fill_workload(made.workload, choices);
  made.event.cgroup_path = {};
  if (!choices.once_in(4)) made.event.cgroup_path = choices.one_of(kCgroups);
  made.event.arguments = {};
  made.event.arguments_cut = false;
  made.event.late = choices.once_in(8);
  made.event.number = 1 + made.header().time % 8;
  made.event.wall_offset = static_cast<std::int64_t>(random_number(choices) >> 8);
}

std::string described(const Event& event) {
  std::string text;
  for (const FieldDescriptor* field : fields_of(*event.descriptor)) {
    fmt::format_to(std::back_inserter(text), "{}={} ", field->name,
                   shown(field->type, field->read(event)));
  }
  return text;
}

}  // namespace outrider::test
