// SPDX-License-Identifier: GPL-2.0
/*
 * A function in memory, and what vfio-pci-core makes of it
 *
 * The model of the core has its rules for extended capabilities: which are
 * hidden, that a hidden first one stays as an anchor without an ID, and who
 * answers a read of which byte. It is the reference for what a user sees.
 */
#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "image.h"

const struct vfio_pasid_pair marker_pair = { 0x1234, 0xa51d };

static int fake_read(void *ctx, u16 offset, u32 *val)
{
	struct fake *fake = ctx;

	fake->reads++;
	if (offset % 4 || offset < 0x100 || offset + 4 > fake->size)
		fake->outside = true;
	if (fake->reads == fake->fail_at)
		return -EIO;
	*val = vfio_pasid_get_le32(fake->bytes + offset);
	if (fake->gone_at && fake->reads >= fake->gone_at)
		*val = ~0U;
	return 0;
}

void fake_init(struct fake *fake)
{
	memset(fake, 0, sizeof(*fake));
	fake->size = VFIO_PASID_CFG_SIZE;
	fake->image.read = fake_read;
	fake->image.ctx = fake;
}

void fake_put(struct fake *fake, u16 offset, u32 val)
{
	vfio_pasid_put_le32(fake->bytes + offset, val);
}

void fake_cap(struct fake *fake, u16 offset, u16 id, u16 next)
{
	fake_put(fake, offset, vfio_pasid_ext_header(id, id ? 1 : 0, next));
}

void fake_dvsec(struct fake *fake, u16 offset, u16 vendor, u16 id, u16 length,
		u16 next)
{
	fake_cap(fake, offset, PCI_EXT_CAP_ID_DVSEC, next);
	fake_put(fake, offset + 4, vendor | (u32)length << 20);
	fake_put(fake, offset + 8, id);
}

void fake_locate(struct fake *fake, struct vfio_pasid_request *req,
		 struct vfio_pasid_place *place)
{
	fake->image.size = fake->size;
	req->image = &fake->image;
	vfio_pasid_locate(req, place);
}

/* Length of a capability; 0: the core hides it */
static unsigned int core_length(const struct fake *fake, bool shows_dvsec,
				u16 id, u16 pos)
{
	u32 word = pos + 8 <= fake->size ?
		   vfio_pasid_get_le32(fake->bytes + pos + 4) : 0;

	switch (id) {
	case PCI_EXT_CAP_ID_ERR:
		return 0x2c;
	case PCI_EXT_CAP_ID_DSN:
		return 12;
	case PCI_EXT_CAP_ID_ARI:
	case PCI_EXT_CAP_ID_ATS:
		return 8;
	case PCI_EXT_CAP_ID_VNDR:
		return word >> 20;
	case PCI_EXT_CAP_ID_DVSEC:
		return shows_dvsec ? word >> 20 : 0;
	default:
		return 0;
	}
}

static void core_take(struct fake *fake, u16 pos, u16 id, unsigned int length,
		      bool hidden)
{
	u32 header = vfio_pasid_get_le32(fake->bytes + pos);

	memset(fake->map + pos, id, length);
	memcpy(fake->vconfig + pos, fake->bytes + pos, length);
	if (hidden)
		vfio_pasid_put_le32(fake->vconfig + pos, header & 0xffc00000);
}

/*
 * False for an image that the real core does not survive: a length that passes
 * the end of its buffers.
 */
bool core_open(struct fake *fake, bool shows_dvsec,
	       struct vfio_pasid_view *view)
{
	unsigned int loops = (fake->size - 0x100) / 4, length, prev = 0, shown = 0;
	u16 pos = 0x100, next;
	u32 header;

	memset(fake->map, 0xff, sizeof(fake->map));
	/* Whatever the allocator had there */
	memset(fake->vconfig, 0x5a, sizeof(fake->vconfig));
	*view = (struct vfio_pasid_view){ fake->vconfig, fake->map, fake->size,
		vfio_pasid_get_le32(fake->bytes + 0x100) != 0, fake->image };

	for (; view->listed && loops && pos >= 0x100; loops--, pos = next) {
		if (pos + 4 > fake->size)
			return false;
		header = vfio_pasid_get_le32(fake->bytes + pos);
		next = header >> 20 & 0xffc;
		length = core_length(fake, shows_dvsec, header, pos);
		if (!length && prev) {
			u32 val = vfio_pasid_get_le32(fake->vconfig + prev);

			val = (val & ~(0xffcU << 20)) | (u32)next << 20;
			vfio_pasid_put_le32(fake->vconfig + prev, val);
			continue;
		}
		if (pos + (length ? length : 4) > fake->size)
			return false;
		core_take(fake, pos, header, length ? length : 4, !length);
		shown += !!length;
		prev = pos;
	}
	if (view->listed && !shown)
		vfio_pasid_put_le32(fake->vconfig + 0x100, 0);
	return true;
}

/* Who answers a read: the hardware, or vconfig for virtual bytes and headers */
u8 core_read(const struct fake *fake, const struct vfio_pasid_view *view,
	     u16 pos)
{
	u8 id = view->map[pos];
	u16 start = pos;

	if (id == VFIO_PASID_MAP_VIRT)
		return view->vconfig[pos];
	if (id == VFIO_PASID_MAP_RAW || !id)
		return fake->bytes[pos];
	while (start > 0x100 && view->map[start - 1] == id)
		start--;
	return pos - start < 4 ? view->vconfig[pos] : fake->bytes[pos];
}

u32 core_read_dword(const struct fake *fake, const struct vfio_pasid_view *view,
		    u16 pos)
{
	u8 bytes[4];
	int i;

	for (i = 0; i < 4; i++)
		bytes[i] = core_read(fake, view, pos + i);
	return vfio_pasid_get_le32(bytes);
}

/* The list as a user walks it; max if it has no end */
unsigned int core_list(const struct fake *fake,
		       const struct vfio_pasid_view *view, u16 *offsets,
		       unsigned int max)
{
	unsigned int n = 0;
	u16 pos = 0x100;
	u32 header;

	while (pos >= 0x100 && n < max) {
		header = core_read_dword(fake, view, pos);
		if (!header)
			break;
		offsets[n++] = pos;
		pos = header >> 20 & 0xffc;
	}
	return n;
}
