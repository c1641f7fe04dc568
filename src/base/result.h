// SPDX-License-Identifier: Apache-2.0
//
// One way to report what can go wrong at run time.
//
// Functions that can fail for reasons outside the program return Result<T>;
// exceptions are for errors of the programmer only. An Error carries a sentence
// for a person (what happened, where, what to do) and the exit code that a
// command ends with because of it. std::expected of GCC 12 has no and_then and
// the like: test, then use.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace outrider {

// The exit codes of every command.
enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,    // found something, or could not do it
  kBadInput = 2,  // the command line or a document is wrong; nothing was changed
};

struct Error {
  std::string message;
  ExitCode code = ExitCode::kFailed;
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string message, ExitCode code = ExitCode::kFailed) {
  return std::unexpected(Error{std::move(message), code});
}

// `what` and the words for the (positive) errno: "open /x: No such file or directory".
std::unexpected<Error> fail_errno(std::string what, int error_number);

}  // namespace outrider
