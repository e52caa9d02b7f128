// SPDX-License-Identifier: GPL-2.0
/*
 * The functions that are attacked, and what the module is told about them
 *
 * - vf: igb's VF. Bytes of the overlay that keep what is written to them are
 *   where its ranges are, so that a write that reaches the hardware is seen.
 * - physical: a function of the segment with a PASID capability of its own.
 * - marker: a VF of the segment with a DVSEC that marks unused bytes, or with
 *   none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "attack.h"

#define PHYSICAL_BDF	SEGMENT_BDF(SEGMENT_SLOT)
#define VF_BDF		SEGMENT_BDF(SEGMENT_VF)

#define PM		0x80
#define AF		0x90
#define PHYSICAL	0x148
#define MARKER		0x140
#define VENDORS		0x180

static void need(int ret, const char *what)
{
	if (!ret)
		return;
	fprintf(stderr, "the bench: %s: %s\n", what, strerror(-ret));
	exit(1);
}

static void put_dvsec(uint8_t *bytes, unsigned int pos, unsigned int vendor,
		      unsigned int id, unsigned int length, unsigned int next)
{
	image_ext_cap(bytes, pos, PCI_EXT_CAP_ID_DVSEC, next);
	image_put32(bytes, pos + PCI_DVSEC_HEADER1, vendor | length << 20);
	image_put32(bytes, pos + PCI_DVSEC_HEADER2, id);
}

/* igb's VF */

static void vf_set_up(void)
{
	overlay("clear %s", bdf_vf(0));
	pci_rebind(bdf_vf(0), "vfio-pci");
}

/* Unused bytes that keep what is written */
static void vf_unused(unsigned int from, unsigned int to)
{
	for (; from < to; from += 4)
		overlay("dword %s %#x 0 0xffffffff", bdf_vf(0), from);
}

/* A predecessor whose header the core takes for a part of the one before */
static void vf_abutting(void)
{
	uint8_t bytes[CFG_SIZE] = {};
	unsigned int pos;

	put_dvsec(bytes, 0xe00, 0x8086, 1, 0x10, 0xe10);
	put_dvsec(bytes, 0xe10, 0x8086, 2, 0x10, 0);
	overlay_ext_cap(bdf_vf(0), 0x150, PCI_EXT_CAP_ID_ARI, 1, 0xe00);
	for (pos = 0xe00; pos < 0xe20; pos += 4)
		overlay("dword %s %#x %#x 0", bdf_vf(0), pos,
			*(uint32_t *)(bytes + pos));
}

static void vf_renew(struct rng *rng)
{
	unsigned int layout = rng_below(rng, 4);

	overlay("clear %s", bdf_vf(0));
	vf_unused(0xc00, 0xc20);
	vf_unused(0xd00, 0xd20);
	vf_unused(0xf00, 0xf40);
	if (layout == 0)
		vf_abutting();
	/* No list at all: the range may even be its head. A guest makes none */
	if (layout == 1) {
		overlay("dword %s 0x100 0 0", bdf_vf(0));
		vf_unused(0x104, 0x120);
	}
}

static void vf_tear_down(void)
{
	overlay("clear %s", bdf_vf(0));
}

/* Without a range the table of the bench has one */
static const char * const vf_ranges[] = {
	"8086:10ca@0xf00+0x40", "8086:10ca@0xf00+0x8", "8086:10ca@0xf00+0x14",
	"8086:10ca@0xc00+0x20,8086:10ca@0xf00+0x40", "8086:10ca@0x100+0x20",
	"8086:10ca@0xf20+0x20", "", NULL
};

/* The segment */

/* With power states. Advanced Features has its reset where PCIe has none */
static void make_function(uint8_t *to, bool af)
{
	image_endpoint(to, PCI_EXP_DEVCAP_RBER | (af ? 0 : PCI_EXP_DEVCAP_FLR));
	to[IMAGE_EXP + PCI_CAP_LIST_NEXT] = PM;
	image_put32(to, PM, PCI_CAP_ID_PM | 3 << 16 | (af ? AF << 8 : 0));
	if (af)
		image_put32(to, AF, PCI_CAP_ID_AF | PCI_CAP_AF_SIZEOF << 16 |
			    (PCI_AF_CAP_TP | PCI_AF_CAP_FLR) << 24);
}

/* A vendor's capability, so that ours is not the last one */
static void put_vendors(uint8_t *to)
{
	image_ext_cap(to, VENDORS, PCI_EXT_CAP_ID_VNDR, 0);
	image_put32(to, VENDORS + PCI_VNDR_HEADER, 0x8086 | 0x20 << 20);
}

/* Control as the IOMMU driver has set it: a new image is no reset */
static void make_physical(uint8_t *to)
{
	make_function(to, false);
	image_put32(to, 0, 0x50011b36);
	image_ext_cap(to, 0x100, PCI_EXT_CAP_ID_ERR, PHYSICAL);
	image_pasid(to, PHYSICAL, VENDORS);
	to[PHYSICAL + PCI_PASID_CTRL] = PCI_PASID_CTRL_ENABLE |
		PCI_PASID_CTRL_EXEC | PCI_PASID_CTRL_PRIV;
	put_vendors(to);
}

static void make_marked(uint8_t *to, unsigned int length, bool abutting)
{
	make_function(to, true);
	image_ext_cap(to, 0x100, PCI_EXT_CAP_ID_ARI, abutting ? 0x130 : MARKER);
	if (abutting)
		put_dvsec(to, 0x130, 0x8086, 1, 0x10, length ? MARKER : VENDORS);
	if (length)
		put_dvsec(to, MARKER, 0x1234, 0xa51d, length, VENDORS);
	put_vendors(to);
}

/* The range's bytes keep what is written */
static void segment_renew(const char *slot, const uint8_t *image,
			  unsigned int from, unsigned int to)
{
	need(segment_set_image(slot, image), slot);
	need(segment_soften(slot, from, to - from), slot);
}

static void physical_set_up(void)
{
	uint8_t image[CFG_SIZE];

	make_physical(image);
	need(segment_plug_function(image), "plug");
	pci_rebind(PHYSICAL_BDF, "vfio-pci");
}

static void physical_renew(struct rng *rng)
{
	uint8_t image[CFG_SIZE];

	make_physical(image);
	segment_renew(SEGMENT_SLOT, image, PHYSICAL, PHYSICAL + 8);
}

static void physical_tear_down(void)
{
	pci_unbind(PHYSICAL_BDF);
	segment_unplug_function();
}

static const char * const physical_ranges[] = {
	"1b36:5001@0xf00+0x40", "", NULL
};

static void marker_set_up(void)
{
	uint8_t image[CFG_SIZE];

	make_marked(image, 0x40, false);
	need(segment_plug_vf(image), "plug a VF");
	pci_rebind(VF_BDF, "vfio-pci");
}

static void marker_renew(struct rng *rng)
{
	static const unsigned int lengths[] = { 0x40, 0x40, 0x14, 0xc, 0 };
	uint8_t image[CFG_SIZE];

	make_marked(image, rng_pick(rng, lengths), rng_one_in(rng, 3));
	/* But not the header: a guest must not make a list of its own */
	segment_renew(SEGMENT_VF, image, MARKER + 4, VENDORS);
}

static void marker_tear_down(void)
{
	pci_unbind(VF_BDF);
	segment_unplug_vf();
}

static const char * const marker_ranges[] = {
	"1b36:5002@0x140+0x40", "1b36:5002@0x140+0x18", "", NULL
};

const struct bench benches[] = {
	{
		.name = "vf",
		.has_cdev = true,
		.ranges = vf_ranges,
		.set_up = vf_set_up,
		.renew = vf_renew,
		.tear_down = vf_tear_down,
	}, {
		.name = "physical",
		.bdf = PHYSICAL_BDF,
		.physical = PHYSICAL,
		.ranges = physical_ranges,
		.set_up = physical_set_up,
		.renew = physical_renew,
		.tear_down = physical_tear_down,
	}, {
		.name = "marker",
		.bdf = VF_BDF,
		.ranges = marker_ranges,
		.set_up = marker_set_up,
		.renew = marker_renew,
		.tear_down = marker_tear_down,
	},
};

const unsigned int num_benches = sizeof(benches) / sizeof(benches[0]);

/* The environment names igb's VF */
const char *bench_bdf(const struct bench *bench)
{
	return bench->bdf ? bench->bdf : bdf_vf(0);
}

static const struct {
	const char *text;
	unsigned int vendor;
	unsigned int id;
} pairs[] = {
	{ "1234:a51d", 0x1234, 0xa51d },
	{ "1234:a51d", 0x1234, 0xa51d },
	{ "abcd:17,1234:a51d", 0xabcd, 0x17 },
	{ "", 0, 0 },
};

/* Parameters that are refused, so the module is not there; no device is open */
void load_junk(struct rng *rng)
{
	static const char * const junk[] = {
		"markers=1234", "markers=1234:a51d,", "markers=0:0", "markers=,",
		"markers=1:1,1:2,1:3,1:4,1:5,1:6,1:7,1:8,1:9", "visible=maybe",
		"markers=12345:1", "markers=1234:a51d:1", "markers= 1:1",
		"ranges=x", "ranges=8086:10ca@0x101+0x8", "guess=x",
		"ranges=8086:10ca@0xffc+0x8", "ranges=8086:10ca@0xf00+0x4",
	};

	module_unload(MODULE);
	if (!module_load(MODULE, rng_pick(rng, junk)))
		module_unload(MODULE);
}

/* With parameters at random; ranges= is one that is good */
void load_module(const struct bench *bench, struct session *s, struct rng *rng)
{
	static const char * const visible[] = { "on", "on", "on", "auto", "off" };
	unsigned int pair = rng_below(rng, sizeof(pairs) / sizeof(pairs[0]));
	unsigned int n = 0;
	char params[256];

	while (bench->ranges[n])
		n++;
	snprintf(params, sizeof(params), "shield=on ranges=%s visible=%s markers=%s guess=%u",
		 bench->ranges[rng_below(rng, n)], rng_pick(rng, visible),
		 pairs[pair].text, rng_below(rng, 2));
	s->pair_vendor = pairs[pair].vendor;
	s->pair_id = pairs[pair].id;
	module_reload(MODULE, params);
}
