/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs that do nothing, at the hooks that the product uses: what is left when they run is
 * the price of the hook itself. No header is needed for that.
 */
#define SEC(name) __attribute__((section(name), used))

SEC("?tp_btf/sys_enter")
int empty_tp_enter(void *ctx)
{
	return 0;
}

SEC("?tp_btf/sys_exit")
int empty_tp_exit(void *ctx)
{
	return 0;
}

SEC("?raw_tp/sys_enter")
int empty_raw_enter(void *ctx)
{
	return 0;
}

SEC("?raw_tp/sys_exit")
int empty_raw_exit(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
