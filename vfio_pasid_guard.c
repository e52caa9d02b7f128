// SPDX-License-Identifier: GPL-2.0
/*
 * Devices whose capability lists make vfio-pci-core access wrong memory (pure)
 *
 * When a device is opened, vfio_cap_init() and vfio_ecap_init() of the core
 * walk its lists and mark each capability in pci_config_map, an array as long
 * as config space. They do not check the lengths that the device has:
 * - If a capability passes the end of config space, the core writes past the end
 *   of the array (seen with KASAN on 7.3: a DVSEC at 0xff0 with a length of 0xfff
 *   bytes). In a function with 256 bytes of config space, standard capabilities
 *   do the same.
 * - Accesses look up permission bits at an offset from the start of the
 *   capability. vfio_find_cap_start() finds that start: it is the first byte of a
 *   run of marks with the same ID. If two capabilities with one ID abut or
 *   overlap, the run is longer than the permission bits, and the core reads past
 *   them. A second MSI capability has the bits of the first one, which may be
 *   shorter, or those that an open has left behind that failed.
 * - Some writes look at registers at an offset from the start of the run. If an
 *   overlap leaves only a part of a capability, that offset may be past the end.
 * Lengths come from the headers of the kernel. They differ between kernels, and
 * from those of the specification, which vfio_pasid_caps.c has.
 *
 * This file makes the same walk first, with the same rules, and finds out whether
 * it is safe. It is exact: a device that does the core no harm is opened, however
 * odd its lists are. If a read fails, the core's own walk fails without harm.
 *
 * A device that returns other values to the second walk is not caught. Only the
 * core can do that (patches/).
 */
#include <linux/pci_regs.h>
#include <linux/string.h>
#include <linux/types.h>

#include "vfio_pasid_guard.h"

/* Bounds of the core's loops */
#define MAX_CAPS	((VFIO_PASID_EXT_START - PCI_STD_HEADER_SIZEOF) / \
			 PCI_CAP_SIZEOF)
#define MAX_EXT_CAPS(size) (((size) - VFIO_PASID_EXT_START) / PCI_CAP_SIZEOF)

#define VARIABLE	0xffff

/**
 * struct walk - State of the core's walk
 * @guard: Input and output
 * @at: Offset of the dword that was read last, 1 for none
 * @dword: Value of that dword
 * @failed: A read failed
 * @extended: There is an extended list
 * @end: End of the last capability so far. The map is not filled behind it
 */
struct walk {
	struct vfio_pasid_guard *guard;
	u16 at;
	u32 dword;
	bool failed;
	bool extended;
	u16 end;
};

/* All ones past the end: a length that depends on them passes the end, too */
static u8 get8(struct walk *w, u16 pos)
{
	const struct vfio_pasid_image *image = w->guard->image;
	u16 at = pos & ~3;

	if (pos >= image->size)
		return 0xff;
	if (w->at != at && image->read(image->ctx, at, &w->dword)) {
		w->failed = true;
		w->at = 1;
		return 0xff;
	}
	w->at = at;
	return w->dword >> pos % 4 * 8;
}

static u16 get16(struct walk *w, u16 pos)
{
	return get8(w, pos) | get8(w, pos + 1) << 8;
}

static u32 get32(struct walk *w, u16 pos)
{
	return get16(w, pos) | (u32)get16(w, pos + 2) << 16;
}

/*
 * The core looks for an extended list if the function has PCIe or PCI-X 2.0. If
 * there is no list, the walk finds one hidden capability.
 */
static void look_for_extended(struct walk *w)
{
	w->extended = w->guard->image->size > VFIO_PASID_EXT_START;
}

/* The core fails to read a word at an odd offset, and ends its walk */
static u16 get_register(struct walk *w, u16 pos)
{
	if (pos % 2)
		w->failed = true;
	return get16(w, pos);
}

static u16 msi_length(struct walk *w, u16 pos)
{
	u16 flags = get_register(w, pos + PCI_MSI_FLAGS);
	u16 length = 10;

	if (flags & PCI_MSI_FLAGS_64BIT)
		length += 4;
	if (flags & PCI_MSI_FLAGS_MASKBIT)
		length += 10;
	if (!w->guard->msi_length)
		w->guard->msi_length = length;
	return length;
}

static u16 pcix_length(struct walk *w, u16 pos)
{
	if (!PCI_X_CMD_VERSION(get_register(w, pos + PCI_X_CMD)))
		return PCI_CAP_PCIX_SIZEOF_V0;
	look_for_extended(w);
	return PCI_CAP_PCIX_SIZEOF_V2;
}

static u16 exp_length(struct walk *w)
{
	u16 flags = w->guard->exp_flags;
	bool rc_end = (flags & PCI_EXP_FLAGS_TYPE) >> 4 == PCI_EXP_TYPE_RC_END;

	look_for_extended(w);
	if ((flags & PCI_EXP_FLAGS_VERS) == 1)
		return rc_end ? PCI_CAP_EXP_RC_ENDPOINT_SIZEOF_V1 :
				PCI_CAP_EXP_ENDPOINT_SIZEOF_V1;
	return rc_end ? PCI_CAP_EXP_RC_ENDPOINT_SIZEOF_V2 :
			PCI_CAP_EXP_ENDPOINT_SIZEOF_V2;
}

/* As vfio_cap_len() and pci_cap_length[]. 0: the core hides it */
static u16 cap_length(struct walk *w, u8 id, u16 pos)
{
	switch (id) {
	case PCI_CAP_ID_PM:
		return PCI_PM_SIZEOF;
	case PCI_CAP_ID_AGP:
		return PCI_AGP_SIZEOF;
	case PCI_CAP_ID_VPD:
		return PCI_CAP_VPD_SIZEOF;
	case PCI_CAP_ID_MSI:
		return msi_length(w, pos);
	case PCI_CAP_ID_PCIX:
		return pcix_length(w, pos);
	case PCI_CAP_ID_HT:
		return get8(w, pos + 3) & HT_3BIT_CAP_MASK ?
		       HT_CAP_SIZEOF_SHORT : HT_CAP_SIZEOF_LONG;
	case PCI_CAP_ID_VNDR:
		return get8(w, pos + PCI_CAP_FLAGS);
	case PCI_CAP_ID_EXP:
		return exp_length(w);
	case PCI_CAP_ID_MSIX:
		return PCI_CAP_MSIX_SIZEOF;
	case PCI_CAP_ID_SATA:
		return (get8(w, pos + PCI_SATA_REGS) & PCI_SATA_REGS_MASK) ==
		       PCI_SATA_REGS_INLINE ?
		       PCI_SATA_SIZEOF_LONG : PCI_SATA_SIZEOF_SHORT;
	case PCI_CAP_ID_AF:
		return PCI_CAP_AF_SIZEOF;
	default:
		return 0;
	}
}

/* As vfio_vc_cap_len(): the arbitration table is aligned to 16 bytes */
static u16 vc_length(struct walk *w, u16 pos)
{
	u16 count = 1 + (get32(w, pos + PCI_VC_PORT_CAP1) & PCI_VC_CAP1_EVCC);
	u32 phases = get32(w, pos + PCI_VC_PORT_CAP2);
	u16 length = PCI_CAP_VC_BASE_SIZEOF + count * PCI_CAP_VC_PER_VC_SIZEOF;
	u16 table = phases & PCI_VC_CAP2_128_PHASE ? 64 :
		    phases & PCI_VC_CAP2_64_PHASE ? 32 :
		    phases & PCI_VC_CAP2_32_PHASE ? 16 : 0;

	return table ? ((length + 15) & ~15) + table : length;
}

static u16 acs_length(struct walk *w, u16 pos)
{
	u16 bits;

	if (!(get8(w, pos + PCI_ACS_CAP) & PCI_ACS_EC))
		return 8;
	bits = get8(w, pos + PCI_ACS_EGRESS_BITS);
	return 8 + (bits ? (bits + 31) / 32 * 4 : 32);
}

static u16 tph_length(struct walk *w, u16 pos)
{
	u32 cap = get32(w, pos + PCI_TPH_CAP);

	if ((cap & PCI_TPH_CAP_LOC_MASK) != PCI_TPH_LOC_CAP)
		return PCI_TPH_BASE_SIZEOF;
	return PCI_TPH_BASE_SIZEOF + 2 +
	       2 * ((cap & PCI_TPH_CAP_ST_MASK) >> PCI_TPH_CAP_ST_SHIFT);
}

/* As pci_ext_cap_length[]. VARIABLE: see ext_cap_variable(), 0: hidden */
static u16 ext_cap_fixed(const struct walk *w, u16 id)
{
	switch (id) {
	case PCI_EXT_CAP_ID_ERR:
		return PCI_ERR_ROOT_COMMAND;
	case PCI_EXT_CAP_ID_DSN:
		return PCI_EXT_CAP_DSN_SIZEOF;
	case PCI_EXT_CAP_ID_PWR:
		return PCI_EXT_CAP_PWR_SIZEOF;
	case PCI_EXT_CAP_ID_ARI:
		return PCI_EXT_CAP_ARI_SIZEOF;
	case PCI_EXT_CAP_ID_ATS:
		return PCI_EXT_CAP_ATS_SIZEOF;
	case PCI_EXT_CAP_ID_SRIOV:
		return PCI_EXT_CAP_SRIOV_SIZEOF;
	case PCI_EXT_CAP_ID_MCAST:
		return PCI_EXT_CAP_MCAST_ENDPOINT_SIZEOF;
	case PCI_EXT_CAP_ID_PRI:
		return PCI_EXT_CAP_PRI_SIZEOF;
	case PCI_EXT_CAP_ID_LTR:
		return PCI_EXT_CAP_LTR_SIZEOF;
	case PCI_EXT_CAP_ID_DVSEC:
		w->guard->has_dvsec = true;
		return w->guard->shows_dvsec ? VARIABLE : 0;
	default:
		return VARIABLE;
	}
}

/* As vfio_ext_cap_len() */
static u16 ext_cap_variable(struct walk *w, u16 id, u16 pos)
{
	switch (id) {
	case PCI_EXT_CAP_ID_VNDR:
	case PCI_EXT_CAP_ID_DVSEC:
		/* Both have their length in the same bits of their header 1 */
		return vfio_pasid_dvsec_length(get32(w, pos +
						     PCI_DVSEC_HEADER1));
	case PCI_EXT_CAP_ID_VC:
	case PCI_EXT_CAP_ID_VC9:
	case PCI_EXT_CAP_ID_MFVC:
		return vc_length(w, pos);
	case PCI_EXT_CAP_ID_ACS:
		return acs_length(w, pos);
	case PCI_EXT_CAP_ID_REBAR:
		return 4 + 8 * ((get8(w, pos + PCI_REBAR_CTRL) &
				 PCI_REBAR_CTRL_NBAR_MASK) >>
				PCI_REBAR_CTRL_NBAR_SHIFT);
	case PCI_EXT_CAP_ID_DPA:
		return PCI_DPA_BASE_SIZEOF + 1 +
		       (get8(w, pos + PCI_DPA_CAP) & PCI_DPA_CAP_SUBSTATE_MASK);
	case PCI_EXT_CAP_ID_TPH:
		return tph_length(w, pos);
	default:
		return 0;
	}
}

static u16 ext_cap_length(struct walk *w, u16 id, u16 pos)
{
	u16 length = ext_cap_fixed(w, id);

	return length == VARIABLE ? ext_cap_variable(w, id, pos) : length;
}

static enum vfio_pasid_hazard hazard_at(struct walk *w, u16 pos, u16 id,
					u16 length,
					enum vfio_pasid_hazard hazard)
{
	w->guard->where = pos;
	w->guard->id = id;
	w->guard->length = length;
	return hazard;
}

/* Marks a capability as the core does, unless it passes the end */
static enum vfio_pasid_hazard mark_cap(struct walk *w, u16 pos, u16 id, u16 length)
{
	u8 *map = w->guard->map;

	if (w->failed)
		return VFIO_PASID_HAZARD_NONE;
	if (pos + length > w->guard->image->size)
		return hazard_at(w, pos, id, length,
				 VFIO_PASID_HAZARD_PAST_END);
	if (pos + length > w->end) {
		memset(map + w->end, VFIO_PASID_MAP_RAW, pos + length - w->end);
		w->end = pos + length;
	}
	memset(map + pos, id, length);
	return VFIO_PASID_HAZARD_NONE;
}

/*
 * As vfio_cap_init(). The core hides ID 0, a NULL capability. A list that leads
 * past the end is refused even if its entries there are hidden: if config space is
 * smaller than 256 or 4096 bytes, the kernel has a reason not to read further.
 */
static enum vfio_pasid_hazard walk_caps(struct walk *w)
{
	enum vfio_pasid_hazard hazard = VFIO_PASID_HAZARD_NONE;
	unsigned int loops = MAX_CAPS;
	u8 pos, id, next;

	if (!(get16(w, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return VFIO_PASID_HAZARD_NONE;
	pos = get8(w, PCI_CAPABILITY_LIST);
	for (; pos && loops && !w->failed && !hazard; pos = next, loops--) {
		id = get8(w, pos);
		next = get8(w, pos + PCI_CAP_LIST_NEXT);
		hazard = mark_cap(w, pos, id, cap_length(w, id, pos));
	}
	return hazard;
}

/* As vfio_ecap_init(). If the first one is hidden, its header stays in the list */
static enum vfio_pasid_hazard walk_ext_caps(struct walk *w)
{
	unsigned int loops = MAX_EXT_CAPS(w->guard->image->size);
	enum vfio_pasid_hazard hazard = VFIO_PASID_HAZARD_NONE;
	u16 pos = VFIO_PASID_EXT_START, length;
	u32 header;

	for (; pos >= VFIO_PASID_EXT_START && loops && !w->failed && !hazard;
	     pos = PCI_EXT_CAP_NEXT(header), loops--) {
		header = get32(w, pos);
		length = ext_cap_length(w, header, pos);
		if (!length && pos == VFIO_PASID_EXT_START)
			length = PCI_CAP_SIZEOF;
		hazard = mark_cap(w, pos, header, length);
	}
	return hazard;
}

/**
 * struct bits - The core's permission bits for the capabilities with one ID
 * @length: Bytes that have permission bits, 0: it needs none
 * @reach: Bytes from the start that certain writes look at
 * @trigger: The first byte whose write does so
 */
struct bits {
	u16 length;
	u16 reach;
	u16 trigger;
};

static struct bits cap_bits(const struct walk *w, u8 id)
{
	switch (id) {
	case PCI_CAP_ID_PM:
		return (struct bits){ .length = PCI_PM_SIZEOF };
	case PCI_CAP_ID_VPD:
		/* The flag is in the upper byte of the address */
		return (struct bits){ .length = PCI_CAP_VPD_SIZEOF,
				      .reach = PCI_VPD_DATA + 4,
				      .trigger = PCI_VPD_ADDR + 1 };
	case PCI_CAP_ID_MSI:
		/* The core is off by one */
		return (struct bits){ .length = w->guard->msi_length,
				      .reach = PCI_MSI_FLAGS + 2,
				      .trigger = PCI_MSI_FLAGS - 1 };
	case PCI_CAP_ID_PCIX:
		return (struct bits){ .length = PCI_CAP_PCIX_SIZEOF_V2 };
	case PCI_CAP_ID_EXP:
		return (struct bits){ .length = PCI_CAP_EXP_ENDPOINT_SIZEOF_V2,
				      .reach = PCI_EXP_DEVCTL + 2 };
	case PCI_CAP_ID_AF:
		return (struct bits){ .length = PCI_CAP_AF_SIZEOF,
				      .reach = PCI_AF_CTRL + 1 };
	default:
		return (struct bits){};
	}
}

static struct bits ext_cap_bits(u8 id)
{
	switch (id) {
	case PCI_EXT_CAP_ID_ERR:
		return (struct bits){ .length = PCI_ERR_ROOT_COMMAND };
	case PCI_EXT_CAP_ID_PWR:
		return (struct bits){ .length = PCI_EXT_CAP_PWR_SIZEOF };
	default:
		return (struct bits){};
	}
}

/* A run of marks ends at the start of extended config space at the latest. */
static u16 run_end(const struct walk *w, u16 start)
{
	const u8 *map = w->guard->map;
	u16 pos = start;

	do
		pos++;
	while (pos < w->end && pos != VFIO_PASID_EXT_START &&
	       map[pos] == map[start]);
	return pos;
}

/* The core allocates permission bits by dwords. */
static enum vfio_pasid_hazard check_run(struct walk *w, u16 start, u16 length)
{
	u8 id = w->guard->map[start];
	struct bits bits = start < VFIO_PASID_EXT_START ? cap_bits(w, id) :
							  ext_cap_bits(id);
	u16 known = (bits.length + 3) & ~3;

	if (length > bits.trigger && start + bits.reach > w->guard->image->size)
		return hazard_at(w, start, id, bits.reach,
				 VFIO_PASID_HAZARD_PAST_END);
	if (known && length > known)
		return hazard_at(w, start, id, known + 1,
				 VFIO_PASID_HAZARD_TOO_LONG);
	return VFIO_PASID_HAZARD_NONE;
}

/* As vfio_find_cap_start(), for all bytes */
static enum vfio_pasid_hazard check_runs(struct walk *w)
{
	enum vfio_pasid_hazard hazard = VFIO_PASID_HAZARD_NONE;
	u16 pos = PCI_STD_HEADER_SIZEOF, end;

	for (; pos < w->end && !hazard; pos = end) {
		end = run_end(w, pos);
		hazard = check_run(w, pos, end - pos);
	}
	return hazard;
}

/**
 * vfio_pasid_guard_check - Check that vfio-pci-core can open a function safely
 * @guard: The function. Output: the capability that is the hazard
 *
 * Reads headers, and the registers that lengths depend on, never past the end: at
 * most 48 capabilities with four dwords each, and 960 with three.
 */
enum vfio_pasid_hazard vfio_pasid_guard_check(struct vfio_pasid_guard *guard)
{
	struct walk w = { .guard = guard, .extended = guard->extended, .at = 1 };
	enum vfio_pasid_hazard hazard;

	guard->has_dvsec = false;
	hazard = walk_caps(&w);
	if (!hazard && w.extended)
		hazard = walk_ext_caps(&w);
	if (!hazard && !w.failed)
		hazard = check_runs(&w);
	return hazard;
}
