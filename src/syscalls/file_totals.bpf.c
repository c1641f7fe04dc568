/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How often and how much each process reads and writes which file. Added up here; of each file
 * that a process comes to use one record is sent, which has its path.
 *
 * A program of its own at the exit of all calls, loaded and attached only while somebody asks for
 * totals: so the one that traces pays nothing for it.
 */
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/object.bpf.h"
#include "bpf/kernel/string.bpf.h"
#include "bpf/kernel/task.bpf.h"
#include "syscalls/abi.bpf.h"
#include "syscalls/file_totals_wire.h"

/* A bit per number, set if either word size has a row. Memory-mapped, as is the next. */
wire_u64 transfer_calls[WIRE_SYSTEM_CALLS / 64];
struct wire_transfer transfers[WIRE_ABI_COUNT][WIRE_SYSTEM_CALLS];

/* Also pipes, sockets, terminals, and what else a descriptor may stand for. */
const volatile bool totals_of_all = false;

/* By sizes. */
struct file_sums {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, WIRE_FILE_TOTALS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct wire_file_key));
	__uint(value_size, sizeof(struct wire_file_sum));
};

/* The sums in use; see src/bpf/swapped_map.h. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
	__array(values, struct file_sums);
} file_sums_in_use SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct wire_file_account);
} file_accounts SEC(".maps");

/* include/uapi/linux/stat.h; include/uapi/asm-generic/errno-base.h */
enum { MODE_TYPE = 0170000, MODE_REGULAR = 0100000, MODE_DISK = 0060000, ERROR_DESCRIPTOR = -9 };

/* Who it is, and the path of the file as this process sees it. */
static __always_inline void totals__send_name(struct wire_file_account *account, u64 task,
					      struct object object, const struct wire_file_key *key,
					      u16 mode)
{
	struct wire_file *file = scratch__get();
	u64 end = sizeof(*file);

	if (!file) {
		account->unnamed++;
		return;
	}
	header__fill(&file->header, task, bpf_ktime_get_boot_ns());
	file->header.kind = WIRE_FILE_NAME;
	file->result = 0;
	__builtin_memset(file->arguments, 0, sizeof(file->arguments));
	file->inode = key->inode;
	file->device = key->device;
	file->mode = mode;
	file->call = 0;
	file->reserved = 0;
	string__clear(&file->strings[WIRE_FILE_PATH]);
	string__clear(&file->strings[WIRE_FILE_BASE]);
	string__clear(&file->strings[WIRE_FILE_PATH2]);
	string__clear(&file->strings[WIRE_FILE_BASE2]);
	end = object__path(&file->strings[WIRE_FILE_OBJECT], object, end);
	/* The verifier of 6.1 and before forgets what a value on the stack was compared with. */
	barrier_var(end);
	if (end > WIRE_RECORD_MAX)
		return;
	file->header.size = end;
	if (ring__output(RING_PROCESS, file, end))
		account->unnamed++;
}

static __always_inline void totals__add(u64 task, s32 descriptor, long result, bool is_write)
{
	struct wire_file_sum *sum, nothing = {};
	struct wire_file_account *account;
	struct wire_file_key key = {};
	struct object object;
	u32 zero = 0;
	void *sums;
	u16 mode;

	account = bpf_map_lookup_elem(&file_accounts, &zero);
	if (!account)
		return;
	object = object__of_descriptor(task, descriptor);
	if (!object.dentry) {
		if (result != ERROR_DESCRIPTOR)
			account->gone++;
		return;
	}
	object__identity(object, &key.inode, &key.device, &mode);
	if (!totals_of_all && (mode & MODE_TYPE) != MODE_REGULAR && (mode & MODE_TYPE) != MODE_DISK)
		return;
	key.pid = TASK_READ(task, tgid);
	key.start_time = TASK_READ(task, group_leader, start_boottime);
	account->seen++;
	sums = bpf_map_lookup_elem(&file_sums_in_use, &zero);
	if (!sums)
		return;
	sum = bpf_map_lookup_elem(sums, &key);
	if (!sum) {
		/* Another CPU may be doing the same: either way it is there now. */
		bpf_map_update_elem(sums, &key, &nothing, BPF_NOEXIST);
		sum = bpf_map_lookup_elem(sums, &key);
		if (!sum) {
			account->no_room++;
			return;
		}
		totals__send_name(account, task, object, &key, mode);
	}
	if (result < 0) {
		sum->errors++;
	} else if (is_write) {
		sum->writes++;
		sum->written_bytes += result;
	} else {
		sum->reads++;
		sum->read_bytes += result;
	}
}

/* Those that have descriptors in other places are not in the table. */
static __always_inline s32 totals__descriptor(const u64 arguments[6], u8 place)
{
	return place == 0 ? arguments[0] : place == 1 ? arguments[1] : arguments[2];
}

SEC("tp_btf/sys_exit")
int UNPREEMPTED_PROG(totals__exit, struct pt_regs *regs, long result)
{
	u64 number = registers__number(regs), task, arguments[6];
	u8 from, to;
	bool compat;

	if (number >= WIRE_SYSTEM_CALLS || !(transfer_calls[number / 64] & 1ull << number % 64))
		return 0;
	task = task__current();
	compat = task__is_compat(task);
	barrier_var(number);
	if (number >= WIRE_SYSTEM_CALLS)
		return 0;
	from = transfers[compat][number].from;
	to = transfers[compat][number].to;
	if (bpf_get_current_pid_tgid() >> 32 == own_pid)
		return 0;
	registers__arguments(regs, compat, arguments);
	if (from != WIRE_NO_ARGUMENT)
		totals__add(task, totals__descriptor(arguments, from), result, false);
	if (to != WIRE_NO_ARGUMENT)
		totals__add(task, totals__descriptor(arguments, to), result, true);
	return 0;
}
