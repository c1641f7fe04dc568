// SPDX-License-Identifier: Apache-2.0
//
// What calls about sockets tell of the socket: both ends, the protocol, who is the server. From the
// kernel's socket as it is when the call is over; what it does not say, from the address that the
// call was given.
#pragma once

#include "events/descriptor.h"
#include "events/event.h"

namespace outrider {

// In every event's JSON.
extern const FieldDescriptor* const kSocketFields[9];

// Not of every event's JSON: Falco's other names for them.
extern const FieldDescriptor* const kDerivedSocketFields[21];

// Some of them, for kinds that are about sockets but not about addresses.
extern const FieldDescriptor kSocketNumberField, kSocketTypeField, kSocketCookieField;

// "tcp 10.0.0.1:40000->10.0.0.2:80", "unix /run/x.sock".
Value socket_info(const Event& event);

}  // namespace outrider
