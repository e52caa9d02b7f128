/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * VFIO device feature: where a virtual PASID capability lives
 */
#ifndef _UAPI_LINUX_VFIO_PASID_H
#define _UAPI_LINUX_VFIO_PASID_H

#include <linux/types.h>

/**
 * DOC: The PASID feature
 *
 * The feature is used through the ioctl VFIO_DEVICE_FEATURE of a VFIO device
 * file, as described in linux/vfio.h: struct vfio_device_feature, followed by
 * the struct of the feature. The errors are:
 *
 *  - ENOTTY: vfio-pasid is not loaded or does not serve this device, or the
 *    kernel has no VFIO_DEVICE_FEATURE.
 *  - EINVAL: a flag that this feature does not support (SET among them), GET
 *    and PROBE both missing, or an argsz too small for the header and the
 *    struct.
 *  - EFAULT: the buffer cannot be read or written.
 *
 * PROBE writes no data. GET fills the struct and nothing behind it: an argsz
 * that is larger than the struct is accepted, and the rest stays as it was.
 * Offsets and lengths are bytes of the function's configuration space. A range
 * is half open: it ends before @range_offset + @range_length.
 */

/*
 * The index is private and far from the counter of linux/vfio.h, so that no
 * later kernel gives it another meaning.
 */
#define VFIO_DEVICE_FEATURE_PASID	0xA51D

/**
 * enum vfio_pasid_source - Who named the place, in order of precedence
 * @VFIO_PASID_SOURCE_NONE: Nobody, there is no place
 * @VFIO_PASID_SOURCE_PHYSICAL: The function's own PASID capability, which the
 *	virtual one overlaps
 * @VFIO_PASID_SOURCE_MARKER: A DVSEC of the device that marks unused space
 * @VFIO_PASID_SOURCE_ADMIN: The administrator, parameter ranges=
 * @VFIO_PASID_SOURCE_DRIVER: The variant driver of the device
 * @VFIO_PASID_SOURCE_TABLE: The built-in device table
 * @VFIO_PASID_SOURCE_GUESS: Nobody knows, but the administrator asked to guess
 */
enum vfio_pasid_source {
	VFIO_PASID_SOURCE_NONE = 0,
	VFIO_PASID_SOURCE_PHYSICAL = 1,
	VFIO_PASID_SOURCE_MARKER = 2,
	VFIO_PASID_SOURCE_ADMIN = 3,
	VFIO_PASID_SOURCE_DRIVER = 4,
	VFIO_PASID_SOURCE_TABLE = 5,
	VFIO_PASID_SOURCE_GUESS = 6,
};

/**
 * enum vfio_pasid_reason - Why there is no place, or why it is not shown
 * @VFIO_PASID_REASON_NONE: Nothing to explain
 * @VFIO_PASID_REASON_NO_SOURCE: No source names a range for this function
 * @VFIO_PASID_REASON_NO_EXT_SPACE: The function has no extended config space
 * @VFIO_PASID_REASON_UNREADABLE: Config space reads fail or are all ones
 * @VFIO_PASID_REASON_BAD_LIST: The extended capability list loops or points
 *	outside of extended config space
 * @VFIO_PASID_REASON_UNALIGNED: Offset or length is no multiple of 4
 * @VFIO_PASID_REASON_TOO_SHORT: The range is shorter than the 8 bytes of a
 *	PASID capability
 * @VFIO_PASID_REASON_OUT_OF_BOUNDS: The range is not inside of the function's
 *	extended config space
 * @VFIO_PASID_REASON_CAPABILITY: The range holds bytes of a capability
 * @VFIO_PASID_REASON_NOT_ZERO: The range holds bytes that do not read zero
 * @VFIO_PASID_REASON_LIVE: The device table knows of registers in the range
 * @VFIO_PASID_REASON_NOT_VERIFIED: The device has not been read yet
 * @VFIO_PASID_REASON_VISIBLE_OFF: Hidden by the parameter visible=off
 * @VFIO_PASID_REASON_NO_ATTACH: Hidden, this kernel's vfio cannot attach a
 *	guest's PASIDs
 * @VFIO_PASID_REASON_NO_IOMMUFD: Hidden, the device was opened without an
 *	iommufd, through which a guest's PASIDs would be attached
 * @VFIO_PASID_REASON_NO_WIDTH: Hidden, function and IOMMU share no PASID width
 * @VFIO_PASID_REASON_OPENED_BEFORE: Hidden, the device was opened before
 *	vfio-pasid was there; its next open is served
 * @VFIO_PASID_REASON_NO_LINK: Hidden, the list that vfio shows has no entry
 *	to which the capability could be linked
 */
enum vfio_pasid_reason {
	VFIO_PASID_REASON_NONE = 0,
	VFIO_PASID_REASON_NO_SOURCE = 1,
	VFIO_PASID_REASON_NO_EXT_SPACE = 2,
	VFIO_PASID_REASON_UNREADABLE = 3,
	VFIO_PASID_REASON_BAD_LIST = 4,
	VFIO_PASID_REASON_UNALIGNED = 5,
	VFIO_PASID_REASON_TOO_SHORT = 6,
	VFIO_PASID_REASON_OUT_OF_BOUNDS = 7,
	VFIO_PASID_REASON_CAPABILITY = 8,
	VFIO_PASID_REASON_NOT_ZERO = 9,
	VFIO_PASID_REASON_LIVE = 10,
	VFIO_PASID_REASON_NOT_VERIFIED = 11,
	VFIO_PASID_REASON_VISIBLE_OFF = 16,
	VFIO_PASID_REASON_NO_ATTACH = 17,
	VFIO_PASID_REASON_NO_IOMMUFD = 18,
	VFIO_PASID_REASON_NO_WIDTH = 19,
	VFIO_PASID_REASON_OPENED_BEFORE = 20,
	VFIO_PASID_REASON_NO_LINK = 21,
};

/**
 * enum vfio_pasid_flags - Flags of struct vfio_device_feature_pasid
 * @VFIO_PASID_FLAG_PLACE: There is a place: @offset, @range_offset,
 *	@range_length and @source are valid
 * @VFIO_PASID_FLAG_VERIFIED: The place was checked against the device's own
 *	config space
 * @VFIO_PASID_FLAG_VISIBLE: The VFIO config region shows the capability
 */
enum vfio_pasid_flags {
	VFIO_PASID_FLAG_PLACE = 1 << 0,
	VFIO_PASID_FLAG_VERIFIED = 1 << 1,
	VFIO_PASID_FLAG_VISIBLE = 1 << 2,
};

/**
 * struct vfio_device_feature_pasid - Data of VFIO_DEVICE_FEATURE_PASID (GET)
 * @flags: Output, combination of enum vfio_pasid_flags
 * @offset: Output, offset of the virtual PASID capability, 0x100 to 0xff8 and
 *	a multiple of 4, 0 without VFIO_PASID_FLAG_PLACE
 * @range_offset: Output, start of the unused range that holds it, 0x100 to
 *	0xff8 and a multiple of 4, 0 without VFIO_PASID_FLAG_PLACE
 * @range_length: Output, bytes in that range, 8 to 0xf00 and a multiple of 4,
 *	0 without VFIO_PASID_FLAG_PLACE
 * @source: Output, who named the range, enum vfio_pasid_source
 * @width: Output, log2 of the number of PASIDs that function and IOMMU can
 *	use, 0 to 20, 0 where they can use none (the convention of
 *	out_max_pasid_log2 in linux/iommufd.h)
 * @capabilities: Output, what the virtual capability register offers besides:
 *	PCI_PASID_CAP_EXEC (bit 1) and PCI_PASID_CAP_PRIV (bit 2) of
 *	linux/pci_regs.h. Taken from what the host had enabled when the device
 *	was opened
 * @host_capabilities: Output, the same two bits as the host has them now, and
 *	bit 0 (PCI_PASID_CTRL_ENABLE) if the host has PASID enabled now
 * @place_reason: Output, why there is no place, enum vfio_pasid_reason, 0 with
 *	VFIO_PASID_FLAG_PLACE
 * @hidden_reason: Output, why the capability is not shown, enum
 *	vfio_pasid_reason, 0 with VFIO_PASID_FLAG_VISIBLE
 * @__reserved: Output, 0
 *
 * The answer is that of the session: it was fixed when the device was opened,
 * and only @host_capabilities can change until the last close.
 */
struct vfio_device_feature_pasid {
	__u32 flags;
	__u32 offset;
	__u32 range_offset;
	__u32 range_length;
	__u32 source;
	__u32 width;
	__u32 capabilities;
	__u32 host_capabilities;
	__u32 place_reason;
	__u32 hidden_reason;
	__u32 __reserved[2];
};

#endif /* _UAPI_LINUX_VFIO_PASID_H */
