// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "events/descriptor.h"
#include "language/fields.h"

namespace outrider {

// Fields that say who did it, which all kinds have: process, user, cgroup.
std::span<const FieldDescriptor* const> process_fields();

// More of them, of all kinds as well, that follow from those or cost more: only for who names them.
std::span<const FieldDescriptor* const> derived_process_fields();

// And those of what is known beyond its names: rights, groups, namespaces, times, its executable.
std::span<const FieldDescriptor* const> process_fact_fields();

// And those that /proc is asked for when they are read.
std::span<const FieldDescriptor* const> process_now_fields();
std::span<const FieldWithArgument> process_now_fields_with_argument();

// Id of the process group, as the host numbers it.
std::optional<std::uint32_t> group_of(const Event& event);
// The same as its own pid namespace numbers it; 0: its leader is not in there.
std::optional<std::uint32_t> vgroup_of(const Event& event);

// What there are several of: proc.aname[1] is the parent's name.
std::span<const FieldWithArgument> ancestor_fields();
// Those of them that are only known if the tables keep the environment of processes.
inline constexpr std::string_view kEnvironmentFields[] = {"proc.env", "proc.aenv"};

}  // namespace outrider
