// SPDX-License-Identifier: GPL-2.0
/*
 * How long extended capabilities are, from the specification (pure)
 *
 * Lengths are those of PCIe 6.x, 7.7 to 7.9, 9.3 and 10.5, for all IDs that
 * pciutils has names for: 0x01 to 0x3a. vfio_pasid_guard.c has other lengths on
 * purpose: those that vfio-pci-core uses.
 *
 * Some capabilities have their length in a register. This file reads it, but never
 * reads past the next header, where another capability begins. So the number of
 * reads is bounded by the size of config space. The length of others depends on
 * the hardware around them, such as the width of the link. They have the bytes of
 * the shortest case, and may have those of the longest one.
 */
#include <linux/pci_regs.h>
#include <linux/types.h>

#include "vfio_pasid_caps.h"

/* IDs and bits that the headers of some kernel lack */
enum {
	CAP_ID_VF_REBAR = 0x24,
	CAP_ID_IDE = 0x30,
	CAP_ID_SVC = 0x35,
	CAP_ID_MRBL = 0x36,
};

#define HEADER_SIZE	4

/*
 * struct length - Length of a capability, whatever comes after it in config space
 * @least: Bytes that it has in every case
 * @known: Bytes with the optional registers at its end, which it has unless
 *	another header comes first; 0: there are none
 * @limit: Bytes that it may have; 0: no more than these
 */
struct length {
	u16 least;
	u16 known;
	u16 limit;
};

#define FIXED(bytes)		{ .least = bytes }
#define OPTIONAL(bytes, all)	{ .least = bytes, .known = all }
#define UP_TO(bytes, most)	{ .least = bytes, .limit = most }
#define AT_LEAST(bytes)		{ .least = bytes, .limit = 0xffff }

/*
 * An ID that is not here is known to have a header, and nothing else is known of
 * it. UP_TO is for registers that exist once for each lane of a link, 1 to 32.
 */
static const struct length lengths[] = {
	/* In a nested guest: vfio hides a capability behind this ID */
	[0x00] = AT_LEAST(HEADER_SIZE),	/* Null, 7.9.28 */
	[0x03] = FIXED(0x0c),		/* Device Serial Number, 7.9.3 */
	[0x04] = FIXED(0x10),		/* Power Budgeting, 7.8.1 */
	[0x06] = FIXED(0x0c),		/* RC Internal Link Control, 7.9.9 */
	[0x0a] = FIXED(0x14),		/* RCRB Header, 7.9.7 */
	[0x0e] = FIXED(0x08),		/* ARI, 7.8.8 */
	[0x0f] = FIXED(0x08),		/* ATS, 10.5.1 */
	[0x10] = FIXED(0x40),		/* SR-IOV, 9.3.3 */
	/* Only ports have MC_Overlay_BAR */
	[0x12] = OPTIONAL(0x28, 0x30),	/* Multicast, 7.9.11 */
	[0x13] = FIXED(0x10),		/* Page Request, 10.5.2 */
	[0x18] = FIXED(0x08),		/* LTR, 7.8.2 */
	[0x19] = UP_TO(0x10, 0x4c),	/* Secondary PCI Express, 7.7.3 */
	[0x1b] = FIXED(0x08),		/* PASID, 7.8.9 */
	[0x1c] = FIXED(0x08),		/* LN Requester, PCIe 5.0 */
	[0x1f] = FIXED(0x0c),		/* Precision Time Measurement, 7.9.15 */
	[0x21] = FIXED(0x10),		/* FRS Queueing, 7.8.10 */
	[0x22] = FIXED(0x0c),		/* Readiness Time Reporting, 7.9.16 */
	[0x25] = FIXED(0x0c),		/* Data Link Feature, 7.7.4 */
	[0x26] = UP_TO(0x24, 0x40),	/* Physical Layer 16.0 GT/s, 7.7.5 */
	[0x27] = UP_TO(0x0c, 0x88),	/* Lane Margining, 7.7.10 */
	[0x28] = FIXED(0x20),		/* Hierarchy ID, 7.9.17 */
	[0x29] = FIXED(0x10),		/* NPEM, 7.9.19 */
	[0x2a] = UP_TO(0x24, 0x40),	/* Physical Layer 32.0 GT/s, 7.7.6 */
	[0x2b] = OPTIONAL(0x14, 0x18),	/* Alternate Protocol, 7.9.20 */
	[0x2c] = FIXED(0x14),		/* SFI, 7.9.22 */
	[0x2d] = AT_LEAST(0x0c),	/* Shadow Functions, 7.9.25 */
	[0x2e] = FIXED(0x18),		/* Data Object Exchange, 7.9.24 */
	[0x2f] = FIXED(0x10),		/* Device 3, 7.7.9 */
	[0x31] = UP_TO(0x14, 0x30),	/* Physical Layer 64.0 GT/s, 7.7.7 */
	[0x32] = FIXED(0x3c),		/* Flit Logging, 7.7.8 */
	[0x33] = FIXED(0x24),		/* Flit Performance Measurement, 7.8.12 */
	[0x34] = FIXED(0x24),		/* Flit Error Injection, 7.8.13 */
	[0x37] = FIXED(0x14),		/* NOP Flit, 7.8.14 */
	[0x38] = AT_LEAST(0x10),	/* Scalable I/O Virtualization */
};

/* struct reader - Reads between two headers; bytes anywhere else are 0 */
struct reader {
	const struct vfio_pasid_cap *cap;
	int err;
};

static u32 read_reg(struct reader *r, u16 offset)
{
	const struct vfio_pasid_cap *cap = r->cap;
	u32 val;

	if (r->err || offset + 4 > cap->avail)
		return 0;
	r->err = cap->image->read(cap->image->ctx, cap->pos + offset, &val);
	return r->err ? 0 : val;
}

static unsigned int header_version(const struct reader *r)
{
	return r->cap->header >> 16 & 0xf;
}

/* A length from a register, raised to the shortest that the capability can have */
static struct length reg_length(u16 length, u16 least)
{
	return (struct length)FIXED(length < least ? least : length);
}

/*
 * 7.8.4. The TLP Prefix Log ends at 0x48. A function has it if it has End-End TLP
 * Prefix, which PASID needs. Version 2 in the header should indicate the log, but
 * devices have it with version 1. In Flit Mode (version 3) it may be longer.
 */
static struct length aer_length(const struct reader *r)
{
	struct length length = OPTIONAL(PCI_ERR_ROOT_COMMAND, 0x48);

	if (header_version(r) > 2)
		length.limit = 0x60;
	return length;
}

/* Phases of an arbitration table, from bits 7:0 of the VC's capability register */
static unsigned int table_phases(u32 cap)
{
	return cap & 0x20 ? 256 : cap & 0x18 ? 128 : cap & 4 ? 64 :
	       cap & 2 ? 32 : 0;
}

/* A table's offset is in bits 31:24, in units of 16 bytes. 0: there is no table */
static u16 table_end(u32 cap, unsigned int entry_bits, u16 end)
{
	u16 offset = (cap >> 24) * 16, size = table_phases(cap) * entry_bits / 8;

	return offset && size && offset + size > end ? offset + size : end;
}

/* 7.9.1, 7.9.2: VC resources, the VC arbitration table, and a table for each VC */
static u16 vc_length(struct reader *r)
{
	u32 cap1 = read_reg(r, PCI_VC_PORT_CAP1);
	unsigned int count = 1 + (cap1 & PCI_VC_CAP1_EVCC), i;
	unsigned int entry_bits = 1U << (cap1 >> 10 & 3);
	u16 end = PCI_CAP_VC_BASE_SIZEOF + count * PCI_CAP_VC_PER_VC_SIZEOF;

	end = table_end(read_reg(r, PCI_VC_PORT_CAP2) & 0xff00000e, 4, end);
	for (i = 0; i < count; i++)
		end = table_end(read_reg(r, PCI_VC_RES_CAP +
				    i * PCI_CAP_VC_PER_VC_SIZEOF),
				entry_bits, end);
	return end;
}

/* 7.7.11: the egress control vector has 1 to 256 bits, where 0 means 256 */
static u16 acs_length(struct reader *r)
{
	u32 cap = read_reg(r, PCI_ACS_CAP);
	u16 bits = cap >> 8 & 0xff;

	if (!(cap & PCI_ACS_EC))
		return 8;
	return 8 + (bits ? (bits + 31) / 32 * 4 : 32);
}

/* 7.9.13 */
static u16 tph_length(struct reader *r)
{
	u32 cap = read_reg(r, PCI_TPH_CAP);

	if ((cap & PCI_TPH_CAP_LOC_MASK) != PCI_TPH_LOC_CAP)
		return PCI_TPH_BASE_SIZEOF;
	return PCI_TPH_BASE_SIZEOF +
	       2 * (1 + ((cap & PCI_TPH_CAP_ST_MASK) >> PCI_TPH_CAP_ST_SHIFT));
}

/* 7.9.14: the log's size is in dwords. Flit Mode added its bit 4 */
static u16 dpc_length(struct reader *r)
{
	u32 cap = read_reg(r, PCI_EXP_DPC_CAP);

	if (!(cap & PCI_EXP_DPC_CAP_RP_EXT))
		return 0x0c;
	return PCI_EXP_DPC_RP_PIO_HEADER_LOG +
	       4 * ((cap >> 8 & 0xf) | (cap >> 13 & 1) << 4);
}

/*
 * 7.9.26: 8 bytes for each link stream, 20 for each selective stream, and 12 for
 * each address association of it
 */
static u16 ide_length(struct reader *r)
{
	u32 cap = read_reg(r, 4);
	unsigned int streams = cap & 2 ? 1 + (cap >> 16 & 0xff) : 0;
	u16 end = 0x0c;

	if (cap & 1)
		end += 8 * (1 + (cap >> 13 & 7));
	for (; streams && end < r->cap->avail; streams--)
		end += 20 + 12 * (read_reg(r, end) & 0xf);
	return end;
}

static struct length length_of(struct reader *r)
{
	u16 id = r->cap->header;

	switch (id) {
	case PCI_EXT_CAP_ID_ERR:
		return aer_length(r);
	case PCI_EXT_CAP_ID_VC:
	case PCI_EXT_CAP_ID_VC9:
	case PCI_EXT_CAP_ID_MFVC:
		return reg_length(vc_length(r), 0x1c);
	case PCI_EXT_CAP_ID_RCLD:	/* 7.9.8 */
		return reg_length(0x10 + 0x10 * (read_reg(r, 4) >> 8 & 0xff), 0x10);
	case PCI_EXT_CAP_ID_RCEC:	/* 7.9.10 */
		return reg_length(header_version(r) > 1 ? 0x0c : 0x08, 0x08);
	case PCI_EXT_CAP_ID_VNDR:	/* 7.9.5 */
		return reg_length(read_reg(r, 4) >> 20, 0x08);
	case PCI_EXT_CAP_ID_ACS:
		return reg_length(acs_length(r), 0x08);
	case PCI_EXT_CAP_ID_REBAR:	/* 7.8.6, 7.8.7 */
	case CAP_ID_VF_REBAR:
		return reg_length(4 + 8 * (read_reg(r, PCI_REBAR_CTRL) >> 5 & 7), 0x0c);
	case PCI_EXT_CAP_ID_DPA:	/* 7.9.12 */
		return reg_length(0x11 + (read_reg(r, PCI_DPA_CAP) & 0x1f), 0x11);
	case PCI_EXT_CAP_ID_TPH:
		return reg_length(tph_length(r), 0x0c);
	case PCI_EXT_CAP_ID_PMUX:	/* PCIe 5.0 */
		return reg_length(0x10 + 4 * (read_reg(r, 4) & 0x3f), 0x10);
	case PCI_EXT_CAP_ID_DPC:
		return reg_length(dpc_length(r), 0x0c);
	case PCI_EXT_CAP_ID_L1SS:	/* 7.8.3 */
		return reg_length(header_version(r) > 1 ? 0x14 : 0x10, 0x10);
	case PCI_EXT_CAP_ID_DVSEC:	/* 7.9.6 */
		return reg_length(vfio_pasid_dvsec_length(read_reg(r, 4)), 0x0c);
	case CAP_ID_IDE:
		return reg_length(ide_length(r), 0x0c);
	case CAP_ID_SVC:		/* 7.9.29 */
		return reg_length(0x14 + 0x0c * (1 + (read_reg(r, 4) & 7)), 0x20);
	case CAP_ID_MRBL:		/* 7.9.30 */
		return reg_length(read_reg(r, 4) & 0xfff, 0x08);
	}
	if (id < sizeof(lengths) / sizeof(lengths[0]) && lengths[id].least)
		return lengths[id];
	return (struct length)AT_LEAST(HEADER_SIZE);
}

static u16 within(u16 length, u16 least, u16 avail)
{
	if (length > avail)
		length = avail;
	return length < least ? least : length;
}

/**
 * vfio_pasid_cap_measure - Find the length of a capability
 * @cap: The capability
 * @size: Output
 *
 * Reads only the registers that the length depends on. A length that is too short
 * for this ID is raised to the shortest valid one.
 *
 * Return: 0, or a negative errno if a read fails.
 */
int vfio_pasid_cap_measure(const struct vfio_pasid_cap *cap,
			   struct vfio_pasid_cap_size *size)
{
	struct reader r = { .cap = cap };
	struct length length = length_of(&r);
	u16 known = length.known ? length.known : length.least;
	u16 limit = length.limit ? length.limit : known;

	size->known = within(known, length.least, cap->avail);
	size->limit = within(limit, size->known, cap->avail);
	return r.err;
}
