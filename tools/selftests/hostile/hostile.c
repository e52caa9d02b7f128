// SPDX-License-Identifier: GPL-2.0
/*
 * A seeded generator of hostile config spaces
 *
 * A sound function (PCIe endpoint without FLR, so that opening it is quick)
 * gets a list of random capabilities, and then a few lies. Lies that make core
 * vfio warn about every byte again and again are rare: they cost seconds.
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "hostile.h"
#include "lib.h"
#include "random.h"

#define MAX_CAPS	24
#define UNKNOWN		0x1234

/* An image on its way */
struct hostile {
	struct rng rng;
	uint8_t *bytes;
	uint16_t caps[MAX_CAPS];
	unsigned int n;
};

static uint32_t next(struct hostile *h)
{
	return rng_next(&h->rng);
}

static unsigned int below(struct hostile *h, unsigned int n)
{
	return rng_below(&h->rng, n);
}

static void put32(struct hostile *h, unsigned int pos, uint32_t val)
{
	if (pos + 4 <= CFG_SIZE)
		memcpy(h->bytes + pos, &val, 4);
}

static void put_header(struct hostile *h, unsigned int pos, unsigned int id,
		       unsigned int to)
{
	put32(h, pos, id | 1 << 16 | (uint32_t)to << 20);
}

static unsigned int random_id(struct hostile *h)
{
	static const uint16_t ids[] = {
		PCI_EXT_CAP_ID_ERR, PCI_EXT_CAP_ID_DSN, PCI_EXT_CAP_ID_VNDR,
		PCI_EXT_CAP_ID_ACS, PCI_EXT_CAP_ID_ARI, PCI_EXT_CAP_ID_ATS,
		PCI_EXT_CAP_ID_PRI, PCI_EXT_CAP_ID_TPH, PCI_EXT_CAP_ID_LTR,
		PCI_EXT_CAP_ID_PASID, PCI_EXT_CAP_ID_DVSEC, PCI_EXT_CAP_ID_DVSEC,
		PCI_EXT_CAP_ID_REBAR, PCI_EXT_CAP_ID_DPA, PCI_EXT_CAP_ID_VC,
		PCI_EXT_CAP_ID_SECPCI, UNKNOWN, 0x12fe, 0x12ff, 0,
	};

	return rng_pick(&h->rng, ids);
}

/* What the length of a VNDR or DVSEC may claim: mostly something possible */
static unsigned int random_length(struct hostile *h, unsigned int pos)
{
	switch (below(h, 16)) {
	case 0:
		return below(h, 0x1000);
	case 1:
		return CFG_SIZE - pos + below(h, 16) - 8;
	case 2:
		return below(h, 12);
	default:
		return 12 + 4 * below(h, 12);
	}
}

/* Header 1 and 2: half of the DVSECs are markers; nonsense for the others */
static void put_body(struct hostile *h, unsigned int pos, unsigned int id)
{
	unsigned int length = random_length(h, pos) & 0xfff;

	if (id == PCI_EXT_CAP_ID_DVSEC) {
		put32(h, pos + 4, (uint32_t)length << 20 | 0x1234);
		put32(h, pos + 8, below(h, 2) ? 0xa51d : next(h));
	} else if (id == PCI_EXT_CAP_ID_VNDR) {
		put32(h, pos + 4, (uint32_t)length << 20 | (next(h) & 0xfffff));
	} else if (id == PCI_EXT_CAP_ID_TPH) {
		put32(h, pos + 4, next(h) & 0x001f0600);
	} else {
		put32(h, pos + 4, next(h));
	}
}

static void put_list(struct hostile *h)
{
	unsigned int i, id, pos = EXT_START;

	h->n = below(h, MAX_CAPS);
	for (i = 0; i < h->n; i++) {
		h->caps[i] = pos;
		pos += 16 + 4 * below(h, 40);
		if (below(h, 8) == 0)
			pos -= 12;
	}
	for (i = 0; i < h->n; i++) {
		id = random_id(h);
		put_body(h, h->caps[i], id);
		put_header(h, h->caps[i], id,
			   i + 1 < h->n ? h->caps[i + 1] : 0);
	}
}

static unsigned int some_cap(struct hostile *h)
{
	return h->n ? h->caps[below(h, h->n)] : EXT_START;
}

/* Through capabilities that the core hides, mostly: it warns about the others */
static void lie_loop(struct hostile *h)
{
	unsigned int from = some_cap(h), to = some_cap(h);
	unsigned int id = below(h, 8) ? UNKNOWN : PCI_EXT_CAP_ID_ARI;

	put_header(h, from, id, to);
	put_header(h, to, id, from);
}

/* As many entries as there can be, of eight bytes each */
static void lie_many(struct hostile *h)
{
	unsigned int pos;

	for (pos = EXT_START; pos < CFG_SIZE; pos += 8)
		put_header(h, pos, below(h, 2) ? PCI_EXT_CAP_ID_ARI :
						 PCI_EXT_CAP_ID_ATS,
			   pos + 8 < CFG_SIZE ? pos + 8 : 0);
}

static void lie_sriov(struct hostile *h)
{
	unsigned int pos = 0xd00, i;

	for (i = 4; i < PCI_EXT_CAP_SRIOV_SIZEOF; i += 4)
		put32(h, pos + i, next(h));
	/* The kernel tries every number of VFs */
	put32(h, pos + PCI_SRIOV_INITIAL_VF, next(h) & 0x001f001f);
	put_header(h, pos, PCI_EXT_CAP_ID_SRIOV, 0);
	put_header(h, some_cap(h), UNKNOWN, pos);
}

/* The standard list: random capabilities at random places */
static void lie_standard(struct hostile *h)
{
	unsigned int n = below(h, 6), pos = 0x40, to;

	for (; n; n--, pos = to) {
		to = 0x40 + below(h, 0xc0);
		h->bytes[pos] = below(h, 0x16);
		h->bytes[pos + 1] = to;
		h->bytes[pos + 2] = next(h);
		h->bytes[pos + 3] = next(h);
	}
}

static void lie(struct hostile *h, int sriov)
{
	switch (below(h, 16)) {
	case 0:
		lie_loop(h);
		break;
	case 1:
		lie_many(h);
		break;
	case 2:
		put32(h, some_cap(h), ~0U);
		break;
	case 3:
		put_header(h, some_cap(h), random_id(h), 4 * below(h, 0x400));
		break;
	case 4:
		put_header(h, some_cap(h), random_id(h), 0xffc);
		break;
	case 5:
		lie_standard(h);
		break;
	case 6:
		if (sriov)
			lie_sriov(h);
		break;
	default:
		put32(h, 4 * below(h, 0x400), next(h));
	}
}

/**
 * hostile_build - Make the image that belongs to a seed
 * @seed: Which one. Odd: of a function of its own, which may have SR-IOV
 * @image: Output, CFG_SIZE bytes
 */
void hostile_build(unsigned int seed, uint8_t *image)
{
	struct hostile h = { .rng.state = seed, .bytes = image };
	unsigned int lies;

	memset(image, 0, CFG_SIZE);
	put_list(&h);
	put32(&h, 0x34, 0x40);
	put32(&h, 0x40, 0x00920010);
	for (lies = below(&h, 5); lies; lies--)
		lie(&h, seed % 2);
	/* Still a function that vfio-pci takes */
	put32(&h, 0x00, HOSTILE_ID);
	put32(&h, 0x04, 0x00100000);
	put32(&h, 0x08, 0x12000001);
	put32(&h, 0x0c, 0);
	put32(&h, 0x44, 0x00008000);
}
