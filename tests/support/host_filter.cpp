// SPDX-License-Identifier: Apache-2.0
#include "support/host_filter.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "base/path.h"
#include "bpf/kernel/decide.h"
#include "events/decode.h"
#include "syscalls/calls.h"
#include "syscalls/event_fields.h"
#include "syscalls/timed_fields.h"
#include "workloads/cgroups.h"

namespace outrider {

namespace {

// As in filter.bpf.c.
constexpr std::size_t kPlainWords = 64;
constexpr std::size_t kWalkMarks = 32;

class Decision {
 public:
  explicit Decision(FilterTables& made) : made_(made), tables_(*made.tables) {}

  void begin(std::uint16_t kind) {
    const filter_set* all = &tables_.sets[FILTER_SET_ALL];
    decide__begin(&candidates_, &tables_.sets[tables_.kinds[kind]], all, all, all);
  }
  void narrow(std::uint32_t set) { decide__narrow(&candidates_, &tables_.sets[set]); }
  [[nodiscard]] bool any_left() const { return candidates_.summary != 0; }

  void number(std::uint32_t dimension, std::uint64_t value) {
    if (tables_.numbers[dimension].count != 0) narrow(decide__number(&tables_, dimension, value));
  }

  void flags(std::optional<std::uint64_t> value) {
    for (std::uint32_t i = 0; i < tables_.flag_tests; ++i) {
      const filter_flag_test& test = tables_.flags[i];
      narrow(!value                               ? test.missing
             : (*value & test.mask) == test.value ? test.equal
                                                  : test.not_equal);
    }
  }

  // A whole text: `end_known` is false if only its first bytes were looked at.
  void text(std::uint32_t dimension, std::string_view text, bool end_known = true) {
    const std::size_t longest = dimension == FILTER_COMM ? FILTER_NAME_MAX : FILTER_PREFIX_MAX;
    std::string whole(text);
    whole += '\0';
    if (tables_.prefixes[dimension].count != 0) {
      narrow(find(made_.prefixes[dimension], tables_.prefixes[dimension],
                  std::string_view(whole).substr(0, longest)));
    }
    if (tables_.suffixes[dimension].count != 0 && end_known) {
      filter_suffix_key key{};
      const std::string padded = std::string(FILTER_SUFFIX_MAX, '\0') + std::string(text);
      decide__suffix(&key, reinterpret_cast<const wire_u8*>(padded.data() + padded.size()),
                     static_cast<wire_u32>(text.size()));
      narrow(find(made_.suffixes[dimension], tables_.suffixes[dimension],
                  {reinterpret_cast<const char*>(key.bytes), key.bits / 8}));
    }
  }

  // As if the agent had told the kernel of the process just now.
  void process(const Event& event) {
    const wire_header& header = *event.header;
    const filter_process known{.start_time = header.start_time,
                               .exec_id = header.exec_id,
                               .generation = tables_.generation,
                               .set = set_of_process(made_, event)};
    narrow(decide__process(&tables_, &known, header.start_time, header.exec_id));
  }

  void workload(const Event& event) {
    const filter_workload known{.generation = tables_.generation,
                                .set = set_of_workload(made_, event)};
    narrow(decide__workload(&tables_, &known));
  }

  void missing(std::uint32_t dimension) {
    narrow(tables_.prefixes[dimension].missing);
    narrow(tables_.suffixes[dimension].missing);
  }

 private:
  static std::uint32_t find(const std::vector<TrieEntry>& entries, const filter_entries& known,
                            std::string_view text) {
    std::uint32_t set = known.otherwise;
    const auto second = text.size() > 1 ? static_cast<wire_u8>(text[1]) : wire_u8{0};
    if (!decide__may_have_entry(&known, second)) return set;
    std::size_t longest = 0;
    for (const TrieEntry& entry : entries) {
      if (entry.key.size() < longest || !text.starts_with(entry.key)) continue;
      longest = entry.key.size();
      set = entry.set;
    }
    return set;
  }

  FilterTables& made_;
  const filter_tables& tables_;
  filter_set candidates_{};
};

bool is_plain(std::string_view path) {
  if (path.size() >= kPlainWords * 8 || !path.starts_with('/') || path.ends_with('/')) return false;
  std::string padded(path);
  padded.append(16, '\0');
  const auto word = [&](std::size_t at) {
    return decide__word(reinterpret_cast<const wire_u8*>(padded.data() + at));
  };
  wire_u64 odd = 0;
  for (std::size_t i = 0; i < path.size(); i += 8) odd |= decide__odd(word(i), word(i + 8));
  return odd == 0;
}

void hold_path(Decision& decision, const wire_file& file, wire_file_string path, bool source) {
  if (file.strings[path].state != WIRE_STRING_WHOLE) return;
  const std::string_view text = string_of(file, path);
  if (!source) decision.text(FILTER_RAW_PATH, text);
  if (is_plain(text)) decision.text(source ? FILTER_SOURCE : FILTER_PATH, text);
}

void hold_object(Decision& decision, const Event& event, const Call& call) {
  const auto& file = event.as<wire_file>();
  const wire_string& object = file.strings[WIRE_FILE_OBJECT];
  if (object.state == WIRE_STRING_MISSING) {
    const bool walked = call.resolve == WIRE_RESOLVE_FIRST ||
                        (call.resolve == WIRE_RESOLVE_RESULT && file.result >= 0);
    if (!walked && (file.result < 0 || event.header->kind == WIRE_OPEN)) {
      decision.missing(FILTER_REAL_PATH);
    }
    return;
  }
  if (object.state != WIRE_STRING_WHOLE || object.flags != WIRE_PATH_REVERSED) return;
  const std::string_view names = string_of(file, WIRE_FILE_OBJECT);
  if (static_cast<std::size_t>(std::ranges::count(names, '\0')) > kWalkMarks) return;
  const std::string_view path = turn_round(names, *event.arena);
  decision.text(FILTER_REAL_PATH, path, path.size() < FILTER_PREFIX_MAX);
}

}  // namespace

bool HostFilter::wants(const Event& event) {
  const wire_header& header = *event.header;
  const bool is_file = header.kind >= WIRE_OPEN && header.kind <= WIRE_TRUNCATE;
  const bool failed_exec = header.kind == WIRE_EXEC && event.as<wire_exec>().result < 0;
  const bool traced = header.kind == WIRE_SYSTEM_CALL || !event.descriptor->calls.empty();
  const bool timed = is_timed(*event.descriptor);
  // The process tables live on the others.
  if (!is_file && !failed_exec && !traced && !timed) return true;

  Decision decision(made_);
  decision.begin(header.kind);
  if (timed) {
    const wire_u64 latency = event.as<wire_timed>().latency;
    if (latency != WIRE_LATENCY_UNKNOWN) decision.number(FILTER_LATENCY, latency);
    decision.number(FILTER_PID, header.pid);
    decision.number(FILTER_TID, header.tid);
    return decision.any_left();
  }
  const wire_u16 number =
      is_file || traced ? event.as<wire_file>().call : event.as<wire_exec>().call;
  const bool compat = (header.flags & WIRE_COMPAT) != 0;
  const bool io_uring = (header.flags & WIRE_IO_URING) != 0;
  decision.number(FILTER_CALL, std::uint64_t{compat} * WIRE_SYSTEM_CALLS + number);
  // A request is judged when it is submitted, and what does not return when it begins.
  if ((header.flags & WIRE_RESULT_UNKNOWN) == 0 && !io_uring)
    decision.number(FILTER_RESULT, decide__signed(result_of(event)));
  decision.number(FILTER_PID, header.pid);
  decision.number(FILTER_TID, header.tid);
  decision.number(FILTER_PPID, header.ppid);
  decision.number(FILTER_SESSION, header.session_id);
  decision.number(FILTER_UID, header.uid);
  decision.number(FILTER_GID, header.gid);
  decision.number(FILTER_LOGIN_UID,
                  decide__signed(header.login_uid == 0xffffffff ? -1 : wire_s64{header.login_uid}));
  decision.number(FILTER_CGROUP, cgroup_number(header.cgroup_id));
  decision.text(FILTER_COMM, {header.comm, ::strnlen(header.comm, sizeof(header.comm))});
  decision.process(event);
  decision.workload(event);
  if (!decision.any_left()) return false;
  // Of these the kernel looks at nothing else.
  if (failed_exec || io_uring || traced) return true;

  const Call* call = call_of(event);
  if (call == nullptr) return true;
  const wire_call wire = to_wire(*call);
  const auto& file = event.as<wire_file>();
  if (wire.flags == WIRE_CREAT_FLAGS) {
    decision.flags(01101);  // O_WRONLY, O_CREAT, O_TRUNC
  } else if (wire.flags == WIRE_NO_ARGUMENT) {
    decision.flags(std::nullopt);
  } else {
    const std::uint64_t value = file.arguments[wire.flags];
    decision.flags(wire.structure == WIRE_NO_ARGUMENT ? value & 0xffffffff : value);
  }
  hold_path(decision, file, WIRE_FILE_PATH, wire.path2 != WIRE_NO_ARGUMENT);
  hold_path(decision, file, WIRE_FILE_PATH2, false);
  hold_object(decision, event, *call);
  return decision.any_left();
}

}  // namespace outrider
