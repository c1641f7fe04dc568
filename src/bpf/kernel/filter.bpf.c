/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The filter; what it promises is in filter.bpf.h, how it decides in decide.h. */
#include "bpf/kernel/filter.bpf.h"

#include "bpf/kernel/decide.h"
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/path.bpf.h"

/* By sizes, not by types: of what is only pointed to there is no BTF. */
struct filter_numbers_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__uint(value_size, sizeof(struct filter_tables));
};

/* The tables of each slot. User space fills the slot that is not read, and then says
 * so. Changing an outer map waits until no program reads what was there before; the
 * place behind the slots is for waiting only. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, FILTER_SLOTS + 1);
	__type(key, u32);
	__type(value, u32);
	__array(values, struct filter_numbers_map);
} filter_numbers SEC(".maps");

/* Tries take memory for what is in them only. They stay, and their entries change:
 * putting other maps in their places would mean to wait for each. */
enum { TRIE_ENTRIES = 1 << 16 };

#define TRIE(name, key)                               \
	struct name {                                 \
		__uint(type, BPF_MAP_TYPE_LPM_TRIE);  \
		__uint(max_entries, TRIE_ENTRIES);    \
		__uint(map_flags, BPF_F_NO_PREALLOC); \
		__uint(key_size, sizeof(struct key)); \
		__uint(value_size, sizeof(u32));      \
	}
TRIE(name_trie, filter_name_key);
TRIE(prefix_trie, filter_prefix_key);
TRIE(suffix_trie, filter_suffix_key);

/* [slot][enum filter_text]; filled once by user space. */
#define TRIES(trie)                                              \
	struct {                                                 \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);        \
		__uint(max_entries, FILTER_SLOTS *FILTER_TEXTS); \
		__type(key, u32);                                \
		__type(value, u32);                              \
		__array(values, struct trie);                    \
	}
TRIES(name_trie) filter_names SEC(".maps");
TRIES(prefix_trie) filter_prefixes SEC(".maps");
TRIES(suffix_trie) filter_suffixes SEC(".maps");

/* By pid. Takes memory for what is in it only. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FILTER_PROCESSES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, struct filter_process);
} filter_processes SEC(".maps");

/* By cgroup, as in wire_header. Takes memory for what is in it only. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FILTER_WORKLOADS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct filter_workload);
} filter_workloads SEC(".maps");

enum {
	/* The last name is copied whole, and whole words are read behind the end. */
	SLACK = 256,
	/* A power of two; the kind's set, that of each number, comm's and the process's. */
	HELD_SETS = 16,
	/* Longer paths as given are not looked at as to whether they are plain. */
	PLAIN_WORDS = 64,
};

/* What is known of the event that this CPU is at. */
struct filter_state {
	u32 slot;
	/* Sets that the candidates are to be in, before any have been looked for. */
	u32 count;
	u16 sets[HELD_SETS];
	struct filter_set candidates; /* clauses that may still be satisfied */
	u8 before[FILTER_SUFFIX_MAX]; /* so that a suffix can be read before the start */
	u32 length;                   /* of the path; see path__length() */
	/* A path from its start, and how much of it is looked for. */
	struct {
		u32 bits;
		u8 bytes[WIRE_PATH_MAX + SLACK];
	} path;
	struct filter_name_key name;
	struct filter_suffix_key suffix;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct filter_state);
} filter_states SEC(".maps");

static __always_inline struct filter_state *filter__state(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&filter_states, &zero);
}

static __always_inline struct filter_tables *filter__tables(struct filter_state *state)
{
	u32 slot = state->slot, zero = 0;
	void *map = bpf_map_lookup_elem(&filter_numbers, &slot);

	return map ? bpf_map_lookup_elem(map, &zero) : NULL;
}

/* All that a function of the filter works with. NULL tables: pass. */
static __always_inline struct filter_tables *filter__begin(struct filter_state *state, u32 start)
{
	struct filter_tables *tables;
	u32 kind;

	if (start)
		state->slot = (start & FILTER_SLOT_MASK) - 1;
	tables = filter__tables(state);
	if (!tables || !start)
		return tables;
	kind = tables->kinds[start >> 8 & (WIRE_KIND_LIMIT - 1)];
	decide__begin_with(&state->candidates, &tables->sets[kind & (FILTER_SETS - 1)]);
	return tables;
}

/* A set to be in. */
static __always_inline void filter__hold(struct filter_state *state, u32 set)
{
	u32 count = state->count;

	if (set == FILTER_SET_ALL)
		return;
	state->sets[count & (HELD_SETS - 1)] = set;
	state->count = count + 1;
}

/* Leaves the clauses of this set; returns whether there are any. */
__noinline int filter__narrow(u32 set)
{
	struct filter_state *state = filter__state();
	struct filter_tables *tables;

	if (!state)
		return 1;
	tables = filter__tables(state);
	if (!tables)
		return 1;
	decide__narrow(&state->candidates, &tables->sets[set & (FILTER_SETS - 1)]);
	return state->candidates.summary != 0;
}

/* A value of the event satisfies this set only; once nothing is left, nobody wants it. A
 * call costs more than what is done in most cases. */
#define NARROW(number)                                                                      \
	do {                                                                                \
		u32 number_ = (number);                                                     \
		struct filter_set *left_ = &state->candidates;                              \
		const struct filter_set *set_ = &tables->sets[number_ & (FILTER_SETS - 1)]; \
                                                                                            \
		if (number_ == FILTER_SET_ALL)                                              \
			break;                                                              \
		if (!(left_->summary & set_->summary))                                      \
			return 0;                                                           \
		if (left_->summary == 1) {                                                  \
			left_->words[0] &= set_->words[0];                                  \
			if (!left_->words[0])                                               \
				return 0;                                                   \
		} else if (!filter__narrow(number_)) {                                      \
			return 0;                                                           \
		}                                                                           \
	} while (0)

/* The set of a number that is not small. */
__noinline int filter__number(u32 dimension, u64 number)
{
	struct filter_state *state = filter__state();
	struct filter_tables *tables;

	if (!state || dimension >= FILTER_NUMBERS)
		return FILTER_SET_ALL;
	tables = filter__tables(state);
	if (!tables)
		return FILTER_SET_ALL;
	return decide__search(tables, dimension, number);
}

#define HOLD_NUMBER(dimension, number)                                                   \
	do {                                                                             \
		const struct filter_intervals *intervals_ = &tables->numbers[dimension]; \
		u64 number_, small_;                                                     \
                                                                                         \
		if (!intervals_->count)                                                  \
			break;                                                           \
		number_ = (number);                                                      \
		small_ = number_ - intervals_->small;                                    \
		filter__hold(state, small_ < FILTER_SMALL ?                              \
					    tables->small_sets[dimension][small_] :      \
					    (u32)filter__number(dimension, number_));    \
	} while (0)

/* The candidates of all sets that are held. Returns whether there are any. */
__noinline int filter__meet(void)
{
	struct filter_state *state = filter__state();
	struct filter_tables *tables;
	u32 i;

	if (!state)
		return 1;
	tables = filter__tables(state);
	if (!tables)
		return 1;
	decide__begin(&state->candidates, &tables->sets[state->sets[0] & (FILTER_SETS - 1)],
		      &tables->sets[state->sets[1] & (FILTER_SETS - 1)],
		      &tables->sets[state->sets[2] & (FILTER_SETS - 1)],
		      &tables->sets[state->sets[3] & (FILTER_SETS - 1)]);
	for (i = 4; i < HELD_SETS; i++) {
		if (i >= state->count)
			break;
		filter__narrow(state->sets[i]);
	}
	return state->candidates.summary != 0;
}

/* The entry of a text in one of the tries, or what stands for those that have none. */
#define FIND_ENTRY(tries, entries, text, key, bytes)                            \
	({                                                                      \
		u32 index_ = state->slot * FILTER_TEXTS + (text), *set_ = NULL; \
		void *trie_;                                                    \
                                                                                \
		if (decide__may_have_entry(entries, (bytes)[1])) {              \
			trie_ = bpf_map_lookup_elem(&(tries), &index_);         \
			if (trie_)                                              \
				set_ = bpf_map_lookup_elem(trie_, key);         \
		}                                                               \
		set_ ? *set_ : (entries)->otherwise;                            \
	})

/* The set of a process. */
__noinline int filter__process(u64 task)
{
	struct filter_state *state = filter__state();
	u32 pid = TASK_READ(task, tgid);
	struct filter_process *known;
	struct filter_tables *tables;

	if (!state)
		return FILTER_SET_ALL;
	tables = filter__tables(state);
	known = bpf_map_lookup_elem(&filter_processes, &pid);
	if (!tables || !known)
		return FILTER_SET_ALL;
	return decide__process(tables, known, TASK_READ(task, group_leader, start_boottime),
			       TASK_READ(task, self_exec_id));
}

/* The set of a workload. */
__noinline int filter__workload(u64 task)
{
	struct filter_state *state = filter__state();
	u64 cgroup = task__cgroup_id(task);
	struct filter_workload *known;
	struct filter_tables *tables;

	if (!state)
		return FILTER_SET_ALL;
	tables = filter__tables(state);
	known = bpf_map_lookup_elem(&filter_workloads, &cgroup);
	if (!tables || !known)
		return FILTER_SET_ALL;
	return decide__workload(tables, known);
}

int filter__early(u32 start, u64 task, u32 call, s64 result, u32 result_known)
{
	struct filter_state *state = filter__state();
	struct filter_tables *tables;

	if (!state)
		return 1;
	/* Always the first that is asked. */
	state->slot = (start & FILTER_SLOT_MASK) - 1;
	tables = filter__tables(state);
	if (!tables)
		return 1;
	__builtin_memset(state->sets, 0, 4 * sizeof(state->sets[0])); /* FILTER_SET_ALL */
	state->sets[0] = tables->kinds[start >> 8 & (WIRE_KIND_LIMIT - 1)];
	state->count = 1;
	if (tables->asks & FILTER_ASKS_NUMBERS) {
		HOLD_NUMBER(FILTER_CALL, call);
		if (result_known)
			HOLD_NUMBER(FILTER_RESULT, decide__signed(result));
		HOLD_NUMBER(FILTER_PID, TASK_READ(task, tgid));
		HOLD_NUMBER(FILTER_TID, TASK_READ(task, pid));
		HOLD_NUMBER(FILTER_PPID, TASK_READ(task, real_parent, tgid));
		HOLD_NUMBER(FILTER_UID, TASK_READ(task, cred, uid.val));
		HOLD_NUMBER(FILTER_GID, TASK_READ(task, cred, gid.val));
		HOLD_NUMBER(FILTER_CGROUP, task__cgroup_id(task) & ~(1ull << WIRE_CGROUP_V1_BIT));
		HOLD_NUMBER(FILTER_SESSION,
			    TASK_READ(task, signal, pids[PIDTYPE_SID_INDEX], numbers[0].nr));
		/* Only the largest login uid is none: it is shown as -1. */
		if (bpf_core_field_exists(((struct task_struct *)0)->loginuid)) {
			s64 login = (s32)TASK_READ(task, loginuid.val);

			if (login != -1)
				login = (u32)login;
			HOLD_NUMBER(FILTER_LOGIN_UID, decide__signed(login));
		}
	}
	if (tables->prefixes[FILTER_COMM].count) {
		u64 comm[2] = {};

		task__shown_comm(task, comm);
		__builtin_memcpy(state->name.bytes, comm, sizeof(comm));
		state->name.bits = 8 * FILTER_NAME_MAX;
		filter__hold(state, FIND_ENTRY(filter_names, &tables->prefixes[FILTER_COMM],
					       FILTER_COMM, &state->name, state->name.bytes));
	}
	if (tables->asks & FILTER_ASKS_PROCESS)
		filter__hold(state, filter__process(task));
	if (tables->asks & FILTER_ASKS_WORKLOAD)
		filter__hold(state, filter__workload(task));
	return filter__meet();
}

/* The set of a number, for who has no state. */
__noinline int filter__set_of(u32 slot, u32 dimension, u64 number)
{
	struct filter_tables *tables;
	u32 zero = 0;
	void *map;

	if (dimension >= FILTER_NUMBERS)
		return FILTER_SET_ALL;
	map = bpf_map_lookup_elem(&filter_numbers, &slot);
	tables = map ? bpf_map_lookup_elem(map, &zero) : NULL;
	if (!tables || !tables->numbers[dimension].count)
		return FILTER_SET_ALL;
	return decide__number(tables, dimension, number);
}

int filter__timed(u32 start, u32 pid, u32 tid, u64 latency)
{
	u32 slot = (start & FILTER_SLOT_MASK) - 1, zero = 0;
	u32 by_latency = FILTER_SET_ALL, by_pid, by_tid, by_kind;
	struct filter_tables *tables;
	void *map;

	map = bpf_map_lookup_elem(&filter_numbers, &slot);
	tables = map ? bpf_map_lookup_elem(map, &zero) : NULL;
	if (!tables)
		return 1;
	by_kind = tables->kinds[start >> 8 & (WIRE_KIND_LIMIT - 1)];
	if (latency != WIRE_LATENCY_UNKNOWN)
		by_latency = filter__set_of(slot, FILTER_LATENCY, latency);
	by_pid = filter__set_of(slot, FILTER_PID, pid);
	by_tid = filter__set_of(slot, FILTER_TID, tid);
	return decide__meet(&tables->sets[by_kind & (FILTER_SETS - 1)],
			    &tables->sets[by_latency & (FILTER_SETS - 1)],
			    &tables->sets[by_pid & (FILTER_SETS - 1)],
			    &tables->sets[by_tid & (FILTER_SETS - 1)]);
}

int filter__flags(u32 start, u64 value, u32 missing)
{
	struct filter_state *state = filter__state();
	struct filter_tables *tables;
	u32 i;

	if (!state)
		return 1;
	tables = filter__begin(state, start);
	if (!tables)
		return 1;
	for (i = 0; i < FILTER_FLAG_TESTS; i++) {
		struct filter_flag_test *test = &tables->flags[i];

		if (i >= tables->flag_tests)
			break;
		if (missing)
			NARROW(test->missing);
		else
			NARROW((value & test->mask) == test->value ? test->equal : test->not_equal);
	}
	return 1;
}

/* Whether making the path absolute would leave it as it is. There are 16 zeros behind its
 * end. No branch but the loop's: the verifier would follow both sides of each in every
 * turn. */
static __always_inline bool path__is_plain(const u8 *text, u32 length)
{
	u64 word, following, odd = 0;
	u32 i;

	/* A slash at its end would go, but for the only one. */
	if (length >= PLAIN_WORDS * 8 || text[0] != '/' || (text + length)[-1] == '/')
		return false;
	word = decide__word(text);
	for (i = 0; i < PLAIN_WORDS; i++) {
		following = decide__word(text + (i + 1) * 8);
		odd |= decide__odd(word, following);
		if (length <= (i + 1) * 8)
			break;
		word = following;
	}
	return !odd;
}

/* Holds state->path, which has a NUL behind it, against what is wanted. */
static __always_inline int filter__text(struct filter_state *state, struct filter_tables *tables,
					u32 text, u32 length)
{
	u8 *bytes = state->path.bytes;

	if (tables->prefixes[text].count) {
		state->path.bits =
			8 * (length + 1 < FILTER_PREFIX_MAX ? length + 1 : FILTER_PREFIX_MAX);
		NARROW(FIND_ENTRY(filter_prefixes, &tables->prefixes[text], text, &state->path,
				  bytes));
	}
	if (tables->suffixes[text].count) {
		decide__suffix(&state->suffix, bytes + length, length);
		NARROW(FIND_ENTRY(filter_suffixes, &tables->suffixes[text], text, &state->suffix,
				  state->suffix.bytes));
	}
	return 1;
}

static __always_inline bool filter__asks(const struct filter_tables *tables, u32 text)
{
	return tables->prefixes[text].count | tables->suffixes[text].count;
}

/* Of what has been read. By way of memory: what the verifier has learnt of it by comparisons it
 * would keep apart, and follow what comes next for each. */
static __always_inline u32 path__length(struct filter_state *state)
{
	return *(volatile u32 *)&state->length & (WIRE_PATH_MAX - 1);
}

/* As decide__word(). */
static __always_inline void word__store(u8 *to, u64 word)
{
	typedef u64 __attribute__((__may_alias__)) any_word;

	*(any_word *)to = word;
}

/* Reads a string of the caller's into state->path, and zeros behind it. Returns whether it could
 * be read to its end. */
static __always_inline bool path__read(struct filter_state *state, u64 address)
{
	long size = bpf_probe_read_user_str(state->path.bytes, WIRE_PATH_MAX, (void *)address);
	u32 length;

	/* Before 6.15 an empty string has the size 0, without its NUL. */
	if (size < 0 || size >= WIRE_PATH_MAX)
		return false;
	length = size ? size - 1 : 0;
	barrier_var(length);
	if (length >= WIRE_PATH_MAX)
		return false;
	word__store(state->path.bytes + length, 0);
	word__store(state->path.bytes + length + 8, 0);
	*(volatile u32 *)&state->length = length;
	return true;
}

int filter__path(u32 start, u32 which, u64 address)
{
	struct filter_state *state = filter__state();
	u32 text = which == FILTER_SOURCE_PATH ? FILTER_SOURCE : FILTER_PATH;
	struct filter_tables *tables;

	if (!state)
		return 1;
	tables = filter__begin(state, start);
	if (!tables)
		return 1;
	if (!path__read(state, address))
		return 1;
	if (which == FILTER_MAIN_PATH && filter__asks(tables, FILTER_RAW_PATH) &&
	    !filter__text(state, tables, FILTER_RAW_PATH, path__length(state)))
		return 0;
	if (filter__asks(tables, text) && path__is_plain(state->path.bytes, path__length(state)))
		return filter__text(state, tables, text, path__length(state));
	return 1;
}

/* The walked components the other way round, as a path. Returns its length, or -1 if it
 * is not known from its start. */
static __always_inline s32 path__forward(struct filter_state *state, const u8 *names,
					 const struct walk_value *walk)
{
	u32 count = walk->components, out = 0, i;

	if (count > WALK_MARKS)
		return -1;
	for (i = 0; i < WALK_MARKS; i++) {
		u32 place = count - 1 - i, start, end, size, word;

		if (i >= count)
			break;
		start = walk->marks[place & (WALK_MARKS - 1)];
		end = i ? walk->marks[(place + 1) & (WALK_MARKS - 1)] : walk->length;
		size = (end - start - 1) & 0xff;
		start &= WIRE_PATH_MAX - 1;
		if (out >= FILTER_PREFIX_MAX - 1)
			return out;
		state->path.bytes[out++] = '/';
		barrier_var(out);
		if (out > FILTER_PREFIX_MAX)
			return out;
		if (size > 32 || !use_cast) {
			bpf_probe_read_kernel(state->path.bytes + out, size, names + start);
		} else {
			for (word = 0; word < 32; word += 8)
				word__store(state->path.bytes + out + word,
					    decide__word(names + start + word));
		}
		out += size;
		barrier_var(out);
		if (out >= FILTER_PREFIX_MAX)
			return FILTER_PREFIX_MAX;
	}
	if (!count)
		state->path.bytes[out++] = '/';
	return out;
}

int filter__real_path(u32 start, u32 offset, u32 missing)
{
	struct filter_state *state = filter__state();
	struct walk_value *walk = walk__get();
	struct filter_tables *tables;
	u8 *record = scratch__get();
	s32 walked;
	u32 length;

	if (!state || !walk || !record || offset > WIRE_RECORD_MAX - WIRE_PATH_MAX - 64)
		return 1;
	tables = filter__begin(state, start);
	if (!tables)
		return 1;
	if (missing) {
		NARROW(tables->prefixes[FILTER_REAL_PATH].missing);
		NARROW(tables->suffixes[FILTER_REAL_PATH].missing);
		return 1;
	}
	walked = path__forward(state, record + offset, walk);
	if (walked < 0)
		return 1;
	*(volatile u32 *)&state->length = walked;
	length = path__length(state);
	if (length > FILTER_PREFIX_MAX)
		length = FILTER_PREFIX_MAX;
	state->path.bytes[length] = 0;
	if (tables->prefixes[FILTER_REAL_PATH].count) {
		u32 bits = length + 1;

		state->path.bits = 8 * (bits < FILTER_PREFIX_MAX ? bits : FILTER_PREFIX_MAX);
		NARROW(FIND_ENTRY(filter_prefixes, &tables->prefixes[FILTER_REAL_PATH],
				  FILTER_REAL_PATH, &state->path, state->path.bytes));
	}
	/* The end of a longer one was not looked at. */
	if (tables->suffixes[FILTER_REAL_PATH].count && length < FILTER_PREFIX_MAX) {
		decide__suffix(&state->suffix, state->path.bytes + length, length);
		NARROW(FIND_ENTRY(filter_suffixes, &tables->suffixes[FILTER_REAL_PATH],
				  FILTER_REAL_PATH, &state->suffix, state->suffix.bytes));
	}
	return 1;
}
