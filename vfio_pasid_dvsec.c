// SPDX-License-Identifier: GPL-2.0
/*
 * Extended capability headers and DVSEC markers (pure)
 *
 * Extended capability header, PCIe 6.x 7.6.3: ID in bits 15:0, version in
 * 19:16, offset of the next capability in 31:20, whose two lowest bits are
 * reserved and must be masked.
 * DVSEC, PCIe 6.x 7.9.6: header 1 has the vendor in bits 15:0, the revision in
 * 19:16 and the length of the whole structure in bytes in 31:20; header 2 has
 * the DVSEC ID in bits 15:0.
 *
 * Config space is little endian. Numbers are in CPU order here, arrays of bytes are
 * as in config space. This file uses no device, lock or allocation: it builds in
 * userspace, too.
 */
#include <linux/pci_regs.h>
#include <linux/types.h>

#include "vfio_pasid_dvsec.h"

/**
 * vfio_pasid_get_le32 - Read four bytes of config space as a number
 * @from: The bytes, at any alignment
 */
u32 vfio_pasid_get_le32(const u8 *from)
{
	return from[0] | from[1] << 8 | from[2] << 16 | (u32)from[3] << 24;
}

/**
 * vfio_pasid_put_le32 - Write a number as four bytes of config space
 * @to: The bytes, at any alignment
 * @val: The number
 */
void vfio_pasid_put_le32(u8 *to, u32 val)
{
	to[0] = val;
	to[1] = val >> 8;
	to[2] = val >> 16;
	to[3] = val >> 24;
}

/**
 * vfio_pasid_ext_header - Make the header of an extended capability
 * @id: Capability ID
 * @version: Capability version, 4 bits
 * @next: Offset of the next capability, 0 for the last one
 */
u32 vfio_pasid_ext_header(u16 id, u8 version, u16 next)
{
	return id | (version & 0xf) << 16 | (u32)(next & 0xffc) << 20;
}

/**
 * vfio_pasid_dvsec_length - Get the length of a DVSEC from its header 1
 * @header1: Header 1
 *
 * Return: bytes, 0 to 0xfff. The caller has to check this value: it comes from
 * the device.
 */
u16 vfio_pasid_dvsec_length(u32 header1)
{
	return header1 >> 20;
}

/**
 * vfio_pasid_dvsec_is_marker - Check whether a DVSEC marks unused config space
 * @header1: Its header 1
 * @header2: Its header 2
 * @pairs: Pairs of vendor and ID that mark unused space
 * @num_pairs: How many
 */
bool vfio_pasid_dvsec_is_marker(u32 header1, u32 header2,
				const struct vfio_pasid_pair *pairs,
				unsigned int num_pairs)
{
	unsigned int i;

	for (i = 0; i < num_pairs; i++)
		if (pairs[i].vendor == (u16)header1 &&
		    pairs[i].id == (u16)header2)
			return true;
	return false;
}

/**
 * vfio_pasid_dvsec_make - Make the header of a marker
 * @to: VFIO_PASID_DVSEC_SIZE bytes
 * @pair: Vendor and ID of the marker
 * @length: Bytes that it covers, its header included; at least
 *	VFIO_PASID_DVSEC_SIZE
 * @next: Offset of the next capability, 0 for the last one
 */
void vfio_pasid_dvsec_make(u8 *to, const struct vfio_pasid_pair *pair,
			   u16 length, u16 next)
{
	vfio_pasid_put_le32(to, vfio_pasid_ext_header(PCI_EXT_CAP_ID_DVSEC, 1,
						      next));
	vfio_pasid_put_le32(to + PCI_DVSEC_HEADER1,
			    pair->vendor | (u32)length << 20);
	vfio_pasid_put_le32(to + PCI_DVSEC_HEADER2, pair->id);
}
