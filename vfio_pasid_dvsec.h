/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Extended capability headers and DVSEC markers, as bytes (pure)
 */
#ifndef VFIO_PASID_DVSEC_H
#define VFIO_PASID_DVSEC_H

#include <linux/types.h>

/* PCIe 6.x, 7.9.6: header, header 1 and header 2; no DVSEC is shorter */
#define VFIO_PASID_DVSEC_SIZE	12

/**
 * struct vfio_pasid_range - Bytes [@offset, @offset + @length) of config space
 * @offset: First byte
 * @length: Number of bytes
 */
struct vfio_pasid_range {
	u16 offset;
	u16 length;
};

/**
 * struct vfio_pasid_pair - What makes a DVSEC a marker of unused space
 * @vendor: DVSEC Vendor ID
 * @id: DVSEC ID, unique within @vendor
 */
struct vfio_pasid_pair {
	u16 vendor;
	u16 id;
};

/*
 * Provisional: no vendor has assigned a DVSEC ID for unused space. QEMU's own test
 * devices use 1234 as their vendor ID. Some hardware has a Vendor-Specific
 * capability with the ID 1234. That is not a DVSEC, so it is not a marker.
 */
#define VFIO_PASID_PAIR_DEFAULT	{ 0x1234, 0xa51d }

u32 vfio_pasid_get_le32(const u8 *from);
void vfio_pasid_put_le32(u8 *to, u32 val);
u32 vfio_pasid_ext_header(u16 id, u8 version, u16 next);
bool vfio_pasid_dvsec_is_marker(u32 header1, u32 header2,
				const struct vfio_pasid_pair *pairs,
				unsigned int num_pairs);
u16 vfio_pasid_dvsec_length(u32 header1);
void vfio_pasid_dvsec_make(u8 *to, const struct vfio_pasid_pair *pair,
			   u16 length, u16 next);

#endif /* VFIO_PASID_DVSEC_H */
