// SPDX-License-Identifier: GPL-2.0
/*
 * The script: what a session does to config space, regions and ioctls
 *
 * Left out, and why:
 * - VFIO_DEVICE_FEATURE with SET: low power entry puts the function to sleep,
 *   which takes longer than all the rest.
 * - Random values for Initiate FLR and the power state: each one is a reset or
 *   a delay of the PCI core. The sweeps with ones and zeros have them.
 * - Past the first 8 bytes of a BAR: there are counters and links that come up.
 * - Bytes of the user's that cannot be read, over a place: there the module
 *   promises more than the core.
 * None of the writes makes a function go away: vfio keeps BARs and SR-IOV to
 * itself, and what a reset does not put back the bench does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "record_entry.h"

#define REGION(index)	((uint64_t)(index) << 40)
#define REGIONS		13
/* Writes reach the hardware in as many pieces at most */
#define PIECES(count)	((count) / 4 + 4)
/* What the core writes when a function changes its power state */
#define PIECES_SPARE	256

/**
 * struct player - A session that plays
 * @size: Bytes of config space
 * @pieces: Writes in the bench's log, at most
 * @random: State of the generator
 * @gentle: Bits that random values may set, in the first 256 bytes
 */
struct player {
	struct vfio_dev *dev;
	struct record *to;
	const struct record_bench *bench;
	unsigned int size;
	unsigned int pieces;
	uint32_t random;
	uint8_t gentle[PCI_CFG_SPACE_SIZE];
};

enum pattern {
	ONES,
	ZEROS,
	RANDOM,
};

/* xorshift32 */
static uint32_t next_random(struct player *p)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 17;
	p->random ^= p->random << 5;
	return p->random;
}

static void fill(struct player *p, enum pattern pattern, unsigned int pos,
		 uint8_t *bytes, size_t count)
{
	size_t i;

	memset(bytes, pattern == ONES ? 0xff : 0, count);
	for (i = 0; pattern == RANDOM && i < count; i++) {
		bytes[i] = next_random(p) >> 8;
		if (pos + i < sizeof(p->gentle))
			bytes[i] &= p->gentle[pos + i];
	}
}

static void play_read(struct player *p, uint64_t pos, size_t count)
{
	struct entry *entry = record_add(p->to, ENTRY_READ, pos, count, count);

	entry->ret = cfg_read(p->dev, entry->data, count, pos);
}

static void note_hardware(struct player *p)
{
	record_hardware(p->to, p->bench);
	p->pieces = PIECES_SPARE;
}

static void play_write_only(struct player *p, uint64_t pos, const void *bytes,
			    size_t count)
{
	struct entry *entry = record_add(p->to, ENTRY_WRITE, pos, count, 0);

	entry->ret = cfg_write(p->dev, bytes, count, pos);
	p->pieces += PIECES(count);
	if (p->pieces + PIECES(CFG_SIZE) > HARDWARE_LOG)
		note_hardware(p);
}

/* And read back, whole dwords with what is around it */
static void play_write(struct player *p, enum pattern pattern, unsigned int pos,
		       size_t count)
{
	unsigned int from = pos ? (pos - 1) & ~3 : 0;
	unsigned int to = (pos + count + 4) & ~3;
	static uint8_t bytes[2 * CFG_SIZE];

	fill(p, pattern, pos, bytes, count);
	play_write_only(p, pos, bytes, count);
	if (to > p->size)
		to = p->size;
	if (from < to)
		play_read(p, from, to - from);
}

static void read_dwords(struct player *p)
{
	unsigned int pos;

	for (pos = 0; pos < p->size; pos += 4)
		play_read(p, pos, 4);
}

static void reads(struct player *p)
{
	static const uint8_t sizes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 33, 100 };
	unsigned int i;

	play_read(p, 0, p->size);
	for (i = 0; i < p->size / 16; i++)
		play_read(p, next_random(p) % (p->size + 4),
			  sizes[i % sizeof(sizes)]);
}

/* All of config space, in accesses that are aligned, unaligned and straddle */
static void sweep(struct player *p, enum pattern pattern)
{
	static const uint8_t fine[] = { 4, 1, 2, 8, 3, 16, 5, 2, 1, 4, 7, 2, 4 };
	static const uint8_t coarse[] = { 32, 4, 17, 64, 2, 9, 40, 1 };
	const uint8_t *sizes = pattern == RANDOM ? fine : coarse;
	unsigned int n = pattern == RANDOM ? sizeof(fine) : sizeof(coarse);
	unsigned int pos, count, i;

	for (pos = 0, i = 0; pos < p->size; pos += count, i++) {
		count = sizes[i % n];
		if (count > p->size - pos)
			count = p->size - pos;
		play_write(p, pattern, pos, count);
	}
}

/* Every size at every alignment, before, over and behind the 8 bytes there */
static void around(struct player *p, unsigned int focus)
{
	unsigned int pos, count;

	for (pos = focus - 5; pos < focus + 21; pos++)
		for (count = 1; count < 10; count++)
			play_write(p, RANDOM, pos, count);
	play_write(p, ZEROS, focus - 8, 24);
	play_write(p, ONES, focus - 8, 24);
	play_write(p, RANDOM, focus - 29, 64);
	play_write(p, RANDOM, focus - 100, 107);
}

static void long_writes(struct player *p)
{
	play_write(p, RANDOM, 0, p->size);
	play_write(p, RANDOM, 3, p->size - 3);
	note_hardware(p);
}

static void past_the_end(struct player *p)
{
	static const uint16_t counts[] = { 0, 1, 2, 3, 4, 8, 16, CFG_SIZE };
	unsigned int pos, i;

	for (pos = p->size - 9; pos < p->size + 5; pos++)
		for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
			play_read(p, pos, counts[i]);
			play_write(p, RANDOM, pos, counts[i]);
		}
	play_read(p, 0, p->size + 1);
	play_write(p, RANDOM, 0, p->size + 1);
	play_write(p, RANDOM, p->size / 2, p->size);
	play_read(p, REGION(1) - 4, 4);
	play_write_only(p, REGION(1) - 4, "ones", 4);
	play_write_only(p, REGION(1) - 2, "ones", 4);
}

/* Of 8 bytes at @bytes only the first 4 are there */
static void half_there(struct player *p, unsigned int pos, uint8_t *bytes)
{
	struct entry *entry;

	fill(p, RANDOM, pos, bytes, 4);
	play_write_only(p, pos, bytes, 8);
	play_read(p, pos, 8);
	entry = record_add(p->to, ENTRY_READ, pos, 8, 4);
	entry->ret = cfg_read(p->dev, bytes, 8, pos);
	memcpy(entry->data, bytes, 4);
}

static void bytes_that_are_not_there(struct player *p)
{
	long page = sysconf(_SC_PAGESIZE);
	uint8_t *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int pos;

	if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE))
		exit(1);
	for (pos = 0; pos < PCI_CFG_SPACE_SIZE - 8; pos += 12) {
		half_there(p, pos, pages + page - 4);
		play_write_only(p, pos, NULL, 4);
	}
	play_write_only(p, 0, pages + page, p->size);
	munmap(pages, 2 * page);
}

/* @index: what most of vfio's structs have behind argsz and flags */
static void play_ioctl(struct player *p, unsigned int cmd, uint32_t argsz,
		       uint32_t flags, uint32_t index)
{
	uint32_t buf[128] = { argsz, flags, index };
	int ret = ioctl(p->dev->fd, cmd, buf) < 0 ? -errno : 0;
	size_t size = argsz > 64 ? sizeof(buf) : 64;
	struct entry *entry = record_add(p->to, ENTRY_IOCTL, cmd, argsz, size);

	entry->ret = ret;
	memcpy(entry->data, buf, size);
}

static void play_ioctl_null(struct player *p, unsigned int cmd)
{
	struct entry *entry = record_add(p->to, ENTRY_IOCTL, cmd, 0, 0);

	entry->ret = ioctl(p->dev->fd, cmd, NULL) < 0 ? -errno : 0;
}

static void infos(struct player *p)
{
	static const uint16_t sizes[] = { 0, 8, 12, 16, 20, 24, 32, 512 };
	unsigned int i, index;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		play_ioctl(p, VFIO_DEVICE_GET_INFO, sizes[i], 0, 0);
		play_ioctl(p, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, sizes[i], 0, 0);
		for (index = 0; index < REGIONS; index++) {
			play_ioctl(p, VFIO_DEVICE_GET_REGION_INFO, sizes[i], 0,
				   index);
			play_ioctl(p, VFIO_DEVICE_GET_IRQ_INFO, sizes[i], 0,
				   index);
		}
	}
}

static void features(struct player *p)
{
	static const uint32_t ops[] = {
		0, VFIO_DEVICE_FEATURE_PROBE, VFIO_DEVICE_FEATURE_GET,
		VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET,
		VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_SET,
		VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET,
		VFIO_DEVICE_FEATURE_GET | 1U << 20,
	};
	unsigned int i, index;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		for (index = 0; index <= 32; index++) {
			play_ioctl(p, VFIO_DEVICE_FEATURE, 8, ops[i] | index, 0);
			play_ioctl(p, VFIO_DEVICE_FEATURE, 64, ops[i] | index,
				   0);
		}
	play_ioctl(p, VFIO_DEVICE_FEATURE, 4, VFIO_DEVICE_FEATURE_PROBE, 0);
}

static void other_ioctls(struct player *p)
{
	unsigned int nr, cmd;

	for (nr = 0; nr < 64; nr++) {
		cmd = _IO(VFIO_TYPE, VFIO_BASE + nr);
		/* Takes no argument, so it would act: its turn comes */
		if (cmd == VFIO_DEVICE_RESET)
			continue;
		play_ioctl_null(p, cmd);
		play_ioctl(p, cmd, 0, 0, 0);
	}
	play_ioctl_null(p, _IO(VFIO_TYPE, 0));
	play_ioctl_null(p, _IO(VFIO_TYPE + 1, VFIO_BASE + 7));
	play_ioctl(p, _IOWR('v', 1, uint64_t), 8, 0, 0);
	/* A hot reset needs an argument; on a root bus there is none */
	play_ioctl(p, VFIO_DEVICE_PCI_HOT_RESET, 12, 0, 0);
}

static uint32_t region_read(struct player *p, uint64_t pos, size_t count)
{
	struct entry *entry = record_add(p->to, ENTRY_REGION_READ, pos, count,
					 count);
	ssize_t ret = pread(p->dev->fd, entry->data, count, pos);
	uint32_t val = 0;

	entry->ret = ret < 0 ? -errno : ret;
	if (count == sizeof(val))
		memcpy(&val, entry->data, sizeof(val));
	return val;
}

static void region_write(struct player *p, uint64_t pos, const void *bytes,
			 size_t count)
{
	struct entry *entry = record_add(p->to, ENTRY_REGION_WRITE, pos, count,
					 0);

	entry->ret = pwrite(p->dev->fd, bytes, count, pos) < 0 ? -errno : count;
}

static void region_mmap(struct player *p, uint64_t pos, bool touch)
{
	struct entry *entry = record_add(p->to, ENTRY_MMAP, pos, 0, 4);
	size_t page = sysconf(_SC_PAGESIZE);
	void *map = mmap(NULL, page, PROT_READ, MAP_SHARED, p->dev->fd, pos);

	entry->ret = map == MAP_FAILED ? -errno : 0;
	if (map == MAP_FAILED)
		return;
	if (touch)
		memcpy(entry->data, map, 4);
	munmap(map, page);
}

/* Every region but config space, with the function's decoders on and off */
static void regions(struct player *p, uint8_t command)
{
	uint32_t index, val;
	unsigned int count;

	play_write_only(p, PCI_COMMAND, (uint8_t[]){ command, 0 }, 2);
	for (index = 0; index < REGIONS; index++) {
		if (index == VFIO_PCI_CONFIG_REGION_INDEX)
			continue;
		for (count = 1; count <= 8; count++)
			region_read(p, REGION(index) + 8 - count, count);
		val = region_read(p, REGION(index), 4);
		region_write(p, REGION(index), &val, 4);
		region_write(p, REGION(index), NULL, 4);
		region_mmap(p, REGION(index), command & PCI_COMMAND_MEMORY);
	}
}

/* Where the script must be gentle; from the list as it is shown */
static void find_gentle(struct player *p)
{
	uint8_t pos = 0, header[2];
	unsigned int n;

	memset(p->gentle, 0xff, sizeof(p->gentle));
	cfg_read(p->dev, &pos, 1, PCI_CAPABILITY_LIST);
	for (n = 0; n < 48 && pos >= PCI_STD_HEADER_SIZEOF && pos < 0xf0; n++) {
		cfg_read(p->dev, header, 2, pos);
		if (header[0] == PCI_CAP_ID_EXP)
			p->gentle[pos + PCI_EXP_DEVCTL + 1] &=
				~(PCI_EXP_DEVCTL_BCR_FLR >> 8);
		if (header[0] == PCI_CAP_ID_AF)
			p->gentle[pos + PCI_AF_CTRL] &= ~PCI_AF_CTRL_FLR;
		if (header[0] == PCI_CAP_ID_PM)
			p->gentle[pos + PCI_PM_CTRL] &= ~PCI_PM_CTRL_STATE_MASK;
		pos = header[1] & ~3;
	}
}

static unsigned int config_size(struct vfio_dev *dev)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};

	if (ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		exit(1);
	return info.size;
}

/* What the host reads, past vfio */
static void note_state(struct player *p)
{
	struct entry *entry = record_add(p->to, ENTRY_STATE, 0, p->size,
					 p->size);

	entry->ret = pci_config(p->bench->bdf, entry->data, p->size, 0);
}

/* @focus: where to write most of all; @brief: no more than about half of it */
void record_script(struct record *to, struct vfio_dev *dev,
		   const struct record_bench *bench, unsigned int focus,
		   bool brief)
{
	struct player p = {
		.dev = dev, .to = to, .bench = bench, .random = 1,
		.size = config_size(dev), .pieces = PIECES_SPARE,
	};

	find_gentle(&p);
	note_state(&p);
	infos(&p);
	features(&p);
	other_ioctls(&p);
	reads(&p);
	regions(&p, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	regions(&p, 0);
	if (!brief) {
		read_dwords(&p);
		sweep(&p, ONES);
		sweep(&p, ZEROS);
	}
	sweep(&p, RANDOM);
	around(&p, focus < p.size ? focus : p.size - 8);
	long_writes(&p);
	past_the_end(&p);
	bytes_that_are_not_there(&p);
	play_ioctl_null(&p, VFIO_DEVICE_RESET);
	play_read(&p, 0, p.size);
	note_state(&p);
	note_hardware(&p);
}
