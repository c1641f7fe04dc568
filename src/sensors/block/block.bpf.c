/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Requests to block devices: handed in, issued to the driver, completed.
 *
 * Who is running when a request completes has nothing to do with it, and often is an interrupt. So
 * what the event says is put together when the request is handed in, and kept by the request's
 * address until it completes. Any of these programs can interrupt another: memory of a CPU is not
 * for them, nor is the filter.
 */
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/filter.bpf.h"
#include "bpf/kernel/task.bpf.h"
#include "sensors/block/block_wire.h"

/* Before 5.11 the request comes behind its queue (a54895fa057c). */
const volatile bool block_queue_first = false;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct gendisk {
	int major;
	int first_minor;
	char disk_name[WIRE_DISK_NAME];
};

struct request_queue {
	struct gendisk *disk; /* from 5.15 on */
};

struct request {
	struct request_queue *q;
	u32 cmd_flags;
	u32 __data_len;
	u64 __sector;
};

/* Before 5.17. */
struct request___with_disk {
	struct gendisk *rq_disk;
};
#pragma clang attribute pop

/* include/linux/blk_types.h: REQ_OP_MASK; and those whose numbers are the same everywhere. */
enum {
	OPERATION_MASK = 0xff,
	OPERATION_READ = 0,
	OPERATION_WRITE = 1,
	OPERATION_FLUSH = 2,
	OPERATION_DISCARD = 3,
	OPERATION_SECURE_ERASE = 5,
	OPERATION_WRITE_ZEROES = 9,
	OPERATION_SCSI_IN = 32, /* to 5.14 */
	OPERATION_DRIVER_OUT = 35,
};

/* By their names, under both names of the type: enum req_op is called req_opf before 6.0. */
enum req_op {
	REQ_OP_ZONE_APPEND,
	REQ_OP_ZONE_OPEN,
	REQ_OP_ZONE_CLOSE,
	REQ_OP_ZONE_FINISH,
	REQ_OP_ZONE_RESET,
	REQ_OP_ZONE_RESET_ALL,
};

enum req_opf {
	REQ_OP_WRITE_SAME___old,
	REQ_OP_ZONE_APPEND___old,
	REQ_OP_ZONE_OPEN___old,
	REQ_OP_ZONE_CLOSE___old,
	REQ_OP_ZONE_FINISH___old,
	REQ_OP_ZONE_RESET___old,
	REQ_OP_ZONE_RESET_ALL___old,
};

#define OPERATION_IS(operation, name)                               \
	((bpf_core_enum_value_exists(enum req_op, name) &&          \
	  (operation) == bpf_core_enum_value(enum req_op, name)) || \
	 (bpf_core_enum_value_exists(enum req_opf, name##___old) && \
	  (operation) == bpf_core_enum_value(enum req_opf, name##___old)))

/* A request that has been handed in and is not complete yet. */
struct block_request {
	struct wire_block record;
	u64 inserted;  /* boot time, ns; 0: it went straight to the driver */
	u64 issued;    /* 0: not yet */
	u32 completed; /* bytes */
	u32 requeued;  /* the driver has handed it back: it will be issued again */
};

enum { BLOCK_REQUESTS_MAX = 16384 };

/* By address. Made beforehand, since memory is hard to get where it is needed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BLOCK_REQUESTS_MAX);
	__type(key, u64);
	__type(value, struct block_request);
} block_requests SEC(".maps");

static __always_inline u16 block__operation(u32 flags)
{
	u32 operation = flags & OPERATION_MASK;

	switch (operation) {
	case OPERATION_READ:
		return WIRE_BLOCK_READ;
	case OPERATION_WRITE:
		return WIRE_BLOCK_WRITE;
	case OPERATION_FLUSH:
		return WIRE_BLOCK_FLUSH;
	case OPERATION_DISCARD:
		return WIRE_BLOCK_DISCARD;
	case OPERATION_SECURE_ERASE:
		return WIRE_BLOCK_SECURE_ERASE;
	case OPERATION_WRITE_ZEROES:
		return WIRE_BLOCK_WRITE_ZEROES;
	default:
		break;
	}
	if (operation >= OPERATION_SCSI_IN && operation <= OPERATION_DRIVER_OUT)
		return WIRE_BLOCK_DRIVER;
	if (bpf_core_enum_value_exists(enum req_opf, REQ_OP_WRITE_SAME___old) &&
	    operation == bpf_core_enum_value(enum req_opf, REQ_OP_WRITE_SAME___old))
		return WIRE_BLOCK_WRITE_SAME;
	if (OPERATION_IS(operation, REQ_OP_ZONE_APPEND))
		return WIRE_BLOCK_ZONE_APPEND;
	if (OPERATION_IS(operation, REQ_OP_ZONE_OPEN))
		return WIRE_BLOCK_ZONE_OPEN;
	if (OPERATION_IS(operation, REQ_OP_ZONE_CLOSE))
		return WIRE_BLOCK_ZONE_CLOSE;
	if (OPERATION_IS(operation, REQ_OP_ZONE_FINISH))
		return WIRE_BLOCK_ZONE_FINISH;
	if (OPERATION_IS(operation, REQ_OP_ZONE_RESET))
		return WIRE_BLOCK_ZONE_RESET;
	if (OPERATION_IS(operation, REQ_OP_ZONE_RESET_ALL))
		return WIRE_BLOCK_ZONE_RESET_ALL;
	return WIRE_BLOCK_OTHER;
}

static __always_inline u64 block__disk(u64 request)
{
	u64 queue;

	if (bpf_core_field_exists(((struct request___with_disk *)0)->rq_disk))
		return (u64)BPF_CORE_READ((struct request___with_disk *)request, rq_disk);
	queue = (u64)OBJECT_READ(struct request, request, q);
	return (u64)OBJECT_READ(struct request_queue, queue, disk);
}

/* What may have changed since it was handed in, if others were merged into it. */
static __always_inline void block__measure(struct wire_block *record, u64 request)
{
	record->bytes = OBJECT_READ(struct request, request, __data_len);
	record->sector = OBJECT_READ(struct request, request, __sector);
	if (record->operation == WIRE_BLOCK_FLUSH || record->operation == WIRE_BLOCK_DRIVER)
		record->sector = WIRE_BLOCK_NO_SECTOR;
}

static __always_inline void block__fill(struct wire_block *record, u64 request, u64 time)
{
	u64 disk = block__disk(request);

	header__fill(&record->header, task__current(), time);
	record->header.kind = WIRE_BLOCK;
	record->header.size = sizeof(*record);
	record->operation = block__operation(OBJECT_READ(struct request, request, cmd_flags));
	block__measure(record, request);
	if (!disk)
		return;
	record->device = (u32)OBJECT_READ(struct gendisk, disk, major) << 20 |
			 (u32)OBJECT_READ(struct gendisk, disk, first_minor);
	bpf_probe_read_kernel(record->disk, sizeof(record->disk),
			      (void *)(disk + bpf_core_field_offset(struct gendisk, disk_name)));
}

/* Keeps a request from now on, whoever had its address before. */
static __always_inline void block__keep(u64 request, u64 time, bool is_issued)
{
	struct block_request kept = {};
	struct wire_account *account;

	block__fill(&kept.record, request, time);
	if (is_issued)
		kept.issued = time;
	else
		kept.inserted = time;
	if (!bpf_map_update_elem(&block_requests, &request, &kept, BPF_ANY))
		return;
	/* Its completion will find nothing. */
	account = account__of(WIRE_BLOCK);
	if (!account)
		return;
	__sync_fetch_and_add(&account->seen, 1);
	__sync_fetch_and_add(&account->unbuilt, 1);
	loss__count(kept.record.header.pid, WIRE_BLOCK);
}

static __always_inline u64 block__argument(const unsigned long long *ctx)
{
	return block_queue_first ? ctx[1] : ctx[0];
}

SEC("tp_btf/block_rq_insert")
int block__insert(unsigned long long *ctx)
{
	u64 request = block__argument(ctx);
	struct block_request *kept = bpf_map_lookup_elem(&block_requests, &request);

	if (!kept || !kept->requeued)
		block__keep(request, bpf_ktime_get_boot_ns(), false);
	return 0;
}

SEC("tp_btf/block_rq_issue")
int block__issue(unsigned long long *ctx)
{
	u64 request = block__argument(ctx), time = bpf_ktime_get_boot_ns();
	struct block_request *kept = bpf_map_lookup_elem(&block_requests, &request);

	if (!kept || (kept->issued && !kept->requeued)) {
		block__keep(request, time, true);
		return 0;
	}
	/* Issued again: it has been under way since the first time. */
	if (!kept->issued)
		kept->issued = time;
	kept->requeued = 0;
	if (!kept->completed)
		block__measure(&kept->record, request);
	return 0;
}

SEC("tp_btf/block_rq_requeue")
int block__requeue(unsigned long long *ctx)
{
	u64 request = block__argument(ctx);
	struct block_request *kept = bpf_map_lookup_elem(&block_requests, &request);

	if (kept)
		kept->requeued = 1;
	return 0;
}

/* It has become a part of another one, and its address will be used again. */
SEC("tp_btf/block_rq_merge")
int block__merge(unsigned long long *ctx)
{
	u64 request = block__argument(ctx);

	bpf_map_delete_elem(&block_requests, &request);
	return 0;
}

SEC("tp_btf/block_rq_complete")
int block__complete(unsigned long long *ctx)
{
	struct block_request *kept;
	struct wire_account *account;
	struct wire_block record;
	u64 request = ctx[0], time;
	u32 bytes = ctx[2];

	kept = bpf_map_lookup_elem(&block_requests, &request);
	if (!kept)
		return 0;
	/* A part of it; what is left is still in the request. */
	if (bytes < OBJECT_READ(struct request, request, __data_len)) {
		kept->completed += bytes;
		return 0;
	}
	account = account__of(WIRE_BLOCK);
	if (!account)
		return 0;
	__sync_fetch_and_add(&account->seen, 1);
	record = kept->record;
	record.latency = WIRE_BLOCK_NO_QUEUE;
	record.queue_time = WIRE_BLOCK_NO_QUEUE;
	time = bpf_ktime_get_boot_ns();
	if (kept->issued) {
		record.latency = time - kept->issued;
		if (kept->inserted)
			record.queue_time = kept->issued - kept->inserted;
	}
	bpf_map_delete_elem(&block_requests, &request);
	if (record.header.pid == own_pid ||
	    !filter__wants_kind(use_filter ? filter_word : 0, WIRE_BLOCK)) {
		account->filtered++;
		return 0;
	}
	record.header.time = time;
	record.result = (s32)ctx[1];
	event__send(account, ring__shard(), WIRE_BLOCK, record.header.pid, &record, sizeof(record));
	return 0;
}
