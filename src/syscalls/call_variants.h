// SPDX-License-Identifier: Apache-2.0
//
// Calls whose arguments depend on a command: what they are for each. What is not here is shown as a
// number.
#pragma once

#include "syscalls/calls.h"

namespace outrider {

extern const CallVariant kFcntlVariants[26], kPrctlVariants[22];
extern const CallArguments kFcntlCaptured, kPrctlCaptured;

constexpr Call with_fcntl_commands(Call call) {
  call.command = 1;
  call.variants = kFcntlVariants;
  call.captured = &kFcntlCaptured;
  return call;
}

constexpr Call with_prctl_options(Call call) {
  call.command = 0;
  call.variants = kPrctlVariants;
  call.captured = &kPrctlCaptured;
  return call;
}

}  // namespace outrider
