// SPDX-License-Identifier: GPL-2.0
/*
 * Config spaces that tests make for functions of the segment
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "lib.h"

void image_put32(uint8_t *image, unsigned int pos, uint32_t val)
{
	memcpy(image + pos, &val, 4);
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
static void image_endpoint(uint8_t *image, uint32_t devcap)
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
static void image_pasid(uint8_t *image, unsigned int pos, unsigned int next)
{
	image_ext_cap(image, pos, PCI_EXT_CAP_ID_PASID, next);
	image_put32(image, pos + PCI_PASID_CAP, 20 << 8 | PCI_PASID_CAP_EXEC |
		    PCI_PASID_CAP_PRIV);
}

/* A PF with SR-IOV, FLR, PASID at 0x140, and one VF, two devices on */
void image_pf(uint8_t *image)
{
	image_endpoint(image, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
	image_put32(image, 0, 0x50011b36);
	image_ext_cap(image, 0x100, PCI_EXT_CAP_ID_SRIOV, 0x140);
	image_put32(image, 0x10c, 1 | 1 << 16);
	image_put32(image, 0x114, 0x10 | 1 << 16);
	image_put32(image, 0x118, 0x50020000);
	image_put32(image, 0x11c, 0x553);
	image_put32(image, 0x120, 1);
	image_pasid(image, 0x140, 0);
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
