/* SPDX-License-Identifier: Apache-2.0 */
/* exit(0) in three instructions: a process that costs as little as a process can. */
	.globl _start
	.type _start, %function
_start:
#if defined(__x86_64__)
	xor %edi, %edi
	mov $60, %eax
	syscall
#elif defined(__aarch64__)
	mov x0, #0
	mov x8, #93
	svc #0
#else
#error "write exit(0) for this architecture here"
#endif
	.size _start, . - _start
	.section .note.GNU-stack, "", %progbits
