// SPDX-License-Identifier: GPL-2.0
/*
 * Open a function with the core, and make all accesses that a user can
 */
#include "kernel.h"

#include "core.h"

#define RAW	0xff

static const u32 values[] = { 0, ~0U, 0x6b8b4567 };

static void access_as_user(const struct core_ops *core,
			   struct vfio_pci_core_device *vdev, loff_t pos,
			   size_t size)
{
	unsigned int i;
	loff_t at = pos;
	u32 val;

	core->rw(vdev, (char *)&val, size, &at, false);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		at = pos;
		val = values[i];
		core->rw(vdev, (char *)&val, size, &at, true);
	}
}

/*
 * Accesses to raw bytes and to an intact header are the same for all lists, and
 * the largest permission bits are shorter than FAR.
 */
#define FAR	72

static bool is_boring(const struct vfio_pci_core_device *vdev, int pos, int run)
{
	const u8 *map = vdev->pci_config_map;
	int i;

	if (map[pos] != (pos < PCI_STD_HEADER_SIZEOF ? 0 : RAW) && run < FAR)
		return false;
	for (i = pos; i < pos + 4 && i < vdev->pdev->cfg_size; i++) {
		if (map[i] != map[pos])
			return false;
	}
	return true;
}

/* Every size at every offset; one report is enough */
static void access_all(const struct core_ops *core,
		       struct vfio_pci_core_device *vdev, bool thorough)
{
	int pos, size, run = 0, end = vdev->pdev->cfg_size;
	const u8 *map = vdev->pci_config_map;

	for (pos = 0; pos < end && !core_report.count; pos++) {
		run = pos && map[pos] == map[pos - 1] ? run + 1 : 0;
		if (!thorough && is_boring(vdev, pos, run))
			continue;
		for (size = 1; size <= 4 && pos + size <= end; size *= 2)
			access_as_user(core, vdev, pos, size);
	}
}

static struct pci_dev function(struct core_image *image)
{
	return (struct pci_dev) {
		.cfg_size = image->size,
		.pcie_flags_reg = image->exp_flags,
		.irq = 1,
		.image = image,
	};
}

/**
 * core_try - Open a function, access all of it, close it
 * @core: Version
 * @image: Function
 * @thorough: Make those accesses, too, that tell nothing new
 *
 * The result is in core_report.
 */
void core_try(const struct core_ops *core, struct core_image *image,
	      bool thorough)
{
	struct pci_dev pdev = function(image);
	struct vfio_pci_core_device vdev = { .pdev = &pdev };

	memset(&core_report, 0, offsetof(struct core_report, map));
	image->beyond = false;
	core_report.error = core->init(&vdev);
	if (core_report.error) {
		core_report.leaked = vdev.msi_perm;
	} else {
		memcpy(core_report.map, vdev.pci_config_map, image->size);
		memcpy(core_report.vconfig, vdev.vconfig, image->size);
		access_all(core, &vdev, thorough);
	}
	core->free(&vdev);
}

/**
 * core_dword - Open a function, read a dword as a user does, close it
 * @core: Version
 * @image: Function, which can be opened
 * @pos: Offset of the dword
 */
u32 core_dword(const struct core_ops *core, struct core_image *image,
	       loff_t pos)
{
	struct pci_dev pdev = function(image);
	struct vfio_pci_core_device vdev = { .pdev = &pdev };
	u32 val = 0;

	memset(&core_report, 0, offsetof(struct core_report, map));
	if (!core->init(&vdev))
		core->rw(&vdev, (char *)&val, sizeof(val), &pos, false);
	core->free(&vdev);
	return le32toh(val);
}
