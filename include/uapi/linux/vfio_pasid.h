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
 * A VMM uses them through the ioctl VFIO_DEVICE_FEATURE of a VFIO device file, as
 * linux/vfio.h describes: struct vfio_device_feature, followed by the struct of
 * the feature. The errors are:
 *
 *  - ENOTTY: vfio-pasid is not loaded or does not serve this device, or the
 *    kernel has no VFIO_DEVICE_FEATURE.
 *  - EINVAL: the feature does not support the operation, the flags name no
 *    operation, or argsz is too small for the header and the struct.
 *  - EFAULT: the buffer cannot be read or written.
 *
 * PROBE writes no data. GET writes the struct and no byte behind it: argsz may be
 * larger than the struct.
 *
 * How the structs grow: a reserved field gets a meaning, and its value 0 then
 * means "unknown". When no reserved field is left, the struct gets members at its
 * end. GET and SET then use as many bytes as argsz says, and the size of today
 * stays valid.
 *
 * A VMM asks (GET) and chooses (SET) before it reads the config region. Its
 * choice holds until the next SET or the last close. The next open starts again
 * with what the parameter visible= says:
 *
 *	shown by visible= ----- SET ----> shown, where the VMM wants it
 *	hidden by visible= ---- SET ----> shown, or hidden and marked
 *	shown, Enable is 1 ---- SET ----> EBUSY, nothing changes
 *
 * "Marked" means that the capability list has a DVSEC over the unused range, or
 * over what the capability leaves of it (docs/dvsec-marker.md). What visible=
 * hides has no marker: the user sees the list as vfio makes it.
 *
 * Offsets and lengths are in bytes of the function's config space. A range is
 * half open: it ends before offset + length.
 */

/*
 * These indices are private. They are far from those of linux/vfio.h, so that no
 * later kernel uses the same numbers.
 */
#define VFIO_DEVICE_FEATURE_PASID		0xA51D
#define VFIO_DEVICE_FEATURE_PASID_RANGES	0xA51E

/**
 * enum vfio_pasid_source - Who named the place, in order of precedence
 * @VFIO_PASID_SOURCE_NONE: There is no place
 * @VFIO_PASID_SOURCE_PHYSICAL: The function's own PASID capability; the virtual
 *	one covers it
 * @VFIO_PASID_SOURCE_MARKER: A DVSEC of the device that marks unused space
 * @VFIO_PASID_SOURCE_ADMIN: The administrator, parameter ranges=
 * @VFIO_PASID_SOURCE_DRIVER: The variant driver of the device
 * @VFIO_PASID_SOURCE_TABLE: The built-in device table
 * @VFIO_PASID_SOURCE_GUESS: A guess, which the administrator allowed (guess=)
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
 * enum vfio_pasid_reason - Why there is no place, no capability, or no use for it
 * @VFIO_PASID_REASON_NONE: No reason
 * @VFIO_PASID_REASON_NO_SOURCE: No source names a range for this function
 * @VFIO_PASID_REASON_NO_EXT_SPACE: The function has no extended config space
 * @VFIO_PASID_REASON_UNREADABLE: Config space reads fail or are all ones
 * @VFIO_PASID_REASON_BAD_LIST: The extended capability list loops or points
 *	outside of extended config space
 * @VFIO_PASID_REASON_UNALIGNED: Offset or length is not a multiple of 4
 * @VFIO_PASID_REASON_TOO_SHORT: The range is shorter than the 8 bytes of a
 *	PASID capability
 * @VFIO_PASID_REASON_OUT_OF_BOUNDS: The range is not inside of the function's
 *	extended config space
 * @VFIO_PASID_REASON_CAPABILITY: The range holds bytes of a capability
 * @VFIO_PASID_REASON_NOT_ZERO: The range holds bytes that do not read as zero
 * @VFIO_PASID_REASON_LIVE: The device table has registers in the range
 * @VFIO_PASID_REASON_NOT_VERIFIED: The device has not been read yet
 * @VFIO_PASID_REASON_NO_GUESS: guess= allows a guess, but the function has no
 *	extended capability, so its extended config space may be anything
 * @VFIO_PASID_REASON_VISIBLE_OFF: The parameter visible=off hides it
 * @VFIO_PASID_REASON_NO_ATTACH: This kernel's vfio, or the device's driver,
 *	cannot attach a guest's PASIDs, and the IOMMU is not known to use a
 *	guest's own PASID table instead
 * @VFIO_PASID_REASON_NO_IOMMUFD: The device was opened without an iommufd, so a
 *	VMM cannot attach its guest's PASIDs
 * @VFIO_PASID_REASON_NO_WIDTH: The function or the IOMMU has no PASIDs
 * @VFIO_PASID_REASON_OPENED_BEFORE: The device was opened before vfio-pasid was
 *	loaded. vfio-pasid serves the next open
 * @VFIO_PASID_REASON_NO_LINK: The list that vfio shows has no entry that can
 *	point to the capability
 * @VFIO_PASID_REASON_SET: The VMM hides the capability (SET)
 * @VFIO_PASID_REASON_NO_TLP_PREFIX: The function's Device Capabilities 2 lacks
 *	End-End TLP Prefix, so a guest's kernel does not enable PASID. This
 *	reason alone does not hide the capability
 * @VFIO_PASID_REASON_NOT_ENABLED: The host has not enabled PASID on the physical
 *	function. AMD's IOMMU driver, for example, enables it for SVA only
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
 * @VFIO_PASID_FLAG_PLACE: There is a place, checked against the device's own
 *	config space: @offset, @range_offset, @range_length and @source are valid
 * @VFIO_PASID_FLAG_VISIBLE: The VFIO config region shows the capability
 * @VFIO_PASID_FLAG_NO_TLP_PREFIX: The function's Device Capabilities 2 lacks
 *	End-End TLP Prefix, without which a guest's kernel does not enable PASID
 *
 * Bit 1 is not used.
 */
enum vfio_pasid_flags {
	VFIO_PASID_FLAG_PLACE = 1 << 0,
	VFIO_PASID_FLAG_VISIBLE = 1 << 2,
	VFIO_PASID_FLAG_NO_TLP_PREFIX = 1 << 3,
};

/**
 * struct vfio_device_feature_pasid - Data of VFIO_DEVICE_FEATURE_PASID
 * @flags: Output, combination of enum vfio_pasid_flags. Input of SET:
 *	VFIO_PASID_FLAG_VISIBLE to show the capability, 0 to hide it
 * @offset: Output, offset of the virtual PASID capability, 0x100 to 0xff8 and
 *	a multiple of 4, 0 without VFIO_PASID_FLAG_PLACE. Input of SET: the new
 *	offset, with all 8 bytes inside of the range; 0 keeps the present one
 * @range_offset: Output, start of the unused range that holds it, 0x100 to
 *	0xff8 and a multiple of 4, 0 without VFIO_PASID_FLAG_PLACE
 * @range_length: Output, bytes in that range, 8 to 0xf00 and a multiple of 4,
 *	0 without VFIO_PASID_FLAG_PLACE
 * @source: Output, who named the range, enum vfio_pasid_source
 * @width: Output, log2 of the number of PASIDs that both the function and the
 *	IOMMU have, 0 to 20, 0 if one of them has none (as out_max_pasid_log2 in
 *	linux/iommufd.h)
 * @capabilities: Output, PCI_PASID_CAP_EXEC (bit 1) and PCI_PASID_CAP_PRIV (bit 2)
 *	of linux/pci_regs.h, as the virtual capability register has them. The
 *	host had enabled these when the device was opened
 * @host_capabilities: Output, the same two bits as the host has them now, and
 *	bit 0 (PCI_PASID_CTRL_ENABLE) if the host has PASID enabled now
 * @place_reason: Output, why there is no place, enum vfio_pasid_reason, 0 with
 *	VFIO_PASID_FLAG_PLACE
 * @hidden_reason: Output, why the capability is not shown, enum
 *	vfio_pasid_reason, 0 with VFIO_PASID_FLAG_VISIBLE
 * @obstacle: Output, what keeps a guest from using the capability, whether it is
 *	shown or not, enum vfio_pasid_reason, 0 if nothing is known. Found when
 *	the device was opened. visible=auto hides the capability for each of
 *	these but VFIO_PASID_REASON_NO_TLP_PREFIX
 * @__reserved: Output, 0
 *
 * The kernel does not know the following, and a VMM may:
 *
 *  - A group whose container is an iommufd counts as opened through an iommufd,
 *    but it cannot attach PASIDs. Only the device's own file (cdev) can.
 *  - A nested SMMUv3 reads the guest's context descriptors, so its VMM attaches
 *    no PASIDs. Linux can say since 6.17 whether an SMMUv3 nests. Older kernels
 *    treat it as VT-d, where the VMM has to attach each PASID.
 *  - The guest may lack a vIOMMU with PASIDs, or a port with End-End TLP Prefix
 *    above the device.
 *
 * SET reads @flags and @offset. All other fields and flags must be 0. Place,
 * range, source and width do not change while the device is open. SET has these
 * errors of its own:
 *
 *  - EINVAL: a field has another value than described above, or vfio shows no
 *    list that can link to the capability.
 *  - ENOENT: there is no place.
 *  - EBUSY: the guest has enabled PASID (Enable of the virtual Control register is
 *    1), or other threads wrote to config space for a tenth of a second.
 *  - EOPNOTSUPP: @width is 0, or the device was opened before vfio-pasid was
 *    loaded.
 *
 * An error changes nothing.
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
 * @ranges: Output, disjoint unused ranges of config space, checked against the
 *	device, without the bytes of the PASID capability that is shown now.
 *	Those beside the capability come first. Further entries are 0
 *
 * A VMM may place other capabilities there, and emulates them itself. The bytes
 * come from the device and read as zero. A range may begin with an entry of the
 * list: a marker, or a NULL capability at 0x100. What a VMM places there takes
 * over that entry's Next pointer. Kernels before 6.4 show no DVSEC: there a marker
 * of the device that the range of GET does not begin with has its header, but is
 * not in the list.
 */
struct vfio_device_feature_pasid_ranges {
	__u32 num_ranges;
	__u32 __reserved;
	struct vfio_pasid_free_range ranges[VFIO_PASID_MAX_RANGES];
};

#endif /* _UAPI_LINUX_VFIO_PASID_H */
