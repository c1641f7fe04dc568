// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "events/event.h"
#include "support/choices.h"
#include "support/hand_made_event.h"
#include "support/temporary_directory.h"
#include "syscalls/calls.h"
#include "workloads/users.h"

namespace outrider::test {

// Makes events as the engine does, from records such as the kernel programs write: every call of
// the table in both word sizes, requests of an io_uring, execs that failed or not, with texts that
// are whole, cut or could not be read. decode() takes each of them, or the test fails.
//
// Values are those of support/random_values.h. What the kernel cannot write is not made either: a
// base without a relative path, or the object of a call that leaves no descriptor.
class RandomEvents {
 public:
  // What depends on the file system of this machine, and so may differ from run to run.
  enum class Lookups : std::uint8_t { kNone, kSome };

  explicit RandomEvents(Lookups lookups = Lookups::kNone);
  RandomEvents(const RandomEvents&) = delete;
  RandomEvents& operator=(const RandomEvents&) = delete;

  // Valid until the next call.
  const Event& next(Choices& choices);
  // Of this kind, which must be one of kinds().
  const Event& next(Choices& choices, wire_kind kind);

  // Those that it knows how to make; one that has many ways to come about several times.
  std::span<const wire_kind> kinds() const { return kinds_; }

 private:
  struct Way {  // in which an event of a kind comes about
    const Call* call = nullptr;
    wire_abi abi = WIRE_ABI_64;
    bool other = false;  // by Call::other_kind
    bool request = false;
  };
  struct Kind {
    std::unique_ptr<HandMadeEvent> event;
    std::vector<Way> ways;
  };

  void fill_header(HandMadeEvent& made, Choices& choices);
  void fill_file(HandMadeEvent& made, const Way& way, Choices& choices);
  void fill_words(HandMadeEvent& made, Choices& choices);
  void fill_strings(HandMadeEvent& made, Choices& choices);
  void fill_slow(HandMadeEvent& made, Choices& choices);
  void fill_traced(HandMadeEvent& made, const Way& way, Choices& choices);
  void fill_exec(HandMadeEvent& made, Choices& choices);
  void fill_failed_exec(HandMadeEvent& made, const Way& way, Choices& choices);
  void fill_process(HandMadeEvent& made, Choices& choices);
  static void fill_workload(Workload& workload, Choices& choices);

  Lookups lookups_;
  std::uint32_t own_mount_namespace_ = 0;
  std::uint64_t own_root_ = 0;
  // The root of half of them, where users and groups have names.
  TemporaryDirectory root_;
  std::uint64_t root_inode_ = 0;
  UserTable users_;
  std::vector<wire_kind> kinds_;
  std::vector<Kind> by_kind_;
};

// An event in a few lines, for the message of a test that fails: each field and its value.
std::string described(const Event& event);

}  // namespace outrider::test
