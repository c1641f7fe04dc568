/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The wire: what the kernel programs write into the rings and user space reads.
 *
 * Shared by BPF C and by C++: fixed-width integers, explicit padding, the kind
 * first, sizes asserted in both languages. Everything a program does not know
 * it sets to zero, and says so in the state of the string.
 *
 * Records that only their own sensor reads are in its folder, in x_wire.h.
 */
#ifndef OUTRIDER_EVENTS_WIRE_H
#define OUTRIDER_EVENTS_WIRE_H

#ifndef __bpf__
#include <stdint.h>
typedef uint8_t wire_u8;
typedef uint16_t wire_u16;
typedef uint32_t wire_u32;
typedef uint64_t wire_u64;
typedef int64_t wire_s64;
#else
typedef __u8 wire_u8;
typedef __u16 wire_u16;
typedef __u32 wire_u32;
typedef __u64 wire_u64;
typedef __s64 wire_s64;
#endif

/* Neither language takes the other's spelling. */
#ifdef __cplusplus
#define WIRE_ASSERT_SIZE(type, size) static_assert(sizeof(type) == (size), #type)
#else
#define WIRE_ASSERT_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)
#endif

/* Kinds of records. The first group are events; the second only feed the
 * tables of user space and never reach a stream. */
enum wire_kind {
	WIRE_NONE = 0,

#define SENSOR(folder, ...) __VA_ARGS__,
#include "events/sensors.def"
#undef SENSOR

	WIRE_WORKING_DIRECTORY = 64, /* the caller's cwd or root changed */
	WIRE_ARGUMENTS = 65,         /* a piece of the arguments of the exec that follows */
	WIRE_CGROUP = 66,            /* a cgroup was made or removed: id and path */
	WIRE_FILE_NAME = 67,         /* which file the totals of files are of */
	WIRE_USAGE = 68,             /* what a thread or process has used */

	/* Events again: those of the targets of one run's probes, in their order. */
	WIRE_PROBE = 72,
	WIRE_PROBE_LIMIT = 80,

	WIRE_EVENT_LIMIT = 80, /* src/events/kind_set.h */

	WIRE_UNWANTED = 127, /* as another kind of a call: leave it out */
	WIRE_KIND_LIMIT = 128,
};

/* A cgroup by which workloads are told apart: in the unified hierarchy, or, with this bit,
 * in that of a controller of version 1 (enum wire_controller). */
enum wire_cgroup_id { WIRE_CGROUP_V1_BIT = 63 };

/* Controllers whose hierarchy of version 1 is looked at, if they have one: runtimes and
 * systemd put each workload into a cgroup of its own there. The first that there is. */
enum wire_controller {
	WIRE_CONTROLLER_NONE = 0,
	WIRE_CONTROLLER_PIDS = 1,
	WIRE_CONTROLLER_CPU = 2,
	WIRE_CONTROLLER_DEVICES = 3,
	WIRE_CONTROLLER_MEMORY = 4,
	WIRE_CONTROLLER_LIMIT = 5,
};

enum wire_flags {
	WIRE_COMPAT = 1 << 0,            /* a 32-bit system call */
	WIRE_IO_URING = 1 << 1,          /* not a system call: a request in an io_uring */
	WIRE_KERNEL_THREAD = 1 << 2,     /* the process has no user memory */
	WIRE_ARGUMENTS_LOST = 1 << 3,    /* a piece of the arguments found the ring full */
	WIRE_OBJECT_KNOWN = 1 << 4,      /* device, inode and mode of the object are set */
	WIRE_RESULT_UNKNOWN = 1 << 5,    /* sent before it was done: nobody will say how it ended */
	WIRE_DIRECT_DESCRIPTOR = 1 << 6, /* the result is a slot of an io_uring's own table */
	WIRE_STACKS = 1 << 7,            /* of an event: stacks follow its strings */
	WIRE_ARGUMENTS_GONE = 1 << 8,    /* of a call: its registers and memory are another's now */
};

/* What became of a string. */
enum wire_string_state {
	WIRE_STRING_MISSING = 0, /* does not apply */
	WIRE_STRING_WHOLE = 1,
	WIRE_STRING_CUT = 2,     /* longer than the space for it */
	WIRE_STRING_FAULTED = 3, /* the memory could not be read */
};

enum wire_string_flags {
	WIRE_PATH_REVERSED = 1 << 0,    /* components, last first, each followed by a NUL */
	WIRE_PATH_DELETED = 1 << 1,     /* the object has no name any more */
	WIRE_PATH_UNREACHABLE = 1 << 2, /* not beneath the root of the process */
	WIRE_PATH_TORN = 1 << 3,        /* a rename happened during the walk */
	WIRE_PATH_PSEUDO = 1 << 4,      /* not in a file system tree: memfd:x, a pipe */
};

struct wire_string {
	wire_u16 length; /* bytes in the payload, no terminator */
	wire_u8 state;
	wire_u8 flags;
};
WIRE_ASSERT_SIZE(struct wire_string, 4);

struct wire_header {
	wire_u16 kind;
	wire_u16 flags;
	wire_u32 size;              /* of the whole record, bytes */
	wire_u64 time;              /* boot time, ns */
	wire_u64 start_time;        /* of the process, boot time, ns */
	wire_u64 parent_start_time; /* of the parent process, boot time, ns */
	wire_u64 exec_id;           /* raised by each exec; a child has its parent's */
	wire_u64 cgroup_id;         /* see wire_cgroup_id */
	wire_u64 cwd_inode;
	wire_u64 root_inode;
	wire_u32 cwd_device; /* kernel's dev_t: major << 20 | minor */
	wire_u32 pid;        /* process, in the host's pid namespace */
	wire_u32 tid;
	wire_u32 ppid;
	wire_u32 vpid; /* process, in its own pid namespace */
	wire_u32 session_id;
	wire_u32 uid;
	wire_u32 gid;
	wire_u32 login_uid;       /* 0xffffffff: none */
	wire_u32 mount_namespace; /* its inode number; 0: unknown */
	char comm[16];            /* of the thread */
};
WIRE_ASSERT_SIZE(struct wire_header, 120);

/* How kinds of events begin that are about how long something took: evt.latency. */
struct wire_timed {
	struct wire_header header;
	wire_u64 latency; /* ns, or WIRE_LATENCY_UNKNOWN */
	wire_u32 cpu;
	wire_u32 reserved;
};
WIRE_ASSERT_SIZE(struct wire_timed, 120 + 16);

#define WIRE_LATENCY_UNKNOWN (~0ull)

enum wire_stack { WIRE_STACK_USER = 0, WIRE_STACK_KERNEL = 1, WIRE_STACKS_COUNT = 2 };

/* Frames of a stack; as many as the kernel walks by default
 * (/proc/sys/kernel/perf_event_max_stack). */
enum { WIRE_FRAMES_MAX = 127 };

/* The end of an event with WIRE_STACKS: before it are the addresses of the frames,
 * innermost first, 8 bytes each, of the user's stack and then of the kernel's. Their
 * lengths are here in bytes. Nothing of it is aligned. */
struct wire_stacks {
	struct wire_string stacks[WIRE_STACKS_COUNT];
};
WIRE_ASSERT_SIZE(struct wire_stacks, 8);

enum { WIRE_PATH_MAX = 4096 };

/* Strings of a file record, in the order of the payload. */
enum wire_file_string {
	WIRE_FILE_PATH = 0,  /* as given */
	WIRE_FILE_BASE = 1,  /* what a relative path is relative to */
	WIRE_FILE_PATH2 = 2, /* as given: the new name of rename and link */
	WIRE_FILE_BASE2 = 3,
	WIRE_FILE_OBJECT = 4, /* the object as the kernel has it */
	WIRE_FILE_STRINGS = 5,
};

enum wire_abi { WIRE_ABI_64 = 0, WIRE_ABI_32 = 1, WIRE_ABI_COUNT = 2 };

struct wire_file {
	struct wire_header header;
	wire_s64 result;
	wire_u64 arguments[6]; /* registers of the call; structures are read into them */
	wire_u64 inode;        /* of the object */
	wire_u32 device;
	wire_u16 mode; /* of the object: type and permissions */
	wire_u16 call; /* number of the system call, or of the one that does the same */
	struct wire_string strings[WIRE_FILE_STRINGS];
	wire_u32 reserved;
};
WIRE_ASSERT_SIZE(struct wire_file, 120 + 8 + 48 + 16 + 24);

enum wire_capabilities {
	WIRE_CAPABILITIES_EFFECTIVE = 0,
	WIRE_CAPABILITIES_PERMITTED = 1,
	WIRE_CAPABILITIES_INHERITABLE = 2,
	WIRE_CAPABILITIES_COUNT = 3,
};

/* Besides that of mounts, which each header has. */
enum wire_namespace {
	WIRE_NAMESPACE_PID = 0,
	WIRE_NAMESPACE_USER = 1,
	WIRE_NAMESPACE_NET = 2,
	WIRE_NAMESPACE_UTS = 3,
	WIRE_NAMESPACE_IPC = 4,
	WIRE_NAMESPACE_CGROUP = 5,
	WIRE_NAMESPACES_COUNT = 6,
};

/* What a process acts with and in, as its fork or exec has left it. */
struct wire_context {
	wire_u64 capabilities[WIRE_CAPABILITIES_COUNT];
	wire_u32 namespaces[WIRE_NAMESPACES_COUNT]; /* inode numbers; 0: unknown */
	wire_u32 effective_uid;
	wire_u32 effective_gid;
	wire_u32 terminal;  /* that controls it, kernel's dev_t; 0: none */
	wire_u32 group_id;  /* process group, in the host's pid namespace */
	wire_u32 vgroup_id; /* in its own pid namespace; 0: its leader is not in there */
	wire_u32 vsession_id;
	wire_u64 pid_namespace_start; /* of its first process, boot time, ns */
};
WIRE_ASSERT_SIZE(struct wire_context, 24 + 24 + 24 + 8);

enum wire_executable_flags {
	WIRE_EXECUTABLE_UNCHANGEABLE = 1 << 0, /* read-only file system, or immutable */
	WIRE_EXECUTABLE_OVERLAY = 1 << 1,
	WIRE_EXECUTABLE_UPPER = 1 << 2, /* in the upper layer of the overlay */
};

/* The file of an executable. */
struct wire_executable {
	wire_s64 change_time; /* of the inode, ns since 1970 */
	wire_s64 modify_time;
	wire_u32 uid; /* who owns it */
	wire_u32 gid;
	wire_u16 mode; /* type and permissions; 0: nothing of this is known */
	wire_u16 flags;
	wire_u32 reserved;
};
WIRE_ASSERT_SIZE(struct wire_executable, 16 + 16);

enum wire_exec_string {
	WIRE_EXEC_FILENAME = 0,    /* as given */
	WIRE_EXEC_BASE = 1,        /* what a relative filename is relative to (failed execs) */
	WIRE_EXEC_INTERPRETER = 2, /* what the kernel runs for it; missing: the filename */
	WIRE_EXEC_EXE = 3,         /* the executable as the kernel has it */
	WIRE_EXEC_CWD = 4,
	WIRE_EXEC_ARGUMENTS = 5, /* NUL after each; the last of the payload. The environment too,
				  * if it is wanted, as if it were more arguments */
	WIRE_EXEC_STRINGS = 6,
};

/* Bytes of arguments (and environment) in the exec record itself, and in all with its pieces. */
enum {
	WIRE_ARGUMENTS_INLINE = 8192,
	WIRE_ARGUMENTS_PIECE = 16384,
	WIRE_ARGUMENTS_MAX = 128 * 1024,
};

struct wire_exec {
	struct wire_header header;
	wire_s64 result;
	wire_u64 exe_inode;
	wire_u32 exe_device;
	wire_u32 argument_count;
	wire_u32 arguments_size; /* of all arguments, bytes, also those cut off */
	/* Its number; of one that succeeded 1 if it was execveat with a descriptor, else 0. */
	wire_u16 call;
	wire_u16 reserved;
	wire_u32 flags;            /* of execveat */
	wire_u32 environment_size; /* bytes; 0: nobody wants it */
	/* Of an exec that failed, 0: it has changed nothing. */
	struct wire_context context;
	struct wire_executable executable;
	struct wire_string strings[WIRE_EXEC_STRINGS];
};
WIRE_ASSERT_SIZE(struct wire_exec, 120 + 8 + 8 + 16 + 8 + 80 + 32 + 24);

/* Pieces go before their exec record, in the same ring, in order. */
struct wire_arguments {
	wire_u16 kind;
	wire_u16 flags;
	wire_u32 size;
	wire_u64 time; /* the same in all pieces and in their exec */
	wire_u32 pid;
	wire_u32 offset; /* within the arguments */
};
WIRE_ASSERT_SIZE(struct wire_arguments, 24);

struct wire_exit {
	struct wire_header header;
	wire_u32 exit_code; /* as wait(2) has it */
	wire_u32 reserved;
};
WIRE_ASSERT_SIZE(struct wire_exit, 120 + 8);

/* The header is the child's; what it inherits the tables know. */
struct wire_fork {
	struct wire_header header;
	struct wire_context context;
};
WIRE_ASSERT_SIZE(struct wire_fork, 120 + 80);

enum wire_cgroup_flags {
	WIRE_CGROUP_REMOVED = 1 << 0, /* else it was made */
};

struct wire_cgroup {
	wire_u16 kind;
	wire_u16 flags; /* enum wire_cgroup_flags */
	wire_u32 size;
	wire_u64 time;
	wire_u64 id;
	struct wire_string path;
	wire_u32 pid; /* the process that did it */
};
WIRE_ASSERT_SIZE(struct wire_cgroup, 32);

/* Largest record: an exec with five paths and its inline arguments. No exec has all
 * five: stacks have room in what is left. */
enum {
	WIRE_RECORD_MAX = 120 + 176 + 5 * WIRE_PATH_MAX + WIRE_ARGUMENTS_INLINE,
};

/* One account per kind and CPU; runs of programs, not bytes. */
struct wire_account {
	wire_u64 seen;       /* runs for this kind */
	wire_u64 filtered;   /* nobody wanted it: decided in the kernel */
	wire_u64 delivered;  /* went into the ring */
	wire_u64 ring_full;  /* lost: no room in the ring */
	wire_u64 unbuilt;    /* lost: no memory to build the record in */
	wire_u64 aggregated; /* added to a group in the kernel: no record */
	wire_u64 sampled;    /* lost: left out to hold a limit for CPU */
};
WIRE_ASSERT_SIZE(struct wire_account, 56);

/* Losses by process, so that the account can say whose events are missing. */
struct wire_loss_key {
	wire_u32 pid;
	wire_u32 kind;
};
WIRE_ASSERT_SIZE(struct wire_loss_key, 8);

enum { WIRE_SYSTEM_CALLS = 512, WIRE_URING_OPCODES = 128 };

/* By ring, a cache line each: its reader sleeps and wants to be woken. Set by
 * the reader, cleared by the first record that finds it set. */
struct wire_sleep {
	wire_u32 asleep;
	wire_u32 reserved[15];
};
WIRE_ASSERT_SIZE(struct wire_sleep, 64);

/* What a system call's exit is made of; one per number, in the order of
 * src/syscalls/calls.h. */
enum wire_resolve {
	WIRE_RESOLVE_NONE = 0,
	WIRE_RESOLVE_RESULT = 1, /* the returned descriptor */
	WIRE_RESOLVE_FIRST = 2,  /* the descriptor in the first argument */
	WIRE_RESOLVE_CWD = 3,    /* the working directory */
};

enum {
	WIRE_NO_ARGUMENT = 0xff, /* for a base: relative to the cwd */
	WIRE_NO_BASE = 0xfe,     /* relative to nothing: the target of a symbolic link */
	WIRE_CREAT_FLAGS = 0xfd, /* for flags: those that creat(2) stands for */
};

struct wire_call {
	wire_u8 kind;
	wire_u8 other_kind; /* if (argument & mask): unlinkat removes directories */
	wire_u8 other_argument;
	wire_u8 path; /* places of arguments, or WIRE_NO_ARGUMENT */
	wire_u8 path2;
	wire_u8 base;
	wire_u8 base2;
	wire_u8 resolve;
	wire_u32 other_mask;
	wire_u8 tail;      /* 0, or the program in system_call_tails that does this call */
	wire_u8 structure; /* place of a pointer to an open_how, or WIRE_NO_ARGUMENT */
	wire_u16 number;   /* of the call; only for requests of an io_uring */
	wire_u8 flags;     /* place of its flags, WIRE_NO_ARGUMENT or WIRE_CREAT_FLAGS */
	wire_u8 traced;    /* enum wire_traced: an event of the kind syscall, whatever else */
	/* One of this kind, too, with the same record: of a group of calls. */
	wire_u8 group_kind; /* or WIRE_UNWANTED: that of the call that this one stands for */
	wire_u8 group_when; /* enum wire_group_when */
};
WIRE_ASSERT_SIZE(struct wire_call, 20);

/* Which calls of a row are in its group. */
enum wire_group_when {
	WIRE_WHEN_CALLED = 0,
	WIRE_WHEN_DUPLICATED = 1, /* fcntl with a command that makes a descriptor */
	/* Those whose messages have descriptors with them: sendmsg, recvmsg, and for many
	 * messages at once; pidfd_getfd, which takes one, if it succeeds. */
	WIRE_WHEN_SENT = 2,
	WIRE_WHEN_RECEIVED = 3,
	WIRE_WHEN_SENT_MANY = 4,
	WIRE_WHEN_RECEIVED_MANY = 5,
	WIRE_WHEN_TAKEN = 6,
	/* Those about a terminal: by their descriptor, if their command does something to it, and
	 * that of the process itself. */
	WIRE_WHEN_AT_TERMINAL = 7,
	WIRE_WHEN_TO_TERMINAL = 8,
	WIRE_WHEN_HUNG_UP = 9,
};

enum wire_traced {
	WIRE_TRACED_NOT = 0,
	WIRE_TRACED_EXIT = 1,
	WIRE_TRACED_ENTRY = 2, /* it does not return */
	WIRE_TRACED_EXEC = 3,  /* at exit, when the memory of a successful caller is gone */
};

/* What an event of the kind syscall reads of the caller's memory, a string of the record
 * each: struct wire_file, whose paths and object it does not use. */
enum wire_capture_how {
	WIRE_CAPTURE_NOTHING = 0,
	WIRE_CAPTURE_BYTES = 1,
	WIRE_CAPTURE_TEXT = 2,     /* up to a NUL */
	WIRE_CAPTURE_TEXTS = 3,    /* the texts of a list of pointers, NUL after each */
	WIRE_CAPTURE_SOCKET = 4,   /* struct wire_socket, if the word is a descriptor of one */
	WIRE_CAPTURE_PASSED = 5,   /* struct wire_passed, and the paths of its objects */
	WIRE_CAPTURE_TERMINAL = 6, /* the name of the terminal that the call is about */
	WIRE_CAPTURE_BUFFERS = 7,  /* the bytes in a list of buffers, as many as were transferred */
};

enum wire_capture_flags {
	WIRE_CAPTURE_ON_SUCCESS = 1 << 0,    /* the kernel fills it in */
	WIRE_CAPTURE_LENGTH_BEHIND = 1 << 1, /* the length is an int, and this its address */
	WIRE_CAPTURE_OF_GROUP = 1 << 2,      /* not for the kind syscall */
};

/* Where a word is: the place of an argument, or one of these. */
enum wire_from {
	WIRE_FROM_RESULT = 6,
	WIRE_FROM_INT = 0x40,    /* with another: only the lower half */
	WIRE_FROM_MEMORY = 0x80, /* at this offset in what was captured first */
	WIRE_FROM_OFFSET = 0x3f,
};

struct wire_capture {
	wire_u8 how;
	wire_u8 flags;
	wire_u8 address; /* enum wire_from */
	wire_u8 count;   /* enum wire_from; WIRE_NO_ARGUMENT: 1 */
	wire_u16 size;   /* of each, bytes */
	wire_u16 limit;  /* of what is read, bytes: at most WIRE_PATH_MAX */
};
WIRE_ASSERT_SIZE(struct wire_capture, 8);

struct wire_captures {
	struct wire_capture captures[WIRE_FILE_STRINGS];
};
WIRE_ASSERT_SIZE(struct wire_captures, 40);

/* A socket as the kernel has it when the call is over. */
struct wire_socket {
	wire_u16 family;
	wire_u16 type;
	wire_u16 protocol;
	wire_u16 state;       /* include/net/tcp_states.h */
	wire_u16 local_port;  /* in the order of the host, as all here but the addresses */
	wire_u16 remote_port; /* 0: it is not connected */
	wire_u32 reserved;
	wire_u64 cookie;           /* of the socket, 0 if nobody has asked for it yet */
	wire_u8 local_address[16]; /* of IPv4 the first four */
	wire_u8 remote_address[16];
};
WIRE_ASSERT_SIZE(struct wire_socket, 56);

/* include/net/scm.h: a message has at most 253 descriptors. */
enum { WIRE_PASSED_NUMBERS = 64, WIRE_PASSED_OBJECTS = 8 };

enum wire_passed_flags {
	WIRE_PASSED_CUT = 1 << 0,     /* not all that the messages have was looked at */
	WIRE_PASSED_FAULTED = 1 << 1, /* or could be read */
};

/* What a passed descriptor stands for. */
struct wire_passed_object {
	wire_u64 inode; /* 0: it is not known */
	wire_u16 mode;
	wire_u16 reserved;
	struct wire_string path;
};
WIRE_ASSERT_SIZE(struct wire_passed_object, 16);

/* Descriptors that go from one process to another. Behind it, in the same string of the
 * record, the paths of the objects. */
struct wire_passed {
	wire_u32 count; /* in all messages, also those that are not told of here */
	wire_u32 flags; /* enum wire_passed_flags */
	wire_u32 peer;  /* the process that made the other end, in the host's pid namespace; 0:
			 * it is not known */
	wire_u32 kept;  /* how many of the numbers are here */
	wire_u32 descriptors[WIRE_PASSED_NUMBERS];
	struct wire_passed_object objects[WIRE_PASSED_OBJECTS]; /* of the first */
};
WIRE_ASSERT_SIZE(struct wire_passed, 16 + 4 * 64 + 16 * 8);

/* What the kernel can group by, or add up, without building a record: each is
 * one word. */
enum wire_source {
	WIRE_SOURCE_NONE = 0,
	WIRE_SOURCE_RESULT = 1, /* what the call returned */
	WIRE_SOURCE_ERROR = 2,  /* the same if it is an error, else 0 */
	WIRE_SOURCE_COMM = 3,   /* the first half of the thread's name */
	WIRE_SOURCE_COMM_END = 4,
	WIRE_SOURCE_PID = 5,
	WIRE_SOURCE_TID = 6,
	WIRE_SOURCE_PPID = 7,
	WIRE_SOURCE_UID = 8,
	WIRE_SOURCE_GID = 9,
	WIRE_SOURCE_CGROUP = 10,
	WIRE_SOURCE_LATENCY = 11, /* of kinds that begin with struct wire_timed */
	WIRE_SOURCE_LIMIT = 12,
};

enum {
	WIRE_GROUP_WORDS = 4,
	WIRE_GROUPS_MAX = 10240,
	/* Of histograms: negative, 0, and one for each power of two. */
	WIRE_HISTOGRAM_SLOTS = 66,
};

enum wire_measure { WIRE_MEASURE_COUNT = 0, WIRE_MEASURE_SUM = 1, WIRE_MEASURE_HISTOGRAM = 2 };

/* What the kernel adds up instead of sending records. A knob: the program is
 * loaded with it, and what it does not ask for is not in the program. */
struct wire_aggregation {
	wire_u8 active;
	wire_u8 measure; /* enum wire_measure */
	wire_u8 value;   /* enum wire_source, of sums and histograms */
	wire_u8 sources[WIRE_GROUP_WORDS];
	wire_u8 reserved;
};
WIRE_ASSERT_SIZE(struct wire_aggregation, 8);

/* A key of the kernel's groups; only the words in use are in the map. Kind and call are
 * always there: most fields can only be read with them. */
struct wire_group {
	wire_u16 kind;
	wire_u16 flags; /* WIRE_COMPAT */
	wire_u16 call;
	wire_u16 slot; /* of a histogram */
	wire_u64 words[WIRE_GROUP_WORDS];
};
WIRE_ASSERT_SIZE(struct wire_group, 8 + 8 * WIRE_GROUP_WORDS);

struct wire_portion {
	wire_u64 count;
	wire_s64 sum;
};
WIRE_ASSERT_SIZE(struct wire_portion, 16);

enum wire_tail {
	WIRE_TAIL_NONE = 0,
	WIRE_TAIL_EXEC = 1,
	WIRE_TAIL_TRACED = 2,
	WIRE_TAIL_LIMIT = 8,
};

#endif
