// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: a hostile function, and what is composed for it
 *
 * Input: two bytes of options, a range (4 bytes), then records of 6 bytes, each
 * a dword of config space with its offset. A finding is a crash, a sanitizer's
 * report, a read outside of config space, too many reads, or an answer of the
 * oracle.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "core/core.h"
#include "oracle.h"

/* Headers twice, registers, markers, a range, guesses, and the order of the list */
#define MAX_READS	(3 * 960 + 3 * 960 + 2 * 960)

static void finding(const char *why)
{
	fprintf(stderr, "found: %s\n", why);
	abort();
}

static u16 get16(const u8 *from)
{
	return from[0] | from[1] << 8;
}

static void build(struct fake *fake, const u8 *data, size_t size)
{
	fake_init(fake);
	for (; size >= 6; data += 6, size -= 6)
		fake_put(fake, get16(data) & 0xffc,
			 vfio_pasid_get_le32(data + 2));
}

static void decide(struct fake *fake, u8 options,
		   const struct vfio_pasid_range *range, const u8 *map,
		   struct vfio_pasid_place *place)
{
	struct vfio_pasid_candidate c = {
		.range = *range,
		.source = VFIO_PASID_SOURCE_ADMIN,
	};
	struct vfio_pasid_request req = {
		.candidates = &c,
		.num_candidates = 1,
		.pairs = &marker_pair,
		.num_pairs = 1,
		.sources = options & 0x7e,
	};

	fake->image.map = map;
	fake->reads = 0;
	fake_locate(fake, &req, place);
	if (fake->outside)
		finding("a read outside of extended config space");
	if (fake->reads > MAX_READS)
		finding("too many reads");
	if (place->source != VFIO_PASID_SOURCE_MARKER)
		place->pair = marker_pair;
}

static void check(struct fake *fake, struct vfio_pasid_view *view,
		  struct vfio_pasid_place *place, u8 options, u8 where)
{
	static u8 map[VFIO_PASID_CFG_SIZE], vconfig[VFIO_PASID_CFG_SIZE];
	static struct shown before, after;
	struct vfio_pasid_vcap cap = {
		.width = 20,
		.caps = 6,
		.shown = options & 1,
		.marked = place->source != VFIO_PASID_SOURCE_PHYSICAL,
	};
	const char *why;

	cap.offset = place->range.offset +
		     where * 4 % (place->range.length - VFIO_PASID_CAP_SIZE + 4);
	fake_clear_unfilled(fake);
	memcpy(map, fake->map, sizeof(map));
	memcpy(vconfig, fake->vconfig, sizeof(vconfig));
	oracle_look(fake, view, &before);
	if (!vfio_pasid_compose(view, place, &cap)) {
		oracle_look(fake, view, &after);
		why = oracle_compare(place, &cap, &before, &after);
		if (!why && cap.marked)
			why = oracle_markers(place, &cap, &before, &after);
		if (why)
			finding(why);
	}
	vfio_pasid_decompose(view, place, &cap);
	if (memcmp(map, fake->map, sizeof(map)) ||
	    memcmp(vconfig, fake->vconfig, sizeof(vconfig)))
		finding("decompose does not lead back");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct vfio_pasid_range range;
	struct vfio_pasid_place place;
	struct vfio_pasid_view view;
	static struct fake fake;

	if (size < 6)
		return 0;
	range.offset = get16(data + 2);
	range.length = get16(data + 4);
	build(&fake, data + 6, size - 6);
	decide(&fake, data[0], &range, NULL, &place);
	/* What the core does not survive, never gets to us */
	core_use(data[0] & 0x80);
	if (!fake_open(&fake, &view))
		return 0;
	decide(&fake, data[0], &range, fake.map, &place);
	if (place.range.offset)
		check(&fake, &view, &place, data[0], data[1]);
	return 0;
}
