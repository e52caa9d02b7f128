/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions whose capability lists core vfio does not survive, and neighbours
 * of theirs that it does. There are many more in unit/guard_test.c: these are for
 * a real kernel, and KASAN sees what they do there
 */
#ifndef GUARD_IMAGES_H
#define GUARD_IMAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib.h"

#define GUARD_SLOT	SEGMENT_SLOT
#define GUARD_BDF	SEGMENT_BDF(SEGMENT_SLOT)
#define GUARD_DWORDS	4

/* What a function does, and how it is made */
enum {
	/* The core does not survive it */
	HARMS = 1,
	/* It has 256 bytes of config space */
	SMALL = 2,
};

/**
 * struct guard_image - One function
 * @name: What is special about it
 * @flags: See above
 * @dwords: Offset and value, up to an offset of 0. All others are 0, but for
 *	the header, and a PCIe capability at 0x40 in a function that is not
 *	small, with a pointer to 0x80
 */
struct guard_image {
	const char *name;
	unsigned int flags;
	uint32_t dwords[GUARD_DWORDS][2];
};

#define EXT(id, next)	((id) | 1 << 16 | (uint32_t)(next) << 20)

static const struct guard_image guard_images[] = {
	{ "DVSEC that claims 0xfff bytes at 0xff0", HARMS,
	  { { 0x100, EXT(0x03, 0xff0) }, { 0xff0, EXT(0x23, 0) },
	    { 0xff4, 0xfff01234 } } },
	{ "DVSEC that ends with config space", 0,
	  { { 0x100, EXT(0x03, 0xff0) }, { 0xff0, EXT(0x23, 0) },
	    { 0xff4, 0x01001234 } } },
	{ "VNDR one byte too long", HARMS,
	  { { 0x100, EXT(0x03, 0xf00) }, { 0xf00, EXT(0x0b, 0) },
	    { 0xf04, 0x10100001 } } },
	{ "VNDR that ends with config space", 0,
	  { { 0x100, EXT(0x03, 0xf00) }, { 0xf00, EXT(0x0b, 0) },
	    { 0xf04, 0x10000001 } } },
	{ "ARI in the last dword", HARMS,
	  { { 0x100, EXT(0x03, 0xffc) }, { 0xffc, EXT(0x0e, 0) } } },
	{ "ARI in the last eight bytes", 0,
	  { { 0x100, EXT(0x03, 0xff8) }, { 0xff8, EXT(0x0e, 0) } } },
	{ "MSI-X at 0xf8 of 256 bytes", HARMS | SMALL,
	  { { 0x34, 0xf8 }, { 0xf8, 0x00000011 } } },
	{ "MSI-X at 0xf4 of 256 bytes", SMALL,
	  { { 0x34, 0xf4 }, { 0xf4, 0x00000011 } } },
};

#define GUARD_IMAGES	(sizeof(guard_images) / sizeof(guard_images[0]))

/* A Root Complex Integrated Endpoint without FLR, so opening is quick */
static inline void guard_build(const struct guard_image *image, uint8_t *to)
{
	unsigned int i;

	memset(to, 0, CFG_SIZE);
	image_put32(to, 0x00, 0x51101b36);
	image_put32(to, 0x04, 0x00100000);
	image_put32(to, 0x08, 0x12000001);
	if (!(image->flags & SMALL)) {
		image_put32(to, 0x34, 0x40);
		image_put32(to, 0x40, 0x00928010);
	}
	for (i = 0; i < GUARD_DWORDS && image->dwords[i][0]; i++)
		image_put32(to, image->dwords[i][0], image->dwords[i][1]);
}

/* A new function of the segment under vfio-pci; 0 or -errno */
static inline int guard_plug(const struct guard_image *image)
{
	uint8_t bytes[CFG_SIZE];
	int ret;

	guard_build(image, bytes);
	ret = segment_add_sized(GUARD_SLOT, false, bytes,
				image->flags & SMALL ? EXT_START : CFG_SIZE);
	if (!ret)
		ret = segment_plug(GUARD_SLOT, true);
	return ret ? ret : pci_bind(GUARD_BDF, "vfio-pci");
}

/* All of config space is read and written, in all sizes that the core has */
static inline void guard_touch(struct vfio_dev *dev, const struct guard_image *image)
{
	unsigned int size = image->flags & SMALL ? EXT_START : CFG_SIZE, pos, n;
	uint32_t val;

	for (n = 1; n <= 4; n *= 2)
		for (pos = 0; pos < size; pos += n) {
			cfg_read(dev, &val, n, pos);
			if (pos >= 0x80)
				cfg_write(dev, &val, n, pos);
		}
}

#endif /* GUARD_IMAGES_H */
