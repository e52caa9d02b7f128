// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is watched
 *
 * Each allocation is in the middle of a slot that is large enough for all
 * accesses that miss it. The compiler calls core_load*() and core_store*()
 * before each access that the core makes, as it does for KASAN.
 */
#include "kernel.h"

#include <stdlib.h>

#include "core.h"

#define SLOTS		64
#define SLOT_SIZE	0x8000
#define SLOT_START	0x1000
#define SLOT_MAX	0x1000

struct core_report core_report;

static u8 heap[SLOTS][SLOT_SIZE];
static size_t sizes[SLOTS];

void *kmalloc(size_t size, int flags)
{
	int i;

	for (i = 0; i < SLOTS && sizes[i]; i++)
		;
	if (i == SLOTS || !size || size > SLOT_MAX)
		abort();
	sizes[i] = size;
	/* Whatever was there before */
	memset(heap[i] + SLOT_START, 0x5a, size);
	return heap[i] + SLOT_START;
}

void *kzalloc(size_t size, int flags)
{
	return memset(kmalloc(size, flags), 0, size);
}

void kfree(const void *p)
{
	size_t at = (const u8 *)p - heap[0];

	if (!p)
		return;
	if (at >= sizeof(heap) || at % SLOT_SIZE != SLOT_START ||
	    !sizes[at / SLOT_SIZE])
		abort();
	sizes[at / SLOT_SIZE] = 0;
}

static void watch(const void *p, size_t size)
{
	size_t at = (const u8 *)p - heap[0], has;
	long offset;

	if (at >= sizeof(heap))
		return;
	has = sizes[at / SLOT_SIZE];
	offset = (long)(at % SLOT_SIZE) - SLOT_START;
	if (!size || (offset >= 0 && offset + size <= has))
		return;
	if (!core_report.count++) {
		core_report.offset = offset;
		core_report.size = has;
	}
}

#define WATCH(name, bytes)				\
void core_ ## name ## _noabort(const void *p)		\
{							\
	watch(p, bytes);				\
}

WATCH(load1, 1)
WATCH(load2, 2)
WATCH(load4, 4)
WATCH(load8, 8)
WATCH(load16, 16)
WATCH(store1, 1)
WATCH(store2, 2)
WATCH(store4, 4)
WATCH(store8, 8)
WATCH(store16, 16)

void core_loadN_noabort(const void *p, size_t size)
{
	watch(p, size);
}

void core_storeN_noabort(const void *p, size_t size)
{
	watch(p, size);
}

/* Called before what does not return */
void core_no_return(void)
{
}

void *core_memset(void *to, int val, size_t size)
{
	watch(to, size);
	return memset(to, val, size);
}

void *core_memcpy(void *to, const void *from, size_t size)
{
	watch(to, size);
	watch(from, size);
	return memcpy(to, from, size);
}

bool core_warn(bool condition)
{
	core_report.warnings += condition;
	return condition;
}

unsigned long copy_from_user(void *to, const void *from, size_t size)
{
	core_memcpy(to, from, size);
	return 0;
}

unsigned long copy_to_user(void *to, const void *from, size_t size)
{
	core_memcpy(to, from, size);
	return 0;
}

/* The compiler does not know that these say nothing, and keeps the arguments */
void kernel_log(const char *format, ...)
{
}

void kernel_debug(const char *format, ...)
{
}

/* Without locks that could be held, nothing fails */
void kernel_check(bool condition, const char *what)
{
}
