// SPDX-License-Identifier: Apache-2.0
//
// Numbers of the calls about files, descriptors and mounts.
#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/falloc.h>
#include <linux/fanotify.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/memfd.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/quota.h>
#include <linux/sockios.h>
#include <linux/xattr.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "syscalls/number_name_tables.h"

namespace outrider::names {

namespace {

// clang-format off: tables
constexpr NamedValue kAccessModes[] = {
    NAMED(F_OK), NAMED(X_OK), NAMED(W_OK), {"W_OK|X_OK", 3}, NAMED(R_OK), {"R_OK|X_OK", 5},
    {"R_OK|W_OK", 6}, {"R_OK|W_OK|X_OK", 7}};
constexpr NamedValue kAccessAtBits[] = {
    NAMED(AT_SYMLINK_NOFOLLOW), {"AT_EACCESS", 0x200}, NAMED(AT_EMPTY_PATH)};

// include/uapi/linux/fcntl.h; the 64-bit ones are of 32-bit processes.
constexpr NamedValue kFcntlCommands[] = {
    {"F_DUPFD", 0}, {"F_GETFD", 1}, {"F_SETFD", 2}, {"F_GETFL", 3}, {"F_SETFL", 4},
    {"F_GETLK", 5}, {"F_SETLK", 6}, {"F_SETLKW", 7}, {"F_SETOWN", 8}, {"F_GETOWN", 9},
    {"F_SETSIG", 10}, {"F_GETSIG", 11}, {"F_GETLK64", 12}, {"F_SETLK64", 13}, {"F_SETLKW64", 14},
    {"F_SETOWN_EX", 15}, {"F_GETOWN_EX", 16}, {"F_GETOWNER_UIDS", 17},
    {"F_OFD_GETLK", 36}, {"F_OFD_SETLK", 37}, {"F_OFD_SETLKW", 38},
    {"F_SETLEASE", 1024}, {"F_GETLEASE", 1025}, {"F_NOTIFY", 1026}, {"F_DUPFD_QUERY", 1027},
    {"F_CREATED_QUERY", 1028}, {"F_CANCELLK", 1029}, {"F_DUPFD_CLOEXEC", 1030},
    {"F_SETPIPE_SZ", 1031}, {"F_GETPIPE_SZ", 1032}, {"F_ADD_SEALS", 1033},
    {"F_GET_SEALS", 1034}, {"F_GET_RW_HINT", 1035}, {"F_SET_RW_HINT", 1036},
    {"F_GET_FILE_RW_HINT", 1037}, {"F_SET_FILE_RW_HINT", 1038}};

constexpr NamedValue kDescriptorBits[] = {{"FD_CLOEXEC", 1}};
constexpr NamedValue kSealBits[] = {
    {"F_SEAL_SEAL", 1}, {"F_SEAL_SHRINK", 2}, {"F_SEAL_GROW", 4}, {"F_SEAL_WRITE", 8},
    {"F_SEAL_FUTURE_WRITE", 0x10}, {"F_SEAL_EXEC", 0x20}};
constexpr NamedValue kLeaseTypes[] = {{"F_RDLCK", 0}, {"F_WRLCK", 1}, {"F_UNLCK", 2}};
constexpr NamedValue kNotifyBits[] = {
    {"DN_ACCESS", 1}, {"DN_MODIFY", 2}, {"DN_CREATE", 4}, {"DN_DELETE", 8}, {"DN_RENAME", 0x10},
    {"DN_ATTRIB", 0x20}, {"DN_MULTISHOT", 0x80000000}};
// include/uapi/asm-generic/fcntl.h
constexpr NamedValue kLockBits[] = {
    {"LOCK_SH", 1}, {"LOCK_EX", 2}, {"LOCK_NB", 4}, {"LOCK_UN", 8}, {"LOCK_MAND", 32},
    {"LOCK_READ", 64}, {"LOCK_WRITE", 128}};
constexpr NamedValue kSeekFrom[] = {
    NAMED(SEEK_SET), NAMED(SEEK_CUR), NAMED(SEEK_END), NAMED(SEEK_DATA), NAMED(SEEK_HOLE)};
constexpr NamedValue kFileTypes[] = {
    NAMED(S_IFREG), NAMED(S_IFDIR), NAMED(S_IFCHR), NAMED(S_IFBLK), NAMED(S_IFIFO),
    NAMED(S_IFSOCK), NAMED(S_IFLNK)};
constexpr NamedValue kModeBits[] = {
    NAMED(S_ISUID), NAMED(S_ISGID), NAMED(S_ISVTX), {"S_IRWXU", 0700}, {"S_IRUSR", 0400},
    {"S_IWUSR", 0200}, {"S_IXUSR", 0100}, {"S_IRWXG", 0070}, {"S_IRGRP", 0040},
    {"S_IWGRP", 0020}, {"S_IXGRP", 0010}, {"S_IRWXO", 0007}, {"S_IROTH", 0004},
    {"S_IWOTH", 0002}, {"S_IXOTH", 0001}};
constexpr NamedValue kFallocateBits[] = {
    {"FALLOC_FL_KEEP_SIZE", 1}, {"FALLOC_FL_PUNCH_HOLE", 2}, {"FALLOC_FL_NO_HIDE_STALE", 4},
    {"FALLOC_FL_COLLAPSE_RANGE", 8}, {"FALLOC_FL_ZERO_RANGE", 0x10},
    {"FALLOC_FL_INSERT_RANGE", 0x20}, {"FALLOC_FL_UNSHARE_RANGE", 0x40},
    {"FALLOC_FL_WRITE_ZEROES", 0x80}};
constexpr NamedValue kAdvices[] = {
    NAMED(POSIX_FADV_NORMAL), NAMED(POSIX_FADV_RANDOM), NAMED(POSIX_FADV_SEQUENTIAL),
    NAMED(POSIX_FADV_WILLNEED), NAMED(POSIX_FADV_DONTNEED), NAMED(POSIX_FADV_NOREUSE)};
constexpr NamedValue kSyncRangeBits[] = {
    {"SYNC_FILE_RANGE_WAIT_BEFORE", 1}, {"SYNC_FILE_RANGE_WRITE", 2},
    {"SYNC_FILE_RANGE_WAIT_AFTER", 4}};
// include/linux/splice.h
constexpr NamedValue kSpliceBits[] = {
    {"SPLICE_F_MOVE", 1}, {"SPLICE_F_NONBLOCK", 2}, {"SPLICE_F_MORE", 4}, {"SPLICE_F_GIFT", 8}};
// include/uapi/linux/fs.h
constexpr NamedValue kReadWriteBits[] = {
    {"RWF_HIPRI", 1}, {"RWF_DSYNC", 2}, {"RWF_SYNC", 4}, {"RWF_NOWAIT", 8}, {"RWF_APPEND", 0x10},
    {"RWF_NOAPPEND", 0x20}, {"RWF_ATOMIC", 0x40}, {"RWF_DONTCACHE", 0x80}};
constexpr NamedValue kXattrBits[] = {NAMED(XATTR_CREATE), NAMED(XATTR_REPLACE)};
// include/uapi/linux/fcntl.h
constexpr NamedValue kStatxBits[] = {
    NAMED(AT_SYMLINK_NOFOLLOW), NAMED(AT_NO_AUTOMOUNT), NAMED(AT_EMPTY_PATH),
    {"AT_STATX_FORCE_SYNC", 0x2000}, {"AT_STATX_DONT_SYNC", 0x4000}};
// include/uapi/linux/stat.h
constexpr NamedValue kStatxMaskBits[] = {
    {"STATX_BASIC_STATS", 0x7ff}, {"STATX_TYPE", 1}, {"STATX_MODE", 2}, {"STATX_NLINK", 4},
    {"STATX_UID", 8}, {"STATX_GID", 0x10}, {"STATX_ATIME", 0x20}, {"STATX_MTIME", 0x40},
    {"STATX_CTIME", 0x80}, {"STATX_INO", 0x100}, {"STATX_SIZE", 0x200}, {"STATX_BLOCKS", 0x400},
    {"STATX_BTIME", 0x800}, {"STATX_MNT_ID", 0x1000}, {"STATX_DIOALIGN", 0x2000},
    {"STATX_MNT_ID_UNIQUE", 0x4000}, {"STATX_SUBVOL", 0x8000}, {"STATX_WRITE_ATOMIC", 0x10000},
    {"STATX_DIO_READ_ALIGN", 0x20000}};

constexpr NamedValue kInotifyInitBits[] = {
    {"IN_NONBLOCK", O_NONBLOCK}, {"IN_CLOEXEC", O_CLOEXEC}};
constexpr NamedValue kInotifyBits[] = {
    NAMED(IN_ALL_EVENTS), NAMED(IN_ACCESS), NAMED(IN_MODIFY), NAMED(IN_ATTRIB),
    NAMED(IN_CLOSE_WRITE), NAMED(IN_CLOSE_NOWRITE), NAMED(IN_OPEN), NAMED(IN_MOVED_FROM),
    NAMED(IN_MOVED_TO), NAMED(IN_CREATE), NAMED(IN_DELETE), NAMED(IN_DELETE_SELF),
    NAMED(IN_MOVE_SELF), NAMED(IN_UNMOUNT), NAMED(IN_Q_OVERFLOW), NAMED(IN_IGNORED),
    NAMED(IN_ONLYDIR), NAMED(IN_DONT_FOLLOW), NAMED(IN_EXCL_UNLINK), NAMED(IN_MASK_CREATE),
    NAMED(IN_MASK_ADD), NAMED(IN_ISDIR), NAMED(IN_ONESHOT)};
// include/uapi/linux/fanotify.h
constexpr NamedValue kFanotifyClasses[] = {
    NAMED(FAN_CLASS_NOTIF), NAMED(FAN_CLASS_CONTENT), NAMED(FAN_CLASS_PRE_CONTENT)};
constexpr NamedValue kFanotifyInitBits[] = {
    NAMED(FAN_CLOEXEC), NAMED(FAN_NONBLOCK), NAMED(FAN_UNLIMITED_QUEUE),
    NAMED(FAN_UNLIMITED_MARKS), NAMED(FAN_ENABLE_AUDIT), NAMED(FAN_REPORT_PIDFD),
    NAMED(FAN_REPORT_TID), NAMED(FAN_REPORT_FID), NAMED(FAN_REPORT_DIR_FID),
    NAMED(FAN_REPORT_NAME), NAMED(FAN_REPORT_TARGET_FID), {"FAN_REPORT_FD_ERROR", 0x2000},
    {"FAN_REPORT_MNT", 0x4000}};
constexpr NamedValue kFanotifyMarkBits[] = {
    NAMED(FAN_MARK_ADD), NAMED(FAN_MARK_REMOVE), NAMED(FAN_MARK_DONT_FOLLOW),
    NAMED(FAN_MARK_ONLYDIR), NAMED(FAN_MARK_MOUNT), NAMED(FAN_MARK_IGNORED_MASK),
    NAMED(FAN_MARK_IGNORED_SURV_MODIFY), NAMED(FAN_MARK_FLUSH), NAMED(FAN_MARK_FILESYSTEM),
    NAMED(FAN_MARK_EVICTABLE), NAMED(FAN_MARK_IGNORE)};
constexpr NamedValue kFanotifyBits[] = {
    NAMED(FAN_ACCESS), NAMED(FAN_MODIFY), NAMED(FAN_ATTRIB), NAMED(FAN_CLOSE_WRITE),
    NAMED(FAN_CLOSE_NOWRITE), NAMED(FAN_OPEN), NAMED(FAN_MOVED_FROM), NAMED(FAN_MOVED_TO),
    NAMED(FAN_CREATE), NAMED(FAN_DELETE), NAMED(FAN_DELETE_SELF), NAMED(FAN_MOVE_SELF),
    NAMED(FAN_OPEN_EXEC), NAMED(FAN_Q_OVERFLOW), NAMED(FAN_FS_ERROR), NAMED(FAN_OPEN_PERM),
    NAMED(FAN_ACCESS_PERM), NAMED(FAN_OPEN_EXEC_PERM), {"FAN_PRE_ACCESS", 0x100000},
    {"FAN_MNT_ATTACH", 0x1000000}, {"FAN_MNT_DETACH", 0x2000000},
    NAMED(FAN_EVENT_ON_CHILD), NAMED(FAN_RENAME), NAMED(FAN_ONDIR)};

// include/uapi/linux/mount.h
constexpr NamedValue kMountBits[] = {
    NAMED(MS_RDONLY), NAMED(MS_NOSUID), NAMED(MS_NODEV), NAMED(MS_NOEXEC), NAMED(MS_SYNCHRONOUS),
    NAMED(MS_REMOUNT), NAMED(MS_MANDLOCK), NAMED(MS_DIRSYNC), NAMED(MS_NOSYMFOLLOW),
    NAMED(MS_NOATIME), NAMED(MS_NODIRATIME), NAMED(MS_BIND), NAMED(MS_MOVE), NAMED(MS_REC),
    NAMED(MS_SILENT), NAMED(MS_POSIXACL), NAMED(MS_UNBINDABLE), NAMED(MS_PRIVATE),
    NAMED(MS_SLAVE), NAMED(MS_SHARED), NAMED(MS_RELATIME), NAMED(MS_KERNMOUNT),
    NAMED(MS_I_VERSION), NAMED(MS_STRICTATIME), NAMED(MS_LAZYTIME)};
// include/linux/fs.h
constexpr NamedValue kUmountBits[] = {
    {"MNT_FORCE", 1}, {"MNT_DETACH", 2}, {"MNT_EXPIRE", 4}, {"UMOUNT_NOFOLLOW", 8}};
constexpr NamedValue kFsopenBits[] = {NAMED(FSOPEN_CLOEXEC)};
constexpr NamedValue kFsmountBits[] = {NAMED(FSMOUNT_CLOEXEC)};
constexpr NamedValue kMountAttributeBits[] = {
    NAMED(MOUNT_ATTR_RDONLY), NAMED(MOUNT_ATTR_NOSUID), NAMED(MOUNT_ATTR_NODEV),
    NAMED(MOUNT_ATTR_NOEXEC), NAMED(MOUNT_ATTR_NOATIME), NAMED(MOUNT_ATTR_STRICTATIME),
    NAMED(MOUNT_ATTR_NODIRATIME), NAMED(MOUNT_ATTR_IDMAP), NAMED(MOUNT_ATTR_NOSYMFOLLOW)};
constexpr NamedValue kFspickBits[] = {
    NAMED(FSPICK_CLOEXEC), NAMED(FSPICK_SYMLINK_NOFOLLOW), NAMED(FSPICK_NO_AUTOMOUNT),
    NAMED(FSPICK_EMPTY_PATH)};
constexpr NamedValue kFsconfigCommands[] = {
    NAMED(FSCONFIG_SET_FLAG), NAMED(FSCONFIG_SET_STRING), NAMED(FSCONFIG_SET_BINARY),
    NAMED(FSCONFIG_SET_PATH), NAMED(FSCONFIG_SET_PATH_EMPTY), NAMED(FSCONFIG_SET_FD),
    NAMED(FSCONFIG_CMD_CREATE), NAMED(FSCONFIG_CMD_RECONFIGURE), {"FSCONFIG_CMD_CREATE_EXCL", 8}};
constexpr NamedValue kMoveMountBits[] = {
    NAMED(MOVE_MOUNT_F_SYMLINKS), NAMED(MOVE_MOUNT_F_AUTOMOUNTS), NAMED(MOVE_MOUNT_F_EMPTY_PATH),
    NAMED(MOVE_MOUNT_T_SYMLINKS), NAMED(MOVE_MOUNT_T_AUTOMOUNTS), NAMED(MOVE_MOUNT_T_EMPTY_PATH),
    NAMED(MOVE_MOUNT_SET_GROUP), {"MOVE_MOUNT_BENEATH", 0x200}};
constexpr NamedValue kOpenTreeBits[] = {
    NAMED(OPEN_TREE_CLONE), NAMED(OPEN_TREE_CLOEXEC), NAMED(AT_SYMLINK_NOFOLLOW),
    NAMED(AT_NO_AUTOMOUNT), NAMED(AT_EMPTY_PATH), {"AT_RECURSIVE", 0x8000}};
constexpr NamedValue kMountSetattrBits[] = {
    NAMED(AT_SYMLINK_NOFOLLOW), NAMED(AT_NO_AUTOMOUNT), NAMED(AT_EMPTY_PATH),
    {"AT_RECURSIVE", 0x8000}};
// include/uapi/linux/openat2.h
constexpr NamedValue kResolveBits[] = {
    NAMED(RESOLVE_NO_XDEV), NAMED(RESOLVE_NO_MAGICLINKS), NAMED(RESOLVE_NO_SYMLINKS),
    NAMED(RESOLVE_BENEATH), NAMED(RESOLVE_IN_ROOT), NAMED(RESOLVE_CACHED)};
// include/uapi/linux/fcntl.h
constexpr NamedValue kNameToHandleBits[] = {
    {"AT_HANDLE_MNT_ID_UNIQUE", 1}, {"AT_HANDLE_CONNECTABLE", 2}, {"AT_HANDLE_FID", 0x200},
    NAMED(AT_SYMLINK_FOLLOW), NAMED(AT_EMPTY_PATH)};
constexpr NamedValue kSwapBits[] = {
    NAMED(SWAP_FLAG_PREFER), NAMED(SWAP_FLAG_DISCARD), {"SWAP_FLAG_DISCARD_ONCE", 0x20000},
    {"SWAP_FLAG_DISCARD_PAGES", 0x40000}};
// include/uapi/linux/quota.h: the command, and in the lowest byte the type of quota.
constexpr NamedValue kQuotaCommands[] = {
    {"Q_SYNC", 0x80000100}, {"Q_QUOTAON", 0x80000200}, {"Q_QUOTAOFF", 0x80000300},
    {"Q_GETFMT", 0x80000400}, {"Q_GETINFO", 0x80000500}, {"Q_SETINFO", 0x80000600},
    {"Q_GETQUOTA", 0x80000700}, {"Q_SETQUOTA", 0x80000800}, {"Q_GETNEXTQUOTA", 0x80000900},
    {"Q_XQUOTAON", 0x580100}, {"Q_XQUOTAOFF", 0x580200}, {"Q_XGETQUOTA", 0x580300},
    {"Q_XSETQLIM", 0x580400}, {"Q_XGETQSTAT", 0x580500}, {"Q_XQUOTARM", 0x580600},
    {"Q_XQUOTASYNC", 0x580700}, {"Q_XGETQSTATV", 0x580800}, {"Q_XGETNEXTQUOTA", 0x580900}};
constexpr NamedValue kQuotaTypes[] = {{"PRJQUOTA", 2}, {"GRPQUOTA", 1}};

constexpr NamedValue kEpollCommands[] = {
    NAMED(EPOLL_CTL_ADD), NAMED(EPOLL_CTL_DEL), NAMED(EPOLL_CTL_MOD)};
constexpr NamedValue kEpollBits[] = {
    NAMED(EPOLLIN), NAMED(EPOLLPRI), NAMED(EPOLLOUT), NAMED(EPOLLERR), NAMED(EPOLLHUP),
    NAMED(EPOLLRDNORM), NAMED(EPOLLRDBAND), NAMED(EPOLLWRNORM), NAMED(EPOLLWRBAND),
    NAMED(EPOLLMSG), NAMED(EPOLLRDHUP), NAMED(EPOLLEXCLUSIVE), NAMED(EPOLLWAKEUP),
    NAMED(EPOLLONESHOT), NAMED(EPOLLET)};
constexpr NamedValue kEpollCreateBits[] = {NAMED(EPOLL_CLOEXEC)};
constexpr NamedValue kEventfdBits[] = {
    NAMED(EFD_SEMAPHORE), NAMED(EFD_NONBLOCK), NAMED(EFD_CLOEXEC)};
constexpr NamedValue kSignalfdBits[] = {NAMED(SFD_NONBLOCK), NAMED(SFD_CLOEXEC)};
constexpr NamedValue kTimerfdBits[] = {NAMED(TFD_NONBLOCK), NAMED(TFD_CLOEXEC)};
constexpr NamedValue kTimerfdSetBits[] = {
    NAMED(TFD_TIMER_ABSTIME), NAMED(TFD_TIMER_CANCEL_ON_SET)};
constexpr NamedValue kPipeBits[] = {
    NAMED(O_NONBLOCK), NAMED(O_DIRECT), {"O_NOTIFICATION_PIPE", O_EXCL}, NAMED(O_CLOEXEC)};
constexpr NamedValue kDupBits[] = {NAMED(O_CLOEXEC)};
constexpr NamedValue kCloseRangeBits[] = {
    NAMED(CLOSE_RANGE_UNSHARE), NAMED(CLOSE_RANGE_CLOEXEC)};
constexpr NamedValue kMemfdBits[] = {
    NAMED(MFD_CLOEXEC), NAMED(MFD_ALLOW_SEALING), NAMED(MFD_HUGETLB), {"MFD_NOEXEC_SEAL", 8},
    {"MFD_EXEC", 0x10}};
constexpr NamedValue kPollBits[] = {
    {"POLLIN", 1}, {"POLLPRI", 2}, {"POLLOUT", 4}, {"POLLERR", 8}, {"POLLHUP", 0x10},
    {"POLLNVAL", 0x20}, {"POLLRDNORM", 0x40}, {"POLLRDBAND", 0x80}, {"POLLWRNORM", 0x100},
    {"POLLWRBAND", 0x200}, {"POLLMSG", 0x400}, {"POLLREMOVE", 0x1000}, {"POLLRDHUP", 0x2000}};

// Those of terminals, sockets, interfaces, disks and files that are met most.
constexpr NamedValue kIoctls[] = {
    NAMED(TCGETS), NAMED(TCSETS), NAMED(TCSETSW), NAMED(TCSETSF), NAMED(TCSBRK), NAMED(TCXONC),
    NAMED(TCFLSH), NAMED(TIOCEXCL), NAMED(TIOCNXCL), NAMED(TIOCSCTTY), NAMED(TIOCGPGRP),
    NAMED(TIOCSPGRP), NAMED(TIOCOUTQ), NAMED(TIOCSTI), NAMED(TIOCGWINSZ), NAMED(TIOCSWINSZ),
    NAMED(TIOCMGET), NAMED(TIOCMSET), NAMED(FIONREAD), NAMED(TIOCLINUX), NAMED(TIOCCONS), {"TIOCVHANGUP", 0x5437},
    NAMED(FIONBIO), NAMED(TIOCNOTTY), NAMED(TIOCGETD), NAMED(TIOCSETD), NAMED(TIOCGSID),
    NAMED(TIOCGPTN), NAMED(TIOCSPTLCK), NAMED(TIOCGPTPEER), NAMED(FIONCLEX), NAMED(FIOCLEX),
    NAMED(FIOASYNC), NAMED(SIOCADDRT), NAMED(SIOCDELRT), NAMED(SIOCGIFNAME), NAMED(SIOCGIFCONF),
    NAMED(SIOCGIFFLAGS), NAMED(SIOCSIFFLAGS), NAMED(SIOCGIFADDR), NAMED(SIOCSIFADDR),
    NAMED(SIOCGIFBRDADDR), NAMED(SIOCSIFBRDADDR), NAMED(SIOCGIFNETMASK), NAMED(SIOCSIFNETMASK),
    NAMED(SIOCGIFMETRIC), NAMED(SIOCGIFMTU), NAMED(SIOCSIFMTU), NAMED(SIOCSIFNAME),
    NAMED(SIOCGIFHWADDR), NAMED(SIOCSIFHWADDR), NAMED(SIOCGIFINDEX), NAMED(SIOCETHTOOL),
    NAMED(SIOCGARP), NAMED(SIOCSARP), NAMED(SIOCBONDENSLAVE), NAMED(SIOCBRADDBR),
    NAMED(SIOCBRDELBR), NAMED(SIOCBRADDIF), NAMED(SIOCBRDELIF), NAMED(BLKROSET), NAMED(BLKROGET),
    NAMED(BLKRRPART), NAMED(BLKGETSIZE), NAMED(BLKFLSBUF), NAMED(BLKSSZGET), NAMED(BLKBSZGET),
    NAMED(BLKBSZSET), NAMED(BLKGETSIZE64), NAMED(BLKDISCARD), NAMED(BLKZEROOUT), NAMED(FIBMAP),
    NAMED(FIGETBSZ), NAMED(FIFREEZE), NAMED(FITHAW), NAMED(FITRIM), NAMED(FICLONE),
    NAMED(FICLONERANGE), NAMED(FIDEDUPERANGE), NAMED(FS_IOC_GETFLAGS), NAMED(FS_IOC_SETFLAGS),
    NAMED(FS_IOC_FIEMAP), NAMED(FS_IOC_FSGETXATTR), NAMED(FS_IOC_FSSETXATTR),
    // include/uapi/linux/loop.h, if_tun.h, kvm.h, perf_event.h
    {"LOOP_SET_FD", 0x4c00}, {"LOOP_CLR_FD", 0x4c01}, {"LOOP_SET_STATUS64", 0x4c04},
    {"LOOP_GET_STATUS64", 0x4c05}, {"LOOP_CTL_GET_FREE", 0x4c82}, {"LOOP_CONFIGURE", 0x4c0a},
    {"TUNSETIFF", 0x400454ca}, {"TUNSETPERSIST", 0x400454cb}, {"TUNGETIFF", 0x800454d2},
    {"KVM_GET_API_VERSION", 0xae00}, {"KVM_CREATE_VM", 0xae01}, {"KVM_CHECK_EXTENSION", 0xae03},
    {"KVM_CREATE_VCPU", 0xae41}, {"KVM_RUN", 0xae80}, {"PERF_EVENT_IOC_ENABLE", 0x2400},
    {"PERF_EVENT_IOC_DISABLE", 0x2401}, {"PERF_EVENT_IOC_RESET", 0x2403},
    {"PERF_EVENT_IOC_SET_BPF", 0x40042408}};

constexpr NamedValue kUringEnterBits[] = {
    NAMED(IORING_ENTER_GETEVENTS), NAMED(IORING_ENTER_SQ_WAKEUP), NAMED(IORING_ENTER_SQ_WAIT),
    NAMED(IORING_ENTER_EXT_ARG), NAMED(IORING_ENTER_REGISTERED_RING),
    {"IORING_ENTER_ABS_TIMER", 0x20}, {"IORING_ENTER_EXT_ARG_REG", 0x40},
    {"IORING_ENTER_NO_IOWAIT", 0x80}};
// include/uapi/linux/io_uring.h
constexpr NamedValue kUringRegisterCodes[] = {
    {"IORING_REGISTER_BUFFERS", 0}, {"IORING_UNREGISTER_BUFFERS", 1},
    {"IORING_REGISTER_FILES", 2}, {"IORING_UNREGISTER_FILES", 3}, {"IORING_REGISTER_EVENTFD", 4},
    {"IORING_UNREGISTER_EVENTFD", 5}, {"IORING_REGISTER_FILES_UPDATE", 6},
    {"IORING_REGISTER_EVENTFD_ASYNC", 7}, {"IORING_REGISTER_PROBE", 8},
    {"IORING_REGISTER_PERSONALITY", 9}, {"IORING_UNREGISTER_PERSONALITY", 10},
    {"IORING_REGISTER_RESTRICTIONS", 11}, {"IORING_REGISTER_ENABLE_RINGS", 12},
    {"IORING_REGISTER_FILES2", 13}, {"IORING_REGISTER_FILES_UPDATE2", 14},
    {"IORING_REGISTER_BUFFERS2", 15}, {"IORING_REGISTER_BUFFERS_UPDATE", 16},
    {"IORING_REGISTER_IOWQ_AFF", 17}, {"IORING_UNREGISTER_IOWQ_AFF", 18},
    {"IORING_REGISTER_IOWQ_MAX_WORKERS", 19}, {"IORING_REGISTER_RING_FDS", 20},
    {"IORING_UNREGISTER_RING_FDS", 21}, {"IORING_REGISTER_PBUF_RING", 22},
    {"IORING_UNREGISTER_PBUF_RING", 23}, {"IORING_REGISTER_SYNC_CANCEL", 24},
    {"IORING_REGISTER_FILE_ALLOC_RANGE", 25}, {"IORING_REGISTER_PBUF_STATUS", 26},
    {"IORING_REGISTER_NAPI", 27}, {"IORING_UNREGISTER_NAPI", 28}, {"IORING_REGISTER_CLOCK", 29},
    {"IORING_REGISTER_CLONE_BUFFERS", 30}, {"IORING_REGISTER_SEND_MSG_RING", 31},
    {"IORING_REGISTER_ZCRX_IFQ", 32}, {"IORING_REGISTER_RESIZE_RINGS", 33},
    {"IORING_REGISTER_MEM_REGION", 34}};
// Of requests; the flags are those of sqe->flags.
constexpr NamedValue kUringOperations[] = {
    {"IORING_OP_NOP", 0}, {"IORING_OP_READV", 1}, {"IORING_OP_WRITEV", 2}, {"IORING_OP_FSYNC", 3},
    {"IORING_OP_READ_FIXED", 4}, {"IORING_OP_WRITE_FIXED", 5}, {"IORING_OP_POLL_ADD", 6},
    {"IORING_OP_POLL_REMOVE", 7}, {"IORING_OP_SYNC_FILE_RANGE", 8}, {"IORING_OP_SENDMSG", 9},
    {"IORING_OP_RECVMSG", 10}, {"IORING_OP_TIMEOUT", 11}, {"IORING_OP_TIMEOUT_REMOVE", 12},
    {"IORING_OP_ACCEPT", 13}, {"IORING_OP_ASYNC_CANCEL", 14}, {"IORING_OP_LINK_TIMEOUT", 15},
    {"IORING_OP_CONNECT", 16}, {"IORING_OP_FALLOCATE", 17}, {"IORING_OP_OPENAT", 18},
    {"IORING_OP_CLOSE", 19}, {"IORING_OP_FILES_UPDATE", 20}, {"IORING_OP_STATX", 21},
    {"IORING_OP_READ", 22}, {"IORING_OP_WRITE", 23}, {"IORING_OP_FADVISE", 24},
    {"IORING_OP_MADVISE", 25}, {"IORING_OP_SEND", 26}, {"IORING_OP_RECV", 27},
    {"IORING_OP_OPENAT2", 28}, {"IORING_OP_EPOLL_CTL", 29}, {"IORING_OP_SPLICE", 30},
    {"IORING_OP_PROVIDE_BUFFERS", 31}, {"IORING_OP_REMOVE_BUFFERS", 32}, {"IORING_OP_TEE", 33},
    {"IORING_OP_SHUTDOWN", 34}, {"IORING_OP_RENAMEAT", 35}, {"IORING_OP_UNLINKAT", 36},
    {"IORING_OP_MKDIRAT", 37}, {"IORING_OP_SYMLINKAT", 38}, {"IORING_OP_LINKAT", 39},
    {"IORING_OP_MSG_RING", 40}, {"IORING_OP_FSETXATTR", 41}, {"IORING_OP_SETXATTR", 42},
    {"IORING_OP_FGETXATTR", 43}, {"IORING_OP_GETXATTR", 44}, {"IORING_OP_SOCKET", 45},
    {"IORING_OP_URING_CMD", 46}, {"IORING_OP_SEND_ZC", 47}, {"IORING_OP_SENDMSG_ZC", 48},
    {"IORING_OP_READ_MULTISHOT", 49}, {"IORING_OP_WAITID", 50}, {"IORING_OP_FUTEX_WAIT", 51},
    {"IORING_OP_FUTEX_WAKE", 52}, {"IORING_OP_FUTEX_WAITV", 53},
    {"IORING_OP_FIXED_FD_INSTALL", 54}, {"IORING_OP_FTRUNCATE", 55}, {"IORING_OP_BIND", 56},
    {"IORING_OP_LISTEN", 57}, {"IORING_OP_RECV_ZC", 58}, {"IORING_OP_EPOLL_WAIT", 59},
    {"IORING_OP_READV_FIXED", 60}, {"IORING_OP_WRITEV_FIXED", 61}, {"IORING_OP_PIPE", 62}};
constexpr NamedValue kUringRequestBits[] = {
    {"IOSQE_FIXED_FILE", 1}, {"IOSQE_IO_DRAIN", 2}, {"IOSQE_IO_LINK", 4}, {"IOSQE_IO_HARDLINK", 8},
    {"IOSQE_ASYNC", 16}, {"IOSQE_BUFFER_SELECT", 32}, {"IOSQE_CQE_SKIP_SUCCESS", 64}};
constexpr NamedValue kUringRegisterBits[] = {{"IORING_REGISTER_USE_REGISTERED_RING", 0x80000000}};
// include/uapi/linux/ioprio.h, which is no C++
constexpr NamedValue kIoPriorityWhos[] = {
    {"IOPRIO_WHO_PROCESS", 1}, {"IOPRIO_WHO_PGRP", 2}, {"IOPRIO_WHO_USER", 3}};
// clang-format on

}  // namespace

// The masks of what is only flags are 0; of a number alone, kWhole.
const NumberNames kAccess{kWhole, kAccessModes};
const NumberNames kAccessAt{.flags = kAccessAtBits};
const NumberNames kFcntl{kWhole, kFcntlCommands};
const NumberNames kDescriptorFlags{.flags = kDescriptorBits};
const NumberNames kSeals{.flags = kSealBits};
const NumberNames kLease{kWhole, kLeaseTypes};
const NumberNames kNotify{.flags = kNotifyBits};
const NumberNames kLock{.flags = kLockBits};
const NumberNames kSeek{kWhole, kSeekFrom};
const NumberNames kMknod{S_IFMT, kFileTypes, kModeBits};
const NumberNames kFallocate{.flags = kFallocateBits};
const NumberNames kAdvise{kWhole, kAdvices};
const NumberNames kSyncRange{.flags = kSyncRangeBits};
const NumberNames kSplice{.flags = kSpliceBits};
const NumberNames kReadWrite{.flags = kReadWriteBits};
const NumberNames kXattr{.flags = kXattrBits};
const NumberNames kStatx{.flags = kStatxBits};
const NumberNames kStatxMask{.flags = kStatxMaskBits};
const NumberNames kInotifyInit{.flags = kInotifyInitBits};
const NumberNames kInotifyMask{.flags = kInotifyBits};
const NumberNames kFanotifyInit{0xc, kFanotifyClasses, kFanotifyInitBits};
const NumberNames kFanotifyMark{.flags = kFanotifyMarkBits};
const NumberNames kFanotifyMask{.flags = kFanotifyBits};
const NumberNames kMount{.flags = kMountBits};
const NumberNames kUmount{.flags = kUmountBits};
const NumberNames kFsopen{.flags = kFsopenBits};
const NumberNames kFsmount{.flags = kFsmountBits};
const NumberNames kMountAttribute{.flags = kMountAttributeBits};
const NumberNames kFspick{.flags = kFspickBits};
const NumberNames kFsconfig{kWhole, kFsconfigCommands};
const NumberNames kMoveMount{.flags = kMoveMountBits};
const NumberNames kOpenTree{.flags = kOpenTreeBits};
const NumberNames kMountSetattr{.flags = kMountSetattrBits};
const NumberNames kResolve{.flags = kResolveBits};
const NumberNames kNameToHandle{.flags = kNameToHandleBits};
const NumberNames kSwap{.flags = kSwapBits};
const NumberNames kQuota{~std::uint64_t{0xff}, kQuotaCommands, kQuotaTypes};
const NumberNames kEpollCommand{kWhole, kEpollCommands};
const NumberNames kEpollEvents{.flags = kEpollBits};
const NumberNames kEpollCreate{.flags = kEpollCreateBits};
const NumberNames kEventfd{.flags = kEventfdBits};
const NumberNames kSignalfd{.flags = kSignalfdBits};
const NumberNames kTimerfd{.flags = kTimerfdBits};
const NumberNames kTimerfdSet{.flags = kTimerfdSetBits};
const NumberNames kPipe{.flags = kPipeBits};
const NumberNames kDup{.flags = kDupBits};
const NumberNames kCloseRange{.flags = kCloseRangeBits};
const NumberNames kMemfd{.flags = kMemfdBits};
const NumberNames kPoll{.flags = kPollBits};
const NumberNames kIoctl{kWhole, kIoctls};
const NumberNames kUringOperation{0xff, kUringOperations, {}};
const NumberNames kUringRequest{.flags = kUringRequestBits};
const NumberNames kUringEnter{.flags = kUringEnterBits};
const NumberNames kUringRegister{0x7fffffff, kUringRegisterCodes, kUringRegisterBits};
const NumberNames kIoPriorityWho{kWhole, kIoPriorityWhos};

}  // namespace outrider::names
