// SPDX-License-Identifier: GPL-2.0
/*
 * The records themselves, and how two are compared; script.c fills them
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record_entry.h"

/* Two records of different lengths have an entry that differs, in the end */
static const struct entry *entry_at(const struct record *record, size_t pos)
{
	return pos < record->used ? (const void *)(record->bytes + pos) : NULL;
}

static size_t entry_size(const struct entry *entry)
{
	return sizeof(*entry) + (entry->size + 7) / 8 * 8;
}

/* Room for @size bytes behind the entry's head; zeros */
struct entry *record_add(struct record *to, enum entry_kind kind, uint64_t pos,
			 uint32_t count, size_t size)
{
	size_t whole = sizeof(struct entry) + (size + 7) / 8 * 8;
	struct entry *entry;

	if (to->used + whole > to->room) {
		to->room = 2 * to->room + whole + 65536;
		to->bytes = realloc(to->bytes, to->room);
		if (!to->bytes)
			exit(1);
	}
	entry = (void *)(to->bytes + to->used);
	memset(entry, 0, whole);
	entry->kind = kind;
	entry->pos = pos;
	entry->count = count;
	entry->size = size;
	to->used += whole;
	to->accesses += kind >= ENTRY_READ;
	return entry;
}

void record_result(struct record *to, int ret)
{
	record_add(to, ENTRY_RESULT, 0, 0, 0)->ret = ret;
}

void record_drop(struct record *record)
{
	free(record->bytes);
	*record = (struct record){};
}

static uint32_t parse_bdf(const char *bdf)
{
	unsigned int domain, bus, dev, fn;

	if (sscanf(bdf, "%x:%x:%x.%x", &domain, &bus, &dev, &fn) != 4)
		return 0;
	return domain | bus << 16 | (dev << 3 | fn) << 24;
}

/* The log, as far as it is of this function; it is emptied */
void record_hardware(struct record *to, const struct record_bench *bench)
{
	static struct hardware_write writes[HARDWARE_LOG + 1];
	uint32_t bdf = parse_bdf(bench->bdf);
	int fd = open(bench->writes, O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, writes, sizeof(writes));
	struct entry *entry;
	size_t i, n = 0;

	if (got < 0) {
		perror(bench->writes);
		exit(1);
	}
	close(fd);
	sysfs_write(bench->control, "reset");
	for (i = 0; i < got / sizeof(*writes); i++)
		if (writes[i].bdf == bdf)
			writes[n++] = writes[i];
	entry = record_add(to, ENTRY_HARDWARE, 0, 0, n * sizeof(*writes));
	memcpy(entry->data, writes, n * sizeof(*writes));
}

static const char * const kind_names[] = {
	[ENTRY_RESULT] = "open",
	[ENTRY_READ] = "config read",
	[ENTRY_WRITE] = "config write",
	[ENTRY_IOCTL] = "ioctl",
	[ENTRY_REGION_READ] = "region read",
	[ENTRY_REGION_WRITE] = "region write",
	[ENTRY_MMAP] = "mmap",
	[ENTRY_HARDWARE] = "the bench's log",
	[ENTRY_STATE] = "the hardware afterwards",
};

/*
 * The bits of a byte of config space that may differ: in what a reader of the
 * device sees, or in what the hardware has
 */
static uint8_t bits_at(const struct entry *entry, const struct allowance *may,
		       uint64_t pos)
{
	if (pos >= CFG_SIZE)
		return 0;
	switch (entry->kind) {
	case ENTRY_READ:
		return may->seen[pos];
	case ENTRY_STATE:
		return may->driven[pos] ? 0xff : 0;
	default:
		return 0;
	}
}

/* NULL, or the first byte that may not differ */
static const uint8_t *differing_byte(const struct entry *a,
				     const struct entry *b,
				     const struct allowance *may)
{
	uint64_t i;

	if (!memcmp(a->data, b->data, a->size))
		return NULL;
	for (i = 0; i < a->size; i++)
		if ((a->data[i] ^ b->data[i]) & ~bits_at(a, may, a->pos + i))
			return &a->data[i];
	return NULL;
}

static bool bytes_equal(const struct entry *a, const struct entry *b,
			const struct allowance *may, char *why, size_t size)
{
	const uint8_t *byte = differing_byte(a, b, may);

	if (byte)
		snprintf(why, size, "%s of %u at %#llx: byte %#llx is %#x and %#x",
			 kind_names[a->kind], a->count,
			 (unsigned long long)a->pos,
			 (unsigned long long)a->pos + (byte - a->data), *byte,
			 b->data[byte - a->data]);
	return !byte;
}

/* Cut at our bytes, which are whole dwords, so no write is half in them */
static const struct hardware_write *
next_write(const struct entry *entry, size_t *i, const struct allowance *may)
{
	const struct hardware_write *writes = (const void *)entry->data;
	size_t n = entry->size / sizeof(*writes);

	while (*i < n && may->driven[writes[*i].where % CFG_SIZE])
		++*i;
	return *i < n ? &writes[(*i)++] : NULL;
}

static bool hardware_equal(const struct entry *a, const struct entry *b,
			   const struct allowance *may, char *why, size_t size)
{
	static const struct hardware_write none;
	const struct hardware_write *x, *y;
	size_t i = 0, j = 0;

	do {
		x = next_write(a, &i, may);
		y = next_write(b, &j, may);
		if (!x && !y)
			return true;
		x = x ? x : &none;
		y = y ? y : &none;
	} while (!memcmp(x, y, sizeof(*x)));
	snprintf(why, size, "writes that reach the hardware: %#x at %#x (%u bytes) and %#x at %#x (%u bytes)",
		 x->val, x->where, x->size, y->val, y->where, y->size);
	return false;
}

static bool heads_equal(const struct entry *a, const struct entry *b, char *why,
			size_t size)
{
	if (!a || !b)
		snprintf(why, size, "one of the sessions ended early");
	else if (a->kind != b->kind || a->pos != b->pos ||
		 a->count != b->count)
		snprintf(why, size, "%s at %#llx and %s at %#llx",
			 kind_names[a->kind], (unsigned long long)a->pos,
			 kind_names[b->kind], (unsigned long long)b->pos);
	else if (a->ret != b->ret)
		snprintf(why, size, "%s of %u at %#llx: result %lld and %lld",
			 kind_names[a->kind], a->count,
			 (unsigned long long)a->pos, (long long)a->ret,
			 (long long)b->ret);
	else
		return true;
	return false;
}

static bool entries_equal(const struct entry *a, const struct entry *b,
			  const struct allowance *may, char *why, size_t size)
{
	if (!heads_equal(a, b, why, size))
		return false;
	if (a->kind == ENTRY_HARDWARE)
		return hardware_equal(a, b, may, why, size);
	return bytes_equal(a, b, may, why, size);
}

/* Whether nothing differs but what may; else @why has the first difference */
bool record_equal(const struct record *a, const struct record *b,
		  const struct allowance *may, char *why, size_t size)
{
	size_t x = 0, y = 0;
	unsigned int n = 0;
	char text[192];

	while (x < a->used || y < b->used) {
		if (!entries_equal(entry_at(a, x), entry_at(b, y), may, text,
				   sizeof(text))) {
			snprintf(why, size, "entry %u: %s", n, text);
			return false;
		}
		x += entry_size(entry_at(a, x));
		y += entry_size(entry_at(b, y));
		n++;
	}
	return true;
}
