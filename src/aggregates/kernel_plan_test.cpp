// SPDX-License-Identifier: Apache-2.0
#include "aggregates/kernel_plan.h"

#include <gtest/gtest.h>

#include "support/hand_made_event.h"

namespace outrider {
namespace {

using test::HandMadeEvent;

class InKernel : public testing::Test {
 protected:
  AggregateRequest request(const std::vector<std::string_view>& by,
                           wire_measure measure = WIRE_MEASURE_COUNT, std::string_view value = {}) {
    AggregateRequest made{.by = {}, .measure = measure, .value = nullptr};
    for (const std::string_view name : by) {
      made.by.push_back(catalog_.find(name));
      EXPECT_NE(made.by.back(), nullptr) << name;
    }
    if (!value.empty()) made.value = catalog_.find(value);
    return made;
  }

  const FieldCatalog catalog_ = test::catalog_named({"open", "truncate"});
};

TEST_F(InKernel, SaysWhatItCannotDo) {
  struct Case {
    std::vector<std::string_view> by;
    wire_measure measure;
    std::string_view value;
    std::string_view reason;  // empty: it can
    std::size_t key_size;
  };
  const Case kCases[] = {
      {{}, WIRE_MEASURE_COUNT, "", "", 8},
      {{"evt.kind"}, WIRE_MEASURE_COUNT, "", "", 8},
      {{"proc.name"}, WIRE_MEASURE_COUNT, "", "", 24},
      {{"proc.name", "proc.pid", "evt.res"}, WIRE_MEASURE_COUNT, "", "", 40},
      {{"cgroup.id"}, WIRE_MEASURE_SUM, "evt.rawres", "", 16},
      {{}, WIRE_MEASURE_HISTOGRAM, "user.uid", "", 8},
      {{"proc.name", "proc.pid", "evt.res", "user.uid"},
       WIRE_MEASURE_COUNT,
       "",
       "there are too many fields in --by",
       0},
      {{"proc.name", "fd.name"}, WIRE_MEASURE_COUNT, "", "fd.name is only in whole events", 0},
      {{}, WIRE_MEASURE_SUM, "evt.arg.length", "evt.arg.length is only in whole events", 0},
      {{}, WIRE_MEASURE_SUM, "cgroup.id", "cgroup.id may be too large a number", 0},
  };
  for (const Case& c : kCases) {
    const auto made = in_kernel(request(c.by, c.measure, c.value));
    EXPECT_EQ(made ? "" : made.error(), c.reason);
    if (!made) continue;
    EXPECT_EQ(made->active, 1);
    EXPECT_EQ(made->measure, c.measure);
    EXPECT_EQ(key_size_of(*made), c.key_size);
  }
}

// What the kernel puts into a key for an event, as aggregate__word() has it.
std::uint64_t word_of(const wire_file& event, wire_u8 source) {
  std::uint64_t comm[2];
  std::memcpy(comm, event.header.comm, sizeof(comm));
  switch (source) {
    case WIRE_SOURCE_RESULT:
      return static_cast<std::uint64_t>(event.result);
    case WIRE_SOURCE_ERROR:
      return event.result < 0 ? static_cast<std::uint64_t>(event.result) : 0;
    case WIRE_SOURCE_COMM:
      return comm[0];
    case WIRE_SOURCE_COMM_END:
      return comm[1];
    case WIRE_SOURCE_PID:
      return event.header.pid;
    case WIRE_SOURCE_TID:
      return event.header.tid;
    case WIRE_SOURCE_PPID:
      return event.header.ppid;
    case WIRE_SOURCE_UID:
      return event.header.uid;
    case WIRE_SOURCE_GID:
      return event.header.gid;
    case WIRE_SOURCE_CGROUP:
      return event.header.cgroup_id;
    default:
      return 0;
  }
}

// Each field reads the same from the event of a group as from the event itself: then both are in
// one group.
TEST_F(InKernel, FieldsReadAsTheyDoFromTheRecord) {
  for (const std::int64_t result : {-2, 0, 5}) {
    for (const bool compat : {false, true}) {
      HandMadeEvent made("open");
      made.set_comm("a name, whole");
      made.header().pid = 11;
      made.header().tid = 12;
      made.header().ppid = 13;
      made.header().uid = 14;
      made.header().gid = 4294967295;
      made.header().cgroup_id = 0x1'0000'0001;
      made.as<wire_file>().result = result;
      made.as<wire_file>().call = compat ? 295 : 257;
      if (compat) made.header().flags |= WIRE_COMPAT;
      for (const std::vector<std::string_view>& by : {
               std::vector<std::string_view>{"evt.kind", "evt.type", "evt.res", "evt.rawres"},
               {"evt.rawres", "evt.res"},
               {"proc.name", "proc.pid", "thread.tid"},
               {"proc.ppid", "user.uid", "group.gid", "cgroup.id"},
           }) {
        const auto aggregation = in_kernel(request(by));
        ASSERT_TRUE(aggregation.has_value()) << aggregation.error();
        wire_group group{};
        group.kind = WIRE_OPEN;
        group.call = made.as<wire_file>().call;
        group.flags = made.header().flags;
        const Event& event = made.get();
        for (std::size_t i = 0; i < WIRE_GROUP_WORDS; ++i) {
          group.words[i] = word_of(event.as<wire_file>(), aggregation->sources[i]);
        }
        const wire_file again = event_of(*aggregation, group);
        for (const std::string_view name : by) {
          const FieldDescriptor& field = *catalog_.find(name)->by_kind[WIRE_OPEN];
          Event other;
          Arena arena;
          other.arena = &arena;
          other.descriptor = event.descriptor;
          other.header = &again.header;
          EXPECT_EQ(test::shown(field.type, field.read(other)),
                    test::shown(field.type, field.read(event)))
              << name;
        }
      }
    }
  }
}

TEST_F(InKernel, PortionsAreOfAllCpus) {
  wire_group group{};
  group.slot = 12;
  const wire_portion by_cpu[] = {{.count = 2, .sum = -5}, {.count = 0, .sum = 0}, {1, 3}};
  const Portion portion = portion_of(group, by_cpu);
  EXPECT_EQ(portion.count, 3U);
  EXPECT_EQ(portion.sum, -2);
  EXPECT_EQ(portion.slot, 12U);
}

}  // namespace
}  // namespace outrider
