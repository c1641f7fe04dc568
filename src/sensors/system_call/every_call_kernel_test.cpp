// SPDX-License-Identifier: Apache-2.0
//
// Every call of the table, on the real kernel: made with arguments that can be told from each other
// and do no harm, by a process without rights, and seen with every argument as it was given.
#include <fmt/format.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sensors/system_call/every_call.h"
#include "support/recorder.h"
#include "syscalls/calls.h"
#include "syscalls/names.h"

namespace outrider {
namespace {

// These are made in system_call_kernel_test.cpp: they do not come back, or twice, or only when
// something else happens.
const std::set<std::string_view> kElsewhere = {
    "fork",  "vfork",         "clone",        "exit",      "exit_group",
    "pause", "rt_sigsuspend", "rt_sigreturn", "sigreturn", "sigsuspend"};

// Where arguments point to; within the first 4 GB, for 32-bit calls too.
struct Memory {
  char paths[6][32];
  unsigned char patterns[6][512];
  sockaddr_in address;
  std::uint64_t texts_64[3];
  std::uint32_t texts_32[3];
};

std::uint64_t address_of(const void* at) { return reinterpret_cast<std::uint64_t>(at); }

void fill(Memory& memory) {
  for (int i = 0; i < 6; ++i) {
    fmt::format_to(memory.paths[i], "/nonexistent/{}", i);
    for (int j = 0; j < 512; ++j) memory.patterns[i][j] = static_cast<unsigned char>(j % 64 + 1);
  }
  memory.address.sin_family = AF_INET;
  memory.address.sin_port = htons(80);
  memory.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < 2; ++i) {
    memory.texts_64[i] = address_of(memory.paths[i]);
    memory.texts_32[i] = static_cast<std::uint32_t>(memory.texts_64[i]);
  }
}

// How many there are of what an argument counts; 0: it counts nothing.
std::uint64_t counted(const CallArguments& arguments, std::size_t place) {
  for (const Argument& argument : arguments) {
    if (argument.count != place) continue;
    return argument.type == ArgumentType::kSocketAddress ? sizeof(sockaddr_in) : 2;
  }
  return 0;
}

// Something that can be told from what the other arguments are given.
std::uint64_t given(const CallArguments& arguments, std::size_t place, wire_abi abi,
                    Memory& memory) {
  const Argument& argument = arguments[place];
  // Nothing is there, whatever the word size.
  const std::uint64_t nowhere = 0x1000 * (place + 1);
  switch (argument.type) {
    case ArgumentType::kNone:
      return 0;
    case ArgumentType::kDirectory:
    case ArgumentType::kDescriptor:
      return 1000 + place;
    case ArgumentType::kPath:
    case ArgumentType::kText:
      return address_of(memory.paths[place]);
    case ArgumentType::kOpenFlags:
      return 02000001;
    case ArgumentType::kMode:
      return 0640;
    case ArgumentType::kAtFlags:
      return 0x100;
    case ArgumentType::kRenameFlags:
      return 1;
    case ArgumentType::kUser:
    case ArgumentType::kGroup:
    case ArgumentType::kUser16:
    case ArgumentType::kGroup16:
      return 1001 + place;
    case ArgumentType::kSizeLow:
      return 7 + place;
    case ArgumentType::kSizeHigh:
      return 1;
    case ArgumentType::kInteger:
      if (const std::uint64_t count = counted(arguments, place)) return count;
      // No process has such a number; and nobody should wait as long.
      return argument.name == "timeout" ? 1 : 4194400 + place;
    case ArgumentType::kSize:
    case ArgumentType::kUnsigned:
    case ArgumentType::kLong:
    case ArgumentType::kWord:
    case ArgumentType::kOther:
      if (const std::uint64_t count = counted(arguments, place)) return count;
      return 5000 + place;
    case ArgumentType::kNamed:
    case ArgumentType::kNamedWord: {
      std::uint64_t number = 0;
      if (!argument.names->numbers.empty()) number |= argument.names->numbers.front().value;
      if (!argument.names->flags.empty()) number |= argument.names->flags.back().value;
      return number;
    }
    case ArgumentType::kSignal:
      return SIGUSR1;
    case ArgumentType::kStructure:
      // How long it has waited, the kernel writes into the one, and how large it knows it to be
      // into the other.
      if (argument.structure == &structures::kTimeval && argument.name == "timeout") return 0;
      if (argument.structure == &structures::kPerfEventAttr) return nowhere;
      return address_of(memory.patterns[place]);
    case ArgumentType::kBytes:
    case ArgumentType::kStructures:
    case ArgumentType::kMessage:
      return address_of(memory.patterns[place]);
    case ArgumentType::kSocketAddress:
      return address_of(&memory.address);
    case ArgumentType::kTexts:
      return abi == WIRE_ABI_32 ? address_of(memory.texts_32) : address_of(memory.texts_64);
    default:
      return nowhere;
  }
}

struct Made {
  pid_t pid;
  long result;
  bool returned;
};

// What the children tell.
struct Shared {
  Memory memory;
  Made made[WIRE_SYSTEM_CALLS];
};

void lose_all_rights() {
  constexpr int kNobody = 65534;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(kNobody, kNobody, kNobody) != 0 ||
      ::setresuid(kNobody, kNobody, kNobody) != 0) {
    ::_exit(2);
  }
}

#ifdef __x86_64__
// int 0x80 from a 64-bit program.
long call_32(long number, const std::uint64_t (&a)[6]) {
  long result = 0;
  // The sixth argument is in the register that holds the frame.
  asm volatile(
      "push %%rbp\n\t"
      "mov %[sixth], %%rbp\n\t"
      "int $0x80\n\t"
      "pop %%rbp"
      : "=a"(result)
      : "a"(number), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]), [sixth] "r"(a[5])
      : "memory", "r8", "r9", "r10", "r11");
  return result;
}
#else
long call_32(long, const std::uint64_t (&)[6]) { return -ENOSYS; }
#endif

long call_64(long number, const std::uint64_t (&a)[6]) {
  const long result = ::syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  return result == -1 ? -errno : result;
}

// Makes one call in a process of its own, which is killed if it does not come back.
void make(const Call& call, wire_abi abi, Shared& shared) {
  const std::int16_t number = number_of(call, abi);
  Made& made = shared.made[number];
  const pid_t child = ::fork();
  if (child == 0) {
    fill(shared.memory);
    const CallArguments& arguments = registers_of(call, abi);
    std::uint64_t values[6];
    for (std::size_t i = 0; i < 6; ++i) values[i] = given(arguments, i, abi, shared.memory);
    lose_all_rights();
    made.result = abi == WIRE_ABI_32 ? call_32(number, values) : call_64(number, values);
    made.returned = true;
    ::_exit(0);
  }
  made.pid = child;
  constexpr int kTries = 300;
  for (int i = 0; i < kTries && ::waitpid(child, nullptr, WNOHANG) == 0; ++i) ::usleep(10'000);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

class EveryCall : public testing::TestWithParam<wire_abi> {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

TEST_P(EveryCall, IsSeenWithItsArguments) {
  const wire_abi abi = GetParam();
  auto* shared = static_cast<Shared*>(::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                                             MAP_SHARED | MAP_ANONYMOUS | MAP_32BIT, -1, 0));
  ASSERT_NE(shared, MAP_FAILED);
  // Not those of the whole machine, of which there may be more than anybody can read.
  Recorder recorder({"syscall"}, {}, "proc.name startswith outrider_kernel or evt.type = prctl");
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([&] {
    if (::unshare(CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWUTS) != 0) return 1;
    if (abi == WIRE_ABI_32) {
      const pid_t child = ::fork();
      if (child == 0) {
        constexpr long kGetpid = 20;
        ::_exit(call_32(kGetpid, {}) == ::getpid() ? 0 : 1);
      }
      int status = 0;
      ::waitpid(child, &status, 0);
      if (status != 0) return 77;
    }
    for (const Call& call : all_calls()) {
      if (number_of(call, abi) == kNoNumber || kElsewhere.contains(call.name)) continue;
      make(call, abi, *shared);
    }
    return 0;
  });
  if (WEXITSTATUS(recorder.status()) == 77) GTEST_SKIP() << "this kernel has no 32-bit calls";
  ASSERT_EQ(recorder.status(), 0);

  std::map<std::string_view, std::string_view> expected;
  for (const ExpectedCall& each : kExpected64) expected[each.name] = each.shown;
  if (abi == WIRE_ABI_32) {
    for (const ExpectedCall& each : kExpected32) expected[each.name] = each.shown;
  }
  // The process may make the same call for itself, before and after (a sanitizer's runtime): that
  // of each name which is as expected, or else the last.
  std::map<std::pair<std::string, std::string>, const Recorded*> events;
  for (const Recorded& event : recorder.events()) {
    const Recorded*& known = events[std::pair(event.at("proc.pid"), event.at("evt.type"))];
    const auto wanted = expected.find(event.at("evt.type"));
    const auto is_wanted = [&](const Recorded* one) {
      return one != nullptr && wanted != expected.end() &&
             one->at("evt.info").starts_with(wanted->second);
    };
    if (!is_wanted(known)) known = &event;
  }
  std::vector<std::string_view> unseen;
  for (const Call& call : all_calls()) {
    const std::int16_t number = number_of(call, abi);
    if (number == kNoNumber || kElsewhere.contains(call.name)) continue;
    SCOPED_TRACE(call.name);
    const Made& made = shared->made[number];
    const auto event = events.find({std::to_string(made.pid), std::string(call.name)});
    if (event == events.end()) {
      unseen.push_back(call.name);
      continue;
    }
    const Recorded& seen = *event->second;
    // Addresses of the memory are elsewhere each time.
    std::string info = seen.at("evt.info");
    const std::size_t equals = info.rfind(" = ");
    EXPECT_EQ(info.substr(0, equals), expected[call.name]) << "the call";
    Arena arena;
    if (made.returned) {
      const std::string_view result = result_name(made.result, arena);
      if (made.result < 0) {
        EXPECT_EQ(info.substr(equals + 3), result);
      }
      EXPECT_EQ(seen.at("evt.res"), result);
    }
    EXPECT_EQ(seen.at("evt.abi"), abi == WIRE_ABI_32 ? "32" : "64");
  }
  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_EQ(account.kinds[0].lost_total(), 0u);
  // What the kernel itself has skipped is told.
  EXPECT_LE(unseen.size(), account.kinds[0].missed)
      << "not seen: " << testing::PrintToString(unseen);
  ::munmap(shared, sizeof(Shared));
}

INSTANTIATE_TEST_SUITE_P(, EveryCall, testing::Values(WIRE_ABI_64, WIRE_ABI_32),
                         [](const auto& each) {
                           return each.param == WIRE_ABI_64 ? "Of64Bit" : "Of32Bit";
                         });

}  // namespace
}  // namespace outrider
