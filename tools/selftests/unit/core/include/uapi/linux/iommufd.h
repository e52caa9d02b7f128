/* SPDX-License-Identifier: GPL-2.0 */
/* The machine's own can be older than these */
#define IOMMU_HWPT_ALLOC_PASID		(1 << 3)
#define IOMMU_VIOMMU_TYPE_ARM_SMMUV3	1
