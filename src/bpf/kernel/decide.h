/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The decision whether anybody may want an event, without anything of the kernel: it
 * compiles for the host as well, where it is tested against the evaluator.
 *
 * Every index is masked, for the verifier and against what user space might write.
 */
#ifndef OUTRIDER_BPF_DECIDE_H
#define OUTRIDER_BPF_DECIDE_H

#ifdef __bpf__
#include "bpf/kernel/program.bpf.h"
#endif
#include "events/filter_wire.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* Whether a < b, as 0 or 1. By arithmetic, and out of the compiler's sight: it would make
 * a branch of it, and the verifier would follow both sides in each turn of a loop. */
static __always_inline wire_u64 decide__less(wire_u64 a, wire_u64 b)
{
	wire_u64 sign = (~a & b) | ((~a | b) & (a - b));

	__asm__ volatile("" : "+r"(sign));
	return sign >> 63;
}

/* Whether it is 0, as 0 or 1; without a branch for the same reason. */
static __always_inline wire_u64 decide__is_zero(wire_u64 word)
{
	return ~(word | -word) >> 63;
}

/* The place of the lowest bit that is set; of a word that has one. By its product with a number whose
 * every six bits, from the left, are others (de Bruijn): BPF has no instruction for it. */
static __always_inline wire_u32 decide__lowest(wire_u64 word)
{
	static const wire_u8 places[64] = {
		0,  1,  2,  53, 3,  7,  54, 27, 4,  38, 41, 8,  34, 55, 48, 28,
		62, 5,  39, 46, 44, 42, 22, 9,  24, 35, 59, 56, 49, 18, 29, 11,
		63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21, 23, 58, 17, 10,
		51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
	};

	wire_u32 place = places[(word & -word) * 0x022fdd63cc95386dull >> 58];

	/* The compiler knows that it is less, the verifier does not. */
	__asm__ volatile("" : "+r"(place));
	return place & 63;
}

enum {
	DECIDE_SIGN = 63,
	DECIDE_TURNS = 12, /* halvings of FILTER_STARTS */
};

/* C, which has no other casts.
 * NOLINTBEGIN(google-readability-casting,bugprone-narrowing-conversions) */

/* Whether a trie may have an entry for a text with this second byte. */
static __always_inline int decide__may_have_entry(const struct filter_entries *entries,
						  wire_u8 second)
{
	return entries->second_bytes[second >> 5] >> (second & 31) & 1;
}

/* A signed number as one that orders alike without a sign. */
static __always_inline wire_u64 decide__signed(wire_s64 number)
{
	return (wire_u64)number ^ 1ull << DECIDE_SIGN;
}

/* The set of a number that is looked for among the intervals. */
static __always_inline wire_u32 decide__search(const struct filter_tables *tables,
					       wire_u32 dimension, wire_u64 number)
{
	wire_u32 first, count, place = 0, step, next, turn;
	wire_u64 start, take;

	first = tables->numbers[dimension].first;
	count = tables->numbers[dimension].count;
	step = tables->numbers[dimension].half;
	for (turn = 0; turn < DECIDE_TURNS; turn++) {
		if (!step)
			break;
		next = place + step;
		start = tables->starts[(first + next) & (FILTER_STARTS - 1)];
		take = decide__less(next, count) & ~decide__less(number, start);
		place += step & -(wire_u32)take;
		step /= 2;
	}
	return tables->start_sets[(first + place) & (FILTER_STARTS - 1)];
}

/* The set of a number. */
static __always_inline wire_u32 decide__number(const struct filter_tables *tables,
					       wire_u32 dimension, wire_u64 number)
{
	wire_u64 small;

	if (dimension >= FILTER_NUMBERS)
		return FILTER_SET_ALL;
	small = number - tables->numbers[dimension].small;
	if (small < FILTER_SMALL)
		return tables->small_sets[dimension][small];
	return decide__search(tables, dimension, number);
}

/* The set of a process, of which the agent has perhaps said something. */
static __always_inline wire_u32 decide__process(const struct filter_tables *tables,
						const struct filter_process *known,
						wire_u64 start_time, wire_u64 exec_id)
{
	if (known->generation != tables->generation || known->start_time != start_time ||
	    known->exec_id != exec_id)
		return FILTER_SET_ALL;
	return known->set;
}

/* The set of a workload, of which the agent has said something. */
static __always_inline wire_u32 decide__workload(const struct filter_tables *tables,
						 const struct filter_workload *known)
{
	return known->generation == tables->generation ? known->set : (wire_u32)FILTER_SET_ALL;
}

/* Sets are gone through by the words that have something in them. Which one it is in a turn the
 * verifier does not know, so that no turn has more than one way through it. */

/* Leaves of the candidates those that are in the set, too. What is left of their words is
 * kept in memory: what registers know of it would keep the verifier apart. */
static __always_inline void decide__narrow(struct filter_set *candidates,
					   const struct filter_set *set)
{
	wire_u64 left = candidates->summary & set->summary, both;
	volatile wire_u64 *summary = &candidates->summary;
	wire_u32 turn, word;

	*summary = left;
	for (turn = 0; turn < FILTER_CLAUSES / 64; turn++) {
		if (!left)
			break;
		word = decide__lowest(left);
		left &= left - 1;
		both = candidates->words[word] & set->words[word];
		candidates->words[word] = both;
		*summary = *summary & ~(decide__is_zero(both) << word);
	}
}

/* All clauses of a set are candidates. */
static __always_inline void decide__begin_with(struct filter_set *candidates,
					       const struct filter_set *set)
{
	wire_u64 left = set->summary;
	wire_u32 turn, word;

	candidates->summary = left;
	for (turn = 0; turn < FILTER_CLAUSES / 64; turn++) {
		if (!left)
			break;
		word = decide__lowest(left);
		left &= left - 1;
		candidates->words[word] = set->words[word];
	}
}

/* The clauses that are in all of four sets are candidates. At once: what is left of the
 * summaries is little, and nothing else is looked at. */
static __always_inline void decide__begin(struct filter_set *candidates, const struct filter_set *a,
					  const struct filter_set *b, const struct filter_set *c,
					  const struct filter_set *d)
{
	wire_u64 left = a->summary & b->summary & c->summary & d->summary, all;
	/* What is known of a register would keep the verifier apart. */
	volatile wire_u64 *summary = &candidates->summary;
	wire_u32 turn, word;

	*summary = left;
	for (turn = 0; turn < FILTER_CLAUSES / 64; turn++) {
		if (!left)
			break;
		word = decide__lowest(left);
		left &= left - 1;
		all = a->words[word] & b->words[word] & c->words[word] & d->words[word];
		candidates->words[word] = all;
		*summary = *summary & ~(decide__is_zero(all) << word);
	}
}

/* Whether four sets have a clause in common. Writes nothing: for who has no memory. */
static __always_inline int decide__meet(const struct filter_set *a, const struct filter_set *b,
					const struct filter_set *c, const struct filter_set *d)
{
	wire_u64 left = a->summary & b->summary & c->summary & d->summary;
	wire_u32 turn, word;

	for (turn = 0; turn < FILTER_CLAUSES / 64; turn++) {
		if (!left)
			break;
		word = decide__lowest(left);
		left &= left - 1;
		if (a->words[word] & b->words[word] & c->words[word] & d->words[word])
			return 1;
	}
	return 0;
}

/* A byte of 0x80 where the byte is 0. Above such a byte it may err, which here only
 * lets more pass. */
static __always_inline wire_u64 decide__zero_bytes(wire_u64 word)
{
	return (word - 0x0101010101010101ull) & ~word & 0x8080808080808080ull;
}

static __always_inline wire_u64 decide__has(wire_u64 word, wire_u8 byte)
{
	return decide__zero_bytes(word ^ 0x0101010101010101ull * byte);
}

/* Eight bytes, wherever they are. In the kernel by one load: the machines that we run on load from any
 * address, so the verifier asks for no alignment, but the compiler would go byte by byte. */
static __always_inline wire_u64 decide__word(const wire_u8 *text)
{
#ifdef __bpf__
	typedef wire_u64 __attribute__((__may_alias__)) any_word;

	return *(const any_word *)text;
#else
	wire_u64 word;

	__builtin_memcpy(&word, text, sizeof(word));
	return word;
#endif
}

/* Whether eight bytes of a path that is followed by these eight have something in them
 * that making it absolute would change, as bits: "//", "/./", "/../", or "/." or "/.." at
 * its end. What only looks like it ("/..name") counts as well, and "../" wherever it is:
 * conditions ask for that. Behind its end there are zeros.
 *
 * Made of whole words and not read byte by byte further on: what has just been written in
 * words is read in the same words at once, and otherwise much later. */
static __always_inline wire_u64 decide__odd(wire_u64 word, wire_u64 following)
{
	wire_u64 next = word >> 8 | following << 56;
	wire_u64 third = word >> 16 | following << 48;
	/* '.' and '/' differ in their lowest bit. */
	const wire_u64 lowest = 0x0101010101010101ull;

	return (decide__has(word, '/') & decide__has(next | lowest, '/') &
		(decide__has(next, '/') | decide__has(third | lowest, '/') |
		 decide__has(third, 0))) |
	       (decide__has(word, '.') & decide__has(next, '.') & decide__has(third, '/'));
}

/* The last bytes of a text, turned round. Reads FILTER_SUFFIX_MAX bytes before `end`. */
static __always_inline void decide__suffix(struct filter_suffix_key *key, const wire_u8 *end,
					   wire_u32 length)
{
	wire_u32 i;

	for (i = 0; i < FILTER_SUFFIX_MAX / 8; i++) {
		wire_u64 word = __builtin_bswap64(decide__word(end - 8 * (i + 1)));

		__builtin_memcpy(key->bytes + 8 * i, &word, sizeof(word));
	}
	key->bits = 8 * (length < FILTER_SUFFIX_MAX ? length : (wire_u32)FILTER_SUFFIX_MAX);
}

/* NOLINTEND(google-readability-casting,bugprone-narrowing-conversions) */

#endif
