// SPDX-License-Identifier: GPL-2.0
/*
 * Random functions with lists that go wrong where the core's rules end: few
 * IDs, so that neighbours have the same one, places that abut, overlap, or end
 * near the end of config space
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "guard_oracle.h"
#include "random.h"

static const u8 ids[] = {
	PCI_CAP_ID_PM, PCI_CAP_ID_VPD, PCI_CAP_ID_MSI, PCI_CAP_ID_MSI,
	PCI_CAP_ID_PCIX, PCI_CAP_ID_EXP, PCI_CAP_ID_AF, PCI_CAP_ID_VNDR,
	PCI_CAP_ID_MSIX, PCI_CAP_ID_SATA, PCI_CAP_ID_HT, PCI_CAP_ID_AGP,
	PCI_CAP_ID_SSVID, 0, 0x30, 0xfe,
};

static const u16 ext_ids[] = {
	PCI_EXT_CAP_ID_ERR, PCI_EXT_CAP_ID_ERR, PCI_EXT_CAP_ID_PWR,
	PCI_EXT_CAP_ID_VNDR, PCI_EXT_CAP_ID_DVSEC, PCI_EXT_CAP_ID_DVSEC,
	PCI_EXT_CAP_ID_VC, PCI_EXT_CAP_ID_VC9, PCI_EXT_CAP_ID_MFVC,
	PCI_EXT_CAP_ID_ACS, PCI_EXT_CAP_ID_REBAR, PCI_EXT_CAP_ID_DPA,
	PCI_EXT_CAP_ID_TPH, PCI_EXT_CAP_ID_ATS, PCI_EXT_CAP_ID_ARI,
	PCI_EXT_CAP_ID_SRIOV, PCI_EXT_CAP_ID_DSN, PCI_EXT_CAP_ID_LTR,
	PCI_EXT_CAP_ID_MCAST, PCI_EXT_CAP_ID_PRI, PCI_EXT_CAP_ID_PASID, 0,
	/* Hidden, but the first one leaves its low byte in the core's map */
	0x0101, 0x0104, 0x0123, 0x01fe, 0xffff,
};

/* Lengths that occur, for places that abut */
static const u8 steps[] = { 4, 6, 8, 10, 12, 14, 16, 20, 24, 44, 48, 60, 64 };

/**
 * struct list - Where the next capability goes
 * @image: The function
 * @rng: The generator
 * @start: First byte that the list can have
 * @end: Behind its last one
 * @align: Of most places
 * @pos: The last capability
 */
struct list {
	struct core_image *image;
	struct rng *rng;
	u16 start;
	u16 end;
	u16 align;
	u16 pos;
};

void guard_put(struct core_image *image, u16 at, u32 val)
{
	int i;

	for (i = 0; i < 4 && at + i < image->size; i++)
		image->bytes[at + i] = val >> i * 8;
}

static u16 next_place(struct list *list)
{
	u32 pos;

	switch (rng_below(list->rng, 8)) {
	case 0:
	case 1:
	case 2:
		pos = list->pos + steps[rng_below(list->rng, sizeof(steps))];
		break;
	case 3:
		pos = list->end - steps[rng_below(list->rng, sizeof(steps))];
		break;
	case 4:
		pos = list->end - 4 * rng_below(list->rng, 16);
		break;
	default:
		pos = list->start + rng_below(list->rng, list->end - list->start);
		break;
	}
	if (pos >= list->end)
		pos = list->end - 4;
	return pos & ~(list->align - 1);
}

/* Lengths around what is left of config space, and some others */
static u16 near_end(struct list *list, u16 max)
{
	u32 left = list->image->size - list->pos;

	switch (rng_below(list->rng, 4)) {
	case 0:
		return (left - 2 + rng_below(list->rng, 5)) & max;
	case 1:
		return rng_below(list->rng, 0x40) & max;
	case 2:
		return steps[rng_below(list->rng, sizeof(steps))];
	default:
		return rng_next(list->rng) & max;
	}
}

static void add_cap(struct list *list, u8 id, u16 next)
{
	u16 flags = rng_next(list->rng);

	if (id == PCI_CAP_ID_VNDR)
		flags = near_end(list, 0xff);
	guard_put(list->image, list->pos, id | (u32)next << 8 |
					  (u32)flags << 16);
}

static void add_ext_cap(struct list *list, u16 id, u16 next)
{
	u32 word = rng_next(list->rng);

	if (id == PCI_EXT_CAP_ID_VNDR || id == PCI_EXT_CAP_ID_DVSEC)
		word = (word & 0xfffff) | (u32)near_end(list, 0xfff) << 20;
	guard_put(list->image, list->pos, id | 1 << 16 | (u32)next << 20);
	guard_put(list->image, list->pos + 4, word);
}

/* Mostly one or two IDs for a whole list */
static void add_caps(struct list *list, u32 first, u32 second)
{
	u32 n = 1 + rng_below(list->rng, 6), id, next;
	struct list to = *list;

	for (; n; n--, list->pos = to.pos) {
		to.pos = list->pos;
		to.pos = next_place(&to);
		next = to.pos;
		if (n == 1)
			next = rng_below(list->rng, 4) ? 0 : next;
		id = rng_below(list->rng, 3) ? first : second;
		if (!rng_below(list->rng, 6))
			id = rng_below(list->rng, sizeof(ids));
		if (list->start >= PCI_CFG_SPACE_SIZE)
			add_ext_cap(list, ext_ids[id % (sizeof(ext_ids) / 2)],
				    next);
		else
			add_cap(list, ids[id % sizeof(ids)], next);
	}
}

static void fill(struct core_image *image, struct rng *rng)
{
	u32 kind = rng_below(rng, 8);
	int i;

	memset(image->bytes, kind == 7 ? 0xff : 0, sizeof(image->bytes));
	for (i = 0; kind == 6 && i < image->size; i += 4)
		guard_put(image, i, rng_next(rng));
}

void make_random(struct core_image *image, u64 seed)
{
	static const u16 sizes[] = { 0x100, 0x100, 0x100, 0x1000, 0x1000,
				     0x1000, 0x1000, 0xa0, 0x600 };
	static const u16 flags[] = { 0x0002, 0x0001, 0x0091, 0x0092, 0 };
	struct rng rng = { seed };
	struct list list = { .image = image, .rng = &rng, .start = 0x40 };

	image->size = sizes[rng_below(&rng, 9)];
	image->exp_flags = flags[rng_below(&rng, 5)];
	image->fails_at = rng_below(&rng, 16) ? CORE_NO_FAILURE :
					      rng_below(&rng, image->size) & ~3;
	fill(image, &rng);
	list.end = image->size < 0x100 ? image->size : 0x100;
	list.align = rng_below(&rng, 6) ? 4 : 1;
	list.pos = list.start;
	list.pos = next_place(&list);
	guard_put(image, PCI_COMMAND, rng_below(&rng, 32) ? 0x00100000 : 0);
	guard_put(image, PCI_CAPABILITY_LIST, list.pos);
	if (image->size > PCI_CFG_SPACE_SIZE && rng_below(&rng, 3)) {
		/* Leads to an extended list */
		add_cap(&list, PCI_CAP_ID_EXP, 0x60);
		list.pos = 0x60;
	}
	add_caps(&list, rng_next(&rng), rng_next(&rng));
	if (image->size <= PCI_CFG_SPACE_SIZE)
		return;
	list.start = PCI_CFG_SPACE_SIZE;
	list.pos = list.start;
	list.end = image->size;
	list.align = 4;
	add_caps(&list, rng_next(&rng), rng_next(&rng));
}
