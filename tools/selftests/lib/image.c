// SPDX-License-Identifier: GPL-2.0
/*
 * Config spaces that tests make for the segment
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "lib.h"

uint32_t get32(const uint8_t *bytes, unsigned int pos)
{
	return bytes[pos] | bytes[pos + 1] << 8 | bytes[pos + 2] << 16 |
	       (uint32_t)bytes[pos + 3] << 24;
}

void put32(uint8_t *bytes, unsigned int pos, uint32_t val)
{
	memcpy(bytes + pos, &val, 4);
}

void image_ext_cap(uint8_t *image, unsigned int pos, unsigned int id,
		   unsigned int next)
{
	put32(image, pos, id | 1 << 16 | next << 20);
}

/* A Root Complex Integrated Endpoint with @devcap and End-End TLP Prefix */
void image_endpoint(uint8_t *image, uint32_t devcap)
{
	memset(image, 0, CFG_SIZE);
	put32(image, 0, 0x50021b36);
	put32(image, 4, 0x00100000);
	put32(image, 8, 0x12000001);
	put32(image, PCI_CAPABILITY_LIST, IMAGE_EXP);
	put32(image, IMAGE_EXP, 0x00920010);
	put32(image, IMAGE_EXP + PCI_EXP_DEVCAP, devcap);
	put32(image, IMAGE_EXP + PCI_EXP_DEVCAP2, PCI_EXP_DEVCAP2_EE_PREFIX);
}

/* PCIe 6.x, 7.8.9: width 20, Execute and Privileged Mode */
void image_pasid(uint8_t *image, unsigned int pos, unsigned int next)
{
	image_ext_cap(image, pos, PCI_EXT_CAP_ID_PASID, next);
	put32(image, pos + PCI_PASID_CAP, 20 << 8 | PCI_PASID_CAP_EXEC |
	      PCI_PASID_CAP_PRIV);
}

/* A PF with SR-IOV, whose VF is function 2 slots on, and PASID at 0x140 */
void image_pf(uint8_t *pf)
{
	image_endpoint(pf, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
	put32(pf, 0, 0x50011b36);
	image_ext_cap(pf, 0x100, PCI_EXT_CAP_ID_SRIOV, 0x140);
	put32(pf, 0x10c, 0x00010001);
	put32(pf, 0x114, 0x00010010);
	put32(pf, 0x118, 0x50020000);
	put32(pf, 0x11c, 0x553);
	put32(pf, 0x120, 1);
	image_pasid(pf, 0x140, 0);
}
