// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest and a VMM can do with an open device: one thing at random
 *
 * Most of it is nearly right: offsets at our bytes and at their edges, structs
 * made from valid ones, buffers that end where memory ends. What is certainly
 * wrong must be refused.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "attack.h"

#define FEATURE_SIZE	sizeof(struct vfio_device_feature)
#define PASID_SIZE	sizeof(struct vfio_device_feature_pasid)

/* No byte of the kernel's can be written through this */
#define KERNEL_ADDRESS	((uint8_t *)0xffff888000001000)

static void say(struct attacker *a, const char *bad)
{
	if (!a->bad)
		a->bad = bad;
}

/*
 * A buffer of @size bytes; @usable of them can be accessed, and written unless
 * it is the read-only page.
 */
static uint8_t *pick_buffer(struct attacker *a, size_t size, size_t *usable)
{
	size_t short_by = size && size < MEMORY_SIZE ? rng_below(&a->rng, size) : 0;

	*usable = size < MEMORY_SIZE ? size : MEMORY_SIZE;
	switch (rng_below(&a->rng, 12)) {
	case 0:	/* the last byte is the last one there is */
	case 1:
		return a->memory + MEMORY_SIZE - *usable;
	case 2:	/* not all of it is there */
		*usable = short_by;
		return a->memory + MEMORY_SIZE - short_by;
	case 3:	/* across a page */
		if (size > PAGE)
			break;
		return a->memory + PAGE - short_by;
	case 4:
		*usable = 0;
		return size <= PAGE ? a->read_only + PAGE - size : a->read_only;
	case 5:
		*usable = 0;
		return rng_one_in(&a->rng, 2) ? NULL : KERNEL_ADDRESS;
	}
	return a->memory;
}

/* Config region */

static unsigned int pick_anchor(struct attacker *a)
{
	const struct session *s = a->s;
	unsigned int end = s->first.range_offset + s->first.range_length;

	switch (rng_below(&a->rng, 8)) {
	case 0:
		return end;
	case 1:
		return s->first.range_offset;
	case 2:
		return s->bench->physical ? s->bench->physical + 4 : EXT_START;
	case 3:
		return s->num_others ?
		       s->others[rng_below(&a->rng, s->num_others)] : EXT_START;
	case 4:
		return CFG_SIZE;
	case 5:
		return s->first.range_offset +
		       rng_below(&a->rng, s->first.range_length + 1);
	}
	return s->first.offset + PCI_PASID_CTRL;
}

/* Registers with side effects: the core's writers run, and ours look on */
static unsigned int pick_register(struct attacker *a)
{
	const struct session *s = a->s;

	switch (rng_below(&a->rng, 5)) {
	case 0:
		return s->exp + PCI_EXP_DEVCTL + rng_below(&a->rng, 2);
	case 1:
		return s->pm + PCI_PM_CTRL;
	case 2:
		return s->af + PCI_AF_CTRL;
	case 3:
		return PCI_COMMAND;
	}
	return rng_below(&a->rng, EXT_START);
}

static unsigned int pick_offset(struct attacker *a)
{
	unsigned int pos;

	if (rng_one_in(&a->rng, 10))
		return rng_below(&a->rng, CFG_SIZE + 16);
	if (rng_one_in(&a->rng, 20))
		return pick_register(a);
	pos = pick_anchor(a) + rng_below(&a->rng, 24);
	return pos < 16 ? 0 : pos - 16;
}

static size_t pick_count(struct attacker *a, unsigned int pos)
{
	/* Not often over registers that reset the device */
	if (pos < EXT_START)
		return 1 + rng_below(&a->rng, 4);
	switch (rng_below(&a->rng, 40)) {
	case 0:
		return 0;
	case 1:
		return rng_below(&a->rng, 2 * CFG_SIZE + 1);
	case 2:
		return pos < CFG_SIZE ? CFG_SIZE - pos + rng_below(&a->rng, 2) : 1;
	case 3:
		return SIZE_MAX / 2;
	case 4:
		return rng_one_in(&a->rng, 2) ? SIZE_MAX : INT_MAX;
	case 5:
	case 6:
	case 7:
		return rng_below(&a->rng, 200);
	}
	return 1 + rng_below(&a->rng, 24);
}

static void fill(struct attacker *a, uint8_t *to, size_t size)
{
	switch (rng_below(&a->rng, 4)) {
	case 0:
		memset(to, 0xff, size);
		break;
	case 1:
		memset(to, 0, size);
		break;
	/* All but Enable, which would keep SET away */
	case 2:
		memset(to, 0xfe, size);
		break;
	default:
		rng_fill(&a->rng, to, size);
	}
}

static ssize_t transfer(struct attacker *a, uint8_t *buf, size_t count,
			off_t pos, bool write)
{
	ssize_t ret = write ? pwrite(a->s->dev.fd, buf, count, pos) :
			      pread(a->s->dev.fd, buf, count, pos);

	return ret < 0 ? -errno : ret;
}

/* In up to four parts, one of which may be empty or not there */
static ssize_t transfer_parts(struct attacker *a, uint8_t *buf, size_t count,
			      off_t pos, bool write)
{
	struct iovec parts[4];
	unsigned int n = 1 + rng_below(&a->rng, 4), i;
	size_t done = 0, len;
	ssize_t ret;

	for (i = 0; i < n; i++) {
		len = i == n - 1 ? count - done :
		      rng_below(&a->rng, count - done + 1);
		parts[i] = (struct iovec){ buf + done, len };
		done += len;
	}
	if (rng_one_in(&a->rng, 8))
		parts[rng_below(&a->rng, n)].iov_base = KERNEL_ADDRESS;
	ret = write ? pwritev(a->s->dev.fd, parts, n, pos) :
		      preadv(a->s->dev.fd, parts, n, pos);
	return ret < 0 ? -errno : ret;
}

/* A part of an access that passes the end is an access of its own */
static void judge_transfer(struct attacker *a, size_t count, off_t pos,
			   bool parts, ssize_t ret)
{
	uint64_t at = pos & ((1ULL << 40) - 1);

	if (ret > 0 && (size_t)ret > count)
		say(a, "an access is longer than asked for");
	if (ret > 0 && pos >> 40 == VFIO_PCI_CONFIG_REGION_INDEX &&
	    (at + ret > CFG_SIZE || (!parts && at + count > CFG_SIZE)))
		say(a, "an access passes the end of config space");
}

static void do_transfer(struct attacker *a, size_t count, off_t pos)
{
	bool write = !rng_one_in(&a->rng, 4), parts;
	size_t usable;
	uint8_t *buf = pick_buffer(a, count, &usable);
	ssize_t ret;

	parts = count < MEMORY_SIZE && rng_one_in(&a->rng, 4);
	if (usable && write)
		fill(a, buf, usable);
	did(a, "%s %#llx+%#zx, %zu usable at %p", write ? "write" : "read",
	    (long long)pos, count, usable, buf);
	ret = parts ? transfer_parts(a, buf, count, pos, write) :
		      transfer(a, buf, count, pos, write);
	judge_transfer(a, count, pos, parts, ret);
}

static void access_config(struct attacker *a)
{
	unsigned int pos = pick_offset(a);

	do_transfer(a, pick_count(a, pos), CFG_REGION + pos);
}

/* Positions that are config space, or another region, after a wrap */
static void access_elsewhere(struct attacker *a)
{
	off_t pos = pick_offset(a);

	switch (rng_below(&a->rng, 6)) {
	case 0:
		pos += CFG_REGION + (1LL << (12 + rng_below(&a->rng, 28)));
		break;
	case 1:
		pos += (off_t)rng_below(&a->rng, 1 << 23) << 40;
		break;
	case 2:
		pos = -pos;
		break;
	case 3:
		pos = LLONG_MAX - rng_below(&a->rng, 16);
		break;
	case 4:
		pos += (off_t)rng_below(&a->rng, 12) << 40;
		break;
	default:
		pos = CFG_REGION - 1 - rng_below(&a->rng, 8);
	}
	do_transfer(a, 1 + rng_below(&a->rng, 4), pos);
}

/* A 0 for Enable lets SET through, a 1 keeps it out */
static void write_control(struct attacker *a)
{
	uint8_t val = rng_one_in(&a->rng, 4) ? rng_below(&a->rng, 256) : 0;

	did(a, "control %#x", val);
	cfg_write(&a->s->dev, &val, 1, a->s->first.offset + PCI_PASID_CTRL);
}

/* VFIO_DEVICE_FEATURE */

static uint32_t pick_feature_flags(struct attacker *a)
{
	static const uint32_t ops[] = {
		VFIO_DEVICE_FEATURE_GET, VFIO_DEVICE_FEATURE_GET,
		VFIO_DEVICE_FEATURE_SET,
		VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET,
		VFIO_DEVICE_FEATURE_PROBE,
		VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET,
		VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_SET,
		VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET |
		VFIO_DEVICE_FEATURE_SET,
		0,
	};
	uint32_t index = VFIO_DEVICE_FEATURE_PASID + rng_below(&a->rng, 2);

	if (rng_one_in(&a->rng, 4))
		index = rng_below(&a->rng, 16);
	if (rng_one_in(&a->rng, 40))
		index = rng_below(&a->rng, 0x10000);
	return index | rng_pick(&a->rng, ops) |
	       (rng_one_in(&a->rng, 30) ? 1U << (19 + rng_below(&a->rng, 13)) : 0);
}

static uint32_t pick_argsz(struct attacker *a, size_t size)
{
	switch (rng_below(&a->rng, 8)) {
	case 0:
		return rng_below(&a->rng, FEATURE_SIZE + size + 65);
	case 1:
		return FEATURE_SIZE + size - 1;
	case 2:
		return rng_next(&a->rng);
	case 3:
		return UINT_MAX - rng_below(&a->rng, 16);
	case 4:
		return FEATURE_SIZE + size + rng_below(&a->rng, 65);
	}
	return FEATURE_SIZE + size;
}

static int do_feature(struct attacker *a, uint32_t flags, uint32_t argsz,
		      const void *data, size_t size)
{
	struct vfio_device_feature head = { .argsz = argsz, .flags = flags };
	uint8_t bytes[FEATURE_SIZE + 512];
	size_t usable;
	uint8_t *buf = pick_buffer(a, FEATURE_SIZE + size, &usable);
	int ret;

	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), data, size);
	if (usable)
		memcpy(buf, bytes, usable);
	ret = ioctl(a->s->dev.fd, VFIO_DEVICE_FEATURE, buf) ? -errno : 0;
	did(a, "feature %#x argsz %#x, %zu of %zu usable: %d", flags, argsz,
	    usable, FEATURE_SIZE + size, ret);
	return ret;
}

/* The kernel's other features, too; SET of ours is below */
static void any_feature(struct attacker *a)
{
	uint32_t flags = pick_feature_flags(a);
	uint32_t argsz = pick_argsz(a, PASID_SIZE);
	uint8_t data[PASID_SIZE + 64];

	fill(a, data, sizeof(data));
	/* Bytes that are no wish: "still" sessions know what SET may do */
	if ((flags & VFIO_DEVICE_FEATURE_MASK) == VFIO_DEVICE_FEATURE_PASID)
		memset(data + 8, 0xff, 4);
	do_feature(a, flags, argsz, data, sizeof(data));
}

static struct vfio_device_feature_pasid pick_wish(struct attacker *a)
{
	const struct vfio_device_feature_pasid *f = &a->s->first;
	struct vfio_device_feature_pasid wish = {
		.flags = rng_one_in(&a->rng, 3) ? 0 : VFIO_PASID_FLAG_VISIBLE,
	};

	if (!rng_one_in(&a->rng, 4))
		wish.offset = f->range_offset +
			      rng_below(&a->rng, f->range_length / 4 + 1) * 4;
	return wish;
}

/* Makes it one that must be refused, whatever else holds. */
static void spoil(struct attacker *a, struct vfio_device_feature_pasid *wish)
{
	const struct vfio_device_feature_pasid *f = &a->s->first;
	uint32_t end = f->range_offset + f->range_length;
	uint32_t *words = (uint32_t *)wish;
	unsigned int i;

	switch (rng_below(&a->rng, 7)) {
	case 0:
		wish->offset = (end - 8) | (1 + rng_below(&a->rng, 3));
		return;
	case 1:
		wish->offset = end - 4 + 4 * rng_below(&a->rng, 8);
		return;
	case 2:
		wish->offset = f->range_offset > 4 ? f->range_offset - 4 : 4;
		return;
	case 3:
		wish->offset = (f->range_offset + 0x10000) |
			       rng_below(&a->rng, 1 << 15) << 16;
		return;
	case 4:
		i = rng_below(&a->rng, 31);
		wish->flags |= 1U << (i < 2 ? i : i + 1);
		return;
	}
	i = 2 + rng_below(&a->rng, PASID_SIZE / 4 - 2);
	words[i] = rng_one_in(&a->rng, 2) ? 1U << rng_below(&a->rng, 32) :
					    rng_next(&a->rng) | 1;
}

static void set_feature(struct attacker *a)
{
	struct vfio_device_feature_pasid wish = pick_wish(a);
	bool bad = a->s->still || rng_one_in(&a->rng, 3);
	uint32_t flags = VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PASID;
	uint32_t argsz = FEATURE_SIZE + sizeof(wish);
	int ret;

	if (rng_one_in(&a->rng, 2))
		write_control(a);
	if (bad)
		spoil(a, &wish);
	else if (rng_one_in(&a->rng, 8))
		argsz = pick_argsz(a, sizeof(wish));
	did(a, "set flags %#x offset %#x%s", wish.flags, wish.offset,
	    bad ? ", bad" : "");
	ret = do_feature(a, flags, argsz, &wish, sizeof(wish));
	if (bad && !ret)
		say(a, "SET takes what it must refuse");
}

/* Other ioctls of the device */

static void mutated_struct(struct attacker *a, uint32_t *words, unsigned int n,
			   uint32_t size)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		words[i] = rng_below(&a->rng, 6);
	words[0] = rng_one_in(&a->rng, 4) ? rng_below(&a->rng, size + 64) : size;
	if (rng_one_in(&a->rng, 8))
		words[rng_below(&a->rng, n)] = rng_next(&a->rng);
	/*
	 * The offset of VFIO_DEVICE_IOEVENTFD, not negative: where
	 * VFIO_PCI_OFFSET_TO_INDEX() is signed (6.1, 6.12; not 7.3), that is an
	 * index below 0, which crashes vfio-pci-core with or without us
	 */
	words[3] &= INT32_MAX;
}

static void any_ioctl(struct attacker *a)
{
	static const struct {
		unsigned long cmd;
		uint32_t size;
	} cmds[] = {
		{ VFIO_DEVICE_GET_INFO, sizeof(struct vfio_device_info) },
		{ VFIO_DEVICE_GET_REGION_INFO, sizeof(struct vfio_region_info) },
		{ VFIO_DEVICE_GET_IRQ_INFO, sizeof(struct vfio_irq_info) },
		{ VFIO_DEVICE_SET_IRQS, sizeof(struct vfio_irq_set) + 4 },
		{ VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, 12 + 8 * 4 },
		{ VFIO_DEVICE_PCI_HOT_RESET, 12 + 4 },
		{ VFIO_DEVICE_IOEVENTFD, sizeof(struct vfio_device_ioeventfd) },
	};
	unsigned int i = rng_below(&a->rng, sizeof(cmds) / sizeof(cmds[0]));
	unsigned long cmd = cmds[i].cmd;
	size_t usable;
	uint8_t *buf = pick_buffer(a, 128, &usable);
	uint32_t words[32];
	int ret;

	mutated_struct(a, words, 32, cmds[i].size);
	if (usable)
		memcpy(buf, words, usable);
	if (rng_one_in(&a->rng, 10))
		cmd = _IO(VFIO_TYPE, VFIO_BASE + rng_below(&a->rng, 64));
	ret = ioctl(a->s->dev.fd, cmd, buf);
	did(a, "ioctl %#lx: %d", cmd, ret);
}

static void reset(struct attacker *a)
{
	did(a, "reset");
	ioctl(a->s->dev.fd, VFIO_DEVICE_RESET);
}

void attack_once(struct attacker *a)
{
	unsigned int what = rng_below(&a->rng, 400);

	if (what < 2)
		reset(a);
	else if (what < 200)
		access_config(a);
	else if (what < 220)
		access_elsewhere(a);
	else if (what < 240)
		write_control(a);
	else if (what < 300)
		any_feature(a);
	else if (what < 370)
		set_feature(a);
	else
		any_ioctl(a);
}
