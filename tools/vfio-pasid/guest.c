// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest would see: vfio's list with our capability in it
 *
 * vfio's bytes are made from the function's, as vfio_ecap_init() links them, and
 * the module's own code composes the capability among them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "vfio-pasid.h"
#include "vfio_pasid_compose.h"

static bool is_shown(const struct decision *d, u16 pos)
{
	return d->map[pos] != VFIO_PASID_MAP_RAW;
}

static u16 next_shown(const u8 *config, const struct decision *d, u16 pos)
{
	unsigned int left = VFIO_PASID_CFG_DWORDS;

	do {
		pos = vfio_pasid_get_le32(config + pos) >> 20 & 0xffc;
	} while (pos && !is_shown(d, pos) && left--);
	return pos;
}

/* A first capability that vfio hides is a placeholder: four bytes, no ID */
static bool is_placeholder(const struct decision *d)
{
	const u8 *map = d->map + VFIO_PASID_EXT_START;

	return map[0] == map[3] && map[0] != map[4];
}

static void link_shown(const struct function *f, const struct decision *d,
		       u8 *vconfig)
{
	u16 pos = VFIO_PASID_EXT_START, next;
	unsigned int left = VFIO_PASID_CFG_DWORDS;
	u32 header;

	for (; pos && left--; pos = next) {
		next = next_shown(f->config, d, pos);
		header = vfio_pasid_get_le32(f->config + pos) & 0xfffff;
		if (pos == VFIO_PASID_EXT_START && is_placeholder(d))
			header = 0;
		vfio_pasid_put_le32(vconfig + pos, header | (u32)next << 20);
	}
}

static bool is_marker(const u8 *header)
{
	return header[0] == PCI_EXT_CAP_ID_DVSEC && !header[1] &&
	       vfio_pasid_dvsec_is_marker(vfio_pasid_get_le32(header + PCI_DVSEC_HEADER1),
					  vfio_pasid_get_le32(header + PCI_DVSEC_HEADER2),
					  options.pairs, options.num_pairs);
}

static unsigned int walk(const u8 *vconfig, struct cap *to)
{
	u16 pos = VFIO_PASID_EXT_START;
	unsigned int n = 0;
	u32 header;

	for (; pos >= VFIO_PASID_EXT_START && n < MAX_CAPS;
	     pos = header >> 20 & 0xffc) {
		header = vfio_pasid_get_le32(vconfig + pos);
		to[n++] = (struct cap){
			.offset = pos,
			.id = header,
			.version = header >> 16 & 0xf,
			.extended = true,
			.marker = pos + VFIO_PASID_DVSEC_SIZE <=
				  VFIO_PASID_CFG_SIZE &&
				  is_marker(vconfig + pos),
		};
	}
	return n;
}

/**
 * guest_list - The extended capabilities that a guest would see
 * @f: The function
 * @d: Its decision, with a place
 * @to: Output, space for MAX_CAPS
 *
 * Return: how many, 0 if the capability cannot be shown.
 */
unsigned int guest_list(const struct function *f, const struct decision *d,
			struct cap *to)
{
	struct vfio_pasid_vcap vcap = {
		.offset = d->place.range.offset,
		.width = 1,
		.shown = true,
		.marked = d->place.pair.vendor,
	};
	u8 vconfig[VFIO_PASID_CFG_SIZE], map[VFIO_PASID_CFG_SIZE];
	struct vfio_pasid_view view = {
		.vconfig = vconfig,
		.map = map,
		.size = f->size,
		.has_list = vfio_pasid_get_le32(f->config + VFIO_PASID_EXT_START),
		.image = d->image,
	};

	memcpy(vconfig, f->config, sizeof(vconfig));
	memcpy(map, d->map, sizeof(map));
	link_shown(f, d, vconfig);
	if (vfio_pasid_compose(&view, &d->place, &vcap))
		return 0;
	return walk(vconfig, to);
}

/**
 * guest_prefix - Will a guest's kernel enable PASID on the function?
 * @f: The function
 * @known: Output, it has an Express capability that can be read
 *
 * Return: whether Device Capabilities 2 has End-End TLP Prefix Supported.
 */
bool guest_prefix(struct function *f, bool *known)
{
	u16 exp = function_find_cap(f, PCI_CAP_ID_EXP);

	*known = exp && function_knows(f, exp + PCI_EXP_DEVCAP2, 4);
	return *known && function_get(f, exp + PCI_EXP_DEVCAP2, 4) &
			 PCI_EXP_DEVCAP2_EE_PREFIX;
}

static enum vfio_pasid_source source_of(const char *name)
{
	enum vfio_pasid_source source = VFIO_PASID_SOURCE_GUESS;

	while (source && strcmp(name, vfio_pasid_source_name(source)))
		source--;
	return source;
}

/* What a variant driver says is known to the kernel only */
static void follow_kernel(struct vfio_pasid_place *p, const struct verdict *v)
{
	enum vfio_pasid_source source = source_of(v->source);
	struct vfio_pasid_range range;
	unsigned int offset, length;

	if (source < VFIO_PASID_SOURCE_ADMIN ||
	    sscanf(v->range, "%x+%x", &offset, &length) != 2)
		return;
	range.offset = offset;
	range.length = length;
	if (vfio_pasid_range_check(&range, VFIO_PASID_CFG_SIZE))
		return;
	*p = (struct vfio_pasid_place){
		.range = range,
		.source = source,
		.pair = p->pair,
	};
}

/**
 * guest_layout - The list that a guest sees as one word, to be compared
 * @f: The function
 * @d: Its decision
 * @v: The kernel's verdict, NULL if there is none
 * @to: Memory for it: offset=ID of each capability, "none" without a place
 * @size: Its size
 */
void guest_layout(const struct function *f, const struct decision *d,
		  const struct verdict *v, char *to, size_t size)
{
	struct cap *caps = allocate(MAX_CAPS * sizeof(*caps)), *cap;
	struct decision copy = *d;
	unsigned int n = 0, at = 0;

	if (v)
		follow_kernel(&copy.place, v);
	snprintf(to, size, "none");
	if (decision_has_place(&copy))
		n = guest_list(f, &copy, caps);
	for (cap = caps; cap < caps + n && at < size; cap++)
		at += snprintf(to + at, size - at, "%s%x=%x", at ? "," : "",
			       cap->offset, cap->id);
	free(caps);
}
