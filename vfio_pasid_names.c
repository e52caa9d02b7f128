// SPDX-License-Identifier: GPL-2.0
/*
 * Texts for sources and reasons, for the log and for sysfs (pure)
 */
#include "vfio_pasid_locate.h"

/**
 * vfio_pasid_source_name - Get the name of a source, one word
 * @source: The source
 */
const char *vfio_pasid_source_name(enum vfio_pasid_source source)
{
	static const char * const names[] = {
		[VFIO_PASID_SOURCE_NONE] = "none",
		[VFIO_PASID_SOURCE_PHYSICAL] = "physical",
		[VFIO_PASID_SOURCE_MARKER] = "marker",
		[VFIO_PASID_SOURCE_ADMIN] = "admin",
		[VFIO_PASID_SOURCE_DRIVER] = "driver",
		[VFIO_PASID_SOURCE_TABLE] = "table",
		[VFIO_PASID_SOURCE_GUESS] = "guess",
	};

	return source < sizeof(names) / sizeof(names[0]) ? names[source] : "?";
}

/**
 * vfio_pasid_reason_text - Get the text of a reason
 * @reason: The reason
 */
const char *vfio_pasid_reason_text(enum vfio_pasid_reason reason)
{
	static const char * const texts[] = {
		[VFIO_PASID_REASON_NONE] = "none",
		[VFIO_PASID_REASON_NO_SOURCE] =
			"no source names a range for this function",
		[VFIO_PASID_REASON_NO_EXT_SPACE] =
			"the function has no extended config space",
		[VFIO_PASID_REASON_UNREADABLE] =
			"config space cannot be read",
		[VFIO_PASID_REASON_BAD_LIST] =
			"the extended capability list is malformed",
		[VFIO_PASID_REASON_UNALIGNED] =
			"offset and length must be multiples of 4",
		[VFIO_PASID_REASON_TOO_SHORT] =
			"the range is shorter than 8 bytes",
		[VFIO_PASID_REASON_OUT_OF_BOUNDS] =
			"the range is not inside of extended config space",
		[VFIO_PASID_REASON_CAPABILITY] =
			"the range holds bytes of a capability",
		[VFIO_PASID_REASON_NOT_ZERO] =
			"the range holds bytes that are not zero",
		[VFIO_PASID_REASON_LIVE] =
			"the device table knows of registers in the range",
		[VFIO_PASID_REASON_NOT_VERIFIED] =
			"the device has not been read yet",
		[VFIO_PASID_REASON_NO_GUESS] =
			"no guess, the function has no extended capability",
		[VFIO_PASID_REASON_VISIBLE_OFF] =
			"the parameter visible=off hides it",
		[VFIO_PASID_REASON_NO_ATTACH] =
			"this kernel's vfio or the device's driver cannot attach a guest's PASIDs",
		[VFIO_PASID_REASON_NO_IOMMUFD] =
			"the device was opened without an iommufd",
		[VFIO_PASID_REASON_NO_WIDTH] =
			"the function or the IOMMU has no PASIDs",
		[VFIO_PASID_REASON_OPENED_BEFORE] =
			"the device was opened before vfio-pasid was loaded",
		[VFIO_PASID_REASON_NO_LINK] =
			"the list that vfio shows has no entry to link it to",
		[VFIO_PASID_REASON_SET] =
			"the VMM hides it",
		[VFIO_PASID_REASON_NO_TLP_PREFIX] =
			"the function lacks End-End TLP Prefix, so a guest will not enable PASID",
		[VFIO_PASID_REASON_NOT_ENABLED] =
			"the host has not enabled PASID on the physical function",
		[VFIO_PASID_REASON_NO_PREFIX_PATH] =
			"the host cannot enable PASID: the physical function or a bridge above it lacks End-End TLP Prefix",
		[VFIO_PASID_REASON_NO_ACS] =
			"the host cannot enable PASID: the physical function or a bridge above it does not redirect requests upstream (ACS)",
		[VFIO_PASID_REASON_NO_IOMMU_ATTACH] =
			"the IOMMU's driver cannot attach a guest's PASIDs",
	};

	if (reason >= sizeof(texts) / sizeof(texts[0]) || !texts[reason])
		return "?";
	return texts[reason];
}
