// SPDX-License-Identifier: Apache-2.0
//
// Secrets in command lines, masked before anybody sees them (SEMANTICS 10).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace outrider {

// `arguments`, each followed by a NUL (the last may lack it, when a list was cut), with every
// value that looks like a secret written as ***; or nothing, without having allocated memory, if
// there is none to mask. The arguments stay as many as they are, and an environment (KEY=value)
// may be given as well as a command line.
//
// What looks like a secret is said by the tables at the top of redact.cpp: values of options,
// variables, JSON members and query parameters by the words in their names (--password=x,
// --password x, PGPASSWORD=x, "token":"x", ?token=x, X-Api-Key: x), passwords in URLs
// (scheme://user:x@host), credentials after `Bearer`, and options of single programs (mysql -px,
// curl -u user:x). What follows -c, and what ssh and watch are given, is read as a shell would read
// it, roughly. When in doubt a value is masked, and more of it rather than less.
//
// Takes time in proportion to the input and never makes it more than three times as long. A second
// time changes nothing more. Bytes may be anything. Thread-safe.
std::optional<std::string> redact_arguments(std::string_view arguments);

}  // namespace outrider
