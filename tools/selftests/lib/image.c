// SPDX-License-Identifier: GPL-2.0
/*
 * Config spaces as bytes: those that tests make for functions of the segment,
 * and the dumps of real functions in IMAGES
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "lib.h"

#define PCI_BASE_CLASS_DISPLAY	3

uint32_t image_get32(const uint8_t *image, unsigned int pos)
{
	return image[pos] | image[pos + 1] << 8 | image[pos + 2] << 16 |
	       (uint32_t)image[pos + 3] << 24;
}

void image_put32(uint8_t *image, unsigned int pos, uint32_t val)
{
	memcpy(image + pos, &val, 4);
}

/* Offsets of the list in these bytes; 0 entries: none, max: no end */
size_t image_ext_list(const uint8_t *image, uint16_t *to, size_t max)
{
	uint16_t pos = EXT_START;
	size_t n = 0;

	while (pos >= EXT_START && n < max && image_get32(image, pos) &&
	       image_get32(image, pos) != ~0U) {
		to[n++] = pos;
		pos = image_get32(image, pos) >> 20 & 0xffc;
	}
	return n;
}

uint16_t image_ext_find(const uint8_t *image, uint16_t id)
{
	uint16_t list[1024];
	size_t n = image_ext_list(image, list, 1024), i;

	for (i = 0; i < n; i++)
		if ((uint16_t)image_get32(image, list[i]) == id)
			return list[i];
	return 0;
}

void image_ext_cap(uint8_t *image, unsigned int pos, unsigned int id,
		   unsigned int next)
{
	image_put32(image, pos, id | 1 << 16 | next << 20);
}

/*
 * A Root Complex Integrated Endpoint with @devcap and End-End TLP Prefix. Where
 * @devcap has no FLR, opening the function is quick.
 */
void image_endpoint(uint8_t *image, uint32_t devcap)
{
	memset(image, 0, CFG_SIZE);
	image_put32(image, 0, 0x50021b36);
	image_put32(image, 4, 0x00100000);
	image_put32(image, 8, 0x12000001);
	image_put32(image, PCI_CAPABILITY_LIST, IMAGE_EXP);
	image_put32(image, IMAGE_EXP, 0x00920010);
	image_put32(image, IMAGE_EXP + PCI_EXP_DEVCAP, devcap);
	image_put32(image, IMAGE_EXP + PCI_EXP_DEVCAP2,
		    PCI_EXP_DEVCAP2_EE_PREFIX);
}

/* PCIe 6.x, 7.8.9: width 20, Execute and Privileged Mode */
void image_pasid(uint8_t *image, unsigned int pos, unsigned int next)
{
	image_ext_cap(image, pos, PCI_EXT_CAP_ID_PASID, next);
	image_put32(image, pos + PCI_PASID_CAP, 20 << 8 | PCI_PASID_CAP_EXEC |
		    PCI_PASID_CAP_PRIV);
}

/* A PF with SR-IOV, FLR, and PASID at 0x140 */
void image_pf_with(uint8_t *image, uint16_t vfs, uint16_t offset,
		   uint16_t stride)
{
	image_endpoint(image, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
	image_put32(image, 0, 0x50011b36);
	image_ext_cap(image, 0x100, PCI_EXT_CAP_ID_SRIOV, 0x140);
	image_put32(image, 0x10c, vfs | (uint32_t)vfs << 16);
	image_put32(image, 0x114, offset | (uint32_t)stride << 16);
	image_put32(image, 0x118, 0x50020000);
	image_put32(image, 0x11c, 0x553);
	image_put32(image, 0x120, 1);
	image_pasid(image, 0x140, 0);
}

/* With one VF, two devices on */
void image_pf(uint8_t *image)
{
	image_pf_with(image, 1, 0x10, 1);
}

/* A VF without a reset, which would make an open take 100 ms */
void image_vf(uint8_t *image)
{
	image_endpoint(image, PCI_EXP_DEVCAP_RBER);
	image_ext_cap(image, 0x100, PCI_EXT_CAP_ID_DSN, 0);
}

/* Likewise, with a PASID capability of its own at 0x110 */
void image_function(uint8_t *image)
{
	image_endpoint(image, PCI_EXP_DEVCAP_RBER);
	image_put32(image, 0, 0x50031b36);
	image_ext_cap(image, 0x100, PCI_EXT_CAP_ID_DSN, 0x110);
	image_pasid(image, 0x110, 0);
}

int image_load(const char *name, uint8_t *image)
{
	char path[512];
	FILE *f;
	int ret;

	snprintf(path, sizeof(path), IMAGES "/%s", name);
	f = fopen(path, "r");
	if (!f)
		return -errno;
	ret = fread(image, 1, CFG_SIZE, f) == CFG_SIZE ? 0 : -EIO;
	fclose(f);
	/* For a display controller vfio-pci looks for firmware's OpRegion */
	if (image[PCI_CLASS_DEVICE + 1] == PCI_BASE_CLASS_DISPLAY)
		image[PCI_CLASS_DEVICE + 1] = 0x12;
	return ret;
}

/* PCIe 6.x, 9.3.7: what a VF must not have */
bool image_can_be_vf(const uint8_t *image)
{
	return !image_ext_find(image, PCI_EXT_CAP_ID_SRIOV) &&
	       !image_ext_find(image, PCI_EXT_CAP_ID_PASID);
}
