// SPDX-License-Identifier: Apache-2.0
//
// Calls about sockets. Numbers and names are those of the kernel's tables:
// arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, scripts/syscall.tbl.
#include "syscalls/call_table.h"

namespace outrider {

namespace {

using namespace call_table;  // NOLINT(google-build-using-namespace)

constexpr Call kCalls[] = {
    makes_socket(call("socket", 41, 359, 198,
                      {{named("domain", names::kFamily), named("type", names::kSocketType),
                        named("protocol", names::kProtocol)}})),
    call("socketpair", 53, 360, 199,
         {{named("domain", names::kFamily), named("type", names::kSocketType),
           named("protocol", names::kProtocol), structure_out("sv", structures::kDescriptorPair)}}),
    of_socket(call("bind", 49, 361, 200,
                   {{fd("sockfd"), socket_address("addr", 2), integer("addrlen")}})),
    of_socket(call("connect", 42, 362, 203,
                   {{fd("sockfd"), socket_address("addr", 2), integer("addrlen")}})),
    of_socket(call("listen", 50, 363, 201, {{fd("sockfd"), integer("backlog")}})),
    makes_socket(call("accept", 43, kNo, 202,
                      {{fd("sockfd"), socket_address_out("addr", 2),
                        structure_out("addrlen", structures::kInt)}})),
    makes_socket(
        call("accept4", 288, 364, 242,
             {{fd("sockfd"), socket_address_out("addr", 2),
               structure_out("addrlen", structures::kInt), named("flags", names::kAcceptFlags)}})),
    call("getsockname", 51, 367, 204,
         {{fd("sockfd"), socket_address_out("addr", 2),
           structure_out("addrlen", structures::kInt)}}),
    call("getpeername", 52, 368, 205,
         {{fd("sockfd"), socket_address_out("addr", 2),
           structure_out("addrlen", structures::kInt)}}),
    of_socket(call("shutdown", 48, 373, 210, {{fd("sockfd"), named("how", names::kShutdown)}})),
    call("sendto", 44, 369, 206,
         {{fd("sockfd"), bytes("buf", 2), size("len"), named("flags", names::kMessage),
           socket_address("dest_addr", 5), integer("addrlen")}}),
    call("recvfrom", 45, 371, 207,
         {{fd("sockfd"), bytes_out("buf"), size("len"), named("flags", names::kMessage),
           socket_address_out("src_addr", 5), structure_out("addrlen", structures::kInt)}}),
    only(WIRE_WHEN_SENT,
         of_socket(call("sendmsg", 46, 370, 211,
                        {{fd("sockfd"), message("msg"), named("flags", names::kMessage)}}))),
    only(WIRE_WHEN_RECEIVED,
         of_socket(call("recvmsg", 47, 372, 212,
                        {{fd("sockfd"), message("msg"), named("flags", names::kMessage)}}))),
    only(WIRE_WHEN_SENT_MANY,
         of_socket(call("sendmmsg", 307, 345, 269,
                        {{fd("sockfd"), array("msgvec", structures::kMultipleHeader, 2),
                          number("vlen"), named("flags", names::kMessage)}}))),
    only(WIRE_WHEN_RECEIVED_MANY,
         of_socket(call(
             "recvmmsg", 299, 337, 243,
             {{fd("sockfd"), array_out("msgvec", structures::kMultipleHeader), number("vlen"),
               named("flags", names::kMessage), structure("timeout", structures::kTimespec)}}))),
    only(WIRE_WHEN_RECEIVED_MANY,
         of_socket(call(
             "recvmmsg_time64", kNo, 417, kNo,
             {{fd("sockfd"), array_out("msgvec", structures::kMultipleHeader), number("vlen"),
               named("flags", names::kMessage), structure("timeout", structures::kTimespec64)}}))),
    call("setsockopt", 54, 366, 208,
         {{fd("sockfd"), named("level", names::kLevel), named("optname", names::kSocketOption),
           structure("optval", structures::kInt), integer("optlen")}}),
    call("getsockopt", 55, 365, 209,
         {{fd("sockfd"), named("level", names::kLevel), named("optname", names::kSocketOption),
           structure_out("optval", structures::kInt), structure_out("optlen", structures::kInt)}}),
    call("socketcall", kNo, 102, kNo, {{named("call", names::kSocketcall), address("args")}}),
};

}  // namespace

std::span<const Call> calls_of_network() { return kCalls; }

}  // namespace outrider
