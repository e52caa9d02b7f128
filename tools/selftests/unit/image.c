// SPDX-License-Identifier: GPL-2.0
/*
 * A function in memory, and what vfio-pci-core makes of it
 */
#include "image.h"

#include "bench.h"
#include "vfio_pasid_guard.h"

/* An endpoint's capability, version 2 */
#define EXP		0x40
#define EXP_FLAGS	2

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

/*
 * For the core, which has its own. It looks for extended capabilities where the
 * function is a PCI Express one.
 */
static void core_init(const struct fake *fake, struct core_image *image,
		      struct pci_dev *pdev)
{
	memset(image, 0, sizeof(*image));
	memcpy(image->bytes, fake->bytes, sizeof(image->bytes));
	image->bytes[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	image->bytes[PCI_CAPABILITY_LIST] = EXP;
	vfio_pasid_put_le32(image->bytes + EXP, PCI_CAP_ID_EXP | EXP_FLAGS << 16);
	image->size = fake->size;
	image->fails_at = CORE_NO_FAILURE;
	memset(pdev, 0, sizeof(*pdev));
	pdev->cfg_size = fake->size;
	pdev->pcie_flags_reg = EXP_FLAGS;
	pdev->image = image;
}

static int guard_read(void *ctx, u16 offset, u32 *val)
{
	return pci_user_read_config_dword(ctx, offset, val);
}

bool fake_shows_dvsec(void)
{
	return core_used() == &core_lab;
}

/* As the module does, before the core opens a device */
static bool is_admitted(struct pci_dev *pdev)
{
	static u8 map[VFIO_PASID_CFG_SIZE];
	struct vfio_pasid_image image = {
		.read = guard_read,
		.ctx = pdev,
		.size = pdev->cfg_size,
	};
	struct vfio_pasid_guard guard = {
		.image = &image,
		.map = map,
		.exp_flags = EXP_FLAGS,
		.shows_dvsec = fake_shows_dvsec(),
	};

	return !vfio_pasid_guard_check(&guard);
}

/**
 * fake_open - Open it with vfio-pci-core
 * @fake: The function; gets the core's map and vconfig
 * @view: Output, what the core shows
 *
 * Return: false if the core does not open it, or would not survive it.
 */
bool fake_open(struct fake *fake, struct vfio_pasid_view *view)
{
	struct vfio_pci_core_device core = {};
	static struct core_image image;
	struct pci_dev pdev;
	bool opened;

	/* The core's words are many, and not of interest */
	kernel_state.silent = true;
	core_init(fake, &image, &pdev);
	core.pdev = &pdev;
	if (!is_admitted(&pdev))
		return false;
	opened = !core_used()->init(&core);
	if (opened) {
		memset(fake->map, 0xff, sizeof(fake->map));
		memcpy(fake->map, core.pci_config_map, fake->size);
		memcpy(fake->vconfig, core.vconfig, fake->size);
	}
	*view = (struct vfio_pasid_view){ fake->vconfig, fake->map, fake->size,
		core.extended_caps, fake->image };
	core_used()->free(&core);
	return opened;
}

/**
 * fake_show - What a user reads through the core
 * @fake: The function
 * @view: Its map and vconfig
 * @to: Output, all of config space
 */
void fake_show(const struct fake *fake, const struct vfio_pasid_view *view,
	       u8 *to)
{
	static struct core_image image;
	struct vfio_pci_core_device core = {
		.vconfig = view->vconfig,
		.pci_config_map = view->map,
	};
	struct pci_dev pdev;
	loff_t pos = VFIO_PASID_EXT_START;

	core_init(fake, &image, &pdev);
	core.pdev = &pdev;
	memset(to, 0, VFIO_PASID_CFG_SIZE);
	if (view->size > pos)
		core_used()->rw(&core, (char *)to + pos, view->size - pos, &pos, false);
}

/* What vfio leaves as it was allocated, which nobody reads */
void fake_clear_unfilled(struct fake *fake)
{
	unsigned int pos;

	for (pos = 0; pos < fake->size; pos++)
		if (fake->map[pos] == VFIO_PASID_MAP_RAW)
			fake->vconfig[pos] = 0;
}
