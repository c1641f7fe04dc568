// SPDX-License-Identifier: Apache-2.0
//
// Numbers of the calls about sockets.
#include <netinet/in.h>
#include <sys/socket.h>

#include "syscalls/number_name_tables.h"

namespace outrider::names {

namespace {

// clang-format off: tables
constexpr NamedValue kFamilies[] = {
    NAMED(AF_UNSPEC), NAMED(AF_UNIX), NAMED(AF_INET), NAMED(AF_AX25), NAMED(AF_IPX),
    NAMED(AF_APPLETALK), NAMED(AF_NETROM), NAMED(AF_BRIDGE), NAMED(AF_ATMPVC), NAMED(AF_X25),
    NAMED(AF_INET6), NAMED(AF_ROSE), NAMED(AF_NETBEUI), NAMED(AF_SECURITY), NAMED(AF_KEY),
    NAMED(AF_NETLINK), NAMED(AF_PACKET), NAMED(AF_ASH), NAMED(AF_ECONET), NAMED(AF_ATMSVC),
    NAMED(AF_RDS), NAMED(AF_SNA), NAMED(AF_IRDA), NAMED(AF_PPPOX), NAMED(AF_WANPIPE),
    NAMED(AF_LLC), NAMED(AF_IB), NAMED(AF_MPLS), NAMED(AF_CAN), NAMED(AF_TIPC),
    NAMED(AF_BLUETOOTH), NAMED(AF_IUCV), NAMED(AF_RXRPC), NAMED(AF_ISDN), NAMED(AF_PHONET),
    NAMED(AF_IEEE802154), NAMED(AF_CAIF), NAMED(AF_ALG), NAMED(AF_NFC), NAMED(AF_VSOCK),
    NAMED(AF_KCM), NAMED(AF_QIPCRTR), NAMED(AF_SMC), NAMED(AF_XDP), {"AF_MCTP", 45}};
// include/linux/net.h
constexpr NamedValue kSocketTypes[] = {
    {"SOCK_STREAM", 1}, {"SOCK_DGRAM", 2}, {"SOCK_RAW", 3}, {"SOCK_RDM", 4},
    {"SOCK_SEQPACKET", 5}, {"SOCK_DCCP", 6}, {"SOCK_PACKET", 10}};
constexpr NamedValue kSocketBits[] = {
    NAMED(SOCK_NONBLOCK), NAMED(SOCK_CLOEXEC)};
// Of AF_INET and AF_INET6; other families have numbers of their own.
constexpr NamedValue kProtocols[] = {
    {"IPPROTO_ICMP", 1}, {"IPPROTO_IGMP", 2}, {"IPPROTO_TCP", 6}, {"IPPROTO_UDP", 17},
    {"IPPROTO_IPV6", 41}, {"IPPROTO_ICMPV6", 58}, {"IPPROTO_SCTP", 132},
    {"IPPROTO_UDPLITE", 136}, {"IPPROTO_RAW", 255}, {"IPPROTO_MPTCP", 262}};
constexpr NamedValue kLevels[] = {
    NAMED(SOL_SOCKET), NAMED(SOL_IP), {"SOL_TCP", 6}, {"SOL_UDP", 17}, NAMED(SOL_IPV6),
    {"SOL_ICMPV6", 58}, {"SOL_SCTP", 132}, {"SOL_RAW", 255}, NAMED(SOL_PACKET),
    {"SOL_NETLINK", 270}, {"SOL_TLS", 282}, {"SOL_XDP", 283}, {"SOL_MPTCP", 284},
    {"SOL_ALG", 279}, {"SOL_BLUETOOTH", 274}, {"SOL_VSOCK", 287}};
// include/uapi/asm-generic/socket.h
constexpr NamedValue kSocketOptions[] = {
    {"SO_DEBUG", 1}, {"SO_REUSEADDR", 2}, {"SO_TYPE", 3}, {"SO_ERROR", 4}, {"SO_DONTROUTE", 5},
    {"SO_BROADCAST", 6}, {"SO_SNDBUF", 7}, {"SO_RCVBUF", 8}, {"SO_KEEPALIVE", 9},
    {"SO_OOBINLINE", 10}, {"SO_NO_CHECK", 11}, {"SO_PRIORITY", 12}, {"SO_LINGER", 13},
    {"SO_BSDCOMPAT", 14}, {"SO_REUSEPORT", 15}, {"SO_PASSCRED", 16}, {"SO_PEERCRED", 17},
    {"SO_RCVLOWAT", 18}, {"SO_SNDLOWAT", 19}, {"SO_RCVTIMEO_OLD", 20}, {"SO_SNDTIMEO_OLD", 21},
    {"SO_BINDTODEVICE", 25}, {"SO_ATTACH_FILTER", 26}, {"SO_DETACH_FILTER", 27},
    {"SO_PEERNAME", 28}, {"SO_TIMESTAMP_OLD", 29}, {"SO_ACCEPTCONN", 30}, {"SO_PEERSEC", 31},
    {"SO_SNDBUFFORCE", 32}, {"SO_RCVBUFFORCE", 33}, {"SO_PASSSEC", 34},
    {"SO_TIMESTAMPNS_OLD", 35}, {"SO_MARK", 36}, {"SO_TIMESTAMPING_OLD", 37},
    {"SO_PROTOCOL", 38}, {"SO_DOMAIN", 39}, {"SO_RXQ_OVFL", 40}, {"SO_WIFI_STATUS", 41},
    {"SO_PEEK_OFF", 42}, {"SO_NOFCS", 43}, {"SO_LOCK_FILTER", 44}, {"SO_SELECT_ERR_QUEUE", 45},
    {"SO_BUSY_POLL", 46}, {"SO_MAX_PACING_RATE", 47}, {"SO_BPF_EXTENSIONS", 48},
    {"SO_INCOMING_CPU", 49}, {"SO_ATTACH_BPF", 50}, {"SO_ATTACH_REUSEPORT_CBPF", 51},
    {"SO_ATTACH_REUSEPORT_EBPF", 52}, {"SO_CNX_ADVICE", 53}, {"SO_MEMINFO", 55},
    {"SO_INCOMING_NAPI_ID", 56}, {"SO_COOKIE", 57}, {"SO_PEERGROUPS", 59}, {"SO_ZEROCOPY", 60},
    {"SO_TXTIME", 61}, {"SO_BINDTOIFINDEX", 62}, {"SO_TIMESTAMP_NEW", 63},
    {"SO_TIMESTAMPNS_NEW", 64}, {"SO_TIMESTAMPING_NEW", 65}, {"SO_RCVTIMEO_NEW", 66},
    {"SO_SNDTIMEO_NEW", 67}, {"SO_DETACH_REUSEPORT_BPF", 68}, {"SO_PREFER_BUSY_POLL", 69},
    {"SO_BUSY_POLL_BUDGET", 70}, {"SO_NETNS_COOKIE", 71}, {"SO_BUF_LOCK", 72},
    {"SO_RESERVE_MEM", 73}, {"SO_TXREHASH", 74}, {"SO_RCVMARK", 75}, {"SO_PASSPIDFD", 76},
    {"SO_PEERPIDFD", 77}, {"SO_DEVMEM_LINEAR", 78}, {"SO_DEVMEM_DMABUF", 79},
    {"SO_DEVMEM_DONTNEED", 80}, {"SO_RCVPRIORITY", 82}, {"SO_PASSRIGHTS", 83},
    {"SO_INQ", 84}};
// include/linux/socket.h
constexpr NamedValue kMessageBits[] = {
    {"MSG_OOB", 1}, {"MSG_PEEK", 2}, {"MSG_DONTROUTE", 4}, {"MSG_CTRUNC", 8}, {"MSG_PROBE", 0x10},
    {"MSG_TRUNC", 0x20}, {"MSG_DONTWAIT", 0x40}, {"MSG_EOR", 0x80}, {"MSG_WAITALL", 0x100},
    {"MSG_FIN", 0x200}, {"MSG_SYN", 0x400}, {"MSG_CONFIRM", 0x800}, {"MSG_RST", 0x1000},
    {"MSG_ERRQUEUE", 0x2000}, {"MSG_NOSIGNAL", 0x4000}, {"MSG_MORE", 0x8000},
    {"MSG_WAITFORONE", 0x10000}, {"MSG_BATCH", 0x40000}, {"MSG_ZEROCOPY", 0x4000000},
    {"MSG_FASTOPEN", 0x20000000}, {"MSG_CMSG_CLOEXEC", 0x40000000}};
constexpr NamedValue kShutdowns[] = {NAMED(SHUT_RD), NAMED(SHUT_WR), NAMED(SHUT_RDWR)};
// include/uapi/linux/net.h
constexpr NamedValue kSocketcalls[] = {
    {"SYS_SOCKET", 1}, {"SYS_BIND", 2}, {"SYS_CONNECT", 3}, {"SYS_LISTEN", 4}, {"SYS_ACCEPT", 5},
    {"SYS_GETSOCKNAME", 6}, {"SYS_GETPEERNAME", 7}, {"SYS_SOCKETPAIR", 8}, {"SYS_SEND", 9},
    {"SYS_RECV", 10}, {"SYS_SENDTO", 11}, {"SYS_RECVFROM", 12}, {"SYS_SHUTDOWN", 13},
    {"SYS_SETSOCKOPT", 14}, {"SYS_GETSOCKOPT", 15}, {"SYS_SENDMSG", 16}, {"SYS_RECVMSG", 17},
    {"SYS_ACCEPT4", 18}, {"SYS_RECVMMSG", 19}, {"SYS_SENDMMSG", 20}};
// include/uapi/linux/ipc.h
constexpr NamedValue kIpcCalls[] = {
    {"SEMOP", 1}, {"SEMGET", 2}, {"SEMCTL", 3}, {"SEMTIMEDOP", 4}, {"MSGSND", 11}, {"MSGRCV", 12},
    {"MSGGET", 13}, {"MSGCTL", 14}, {"SHMAT", 21}, {"SHMDT", 22}, {"SHMGET", 23}, {"SHMCTL", 24}};
// clang-format on

}  // namespace

const NumberNames kFamily{kWhole, kFamilies};
const NumberNames kSocketType{0xf, kSocketTypes, kSocketBits};
const NumberNames kProtocol{kWhole, kProtocols};
const NumberNames kLevel{kWhole, kLevels};
const NumberNames kSocketOption{kWhole, kSocketOptions};
const NumberNames kAcceptFlags{.flags = kSocketBits};
const NumberNames kMessage{.flags = kMessageBits};
const NumberNames kShutdown{kWhole, kShutdowns};
const NumberNames kSocketcall{kWhole, kSocketcalls};
const NumberNames kIpcCall{0xffff, kIpcCalls};

}  // namespace outrider::names
