/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * VFIO device feature: where a virtual PASID capability lives
 */
#ifndef _UAPI_LINUX_VFIO_PASID_H
#define _UAPI_LINUX_VFIO_PASID_H

#include <linux/types.h>

/**
 * DOC: The PASID features
 *
 * They are used through the ioctl VFIO_DEVICE_FEATURE of a VFIO device file, as
 * described in linux/vfio.h: struct vfio_device_feature, followed by the struct
 * of the feature. The errors are:
 *
 *  - ENOTTY: vfio-pasid is not loaded or does not serve this device, or the
 *    kernel has no VFIO_DEVICE_FEATURE.
 *  - EINVAL: an operation that the feature does not support, none at all, or an
 *    argsz too small for the header and the struct.
 *  - EFAULT: the buffer cannot be read or written.
 *
 * PROBE writes no data. GET fills the struct and nothing behind it: an argsz
 * that is larger than the struct is accepted, and the rest stays as it was.
 *
 * A VMM asks (GET) and chooses (SET) before it reads the config region. What it
 * chose holds until the next SET or the last close; a new open starts again
 * with what the parameter visible= says:
 *
 *	shown by visible= ----- SET ----> shown, where the VMM wants it
 *	hidden by visible= ---- SET ----> shown, or hidden and marked
 *	shown, Enable is 1 ---- SET ----> EBUSY, nothing changes
 *
 * "Marked" means that the unused range, or what the capability leaves of it, is
 * in the capability list as a DVSEC (docs/dvsec-marker.md). Hidden by visible=
 * means untouched: no capability and no marker.
 *
 * Offsets and lengths are bytes of the function's configuration space. A range
 * is half open: it ends before @range_offset + @range_length.
 */

/*
 * The indices are private and far from the counter of linux/vfio.h, so that no
 * later kernel gives them another meaning.
 */
#define VFIO_DEVICE_FEATURE_PASID		0xA51D
#define VFIO_DEVICE_FEATURE_PASID_RANGES	0xA51E

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
 * enum vfio_pasid_reason - Why there is no place, or it is not shown, or of no use
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
 * @VFIO_PASID_REASON_NO_GUESS: A guess was asked for, but the function has no
 *	extended capability: what its extended config space is, nobody knows
 * @VFIO_PASID_REASON_VISIBLE_OFF: The parameter visible=off hides it
 * @VFIO_PASID_REASON_NO_ATTACH: This kernel's vfio, or the device's driver,
 *	cannot attach a guest's PASIDs, and the IOMMU is not known to take a
 *	guest's own PASID table instead
 * @VFIO_PASID_REASON_NO_IOMMUFD: The device was opened without an iommufd,
 *	through which a guest's PASIDs get into the IOMMU
 * @VFIO_PASID_REASON_NO_WIDTH: Function and IOMMU share no PASID width
 * @VFIO_PASID_REASON_OPENED_BEFORE: The device was opened before vfio-pasid was
 *	there; its next open is served
 * @VFIO_PASID_REASON_NO_LINK: The list that vfio shows has no entry to which the
 *	capability could be linked
 * @VFIO_PASID_REASON_SET: The VMM's SET hides it
 * @VFIO_PASID_REASON_NO_TLP_PREFIX: A guest's kernel will not enable PASID: the
 *	function's Device Capabilities 2 lacks End-End TLP Prefix. The
 *	capability is shown all the same
 * @VFIO_PASID_REASON_NOT_ENABLED: The host has not enabled PASID on the physical
 *	function. AMD's IOMMU driver, for example, does so for SVA alone
 * @VFIO_PASID_REASON_NO_PREFIX_PATH: The host cannot enable PASID: the physical
 *	function or a bridge above it lacks End-End TLP Prefix
 * @VFIO_PASID_REASON_NO_ACS: The host cannot enable PASID: the physical function
 *	or a bridge above it does not redirect requests upstream (ACS P2P
 *	Request Redirect and Upstream Forwarding)
 * @VFIO_PASID_REASON_NO_IOMMU_ATTACH: The IOMMU's driver cannot attach PASIDs to
 *	a VMM's domains
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
	VFIO_PASID_REASON_NO_GUESS = 12,
	VFIO_PASID_REASON_VISIBLE_OFF = 16,
	VFIO_PASID_REASON_NO_ATTACH = 17,
	VFIO_PASID_REASON_NO_IOMMUFD = 18,
	VFIO_PASID_REASON_NO_WIDTH = 19,
	VFIO_PASID_REASON_OPENED_BEFORE = 20,
	VFIO_PASID_REASON_NO_LINK = 21,
	VFIO_PASID_REASON_SET = 22,
	VFIO_PASID_REASON_NO_TLP_PREFIX = 23,
	VFIO_PASID_REASON_NOT_ENABLED = 24,
	VFIO_PASID_REASON_NO_PREFIX_PATH = 25,
	VFIO_PASID_REASON_NO_ACS = 26,
	VFIO_PASID_REASON_NO_IOMMU_ATTACH = 27,
};

/**
 * enum vfio_pasid_flags - Flags of struct vfio_device_feature_pasid
 * @VFIO_PASID_FLAG_PLACE: There is a place: @offset, @range_offset,
 *	@range_length and @source are valid
 * @VFIO_PASID_FLAG_VERIFIED: The place was checked against the device's own
 *	config space
 * @VFIO_PASID_FLAG_VISIBLE: The VFIO config region shows the capability
 * @VFIO_PASID_FLAG_NO_TLP_PREFIX: The function's Device Capabilities 2 lacks
 *	End-End TLP Prefix, without which a guest's kernel does not enable PASID
 */
enum vfio_pasid_flags {
	VFIO_PASID_FLAG_PLACE = 1 << 0,
	VFIO_PASID_FLAG_VERIFIED = 1 << 1,
	VFIO_PASID_FLAG_VISIBLE = 1 << 2,
	VFIO_PASID_FLAG_NO_TLP_PREFIX = 1 << 3,
};

/**
 * struct vfio_device_feature_pasid - Data of VFIO_DEVICE_FEATURE_PASID
 * @flags: Output, combination of enum vfio_pasid_flags. Input of SET:
 *	VFIO_PASID_FLAG_VISIBLE to show the capability, 0 to hide it
 * @offset: Output, offset of the virtual PASID capability, 0x100 to 0xff8 and
 *	a multiple of 4, 0 without VFIO_PASID_FLAG_PLACE. Input of SET: where it
 *	is to be, all of it inside of the range; 0: where it is
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
 * @obstacle: Output, what keeps a guest from using the capability, shown or not,
 *	enum vfio_pasid_reason, 0 if nothing is known to. As of the open.
 *	visible=auto hides the capability for all of these but
 *	VFIO_PASID_REASON_NO_TLP_PREFIX
 * @__reserved: Output, 0
 *
 * What a kernel cannot tell, and a VMM may know better:
 *
 *  - A group whose container is an iommufd counts as opened through one. It
 *    cannot attach PASIDs; only the device's own file (cdev) can.
 *  - A nested SMMUv3 takes a guest's context descriptors with the requester ID,
 *    and needs no attach of PASIDs. Linux says since 6.17 whether it nests; on
 *    older kernels it is treated as VT-d, whose VMM has to attach each PASID.
 *  - Whether the guest has a vIOMMU with PASIDs, and a port with End-End TLP
 *    Prefix above the device.
 *
 * The struct grows into @__reserved first: what is 0 today then gets a meaning
 * whose 0 says "unknown". Should that be used up, GET and SET take the size that
 * @argsz says, and a shorter one stays valid.
 *
 * Only @flags and @offset are read by SET; all else must be 0 there, and other
 * flags, too. Place, range, source and width are fixed when the device is
 * opened. SET answers besides:
 *
 *  - EINVAL: something else than described above, or vfio shows no list that it
 *    could be linked to.
 *  - ENOENT: there is no place.
 *  - EBUSY: the guest has enabled PASID: Enable of the virtual Control is 1. Or
 *    writes to config space did not let SET through for a tenth of a second.
 *  - EOPNOTSUPP: @width is 0, so there is nothing to show; or this session was
 *    opened before vfio-pasid was there.
 *
 * After an error everything is as before.
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
	__u32 obstacle;
	__u32 __reserved;
};

#define VFIO_PASID_MAX_RANGES	16

/**
 * struct vfio_pasid_free_range - One unused range
 * @offset: Start, 0x100 to 0xffc and a multiple of 4
 * @length: Bytes, 4 to 0xf00 and a multiple of 4
 */
struct vfio_pasid_free_range {
	__u32 offset;
	__u32 length;
};

/**
 * struct vfio_device_feature_pasid_ranges - Data of
 *	VFIO_DEVICE_FEATURE_PASID_RANGES (GET)
 * @num_ranges: Output, valid entries of @ranges, 0 to VFIO_PASID_MAX_RANGES
 * @__reserved: Output, 0
 * @ranges: Output, disjoint ranges of config space that are known to be unused,
 *	checked against the device, and not taken by the PASID capability as it
 *	is shown now; the first ones are those beside it. The others are 0
 *
 * A VMM may place other capabilities there, and serves these itself. The bytes
 * come from the device and read zero, but where a range begins with an entry of
 * the list that says no more than that: a marker, or a NULL capability at 0x100.
 * What is placed there takes over that entry's next. Kernels before 6.4 show no
 * DVSEC: there a marker that GET does not name has its header, but no entry.
 */
struct vfio_device_feature_pasid_ranges {
	__u32 num_ranges;
	__u32 __reserved;
	struct vfio_pasid_free_range ranges[VFIO_PASID_MAX_RANGES];
};

#endif /* _UAPI_LINUX_VFIO_PASID_H */
