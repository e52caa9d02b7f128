// SPDX-License-Identifier: GPL-2.0
/*
 * Config space of the segment's functions: images, what writes do, resets
 *
 * Images may be hostile: nothing here trusts an offset or a length in them.
 * All functions but the accessors are called with segment_lock held.
 */
#include <linux/pci.h>
#include <linux/string.h>

#include "compat.h"
#include "segment.h"

#define SEGMENT_MAX_CAPS	48
#define SEGMENT_MAX_ECAPS	((PCI_CFG_SPACE_EXP_SIZE - PCI_CFG_SPACE_SIZE) / 8)

/**
 * struct segment_reg - Bits of a capability that config writes may change
 * @id: The capability
 * @offset: Where in it
 * @mask: 32 bits from there
 */
struct segment_reg {
	u16 id;
	u16 offset;
	u32 mask;
};

DEFINE_RAW_SPINLOCK(segment_lock);
static struct segment_func *segment_funcs[SEGMENT_BUSES][256];

static const struct segment_reg segment_caps[] = {
	{ PCI_CAP_ID_PM, PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK |
				      PCI_PM_CTRL_PME_ENABLE },
	{ PCI_CAP_ID_MSI, 0, (PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE) << 16 },
	{ PCI_CAP_ID_MSI, PCI_MSI_ADDRESS_LO, ~3U },
	{ PCI_CAP_ID_MSI, PCI_MSI_ADDRESS_HI, ~0U },
	{ PCI_CAP_ID_MSI, PCI_MSI_DATA_64, 0xffff },
	{ PCI_CAP_ID_MSIX, 0, (PCI_MSIX_FLAGS_ENABLE |
			       PCI_MSIX_FLAGS_MASKALL) << 16 },
	{ PCI_CAP_ID_EXP, PCI_EXP_DEVCTL, 0x7fff },
	{ PCI_CAP_ID_EXP, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_ASPMC },
	{ PCI_CAP_ID_EXP, PCI_EXP_DEVCTL2, 0xffff },
};

static const struct segment_reg segment_ecaps[] = {
	{ PCI_EXT_CAP_ID_ERR, PCI_ERR_UNCOR_MASK, ~0U },
	{ PCI_EXT_CAP_ID_ERR, PCI_ERR_UNCOR_SEVER, ~0U },
	{ PCI_EXT_CAP_ID_ERR, PCI_ERR_COR_MASK, ~0U },
	{ PCI_EXT_CAP_ID_ACS, PCI_ACS_CAP, 0x7fU << 16 },
	{ PCI_EXT_CAP_ID_ATS, PCI_ATS_CAP, 0x801fU << 16 },
	{ PCI_EXT_CAP_ID_PRI, PCI_PRI_CTRL, PCI_PRI_CTRL_ENABLE },
	{ PCI_EXT_CAP_ID_PRI, PCI_PRI_ALLOC_REQ, ~0U },
	{ PCI_EXT_CAP_ID_PASID, PCI_PASID_CAP, 7U << 16 },
	{ PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_CTRL, 0x1f },
	{ PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_NUM_VF, 0xffff },
	{ PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_SYS_PGSIZE, ~0U },
};

/* Also without the lock, by who keeps commands out */
struct segment_func *segment_find(unsigned int bus, unsigned int devfn)
{
	return bus < SEGMENT_BUSES && devfn < 256 ? segment_funcs[bus][devfn] :
						    NULL;
}

/* Takes segment_lock */
void segment_set_slot(const struct config_bdf *bdf, struct segment_func *func)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&segment_lock, flags);
	segment_funcs[bdf->bus][bdf->devfn] = func;
	raw_spin_unlock_irqrestore(&segment_lock, flags);
}

static bool segment_answers(const struct segment_func *func)
{
	return func->size && (!func->vf || func->enabled);
}

static void segment_allow(struct segment_func *func, u32 where, u32 mask)
{
	u8 *at = &func->wmask[where];

	if (where + 4 <= func->size)
		put_unaligned_le32(get_unaligned_le32(at) | mask, at);
}

static void segment_clear(struct segment_func *func, u32 where, u32 len)
{
	if (where + len > func->size)
		return;
	memset(&func->image[where], 0, len);
	memset(&func->loaded[where], 0, len);
}

static void segment_note_cap(struct segment_func *func, u8 pos)
{
	u8 id = func->image[pos];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(segment_caps); i++)
		if (segment_caps[i].id == id)
			segment_allow(func, pos + segment_caps[i].offset,
				      segment_caps[i].mask);
	if (id == PCI_CAP_ID_EXP && !func->exp)
		func->exp = pos;
	if (id == PCI_CAP_ID_AF && !func->af)
		func->af = pos;
}

static void segment_note_ecap(struct segment_func *func, u32 pos, u16 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(segment_ecaps); i++)
		if (segment_ecaps[i].id == id)
			segment_allow(func, pos + segment_ecaps[i].offset,
				      segment_ecaps[i].mask);
	if (id == PCI_EXT_CAP_ID_SRIOV && !func->sriov &&
	    pos + PCI_EXT_CAP_SRIOV_SIZEOF <= func->size) {
		func->sriov = pos;
		segment_clear(func, pos + PCI_SRIOV_BAR,
			      PCI_SRIOV_NUM_BARS * 4);
	}
}

static void segment_walk_caps(struct segment_func *func)
{
	u8 pos = func->image[PCI_CAPABILITY_LIST] & ~3;
	int i;

	for (i = 0; i < SEGMENT_MAX_CAPS && pos >= PCI_STD_HEADER_SIZEOF; i++) {
		segment_note_cap(func, pos);
		pos = func->image[pos + PCI_CAP_LIST_NEXT] & ~3;
	}
}

static void segment_walk_ecaps(struct segment_func *func)
{
	u32 pos = PCI_CFG_SPACE_SIZE, header;
	int i;

	for (i = 0; i < SEGMENT_MAX_ECAPS && pos >= PCI_CFG_SPACE_SIZE &&
	     pos + 4 <= func->size; i++) {
		header = get_unaligned_le32(&func->image[pos]);
		segment_note_ecap(func, pos, PCI_EXT_CAP_ID(header));
		pos = PCI_EXT_CAP_NEXT(header);
	}
}

/* After a change of the image: what may be written, what the hooks look at */
static void segment_digest(struct segment_func *func)
{
	memset(func->wmask, 0, sizeof(func->wmask));
	func->exp = 0;
	func->af = 0;
	func->sriov = 0;
	segment_clear(func, PCI_BASE_ADDRESS_0, 6 * 4);
	if ((func->image[PCI_HEADER_TYPE] & 0x7f) == PCI_HEADER_TYPE_BRIDGE)
		segment_clear(func, PCI_ROM_ADDRESS1, 4);
	else
		segment_clear(func, PCI_ROM_ADDRESS, 4);
	segment_clear(func, PCI_INTERRUPT_PIN, 1);
	segment_allow(func, PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
		      PCI_COMMAND_MASTER | PCI_COMMAND_PARITY |
		      PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	segment_allow(func, PCI_CACHE_LINE_SIZE, 0xff);
	segment_allow(func, PCI_INTERRUPT_LINE, 0xff);
	segment_walk_caps(func);
	segment_walk_ecaps(func);
}

/* The caller has checked that [@pos, @pos + @len) is inside */
void segment_load(struct segment_func *func, u32 pos, const u8 *bytes,
		  u32 len)
{
	u32 size = pos + len > PCI_CFG_SPACE_SIZE ? PCI_CFG_SPACE_EXP_SIZE :
						    PCI_CFG_SPACE_SIZE;

	if (!pos) {
		memset(func->image, 0, sizeof(func->image));
		memset(func->loaded, 0, sizeof(func->loaded));
		func->size = size;
	}
	func->size = max(func->size, size);
	memcpy(func->image + pos, bytes, len);
	memcpy(func->loaded + pos, bytes, len);
	segment_digest(func);
}

static void segment_enable_vf(struct segment_func *vf, u16 owner, bool enable)
{
	/* Images do not know of each other: another PF may reach it as well */
	if (!vf || !vf->vf || (vf->enabled && vf->owner != owner))
		return;
	if (!vf->enabled)
		memcpy(vf->image, vf->loaded, sizeof(vf->image));
	vf->enabled = enable;
	vf->owner = owner;
}

/* VFs appear as they are after a reset, and vanish */
static void segment_update_vfs(struct segment_func *pf)
{
	const u8 *sriov = &pf->image[pf->sriov];
	bool enable = sriov[PCI_SRIOV_CTRL] & PCI_SRIOV_CTRL_VFE;
	u32 total = get_unaligned_le16(sriov + PCI_SRIOV_TOTAL_VF);
	u32 num = get_unaligned_le16(sriov + PCI_SRIOV_NUM_VF);
	u16 owner = pf->bdf.bus << 8 | pf->bdf.devfn;
	u32 rid = owner;
	u32 i;

	rid += get_unaligned_le16(sriov + PCI_SRIOV_VF_OFFSET);
	for (i = 0; i < total && rid < SEGMENT_BUSES << 8; i++) {
		segment_enable_vf(segment_find(rid >> 8, rid & 0xff), owner,
				  enable && i < num);
		rid += get_unaligned_le16(sriov + PCI_SRIOV_VF_STRIDE);
	}
}

static void segment_flr(struct segment_func *func)
{
	func->flr++;
	memcpy(func->image, func->loaded, sizeof(func->image));
	if (func->sriov)
		segment_update_vfs(func);
}

/* The written byte at @where, if the write [@start, @start + @size) has it */
static u8 segment_written(int where, int start, int size, u32 val)
{
	if (where < start || where >= start + size)
		return 0;
	return val >> (where - start) * 8;
}

static bool segment_starts_exp_flr(const struct segment_func *func, int start,
				   int size, u32 val)
{
	const u8 *exp = &func->image[func->exp];
	u8 high;

	if (!func->exp || func->exp + PCI_EXP_DEVSTA > PCI_CFG_SPACE_SIZE ||
	    !(get_unaligned_le32(exp + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR))
		return false;
	high = segment_written(func->exp + PCI_EXP_DEVCTL + 1, start, size,
			       val);
	return high << 8 & PCI_EXP_DEVCTL_BCR_FLR;
}

static bool segment_starts_af_flr(const struct segment_func *func, int start,
				  int size, u32 val)
{
	if (!func->af || func->af + PCI_AF_STATUS > PCI_CFG_SPACE_SIZE ||
	    !(func->image[func->af + PCI_AF_CAP] & PCI_AF_CAP_FLR))
		return false;
	return segment_written(func->af + PCI_AF_CTRL, start, size, val) &
	       PCI_AF_CTRL_FLR;
}

static void segment_store(struct segment_func *func, int where, int size,
			  u32 val)
{
	u8 mask;
	int i;

	for (i = 0; i < size; i++, val >>= 8) {
		mask = func->wmask[where + i];
		func->image[where + i] &= ~mask;
		func->image[where + i] |= val & mask;
	}
}

static void segment_func_write(struct segment_func *func, int where, int size,
			       u32 val)
{
	func->writes++;
	if (!segment_answers(func) || where + size > func->size)
		return;
	if (segment_starts_exp_flr(func, where, size, val) ||
	    segment_starts_af_flr(func, where, size, val)) {
		segment_flr(func);
		return;
	}
	segment_store(func, where, size, val);
	if (func->sriov && where < func->sriov + PCI_SRIOV_CTRL + 2 &&
	    where + size > func->sriov + PCI_SRIOV_CTRL)
		segment_update_vfs(func);
}

static u32 segment_func_read(struct segment_func *func, int where, int size)
{
	u32 val = 0;
	int i;

	func->reads++;
	if (!segment_answers(func) || where + size > func->size)
		return ~0U;
	for (i = size - 1; i >= 0; i--)
		val = val << 8 | func->image[where + i];
	return val;
}

/* Nobody there is not an error on this side of the bus: all ones */
static int segment_read(struct pci_bus *bus, unsigned int devfn, int where,
			int size, u32 *val)
{
	struct segment_func *func;
	unsigned long flags;

	raw_spin_lock_irqsave(&segment_lock, flags);
	func = segment_find(bus->number, devfn);
	*val = func ? segment_func_read(func, where, size) : ~0U;
	raw_spin_unlock_irqrestore(&segment_lock, flags);
	return PCIBIOS_SUCCESSFUL;
}

static int segment_write(struct pci_bus *bus, unsigned int devfn, int where,
			 int size, u32 val)
{
	struct segment_func *func;
	unsigned long flags;

	raw_spin_lock_irqsave(&segment_lock, flags);
	func = segment_find(bus->number, devfn);
	if (func)
		segment_func_write(func, where, size, val);
	raw_spin_unlock_irqrestore(&segment_lock, flags);
	return PCIBIOS_SUCCESSFUL;
}

struct pci_ops segment_ops = {
	.read = segment_read,
	.write = segment_write,
};
