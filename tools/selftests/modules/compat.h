/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels, by feature: Kbuild looks into their headers
 */
#ifndef VFIO_PASID_TEST_COMPAT_H
#define VFIO_PASID_TEST_COMPAT_H

#include <linux/vfio.h>

#ifdef HAVE_LINUX_UNALIGNED_H
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* Members of a vfio-pci-core driver's vfio_device_ops that came after 6.1 */
#ifdef HAVE_REGION_INFO_CAPS
#define COMPAT_REGION_INFO_OPS \
	.get_region_info_caps	= vfio_pci_ioctl_get_region_info,
#else
#define COMPAT_REGION_INFO_OPS
#endif

#ifdef HAVE_MATCH_TOKEN_UUID
#define COMPAT_MATCH_TOKEN_OPS \
	.match_token_uuid	= vfio_pci_core_match_token_uuid,
#else
#define COMPAT_MATCH_TOKEN_OPS
#endif

#ifdef HAVE_BIND_IOMMUFD
#define COMPAT_BIND_OPS \
	.bind_iommufd		= vfio_iommufd_physical_bind, \
	.unbind_iommufd		= vfio_iommufd_physical_unbind, \
	.attach_ioas		= vfio_iommufd_physical_attach_ioas,
#else
#define COMPAT_BIND_OPS
#endif

#ifdef HAVE_DETACH_IOAS
#define COMPAT_DETACH_OPS \
	.detach_ioas		= vfio_iommufd_physical_detach_ioas,
#else
#define COMPAT_DETACH_OPS
#endif

#endif /* VFIO_PASID_TEST_COMPAT_H */
