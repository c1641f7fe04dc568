/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The socket behind a descriptor of the current process, as it is when the call is over:
 * what it is bound to, and whom it is connected to. Calls about sockets are dear enough
 * for probe reads.
 */
#ifndef OUTRIDER_SYSCALLS_SOCKET_H
#define OUTRIDER_SYSCALLS_SOCKET_H

#include "bpf/kernel/object.bpf.h"

/* include/uapi/linux/stat.h, include/linux/socket.h */
#define S_IFMT 00170000
#define S_IFSOCK 0140000
#define AF_INET 2
#define AF_INET6 10

/* 0 if the file is no socket, or none. */
static __always_inline u64 socket__of_file(u64 address)
{
	struct file *file = (void *)address;
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	socket = BPF_CORE_READ(file, private_data);
	return (u64)BPF_CORE_READ(socket, sk);
}

static __always_inline u64 socket__of_descriptor(u64 task, s32 descriptor)
{
	return socket__of_file(file__of_descriptor(task, descriptor));
}

static __always_inline void socket__address(u8 *to, u64 sock, u32 offset, u32 size)
{
	bpf_probe_read_kernel(to, size, (void *)(sock + offset));
}

static __always_inline void socket__describe(struct wire_socket *to, u64 address)
{
	struct sock *sock = (void *)address;
	u16 port;

	__builtin_memset(to, 0, sizeof(*to));
	to->family = BPF_CORE_READ(sock, __sk_common.skc_family);
	to->type = BPF_CORE_READ(sock, sk_type);
	to->protocol = BPF_CORE_READ(sock, sk_protocol);
	to->state = BPF_CORE_READ(sock, __sk_common.skc_state);
	to->cookie = BPF_CORE_READ(sock, __sk_common.skc_cookie.counter);
	if (to->family != AF_INET && to->family != AF_INET6)
		return;
	to->local_port = BPF_CORE_READ(sock, __sk_common.skc_num);
	port = BPF_CORE_READ(sock, __sk_common.skc_dport);
	to->remote_port = bpf_ntohs(port);
	/* The common part comes first in a sock. */
	if (to->family == AF_INET) {
		socket__address(to->local_address, address,
				bpf_core_field_offset(struct sock_common, skc_rcv_saddr), 4);
		socket__address(to->remote_address, address,
				bpf_core_field_offset(struct sock_common, skc_daddr), 4);
	} else if (bpf_core_field_exists(((struct sock_common *)0)->skc_v6_daddr)) {
		socket__address(to->local_address, address,
				bpf_core_field_offset(struct sock_common, skc_v6_rcv_saddr), 16);
		socket__address(to->remote_address, address,
				bpf_core_field_offset(struct sock_common, skc_v6_daddr), 16);
	}
}

/* As a string of the record that is built at `end`; returns the new end. */
static __always_inline u64 socket__write(struct wire_string *string, u8 *record, u64 end, u64 sock)
{
	if (!sock || end > WIRE_RECORD_MAX - WIRE_PATH_MAX)
		return end;
	socket__describe((struct wire_socket *)(record + end), sock);
	string->state = WIRE_STRING_WHOLE;
	string->length = sizeof(struct wire_socket);
	return end + sizeof(struct wire_socket);
}

static __always_inline u64 socket__capture(struct wire_string *string, u8 *record, u64 end,
					   u64 descriptor)
{
	return socket__write(string, record, end,
			     socket__of_descriptor(task__current(), (s32)descriptor));
}

#endif
