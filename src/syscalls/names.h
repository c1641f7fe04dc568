// SPDX-License-Identifier: Apache-2.0
//
// Names for the numbers of system calls: errors, flags, modes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "events/descriptor.h"
#include "language/kernel_value.h"

namespace outrider {

// "SUCCESS" for what is not negative, else the name of the errno ("ENOENT"); also
// those that the kernel keeps to itself (ERESTARTSYS). Memory: static or the arena.
std::string_view result_name(std::int64_t result, Arena& arena);

// "O_WRONLY|O_CREAT|O_CLOEXEC"; unknown bits as a hexadecimal number at the end.
std::string_view open_flag_names(std::uint64_t flags, Arena& arena);
std::string_view at_flag_names(std::uint64_t flags, Arena& arena);
std::string_view rename_flag_names(std::uint64_t flags, Arena& arena);

// The same the other way round: which flags have which name. A name that contains another's bits
// (O_SYNC, O_TMPFILE) hides it. Static.
std::span<const NamedFlag> open_flag_tests();
std::span<const NamedFlag> at_flag_tests();
std::span<const NamedFlag> rename_flag_tests();
// All that these can say, and what it stands for; static. result_names() begins with SUCCESS,
// error_names() lacks it; errors are negative, as calls return them.
std::span<const NamedValue> result_names();
std::span<const NamedValue> error_names();
std::span<const NamedValue> open_flag_values();
std::span<const NamedValue> at_flag_values();
std::span<const NamedValue> rename_flag_values();
std::span<const NamedValue> signal_names();

// Capabilities, by number; static.
std::span<const NamedValue> capability_names();

// "SIGKILL"; "SIGRTMIN+3" and numbers beyond.
std::string_view signal_name(int number, Arena& arena);

}  // namespace outrider
