/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What consumers want, as the kernel programs read it.
 *
 * Each consumer's condition is a disjunction of clauses; a clause is a bit. A
 * dimension is something that the kernel knows of an event: a number, a text, the
 * flags of a call, its process, its workload. Each value of a dimension has the set of the clauses that it may
 * satisfy; the event is wanted if the sets of all its values have a clause in common.
 * So what an event costs does not grow with the number of conditions.
 *
 * A value that is not known satisfies all (SEMANTICS 11). A value that the event does
 * not have (missing) has a set of its own.
 */
#ifndef OUTRIDER_EVENTS_FILTER_WIRE_H
#define OUTRIDER_EVENTS_FILTER_WIRE_H

#include "events/wire.h"

enum filter_number {
	FILTER_RESULT, /* signed */
	FILTER_CALL,   /* word size * WIRE_SYSTEM_CALLS + number */
	FILTER_PID,
	FILTER_TID,
	FILTER_PPID,
	FILTER_SESSION,
	FILTER_UID,
	FILTER_GID,
	FILTER_LOGIN_UID, /* signed: -1 is none */
	FILTER_CGROUP,
	FILTER_LATENCY, /* ns; only of kinds that begin with struct wire_timed */
	FILTER_NUMBERS,
};

enum filter_text {
	FILTER_COMM,
	FILTER_PATH,      /* as given, absolute and without . and .. and empty components */
	FILTER_RAW_PATH,  /* as given */
	FILTER_SOURCE,    /* as FILTER_PATH: the old name of a call that has two */
	FILTER_REAL_PATH, /* of the object, as the kernel has it */
	FILTER_TEXTS,
};

enum {
	FILTER_CLAUSES = 4096,
	FILTER_SETS = 4096,   /* different ones */
	FILTER_STARTS = 4096, /* of intervals, of all numbers together */
	/* Numbers that need no search: from 0 on, and around 0 if they have a sign. */
	FILTER_SMALL = 1024,
	FILTER_FLAG_TESTS = 32,
	/* Bytes of a text that are looked at, from its start and from its end. A longer
   * text is not known to its end, and so never certain to be the one wanted. */
	FILTER_NAME_MAX = 16,
	FILTER_PREFIX_MAX = 256,
	FILTER_SUFFIX_MAX = 32,
	FILTER_SLOTS = 2, /* one that is read, one that is being made */
	FILTER_PROCESSES = 1 << 16,
	FILTER_WORKLOADS = 1 << 16,
};

/* What is read of the filter for each event, in one word: the slot that is in use, from 1
 * on (0: everything is wanted), and what is asked for at all, so that the rest is not
 * even called. */
enum {
	FILTER_SLOT_MASK = 0xf,
	FILTER_ASKS_NUMBERS = 1 << 4,
	FILTER_ASKS_COMM = 1 << 5,
	FILTER_ASKS_FLAGS = 1 << 6,
	FILTER_ASKS_PATHS = 1 << 7, /* as given */
	FILTER_ASKS_REAL_PATH = 1 << 8,
	FILTER_ASKS_PROCESS = 1 << 9,
	FILTER_ASKS_WORKLOAD = 1 << 10,
};

/* The set that has all clauses, for what is not known. */
enum { FILTER_SET_ALL = 0 };

struct filter_set {
	wire_u64 summary; /* which of the words are not 0 */
	wire_u64 words[FILTER_CLAUSES / 64];
};

/* Intervals of a number: each reaches to the start of the next. The first starts
 * with 0. Signed numbers have their sign turned over, so that they are in order. */
struct filter_intervals {
	wire_u16 first; /* of starts[] */
	wire_u16 count; /* 0: nobody asks for this number */
	wire_u16 missing;
	wire_u16 half;  /* a power of two, the largest that is less than the count; or 0 */
	wire_u64 small; /* the first of the small numbers */
};

/* What is known of a trie without asking it. Most texts differ from all entries early:
 * those with another second byte than any of them (the first is mostly a slash) have the
 * set of texts without an entry. */
struct filter_entries {
	wire_u16 count;
	wire_u16 otherwise; /* the set of texts that have no entry */
	wire_u16 missing;
	wire_u16 reserved;
	wire_u32 second_bytes[256 / 32];
};

struct filter_flag_test {
	wire_u64 mask;
	wire_u64 value;
	wire_u16 equal;
	wire_u16 not_equal;
	wire_u16 missing;
	wire_u16 reserved;
};

/* What the agent has found out of a process, by its pid: the set of what it is told by its
 * executable, its arguments and its ancestors. True of that program of that process, under
 * the tables of that generation; of any other nothing is known. */
struct filter_process {
	wire_u64 start_time; /* of the process, boot time, ns */
	wire_u64 exec_id;
	wire_u32 generation;
	wire_u32 set;
};

/* The same of a workload, by its cgroup: the set of what it is told by its container's and its
 * pod's names. */
struct filter_workload {
	wire_u32 generation;
	wire_u32 set;
};

struct filter_tables {
	wire_u16 kinds[WIRE_KIND_LIMIT];
	struct filter_intervals numbers[FILTER_NUMBERS];
	struct filter_entries prefixes[FILTER_TEXTS];
	struct filter_entries suffixes[FILTER_TEXTS];
	wire_u32 flag_tests;
	wire_u32 asks;       /* FILTER_ASKS_... */
	wire_u32 generation; /* of these tables; no other have it */
	wire_u32 reserved;
	struct filter_flag_test flags[FILTER_FLAG_TESTS];
	wire_u16 small_sets[FILTER_NUMBERS][FILTER_SMALL];
	wire_u64 starts[FILTER_STARTS];
	wire_u16 start_sets[FILTER_STARTS];
	struct filter_set sets[FILTER_SETS];
};

/* Keys of the tries (include/uapi/linux/bpf.h, struct bpf_lpm_trie_key): how many bits
 * of the bytes count. The NUL behind a text is part of it: so a whole text is an entry
 * that nothing can follow. Suffixes are turned round. */
struct filter_name_key {
	wire_u32 bits;
	wire_u8 bytes[FILTER_NAME_MAX];
};

struct filter_prefix_key {
	wire_u32 bits;
	wire_u8 bytes[FILTER_PREFIX_MAX];
};

struct filter_suffix_key {
	wire_u32 bits;
	wire_u8 bytes[FILTER_SUFFIX_MAX];
};

#endif
