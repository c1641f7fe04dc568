// SPDX-License-Identifier: Apache-2.0
//
// Numbers of the calls about memory, and about what processes share.
#include <linux/mempolicy.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "syscalls/number_name_tables.h"

namespace outrider::names {

namespace {

// clang-format off: tables
constexpr NamedValue kNoProtection[] = {NAMED(PROT_NONE)};
constexpr NamedValue kProtectionBits[] = {
    NAMED(PROT_READ), NAMED(PROT_WRITE), NAMED(PROT_EXEC), {"PROT_SEM", 8},
    NAMED(PROT_GROWSDOWN), NAMED(PROT_GROWSUP)};
constexpr NamedValue kMapTypes[] = {
    NAMED(MAP_SHARED), NAMED(MAP_PRIVATE), NAMED(MAP_SHARED_VALIDATE), {"MAP_DROPPABLE", 8}};
constexpr NamedValue kMapBits[] = {
    NAMED(MAP_FIXED), NAMED(MAP_ANONYMOUS),
#if defined(__x86_64__)
    NAMED(MAP_32BIT), {"MAP_ABOVE4G", 0x80},
#endif
    NAMED(MAP_GROWSDOWN), NAMED(MAP_DENYWRITE), NAMED(MAP_EXECUTABLE), NAMED(MAP_LOCKED),
    NAMED(MAP_NORESERVE), NAMED(MAP_POPULATE), NAMED(MAP_NONBLOCK), NAMED(MAP_STACK),
    NAMED(MAP_HUGETLB), NAMED(MAP_SYNC), NAMED(MAP_FIXED_NOREPLACE),
    {"MAP_UNINITIALIZED", 0x4000000}};
constexpr NamedValue kRemapBits[] = {
    NAMED(MREMAP_MAYMOVE), NAMED(MREMAP_FIXED), NAMED(MREMAP_DONTUNMAP)};
// include/uapi/asm-generic/mman-common.h
constexpr NamedValue kMadvices[] = {
    {"MADV_NORMAL", 0}, {"MADV_RANDOM", 1}, {"MADV_SEQUENTIAL", 2}, {"MADV_WILLNEED", 3},
    {"MADV_DONTNEED", 4}, {"MADV_FREE", 8}, {"MADV_REMOVE", 9}, {"MADV_DONTFORK", 10},
    {"MADV_DOFORK", 11}, {"MADV_MERGEABLE", 12}, {"MADV_UNMERGEABLE", 13}, {"MADV_HUGEPAGE", 14},
    {"MADV_NOHUGEPAGE", 15}, {"MADV_DONTDUMP", 16}, {"MADV_DODUMP", 17},
    {"MADV_WIPEONFORK", 18}, {"MADV_KEEPONFORK", 19}, {"MADV_COLD", 20}, {"MADV_PAGEOUT", 21},
    {"MADV_POPULATE_READ", 22}, {"MADV_POPULATE_WRITE", 23}, {"MADV_DONTNEED_LOCKED", 24},
    {"MADV_COLLAPSE", 25}, {"MADV_HWPOISON", 100}, {"MADV_SOFT_OFFLINE", 101},
    {"MADV_GUARD_INSTALL", 102}, {"MADV_GUARD_REMOVE", 103}};
constexpr NamedValue kMsyncBits[] = {NAMED(MS_ASYNC), NAMED(MS_INVALIDATE), NAMED(MS_SYNC)};
constexpr NamedValue kMlock2Bits[] = {NAMED(MLOCK_ONFAULT)};
constexpr NamedValue kMlockAllBits[] = {
    NAMED(MCL_CURRENT), NAMED(MCL_FUTURE), NAMED(MCL_ONFAULT)};
// include/uapi/linux/mempolicy.h
constexpr NamedValue kMempolicies[] = {
    {"MPOL_DEFAULT", 0}, {"MPOL_PREFERRED", 1}, {"MPOL_BIND", 2}, {"MPOL_INTERLEAVE", 3},
    {"MPOL_LOCAL", 4}, {"MPOL_PREFERRED_MANY", 5}, {"MPOL_WEIGHTED_INTERLEAVE", 6}};
constexpr NamedValue kMempolicyBits[] = {
    {"MPOL_F_NUMA_BALANCING", 0x2000}, {"MPOL_F_RELATIVE_NODES", 0x4000},
    {"MPOL_F_STATIC_NODES", 0x8000}};
constexpr NamedValue kMempolicyGetBits[] = {
    {"MPOL_F_NODE", 1}, {"MPOL_F_ADDR", 2}, {"MPOL_F_MEMS_ALLOWED", 4}};
constexpr NamedValue kMoveBits[] = {
    {"MPOL_MF_STRICT", 1}, {"MPOL_MF_MOVE", 2}, {"MPOL_MF_MOVE_ALL", 4}};
constexpr NamedValue kPkeyBits[] = {
    {"PKEY_DISABLE_ACCESS", 1}, {"PKEY_DISABLE_WRITE", 2}};

constexpr NamedValue kIpcBits[] = {NAMED(IPC_CREAT), NAMED(IPC_EXCL), NAMED(IPC_NOWAIT)};
constexpr NamedValue kShmgetBits[] = {
    NAMED(IPC_CREAT), NAMED(IPC_EXCL), NAMED(SHM_HUGETLB), NAMED(SHM_NORESERVE)};
constexpr NamedValue kShmatBits[] = {
    NAMED(SHM_RDONLY), NAMED(SHM_RND), NAMED(SHM_REMAP), NAMED(SHM_EXEC)};
// With the bit of those that know only the newer structures.
constexpr NamedValue kIpc64Bits[] = {{"IPC_64", 0x100}};
constexpr NamedValue kShmCommands[] = {
    NAMED(IPC_RMID), NAMED(IPC_SET), NAMED(IPC_STAT), NAMED(IPC_INFO), NAMED(SHM_LOCK),
    NAMED(SHM_UNLOCK), NAMED(SHM_STAT), NAMED(SHM_INFO), {"SHM_STAT_ANY", 15}};
constexpr NamedValue kSemCommands[] = {
    NAMED(IPC_RMID), NAMED(IPC_SET), NAMED(IPC_STAT), NAMED(IPC_INFO), NAMED(GETPID),
    NAMED(GETVAL), NAMED(GETALL), NAMED(GETNCNT), NAMED(GETZCNT), NAMED(SETVAL), NAMED(SETALL),
    NAMED(SEM_STAT), NAMED(SEM_INFO), {"SEM_STAT_ANY", 20}};
constexpr NamedValue kMsgCommands[] = {
    NAMED(IPC_RMID), NAMED(IPC_SET), NAMED(IPC_STAT), NAMED(IPC_INFO), NAMED(MSG_STAT),
    NAMED(MSG_INFO), {"MSG_STAT_ANY", 13}};
constexpr NamedValue kMessageBits[] = {
    {"MSG_NOERROR", 010000}, {"MSG_EXCEPT", 020000}, {"MSG_COPY", 040000}, NAMED(IPC_NOWAIT)};
// clang-format on

}  // namespace

const NumberNames kProtection{.numbers = kNoProtection, .flags = kProtectionBits};
const NumberNames kMap{0xf, kMapTypes, kMapBits};
const NumberNames kRemap{.flags = kRemapBits};
const NumberNames kMadvise{kWhole, kMadvices};
const NumberNames kMsync{.flags = kMsyncBits};
const NumberNames kMlock2{.flags = kMlock2Bits};
const NumberNames kMlockAll{.flags = kMlockAllBits};
const NumberNames kMempolicy{0x1fff, kMempolicies, kMempolicyBits};
const NumberNames kMempolicyGet{.flags = kMempolicyGetBits};
const NumberNames kMbind{.flags = kMoveBits};
const NumberNames kMovePages{.flags = kMoveBits};
const NumberNames kPkeyAccess{.flags = kPkeyBits};
const NumberNames kIpcGet{.flags = kIpcBits};
const NumberNames kShmget{.flags = kShmgetBits};
const NumberNames kShmat{.flags = kShmatBits};
const NumberNames kShmctl{0xff, kShmCommands, kIpc64Bits};
const NumberNames kSemctl{0xff, kSemCommands, kIpc64Bits};
const NumberNames kMsgctl{0xff, kMsgCommands, kIpc64Bits};
const NumberNames kMessageFlags{.flags = kMessageBits};

}  // namespace outrider::names
