// SPDX-License-Identifier: Apache-2.0
//
// What every_call_kernel_test.cpp expects of each call: how it is shown, without its result. What
// the arguments are given is said there; structures have the bytes 1, 2, 3 and so on in them.
#pragma once

#include <span>
#include <string_view>

#include "events/wire.h"

namespace outrider {

struct ExpectedCall {
  std::string_view name;
  std::string_view shown;
};

// clang-format off: tables
inline constexpr ExpectedCall kExpected64[] = {
    {"open",
     "open(path=\"/nonexistent/0\", flags=O_WRONLY|O_CLOEXEC)"},
    {"creat",
     "creat(path=\"/nonexistent/0\", mode=0640)"},
    {"openat",
     "openat(dirfd=1000, path=\"/nonexistent/1\", flags=O_WRONLY|O_CLOEXEC)"},
    {"openat2",
     "openat2(dirfd=1000, path=\"/nonexistent/1\", "
     "how={flags=O_WRONLY|O_TRUNC|O_DIRECTORY|O_NOFOLLOW|0x807060504000000, "
     "mode=100170340641402605011, "
     "resolve=RESOLVE_NO_XDEV|RESOLVE_IN_ROOT|0x1817161514131200}, size=5003)"},
    {"open_by_handle_at",
     "open_by_handle_at(mountfd=1000, handle=5001, flags=O_WRONLY|O_CLOEXEC)"},
    {"mkdir",
     "mkdir(path=\"/nonexistent/0\", mode=0640)"},
    {"mkdirat",
     "mkdirat(dirfd=1000, path=\"/nonexistent/1\", mode=0640)"},
    {"rmdir",
     "rmdir(path=\"/nonexistent/0\")"},
    {"unlink",
     "unlink(path=\"/nonexistent/0\")"},
    {"unlinkat",
     "unlinkat(dirfd=1000, path=\"/nonexistent/1\", flags=AT_SYMLINK_NOFOLLOW)"},
    {"rename",
     "rename(oldpath=\"/nonexistent/0\", newpath=\"/nonexistent/1\")"},
    {"renameat",
     "renameat(olddirfd=1000, oldpath=\"/nonexistent/1\", newdirfd=1002, "
     "newpath=\"/nonexistent/3\")"},
    {"renameat2",
     "renameat2(olddirfd=1000, oldpath=\"/nonexistent/1\", newdirfd=1002, "
     "newpath=\"/nonexistent/3\", flags=RENAME_NOREPLACE)"},
    {"link",
     "link(oldpath=\"/nonexistent/0\", newpath=\"/nonexistent/1\")"},
    {"linkat",
     "linkat(olddirfd=1000, oldpath=\"/nonexistent/1\", newdirfd=1002, "
     "newpath=\"/nonexistent/3\", flags=AT_SYMLINK_NOFOLLOW)"},
    {"symlink",
     "symlink(target=\"/nonexistent/0\", path=\"/nonexistent/1\")"},
    {"symlinkat",
     "symlinkat(target=\"/nonexistent/0\", dirfd=1001, path=\"/nonexistent/2\")"},
    {"chmod",
     "chmod(path=\"/nonexistent/0\", mode=0640)"},
    {"fchmod",
     "fchmod(fd=1000, mode=0640)"},
    {"fchmodat",
     "fchmodat(dirfd=1000, path=\"/nonexistent/1\", mode=0640)"},
    {"fchmodat2",
     "fchmodat2(dirfd=1000, path=\"/nonexistent/1\", mode=0640, "
     "flags=AT_SYMLINK_NOFOLLOW)"},
    {"chown",
     "chown(path=\"/nonexistent/0\", uid=1002, gid=1003)"},
    {"lchown",
     "lchown(path=\"/nonexistent/0\", uid=1002, gid=1003)"},
    {"fchown",
     "fchown(fd=1000, uid=1002, gid=1003)"},
    {"fchownat",
     "fchownat(dirfd=1000, path=\"/nonexistent/1\", uid=1003, gid=1004, "
     "flags=AT_SYMLINK_NOFOLLOW)"},
    {"truncate",
     "truncate(path=\"/nonexistent/0\", length=5001)"},
    {"ftruncate",
     "ftruncate(fd=1000, length=5001)"},
    {"execve",
     "execve(path=\"/nonexistent/0\", argv=[\"/nonexistent/0\", \"/nonexistent/1\"], "
     "envp=0x3000)"},
    {"execveat",
     "execveat(dirfd=1000, path=\"/nonexistent/1\", argv=[\"/nonexistent/0\", "
     "\"/nonexistent/1\"], envp=0x4000, flags=AT_SYMLINK_NOFOLLOW)"},
    {"chdir",
     "chdir(path=\"/nonexistent/0\")"},
    {"fchdir",
     "fchdir(fd=1000)"},
    {"chroot",
     "chroot(path=\"/nonexistent/0\")"},
    {"pivot_root",
     "pivot_root(new_root=\"/nonexistent/0\", put_old=\"/nonexistent/1\")"},
    {"setns",
     "setns(fd=1000, nstype=CLONE_THREAD)"},
    {"unshare",
     "unshare(flags=CLONE_THREAD)"},
    {"read",
     "read(fd=1000, buf=0x2000, count=5002)"},
    {"write",
     "write(fd=1000, buf=<2 bytes>, count=2)"},
    {"pread64",
     "pread64(fd=1000, buf=0x2000, count=5002, offset=5003)"},
    {"pwrite64",
     "pwrite64(fd=1000, buf=<2 bytes>, count=2, offset=5003)"},
    {"readv",
     "readv(fd=1000, iov=[{iov_base=0x807060504030201, iov_len=1157159078456920585}, "
     "{iov_base=0x1817161514131211, iov_len=2314601843866147353}], iovcnt=2)"},
    {"writev",
     "writev(fd=1000, iov=[{iov_base=0x807060504030201, iov_len=1157159078456920585}, "
     "{iov_base=0x1817161514131211, iov_len=2314601843866147353}], iovcnt=2)"},
    {"preadv",
     "preadv(fd=1000, iov=[{iov_base=0x807060504030201, iov_len=1157159078456920585}, "
     "{iov_base=0x1817161514131211, iov_len=2314601843866147353}], iovcnt=2, "
     "pos_l=5003, pos_h=5004)"},
    {"pwritev",
     "pwritev(fd=1000, iov=[{iov_base=0x807060504030201, iov_len=1157159078456920585}, "
     "{iov_base=0x1817161514131211, iov_len=2314601843866147353}], iovcnt=2, "
     "pos_l=5003, pos_h=5004)"},
    {"preadv2",
     "preadv2(fd=1000, iov=[{iov_base=0x807060504030201, iov_len=1157159078456920585}, "
     "{iov_base=0x1817161514131211, iov_len=2314601843866147353}], iovcnt=2, "
     "pos_l=5003, pos_h=5004, flags=RWF_DONTCACHE)"},
    {"pwritev2",
     "pwritev2(fd=1000, iov=[{iov_base=0x807060504030201, iov_len=1157159078456920585}, "
     "{iov_base=0x1817161514131211, iov_len=2314601843866147353}], iovcnt=2, "
     "pos_l=5003, pos_h=5004, flags=RWF_DONTCACHE)"},
    {"close",
     "close(fd=1000)"},
    {"close_range",
     "close_range(first=5000, last=5001, flags=CLOSE_RANGE_CLOEXEC)"},
    {"lseek",
     "lseek(fd=1000, offset=5001, whence=SEEK_SET)"},
    {"sendfile",
     "sendfile(out_fd=1000, in_fd=1001, offset=0x807060504030201, count=5003)"},
    {"copy_file_range",
     "copy_file_range(fd_in=1000, off_in=578437695752307201, fd_out=1002, "
     "off_out=578437695752307201, len=5004, flags=5005)"},
    {"splice",
     "splice(fd_in=1000, off_in=578437695752307201, fd_out=1002, "
     "off_out=578437695752307201, len=5004, flags=SPLICE_F_GIFT)"},
    {"tee",
     "tee(fd_in=1000, fd_out=1001, len=5002, flags=SPLICE_F_GIFT)"},
    {"vmsplice",
     "vmsplice(fd=1000, iov=[{iov_base=0x807060504030201, iov_len=1157159078456920585}, "
     "{iov_base=0x1817161514131211, iov_len=2314601843866147353}], nr_segs=2, "
     "flags=SPLICE_F_GIFT)"},
    {"readahead",
     "readahead(fd=1000, offset=5001, count=5002)"},
    {"fadvise64",
     "fadvise64(fd=1000, offset=5001, len=5002, advice=POSIX_FADV_NORMAL)"},
    {"fallocate",
     "fallocate(fd=1000, mode=FALLOC_FL_WRITE_ZEROES, offset=5002, len=5003)"},
    {"fsync",
     "fsync(fd=1000)"},
    {"fdatasync",
     "fdatasync(fd=1000)"},
    {"sync",
     "sync()"},
    {"syncfs",
     "syncfs(fd=1000)"},
    {"sync_file_range",
     "sync_file_range(fd=1000, offset=5001, nbytes=5002, "
     "flags=SYNC_FILE_RANGE_WAIT_AFTER)"},
    {"cachestat",
     "cachestat(fd=1000, cstat_range=0x2000, cstat=0x3000, flags=5003)"},
    {"stat",
     "stat(path=\"/nonexistent/0\", statbuf=0x2000)"},
    {"lstat",
     "lstat(path=\"/nonexistent/0\", statbuf=0x2000)"},
    {"fstat",
     "fstat(fd=1000, statbuf=0x2000)"},
    {"newfstatat",
     "newfstatat(dirfd=1000, path=\"/nonexistent/1\", statbuf=0x3000, "
     "flags=AT_SYMLINK_NOFOLLOW)"},
    {"statx",
     "statx(dirfd=1000, path=\"/nonexistent/1\", flags=AT_STATX_DONT_SYNC, "
     "mask=STATX_DIO_READ_ALIGN, statxbuf=0x5000)"},
    {"statfs",
     "statfs(path=\"/nonexistent/0\", buf=0x2000)"},
    {"fstatfs",
     "fstatfs(fd=1000, buf=0x2000)"},
    {"ustat",
     "ustat(dev=0x1000, ubuf=0x2000)"},
    {"access",
     "access(path=\"/nonexistent/0\", mode=F_OK)"},
    {"faccessat",
     "faccessat(dirfd=1000, path=\"/nonexistent/1\", mode=F_OK)"},
    {"faccessat2",
     "faccessat2(dirfd=1000, path=\"/nonexistent/1\", mode=F_OK, flags=AT_EMPTY_PATH)"},
    {"readlink",
     "readlink(path=\"/nonexistent/0\", buf=0x2000, bufsiz=5002)"},
    {"readlinkat",
     "readlinkat(dirfd=1000, path=\"/nonexistent/1\", buf=0x3000, bufsiz=5003)"},
    {"getdents",
     "getdents(fd=1000, dirp=0x2000, count=5002)"},
    {"getdents64",
     "getdents64(fd=1000, dirp=0x2000, count=5002)"},
    {"getcwd",
     "getcwd(buf=0x1000, size=5001)"},
    {"umask",
     "umask(mask=0640)"},
    {"mknod",
     "mknod(path=\"/nonexistent/0\", mode=S_IFREG|S_IXOTH, dev=0x3000)"},
    {"mknodat",
     "mknodat(dirfd=1000, path=\"/nonexistent/1\", mode=S_IFREG|S_IXOTH, dev=0x4000)"},
    {"utime",
     "utime(path=\"/nonexistent/0\", times={actime=578437695752307201, "
     "modtime=1157159078456920585})"},
    {"utimes",
     "utimes(path=\"/nonexistent/0\", times={atime.tv_sec=578437695752307201, "
     "atime.tv_usec=1157159078456920585, mtime.tv_sec=1735880461161533969, "
     "mtime.tv_usec=2314601843866147353})"},
    {"futimesat",
     "futimesat(dirfd=1000, path=\"/nonexistent/1\", "
     "times={atime.tv_sec=578437695752307201, atime.tv_usec=1157159078456920585, "
     "mtime.tv_sec=1735880461161533969, mtime.tv_usec=2314601843866147353})"},
    {"utimensat",
     "utimensat(dirfd=1000, path=\"/nonexistent/1\", "
     "times={atime.tv_sec=578437695752307201, atime.tv_nsec=1157159078456920585, "
     "mtime.tv_sec=1735880461161533969, mtime.tv_nsec=2314601843866147353}, "
     "flags=AT_SYMLINK_NOFOLLOW)"},
    {"name_to_handle_at",
     "name_to_handle_at(dirfd=1000, path=\"/nonexistent/1\", handle=0x3000, "
     "mount_id=0x4000, flags=AT_EMPTY_PATH)"},
    {"file_getattr",
     "file_getattr(dirfd=1000, path=\"/nonexistent/1\", ufattr=0x3000, usize=5003, "
     "at_flags=AT_SYMLINK_NOFOLLOW)"},
    {"file_setattr",
     "file_setattr(dirfd=1000, path=\"/nonexistent/1\", ufattr=0x3000, usize=5003, "
     "at_flags=AT_SYMLINK_NOFOLLOW)"},
    {"lookup_dcookie",
     "lookup_dcookie(cookie=5000, buffer=0x2000, len=5002)"},
    {"setxattr",
     "setxattr(path=\"/nonexistent/0\", name=\"/nonexistent/1\", value=<2 bytes>, "
     "size=2, flags=XATTR_REPLACE)"},
    {"lsetxattr",
     "lsetxattr(path=\"/nonexistent/0\", name=\"/nonexistent/1\", value=<2 bytes>, "
     "size=2, flags=XATTR_REPLACE)"},
    {"fsetxattr",
     "fsetxattr(fd=1000, name=\"/nonexistent/1\", value=<2 bytes>, size=2, "
     "flags=XATTR_REPLACE)"},
    {"getxattr",
     "getxattr(path=\"/nonexistent/0\", name=\"/nonexistent/1\", value=0x3000, "
     "size=5003)"},
    {"lgetxattr",
     "lgetxattr(path=\"/nonexistent/0\", name=\"/nonexistent/1\", value=0x3000, "
     "size=5003)"},
    {"fgetxattr",
     "fgetxattr(fd=1000, name=\"/nonexistent/1\", value=0x3000, size=5003)"},
    {"listxattr",
     "listxattr(path=\"/nonexistent/0\", list=0x2000, size=5002)"},
    {"llistxattr",
     "llistxattr(path=\"/nonexistent/0\", list=0x2000, size=5002)"},
    {"flistxattr",
     "flistxattr(fd=1000, list=0x2000, size=5002)"},
    {"removexattr",
     "removexattr(path=\"/nonexistent/0\", name=\"/nonexistent/1\")"},
    {"lremovexattr",
     "lremovexattr(path=\"/nonexistent/0\", name=\"/nonexistent/1\")"},
    {"fremovexattr",
     "fremovexattr(fd=1000, name=\"/nonexistent/1\")"},
    {"setxattrat",
     "setxattrat(dirfd=1000, path=\"/nonexistent/1\", at_flags=AT_SYMLINK_NOFOLLOW, "
     "name=\"/nonexistent/3\", args={value=0x807060504030201, size=202050057, "
     "flags=XATTR_CREATE|0x100f0e0c}, size=5005)"},
    {"getxattrat",
     "getxattrat(dirfd=1000, path=\"/nonexistent/1\", at_flags=AT_SYMLINK_NOFOLLOW, "
     "name=\"/nonexistent/3\", args={value=0x807060504030201, size=202050057, "
     "flags=XATTR_CREATE|0x100f0e0c}, size=5005)"},
    {"listxattrat",
     "listxattrat(dirfd=1000, path=\"/nonexistent/1\", at_flags=AT_SYMLINK_NOFOLLOW, "
     "list=0x4000, size=5004)"},
    {"removexattrat",
     "removexattrat(dirfd=1000, path=\"/nonexistent/1\", at_flags=AT_SYMLINK_NOFOLLOW, "
     "name=\"/nonexistent/3\")"},
    {"dup",
     "dup(oldfd=1000)"},
    {"dup2",
     "dup2(oldfd=1000, newfd=1001)"},
    {"dup3",
     "dup3(oldfd=1000, newfd=1001, flags=O_CLOEXEC)"},
    {"fcntl",
     "fcntl(fd=1000, cmd=F_DUPFD, arg=12288)"},
    {"flock",
     "flock(fd=1000, operation=LOCK_WRITE)"},
    {"ioctl",
     "ioctl(fd=1000, request=TCGETS, arg=0x3000)"},
    {"pipe",
     "pipe(pipefd=0x1000)"},
    {"pipe2",
     "pipe2(pipefd=0x1000, flags=O_CLOEXEC)"},
    {"memfd_create",
     "memfd_create(name=\"/nonexistent/0\", flags=MFD_EXEC)"},
    {"eventfd",
     "eventfd(initval=5000)"},
    {"eventfd2",
     "eventfd2(initval=5000, flags=EFD_CLOEXEC)"},
    {"signalfd",
     "signalfd(fd=1000, mask=[SIGHUP SIGUSR1 SIGCHLD SIGCONT SIGPROF 33 SIGRTMIN+1 "
     "SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+15 SIGRTMIN+16 SIGRTMIN+17 SIGRTMIN+26], "
     "sizemask=5002)"},
    {"signalfd4",
     "signalfd4(fd=1000, mask=[SIGHUP SIGUSR1 SIGCHLD SIGCONT SIGPROF 33 SIGRTMIN+1 "
     "SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+15 SIGRTMIN+16 SIGRTMIN+17 SIGRTMIN+26], "
     "sizemask=5002, flags=SFD_CLOEXEC)"},
    {"timerfd_create",
     "timerfd_create(clockid=CLOCK_REALTIME, flags=TFD_CLOEXEC)"},
    {"timerfd_settime",
     "timerfd_settime(fd=1000, flags=TFD_TIMER_CANCEL_ON_SET, "
     "new_value={it_interval.tv_sec=578437695752307201, "
     "it_interval.tv_nsec=1157159078456920585, it_value.tv_sec=1735880461161533969, "
     "it_value.tv_nsec=2314601843866147353}, old_value=0x4000)"},
    {"timerfd_gettime",
     "timerfd_gettime(fd=1000, curr_value=0x2000)"},
    {"select",
     "select(nfds=4194400, readfds=0x2000, writefds=0x3000, exceptfds=0x4000, "
     "timeout=NULL)"},
    {"pselect6",
     "pselect6(nfds=4194400, readfds=0x2000, writefds=0x3000, exceptfds=0x4000, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, sigmask=0x6000)"},
    {"poll",
     "poll(fds=[{fd=67305985, events=POLLIN|POLLOUT|POLLWRBAND|POLLMSG, "
     "revents=POLLNVAL}, {fd=202050057, "
     "events=POLLIN|POLLOUT|POLLERR|POLLWRBAND|POLLMSG|0x800, revents=POLLNVAL}], "
     "nfds=2, timeout=1)"},
    {"ppoll",
     "ppoll(fds=[{fd=67305985, events=POLLIN|POLLOUT|POLLWRBAND|POLLMSG, "
     "revents=POLLIN|POLLPRI|POLLOUT|0x800}, {fd=202050057, "
     "events=POLLIN|POLLOUT|POLLERR|POLLWRBAND|POLLMSG|0x800, "
     "revents=POLLIN|POLLPRI|POLLOUT|POLLERR|POLLREMOVE}], nfds=2, "
     "tmo_p={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, sigmask=[SIGHUP "
     "SIGUSR1 SIGCHLD SIGCONT SIGPROF 33 SIGRTMIN+1 SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+15 "
     "SIGRTMIN+16 SIGRTMIN+17 SIGRTMIN+26], sigsetsize=5004)"},
    {"epoll_create",
     "epoll_create(size=4194400)"},
    {"epoll_create1",
     "epoll_create1(flags=EPOLL_CLOEXEC)"},
    {"epoll_ctl",
     "epoll_ctl(epfd=1000, op=EPOLL_CTL_ADD, fd=1002, "
     "event={events=EPOLLIN|EPOLLWRBAND|0x4030000, data=0xc0b0a0908070605})"},
    {"epoll_wait",
     "epoll_wait(epfd=1000, events=0x2000, maxevents=4194402, timeout=1)"},
    {"epoll_pwait",
     "epoll_pwait(epfd=1000, events=0x2000, maxevents=4194402, timeout=1, "
     "sigmask=[SIGHUP SIGUSR1 SIGCHLD SIGCONT SIGPROF 33 SIGRTMIN+1 SIGRTMIN+8 "
     "SIGRTMIN+9 SIGRTMIN+15 SIGRTMIN+16 SIGRTMIN+17 SIGRTMIN+26], sigsetsize=5005)"},
    {"epoll_pwait2",
     "epoll_pwait2(epfd=1000, events=0x2000, maxevents=4194402, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, sigmask=[SIGHUP "
     "SIGUSR1 SIGCHLD SIGCONT SIGPROF 33 SIGRTMIN+1 SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+15 "
     "SIGRTMIN+16 SIGRTMIN+17 SIGRTMIN+26], sigsetsize=5005)"},
    {"epoll_ctl_old",
     "epoll_ctl_old()"},
    {"epoll_wait_old",
     "epoll_wait_old()"},
    {"inotify_init",
     "inotify_init()"},
    {"inotify_init1",
     "inotify_init1(flags=IN_CLOEXEC)"},
    {"inotify_add_watch",
     "inotify_add_watch(fd=1000, path=\"/nonexistent/1\", mask=IN_ONESHOT)"},
    {"inotify_rm_watch",
     "inotify_rm_watch(fd=1000, wd=4194401)"},
    {"fanotify_init",
     "fanotify_init(flags=FAN_CLASS_NOTIF|FAN_REPORT_MNT, "
     "event_f_flags=O_WRONLY|O_CLOEXEC)"},
    {"fanotify_mark",
     "fanotify_mark(fanotify_fd=1000, flags=FAN_MARK_IGNORE, mask=FAN_ONDIR, "
     "dirfd=1003, path=\"/nonexistent/4\")"},
    {"mount",
     "mount(source=\"/nonexistent/0\", target=\"/nonexistent/1\", "
     "filesystemtype=\"/nonexistent/2\", mountflags=MS_LAZYTIME, data=0x5000)"},
    {"umount2",
     "umount2(target=\"/nonexistent/0\", flags=UMOUNT_NOFOLLOW)"},
    {"fsopen",
     "fsopen(fsname=\"/nonexistent/0\", flags=FSOPEN_CLOEXEC)"},
    {"fsconfig",
     "fsconfig(fd=1000, cmd=FSCONFIG_SET_FLAG, key=\"/nonexistent/2\", value=0x4000, "
     "aux=4194404)"},
    {"fsmount",
     "fsmount(fd=1000, flags=FSMOUNT_CLOEXEC, attr_flags=MOUNT_ATTR_NOSYMFOLLOW)"},
    {"fspick",
     "fspick(dirfd=1000, path=\"/nonexistent/1\", flags=FSPICK_EMPTY_PATH)"},
    {"move_mount",
     "move_mount(from_dirfd=1000, from_path=\"/nonexistent/1\", to_dirfd=1002, "
     "to_path=\"/nonexistent/3\", flags=MOVE_MOUNT_BENEATH)"},
    {"open_tree",
     "open_tree(dirfd=1000, path=\"/nonexistent/1\", flags=AT_RECURSIVE)"},
    {"open_tree_attr",
     "open_tree_attr(dirfd=1000, path=\"/nonexistent/1\", flags=AT_RECURSIVE, "
     "attr={attr_set=MOUNT_ATTR_RDONLY|0x807060504030200, "
     "attr_clr=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOEXEC|0x100f0e0d0c0b0a00, "
     "propagation=MS_RDONLY|MS_SYNCHRONOUS|MS_BIND|MS_POSIXACL|MS_UNBINDABLE|MS_SHARED|"
     "0x1817161514000200, userns_fd=2314601843866147353}, size=5004)"},
    {"mount_setattr",
     "mount_setattr(dirfd=1000, path=\"/nonexistent/1\", flags=AT_RECURSIVE, "
     "attr={attr_set=MOUNT_ATTR_RDONLY|0x807060504030200, "
     "attr_clr=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOEXEC|0x100f0e0d0c0b0a00, "
     "propagation=MS_RDONLY|MS_SYNCHRONOUS|MS_BIND|MS_POSIXACL|MS_UNBINDABLE|MS_SHARED|"
     "0x1817161514000200, userns_fd=2314601843866147353}, size=5004)"},
    {"statmount",
     "statmount(req={size=67305985, mnt_id=0x100f0e0d0c0b0a09, "
     "param=0x1817161514131211}, buf=0x2000, bufsize=5002, flags=5003)"},
    {"listmount",
     "listmount(req={size=67305985, mnt_id=0x100f0e0d0c0b0a09, "
     "param=0x1817161514131211}, mnt_ids=0x2000, nr_mnt_ids=5002, flags=5003)"},
    {"swapon",
     "swapon(path=\"/nonexistent/0\", swapflags=SWAP_FLAG_DISCARD_PAGES)"},
    {"swapoff",
     "swapoff(path=\"/nonexistent/0\")"},
    {"quotactl",
     "quotactl(cmd=Q_SYNC|GRPQUOTA, special=\"/nonexistent/1\", id=4194402, addr=0x4000)"},
    {"quotactl_fd",
     "quotactl_fd(fd=1000, cmd=Q_SYNC|GRPQUOTA, id=4194402, addr=0x4000)"},
    {"acct",
     "acct(path=\"/nonexistent/0\")"},
    {"io_setup",
     "io_setup(nr_events=5000, ctx_idp=0x2000)"},
    {"io_destroy",
     "io_destroy(ctx_id=0x1000)"},
    {"io_getevents",
     "io_getevents(ctx_id=0x1000, min_nr=5001, nr=5002, events=0x4000, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585})"},
    {"io_pgetevents",
     "io_pgetevents(ctx_id=0x1000, min_nr=5001, nr=5002, events=0x4000, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, sig=0x6000)"},
    {"io_submit",
     "io_submit(ctx_id=0x1000, nr=5001, iocbpp=0x3000)"},
    {"io_cancel",
     "io_cancel(ctx_id=0x1000, iocb=0x2000, result=0x3000)"},
    {"io_uring_setup",
     "io_uring_setup(entries=5000, params={sq_entries=67305985, cq_entries=134678021, "
     "flags=0xc0b0a09, features=0x18171615})"},
    {"io_uring_enter",
     "io_uring_enter(fd=1000, to_submit=5001, min_complete=5002, "
     "flags=IORING_ENTER_NO_IOWAIT, arg=0x5000, argsz=5005)"},
    {"io_uring_register",
     "io_uring_register(fd=1000, "
     "opcode=IORING_REGISTER_BUFFERS|IORING_REGISTER_USE_REGISTERED_RING, arg=0x3000, "
     "nr_args=5003)"},
    {"clone3",
     "clone3(cl_args={flags=SIGHUP|CLONE_FS|CLONE_THREAD|CLONE_NEWNS|CLONE_NEWUTS|"
     "CLONE_CLEAR_SIGHAND|0x807060400000000, pidfd=0x100f0e0d0c0b0a09, "
     "child_tid=0x1817161514131211, parent_tid=0x201f1e1d1c1b1a19, "
     "exit_signal=606282273, stack=0x302f2e2d2c2b2a29, stack_size=4050765991979987505, "
     "tls=0x403f3e3d3c3b3a39}, size=5001)"},
    {"wait4",
     "wait4(pid=4194400, wstatus=0x2000, options=__WCLONE, rusage=0x4000)"},
    {"waitid",
     "waitid(idtype=P_ALL, id=4194401, infop=0x3000, options=__WCLONE, rusage=0x5000)"},
    {"ptrace",
     "ptrace(request=PTRACE_TRACEME, pid=4194401, addr=0x3000, data=0x4000)"},
    {"prctl",
     "prctl(option=PR_SET_PDEATHSIG, arg2=8192)"},
    {"arch_prctl",
     "arch_prctl(code=ARCH_SET_GS, addr=0x2000)"},
    {"personality",
     "personality(persona=PER_LINUX|ADDR_LIMIT_3GB)"},
    {"kcmp",
     "kcmp(pid1=4194400, pid2=4194401, type=KCMP_FILE, idx1=5003, idx2=5004)"},
    {"process_vm_readv",
     "process_vm_readv(pid=4194400, local_iov=[{iov_base=0x807060504030201, "
     "iov_len=1157159078456920585}, {iov_base=0x1817161514131211, "
     "iov_len=2314601843866147353}], liovcnt=2, "
     "remote_iov=[{iov_base=0x807060504030201, iov_len=1157159078456920585}, "
     "{iov_base=0x1817161514131211, iov_len=2314601843866147353}], riovcnt=2, "
     "flags=5005)"},
    {"process_vm_writev",
     "process_vm_writev(pid=4194400, local_iov=[{iov_base=0x807060504030201, "
     "iov_len=1157159078456920585}, {iov_base=0x1817161514131211, "
     "iov_len=2314601843866147353}], liovcnt=2, "
     "remote_iov=[{iov_base=0x807060504030201, iov_len=1157159078456920585}, "
     "{iov_base=0x1817161514131211, iov_len=2314601843866147353}], riovcnt=2, "
     "flags=5005)"},
    {"process_madvise",
     "process_madvise(pidfd=1000, iovec=[{iov_base=0x807060504030201, "
     "iov_len=1157159078456920585}, {iov_base=0x1817161514131211, "
     "iov_len=2314601843866147353}], vlen=2, advice=MADV_NORMAL, flags=5004)"},
    {"process_mrelease",
     "process_mrelease(pidfd=1000, flags=5001)"},
    {"pidfd_open",
     "pidfd_open(pid=4194400, flags=PIDFD_THREAD)"},
    {"pidfd_getfd",
     "pidfd_getfd(pidfd=1000, targetfd=1001, flags=5002)"},
    {"pidfd_send_signal",
     "pidfd_send_signal(pidfd=1000, sig=SIGUSR1, info=0x3000, "
     "flags=PIDFD_SIGNAL_PROCESS_GROUP)"},
    {"getpid",
     "getpid()"},
    {"getppid",
     "getppid()"},
    {"gettid",
     "gettid()"},
    {"getpgid",
     "getpgid(pid=4194400)"},
    {"setpgid",
     "setpgid(pid=4194400, pgid=4194401)"},
    {"getpgrp",
     "getpgrp()"},
    {"getsid",
     "getsid(pid=4194400)"},
    {"setsid",
     "setsid()"},
    {"getuid",
     "getuid()"},
    {"getgid",
     "getgid()"},
    {"geteuid",
     "geteuid()"},
    {"getegid",
     "getegid()"},
    {"setuid",
     "setuid(uid=1001)"},
    {"setgid",
     "setgid(gid=1001)"},
    {"setreuid",
     "setreuid(ruid=1001, euid=1002)"},
    {"setregid",
     "setregid(rgid=1001, egid=1002)"},
    {"setresuid",
     "setresuid(ruid=1001, euid=1002, suid=1003)"},
    {"setresgid",
     "setresgid(rgid=1001, egid=1002, sgid=1003)"},
    {"getresuid",
     "getresuid(ruid=0x1000, euid=0x2000, suid=0x3000)"},
    {"getresgid",
     "getresgid(rgid=0x1000, egid=0x2000, sgid=0x3000)"},
    {"setfsuid",
     "setfsuid(fsuid=1001)"},
    {"setfsgid",
     "setfsgid(fsgid=1001)"},
    {"getgroups",
     "getgroups(size=4194400, list=[])"},
    {"setgroups",
     "setgroups(size=2, list=[67305985, 134678021])"},
    {"capget",
     "capget(hdrp={version=0x20080522, pid=134678021}, datap=0x2000)"},
    {"capset",
     "capset(hdrp={version=0x20080522, pid=134678021}, datap={effective=0x4030201, "
     "permitted=0x8070605, inheritable=0xc0b0a09})"},
    {"kill",
     "kill(pid=4194400, sig=SIGUSR1)"},
    {"tkill",
     "tkill(tid=4194400, sig=SIGUSR1)"},
    {"tgkill",
     "tgkill(tgid=4194400, tid=4194401, sig=SIGUSR1)"},
    {"rt_sigqueueinfo",
     "rt_sigqueueinfo(tgid=4194400, sig=SIGUSR1, info=0x3000)"},
    {"rt_tgsigqueueinfo",
     "rt_tgsigqueueinfo(tgid=4194400, tid=4194401, sig=SIGUSR1, info=0x4000)"},
    {"rt_sigaction",
     "rt_sigaction(signum=SIGUSR1, act={sa_handler=0x807060504030201, "
     "sa_flags=SA_NOCLDSTOP|SA_EXPOSE_TAGBITS|SA_RESTORER|SA_ONSTACK|"
     "0x100f0e0d000b0208, sa_mask=[SIGHUP SIGILL SIGTRAP SIGUSR1 SIGUSR2 SIGPIPE "
     "SIGCHLD SIGCONT SIGTSTP SIGTTIN SIGPROF SIGWINCH SIGPOLL 33 SIGRTMIN+1 SIGRTMIN+2 "
     "SIGRTMIN+3 SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+10 SIGRTMIN+11 SIGRTMIN+15 SIGRTMIN+16 "
     "SIGRTMIN+17 SIGRTMIN+18 SIGRTMIN+19 SIGRTMIN+28], "
     "sa_restorer=0x1817161514131211}, oldact=0x3000, sigsetsize=5003)"},
    {"rt_sigprocmask",
     "rt_sigprocmask(how=SIG_BLOCK, set=[SIGHUP SIGUSR1 SIGCHLD SIGCONT SIGPROF 33 "
     "SIGRTMIN+1 SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+15 SIGRTMIN+16 SIGRTMIN+17 "
     "SIGRTMIN+26], oldset=0x3000, sigsetsize=5003)"},
    {"rt_sigpending",
     "rt_sigpending(set=0x1000, sigsetsize=5001)"},
    {"rt_sigtimedwait",
     "rt_sigtimedwait(set=[SIGHUP SIGUSR1 SIGCHLD SIGCONT SIGPROF 33 SIGRTMIN+1 "
     "SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+15 SIGRTMIN+16 SIGRTMIN+17 SIGRTMIN+26], "
     "info=0x2000, timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, "
     "sigsetsize=5003)"},
    {"sigaltstack",
     "sigaltstack(ss={ss_sp=0x807060504030201, ss_flags=SS_ONSTACK|0xc0b0a08, "
     "ss_size=1735880461161533969}, old_ss=0x2000)"},
    {"alarm",
     "alarm(seconds=5000)"},
    {"restart_syscall",
     "restart_syscall()"},
    {"getrlimit",
     "getrlimit(resource=RLIMIT_CPU, rlim=0x2000)"},
    {"setrlimit",
     "setrlimit(resource=RLIMIT_CPU, rlim={rlim_cur=578437695752307201, "
     "rlim_max=1157159078456920585})"},
    {"prlimit64",
     "prlimit64(pid=4194400, resource=RLIMIT_CPU, "
     "new_limit={rlim_cur=578437695752307201, rlim_max=1157159078456920585}, "
     "old_limit=0x4000)"},
    {"getrusage",
     "getrusage(who=RUSAGE_SELF, usage=0x2000)"},
    {"times",
     "times(buf=0x1000)"},
    {"getpriority",
     "getpriority(which=PRIO_PROCESS, who=4194401)"},
    {"setpriority",
     "setpriority(which=PRIO_PROCESS, who=4194401, prio=4194402)"},
    {"ioprio_get",
     "ioprio_get(which=IOPRIO_WHO_PROCESS, who=4194401)"},
    {"ioprio_set",
     "ioprio_set(which=IOPRIO_WHO_PROCESS, who=4194401, ioprio=0x3000)"},
    {"sched_yield",
     "sched_yield()"},
    {"sched_setscheduler",
     "sched_setscheduler(pid=4194400, policy=SCHED_OTHER|SCHED_RESET_ON_FORK, "
     "param={sched_priority=67305985})"},
    {"sched_getscheduler",
     "sched_getscheduler(pid=4194400)"},
    {"sched_setparam",
     "sched_setparam(pid=4194400, param={sched_priority=67305985})"},
    {"sched_getparam",
     "sched_getparam(pid=4194400, param=0x2000)"},
    {"sched_setattr",
     "sched_setattr(pid=4194400, attr={size=67305985, sched_policy=0x8070605, "
     "sched_flags=SCHED_FLAG_RESET_ON_FORK|SCHED_FLAG_KEEP_POLICY|0x100f0e0d0c0b0a00, "
     "sched_nice=336794129, sched_priority=404166165, "
     "sched_runtime=2314601843866147353, sched_deadline=2893323226570760737, "
     "sched_period=3472044609275374121}, flags=5002)"},
    {"sched_getattr",
     "sched_getattr(pid=4194400, attr=0x2000, size=5002, flags=5003)"},
    {"sched_get_priority_max",
     "sched_get_priority_max(policy=SCHED_OTHER|SCHED_RESET_ON_FORK)"},
    {"sched_get_priority_min",
     "sched_get_priority_min(policy=SCHED_OTHER|SCHED_RESET_ON_FORK)"},
    {"sched_rr_get_interval",
     "sched_rr_get_interval(pid=4194400, interval=0x2000)"},
    {"sched_setaffinity",
     "sched_setaffinity(pid=4194400, cpusetsize=5001, mask=0x807060504030201)"},
    {"sched_getaffinity",
     "sched_getaffinity(pid=4194400, cpusetsize=5001, mask=0x3000)"},
    {"futex",
     "futex(uaddr=0x1000, futex_op=FUTEX_WAIT|FUTEX_CLOCK_REALTIME, val=5002, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, uaddr2=0x5000, "
     "val3=0x6000)"},
    {"futex_waitv",
     "futex_waitv(waiters=[{val=578437695752307201, uaddr=0x100f0e0d0c0b0a09, "
     "flags=FUTEX2_SIZE_U16|0x14131210}, {val=2314601843866147353, "
     "uaddr=0x2827262524232221, flags=FUTEX2_SIZE_U16|FUTEX2_MPOL|0x2c2b2a20}], "
     "nr_futexes=2, flags=5002, timeout={tv_sec=578437695752307201, "
     "tv_nsec=1157159078456920585}, clockid=CLOCK_REALTIME)"},
    {"futex_wait",
     "futex_wait(uaddr=0x1000, val=5001, mask=0x3000, "
     "flags=FUTEX2_SIZE_U8|FUTEX2_PRIVATE, timeout={tv_sec=578437695752307201, "
     "tv_nsec=1157159078456920585}, clockid=CLOCK_REALTIME)"},
    {"futex_wake",
     "futex_wake(uaddr=0x1000, mask=0x2000, nr=4194402, "
     "flags=FUTEX2_SIZE_U8|FUTEX2_PRIVATE)"},
    {"futex_requeue",
     "futex_requeue(waiters=0x1000, flags=5001, nr_wake=4194402, nr_requeue=4194403)"},
    {"set_robust_list",
     "set_robust_list(head=0x1000, len=5001)"},
    {"get_robust_list",
     "get_robust_list(pid=4194400, head_ptr=0x2000, len_ptr=0x3000)"},
    {"set_tid_address",
     "set_tid_address(tidptr=0x1000)"},
    {"rseq",
     "rseq(rseq=0x1000, rseq_len=5001, flags=RSEQ_FLAG_UNREGISTER, sig=0x4000)"},
    {"membarrier",
     "membarrier(cmd=MEMBARRIER_CMD_QUERY, flags=5001, cpu_id=4194402)"},
    {"getcpu",
     "getcpu(cpu=0x1000, node=0x2000, tcache=0x3000)"},
    {"set_thread_area",
     "set_thread_area(u_info={entry_number=67305985, base_addr=0x8070605, "
     "limit=0xc0b0a09})"},
    {"get_thread_area",
     "get_thread_area(u_info=0x1000)"},
    {"modify_ldt",
     "modify_ldt(func=read, ptr=0x2000, bytecount=5002)"},
    {"map_shadow_stack",
     "map_shadow_stack(addr=0x1000, size=5001, flags=5002)"},
    {"uretprobe",
     "uretprobe()"},
    {"uprobe",
     "uprobe()"},
    {"nanosleep",
     "nanosleep(rqtp={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, "
     "rmtp=0x2000)"},
    {"clock_nanosleep",
     "clock_nanosleep(clockid=CLOCK_REALTIME, flags=TIMER_ABSTIME, "
     "rqtp={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, rmtp=0x4000)"},
    {"clock_gettime",
     "clock_gettime(clockid=CLOCK_REALTIME, tp=0x2000)"},
    {"clock_settime",
     "clock_settime(clockid=CLOCK_REALTIME, tp={tv_sec=578437695752307201, "
     "tv_nsec=1157159078456920585})"},
    {"clock_getres",
     "clock_getres(clockid=CLOCK_REALTIME, res=0x2000)"},
    {"clock_adjtime",
     "clock_adjtime(clockid=CLOCK_REALTIME, buf=0x2000)"},
    {"adjtimex",
     "adjtimex(buf=0x1000)"},
    {"time",
     "time(tloc=0x1000)"},
    {"gettimeofday",
     "gettimeofday(tv=0x1000, tz=0x2000)"},
    {"settimeofday",
     "settimeofday(tv={tv_sec=578437695752307201, tv_usec=1157159078456920585}, "
     "tz=0x2000)"},
    {"getitimer",
     "getitimer(which=ITIMER_REAL, curr_value=0x2000)"},
    {"setitimer",
     "setitimer(which=ITIMER_REAL, new_value={it_interval.tv_sec=578437695752307201, "
     "it_interval.tv_usec=1157159078456920585, it_value.tv_sec=1735880461161533969, "
     "it_value.tv_usec=2314601843866147353}, old_value=0x3000)"},
    {"timer_create",
     "timer_create(clockid=CLOCK_REALTIME, sevp={sigev_value=0x807060504030201, "
     "sigev_signo=202050057, sigev_notify=0x100f0e0d}, timerid=0x3000)"},
    {"timer_settime",
     "timer_settime(timerid=4194400, flags=TIMER_ABSTIME, "
     "new_value={it_interval.tv_sec=578437695752307201, "
     "it_interval.tv_nsec=1157159078456920585, it_value.tv_sec=1735880461161533969, "
     "it_value.tv_nsec=2314601843866147353}, old_value=0x4000)"},
    {"timer_gettime",
     "timer_gettime(timerid=4194400, curr_value=0x2000)"},
    {"timer_getoverrun",
     "timer_getoverrun(timerid=4194400)"},
    {"timer_delete",
     "timer_delete(timerid=4194400)"},
    {"brk",
     "brk(addr=0x1000)"},
    {"mmap",
     "mmap(addr=0x1000, length=5001, prot=PROT_GROWSUP, "
     "flags=MAP_SHARED|MAP_UNINITIALIZED, fd=1004, offset=0x6000)"},
    {"munmap",
     "munmap(addr=0x1000, length=5001)"},
    {"mprotect",
     "mprotect(addr=0x1000, len=5001, prot=PROT_GROWSUP)"},
    {"pkey_mprotect",
     "pkey_mprotect(addr=0x1000, len=5001, prot=PROT_GROWSUP, pkey=4194403)"},
    {"pkey_alloc",
     "pkey_alloc(flags=5000, access_rights=PKEY_DISABLE_WRITE)"},
    {"pkey_free",
     "pkey_free(pkey=4194400)"},
    {"mremap",
     "mremap(old_address=0x1000, old_size=5001, new_size=5002, flags=MREMAP_DONTUNMAP, "
     "new_address=0x5000)"},
    {"remap_file_pages",
     "remap_file_pages(addr=0x1000, size=5001, prot=PROT_GROWSUP, pgoff=5003, "
     "flags=MAP_SHARED|MAP_UNINITIALIZED)"},
    {"madvise",
     "madvise(addr=0x1000, length=5001, advice=MADV_NORMAL)"},
    {"msync",
     "msync(addr=0x1000, length=5001, flags=MS_SYNC)"},
    {"mincore",
     "mincore(addr=0x1000, length=5001, vec=0x3000)"},
    {"mlock",
     "mlock(addr=0x1000, len=5001)"},
    {"mlock2",
     "mlock2(addr=0x1000, len=5001, flags=MLOCK_ONFAULT)"},
    {"munlock",
     "munlock(addr=0x1000, len=5001)"},
    {"mlockall",
     "mlockall(flags=MCL_ONFAULT)"},
    {"munlockall",
     "munlockall()"},
    {"mseal",
     "mseal(addr=0x1000, len=5001, flags=5002)"},
    {"memfd_secret",
     "memfd_secret(flags=O_CLOEXEC)"},
    {"userfaultfd",
     "userfaultfd(flags=O_CLOEXEC)"},
    {"mbind",
     "mbind(addr=0x1000, len=5001, mode=MPOL_DEFAULT|MPOL_F_STATIC_NODES, "
     "nodemask=0x807060504030201, maxnode=5004, flags=MPOL_MF_MOVE_ALL)"},
    {"set_mempolicy",
     "set_mempolicy(mode=MPOL_DEFAULT|MPOL_F_STATIC_NODES, nodemask=0x807060504030201, "
     "maxnode=5002)"},
    {"get_mempolicy",
     "get_mempolicy(mode=0x1000, nodemask=0x2000, maxnode=5002, addr=0x4000, "
     "flags=MPOL_F_MEMS_ALLOWED)"},
    {"set_mempolicy_home_node",
     "set_mempolicy_home_node(start=0x1000, len=5001, home_node=5002, flags=5003)"},
    {"migrate_pages",
     "migrate_pages(pid=4194400, maxnode=5001, old_nodes=0x807060504030201, "
     "new_nodes=0x807060504030201)"},
    {"move_pages",
     "move_pages(pid=4194400, count=5001, pages=0x3000, nodes=0x4000, status=0x5000, "
     "flags=MPOL_MF_MOVE_ALL)"},
    {"shmget",
     "shmget(key=0x1000, size=5001, shmflg=SHM_NORESERVE)"},
    {"shmat",
     "shmat(shmid=4194400, shmaddr=0x2000, shmflg=SHM_EXEC)"},
    {"shmctl",
     "shmctl(shmid=4194400, cmd=IPC_RMID|IPC_64, buf=0x3000)"},
    {"shmdt",
     "shmdt(shmaddr=0x1000)"},
    {"semget",
     "semget(key=0x1000, nsems=4194401, semflg=IPC_NOWAIT)"},
    {"semop",
     "semop(semid=4194400, sops=[{sem_num=513, sem_op=1027, sem_flg=0x605}, "
     "{sem_num=2055, sem_op=2569, sem_flg=IPC_NOWAIT|0x40b}], nsops=2)"},
    {"semtimedop",
     "semtimedop(semid=4194400, sops=[{sem_num=513, sem_op=1027, sem_flg=0x605}, "
     "{sem_num=2055, sem_op=2569, sem_flg=IPC_NOWAIT|0x40b}], nsops=2, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585})"},
    {"semctl",
     "semctl(semid=4194400, semnum=4194401, cmd=IPC_RMID|IPC_64, arg=0x4000)"},
    {"msgget",
     "msgget(key=0x1000, msgflg=IPC_NOWAIT)"},
    {"msgsnd",
     "msgsnd(msqid=4194400, msgp=0x2000, msgsz=5002, msgflg=IPC_NOWAIT)"},
    {"msgrcv",
     "msgrcv(msqid=4194400, msgp=0x2000, msgsz=5002, msgtyp=5003, msgflg=IPC_NOWAIT)"},
    {"msgctl",
     "msgctl(msqid=4194400, cmd=IPC_RMID|IPC_64, buf=0x3000)"},
    {"mq_open",
     "mq_open(name=\"/nonexistent/0\", oflag=O_WRONLY|O_CLOEXEC, mode=0640, "
     "attr={mq_flags=0x807060504030201, mq_maxmsg=1157159078456920585, "
     "mq_msgsize=1735880461161533969, mq_curmsgs=2314601843866147353})"},
    {"mq_unlink",
     "mq_unlink(name=\"/nonexistent/0\")"},
    {"mq_timedsend",
     "mq_timedsend(mqdes=1000, msg_ptr=<2 bytes>, msg_len=2, msg_prio=5003, "
     "abs_timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585})"},
    {"mq_timedreceive",
     "mq_timedreceive(mqdes=1000, msg_ptr=0x2000, msg_len=5002, msg_prio=0x4000, "
     "abs_timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585})"},
    {"mq_notify",
     "mq_notify(mqdes=1000, sevp={sigev_value=0x807060504030201, sigev_signo=202050057, "
     "sigev_notify=0x100f0e0d})"},
    {"mq_getsetattr",
     "mq_getsetattr(mqdes=1000, newattr={mq_flags=0x807060504030201, "
     "mq_maxmsg=1157159078456920585, mq_msgsize=1735880461161533969, "
     "mq_curmsgs=2314601843866147353}, oldattr=0x3000)"},
    {"socket",
     "socket(domain=AF_UNSPEC, type=SOCK_STREAM|SOCK_CLOEXEC, protocol=IPPROTO_ICMP)"},
    {"socketpair",
     "socketpair(domain=AF_UNSPEC, type=SOCK_STREAM|SOCK_CLOEXEC, "
     "protocol=IPPROTO_ICMP, sv=0x4000)"},
    {"bind",
     "bind(sockfd=1000, addr={sa_family=AF_INET, sin_port=80, sin_addr=127.0.0.1}, "
     "addrlen=16)"},
    {"connect",
     "connect(sockfd=1000, addr={sa_family=AF_INET, sin_port=80, sin_addr=127.0.0.1}, "
     "addrlen=16)"},
    {"listen",
     "listen(sockfd=1000, backlog=4194401)"},
    {"accept",
     "accept(sockfd=1000, addr=0x2000, addrlen=0x3000)"},
    {"accept4",
     "accept4(sockfd=1000, addr=0x2000, addrlen=0x3000, flags=SOCK_CLOEXEC)"},
    {"getsockname",
     "getsockname(sockfd=1000, addr=0x2000, addrlen=0x3000)"},
    {"getpeername",
     "getpeername(sockfd=1000, addr=0x2000, addrlen=0x3000)"},
    {"shutdown",
     "shutdown(sockfd=1000, how=SHUT_RD)"},
    {"sendto",
     "sendto(sockfd=1000, buf=<2 bytes>, len=2, flags=MSG_CMSG_CLOEXEC, "
     "dest_addr={sa_family=AF_INET, sin_port=80, sin_addr=127.0.0.1}, addrlen=16)"},
    {"recvfrom",
     "recvfrom(sockfd=1000, buf=0x2000, len=5002, flags=MSG_CMSG_CLOEXEC, "
     "src_addr=0x5000, addrlen=0x6000)"},
    {"sendmsg",
     "sendmsg(sockfd=1000, msg={msg_name=0x807060504030201, msg_namelen=202050057, "
     "msg_iov=0x1817161514131211, msg_iovlen=2314601843866147353, "
     "msg_control=0x2827262524232221, msg_controllen=3472044609275374121, "
     "msg_flags=MSG_OOB|MSG_PROBE|MSG_TRUNC|MSG_FIN|MSG_RST|MSG_ERRQUEUE|MSG_WAITFORONE|"
     "MSG_ZEROCOPY|MSG_FASTOPEN|0x10320000}, flags=MSG_CMSG_CLOEXEC)"},
    {"recvmsg",
     "recvmsg(sockfd=1000, msg={msg_name=0x807060504030201, msg_namelen=202050057, "
     "msg_iov=0x1817161514131211, msg_iovlen=2314601843866147353, "
     "msg_control=0x2827262524232221, msg_controllen=3472044609275374121, "
     "msg_flags=MSG_OOB|MSG_PROBE|MSG_TRUNC|MSG_FIN|MSG_RST|MSG_ERRQUEUE|MSG_WAITFORONE|"
     "MSG_ZEROCOPY|MSG_FASTOPEN|0x10320000}, flags=MSG_CMSG_CLOEXEC)"},
    {"sendmmsg",
     "sendmmsg(sockfd=1000, msgvec=[{msg_name=0x807060504030201, msg_namelen=202050057, "
     "msg_iov=0x1817161514131211, msg_iovlen=2314601843866147353, "
     "msg_controllen=3472044609275374121, msg_len=1010514489}, "
     "{msg_name=0x807060504030201, msg_namelen=202050057, msg_iov=0x1817161514131211, "
     "msg_iovlen=2314601843866147353, msg_controllen=3472044609275374121, "
     "msg_len=1010514489}], vlen=2, flags=MSG_CMSG_CLOEXEC)"},
    {"recvmmsg",
     "recvmmsg(sockfd=1000, msgvec=0x2000, vlen=5002, flags=MSG_CMSG_CLOEXEC, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585})"},
    {"setsockopt",
     "setsockopt(sockfd=1000, level=SOL_SOCKET, optname=SO_DEBUG, optval=67305985, "
     "optlen=4194404)"},
    {"getsockopt",
     "getsockopt(sockfd=1000, level=SOL_SOCKET, optname=SO_DEBUG, optval=0x4000, "
     "optlen=0x5000)"},
    {"bpf",
     "bpf(cmd=BPF_MAP_CREATE, attr=[0x4030201, 0x8070605, 0xc0b0a09, 0x100f0e0d], "
     "size=5002)"},
    {"perf_event_open",
     "perf_event_open(attr=?, pid=4194401, cpu=4194402, group_fd=1003, "
     "flags=PERF_FLAG_FD_CLOEXEC)"},
    {"seccomp",
     "seccomp(operation=SECCOMP_SET_MODE_STRICT, "
     "flags=SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, args=0x3000)"},
    {"landlock_create_ruleset",
     "landlock_create_ruleset(attr={handled_access_fs=0x807060504030201}, size=5001, "
     "flags=LANDLOCK_CREATE_RULESET_ERRATA)"},
    {"landlock_add_rule",
     "landlock_add_rule(ruleset_fd=1000, rule_type=LANDLOCK_RULE_PATH_BENEATH, "
     "rule_attr=0x3000, flags=5003)"},
    {"landlock_restrict_self",
     "landlock_restrict_self(ruleset_fd=1000, "
     "flags=LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF)"},
    {"lsm_get_self_attr",
     "lsm_get_self_attr(attr=LSM_ATTR_UNDEF, ctx=0x2000, size=0x3000, flags=5003)"},
    {"lsm_set_self_attr",
     "lsm_set_self_attr(attr=LSM_ATTR_UNDEF, ctx=0x2000, size=5002, flags=5003)"},
    {"lsm_list_modules",
     "lsm_list_modules(ids=0x1000, size=0x2000, flags=5002)"},
    {"add_key",
     "add_key(type=\"/nonexistent/0\", description=\"/nonexistent/1\", payload=<2 "
     "bytes>, plen=2, keyring=KEY_SPEC_THREAD_KEYRING)"},
    {"request_key",
     "request_key(type=\"/nonexistent/0\", description=\"/nonexistent/1\", "
     "callout_info=\"/nonexistent/2\", dest_keyring=KEY_SPEC_THREAD_KEYRING)"},
    {"keyctl",
     "keyctl(operation=KEYCTL_GET_KEYRING_ID, arg2=0x2000, arg3=0x3000, arg4=0x4000, "
     "arg5=0x5000)"},
    {"init_module",
     "init_module(module_image=0x1000, len=5001, param_values=\"/nonexistent/2\")"},
    {"finit_module",
     "finit_module(fd=1000, param_values=\"/nonexistent/1\", "
     "flags=MODULE_INIT_COMPRESSED_FILE)"},
    {"delete_module",
     "delete_module(name=\"/nonexistent/0\", flags=O_TRUNC)"},
    {"create_module",
     "create_module(name=\"/nonexistent/0\", size=5001)"},
    {"query_module",
     "query_module(name=\"/nonexistent/0\", which=4194401, buf=0x3000, bufsize=5003, "
     "ret=0x5000)"},
    {"get_kernel_syms",
     "get_kernel_syms(table=0x1000)"},
    {"kexec_load",
     "kexec_load(entry=0x1000, nr_segments=5001, segments=0x3000, "
     "flags=KEXEC_ARCH_386|KEXEC_CRASH_HOTPLUG_SUPPORT)"},
    {"kexec_file_load",
     "kexec_file_load(kernel_fd=1000, initrd_fd=1001, cmdline_len=2, cmdline=<2 bytes>, "
     "flags=KEXEC_FILE_DEBUG)"},
    {"reboot",
     "reboot(magic=LINUX_REBOOT_MAGIC1, magic2=LINUX_REBOOT_MAGIC1, "
     "cmd=LINUX_REBOOT_CMD_CAD_OFF, arg=0x4000)"},
    {"sethostname",
     "sethostname(name=<2 bytes>, len=2)"},
    {"setdomainname",
     "setdomainname(name=<2 bytes>, len=2)"},
    {"uname",
     "uname(buf=0x1000)"},
    {"sysinfo",
     "sysinfo(info=0x1000)"},
    {"syslog",
     "syslog(type=SYSLOG_ACTION_CLOSE, buf=0x2000, len=4194402)"},
    {"_sysctl",
     "_sysctl(args=0x1000)"},
    {"sysfs",
     "sysfs(option=4194400, arg1=0x2000, arg2=0x3000)"},
    {"getrandom",
     "getrandom(buf=0x1000, buflen=5001, flags=GRND_INSECURE)"},
    {"ioperm",
     "ioperm(from=5000, num=5001, turn_on=4194402)"},
    {"iopl",
     "iopl(level=4194400)"},
    {"vhangup",
     "vhangup()"},
    {"uselib",
     "uselib(library=\"/nonexistent/0\")"},
    {"nfsservctl",
     "nfsservctl(cmd=4194400, argp=0x2000, resp=0x3000)"},
    {"vserver",
     "vserver()"},
    {"afs_syscall",
     "afs_syscall()"},
    {"getpmsg",
     "getpmsg()"},
    {"putpmsg",
     "putpmsg()"},
    {"security",
     "security()"},
    {"tuxcall",
     "tuxcall()"},
};

// Of 32-bit calls those that are not the same.
inline constexpr ExpectedCall kExpected32[] = {
    {"chown16",
     "chown16(path=\"/nonexistent/0\", uid=1002, gid=1003)"},
    {"lchown16",
     "lchown16(path=\"/nonexistent/0\", uid=1002, gid=1003)"},
    {"fchown16",
     "fchown16(fd=1000, uid=1002, gid=1003)"},
    {"truncate64",
     "truncate64(path=\"/nonexistent/0\", length=4294967304)"},
    {"ftruncate64",
     "ftruncate64(fd=1000, length=4294967304)"},
    {"pread64",
     "pread64(fd=1000, buf=0x2000, count=5002, offset=4294967306)"},
    {"pwrite64",
     "pwrite64(fd=1000, buf=<2 bytes>, count=2, offset=4294967306)"},
    {"readv",
     "readv(fd=1000, iov=[{iov_base=0x4030201, iov_len=134678021}, {iov_base=0xc0b0a09, "
     "iov_len=269422093}], iovcnt=2)"},
    {"writev",
     "writev(fd=1000, iov=[{iov_base=0x4030201, iov_len=134678021}, "
     "{iov_base=0xc0b0a09, iov_len=269422093}], iovcnt=2)"},
    {"preadv",
     "preadv(fd=1000, iov=[{iov_base=0x4030201, iov_len=134678021}, "
     "{iov_base=0xc0b0a09, iov_len=269422093}], iovcnt=2, pos_l=5003, pos_h=5004)"},
    {"pwritev",
     "pwritev(fd=1000, iov=[{iov_base=0x4030201, iov_len=134678021}, "
     "{iov_base=0xc0b0a09, iov_len=269422093}], iovcnt=2, pos_l=5003, pos_h=5004)"},
    {"preadv2",
     "preadv2(fd=1000, iov=[{iov_base=0x4030201, iov_len=134678021}, "
     "{iov_base=0xc0b0a09, iov_len=269422093}], iovcnt=2, pos_l=5003, pos_h=5004, "
     "flags=RWF_DONTCACHE)"},
    {"pwritev2",
     "pwritev2(fd=1000, iov=[{iov_base=0x4030201, iov_len=134678021}, "
     "{iov_base=0xc0b0a09, iov_len=269422093}], iovcnt=2, pos_l=5003, pos_h=5004, "
     "flags=RWF_DONTCACHE)"},
    {"_llseek",
     "_llseek(fd=1000, offset_high=5001, offset_low=5002, result=0x4000, "
     "whence=SEEK_SET)"},
    {"sendfile",
     "sendfile(out_fd=1000, in_fd=1001, offset=0x4030201, count=5003)"},
    {"sendfile64",
     "sendfile64(out_fd=1000, in_fd=1001, offset=578437695752307201, count=5003)"},
    {"vmsplice",
     "vmsplice(fd=1000, iov=[{iov_base=0x4030201, iov_len=134678021}, "
     "{iov_base=0xc0b0a09, iov_len=269422093}], nr_segs=2, flags=SPLICE_F_GIFT)"},
    {"readahead",
     "readahead(fd=1000, offset=4294967304, count=5003)"},
    {"fadvise64",
     "fadvise64(fd=1000, offset=4294967304, len=5003, advice=POSIX_FADV_NORMAL)"},
    {"fadvise64_64",
     "fadvise64_64(fd=1000, offset=4294967304, len=4294967306, advice=POSIX_FADV_NORMAL)"},
    {"fallocate",
     "fallocate(fd=1000, mode=FALLOC_FL_WRITE_ZEROES, offset=4294967305, len=4294967307)"},
    {"sync_file_range",
     "sync_file_range(fd=1000, offset=4294967304, nbytes=4294967306, "
     "flags=SYNC_FILE_RANGE_WAIT_AFTER)"},
    {"fstatat64",
     "fstatat64(dirfd=1000, path=\"/nonexistent/1\", statbuf=0x3000, "
     "flags=AT_SYMLINK_NOFOLLOW)"},
    {"stat64",
     "stat64(path=\"/nonexistent/0\", statbuf=0x2000)"},
    {"lstat64",
     "lstat64(path=\"/nonexistent/0\", statbuf=0x2000)"},
    {"fstat64",
     "fstat64(fd=1000, statbuf=0x2000)"},
    {"oldstat",
     "oldstat(path=\"/nonexistent/0\", statbuf=0x2000)"},
    {"oldlstat",
     "oldlstat(path=\"/nonexistent/0\", statbuf=0x2000)"},
    {"oldfstat",
     "oldfstat(fd=1000, statbuf=0x2000)"},
    {"statfs64",
     "statfs64(path=\"/nonexistent/0\", size=5001, buf=0x3000)"},
    {"fstatfs64",
     "fstatfs64(fd=1000, size=5001, buf=0x3000)"},
    {"readdir",
     "readdir(fd=1000, dirp=0x2000, count=5002)"},
    {"utime",
     "utime(path=\"/nonexistent/0\", times={actime=67305985, modtime=134678021})"},
    {"utimes",
     "utimes(path=\"/nonexistent/0\", times={atime.tv_sec=67305985, "
     "atime.tv_usec=134678021, mtime.tv_sec=202050057, mtime.tv_usec=269422093})"},
    {"futimesat",
     "futimesat(dirfd=1000, path=\"/nonexistent/1\", times={atime.tv_sec=67305985, "
     "atime.tv_usec=134678021, mtime.tv_sec=202050057, mtime.tv_usec=269422093})"},
    {"utimensat",
     "utimensat(dirfd=1000, path=\"/nonexistent/1\", times={atime.tv_sec=67305985, "
     "atime.tv_nsec=134678021, mtime.tv_sec=202050057, mtime.tv_nsec=269422093}, "
     "flags=AT_SYMLINK_NOFOLLOW)"},
    {"utimensat_time64",
     "utimensat_time64(dirfd=1000, path=\"/nonexistent/1\", "
     "times={atime.tv_sec=578437695752307201, atime.tv_nsec=1157159078456920585, "
     "mtime.tv_sec=1735880461161533969, mtime.tv_nsec=2314601843866147353}, "
     "flags=AT_SYMLINK_NOFOLLOW)"},
    {"lookup_dcookie",
     "lookup_dcookie(cookie=4294967303, buffer=0x3000, len=5003)"},
    {"fcntl64",
     "fcntl64(fd=1000, cmd=F_DUPFD, arg=12288)"},
    {"timerfd_settime",
     "timerfd_settime(fd=1000, flags=TFD_TIMER_CANCEL_ON_SET, "
     "new_value={it_interval.tv_sec=67305985, it_interval.tv_nsec=134678021, "
     "it_value.tv_sec=202050057, it_value.tv_nsec=269422093}, old_value=0x4000)"},
    {"timerfd_settime64",
     "timerfd_settime64(fd=1000, flags=TFD_TIMER_CANCEL_ON_SET, "
     "new_value={it_interval.tv_sec=578437695752307201, "
     "it_interval.tv_nsec=1157159078456920585, it_value.tv_sec=1735880461161533969, "
     "it_value.tv_nsec=2314601843866147353}, old_value=0x4000)"},
    {"timerfd_gettime64",
     "timerfd_gettime64(fd=1000, curr_value=0x2000)"},
    {"old_select",
     "old_select(arg=0x1000)"},
    {"_newselect",
     "_newselect(nfds=4194400, readfds=0x2000, writefds=0x3000, exceptfds=0x4000, "
     "timeout=NULL)"},
    {"pselect6",
     "pselect6(nfds=4194400, readfds=0x2000, writefds=0x3000, exceptfds=0x4000, "
     "timeout={tv_sec=67305985, tv_nsec=134678021}, sigmask=0x6000)"},
    {"pselect6_time64",
     "pselect6_time64(nfds=4194400, readfds=0x2000, writefds=0x3000, exceptfds=0x4000, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, sigmask=0x6000)"},
    {"ppoll",
     "ppoll(fds=[{fd=67305985, events=POLLIN|POLLOUT|POLLWRBAND|POLLMSG, "
     "revents=POLLIN|POLLPRI|POLLOUT|0x800}, {fd=202050057, "
     "events=POLLIN|POLLOUT|POLLERR|POLLWRBAND|POLLMSG|0x800, "
     "revents=POLLIN|POLLPRI|POLLOUT|POLLERR|POLLREMOVE}], nfds=2, "
     "tmo_p={tv_sec=67305985, tv_nsec=134678021}, sigmask=[SIGHUP SIGUSR1 SIGCHLD "
     "SIGCONT SIGPROF 33 SIGRTMIN+1 SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+15 SIGRTMIN+16 "
     "SIGRTMIN+17 SIGRTMIN+26], sigsetsize=5004)"},
    {"ppoll_time64",
     "ppoll_time64(fds=[{fd=67305985, events=POLLIN|POLLOUT|POLLWRBAND|POLLMSG, "
     "revents=POLLIN|POLLPRI|POLLOUT|0x800}, {fd=202050057, "
     "events=POLLIN|POLLOUT|POLLERR|POLLWRBAND|POLLMSG|0x800, "
     "revents=POLLIN|POLLPRI|POLLOUT|POLLERR|POLLREMOVE}], nfds=2, "
     "tmo_p={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, sigmask=[SIGHUP "
     "SIGUSR1 SIGCHLD SIGCONT SIGPROF 33 SIGRTMIN+1 SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+15 "
     "SIGRTMIN+16 SIGRTMIN+17 SIGRTMIN+26], sigsetsize=5004)"},
    {"fanotify_mark",
     "fanotify_mark(fanotify_fd=1000, flags=FAN_MARK_IGNORE, mask=4294967305, "
     "dirfd=1004, path=\"/nonexistent/5\")"},
    {"umount",
     "umount(target=\"/nonexistent/0\")"},
    {"io_getevents",
     "io_getevents(ctx_id=0x1000, min_nr=5001, nr=5002, events=0x4000, "
     "timeout={tv_sec=67305985, tv_nsec=134678021})"},
    {"io_pgetevents",
     "io_pgetevents(ctx_id=0x1000, min_nr=5001, nr=5002, events=0x4000, "
     "timeout={tv_sec=67305985, tv_nsec=134678021}, sig=0x6000)"},
    {"io_pgetevents_time64",
     "io_pgetevents_time64(ctx_id=0x1000, min_nr=5001, nr=5002, events=0x4000, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, sig=0x6000)"},
    {"waitpid",
     "waitpid(pid=4194400, wstatus=0x2000, options=__WCLONE)"},
    {"process_vm_readv",
     "process_vm_readv(pid=4194400, local_iov=[{iov_base=0x4030201, iov_len=134678021}, "
     "{iov_base=0xc0b0a09, iov_len=269422093}], liovcnt=2, "
     "remote_iov=[{iov_base=0x4030201, iov_len=134678021}, {iov_base=0xc0b0a09, "
     "iov_len=269422093}], riovcnt=2, flags=5005)"},
    {"process_vm_writev",
     "process_vm_writev(pid=4194400, local_iov=[{iov_base=0x4030201, "
     "iov_len=134678021}, {iov_base=0xc0b0a09, iov_len=269422093}], liovcnt=2, "
     "remote_iov=[{iov_base=0x4030201, iov_len=134678021}, {iov_base=0xc0b0a09, "
     "iov_len=269422093}], riovcnt=2, flags=5005)"},
    {"process_madvise",
     "process_madvise(pidfd=1000, iovec=[{iov_base=0x4030201, iov_len=134678021}, "
     "{iov_base=0xc0b0a09, iov_len=269422093}], vlen=2, advice=MADV_NORMAL, flags=5004)"},
    {"getuid16",
     "getuid16()"},
    {"getgid16",
     "getgid16()"},
    {"geteuid16",
     "geteuid16()"},
    {"getegid16",
     "getegid16()"},
    {"setuid16",
     "setuid16(uid=1001)"},
    {"setgid16",
     "setgid16(gid=1001)"},
    {"setreuid16",
     "setreuid16(ruid=1001, euid=1002)"},
    {"setregid16",
     "setregid16(rgid=1001, egid=1002)"},
    {"setresuid16",
     "setresuid16(ruid=1001, euid=1002, suid=1003)"},
    {"setresgid16",
     "setresgid16(rgid=1001, egid=1002, sgid=1003)"},
    {"getresuid16",
     "getresuid16(ruid=0x1000, euid=0x2000, suid=0x3000)"},
    {"getresgid16",
     "getresgid16(rgid=0x1000, egid=0x2000, sgid=0x3000)"},
    {"setfsuid16",
     "setfsuid16(fsuid=1001)"},
    {"setfsgid16",
     "setfsgid16(fsgid=1001)"},
    {"getgroups16",
     "getgroups16(size=4194400, list=[])"},
    {"setgroups16",
     "setgroups16(size=2, list=[513, 1027])"},
    {"rt_sigaction",
     "rt_sigaction(signum=SIGUSR1, act={sa_handler=0x4030201, "
     "sa_flags=SA_NOCLDSTOP|SA_SIGINFO|SA_UNSUPPORTED|SA_ONSTACK|0x70200, "
     "sa_mask=[SIGHUP SIGQUIT SIGILL SIGUSR1 SIGSEGV SIGUSR2 SIGCHLD SIGCONT SIGSTOP "
     "SIGTSTP SIGPOLL 33 SIGRTMIN+3 SIGRTMIN+8 SIGRTMIN+11 SIGRTMIN+15 SIGRTMIN+16 "
     "SIGRTMIN+19 SIGRTMIN+25 SIGRTMIN+27], sa_restorer=0xc0b0a09}, oldact=0x3000, "
     "sigsetsize=5003)"},
    {"rt_sigtimedwait",
     "rt_sigtimedwait(set=[SIGHUP SIGUSR1 SIGCHLD SIGCONT SIGPROF 33 SIGRTMIN+1 "
     "SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+15 SIGRTMIN+16 SIGRTMIN+17 SIGRTMIN+26], "
     "info=0x2000, timeout={tv_sec=67305985, tv_nsec=134678021}, sigsetsize=5003)"},
    {"rt_sigtimedwait_time64",
     "rt_sigtimedwait_time64(set=[SIGHUP SIGUSR1 SIGCHLD SIGCONT SIGPROF 33 SIGRTMIN+1 "
     "SIGRTMIN+8 SIGRTMIN+9 SIGRTMIN+15 SIGRTMIN+16 SIGRTMIN+17 SIGRTMIN+26], "
     "info=0x2000, timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, "
     "sigsetsize=5003)"},
    {"sigaltstack",
     "sigaltstack(ss={ss_sp=0x4030201, ss_flags=SS_ONSTACK|0x8070604, "
     "ss_size=202050057}, old_ss=0x2000)"},
    {"signal",
     "signal(signum=SIGUSR1, handler=0x2000)"},
    {"sigaction",
     "sigaction(signum=SIGUSR1, act={sa_handler=0x4030201, sa_mask=[SIGHUP SIGQUIT "
     "SIGUSR1 SIGSEGV SIGCHLD SIGCONT SIGSTOP SIGWINCH], "
     "sa_flags=SA_NOCLDSTOP|SA_EXPOSE_TAGBITS|SA_RESTORER|SA_ONSTACK|0xb0208, "
     "sa_restorer=0x100f0e0d}, oldact=0x3000)"},
    {"sigprocmask",
     "sigprocmask(how=SIG_BLOCK, set=[SIGHUP SIGUSR1 SIGCHLD SIGCONT SIGPROF], "
     "oldset=0x3000)"},
    {"sigpending",
     "sigpending(set=0x1000)"},
    {"sgetmask",
     "sgetmask()"},
    {"ssetmask",
     "ssetmask(newmask=0x1000)"},
    {"ugetrlimit",
     "ugetrlimit(resource=RLIMIT_CPU, rlim=0x2000)"},
    {"setrlimit",
     "setrlimit(resource=RLIMIT_CPU, rlim={rlim_cur=67305985, rlim_max=134678021})"},
    {"nice",
     "nice(inc=4194400)"},
    {"sched_rr_get_interval_time64",
     "sched_rr_get_interval_time64(pid=4194400, interval=0x2000)"},
    {"sched_setaffinity",
     "sched_setaffinity(pid=4194400, cpusetsize=5001, mask=0x4030201)"},
    {"futex",
     "futex(uaddr=0x1000, futex_op=FUTEX_WAIT|FUTEX_CLOCK_REALTIME, val=5002, "
     "timeout={tv_sec=67305985, tv_nsec=134678021}, uaddr2=0x5000, val3=0x6000)"},
    {"futex_time64",
     "futex_time64(uaddr=0x1000, futex_op=FUTEX_WAIT|FUTEX_CLOCK_REALTIME, val=5002, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, uaddr2=0x5000, "
     "val3=0x6000)"},
    {"nanosleep",
     "nanosleep(rqtp={tv_sec=67305985, tv_nsec=134678021}, rmtp=0x2000)"},
    {"clock_nanosleep",
     "clock_nanosleep(clockid=CLOCK_REALTIME, flags=TIMER_ABSTIME, "
     "rqtp={tv_sec=67305985, tv_nsec=134678021}, rmtp=0x4000)"},
    {"clock_nanosleep_time64",
     "clock_nanosleep_time64(clockid=CLOCK_REALTIME, flags=TIMER_ABSTIME, "
     "rqtp={tv_sec=578437695752307201, tv_nsec=1157159078456920585}, rmtp=0x4000)"},
    {"clock_gettime64",
     "clock_gettime64(clockid=CLOCK_REALTIME, tp=0x2000)"},
    {"clock_settime",
     "clock_settime(clockid=CLOCK_REALTIME, tp={tv_sec=67305985, tv_nsec=134678021})"},
    {"clock_settime64",
     "clock_settime64(clockid=CLOCK_REALTIME, tp={tv_sec=578437695752307201, "
     "tv_nsec=1157159078456920585})"},
    {"clock_getres_time64",
     "clock_getres_time64(clockid=CLOCK_REALTIME, res=0x2000)"},
    {"clock_adjtime64",
     "clock_adjtime64(clockid=CLOCK_REALTIME, buf=0x2000)"},
    {"stime",
     "stime(t=0x4030201)"},
    {"ftime",
     "ftime()"},
    {"settimeofday",
     "settimeofday(tv={tv_sec=67305985, tv_usec=134678021}, tz=0x2000)"},
    {"setitimer",
     "setitimer(which=ITIMER_REAL, new_value={it_interval.tv_sec=67305985, "
     "it_interval.tv_usec=134678021, it_value.tv_sec=202050057, "
     "it_value.tv_usec=269422093}, old_value=0x3000)"},
    {"timer_create",
     "timer_create(clockid=CLOCK_REALTIME, sevp={sigev_value=0x4030201, "
     "sigev_signo=134678021, sigev_notify=0xc0b0a09}, timerid=0x3000)"},
    {"timer_settime",
     "timer_settime(timerid=4194400, flags=TIMER_ABSTIME, "
     "new_value={it_interval.tv_sec=67305985, it_interval.tv_nsec=134678021, "
     "it_value.tv_sec=202050057, it_value.tv_nsec=269422093}, old_value=0x4000)"},
    {"timer_settime64",
     "timer_settime64(timerid=4194400, flags=TIMER_ABSTIME, "
     "new_value={it_interval.tv_sec=578437695752307201, "
     "it_interval.tv_nsec=1157159078456920585, it_value.tv_sec=1735880461161533969, "
     "it_value.tv_nsec=2314601843866147353}, old_value=0x4000)"},
    {"timer_gettime64",
     "timer_gettime64(timerid=4194400, curr_value=0x2000)"},
    {"mmap2",
     "mmap2(addr=0x1000, length=5001, prot=PROT_GROWSUP, "
     "flags=MAP_SHARED|MAP_UNINITIALIZED, fd=1004, pgoffset=0x6000)"},
    {"old_mmap",
     "old_mmap(arg=0x1000)"},
    {"mbind",
     "mbind(addr=0x1000, len=5001, mode=MPOL_DEFAULT|MPOL_F_STATIC_NODES, "
     "nodemask=0x4030201, maxnode=5004, flags=MPOL_MF_MOVE_ALL)"},
    {"set_mempolicy",
     "set_mempolicy(mode=MPOL_DEFAULT|MPOL_F_STATIC_NODES, nodemask=0x4030201, "
     "maxnode=5002)"},
    {"migrate_pages",
     "migrate_pages(pid=4194400, maxnode=5001, old_nodes=0x4030201, new_nodes=0x4030201)"},
    {"semtimedop_time64",
     "semtimedop_time64(semid=4194400, sops=[{sem_num=513, sem_op=1027, sem_flg=0x605}, "
     "{sem_num=2055, sem_op=2569, sem_flg=IPC_NOWAIT|0x40b}], nsops=2, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585})"},
    {"ipc",
     "ipc(call=SEMOP, first=4194401, second=5002, third=5003, ptr=0x5000, fifth=5005)"},
    {"mq_open",
     "mq_open(name=\"/nonexistent/0\", oflag=O_WRONLY|O_CLOEXEC, mode=0640, "
     "attr={mq_flags=0x4030201, mq_maxmsg=134678021, mq_msgsize=202050057, "
     "mq_curmsgs=269422093})"},
    {"mq_timedsend",
     "mq_timedsend(mqdes=1000, msg_ptr=<2 bytes>, msg_len=2, msg_prio=5003, "
     "abs_timeout={tv_sec=67305985, tv_nsec=134678021})"},
    {"mq_timedsend_time64",
     "mq_timedsend_time64(mqdes=1000, msg_ptr=<2 bytes>, msg_len=2, msg_prio=5003, "
     "abs_timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585})"},
    {"mq_timedreceive",
     "mq_timedreceive(mqdes=1000, msg_ptr=0x2000, msg_len=5002, msg_prio=0x4000, "
     "abs_timeout={tv_sec=67305985, tv_nsec=134678021})"},
    {"mq_timedreceive_time64",
     "mq_timedreceive_time64(mqdes=1000, msg_ptr=0x2000, msg_len=5002, msg_prio=0x4000, "
     "abs_timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585})"},
    {"mq_notify",
     "mq_notify(mqdes=1000, sevp={sigev_value=0x4030201, sigev_signo=134678021, "
     "sigev_notify=0xc0b0a09})"},
    {"mq_getsetattr",
     "mq_getsetattr(mqdes=1000, newattr={mq_flags=0x4030201, mq_maxmsg=134678021, "
     "mq_msgsize=202050057, mq_curmsgs=269422093}, oldattr=0x3000)"},
    {"sendmsg",
     "sendmsg(sockfd=1000, msg={msg_name=0x4030201, msg_namelen=134678021, "
     "msg_iov=0xc0b0a09, msg_iovlen=269422093, msg_control=0x14131211, "
     "msg_controllen=404166165, "
     "msg_flags=MSG_OOB|MSG_CTRUNC|MSG_PROBE|MSG_FIN|MSG_CONFIRM|MSG_RST|MSG_WAITFORONE|"
     "MSG_ZEROCOPY|0x181a0000}, flags=MSG_CMSG_CLOEXEC)"},
    {"recvmsg",
     "recvmsg(sockfd=1000, msg={msg_name=0x4030201, msg_namelen=134678021, "
     "msg_iov=0xc0b0a09, msg_iovlen=269422093, msg_control=0x14131211, "
     "msg_controllen=404166165, "
     "msg_flags=MSG_OOB|MSG_CTRUNC|MSG_PROBE|MSG_FIN|MSG_CONFIRM|MSG_RST|MSG_WAITFORONE|"
     "MSG_ZEROCOPY|0x181a0000}, flags=MSG_CMSG_CLOEXEC)"},
    {"sendmmsg",
     "sendmmsg(sockfd=1000, msgvec=[{msg_name=0x4030201, msg_namelen=134678021, "
     "msg_iov=0xc0b0a09, msg_iovlen=269422093, msg_controllen=404166165, "
     "msg_len=538910237}, {msg_name=0x24232221, msg_namelen=673654309, "
     "msg_iov=0x2c2b2a29, msg_iovlen=808398381, msg_controllen=943142453, "
     "msg_len=1077886525}], vlen=2, flags=MSG_CMSG_CLOEXEC)"},
    {"recvmmsg",
     "recvmmsg(sockfd=1000, msgvec=0x2000, vlen=5002, flags=MSG_CMSG_CLOEXEC, "
     "timeout={tv_sec=67305985, tv_nsec=134678021})"},
    {"recvmmsg_time64",
     "recvmmsg_time64(sockfd=1000, msgvec=0x2000, vlen=5002, flags=MSG_CMSG_CLOEXEC, "
     "timeout={tv_sec=578437695752307201, tv_nsec=1157159078456920585})"},
    {"socketcall",
     "socketcall(call=SYS_SOCKET, args=0x2000)"},
    {"olduname",
     "olduname(buf=0x1000)"},
    {"oldolduname",
     "oldolduname(buf=0x1000)"},
    {"vm86",
     "vm86(fn=5000, v86=0x2000)"},
    {"vm86old",
     "vm86old(info=0x1000)"},
    {"bdflush",
     "bdflush(func=4194400, data=0x2000)"},
    {"break",
     "break()"},
    {"gtty",
     "gtty()"},
    {"idle",
     "idle()"},
    {"lock",
     "lock()"},
    {"mpx",
     "mpx()"},
    {"prof",
     "prof()"},
    {"profil",
     "profil()"},
    {"stty",
     "stty()"},
    {"ulimit",
     "ulimit()"},
};
// clang-format on

}  // namespace outrider
