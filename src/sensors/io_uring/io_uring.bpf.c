/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Requests that come by io_uring: no system call of theirs ever exits. Those that do what a call
 * does make the event of that call's kind; and each one, whatever it is, one of the kind
 * io_uring, if somebody wants that.
 *
 * The kernel copies a request's path when it takes the request, and drops the
 * copy before it posts the completion. So we read at submission, remember, and
 * send at completion, when the result is known:
 *
 *   io_uring_submit_req     the request is complete and has not started yet
 *   io_uring_complete       its completion is posted
 *   io_uring_cqe_overflow   the same, when the completion queue has no room:
 *			     without it a full queue would hide what was done
 *
 * A request whose completion nobody will see (IOSQE_CQE_SKIP_SUCCESS), or that
 * we have no room to remember, is sent at its submission, result unknown:
 * nobody gets out of sight by flags or by numbers.
 *
 * A request to accept may be for many connections: each but the last is completed without the
 * request (a completion that has only the number which the process gave it).
 *
 * Not seen: requests that the kernel refuses before it has made them (a path
 * that faults or is too long, unknown flags), and those submitted before we
 * were attached.
 *
 * Who does it is the submitter. Completion may run in another thread of the
 * process (io-wq, SQPOLL), which shares its descriptors and directories, or, if
 * the process is gone, in a kernel thread, which does not: then what would have
 * to be looked up there is unknown.
 *
 * From Linux 6.0 on, where the tracepoints have the request itself. All reads
 * are probe reads: these programs are rare guests, and so one form of them
 * serves all kernels.
 */
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/filter.bpf.h"
#include "bpf/kernel/object.bpf.h"
#include "bpf/kernel/string.bpf.h"
#include "bpf/kernel/task.bpf.h"
#include "syscalls/abi.bpf.h"
#include "syscalls/socket.bpf.h"

/* include/uapi/linux/io_uring.h: opcodes, request flags of the same bits as those of enum
 * io_uring_sqe_flags_bit, and a flag of completions. */
enum {
	OPCODE_ACCEPT = 13,
	OPCODE_CONNECT = 16,
	OPCODE_OPENAT = 18,
	OPCODE_OPENAT2 = 28,
	OPCODE_RENAMEAT = 35,
	OPCODE_UNLINKAT = 36,
	OPCODE_MKDIRAT = 37,
	OPCODE_SYMLINKAT = 38,
	OPCODE_LINKAT = 39,
	OPCODE_SOCKET = 45,
	OPCODE_BIND = 56,
	OPCODE_LISTEN = 57,
	REQUEST_SKIPS_COMPLETION = 1 << 6,
	REQUEST_FLAGS = 0x7f,
	COMPLETION_MORE = 1 << 1,
};

enum {
	REQUEST_PATHS = 2,
	/* A path shorter than this is kept with its request, a longer one apart. */
	SHORT_PATH = 256,
	PENDING_REQUESTS = 4096,
	PENDING_LONG_PATHS = 256,
	/* struct sockaddr_storage */
	SOCKET_ADDRESS_MAX = 128,
};

/* By opcode: the row of the system call that does the same, with its kind, or the kind of its
 * group; 0 if it is not wanted. `traced`: as a request, too. Memory-mapped. */
struct wire_call uring_calls[WIRE_URING_OPCODES];

/* The number of io_uring_enter(2), which events of requests have. */
wire_u32 uring_enter_number;

/* Whether completions are told of by their address (from 6.10 or so on), or by their members. */
const volatile bool uring_whole_completions = false;

/* What is kept of a request between its submission and its completion. */
struct uring_request {
	struct wire_file file; /* all but time, result, bases and object; kind 0: none of its own */
	u64 ring;
	u64 user_data;
	u32 opcode;
	s32 descriptor;
	u32 flags;  /* of the request, as given */
	u32 traced; /* an event of the kind io_uring, too */
	u8 paths[REQUEST_PATHS][SHORT_PATH];
};

struct uring_path {
	u8 bytes[WIRE_PATH_MAX];
};

struct uring_path_key {
	u64 request;
	u64 which;
};

/* By address of the request. Not an LRU: what is forgotten would be lost unseen,
 * what finds no room is sent at once. Grows as it is used. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PENDING_REQUESTS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct uring_request);
} uring_requests SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PENDING_LONG_PATHS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct uring_path_key);
	__type(value, struct uring_path);
} uring_long_paths SEC(".maps");

/* Which request to accept has this number in this ring. */
struct uring_number {
	u64 ring;
	u64 user_data;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PENDING_REQUESTS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct uring_number);
	__type(value, u64);
} uring_accepts SEC(".maps");

/* How many requests are remembered, about: so that a full completion queue of
 * those who open no files costs nothing. */
wire_u64 uring_pending;

/* Where a request is put together before it is remembered or sent; under the
 * same conditions as the scratch buffer in emit.bpf.h, which sending needs. */
struct uring_build {
	struct uring_request request;
	struct uring_path paths[REQUEST_PATHS];
	u64 names[REQUEST_PATHS]; /* addresses of the kernel's copies, 0: no such path */
	u64 address;              /* of a socket address, 0: there is none */
	u32 address_length;
	u32 address_of_kernel;
	u32 flags; /* for the header */
	u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct uring_build);
} uring_builds SEC(".maps");

/* The kernel's copy of a path; until 6.19 or so a pointer to it, then the same
 * pointer in a structure that promises less. */
#define REQUEST_NAME(type, request, field)                                                      \
	(bpf_core_field_exists(((type *)0)->field) ?                                            \
		 (u64)BPF_CORE_READ((type *)(request), field, name) :                           \
		 (u64)BPF_CORE_READ((type##___delayed *)(request), field.__incomplete_filename, \
				    name))

/* The request as the arguments of the system call that does the same (the table
 * in src/syscalls/calls.cpp), and the addresses of its paths. Into a map value
 * and not onto the stack: so the verifier has one state behind this, not one for
 * each opcode. */
static __always_inline void uring__arguments(struct uring_build *build, u32 opcode,
					     struct io_kiocb *submitted)
{
	void *command = (void *)submitted + bpf_core_field_offset(struct io_kiocb, cmd);
	u64 *arguments = build->request.file.arguments;
	u64 *names = build->names;

	__builtin_memset(arguments, 0, sizeof(build->request.file.arguments));
	names[0] = 0;
	names[1] = 0;
	build->flags = WIRE_IO_URING;
	build->address = 0;
	build->address_length = 0;
	build->address_of_kernel = 0;
	switch (opcode) {
	case OPCODE_ACCEPT:
		arguments[0] = (u32)build->request.descriptor;
		arguments[1] = (u64)BPF_CORE_READ((struct io_accept *)command, addr);
		arguments[2] = (u64)BPF_CORE_READ((struct io_accept *)command, addr_len);
		arguments[3] = (u32)BPF_CORE_READ((struct io_accept *)command, flags);
		if (BPF_CORE_READ((struct io_accept *)command, file_slot))
			build->flags |= WIRE_DIRECT_DESCRIPTOR;
		break;
	case OPCODE_CONNECT:
		arguments[0] = (u32)build->request.descriptor;
		arguments[1] = (u64)BPF_CORE_READ((struct io_connect *)command, addr);
		arguments[2] = (u32)BPF_CORE_READ((struct io_connect *)command, addr_len);
		build->address = arguments[1];
		build->address_length = arguments[2];
		break;
	case OPCODE_SOCKET:
		arguments[0] = (u32)BPF_CORE_READ((struct io_socket *)command, domain);
		arguments[1] = (u32)BPF_CORE_READ((struct io_socket *)command, type);
		arguments[2] = (u32)BPF_CORE_READ((struct io_socket *)command, protocol);
		if (BPF_CORE_READ((struct io_socket *)command, file_slot))
			build->flags |= WIRE_DIRECT_DESCRIPTOR;
		break;
	case OPCODE_BIND:
		/* 6.11. The address is the kernel's copy already. */
		if (!bpf_core_type_exists(struct io_bind))
			break;
		arguments[0] = (u32)build->request.descriptor;
		arguments[2] = (u32)BPF_CORE_READ((struct io_bind *)command, addr_len);
		arguments[1] = (u64)BPF_CORE_READ(submitted, async_data) +
			       bpf_core_field_offset(struct io_async_msghdr, addr);
		build->address = arguments[1];
		build->address_length = arguments[2];
		build->address_of_kernel = 1;
		break;
	case OPCODE_LISTEN:
		if (!bpf_core_type_exists(struct io_listen))
			break;
		arguments[0] = (u32)build->request.descriptor;
		arguments[1] = (u32)BPF_CORE_READ((struct io_listen *)command, backlog);
		break;
	case OPCODE_OPENAT:
	case OPCODE_OPENAT2:
		names[0] = REQUEST_NAME(struct io_open, command, filename);
		arguments[0] = BPF_CORE_READ((struct io_open *)command, dfd);
		/* The kernel adds it for every 64-bit process, to the call as well:
       * there the argument is as it was given, and so it is here. */
		arguments[2] =
			BPF_CORE_READ((struct io_open *)command, how.flags) & ~(u64)OPEN_LARGE_FILE;
		arguments[3] = BPF_CORE_READ((struct io_open *)command, how.mode);
		arguments[4] = BPF_CORE_READ((struct io_open *)command, how.resolve);
		if (BPF_CORE_READ((struct io_open *)command, file_slot))
			build->flags |= WIRE_DIRECT_DESCRIPTOR;
		break;
	case OPCODE_RENAMEAT:
		names[0] = REQUEST_NAME(struct io_rename, command, oldpath);
		names[1] = REQUEST_NAME(struct io_rename, command, newpath);
		arguments[0] = BPF_CORE_READ((struct io_rename *)command, old_dfd);
		arguments[2] = BPF_CORE_READ((struct io_rename *)command, new_dfd);
		arguments[4] = BPF_CORE_READ((struct io_rename *)command, flags);
		break;
	case OPCODE_UNLINKAT:
		names[0] = REQUEST_NAME(struct io_unlink, command, filename);
		arguments[0] = BPF_CORE_READ((struct io_unlink *)command, dfd);
		arguments[2] = BPF_CORE_READ((struct io_unlink *)command, flags);
		break;
	case OPCODE_MKDIRAT:
		names[0] = REQUEST_NAME(struct io_mkdir, command, filename);
		arguments[0] = BPF_CORE_READ((struct io_mkdir *)command, dfd);
		arguments[2] = BPF_CORE_READ((struct io_mkdir *)command, mode);
		break;
	case OPCODE_SYMLINKAT:
		names[0] = REQUEST_NAME(struct io_link, command, oldpath);
		names[1] = REQUEST_NAME(struct io_link, command, newpath);
		arguments[1] = BPF_CORE_READ((struct io_link *)command, new_dfd);
		break;
	case OPCODE_LINKAT:
		names[0] = REQUEST_NAME(struct io_link, command, oldpath);
		names[1] = REQUEST_NAME(struct io_link, command, newpath);
		arguments[0] = BPF_CORE_READ((struct io_link *)command, old_dfd);
		arguments[2] = BPF_CORE_READ((struct io_link *)command, new_dfd);
		arguments[4] = BPF_CORE_READ((struct io_link *)command, flags);
		break;
	}
}

/* Whether the requester itself runs here: only then its descriptors and directories are at hand. Asked
 * again each time, see end__settled(). */
static __always_inline bool uring__is_here(const struct wire_file *file)
{
	return bpf_get_current_pid_tgid() >> 32 == file->header.pid;
}

/* The end of a record by way of memory: there the verifier does not remember how it came about, and
 * goes one way on from here instead of one for each. */
static __always_inline u64 end__settled(struct wire_file *file, u64 end)
{
	*(volatile u32 *)&file->header.size = end;
	return *(volatile u32 *)&file->header.size;
}

/* Appends a path that was read at submission, and what it is relative to. */
static __always_inline u64 uring__path(struct wire_file *file, struct uring_request *request,
				       struct uring_build *build, u64 address, u32 which,
				       u8 base_place, u64 end)
{
	const u32 path = which ? WIRE_FILE_PATH2 : WIRE_FILE_PATH;
	const u32 base = which ? WIRE_FILE_BASE2 : WIRE_FILE_BASE;
	struct wire_string *given = &file->strings[path];
	struct uring_path_key key = { address, which };
	u32 length = given->length & (WIRE_PATH_MAX - 1);
	void *source = request->paths[which];
	s32 directory = AT_FDCWD;
	u64 start = end;

	string__clear(&file->strings[base]);
	if (given->state != WIRE_STRING_WHOLE || end > WIRE_RECORD_MAX - WIRE_PATH_MAX)
		return end;
	if (length >= SHORT_PATH) {
		source = build ? (void *)&build->paths[which] :
				 bpf_map_lookup_elem(&uring_long_paths, &key);
	}
	if (!source || bpf_probe_read_kernel((u8 *)file + end, length, source)) {
		given->state = WIRE_STRING_FAULTED;
		given->length = 0;
		return end;
	}
	end += length;
	if (base_place == WIRE_NO_BASE || (length && ((u8 *)file)[start] == '/'))
		return end;
	if (!uring__is_here(file)) {
		file->strings[base].state = WIRE_STRING_FAULTED;
		return end;
	}
	if (base_place < 6)
		directory = (s32)file->arguments[base_place];
	return object__path(&file->strings[base], object__of_directory(task__current(), directory),
			    end);
}

/* The socket that a request was about, or made, as it is now. */
static __always_inline u64 uring__socket(struct wire_file *file, u32 opcode, u64 address,
					 s64 result, u64 end)
{
	u64 sock = 0;

	if (opcode != OPCODE_ACCEPT && opcode != OPCODE_SOCKET)
		sock = socket__of_file((u64)BPF_CORE_READ((struct io_kiocb *)address, cmd.file));
	else if (uring__is_here(file) && result >= 0 &&
		 !(file->header.flags & WIRE_DIRECT_DESCRIPTOR))
		sock = socket__of_descriptor(task__current(), (s32)result);
	return socket__write(&file->strings[WIRE_FILE_OBJECT], (u8 *)file, end, sock);
}

/* Makes the record of a request that does what a call does, and sends it. `build` is where its
 * long paths are, if it has not been remembered. */
static __always_inline int uring__send_call(struct uring_request *request,
					    struct uring_build *build, u64 address, s64 result)
{
	struct wire_account *account;
	struct object object = {};
	struct wire_string *string;
	struct wire_call *call;
	struct wire_file *file;
	u32 kind, pid;
	u64 end;

	kind = request->file.header.kind;
	pid = request->file.header.pid;
	account = account__of(kind);
	if (!account)
		return 0;
	account->seen++;
	file = scratch__get();
	if (!file || request->opcode >= WIRE_URING_OPCODES) {
		account->unbuilt++;
		loss__count(pid, kind);
		return 0;
	}
	call = &uring_calls[request->opcode];
	__builtin_memcpy(file, &request->file, sizeof(*file));
	file->header.time = bpf_ktime_get_boot_ns();
	if (build)
		file->header.flags |= WIRE_RESULT_UNKNOWN;
	file->result = result;

	end = sizeof(*file);
	end = end__settled(file, uring__path(file, request, build, address, 0, call->base, end));
	end = end__settled(file, uring__path(file, request, build, address, 1, call->base2, end));

	string = &file->strings[WIRE_FILE_OBJECT];
	string__clear(string);
	if (build) {
		string->state = WIRE_STRING_FAULTED;
	} else if (kind == WIRE_OPEN && result >= 0) {
		/* A slot of the ring's own table is no descriptor. */
		if (uring__is_here(file) && !(file->header.flags & WIRE_DIRECT_DESCRIPTOR))
			object = object__of_descriptor(task__current(), result);
		if (object.dentry) {
			object__identity(object, &file->inode, &file->device, &file->mode);
			file->header.flags |= WIRE_OBJECT_KNOWN;
		}
		end = object__path(string, object, end);
	} else if (call->group_kind) {
		end = uring__socket(file, request->opcode, address, result, end);
	}
	end = end__settled(file, end);
	barrier_var(end);
	if (end > WIRE_RECORD_MAX)
		return 0;
	event__send(account, ring__shard(), kind, pid, file, end);
	return 0;
}

/* The request as such: of the kind io_uring. */
static __always_inline void uring__send_request(struct uring_request *request, bool is_known,
						s64 result)
{
	struct wire_account *account = account__of(WIRE_URING);
	struct wire_file *file;
	u32 pid = request->file.header.pid, i;

	if (!account)
		return;
	account->seen++;
	file = scratch__get();
	if (!file) {
		account->unbuilt++;
		loss__count(pid, WIRE_URING);
		return;
	}
	__builtin_memcpy(&file->header, &request->file.header, sizeof(file->header));
	file->header.time = bpf_ktime_get_boot_ns();
	file->header.kind = WIRE_URING;
	file->header.size = sizeof(*file);
	if (!is_known)
		file->header.flags |= WIRE_RESULT_UNKNOWN;
	file->result = result;
	file->arguments[0] = request->opcode;
	file->arguments[1] = (u32)request->descriptor;
	file->arguments[2] = request->flags;
	file->arguments[3] = request->user_data;
	file->arguments[4] = 0;
	file->arguments[5] = 0;
	file->inode = 0;
	file->device = 0;
	file->mode = 0;
	file->call = uring_enter_number;
	file->reserved = 0;
#pragma unroll
	for (i = 0; i < WIRE_FILE_STRINGS; i++)
		string__clear(&file->strings[i]);
	event__send(account, ring__shard(), WIRE_URING, pid, file, sizeof(*file));
}

/* Sends what a request makes. A function of its own, so that there is one copy of it in each
 * program. */
static __noinline int uring__send(struct uring_request *request, struct uring_build *build,
				  u64 address, s64 result)
{
	if (request->file.header.kind)
		uring__send_call(request, build, address, result);
	if (request->traced)
		uring__send_request(request, !build, result);
	return 0;
}

static __always_inline void uring__forget(struct uring_request *request, u64 address)
{
	struct uring_number number = { request->ring, request->user_data };
	struct uring_path_key key = { .request = address };

	if (request->opcode == OPCODE_ACCEPT)
		bpf_map_delete_elem(&uring_accepts, &number);

	if (request->file.strings[WIRE_FILE_PATH].length >= SHORT_PATH)
		bpf_map_delete_elem(&uring_long_paths, &key);
	key.which = 1;
	if (request->file.strings[WIRE_FILE_PATH2].length >= SHORT_PATH)
		bpf_map_delete_elem(&uring_long_paths, &key);
	if (!bpf_map_delete_elem(&uring_requests, &address))
		__sync_fetch_and_add(&uring_pending, -1ull);
}

/* Reads the kernel's copy of a path. */
static __always_inline void uring__read(struct uring_build *build, u32 which)
{
	struct wire_string *string =
		&build->request.file.strings[which ? WIRE_FILE_PATH2 : WIRE_FILE_PATH];
	long length;

	string__clear(string);
	if (!build->names[which])
		return;
	string->state = WIRE_STRING_FAULTED;
	length = bpf_probe_read_kernel_str(&build->paths[which], WIRE_PATH_MAX,
					   (void *)build->names[which]);
	if (length < 0)
		return;
	/* All of it: the kernel takes no more than PATH_MAX. Before 6.15 the length of
   * an empty string is 0, without its terminator. */
	string->state = WIRE_STRING_WHOLE;
	string->length = length ? length - 1 : 0;
	bpf_probe_read_kernel(build->request.paths[which], SHORT_PATH, &build->paths[which]);
}

/* Reads a socket address, which is shorter than what is kept with the request. */
static __always_inline void uring__read_address(struct uring_build *build)
{
	struct wire_string *string = &build->request.file.strings[WIRE_FILE_PATH];
	u32 length = build->address_length;
	long failed;

	if (!build->address)
		return;
	string->state = WIRE_STRING_FAULTED;
	if (length > SOCKET_ADDRESS_MAX)
		return;
	if (build->address_of_kernel)
		failed = bpf_probe_read_kernel(build->request.paths[0], length,
					       (void *)build->address);
	else
		failed = bpf_probe_read_user(build->request.paths[0], length,
					     (void *)build->address);
	if (failed)
		return;
	string->state = WIRE_STRING_WHOLE;
	string->length = length;
}

static __always_inline bool uring__keep_path(struct uring_build *build, u64 address, u32 which)
{
	struct wire_string *string =
		&build->request.file.strings[which ? WIRE_FILE_PATH2 : WIRE_FILE_PATH];
	struct uring_path_key key = { address, which };

	return string->length < SHORT_PATH ||
	       !bpf_map_update_elem(&uring_long_paths, &key, &build->paths[which], BPF_ANY);
}

static __always_inline bool uring__keep(struct uring_build *build, u64 address)
{
	if (!uring__keep_path(build, address, 0) || !uring__keep_path(build, address, 1))
		return false;
	if (bpf_map_update_elem(&uring_requests, &address, &build->request, BPF_NOEXIST))
		return false;
	if (build->request.opcode == OPCODE_ACCEPT) {
		struct uring_number number = { build->request.ring, build->request.user_data };

		bpf_map_update_elem(&uring_accepts, &number, &address, BPF_ANY);
	}
	__sync_fetch_and_add(&uring_pending, 1);
	return true;
}

static __always_inline bool uring__is_wanted(const struct wire_call *call)
{
	return call->kind | call->other_kind | call->group_kind | call->traced;
}

/* Whether anybody wants such a request as an event of this kind. What nobody wants is counted. */
static __always_inline bool uring__wants(u32 kind, u32 number, u64 task)
{
	struct wire_account *account = account__of(kind);
	u64 word = use_filter ? filter_word : 0;

	if (!account)
		return false;
	if (filter__wants_kind(word, kind) &&
	    (!(word & FILTER_ASKS_EARLY) ||
	     filter__early(filter__start(word, kind), task, number, 0, 0)))
		return true;
	account->seen++;
	account->filtered++;
	return false;
}

static __always_inline int uring__submitted(struct io_kiocb *submitted)
{
	u32 opcode, kind, pid, zero = 0;
	u64 address = (u64)submitted, task = task__current();
	struct uring_request *request;
	struct uring_build *build;
	struct wire_call *call;
	struct wire_file *file;
	u64 comm[2] = {};

	opcode = BPF_CORE_READ(submitted, opcode);
	if (opcode >= WIRE_URING_OPCODES)
		return 0;
	call = &uring_calls[opcode];
	if (!uring__is_wanted(call))
		return 0;
	pid = TASK_READ(task, tgid);
	if (pid == own_pid)
		return 0;
	/* A completion that we did not see: it was canceled with its chain. */
	request = bpf_map_lookup_elem(&uring_requests, &address);
	if (request)
		uring__forget(request, address);

	build = bpf_map_lookup_elem(&uring_builds, &zero);
	if (!build) /* not so: an array has all its values */
		return 0;
	request = &build->request;
	file = &request->file;
	request->descriptor = BPF_CORE_READ(submitted, cqe.fd);
	request->flags = BPF_CORE_READ(submitted, flags) & REQUEST_FLAGS;
	uring__arguments(build, opcode, submitted);
	kind = call->kind ? call->kind : call->group_kind;
	if (call->other_kind && call->other_argument < 6 &&
	    file->arguments[call->other_argument] & call->other_mask)
		kind = call->other_kind;
	if (kind >= WIRE_UNWANTED || (kind && !uring__wants(kind, call->number, task)))
		kind = 0;
	request->traced = call->traced && uring__wants(WIRE_URING, uring_enter_number, task);
	if (!kind && !request->traced)
		return 0;

	request->ring = (u64)BPF_CORE_READ(submitted, ctx);
	request->user_data = BPF_CORE_READ(submitted, cqe.user_data);
	request->opcode = opcode;
	header__fill(&file->header, task, bpf_ktime_get_boot_ns());
	task__shown_comm(task, comm);
	__builtin_memcpy(file->header.comm, comm, sizeof(comm));
	file->header.kind = kind;
	file->header.flags |= build->flags;
	file->call = call->number;
	file->inode = 0;
	file->device = 0;
	file->mode = 0;
	file->reserved = 0;
	uring__read(build, 0);
	uring__read(build, 1);
	uring__read_address(build);

	if (!(request->flags & REQUEST_SKIPS_COMPLETION) && uring__keep(build, address))
		return 0;
	uring__forget(request, address);
	return uring__send(request, build, address, 0);
}

SEC("?tp_btf/io_uring_submit_req")
int UNPREEMPTED_PROG(uring__submit, struct io_kiocb *request)
{
	return uring__submitted(request);
}

/* Its name before 6.4. */
SEC("?tp_btf/io_uring_submit_sqe")
int UNPREEMPTED_PROG(uring__submit_6_0, struct io_kiocb *request)
{
	return uring__submitted(request);
}

/* A completion without its request: one of many connections that a request accepts. `told` is
 * what the tracepoint says behind the request. Returns the request's address, or 0. */
static __always_inline u64 uring__accepted(void *ring, const u64 *told, s32 *result)
{
	struct uring_number number = { .ring = (u64)ring };
	struct io_cqe completion = {};
	u64 *address;

	if (uring_whole_completions) {
		/* Begins as io_cqe does: include/uapi/linux/io_uring.h, struct io_uring_cqe. */
		bpf_probe_read_kernel(&completion, sizeof(completion), (void *)told[0]);
		number.user_data = completion.user_data;
		*result = completion.res;
	} else {
		number.user_data = told[0];
		*result = told[1];
	}
	address = bpf_map_lookup_elem(&uring_accepts, &number);
	return address ? *address : 0;
}

/* An argument of a tracepoint as a number, whatever its type. */
static __always_inline u64 argument__number(unsigned long long *ctx, u32 index)
{
	u64 value = 0;

	/* Or the compiler would take this address for the typed loads too, which the verifier
	 * refuses. */
	barrier_var(ctx);
	bpf_probe_read_kernel(&value, sizeof(value), ctx + index);
	return value;
}

/* What follows the request differs between kernels: the result is in the request,
 * too. Completions that belong to no request have none (NULL). */
SEC("?tp_btf/io_uring_complete")
int UNPREEMPTED_PROG(uring__complete, void *ring, struct io_kiocb *completed)
{
	struct uring_request *request;
	s32 result = 0;
	u64 address;
	u32 opcode;

	if (completed) {
		opcode = BPF_CORE_READ(completed, opcode);
		if (opcode >= WIRE_URING_OPCODES || !uring__is_wanted(&uring_calls[opcode]))
			return 0;
		result = BPF_CORE_READ(completed, cqe.res);
		/* A number, as it is in the other case: so the verifier need not go on from here
		 * twice. */
		address = argument__number(ctx, 1);
	} else {
		address = uring__accepted(ring, ctx + 2, &result);
	}
	request = bpf_map_lookup_elem(&uring_requests, &address);
	if (!request)
		return 0;
	uring__send(request, NULL, address, result);
	if (argument__number(ctx, 1))
		uring__forget(request, address);
	return 0;
}

struct uring_search {
	u64 ring;
	u64 user_data;
	u64 found;
};

static long uring__search(void *map, u64 *address, struct uring_request *request,
			  struct uring_search *search)
{
	if (request->ring != search->ring || request->user_data != search->user_data)
		return 0;
	search->found = *address;
	return 1;
}

/* Here the request is known only by the number that its process gave it. If the
 * process gave several the same, they may change places. */
SEC("?tp_btf/io_uring_cqe_overflow")
int UNPREEMPTED_PROG(uring__overflow, void *ring, u64 user_data, s32 result, u32 flags)
{
	struct uring_search search = { .ring = (u64)ring, .user_data = user_data };
	struct uring_request *request;

	if (!uring_pending)
		return 0;
	bpf_for_each_map_elem(&uring_requests, uring__search, &search, 0);
	if (!search.found)
		return 0;
	request = bpf_map_lookup_elem(&uring_requests, &search.found);
	if (!request)
		return 0;
	uring__send(request, NULL, search.found, result);
	if (!(flags & COMPLETION_MORE))
		uring__forget(request, search.found);
	return 0;
}
