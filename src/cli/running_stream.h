// SPDX-License-Identifier: Apache-2.0
//
// What commands have in common that show a stream where they were typed.
#pragma once

#include "base/result.h"
#include "streams/output.h"
#include "streams/trace_stream.h"

namespace outrider {

// On standard error.
void print_account(const TraceStream& stream);

// Reads the signals of take_signals(): SIGUSR1 asks for the account, the others for the end. False
// at the end.
bool handle_signals(int descriptor, const TraceStream& stream);

// The exit code that goes with an output, once all was written; says what went wrong with it.
ExitCode end_of(const Output& output);

}  // namespace outrider
